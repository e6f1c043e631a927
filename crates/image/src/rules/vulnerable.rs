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

/// At most one finding a rule for the whole image, with the worst rows as evidence. `exposed` says that a container of it
/// runs where others can reach it, or from where a path leads to the host; without any that runs, findings are a step
/// milder.
pub fn summed(subject: &Subject, rows: &[Vulnerability], exposure: Exposure) -> Vec<Finding> {
    let mut by_rule: BTreeMap<&str, (&Rule, Vec<&Vulnerability>)> = BTreeMap::new();
    for row in rows.iter().filter(|row| !is_settled(row)) {
        let rule = rule_of(row);
        by_rule.entry(rule.id).or_insert_with(|| (rule, Vec::new())).1.push(row);
    }
    by_rule.into_values().filter_map(|(rule, rows)| sum(subject, rule, &rows, exposure)).collect()
}

/// What the containers of an image make of its vulnerabilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposure {
    /// None runs.
    Idle,
    /// One runs.
    Running,
    /// One runs and listens on a published port, or has a path to the host.
    Reachable,
}

fn sum(subject: &Subject, rule: &Rule, rows: &[&Vulnerability], exposure: Exposure) -> Option<Finding> {
    let worst = rows.iter().map(|row| row.severity).max()?;
    let base = match rule.severity {
        Severity::Critical => Severity::Critical,
        // Without a fix there is less to be done, and it is worth less attention.
        Severity::Medium => worst.lowered(),
        _ => worst,
    };
    let severity = match exposure {
        Exposure::Idle => base.lowered(),
        Exposure::Running => base,
        Exposure::Reachable if base >= Severity::Medium => base.raised(),
        Exposure::Reachable => base,
    };
    let mut packages: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows {
        *packages.entry(row.package.as_str()).or_default() += 1;
    }
    let ids: Vec<&str> = rows.iter().take(5).map(|row| row.id.as_str()).collect();
    let more = rows.len().saturating_sub(ids.len());
    let listed = if more > 0 { format!("{} and {more} more", ids.join(", ")) } else { ids.join(", ") };
    let title = match (rule.id, rows.len()) {
        ("KG-I001", 1) => "1 vulnerability that is being exploited".to_owned(),
        ("KG-I001", count) => format!("{count} vulnerabilities that are being exploited"),
        ("KG-I002", 1) => "1 vulnerability that an upgrade fixes".to_owned(),
        ("KG-I002", count) => format!("{count} vulnerabilities that upgrades fix"),
        ("KG-I003", 1) => "1 vulnerability without a fix".to_owned(),
        ("KG-I003", count) => format!("{count} vulnerabilities without a fix"),
        (_, 1) => "1 malicious package".to_owned(),
        (_, count) => format!("{count} malicious packages"),
    };
    let mut finding = rule
        .on(subject.clone())
        .severity(severity)
        .title(title)
        .evidence("vulnerabilities", listed)
        .evidence("packages", packages.len().to_string())
        .evidence(
            "containers",
            match exposure {
                Exposure::Idle => "none runs",
                Exposure::Running => "running",
                Exposure::Reachable => "running, and reachable or with a path to the host",
            },
        );
    for row in rows.iter().filter(|row| row.id.starts_with("CVE-")).take(20) {
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
