//! What is behind a system unlike itself: `KG-P040`–`KG-P079`. Detections.

table! {
    PROCESS_HIDDEN = "KG-P040", Performance, Critical, Upgrade, "The machine runs what no listing of processes shows" {
        wrong: "The scheduler counts more threads than all listed processes have, in every one of several looks.",
        why: "A process that is not in any listing is hidden by whoever controls the kernel: a rootkit. Nothing that this machine says can be relied on.",
        fix: "Take the machine off the network, keep its memory (avml, LiME) and disks for examination, and set it up anew from a trusted image.",
        covers: [], cis: [], attack: ["T1014", "T1564.013"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1014/"],
    }
    LISTING_BENT = "KG-P041", Performance, Critical, Recreate, "A preloaded library hides processes" {
        wrong: "The kernel lists processes that the C library leaves out, so a library that is loaded into every program takes them away.",
        why: "This is how rootkits of user space (through /etc/ld.so.preload or LD_PRELOAD) hide their processes from ps, top and most other tools.",
        fix: "Look at /etc/ld.so.preload with a statically linked program (busybox cat), keep the library for examination, and set the machine up anew.",
        covers: [], cis: [], attack: ["T1574.006", "T1564"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1574/006/"],
    }
    PROCESS_COVERED = "KG-P042", Performance, High, Live, "A mount covers a process in /proc" {
        wrong: "Something is mounted over the folder of a process in /proc, so that ps and top find nothing there.",
        why: "Nobody does that but to hide a process; miners do it on hosts whose root they have.",
        fix: "Unmount it (umount /proc/PID), see what it covered (ls -l /proc/PID/exe), and treat the machine as taken over.",
        covers: [], cis: [], attack: ["T1564.013"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1564/013/"],
    }
    MINER = "KG-P050", Performance, High, Recreate, "A process mines cryptocurrency" {
        wrong: "A process carries a miner's name, arguments or pool, or works without end in the way that only miners do.",
        why: "Nobody mines on servers for their owner. Whoever brought it in can run anything there; the bill is the smaller harm.",
        fix: "Pause the container or stop the process, keep it for examination, find out how it came in (keelguard signs incidents), and close that way.",
        covers: [], cis: [], attack: ["T1496.001"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1496/001/"],
    }
    MINER_LIKELY = "KG-P051", Performance, Medium, Live, "A process behaves like a miner" {
        wrong: "A process has worked for long with hardly a byte to disks and network, and does one of the things that miners do.",
        why: "Miners are renamed and packed; what they cannot hide is how they work.",
        fix: "Look at what it is (its program, who started it, whom it speaks to); if nobody knows it, pause its container or stop it.",
        covers: [], cis: [], attack: ["T1496.001"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1496/001/"],
    }
    FLOOD_IN = "KG-P060", Performance, High, Live, "A flood arrives" {
        wrong: "Far more connections or packets arrive than this host ever had, and it goes on.",
        why: "The host is kept from its work; a flood may also hide another attack.",
        fix: "Block the sources that are named, turn on SYN cookies (sysctl net.ipv4.tcp_syncookies=1), and ask the provider for help where there are too many.",
        covers: [], cis: [], attack: ["T1498", "T1499.001"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1498/"],
    }
    FLOOD_OUT = "KG-P061", Performance, High, Live, "A flood or a search for other hosts starts here" {
        wrong: "Far more connections or packets leave than this host ever sent, or connections to many addresses are begun that nobody answers.",
        why: "Somebody uses the host to attack or to search for others: it is taken over, and its address will be blocked.",
        fix: "Find the process (ss -tnp state syn-sent), pause its container or stop it, and find out how it came in.",
        covers: [], cis: [], attack: ["T1498", "T1046", "T1595"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1046/"],
    }
    CONNTRACK_FULL = "KG-P062", Performance, Medium, Live, "The table of connections is nearly full" {
        wrong: "The kernel's table of tracked connections is nine tenths full; when it is full, new connections are dropped.",
        why: "To everybody outside the host is then gone, whatever its load says. Floods fill it, and so do leaks of connections.",
        fix: "See who fills it (conntrack -L | awk '{print $4}' | sort | uniq -c | sort -n), and raise net.netfilter.nf_conntrack_max if it is meant.",
        covers: [], cis: [], attack: ["T1499.001"], cve: [],
        links: ["https://docs.kernel.org/networking/nf_conntrack-sysctl.html"],
    }
    SAME_ON_SEVERAL = "KG-P070", Performance, Medium, Live, "The same change came at the same time on several hosts" {
        wrong: "Several hosts became unlike themselves in the same way within ten minutes.",
        why: "Chance does not do that. A worm, somebody with the keys to all of them, a deployment, or something that they share is behind it.",
        fix: "Look for what they share: the last deployment, a login that came to all of them, a registry, a network, storage.",
        covers: [], cis: [], attack: ["T1210", "T1072"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1210/"],
    }
}
