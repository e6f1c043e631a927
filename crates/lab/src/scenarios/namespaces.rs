//! Namespaces and cgroups shared with the host or with another container.

use super::Scenario;

pub(super) const TABLE: &[Scenario] = &[
    Scenario::new("n01-host-pid", &["N01"], "--pid=host"),
    Scenario::new("n02-neighbour", &["N04"], "--ipc=shareable"),
    Scenario::new("n02-joins-pid", &["N02"], "--pid=container:n02-neighbour").needs("n02-neighbour"),
    Scenario::new("n02-joins-ipc", &["N02"], "--ipc=container:n02-neighbour").needs("n02-neighbour"),
    Scenario::new("n02-joins-network", &["N02"], "--network=container:n02-neighbour").needs("n02-neighbour"),
    Scenario::new("n03-host-network", &["N03"], "--network=host"),
    Scenario::new("n04-host-ipc", &["N04"], "--ipc=host"),
    Scenario::new("n05-host-uts", &["N05"], "--uts=host"),
    Scenario::new("n06-host-cgroup", &["N06"], "--cgroupns=host"),
    Scenario::new("n07-cgroup-parent", &["N07"], "--cgroup-parent=/{cgroup}/shared")
        .may_be_refused("engines that leave cgroups to systemd want a slice"),
];
