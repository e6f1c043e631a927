//! Which files hold logins.

use std::path::{Path, PathBuf};

use super::elsewhere::COMMON;
use crate::read::{is_piece_ending, is_piece_of, logs_in};

/// Names of logs in `/var/log`. Debian and its relatives write `auth.log`, Red Hat `secure`.
const TEXTS: &[&str] =
    &["auth.log", "secure", "cron", "mail.log", "maillog", "vsftpd.log", "haproxy.log", "mysqld.log"];
const RECORDS: &[&str] = &["wtmp", "btmp"];
/// Those that the journal holds a copy of.
const COPIED: &[&str] = &["auth.log", "secure"];

/// Folders in which programs write logs of their own, and how those end: Debian's places, then Red Hat's.
const FOLDERS: &[(&str, &[&str])] = &[
    ("var/log/apache2", &["error.log"]),
    ("var/log/httpd", &["error_log"]),
    ("var/log/nginx", &["error.log"]),
    ("var/log/mysql", &["error.log", "mysqld.log"]),
    ("var/log/mariadb", &[".log"]),
    ("var/log/postgresql", &[".log"]),
    ("var/lib/pgsql/data/log", &[".log"]),
    ("var/log/exim4", &["mainlog"]),
    ("var/log/exim", &["main.log"]),
    ("var/log/redis", &["redis-server.log", "redis.log"]),
    ("var/log/proftpd", &["proftpd.log"]),
    ("var/log/openvpn", &["openvpn.log"]),
];

/// This host's logs below `root` (mostly `/`): those of logins, those that programs write themselves, and, for programs that
/// have none, the common log. The journal is read where no text log of logins is there: what both hold would count twice.
/// Where nobody keeps logs of logins, there are none: a web server's alone would say little, and read as clean.
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
    if copied {
        // What one of them holds, the next holds again.
        let common =
            COMMON.iter().find(|common| names.iter().any(|name| is_piece_of(name, &[common]) && has_content(name)));
        let pieces = names.iter().filter(|name| common.is_some_and(|common| is_piece_of(name, &[common])));
        found.extend(pieces.map(|name| folder.join(name)));
    } else {
        let journals = [folder.join("journal"), root.join("run/log/journal")];
        found.extend(journals.into_iter().filter(|folder| folder.is_dir()));
    }
    if !found.is_empty() {
        found.extend(FOLDERS.iter().flat_map(|(folder, ends)| logs_of(&root.join(folder), ends)));
    }
    found
}

/// Where newer systems record who logged in; the last login of each user alone where nothing else is.
fn instead_of_wtmp(root: &Path, has_last_logins: bool) -> Option<PathBuf> {
    let last = has_last_logins.then(|| root.join("var/log/lastlog"));
    let databases = ["var/lib/wtmpdb/wtmp.db", "var/lib/lastlog/lastlog2.db"].map(|name| root.join(name));
    databases.into_iter().find(|file| file.is_file()).or(last)
}

/// The logs in `folder`, and their rotated pieces, whose names end so.
fn logs_of(folder: &Path, ends: &[&str]) -> Vec<PathBuf> {
    let names = logs_in(folder).into_iter().filter(|name| is_piece_ending(name, ends));
    names.map(|name| folder.join(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in files {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    fn sources(host: &tempfile::TempDir) -> Vec<String> {
        let sources = default_sources(host.path());
        sources.iter().map(|path| path.strip_prefix(host.path()).unwrap().display().to_string()).collect()
    }

    #[test]
    fn the_journal_is_read_where_no_text_log_is_kept() {
        let host = host(&[("var/log/wtmp", ""), ("var/log/auth.log", ""), ("var/log/syslog", "x\n")]);
        std::fs::create_dir(host.path().join("var/log/journal")).unwrap();
        assert_eq!(sources(&host), ["var/log/auth.log", "var/log/wtmp", "var/log/journal"]);
        std::fs::write(host.path().join("var/log/auth.log.1"), "x\n").unwrap();
        assert_eq!(sources(&host), ["var/log/auth.log", "var/log/auth.log.1", "var/log/wtmp", "var/log/syslog"]);
    }

    #[test]
    fn who_logged_in_is_read_where_the_system_keeps_it() {
        let host = host(&[("var/log/wtmp", ""), ("var/log/auth.log", "x\n"), ("var/log/lastlog", "x")]);
        let logins = || -> Vec<String> { sources(&host).into_iter().skip(2).collect() };
        assert_eq!(logins(), ["var/log/lastlog"]);
        let write = |file: &str| {
            let path = host.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "SQLite format 3\0").unwrap();
        };
        write("var/lib/wtmpdb/wtmp.db");
        assert_eq!(logins(), ["var/lib/wtmpdb/wtmp.db"]);
        write("var/log/wtmp");
        assert_eq!(logins(), [""; 0]);
        write("var/log/audit/audit.log.1");
        assert_eq!(logins(), ["var/log/audit/audit.log.1"]);
    }

    #[test]
    fn programs_own_logs_are_read_in_debians_places_and_in_red_hats() {
        let debian = [
            "var/log/auth.log",
            "var/log/haproxy.log",
            "var/log/syslog",
            "var/log/syslog.2.gz",
            "var/log/apache2/error.log",
            "var/log/nginx/error.log",
            "var/log/nginx/error.log.2.gz",
            "var/log/mysql/error.log",
            "var/log/postgresql/postgresql-15-main.log.1",
            "var/log/exim4/mainlog",
            "var/log/redis/redis-server.log",
            "var/log/proftpd/proftpd.log",
        ];
        let others = ["var/log/nginx/access.log", "var/log/daemon.log", "var/log/kern.log", "var/log/exim4/rejectlog"];
        let all: Vec<_> = debian.iter().chain(&others).map(|file| (*file, "x\n")).collect();
        assert_eq!(sources(&host(&all)), debian);
        let red_hat = [
            "var/log/messages",
            "var/log/messages-20261122",
            "var/log/httpd/error_log",
            "var/log/httpd/error_log-20261122",
            "var/log/mariadb/mariadb.log",
            "var/lib/pgsql/data/log/postgresql-Tue.log",
        ];
        let all: Vec<_> = ["var/log/secure"].iter().chain(&red_hat).map(|file| (*file, "x\n")).collect();
        let found = sources(&host(&all));
        assert_eq!((found[0].as_str(), &found[1..]), ("var/log/secure", &red_hat.map(str::to_owned)[..]));
    }

    #[test]
    fn a_web_servers_log_alone_is_no_log_of_logins() {
        assert!(sources(&host(&[("var/log/nginx/error.log", "x\n"), ("var/log/syslog", "x\n")])).is_empty());
    }
}
