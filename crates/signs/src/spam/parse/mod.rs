//! Lines of mail servers: from a line to an event. A line's program says which table its message is looked up in; [`Join`] fills in
//! what other lines said of the same message.

mod event;
mod exim;
mod join;
mod others;
mod postfix;
mod row;

use std::sync::LazyLock;

pub use event::{Event, Kind, Seen};
pub use join::Join;
use row::{Row, Table};

use crate::read::{Clock, envelope};

/// What ends a Postfix program's name, or is the whole of another's; whose it is, and its rows.
static PROGRAMS: &[(&[&str], &str, &[Row])] = &[
    (&["smtpd"], "postfix", postfix::SMTPD),
    (&["cleanup"], "postfix", postfix::CLEANUP),
    (&["pickup"], "postfix", postfix::PICKUP),
    (&["qmgr", "oqmgr", "nqmgr"], "postfix", postfix::QMGR),
    (&["smtp", "relay"], "postfix", postfix::SMTP),
    (&["local", "virtual", "lmtp", "pipe", "error", "discard"], "postfix", postfix::LOCAL),
    (&["exim", "exim4"], "exim", exim::EXIM),
    (&["sendmail", "sm-mta", "sm-msp-queue"], "sendmail", others::SENDMAIL),
    (&["smtpd"], "opensmtpd", others::OPENSMTPD),
    (&["rspamd"], "rspamd", others::RSPAMD),
];

static TABLES: LazyLock<Vec<(&'static [&'static str], &'static str, Table)>> =
    LazyLock::new(|| PROGRAMS.iter().map(|(names, server, rows)| (*names, *server, Table::new(rows))).collect());

/// The server and the part of it that `program` is: `postfix/submission/smtpd` and `postfix-out/smtp` are Postfix's.
fn part_of(program: &[u8]) -> (bool, &[u8]) {
    match memchr::memrchr(b'/', program) {
        Some(at) if program.starts_with(b"postfix") => (true, program.get(at + 1..).unwrap_or_default()),
        _ => (false, program),
    }
}

/// Whether `program` writes lines that are looked at.
pub(crate) fn is_known(program: &[u8]) -> bool {
    let (is_postfix, part) = part_of(program);
    PROGRAMS.iter().any(|(names, server, _)| {
        (*server == "postfix") == is_postfix && names.iter().any(|name| name.as_bytes() == part)
    })
}

/// What `message` of `program` says.
pub(crate) fn of_program<'a>(program: &[u8], message: &'a [u8]) -> Option<Seen<'a>> {
    let message = message.trim_ascii();
    let (is_postfix, part) = part_of(program);
    TABLES.iter().find_map(|(names, server, table)| {
        let is_theirs = (*server == "postfix") == is_postfix && names.iter().any(|name| name.as_bytes() == part);
        is_theirs.then(|| table.read(message, server))?
    })
}

/// What a line says, if anything. Lines without a program are Exim's or rspamd's own.
///
/// ```
/// use keelguard_signs::logins::Clock;
/// use keelguard_signs::spam::parse::{Kind, parse_line};
/// let mut clock = Clock::utc("2026-11-24T12:00:00Z".parse()?);
/// let line = b"Nov 24 08:10:02 mx postfix/pickup[44]: 4F1C2A3B: uid=33 from=<www-data>";
/// let seen = parse_line(line, &mut clock).ok_or("no mail")?;
/// assert_eq!((seen.kind, seen.local), (Some(Kind::Received), Some(&b"33"[..])));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn parse_line<'a>(line: &'a [u8], clock: &mut Clock) -> Option<Seen<'a>> {
    let envelope = envelope::open(line, clock);
    let seen = match envelope.program {
        b"" => of_program(b"exim", envelope.message).or_else(|| of_program(b"rspamd", envelope.message)),
        program => of_program(program, envelope.message),
    };
    seen.map(|seen| Seen { time: envelope.time, host: envelope.host, ..seen })
}

/// Every row's sample line: what this crate reads, as it stands in logs.
pub fn samples() -> impl Iterator<Item = &'static str> {
    rows().map(|row| row.sample)
}

fn rows() -> impl Iterator<Item = &'static Row> {
    PROGRAMS.iter().flat_map(|(_, _, rows)| rows.iter())
}

#[cfg(test)]
mod tests;
