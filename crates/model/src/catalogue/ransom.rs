//! Ransomware: `KG-D020`–`KG-D039`. Detections: files that are lost while one watches, what is laid out for it, and what is
//! destroyed before it.

table! {
    FILES_ENCRYPTED = "KG-D020", Data, Critical, Live, "Files are being encrypted" {
        wrong: "Files that could be read have turned into random bytes, one after the other: in place, in parts, or replaced by a sealed copy.",
        why: "It is what ransomware does. Each minute takes more files; what is written in between takes the place of what could be undeleted.",
        fix: "Stop the process, do not kill it: its memory may hold the key. Cut the host off from the network and from its backups, then look at who started it.",
        covers: [], cis: [], attack: ["T1486"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1486/", "https://www.cisa.gov/stopransomware"],
    }
    FILES_SEALED = "KG-D021", Data, High, Live, "Files are put under a key and their originals deleted" {
        wrong: "A known tool (OpenPGP, age, openssl, zip with a password) has sealed files, and the readable originals are gone.",
        why: "Some who want money use the tools that are there. If it is you who archives, you have the key.",
        fix: "Ask whose it is. If nobody knows, stop the process and treat it as ransomware; its command line may hold the password.",
        covers: [], cis: [], attack: ["T1486"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1486/"],
    }
    FILES_WIPED = "KG-D022", Data, High, Live, "Files are being emptied or overwritten with zeros" {
        wrong: "Files that held something hold nothing any more, several in a short time.",
        why: "Wipers do so, and ransomware whose makers never meant to give anything back.",
        fix: "Stop the process, and take back what is gone from a backup that this host cannot reach.",
        covers: [], cis: [], attack: ["T1485", "T1561"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1485/"],
    }
    RANSOM_NOTES = "KG-D023", Data, Critical, Live, "Ransom notes lie in folders" {
        wrong: "The same text lies in several folders, and speaks of encrypted files, of money and of where to reach somebody.",
        why: "Notes are left where files were encrypted, or are about to be.",
        fix: "Do not answer. Cut the host off from the network, keep the notes, and look at what else was changed at their time.",
        covers: [], cis: [], attack: ["T1486", "T1491"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1486/", "https://www.nomoreransom.org/"],
    }
    DECOY_TOUCHED = "KG-D024", Data, Critical, Live, "A decoy was changed" {
        wrong: "A file that Keelguard planted, and that nobody has a reason to change, was written to, renamed or deleted.",
        why: "Whoever goes through all files in their order meets the decoys first: this is the earliest alarm there is.",
        fix: "Look at the process that did it; if it was you, plant anew (keelguard signs data canary plant).",
        covers: [], cis: [], attack: ["T1486"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1486/"],
    }
    DECOY_READ = "KG-D025", Data, Low, Live, "A decoy was read" {
        wrong: "A file that Keelguard planted was opened by a program that is no known backup, search or copying tool.",
        why: "Who looks for what is worth stealing opens what is called after money or passwords.",
        fix: "Look at the process and at whose it is; a program that may read everything can be excepted in keelguard.toml.",
        covers: [], cis: [], attack: ["T1083"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1083/"],
    }
    BACKUPS_DELETED = "KG-D026", Data, High, Live, "Backups were deleted" {
        wrong: "Several backups went from one folder in a short time, and few or none are left there.",
        why: "Backups are deleted first, so that there is no way around paying. A rotation deletes the oldest and leaves the others.",
        fix: "Stop what deletes them, keep the disk as it is (what was deleted may be recovered), and secure the copies elsewhere.",
        covers: [], cis: [], attack: ["T1490", "T1485"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1490/"],
    }
    SNAPSHOTS_DELETED = "KG-D027", Data, High, Live, "Snapshots or volumes were deleted by command" {
        wrong: "A command that deletes all snapshots, a volume or a whole repository of backups was run, or several that delete one.",
        why: "Snapshots are the quickest way back, and so the first to go.",
        fix: "Ask who ran it. If nobody did, cut the host off and stop further deletion: zpool import -D and vgcfgrestore may bring volumes back.",
        covers: [], cis: [], attack: ["T1490"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1490/"],
    }
    TREE_ENCRYPTED = "KG-D028", Data, Critical, Live, "Encrypted files lie in a tree" {
        wrong: "Files whose names promise documents, pictures or text hold nothing but random bytes.",
        why: "Ransomware went through here. The times of the files say when, their new ending often says which.",
        fix: "Keep the files and the notes, find the kind at nomoreransom.org, restore to another host, and close the way in before that.",
        covers: [], cis: [], attack: ["T1486"], cve: [],
        links: ["https://www.nomoreransom.org/", "https://attack.mitre.org/techniques/T1486/"],
    }
    DOCUMENTS_GONE = "KG-D029", Data, Low, Live, "Many documents were deleted at once" {
        wrong: "One process deleted documents, pictures or archives by the dozen, outside of caches and build folders.",
        why: "Somebody tidies up; or somebody has taken them, and leaves nothing behind.",
        fix: "Ask who it was: the finding names process and user. Restore what is missed.",
        covers: [], cis: [], attack: ["T1485"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1485/"],
    }
    DECOY_CHANGED = "KG-D030", Data, High, Live, "Decoys are changed or missing" {
        wrong: "Decoys are not as they were planted: somebody changed or deleted them while nobody watched.",
        why: "Nobody has a reason to. One decoy may have been tidied away; several say that somebody went through the tree.",
        fix: "Look at the files around them (keelguard signs data ransom), find out who it was, and plant anew.",
        covers: [], cis: [], attack: ["T1486"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1486/"],
    }
}
