//! The engine's disk: logs and writable layers.

use keelguard_host::Facts;
use keelguard_host::facts::{Container, LogConfig};
use keelguard_model::text::shell_word;
use keelguard_model::{Finding, rule};

use super::size::{GIB, HostSize, MIB, at_least, parse, words};

const QUOTA: &str = "storage driver with quotas";

pub(super) fn findings(facts: &Facts, host: &HostSize, container: &Container) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(log_bound(facts, host, container));
    findings.extend(log_size(facts, host, container));
    findings.extend(layer(facts, container));
    findings
}

/// Judged by the container's own options: the engine copied its defaults there when it made the container, and later
/// changes to the defaults do not reach it.
fn log_bound(facts: &Facts, host: &HostSize, container: &Container) -> Option<Finding> {
    let log = &container.host_config.log_config;
    let default = facts.engine.as_ref().map_or("json-file", |engine| engine.info.logging_driver.as_str());
    let kind = if log.kind.is_empty() { default } else { log.kind.as_str() };
    let bytes = match kind {
        "json-file" | "k8s-file" => log.config.get("max-size").and_then(|size| parse(size)).filter(|size| *size > 0),
        // Rotates by itself: five files of 20 MB where nothing is said.
        "local" => log.config.get("max-size").map_or(Some(20 * MIB), |size| parse(size)).filter(|size| *size > 0),
        _ => return None,
    };
    let files = log.config.get("max-file").and_then(|count| count.trim().parse::<u64>().ok());
    let files = files.unwrap_or(if kind == "local" { 5 } else { 1 }).max(1);
    let total = bytes.map(|bytes| bytes.saturating_mul(files));
    let too_much = |total: u64| total >= 10 * GIB || host.disk.is_some_and(|(all, _)| at_least(total, 1, all));
    if total.is_some_and(|total| !too_much(total)) {
        return None;
    }
    let option = |name: &str| log.config.get(name).cloned().unwrap_or_else(|| "not set".to_owned());
    let mut finding = rule::LOG_UNBOUNDED
        .on(container.subject())
        .evidence("HostConfig.LogConfig.Type", kind)
        .evidence("HostConfig.LogConfig.Config.max-size", option("max-size"));
    if let Some(total) = total {
        finding = finding
            .title("Its log may fill the disk before it is rotated")
            .evidence("HostConfig.LogConfig.Config.max-file", option("max-file"))
            .evidence("max-size × max-file", words(total));
    }
    Some(finding)
}

pub(super) fn rotate_log(container: &mut Container, _: &Finding) {
    let LogConfig { kind, config } = &mut container.host_config.log_config;
    if kind.is_empty() {
        "json-file".clone_into(kind);
    }
    config.insert("max-size".into(), "10m".into());
    config.insert("max-file".into(), "3".into());
}

/// The files of one log: itself and what it was rotated to (`….log.1`).
fn log_files<'a>(facts: &'a Facts, container: &'a Container) -> impl Iterator<Item = (&'a String, u64)> {
    let path = container.log_path.as_str();
    let rotated =
        move |file: &str| file.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    facts
        .host
        .log_sizes
        .range(path.to_owned()..)
        .take_while(move |(file, _)| file.starts_with(path))
        .filter(move |(file, _)| !path.is_empty() && rotated(file))
        .map(|(file, bytes)| (file, *bytes))
}

fn log_size(facts: &Facts, host: &HostSize, container: &Container) -> Option<Finding> {
    if !facts.engine_is_local() || container.log_path.is_empty() {
        return None;
    }
    let total = log_files(facts, container).fold(0u64, |sum, (_, bytes)| sum.saturating_add(bytes));
    // On a full disk a tenth of nothing is nothing: small logs are not the cause.
    let much_of_free = host.disk.is_some_and(|(_, free)| total > (free / 10).max(64 * MIB));
    if total <= GIB && !much_of_free {
        return None;
    }
    let mut finding = rule::LOG_GREW.on(container.subject());
    for (file, bytes) in log_files(facts, container).take(5) {
        finding = finding
            .evidence(file, format!("{bytes} ({})", words(bytes)))
            .command(format!("truncate -s 0 {}", shell_word(file)));
    }
    Some(match host.disk {
        Some((_, free)) => finding.evidence("free on the engine's disk", words(free)),
        None => finding,
    })
}

pub(super) fn empty_log(facts: &mut Facts, finding: &Finding) {
    for evidence in &finding.evidence {
        if let Some(bytes) = facts.host.log_sizes.get_mut(&evidence.what) {
            *bytes = 0;
        }
    }
}

fn layer(facts: &Facts, container: &Container) -> Option<Finding> {
    let config = &container.host_config;
    let sized = config.storage_opt.get("size").and_then(|size| parse(size)).is_some_and(|size| size > 0);
    if config.readonly_rootfs || sized {
        return None;
    }
    Some(
        rule::LAYER_UNBOUNDED
            .on(container.subject())
            .evidence("HostConfig.ReadonlyRootfs", "false")
            .evidence("HostConfig.StorageOpt.size", "not set")
            .evidence(QUOTA, if has_quotas(facts) { "true" } else { "false" }),
    )
}

/// Whether the storage driver can bound a layer: btrfs and zfs can, overlay2 only on XFS with project quotas.
fn has_quotas(facts: &Facts) -> bool {
    let Some(engine) = &facts.engine else { return false };
    match engine.info.driver.as_str() {
        "btrfs" | "zfs" => true,
        "overlay2" => {
            let root = &engine.info.docker_root_dir;
            let holds = |point: &str| std::path::Path::new(root).starts_with(point);
            let mounts = facts.host.mounts.iter().filter(|mount| engine.local && holds(&mount.mount_point));
            mounts.max_by_key(|mount| mount.mount_point.len()).is_some_and(|mount| {
                mount.fstype == "xfs" && mount.options.iter().any(|option| option == "pquota" || option == "prjquota")
            })
        }
        _ => false,
    }
}

pub(super) fn bound_layer(container: &mut Container, finding: &Finding) {
    let config = &mut container.host_config;
    if finding.evidence.iter().any(|evidence| evidence.what == QUOTA && evidence.value == "true") {
        config.storage_opt.insert("size".into(), "10G".into());
        return;
    }
    config.readonly_rootfs = true;
    // The two folders that nearly every program writes to.
    for (path, size) in [("/tmp", "size=64m"), ("/run", "size=16m")] {
        let mounted = container.mounts.iter().any(|mount| mount.destination == path)
            || config.mounts.iter().any(|mount| mount.target == path);
        if !mounted {
            config.tmpfs.entry(path.into()).or_insert_with(|| size.into());
        }
    }
}
