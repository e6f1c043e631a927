//! VERIS 1.4.1 as far as we fill it: which fields there are, which must be there, what may stand in them, and the rules beside
//! the schema.

use serde_json::Value;

use super::super::names;

/// The enumerations of the fields that we fill: those of the schema 1.3.6 that are in 1.4.1 still, and what came with 1.4.1:
/// `Modify authentication`, and `N - Remote access` in place of the server.
#[rustfmt::skip]
const ENUMERATIONS: &[(&str, &[&str])] = &[
    ("security_incident", &["Confirmed", "Suspected", "Near miss", "False positive"]),
    ("confidence", &["High", "Medium", "Low", "None"]),
    ("targeted", &["Opportunistic", "Targeted", "NA", "Unknown"]),
    ("victim.employee_count", &names::EMPLOYEES),
    ("victim.government[]", &["Federal", "Regional", "Local", "Unknown", "Other", "NA"]),
    ("actor.external.variety[]", &["Acquaintance", "Activist", "Auditor", "Competitor", "Customer", "Force majeure",
        "Former employee", "Nation-state", "Organized crime", "State-affiliated", "Terrorist", "Unaffiliated",
        "Other", "Unknown"]),
    ("actor.external.motive[]", MOTIVES),
    ("actor.external.country[]", &["Unknown"]),
    ("actor.internal.motive[]", MOTIVES),
    ("actor.internal.variety[]", &["Auditor", "Call center", "Cashier", "Developer", "End-user", "Executive",
        "Finance", "Guard", "Helpdesk", "Human resources", "Maintenance", "Manager", "System admin", "Other",
        "Unknown"]),
    ("action.hacking.variety[]", &["Abuse of functionality", "Brute force", "Buffer overflow", "Cache poisoning",
        "Cryptanalysis", "CSRF", "DoS", "Exploit misconfig", "Exploit vuln", "Forced browsing", "Offline cracking",
        "OS commanding", "Pass-the-hash", "Path traversal", "Session replay", "SQLi", "Use of stolen creds",
        "User breakout", "Virtual machine escape", "XSS", "Other", "Unknown"]),
    ("action.hacking.vector[]", &["3rd party desktop", "Backdoor", "Command shell", "Desktop sharing",
        "Desktop sharing software", "Hypervisor", "Inter-tenant", "Other network service", "Partner", "Physical access",
        "VPN", "Web application", "Other", "Unknown"]),
    ("action.hacking.result[]", RESULTS),
    ("action.malware.variety[]", &["Adminware", "Adware", "Backdoor", "Backdoor or C2", "Brute force", "C2",
        "Capture app data", "Capture stored data", "Click fraud", "Click fraud and cryptocurrency mining",
        "Client-side attack", "Cryptocurrency mining", "Destroy data", "In-memory", "Modify data",
        "Disable controls", "DoS", "Downloader", "Exploit misconfig", "Exploit vuln", "Export data",
        "Packet sniffer", "Password dumper", "RAM scraper", "Ransomware", "RAT", "Rootkit", "Scan network", "Spam",
        "Spyware/Keylogger", "Trojan", "Worm", "Other", "Unknown"]),
    ("action.malware.vector[]", &["Direct install", "Download by malware", "Email", "Email attachment",
        "Email autoexecute", "Email link", "Email unknown", "Email other", "Instant messaging",
        "Network propagation", "Remote injection", "Removable media", "Software update", "Web application",
        "Web application - download", "Web application - drive-by", "Other", "Unknown"]),
    ("action.misuse.variety[]", &["Data mishandling", "Email misuse", "Illicit content", "Knowledge abuse",
        "Net misuse", "Possession abuse", "Privilege abuse", "Snap picture", "Unapproved hardware",
        "Unapproved software", "Unapproved workaround", "Other", "Unknown"]),
    ("action.misuse.vector[]", &["LAN access", "Non-corporate", "Physical access", "Remote access",
        "Web application", "Other", "Unknown"]),
    ("action.environmental.variety[]", &["Power failure", "Temperature", "Other", "Unknown"]),
    ("asset.assets[].variety", &["S - Authentication", "S - Backup", "S - Code repository", "S - Database",
        "S - DHCP", "S - Directory", "S - DNS", "S - File", "S - Log", "S - Mail", "S - Mainframe", "S - Print",
        "S - Proxy", "S - VM host", "S - Web application", "S - Other", "S - Unknown", "N - Remote access",
        "Unknown", "Other"]),
    ("asset.cloud[]", &["On-Premise Asset(s)", "External Cloud Asset(s)", "Other", "Unknown", "NA"]),
    ("attribute.confidentiality.data_disclosure", &["No", "Potentially", "Yes", "Unknown"]),
    ("attribute.confidentiality.data[].variety", &["Bank", "Classified", "Copyrighted", "Credentials",
        "Digital certificate", "Internal", "Medical", "Payment", "Personal", "Secrets", "Source code", "System",
        "Virtual currency", "Other", "Unknown"]),
    ("attribute.integrity.variety[]", &["Alter behavior", "Created account", "Defacement", "Fraudulent transaction",
        "Hardware tampering", "Log tampering", "Misrepresentation", "Modify authentication", "Modify configuration",
        "Modify data", "Modify privileges", "Repurpose", "Software installation", "Other", "Unknown"]),
    ("attribute.availability.variety[]", &["Acceleration", "Degradation", "Destruction", "Interruption", "Loss",
        "Obscuration", "Other", "Unknown"]),
    ("discovery_method.internal.variety[]", &["Antivirus", "Break in discovered", "Data loss prevention",
        "Financial audit", "Fraud detection", "Incident response", "Infrastructure monitoring", "Log review",
        "Other", "Reported by employee", "Security alarm", "Unknown"]),
    ("timeline.compromise.unit", UNITS),
    ("timeline.discovery.unit", UNITS),
    ("impact.overall_rating", &["Catastrophic", "Damaging", "Painful", "Distracting", "Insignificant", "Unknown"]),
    ("impact.loss[].variety", &["Asset and fraud", "Brand damage", "Business disruption", "Competitive advantage",
        "Legal and regulatory", "Operating costs", "Response and recovery", "Other"]),
    ("impact.loss[].rating", &["Major", "Moderate", "Minor", "None", "Unknown"]),
    ("value_chain.targeting.variety[]", &["Default credentials", "Email addresses", "Lost or stolen credentials",
        "Misconfigurations", "Partner", "Personal Information", "Organizational Information", "Vulnerabilities",
        "Weaknesses", "NA", "Other", "Unknown"]),
    ("value_chain.development.variety[]", &["Bot", "Exploit", "Exploit Kits", "Payload", "Persona", "Ransomware",
        "Trojan", "Website", "NA", "Other", "Unknown"]),
    ("value_chain.cash-out.variety[]", &["Cryptocurrency", "Direct", "Fraud", "NA", "Other", "Unknown"]),
    ("value_chain.non-distribution services.variety[]", &["C2", "Counter AV", "DNS", "Proxy", "VPN", "NA", "Other",
        "Unknown"]),
];
const MOTIVES: &[&str] = &[
    "Convenience",
    "Espionage",
    "Fear",
    "Financial",
    "Fun",
    "Grudge",
    "Ideology",
    "NA",
    "Secondary",
    "Other",
    "Unknown",
];
const RESULTS: &[&str] =
    &["Infiltrate", "Exfiltrate", "Elevate", "Lateral movement", "Deploy payload", "Other", "Unknown", "NA"];
const UNITS: &[&str] = &["Seconds", "Minutes", "Hours", "Days", "Weeks", "Months", "Years", "Never", "NA", "Unknown"];

/// Fields with text or numbers of one's own. What is neither here nor above is no field of VERIS.
const FREE: &[&str] = &[
    "schema_version",
    "incident_id",
    "source_id",
    "summary",
    "victim.country[]",
    "victim.industry",
    "victim.victim_id",
    "actor.unknown.notes",
    "action.unknown.notes",
    "timeline.incident.year",
    "timeline.incident.month",
    "timeline.incident.day",
    "timeline.compromise.value",
    "timeline.discovery.value",
];

/// Objects and what they must have.
const REQUIRED: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "actor",
            "action",
            "discovery_method",
            "schema_version",
            "asset",
            "timeline",
            "incident_id",
            "security_incident",
            "summary",
        ],
    ),
    ("victim", &["country", "employee_count", "industry", "government"]),
    ("actor.external", &["country", "variety", "motive"]),
    ("actor.internal", &["variety", "motive"]),
    ("action.hacking", &["variety", "vector"]),
    ("action.malware", &["variety", "vector"]),
    ("action.misuse", &["variety", "vector"]),
    ("action.environmental", &["variety"]),
    ("asset", &["assets", "cloud"]),
    ("attribute.confidentiality", &["data_disclosure"]),
    ("attribute.integrity", &["variety"]),
    ("attribute.availability", &["variety"]),
    ("timeline", &["incident"]),
    ("timeline.incident", &["year"]),
    ("timeline.compromise", &["unit"]),
    ("timeline.discovery", &["unit"]),
    ("impact", &["overall_rating"]),
];

/// What is wrong with a document.
pub(super) fn wrong(document: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    walk("", document, &mut wrong);
    let has = |path: &str, value: &str| {
        let list = document.pointer(path).and_then(Value::as_array).cloned().unwrap_or_default();
        list.iter().any(|entry| entry == value || entry["variety"] == value)
    };
    // The rules beside the schema, which the tools of VERIS check.
    let rules = [
        (
            document.pointer("/action/malware").is_none()
                || has("/attribute/integrity/variety", "Software installation"),
            "malware is installed",
        ),
        (
            document["security_incident"] != "Confirmed" || document.get("attribute").is_some(),
            "a confirmed incident has attributes",
        ),
        (
            document.pointer("/action/misuse").is_none() || document.pointer("/actor/internal").is_some(),
            "misuse is from inside",
        ),
        (
            !has("/action/hacking/vector", "Web application") || has("/asset/assets", "S - Web application"),
            "a web application is an asset",
        ),
        (
            !has("/action/malware/variety", "Ransomware") || has("/value_chain/cash-out/variety", "Cryptocurrency"),
            "ransom is paid",
        ),
        (
            !has("/attribute/integrity/variety", "Created account")
                || has("/attribute/integrity/variety", "Modify authentication"),
            "an account is a way to log in",
        ),
        (
            document.pointer("/action/malware").is_none() || document.pointer("/value_chain/development").is_some(),
            "malware was developed",
        ),
    ];
    wrong.extend(rules.iter().filter(|(holds, _)| !holds).map(|(_, rule)| (*rule).to_owned()));
    wrong
}

fn walk(path: &str, value: &Value, wrong: &mut Vec<String>) {
    match value {
        _ if path == "plus" => {}
        Value::Object(fields) => {
            let required = REQUIRED.iter().find(|(name, _)| *name == path).map_or(&[][..], |(_, fields)| fields);
            wrong.extend(
                required.iter().filter(|name| !fields.contains_key(**name)).map(|name| format!("{path} lacks {name}")),
            );
            if fields.is_empty() {
                wrong.push(format!("{path} is empty"));
            }
            for (name, value) in fields {
                walk(&if path.is_empty() { name.clone() } else { format!("{path}.{name}") }, value, wrong);
            }
        }
        Value::Array(list) => {
            if list.is_empty() || list.iter().enumerate().any(|(index, entry)| list[..index].contains(entry)) {
                wrong.push(format!("{path} is empty, or has something twice"));
            }
            for entry in list {
                walk(&format!("{path}[]"), entry, wrong);
            }
        }
        leaf => {
            let allowed = ENUMERATIONS.iter().find(|(name, _)| *name == path);
            match (allowed, leaf.as_str()) {
                (Some((_, values)), Some(text)) if values.contains(&text) => {}
                (None, text) if FREE.contains(&path) && text != Some("") && !leaf.is_null() => {}
                _ => wrong.push(format!("{path}: {leaf}")),
            }
        }
    }
}
