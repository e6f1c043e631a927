//! Looks one name up in one index and judges every record found.

use std::collections::HashMap;

use keelguard_model::Severity;

use super::identity::{self, Identity};
use super::query::Query;
use super::{modules, ranges};
use crate::ecosystem;
use crate::index::{Hit, Index, RecordView};
use crate::osv::EventKind;
use crate::version::{Scheme, Version};

/// A record that holds the version.
#[derive(Clone, Debug)]
pub(super) struct Found<'index> {
    pub(super) record: RecordView<'index>,
    pub(super) identity: Identity<'index>,
    pub(super) of_distribution: bool,
    pub(super) ecosystem: &'index str,
    pub(super) looked_up: &'index str,
    pub(super) compared: &'index str,
    pub(super) range: String,
    pub(super) scheme: Option<Scheme>,
    pub(super) fixed: Vec<&'index str>,
    pub(super) word: Option<Severity>,
    pub(super) vectors: Vec<&'index str>,
}

/// All records of the index that hold the version.
pub(super) fn look<'index>(
    index: &'index Index,
    query: &'index Query<'_>,
    of_distribution: bool,
) -> Vec<Found<'index>> {
    let mut judge = Judge::new(query);
    let mut found: Vec<Found<'_>> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for hit in index.lookup(query.name).filter(|hit| ecosystem::covers(hit.ecosystem(), query.ecosystem)) {
        let Some((range, fixed)) = judge.holds(&hit) else { continue };
        let Some(record) = hit.record().filter(|record| !record.withdrawn()) else { continue };
        // A record may list a package several times, once for each branch.
        if let Some(known) = places.get(record.id()).and_then(|at| found.get_mut(*at)) {
            known.fixed.extend(fixed);
            continue;
        }
        let identity = identity::of(&record, of_distribution);
        if identity.cves.is_empty() && identity::is_maintenance(record.id()) {
            continue;
        }
        places.insert(record.id(), found.len());
        found.push(Found {
            record,
            identity,
            of_distribution,
            ecosystem: hit.ecosystem(),
            looked_up: query.name,
            compared: &query.version,
            range,
            scheme: judge.scheme,
            fixed: fixed.into_iter().collect(),
            word: hit.word(),
            vectors: hit.vectors().collect(),
        });
    }
    found
}

/// How a version stands to the ranges of its ecosystem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It has a place in the order.
    Ordered,
    /// It is a branch: `Composer\Semver\Constraint` lets none of them be in a range, though its order has them before all
    /// numbers.
    Branch,
    /// It says nothing: every order counts, and without a digit (`unknown`, `(devel)`, nothing at all), or where its
    /// ecosystem does not take it for a version, it would count as older than all.
    Unreadable,
}

/// How a version stands to the ranges of an ecosystem.
pub(super) fn standing(ecosystem: &str, version: &str) -> Standing {
    let parsed = Scheme::of_ecosystem(ecosystem).map(|scheme| scheme.parse(version));
    let parsed = parsed.as_ref().map(Option::as_ref);
    if parsed.flatten().is_some_and(Version::is_branch) {
        return Standing::Branch;
    }
    let is_version = parsed.is_none_or(|version| version.is_some_and(Version::is_legal));
    if is_version && version.bytes().any(|byte| byte.is_ascii_digit()) {
        Standing::Ordered
    } else {
        Standing::Unreadable
    }
}

/// The version at hand, read once for each order in which it is compared.
struct Judge<'query> {
    query: &'query Query<'query>,
    scheme: Option<Scheme>,
    standing: Standing,
    parsed: Vec<(Scheme, Option<Version>)>,
    /// Lists that were searched before: all records of a Debian package share a few.
    lists: HashMap<u32, bool>,
}

impl<'query> Judge<'query> {
    fn new(query: &'query Query<'query>) -> Self {
        let standing = standing(query.ecosystem, &query.version);
        Self {
            query,
            scheme: Scheme::of_ecosystem(query.ecosystem),
            standing,
            parsed: Vec::new(),
            lists: HashMap::new(),
        }
    }

    fn version(&mut self, scheme: Scheme) -> Option<&Version> {
        let at = self.parsed.iter().position(|(known, _)| *known == scheme).unwrap_or_else(|| {
            self.parsed.push((scheme, scheme.parse(&self.query.version)));
            self.parsed.len() - 1
        });
        self.parsed.get(at)?.1.as_ref()
    }

    /// The range or list that holds the version, and the fix.
    fn holds<'index>(&mut self, hit: &Hit<'index>) -> Option<(String, Option<&'index str>)> {
        let mut ranges = 0;
        for (kind, events) in hit.ranges() {
            let Some(scheme) = self.scheme.map(|own| ranges::scheme_of(kind, own)) else { continue };
            let name = self.query.name;
            let compared = &self.query.version;
            if self.standing != Standing::Ordered {
                // It may be any: what holds for all of them holds for it.
                let all = |(kind, from): &(EventKind, &str)| *kind == EventKind::Introduced && *from == "0";
                if !events.is_empty() && events.iter().all(all) {
                    return Some(("every version".to_owned(), None));
                }
                continue;
            }
            let Some(version) = self.version(scheme) else { continue };
            ranges += 1;
            let Some(held) = ranges::held(scheme, version, &events) else { continue };
            let other_stream = |fixed: &str| scheme == Scheme::Rpm && !modules::same_stream(name, compared, fixed);
            if !held.fixed.is_some_and(other_stream) {
                return Some((held.words, held.fixed));
            }
        }
        self.is_listed(hit, ranges == 0 && self.standing == Standing::Ordered)
            .then(|| ("listed in versions".to_owned(), None))
    }

    /// Whether the version is in the list: letter by letter, and where no range could be judged also in another spelling.
    fn is_listed(&mut self, hit: &Hit<'_>, spellings: bool) -> bool {
        let list = hit.versions_id();
        if list == 0 {
            return false;
        }
        let installed = self.query.version.as_str();
        let exact = *self.lists.entry(list).or_insert_with(|| hit.versions().any(|version| version == installed));
        if exact || !spellings {
            return exact;
        }
        let Some(scheme) = self.scheme else { return false };
        let Some(version) = self.version(scheme) else { return false };
        hit.versions().any(|other| scheme.parse(other).is_some_and(|other| other == *version))
    }
}
