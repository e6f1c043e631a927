//! What can be asked of a backup, whichever tool made it.

pub(super) mod archive;
mod borg;
mod command;
mod folder;
mod kopia;
mod restic;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use jiff::Timestamp;
use keelguard_model::text::printable;

pub(super) use command::shell;

use super::run::{self, NoAnswer, Ran};
use super::setting::{Backup, Tool, without_password};
use super::{Options, Snapshot};

/// The most that a list of snapshots may take.
const MOST_LISTED: u64 = 64 << 20;

/// Why something is not known.
#[derive(Debug)]
pub(super) enum Trouble {
    /// There is no backup in that place.
    Missing(String),
    /// It said nothing in its time.
    Unresponsive { what: String, time: Duration },
    /// It could not be asked: what is missing, and what to type.
    Unable(String),
    /// Parts of it are missing or broken, so that it cannot even be listed.
    Damaged(String),
    /// The command of the settings failed.
    Failed { what: String, said: String },
}

/// What a check says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Soundness {
    Sound,
    Damaged(String),
    /// The tool has no check, or there is nothing to check.
    Unchecked,
}

/// A file in a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// As the snapshot has it.
    pub(super) path: String,
    pub(super) size: u64,
    /// When its content was last changed.
    pub(super) at: Option<Timestamp>,
}

/// The files of a snapshot.
pub(super) struct Entries {
    pub(super) files: Vec<Entry>,
    /// Not all of them.
    pub(super) is_cut: bool,
}

/// A backup that can be asked.
pub(super) trait Repository {
    /// All snapshots, in whatever order.
    fn snapshots(&self) -> Result<Vec<Snapshot>, Trouble>;
    /// Fills in how much the newest hold, where that takes longer than a list.
    fn weigh(&self, _snapshots: &mut [Snapshot]) -> Result<(), Trouble> {
        Ok(())
    }
    /// The tool's own check.
    fn check(&self, newest: &[&Snapshot]) -> Result<Soundness, Trouble>;
    /// What a snapshot holds.
    fn entries(&self, snapshot: &Snapshot) -> Result<Entries, Trouble>;
    /// Writes one file of a snapshot to `to`.
    fn restore(&self, snapshot: &Snapshot, entry: &Entry, to: &Path) -> Result<(), Trouble>;
}

/// The tool of a backup.
pub(super) fn open<'a>(backup: &'a Backup, options: &'a Options, scratch: &'a Path) -> Box<dyn Repository + 'a> {
    let asked = Asked { backup, options, scratch };
    match backup.kind {
        Tool::Restic => Box::new(restic::Restic(asked)),
        Tool::Borg => Box::new(borg::Borg(asked)),
        Tool::Kopia => Box::new(kopia::Kopia(asked)),
        Tool::Folder | Tool::Dump => Box::new(folder::Folder(asked)),
        Tool::Command => Box::new(command::Own(asked)),
    }
}

/// Whom to ask, and with what.
pub(super) struct Asked<'a> {
    pub(super) backup: &'a Backup,
    options: &'a Options,
    /// Where whatever a tool writes goes.
    pub(super) scratch: &'a Path,
}

impl Asked<'_> {
    fn time(&self) -> Duration {
        self.backup.time(self.options.time)
    }

    fn check_time(&self) -> Duration {
        self.backup.check_timeout.map_or(self.options.check_time, |seconds| Duration::from_secs(seconds.max(1)))
    }

    /// Runs a tool; that it failed is for the caller to understand.
    fn run(&self, command: Command, package: &str, time: Duration) -> Result<Ran, Trouble> {
        self.run_into(command, package, time, MOST_LISTED, None)
    }

    fn run_into(
        &self,
        command: Command,
        package: &str,
        time: Duration,
        most: u64,
        sink: Option<std::fs::File>,
    ) -> Result<Ran, Trouble> {
        let program = command.get_program().to_string_lossy().into_owned();
        let action = command.get_args().find(|word| !word.as_encoded_bytes().starts_with(b"-"));
        let what = match (self.backup.kind, action) {
            (Tool::Command, _) => self.backup.command.clone().unwrap_or_default(),
            (_, Some(action)) => format!("{program} {}", action.to_string_lossy()),
            _ => program.clone(),
        };
        run::run(command, time, most, sink).map_err(|no| match no {
            NoAnswer::Absent => Trouble::Unable(format!(
                "{program} is not installed, and only it can read this backup; type: apt install {package} (or what installs it here)"
            )),
            NoAnswer::Late(time) => Trouble::Unresponsive { what, time },
            NoAnswer::Failed(error) => Trouble::Unable(format!("{program} could not be run: {error}")),
        })
    }

    /// The folder, where it is one of this host.
    fn local(&self) -> Option<PathBuf> {
        let place = Path::new(&self.backup.place);
        place.is_absolute().then(|| place.to_path_buf())
    }
}

/// `password_file` or `password_command` is missing or wrong.
fn no_password(variable: &str, said: &str) -> Trouble {
    Trouble::Unable(format!(
        "its password is not known or is wrong ({}); set password_file = \"FILE\" in the [[backups]] of keelguard.toml, or {variable}",
        brief(said.as_bytes())
    ))
}

/// The last lines of what a tool complains of, fit to be shown: no control characters, no passwords in addresses.
pub(super) fn brief(said: &[u8]) -> String {
    let text = String::from_utf8_lossy(said);
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let last = lines.iter().skip(lines.len().saturating_sub(3)).copied().collect::<Vec<_>>().join("; ");
    let short: String = without_password(&last).chars().take(400).collect();
    printable(&short).into_owned()
}

/// Those complaints that have one of the words, else the last ones.
fn telling(said: &[u8], words: &[&str]) -> String {
    let text = String::from_utf8_lossy(said);
    let found: Vec<&str> =
        text.lines().filter(|line| words.iter().any(|word| line.to_lowercase().contains(word))).take(3).collect();
    if found.is_empty() { brief(said) } else { brief(found.join("\n").as_bytes()) }
}

/// A file for what is restored: new, and only for us.
fn create(to: &Path) -> Result<std::fs::File, Trouble> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let made = std::fs::File::options().write(true).create_new(true).mode(0o600).open(to);
    made.map_err(|error| Trouble::Unable(format!("the scratch folder cannot be written to: {error}")))
}
