//! Networks and published ports. All of them are in the lab's own network namespace.

use super::Scenario;

pub(super) const TABLE: &[Scenario] = &[
    Scenario::new("w01-shared-bridge", &["W01"], ""),
    Scenario::new("w03-published", &["W03"], "--publish=8081:8080").command("httpd -f -p 8080 -h /www"),
    Scenario::new("w03-all-exposed", &["W03"], "--expose=8080 --publish-all"),
    Scenario::new(
        "w05-sysctls",
        &["W05"],
        "--sysctl=net.ipv4.conf.all.route_localnet=1 --sysctl=net.ipv4.ip_forward=1",
    ),
    Scenario::new("w07-macvlan", &["W07"], "--network=w07-macvlan")
        .prepare("network create --driver=macvlan w07-macvlan")
        .may_be_refused("not every kernel has macvlan"),
    Scenario::new("w07-ipvlan", &["W07"], "--network=w07-ipvlan")
        .prepare("network create --driver=ipvlan w07-ipvlan")
        .may_be_refused("not every kernel has ipvlan"),
];
