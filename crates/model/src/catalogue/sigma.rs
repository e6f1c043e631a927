//! What Sigma rules find, a row an area. The rule of the field that found it stands in the evidence.

table! {
    SIGMA_PERFORMANCE = "KG-P090", Performance, Medium, Live, "A Sigma rule matched network traffic of the host" {
        wrong: "A connection or a name that was looked up is what a rule of the Sigma collection looks for.",
        why: "Such rules describe traffic that miners, back doors and stolen data make.",
        fix: "Look at the process behind the connection, and at what else it did at that time.",
        covers: [], cis: [], attack: [], cve: [], links: ["https://sigmahq.io"],
    }
    SIGMA_LOGINS = "KG-L090", Logins, Medium, Live, "A Sigma rule matched what somebody did on the host" {
        wrong: "A log entry or a command that was started is what a rule of the Sigma collection looks for.",
        why: "Such rules describe what attackers do once they are in, and insiders who overstep their bounds.",
        fix: "Look at who did it, from where they had logged in, and at what else they did at that time.",
        covers: [], cis: [], attack: [], cve: [], links: ["https://sigmahq.io"],
    }
    SIGMA_DATA = "KG-D090", Data, Medium, Live, "A Sigma rule matched a change of files" {
        wrong: "A file that was made, changed or removed is what a rule of the Sigma collection looks for.",
        why: "Such rules describe files by which attackers stay, hide or destroy.",
        fix: "Look at the file and at the process that changed it, and compare it with a copy known to be good.",
        covers: [], cis: [], attack: [], cve: [], links: ["https://sigmahq.io"],
    }
    SIGMA_SPAM = "KG-S090", Spam, Medium, Live, "A Sigma rule matched mail of the host" {
        wrong: "An entry of a mail log is what a rule of the Sigma collection looks for.",
        why: "Such rules describe phishing, malicious attachments and mailboxes that somebody else sends from.",
        fix: "Look at the message, at who sent it, and at who else has received it.",
        covers: [], cis: [], attack: [], cve: [], links: ["https://sigmahq.io"],
    }
}
