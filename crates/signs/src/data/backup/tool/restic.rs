//! Repositories of restic. Everything is asked without a lock and without a cache: nothing is written, neither there nor at home.

use std::path::Path;
use std::process::Command;

use jiff::Timestamp;
use serde::Deserialize;

use super::{Asked, Entries, Entry, Repository, Soundness, Trouble, brief, telling};
use crate::data::backup::Snapshot;

/// So many of the newest of each set are weighed.
const WEIGHED: usize = 5;
/// And no more sets than this.
const SETS: usize = 8;

pub(super) struct Restic<'a>(pub(super) Asked<'a>);

#[derive(Deserialize)]
struct Listed {
    id: String,
    time: Timestamp,
    #[serde(default)]
    hostname: String,
    #[serde(default)]
    paths: Vec<String>,
    /// Since restic 0.17.
    summary: Option<Summary>,
}

#[derive(Deserialize)]
struct Summary {
    total_bytes_processed: Option<u64>,
}

#[derive(Deserialize)]
struct Stats {
    total_size: u64,
}

#[derive(Deserialize)]
struct Node {
    path: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    size: u64,
    mtime: Option<Timestamp>,
}

impl Restic<'_> {
    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("restic");
        command.args(words).args(["--no-lock", "--no-cache", "--repo", &self.0.backup.place]);
        if let Some(file) = &self.0.backup.password_file {
            command.env_remove("RESTIC_PASSWORD").env("RESTIC_PASSWORD_FILE", file);
        }
        if let Some(line) = &self.0.backup.password_command {
            command.env_remove("RESTIC_PASSWORD").env("RESTIC_PASSWORD_COMMAND", line);
        }
        command.env("TMPDIR", self.0.scratch).env_remove("RESTIC_REPOSITORY").env_remove("RESTIC_REPOSITORY_FILE");
        command
    }

    fn refused(&self, said: &[u8]) -> Option<Trouble> {
        let text = String::from_utf8_lossy(said).to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
        if has(&[
            "wrong password",
            "no key found",
            "empty password",
            "resolving password failed",
            "unable to open password",
        ]) || has(&["reading password from"])
        {
            return Some(super::no_password("RESTIC_PASSWORD_FILE", &brief(said)));
        }
        let is_gone = has(&["unable to open config file", "is there a repository", "repository does not exist"]);
        // Of a server's answer nobody knows whether it is the repository that is gone.
        (is_gone && self.0.local().is_some()).then(|| Trouble::Missing(brief(said)))
    }

    fn ask(&self, words: &[&str]) -> Result<super::Ran, Trouble> {
        let ran = self.0.run(self.command(words), "restic", self.0.time())?;
        if !ran.status.success() && !ran.is_cut {
            return Err(self
                .refused(&ran.err)
                .unwrap_or_else(|| Trouble::Unable(format!("restic said: {}", brief(&ran.err)))));
        }
        Ok(ran)
    }
}

impl Repository for Restic<'_> {
    fn snapshots(&self) -> Result<Vec<Snapshot>, Trouble> {
        let ran = self.ask(&["snapshots", "--json"])?;
        let listed: Option<Vec<Listed>> = serde_json::from_slice(&ran.out)
            .map_err(|error| Trouble::Unable(format!("what restic lists cannot be understood: {error}")))?;
        let snapshot = |listed: Listed| Snapshot {
            set: format!("{}:{}", listed.hostname, listed.paths.join(",")),
            at: listed.time,
            bytes: listed.summary.and_then(|summary| summary.total_bytes_processed),
            id: listed.id,
        };
        Ok(listed.unwrap_or_default().into_iter().map(snapshot).collect())
    }

    fn weigh(&self, snapshots: &mut [Snapshot]) -> Result<(), Trouble> {
        snapshots.sort_by(|a, b| (&a.set, b.at).cmp(&(&b.set, a.at)));
        let (mut set, mut sets, mut of_set) = (String::new(), 0, 0);
        for snapshot in snapshots {
            if snapshot.set != set {
                (set, sets, of_set) = (snapshot.set.clone(), sets + 1, 0);
            }
            of_set += 1;
            if snapshot.bytes.is_some() || sets > SETS || of_set > WEIGHED {
                continue;
            }
            let ran = self.ask(&["stats", "--json", "--mode", "restore-size", &snapshot.id])?;
            snapshot.bytes = serde_json::from_slice::<Stats>(&ran.out).ok().map(|stats| stats.total_size);
        }
        Ok(())
    }

    fn check(&self, _newest: &[&Snapshot]) -> Result<Soundness, Trouble> {
        let ran = self.0.run(self.command(&["check"]), "restic", self.0.check_time())?;
        if ran.status.success() {
            return Ok(Soundness::Sound);
        }
        if let Some(trouble) = self.refused(&ran.err) {
            return Err(trouble);
        }
        let said = [ran.out, ran.err].concat();
        Ok(Soundness::Damaged(telling(&said, &["error", "missing", "does not exist", "not found", "fatal"])))
    }

    fn entries(&self, snapshot: &Snapshot) -> Result<Entries, Trouble> {
        let ran = self.ask(&["ls", "--json", &snapshot.id])?;
        let nodes = ran.out.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Node>(line).ok());
        let files = nodes.filter(|node| node.kind.as_deref() == Some("file"));
        let entry = |node: Node| Some(Entry { path: node.path?, size: node.size, at: node.mtime });
        Ok(Entries { files: files.filter_map(entry).collect(), is_cut: ran.is_cut })
    }

    fn restore(&self, snapshot: &Snapshot, entry: &Entry, to: &Path) -> Result<(), Trouble> {
        let into = super::create(to)?;
        let command = self.command(&["dump", &snapshot.id, &entry.path]);
        let ran = self.0.run_into(command, "restic", self.0.check_time(), entry.size + 1, Some(into))?;
        if ran.status.success() || ran.is_cut {
            return Ok(());
        }
        Err(Trouble::Failed { what: "restic dump".to_owned(), said: brief(&ran.err) })
    }
}
