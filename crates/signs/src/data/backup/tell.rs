//! What was seen of a backup, as findings that explain themselves.

use jiff::SignedDuration;
use keelguard_model::text::{printable, shell_word};
use keelguard_model::{Area, Finding, Incomplete, Kind, Rule, Severity, Subject, SubjectKind, rule};

use super::judge::Wrong;
use super::tool::Trouble;
use super::{Backup, Looked, Options, Snapshot, Tool};

/// Gathers what one backup has to say.
pub(super) struct Tell<'a> {
    backup: &'a Backup,
    options: &'a Options,
    pub(super) looked: Looked,
}

impl<'a> Tell<'a> {
    pub(super) fn new(backup: &'a Backup, options: &'a Options) -> Self {
        let looked = Looked { sources: vec![label(backup)], ..Looked::default() };
        Self { backup, options, looked }
    }

    pub(super) fn seen(&mut self, snapshots: &[Snapshot]) {
        self.looked.lines += snapshots.len() as u64;
        self.looked.from = snapshots.iter().map(|snapshot| snapshot.at).min();
        self.looked.to = snapshots.iter().map(|snapshot| snapshot.at).max();
    }

    /// What could not be looked at. Where nobody has named the backup, nobody misses it.
    pub(super) fn unable(&mut self, why: &str) {
        let entry = Incomplete::new(Area::Data, format!("backup {}", label(self.backup)), printable(why).into_owned());
        if self.backup.is_found { self.looked.unset.push(entry) } else { self.looked.incomplete.push(entry) }
    }

    fn start(&self, rule: &'static Rule, title: &str) -> Finding {
        let subject = if self.backup.place.starts_with('/') {
            Subject::new(SubjectKind::File, self.backup.place.clone())
        } else {
            Subject::new(SubjectKind::Host, self.options.host.clone())
        };
        let mut finding = rule
            .on(subject)
            .about(&self.backup.name)
            .title(printable(title).into_owned())
            .evidence("host", &self.options.host)
            .evidence("backup", printable(&self.backup.name));
        if !self.backup.place.is_empty() {
            finding = finding.evidence("where", printable(&self.backup.shown()));
        }
        finding.time = self.options.now;
        finding
    }

    pub(super) fn push(&mut self, finding: Finding) {
        self.looked.events += 1;
        self.looked.findings.push(finding);
    }

    pub(super) fn trouble(&mut self, trouble: Trouble) {
        let name = &self.backup.name;
        let finding = match trouble {
            Trouble::Unable(why) => return self.unable(&why),
            Trouble::Damaged(said) => return self.damaged(&said),
            Trouble::Missing(said) => {
                let title = format!("The backup {name} is not there");
                let finding = self.start(&rule::BACKUP_MISSING, &title).evidence("said", printable(&said));
                detection(finding).command(self.list_command())
            }
            Trouble::Unresponsive { what, time } => {
                let title = format!("The backup {name} did not answer within {} seconds", time.as_secs());
                let finding = self.start(&rule::BACKUP_UNRESPONSIVE, &title).evidence("asked", printable(&what));
                finding.command(self.list_command())
            }
            Trouble::Failed { what, said } => {
                let title = format!("The backup {name} failed its own check");
                let finding = self.start(&rule::BACKUP_CHECK_FAILED, &title).evidence("asked", printable(&what));
                finding.evidence("said", said).command(what)
            }
        };
        self.push(finding);
    }

    pub(super) fn damaged(&mut self, said: &str) {
        let title = format!("The backup {} is damaged", self.backup.name);
        let finding = self.start(&rule::BACKUP_DAMAGED, &title).evidence("said", said);
        let finding = detection(finding).command(self.check_command());
        self.push(finding);
    }

    pub(super) fn wrong(&mut self, set: &str, wrong: &Wrong) {
        let name = match set {
            "" => self.backup.name.clone(),
            set => format!("{} of {set}", self.backup.name),
        };
        let finding = match wrong {
            Wrong::Unknown => {
                return self.unable(
                    "there are too few of it yet to know how often it is made; say how old it may be: max_age = \"26h\" in its [[backups]]",
                );
            }
            Wrong::Stale { newest, age, allowed, is_one_of_several } => {
                let title = format!("The newest backup {name} is {} old", long(*age));
                let mut finding = self.start(&rule::BACKUP_STALE, &title);
                let is_named = !is_one_of_several && !self.backup.is_found;
                finding.severity = if is_named { Severity::High } else { Severity::Medium };
                let rhythm =
                    if self.backup.max_age.is_some() && !is_one_of_several { "max_age" } else { "its own rhythm" };
                let allowed = format!("{}, by {rhythm}", long(*allowed));
                finding.evidence("newest", newest.to_string()).evidence("allowed", allowed)
            }
            Wrong::Ahead { newest } => {
                let title = format!("The newest backup {name} bears a time to come");
                let finding = self.start(&rule::BACKUP_STALE, &title).severity(Severity::Medium);
                finding.evidence("newest", newest.to_string()).fix(
                    "Set the clock of whoever makes it; if the clock was right, somebody wants the backup to look fresh.",
                )
            }
            Wrong::Shrunk { now, before } => {
                let title = format!("The newest backup {name} holds {} where it held {}", size(*now), size(*before));
                detection(sizes(self.start(&rule::BACKUP_SHRUNK, &title), *now, *before))
            }
            Wrong::Grew { now, before } => {
                let title = format!("The newest backup {name} holds {} where it held {}", size(*now), size(*before));
                detection(sizes(self.start(&rule::BACKUP_GREW, &title), *now, *before))
            }
        };
        let finding = finding.about(&name).command(self.list_command());
        self.push(finding);
    }

    /// A file that the drill could not restore, or that came out wrong.
    pub(super) fn not_restored(&mut self, snapshot: &Snapshot, path: &str, said: &str) {
        let title = format!("{path} could not be restored from the backup {}", self.backup.name);
        let finding = self.start(&rule::BACKUP_NOT_RESTORED, &title).about(&format!("{} {path}", self.backup.name));
        let finding = finding.evidence("file", printable(path)).evidence("snapshot", printable(&snapshot.id));
        let finding = detection(finding.evidence("said", printable(said))).command(self.check_command());
        self.push(finding);
    }

    /// A file that is not what the live one is, though nothing says that one of them changed.
    pub(super) fn differs(&mut self, snapshot: &Snapshot, path: &str, live: &str, hashes: [&str; 2]) {
        let title = format!("{path} in the backup {} is not what it is live", self.backup.name);
        let finding = self.start(&rule::BACKUP_DIFFERS, &title).about(&format!("{} {path}", self.backup.name));
        let finding = finding.evidence("file", printable(live)).evidence("snapshot", printable(&snapshot.id));
        let [restored, live] = hashes;
        let finding = finding.evidence("restored", restored).evidence("live", live);
        self.push(detection(finding));
    }

    fn list_command(&self) -> String {
        let place = self.backup.shown();
        let place = shell_word(&place);
        match self.backup.kind {
            Tool::Restic => format!("restic -r {place} snapshots"),
            Tool::Borg => format!("borg list {place}"),
            Tool::Kopia => "kopia snapshot list --all".to_owned(),
            Tool::Folder | Tool::Dump => format!("ls -lt {place}"),
            Tool::Command => self.backup.command.clone().unwrap_or_default(),
        }
    }

    fn check_command(&self) -> String {
        let place = self.backup.shown();
        let place = shell_word(&place);
        match self.backup.kind {
            Tool::Restic => format!("restic -r {place} check --read-data"),
            Tool::Borg => format!("borg check --verify-data {place}"),
            Tool::Kopia => "kopia snapshot verify --verify-files-percent=100".to_owned(),
            Tool::Folder | Tool::Dump | Tool::Command => self.list_command(),
        }
    }
}

fn detection(mut finding: Finding) -> Finding {
    finding.kind = Kind::Detection;
    finding
}

fn sizes(finding: Finding, now: u64, before: u64) -> Finding {
    finding.evidence("bytes", now.to_string()).evidence("bytes before", before.to_string())
}

/// The name and, where it says more, the place.
fn label(backup: &Backup) -> String {
    let text = if backup.is_found || backup.place.is_empty() {
        backup.name.clone()
    } else {
        format!("{} ({})", backup.name, backup.shown())
    };
    printable(&text).into_owned()
}

/// `5 days`, `30 hours`.
fn long(age: SignedDuration) -> String {
    let hours = age.as_hours();
    if hours < 49 { format!("{hours} hours") } else { format!("{} days", hours / 24) }
}

#[expect(clippy::cast_precision_loss, reason = "to one digit")]
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{bytes} bytes"),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}
