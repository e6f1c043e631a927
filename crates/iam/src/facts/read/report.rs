//! The credential report: lines of comma-separated values, as they are or in base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Gaps;
use crate::facts::credentials::{CredentialRow, ReportedKey};
use crate::facts::lenient::time_of;

/// Rows that are read: an account may have 5,000 users.
const MAX_ROWS: usize = 200_000;

/// Whether the text is a report as it stands.
pub(super) fn is_report(text: &str) -> bool {
    text.starts_with("user,arn,")
}

/// The rows of a report in base64.
pub(super) fn decoded(content: &str, name: &str, gaps: &mut Gaps) -> Option<Vec<CredentialRow>> {
    if is_report(content.trim_start()) {
        return Some(rows(content.trim_start(), name, gaps));
    }
    let plain: String = content.split_whitespace().collect();
    let text = STANDARD.decode(plain).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    match text {
        Some(text) if is_report(&text) => Some(rows(&text, name, gaps)),
        _ => {
            gaps.add(format!("{name}: Content"), "it is no credential report");
            None
        }
    }
}

/// The rows of a report.
pub(super) fn rows(text: &str, name: &str, gaps: &mut Gaps) -> Vec<CredentialRow> {
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split(',').map(str::trim).collect();
    let mut rows = Vec::new();
    for (number, line) in lines.enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        if rows.len() >= MAX_ROWS {
            gaps.add(format!("{name}: credential report"), format!("only {MAX_ROWS} rows of it are read"));
            break;
        }
        // Names of users hold no commas and no quotes, so a plain cut is exact.
        let cells: Vec<&str> = line.trim_end_matches('\r').split(',').collect();
        if cells.len() != header.len() {
            let why = format!("it has {} columns, and its first line {}", cells.len(), header.len());
            gaps.add(format!("{name}: line {} of the credential report", number + 2), why);
            continue;
        }
        rows.push(row(&|column| header.iter().position(|name| *name == column).and_then(|at| cells.get(at).copied())));
    }
    rows
}

fn row<'a>(cell: &dyn Fn(&str) -> Option<&'a str>) -> CredentialRow {
    let text = |column: &str| cell(column).unwrap_or_default().to_owned();
    let time = |column: &str| cell(column).and_then(time_of);
    let switch = |column: &str| match cell(column)? {
        "true" | "TRUE" => Some(true),
        "false" | "FALSE" => Some(false),
        _ => None,
    };
    let key = |number: u8| ReportedKey {
        active: switch(&format!("access_key_{number}_active")).unwrap_or_default(),
        last_rotated: time(&format!("access_key_{number}_last_rotated")),
        last_used: time(&format!("access_key_{number}_last_used_date")),
        last_service: cell(&format!("access_key_{number}_last_used_service"))
            .filter(|service| !matches!(*service, "N/A" | "not_supported" | "no_information"))
            .map(str::to_owned),
    };
    CredentialRow {
        user: text("user"),
        arn: text("arn"),
        created: time("user_creation_time"),
        password_enabled: switch("password_enabled"),
        password_last_used: time("password_last_used"),
        password_last_changed: time("password_last_changed"),
        mfa_active: switch("mfa_active"),
        keys: vec![key(1), key(2)],
        active_certificates: u32::from(switch("cert_1_active") == Some(true))
            + u32::from(switch("cert_2_active") == Some(true)),
    }
}
