//! Findings about the engine's parts: one a part, with each vulnerability and the version that repairs it as evidence.

use keelguard_host::Facts;
use keelguard_model::{Area, Finding, Incomplete, Rule, Severity, Subject, rule};

use super::build::{self, Build, Verdict};
use super::dpkg;
use super::engine_table::{Escape, Part, ROWS, Row, When};
use super::upstream::Version;

/// The evidence that holds the version after which the finding is gone.
pub(super) const NEEDED: &str = "repaired in all of them";

const PARTS: [(Part, &Rule); 5] = [
    (Part::Engine, &rule::ENGINE_CVES),
    (Part::Containerd, &rule::CONTAINERD_CVES),
    (Part::Runc, &rule::RUNC_CVES),
    (Part::Buildkit, &rule::BUILDKIT_CVES),
    (Part::Nvidia, &rule::NVIDIA_CVES),
];

pub(super) fn findings(facts: &Facts) -> Vec<Finding> {
    PARTS.iter().filter_map(|(part, rule)| finding(facts, *part, rule)).collect()
}

/// Parts whose distribution may have repaired what upstream's version still has.
pub(super) fn gaps(facts: &Facts) -> Vec<Incomplete> {
    let mut gaps = Vec::new();
    for (part, _) in PARTS {
        let Some(build) = build::of(facts, part) else {
            let listed = facts.engine.as_ref().is_some_and(|engine| !engine.version.components.is_empty());
            if listed && part.component().is_some() {
                let what = format!("known vulnerabilities of {}", part.name());
                gaps.push(Incomplete::new(Area::Breakout, what, "its version is not known"));
            }
            continue;
        };
        let unknown: Vec<&str> =
            rows(facts, part).filter(|row| build.judge(facts, row) == Verdict::Unknown).map(|row| row.cve).collect();
        if !unknown.is_empty() {
            let what = format!("known vulnerabilities of {} {}", part.name(), build.version);
            let why = if build.upstream().is_none() {
                "its version is not one that can be compared".to_owned()
            } else {
                format!("the distribution backports fixes, and the changelog is not installed: {}", unknown.join(", "))
            };
            gaps.push(Incomplete::new(Area::Breakout, what, why));
        }
    }
    gaps
}

/// The rows of a part whose preconditions hold here.
fn rows(facts: &Facts, part: Part) -> impl Iterator<Item = &'static Row> {
    ROWS.iter().filter(move |row| row.part == part || bundles(facts, part, row)).filter(|row| holds(facts, row.when))
}

/// Debian's docker.io carries BuildKit inside, and its changelog names BuildKit's vulnerabilities.
fn bundles(facts: &Facts, part: Part, row: &Row) -> bool {
    part == Part::Engine
        && row.part == Part::Buildkit
        && build::of(facts, part).and_then(|build| build.package).is_some_and(|package| {
            package.origin == "debian"
                && super::debian_fixes::find(&facts.host.os.version_id, &package.source, row.cve).is_some()
        })
}

fn holds(facts: &Facts, when: When) -> bool {
    let Some(engine) = &facts.engine else { return when == When::Always };
    match when {
        When::Always => true,
        When::AuthorizationPlugin => {
            engine.info.plugins.get("Authorization").and_then(Option::as_ref).is_some_and(|names| !names.is_empty())
        }
        When::HostNetwork => host_network(facts).next().is_some(),
        When::InternalNetwork => engine.networks.iter().any(|network| network.internal),
        When::Swarm => engine.info.swarm.local_node_state == "active",
        When::ContainerdImages => {
            engine.info.driver_status.iter().flatten().any(|word| word.contains("io.containerd.snapshotter"))
        }
        When::Nvidia => engine.info.runtimes.keys().any(|name| name.contains("nvidia")) || gpu(facts).next().is_some(),
    }
}

fn host_network(facts: &Facts) -> impl Iterator<Item = &keelguard_host::facts::Container> {
    // A host whose sockets were read and have no shim among them has none to offer.
    let read = facts.host.abstract_sockets.is_empty()
        || facts.host.abstract_sockets.iter().any(|socket| socket.contains("containerd-shim"));
    facts.containers().iter().filter(move |container| read && container.host_config.network_mode == "host")
}

fn gpu(facts: &Facts) -> impl Iterator<Item = &keelguard_host::facts::Container> {
    let by_default = facts.engine.as_ref().is_some_and(|engine| engine.info.default_runtime.contains("nvidia"));
    facts.containers().iter().filter(move |container| {
        let config = &container.host_config;
        config.runtime.contains("nvidia")
            || (config.runtime.is_empty() && by_default)
            || config.device_requests.iter().any(|request| {
                request.driver == "nvidia" || request.capabilities.iter().flatten().any(|word| word == "gpu")
            })
    })
}

fn finding(facts: &Facts, part: Part, rule: &'static Rule) -> Option<Finding> {
    let build = build::of(facts, part)?;
    let mut finding = rule.on(Subject::engine()).about(part.name()).evidence(build.from.clone(), build.version.clone());
    let mut severity = None::<Severity>;
    let (mut needed, mut unrepaired) = (Needed::default(), Vec::new());
    let mut escape = None::<(u32, &Row, &'static str)>;
    for row in rows(facts, part) {
        let Verdict::Affected { fixed, by_distribution, inferred } = build.judge(facts, row) else { continue };
        let of_debian = build.package.is_some_and(|package| package.origin == "debian");
        let note = match (by_distribution, of_debian, inferred) {
            (true, ..) => format!("repaired in {fixed}"),
            (_, true, _) => format!("repaired upstream in {fixed}; not named in Debian's fixes"),
            (.., true) => format!("repaired upstream in {fixed}; the package's changelog does not name it"),
            _ => format!("repaired in {fixed}"),
        };
        if of_debian && !by_distribution {
            unrepaired.push(row.cve);
        }
        finding = finding.cve(row.cve).evidence(row.cve, format!("{}; {note}", row.what));
        let own = if inferred { row.severity.lowered() } else { row.severity };
        severity = severity.max(Some(own));
        needed.add(&fixed, by_distribution);
        let step = match row.escape {
            Escape::No => None,
            Escape::FromAny(cost, how) | Escape::FromHostNetwork(cost, how) | Escape::FromGpu(cost, how) => {
                Some((cost, how))
            }
        };
        if let Some((cost, how)) = step.filter(|(cost, _)| escape.is_none_or(|(least, ..)| *cost < least)) {
            escape = Some((cost, row, how));
        }
    }
    let severity = severity?;
    if let Some((cost, row, how)) = escape {
        let how = format!("{how} ({})", row.cve);
        let from: Vec<Subject> = match row.escape {
            Escape::FromHostNetwork(..) => host_network(facts).map(keelguard_host::facts::Container::subject).collect(),
            Escape::FromGpu(..) => gpu(facts).map(keelguard_host::facts::Container::subject).collect(),
            _ => vec![Subject::any_container()],
        };
        for from in from {
            finding = finding.reaches_from(from, Subject::host_root(), cost, how.clone());
        }
    }
    let needed = needed.version(part);
    finding = finding
        .severity(severity)
        .title(format!("{} {} has known vulnerabilities", part.name(), build.version))
        .evidence(NEEDED, needed.clone());
    Some(with_fix(finding, part, &build, &needed, &unrepaired))
}

/// The version after which nothing is left: the highest of those that repair something.
#[derive(Default)]
struct Needed {
    packaged: Option<String>,
    upstream: Option<Version>,
    text: String,
}

impl Needed {
    fn add(&mut self, fixed: &str, packaged: bool) {
        if packaged {
            if self.packaged.as_deref().is_none_or(|highest| dpkg::compare(highest, fixed).is_lt()) {
                self.packaged = Some(fixed.to_owned());
            }
        } else if let Some(version) =
            Version::parse(fixed).filter(|version| self.upstream.as_ref().is_none_or(|v| v < version))
        {
            self.upstream = Some(version);
            fixed.clone_into(&mut self.text);
        }
    }

    fn version(mut self, part: Part) -> String {
        // The end of one vulnerability's range may lie inside another's.
        for _ in 0..8 {
            let Some(version) = self.upstream.clone() else { break };
            let Some(next) = ROWS.iter().filter(|row| row.part == part).find_map(|row| build::hit(row, &version))
            else {
                break;
            };
            self.add(next, false);
        }
        match self.packaged {
            Some(packaged) if self.upstream.is_none() || dpkg::compare(&packaged, &self.text).is_gt() => packaged,
            _ => self.text,
        }
    }
}

fn with_fix(finding: Finding, part: Part, build: &Build<'_>, needed: &str, unrepaired: &[&str]) -> Finding {
    let name = part.name();
    let Some(package) = build.package else {
        return finding.fix(match &build.by_hand {
            Some(path) => format!("Replace {path} by {name} {needed} or later; no package owns it."),
            None => format!("Upgrade {name} to {needed} or later on the engine's host."),
        });
    };
    let mut summary = format!("Upgrade {name} to {needed} or later.");
    if !unrepaired.is_empty() {
        summary = format!(
            "Upgrade {name}; where Debian has not repaired {} in this release yet, only {needed} or later from a newer \
             release or from Docker's own packages has the repair.",
            unrepaired.join(", ")
        );
    }
    let package_name = keelguard_model::text::shell_word(&package.name).into_owned();
    let mut finding = finding.fix(summary);
    finding = if package.origin.starts_with("rpm") {
        finding.command(format!("dnf upgrade {package_name}"))
    } else {
        finding.command("apt-get update").command(format!("apt-get install --only-upgrade {package_name}"))
    };
    match part {
        Part::Engine | Part::Containerd => finding.command("systemctl restart containerd docker"),
        _ => finding,
    }
}

/// The facts after an upgrade of `part` to `version`.
pub(super) fn upgrade(facts: &mut Facts, part: Part, version: &str, cves: &[String]) {
    // The hyphen of `1.4.0-rc.3` belongs to the version, every other one before a Debian revision.
    let packaged = build::of(facts, part).is_some_and(|build| build.package.is_some()) && !version.contains("-rc");
    let upstream = if packaged { dpkg::upstream(version) } else { version }.to_owned();
    for package in facts.host.packages.iter_mut().filter(|package| part.packages().contains(&package.name.as_str())) {
        version.clone_into(&mut package.version);
        if let Some(named) = &mut package.changelog_cves {
            named.extend(cves.iter().cloned());
        }
    }
    for binary in facts.host.binaries.iter_mut().filter(|binary| part.binaries().contains(&binary.name.as_str())) {
        upstream.clone_into(&mut binary.version);
    }
    if let Some(engine) = &mut facts.engine {
        for component in &mut engine.version.components {
            if part.component() == Some(component.name.as_str()) {
                upstream.clone_into(&mut component.version);
            }
        }
        if part == Part::Engine {
            engine.version.version.clone_from(&upstream);
            engine.info.server_version.clone_from(&upstream);
        }
    }
}

/// The effect of the fix of a finding of this theme.
pub(super) fn repair(facts: &mut Facts, finding: &Finding) {
    let part = PARTS.iter().find(|(_, rule)| rule.id == finding.rule).map(|(part, _)| *part);
    let needed =
        finding.evidence.iter().find(|evidence| evidence.what == NEEDED).map(|evidence| evidence.value.as_str());
    if let Some((part, version)) = part.zip(needed) {
        upgrade(facts, part, version, &finding.refs.cve);
    }
}
