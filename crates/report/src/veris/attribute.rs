//! What it did to confidentiality, integrity and availability, in the words of VERIS 1.4.1.

use keelguard_model::Area;
use keelguard_model::incident::Stage;
use serde_json::{Map, Value, json};

use super::action::Actions;
use super::{Seen, list};

/// Techniques and what they do to integrity.
const INTEGRITY: &[(&[&str], &[&str])] = &[
    // Whoever makes an account has changed who may log in: VERIS 1.4.1 wants both.
    (&["T1136"], &["Created account", "Modify authentication"]),
    (&["T1098", "T1548"], &["Modify privileges"]),
    (&["T1098.004", "T1556"], &["Modify authentication"]),
    (&["T1053", "T1543", "T1546", "T1547"], &["Modify configuration"]),
    (&["T1070"], &["Log tampering"]),
    (&["T1562"], &["Modify configuration"]),
    (&["T1565"], &["Modify data"]),
    (&["T1491"], &["Defacement"]),
    (&["T1496"], &["Repurpose"]),
];

/// The field `attribute`; empty where nothing was touched, as far as is known.
pub(super) fn attribute(seen: &Seen<'_>, actions: &Actions) -> Map<String, Value> {
    let mut attribute = Map::new();
    if seen.has(Stage::Entry) {
        // The password is known to who guessed it; what they read with it no log says.
        let confidentiality = json!({"data_disclosure": "Potentially", "data": [{"variety": "Credentials"}]});
        attribute.insert("confidentiality".to_owned(), confidentiality);
    }
    let mut integrity: Vec<&str> = Vec::new();
    for (techniques, varieties) in INTEGRITY {
        if seen.shows(techniques) {
            integrity.extend(*varieties);
        }
    }
    // The rules of VERIS: whatever malware did, it was installed.
    if !actions.malware.is_empty() {
        integrity.push("Software installation");
    }
    if !integrity.is_empty() {
        attribute.insert("integrity".to_owned(), json!({"variety": list(&integrity)}));
    }
    let mut availability = Vec::new();
    availability.extend(seen.tells_of(Area::Downtime).then_some("Interruption"));
    availability.extend(actions.malware.contains(&"Ransomware").then_some("Obscuration"));
    availability.extend(actions.malware.contains(&"Destroy data").then_some("Destruction"));
    availability
        .extend((seen.tells_of(Area::Performance) || actions.hacking.contains(&"DoS")).then_some("Degradation"));
    if !availability.is_empty() {
        attribute.insert("availability".to_owned(), json!({"variety": list(&availability)}));
    }
    attribute
}
