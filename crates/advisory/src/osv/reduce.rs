//! The short form of a record: what the index keeps of it.

use keelguard_model::Severity;

use super::record;
use crate::severity;
use crate::{AdvisoryError, ecosystem};

/// One record, without the prose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Its id: `GHSA-…`, `DEBIAN-CVE-…`.
    pub id: String,
    /// When it was changed last, as it stands there.
    pub modified: String,
    /// Withdrawn records name nothing any more; they stay so that an update knows that they were seen.
    pub withdrawn: bool,
    /// Other names of the same problem.
    pub aliases: Vec<String>,
    /// Problems upstream that this record carries into a distribution.
    pub upstream: Vec<String>,
    /// Problems that have to do with it; in errata: the problems that it fixes.
    pub related: Vec<String>,
    /// One line on what it is.
    pub summary: String,
    /// The severity in the database's own word.
    pub word: Option<Severity>,
    /// Scores.
    pub vectors: Vec<Vector>,
    /// Packages of this ecosystem.
    pub affected: Vec<Affected>,
    /// Whether it names commits and nothing that a version can be compared with.
    pub commits_only: bool,
}

/// A CVSS vector as it stands there: `CVSS:3.1/AV:N/…`; for version 2 without a prefix.
pub type Vector = String;

/// One package of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Affected {
    /// With the release: `Debian:12`.
    pub ecosystem: String,
    /// As the record spells it.
    pub name: String,
    /// The severity for this package, in the database's word.
    pub word: Option<Severity>,
    /// Scores for this package.
    pub vectors: Vec<Vector>,
    /// Ranges of versions; those of commits are left out.
    pub ranges: Vec<Range>,
    /// Versions that are affected, one by one.
    pub versions: Vec<String>,
}

/// Whose order of versions a range follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeKind {
    /// Semantic versions, whatever the ecosystem.
    Semver,
    /// The ecosystem's own.
    Ecosystem,
}

/// A range of versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// The order it follows.
    pub kind: RangeKind,
    /// In the order of the record.
    pub events: Vec<Event>,
}

/// What happens at a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// The first that is affected; `0` is before all versions.
    Introduced,
    /// The first that is no longer affected.
    Fixed,
    /// The last that is affected.
    LastAffected,
    /// The first that the range says nothing about.
    Limit,
}

/// A version at which something changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What changes.
    pub kind: EventKind,
    /// Where.
    pub version: String,
}

/// Names, versions and ids of real records stay far below; what is longer is no name.
const LONGEST: usize = 1024;
const LONGEST_ID: usize = 200;
const SUMMARY: usize = 240;

pub(super) fn entry(record: record::Record) -> Result<Entry, AdvisoryError> {
    if !is_id(&record.id) {
        return Err(AdvisoryError::garbage("an OSV record", format_args!("{:?} is no id", record.id)));
    }
    let summary = summary(&record);
    let specific = &record.database_specific;
    let word = if record.id.starts_with("MAL-") {
        // Malicious packages carry no severity: whoever installed one has run it.
        Some(Severity::Critical)
    } else {
        word_of(specific).or_else(|| ubuntu_word(&record.severity.0)).or_else(|| severity::from_errata(&record.summary))
    };
    let mut entry = Entry {
        modified: record.modified.0.unwrap_or_default(),
        withdrawn: record.withdrawn.0.is_some(),
        aliases: ids(record.aliases.0),
        upstream: ids(record.upstream.0),
        related: ids(record.related.0),
        summary,
        word,
        vectors: vectors(&record.severity.0),
        affected: Vec::new(),
        commits_only: false,
        id: record.id,
    };
    if !entry.withdrawn {
        let of_commits = |item: &record::Affected| item.ranges.0.iter().any(|range| range.kind.as_str() == "GIT");
        entry.commits_only = record.affected.0.iter().any(of_commits);
        entry.affected = record.affected.0.into_iter().filter_map(affected).collect();
        entry.commits_only &= entry.affected.is_empty();
    }
    Ok(entry)
}

fn affected(item: record::Affected) -> Option<Affected> {
    let record::Package { ecosystem, name } = item.package;
    if name.is_empty() || name.len() > LONGEST || !ecosystem::is_name(&ecosystem) {
        return None;
    }
    let versions: Vec<_> = item.versions.0.into_iter().filter(|version| is_version(version)).collect();
    let ranges: Vec<_> = item.ranges.0.into_iter().filter_map(range).collect();
    if versions.is_empty() && ranges.is_empty() {
        return None;
    }
    let word = severity::informational(item.database_specific.informational.0.as_deref())
        .or_else(|| word_of(&item.ecosystem_specific))
        .or_else(|| word_of(&item.database_specific))
        .or_else(|| ubuntu_word(&item.severity.0));
    Some(Affected { ecosystem, name, word, vectors: vectors(&item.severity.0), ranges, versions })
}

/// Ranges of commits say nothing about versions; of kinds to come nothing is known.
fn range(range: record::Range) -> Option<Range> {
    let kind = match range.kind.as_str() {
        "SEMVER" => RangeKind::Semver,
        "ECOSYSTEM" => RangeKind::Ecosystem,
        _ => return None,
    };
    let events = range.events.0.into_iter().flat_map(|event| {
        [
            (EventKind::Introduced, event.introduced),
            (EventKind::Fixed, event.fixed),
            (EventKind::LastAffected, event.last_affected),
            (EventKind::Limit, event.limit),
        ]
    });
    let events: Vec<_> = events
        .filter_map(|(kind, version)| Some(Event { kind, version: version.filter(|text| is_version(text))? }))
        .collect();
    // Without a beginning nothing is affected.
    events.iter().any(|event| event.kind == EventKind::Introduced).then_some(Range { kind, events })
}

fn summary(record: &record::Record) -> String {
    let line = |text: &str| text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_owned();
    let text = line(&record.summary);
    let text = if text.is_empty() { line(&record.details) } else { text };
    let mut letters = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    let mut short: String = letters.by_ref().take(SUMMARY).collect();
    if letters.next().is_some() {
        short.push('…');
    }
    short
}

fn ids(names: Vec<String>) -> Vec<String> {
    let mut kept: Vec<_> = names.into_iter().filter(|name| is_id(name)).collect();
    kept.sort_unstable();
    kept.dedup();
    kept
}

/// An id goes into file names, addresses and reports.
pub(crate) fn is_id(id: &str) -> bool {
    (1..=LONGEST_ID).contains(&id.len())
        && !id.starts_with('.')
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_:.+".contains(&byte))
}

fn is_version(version: &str) -> bool {
    (1..=LONGEST).contains(&version.len()) && !version.chars().any(char::is_control)
}

fn vectors(list: &[record::Severity]) -> Vec<Vector> {
    list.iter()
        .filter(|item| item.kind.0.as_deref().is_some_and(|kind| kind.starts_with("CVSS")))
        .filter_map(|item| item.score.0.clone())
        .filter(|vector| vector.len() <= LONGEST)
        .take(8)
        .collect()
}

fn word_of(specific: &record::Specific) -> Option<Severity> {
    [&specific.urgency, &specific.ubuntu_priority, &specific.severity]
        .into_iter()
        .find_map(|word| severity::from_word(word.0.as_deref()?))
}

fn ubuntu_word(list: &[record::Severity]) -> Option<Severity> {
    let item = list.iter().find(|item| item.kind.0.as_deref() == Some("Ubuntu"))?;
    severity::from_word(item.score.0.as_deref()?)
}
