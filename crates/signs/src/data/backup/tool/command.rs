//! Any command that knows of backups: it prints a line for each, `TIME [BYTES [NAME]]`, and ends with 0.

use std::path::Path;
use std::process::Command;

use jiff::Timestamp;

use super::{Asked, Entries, Entry, Repository, Soundness, Trouble, brief};
use crate::data::backup::Snapshot;

pub(super) struct Own<'a>(pub(super) Asked<'a>);

/// A command of the settings, as the shell understands it.
pub(in crate::data::backup) fn shell(line: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", line]);
    command
}

/// A line of its output.
pub(super) fn line(text: &str) -> Option<Snapshot> {
    let mut words = text.split_whitespace();
    let at: Timestamp = words.next()?.parse().ok()?;
    let bytes = words.next().map(str::parse).transpose().ok()?;
    let set = super::archive::stem(words.next().unwrap_or_default());
    Some(Snapshot { id: at.to_string(), set, at, bytes })
}

impl Repository for Own<'_> {
    fn snapshots(&self) -> Result<Vec<Snapshot>, Trouble> {
        let what = self.0.backup.command.clone().unwrap_or_default();
        let ran = self.0.run(shell(&what), "it", self.0.time())?;
        if !ran.status.success() {
            return Err(Trouble::Failed { what, said: brief(&ran.err) });
        }
        let text = String::from_utf8_lossy(&ran.out);
        let lines = text.lines().filter(|text| !text.trim().is_empty());
        let not_understood = |text: &str| {
            let text: String = text.chars().take(80).collect();
            let why = "is no `TIME [BYTES [NAME]]`, such as 2026-11-24T03:00:00Z 1048576 shop.sql.gz";
            Trouble::Unable(format!("the line {text:?} of {what} {why}"))
        };
        lines.map(|text| line(text).ok_or_else(|| not_understood(text))).collect()
    }

    fn check(&self, _newest: &[&Snapshot]) -> Result<Soundness, Trouble> {
        Ok(Soundness::Unchecked)
    }

    fn entries(&self, _snapshot: &Snapshot) -> Result<Entries, Trouble> {
        let why = "of a command's backups nothing can be restored here; let `check` restore something";
        Err(Trouble::Unable(why.to_owned()))
    }

    fn restore(&self, _snapshot: &Snapshot, _entry: &Entry, _to: &Path) -> Result<(), Trouble> {
        Err(Trouble::Unable("nothing can be restored".to_owned()))
    }
}
