//! Which files belong together: `auth.log.2.gz`, `auth.log.1` and `auth.log` are one log in three
//! pieces, the oldest first.

use std::path::PathBuf;

/// The pieces of one log, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// The files; a folder is a journal's.
    pub files: Vec<PathBuf>,
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
pub(crate) enum Age {
    /// Rotated by date: `secure-20261101`.
    Dated(String),
    /// Rotated by number, the larger the older.
    Numbered(std::cmp::Reverse<u32>),
    /// Still being written.
    Current,
}

/// The log's name without what rotation and compression added to it.
pub(crate) fn piece_of(name: &str) -> (String, Age) {
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
        && date.len() <= 18
        && date.bytes().all(|byte| byte.is_ascii_digit())
    {
        return (base.to_owned(), Age::Dated(date.to_owned()));
    }
    // `secure-2026-11-01`
    if let Some((base, date)) = bare.len().checked_sub(10).and_then(|at| bare.split_at_checked(at))
        && let Some(base) = base.strip_suffix(['-', '.', '_'])
        && !base.is_empty()
        && date
            .bytes()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() })
    {
        return (base.to_owned(), Age::Dated(date.replace('-', "")));
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
            "c/secure-2026-11-01.gz",
            "c/secure",
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
                vec!["c/secure-2026-11-01.gz", "c/secure"],
            ]
        );
    }
}
