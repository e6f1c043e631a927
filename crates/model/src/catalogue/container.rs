//! One container's own configuration: capabilities, namespaces, security options. `KG-B001`–`KG-B069`.

table! {
    PRIVILEGED = "KG-B003", Breakout, Critical, Recreate, "Container runs privileged" {
        wrong: "The container has every capability, every device of the host, and neither seccomp nor AppArmor.",
        why: "Root in a privileged container is root on the host: it mounts the host's disk or loads a kernel module.",
        fix: "Run it without --privileged and add only the capabilities and devices it needs.",
        covers: ["C01"], cis: ["5.5"], attack: ["T1611"], cve: [],
        links: ["https://docs.docker.com/engine/containers/run/#runtime-privilege-and-linux-capabilities"],
    }
}
