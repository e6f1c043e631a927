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
    let recorded = |of: &str| names.iter().any(|name| is_piece_of(name, &[of]) && has_content(name));
    if !recorded("wtmp") {
        found.extend(instead_of_wtmp(root, recorded("lastlog")));
    }
    // Rotated by auditd itself.
    let audit = folder.join("audit");
    found.extend(logs_in(&audit).iter().filter(|name| is_piece_of(name, &["audit.log"])).map(|name| audit.join(name)));
    if !copied {
        let journals = [folder.join("journal"), root.join("run/log/journal")];
        found.extend(journals.into_iter().filter(|folder| folder.is_dir()));
    }
    found
}

/// Where newer systems record who logged in; the last login of each user alone where nothing else is.
fn instead_of_wtmp(root: &Path, has_last_logins: bool) -> Option<PathBuf> {
    let last = has_last_logins.then(|| root.join("var/log/lastlog"));
    let databases = ["var/lib/wtmpdb/wtmp.db", "var/lib/lastlog/lastlog2.db"].map(|name| root.join(name));
    databases.into_iter().find(|file| file.is_file()).or(last)
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
        std::fs::write(log.join("lastlog"), [0; 292]).unwrap();
        assert_eq!(names(), ["auth.log", "auth.log.1", "wtmp", "lastlog"]);
        let database = folder.path().join("var/lib/wtmpdb");
        std::fs::create_dir_all(&database).unwrap();
        std::fs::write(database.join("wtmp.db"), "SQLite format 3\0").unwrap();
        assert_eq!(names(), ["auth.log", "auth.log.1", "wtmp", "wtmp.db"]);
        std::fs::write(log.join("wtmp"), [0; 384]).unwrap();
        assert_eq!(names(), ["auth.log", "auth.log.1", "wtmp"]);
        std::fs::create_dir(log.join("audit")).unwrap();
        std::fs::write(log.join("audit/audit.log.1"), "x\n").unwrap();
        assert_eq!(names(), ["auth.log", "auth.log.1", "wtmp", "audit.log.1"]);
    }
}
