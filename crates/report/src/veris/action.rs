//! What was done, to what, in the words of VERIS 1.4.1.

use keelguard_model::Area;
use keelguard_model::incident::Stage;
use serde_json::{Map, Value, json};

use super::{Seen, list, object};

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Actor {
    External,
    Internal,
    Unknown,
}

/// Varieties and vectors of each kind of action that there was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Actions {
    pub(super) hacking: Vec<&'static str>,
    pub(super) hacking_vector: Vec<&'static str>,
    pub(super) malware: Vec<&'static str>,
    pub(super) misuse: Vec<&'static str>,
    pub(super) environmental: Vec<&'static str>,
    elevated: bool,
    entered: bool,
}

/// Techniques and the variety of malware that shows them.
const MALWARE: &[(&[&str], &[&str])] = &[
    (&["T1014"], &["Rootkit"]),
    (&["T1105"], &["Downloader"]),
    (&["T1505"], &["Backdoor or C2", "Backdoor"]),
    (&["T1071", "T1095", "T1219", "T1571", "T1572", "T1573"], &["Backdoor or C2", "C2"]),
];

/// Services and the way in that they are. Whatever is not here is another.
const VECTORS: &[(&str, &str)] = &[
    ("ssh", "Command shell"),
    ("dropbear", "Command shell"),
    ("telnet", "Command shell"),
    ("login", "Command shell"),
    ("su", "Command shell"),
    ("openvpn", "VPN"),
    ("wireguard", "VPN"),
    ("nginx", "Web application"),
    ("apache", "Web application"),
    ("httpd", "Web application"),
    ("caddy", "Web application"),
    ("traefik", "Web application"),
    ("haproxy", "Web application"),
    ("nextcloud", "Web application"),
    ("gitlab", "Web application"),
    ("grafana", "Web application"),
    ("phpmyadmin", "Web application"),
    ("cockpit", "Web application"),
    ("webmin", "Web application"),
    ("pve", "Web application"),
    ("home", "Web application"),
    ("dovecot", "Other network service"),
    ("postfix", "Other network service"),
    ("exim", "Other network service"),
    ("mysql", "Other network service"),
    ("mariadb", "Other network service"),
    ("postgres", "Other network service"),
    ("redis", "Other network service"),
    ("vsftpd", "Other network service"),
    ("proftpd", "Other network service"),
    ("pure-ftpd", "Other network service"),
];

/// Services and the kind of server that has them.
const ASSETS: &[(&str, &str)] = &[
    ("dovecot", "S - Mail"),
    ("postfix", "S - Mail"),
    ("exim", "S - Mail"),
    ("mysql", "S - Database"),
    ("mariadb", "S - Database"),
    ("postgres", "S - Database"),
    ("redis", "S - Database"),
    ("vsftpd", "S - File"),
    ("proftpd", "S - File"),
    ("pure-ftpd", "S - File"),
    ("openvpn", "N - Remote access"),
    ("wireguard", "N - Remote access"),
];

/// Rules that say what of a machine's surroundings failed it.
const SURROUNDINGS: &[(&str, &str)] = &[("KG-T021", "Power failure"), ("KG-T022", "Temperature")];

/// What was done.
pub(super) fn actions(seen: &Seen<'_>) -> Actions {
    let mut actions = Actions {
        elevated: seen.shows(&["T1548", "T1098.007", "T1068", "T1611"]),
        entered: seen.has(Stage::Entry),
        ..Actions::default()
    };
    for (techniques, varieties) in MALWARE {
        if seen.shows(techniques) {
            actions.malware.extend(*varieties);
        }
    }
    // A technique that could explain what was seen is no proof: files tell of ransom, load of mining.
    for (techniques, variety) in [(&["T1486"][..], "Ransomware"), (&["T1485", "T1561"], "Destroy data")] {
        if seen.tells_of(Area::Data) && seen.shows(techniques) {
            actions.malware.push(variety);
        }
    }
    if seen.tells_of(Area::Performance) && seen.shows(&["T1496"]) {
        actions.malware.push("Cryptocurrency mining");
    }
    if seen.tells_of(Area::Spam) && !seen.shows(&["T1566"]) {
        actions.malware.push("Spam");
    }
    match seen.actor {
        Actor::External => {
            if seen.shows(&["T1110"]) {
                actions.hacking.push("Brute force");
            }
            if seen.has(Stage::Entry) || seen.has(Stage::Unusual) {
                actions.hacking.push("Use of stolen creds");
            }
        }
        Actor::Internal => actions.misuse.push("Privilege abuse"),
        Actor::Unknown => {}
    }
    // After a break-in they may be anybody's doing.
    if !actions.entered {
        let has = |rule: &str| seen.incident.timeline.iter().any(|step| step.rule == rule);
        let surroundings = SURROUNDINGS.iter().filter(|(rule, _)| has(rule));
        actions.environmental.extend(surroundings.map(|(_, variety)| *variety));
    }
    if seen.shows(&["T1190", "T1210"]) {
        actions.hacking.push("Exploit vuln");
    }
    // What fails after a break-in is its outcome; what fails without anybody known is no attack, unless it is traffic.
    let endpoint = seen.actor == Actor::External && seen.shows(&["T1499"]);
    if !actions.entered && (endpoint || seen.shows(&["T1498"])) {
        actions.hacking.push("DoS");
    }
    if actions.hacking.is_empty() && seen.actor == Actor::External {
        actions.hacking.push("Unknown");
    }
    if !actions.hacking.is_empty() {
        actions.hacking_vector = vectors(seen);
    }
    actions
}

fn vectors(seen: &Seen<'_>) -> Vec<&'static str> {
    let of = |service: &str| {
        let service = service.to_ascii_lowercase();
        VECTORS.iter().find(|(name, _)| service.starts_with(name)).map_or("Other", |(_, vector)| *vector)
    };
    let mut vectors: Vec<&str> = seen.incident.services.iter().map(|service| of(service)).collect();
    if vectors.is_empty() {
        vectors.push("Unknown");
    }
    vectors
}

/// The kinds of machine that took part.
pub(super) fn assets(seen: &Seen<'_>) -> Vec<&'static str> {
    let mut assets: Vec<&'static str> = Vec::new();
    for service in &seen.incident.services {
        let service = service.to_ascii_lowercase();
        if let Some((_, asset)) = ASSETS.iter().find(|(name, _)| service.starts_with(name)) {
            assets.push(asset);
        }
    }
    // The rules of VERIS want the server where the way in is a web application.
    if vectors(seen).contains(&"Web application") {
        assets.push("S - Web application");
    }
    if assets.is_empty() {
        assets.push("S - Unknown");
    }
    assets.sort_unstable();
    assets.dedup();
    assets
}

impl Actions {
    /// The field `action`.
    pub(super) fn value(&self) -> Value {
        let mut action = Map::new();
        if !self.hacking.is_empty() {
            let mut hacking = object([("variety", list(&self.hacking)), ("vector", list(&self.hacking_vector))]);
            let mut result = Vec::new();
            result.extend(self.entered.then_some("Infiltrate"));
            result.extend(self.elevated.then_some("Elevate"));
            if !result.is_empty() {
                hacking.insert("result".to_owned(), list(&result));
            }
            action.insert("hacking".to_owned(), Value::Object(hacking));
        }
        if !self.malware.is_empty() {
            let vector = if self.entered { "Direct install" } else { "Unknown" };
            let malware = object([("variety", list(&self.malware)), ("vector", json!([vector]))]);
            action.insert("malware".to_owned(), Value::Object(malware));
        }
        if !self.misuse.is_empty() {
            let misuse = object([("variety", list(&self.misuse)), ("vector", json!(["Unknown"]))]);
            action.insert("misuse".to_owned(), Value::Object(misuse));
        }
        if !self.environmental.is_empty() {
            action.insert("environmental".to_owned(), json!({"variety": list(&self.environmental)}));
        }
        if action.is_empty() {
            let notes = "The signs say what came of it, not what was done.";
            action.insert("unknown".to_owned(), json!({"notes": notes}));
        }
        Value::Object(action)
    }

    /// What an attacker needs beforehand, where VERIS wants it said.
    pub(super) fn value_chain(&self, seen: &Seen<'_>) -> Map<String, Value> {
        let mut chain = Map::new();
        // Guessed credentials are not bought; those that simply worked are.
        if self.hacking.contains(&"Use of stolen creds") {
            let variety = if seen.shows(&["T1110"]) { "Weaknesses" } else { "Lost or stolen credentials" };
            chain.insert("targeting".to_owned(), json!({"variety": [variety]}));
        }
        if !self.malware.is_empty() {
            let variety = if self.malware.contains(&"Ransomware") { "Ransomware" } else { "Unknown" };
            chain.insert("development".to_owned(), json!({"variety": [variety]}));
        }
        if self.malware.contains(&"Ransomware") {
            chain.insert("cash-out".to_owned(), json!({"variety": ["Cryptocurrency"]}));
        }
        if self.malware.contains(&"C2") {
            chain.insert("non-distribution services".to_owned(), json!({"variety": ["C2"]}));
        }
        chain
    }
}
