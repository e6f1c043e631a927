//! Vulnerabilities as findings, one each: what the formats of pipelines show.

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

/// A finding for each row, for the formats of pipelines.
pub fn each(subject: &Subject, rows: &[Vulnerability]) -> Vec<Finding> {
    rows.iter()
        .filter(|row| !row.is_settled())
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
