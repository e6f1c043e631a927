//! A small firm's host. The shop's door to the internet, the tools that somebody once gave everything, and the ways
//! from the one to the other.

use super::{After, Scenario};
use crate::images::{CARELESS, PLAIN, SSHD};

pub(super) const TABLE: &[Scenario] = &[
    // The door: on every address, in the network that all share.
    Scenario::new("proxy", &["W01", "W03"], "--publish=80:8080 --volume=shop-uploads:/data")
        .command("httpd -f -p 8080 -h /www"),
    // A console for the engine, reachable from outside as well.
    Scenario::new("dashboard", &["M01", "W03"], "--publish=9000:8080 --volume={socket}:/var/run/docker.sock")
        .command("httpd -f -p 8080 -h /www"),
    Scenario::new("shop", &["M15"], "--volume=shop-uploads:/data --restart=always").image(CARELESS),
    // Starts what it finds in the uploads, with the host's folders at hand.
    Scenario::new("importer", &["M05", "M15"], "--volume=shop-uploads:/data:ro --volume=/:/host:ro"),
    Scenario::new("builder", &["C01"], "--privileged"),
    Scenario::new(
        "monitoring",
        &["C04", "N01", "N03"],
        "--pid=host --network=host --cap-add=SYS_PTRACE --security-opt=seccomp=unconfined",
    ),
    Scenario::new("backup", &["M11", "C06"], "--volume={data}:/docker:ro --cap-add=DAC_READ_SEARCH").image(PLAIN),
    Scenario::new("vpn", &["C10", "C03"], "--cap-add=NET_ADMIN --cap-add=SYS_ADMIN --publish=1194:1194/udp"),
    Scenario::new("jump-host", &["W03"], "--publish=2222:22").image(SSHD).after(After::Exec("sleep 86400")),
    Scenario::new("reports", &["X01", "X02", "X09"], "--oom-kill-disable --memory-swap=-1 --memory=1g --pids-limit=-1")
        .may_be_refused("cgroups of version 2 cannot forbid the kill"),
];
