//! What counts once. A common log (`syslog`, `messages`) holds a copy of what `mail.log` and its like are for: what stands in
//! a log of its own that is read as well, is left out of the common one.

use std::path::{Path, PathBuf};

use super::stream::Stream;
use crate::logins::event::{Channel, Seen};
use crate::read::{Gaps, is_piece_of};

/// Logs of whatever programs write to syslog.
pub(super) const COMMON: &[&str] = &["syslog", "messages", "daemon.log", "kern.log"];

/// Logs, and the services whose messages a syslog daemon puts there besides.
const OWN: &[(&[&str], &[&str])] = &[
    (
        &["auth.log", "secure"],
        &["sshd", "sudo", "su", "login", "systemd-logind", "polkit", "accounts", "webmin", "phpmyadmin"],
    ),
    (&["mail.log", "maillog"], &["dovecot", "postfix", "exim"]),
    (&["mainlog", "main.log"], &["exim"]),
    (&["cron", "cron.log"], &["cron"]),
    (&["haproxy.log"], &["haproxy"]),
    (&["proftpd.log"], &["proftpd"]),
    (&["vsftpd.log"], &["vsftpd"]),
];

/// What is read elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Elsewhere {
    services: Vec<&'static str>,
    /// What PAM says goes where logins go.
    pam: bool,
    /// The journal holds a copy of everything.
    all: bool,
}

impl Elsewhere {
    /// What these logs hold.
    pub(super) fn among<'a>(logs: impl Iterator<Item = &'a Path>) -> Self {
        let mut found = Self::default();
        for log in logs {
            found.all |= log.is_dir();
            for (names, services) in OWN.iter().filter(|(names, _)| is_one_of(log, names)) {
                found.pam |= names.contains(&"secure");
                found.services.extend(*services);
            }
        }
        found
    }

    /// Whether `seen`, as it stands in `log`, is told of elsewhere.
    pub(super) fn tells_of(&self, log: &Path, seen: &Seen<'_>) -> bool {
        let told = self.all || self.pam && seen.channel == Channel::Library || self.services.contains(&seen.service);
        told && is_one_of(log, COMMON)
    }
}

fn is_one_of(log: &Path, names: &[&str]) -> bool {
    log.file_name().is_some_and(|name| is_piece_of(&name.to_string_lossy(), names))
}

/// A log without what is told of elsewhere.
pub(super) struct Rest {
    log: Box<dyn Stream>,
    path: PathBuf,
    elsewhere: Elsewhere,
}

impl Rest {
    /// `log`, which lies at `path`; as it is where that is no common log.
    pub(super) fn of(log: Box<dyn Stream>, path: &Path, elsewhere: &Elsewhere) -> Box<dyn Stream> {
        if *elsewhere == Elsewhere::default() || !is_one_of(path, COMMON) {
            return log;
        }
        Box::new(Self { log, path: path.to_path_buf(), elsewhere: elsewhere.clone() })
    }
}

impl Stream for Rest {
    fn advance(&mut self, gaps: &mut Gaps) -> bool {
        while self.log.advance(gaps) {
            let mut told = false;
            self.log.show(&mut |seen, _| told = self.elsewhere.tells_of(&self.path, seen));
            if !told {
                return true;
            }
        }
        false
    }

    fn time(&self) -> i64 {
        self.log.time()
    }

    fn show(&mut self, take: &mut dyn FnMut(&Seen<'_>, &[u8])) {
        self.log.show(take);
    }

    fn lines(&self) -> u64 {
        self.log.lines()
    }
}
