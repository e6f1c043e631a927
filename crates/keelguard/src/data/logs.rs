//! Logs that somebody has laid hands on; Keelguard's own among them.

use std::path::{Path, PathBuf};

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use keelguard_model::{Area, Finding, Incomplete, Kind, Subject, SubjectKind, rule};
use keelguard_signs::data::Looked;
use keelguard_signs::data::logs::collect::{self, Asked, Reading};
use keelguard_signs::data::own_log::verify;

use super::Depth;
use crate::own_log;
use crate::settings::Settings;

/// Whether what was seen is kept for the next look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Memory {
    /// In `data_dir`.
    Keep,
    /// Nothing is written.
    Leave,
}

/// This host's logs.
pub(crate) fn look(depth: Depth, settings: &Settings) -> Result<Looked> {
    look_at(&[], depth, Memory::Keep, settings)
}

/// Logs that were named, or this host's.
pub(crate) fn look_at(files: &[PathBuf], depth: Depth, memory: Memory, settings: &Settings) -> Result<Looked> {
    let now = Timestamp::now();
    let days = i64::try_from(settings.number("log_days")).unwrap_or(i64::MAX);
    let hours = days.checked_mul(24).filter(|hours| *hours > 0 && depth == Depth::Cheap);
    let since = hours.and_then(|hours| now.checked_sub(SignedDuration::from_hours(hours)).ok());
    let asked = Asked {
        root: PathBuf::from("/"),
        files: files.to_vec(),
        reading: Reading { since, ..Reading::everything(now) },
        state: settings
            .text("data_dir")
            .filter(|_| memory == Memory::Keep)
            .map(|folder| Path::new(folder).join("logs.json")),
        thorough: depth == Depth::Whole,
    };
    let mut looked = collect::look(&asked);
    if files.is_empty() {
        looked.join(own(settings, now));
        if looked.sources.is_empty() {
            let why = "there are no logs in /var/log; name them: keelguard signs data logs FILE…";
            looked.unset.push(Incomplete::new(Area::Data, "logs", why));
        }
    }
    Ok(looked)
}

/// Keelguard's own log, where there is one.
fn own(settings: &Settings, now: Timestamp) -> Looked {
    let mut looked = Looked::default();
    let Ok(path) = own_log::path(settings) else { return looked };
    if !path.exists() {
        return looked;
    }
    let shown = path.display().to_string();
    match verify(&path, None, &mut |_, _| {}) {
        Ok(verified) => {
            looked.lines = verified.records;
            if let Some(first) = verified.problems.first() {
                looked.findings.push(broken(&shown, &first.to_string(), verified.count, now));
            }
        }
        Err(error) => looked.incomplete.push(Incomplete::new(Area::Data, shown, format!("could not {error}"))),
    }
    looked
}

fn broken(path: &str, first: &str, count: u64, now: Timestamp) -> Finding {
    let more = if count > 1 { format!(", and {} more", count - 1) } else { String::new() };
    let mut finding = rule::OWN_LOG_BROKEN
        .on(Subject::new(SubjectKind::File, path))
        .title(format!("Keelguard's own log was tampered with: {first}{more}"))
        .command("keelguard log verify");
    finding.kind = Kind::Detection;
    finding.time = now;
    finding
}
