//! From a message to an event: its program says which table it is looked up in, and the table's rows say what it means. What
//! is none of these is asked for logins and commands, which explain what follows.

mod cgroup;
mod engine;
mod kernel;
mod packages;
mod power;
mod row;
mod systemd;

use std::sync::LazyLock;

use jiff::Timestamp;
use row::{Row, Said, Table};

use super::event::{Channel, Happening, Kind, Scope, shown, text};
use crate::logins;
use crate::read::{Clock, stamp};

/// Programs, and the messages that are theirs.
static PROGRAMS: &[(&[&str], &[Row])] = &[
    (&["kernel"], kernel::KERNEL),
    (&["systemd"], systemd::MANAGER),
    (&["systemd-logind"], systemd::LOGIND),
    (&["systemd-shutdown", "shutdown"], systemd::SHUTDOWN),
    (&["systemd-sleep"], systemd::SLEEP),
    (&["systemd-oomd"], systemd::OOMD),
    (&["dockerd"], engine::DOCKERD),
    (&["chronyd"], power::CHRONYD),
    (&["ntpd", "ntpdate", "ntpsec-ntpdate"], power::NTPD),
    (&["systemd-timesyncd"], power::TIMESYNCD),
    (&["apcupsd"], power::APCUPSD),
    (&["upsmon", "nut-monitor"], power::UPSMON),
    (&["mcelog"], power::MCELOG),
];

/// Programs whose logins and commands are evidence.
const EXPLAINS: [&[u8]; 5] = [b"sshd", b"sshd-session", b"sudo", b"su", b"login"];

struct Tables {
    programs: Vec<(&'static [&'static str], Table)>,
    packages: Table,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables {
    programs: PROGRAMS.iter().map(|(names, rows)| (*names, Table::new(rows))).collect(),
    packages: Table::new(packages::PACKAGES),
});

/// Where a message was found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Around<'a> {
    pub(crate) time: Option<i64>,
    pub(crate) host: Option<&'a [u8]>,
    pub(crate) program: &'a [u8],
    pub(crate) process: Option<&'a [u8]>,
    pub(crate) channel: Channel,
    /// The line as it is shown.
    pub(crate) line: &'a [u8],
}

/// The event that `message` tells of, if any.
pub(crate) fn read(message: &[u8], around: &Around<'_>) -> Option<Happening> {
    let message = message.trim_ascii();
    let index = index_of(around.program);
    let Some(table) = index.and_then(|index| TABLES.programs.get(index)).map(|(_, table)| table) else {
        return explains(message, around);
    };
    // The instances of systemd that users have say of sessions what the first process says of the machine.
    if around.program == b"systemd" && around.process.is_some_and(|process| process != b"1") {
        return None;
    }
    let message = if around.program == b"kernel" { without_uptime(message) } else { message };
    match table.read(message) {
        Some(said) => Some(happening(&said, around)),
        None => explains(message, around),
    }
}

/// The change that a line of a package manager's own log tells of.
pub(crate) fn read_package(line: &[u8], clock: &mut Clock) -> Option<Happening> {
    let (time, message) = stamp::take(line, clock)?;
    let around = Around { time: Some(time), host: None, program: b"", process: None, channel: Channel::Text, line };
    TABLES.packages.read(message.trim_ascii()).map(|said| happening(&said, &around))
}

/// Whether `program` has a table, so that its lines need be looked at.
pub(crate) fn is_known(program: &[u8]) -> bool {
    index_of(program).is_some() || EXPLAINS.contains(&program)
}

fn index_of(program: &[u8]) -> Option<usize> {
    PROGRAMS.iter().position(|(names, _)| names.iter().any(|name| name.as_bytes() == program))
}

/// `[ 4711.123456] `, seconds since the boot.
fn without_uptime(message: &[u8]) -> &[u8] {
    let bare = || {
        let inner = message.strip_prefix(b"[")?;
        let close = memchr::memchr(b']', inner.get(..20).unwrap_or(inner))?;
        let (uptime, rest) = inner.split_at_checked(close)?;
        let is_number = uptime.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b' '));
        is_number.then(|| rest.get(1..).unwrap_or_default().trim_ascii_start())
    };
    bare().unwrap_or(message)
}

fn happening(said: &Said<'_>, around: &Around<'_>) -> Happening {
    let time = around.time.and_then(|micros| Timestamp::from_microsecond(micros).ok());
    let (scope, subject) = subject_of(said);
    let detail = said.detail.map(text).filter(|detail| !detail.trim().is_empty());
    let reason = match (said.reason, detail) {
        // Which package, which process.
        (Some(reason), Some(detail)) if matches!(said.kind, Kind::Context | Kind::OutOfMemory) => {
            Some(format!("{reason}: {detail}"))
        }
        (Some(reason), _) => Some(reason.to_owned()),
        (None, detail) => detail,
    };
    Happening {
        line: shown(around.line),
        host: around.host.map(text),
        subject,
        reason,
        code: said.code,
        count: said.count.map(u64::from),
        ..Happening::new(said.kind, scope, around.channel, time)
    }
}

/// What it is about. A control group says whether it is a container or a service.
fn subject_of(said: &Said<'_>) -> (Scope, Option<String>) {
    let Some(subject) = said.subject else { return (said.scope, None) };
    match (said.kind, said.scope) {
        (_, Scope::Service) if matches!(subject, b"docker.service" | b"docker.io.service" | b"moby-engine.service") => {
            (Scope::Engine, None)
        }
        (Kind::OutOfMemory, Scope::Container) => match cgroup::owner(subject) {
            Some((scope, name)) => (scope, Some(text(name))),
            None => (Scope::Host, None),
        },
        (_, scope) => (scope, Some(text(subject))),
    }
}

/// A login or a command.
fn explains(message: &[u8], around: &Around<'_>) -> Option<Happening> {
    if !EXPLAINS.contains(&around.program) {
        return None;
    }
    let seen = logins::of_program(around.program, message)?;
    let user = seen.user.map_or_else(|| "somebody".to_owned(), text);
    let reason = match seen.kind {
        logins::Kind::LoginOk => {
            let from = seen.address.map(|address| format!(" from {address}")).unwrap_or_default();
            format!("login of {user}{from}")
        }
        logins::Kind::Sudo => {
            let by = seen.by.map_or_else(|| "somebody".to_owned(), text);
            format!("{by} ran as {user}: {}", seen.detail.map(text).unwrap_or_default())
        }
        _ => return None,
    };
    let time = around.time.and_then(|micros| Timestamp::from_microsecond(micros).ok());
    Some(Happening {
        line: shown(around.line),
        host: around.host.map(text),
        reason: Some(reason),
        ..Happening::new(Kind::Context, Scope::Host, around.channel, time)
    })
}

/// Every row's sample line: what this crate reads, as it stands in logs.
pub fn samples() -> impl Iterator<Item = &'static str> {
    rows().map(|row| row.sample)
}

fn rows() -> impl Iterator<Item = &'static Row> {
    PROGRAMS.iter().flat_map(|(_, rows)| rows.iter()).chain(packages::PACKAGES)
}

/// Whether the kernel stopped or stumbled.
pub(crate) fn is_crash(kind: Kind) -> bool {
    matches!(kind, Kind::Panic | Kind::Oops | Kind::Lockup)
}

#[cfg(test)]
mod tests;
