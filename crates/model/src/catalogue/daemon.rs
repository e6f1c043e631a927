//! The engine itself: configuration, files, accounts, plugins, swarm. `KG-B100`–`KG-B199`: 100 who may command it, 103
//! its settings, 117 how it isolates, 126 accounts, 130 files, 134 upkeep, 140 swarm.

table! {
    API_WITHOUT_TLS = "KG-B100", Breakout, Critical, Daemon, "The engine's API listens on TCP without TLS" {
        wrong: "The engine takes commands over TCP from anybody who can connect, without asking who they are.",
        why: "Whoever talks to the engine is root on this host: one request starts a container with the host's disk.",
        fix: "Take the tcp:// address out of the engine's hosts; reach it from elsewhere over ssh.",
        covers: ["M03"], cis: ["2.7"], attack: ["T1133", "T1610", "T1611"], cve: [],
        links: ["https://docs.docker.com/engine/security/protect-access/"],
    }

    API_WITHOUT_CLIENT_CHECK = "KG-B101", Breakout, Critical, Daemon, "The engine's API asks for no certificate" {
        wrong: "The engine encrypts its TCP port and then takes commands from anybody, because tlsverify is off.",
        why: "Encryption keeps listeners out, not attackers: whoever connects is root on this host.",
        fix: "Set tlsverify with the certificate authority that signs your clients.",
        covers: ["M03"], cis: ["2.7"], attack: ["T1133", "T1610", "T1611"], cve: [],
        links: ["https://docs.docker.com/engine/security/protect-access/"],
    }

    INSECURE_REGISTRY = "KG-B102", Breakout, Medium, Daemon, "A registry is trusted without TLS" {
        wrong: "The engine speaks plain HTTP to this registry, or takes any certificate for its own.",
        why: "Whoever sits between puts their own image in place of yours, and reads the credentials.",
        fix: "Give the registry a certificate, put its authority under /etc/docker/certs.d, and take it off the list.",
        covers: ["D03"], cis: ["2.5"], attack: ["T1557", "T1525"], cve: [],
        links: ["https://docs.docker.com/reference/cli/dockerd/#insecure-registries"],
    }

    DAEMON_FILE_BROKEN = "KG-B103", Breakout, Low, Live, "The engine's configuration file cannot be parsed" {
        wrong: "The file is no JSON object: the engine that runs does not use it, and the next one will not start.",
        why: "After a reboot the containers stay away; settings somebody relied on may never have been in force.",
        fix: "Correct the file, then check it with dockerd --validate.",
        covers: ["D03"], cis: [], attack: [], cve: [],
        links: ["https://docs.docker.com/reference/cli/dockerd/#daemon-configuration-file"],
    }

    DAEMON_CONFLICT = "KG-B104", Breakout, Low, Live, "The engine's configuration sources disagree" {
        wrong: "A setting is given in more than one place, or was changed after the engine started.",
        why: "The engine does not start when a flag and the file set the same key; a safe value may not be in force.",
        fix: "Keep each setting in one place, daemon.json, and restart the engine when it suits.",
        covers: ["D03"], cis: [], attack: [], cve: [],
        links: ["https://docs.docker.com/reference/cli/dockerd/#daemon-configuration-file"],
    }

    LOG_LEVEL = "KG-B105", Breakout, Info, Daemon, "The engine's log level is not info" {
        wrong: "The engine logs more, or less, than its level info does.",
        why: "Debug logs hold what requests carried; a higher level leaves out what an investigation needs.",
        fix: "Set log-level to info and debug to false.",
        covers: ["D03"], cis: ["2.3"], attack: ["T1562.001"], cve: [],
        links: [],
    }

    IPTABLES_OFF = "KG-B106", Breakout, Medium, Daemon, "The engine may not write firewall rules" {
        wrong: "With iptables off, the engine neither separates its networks nor restricts who may reach containers.",
        why: "Containers of different networks reach each other, and ports that nobody published are open by routing.",
        fix: "Take iptables: false out of the configuration, or write the same rules by hand.",
        covers: ["D03"], cis: ["2.4"], attack: ["T1046"], cve: [],
        links: ["https://docs.docker.com/engine/network/packet-filtering-firewalls/"],
    }

    DIRECT_ROUTING = "KG-B107", Breakout, Low, Daemon, "Other machines may route straight to containers" {
        wrong: "allow-direct-routing lets machines of the same network reach container addresses, published or not.",
        why: "A port that nobody published is open to neighbours.",
        fix: "Take allow-direct-routing out of the configuration.",
        covers: ["W01"], cis: [], attack: ["T1046"], cve: [],
        links: ["https://docs.docker.com/engine/network/packet-filtering-firewalls/"],
    }

    AUFS = "KG-B108", Breakout, Low, Daemon, "The engine stores images with aufs" {
        wrong: "The storage driver is aufs, which was dropped from Docker 24 and was never part of the Linux kernel.",
        why: "A file system nobody maintains lies between every container and the kernel.",
        fix: "Move to overlay2.",
        covers: ["D03"], cis: ["2.6"], attack: [], cve: [],
        links: ["https://docs.docker.com/engine/storage/drivers/select-storage-driver/"],
    }

    DEVICEMAPPER = "KG-B109", Breakout, Low, Daemon, "devicemapper works on loop files or with a changed base size" {
        wrong: "Loop files and changed base sizes were stop-gaps of devicemapper, which was dropped from Docker 25.",
        why: "Loop devices fill up without warning and take every container down with them.",
        fix: "Move to overlay2.",
        covers: ["D03"], cis: ["2.11"], attack: [], cve: [],
        links: ["https://docs.docker.com/engine/storage/drivers/select-storage-driver/"],
    }

    DEFAULT_ULIMITS = "KG-B110", Breakout, Info, Daemon, "The engine sets no default ulimits" {
        wrong: "Containers that ask for no limits of their own inherit those of the engine's process.",
        why: "One process can hold as many files and fork as many children as the engine may.",
        fix: "Set default-ulimits for nofile and nproc.",
        covers: ["D03", "X05"], cis: ["2.8"], attack: ["T1499"], cve: [],
        links: ["https://docs.docker.com/reference/cli/dockerd/#default-ulimit-settings"],
    }

    DAEMON_CGROUP_PARENT = "KG-B111", Breakout, Info, Daemon, "Containers are put under a cgroup of your own" {
        wrong: "cgroup-parent moves every container out of the engine's usual cgroup.",
        why: "Limits that others set on the usual cgroup do not hold there.",
        fix: "Confirm that this cgroup has the limits you want, or take cgroup-parent out.",
        covers: ["N07"], cis: ["2.10"], attack: [], cve: [],
        links: [],
    }

    LIVE_RESTORE = "KG-B112", Breakout, Info, Daemon, "Containers stop when the engine does" {
        wrong: "live-restore is off.",
        why: "An upgrade of the engine, the most important fix there is, stops every container, so it is put off.",
        fix: "Set live-restore to true; the engine reloads it without a restart.",
        covers: ["D03"], cis: ["2.15"], attack: [], cve: [],
        links: ["https://docs.docker.com/engine/daemon/live-restore/"],
    }

    USERLAND_PROXY = "KG-B113", Breakout, Info, Daemon, "Published ports go through the userland proxy" {
        wrong: "A docker-proxy process of root stands behind each published port.",
        why: "It is code on the network path that a current kernel does not need, and it hides the client's address.",
        fix: "Set userland-proxy to false.",
        covers: ["D03"], cis: ["2.16"], attack: [], cve: [],
        links: ["https://docs.docker.com/engine/network/packet-filtering-firewalls/"],
    }

    EXPERIMENTAL = "KG-B114", Breakout, Info, Daemon, "Experimental features are on" {
        wrong: "The engine runs features that are not finished.",
        why: "They change without notice and had less review.",
        fix: "Take experimental out of the configuration.",
        covers: ["D03"], cis: ["2.18"], attack: [], cve: [],
        links: [],
    }

    LOG_DRIVER_NONE = "KG-B115", Breakout, Low, Daemon, "Containers log nothing by default" {
        wrong: "The engine's default log driver is none.",
        why: "What an attacker does in a container leaves no trace.",
        fix: "Set log-driver to local, journald, or one that sends logs to another machine.",
        covers: ["D03"], cis: ["2.13"], attack: ["T1562.001"], cve: [],
        links: ["https://docs.docker.com/engine/logging/configure/"],
    }

    LOCAL_LOGS = "KG-B116", Breakout, Info, Daemon, "Container logs stay on this host" {
        wrong: "The default log driver keeps logs where an attacker who gets out of a container can rewrite them.",
        why: "Logs on the machine that was broken into prove nothing.",
        fix: "Send them elsewhere, by log-driver (syslog, gelf, fluentd, journald with upload) or with a collector.",
        covers: ["D03"], cis: ["2.13"], attack: ["T1070"], cve: [],
        links: ["https://docs.docker.com/engine/logging/configure/"],
    }

    ROOT_DAEMON = "KG-B117", Breakout, Info, Reboot, "The engine runs as root" {
        wrong: "The engine's process is root on the host.",
        why: "A flaw in the engine is worth root; in rootless mode it is worth one ordinary user.",
        fix: "Where your workloads allow it, run the engine rootless.",
        covers: ["D07"], cis: ["2.1"], attack: ["T1611"], cve: [],
        links: ["https://docs.docker.com/engine/security/rootless/"],
    }

    USERNS_REMAP_OFF = "KG-B118", Breakout, Info, Daemon, "Root in containers is root on the host" {
        wrong: "userns-remap is off: uid 0 inside is uid 0 outside.",
        why: "A process that gets out of its container is root at once.",
        fix: "Set userns-remap to default; images and volumes start anew under a folder of their own.",
        covers: ["D07"], cis: ["2.9"], attack: ["T1611"], cve: [],
        links: ["https://docs.docker.com/engine/security/userns-remap/"],
    }

    SECCOMP_OFF = "KG-B119", Breakout, High, Daemon, "The engine runs containers without seccomp" {
        wrong: "No container gets a system call filter unless it brings its own.",
        why: "Every system call of the kernel is open to every container, the source of most ways out.",
        fix: "Take seccomp-profile: unconfined out of the configuration, or run a kernel and engine with seccomp.",
        covers: ["D07", "C19"], cis: ["2.17"], attack: ["T1611"], cve: [],
        links: ["https://docs.docker.com/engine/security/seccomp/"],
    }

    NNP_OFF = "KG-B120", Breakout, Info, Daemon, "Containers may gain privileges by default" {
        wrong: "no-new-privileges is off for the whole engine.",
        why: "A set-uid program in an image turns an ordinary user into root inside.",
        fix: "Set no-new-privileges to true; a container that needs the old way can ask for it.",
        covers: ["D07", "C23"], cis: ["2.14"], attack: ["T1548.001"], cve: [],
        links: ["https://docs.docker.com/reference/cli/dockerd/"],
    }

    SELINUX_OFF = "KG-B121", Breakout, Low, Daemon, "SELinux is on, but the engine does not use it" {
        wrong: "The host enforces SELinux, and the engine gives containers no label.",
        why: "The one thing that would hold a process which got out of its container is switched off.",
        fix: "Set selinux-enabled to true, and mount volumes with :z or :Z.",
        covers: ["C21"], cis: ["5.3"], attack: ["T1611"], cve: [],
        links: ["https://docs.docker.com/reference/cli/dockerd/#selinux-enabled"],
    }

    SECOND_RUNTIME = "KG-B122", Breakout, Medium, Daemon, "A runtime that guards containers can be passed by" {
        wrong: "The default runtime adds a layer of isolation, and a plain runtime is there beside it for the asking.",
        why: "Whoever may start containers picks --runtime runc and has none of the isolation that others count on.",
        fix: "Refuse any HostConfig.Runtime but the default in an authorization plugin, or make runc itself the guard.",
        covers: ["D05"], cis: [], attack: ["T1611"], cve: [],
        links: ["https://docs.docker.com/engine/daemon/alternative-runtimes/"],
    }

    PLUGIN_POWERS = "KG-B123", Breakout, Medium, Live, "A plugin has powers of root" {
        wrong: "An engine plugin was granted powers that are as good as root on the host.",
        why: "It answers to its publisher: an upgrade, or a flaw in it, is root here.",
        fix: "Disable it, or make sure that you trust its publisher as you trust root.",
        covers: ["D06"], cis: [], attack: ["T1543", "T1611"], cve: [],
        links: ["https://docs.docker.com/engine/extend/"],
    }

    UNMANAGED_PLUGIN = "KG-B124", Breakout, Info, Live, "A plugin runs outside the engine's control" {
        wrong: "A volume or network plugin of the old kind runs as a process of the host, usually as root.",
        why: "The engine neither confines nor updates it.",
        fix: "Make sure that it is kept up to date, or use a managed plugin.",
        covers: ["D06"], cis: [], attack: ["T1543"], cve: [],
        links: ["https://docs.docker.com/engine/extend/legacy_plugins/"],
    }

    NO_AUTHORIZATION = "KG-B125", Breakout, Info, Daemon, "Every client of the engine may do everything" {
        wrong: "No authorization plugin is configured.",
        why: "There are no half rights: a monitoring tool with the socket is root.",
        fix: "Where several people or tools use the engine, put an authorization plugin or a filtering proxy first.",
        covers: ["D03"], cis: ["2.12"], attack: ["T1078"], cve: [],
        links: ["https://docs.docker.com/engine/extend/plugins_authorization/"],
    }

    DOCKER_GROUP = "KG-B126", Breakout, Medium, Live, "Members of the docker group are root" {
        wrong: "Accounts that are not root may command the engine.",
        why: "Each of them is root with one command and without a password, and so is whoever steals their session.",
        fix: "Take out whoever does not need it; give the others sudo, which asks and logs, or a rootless engine.",
        covers: ["D01"], cis: ["1.1.2"], attack: ["T1078.003", "T1548"], cve: [],
        links: ["https://docs.docker.com/engine/security/#docker-daemon-attack-surface"],
    }

    INSECURE_CONTEXT = "KG-B127", Breakout, Medium, Live, "A Docker context reaches an engine without checking it" {
        wrong: "A context of this user speaks to another engine over plain TCP, or without verifying its certificate.",
        why: "Whoever sits between gives every command, and the engine behind takes commands from anybody.",
        fix: "Use ssh:// or TLS with certificates of both sides.",
        covers: ["D08"], cis: [], attack: ["T1557"], cve: [],
        links: ["https://docs.docker.com/engine/manage-resources/contexts/"],
    }

    BUILD_ENTITLEMENT = "KG-B128", Breakout, Medium, Daemon, "Builds may ask for powers of the host" {
        wrong: "BuildKit grants builds an entitlement that takes them out of their sandbox.",
        why: "A Dockerfile, and whatever it pulls in, runs with the host's network or without confinement.",
        fix: "Take the entitlement out of BuildKit's configuration.",
        covers: ["D09"], cis: [], attack: ["T1611", "T1195.002"], cve: [],
        links: ["https://docs.docker.com/reference/cli/docker/buildx/build/#allow"],
    }

    SOCKET_OPEN = "KG-B130", Breakout, Critical, Live, "Everybody on this host may command the engine" {
        wrong: "The socket of the engine, or of containerd, can be written by every account.",
        why: "Every account and every hijacked service on this host is root with one command.",
        fix: "Give the socket back to root and its group, mode 660.",
        covers: ["D02"], cis: ["3.16", "3.24"], attack: ["T1548", "T1611"], cve: [],
        links: ["https://docs.docker.com/engine/security/#docker-daemon-attack-surface"],
    }

    KEY_READABLE = "KG-B131", Breakout, High, Live, "Every account can read the engine's TLS key" {
        wrong: "The private key of the engine's TLS port is readable by everybody on this host.",
        why: "Whoever reads it can pretend to be the engine and collect what clients send.",
        fix: "Make it readable by root alone, and replace the key.",
        covers: ["D02"], cis: ["3.14"], attack: ["T1552.004"], cve: [],
        links: ["https://docs.docker.com/engine/security/protect-access/"],
    }

    FILE_OWNER = "KG-B132", Breakout, Low, Live, "A file of the engine belongs to somebody else" {
        wrong: "A file, folder or socket that configures or commands the engine does not belong to root.",
        why: "Its owner decides what the engine does, and the engine is root.",
        fix: "Give it back to root.",
        covers: ["D02"],
        cis: ["3.1", "3.3", "3.5", "3.7", "3.9", "3.11", "3.13", "3.15", "3.17", "3.19", "3.22", "3.23"],
        attack: ["T1222.002"], cve: [],
        links: [],
    }

    FILE_MODE = "KG-B133", Breakout, Low, Live, "A file of the engine is more open than it needs to be" {
        wrong: "The permissions of a file or socket that configures or commands the engine are wider than needed.",
        why: "Who can write it decides what the engine does; who can read it learns how to reach it.",
        fix: "Take the surplus permissions away.",
        covers: ["D02"],
        cis: ["3.2", "3.4", "3.6", "3.8", "3.10", "3.12", "3.14", "3.16", "3.18", "3.20", "3.21", "3.24"],
        attack: ["T1222.002"], cve: [],
        links: [],
    }

    NOT_AUDITED = "KG-B134", Breakout, Info, Live, "The kernel does not log who touches the engine" {
        wrong: "Audit rules for the engine's programs, files or sockets are missing.",
        why: "After an incident nobody can say who started what, or who changed the configuration.",
        fix: "Add the watches to /etc/audit/rules.d/docker.rules and load them.",
        covers: [],
        cis: ["1.1.3", "1.1.4", "1.1.5", "1.1.6", "1.1.7", "1.1.8", "1.1.9", "1.1.10", "1.1.11", "1.1.12",
            "1.1.13", "1.1.14", "1.1.15", "1.1.16", "1.1.17", "1.1.18"],
        attack: ["T1562.012"], cve: [],
        links: ["https://man7.org/linux/man-pages/man8/auditctl.8.html"],
    }

    NO_OWN_PARTITION = "KG-B135", Breakout, Info, Reboot, "Images and containers share the root file system" {
        wrong: "The engine's folder lies on the same file system as the operating system.",
        why: "Images, volumes and logs that fill it stop the host, logins and logging included.",
        fix: "Put the engine's folder on a file system of its own, and bound logs and writable layers until then.",
        covers: ["X04"], cis: ["1.1.1"], attack: ["T1499"], cve: [],
        links: [],
    }

    NOT_UPDATED = "KG-B136", Breakout, Low, Upgrade, "This host has not been updated for months" {
        wrong: "The packages of this host were last brought up to date more than 90 days ago.",
        why: "Ways out of containers are published every month; the fixes are waiting.",
        fix: "Bring the packages up to date, or switch on unattended upgrades.",
        covers: [], cis: ["1.2.2"], attack: ["T1068"], cve: [],
        links: [],
    }

    ENGINE_END_OF_LIFE = "KG-B137", Breakout, Info, Upgrade, "This engine's release line gets no more fixes" {
        wrong: "The engine is of a release line that its makers no longer maintain.",
        why: "The next flaw in it stays open.",
        fix: "Move to a release line that is maintained.",
        covers: [], cis: ["1.2.2"], attack: ["T1068"], cve: [],
        links: ["https://docs.docker.com/engine/release-notes/"],
    }

    SWARM_UNUSED = "KG-B140", Breakout, Info, Live, "Swarm mode is on, and nothing uses it" {
        wrong: "This engine is a swarm of one node without services.",
        why: "Swarm mode opens ports for managing, gossip and overlay traffic that nobody here needs.",
        fix: "Leave the swarm.",
        covers: ["D08"], cis: ["5.1"], attack: ["T1133"], cve: [],
        links: ["https://docs.docker.com/engine/swarm/"],
    }

    SWARM_MANAGERS = "KG-B141", Breakout, Info, Live, "The swarm has an unlucky number of managers" {
        wrong: "An even number of managers survives no more losses than one fewer would; more than seven are slow.",
        why: "Every manager holds the keys of the whole swarm, so each one beyond the need is one more to break into.",
        fix: "Keep three, five or seven managers; demote the others.",
        covers: ["D08"], cis: ["7.1"], attack: [], cve: [],
        links: ["https://docs.docker.com/engine/swarm/admin_guide/"],
    }

    SWARM_ALL_INTERFACES = "KG-B142", Breakout, Low, Daemon, "Swarm's ports are open on every interface" {
        wrong: "The engine listens for swarm management or gossip on all addresses of this host.",
        why: "Machines that are no part of the swarm can talk to its managers and its network.",
        fix: "Join the swarm anew with --listen-addr on the internal interface, or close the ports in the firewall.",
        covers: ["D08"], cis: ["7.2"], attack: ["T1133"], cve: [],
        links: ["https://docs.docker.com/engine/swarm/swarm-tutorial/#open-protocols-and-ports-between-the-hosts"],
    }

    SWARM_PLAIN_OVERLAY = "KG-B143", Breakout, Low, Live, "An overlay network of the swarm is not encrypted" {
        wrong: "Traffic between the nodes of this network travels as plain VXLAN.",
        why: "Whoever sits on the way reads it, and whoever can send UDP to port 4789 puts packets into it.",
        fix: "Make the network anew with --opt encrypted.",
        covers: ["D08"], cis: ["7.3"], attack: ["T1040", "T1557"], cve: [],
        links: ["https://docs.docker.com/engine/network/drivers/overlay/#encrypt-traffic-on-an-overlay-network"],
    }

    SWARM_SECRET_IN_ENV = "KG-B144", Breakout, Low, Live, "A swarm service gets a secret through its environment" {
        wrong: "The service has a variable whose name says that it holds a secret, in place of a swarm secret.",
        why: "Whoever may inspect the service, or reads the environment of any of its processes, has it.",
        fix: "Make it a swarm secret and read it from /run/secrets.",
        covers: ["D08"], cis: ["7.4"], attack: ["T1552.007"], cve: [],
        links: ["https://docs.docker.com/engine/swarm/secrets/"],
    }

    SWARM_AUTOLOCK = "KG-B145", Breakout, Low, Live, "The swarm's managers are not locked" {
        wrong: "The keys that decrypt the swarm's log, secrets included, lie on the disk of every manager.",
        why: "A stolen disk or backup of one manager gives away every secret of the swarm.",
        fix: "Switch on auto-lock and keep the key somewhere else.",
        covers: ["D08"], cis: ["7.5"], attack: ["T1552.004"], cve: [],
        links: ["https://docs.docker.com/engine/swarm/swarm_manager_locking/"],
    }

    SWARM_CERTIFICATES = "KG-B146", Breakout, Info, Live, "The certificates of swarm nodes live longer than 90 days" {
        wrong: "Node certificates are renewed less often than by default.",
        why: "A stolen one stays good for longer.",
        fix: "Set the expiry back to 90 days or less.",
        covers: ["D08"], cis: ["7.7"], attack: ["T1552.004"], cve: [],
        links: ["https://docs.docker.com/reference/cli/docker/swarm/update/"],
    }
}
