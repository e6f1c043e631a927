//! Backups and snapshots, by where they lie and by the commands that delete them: who wants money deletes these first.

use super::event::{Actor, folder, name};
use super::kinds::ending;

/// Parts of a path behind which backups lie, and beginnings of such.
static PLACES: &[&str] =
    &["backup", "snapshots", ".snapshots", "timeshift", "restic", "borg", "kopia", "dumps", "db_dump"];

static ENDINGS: &[&str] = &["backup", "bak", "bkf", "bkp", "dmp", "dump", "vbk", "vib", "vrb", "tib", "mrimg"];

/// Whether it is a backup, or part of one.
pub(crate) fn is_backup(path: &[u8]) -> bool {
    if ending(name(path)).is_some_and(|ending| ENDINGS.contains(&ending.as_str())) {
        return true;
    }
    let lower = folder(path).to_ascii_lowercase();
    lower.split(|byte| *byte == b'/').any(|part| PLACES.iter().any(|place| part.starts_with(place.as_bytes())))
}

/// Whether a folder is one that a backup's repository cannot be without: restic's snapshots and keys.
pub(crate) fn is_vital(path: &[u8]) -> bool {
    let holder = name(folder(path));
    let hex = name(path).len() == 64 && name(path).iter().all(u8::is_ascii_hexdigit);
    hex && matches!(holder, b"snapshots" | b"keys")
}

/// Places in which files come and go.
static PASSING: &[&[u8]] = &[
    b"cache",
    b"caches",
    b".cache",
    b"cache2",
    b"code cache",
    b"gpucache",
    b"node_modules",
    b".git",
    b"target",
    b"__pycache__",
    b"thumbnails",
    b".thumbnails",
    b"trash",
    b".trash",
    b"build",
    b".gradle",
    b".cargo",
    b".npm",
    b"dist",
];

/// Whether files come and go there by themselves.
pub(crate) fn is_passing(path: &[u8]) -> bool {
    let lower = folder(path).to_ascii_lowercase();
    lower.split(|byte| *byte == b'/').any(|part| PASSING.contains(&part))
}

/// How much a command destroys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Harm {
    /// One snapshot or volume: backup scripts do so each night.
    One,
    /// All there is.
    All,
}

/// A program, what its command line must hold, what it must not, and what it does.
struct Command(&'static str, &'static [&'static str], &'static [&'static str], Harm);

static COMMANDS: &[Command] = &[
    Command("lvremove", &[], &[], Harm::One),
    Command("lvm", &["lvremove"], &[], Harm::One),
    Command("vgremove", &[], &[], Harm::All),
    Command("lvm", &["vgremove"], &[], Harm::All),
    Command("btrfs", &["subvolume", "delete"], &[], Harm::One),
    Command("zfs", &["destroy"], &[], Harm::One),
    Command("zpool", &["destroy"], &[], Harm::All),
    Command("snapper", &["delete"], &[], Harm::One),
    Command("timeshift", &["--delete-all"], &[], Harm::All),
    Command("timeshift", &["--delete"], &["--delete-all"], Harm::One),
    Command("restic", &["forget", "--unsafe-allow-remove-all"], &[], Harm::All),
    Command("restic", &["forget"], &["--keep", "--unsafe-allow-remove-all"], Harm::One),
    Command("borg", &["delete"], &["::", "--glob-archives", "-a ", "--dry-run"], Harm::All),
    Command("kopia", &["snapshot", "delete"], &[], Harm::One),
    Command("virsh", &["snapshot-delete"], &[], Harm::One),
    Command("rbd", &["snap", "purge"], &[], Harm::All),
    Command("cryptsetup", &["luksErase"], &[], Harm::All),
    Command("cryptsetup", &["erase"], &[], Harm::All),
    Command("vssadmin", &["delete", "shadows"], &[], Harm::All),
    Command("wbadmin", &["delete"], &[], Harm::All),
];

/// The programs whose starts are worth a look.
pub(crate) fn programs() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().map(|Command(program, ..)| *program)
}

/// What a command destroys, if anything.
pub(crate) fn harm(actor: &Actor) -> Option<Harm> {
    let mut words = actor.command.split_ascii_whitespace();
    let program = words.next()?;
    let program = program.rsplit('/').next().unwrap_or(program);
    let program = program.strip_suffix(".exe").unwrap_or(program);
    // Scripts: `python3 /usr/bin/borg delete …`.
    let script = words.clone().next().map(|word| word.rsplit('/').next().unwrap_or(word));
    let row = COMMANDS.iter().find(|Command(name, needs, never, _)| {
        let named = *name == program || script == Some(*name) && (program.starts_with("python") || program == "sh");
        named
            && needs.iter().all(|need| actor.command.split_ascii_whitespace().any(|word| word == *need))
            && !never.iter().any(|word| actor.command.contains(word))
    })?;
    Some(row.3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backups_are_known_by_place_and_by_ending() {
        for path in ["/srv/backups/db.tar.gz", "/home/a/x.bak", "/mnt/Backup-2024/a", "/var/restic/data/00/ab"] {
            assert!(is_backup(path.as_bytes()), "{path}");
        }
        assert!(!is_backup(b"/home/a/report.pdf"));
        assert!(is_vital(format!("/srv/repo/snapshots/{}", "a".repeat(64)).as_bytes()));
        assert!(!is_vital(b"/srv/repo/snapshots/a"));
    }

    #[test]
    fn commands_that_delete_all_are_told_from_those_that_rotate() {
        let harm = |command: &str| harm(&Actor { command: command.to_owned(), ..Actor::default() });
        assert_eq!(harm("/usr/sbin/lvremove -f vg0/snap"), Some(Harm::One));
        assert_eq!(harm("zpool destroy tank"), Some(Harm::All));
        assert_eq!(harm("vssadmin.exe delete shadows /all /quiet"), Some(Harm::All));
        assert_eq!(harm("/usr/bin/python3 /usr/bin/borg delete /srv/borg"), Some(Harm::All));
        assert_eq!(harm("borg delete /srv/borg::monday"), None);
        assert_eq!(harm("restic forget --keep-daily 7 --prune"), None);
        assert_eq!(harm("lvs"), None);
        assert_eq!(harm("btrfs subvolume list /"), None);
    }
}
