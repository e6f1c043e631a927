//! Performance: `KG-P001`–`KG-P039`. Detections: what a metric, or several of one machine or container, never did.

table! {
    METRIC_SPIKE = "KG-P001", Performance, Info, Live, "A value was far from usual for a short time" {
        wrong: "A metric left the range in which it is at this time, and came back.",
        why: "Something ran, or somebody asked for much at once: a job, a visitor, or what an intruder started.",
        fix: "Look at what ran at that time: timed jobs, logins, containers that were started (keelguard signs incidents).",
        covers: [], cis: [], attack: ["T1496.001", "T1499"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1496/001/"],
    }
    METRIC_SHIFT = "KG-P002", Performance, Low, Live, "A value went elsewhere and stayed there" {
        wrong: "A metric left the range in which it is at this time, and did not come back.",
        why: "Something new runs all the time, or something that ran is gone: a release, a leak, a miner, a failed part.",
        fix: "Look at what was started, changed or logged in just before (keelguard signs incidents; docker events).",
        covers: [], cis: [], attack: ["T1496.001"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1496/001/"],
    }
    METRIC_TREND = "KG-P003", Performance, Info, Live, "A value creeps away from what is usual" {
        wrong: "The mean of many values of a metric is where it never was, while no single value is striking.",
        why: "Leaks and full disks announce themselves so, and so does somebody who takes a little all the time.",
        fix: "Look at what grows (top, docker stats, df) and mend it before it is at its limit.",
        covers: [], cis: [], attack: ["T1496"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1496/"],
    }
    METRIC_STILL = "KG-P004", Performance, Low, Live, "A value that was always in motion stands still" {
        wrong: "A metric has had exactly the same value for far longer than ever.",
        why: "Whatever measures it, or what is measured, has stopped; somebody may feed a value that looks good.",
        fix: "Look whether what measures it still runs, and whether the value is true.",
        covers: [], cis: [], attack: ["T1562.006"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1562/006/"],
    }
    METRIC_RHYTHM = "KG-P005", Performance, Info, Live, "A value changes its rhythm" {
        wrong: "The values of a metric lie where they are used to lie, but change from one to the next as they never did, or at other times.",
        why: "Something else is at work than before: another program, another load, another person.",
        fix: "Look at what was started, changed or logged in just before (keelguard signs incidents).",
        covers: [], cis: [], attack: ["T1496"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1496/"],
    }
    METRIC_MISSING = "KG-P006", Performance, Low, Live, "Values are missing" {
        wrong: "For some time there are no values of a machine, container or series that has them regularly.",
        why: "It was down, what measures it was, or somebody switched it off not to be seen.",
        fix: "Look whether the machine was down then (keelguard signs downtime), and whether what measures it was stopped.",
        covers: [], cis: [], attack: ["T1562.006"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1562/006/"],
    }
    NODE_UNLIKE_ITSELF = "KG-P007", Performance, Low, Live, "A machine or container was unlike itself" {
        wrong: "Several metrics of one machine or container left what is usual at this time, all at once.",
        why: "Something happened there that does not happen otherwise: a release, an attack, a miner, a failing part.",
        fix: "Look at what was started, changed or logged in just before (keelguard signs incidents; docker events).",
        covers: [], cis: [], attack: ["T1496.001", "T1499"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1496/001/", "https://attack.mitre.org/techniques/T1499/"],
    }
}
