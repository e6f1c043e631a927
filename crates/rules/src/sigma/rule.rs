//! What a rule says about itself: the head that detections, correlations and filters share, checked as the
//! specification's JSON Schemas check it.

use std::path::{Path, PathBuf};

use keelguard_model::Severity;

use super::error::Flaw;
use super::logsource::LogSource;
use super::yaml::{Kind, Node};

/// How critical a match is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Enriches events; no alert.
    Informational,
    /// Rarely an incident.
    Low,
    /// To be reviewed now and then.
    Medium,
    /// To be reviewed promptly.
    High,
    /// To be reviewed at once.
    Critical,
}

impl Level {
    /// Our word for it.
    pub const fn severity(self) -> Severity {
        match self {
            Self::Informational => Severity::Info,
            Self::Low => Severity::Low,
            Self::Medium => Severity::Medium,
            Self::High => Severity::High,
            Self::Critical => Severity::Critical,
        }
    }
}

/// How far a rule has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// For production.
    Stable,
    /// No obvious false positives.
    Test,
    /// May be noisy.
    Experimental,
    /// Another rule has taken its place.
    Deprecated,
    /// Its author says that it cannot be used as it is.
    Unsupported,
}

/// A rule, as its author describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// The file.
    pub file: PathBuf,
    /// The line where it starts, from 1.
    pub line: usize,
    /// Its id, a UUID; empty where it has none.
    pub id: String,
    /// The name by which correlations know it; empty where it has none.
    pub name: String,
    /// One line.
    pub title: String,
    /// What it finds.
    pub description: String,
    /// How critical a match is, where it says so.
    pub level: Option<Level>,
    /// How far it has come, where it says so.
    pub status: Option<Status>,
    /// `attack.t1059.004` and others.
    pub tags: Vec<String>,
    /// Where to read on.
    pub references: Vec<String>,
    /// What else may look like this.
    pub false_positives: Vec<String>,
    /// Fields that help to judge a match.
    pub fields: Vec<String>,
    /// The log it is for; of a correlation, empty.
    pub logsource: LogSource,
}

impl Rule {
    /// What names it: its id, else its name, else its title.
    pub fn key(&self) -> &str {
        [&self.id, &self.name].into_iter().find(|text| !text.is_empty()).unwrap_or(&self.title)
    }

    /// The MITRE ATT&CK techniques of its tags: `T1059.004`.
    pub fn techniques(&self) -> Vec<String> {
        let of = |tag: &String| {
            let technique = tag.strip_prefix("attack.t")?;
            technique.starts_with(|first: char| first.is_ascii_digit()).then(|| format!("T{technique}"))
        };
        self.tags.iter().filter_map(of).collect()
    }

    /// The CVEs of its tags: `CVE-2021-4034`.
    pub fn cves(&self) -> Vec<String> {
        let of = |tag: &String| Some(format!("CVE-{}", tag.strip_prefix("cve.")?.replace('.', "-")));
        self.tags.iter().filter_map(of).collect()
    }

    /// Reads the head of a rule.
    pub(crate) fn read(node: &Node, file: &Path) -> Result<Self, Flaw> {
        let title = text(node, "title", 256)?;
        if title.is_empty() {
            return Err(Flaw::at(node.line, "it has no title"));
        }
        let id = text(node, "id", 64)?;
        if !id.is_empty() && !is_uuid(&id) {
            return Err(Flaw::at(line_of(node, "id"), format!("its id {id:?} is no UUID")));
        }
        for key in ["license", "author"] {
            text(node, key, usize::MAX)?;
        }
        let taxonomy = text(node, "taxonomy", 256)?;
        if !matches!(taxonomy.as_str(), "" | "sigma") {
            // Its fields would be other ones than those that our events have.
            let what = format!("its field names are of the taxonomy {taxonomy:?}; only that of Sigma itself is known");
            return Err(Flaw::at(line_of(node, "taxonomy"), what));
        }
        for key in ["date", "modified"] {
            let date = text(node, key, 64)?;
            if node.get(key).is_some() && !is_date(&date) {
                return Err(Flaw::at(line_of(node, key), format!("its {key} {date:?} is not of the form 2024-08-08")));
            }
        }
        related(node)?;
        list(node, "scope", 2)?;
        let tags = list(node, "tags", 0)?;
        if let Some(tag) = tags.iter().find(|tag| !is_tag(tag)) {
            let what = format!("its tag {tag:?} is not of the form namespace.name in lower case");
            return Err(Flaw::at(line_of(node, "tags"), what));
        }
        Ok(Self {
            file: file.to_owned(),
            line: node.line,
            id: id.to_ascii_lowercase(),
            name: text(node, "name", 256)?,
            title,
            description: text(node, "description", 65_535)?,
            level: level(node)?,
            status: status(node)?,
            tags,
            references: list(node, "references", 0)?,
            false_positives: match node.get("falsepositives").map(|node| &node.kind) {
                // A correlation may say it in one sentence.
                Some(Kind::Text(one)) if one.chars().count() > 1 && node.get("correlation").is_some() => {
                    vec![one.clone()]
                }
                _ => list(node, "falsepositives", 2)?,
            },
            fields: list(node, "fields", 0)?,
            logsource: LogSource::default(),
        })
    }
}

/// The line of the value under `key`.
fn line_of(node: &Node, key: &str) -> usize {
    node.get(key).map_or(node.line, |value| value.line)
}

/// The text under `key`, of at most so many characters; empty where there is none.
fn text(node: &Node, key: &str, most: usize) -> Result<String, Flaw> {
    let Some(value) = node.get(key) else { return Ok(String::new()) };
    match value.text() {
        Some(text) if text.chars().count() > most => {
            Err(Flaw::at(value.line, format!("its {key} has more than {most} characters")))
        }
        Some(text) => Ok(text.to_owned()),
        None => Err(Flaw::at(value.line, format!("its {key} is no text"))),
    }
}

/// The texts under `key`, each of at least so many characters and none of them twice.
pub(crate) fn list(node: &Node, key: &str, least: usize) -> Result<Vec<String>, Flaw> {
    let Some(value) = node.get(key) else { return Ok(Vec::new()) };
    let Kind::List(items) = &value.kind else { return Err(Flaw::at(value.line, format!("its {key} are no list"))) };
    let mut seen = std::collections::HashSet::new();
    items
        .iter()
        .map(|item| match item.text() {
            None => Err(Flaw::at(item.line, format!("one of its {key} is no text"))),
            Some(text) if text.chars().count() < least => {
                Err(Flaw::at(item.line, format!("one of its {key} has fewer than {least} characters")))
            }
            Some(text) if !seen.insert(text) => Err(Flaw::at(item.line, format!("{text:?} stands twice in its {key}"))),
            Some(text) => Ok(text.to_owned()),
        })
        .collect()
}

fn level(node: &Node) -> Result<Option<Level>, Flaw> {
    Ok(Some(match (node.get("level"), text(node, "level", 64)?.as_str()) {
        (None, _) => return Ok(None),
        (_, "informational") => Level::Informational,
        (_, "low") => Level::Low,
        (_, "medium") => Level::Medium,
        (_, "high") => Level::High,
        (_, "critical") => Level::Critical,
        (_, other) => {
            let what = format!("its level {other:?} is none of informational, low, medium, high and critical");
            return Err(Flaw::at(line_of(node, "level"), what));
        }
    }))
}

fn status(node: &Node) -> Result<Option<Status>, Flaw> {
    Ok(Some(match (node.get("status"), text(node, "status", 64)?.as_str()) {
        (None, _) => return Ok(None),
        (_, "stable") => Status::Stable,
        (_, "test") => Status::Test,
        (_, "experimental") => Status::Experimental,
        (_, "deprecated") => Status::Deprecated,
        (_, "unsupported") => Status::Unsupported,
        (_, other) => {
            let what =
                format!("its status {other:?} is none of stable, test, experimental, deprecated and unsupported");
            return Err(Flaw::at(line_of(node, "status"), what));
        }
    }))
}

/// Checks the rules it says it is related to.
fn related(node: &Node) -> Result<(), Flaw> {
    let Some(value) = node.get("related") else { return Ok(()) };
    let Kind::List(items) = &value.kind else { return Err(Flaw::at(value.line, "its related rules are no list")) };
    for item in items {
        let known = ["derived", "obsolete", "merged", "renamed", "similar"];
        let (id, kind) = (item.get("id").and_then(Node::text), item.get("type").and_then(Node::text));
        if !id.is_some_and(is_uuid) || !kind.is_some_and(|kind| known.contains(&kind)) {
            let what = format!("a related rule needs an id (a UUID) and a type ({})", known.join(", "));
            return Err(Flaw::at(item.line, what));
        }
    }
    Ok(())
}

/// `0e95725d-7320-415d-80f7-004da920fc11`.
pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// `2024-08-08`; also `2024/08/08`, as it was written before version 2.
fn is_date(text: &str) -> bool {
    let text = text.replace('/', "-");
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let within = |part: &str, digits: usize, most: u16| {
        part.len() == digits
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && part.parse::<u16>().is_ok_and(|number| (u16::from(digits == 2)..=most).contains(&number))
    };
    within(year, 4, 9999) && within(month, 2, 12) && within(day, 2, 31)
}

/// `attack.t1059.004`.
fn is_tag(text: &str) -> bool {
    let small = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
    text.split_once('.').is_some_and(|(space, name)| {
        !space.is_empty()
            && space.bytes().all(small)
            && !name.is_empty()
            && name.bytes().all(|byte| small(byte) || byte == b'.')
    })
}
