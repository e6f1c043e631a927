//! One row for one problem. Records of several databases that speak of the same CVE make one row; a record that speaks of
//! several CVEs takes part in the row of each, and never joins them.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use keelguard_model::Severity;
use keelguard_model::image::{Package, Vulnerability, Why};

use super::identity::Naming;
use super::look::Found;
use crate::severity;

/// A record in a row.
#[derive(Clone, Copy)]
struct Member<'found, 'index> {
    found: &'found Found<'index>,
    /// Whether it speaks of this problem alone: then its names are names of the problem, and its score is that of it.
    alone: bool,
}

/// The rows of one package.
pub(super) fn rows(package: &Package, found: &[Found<'_>]) -> Vec<Vulnerability> {
    let problems = problems(found);
    problems.into_iter().map(|(id, members)| row(package, id, members)).collect()
}

/// The records of each problem. A record without a CVE (PYSEC with a GHSA alias only) joins those that it shares a name
/// with, directly or through others without one; where none of them has a CVE, the problem goes by the deciding record's id.
fn problems<'found, 'index>(found: &'found [Found<'index>]) -> BTreeMap<&'index str, Vec<Member<'found, 'index>>> {
    let mut problems: BTreeMap<&str, Vec<Member<'_, '_>>> = BTreeMap::new();
    for found in found {
        let alone = found.identity.cves.len() == 1;
        for cve in &found.identity.cves {
            problems.entry(cve).or_default().push(Member { found, alone });
        }
    }
    if found.iter().all(|record| !record.identity.cves.is_empty()) {
        return problems;
    }
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, record) in found.iter().enumerate() {
        for name in names(record) {
            by_name.entry(name).or_default().push(at);
        }
    }
    let mut seen = vec![false; found.len()];
    for start in 0..found.len() {
        let (group, cves) = nameless_group(found, &by_name, &mut seen, start);
        let members = |alone| group.iter().map(move |found| Member { found, alone });
        for cve in &cves {
            problems.entry(cve).or_default().extend(members(cves.len() == 1));
        }
        let decides = members(true).min_by(|left, right| deciding(*left, *right)).filter(|_| cves.is_empty());
        if let Some(decides) = decides {
            problems.insert(decides.found.record.id(), members(true).collect());
        }
    }
    problems
}

/// The records without a CVE that hang together with the one at `start`, and the CVEs of those that they touch.
fn nameless_group<'found, 'index>(
    found: &'found [Found<'index>],
    by_name: &HashMap<&'index str, Vec<usize>>,
    seen: &mut [bool],
    start: usize,
) -> (Vec<&'found Found<'index>>, BTreeSet<&'index str>) {
    let (mut group, mut cves) = (Vec::new(), BTreeSet::new());
    let mut open = vec![start];
    while let Some(at) = open.pop() {
        let (Some(record), Some(seen)) = (found.get(at), seen.get_mut(at)) else { continue };
        if !record.identity.cves.is_empty() {
            // Whoever leads here joins its problems; from here the way leads nowhere, or two CVEs would become one.
            if !group.is_empty() {
                cves.extend(record.identity.cves.iter().copied());
            }
            continue;
        }
        if std::mem::replace(seen, true) {
            continue;
        }
        group.push(record);
        for name in names(record) {
            open.extend(by_name.get(name).into_iter().flatten());
        }
    }
    (group, cves)
}

fn names<'index>(found: &Found<'index>) -> impl Iterator<Item = &'index str> + use<'index> {
    std::iter::once(found.record.id()).chain(found.record.aliases())
}

/// The deciding record first: one that knows a fix, of those one that speaks of this problem alone, of those the first id.
fn deciding(left: Member<'_, '_>, right: Member<'_, '_>) -> Ordering {
    let rank = |member: Member<'_, '_>| {
        let errata = member.found.identity.naming == Naming::Fixes;
        (member.found.fixed.is_empty(), !member.alone, errata)
    };
    rank(left).cmp(&rank(right)).then_with(|| left.found.record.id().cmp(right.found.record.id()))
}

fn row(package: &Package, id: &str, mut members: Vec<Member<'_, '_>>) -> Vulnerability {
    members.sort_by(|left, right| deciding(*left, *right));
    let records = members.iter().map(|member| member.found.record.id().to_owned()).collect();
    let first = members.first().map(|member| member.found);
    let why = first.map_or_else(Why::default, |first| Why {
        records,
        ecosystem: first.ecosystem.to_owned(),
        looked_up: first.looked_up.to_owned(),
        compared: first.compared.to_owned(),
        range: first.range.clone(),
        scheme: first.scheme.map_or("exact", crate::version::Scheme::name).to_owned(),
        file: package.paths.first().cloned(),
    });
    let cvss = severity::best_score(vectors(&members));
    let summary = members.iter().map(|member| member.found.record.summary()).find(|text| !text.is_empty());
    Vulnerability {
        id: id.to_owned(),
        aliases: aliases(id, &members),
        package: package.purl.clone(),
        installed: package.version.clone(),
        fixed: fixes(&members),
        severity: severity_of(&members, cvss.as_ref().map(severity::from_score)),
        summary: summary.unwrap_or_default().to_owned(),
        cvss,
        kev: None,
        epss: None,
        vex: None,
        suppressed: None,
        layer: package.layer,
        why,
    }
}

/// The distribution's word before the score, the score before anybody else's word.
fn severity_of(members: &[Member<'_, '_>], score: Option<Severity>) -> Severity {
    let of_package = members.iter().find_map(|member| member.found.word);
    let of_distribution =
        members.iter().filter(|member| member.found.of_distribution).find_map(|member| member.found.record.word());
    let of_anybody = || members.iter().find_map(|member| member.found.record.word());
    of_package.or(of_distribution).or(score).or_else(of_anybody).unwrap_or(severity::UNKNOWN)
}

/// The scores of the records that speak of this problem alone; a score of an errata is that of its worst problem.
fn vectors<'index>(members: &[Member<'_, 'index>]) -> Vec<&'index str> {
    let of = |member: &Member<'_, 'index>| {
        let own = member.found.vectors.clone();
        if own.is_empty() { member.found.record.vectors().collect() } else { own }
    };
    let alone: Vec<_> = members.iter().filter(|member| member.alone).flat_map(of).collect();
    if alone.is_empty() { members.iter().flat_map(of).collect() } else { alone }
}

fn aliases(id: &str, members: &[Member<'_, '_>]) -> Vec<String> {
    let mut names = BTreeSet::new();
    for member in members {
        if member.alone && member.found.identity.naming == Naming::Is {
            names.extend(self::names(member.found));
        }
    }
    names.remove(id);
    names.into_iter().map(str::to_owned).collect()
}

/// Lowest first, each once.
fn fixes(members: &[Member<'_, '_>]) -> Vec<String> {
    let mut fixes: Vec<&str> = members.iter().flat_map(|member| member.found.fixed.iter().copied()).collect();
    let scheme = members.iter().find_map(|member| member.found.scheme);
    fixes.sort_by(|left, right| {
        let order = scheme.and_then(|scheme| scheme.compare(left, right));
        order.unwrap_or(Ordering::Equal).then_with(|| left.cmp(right))
    });
    fixes.dedup();
    fixes.into_iter().map(str::to_owned).collect()
}
