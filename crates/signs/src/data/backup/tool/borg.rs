//! Repositories of Borg 1. Asked without a lock; what Borg would write at home goes into the scratch folder.

use std::path::Path;
use std::process::Command;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use keelguard_model::text::shell_word;
use serde::Deserialize;

use super::{Asked, Entries, Entry, Repository, Soundness, Trouble, brief, telling};
use crate::data::backup::Snapshot;

pub(super) struct Borg<'a>(pub(super) Asked<'a>);

#[derive(Deserialize)]
struct Listed {
    archives: Vec<Archive>,
}

#[derive(Deserialize)]
struct Archive {
    name: String,
    #[serde(default)]
    hostname: String,
    start: String,
    stats: Option<Stats>,
}

#[derive(Deserialize)]
struct Stats {
    original_size: u64,
}

#[derive(Deserialize)]
struct Item {
    #[serde(rename = "type")]
    kind: String,
    path: String,
    size: u64,
    isomtime: Option<String>,
}

impl Borg<'_> {
    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("borg");
        command.args(words).arg("--bypass-lock");
        if let Some(file) = &self.0.backup.password_file {
            let line = format!("cat -- {}", shell_word(&file.display().to_string()));
            command.env_remove("BORG_PASSPHRASE").env("BORG_PASSCOMMAND", line);
        } else if let Some(line) = &self.0.backup.password_command {
            command.env_remove("BORG_PASSPHRASE").env("BORG_PASSCOMMAND", line);
        }
        command
            .env("BORG_CACHE_DIR", self.0.scratch.join("cache"))
            .env("BORG_SECURITY_DIR", self.0.scratch.join("security"));
        // Borg asks people whether they know a repository; here they have named it.
        for question in ["BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK", "BORG_RELOCATED_REPO_ACCESS_IS_OK"] {
            command.env(question, "yes");
        }
        command.env("TMPDIR", self.0.scratch).env("TZ", "UTC").env("LC_ALL", "C.UTF-8");
        command
    }

    fn refused(&self, said: &[u8]) -> Option<Trouble> {
        let text = String::from_utf8_lossy(said).to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
        if has(&["passphrase supplied", "passphrase", "passcommand", "key file"]) {
            return Some(super::no_password("BORG_PASSCOMMAND", &brief(said)));
        }
        let broken = [
            "not found in repository",
            "objectnotfound",
            "filenotfounderror",
            "integrity",
            "inconsistency",
            "missing segment",
        ];
        if has(&broken) {
            return Some(Trouble::Damaged(telling(said, &broken)));
        }
        let is_gone = has(&["does not exist", "is not a valid repository"]);
        (is_gone && self.0.local().is_some()).then(|| Trouble::Missing(brief(said)))
    }

    fn ask(&self, command: Command) -> Result<super::Ran, Trouble> {
        let ran = self.0.run(command, "borgbackup", self.0.time())?;
        // 1 is a warning.
        if !matches!(ran.status.code(), Some(0 | 1)) && !ran.is_cut {
            return Err(self
                .refused(&ran.err)
                .unwrap_or_else(|| Trouble::Unable(format!("borg said: {}", brief(&ran.err)))));
        }
        Ok(ran)
    }

    fn archive(&self, snapshot: &Snapshot) -> String {
        format!("{}::{}", self.0.backup.place, snapshot.id)
    }
}

/// Times are local ones without a zone; the zone of whoever is asked was set to UTC.
fn time(text: &str) -> Option<Timestamp> {
    TimeZone::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok()
}

/// `shop-2026-11-24T03:00:00` → `shop-`: archives of one job are named alike but for their time.
fn job(name: &str) -> String {
    super::archive::stem(name)
}

impl Repository for Borg<'_> {
    fn snapshots(&self) -> Result<Vec<Snapshot>, Trouble> {
        let mut command = self.command(&["list", "--json", "--format", "{hostname}"]);
        command.arg(&self.0.backup.place);
        let ran = self.ask(command)?;
        let listed: Listed = serde_json::from_slice(&ran.out)
            .map_err(|error| Trouble::Unable(format!("what borg lists cannot be understood: {error}")))?;
        let snapshot = |archive: Archive| {
            let set = format!("{}:{}", archive.hostname, job(&archive.name));
            Some(Snapshot { set, at: time(&archive.start)?, bytes: None, id: archive.name })
        };
        Ok(listed.archives.into_iter().filter_map(snapshot).collect())
    }

    fn weigh(&self, snapshots: &mut [Snapshot]) -> Result<(), Trouble> {
        let mut command = self.command(&["info", "--json", "--last", "10"]);
        command.arg(&self.0.backup.place);
        let ran = self.ask(command)?;
        let Ok(listed) = serde_json::from_slice::<Listed>(&ran.out) else { return Ok(()) };
        for archive in listed.archives {
            if let Some(snapshot) = snapshots.iter_mut().find(|snapshot| snapshot.id == archive.name) {
                snapshot.bytes = archive.stats.map(|stats| stats.original_size);
            }
        }
        Ok(())
    }

    fn check(&self, _newest: &[&Snapshot]) -> Result<Soundness, Trouble> {
        // The check of archives would write: a nonce of the key, which nobody may do without the lock.
        let mut command = self.command(&["check", "--repository-only"]);
        command.arg(&self.0.backup.place);
        let ran = self.0.run(command, "borgbackup", self.0.check_time())?;
        if ran.status.success() {
            return Ok(Soundness::Sound);
        }
        let said = telling(&ran.err, &["missing", "corrupt", "integrity", "error", "not found", "damaged"]);
        match ran.status.code() {
            Some(1) => Ok(Soundness::Damaged(said)),
            _ => match self.refused(&ran.err) {
                Some(trouble) => Err(trouble),
                None => Ok(Soundness::Damaged(said)),
            },
        }
    }

    fn entries(&self, snapshot: &Snapshot) -> Result<Entries, Trouble> {
        let mut command = self.command(&["list", "--json-lines", "--format", "{size}{isomtime}"]);
        command.arg(self.archive(snapshot));
        let ran = self.ask(command)?;
        let items = ran.out.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Item>(line).ok());
        let entry = |item: Item| {
            let at = item.isomtime.as_deref().and_then(time);
            Entry { path: item.path, size: item.size, at }
        };
        Ok(Entries { files: items.filter(|item| item.kind == "-").map(entry).collect(), is_cut: ran.is_cut })
    }

    fn restore(&self, snapshot: &Snapshot, entry: &Entry, to: &Path) -> Result<(), Trouble> {
        let into = super::create(to)?;
        let mut command = self.command(&["extract", "--stdout"]);
        command.arg(self.archive(snapshot)).arg(format!("pp:{}", entry.path));
        command.current_dir(self.0.scratch);
        let ran = self.0.run_into(command, "borgbackup", self.0.check_time(), entry.size + 1, Some(into))?;
        if ran.status.success() || ran.is_cut {
            return Ok(());
        }
        Err(Trouble::Failed { what: "borg extract".to_owned(), said: brief(&ran.err) })
    }
}
