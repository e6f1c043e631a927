//! Backups: `KG-D040`–`KG-D059`. Weaknesses and detections: whether there are any, whether they are of today, whether they can
//! be restored.

table! {
    BACKUP_MISSING = "KG-D040", Data, Critical, Live, "A backup is not there" {
        wrong: "The settings name a backup, and in its place there is nothing, or nothing that was ever finished.",
        why: "Whoever relies on it has no backup. Backups are also what is deleted first by those who want money.",
        fix: "Find out whether the disk is mounted, whether the place was moved, or whether somebody deleted it; then make a backup at once.",
        covers: [], cis: [], attack: ["T1490"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1490/"],
    }
    BACKUP_STALE = "KG-D041", Data, High, Live, "The newest backup is too old" {
        wrong: "No backup was made for longer than is allowed, or for longer than it ever took in its own rhythm.",
        why: "What was written since is lost with the disk. A backup that stopped is mostly noticed on the day it is needed.",
        fix: "Look at the job that makes it (its timer, its mails, its log), repair it, and make a backup by hand.",
        covers: [], cis: [], attack: ["T1490"], cve: [],
        links: [],
    }
    BACKUP_SHRUNK = "KG-D042", Data, High, Live, "A backup is far smaller than those before it" {
        wrong: "The newest backup holds less than half of what those before it held.",
        why: "Data is gone, a disk was not mounted, or a dump broke off. The good ones before it will be rotated away.",
        fix: "Stop the rotation of older backups, compare the newest with the one before it, and look for what is missing.",
        covers: [], cis: [], attack: ["T1485"], cve: [],
        links: [],
    }
    BACKUP_GREW = "KG-D043", Data, Low, Live, "A backup is far larger than those before it" {
        wrong: "The newest backup holds several times what those before it held.",
        why: "Mostly somebody stored something large. Files that were encrypted come as new ones beside the old.",
        fix: "Look at what is new in it, before the disk is full and older backups are rotated away.",
        covers: [], cis: [], attack: ["T1486"], cve: [],
        links: [],
    }
    BACKUP_DAMAGED = "KG-D044", Data, Critical, Live, "A backup is damaged" {
        wrong: "The check of the repository or of the file says that parts are missing or are not what was written.",
        why: "What is in the missing parts cannot be restored, from this backup and often from all that share them.",
        fix: "Make a new backup to another place first. Then find out why (the disk, somebody's hands), and repair by the tool's manual.",
        covers: [], cis: [], attack: ["T1490", "T1485"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1490/"],
    }
    BACKUP_UNRESPONSIVE = "KG-D045", Data, Medium, Live, "A backup does not answer" {
        wrong: "The tool that was asked about the backup said nothing until its time was over, and was ended.",
        why: "A mount that hangs, a server that is gone, a program that waits for somebody: the next backup will wait there, too.",
        fix: "Type the command yourself and see where it waits; if it is merely slow, give it more time in keelguard.toml.",
        covers: [], cis: [], attack: [], cve: [],
        links: [],
    }
    BACKUP_NOT_RESTORED = "KG-D046", Data, Critical, Live, "A file could not be restored from a backup" {
        wrong: "A file that the backup lists could not be restored, or came out with another length.",
        why: "A backup is worth what can be restored from it.",
        fix: "Make a new backup to another place, then check the repository and try more files (--drill 100).",
        covers: [], cis: [], attack: ["T1490"], cve: [],
        links: [],
    }
    BACKUP_DIFFERS = "KG-D047", Data, High, Live, "A restored file differs from the live one, whose times say that it did not change" {
        wrong: "A file has the size and the time that the backup has recorded, and other content.",
        why: "Either what lies in the backup is wrong, or the live file was changed by somebody who set its time back, or the disk forgets.",
        fix: "Compare the two by hand; look at what else was changed (keelguard signs data verify) and at the disk (smartctl -a).",
        covers: [], cis: [], attack: ["T1565.001", "T1070.006"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1565/001/"],
    }
    BACKUP_CHECK_FAILED = "KG-D048", Data, High, Live, "The backup's own check failed" {
        wrong: "The command that the settings give for this backup ended with an error.",
        why: "Whoever wrote it wanted to be told.",
        fix: "Type the command yourself, and read what it says.",
        covers: [], cis: [], attack: [], cve: [],
        links: [],
    }
}
