//! One container's own configuration, and what the kernel says of it: capabilities, namespaces, security options, devices,
//! networks. `KG-B003`–`KG-B069`.

table! {
    PRIVILEGED = "KG-B003", Breakout, Critical, Recreate, "Container runs privileged" {
        wrong: "The container has every capability, every device of the host, and neither seccomp nor AppArmor.",
        why: "Root in a privileged container is root on the host: it mounts the host's disk or loads a kernel module.",
        fix: "Run it without --privileged and add only the capabilities and devices it needs.",
        covers: ["C01", "R04"], cis: ["5.5"], attack: ["T1611"], cve: [],
        links: ["https://docs.docker.com/engine/containers/run/#runtime-privilege-and-linux-capabilities"],
    }

    CAP_ALL = "KG-B004", Breakout, Critical, Recreate, "Container has every capability" {
        wrong: "`--cap-add ALL` gives the container each capability there is, less those dropped by name.",
        why: "Among them are several that each end in root on the host, such as SYS_ADMIN, SYS_MODULE and DAC_READ_SEARCH.",
        fix: "Add only the capabilities that the program needs, by name.",
        covers: ["C03", "C05", "C06", "R04"], cis: ["5.4"], attack: ["T1611"], cve: [],
        links: ["https://docs.docker.com/engine/containers/run/#runtime-privilege-and-linux-capabilities"],
    }

    CAP_SYS_ADMIN = "KG-B005", Breakout, Critical, Recreate, "Container has the capability SYS_ADMIN" {
        wrong: "SYS_ADMIN lets the container mount filesystems, enter namespaces and change its own cgroup.",
        why: "A mounted cgroup hierarchy, a device that the cgroup no longer refuses or another namespace leads to root on the host.",
        fix: "Run it without SYS_ADMIN; a narrower capability or a prepared mount does the job in nearly every case.",
        covers: ["C03", "R01", "R03", "R04"], cis: ["5.4"], attack: ["T1611"], cve: [],
        links: ["https://man7.org/linux/man-pages/man7/capabilities.7.html"],
    }

    CAP_SYS_MODULE = "KG-B006", Breakout, Critical, Recreate, "Container has the capability SYS_MODULE" {
        wrong: "SYS_MODULE lets the container load modules into the kernel that all containers and the host share.",
        why: "A module runs with the rights of the kernel itself.",
        fix: "Load the module on the host at start-up and run the container without SYS_MODULE.",
        covers: ["C05"], cis: ["5.4"], attack: ["T1611", "T1547.006"], cve: [],
        links: ["https://man7.org/linux/man-pages/man7/capabilities.7.html"],
    }

    CAP_SYS_PTRACE = "KG-B007", Breakout, Medium, Recreate, "Container has the capability SYS_PTRACE" {
        wrong: "SYS_PTRACE lets the container read and change the memory of every process it can see.",
        why: "Together with the host's processes it is code in a process of root; alone it opens the other processes of the container.",
        fix: "Run it without SYS_PTRACE, or at least without the host's process namespace.",
        covers: ["C04", "R09"], cis: ["5.4"], attack: ["T1611", "T1055.008"], cve: [],
        links: ["https://man7.org/linux/man-pages/man7/capabilities.7.html"],
    }

    CAP_DAC_READ_SEARCH = "KG-B008", Breakout, Critical, Recreate, "Container has the capability DAC_READ_SEARCH" {
        wrong: "DAC_READ_SEARCH lets the container open any file of a filesystem by its handle, mounted or not.",
        why: "Every container has files of the host's filesystem mounted (/etc/hosts), so it reads the host's password hashes and keys.",
        fix: "Run it without DAC_READ_SEARCH.",
        covers: ["C06"], cis: ["5.4"], attack: ["T1611"], cve: [],
        links: ["https://man7.org/linux/man-pages/man7/capabilities.7.html"],
    }

    CAP_SYS_RAWIO = "KG-B009", Breakout, High, Recreate, "Container has the capability SYS_RAWIO" {
        wrong: "SYS_RAWIO gives the container the machine's input and output ports and raw memory devices.",
        why: "Whoever speaks to the hardware directly stands below the kernel that is meant to confine them.",
        fix: "Run it without SYS_RAWIO.",
        covers: ["C08"], cis: ["5.4"], attack: ["T1611"], cve: [],
        links: ["https://man7.org/linux/man-pages/man7/capabilities.7.html"],
    }

    CAP_NET_ADMIN = "KG-B010", Breakout, Medium, Recreate, "Container has the capability NET_ADMIN" {
        wrong: "NET_ADMIN lets the container change addresses, routes and firewall rules of its network namespace.",
        why: "It can pose as its neighbours, and it opens parts of the kernel (nftables, traffic control) in which flaws are found each year.",
        fix: "Run it without NET_ADMIN; a VPN or a proxy seldom needs it after its start.",
        covers: ["C10"], cis: ["5.4"], attack: ["T1557"], cve: [],
        links: ["https://man7.org/linux/man-pages/man7/capabilities.7.html"],
    }

    CAP_BPF = "KG-B011", Breakout, High, Recreate, "Container has the capability BPF or PERFMON" {
        wrong: "BPF and PERFMON let the container load programs into the kernel and watch what it does.",
        why: "Such programs read the memory of the kernel and of every process on the host, keys included.",
        fix: "Run it without BPF and PERFMON, or run the sensor that needs them on the host.",
        covers: ["C16"], cis: ["5.4"], attack: ["T1611", "T1014"], cve: [],
        links: ["https://man7.org/linux/man-pages/man7/capabilities.7.html"],
    }

    CAP_SYSLOG = "KG-B012", Breakout, Low, Recreate, "Container has the capability SYSLOG" {
        wrong: "SYSLOG lets the container read the kernel's log and the addresses of its functions.",
        why: "The addresses are what an exploit of the kernel looks for first.",
        fix: "Run it without SYSLOG.",
        covers: ["C17"], cis: ["5.4"], attack: ["T1082"], cve: [],
        links: ["https://man7.org/linux/man-pages/man7/capabilities.7.html"],
    }

    CAP_OTHER = "KG-B013", Breakout, Medium, Recreate, "Container has a capability beyond Docker's default set" {
        wrong: "The container was given a capability that acts on more than the container.",
        why: "Each such capability is a switch of the whole machine: its clock, its scheduler, its audit trail, its security modules.",
        fix: "Run it without this capability.",
        covers: ["C18", "X10"], cis: ["5.4"], attack: ["T1548"], cve: [],
        links: ["https://man7.org/linux/man-pages/man7/capabilities.7.html"],
    }

    CAP_DEFAULT = "KG-B014", Breakout, Low, Recreate, "Container keeps the default capabilities" {
        wrong: "The container has the capabilities that Docker gives to everybody, among them raw sockets, device nodes and changes of owner and user.",
        why: "Few programs need any of them, and each has been a step in a known breakout: NET_RAW alone spoofs its neighbours' addresses.",
        fix: "Drop all capabilities and add back the few that the program needs.",
        covers: ["C11", "C12", "C13", "C14", "C15"], cis: ["5.4"], attack: ["T1557.002", "T1548"], cve: ["CVE-2020-14386"],
        links: ["https://docs.docker.com/engine/containers/run/#runtime-privilege-and-linux-capabilities"],
    }

    CAP_DAC_OVERRIDE = "KG-B015", Breakout, Info, Recreate, "Container writes to a host folder whatever its permissions" {
        wrong: "The container keeps DAC_OVERRIDE and has a folder of the host mounted for writing.",
        why: "Permissions of the files in that folder do not hold against its root: it changes what belongs to other users of the host.",
        fix: "Drop DAC_OVERRIDE, mount the folder read-only, or run the container as the user that owns the files.",
        covers: ["C07"], cis: ["5.4"], attack: ["T1222.002"], cve: [],
        links: ["https://man7.org/linux/man-pages/man7/capabilities.7.html"],
    }

    SECCOMP_UNCONFINED = "KG-B020", Breakout, Medium, Recreate, "Container runs without seccomp" {
        wrong: "No filter stands between the container and the system calls of the kernel.",
        why: "Calls that no ordinary program makes (keyctl, userfaultfd, bpf, new user namespaces) are where kernel exploits begin.",
        fix: "Run it with Docker's default profile, or with one made from what it really calls.",
        covers: ["C19", "R05", "R06", "R07"], cis: ["5.22"], attack: ["T1611", "T1068"], cve: [],
        links: ["https://docs.docker.com/engine/security/seccomp/"],
    }

    SECCOMP_PERMISSIVE = "KG-B021", Breakout, Medium, Recreate, "Container's seccomp profile allows dangerous system calls" {
        wrong: "The container has a seccomp profile of its own, and it allows calls that Docker's default profile denies.",
        why: "A profile that lets everything through but a few calls looks like a protection and is none.",
        fix: "Deny by default, and take the calls named here out of the profile, or go back to Docker's default.",
        covers: ["C19", "R05", "R06"], cis: ["5.22"], attack: ["T1611", "T1068"], cve: [],
        links: ["https://docs.docker.com/engine/security/seccomp/"],
    }

    APPARMOR_UNCONFINED = "KG-B022", Breakout, Medium, Recreate, "Container opted out of AppArmor" {
        wrong: "The host runs AppArmor, and this container was started with `apparmor=unconfined`.",
        why: "Docker's profile denies mounts and writes to the kernel's switches; without it other weaknesses reach further.",
        fix: "Run it with the profile docker-default, or with one of its own.",
        covers: ["C20"], cis: ["5.2"], attack: ["T1562.001"], cve: [],
        links: ["https://docs.docker.com/engine/security/apparmor/"],
    }

    NO_SECURITY_MODULE = "KG-B023", Breakout, Low, Reboot, "No security module confines the containers of this host" {
        wrong: "The engine applies neither AppArmor nor SELinux to any container.",
        why: "When another layer fails, nothing denies mounts and writes to the kernel's switches.",
        fix: "Install AppArmor (or SELinux, where the distribution uses it) and start the engine anew.",
        covers: ["C20"], cis: ["5.2"], attack: ["T1562.001"], cve: [],
        links: ["https://docs.docker.com/engine/security/apparmor/"],
    }

    SELINUX_DISABLED = "KG-B024", Breakout, Medium, Recreate, "Container opted out of SELinux" {
        wrong: "The host runs SELinux, and this container was started without its confinement.",
        why: "SELinux is what keeps a process that left its container away from the files of the host.",
        fix: "Run it without `label=disable`; relabel its volumes with `:z` or `:Z` where it needs them.",
        covers: ["C21"], cis: ["5.3"], attack: ["T1562.001"], cve: [],
        links: [],
    }

    SYSTEM_PATHS = "KG-B025", Breakout, High, Recreate, "Container sees the kernel's hidden paths" {
        wrong: "Paths in /proc and /sys that Docker hides or write-protects are open in this container.",
        why: "Through /proc/sys root sets the program that the kernel runs when a process crashes; /proc/kcore holds the memory of the kernel.",
        fix: "Run it without `systempaths=unconfined`.",
        covers: ["C22", "R02"], cis: ["5.4"], attack: ["T1611"], cve: [],
        links: [],
    }

    NEW_PRIVILEGES = "KG-B026", Breakout, Low, Recreate, "Container's processes can gain privileges" {
        wrong: "`no-new-privileges` is not set: a setuid program in the image makes its caller root.",
        why: "Whoever takes over a service that runs as an ordinary user has this way to root inside the container.",
        fix: "Run it with `--security-opt no-new-privileges`.",
        covers: ["C23", "R10"], cis: ["5.26"], attack: ["T1548.001"], cve: [],
        links: [],
    }

    ROOT_USER = "KG-B027", Breakout, Low, Recreate, "Container runs as root" {
        wrong: "Its first process runs with uid 0, and that is uid 0 of the host too.",
        why: "Each way out of a container starts better as root, and files in mounted folders belong to the host's root.",
        fix: "Run it as an ordinary user (`--user`, or `USER` in the Dockerfile), or map its root with `userns-remap`.",
        covers: ["C24"], cis: ["4.1"], attack: ["T1078.003"], cve: [],
        links: [],
    }

    USERNS_HOST = "KG-B028", Breakout, Medium, Recreate, "Container shares the host's user namespace" {
        wrong: "The container was started with `--userns=host`.",
        why: "Where the engine maps root of containers to an ordinary user, this container's root is the real one.",
        fix: "Run it without `--userns=host`.",
        covers: ["C25"], cis: ["5.31"], attack: ["T1611"], cve: [],
        links: [],
    }

    PID_HOST = "KG-B030", Breakout, High, Recreate, "Container shares the host's processes" {
        wrong: "The container sees all processes of the host.",
        why: "It reads their command lines and environment, ends them, and enters those of users it can become.",
        fix: "Run it without `--pid=host`.",
        covers: ["N01", "R03"], cis: ["5.16"], attack: ["T1611", "T1057"], cve: [],
        links: [],
    }

    PID_SHARED = "KG-B031", Breakout, Medium, Recreate, "Container shares another container's processes" {
        wrong: "The container was started in the process namespace of another container.",
        why: "Whoever is in one of them reads and ends the processes of the other, and reaches its files through /proc.",
        fix: "Give it a process namespace of its own.",
        covers: ["N02"], cis: ["5.16"], attack: ["T1057", "T1021"], cve: [],
        links: [],
    }

    NET_HOST = "KG-B032", Breakout, Medium, Recreate, "Container shares the host's network" {
        wrong: "The container has the network interfaces of the host, its loopback address and its abstract sockets.",
        why: "It talks to services that listen only for the host itself, and whatever it listens on is open to the network.",
        fix: "Give it a network of its own and publish the ports it needs.",
        covers: ["N03", "M04"], cis: ["5.10"], attack: ["T1611", "T1046"], cve: ["CVE-2020-15257"],
        links: [],
    }

    NET_SHARED = "KG-B033", Breakout, Medium, Recreate, "Container shares another container's network" {
        wrong: "The container was started in the network namespace of another container.",
        why: "Whoever is in one of them talks to what the other offers on its loopback address, and answers in its place.",
        fix: "Put both on a network of their own in place of `--network container:`.",
        covers: ["N02"], cis: [], attack: ["T1557", "T1021"], cve: [],
        links: [],
    }

    IPC_HOST = "KG-B034", Breakout, Medium, Recreate, "Container shares the host's shared memory" {
        wrong: "The container has the IPC namespace of the host, /dev/shm included.",
        why: "It reads and changes the shared memory of databases and other services of the host.",
        fix: "Run it without `--ipc=host`.",
        covers: ["N04"], cis: ["5.17"], attack: ["T1611", "T1559"], cve: [],
        links: [],
    }

    IPC_SHARED = "KG-B035", Breakout, Medium, Recreate, "Container shares another container's shared memory" {
        wrong: "The container was started in the IPC namespace of another container.",
        why: "Whoever is in one of them reads and changes the shared memory of the other.",
        fix: "Give it an IPC namespace of its own.",
        covers: ["N02", "N04"], cis: ["5.17"], attack: ["T1559"], cve: [],
        links: [],
    }

    IPC_SHAREABLE = "KG-B036", Breakout, Info, Recreate, "Container offers its shared memory to others" {
        wrong: "Its IPC namespace is `shareable`: any other container can be started in it.",
        why: "Nothing is open until somebody uses it, but nothing shows when they do.",
        fix: "Run it with `--ipc=private`.",
        covers: ["N04"], cis: [], attack: ["T1559"], cve: [],
        links: [],
    }

    UTS_HOST = "KG-B037", Breakout, Low, Recreate, "Container shares the host's name" {
        wrong: "The container has the UTS namespace of the host.",
        why: "With SYS_ADMIN it renames the host, and what logs or licences go by changes with it.",
        fix: "Run it without `--uts=host`.",
        covers: ["N05"], cis: ["5.21"], attack: ["T1036"], cve: [],
        links: [],
    }

    CGROUPNS_HOST = "KG-B038", Breakout, Low, Recreate, "Container sees the host's cgroups" {
        wrong: "The container has the cgroup namespace of the host.",
        why: "It sees which other containers run, and a cgroup hierarchy that it can write is the whole host's.",
        fix: "Run it with `--cgroupns=private`.",
        covers: ["N06"], cis: [], attack: ["T1611", "T1613"], cve: [],
        links: [],
    }

    CGROUP_PARENT = "KG-B039", Breakout, Info, Recreate, "Container runs under an unusual cgroup" {
        wrong: "`--cgroup-parent` puts the container under a cgroup other than the engine's own.",
        why: "The bounds of that group hold for it in place of those that were meant for containers.",
        fix: "Run it without `--cgroup-parent`, unless that group's bounds are meant for it.",
        covers: ["N07"], cis: ["5.25"], attack: ["T1499"], cve: [],
        links: [],
    }

    DEVICE = "KG-B040", Breakout, Medium, Recreate, "Container has a device of the host" {
        wrong: "A device file of the host is open to the container.",
        why: "What the device can do, the container can: a disk holds the host's files, a memory device the kernel itself.",
        fix: "Run it without `--device`, or with the narrowest device and permissions that do.",
        covers: ["M10", "R04"], cis: ["5.18"], attack: ["T1611", "T1006"], cve: [],
        links: [],
    }

    DEVICE_CGROUP_RULE = "KG-B041", Breakout, High, Recreate, "Container may use whole classes of devices" {
        wrong: "A device cgroup rule opens every device of a kind to the container, whether it is there at its start or not.",
        why: "With MKNOD, which Docker gives to everybody, root makes the node of the host's disk and opens it.",
        fix: "Run it without `--device-cgroup-rule`, or name major and minor number; drop MKNOD.",
        covers: ["C09", "M10"], cis: ["5.18"], attack: ["T1611", "T1006"], cve: [],
        links: [],
    }

    DEVICE_REQUEST = "KG-B042", Breakout, Low, Recreate, "Container has accelerators of the host" {
        wrong: "The container was given GPUs or other devices by a device request.",
        why: "Their drivers are large pieces of the host's kernel, and their memory is shared with whoever else uses them.",
        fix: "Give it only the devices and the driver capabilities it needs.",
        covers: ["M10"], cis: ["5.18"], attack: ["T1611"], cve: [],
        links: [],
    }

    ICC = "KG-B045", Breakout, Low, Daemon, "Containers on the default bridge reach each other" {
        wrong: "Every container on the default bridge talks to every other on it, on every port.",
        why: "Whoever takes over one of them goes on to the others.",
        fix: "Put each application on a network of its own, and set `icc` to false in daemon.json.",
        covers: ["W01"], cis: ["2.2"], attack: ["T1021", "T1046"], cve: [],
        links: [],
    }

    METADATA = "KG-B046", Breakout, Medium, Live, "Containers reach the cloud's metadata service" {
        wrong: "Nothing keeps containers from the address at which this machine gets its cloud identity.",
        why: "Whoever runs code in a container asks for the machine's credentials and acts as the machine in the cloud account.",
        fix: "Drop the metadata addresses in the chain DOCKER-USER, and demand session tokens with a hop limit of 1.",
        covers: ["W02"], cis: [], attack: ["T1552.005"], cve: [],
        links: ["https://docs.docker.com/engine/network/packet-filtering-firewalls/"],
    }

    PORT_EVERYWHERE = "KG-B047", Breakout, Low, Recreate, "Port is published on every interface" {
        wrong: "The port is open on each address of the host, and Docker's own rules let it past the host's firewall.",
        why: "Whoever reaches the host reaches the service, also where ufw or firewalld seem to close the port.",
        fix: "Publish it on the one address that needs it, 127.0.0.1 behind a proxy.",
        covers: ["W03"], cis: ["5.14"], attack: ["T1190", "T1133"], cve: [],
        links: [],
    }

    PORT_PRIVILEGED = "KG-B048", Breakout, Info, Recreate, "Container answers on a privileged port of the host" {
        wrong: "A port below 1024 of the host leads into the container.",
        why: "Clients take what answers on such a port for a service of the host itself.",
        fix: "Publish it on a port from 1024 up, behind a proxy that owns the privileged one.",
        covers: ["W03"], cis: ["5.8"], attack: ["T1036"], cve: [],
        links: [],
    }

    PORTS_UNNEEDED = "KG-B049", Breakout, Low, Recreate, "Container publishes ports that were not asked for by name" {
        wrong: "Ports are published that nobody chose: all that the image exposes, or one that the image does not know.",
        why: "A new version of the image opens new ports to the network without anybody deciding it.",
        fix: "Publish each port that is needed by its number.",
        covers: ["W03"], cis: ["5.9"], attack: ["T1133"], cve: [],
        links: [],
    }

    HOST_SERVICES = "KG-B050", Breakout, Low, Live, "Containers reach services of the host" {
        wrong: "Services of the host listen on addresses that containers can reach over their bridge.",
        why: "What is hidden from the network by the host's outer firewall is open from inside every container.",
        fix: "Bind the services to other addresses, or drop new connections from the bridges in the chain INPUT.",
        covers: ["W04"], cis: [], attack: ["T1046", "T1021"], cve: [],
        links: [],
    }

    SYSCTL = "KG-B051", Breakout, Low, Recreate, "Container changes kernel parameters" {
        wrong: "The container was started with kernel parameters that open something which is closed by default.",
        why: "They route packets to places that trust them, or change parts of the kernel that are shared.",
        fix: "Run it without these `--sysctl` options.",
        covers: ["W05"], cis: [], attack: ["T1562"], cve: [],
        links: [],
    }

    LAYER_2 = "KG-B052", Breakout, Low, Live, "Container stands on the host's physical network" {
        wrong: "The container is on a macvlan or ipvlan network: neighbours of the host see it as a machine of its own.",
        why: "No rule of the host's firewall and no published port stands between it and the network.",
        fix: "Put it on a bridge network and publish what it needs.",
        covers: ["W07"], cis: [], attack: ["T1557", "T1133"], cve: [],
        links: [],
    }

    DEFAULT_BRIDGE = "KG-B053", Breakout, Info, Live, "Container is on the default bridge" {
        wrong: "The container was started without a network of its own.",
        why: "All containers started so share one network, whatever they belong to.",
        fix: "Make a network for the application and connect the container to it.",
        covers: ["W01"], cis: ["5.30"], attack: ["T1021"], cve: [],
        links: [],
    }

    WRITABLE_ROOT = "KG-B055", Breakout, Info, Recreate, "Container can change its own programs" {
        wrong: "The root filesystem of the container can be written.",
        why: "Whoever breaks in replaces programs and keeps tools there.",
        fix: "Run it with `--read-only`, and with a tmpfs for each folder that it writes to.",
        covers: ["R08"], cis: ["5.13"], attack: ["T1554"], cve: [],
        links: [],
    }

    NO_HEALTH_CHECK = "KG-B056", Breakout, Info, Recreate, "Container has no health check" {
        wrong: "Neither the image nor the container says how to tell that the service works.",
        why: "A service that hangs, or was replaced, still counts as running.",
        fix: "Give it a health check that asks the service itself.",
        covers: [], cis: ["5.27"], attack: ["T1499"], cve: [],
        links: [],
    }

    SSHD = "KG-B057", Breakout, Low, Recreate, "Container runs an SSH server" {
        wrong: "An SSH server is a second way in beside the engine's own.",
        why: "It brings accounts, keys and logs of its own that nobody looks after.",
        fix: "Take it out of the image and use `docker exec`.",
        covers: [], cis: ["5.7"], attack: ["T1021.004"], cve: [],
        links: [],
    }

    EXEC_PRIVILEGED = "KG-B058", Breakout, High, Live, "Privileged session in a container" {
        wrong: "Somebody used `docker exec --privileged`: the session has every capability, whatever the container was given.",
        why: "While it lasts, whoever controls what it runs is root on the host.",
        fix: "End the session; work on the host itself, or in a container made for the task.",
        covers: ["C02"], cis: ["5.23"], attack: ["T1609", "T1611"], cve: [],
        links: [],
    }

    EXEC_ROOT = "KG-B059", Breakout, Info, Live, "Session as root in a container that runs as an ordinary user" {
        wrong: "Somebody used `docker exec --user root` in a container whose own user is not root.",
        why: "Files it leaves behind belong to root, and a program that it starts has more rights than the service.",
        fix: "Use `docker exec` without `--user root`.",
        covers: ["C02"], cis: ["5.24"], attack: ["T1609"], cve: [],
        links: [],
    }

    TRUTH_CAPABILITIES = "KG-B060", Breakout, High, Live, "Process has capabilities that the engine did not give" {
        wrong: "The kernel says that a process of the container holds capabilities beyond those in its configuration.",
        why: "Either it was started around the engine (another runtime, a privileged session) or somebody raised its rights.",
        fix: "Find out how it was started, then make the container anew.",
        covers: ["C03", "R13"], cis: ["5.4"], attack: ["T1611", "T1548"], cve: [],
        links: [],
    }

    TRUTH_SECCOMP = "KG-B061", Breakout, High, Live, "Process has no seccomp filter although one was promised" {
        wrong: "The kernel says that the container's first process runs without a filter; its configuration has one.",
        why: "What is counted as protected is not.",
        fix: "Make the container anew; if it stays so, look at the runtime.",
        covers: ["C19"], cis: ["5.22"], attack: ["T1562.001"], cve: [],
        links: [],
    }

    TRUTH_NEW_PRIVILEGES = "KG-B062", Breakout, Medium, Live, "Process can gain privileges although that was forbidden" {
        wrong: "The kernel says that no-new-privileges is off in the container's first process; its configuration sets it.",
        why: "What is counted as protected is not.",
        fix: "Make the container anew; if it stays so, look at the runtime.",
        covers: ["C23"], cis: ["5.26"], attack: ["T1562.001"], cve: [],
        links: [],
    }

    TRUTH_NAMESPACE = "KG-B063", Breakout, Critical, Live, "Container shares a namespace of the host that the engine calls private" {
        wrong: "The kernel says that the container's first process is in a namespace of the host; its configuration says private.",
        why: "The wall that the configuration promises is not there.",
        fix: "Stop the container, find out how it was started, then make it anew.",
        covers: ["R12", "N01", "N03", "N04", "N05", "N06"], cis: [], attack: ["T1611"], cve: [],
        links: [],
    }

    TRUTH_USERNS = "KG-B064", Breakout, High, Live, "Container's root is the host's although it should be mapped" {
        wrong: "The engine maps users of containers, but the kernel says that uid 0 of this container is uid 0 outside.",
        why: "What is counted as an ordinary user is root.",
        fix: "Make the container anew; containers made before `userns-remap` was set keep the old mapping.",
        covers: ["C25", "R12", "R13"], cis: ["2.9"], attack: ["T1611"], cve: [],
        links: [],
    }

    TRUTH_APPARMOR = "KG-B065", Breakout, High, Live, "Process is not confined by AppArmor although a profile was promised" {
        wrong: "The kernel says `unconfined`; the engine names a profile.",
        why: "What is counted as protected is not.",
        fix: "Load the profile again (`systemctl reload apparmor`) and make the container anew.",
        covers: ["C20"], cis: ["5.2"], attack: ["T1562.001"], cve: [],
        links: [],
    }

    TRUTH_ESCAPED = "KG-B066", Breakout, Critical, Live, "Process of the container is in the host's namespaces" {
        wrong: "A process that the kernel counts to the container has the mounts, processes or users of the host.",
        why: "Nothing but an escape, or somebody who entered on purpose, puts a process there.",
        fix: "Pause the container, look at the process, and treat the host as broken into until it is explained.",
        covers: ["R12", "R13"], cis: [], attack: ["T1611"], cve: [],
        links: [],
    }

    TRUTH_MOUNT = "KG-B067", Breakout, Medium, Live, "Container has a mount that the engine does not know" {
        wrong: "The kernel shows a filesystem in the container that is in none of its settings.",
        why: "It was brought in around the engine, so no review of the configuration shows it.",
        fix: "Find out who mounted it, then make the container anew.",
        covers: ["R04", "R12"], cis: [], attack: ["T1611"], cve: [],
        links: [],
    }
}
