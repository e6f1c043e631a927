//! Versions: known vulnerabilities of the engine, its parts and the kernel. `KG-B200`–`KG-B249`.

table! {
    ENGINE_CVES = "KG-B200", Breakout, Medium, Upgrade, "Docker Engine has known vulnerabilities" {
        wrong: "The engine's version has vulnerabilities that are public and repaired in a later one.",
        why: "What an engine gets wrong is wrong for every container: filters are passed, files of the host are written.",
        fix: "Upgrade the engine.",
        covers: ["D04", "D10", "W06"], cis: ["1.2.2"], attack: ["T1611"], cve: [],
        links: ["https://docs.docker.com/engine/release-notes/"],
    }
    RUNC_CVES = "KG-B201", Breakout, High, Upgrade, "runc has known vulnerabilities" {
        wrong: "The version of runc, which starts every container, has vulnerabilities that are public and repaired later.",
        why: "A flaw of runc is a way out of every container, or out of every image that is started.",
        fix: "Upgrade runc.",
        covers: ["D11", "D13", "D14", "M16"], cis: ["1.2.2"], attack: ["T1611"], cve: [],
        links: ["https://github.com/opencontainers/runc/security/advisories"],
    }
    CONTAINERD_CVES = "KG-B202", Breakout, Medium, Upgrade, "containerd has known vulnerabilities" {
        wrong: "The version of containerd has vulnerabilities that are public and repaired in a later one.",
        why: "containerd runs as root and holds every container's processes and files.",
        fix: "Upgrade containerd.",
        covers: ["M04"], cis: ["1.2.2"], attack: ["T1611"], cve: [],
        links: ["https://github.com/containerd/containerd/security/advisories"],
    }
    BUILDKIT_CVES = "KG-B203", Breakout, Medium, Upgrade, "BuildKit has known vulnerabilities" {
        wrong: "The version of BuildKit has vulnerabilities that are public and repaired in a later one.",
        why: "Whoever writes a build's instructions reads, writes or deletes files of the host that builds.",
        fix: "Upgrade BuildKit.",
        covers: ["D09"], cis: ["1.2.2"], attack: ["T1611"], cve: [],
        links: ["https://github.com/moby/buildkit/security/advisories"],
    }
    NVIDIA_CVES = "KG-B204", Breakout, Critical, Upgrade, "NVIDIA container toolkit has known vulnerabilities" {
        wrong: "The version of the NVIDIA container toolkit has vulnerabilities that are public and repaired in a later one.",
        why: "Its hooks run as root on the host before each container with a GPU starts, and an image can lead them astray.",
        fix: "Upgrade the NVIDIA container toolkit.",
        covers: ["D12"], cis: ["1.2.2"], attack: ["T1611"], cve: [],
        links: ["https://github.com/NVIDIA/nvidia-container-toolkit/security/advisories"],
    }
    KERNEL_CVES = "KG-B210", Breakout, High, Reboot, "Kernel has known vulnerabilities that lead out of containers" {
        wrong: "The running kernel has vulnerabilities that are public, in code that this kernel really contains.",
        why: "Containers share the host's kernel: who takes over the kernel has left the container.",
        fix: "Upgrade the kernel and boot into it.",
        covers: ["R01", "R05", "R13", "R14"], cis: ["1.2.1"], attack: ["T1611", "T1068"], cve: [],
        links: ["https://docs.kernel.org/process/cve.html"],
    }
    IO_URING_ALLOWED = "KG-B211", Breakout, Low, Upgrade, "Containers may use io_uring" {
        wrong: "Docker's seccomp profile before version 25 lets containers use io_uring, and the kernel has it switched on.",
        why: "io_uring does I/O past seccomp filters, and was the way into the kernel of many exploits.",
        fix: "Upgrade the engine to 25 or later, or switch io_uring off for the machine.",
        covers: ["R06"], cis: ["1.2.2"], attack: ["T1068"], cve: [],
        links: ["https://github.com/moby/moby/pull/46762"],
    }
    ALG_SOCKETS_ALLOWED = "KG-B212", Breakout, Low, Upgrade, "Containers may use the kernel's crypto sockets" {
        wrong: "Docker's default profile before version 29.4.3 lets containers open sockets of family AF_ALG, and the kernel has them.",
        why: "Containers do not need them, and they were the way into the kernel of exploits that write to the page cache.",
        fix: "Upgrade the engine to 29.4.3 or later.",
        covers: ["R07"], cis: ["1.2.2"], attack: ["T1068"], cve: [],
        links: ["https://github.com/moby/moby/pull/52501"],
    }
}
