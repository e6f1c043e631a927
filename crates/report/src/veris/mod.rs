//! Incidents in VERIS 1.4.1, the vocabulary of the Data Breach Investigations Report: one document an incident, as its tools
//! read them. What a log cannot know is said to be unknown; what VERIS has no word for stands in `plus`.

mod action;
mod attribute;
mod names;
mod pattern;

use jiff::Timestamp;
use keelguard_model::incident::{Incident, IncidentReport, Stage};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

pub use names::VerisVictim;

use self::action::Actor;

/// The version of the schema.
pub(crate) const VERSION: &str = "1.4.1";

/// The longest summary, in characters.
const SUMMARY: usize = 4000;

/// The document of one incident.
pub(crate) fn document(incident: &Incident, report: &IncidentReport, victim: &VerisVictim) -> Value {
    let seen = Seen::of(incident);
    let actions = action::actions(&seen);
    let attribute = attribute::attribute(&seen, &actions);
    let id = uuid(&incident.id);
    let mut document = json!({
        "schema_version": VERSION,
        "incident_id": id,
        "source_id": "keelguard",
        "security_incident": if incident.confidence >= 0.9 && seen.has(Stage::Entry) { "Confirmed" } else { "Suspected" },
        "confidence": level(incident.confidence),
        "summary": summary(incident),
        "victim": victim.value(),
        "actor": actor(&seen),
        "action": actions.value(),
        "asset": {"assets": action::assets(&seen).into_iter().map(|variety| json!({"variety": variety})).collect::<Vec<_>>(),
            "cloud": ["Unknown"]},
        "discovery_method": {"internal": {"variety": ["Log review"]}},
        "targeted": if seen.actor == Actor::External { "Opportunistic" } else { "Unknown" },
        "timeline": timeline(incident, report.made),
        "impact": impact(&seen),
        "plus": plus(incident, report, &id, pattern::of(&actions, &seen)),
    });
    if let Some(fields) = document.as_object_mut() {
        if !attribute.is_empty() {
            fields.insert("attribute".to_owned(), Value::Object(attribute));
        }
        let chain = actions.value_chain(&seen);
        if !chain.is_empty() {
            fields.insert("value_chain".to_owned(), Value::Object(chain));
        }
    }
    document
}

/// What the mapping goes by.
struct Seen<'a> {
    incident: &'a Incident,
    actor: Actor,
}

impl<'a> Seen<'a> {
    fn of(incident: &'a Incident) -> Self {
        let mut seen = Self { incident, actor: Actor::Unknown };
        let acted = seen.has(Stage::Unusual) || seen.has(Stage::Foothold) || seen.has(Stage::Hiding);
        seen.actor = if seen.has(Stage::Entry) || !incident.addresses.is_empty() {
            Actor::External
        } else if acted && !incident.users.is_empty() {
            Actor::Internal
        } else {
            Actor::Unknown
        };
        seen
    }

    fn has(&self, stage: Stage) -> bool {
        self.incident.timeline.iter().any(|step| step.stage == stage)
    }

    /// Whether it shows one of these techniques, or a part of one.
    fn shows(&self, techniques: &[&str]) -> bool {
        let is =
            |id: &str, wanted: &str| id == wanted || id.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('.'));
        self.incident.techniques.iter().any(|technique| techniques.iter().any(|wanted| is(&technique.id, wanted)))
    }

    fn tells_of(&self, area: keelguard_model::Area) -> bool {
        self.incident.areas.contains(&area)
    }
}

fn actor(seen: &Seen<'_>) -> Value {
    match seen.actor {
        Actor::External => json!({"external": {"variety": ["Unknown"], "motive": ["Unknown"], "country": ["Unknown"]}}),
        Actor::Internal => json!({"internal": {"variety": ["Unknown"], "motive": ["Unknown"]}}),
        // VERIS asks for a note where nobody is known.
        Actor::Unknown => json!({"unknown": {"notes": "The signs say what happened, not who did it."}}),
    }
}

/// When it began, how long until somebody was in, and how long until this was written.
fn timeline(incident: &Incident, now: Timestamp) -> Value {
    let day = incident.first.strftime("%Y-%m-%d").to_string();
    let mut parts = day.split('-').map(|part| part.parse::<u32>().unwrap_or(1));
    let (year, month, day) = (parts.next(), parts.next(), parts.next());
    let mut timeline = json!({"incident": {"year": year, "month": month, "day": day}});
    let entry = incident.timeline.iter().find(|step| step.stage == Stage::Entry).map(|step| step.time);
    if let Some(fields) = timeline.as_object_mut() {
        if let Some(entry) = entry {
            fields.insert("compromise".to_owned(), span(incident.first, entry));
        }
        fields.insert("discovery".to_owned(), span(entry.unwrap_or(incident.first), now));
    }
    timeline
}

/// A length of time in the largest unit of which there is a whole one.
fn span(from: Timestamp, to: Timestamp) -> Value {
    let seconds = to.as_second().saturating_sub(from.as_second()).max(0);
    let units = [
        ("Years", 31_557_600),
        ("Months", 2_629_800),
        ("Weeks", 604_800),
        ("Days", 86_400),
        ("Hours", 3600),
        ("Minutes", 60),
    ];
    let (unit, length) = units.into_iter().find(|(_, length)| seconds >= *length).unwrap_or(("Seconds", 1));
    json!({"unit": unit, "value": seconds / length})
}

/// What it costs nobody knows yet; that it costs something is plain.
fn impact(seen: &Seen<'_>) -> Value {
    let mut loss = vec![json!({"variety": "Response and recovery", "rating": "Unknown"})];
    if seen.tells_of(keelguard_model::Area::Downtime) {
        loss.push(json!({"variety": "Business disruption", "rating": "Unknown"}));
    }
    json!({"overall_rating": "Unknown", "loss": loss})
}

/// What VERIS has no field for.
fn plus(incident: &Incident, report: &IncidentReport, id: &str, pattern: &str) -> Value {
    let time = |time: Timestamp| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let steps: Vec<Value> = incident
        .timeline
        .iter()
        .map(|step| json!({"time": time(step.time), "stage": step.stage.name(), "what": step.what, "rule": step.rule, "fingerprint": step.fingerprint}))
        .collect();
    let attack: Vec<Value> = incident
        .techniques
        .iter()
        .map(|technique| json!({"id": technique.id, "name": technique.name, "tactics": technique.tactics}))
        .collect();
    json!({
        "master_id": id,
        "analyst": format!("{} {}", report.tool.name, report.tool.version),
        "created": time(report.made),
        "modified": time(report.made),
        "pattern": pattern,
        "attack": attack,
        "indicators": incident.addresses,
        "keelguard": {
            "incident": incident.id,
            "severity": incident.severity.name(),
            "confidence": incident.confidence,
            "reasons": incident.reasons.iter().map(|reason| reason.why.as_str()).collect::<Vec<_>>(),
            "accounts": incident.users,
            "containers": incident.containers,
            "hosts": incident.hosts,
            "timeline": steps,
        },
    })
}

fn summary(incident: &Incident) -> String {
    let mut text = format!("{}.", incident.title.trim_end_matches('.'));
    for step in &incident.timeline {
        text.push_str(&format!(" {}: {}.", step.time.strftime("%Y-%m-%d %H:%M:%S"), step.what.trim_end_matches('.')));
    }
    text.chars().take(SUMMARY).collect()
}

const fn level(confidence: f64) -> &'static str {
    if confidence >= 0.8 {
        "High"
    } else if confidence >= 0.5 {
        "Medium"
    } else {
        "Low"
    }
}

/// The incident's id in the form that VERIS wants, a UUID of version 4: the same incident has the same.
fn uuid(id: &str) -> String {
    let mut bytes: Vec<u8> = Sha256::digest(id).into_iter().take(16).collect();
    if let Some(byte) = bytes.get_mut(6) {
        *byte = (*byte & 0x0f) | 0x40;
    }
    if let Some(byte) = bytes.get_mut(8) {
        *byte = (*byte & 0x3f) | 0x80;
    }
    let digits: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

/// A list of names as JSON, each once.
fn list(names: &[&str]) -> Value {
    let mut once: Vec<&str> = Vec::new();
    for name in names {
        if !once.contains(name) {
            once.push(name);
        }
    }
    json!(once)
}

/// An object with these fields.
fn object<const N: usize>(fields: [(&str, Value); N]) -> Map<String, Value> {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests;
