//! Spam: `KG-S001`–`KG-S039`. Detections: what a mailbox shows.

table! {
    SPAM_GOES_OUT = "KG-S001", Spam, High, Live, "Spam lies among the sent mail" {
        wrong: "At least five messages, and a fifth of all, that were sent from here are spam.",
        why: "Somebody sends spam through this account or host: a guessed password, a stolen session or a program that was planted. The host's address ends on block lists, and with it everybody's mail.",
        fix: "Change the account's password and end its sessions, look at what is queued (postqueue -p), and find out who logged in: keelguard signs logins.",
        covers: [], cis: [], attack: ["T1586", "T1566"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1586/002/"],
    }
    SPAM_FILLS_MAILBOX = "KG-S002", Spam, Low, Live, "Most of what a mailbox holds is spam" {
        wrong: "Of a hundred messages or more in a mailbox that is read at least half are spam.",
        why: "What matters drowns in it: a flood of mail is also a way to hide the one message that warns of a theft. The filter does not work, or somebody has subscribed the address everywhere.",
        fix: "Look at the newest messages for warnings of banks and shops, let a filter move spam away, and teach it: keelguard signs spam learn --spam PATH.",
        covers: [], cis: [], attack: ["T1667"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1667/"],
    }
}
