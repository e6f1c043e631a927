//! Downtime: `KG-T001`–`KG-T039`. Detections: what went down, and whether it does so as a routine.

table! {
    UNCLEAN_SHUTDOWN = "KG-T001", Downtime, Medium, Live, "The machine went down without shutting down" {
        wrong: "A boot follows lines of an ordinary day: nothing says that the machine was told to stop.",
        why: "Power, hardware or kernel failed, or somebody pulled the plug; what was being written is lost, and logs of the last seconds with it.",
        fix: "Look at the lines before it, at the provider's console and at the hardware's own log (ipmitool sel list).",
        covers: [], cis: [], attack: ["T1529"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1529/"],
    }
    KERNEL_PANIC = "KG-T002", Downtime, High, Upgrade, "The kernel panicked" {
        wrong: "The kernel met something from which it could not go on, and stopped.",
        why: "Everything on the machine stops at once. Failing hardware, a broken driver or an exploit that missed may be behind it.",
        fix: "Keep the record (/var/lib/systemd/pstore, /sys/fs/pstore), bring kernel and firmware up to date, and test the memory.",
        covers: [], cis: [], attack: ["T1499.004"], cve: [],
        links: ["https://docs.kernel.org/admin-guide/bug-hunting.html", "https://attack.mitre.org/techniques/T1499/004/"],
    }
    KERNEL_OOPS = "KG-T003", Downtime, Medium, Upgrade, "The kernel stumbled and went on" {
        wrong: "The kernel met an error in itself (an oops, a bug, a fault), ended what it was doing and went on.",
        why: "What runs on such a kernel can no longer be relied on; exploits that miss leave such lines.",
        fix: "Reboot when you can, bring the kernel up to date, and look at what ran at that time.",
        covers: [], cis: [], attack: ["T1068"], cve: [],
        links: ["https://docs.kernel.org/admin-guide/bug-hunting.html"],
    }
    LOCKUP = "KG-T004", Downtime, High, Live, "A watchdog saw no progress" {
        wrong: "A processor made no progress for so long that a watchdog said so, or reset the machine.",
        why: "The machine hangs, in parts or as a whole. On virtual machines the host may be overcommitted.",
        fix: "Look at which task hung, at the load at that time, and on a virtual machine at the steal time (top, st).",
        covers: [], cis: [], attack: ["T1499"], cve: [],
        links: ["https://docs.kernel.org/admin-guide/lockup-watchdogs.html"],
    }
    HUNG_TASK = "KG-T005", Downtime, Low, Live, "Tasks waited for minutes" {
        wrong: "The kernel saw tasks that waited for more than two minutes without being able to go on.",
        why: "Mostly a disk or a network filesystem does not answer; what waits for it stands still.",
        fix: "Look at the disks (smartctl -a, dmesg) and at network filesystems that went away.",
        covers: [], cis: [], attack: [], cve: [],
        links: ["https://docs.kernel.org/admin-guide/sysctl/kernel.html#hung-task-timeout-secs"],
    }
    MANY_BOOTS = "KG-T006", Downtime, Medium, Live, "The machine was booted often" {
        wrong: "The machine was booted four times or more within a week, outside of maintenance windows.",
        why: "A machine that reboots as a routine hides the reboot that somebody else ordered.",
        fix: "Find out who or what orders it (last -x, journalctl --list-boots); put what is meant into maintenance windows (keelguard.toml).",
        covers: [], cis: [], attack: ["T1529"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1529/"],
    }
    SHUTDOWN_ORDERED = "KG-T007", Downtime, Info, Live, "The machine was shut down outside of a maintenance window" {
        wrong: "Somebody, or something that may, told the machine to stop, and no maintenance window was open.",
        why: "It is what an administrator does; and what somebody does who wants their kernel, or nothing, to run.",
        fix: "Ask who did it (the lines before it name logins and commands); put what is meant into maintenance windows.",
        covers: [], cis: [], attack: ["T1529"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1529/"],
    }
    OUT_OF_MEMORY = "KG-T010", Downtime, Medium, Live, "The kernel killed something for want of memory" {
        wrong: "Memory ran out, of the machine or of the limit of a service or container, and the kernel killed a process.",
        why: "It is gone without a chance to save anything. Over and over, it is a leak, a limit that is too low, or somebody who eats memory.",
        fix: "Look at what grew; raise the limit (docker update --memory) or mend the leak, and give every container a limit of its own.",
        covers: [], cis: [], attack: ["T1499.001"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1499/001/"],
    }
    CONTAINER_RESTARTS = "KG-T011", Downtime, Medium, Recreate, "A container is restarted again and again" {
        wrong: "The engine has restarted a container three times or more because it ended.",
        why: "It fails, and its restart policy hides it: whoever uses it sees errors now and then.",
        fix: "Read its last words (docker logs --tail 100 NAME) and mend the cause; give it --restart on-failure:5 and a health check.",
        covers: [], cis: [], attack: ["T1489"], cve: [],
        links: ["https://docs.docker.com/engine/containers/start-containers-automatically/"],
    }
    CONTAINER_FAILED = "KG-T012", Downtime, Low, Live, "A container ended with an error" {
        wrong: "A container ended without being told to, with an exit status that says error or signal.",
        why: "What it did is not done, and nobody may have noticed.",
        fix: "Read its last words (docker logs --tail 100 NAME), mend the cause and start it again.",
        covers: [], cis: [], attack: ["T1489"], cve: [],
        links: ["https://docs.docker.com/engine/containers/run/#exit-status"],
    }
    ENGINE_RESTARTED = "KG-T013", Downtime, Low, Live, "The engine was restarted" {
        wrong: "The container engine stopped or crashed, and was started again, outside of a maintenance window.",
        why: "With it stop all containers that are not kept alive (live-restore). A new configuration or binary takes effect with it.",
        fix: "Ask who did it, look at its configuration, and set \"live-restore\": true.",
        covers: [], cis: [], attack: ["T1489"], cve: [],
        links: ["https://docs.docker.com/engine/daemon/live-restore/"],
    }
    SERVICE_FAILED = "KG-T014", Downtime, Low, Live, "A service failed" {
        wrong: "A unit of systemd ended with an error.",
        why: "What it does is not done, or was not for a while.",
        fix: "Read why (systemctl status NAME; journalctl -u NAME) and mend it.",
        covers: [], cis: [], attack: ["T1489"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1489/"],
    }
    SERVICE_GAVE_UP = "KG-T015", Downtime, Medium, Live, "A service failed so often that systemd gave up" {
        wrong: "A unit failed again and again until systemd refused to start it any more.",
        why: "It is down, and stays so until somebody starts it.",
        fix: "Read why (journalctl -u NAME), mend it, then systemctl reset-failed NAME and systemctl start NAME.",
        covers: [], cis: [], attack: ["T1489"], cve: [],
        links: ["https://www.freedesktop.org/software/systemd/man/latest/systemd.unit.html#StartLimitIntervalSec=interval"],
    }
    ENDS_IN_LOOP = "KG-T016", Downtime, High, Live, "Something ends and starts in a loop" {
        wrong: "A machine, a service or a container ended five times or more within five minutes.",
        why: "It does not do its work, eats processor and logs, and hides what else goes on.",
        fix: "Stop it, read its last words, and start it again when the cause is mended.",
        covers: [], cis: [], attack: ["T1489", "T1499"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1489/"],
    }
    CONTAINER_UNHEALTHY = "KG-T017", Downtime, Low, Live, "A container became unhealthy" {
        wrong: "The health check that the container brings along, or was given, failed several times in a row: it runs, and does not do its work.",
        why: "What depends on it fails with it, and nobody restarts it: the engine only notes it. A process that was replaced or starved looks so, too.",
        fix: "Look at what the check said (docker inspect --format '{{json .State.Health}}' NAME), at its log and at its limits.",
        covers: [], cis: [], attack: ["T1499"], cve: [],
        links: ["https://docs.docker.com/reference/dockerfile/#healthcheck"],
    }
    CLOCK_SET = "KG-T020", Downtime, Low, Live, "The clock jumped" {
        wrong: "The machine's clock was set by a minute or more, or the stamps of a log run backwards.",
        why: "Stamps before and after cannot be compared: certificates, tokens and timed jobs go wrong, and what happened when can be denied.",
        fix: "Let one daemon keep the clock (chrony), and ask who set it where nobody should.",
        covers: [], cis: [], attack: ["T1070"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1070/"],
    }
    POWER = "KG-T021", Downtime, Medium, Live, "Power failed or the battery is low" {
        wrong: "The power supply ran on its battery, or says that the battery is low, empty or old.",
        why: "The next failure ends the machine without a shutdown.",
        fix: "Look at the power supply and replace old batteries; test that the machine shuts down when the battery is low.",
        covers: [], cis: [], attack: [], cve: [],
        links: ["https://networkupstools.org/docs/user-manual.chunked/index.html"],
    }
    THERMAL = "KG-T022", Downtime, Low, Live, "The machine was too hot" {
        wrong: "A processor was slowed down because it was too hot, or the critical temperature was reached.",
        why: "It is slow, ages fast, and in the end switches itself off. Miners make processors hot.",
        fix: "Look at fans, dust and load (sensors, top).",
        covers: [], cis: [], attack: ["T1496.001"], cve: [],
        links: ["https://docs.kernel.org/driver-api/thermal/sysfs-api.html"],
    }
    REGULAR_OUTAGES = "KG-T030", Downtime, Medium, Live, "Something goes down as a routine" {
        wrong: "Outages keep a rhythm that chance would hardly ever make: the same time of day, the same hour of the week, the same interval.",
        why: "A timed job stops it, a leak fills up, or somebody uses the hour at which nobody looks. Whoever is used to it will not notice when it is something else.",
        fix: "Find the timed job (systemctl list-timers; ls /etc/cron*; docker events); put what is meant into maintenance windows (keelguard.toml).",
        covers: [], cis: [], attack: ["T1529", "T1053"], cve: [],
        links: ["https://attack.mitre.org/techniques/T1529/", "https://attack.mitre.org/techniques/T1053/"],
    }
}
