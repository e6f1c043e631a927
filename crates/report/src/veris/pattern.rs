//! The incident classification patterns of the Data Breach Investigations Report, as they are since 2022. The report finds
//! them by likeness to clusters; here they follow its definitions and the conditions that its own classification checks:
//! misuse for Privilege Misuse, a denial of service for that pattern, a web application for Basic Web Application Attacks,
//! hacking or malware for System Intrusion.

use keelguard_model::incident::Stage;

use super::Seen;
use super::action::Actions;

/// The eight, by name. Lost and Stolen Assets and Miscellaneous Errors are none that logs could show; Social Engineering
/// needs a message that somebody fell for.
#[cfg(test)]
pub(super) const ALL: [&str; 8] = [
    "System Intrusion",
    "Basic Web Application Attacks",
    "Denial of Service",
    "Privilege Misuse",
    "Lost and Stolen Assets",
    "Social Engineering",
    "Miscellaneous Errors",
    "Everything Else",
];

/// The pattern.
pub(super) fn of(actions: &Actions, seen: &Seen<'_>) -> &'static str {
    let follows = seen.has(Stage::Foothold) || seen.has(Stage::Hiding) || seen.has(Stage::Harm);
    let only_web = actions.hacking_vector.iter().all(|vector| *vector == "Web application");
    if actions.hacking.contains(&"DoS") {
        "Denial of Service"
    } else if !actions.misuse.is_empty() {
        "Privilege Misuse"
    } else if !actions.hacking_vector.is_empty() && only_web && actions.malware.is_empty() && !follows {
        // Simple attacks: in through the web application, and little after it.
        "Basic Web Application Attacks"
    } else if !actions.hacking.is_empty() || !actions.malware.is_empty() {
        "System Intrusion"
    } else {
        "Everything Else"
    }
}
