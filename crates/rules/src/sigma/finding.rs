//! Matches, and findings made of them.

use std::sync::Arc;

use jiff::Timestamp;
use keelguard_model::{Area, Finding, Fix, Kind, Refs, Severity, Subject, rule};

use super::Compiled;
use super::detection::Expr;
use super::logsource::LogSource;
use super::row::{KEYWORDS, Row};
use super::rule::Rule;
use crate::events::Event;

/// Fields that a match shows.
const MAX_FIELDS: usize = 24;
/// Characters of each.
const MAX_CHARS: usize = 500;

/// A rule that found what it looks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// The rule.
    pub rule: Arc<Rule>,
    /// When: of a correlation, the time of the event that completed it, or the end of its time.
    pub time: Option<Timestamp>,
    /// The host that the event names; empty where it names none.
    pub host: String,
    /// What was read: the fields that the rule asks for, or what a correlation has grouped and counted.
    pub evidence: Vec<(String, String)>,
}

impl Match {
    /// Of one event.
    pub(crate) fn of_event(compiled: &Compiled, event: &Event<'_>, row: &Row<'_>, names: &[String]) -> Self {
        let mut asked = Vec::new();
        compiled.detection.selections.iter().for_each(|selection| fields(selection, &mut asked));
        let mut evidence: Vec<(String, String)> = Vec::new();
        let mut show = |name: &str, value: &str| {
            if evidence.len() < MAX_FIELDS && !evidence.iter().any(|(known, _)| known == name) {
                evidence.push((name.to_owned(), value.chars().take(MAX_CHARS).collect()));
            }
        };
        for field in &asked {
            if let (Some(name), Some(value)) = (names.get(*field as usize), super::test::first(row, *field)) {
                show(name, value);
            }
        }
        for name in &compiled.rule.fields {
            if let Some(value) = event.field(name) {
                show(name, &value);
            }
        }
        if !event.text.is_empty() && (asked.contains(&KEYWORDS) || asked.is_empty()) {
            show("text", &event.text);
        }
        Self { rule: Arc::clone(&compiled.rule), time: event.time, host: event.host.to_string(), evidence }
    }

    /// As a finding on `subject`. The rule's id stands in the evidence; the finding's own rule is that of the catalogue for
    /// the area that the log belongs to.
    pub fn finding(&self, subject: Subject) -> Finding {
        let (id, title) = (self.rule.key(), &self.rule.title);
        let mut finding = catalogue(area(&self.rule.logsource))
            .on(subject)
            .about(id)
            .title(title.clone())
            .severity(self.rule.level.map_or(Severity::Medium, super::Level::severity))
            .evidence("Sigma rule", id);
        finding.kind = Kind::Detection;
        finding.time = self.time.unwrap_or(Timestamp::UNIX_EPOCH);
        for (what, value) in &self.evidence {
            finding = finding.evidence(what, value);
        }
        finding.refs = Refs {
            cve: self.rule.cves(),
            cis: Vec::new(),
            cis_aws: Vec::new(),
            attack: self.rule.techniques(),
            links: self.rule.references.clone(),
        };
        let harmless: Vec<&str> =
            self.rule.false_positives.iter().map(String::as_str).filter(|text| !is_empty_word(text)).collect();
        if !harmless.is_empty() {
            let summary = format!("{} It may be harmless: {}.", finding.fix.summary, harmless.join("; "));
            finding.fix = Fix { summary, ..finding.fix };
        }
        finding
    }
}

/// What authors write where they know of no false positives.
fn is_empty_word(text: &str) -> bool {
    ["unknown", "unlikely", "none"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// The area of a log: files are data, traffic is performance, mail is spam; who did what on the host is logins.
fn area(source: &LogSource) -> Area {
    match (source.category.as_str(), source.service.as_str()) {
        ("file_event" | "file_change" | "file_rename" | "file_delete" | "file_access" | "antivirus", _)
        | (_, "clamav") => Area::Data,
        ("network_connection" | "firewall" | "dns" | "dns_query" | "proxy", _) => Area::Performance,
        ("email", _) | (_, "postfix" | "exim" | "mail") => Area::Spam,
        _ => Area::Logins,
    }
}

/// The row of the catalogue for an area.
fn catalogue(area: Area) -> &'static keelguard_model::Rule {
    match area {
        Area::Data => &rule::SIGMA_DATA,
        Area::Performance => &rule::SIGMA_PERFORMANCE,
        Area::Spam => &rule::SIGMA_SPAM,
        _ => &rule::SIGMA_LOGINS,
    }
}

/// The numbers of the fields that are asked for, in their order.
fn fields(expr: &Expr, into: &mut Vec<u32>) {
    match expr {
        Expr::Item(item) if !into.contains(&item.field) && into.len() < 2 * MAX_FIELDS => into.push(item.field),
        Expr::And(all) | Expr::Or(all) | Expr::AtLeast(_, all) => all.iter().for_each(|expr| fields(expr, into)),
        Expr::Not(expr) => fields(expr, into),
        Expr::Item(_) | Expr::Selection(_) => {}
    }
}
