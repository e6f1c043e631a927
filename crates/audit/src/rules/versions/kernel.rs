//! The kernel's known vulnerabilities, judged with its configuration: code that is not compiled in cannot be exploited.

use std::collections::BTreeMap;

use keelguard_host::Facts;
use keelguard_host::facts::{Container, Kernel, Package};
use keelguard_model::{Area, Finding, Incomplete, Severity, Subject, SubjectKind, rule};

use super::kernel_table::{From, ROWS, Row};
use super::parts::NEEDED;
use super::upstream::Version;
use super::{build, debian_fixes, dpkg};
use crate::Exposure;
use crate::capability::{self, canonical};

/// Whose kernel it is.
enum Identity<'a> {
    /// Debian's, with the package version of `uname -v`.
    Debian(&'a str),
    /// Of a distribution that carries fixes back under old numbers; and the stable release that it says it holds.
    Vendor(Option<&'a str>),
    /// As kernel.org publishes it, or built from that.
    Upstream,
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Clean,
    Affected { fixed: String, inferred: bool },
    Unknown,
}

/// The kernel under the containers: this host's, or with a remote engine the one that it names.
fn kernel(facts: &Facts) -> Kernel {
    match &facts.engine {
        Some(engine) if !engine.local && !engine.info.kernel_version.is_empty() => {
            Kernel { release: engine.info.kernel_version.clone(), ..Kernel::default() }
        }
        _ => facts.host.kernel.clone(),
    }
}

/// Marks of distributions in `uname -r`.
const MARKS: [&str; 18] = [
    ".el",
    ".fc",
    ".amzn",
    ".azl",
    ".cm2",
    ".oe",
    "-generic",
    "-lowlatency",
    "-aws",
    "-azure",
    "-gcp",
    "-gke",
    "-oracle",
    "-kvm",
    "-default",
    "-pve",
    "-amd64",
    "-arm64",
];

fn identity(kernel: &Kernel) -> Identity<'_> {
    let mut words = kernel.version.split_whitespace();
    if words.any(|word| word == "Debian")
        && let Some(version) = words.next()
    {
        return Identity::Debian(version);
    }
    if let Some(signature) = &kernel.signature {
        return Identity::Vendor(signature.split_whitespace().last());
    }
    if MARKS.iter().any(|mark| kernel.release.contains(mark)) { Identity::Vendor(None) } else { Identity::Upstream }
}

fn judge(facts: &Facts, kernel: &Kernel, row: &Row) -> Verdict {
    match identity(kernel) {
        Identity::Debian(version) => {
            let listed = debian_fixes::FIXES
                .iter()
                .find(|fix| fix.source == "linux" && fix.cve == row.cve && same_branch(fix.fixed, version));
            match listed {
                Some(fix) if dpkg::compare(version, fix.fixed).is_lt() => {
                    Verdict::Affected { fixed: fix.fixed.to_owned(), inferred: false }
                }
                Some(_) => Verdict::Clean,
                // Debian's numbers are those of the stable release that the package holds.
                None => upstream(row, dpkg::upstream(version)),
            }
        }
        Identity::Vendor(base) => {
            let package = image_package(facts, kernel);
            let changelog = package.and_then(|package| package.changelog_cves.as_ref());
            if changelog.is_some_and(|cves| cves.iter().any(|cve| cve == row.cve)) {
                return Verdict::Clean;
            }
            // Fixed for sure by its base; that the base is older than the flaw proves nothing, features are carried back.
            let by_base = upstream(row, base.unwrap_or(&kernel.release));
            match by_base {
                Verdict::Clean if base.is_some() || reaches_mainline(row, &kernel.release) => Verdict::Clean,
                Verdict::Affected { fixed, .. } if changelog.is_some() => Verdict::Affected { fixed, inferred: true },
                _ => Verdict::Unknown,
            }
        }
        Identity::Upstream => upstream(row, &kernel.release),
    }
}

fn image_package<'a>(facts: &'a Facts, kernel: &Kernel) -> Option<&'a Package> {
    let kind = |name: &str| name.starts_with("linux-image") || name.starts_with("kernel");
    facts.host.packages.iter().find(|package| {
        kind(&package.name)
            && !kernel.release.is_empty()
            && (package.name.ends_with(&kernel.release) || kernel.release.starts_with(&package.version))
    })
}

fn same_branch(a: &str, b: &str) -> bool {
    Version::parse(a).zip(Version::parse(b)).is_some_and(|(a, b)| a.is_of_branch(&b))
}

fn reaches_mainline(row: &Row, release: &str) -> bool {
    Version::parse(release).zip(Version::parse(row.mainline)).is_some_and(|(release, fixed)| release >= fixed)
}

/// By the numbers of kernel.org.
fn upstream(row: &Row, release: &str) -> Verdict {
    let Some(version) = Version::parse(release) else { return Verdict::Unknown };
    if Version::parse(row.introduced).is_some_and(|introduced| version < introduced) || reaches_mainline(row, release) {
        return Verdict::Clean;
    }
    let branch = row.stable.iter().find_map(|text| {
        let fixed = Version::parse(text)?;
        version.is_of_branch(&fixed).then_some((fixed, *text))
    });
    match branch {
        Some((fixed, _)) if version >= fixed => Verdict::Clean,
        Some((_, text)) => Verdict::Affected { fixed: text.to_owned(), inferred: false },
        // A branch that ended before the fix.
        None if row.complete => Verdict::Affected { fixed: row.mainline.to_owned(), inferred: false },
        None => Verdict::Unknown,
    }
}

/// Whether the code is in this kernel: of each group of options one is built in, or a module that can be loaded.
fn compiled_in(facts: &Facts, kernel: &Kernel, row: &Row) -> bool {
    kernel.config_source.is_none()
        || row.options.iter().all(|group| group.iter().any(|option| usable(facts, kernel, option)))
}

/// Whether one option's code can run here.
pub(super) fn usable(facts: &Facts, kernel: &Kernel, option: &str) -> bool {
    let sealed = facts.host.sysctls.get("kernel.modules_disabled").is_some_and(|value| value.trim() == "1");
    match kernel.config.get(option).map(String::as_str) {
        Some("y") => true,
        Some("m") => !sealed,
        _ => false,
    }
}

fn holds(container: &Container, name: &str) -> bool {
    if let Some(init) = container.truth.as_ref().and_then(|truth| truth.init()) {
        return capability::has(init.caps.bounding | init.caps.effective, name);
    }
    let config = &container.host_config;
    let lists = |list: &[String], wanted: &str| list.iter().any(|entry| canonical(entry) == wanted);
    if config.privileged || lists(&config.cap_add, name) {
        return true;
    }
    if lists(&config.cap_drop, name) {
        return false;
    }
    lists(&config.cap_add, "ALL") || (capability::DEFAULT.contains(&name) && !lists(&config.cap_drop, "ALL"))
}

/// Whether a process of this container gets to the flaw.
fn is_open_to(facts: &Facts, kernel: &Kernel, container: &Container, from: From) -> bool {
    let exposure = Exposure::of(facts, container);
    let zero = |key: &str| facts.host.sysctls.get(key).is_some_and(|value| value.trim() == "0");
    let namespaces = !exposure.seccomp
        && !zero("user.max_user_namespaces")
        && !zero("kernel.unprivileged_userns_clone")
        && (kernel.config_source.is_none() || usable(facts, kernel, "USER_NS"));
    let admin = holds(container, "SYS_ADMIN") || namespaces;
    match from {
        From::Any => true,
        From::AlgSocket => !exposure.seccomp || !denies_alg_sockets(facts),
        From::NetRaw => holds(container, "NET_RAW") || namespaces,
        From::NetAdmin => holds(container, "NET_ADMIN") || admin,
        From::SysAdmin => admin,
        From::CgroupV1 => admin && !exposure.confined && matches!(facts.host.cgroup.version.as_str(), "v1" | "hybrid"),
        From::Keyrings => !exposure.seccomp,
    }
}

/// Docker's own profile denies AF_ALG from 29.4.3 on.
pub(super) fn denies_alg_sockets(facts: &Facts) -> bool {
    build::reported(facts, super::engine_table::Part::Engine)
        .and_then(|version| Version::parse(&version))
        .zip(Version::parse("29.4.3"))
        .is_some_and(|(version, first)| version >= first)
}

fn concerned(facts: &Facts, kernel: &Kernel) -> impl Iterator<Item = (&'static Row, Verdict)> {
    ROWS.iter()
        .filter(|row| compiled_in(facts, kernel, row))
        .filter(|row| row.from != From::CgroupV1 || facts.host.cgroup.version != "v2")
        .map(|row| (row, judge(facts, kernel, row)))
}

pub(super) fn findings(facts: &Facts) -> Vec<Finding> {
    let kernel = kernel(facts);
    let host = if facts.host.hostname.is_empty() { "host" } else { &facts.host.hostname };
    let mut finding = rule::KERNEL_CVES
        .on(Subject::new(SubjectKind::Host, host))
        .title(format!("Kernel {} has known vulnerabilities that lead out of containers", kernel.release))
        .evidence("uname -r", kernel.release.clone());
    if !kernel.version.is_empty() {
        finding = finding.evidence("uname -v", kernel.version.clone());
    }
    let source = kernel.config_source.as_deref();
    let source = source.unwrap_or("could not be read: taken as if the code were compiled in");
    finding = finding.evidence("kernel configuration", source);
    let (mut found, mut sure) = (false, false);
    let mut needed = None::<String>;
    let mut shared = None::<(u32, &Row)>;
    let mut single: BTreeMap<usize, (u32, &Row)> = BTreeMap::new();
    for (row, verdict) in concerned(facts, &kernel) {
        let Verdict::Affected { fixed, inferred } = verdict else { continue };
        found = true;
        sure |= !inferred;
        let options: Vec<String> = row
            .options
            .iter()
            .flat_map(|group| group.iter())
            .filter_map(|option| Some(format!("CONFIG_{option}={}", kernel.config.get(*option)?)))
            .collect();
        let options = if options.is_empty() { String::new() } else { format!("; {}", options.join(" ")) };
        finding = finding.cve(row.cve).evidence(row.cve, format!("{}; repaired in {fixed}{options}", row.name));
        if needed.as_deref().is_none_or(|highest| dpkg::compare(highest, &fixed).is_lt()) {
            needed = Some(fixed);
        }
        let everyone = row.from == From::Any || (row.from == From::AlgSocket && !denies_alg_sockets(facts));
        if everyone {
            if shared.is_none_or(|(cost, _)| row.cost < cost) {
                shared = Some((row.cost, row));
            }
            continue;
        }
        for (index, container) in facts.containers().iter().enumerate() {
            if is_open_to(facts, &kernel, container, row.from)
                && single.get(&index).is_none_or(|(cost, _)| row.cost < *cost)
            {
                single.insert(index, (row.cost, row));
            }
        }
    }
    let Some(needed) = needed.filter(|_| found) else { return Vec::new() };
    let how = |row: &Row| format!("takes over the kernel: {} ({})", row.name, row.cve);
    if let Some((cost, row)) = shared {
        finding = finding.reaches_from(Subject::any_container(), Subject::host_root(), cost, how(row));
    }
    for (index, (cost, row)) in &single {
        // What every container has at the same price needs no edge of its own.
        if shared.is_none_or(|(least, _)| cost < &least)
            && let Some(container) = facts.containers().get(*index)
        {
            finding = finding.reaches_from(container.subject(), Subject::host_root(), *cost, how(row));
        }
    }
    let mut severity = if finding.reaches.is_empty() { Severity::Low } else { Severity::High };
    if kernel.config_source.is_none() || !sure {
        severity = severity.lowered();
    }
    finding = finding
        .severity(severity)
        .evidence(NEEDED, needed.clone())
        .fix(format!("Upgrade the kernel to {needed} or later and boot into it."));
    let family = |name: &str| facts.host.os.id == name || facts.host.os.id_like.iter().any(|like| like == name);
    match identity(&kernel) {
        Identity::Upstream => {}
        _ if family("debian") => {
            finding = finding
                .command("apt-get update")
                .command("apt-get install --only-upgrade 'linux-image-*'")
                .command("systemctl reboot");
        }
        _ if family("rhel") || family("fedora") || family("centos") => {
            finding = finding.command("dnf upgrade kernel").command("systemctl reboot");
        }
        _ => {}
    }
    vec![finding]
}

pub(super) fn gaps(facts: &Facts) -> Vec<Incomplete> {
    let kernel = kernel(facts);
    if kernel.release.is_empty() {
        let why = "the kernel's release is not known";
        return vec![Incomplete::new(Area::Breakout, "known vulnerabilities of the kernel", why)];
    }
    let unknown: Vec<&str> =
        concerned(facts, &kernel).filter(|(_, verdict)| *verdict == Verdict::Unknown).map(|(row, _)| row.cve).collect();
    if unknown.is_empty() {
        return Vec::new();
    }
    let why = match identity(&kernel) {
        Identity::Vendor(_) => "the distribution carries fixes back, and the kernel's changelog is not installed",
        _ => "no source at hand names the fix of this kernel's branch",
    };
    let what = format!("known vulnerabilities of kernel {}", kernel.release);
    vec![Incomplete::new(Area::Breakout, what, format!("{why}: {}", unknown.join(", ")))]
}

/// The facts after booting into the kernel that repairs everything.
pub(super) fn repair(facts: &mut Facts, finding: &Finding) {
    let Some(needed) = finding.evidence.iter().find(|evidence| evidence.what == NEEDED) else { return };
    let needed = needed.value.clone();
    let old = kernel(facts);
    if let Some(engine) = &mut facts.engine {
        dpkg::upstream(&needed).clone_into(&mut engine.info.kernel_version);
    }
    match identity(&old) {
        Identity::Debian(version) => facts.host.kernel.version = old.version.replace(version, &needed),
        Identity::Vendor(_) => {
            let cves = finding.refs.cve.clone();
            let name = image_package(facts, &old).map(|package| package.name.clone());
            for package in facts.host.packages.iter_mut().filter(|package| Some(&package.name) == name.as_ref()) {
                package.changelog_cves.get_or_insert_default().extend(cves.iter().cloned());
            }
            return;
        }
        Identity::Upstream => {}
    }
    if matches!(identity(&old), Identity::Upstream) {
        facts.host.kernel.release = needed;
    }
}
