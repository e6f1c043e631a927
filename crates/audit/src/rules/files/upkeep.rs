//! Upkeep of the host: the file system under the engine's folder, and how long ago anything was brought up to date.

use keelguard_host::Facts;
use keelguard_model::{Finding, Severity, Subject, rule};

use crate::remedy::{Change, Remedy};

pub(crate) const REMEDIES: &[Remedy] = &[Remedy {
    rule: &rule::NOT_UPDATED,
    change: Change::Own(|facts, _| facts.host.last_update = Some(facts.collected)),
}];

/// Days without updates that are too many: kernel and runtime fixes come out every few weeks.
const TOO_MANY_DAYS: i64 = 90;

/// Release lines that are over while newer ones are, too: Mirantis keeps 25.0 alive, nobody keeps these.
const ENDED_ABOVE_25: [u32; 2] = [26, 27];

pub(crate) fn findings(facts: &Facts) -> Vec<Finding> {
    [own_partition(facts), not_updated(facts), end_of_life(facts)].into_iter().flatten().collect()
}

/// The mount that a path lies on: the longest mount point above it.
fn own_partition(facts: &Facts) -> Option<Finding> {
    let root =
        facts.engine.as_ref().filter(|engine| engine.local).map(|engine| engine.info.docker_root_dir.as_str())?;
    if !root.starts_with('/') {
        return None;
    }
    let above = |point: &str| {
        point == "/" || root.strip_prefix(point).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let mount =
        facts.host.mounts.iter().filter(|mount| above(&mount.mount_point)).max_by_key(|m| m.mount_point.len())?;
    (mount.mount_point == "/").then(|| {
        rule::NO_OWN_PARTITION
            .on(Subject::host_root())
            .evidence("DockerRootDir", root)
            .evidence("mount point", &mount.mount_point)
    })
}

fn not_updated(facts: &Facts) -> Option<Finding> {
    let updated = facts.host.last_update?;
    let days = (facts.collected.as_second() - updated.as_second()) / 86_400;
    (days > TOO_MANY_DAYS).then(|| {
        let upgrade = match facts.host.os.id.as_str() {
            "debian" | "ubuntu" => "apt-get update && apt-get upgrade",
            "alpine" => "apk upgrade",
            _ if facts.host.os.id_like.iter().any(|like| like == "debian") => "apt-get update && apt-get upgrade",
            "opensuse-leap" | "sles" | "opensuse-tumbleweed" => "zypper update",
            "arch" => "pacman -Syu",
            _ => "dnf upgrade",
        };
        rule::NOT_UPDATED
            .on(Subject::host_root())
            .evidence("last update", updated.to_string())
            .evidence("days since", days.to_string())
            .command(upgrade)
    })
}

/// An engine from the distribution is kept alive by the distribution.
fn end_of_life(facts: &Facts) -> Option<Finding> {
    let engine = facts.engine.as_ref()?;
    if engine.version.components.iter().any(|component| component.name.contains("Podman")) {
        return None;
    }
    let own = facts.host.packages.iter().any(|package| {
        matches!(package.name.as_str(), "docker.io" | "moby-engine" | "docker" | "docker.io-app")
            && !matches!(package.origin.as_str(), "docker" | "")
    });
    let version = &engine.info.server_version;
    // A distribution marks its own builds: `20.10.24+dfsg1`.
    if own || version.contains("dfsg") || version.contains("ubuntu") {
        return None;
    }
    let major: u32 = version.split('.').next()?.parse().ok()?;
    (major < 25 || ENDED_ABOVE_25.contains(&major)).then(|| {
        rule::ENGINE_END_OF_LIFE.on(Subject::engine()).severity(Severity::Info).evidence("ServerVersion", version)
    })
}
