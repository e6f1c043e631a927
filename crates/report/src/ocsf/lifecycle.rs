//! What starts and ends, as Application Lifecycle: engines, services and containers. A machine is no application, and OCSF has no
//! class for what happens to one; that is a Base Event.

use jiff::Timestamp;
use keelguard_model::ToolInfo;
use serde_json::{Value, json};

use super::{CONTAINER, HOSTNAME, event, metadata, object, observable};

const LIFECYCLE: (u32, &str) = (6002, "Application Lifecycle");
const BASE: (u32, &str) = (0, "Base Event");

/// What happened to something that runs. Its words are those of `keelguard signs downtime --events`.
#[derive(Clone, Copy, Debug)]
pub struct OcsfLifecycle<'a> {
    /// `started`, `failed`, `out_of_memory`.
    pub kind: &'a str,
    /// `host`, `engine`, `service` or `container`.
    pub scope: &'a str,
    /// When; none where the line has no stamp.
    pub time: Option<Timestamp>,
    /// When it was read.
    pub read: Timestamp,
    /// Which service or container.
    pub subject: Option<&'a str>,
    /// A container's id.
    pub id: Option<&'a str>,
    /// The host.
    pub host: Option<&'a str>,
    /// Why, in the words of the line.
    pub reason: Option<&'a str>,
    /// The exit status.
    pub code: Option<u32>,
    /// The line.
    pub line: &'a str,
}

impl OcsfLifecycle<'_> {
    /// The event as one JSON object.
    pub fn event(&self, tool: &ToolInfo) -> Value {
        let time = self.time.unwrap_or(self.read).as_millisecond();
        let name = match (self.scope, self.subject.filter(|name| !name.is_empty())) {
            ("host", _) => None,
            (_, Some(name)) => Some(name),
            ("engine", None) => Some("docker"),
            (scope, None) => Some(scope),
        };
        let mut fields = match name {
            Some(_) => event(LIFECYCLE, (6, "Application Activity"), self.activity(), time),
            None => event(BASE, (0, "Uncategorized"), (99, "Other"), time),
        };
        let severity = match self.kind {
            "panic" | "lockup" | "out_of_memory" => (4, "High"),
            "gave_up" | "oops" | "hung" | "thermal" | "power" | "unhealthy" => (3, "Medium"),
            "failed" => (2, "Low"),
            _ => (1, "Informational"),
        };
        let status = match (self.kind, self.code) {
            ("started" | "stopped" | "healthy", _) | ("failed", Some(0)) => (1, "Success"),
            ("failed" | "gave_up" | "panic" | "oops" | "out_of_memory" | "unhealthy", _) => (2, "Failure"),
            _ => (0, "Unknown"),
        };
        let who = name.or(self.host).unwrap_or("a machine");
        fields.extend(object(json!({
            "message": format!("{} {who}: {}", self.scope, self.kind.replace('_', " ")),
            "severity_id": severity.0, "severity": severity.1,
            "status_id": status.0, "status": status.1,
            "raw_data": self.line,
            "metadata": metadata(tool, None),
            "unmapped": {"kind": self.kind, "scope": self.scope, "host": self.host, "stamped": self.time.is_some()},
        })));
        let mut observables = Vec::new();
        if let Some(name) = name {
            let app = json!({"name": name, "uid": self.id, "feature": {"name": self.scope}});
            let app: serde_json::Map<_, _> = object(app).into_iter().filter(|(_, value)| !value.is_null()).collect();
            fields.insert("app".to_owned(), Value::Object(app));
            observables.extend((self.scope == "container").then(|| observable("app.name", CONTAINER, name)));
        }
        // Neither class has a device.
        let host = self.host.filter(|host| !host.is_empty());
        observables.extend(host.map(|host| observable("unmapped.host", HOSTNAME, host)));
        fields.extend(self.reason.map(|reason| ("status_detail".to_owned(), json!(reason))));
        fields.extend(self.code.map(|code| ("status_code".to_owned(), json!(code.to_string()))));
        if !observables.is_empty() {
            fields.insert("observables".to_owned(), Value::Array(observables));
        }
        Value::Object(fields)
    }

    fn activity(&self) -> (u32, &'static str) {
        match self.kind {
            "started" => (3, "Start"),
            "stopped" | "failed" | "ordered" => (4, "Stop"),
            "restarting" => (5, "Restart"),
            "gave_up" => (7, "Disable"),
            _ => (99, "Other"),
        }
    }
}
