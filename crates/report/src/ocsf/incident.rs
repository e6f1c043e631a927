//! An incident as an Incident Finding: its steps are the findings it lists.

use keelguard_model::incident::{Incident, Stage, Step};
use keelguard_model::{Severity, ToolInfo, find_rule};
use serde_json::{Value, json};

use super::{CONTAINER, FINDINGS, HOSTNAME, IP, USER, attacks, event, metadata, millis, object, observable, severity};

/// To whom an incident is given that nobody has taken: OCSF wants one or a group.
const NOBODY: &str = "unassigned";

/// The event.
pub(crate) fn incident(incident: &Incident, tool: &ToolInfo) -> Value {
    let (first, last) = (millis(incident.first), millis(incident.last));
    let mut fields = event((2005, "Incident Finding"), FINDINGS, (1, "Create"), last);
    let (severity_id, severity_name) = severity(incident.severity);
    let (confidence_id, confidence) = level(incident.confidence);
    let (impact_id, impact) = impact(incident.severity);
    #[expect(clippy::cast_possible_truncation, reason = "between 0 and 100")]
    let score = (incident.confidence.clamp(0.0, 1.0) * 100.0).round() as i64;
    let reasons: Vec<&str> = incident.reasons.iter().map(|reason| reason.why.as_str()).collect();
    fields.extend(object(json!({
        "message": incident.title,
        "desc": format!("{}. Why it is one: {}.", incident.title, reasons.join("; ")),
        "severity_id": severity_id, "severity": severity_name,
        "status_id": 1, "status": "New",
        "confidence_id": confidence_id, "confidence": confidence, "confidence_score": score,
        "impact_id": impact_id, "impact": impact,
        "priority_id": impact_id, "priority": impact,
        "verdict_id": 4, "verdict": "Suspicious",
        "is_suspected_breach": incident.timeline.iter().any(|step| step.stage == Stage::Entry),
        "start_time": first, "end_time": last, "duration": last - first,
        "assignee_group": {"name": NOBODY},
        "metadata": metadata(tool, Some(&incident.id)),
        "finding_info_list": incident.timeline.iter().map(info).collect::<Vec<_>>(),
    })));
    let attacks = attacks(incident.techniques.iter().map(|technique| technique.id.as_str()));
    if !attacks.is_empty() {
        fields.insert("attacks".to_owned(), Value::Array(attacks));
    }
    let observables = observables(incident);
    if !observables.is_empty() {
        fields.insert("observables".to_owned(), Value::Array(observables));
    }
    if !incident.advice.is_empty() {
        let advice = json!({"advice": incident.advice, "commands": incident.commands});
        fields.insert("unmapped".to_owned(), advice);
    }
    Value::Object(fields)
}

fn info(step: &Step) -> Value {
    let name = find_rule(&step.rule).map_or(step.rule.as_str(), |rule| rule.title);
    json!({
        "uid": step.fingerprint,
        "title": step.what,
        "desc": format!("It belongs here because of this: {}.", step.joined),
        "types": [step.area.name(), step.stage.name()],
        "analytic": {"uid": step.rule, "name": name, "type_id": 1, "type": "Rule"},
        "created_time": millis(step.time),
        "first_seen_time": millis(step.time),
        "last_seen_time": millis(step.until.unwrap_or(step.time)),
    })
}

/// Where each is seen in the event: in the titles of the findings it lists.
fn observables(incident: &Incident) -> Vec<Value> {
    let path = "finding_info_list[].title";
    let all = |names: &[String], kind| names.iter().map(move |name| observable(path, kind, name)).collect::<Vec<_>>();
    let is_ip = |name: &&String| name.parse::<std::net::IpAddr>().is_ok();
    let (ips, names): (Vec<&String>, Vec<&String>) = incident.addresses.iter().partition(is_ip);
    let mut observables: Vec<Value> = ips.into_iter().map(|ip| observable(path, IP, ip)).collect();
    observables.extend(names.into_iter().map(|name| observable(path, HOSTNAME, name)));
    observables.extend(all(&incident.users, USER));
    observables.extend(all(&incident.containers, CONTAINER));
    observables.extend(all(&incident.hosts, HOSTNAME));
    observables
}

const fn level(confidence: f64) -> (u32, &'static str) {
    if confidence >= 0.8 {
        (3, "High")
    } else if confidence >= 0.5 {
        (2, "Medium")
    } else {
        (1, "Low")
    }
}

const fn impact(severity: Severity) -> (u32, &'static str) {
    match severity {
        Severity::Info | Severity::Low => (1, "Low"),
        Severity::Medium => (2, "Medium"),
        Severity::High => (3, "High"),
        Severity::Critical => (4, "Critical"),
    }
}
