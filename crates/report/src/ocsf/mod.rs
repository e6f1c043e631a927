//! OCSF 1.5.0: findings as Detection Findings (class 2004), incidents as Incident Findings (2005), logins as events of Identity
//! & Access Management (3002 Authentication, 3001 Account Change), commands as Process Activity (1007), starts and ends as
//! Application Lifecycle (6002). Each is one JSON object; times are milliseconds.

mod finding;
mod incident;
mod lifecycle;
mod login;

use jiff::Timestamp;
use keelguard_model::{Severity, ToolInfo, attack};
use serde_json::{Map, Value, json};

pub use lifecycle::OcsfLifecycle;
pub use login::OcsfLogin;

pub(crate) use self::finding::finding;
pub(crate) use self::incident::incident;

/// The version of the schema.
pub(crate) const VERSION: &str = "1.5.0";

/// What every event says of itself: `class_uid * 100 + activity_id` is its type.
fn event(class: (u32, &str), category: (u32, &str), activity: (u32, &str), time: i64) -> Map<String, Value> {
    object(json!({
        "class_uid": class.0, "class_name": class.1,
        "category_uid": category.0, "category_name": category.1,
        "activity_id": activity.0, "activity_name": activity.1,
        "type_uid": class.0 * 100 + activity.0, "type_name": format!("{}: {}", class.1, activity.1),
        "time": time,
    }))
}

const FINDINGS: (u32, &str) = (2, "Findings");

fn metadata(tool: &ToolInfo, uid: Option<&str>) -> Value {
    let mut metadata = json!({
        "version": VERSION,
        "product": {"name": "Keelguard", "vendor_name": "Keelguard", "uid": tool.name, "version": tool.version},
    });
    if let (Some(uid), Some(fields)) = (uid, metadata.as_object_mut()) {
        fields.insert("uid".to_owned(), json!(uid));
    }
    metadata
}

const fn severity(severity: Severity) -> (u32, &'static str) {
    match severity {
        Severity::Info => (1, "Informational"),
        Severity::Low => (2, "Low"),
        Severity::Medium => (3, "Medium"),
        Severity::High => (4, "High"),
        Severity::Critical => (5, "Critical"),
    }
}

/// An object for each technique, with its most usual tactic.
fn attacks<'a>(ids: impl IntoIterator<Item = &'a str>) -> Vec<Value> {
    ids.into_iter()
        .map(|id| {
            let name = |id: &str| attack::technique(id).map_or_else(|| id.to_owned(), |known| known.name.to_owned());
            let above = attack::parent(id);
            let mut attack =
                json!({"technique": {"uid": above, "name": name(above)}, "version": attack::ATTACK_VERSION});
            if let Some(fields) = attack.as_object_mut() {
                if above != id {
                    fields.insert("sub_technique".to_owned(), json!({"uid": id, "name": name(id)}));
                }
                if let Some(tactic) = attack::technique(id).and_then(|known| known.tactics.first()) {
                    fields.insert("tactic".to_owned(), json!({"uid": tactic.id(), "name": tactic.name()}));
                }
            }
            attack
        })
        .collect()
}

/// Something to search other logs for.
fn observable(path: &str, kind: (u32, &str), value: &str) -> Value {
    json!({"name": path, "type_id": kind.0, "type": kind.1, "value": value})
}

const IP: (u32, &str) = (2, "IP Address");
const HOSTNAME: (u32, &str) = (1, "Hostname");
const USER: (u32, &str) = (4, "User Name");
const CONTAINER: (u32, &str) = (99, "Container Name");

/// An address, or a name where the log has nothing else.
fn endpoint(address: &str, port: Option<u16>) -> Value {
    let mut endpoint = match address.parse::<std::net::IpAddr>() {
        Ok(address) => json!({"ip": address.to_string()}),
        Err(_) => json!({"name": address}),
    };
    if let (Some(port), Some(fields)) = (port, endpoint.as_object_mut()) {
        fields.insert("port".to_owned(), json!(port));
    }
    endpoint
}

fn millis(time: Timestamp) -> i64 {
    time.as_millisecond()
}

/// The fields of an object that was written down as one.
fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests;
