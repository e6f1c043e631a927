//! OpenVEX 0.2.0 (<https://github.com/openvex/spec>): a statement for each row, for somebody to judge. What has a fix is
//! `affected` and says which; the rest is `under_investigation`; what a VEX document said before stays.

use keelguard_model::image::{Target, Vulnerability};
use serde_json::{Map, Value, json};

use super::{TOOL, time, uuid};
use crate::ImageView;

/// The reasons that OpenVEX has labels for.
const LABELS: &[&str] = &[
    "component_not_present",
    "vulnerable_code_not_present",
    "vulnerable_code_not_in_execute_path",
    "vulnerable_code_cannot_be_controlled_by_adversary",
    "inline_mitigations_already_exist",
];

/// The document.
pub(crate) fn document(view: &ImageView<'_>) -> Value {
    let now = time(view.now);
    let statements: Vec<Value> =
        view.report.vulnerabilities.iter().map(|row| statement(row, &view.report.target)).collect();
    json!({
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": format!("urn:uuid:{}", uuid(view)),
        "author": TOOL,
        "timestamp": now,
        "tooling": format!("{TOOL} {}", env!("CARGO_PKG_VERSION")),
        "version": 1,
        "statements": statements,
    })
}

fn statement(row: &Vulnerability, target: &Target) -> Value {
    let mut statement = Map::new();
    let mut vulnerability = Map::new();
    vulnerability.insert("name".into(), json!(row.id));
    if !row.aliases.is_empty() {
        vulnerability.insert("aliases".into(), json!(row.aliases));
    }
    if !row.summary.is_empty() {
        vulnerability.insert("description".into(), json!(row.summary));
    }
    statement.insert("vulnerability".into(), vulnerability.into());
    statement.insert("products".into(), json!([product(row, target)]));
    let update = match row.fixed.as_slice() {
        [] => "no version fixes it yet".to_owned(),
        fixed => format!("update {} to {}", row.why.looked_up, fixed.join(" or ")),
    };
    match &row.vex {
        None if row.fixed.is_empty() => {
            statement.insert("status".into(), json!("under_investigation"));
        }
        None => {
            statement.insert("status".into(), json!("affected"));
            statement.insert("action_statement".into(), json!(update));
        }
        Some(vex) => {
            statement.insert("status".into(), json!(vex.status));
            let reason = vex.justification.as_deref();
            match vex.status.as_str() {
                "not_affected" => {
                    let label = reason.filter(|reason| LABELS.contains(reason));
                    let field = if label.is_some() { "justification" } else { "impact_statement" };
                    statement.insert(field.into(), json!(reason.unwrap_or("no reason was given")));
                }
                "affected" => {
                    statement.insert("action_statement".into(), json!(reason.unwrap_or(&update)));
                }
                _ => {
                    statement.extend(reason.map(|reason| ("status_notes".to_owned(), json!(reason))));
                }
            }
            if !statement.contains_key("status_notes") {
                statement.insert("status_notes".into(), json!(format!("as {} says", vex.source)));
            }
        }
    }
    statement.into()
}

/// The image with the package in it; a folder goes by what it was called on the command line.
fn product(row: &Vulnerability, target: &Target) -> Value {
    let package = json!([{"@id": row.package, "identifiers": {"purl": row.package}}]);
    match (target.purl(), &target.digest) {
        (Some(purl), _) => json!({"@id": purl, "identifiers": {"purl": purl}, "subcomponents": package}),
        (None, Some(digest)) => json!({"@id": digest, "subcomponents": package}),
        (None, None) => json!({"@id": target.input, "subcomponents": package}),
    }
}
