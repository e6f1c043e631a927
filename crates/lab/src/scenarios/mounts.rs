//! Folders, sockets and devices of the host.

use super::Scenario;

const ITSELF: &str = "started, it would hold the host's own folder writable, and a slip would harm the host";

pub(super) const TABLE: &[Scenario] = &[
    Scenario::new("m01-socket", &["M01"], "--volume={socket}:/var/run/docker.sock"),
    Scenario::new("m01-socket-read-only", &["M01"], "--volume={socket}:/var/run/docker.sock:ro"),
    Scenario::new("m01-socket-parent", &["M01"], "--volume={dir}:/run/engine"),
    Scenario::new("m01-socket-hard-link", &["M01"], "--volume={dir}/host/app:/app"),
    Scenario::new("m02-containerd", &["M02"], "--volume={dir}/c.sock:/run/containerd/containerd.sock"),
    Scenario::new("m02-system-bus", &["M02"], "--volume=/run/dbus/system_bus_socket:/run/dbus/system_bus_socket")
        .may_be_refused("not every machine runs a system bus"),
    Scenario::new("m05-root", &["M05"], "--volume=/:/host").never_started(ITSELF),
    Scenario::new("m05-root-read-only", &["M05"], "--volume=/:/host:ro"),
    Scenario::new("m06-etc", &["M06"], "--volume=/etc:/host/etc").never_started(ITSELF),
    Scenario::new("m06-link-to-etc", &["M06"], "--volume={dir}/host/configuration:/settings:ro"),
    Scenario::new("m07-root-home", &["M07"], "--volume=/root:/host/root").never_started(ITSELF),
    Scenario::new("m07-root-home-read-only", &["M07"], "--volume=/root:/host/root:ro"),
    Scenario::new("m08-proc", &["M08"], "--volume=/proc:/host/proc").never_started(ITSELF),
    Scenario::new("m09-sys", &["M09"], "--volume=/sys:/host/sys").never_started(ITSELF),
    Scenario::new("m10-dev", &["M10"], "--volume=/dev:/host/dev").never_started(ITSELF),
    Scenario::new("m10-disk", &["M10"], "--device={block}")
        .never_started("started, it could write to the host's disk")
        .may_be_refused("not every machine shows a disk"),
    Scenario::new("m10-kernel-log", &["M10"], "--device=/dev/kmsg").may_be_refused("not every machine has it"),
    Scenario::new("m11-data-root", &["M11"], "--volume={data}:/docker:ro"),
    Scenario::new("m12-logs", &["M12"], "--volume=/var/log:/logs").never_started(ITSELF),
    Scenario::new("m12-cron", &["M12"], "--volume=/var/spool/cron:/jobs")
        .never_started(ITSELF)
        .may_be_refused("not every machine has cron"),
    Scenario::new("m13-programs", &["M13"], "--volume=/usr:/host/usr").never_started(ITSELF),
    Scenario::new("m14-propagation", &["M14"], "--volume={dir}/host:/host:rshared")
        .never_started("mounts made in it would appear on the host"),
    Scenario::new("m15-writes", &["M15", "M16"], "--volume=m15-exchange:/data"),
    Scenario::new("m15-reads", &["M15", "M16"], "--volume=m15-exchange:/data --restart=on-failure:5"),
    Scenario::new("m15-volumes-from", &["M15"], "--volumes-from=m15-writes").needs("m15-writes"),
    Scenario::new("m06-volume-of-etc", &["M06"], "--volume=m06-looks-harmless:/data")
        .prepare("volume create --driver=local --opt=type=none --opt=o=bind --opt=device=/etc m06-looks-harmless")
        .never_started(ITSELF),
];
