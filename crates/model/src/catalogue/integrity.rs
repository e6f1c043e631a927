//! Files unlike their baseline: `KG-D001`–`KG-D019`. Detections: what became of files since somebody signed what they looked like.

table! {
    SETUID_ADDED = "KG-D001", Data, High, Live, "A file became setuid or setgid" {
        wrong: "A program now runs with the rights of its owner or group, whoever starts it; in the baseline it did not, or was not there.",
        why: "A shell that is setuid root is the oldest way to come back; any user, and any process in a container that sees the file, becomes root by it.",
        fix: "Find out who made it so; take the bit away (chmod u-s,g-s FILE), or remove the file where nobody knows it.",
        covers: [], cis: [], attack: ["T1548.001"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1548/001/"],
    }
    CAPABILITY_GAINED = "KG-D002", Data, High, Live, "A file gained capabilities" {
        wrong: "A program now has capabilities (getcap) that it had not in the baseline.",
        why: "With cap_setuid, cap_dac_override or cap_sys_admin it is as good as setuid root, and hardly anybody looks there.",
        fix: "Find out who gave them; take them away (setcap -r FILE) where no package needs them.",
        covers: [], cis: [], attack: ["T1548.001"], cve: [],
        links: ["https://man7.org/linux/man-pages/man7/capabilities.7.html"],
    }
    ACCOUNTS_CHANGED = "KG-D003", Data, High, Live, "Accounts or their rights changed" {
        wrong: "A file that says who has an account here, or who may become root, is not what it was in the baseline.",
        why: "An account, a password or a line in sudoers is how intruders come back after everything else is cleaned up.",
        fix: "Compare it with a copy that you trust, and with who was meant to have an account; then record it anew (baseline --update).",
        covers: [], cis: [], attack: ["T1136.001", "T1098"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1136/001/"],
    }
    DOORS_CHANGED = "KG-D004", Data, High, Live, "How people log in changed" {
        wrong: "The configuration of sshd, PAM, name services, trusted keys or authorities is not what it was in the baseline.",
        why: "One line there lets everybody in: a key, a PAM module that takes any password, an authority that vouches for whomever it likes.",
        fix: "Compare it with a copy that you trust; remove what nobody knows; then record it anew (baseline --update).",
        covers: [], cis: [], attack: ["T1556", "T1098.004"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1556/"],
    }
    AUTOSTART_CHANGED = "KG-D005", Data, High, Live, "What starts by itself changed" {
        wrong: "A timed job, a unit of systemd, a start-up script or a shell profile is not what it was in the baseline.",
        why: "It runs as root, at the next boot, login or full hour: this is how malware survives a reboot.",
        fix: "Read it; disable what nobody knows (systemctl disable --now UNIT, or remove the file), and look at what it has started.",
        covers: [], cis: [], attack: ["T1053.003", "T1543.002", "T1037"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1543/002/"],
    }
    PRELOAD_CHANGED = "KG-D006", Data, Critical, Live, "What is loaded into every program changed" {
        wrong: "The list of libraries that are loaded into each program (ld.so.preload), or where libraries are looked for, is not what it was in the baseline.",
        why: "Rootkits hide files, processes and connections so; on a healthy host there is no ld.so.preload at all.",
        fix: "Look at the file with a static program (busybox cat), keep a copy, remove it, and set the host up anew: others of its kind are likely there.",
        covers: [], cis: [], attack: ["T1574.006"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1574/006/"],
    }
    KERNEL_CHANGED = "KG-D007", Data, High, Reboot, "Kernel, boot loader or modules changed" {
        wrong: "A kernel, a module, the boot loader or what it starts is not what it was in the baseline, and no package brought it.",
        why: "What runs in the kernel sees everything and hides from everything, this program included.",
        fix: "Compare it with the package's own file from another machine; where it differs, set the host up anew.",
        covers: [], cis: [], attack: ["T1547.006", "T1542"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1547/006/"],
    }
    PROGRAM_CHANGED = "KG-D008", Data, High, Upgrade, "A program or library is not what it was" {
        wrong: "A program or a library changed, and it is not what a package brought.",
        why: "Programs change when packages do. Anything else is a mistake or somebody's back door.",
        fix: "Find the package (dpkg -S FILE, rpm -qf FILE) and install it anew; keep a copy of what was there.",
        covers: [], cis: [], attack: ["T1554"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1554/"],
    }
    TIME_FORGED = "KG-D009", Data, High, Live, "A file changed and its time says that it did not" {
        wrong: "The content is another one, and the time of the last change is the very same as in the baseline, to the nanosecond.",
        why: "Editors and package managers set it; only who wants a change to go unnoticed sets it back.",
        fix: "Compare it with a copy that you trust; the kernel's own stamp (stat -c %z FILE) says when it was changed.",
        covers: [], cis: [], attack: ["T1070.006"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1070/006/"],
    }
    FLAG_LOST = "KG-D010", Data, Medium, Live, "A file is no longer protected against changes" {
        wrong: "The flag that makes a file immutable or allows appending only was taken away.",
        why: "Only root can do so, and does it to change the file: a log, an account, a binary.",
        fix: "Ask who did it; compare the file with a copy that you trust, and protect it again (chattr +i FILE).",
        covers: [], cis: [], attack: ["T1222.002"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1222/002/"],
    }
    FILES_CHANGED = "KG-D011", Data, Low, Live, "Files changed" {
        wrong: "Files are not what they were in the baseline.",
        why: "Where nobody changed them on purpose, somebody else did.",
        fix: "Look through the list; record what is meant (keelguard signs data baseline --update --key FILE).",
        covers: [], cis: [], attack: ["T1565.001"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1565/001/"],
    }
    FILES_ADDED = "KG-D012", Data, Low, Live, "Files are new" {
        wrong: "Files are there that were not in the baseline, and that no package brought.",
        why: "Tools of intruders lie somewhere.",
        fix: "Look through the list; record what is meant (keelguard signs data baseline --update --key FILE).",
        covers: [], cis: [], attack: ["T1105"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1105/"],
    }
    FILES_MISSING = "KG-D013", Data, Medium, Live, "Files are missing" {
        wrong: "Files that are in the baseline are gone.",
        why: "Lost data is lost; and what is deleted first is what would tell of the deed.",
        fix: "Find out who removed them, and restore them from a backup.",
        covers: [], cis: [], attack: ["T1485", "T1070.004"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1485/"],
    }
    RIGHTS_LOOSENED = "KG-D014", Data, Medium, Live, "Others may write what they might not" {
        wrong: "A file or folder can now be written by everybody, or belongs to somebody else.",
        why: "Whoever may write a program or its configuration decides what it does.",
        fix: "Set owner and mode back (chown, chmod), and look at what was written meanwhile.",
        covers: [], cis: [], attack: ["T1222.002"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1222/002/"],
    }
    BASELINE_TAMPERED = "KG-D015", Data, Critical, Live, "The baseline was tampered with" {
        wrong: "The record of what files looked like was rewritten, cut off, rolled back or replaced: it is not what was signed, or not by the key that was pinned.",
        why: "Whoever does this wants a change of files to pass as how they always were.",
        fix: "Trust nothing on this host; hold its files against a baseline and a key that were kept elsewhere (verify --expect ROOT).",
        covers: [], cis: [], attack: ["T1565.001", "T1070"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1565/001/"],
    }
    PACKAGES_REWRITTEN = "KG-D016", Data, Critical, Live, "The package manager's checksums were rewritten" {
        wrong: "A package has the version that it had in the baseline, and other checksums; and files of it changed with them.",
        why: "A version never changes its files. Somebody made the package manager vouch for what they put there.",
        fix: "Compare the files with the package's own from another machine; where they differ, set the host up anew.",
        covers: [], cis: [], attack: ["T1554", "T1565.001"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1554/"],
    }
    TREE_SILENT = "KG-D017", Data, Medium, Live, "A filesystem does not answer" {
        wrong: "A filesystem whose files are to be held against their baseline does not answer.",
        why: "Nobody can read what is there, nor see what becomes of it.",
        fix: "Look at the server or program behind the mount (findmnt PATH), and mount it anew (umount -l PATH; mount PATH).",
        covers: [], cis: [], attack: ["T1499"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1499/"],
    }
}
