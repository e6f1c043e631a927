//! How long judging a host takes, for a small host and for a crowded one, with weaknesses as they are found in the
//! field. The ratio of the two is to be that of the containers: rules look at each container once.

use divan::counter::ItemsCount;
use keelguard_audit::judge;
use keelguard_host::facts::Container;
use keelguard_host::{Facts, sample};

fn main() {
    divan::main();
}

/// What one container in six has: nothing bounded, privileged, the engine's socket, a published port, a capability, or
/// everything as it should be.
fn weaken(index: usize, container: &mut Container) {
    let config = &mut container.host_config;
    match index % 6 {
        0 => config.privileged = true,
        1 => container.bind("/var/run/docker.sock", "/var/run/docker.sock"),
        2 => container.publish("0.0.0.0", 8080, 80),
        3 => config.cap_add.push("SYS_ADMIN".into()),
        4 => {
            config.network_mode = "host".into();
            config.pid_mode = "host".into();
            config.restart_policy.name = "always".into();
        }
        _ => {
            config.memory = 512 << 20;
            config.memory_swap = 512 << 20;
            config.pids_limit = Some(256);
            config.nano_cpus = 1_000_000_000;
            config.readonly_rootfs = true;
            config.log_config.config.insert("max-size".into(), "10m".into());
        }
    }
}

fn facts(containers: usize) -> Facts {
    let host = sample::host().path("/var/run/docker.sock", "/run/docker.sock", "socket");
    (0..containers)
        .fold(host, |host, index| host.container(&format!("c{index}"), |container| weaken(index, container)))
        .facts()
}

#[divan::bench(args = [24, 500])]
fn judge_containers(bencher: divan::Bencher<'_, '_>, containers: usize) {
    let facts = facts(containers);
    bencher.counter(ItemsCount::new(containers)).bench_local(|| judge(divan::black_box(&facts)));
}
