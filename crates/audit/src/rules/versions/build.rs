//! Which build of a part of the engine runs here, and whether that build has a vulnerability. A distribution's fixes win
//! over upstream's ranges: its version numbers stay behind while its fixes do not.

use keelguard_host::Facts;
use keelguard_host::facts::Package;

use super::engine_table::{Part, Row};
use super::upstream::{Version, is_distribution_build};
use super::{debian_fixes, dpkg};

/// A part of the engine as it runs here.
pub(super) struct Build<'a> {
    /// As whoever built it calls it.
    pub(super) version: String,
    /// The package it came in.
    pub(super) package: Option<&'a Package>,
    /// Where the version was read.
    pub(super) from: String,
    /// Its path, where it is a copy by hand.
    pub(super) by_hand: Option<String>,
}

/// Whether a build has a vulnerability.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Clean,
    Affected {
        /// The first version without it.
        fixed: String,
        /// Whether the distribution names that version itself.
        by_distribution: bool,
        /// Only upstream's range and the silence of the changelog speak for it.
        inferred: bool,
    },
    /// The distribution may have repaired it.
    Unknown,
}

impl Part {
    /// The name that users know.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Engine => "Docker Engine",
            Self::Containerd => "containerd",
            Self::Runc => "runc",
            Self::Buildkit => "BuildKit",
            Self::Nvidia => "NVIDIA container toolkit",
        }
    }

    pub(super) const fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Engine => &["docker-ce", "docker.io", "moby-engine", "docker-engine", "docker"],
            Self::Containerd => &["containerd.io", "containerd", "moby-containerd"],
            Self::Runc => &["runc", "moby-runc"],
            Self::Buildkit => &["buildkit", "buildkitd"],
            Self::Nvidia => &["nvidia-container-toolkit"],
        }
    }

    pub(super) const fn binaries(self) -> &'static [&'static str] {
        match self {
            Self::Engine => &["dockerd"],
            Self::Containerd => &["containerd"],
            Self::Runc => &["runc"],
            Self::Buildkit => &["buildkitd"],
            Self::Nvidia => &["nvidia-container-toolkit", "nvidia-container-runtime", "nvidia-ctk"],
        }
    }

    /// Its name in the engine's own list, where it stands there.
    pub(super) const fn component(self) -> Option<&'static str> {
        match self {
            Self::Engine => Some("Engine"),
            Self::Containerd => Some("containerd"),
            Self::Runc => Some("runc"),
            Self::Buildkit | Self::Nvidia => None,
        }
    }
}

/// The build of `part` that runs here; none where nothing tells of it.
pub(super) fn of(facts: &Facts, part: Part) -> Option<Build<'_>> {
    if facts.engine.as_ref().is_none_or(|engine| engine.local) {
        let binary = facts.host.binaries.iter().find(|binary| part.binaries().contains(&binary.name.as_str()));
        // Only dpkg's lists tell whose a file is; elsewhere a package of that name is taken to be its owner.
        let by_dpkg = |package: &Package| !package.origin.starts_with("rpm") && package.origin != "alpine";
        let listed = facts.host.packages.iter().all(by_dpkg);
        if let Some(binary) = binary.filter(|binary| listed && binary.package.is_none() && !binary.version.is_empty()) {
            return Some(Build {
                version: binary.version.clone(),
                package: None,
                from: format!("{} --version", binary.path),
                by_hand: Some(binary.path.clone()),
            });
        }
        let owner = binary.and_then(|binary| binary.package.as_deref());
        // containerd.io holds a runc of its own, whose version only the engine tells.
        let bundled = part == Part::Runc && owner == Some("containerd.io");
        let named = |name: &str| facts.host.packages.iter().find(|package| package.name == name);
        let package = owner
            .filter(|owner| part.packages().contains(owner))
            .and_then(named)
            .or_else(|| part.packages().iter().find_map(|name| named(name)));
        if let Some(package) = package.filter(|_| !bundled) {
            return Some(Build {
                version: package.version.clone(),
                package: Some(package),
                from: format!("version of package {}", package.name),
                by_hand: None,
            });
        }
        if let Some((version, holder)) =
            reported(facts, part).zip(named("containerd.io").filter(|_| part == Part::Runc))
        {
            return Some(Build {
                version,
                package: Some(holder),
                from: "Version.Components[runc].Version".to_owned(),
                by_hand: None,
            });
        }
    }
    let version = reported(facts, part)?;
    let from = part.component().map(|name| format!("Version.Components[{name}].Version")).unwrap_or_default();
    Some(Build { version, package: None, from, by_hand: None })
}

/// The version that the engine reports of a part.
pub(super) fn reported(facts: &Facts, part: Part) -> Option<String> {
    let engine = facts.engine.as_ref()?;
    if engine.version.components.iter().any(|component| component.name == "Podman Engine") {
        return None;
    }
    let name = part.component()?;
    let listed = engine.version.components.iter().find(|component| component.name == name);
    let own = || match part {
        Part::Engine => {
            [&engine.version.version, &engine.info.server_version].into_iter().find(|text| !text.is_empty())
        }
        _ => None,
    };
    listed.map(|component| &component.version).or_else(own).filter(|text| !text.is_empty()).cloned()
}

impl Build<'_> {
    fn origin(&self) -> &str {
        self.package.map_or("", |package| package.origin.as_str())
    }

    /// The version by upstream's numbering.
    pub(super) fn upstream(&self) -> Option<Version> {
        match self.package {
            Some(package) if package.version == self.version => Version::parse(dpkg::upstream(&self.version)),
            _ => Version::parse(&self.version),
        }
    }

    /// Whether this build has the vulnerability of `row`.
    pub(super) fn judge(&self, facts: &Facts, row: &Row) -> Verdict {
        let changelog = self.package.and_then(|package| package.changelog_cves.as_ref());
        if changelog.is_some_and(|cves| cves.iter().any(|cve| cve == row.cve)) {
            return Verdict::Clean;
        }
        if let Some(package) = self.package.filter(|_| self.origin() == "debian") {
            let source = if package.source.is_empty() { &package.name } else { &package.source };
            if let Some(fixed) = debian_fixes::find(&facts.host.os.version_id, source, row.cve) {
                return if dpkg::compare(&package.version, fixed).is_lt() {
                    Verdict::Affected { fixed: fixed.to_owned(), by_distribution: true, inferred: false }
                } else {
                    Verdict::Clean
                };
            }
        }
        let Some(version) = self.upstream() else { return Verdict::Unknown };
        let Some(fixed) = hit(row, &version) else { return Verdict::Clean };
        let inferred = match (self.package, self.origin()) {
            // Of other releases neither table nor changelog says what Debian repaired.
            (Some(_), "debian")
                if changelog.is_none() && !["12", "13"].contains(&facts.host.os.version_id.as_str()) =>
            {
                return Verdict::Unknown;
            }
            (None, _) if self.by_hand.is_none() && is_distribution_build(&self.version) => return Verdict::Unknown,
            (None, _) | (Some(_), "debian" | "docker" | "nvidia") => false,
            (Some(_), _) if changelog.is_some() => true,
            (Some(_), _) => return Verdict::Unknown,
        };
        Verdict::Affected { fixed: fixed.to_owned(), by_distribution: false, inferred }
    }
}

/// The end of the range of `row` in which `version` lies.
pub(super) fn hit(row: &Row, version: &Version) -> Option<&'static str> {
    row.ranges.iter().find_map(|(from, fixed)| {
        let (from, end) = (Version::parse(from)?, Version::parse(fixed)?);
        (from <= *version && *version < end).then_some(*fixed)
    })
}
