//! From a line to an event. A line is taken apart ([`envelope`]), its program says which table its message is looked up in,
//! and the table's rows say what the message means. A line of no known program costs a look at its head; nothing is kept.

mod accounts;
mod audit;
mod databases;
mod engine;
mod ftp;
mod json;
mod local;
mod mail;
mod own;
mod pam;
mod repeat;
mod row;
mod services;
mod sshd;
mod web;

use std::sync::LazyLock;

pub use crate::read::Clock;
pub(crate) use crate::read::template::address as read_address;
pub(crate) use audit::is_record;
pub use audit::parse_audit;
pub(crate) use engine::command as exec_command;
pub use own::{Form, FormError, add_forms};
pub(crate) use repeat::{again, told};
use row::{Row, Table};

use super::event::{Kind, Seen};
use crate::read::{envelope, stamp};

/// A service and the tables of its own messages.
struct Daemon {
    service: &'static str,
    table: Table,
}

/// Programs, and the service whose messages they write.
static PROGRAMS: &[(&[&str], &str, &[Row])] = &[
    (&["sshd", "sshd-session", "sshd-auth"], "sshd", sshd::ROWS),
    (&["sudo"], "sudo", local::SUDO),
    (&["su"], "su", local::SU),
    (&["login"], "login", local::LOGIN),
    (&["systemd-logind"], "systemd-logind", local::LOGIND),
    (&["polkitd", "polkit-agent-helper-1"], "polkit", local::POLKIT),
    (
        &["useradd", "usermod", "userdel", "groupadd", "groupmod", "gpasswd", "passwd", "chsh", "chpasswd", "newusers"],
        "accounts",
        accounts::ROWS,
    ),
    (&["crontab"], "cron", accounts::CRONTAB),
    (&["dovecot"], "dovecot", mail::DOVECOT),
    (
        &["imap-login", "pop3-login", "submission-login", "managesieve-login", "auth", "auth-worker"],
        "dovecot",
        mail::DOVECOT_FILE,
    ),
    (
        &["postfix/smtpd", "postfix/submission/smtpd", "postfix/smtps/smtpd", "postfix/submissions/smtpd"],
        "postfix",
        mail::POSTFIX,
    ),
    (&["exim", "exim4"], "exim", mail::EXIM),
    (&["proftpd"], "proftpd", ftp::PROFTPD),
    (&["pure-ftpd"], "pure-ftpd", ftp::PURE_FTPD),
    (&["ftpd", "in.ftpd"], "ftpd", ftp::FTPD),
    (&["klogind"], "klogind", ftp::KLOGIND),
    (&["vsftpd"], "vsftpd", ftp::VSFTPD),
    (&["pvedaemon", "pveproxy", "IPCC.xs"], "proxmox", services::PROXMOX),
    (&["webmin"], "webmin", services::WEBMIN),
    (&["phpMyAdmin", "phpmyadmin"], "phpmyadmin", services::PHPMYADMIN),
    (&["openvpn", "ovpn-server"], "openvpn", services::OPENVPN),
    (&["postgres"], "postgresql", databases::POSTGRESQL),
    (&["dockerd"], "dockerd", services::DOCKERD),
    (&["docker-registry", "registry"], "docker-registry", services::REGISTRY),
    (&["haproxy"], "haproxy", web::HAPROXY),
    (&["kernel"], "wireguard", services::WIREGUARD),
    (&["mysqld", "mariadbd"], "mysql", databases::MYSQL),
];

/// Rows of programs that write files of their own, without a head that names them.
static OWN_FILES: &[&[Row]] = &[
    mail::EXIM,
    ftp::VSFTPD,
    ftp::PROFTPD_FILE,
    web::ERRORS,
    databases::MYSQL,
    databases::POSTGRESQL,
    databases::REDIS,
    services::OPENVPN,
    services::REGISTRY,
    services::HOME_ASSISTANT,
    services::ASTERISK,
    services::FREESWITCH,
    services::GRAFANA,
    services::VAULTWARDEN,
    services::GITEA,
];

struct Tables {
    daemons: Vec<Daemon>,
    pam: Table,
    old_pam: Table,
    own_files: Table,
    access: Table,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables {
    daemons: PROGRAMS.iter().map(|(_, service, rows)| Daemon { service, table: Table::new(rows) }).collect(),
    pam: Table::new(pam::ROWS),
    old_pam: Table::new(pam::OLD_ROWS),
    own_files: Table::anywhere(OWN_FILES),
    access: Table::new(web::ACCESS),
});

/// The event that a line tells of, if any. A line is without its end; a byte sequence that is no UTF-8 is fine.
pub fn parse_line<'a>(line: &'a [u8], clock: &mut Clock) -> Option<Seen<'a>> {
    if line.first() == Some(&b'{') {
        return None;
    }
    let envelope = envelope::open(line, clock);
    let seen = match envelope.program {
        b"" => bare(envelope.message),
        program => of_program(program, envelope.message),
    };
    // Of what may be the rest of a name, nothing is believed: all lines of a program's own file, and the program's in a common.
    let alone = envelope.program.is_empty();
    let of_mysql = matches!(envelope.program, b"mariadbd" | b"mysqld");
    let suspicious = clock.name_left > 0 && (clock.name_alone || of_mysql);
    if suspicious {
        clock.name_left = clock.name_left.saturating_sub(envelope.message.len() + 1);
    }
    if seen.is_none() && (alone || of_mysql) && databases::cuts_a_name(envelope.message) {
        (clock.name_left, clock.name_alone) = (databases::LONGEST_NAME, alone);
    }
    let mut seen = seen.filter(|_| !suspicious)?;
    seen.time = envelope.time.or(seen.time);
    seen.host = envelope.host;
    Some(seen)
}

/// The event in a line that is a JSON object: the journal's, or a program's own.
pub fn parse_json(line: &[u8], clock: &mut Clock, take: &mut dyn FnMut(&Seen<'_>)) {
    json::read(line, clock, take);
}

/// Whether `program` has a table, or a form of the user's own.
pub(crate) fn is_known(program: &[u8]) -> bool {
    index_of(program).is_some() || own::is_of(program)
}

/// The event that `message` of `program` tells of.
pub(crate) fn of_program<'a>(program: &'a [u8], message: &'a [u8]) -> Option<Seen<'a>> {
    let message = message.trim_ascii();
    match repeat::quoted(message) {
        Some((inner, count)) => {
            once(program, inner).map(|seen| Seen { count: seen.count.saturating_mul(count.max(1)), ..seen })
        }
        None => once(program, message),
    }
}

/// The same of a message that stands for one.
fn once<'a>(program: &'a [u8], message: &'a [u8]) -> Option<Seen<'a>> {
    let tables = &*TABLES;
    if message.starts_with(b"pam_") || message.starts_with(b"PAM ") {
        let service = std::str::from_utf8(program).unwrap_or("pam");
        return tables.pam.read(message, service).filter(|seen| seen.kind != Kind::Session || !is_timed(seen.service));
    }
    if let Some(program) = program.strip_suffix(b"(pam_unix)") {
        return tables.old_pam.read(message, std::str::from_utf8(program).unwrap_or("pam"));
    }
    // The kernel's own clock, in seconds since it began.
    let message = match message {
        [b'[', ..] if program == b"kernel" => {
            envelope::split(message, b']').map_or(message, |(_, rest)| rest.trim_ascii())
        }
        _ => message,
    };
    let daemon = index_of(program).and_then(|index| tables.daemons.get(index));
    if let Some(seen) = engine::read(message).filter(|_| daemon.is_some_and(|daemon| daemon.service == "dockerd")) {
        return Some(seen);
    }
    daemon.and_then(|daemon| daemon.table.read(message, daemon.service)).or_else(|| own::of_program(program, message))
}

/// Timed jobs open a session a minute, which is nobody's login.
fn is_timed(service: &str) -> bool {
    matches!(service, "cron" | "crond" | "atd" | "systemd-user")
}

/// A line of a program that does not name itself.
fn bare(message: &[u8]) -> Option<Seen<'_>> {
    let tables = &*TABLES;
    // An access log, whose quoted parts are the client's: nothing but its own form is looked for.
    if let Some(seen) = tables.access.read(message, "http") {
        // A name may hold a bracket; it holds no stamp, since it holds no colon.
        let time = seen.detail.and_then(|detail| stamp::web(detail.rsplit(|byte| *byte == b'[').next()?));
        return time.filter(|_| seen.user != Some(b"-")).map(|_| Seen { time, detail: None, ..seen });
    }
    engine::read(message).or_else(|| tables.own_files.read(message, "")).or_else(|| own::of_line(message))
}

/// Programs' names of one length, with their rows.
type Names = Vec<(&'static [u8], usize)>;

/// Which row of [`PROGRAMS`] a program is of. Most lines are of none: the length and the first byte decide.
fn index_of(program: &[u8]) -> Option<usize> {
    static BY_LENGTH: LazyLock<Vec<Names>> = LazyLock::new(|| {
        let mut by_length = vec![Vec::new(); 32];
        for (index, (names, ..)) in PROGRAMS.iter().enumerate() {
            for name in *names {
                if let Some(names) = by_length.get_mut(name.len()) {
                    names.push((name.as_bytes(), index));
                }
            }
        }
        by_length
    });
    BY_LENGTH.get(program.len())?.iter().find(|(name, _)| *name == program).map(|(_, index)| *index)
}

/// Every row's sample line: what this crate reads, as it stands in logs.
pub fn samples() -> impl Iterator<Item = &'static str> {
    rows().map(|row| row.sample)
}

fn rows() -> impl Iterator<Item = &'static Row> {
    let own = [pam::ROWS, pam::OLD_ROWS, web::ACCESS];
    let of_programs = PROGRAMS.iter().map(|(_, _, rows)| *rows);
    let files =
        OWN_FILES.iter().copied().filter(|rows| !PROGRAMS.iter().any(|(_, _, known)| known.as_ptr() == rows.as_ptr()));
    of_programs.chain(own).chain(files).flatten()
}

#[cfg(test)]
mod tests;
