//! Which files hold logins, and which belong together: `auth.log.2.gz`, `auth.log.1` and `auth.log` are one log in three
//! pieces, the oldest first.

use std::path::{Path, PathBuf};

/// The pieces of one log, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// The files; a folder is a journal's.
    pub files: Vec<PathBuf>,
}

/// Names of logs in `/var/log`. Debian and its relatives write `auth.log`, Red Hat and SUSE `secure` and `messages`.
const TEXTS: &[&str] = &["auth.log", "secure", "mail.log", "maillog", "vsftpd.log"];
const RECORDS: &[&str] = &["wtmp", "btmp"];
/// Those that the journal holds a copy of.
const COPIED: &[&str] = &["auth.log", "secure"];

/// This host's logs below `root` (mostly `/`). The journal is read where no text log of logins is there: what both hold
/// would count twice.
pub fn default_sources(root: &Path) -> Vec<PathBuf> {
    let folder = root.join("var/log");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .map(|entries| {
            let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
            names.take(100_000).collect()
        })
        .unwrap_or_default();
    names.sort();
    let is_one_of = |name: &str, bases: &[&str]| bases.contains(&piece_of(name).0.as_str());
    // Where `auth.log` is there but empty, nobody writes it any more.
    let has_content = |name: &str| std::fs::metadata(folder.join(name)).map_or(true, |meta| meta.len() > 0);
    let copied = names.iter().any(|name| is_one_of(name, COPIED) && has_content(name));
    let mut found: Vec<PathBuf> = names
        .iter()
        .filter(|name| is_one_of(name, TEXTS) || is_one_of(name, RECORDS))
        .map(|name| folder.join(name))
        .collect();
    if !copied {
        let journals = [folder.join("journal"), root.join("run/log/journal")];
        found.extend(journals.into_iter().filter(|folder| folder.is_dir()));
    }
    found
}

/// Puts the pieces of each log together, in order; logs stay in the order in which they were named.
pub fn families(files: Vec<PathBuf>) -> Vec<Family> {
    let mut families: Vec<(PathBuf, Vec<(Age, PathBuf)>)> = Vec::new();
    for file in files {
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let (base, age) = piece_of(&name);
        let place = file.with_file_name(base);
        match families.iter_mut().find(|(known, _)| *known == place) {
            Some((_, pieces)) => pieces.push((age, file)),
            None => families.push((place, vec![(age, file)])),
        }
    }
    let sorted = |mut pieces: Vec<(Age, PathBuf)>| {
        pieces.sort();
        pieces.dedup();
        Family { files: pieces.into_iter().map(|(_, file)| file).collect() }
    };
    families.into_iter().map(|(_, pieces)| sorted(pieces)).collect()
}

/// The older, the smaller.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Age {
    /// Rotated by date: `secure-20261101`.
    Dated(String),
    /// Rotated by number, the larger the older.
    Numbered(std::cmp::Reverse<u32>),
    /// Still being written.
    Current,
}

/// The log's name without what rotation and compression added to it.
fn piece_of(name: &str) -> (String, Age) {
    let bare = [".gz", ".zst", ".zstd", ".xz", ".bz2"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    if let Some((base, number)) = bare.rsplit_once('.')
        && !base.is_empty()
        && number.len() <= 5
        && let Ok(number) = number.parse()
    {
        return (base.to_owned(), Age::Numbered(std::cmp::Reverse(number)));
    }
    if let Some((base, date)) = bare.rsplit_once(['-', '.'])
        && !base.is_empty()
        && date.len() >= 8
        && date.len() <= 14
        && date.bytes().all(|byte| byte.is_ascii_digit())
    {
        return (base.to_owned(), Age::Dated(date.to_owned()));
    }
    (bare.to_owned(), Age::Current)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_a_log_come_oldest_first() {
        let files = [
            "a/auth.log",
            "a/secure",
            "a/auth.log.1",
            "a/auth.log.10.gz",
            "a/secure-20261101.zst",
            "a/auth.log.2.gz",
            "b/auth.log",
        ];
        let families = families(files.iter().map(PathBuf::from).collect());
        let shown: Vec<Vec<String>> = families
            .iter()
            .map(|family| family.files.iter().map(|file| file.display().to_string()).collect())
            .collect();
        assert_eq!(
            shown,
            [
                vec!["a/auth.log.10.gz", "a/auth.log.2.gz", "a/auth.log.1", "a/auth.log"],
                vec!["a/secure-20261101.zst", "a/secure"],
                vec!["b/auth.log"],
            ]
        );
    }

    #[test]
    fn the_journal_is_read_where_no_text_log_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("var/log");
        std::fs::create_dir_all(log.join("journal")).unwrap();
        std::fs::write(log.join("wtmp"), "").unwrap();
        std::fs::write(log.join("auth.log"), "").unwrap();
        let names = || -> Vec<String> {
            let sources = default_sources(folder.path());
            sources.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
        };
        assert_eq!(names(), ["auth.log", "wtmp", "journal"]);
        std::fs::write(log.join("auth.log.1"), "x\n").unwrap();
        assert_eq!(names(), ["auth.log", "auth.log.1", "wtmp"]);
    }
}
