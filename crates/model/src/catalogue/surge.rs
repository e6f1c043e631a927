//! Surging spam: `KG-S040`–`KG-S079`. Detections: mail unlike its own past, campaigns, and what lures people to click.

table! {
    MAIL_SURGE = "KG-S040", Spam, High, Live, "Far more mail goes out than ever before" {
        wrong: "A sender, login, program or host sends several times what it sent in any hour or day of the last five weeks.",
        why: "A password was guessed or a program planted, and somebody sends spam in your name: the address ends on block lists, and with it everybody's mail.",
        fix: "Look at what is queued (postqueue -p, exim -bp), hold it (postsuper -h ALL), change the password of the account, and find out who logged in: keelguard signs logins.",
        covers: [], cis: [], attack: ["T1586.002", "T1566"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1586/002/"],
    }
    NEW_MAIL_SOURCE = "KG-S041", Spam, High, Live, "Something that never sent mail sends it" {
        wrong: "A host, container or program that did not send one message in the time that the logs cover sends many.",
        why: "Who breaks into a web server mostly plants a program that sends spam; www-data that sends mail at night is its commonest trace.",
        fix: "Find out which program it is (lsof -i :25, docker top NAME, mail.add_x_header in php.ini), and keep containers that need no mail from port 25.",
        covers: [], cis: [], attack: ["T1496", "T1566"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1496/"],
    }
    BOUNCE_SURGE = "KG-S042", Spam, Medium, Live, "Far more mail comes back than ever before" {
        wrong: "Of what a sender sends a fifth or more comes back for good, far more than in any hour or day before.",
        why: "Lists of addresses that spam is sent to are old; people write to those who are there. Servers elsewhere count bounces, and block whoever causes them.",
        fix: "Stop the sender until you know what it sends: postsuper -h ALL, postcat -q ID; a newsletter needs a clean list.",
        covers: [], cis: [], attack: ["T1586.002"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1586/002/"],
    }
    DEFERRAL_SURGE = "KG-S043", Spam, Medium, Live, "Far more mail has to wait than ever before" {
        wrong: "Other servers put off, or cannot be reached for, several times as many messages as in any hour or day before.",
        why: "Servers put off whom they suspect of spam. If it is no spam, a name server or the network is broken.",
        fix: "Read why (grep status=deferred /var/log/mail.log | tail): rate limits and block lists speak of spam, time-outs of the network.",
        covers: [], cis: [], attack: ["T1586.002"], cve: [],
        links: ["https://www.postfix.org/QSHAPE_README.html"],
    }
    QUEUE_GROWTH = "KG-S044", Spam, Medium, Live, "The mail queue is longer than ever before" {
        wrong: "Several times as many messages wait in the queue as in any hour of the last five weeks.",
        why: "Either far more comes in than goes out, as when spam is sent through this server, or nothing goes out any more.",
        fix: "Look at whose it is: qshape -s active deferred, postqueue -j; hold it before it goes out: postsuper -h ALL.",
        covers: [], cis: [], attack: ["T1499"], cve: [],
        links: ["https://www.postfix.org/QSHAPE_README.html"],
    }
    RECIPIENT_SURGE = "KG-S045", Spam, Medium, Live, "One domain is sent far more mail than ever before" {
        wrong: "To one domain go several times as many messages as in any hour or day before.",
        why: "Spam is often sent provider by provider; a flood to one domain may also be an attack on somebody there, from here.",
        fix: "Look at who sends it: grep 'to=<[^>]*@DOMAIN>' /var/log/mail.log, and at the same time's other findings.",
        covers: [], cis: [], attack: ["T1667"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1667/"],
    }
    INCOMING_SURGE = "KG-S046", Spam, Low, Live, "Far more mail comes in or is turned away than ever before" {
        wrong: "Several times as many messages arrive, or are turned away, as in any hour or day before.",
        why: "A wave of spam has found this server, or somebody floods a mailbox so that the one message that warns of a theft drowns.",
        fix: "See whom it is for; let rspamd or postscreen slow it down, and look at the newest messages of whoever is flooded.",
        covers: [], cis: [], attack: ["T1667", "T1566"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1667/"],
    }
    CAMPAIGN = "KG-S047", Spam, Medium, Live, "The same message comes from many sides" {
        wrong: "Near-duplicates of one message come from many senders, or many users report the same text, within a day.",
        why: "A newsletter has one sender. Many senders of one text are a campaign, and some who get it will click.",
        fix: "Warn those who got it, block what it links to, and ask who clicked; teach the filter: keelguard signs spam learn --spam PATH.",
        covers: [], cis: [], attack: ["T1566"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1566/"],
    }
    MANY_PLACES = "KG-S048", Spam, High, Live, "One login sends mail from many places at once" {
        wrong: "Within an hour one account handed over mail from far more networks than ever before.",
        why: "People have a laptop and a telephone; a stolen password is shared out to a botnet.",
        fix: "Change the password and end the sessions of this account; look at its logins: keelguard signs logins.",
        covers: [], cis: [], attack: ["T1078", "T1586.002"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1078/"],
    }
    LOOKALIKE_DOMAIN = "KG-S050", Spam, Medium, Live, "A domain is made to look like another" {
        wrong: "A message comes from, or links to, a domain that can be taken for a known one: by a letter, an alphabet or an added word.",
        why: "Whoever reads quickly sees the known name, and types a password into somebody else's page.",
        fix: "Do not click; block the domain, and reach the real one by a bookmark of your own.",
        covers: [], cis: [], attack: ["T1583.001", "T1566.002"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1583/001/"],
    }
    LINK_MISMATCH = "KG-S051", Spam, Medium, Live, "A link shows one address and leads to another" {
        wrong: "The text of a link is an address of one domain, its target another.",
        why: "What is shown is what people trust; what is behind it is where they end up.",
        fix: "Do not click; look at the message's source, and reach the site by a bookmark of your own.",
        covers: [], cis: [], attack: ["T1566.002"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1566/002/"],
    }
    CLICK_LURE = "KG-S052", Spam, Medium, Live, "A text urges to click because of an alleged problem or update" {
        wrong: "A pop-up or message says that something is broken, slow, infected or out of date, and that a click mends it.",
        why: "Systems mend and update themselves by their own tools. Such a click installs what somebody else wants to run.",
        fix: "Do not click; close the window by the task manager, update by the system's own means, and scan what was clicked already.",
        covers: [], cis: [], attack: ["T1204", "T1036"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1204/"],
    }
    DANGEROUS_ATTACHMENT = "KG-S053", Spam, High, Live, "An attachment runs what is in it" {
        wrong: "A message carries a program, script, shortcut, disk image or macro, or hides one behind a second extension or in an archive.",
        why: "One double click and it runs as whoever opened it; this is how most ransomware comes in.",
        fix: "Do not open it; let the mail server turn such attachments away, and look at who opened it.",
        covers: [], cis: [], attack: ["T1566.001", "T1036.007"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1566/001/"],
    }
    SENDER_NOT_PROVEN = "KG-S054", Spam, Low, Live, "A message is not from whom it says" {
        wrong: "The receiving server found that the message fails DMARC, or fails SPF and DKIM both.",
        why: "The domain's owner has said how its mail is signed and from where it is sent; this message is neither.",
        fix: "Treat it as forged; have the mail server honour DMARC (p=quarantine, p=reject).",
        covers: [], cis: [], attack: ["T1566", "T1672"], cve: [],
        links: ["https://www.rfc-editor.org/rfc/rfc7489"],
    }
}
