//! Threat 3: containers that can starve the host.

table! {
    MEMORY_UNBOUNDED = "KG-R001", Resources, Medium, Live, "Memory without a bound" {
        wrong: "Neither the engine nor the container's cgroup bounds its memory.",
        why: "One leak or one attacker makes the kernel kill processes of other containers and of the host; kernel memory behind pipes, sockets and maps counts too.",
        fix: "Bound its memory, and memory and swap together to the same value.",
        covers: ["X02", "X12"], cis: ["5.11"], attack: ["T1499.001"], cve: [],
        links: ["https://docs.docker.com/engine/containers/resource_constraints/"],
    }
    PIDS_UNBOUNDED = "KG-R002", Resources, Medium, Live, "Processes without a bound" {
        wrong: "Neither the engine nor the container's cgroup bounds how many processes and threads it may have.",
        why: "A fork bomb in it takes every process number of the host: nobody can log in to stop it.",
        fix: "Bound its processes with --pids-limit.",
        covers: ["X01"], cis: ["5.29"], attack: ["T1499.001"], cve: [],
        links: ["https://docs.docker.com/reference/cli/docker/container/update/"],
    }
    CPU_UNBOUNDED = "KG-R003", Resources, Low, Live, "CPU without a bound" {
        wrong: "It has no CPU quota, no CPU set and no weight of its own.",
        why: "A miner or a busy loop in it slows everything else on the host down.",
        fix: "Bound its CPUs with --cpus.",
        covers: ["X03"], cis: ["5.12"], attack: ["T1496", "T1499.001"], cve: [],
        links: ["https://docs.docker.com/engine/containers/resource_constraints/#cpu"],
    }
    SWAP_UNBOUNDED = "KG-R004", Resources, Low, Live, "Swap beyond the bound on memory" {
        wrong: "Its memory is bounded, but what does not fit may go to the host's swap.",
        why: "A container that swaps keeps the disk busy for everybody, and its real bound is higher than the one that was set.",
        fix: "Set memory and swap together to the same value as memory.",
        covers: ["X09"], cis: [], attack: ["T1499.001"], cve: [],
        links: ["https://docs.docker.com/engine/containers/resource_constraints/#--memory-swap-details"],
    }
    OOM_KILLER_DISABLED = "KG-R005", Resources, Medium, Recreate, "The kernel may not kill it when memory runs out" {
        wrong: "HostConfig.OomKillDisable is set.",
        why: "With a bound on memory its processes hang at the bound; without one the kernel kills the host's own processes in its place.",
        fix: "Make it anew without --oom-kill-disable.",
        covers: ["X02"], cis: [], attack: ["T1499.001"], cve: [],
        links: ["https://docs.docker.com/engine/containers/resource_constraints/#memory"],
    }
    OOM_SCORE_LOWERED = "KG-R006", Resources, Low, Recreate, "Others die before it when memory runs out" {
        wrong: "HostConfig.OomScoreAdj is below 0.",
        why: "When the host runs out of memory, the kernel kills other containers or host services although this one may be the cause.",
        fix: "Make it anew without a negative --oom-score-adj.",
        covers: ["X02"], cis: [], attack: ["T1499.001"], cve: [],
        links: ["https://docs.docker.com/engine/containers/resource_constraints/#understand-the-risks-of-running-out-of-memory"],
    }
    MEMORY_LOOSE = "KG-R007", Resources, Low, Live, "The bound on memory is nearly all of the host's" {
        wrong: "Its bound on memory is nine tenths of the host's memory or more.",
        why: "The host runs out before the bound is reached, so it bounds nothing.",
        fix: "Lower the bound to what it needs.",
        covers: ["X02"], cis: [], attack: ["T1499.001"], cve: [],
        links: ["https://docs.docker.com/engine/containers/resource_constraints/"],
    }
    PIDS_LOOSE = "KG-R008", Resources, Low, Live, "The bound on processes is half of the host's or more" {
        wrong: "It may have half of all processes that the host can have, or more.",
        why: "A fork bomb that is let to fill half of the table leaves the rest of the host short.",
        fix: "Lower the bound with --pids-limit.",
        covers: ["X01"], cis: [], attack: ["T1499.001"], cve: [],
        links: ["https://docs.docker.com/reference/cli/docker/container/update/"],
    }
    CPU_LOOSE = "KG-R009", Resources, Low, Live, "The CPU quota is all of the host's CPUs" {
        wrong: "Its quota is as many CPUs as the host has, or more.",
        why: "A quota of everything bounds nothing.",
        fix: "Lower the quota with --cpus.",
        covers: ["X03"], cis: [], attack: ["T1496", "T1499.001"], cve: [],
        links: ["https://docs.docker.com/engine/containers/resource_constraints/#cpu"],
    }
    LOG_UNBOUNDED = "KG-R010", Resources, Low, Recreate, "Its log grows without a bound" {
        wrong: "The engine writes its output to a file that is never rotated, or only at a size that fills the disk.",
        why: "Whatever makes it print fills the disk of the engine, and with it every container stops.",
        fix: "Make it anew with the log options max-size and max-file, or with the log driver local.",
        covers: ["X04", "X11"], cis: [], attack: ["T1499.001"], cve: [],
        links: ["https://docs.docker.com/engine/logging/configure/"],
    }
    LOG_GREW = "KG-R011", Resources, Medium, Live, "Its log has grown large" {
        wrong: "Its log file is larger than 1 GiB, or than a tenth of what is free on the engine's disk.",
        why: "At this size the disk of the engine is near its end, and with it every container.",
        fix: "Keep what is needed of the log, empty it, and bound it.",
        covers: ["X04", "X11"], cis: [], attack: ["T1499.001"], cve: [],
        links: ["https://docs.docker.com/engine/logging/drivers/json-file/"],
    }
    LAYER_UNBOUNDED = "KG-R012", Resources, Info, Recreate, "Its writable layer has no quota" {
        wrong: "Its root filesystem can be written and has no size of its own.",
        why: "What it writes fills the disk of the engine: bytes and inodes.",
        fix: "Make it anew read-only with tmpfs where it writes, or with --storage-opt size where the storage driver can.",
        covers: ["X04"], cis: [], attack: ["T1499.001"], cve: [],
        links: ["https://docs.docker.com/reference/cli/docker/container/run/#storage-opt"],
    }
    TMPFS_UNBOUNDED = "KG-R013", Resources, Low, Recreate, "A tmpfs without a useful size" {
        wrong: "A tmpfs has no size, and so may take half of the host's memory.",
        why: "Files in it are memory: filling it starves the host unless the container's memory is bounded.",
        fix: "Make it anew with a size for each tmpfs.",
        covers: ["X04"], cis: [], attack: ["T1499.001"], cve: [],
        links: ["https://docs.docker.com/engine/storage/tmpfs/"],
    }
    SHM_LARGE = "KG-R014", Resources, Low, Recreate, "/dev/shm is half of the host's memory or more" {
        wrong: "HostConfig.ShmSize is half of the host's memory or more.",
        why: "Files in /dev/shm are memory: filling it starves the host unless the container's memory is bounded.",
        fix: "Make it anew with a smaller --shm-size.",
        covers: ["X04"], cis: [], attack: ["T1499.001"], cve: [],
        links: ["https://docs.docker.com/reference/cli/docker/container/run/"],
    }
    FILES_UNBOUNDED = "KG-R015", Resources, Info, Recreate, "Open files without a useful bound" {
        wrong: "Neither the container nor the engine's defaults set a ulimit for open files below 1048576.",
        why: "A process in it can take so many of the host's file handles that others get none.",
        fix: "Make it anew with --ulimit nofile, or set default-ulimits for the engine.",
        covers: ["X05"], cis: ["2.8", "5.19"], attack: ["T1499.001"], cve: [],
        links: ["https://docs.docker.com/reference/cli/docker/container/run/#ulimit"],
    }
    RESTART_UNBOUNDED = "KG-R016", Resources, Info, Live, "It is restarted without end" {
        wrong: "Its restart policy has no bound of five attempts.",
        why: "A container that crashes at start, or that somebody makes crash, starts over and over at the host's cost.",
        fix: "Restart it on failure, five times at most.",
        covers: ["X08"], cis: ["5.15"], attack: ["T1499.004"], cve: [],
        links: ["https://docs.docker.com/engine/containers/start-containers-automatically/"],
    }
    RESTART_LOOP = "KG-R017", Resources, Medium, Live, "It restarts in a loop" {
        wrong: "The engine has restarted it again and again, most recently just now.",
        why: "Each start costs CPU, disk and log; and a service that never stays up is down.",
        fix: "Read why it ends (docker logs), and bound its restarts meanwhile.",
        covers: ["X08"], cis: [], attack: ["T1499.004"], cve: [],
        links: ["https://docs.docker.com/engine/containers/start-containers-automatically/"],
    }
    REALTIME = "KG-R018", Resources, Low, Recreate, "Real-time CPU for a container" {
        wrong: "HostConfig.CpuRealtimeRuntime gives it real-time scheduling.",
        why: "Real-time threads run before everything else, the host's own work included.",
        fix: "Make it anew without --cpu-rt-runtime.",
        covers: ["X10"], cis: [], attack: ["T1499.001"], cve: [],
        links: ["https://docs.docker.com/engine/containers/resource_constraints/#configure-the-real-time-scheduler"],
    }
    RESOURCE_CAPABILITY = "KG-R019", Resources, Low, Recreate, "A capability that lifts bounds" {
        wrong: "It was given SYS_RESOURCE, SYS_NICE or IPC_LOCK.",
        why: "With them it raises its own limits and quotas, takes priority over everything else, or pins memory.",
        fix: "Make it anew without that capability; set the limit it needs from outside.",
        covers: ["X10", "C18"], cis: [], attack: ["T1499.001"], cve: [],
        links: ["https://man7.org/linux/man-pages/man7/capabilities.7.html"],
    }
    IO_UNBOUNDED = "KG-R020", Resources, Info, Live, "No container has a bound or weight for disk I/O" {
        wrong: "None of the running containers has a blkio weight, bandwidth or rate.",
        why: "One that writes and syncs without pause slows every other one and the host down.",
        fix: "Give the containers a weight, or make those that write most anew with --device-write-bps.",
        covers: ["X06"], cis: [], attack: ["T1499.001"], cve: [],
        links: ["https://docs.docker.com/reference/cli/docker/container/run/"],
    }
    SHARED_TABLES = "KG-R021", Resources, Info, Daemon, "Containers share the per-user tables of the host's root" {
        wrong: "Several containers run as uid 0 without a user namespace.",
        why: "Keys, inotify watches, terminals and pending signals are counted per user: one container that takes them all takes them from the others and from the host's root.",
        fix: "Remap users (userns-remap), or run the containers under different users.",
        covers: ["X05"], cis: [], attack: ["T1499.001"], cve: [],
        links: ["https://docs.docker.com/engine/security/userns-remap/"],
    }
    MEMORY_OVERCOMMITTED = "KG-R022", Resources, Low, Live, "The bounds on memory add up to more than the host has" {
        wrong: "The running containers may together take more memory than the host has beside a reserve of a tenth.",
        why: "Each stays within its bound, and the host runs out all the same.",
        fix: "Lower the largest bounds, or move containers to another host.",
        covers: ["X02"], cis: [], attack: ["T1499.001"], cve: [],
        links: ["https://docs.docker.com/engine/containers/resource_constraints/"],
    }
    PIDS_OVERCOMMITTED = "KG-R023", Resources, Low, Live, "The bounds on processes add up to more than the host has" {
        wrong: "The running containers may together have more processes than the host can.",
        why: "Each stays within its bound, and the host cannot start a process all the same.",
        fix: "Lower the largest bounds with --pids-limit.",
        covers: ["X01"], cis: [], attack: ["T1499.001"], cve: [],
        links: ["https://docs.docker.com/reference/cli/docker/container/update/"],
    }
    NOT_IN_FORCE = "KG-R024", Resources, Medium, Live, "A bound is not in force" {
        wrong: "The engine reports a bound that the container's cgroup does not have.",
        why: "What was set is not what the kernel does: it can take more than anybody who reads the configuration believes.",
        fix: "Write the bound again with docker update, and find out who changed the cgroup.",
        covers: ["X01", "X02", "X03"], cis: [], attack: ["T1499.001"], cve: [],
        links: ["https://docs.kernel.org/admin-guide/cgroup-v2.html"],
    }
    CANNOT_BOUND = "KG-R025", Resources, Medium, Reboot, "This host ignores bounds" {
        wrong: "The kernel, or the way the engine runs, cannot bound a resource.",
        why: "Bounds that are set on containers have no effect; the engine only warns.",
        fix: "Switch the controller on at boot, or delegate it to the user of a rootless engine.",
        covers: ["X01", "X02", "X03", "X09"], cis: [], attack: ["T1499.001"], cve: [],
        links: ["https://docs.docker.com/engine/security/rootless/", "https://docs.docker.com/engine/install/troubleshoot/"],
    }
}
