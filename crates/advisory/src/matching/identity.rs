//! Which problems a record speaks of.

use crate::index::RecordView;

/// How a record names its problems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Naming {
    /// It is the problem, under another name: `GHSA-…`, `DEBIAN-CVE-2024-1234`.
    Is,
    /// It carries the problem into a distribution or fixes it there: `DSA-…`, `ALSA-…`.
    Fixes,
}

/// The problems of a record, by their CVEs; empty where there is none.
#[derive(Clone, Debug)]
pub(super) struct Identity<'index> {
    pub(super) cves: Vec<&'index str>,
    pub(super) naming: Naming,
}

/// `related` of an errata are the problems that it fixes; elsewhere they are only that: related.
pub(super) fn of<'index>(record: &RecordView<'index>, of_distribution: bool) -> Identity<'index> {
    let id = record.id();
    if let Some(cve) = cve_in(id) {
        return Identity { cves: vec![cve], naming: Naming::Is };
    }
    let only = |names: &mut dyn Iterator<Item = &'index str>| {
        let mut cves: Vec<_> = names.filter(|name| is_cve(name)).collect();
        cves.sort_unstable();
        cves.dedup();
        cves
    };
    let aliases = only(&mut record.aliases());
    if !aliases.is_empty() {
        return Identity { cves: aliases, naming: Naming::Is };
    }
    let upstream = only(&mut record.upstream());
    if !upstream.is_empty() {
        return Identity { cves: upstream, naming: Naming::Fixes };
    }
    let related = if of_distribution { only(&mut record.related()) } else { Vec::new() };
    Identity { naming: if related.is_empty() { Naming::Is } else { Naming::Fixes }, cves: related }
}

/// `CVE-2024-1234`.
pub(crate) fn is_cve(name: &str) -> bool {
    cve_in(name) == Some(name)
}

/// The CVE in an id like `DEBIAN-CVE-2024-1234`.
fn cve_in(id: &str) -> Option<&str> {
    let at = if id.starts_with("CVE-") { 0 } else { id.find("-CVE-")? + 1 };
    let cve = id.get(at..)?;
    let (year, number) = cve.strip_prefix("CVE-")?.split_once('-')?;
    let digits = |text: &str, range: std::ops::RangeInclusive<usize>| {
        range.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    (digits(year, 4..=4) && digits(number, 1..=10)).then_some(cve)
}

/// Errata that mend or enhance something other than security. They are vulnerabilities only where they name one.
pub(super) fn is_maintenance(id: &str) -> bool {
    const KINDS: &[&str] =
        &["ALBA-", "ALEA-", "RHBA-", "RHEA-", "RLBA-", "RLEA-", "SUSE-RU-", "SUSE-OU-", "SUSE-FU-", "openSUSE-RU-"];
    KINDS.iter().any(|kind| id.starts_with(kind))
}
