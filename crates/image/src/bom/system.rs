//! Which operating system the packages of a document are of: its component for that, or what the package URLs agree on.

use std::collections::HashMap;

use keelguard_model::image::Os;

use super::entry::Entry;
use crate::analyse::os_named;
use crate::purl::Parsed;

/// Names that others use, and `ID` of os-release.
const IDS: &[(&str, &str)] = &[
    ("alma", "almalinux"),
    ("amazon", "amzn"),
    ("amazonlinux", "amzn"),
    ("cbl-mariner", "mariner"),
    ("opensuse.leap", "opensuse-leap"),
    ("opensuse.tumbleweed", "opensuse-tumbleweed"),
    ("oracle", "ol"),
    ("oraclelinux", "ol"),
    ("redhat", "rhel"),
    ("rockylinux", "rocky"),
    ("slem", "sl-micro"),
    ("slmicro", "sl-micro"),
    ("suse", "sles"),
    ("suse linux enterprise server", "sles"),
];

/// Different names of systems that are counted.
const MOST: usize = 1_000;

/// What the packages say, and how many say it: the namespace, the qualifier `distro`.
#[derive(Debug, Default)]
pub(super) struct Votes(HashMap<(String, String), usize>);

impl Votes {
    pub(super) fn count(&mut self, purl: &Parsed) {
        let key = (purl.namespace.clone(), purl.distro.clone());
        if self.0.len() < MOST || self.0.contains_key(&key) {
            *self.0.entry(key).or_default() += 1;
        }
    }

    /// What the most say; of several, the first by name.
    fn winner(&self) -> Option<Os> {
        let most = self.0.iter().max_by(|a, b| a.1.cmp(b.1).then_with(|| b.0.cmp(a.0)));
        most.and_then(|((namespace, distro), _)| of_words(namespace, distro))
    }

    /// How many packages are of another system than `os`, and of which.
    fn others(&self, os: &Os) -> (usize, Vec<String>) {
        let mut others: Vec<(usize, String)> = self
            .0
            .iter()
            .filter_map(|((namespace, distro), count)| {
                let other = of_words(namespace, distro)?;
                (!is_same(os, &other)).then(|| (*count, shown(&other)))
            })
            .collect();
        others.sort();
        (others.iter().map(|(count, _)| count).sum(), others.into_iter().map(|(_, name)| name).collect())
    }
}

/// The system of the document, and what is odd about it.
pub(super) fn decide(components: &[Entry], votes: &Votes) -> (Option<Os>, Vec<String>) {
    let mut gaps = Vec::new();
    let named: Vec<Os> = components.iter().map(of_component).collect();
    if let [first, rest @ ..] = named.as_slice()
        && rest.iter().any(|other| !is_same(first, other))
    {
        let names: Vec<String> = named.iter().take(5).map(shown).collect();
        gaps.push(format!(
            "it names several operating systems ({}): all packages were taken for the first one's",
            names.join(", ")
        ));
    }
    let os = named.into_iter().next().or_else(|| votes.winner());
    if let Some(os) = &os {
        let (count, names) = votes.others(os);
        if count > 0 {
            let names = names.into_iter().take(5).collect::<Vec<_>>().join(", ");
            gaps.push(format!(
                "packages of another system ({names}) are among them, {count} in all, and were taken for those of {}",
                shown(os)
            ));
        }
    }
    (os, gaps)
}

fn of_component(entry: &Entry) -> Os {
    let or = |first: &str, second: &str| if first.is_empty() { second.to_owned() } else { first.to_owned() };
    let id = canonical(&or(&entry.system.id, &entry.name));
    let mut os = os_named(&id, &or(&entry.system.version, &entry.version), &entry.system.pretty_name);
    // Whoever saw the os-release knows better than its id and version tell.
    if let Some(ecosystem) = &entry.system.ecosystem {
        os.ecosystem = Some(ecosystem.clone());
    }
    os
}

/// `distro=debian-12`, `distro=opensuse-leap-15.6`, `distro=bookworm`; else the namespace alone.
fn of_words(namespace: &str, distro: &str) -> Option<Os> {
    let namespace = canonical(namespace);
    if distro.is_empty() {
        return (!namespace.is_empty()).then(|| os_named(&namespace, "", ""));
    }
    let numbered =
        distro.rsplit_once('-').filter(|(_, version)| version.starts_with(|first: char| first.is_ascii_digit()));
    if let Some((id, version)) = numbered {
        return Some(os_named(&canonical(id), version, ""));
    }
    let codename = distro.rsplit('-').next().unwrap_or(distro);
    let by_codename =
        ["debian", "ubuntu"].into_iter().map(|id| os_named(id, codename, "")).find(|os| os.version != codename);
    by_codename.or_else(|| {
        let is_version = distro.starts_with(|first: char| first.is_ascii_digit());
        Some(if is_version { os_named(&namespace, distro, "") } else { os_named(&canonical(distro), "", "") })
    })
}

fn canonical(name: &str) -> String {
    let name = name.to_lowercase();
    IDS.iter().find(|(other, _)| *other == name).map_or(name, |(_, id)| (*id).to_owned())
}

/// The same id, and versions of which one is the other with more digits: `12` and `12.11`. A version that is not said
/// contradicts none.
fn is_same(left: &Os, right: &Os) -> bool {
    let mut pairs = left.version.split('.').zip(right.version.split('.'));
    let no_version = left.version.is_empty() || right.version.is_empty();
    left.id == right.id && (no_version || pairs.all(|(left, right)| left == right))
}

fn shown(os: &Os) -> String {
    format!("{} {}", os.id, os.version).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_known_by_whatever_words_a_package_url_has_for_it() {
        for (namespace, distro, ecosystem) in [
            ("debian", "debian-12", "Debian:12"),
            ("debian", "debian-12.11", "Debian:12"),
            ("debian", "bookworm", "Debian:12"),
            ("debian", "debian-bookworm", "Debian:12"),
            ("ubuntu", "jammy", "Ubuntu:22.04:LTS"),
            ("ubuntu", "ubuntu-24.04", "Ubuntu:24.04:LTS"),
            ("alpine", "alpine-3.20.3", "Alpine:v3.20"),
            ("alpine", "3.20.3", "Alpine:v3.20"),
            ("redhat", "redhat-9.4", "Red Hat:enterprise_linux:9::baseos"),
            ("opensuse", "opensuse-leap-15.6", "openSUSE:Leap 15.6"),
            ("suse", "sles-15.6", "SUSE:Linux Enterprise Server 15 SP6"),
            ("wolfi", "", "Wolfi"),
            ("alma", "alma-9.4", "AlmaLinux:9"),
        ] {
            let os = of_words(namespace, distro).unwrap();
            assert_eq!(os.ecosystem.as_deref(), Some(ecosystem), "{namespace} {distro}");
        }
        assert_eq!(of_words("", ""), None);
        assert_eq!(of_words("debian", "").unwrap().ecosystem, None, "which release, nobody says");
    }
}
