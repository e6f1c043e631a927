//! What one line of a log says, as an event of Identity & Access Management: Authentication, and Account Change where accounts
//! changed. Commands in containers, and those that erase logs, are Process Activity, requests to the engine API Activity, files
//! that were opened or removed File System Activity.

use jiff::Timestamp;
use keelguard_model::ToolInfo;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::{HOSTNAME, IP, USER, endpoint, event, metadata, object, observable};

const IAM: (u32, &str) = (3, "Identity & Access Management");
const AUTHENTICATION: (u32, &str) = (3002, "Authentication");
const ACCOUNT_CHANGE: (u32, &str) = (3001, "Account Change");
const API_ACTIVITY: (u32, &str) = (6003, "API Activity");
const FILE_ACTIVITY: (u32, &str) = (1001, "File System Activity");
const PROCESS_ACTIVITY: (u32, &str) = (1007, "Process Activity");

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
    /// The container that it was done to.
    pub container: Option<&'a str>,
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
        let category = match class {
            API_ACTIVITY => (6, "Application Activity"),
            FILE_ACTIVITY | PROCESS_ACTIVITY => (1, "System Activity"),
            _ => IAM,
        };
        let mut fields = event(class, category, activity, time);
        let status = match self.kind {
            "login_ok" | "session" | "logout" | "sudo" | "account_change" | "lockout" | "file_access" => (1, "Success"),
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
        })));
        let observables = self.observables(class == AUTHENTICATION || class == ACCOUNT_CHANGE);
        if !observables.is_empty() {
            fields.insert("observables".to_owned(), Value::Array(observables));
        }
        match class {
            API_ACTIVITY => self.request(&mut fields),
            FILE_ACTIVITY => self.file(&mut fields),
            PROCESS_ACTIVITY => self.process(&mut fields),
            _ => self.identity(class, &mut fields),
        }
        let unmapped = json!({
            "kind": self.kind, "method": self.method, "detail": self.detail, "service": self.service,
            "host": self.host, "container": self.container, "stamped": self.time.is_some(),
        });
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
            // Where the command is known, it is more than a request.
            ("exec", _) if self.detail.is_some_and(|command| !command.is_empty()) => (PROCESS_ACTIVITY, (1, "Launch")),
            ("file_access", Some("command")) => (PROCESS_ACTIVITY, (1, "Launch")),
            ("exec" | "engine_api", method) => (
                API_ACTIVITY,
                match method {
                    Some("GET" | "HEAD") => (2, "Read"),
                    Some("PUT") => (3, "Update"),
                    Some("DELETE") => (4, "Delete"),
                    _ => (99, "Other"),
                },
            ),
            ("file_access", Some("delete")) => (FILE_ACTIVITY, (4, "Delete")),
            ("file_access", Some("read")) => (FILE_ACTIVITY, (2, "Read")),
            ("file_access", Some("write")) => (FILE_ACTIVITY, (3, "Update")),
            ("file_access", _) => (FILE_ACTIVITY, (99, "Other")),
            ("logout", _) => (AUTHENTICATION, (2, "Logoff")),
            ("login_ok" | "login_failed" | "session", _) => (AUTHENTICATION, (1, "Logon")),
            _ => (AUTHENTICATION, (99, "Other")),
        }
    }

    /// Who did it: the one who is named as doing it, else whose account it was.
    fn actor(&self) -> Value {
        let name = self.by.or(self.user).filter(|name| !name.is_empty()).unwrap_or(NOBODY);
        json!({"user": {"name": name}})
    }

    fn request(&self, fields: &mut Map<String, Value>) {
        let words = [self.method, self.detail, self.container].into_iter().flatten().filter(|word| !word.is_empty());
        let words: Vec<&str> = words.collect();
        let operation = if words.is_empty() { self.kind.to_owned() } else { words.join(" ") };
        fields.insert("api".to_owned(), json!({"operation": operation, "service": {"name": self.service}}));
        fields.insert("actor".to_owned(), self.actor());
        let from = self.address.or(self.host).filter(|from| !from.is_empty()).unwrap_or(NOBODY);
        fields.insert("src_endpoint".to_owned(), endpoint(from, self.port));
    }

    fn file(&self, fields: &mut Map<String, Value>) {
        let path = self.detail.filter(|path| !path.is_empty()).unwrap_or(NOBODY);
        let name = path.rsplit('/').find(|part| !part.is_empty()).unwrap_or(path);
        fields.insert("file".to_owned(), json!({"name": name, "path": path, "type_id": 0, "type": "Unknown"}));
        fields.insert("actor".to_owned(), self.actor());
        fields.insert("device".to_owned(), self.device());
    }

    fn device(&self) -> Value {
        let host = self.host.filter(|host| !host.is_empty()).unwrap_or(NOBODY);
        json!({"name": host, "type_id": 0, "type": "Unknown"})
    }

    fn process(&self, fields: &mut Map<String, Value>) {
        let command = self.detail.unwrap_or_default();
        let program = command.split_whitespace().next().unwrap_or(NOBODY);
        let name = program.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or(program);
        // Logs know no number of it, and OCSF wants one or a name of ours: made of what the line says, the same each time.
        let mut hash = Sha256::new();
        for part in [&self.time.unwrap_or(self.read).to_string(), self.host.unwrap_or_default(), self.line] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let uid: String = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let mut process = object(json!({"name": name, "cmd_line": command, "uid": uid}));
        if let Some(container) = self.container.filter(|container| !container.is_empty()) {
            process.insert("container".to_owned(), json!({"name": container}));
        }
        fields.insert("process".to_owned(), Value::Object(process));
        fields.insert("actor".to_owned(), self.actor());
        fields.insert("device".to_owned(), self.device());
    }

    fn identity(&self, class: (u32, &str), fields: &mut Map<String, Value>) {
        fields.insert("user".to_owned(), self.user());
        if let Some(address) = self.address.filter(|address| !address.is_empty()) {
            fields.insert("src_endpoint".to_owned(), endpoint(address, self.port));
        }
        if let Some(by) = self.by {
            fields.insert("actor".to_owned(), json!({"user": {"name": by}}));
        }
        if class == AUTHENTICATION {
            self.authentication(fields);
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

    /// Who and from where, by the path at which it stands: only events about accounts have a user of their own.
    fn observables(&self, has_user: bool) -> Vec<Value> {
        if !has_user {
            let actor = self.by.or(self.user).filter(|name| !name.is_empty());
            return actor.map(|name| observable("actor.user.name", USER, name)).into_iter().collect();
        }
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
        let user = self.user.or(self.by).filter(|user| !user.is_empty()).unwrap_or("nobody named");
        let from = self.address.map(|address| format!(" from {address}")).unwrap_or_default();
        format!("{}: {} of {user}{from}", self.service, self.kind.replace('_', " "))
    }
}
