//! Logs that somebody has laid hands on: `KG-D060`–`KG-D089`. Detections: what became of a log, and what it no longer says.

table! {
    LOG_GAP = "KG-D060", Data, Medium, Live, "A log has a gap" {
        wrong: "A log, or a program in it, that writes every few minutes was silent for hours, while others went on.",
        why: "Whoever was there takes out the lines that tell of it: what is missing is the time that matters.",
        fix: "Hold the time against the journal, wtmp and the logs of other machines, and find out what the host did then.",
        covers: [], cis: [], attack: ["T1070.002"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1070/002/"],
    }
    LOG_SILENT = "KG-D061", Data, Medium, Live, "A log fell silent" {
        wrong: "A log that never was silent for long is not written to any more, while others are.",
        why: "What happens from here on is recorded nowhere. Whoever stops a log does it before the rest.",
        fix: "See whether its program still runs and has the file open, and start it again.",
        covers: [], cis: [], attack: ["T1562.001", "T1070.002"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1562/001/"],
    }
    LOG_ORDER = "KG-D062", Data, Medium, Live, "Lines of a log are out of order" {
        wrong: "Lines stand among others that were written long after them, further than any queue of a log daemon explains.",
        why: "A log daemon appends: lines that stand elsewhere were put there by somebody.",
        fix: "Compare the file with the journal and with copies on other machines.",
        covers: [], cis: [], attack: ["T1565.001", "T1070"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1565/001/"],
    }
    LOG_BACKWARDS = "KG-D063", Data, Low, Live, "Times of a log run backwards" {
        wrong: "From one line on a log's times lie before those that stand above, and neither a start, a clock that was set nor daylight saving explains it.",
        why: "Times that were made up, or a clock that was set without a trace, hide when something was done.",
        fix: "Ask who set the clock; let one daemon keep it (chrony) and log to another machine.",
        covers: [], cis: [], attack: ["T1070.006", "T1565.001"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1070/006/"],
    }
    LOG_CHANGED = "KG-D064", Data, High, Live, "What a log held was changed" {
        wrong: "The part of a log that was there at the last look is not what it was.",
        why: "A log only grows. Somebody has edited it.",
        fix: "Treat the host as broken into: keep the file, and compare it with the journal and with copies on other machines.",
        covers: [], cis: [], attack: ["T1070.002", "T1565.001"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1070/002/"],
    }
    LOG_SHRUNK = "KG-D065", Data, High, Live, "A log lost what it held" {
        wrong: "A log is shorter than at the last look, or is gone, and no rotated piece holds what it had.",
        why: "Rotation keeps a copy; whoever empties a log does not.",
        fix: "Find out who emptied it (ausearch -f FILE; the shells' histories), and look for copies on other machines.",
        covers: [], cis: [], attack: ["T1070.002"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1070/002/"],
    }
    LOG_REPLACED = "KG-D066", Data, High, Live, "A log was replaced by another file" {
        wrong: "Another file stands in a log's place, and no rotated piece holds what the old one had.",
        why: "Editors write a new file and put it in the old one's place (sed -i does): what it no longer says was taken out.",
        fix: "Treat the host as broken into: keep the file, and compare it with the journal and with copies on other machines.",
        covers: [], cis: [], attack: ["T1070.002", "T1565.001"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1070/002/"],
    }
    LOG_UNLINKED = "KG-D067", Data, High, Live, "A program writes to a log that was removed" {
        wrong: "A program has a log open that is no longer in its folder under its own name: it was removed, or another file was put in its place.",
        why: "What is written goes nowhere. Rotation renames; editors (sed -i) and rm do this.",
        fix: "Save what is left through the open file (/proc/PID/fd), then let the program open its log anew.",
        covers: [], cis: [], attack: ["T1070.002", "T1562.001"], cve: [],
        links: ["https://man7.org/linux/man-pages/man5/proc_pid_fd.5.html"],
    }
    LOG_TOUCHED = "KG-D068", Data, Medium, Live, "A log was written to after its last line" {
        wrong: "A log's last line is older than its last change by minutes or more, or younger: what changed it left no line.",
        why: "A log daemon changes a log by adding a line. An editor changes it and adds none; touch sets the time back.",
        fix: "Compare the file with the journal and with copies on other machines; ask who edited it.",
        covers: [], cis: [], attack: ["T1070.002", "T1070.006"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1070/002/"],
    }
    ROTATION_MISSING = "KG-D069", Data, Medium, Live, "A rotated log is missing" {
        wrong: "Among a log's rotated pieces one is missing that logrotate would have kept.",
        why: "Rotation takes away the oldest, never one in the middle: somebody has removed it.",
        fix: "Look for it in backups, and find out who removed it (ausearch -f /var/log; the shells' histories).",
        covers: [], cis: [], attack: ["T1070.002", "T1070.004"], cve: [],
        links: ["https://man7.org/linux/man-pages/man8/logrotate.8.html"],
    }
    JOURNAL_HOLE = "KG-D070", Data, High, Live, "Entries of a journal are missing" {
        wrong: "The numbers of a journal's entries have a hole that vacuuming, which takes the oldest files, does not explain.",
        why: "journald numbers every entry. What is missing in the middle was taken out.",
        fix: "Run journalctl --verify, and compare with copies on other machines; seal journals from now on (journalctl --setup-keys).",
        covers: [], cis: [], attack: ["T1070.002"], cve: [],
        links: ["https://systemd.io/JOURNAL_FILE_FORMAT/"],
    }
    JOURNAL_DAMAGED = "KG-D071", Data, Medium, Live, "A journal is cut off or damaged" {
        wrong: "A journal file that was closed as it should be is shorter than its head says, or has entries that cannot be read.",
        why: "A crash leaves a file that journald sets aside as such; one that was closed well is damaged only by disks and people.",
        fix: "Run journalctl --verify; look at the disk (smartctl -a), and if it is well, at who was there.",
        covers: [], cis: [], attack: ["T1070.002", "T1485"], cve: [],
        links: ["https://systemd.io/JOURNAL_FILE_FORMAT/"],
    }
    JOURNAL_EDITED = "KG-D072", Data, High, Live, "Entries of a journal do not fit their hashes" {
        wrong: "What entries of a journal say is not what they were hashed of when they were written.",
        why: "Somebody has written other words over them in the file.",
        fix: "Treat the host as broken into: keep the file, run journalctl --verify and compare with copies on other machines.",
        covers: [], cis: [], attack: ["T1565.001", "T1070.002"], cve: [],
        links: ["https://systemd.io/JOURNAL_FILE_FORMAT/"],
    }
    BOOT_MISSING = "KG-D073", Data, Medium, Live, "A boot stands in one log and not in another" {
        wrong: "wtmp and the journal both cover a time, and only one of them has a boot that happened then.",
        why: "Both are written at every boot. From one of them it was taken out, with whatever else happened then.",
        fix: "Compare both (last -x reboot; journalctl --list-boots), and find out what happened between.",
        covers: [], cis: [], attack: ["T1070.002"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1070/002/"],
    }
    RECORDS_BLANKED = "KG-D074", Data, High, Live, "Records of logins were overwritten with nothing" {
        wrong: "Between others, wtmp, btmp or utmp has records that are all zeros, or sessions without a user or a time.",
        why: "No program writes such a record. Tools that hide a login (zap) do just this.",
        fix: "Treat the host as broken into: find out who logged in then from the journal, auth.log and other machines.",
        covers: [], cis: [], attack: ["T1070.002"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1070/002/"],
    }
    RECORDS_CUT = "KG-D075", Data, Medium, Live, "Records of logins were cut out or moved" {
        wrong: "wtmp or btmp is no whole number of records long, is out of order, or ends sessions that never began.",
        why: "Records are appended whole and in order. What is missing between was taken out.",
        fix: "Find out who logged in then from the journal, auth.log and other machines.",
        covers: [], cis: [], attack: ["T1070.002"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1070/002/"],
    }
    LASTLOG_ERASED = "KG-D076", Data, Medium, Live, "A user's last login was erased" {
        wrong: "wtmp has a login of a user over the network, and lastlog knows none of them, or only older ones.",
        why: "sshd writes both. Tools that hide a login erase the record in lastlog, and now and then forget wtmp.",
        fix: "Ask the user whether that login was theirs; treat the host as broken into if not.",
        covers: [], cis: [], attack: ["T1070.002"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1070/002/"],
    }
    LOGIN_ERASED = "KG-D077", Data, High, Live, "A login stands in one log and not in another" {
        wrong: "Two logs both cover a time, agree on other logins, and only one of them has this one.",
        why: "One of them was edited to hide who came in.",
        fix: "Treat this login as an intruder's: end the sessions of its user, change their keys and passwords, and look at what they did.",
        covers: [], cis: [], attack: ["T1070.002", "T1078"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1070/002/"],
    }
    LOGGING_STOPPED = "KG-D078", Data, Medium, Live, "Logging was stopped" {
        wrong: "A log daemon was stopped and not started again for a while, and the machine went on.",
        why: "What happened meanwhile is recorded nowhere.",
        fix: "Start it again, and find out who stopped it and what they did meanwhile.",
        covers: [], cis: [], attack: ["T1562.001"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1562/001/"],
    }
    AUDIT_GAP = "KG-D079", Data, Medium, Live, "Events of the audit log are missing" {
        wrong: "The numbers of the audit log's events have a hole, and neither a start of its daemon nor an overflow that the kernel told of explains it.",
        why: "The kernel numbers every event. What is missing was taken out, or lost where nobody noticed.",
        fix: "See whether events were lost (auditctl -s); if not, treat the host as broken into.",
        covers: [], cis: [], attack: ["T1070.002", "T1562.012"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1562/012/"],
    }
    AUDIT_OFF = "KG-D080", Data, High, Live, "Auditing was switched off" {
        wrong: "The kernel was told to audit nothing (auditctl -e 0), or rules were removed and not loaded again (auditctl -D).",
        why: "Nobody who works honestly needs it. What happens from here on is not recorded.",
        fix: "Load the rules again (augenrules --load), lock them (auditctl -e 2), and find out who removed them.",
        covers: [], cis: [], attack: ["T1562.012"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1562/012/"],
    }
    HISTORY_GONE = "KG-D081", Data, Medium, Live, "The record of a user's commands was emptied or goes nowhere" {
        wrong: "A shell's history leads to /dev/null, is switched off in a start-up file, or was emptied since the last look.",
        why: "Whoever does this does not want others to know what they type.",
        fix: "Ask the user; give the history back its file, and let the audit log record what is run.",
        covers: [], cis: [], attack: ["T1070.003", "T1562.003"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1070/003/"],
    }
    LOG_NOWHERE = "KG-D082", Data, High, Live, "A log leads to nowhere" {
        wrong: "A log below /var/log is a link to /dev/null, or is that device itself.",
        why: "What is written there is gone.",
        fix: "Remove the link and let the program open its log anew.",
        covers: [], cis: [], attack: ["T1562.001", "T1070.002"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1562/001/"],
    }
    OWN_LOG_BROKEN = "KG-D083", Data, Critical, Live, "Keelguard's own log was tampered with" {
        wrong: "Records of Keelguard's own log were cut out, edited, put in or put elsewhere: their chain of hashes is broken.",
        why: "Somebody who may write there hides what Keelguard found.",
        fix: "Treat the host as broken into; run keelguard log verify, and compare with a hash that you kept elsewhere.",
        covers: [], cis: [], attack: ["T1070", "T1565.001"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1565/001/"],
    }
}
