//! Files that are memory: tmpfs mounts and `/dev/shm`. They count against the container's bound on memory, so they are
//! only worth a note where there is one.

use keelguard_host::facts::{Container, TmpfsOptions};
use keelguard_model::{Finding, Severity, rule};

use super::effective;
use super::size::{HostSize, MIB, at_least, parse, signed, words};

pub(super) fn findings(host: &HostSize, container: &Container) -> Vec<Finding> {
    let bounded = effective::memory(container).is_some();
    let severity = if bounded { Severity::Info } else { Severity::Low };
    let config = &container.host_config;
    let mut findings = Vec::new();
    let large = |bytes: u64| host.memory.is_some_and(|memory| at_least(bytes, 5, memory));

    let mut wide: Vec<(String, String)> = Vec::new();
    for (path, options) in &config.tmpfs {
        if option_size(options).is_none_or(large) {
            wide.push((format!("HostConfig.Tmpfs[{path}]"), options.clone()));
        }
    }
    for (index, mount) in config.mounts.iter().enumerate().filter(|(_, mount)| mount.kind == "tmpfs") {
        let size = mount.tmpfs_options.as_ref().map_or(0, |options| options.size_bytes);
        if u64::try_from(size).ok().filter(|size| *size > 0).is_none_or(large) {
            wide.push((
                format!("HostConfig.Mounts[{index}].TmpfsOptions.SizeBytes"),
                format!("{size} ({})", mount.target),
            ));
        }
    }
    if !wide.is_empty() {
        let finding = rule::TMPFS_UNBOUNDED.on(container.subject()).severity(severity);
        findings.push(wide.into_iter().fold(finding, |finding, (what, value)| {
            finding.evidence(what, if value.is_empty() { "no options".to_owned() } else { value })
        }));
    }

    // With another's IPC namespace or the host's, /dev/shm is theirs.
    let own = !config.ipc_mode.starts_with("container:") && !matches!(config.ipc_mode.as_str(), "host" | "none");
    if let Some(size) = u64::try_from(config.shm_size).ok().filter(|size| own && large(*size)) {
        findings.push(
            rule::SHM_LARGE
                .on(container.subject())
                .severity(severity)
                .evidence("HostConfig.ShmSize", format!("{size} ({})", words(size))),
        );
    }
    findings
}

/// The size in the options of a tmpfs; none where there is none, or `0`, which is no bound. A share of the host's memory
/// (`10%`) counts where it is less than half.
fn option_size(options: &str) -> Option<u64> {
    // The last one wins, as in the kernel.
    let size = options.split(',').filter_map(|option| option.trim().strip_prefix("size=")).next_back()?;
    if let Some(percent) = size.strip_suffix('%') {
        return percent.parse::<u64>().ok().filter(|percent| (1..50).contains(percent));
    }
    parse(size).filter(|size| *size > 0)
}

pub(super) fn size_tmpfs(container: &mut Container, finding: &Finding) {
    let config = &mut container.host_config;
    let meant = |what: &str| finding.evidence.iter().any(|evidence| evidence.what == what);
    for (path, options) in &mut config.tmpfs {
        if meant(&format!("HostConfig.Tmpfs[{path}]")) {
            let kept = options.split(',').filter(|option| !option.is_empty() && !option.trim().starts_with("size="));
            *options = kept.chain(["size=64m"]).collect::<Vec<_>>().join(",");
        }
    }
    for (index, mount) in config.mounts.iter_mut().enumerate() {
        if meant(&format!("HostConfig.Mounts[{index}].TmpfsOptions.SizeBytes")) {
            mount.tmpfs_options = Some(TmpfsOptions { size_bytes: signed(64 * MIB) });
        }
    }
}

pub(super) fn shrink_shm(container: &mut Container, _: &Finding) {
    container.host_config.shm_size = signed(64 * MIB);
}
