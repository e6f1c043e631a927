//! SARIF 2.1.0 (OASIS), for code scanning. A container is no file: it is a logical location, and has an artifact
//! `container/web` besides, because viewers drop results without one.

use std::collections::BTreeMap;
use std::io::{self, Write};

use keelguard_model::{Finding, Report, Rule, Severity, Subject, rules};
use serde_json::{Map, Value, json};

use crate::Options;
use crate::words::{evidence, subject, whole, whole_block};

pub(crate) fn write(report: &Report, options: &Options, out: &mut dyn Write) -> io::Result<()> {
    let asked = options.min_severity.unwrap_or(Severity::Info);
    let findings: Vec<_> = report.findings.iter().filter(|finding| finding.severity >= asked).collect();
    let mut descriptors: Vec<Value> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for rule in rules() {
        places.insert(rule.id, descriptors.len());
        descriptors.push(descriptor(rule));
    }
    // A report from a file may hold rules that this version does not know.
    for finding in &findings {
        if !places.contains_key(finding.rule.as_str()) {
            places.insert(&finding.rule, descriptors.len());
            descriptors.push(json!({
                "id": whole(&finding.rule), "shortDescription": {"text": whole(&finding.title)},
                "properties": {"tags": ["security", finding.area.name()]},
            }));
        }
    }
    let baseline = options.baseline.as_ref();
    let new = |finding: &Finding| baseline.map(|known| known.new.contains(&finding.fingerprint));
    let mut results: Vec<Value> = Vec::new();
    for finding in &findings {
        let state = new(finding).map(|new| if new { "new" } else { "unchanged" });
        results.push(result(finding, places.get(finding.rule.as_str()).copied(), state));
    }
    for finding in baseline.iter().flat_map(|baseline| &baseline.fixed).filter(|finding| finding.severity >= asked) {
        results.push(result(finding, places.get(finding.rule.as_str()).copied(), Some("absent")));
    }
    let notifications: Vec<_> = report
        .incomplete
        .iter()
        .map(|gap| {
            json!({"level": "warning", "descriptor": {"id": "could-not-look"},
                "message": {"text": format!("{}: {}: {}", gap.area, whole(&gap.what), whole(&gap.why))}})
        })
        .collect();
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "Keelguard", "semanticVersion": whole(&report.tool.version), "rules": descriptors,
                "notifications": [{"id": "could-not-look", "shortDescription": {"text": "Something could not be looked at"}}],
            }},
            "automationDetails": {"id": format!("keelguard/{}/", whole(&report.host.name))},
            "invocations": [{
                "executionSuccessful": true, "startTimeUtc": report.started, "endTimeUtc": report.finished,
                "toolExecutionNotifications": notifications,
            }],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    out.write_all(b"\n")
}

fn descriptor(rule: &Rule) -> Value {
    let mut tags = vec!["security".to_owned(), rule.area.name().to_owned()];
    tags.extend(rule.cis.iter().map(|section| format!("cis-docker/{section}")));
    tags.extend(rule.cis_aws.iter().map(|section| format!("cis-aws/{section}")));
    tags.extend(rule.attack.iter().map(|technique| format!("attack/{technique}")));
    let mut value = json!({
        "id": rule.id, "shortDescription": {"text": rule.title},
        "fullDescription": {"text": format!("{} {}", rule.wrong, rule.why)},
        "help": {"text": rule.fix, "markdown": format!("{}\n\n{}\n\n**Fix:** {}", rule.wrong, rule.why, rule.fix)},
        "defaultConfiguration": {"level": level(rule.severity)},
        "properties": {"tags": tags, "precision": "high", "security-severity": score(rule.severity)},
    });
    if let (Some(link), Some(object)) = (rule.links.first(), value.as_object_mut()) {
        object.insert("helpUri".to_owned(), json!(link));
    }
    value
}

fn result(finding: &Finding, place: Option<usize>, state: Option<&str>) -> Value {
    let mut text = format!("{} ({})", whole(&finding.title), whole(&subject(&finding.subject)));
    if !finding.evidence.is_empty() {
        text.push_str(&format!(": {}", whole(&evidence(finding))));
    }
    if !finding.fix.summary.is_empty() {
        text.push_str(&format!(". Fix: {}", whole(&finding.fix.summary)));
    }
    let mut object = Map::new();
    object.insert("ruleId".into(), json!(whole(&finding.rule)));
    if let Some(place) = place {
        object.insert("ruleIndex".into(), json!(place));
    }
    object.insert("level".into(), json!(level(finding.severity)));
    // Markdown would be read into a plain message by some viewers: brackets are links there.
    object.insert("message".into(), json!({"text": text.replace('[', "\\[").replace(']', "\\]")}));
    object.insert("locations".into(), json!([location(&finding.subject)]));
    object.insert("partialFingerprints".into(), json!({"keelguard/v1": finding.fingerprint}));
    object.insert(
        "properties".into(),
        json!({"area": finding.area, "severity": finding.severity, "security-severity": score(finding.severity),
            "commands": finding.fix.commands.iter().map(|command| whole_block(command)).collect::<Vec<_>>()}),
    );
    if let Some(state) = state {
        object.insert("baselineState".into(), json!(state));
    }
    let suppressions = finding.suppressed.iter().map(
        |suppressed| json!({"kind": "external", "status": "accepted", "justification": whole(&suppressed.reason)}),
    );
    object.insert("suppressions".into(), suppressions.collect());
    Value::Object(object)
}

fn location(subject: &Subject) -> Value {
    let kind = subject.kind.name();
    json!({
        "physicalLocation": {"artifactLocation": {"uri": format!("{kind}/{}", uri(&subject.name))},
            "region": {"startLine": 1}},
        "logicalLocations": [{"name": whole(&subject.name), "fullyQualifiedName": format!("{kind}/{}", whole(&subject.name)),
            "kind": "resource"}],
    })
}

/// One or more path segments; whatever RFC 3986 does not leave unreserved is escaped, so that no name climbs or forges.
fn uri(name: &str) -> String {
    let mut escaped = String::new();
    for segment in name.trim_start_matches('/').split('/') {
        if !escaped.is_empty() {
            escaped.push('/');
        }
        if segment == "." || segment == ".." {
            escaped.push_str(&segment.replace('.', "%2E"));
            continue;
        }
        for byte in segment.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                escaped.push(char::from(byte));
            } else {
                escaped.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    escaped
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// On the scale of CVSS, whose bands code scanning sorts by.
const fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "0.0",
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_name_cannot_climb_out_of_its_place_in_an_address() {
        assert_eq!(super::uri("../../etc/<x>?"), "%2E%2E/%2E%2E/etc/%3Cx%3E%3F");
        assert_eq!(super::uri("/etc/docker"), "etc/docker");
    }
}
