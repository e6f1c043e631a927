//! A finding as a Detection Finding.

use keelguard_model::{Finding, Severity, SubjectKind, ToolInfo, find_rule};
use serde_json::{Map, Value, json};

use super::{
    CONTAINER, FINDINGS, HOSTNAME, IP, USER, attacks, endpoint, event, metadata, millis, object, observable, severity,
};

/// The event.
pub(crate) fn finding(finding: &Finding, tool: &ToolInfo) -> Value {
    let time = millis(finding.time);
    let mut fields = event((2004, "Detection Finding"), FINDINGS, (1, "Create"), time);
    let (severity_id, severity_name) = severity(finding.severity);
    let status = if finding.suppressed.is_some() { (3, "Suppressed") } else { (1, "New") };
    let when = |what: &str| {
        let text = &finding.evidence.iter().find(|evidence| evidence.what == what)?.value;
        text.parse().ok().map(millis)
    };
    let (first, last) = (when("first").unwrap_or(time).min(time), when("last").unwrap_or(time).max(time));
    fields.extend(object(json!({
        "message": finding.title,
        "severity_id": severity_id, "severity": severity_name,
        "status_id": status.0, "status": status.1,
        "start_time": first, "end_time": last,
        "is_alert": finding.severity >= Severity::Medium && finding.suppressed.is_none(),
        "metadata": metadata(tool, Some(&finding.fingerprint)),
        "finding_info": info(finding, first, last),
        "evidences": [evidence(finding)],
        "remediation": remediation(finding),
    })));
    // Who attacks is evidence; a resource is what was hit.
    if finding.subject.kind != SubjectKind::Address {
        let resource = json!({"name": finding.subject.name, "type": finding.subject.kind.name()});
        fields.insert("resources".to_owned(), json!([resource]));
    }
    if let Some(suppressed) = &finding.suppressed {
        fields.insert("status_detail".to_owned(), json!(suppressed.reason));
    }
    let observables = observables(finding);
    if !observables.is_empty() {
        fields.insert("observables".to_owned(), Value::Array(observables));
    }
    Value::Object(fields)
}

fn info(finding: &Finding, first: i64, last: i64) -> Value {
    let rule = find_rule(&finding.rule);
    let mut info = json!({
        "uid": finding.fingerprint,
        "title": finding.title,
        "types": [finding.area.name()],
        "analytic": {"uid": finding.rule, "name": rule.map_or(finding.rule.as_str(), |rule| rule.title), "type_id": 1, "type": "Rule"},
        "created_time": last, "first_seen_time": first, "last_seen_time": last,
    });
    if let Some(fields) = info.as_object_mut() {
        if let Some(rule) = rule {
            fields.insert("desc".to_owned(), json!(format!("{} {}", rule.wrong, rule.why)));
        }
        let attacks = attacks(finding.refs.attack.iter().map(String::as_str));
        if !attacks.is_empty() {
            fields.insert("attacks".to_owned(), Value::Array(attacks));
        }
    }
    info
}

fn evidence(finding: &Finding) -> Value {
    let mut data = Map::new();
    for evidence in &finding.evidence {
        let known =
            data.get(&evidence.what).and_then(Value::as_str).map(|known| format!("{known}; {}", evidence.value));
        data.insert(evidence.what.clone(), json!(known.as_ref().unwrap_or(&evidence.value)));
    }
    data.insert("subject".to_owned(), json!(format!("{} {}", finding.subject.kind.name(), finding.subject.name)));
    let mut evidence = object(json!({"data": data}));
    if let Some(address) = address(finding) {
        evidence.insert("src_endpoint".to_owned(), endpoint(address, None));
    }
    if let Some(user) = user(finding) {
        evidence.insert("user".to_owned(), json!({"name": user}));
    }
    if finding.subject.kind == SubjectKind::Container {
        let mut container = object(json!({"name": finding.subject.name}));
        container.extend(finding.subject.id.as_ref().map(|id| ("uid".to_owned(), json!(id))));
        evidence.insert("container".to_owned(), Value::Object(container));
    }
    Value::Object(evidence)
}

fn address(finding: &Finding) -> Option<&str> {
    named(finding, SubjectKind::Address, &["address"])
}

fn user(finding: &Finding) -> Option<&str> {
    named(finding, SubjectKind::User, &["user", "account"])
}

/// The subject's name where it is of this kind, else that of the evidence.
fn named<'a>(finding: &'a Finding, kind: SubjectKind, evidence: &[&str]) -> Option<&'a str> {
    if finding.subject.kind == kind {
        return Some(&finding.subject.name);
    }
    let piece = finding.evidence.iter().find(|piece| evidence.contains(&piece.what.as_str()))?;
    Some(piece.value.as_str()).filter(|value| !value.is_empty())
}

fn observables(finding: &Finding) -> Vec<Value> {
    let mut observables = Vec::new();
    if let Some(address) = address(finding) {
        let is_ip = address.parse::<std::net::IpAddr>().is_ok();
        let (path, kind) =
            if is_ip { ("evidences[].src_endpoint.ip", IP) } else { ("evidences[].src_endpoint.name", HOSTNAME) };
        observables.push(observable(path, kind, address));
    }
    observables.extend(user(finding).map(|user| observable("evidences[].user.name", USER, user)));
    if finding.subject.kind == SubjectKind::Container {
        observables.push(observable("evidences[].container.name", CONTAINER, &finding.subject.name));
    }
    observables
}

fn remediation(finding: &Finding) -> Value {
    let mut desc = finding.fix.summary.clone();
    for command in &finding.fix.commands {
        desc.push_str("\n$ ");
        desc.push_str(command);
    }
    if finding.refs.links.is_empty() {
        json!({"desc": desc})
    } else {
        json!({"desc": desc, "references": finding.refs.links})
    }
}
