//! Which files hold logins.

use std::path::{Path, PathBuf};

use crate::read::{is_piece_of, logs_in};

/// Names of logs in `/var/log`. Debian and its relatives write `auth.log`, Red Hat and SUSE `secure` and `messages`.
const TEXTS: &[&str] = &["auth.log", "secure", "mail.log", "maillog", "vsftpd.log"];
const RECORDS: &[&str] = &["wtmp", "btmp"];
/// Those that the journal holds a copy of.
const COPIED: &[&str] = &["auth.log", "secure"];

/// This host's logs below `root` (mostly `/`). The journal is read where no text log of logins is there: what both hold
/// would count twice.
pub fn default_sources(root: &Path) -> Vec<PathBuf> {
    let folder = root.join("var/log");
    let names = logs_in(&folder);
    // Where `auth.log` is there but empty, nobody writes it any more.
    let has_content = |name: &str| std::fs::metadata(folder.join(name)).map_or(true, |meta| meta.len() > 0);
    let copied = names.iter().any(|name| is_piece_of(name, COPIED) && has_content(name));
    let mut found: Vec<PathBuf> = names
        .iter()
        .filter(|name| is_piece_of(name, TEXTS) || is_piece_of(name, RECORDS))
        .map(|name| folder.join(name))
        .collect();
    if !copied {
        let journals = [folder.join("journal"), root.join("run/log/journal")];
        found.extend(journals.into_iter().filter(|folder| folder.is_dir()));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

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
