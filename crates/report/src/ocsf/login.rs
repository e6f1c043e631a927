//! What one line of a log says, as an event of Identity & Access Management: Authentication, and Account Change where accounts
//! changed.

use jiff::Timestamp;
use keelguard_model::ToolInfo;
use serde_json::{Map, Value, json};

use super::{HOSTNAME, IP, USER, endpoint, event, metadata, object, observable};

const IAM: (u32, &str) = (3, "Identity & Access Management");
const AUTHENTICATION: (u32, &str) = (3002, "Authentication");
const ACCOUNT_CHANGE: (u32, &str) = (3001, "Account Change");

/// A login, or an attempt at one, as the log tells of it. Its words are those of `keelguard signs logins --events`.
#[derive(Clone, Copy, Debug)]
pub struct OcsfLogin<'a> {
    /// `login_ok`, `login_failed`, `sudo`.
    pub kind: &'a str,
    /// When; none where the line has no stamp.
    pub time: Option<Timestamp>,
    /// When it was read.
    pub read: Timestamp,
    /// `sshd`.
    pub service: &'a str,
    /// Whose account.
    pub user: Option<&'a str>,
    /// Who did it, where that is somebody else.
    pub by: Option<&'a str>,
    /// From where: an address or a name.
    pub address: Option<&'a str>,
    /// The peer's port.
    pub port: Option<u16>,
    /// `password`.
    pub method: Option<&'a str>,
    /// A command, a key's fingerprint, a reason.
    pub detail: Option<&'a str>,
    /// The host that wrote the line.
    pub host: Option<&'a str>,
    /// How often.
    pub count: u32,
    /// The line.
    pub line: &'a str,
}

/// Nobody is named.
const NOBODY: &str = "Unknown";

impl OcsfLogin<'_> {
    /// The event as one JSON object.
    pub fn event(&self, tool: &ToolInfo) -> Value {
        let time = self.time.unwrap_or(self.read).as_millisecond();
        let (class, activity) = self.class();
        let mut fields = event(class, IAM, activity, time);
        let status = match self.kind {
            "login_ok" | "session" | "logout" | "sudo" | "account_change" | "lockout" => (1, "Success"),
            "login_failed" | "sudo_denied" => (2, "Failure"),
            _ => (0, "Unknown"),
        };
        let severity = match self.kind {
            "login_failed" | "sudo_denied" | "lockout" | "probe" => (2, "Low"),
            _ => (1, "Informational"),
        };
        fields.extend(object(json!({
            "message": self.message(),
            "severity_id": severity.0, "severity": severity.1,
            "status_id": status.0, "status": status.1,
            "count": self.count,
            "raw_data": self.line,
            "metadata": metadata(tool, None),
            "user": self.user(),
            "observables": self.observables(),
        })));
        if let Some(address) = self.address.filter(|address| !address.is_empty()) {
            fields.insert("src_endpoint".to_owned(), endpoint(address, self.port));
        }
        if let Some(by) = self.by {
            fields.insert("actor".to_owned(), json!({"user": {"name": by}}));
        }
        if class == AUTHENTICATION {
            self.authentication(&mut fields);
        }
        let unmapped = json!({"kind": self.kind, "detail": self.detail, "service": self.service, "host": self.host, "stamped": self.time.is_some()});
        fields.insert("unmapped".to_owned(), unmapped);
        Value::Object(fields)
    }

    /// The class, and the activity in its words.
    fn class(&self) -> ((u32, &'static str), (u32, &'static str)) {
        match (self.kind, self.method) {
            ("account_change", Some("new user")) => (ACCOUNT_CHANGE, (1, "Create")),
            ("account_change", Some("unlock")) => (ACCOUNT_CHANGE, (2, "Enable")),
            ("account_change", Some("password")) => (ACCOUNT_CHANGE, (3, "Password Change")),
            ("account_change", Some("lock")) => (ACCOUNT_CHANGE, (5, "Disable")),
            ("account_change", Some("delete user")) => (ACCOUNT_CHANGE, (6, "Delete")),
            ("lockout", _) => (ACCOUNT_CHANGE, (9, "Lock")),
            ("account_change", _) => (ACCOUNT_CHANGE, (99, "Other")),
            ("logout", _) => (AUTHENTICATION, (2, "Logoff")),
            ("login_ok" | "login_failed" | "session", _) => (AUTHENTICATION, (1, "Logon")),
            _ => (AUTHENTICATION, (99, "Other")),
        }
    }

    fn authentication(&self, fields: &mut Map<String, Value>) {
        fields.insert("service".to_owned(), json!({"name": self.service}));
        if let Some(host) = self.host.filter(|host| !host.is_empty()) {
            fields.insert("dst_endpoint".to_owned(), json!({"name": host}));
        }
        let remote = self.address.is_some();
        fields.insert("is_remote".to_owned(), json!(remote));
        let ssh = self.service.starts_with("ssh") || self.service == "dropbear";
        let logon = match (self.kind, remote) {
            ("sudo" | "sudo_denied", _) => (9, "New Credentials"),
            (_, true) if ssh => (10, "Remote Interactive"),
            (_, true) => (3, "Network"),
            (_, false) => (0, "Unknown"),
        };
        fields.insert("logon_type_id".to_owned(), json!(logon.0));
        fields.insert("logon_type".to_owned(), json!(logon.1));
        if let Some(method) = self.method.filter(|method| !method.is_empty()) {
            fields.insert("auth_protocol_id".to_owned(), json!(99));
            fields.insert("auth_protocol".to_owned(), json!(method));
        }
        if matches!(self.kind, "login_failed" | "sudo_denied")
            && let Some(detail) = self.detail
        {
            fields.insert("status_detail".to_owned(), json!(detail));
        }
    }

    fn user(&self) -> Value {
        match self.user.filter(|user| !user.is_empty()) {
            Some("root") => json!({"name": "root", "type_id": 2, "type": "Admin"}),
            Some(user) => json!({"name": user}),
            None => json!({"name": NOBODY, "type_id": 0, "type": "Unknown"}),
        }
    }

    fn observables(&self) -> Vec<Value> {
        let mut observables = Vec::new();
        if let Some(address) = self.address.filter(|address| !address.is_empty()) {
            let is_ip = address.parse::<std::net::IpAddr>().is_ok();
            let (path, kind) = if is_ip { ("src_endpoint.ip", IP) } else { ("src_endpoint.name", HOSTNAME) };
            observables.push(observable(path, kind, address));
        }
        let user = self.user.filter(|user| !user.is_empty());
        observables.extend(user.map(|user| observable("user.name", USER, user)));
        observables.extend(self.by.map(|by| observable("actor.user.name", USER, by)));
        observables
    }

    fn message(&self) -> String {
        let user = self.user.filter(|user| !user.is_empty()).unwrap_or("nobody named");
        let from = self.address.map(|address| format!(" from {address}")).unwrap_or_default();
        format!("{}: {} of {user}{from}", self.service, self.kind.replace('_', " "))
    }
}
