//! Backups: found, of today, as large as ever, whole, and restorable. A tool is asked ([`tool`]), within its time ([`run`]); what
//! its answers mean is judged apart ([`judge`]). Nothing is written but into a scratch folder that is removed again.

mod discover;
mod drill;
mod judge;
mod run;
mod setting;
mod tell;
mod tool;

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use keelguard_model::{Area, Incomplete};

pub use discover::discover;
pub use judge::{Wrong, judge};
pub use setting::{Backup, SettingError, Tool};
use tell::Tell;
use tool::{Repository, Soundness, Trouble};

use super::Looked;

/// One backup of one host and path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// As its tool knows it.
    pub id: String,
    /// Of what it is one: host and paths, or the name without its time.
    pub set: String,
    /// When it was begun.
    pub at: Timestamp,
    /// What it holds, where that is known.
    pub bytes: Option<u64>,
}

/// How thoroughly is looked.
#[derive(Clone, Debug)]
pub struct Options {
    /// This host.
    pub host: String,
    /// Now.
    pub now: Timestamp,
    /// For an answer of a tool.
    pub time: Duration,
    /// For a check of a repository, and for the restore of one file.
    pub check_time: Duration,
    /// Whether repositories are checked and weighed.
    pub checks: bool,
    /// So many files of each backup are restored and compared.
    pub drill: usize,
    /// The folder in which a scratch folder is made.
    pub scratch: PathBuf,
}

/// Looks at each of the backups.
pub fn look(backups: &[Backup], options: &Options) -> Looked {
    let mut looked = Looked::default();
    for backup in backups {
        looked.join(one(backup, options));
    }
    looked
}

fn one(backup: &Backup, options: &Options) -> Looked {
    let mut tell = Tell::new(backup, options);
    let scratch = match tempfile::Builder::new().prefix("keelguard-").tempdir_in(&options.scratch) {
        Ok(scratch) => scratch,
        Err(error) => {
            let folder = options.scratch.display();
            tell.unable(&format!("no scratch folder can be made in {folder}: {error}; name another with TMPDIR"));
            return tell.looked;
        }
    };
    let repository = tool::open(backup, options, scratch.path());
    if let Err(trouble) = ask(backup, &*repository, options, scratch.path(), &mut tell) {
        tell.trouble(trouble);
    }
    if let Some(line) = &backup.check
        && (options.checks || options.drill > 0)
    {
        own_check(backup, line, options, &mut tell);
    }
    drop(repository);
    tell.looked
}

fn ask(
    backup: &Backup,
    repository: &dyn Repository,
    options: &Options,
    scratch: &Path,
    tell: &mut Tell,
) -> Result<(), Trouble> {
    let mut snapshots = repository.snapshots()?;
    tell.seen(&snapshots);
    if snapshots.is_empty() {
        if !backup.is_found {
            tell.trouble(Trouble::Missing("there is not one finished backup in it".to_owned()));
        }
        return Ok(());
    }
    if options.checks
        && let Err(trouble) = repository.weigh(&mut snapshots)
    {
        // Too slow to be weighed is no sign of anything; that it was not done is said.
        tell.unable(&match trouble {
            Trouble::Unresponsive { what, time } => format!("{what} took longer than {} s", time.as_secs()),
            Trouble::Unable(why) | Trouble::Missing(why) | Trouble::Damaged(why) => why,
            Trouble::Failed { what, said } => format!("{what} said: {said}"),
        });
    }
    for (set, wrong) in judge(&snapshots, backup.oldest(), options.now) {
        tell.wrong(&set, &wrong);
    }
    let sets = judge::sets(&snapshots);
    let newest: Vec<&Snapshot> = sets.values().filter_map(|set| set.last().copied()).collect();
    if options.checks {
        match repository.check(&newest) {
            Ok(Soundness::Damaged(said)) => tell.damaged(&said),
            Ok(Soundness::Sound | Soundness::Unchecked) => {}
            Err(trouble) => tell.trouble(trouble),
        }
    }
    if options.drill > 0 {
        drill::drill(backup, repository, &newest, options, scratch, tell);
    }
    Ok(())
}

/// The command that the settings give for a further check.
fn own_check(backup: &Backup, line: &str, options: &Options, tell: &mut Tell) {
    let time = backup.check_timeout.map_or(options.check_time, Duration::from_secs);
    match run::run(tool::shell(line), time, 1 << 20, None) {
        Ok(ran) if ran.status.success() => {}
        Ok(ran) => tell.trouble(Trouble::Failed { what: line.to_owned(), said: tool::brief(&ran.err) }),
        Err(run::NoAnswer::Late(time)) => tell.trouble(Trouble::Unresponsive { what: line.to_owned(), time }),
        Err(_) => tell.unable("there is no shell to run its check with"),
    }
}

/// What to type where nothing is known of backups.
pub fn unset() -> Incomplete {
    let why = "no backups are named and none were found; add [[backups]] with name, kind and where to keelguard.toml";
    Incomplete::new(Area::Data, "backups", why)
}
