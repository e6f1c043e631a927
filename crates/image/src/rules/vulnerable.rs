//! Vulnerabilities as findings: one each for pipelines, or a few for a whole image in the report of a host.

use std::collections::BTreeMap;

use keelguard_model::image::Vulnerability;
use keelguard_model::{Finding, Rule, Severity, Subject, rule};

/// The rule that a row falls under.
fn rule_of(row: &Vulnerability) -> &'static Rule {
    let is_malicious =
        std::iter::once(&row.id).chain(&row.aliases).chain(&row.why.records).any(|id| id.starts_with("MAL-"));
    match row {
        _ if is_malicious => &rule::MALICIOUS,
        _ if row.kev.is_some() => &rule::EXPLOITED,
        _ if row.fixed.is_empty() => &rule::UNFIXED,
        _ => &rule::FIXABLE,
    }
}

/// Whether a VEX document says that nothing has to be done.
fn is_settled(row: &Vulnerability) -> bool {
    row.vex.as_ref().is_some_and(|vex| matches!(vex.status.as_str(), "not_affected" | "fixed"))
}

/// A finding for each row, for the formats of pipelines.
pub fn each(subject: &Subject, rows: &[Vulnerability]) -> Vec<Finding> {
    rows.iter()
        .filter(|row| !is_settled(row))
        .map(|row| {
            let rule = rule_of(row);
            let severity = if rule.severity == Severity::Critical { Severity::Critical } else { row.severity };
            let fixed = row.fixed.first().map_or_else(|| "nothing yet".to_owned(), Clone::clone);
            let mut finding = rule
                .on(subject.clone())
                .severity(severity)
                .title(format!("{} in {} {}", row.id, row.why.looked_up, row.installed))
                .evidence("vulnerability", names(row))
                .evidence("package", &row.package)
                .evidence("installed", &row.installed)
                .evidence("fixed in", fixed)
                .about(&format!("{} {}", row.id, row.package));
            if let Some(file) = &row.why.file {
                finding = finding.evidence("file", file);
            }
            for id in std::iter::once(&row.id).chain(&row.aliases).filter(|id| id.starts_with("CVE-")) {
                finding = finding.cve(id);
            }
            finding
        })
        .collect()
}

/// All names of a row, the one it is known by first.
fn names(row: &Vulnerability) -> String {
    let names: Vec<&str> = std::iter::once(&row.id).chain(&row.aliases).map(String::as_str).collect();
    names.join(", ")
}

/// What the containers of an image make of its vulnerabilities: names of containers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exposure {
    /// Those that run.
    pub running: Vec<String>,
    /// Those of them that others can reach: by a port that is published beyond loopback, or in the host's network.
    pub published: Vec<String>,
    /// Those of them from which a path leads to the host.
    pub to_host: Vec<String>,
}

impl Exposure {
    /// How much a row counts: a step less where nothing runs, a step more where it can be reached over the network and
    /// others can reach the program, or where a path leads on to the host.
    fn weigh(&self, row: &Vulnerability) -> Severity {
        let rule = rule_of(row);
        let base = match rule.severity {
            Severity::Critical => Severity::Critical,
            // Without a fix there is less to be done, and it is worth less attention.
            Severity::Medium => row.severity.lowered(),
            _ => row.severity,
        };
        let over_network = row.cvss.as_ref().is_some_and(|cvss| cvss.vector.contains("AV:N"));
        let opens = (over_network && !self.published.is_empty()) || !self.to_host.is_empty();
        match () {
            () if self.running.is_empty() => base.lowered(),
            () if opens && base >= Severity::Medium => base.raised(),
            () => base,
        }
    }

    fn words(&self) -> String {
        if self.running.is_empty() {
            return "none runs".into();
        }
        let mut words =
            vec![format!("{} {}", list(&self.running), if self.running.len() == 1 { "runs" } else { "run" })];
        if !self.published.is_empty() {
            words.push(format!("reachable: {}", list(&self.published)));
        }
        if !self.to_host.is_empty() {
            words.push(format!("with a path to the host: {}", list(&self.to_host)));
        }
        words.join("; ")
    }
}

/// `a, b and 3 more`.
fn list(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<&str> = names.iter().take(SHOWN).map(String::as_str).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// At most one finding a rule for the whole image, the worst rows as evidence: what the report of a host shows. `rows` come
/// with the most urgent first.
pub fn summed(subject: &Subject, rows: &[Vulnerability], exposure: &Exposure) -> Vec<Finding> {
    let mut by_rule: BTreeMap<&str, (&Rule, Vec<&Vulnerability>)> = BTreeMap::new();
    for row in rows.iter().filter(|row| !is_settled(row)) {
        let rule = rule_of(row);
        by_rule.entry(rule.id).or_insert_with(|| (rule, Vec::new())).1.push(row);
    }
    by_rule.into_values().filter_map(|(rule, rows)| sum(subject, rule, &rows, exposure)).collect()
}

/// Titles of sums: the rule, of one, of several.
const TITLES: &[(&Rule, &str, &str)] = &[
    (&rule::EXPLOITED, "vulnerability that is being exploited", "vulnerabilities that are being exploited"),
    (&rule::FIXABLE, "vulnerability that an upgrade fixes", "vulnerabilities that upgrades fix"),
    (&rule::UNFIXED, "vulnerability without a fix", "vulnerabilities without a fix"),
    (&rule::MALICIOUS, "package that is known to be malicious", "packages that are known to be malicious"),
];

fn sum(subject: &Subject, rule: &'static Rule, rows: &[&Vulnerability], exposure: &Exposure) -> Option<Finding> {
    const WORST: usize = 5;
    let severity = rows.iter().map(|row| exposure.weigh(row)).max()?;
    // One problem of one source package is one row a binary package; nobody counts them like that.
    let mut problems: BTreeMap<(&str, &str), &Vulnerability> = BTreeMap::new();
    let mut order = Vec::new();
    for row in rows {
        problems.entry((&row.id, &row.why.looked_up)).or_insert_with(|| {
            order.push(*row);
            row
        });
    }
    let (_, one, several) = TITLES.iter().find(|(other, ..)| other.id == rule.id)?;
    let title = match problems.len() {
        1 => format!("1 {one}"),
        count => format!("{count} {several}"),
    };
    order.sort_by_key(|row| std::cmp::Reverse(row.severity));
    let worst: Vec<String> = order
        .iter()
        .take(WORST)
        .map(|row| {
            let fixed = row.fixed.first().map_or_else(String::new, |fixed| format!(" (fixed in {fixed})"));
            format!("{} in {} {}{fixed}", row.id, row.why.looked_up, row.installed)
        })
        .collect();
    let mut finding = rule.on(subject.clone()).severity(severity).title(title).evidence("worst", worst.join("; "));
    finding = finding.evidence("containers", exposure.words());
    for row in order.iter().filter(|row| row.id.starts_with("CVE-")).take(50) {
        finding = finding.cve(&row.id);
    }
    Some(finding.command(format!("keelguard image {}", quoted(&subject.name))))
}

/// A word for the shell.
fn quoted(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:@+".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}
