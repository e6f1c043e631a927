//! The host as a whole: bounds that it cannot keep, disk I/O, and tables that containers share.

use keelguard_host::Facts;
use keelguard_host::facts::Container;
use keelguard_model::text::shell_word;
use keelguard_model::{Area, Finding, Incomplete, Severity, Subject, rule};

use crate::Exposure;
use crate::exposure::engine_host;

/// Sysctls that are counted per user or once for the whole kernel, whichever container takes them.
const SHARED: [&str; 9] = [
    "kernel.keys.maxkeys",
    "kernel.keys.root_maxkeys",
    "fs.inotify.max_user_instances",
    "fs.inotify.max_user_watches",
    "fs.mqueue.queues_max",
    "kernel.pty.max",
    "fs.file-max",
    "net.netfilter.nf_conntrack_max",
    "net.ipv4.neigh.default.gc_thresh3",
];

/// From how many containers on sharing is worth a note.
const MANY: usize = 3;

pub(super) fn findings(facts: &Facts) -> Vec<Finding> {
    [cannot_bound(facts), io(facts), shared(facts)].into_iter().flatten().collect()
}

fn running(facts: &Facts) -> impl Iterator<Item = &Container> {
    facts.containers().iter().filter(|container| container.is_running())
}

fn cannot_bound(facts: &Facts) -> Option<Finding> {
    let engine = facts.engine.as_ref()?;
    let info = &engine.info;
    // An engine that could not be asked says nothing about its kernel.
    if info.server_version.is_empty() || info.os_type == "windows" {
        return None;
    }
    let mut ignored: Vec<(&str, String)> = Vec::new();
    for (field, can) in [("Info.MemoryLimit", info.memory_limit), ("Info.PidsLimit", info.pids_limit)] {
        if !can {
            ignored.push((field, "false".into()));
        }
    }
    if info.cgroup_driver == "none" {
        ignored.push(("Info.CgroupDriver", "none".into()));
    }
    let controllers = &facts.host.cgroup.controllers;
    if engine.local && !controllers.is_empty() && !controllers.iter().any(|name| name == "cpu") {
        ignored.push(("cgroup controllers", controllers.join(" ")));
    }
    ignored.extend(info.warnings.iter().filter(|w| w.contains("cpu cfs")).map(|w| ("Info.Warnings", w.clone())));
    let severity = if ignored.is_empty() { Severity::Low } else { Severity::Medium };
    if !info.swap_limit {
        ignored.push(("Info.SwapLimit", "false".into()));
    }
    if ignored.is_empty() {
        return None;
    }
    let rootless = info.security_options.iter().any(|option| option.contains("name=rootless"));
    let finding = ignored
        .into_iter()
        .fold(rule::CANNOT_BOUND.on(Subject::engine()).severity(severity), |f, (what, value)| f.evidence(what, value));
    Some(if rootless {
        finding
            .fix("Delegate the controllers to the user of the rootless engine, then log in anew.")
            .command("mkdir -p /etc/systemd/system/user@.service.d")
            .command(
                "printf '[Service]\\nDelegate=cpu cpuset io memory pids\\n' > \
                 /etc/systemd/system/user@.service.d/delegate.conf",
            )
            .command("systemctl daemon-reload")
    } else {
        finding
            .fix(
                "Switch the controllers on in the kernel's command line (cgroup_enable=memory swapaccount=1) and boot.",
            )
            .command("sed -i 's/^GRUB_CMDLINE_LINUX=\"/&cgroup_enable=memory swapaccount=1 /' /etc/default/grub")
            .command("update-grub")
            .command("reboot")
    })
}

pub(super) fn can_bound(facts: &mut Facts, _: &Finding) {
    let Some(engine) = &mut facts.engine else { return };
    engine.info.memory_limit = true;
    engine.info.pids_limit = true;
    engine.info.swap_limit = true;
    engine.info.warnings.retain(|warning| !warning.contains("cpu cfs"));
    if engine.info.cgroup_driver == "none" {
        engine.info.cgroup_driver = "systemd".into();
    }
    let controllers = &mut facts.host.cgroup.controllers;
    if !controllers.is_empty() && !controllers.iter().any(|name| name == "cpu") {
        controllers.push("cpu".into());
    }
}

fn has_io_bound(container: &Container) -> bool {
    let config = &container.host_config;
    config.blkio_weight > 0
        || [
            &config.blkio_device_read_bps,
            &config.blkio_device_write_bps,
            &config.blkio_device_read_iops,
            &config.blkio_device_write_iops,
        ]
        .iter()
        .any(|devices| !devices.is_empty())
}

/// What shows that weights for disk I/O do nothing here: the engine then takes one and forgets it. On the first version of
/// cgroups they came with a scheduler that left the kernel in 5.0; on the second the engine says so itself.
fn no_weights(facts: &Facts) -> Option<(&'static str, &str)> {
    let info = &facts.engine.as_ref()?.info;
    let says =
        |warning: &&String| ["No blkio weight support", "No io.weight support"].iter().any(|w| warning.contains(w));
    if let Some(warning) = info.warnings.iter().find(says) {
        return Some(("Info.Warnings", warning));
    }
    let release = engine_host(facts)?.kernel.release.as_str();
    let major = release.split('.').next()?.parse::<u32>().ok()?;
    (info.cgroup_version == "1" && major >= 5).then_some(("kernel with cgroups of version 1", release))
}

/// One finding for the host: a single container alone with its disk needs no bound, and a fleet without any has none.
fn io(facts: &Facts) -> Option<Finding> {
    let count = running(facts).count();
    if count == 0 || running(facts).any(has_io_bound) {
        return None;
    }
    let finding = rule::IO_UNBOUNDED
        .on(Subject::engine())
        .evidence("HostConfig.BlkioWeight", "0")
        .evidence("running containers", count.to_string());
    if let Some((what, value)) = no_weights(facts) {
        return Some(
            finding
                .evidence(what, value)
                .fix("This kernel knows no weights: make the containers that write most anew with --device-write-bps."),
        );
    }
    let names: Vec<_> = running(facts).map(|container| shell_word(&container.name)).collect();
    Some(finding.command(format!("docker update --blkio-weight 300 {}", names.join(" "))))
}

pub(super) fn weigh_io(facts: &mut Facts, _: &Finding) {
    for container in facts.engine.iter_mut().flat_map(|engine| engine.containers.iter_mut()) {
        if container.is_running() {
            container.host_config.blkio_weight = 300;
        }
    }
}

fn shared(facts: &Facts) -> Option<Finding> {
    let sharing: Vec<_> = running(facts)
        .filter(|container| {
            let exposure = Exposure::of(facts, container);
            exposure.root && !exposure.remapped
        })
        .collect();
    if sharing.len() < MANY {
        return None;
    }
    let names: Vec<_> = sharing.iter().take(5).map(|container| container.name.as_str()).collect();
    let mut finding = rule::SHARED_TABLES
        .on(Subject::engine())
        .evidence("running containers as the host's uid 0", format!("{}: {}", sharing.len(), names.join(", ")));
    for name in SHARED {
        if let Some(value) = facts.host.sysctls.get(name).filter(|_| facts.engine_is_local()) {
            finding = finding.evidence(name, value);
        }
    }
    Some(finding)
}

pub(super) const REMAP: &str = r#"{ "userns-remap": "default" }"#;

pub(super) fn remap(facts: &mut Facts, _: &Finding) {
    let Some(engine) = &mut facts.engine else { return };
    engine.info.security_options.push("name=userns".into());
    for container in &mut engine.containers {
        // Made anew under the other root folder; who opted out would opt in.
        container.truth = None;
        container.host_config.userns_mode.clear();
    }
}

pub(super) fn gaps(facts: &Facts) -> Vec<Incomplete> {
    let Some(engine) = &facts.engine else { return Vec::new() };
    let mut gaps = Vec::new();
    if engine.info.server_version.is_empty() {
        gaps.push(Incomplete::new(
            Area::Resources,
            "which bounds this host can keep",
            "the engine did not describe itself (GET /info)",
        ));
    }
    if !engine.local {
        gaps.push(Incomplete::new(
            Area::Resources,
            "bounds in force, sizes of logs, free disk",
            "the engine runs on another machine; run Keelguard there",
        ));
    }
    gaps
}
