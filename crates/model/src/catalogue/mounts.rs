//! What a container mounts: control sockets (`KG-B001`, `KG-B002`), host paths, propagation and sharing
//! (`KG-B070`–`KG-B099`).

table! {
    ENGINE_SOCKET = "KG-B001", Breakout, Critical, Recreate, "Container can talk to the engine's socket" {
        wrong: "A mount of the container holds the engine's control socket: the socket itself, a folder above it, or another name of it.",
        why: "Whoever speaks to the engine starts a container with the host's disk mounted: that is root on the host, in one command. A read-only mount does not help, because connecting to a socket is not writing.",
        fix: "Take the mount away; a program that needs the engine's API gets a proxy that lets only the needed calls through.",
        covers: ["M01"], cis: ["5.32"], attack: ["T1611", "T1610"], cve: [],
        links: ["https://docs.docker.com/engine/security/#docker-daemon-attack-surface"],
    }
    CONTROL_SOCKET = "KG-B002", Breakout, Critical, Recreate, "Container can talk to a control socket of the host" {
        wrong: "A mount of the container holds the control socket of a container runtime, a builder or a system service.",
        why: "These services run as root and start programs for whoever may talk to them. A read-only mount does not help, because connecting to a socket is not writing.",
        fix: "Take the mount away, or mount only the one file that is needed.",
        covers: ["M02"], cis: [], attack: ["T1611", "T1559"], cve: [],
        links: ["https://www.freedesktop.org/wiki/Software/systemd/dbus/"],
    }
    HOST_ROOT_MOUNT = "KG-B070", Breakout, Critical, Recreate, "Host's root filesystem is mounted" {
        wrong: "The container mounts the host's whole filesystem.",
        why: "Written, it is root on the host at the next cron job or login; read-only, it still gives away password hashes, private keys and the secrets of all other containers.",
        fix: "Mount only the folders that the container needs, read-only where it does not write.",
        covers: ["M05", "C07"], cis: ["5.6"], attack: ["T1611", "T1552.001"], cve: [],
        links: ["https://docs.docker.com/engine/storage/bind-mounts/"],
    }
    SYSTEM_CONFIG_MOUNT = "KG-B071", Breakout, Critical, Recreate, "System configuration of the host is mounted" {
        wrong: "The container mounts configuration of the host: accounts, units, cron jobs, libraries that are loaded first.",
        why: "Root's programs read these files and do what they say; whoever writes them is root soon after, and some of them are secrets to read.",
        fix: "Mount only the single files that are needed, read-only, or give the container its own copy.",
        covers: ["M06", "C07"], cis: ["5.6"], attack: ["T1611", "T1053.003", "T1543"], cve: [],
        links: ["https://docs.docker.com/engine/storage/bind-mounts/"],
    }
    HOME_MOUNT = "KG-B072", Breakout, Critical, Recreate, "Home folder or its keys are mounted" {
        wrong: "The container mounts a home folder of the host, or the keys, tokens or start-up files in one.",
        why: "Keys and tokens read there are somebody's identity elsewhere; a key or start-up file written there is a login on the host.",
        fix: "Mount only the folder with the application's data, and pass credentials as secrets.",
        covers: ["M07", "C07", "R15"], cis: [], attack: ["T1552.001", "T1552.004", "T1098.004"], cve: [],
        links: ["https://docs.docker.com/compose/how-tos/use-secrets/"],
    }
    PROC_MOUNT = "KG-B073", Breakout, Critical, Recreate, "Kernel switches in /proc are mounted" {
        wrong: "The container mounts the host's /proc or a part of it that Docker would have hidden or write-protected.",
        why: "Through core_pattern, modprobe or binfmt_misc the kernel itself runs a program of the attacker's choice as root on the host; read, it shows the host's processes and their environment.",
        fix: "Take the mount away; set needed kernel parameters with --sysctl or on the host.",
        covers: ["M08", "R02"], cis: ["5.6"], attack: ["T1611"], cve: [],
        links: ["https://man7.org/linux/man-pages/man5/core.5.html"],
    }
    SYS_MOUNT = "KG-B074", Breakout, High, Recreate, "Kernel and cgroup switches in /sys are mounted" {
        wrong: "The container mounts the host's /sys or its cgroups.",
        why: "uevent_helper and, with cgroup v1, release_agent name a program that the kernel runs as root on the host; other files there switch off confinement or hardware.",
        fix: "Take the mount away, or mount the one folder that is needed read-only.",
        covers: ["M09", "R01"], cis: ["5.6"], attack: ["T1611"], cve: ["CVE-2022-0492"],
        links: ["https://man7.org/linux/man-pages/man7/cgroups.7.html"],
    }
    DEVICE_MOUNT = "KG-B075", Breakout, High, Recreate, "Device nodes of the host are mounted" {
        wrong: "The container mounts the host's /dev or a device node.",
        why: "A disk that can be opened holds the host's files; whether it can be opened then depends on the device cgroup alone. A read-only mount does not protect a device.",
        fix: "Take the mount away and pass the one device that is needed with --device.",
        covers: ["M10"], cis: ["5.6", "5.18"], attack: ["T1611"], cve: [],
        links: ["https://docs.docker.com/reference/cli/docker/container/run/#device"],
    }
    ENGINE_STORAGE_MOUNT = "KG-B076", Breakout, Critical, Recreate, "Storage of the engine is mounted" {
        wrong: "The container mounts the folder where the engine or the node's agent keeps containers, images and secrets.",
        why: "It holds the files, environment and secrets of every other container; whoever writes there changes their programs, or makes one of them privileged.",
        fix: "Take the mount away; share data between containers with a named volume.",
        covers: ["M11", "R15"], cis: [], attack: ["T1611", "T1552.001"], cve: [],
        links: ["https://docs.docker.com/engine/storage/volumes/"],
    }
    LOG_MOUNT = "KG-B077", Breakout, Medium, Recreate, "Host's log folder is mounted" {
        wrong: "The container mounts the folder with the host's logs or spools.",
        why: "Root's programs rotate and follow what lies there: a symbolic link or a crafted file leads them elsewhere, and traces can be wiped. Read-only, logs still give away users, addresses and at times passwords.",
        fix: "Mount only the one folder of the application, read-only where it only reads.",
        covers: ["M12"], cis: [], attack: ["T1611", "T1070.002"], cve: [],
        links: ["https://man7.org/linux/man-pages/man8/logrotate.8.html"],
    }
    PROGRAM_MOUNT = "KG-B078", Breakout, Critical, Recreate, "Programs of the host are mounted" {
        wrong: "The container mounts folders with the host's programs, libraries, modules or kernels.",
        why: "A program that is replaced there runs on the host with the rights of whoever starts it next, root included.",
        fix: "Install what the container needs into its image, or mount the folder read-only.",
        covers: ["M13"], cis: ["5.6"], attack: ["T1611", "T1554"], cve: [],
        links: ["https://docs.docker.com/engine/storage/bind-mounts/"],
    }
    SHARED_PROPAGATION = "KG-B079", Breakout, Medium, Recreate, "Mounts made in the container spread to the host" {
        wrong: "A bind mount has propagation shared or rshared.",
        why: "What the container mounts below it appears on the host too, over files that host programs trust.",
        fix: "Use the default propagation rprivate, or rslave where mounts of the host must appear inside.",
        covers: ["M14"], cis: ["5.20"], attack: ["T1611"], cve: [],
        links: ["https://docs.docker.com/engine/storage/bind-mounts/#configure-bind-propagation"],
    }
    SHARED_VOLUME = "KG-B080", Breakout, Low, Recreate, "Container writes into storage that other containers use" {
        wrong: "The container can write to a volume or host folder that other containers mount too.",
        why: "Whoever holds this container plants a program or configuration that the others read; on runtimes older than runc 1.0.0-rc95 a swapped symbolic link in such a volume even leads to the host (CVE-2021-30465).",
        fix: "Mount it read-only where it is not written, or give each container its own volume.",
        covers: ["M15", "M16"], cis: [], attack: ["T1080"], cve: [],
        links: ["https://docs.docker.com/engine/storage/volumes/#use-a-read-only-volume"],
    }
}
