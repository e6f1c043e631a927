//! A crowded host: containers as careless as they are found in the field, each like those that the lab makes many of.

use keelguard_host::facts::Container;
use keelguard_host::{Facts, sample};

/// So many containers of five kinds in turn: as `docker run` makes them, bounded, published, with the engine's socket,
/// with capabilities and a folder of the host.
pub(crate) fn facts(containers: usize) -> Facts {
    let host = sample::host()
        .path("/var/run/docker.sock", "/run/docker.sock", "socket")
        .path("/etc", "/etc", "dir")
        .sensitive("/etc", "dir");
    let add = |host: sample::Sample, at: usize| host.container(&format!("many-{at:04}"), |c| weaken(at, c));
    (0..containers).fold(host, add).facts()
}

fn weaken(at: usize, container: &mut Container) {
    container.config.env = vec!["PATH=/usr/sbin:/usr/bin:/sbin:/bin".into()];
    container.config.cmd = vec!["sleep".into(), "86400".into()];
    container.config.hostname = container.id.chars().take(12).collect();
    let masked =
        ["asound", "acpi", "kcore", "keys", "latency_stats", "timer_list", "timer_stats", "sched_debug", "scsi"];
    let read_only = ["bus", "fs", "irq", "sys", "sysrq-trigger"];
    let proc = |names: &[&str]| Some(names.iter().map(|name| format!("/proc/{name}")).collect());
    let options = &mut container.host_config;
    options.masked_paths = proc(&masked);
    options.readonly_paths = proc(&read_only);
    match at % 5 {
        0 => {}
        1 => {
            options.memory = 64 << 20;
            options.memory_swap = 128 << 20;
            options.nano_cpus = 500_000_000;
            options.pids_limit = Some(50);
            options.readonly_rootfs = true;
            options.cap_drop = vec!["ALL".into()];
            container.config.user = "1000".into();
        }
        2 => {
            container.publish("0.0.0.0", 8080, 8080);
            container.config.env.push("MODE=live".into());
        }
        3 => container.bind("/var/run/docker.sock", "/var/run/docker.sock"),
        _ => {
            options.cap_add = vec!["SYS_ADMIN".into(), "NET_ADMIN".into()];
            container.bind_ro("/etc", "/host/etc");
        }
    }
}
