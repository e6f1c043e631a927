//! Lines of syslog: the program that wrote one says which service's log it is. Stamps of RFC 3164, RFC 5424 and of
//! rsyslog's high-precision form are read; one without year and zone needs to be told both.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use jiff::{Timestamp, fmt::temporal};

use super::{Event, Source};

/// What a stamp like `Nov 24 08:10:03` leaves open: the last day it can be of, and the zone it is in.
#[derive(Clone, Copy, Debug)]
pub struct Reference {
    /// A stamp is of the year that ends with this day.
    pub until: Date,
    /// The zone of the host.
    pub offset: Offset,
}

/// The services by the programs that write their logs: a start of the program's name, the service, and what else it is part of.
const SERVICES: &[(&str, &str, &str)] = &[
    ("sshd", "sshd", "auth syslog"),
    ("sudo", "sudo", "auth syslog"),
    ("su", "su", "auth syslog"),
    ("login", "login", "auth syslog"),
    ("systemd-logind", "systemd-logind", "auth syslog"),
    ("useradd", "useradd", "auth syslog"),
    ("usermod", "usermod", "auth syslog"),
    ("groupadd", "groupadd", "auth syslog"),
    ("passwd", "passwd", "auth syslog"),
    ("pkexec", "pkexec", "auth syslog"),
    ("polkitd", "polkitd", "auth syslog"),
    ("CRON", "cron", "syslog"),
    ("cron", "cron", "syslog"),
    ("crond", "cron", "syslog"),
    ("crontab", "cron", "syslog"),
    ("anacron", "cron", "syslog"),
    ("vsftpd", "vsftpd", "syslog"),
    ("clamd", "clamav", "syslog"),
    ("clamav", "clamav", "syslog"),
    ("freshclam", "clamav", "syslog"),
    ("guacd", "guacamole", "syslog"),
    ("guacamole", "guacamole", "syslog"),
    ("postfix", "postfix", "mail syslog"),
    ("exim", "exim", "mail syslog"),
    ("dovecot", "dovecot", "mail syslog"),
];

/// A line as an event: fields `host`, `program`, `pid` and `message`; none where it is no line of syslog.
///
/// ```
/// use keelguard_rules::events::syslog::{Reference, event};
/// let reference = Reference { until: jiff::civil::date(2026, 11, 24), offset: jiff::tz::Offset::UTC };
/// let event = event("Nov 24 08:10:03 web sshd[812]: Connection closed", reference).unwrap();
/// assert_eq!(event.source.service, "sshd");
/// assert_eq!(event.time.unwrap().to_string(), "2026-11-24T08:10:03Z");
/// ```
pub fn event(line: &str, reference: Reference) -> Option<Event<'_>> {
    let line = line.trim_end_matches(['\r', '\n']);
    let rest = match line.strip_prefix('<') {
        Some(rest) => rest.split_once('>').filter(|(digits, _)| digits.len() <= 3 && digits.parse::<u16>().is_ok())?.1,
        None => line,
    };
    let (time, host, program, pid, message) =
        rest.strip_prefix("1 ").and_then(structured).or_else(|| plain(rest, reference))?;
    let known = SERVICES.iter().filter(|(start, ..)| fits(program, start)).max_by_key(|(start, ..)| start.len());
    let mut source = Source::linux_service(known.map_or(program, |(_, service, _)| service));
    source.also = known.map_or("syslog", |(.., also)| also).into();
    let mut event = Event::new(source).text(line).at(time);
    event.host = host.into();
    for (name, value) in [("host", host), ("program", program), ("pid", pid), ("message", message)] {
        if !value.is_empty() {
            event.push(name, value);
        }
    }
    Some(event)
}

/// `sshd-session` and `postfix/smtpd` belong to `sshd` and `postfix`, `sudoedit` does not belong to `su`.
fn fits(program: &str, start: &str) -> bool {
    let rest = program.strip_prefix(start);
    rest.is_some_and(|rest| {
        rest.is_empty() || rest.starts_with(['-', '/']) || rest.bytes().all(|byte| byte.is_ascii_digit())
    })
}

type Parts<'a> = (Timestamp, &'a str, &'a str, &'a str, &'a str);

/// RFC 5424: `2026-11-24T08:10:03Z host program pid id [data] message`.
fn structured(rest: &str) -> Option<Parts<'_>> {
    let mut words = rest.splitn(6, ' ');
    let mut word = || words.next().map(|word| if word == "-" { "" } else { word });
    let (time, host, program, pid, _) = (instant(word()?)?, word()?, word()?, word()?, word()?);
    let rest = words.next().unwrap_or_default();
    let message =
        if let Some(rest) = rest.strip_prefix('-') { rest } else { data_end(rest).and_then(|at| rest.get(at..))? };
    Some((time, host, program, pid, message.trim_start().trim_start_matches('\u{feff}')))
}

/// Where the elements of structured data end: `[a b="x\]"][c d="e"]`.
fn data_end(rest: &str) -> Option<usize> {
    let (mut quoted, mut escaped, mut open) = (false, false, false);
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' if open => quoted = !quoted,
            b'[' if !quoted => open = true,
            b']' if !quoted => open = false,
            b' ' if !open => return Some(at),
            _ => {}
        }
    }
    (!open).then_some(rest.len())
}

/// `STAMP host program[pid]: message`.
fn plain(rest: &str, reference: Reference) -> Option<Parts<'_>> {
    let (time, rest) = match rest.split_once(' ').and_then(|(stamp, rest)| Some((instant(stamp)?, rest))) {
        Some(read) => read,
        None => (old(rest.get(..15)?, reference)?, rest.get(15..)?.strip_prefix(' ')?),
    };
    let (host, rest) = rest.split_once(' ')?;
    let (tag, message) = rest.split_once(':').filter(|(tag, _)| !tag.contains(' ')).unwrap_or(("", rest));
    let (program, pid) = match tag.split_once('[') {
        Some((program, pid)) => (program, pid.trim_end_matches(']')),
        None => (tag, ""),
    };
    Some((time, host, program, pid, message.trim_start()))
}

static PARSER: temporal::DateTimeParser = temporal::DateTimeParser::new();

/// `2026-11-24T08:10:03.123+01:00`
fn instant(text: &str) -> Option<Timestamp> {
    // What is no stamp is told quickly.
    text.starts_with(|first: char| first.is_ascii_digit()).then_some(())?;
    PARSER.parse_timestamp(text).ok()
}

/// `Nov 24 08:10:03`, of the year that ends with the day of reference.
fn old(text: &str, reference: Reference) -> Option<Timestamp> {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = i8::try_from(months.iter().position(|month| text.starts_with(month))?).ok()? + 1;
    let day: i8 = text.get(4..6)?.trim_start().parse().ok()?;
    let clock = text.get(7..15)?;
    let part = |range| clock.get(range).and_then(|text: &str| text.parse::<i8>().ok());
    let time = Time::new(part(0..2)?, part(3..5)?, part(6..8)?.min(59), 0).ok()?;
    // A leap day is of the latest year that has one.
    let date = (0..9).find_map(|back| {
        let date = Date::new(reference.until.year() - back, month, day).ok()?;
        (date <= reference.until).then_some(date)
    })?;
    reference.offset.to_timestamp(DateTime::from_parts(date, time)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<(String, String, String, String)> {
        let reference = Reference { until: jiff::civil::date(2026, 3, 1), offset: jiff::tz::offset(1) };
        let event = event(line, reference)?;
        let field = |name| event.field(name).unwrap_or_default().into_owned();
        Some((event.time?.to_string(), event.source.service.to_string(), field("host"), field("message")))
    }

    #[test]
    fn the_three_forms_of_a_line_are_read() {
        let owned = |parts: [&str; 4]| Some((parts[0].into(), parts[1].into(), parts[2].into(), parts[3].into()));
        for (line, expected) in [
            ("Mar  1 08:10:03 web sshd[812]: Failed", ["2026-03-01T07:10:03Z", "sshd", "web", "Failed"]),
            ("Dec 31 23:59:60 web CRON[1]: (root) CMD", ["2025-12-31T22:59:59Z", "cron", "web", "(root) CMD"]),
            ("Feb 29 00:00:00 web sudo: x", ["2024-02-28T23:00:00Z", "sudo", "web", "x"]),
            ("<38>Mar  1 08:10:03 web sshd-session[8]: x", ["2026-03-01T07:10:03Z", "sshd", "web", "x"]),
            (
                "2026-03-01T08:10:03.5+01:00 web postfix/smtpd[9]: x: y",
                ["2026-03-01T07:10:03.5Z", "postfix", "web", "x: y"],
            ),
            (
                "<34>1 2026-03-01T07:10:03Z web app 7 ID [a b=\"c ] \\\" d\"][e] hello",
                ["2026-03-01T07:10:03Z", "app", "web", "hello"],
            ),
            ("<34>1 2026-03-01T07:10:03Z web app - - - \u{feff}hello", ["2026-03-01T07:10:03Z", "app", "web", "hello"]),
        ] {
            assert_eq!(read(line), owned(expected), "{line}");
        }
    }

    #[test]
    fn what_is_no_line_of_syslog_is_none() {
        for line in
            ["", "hello", "Foo  1 08:10:03 web x: y", "Mar 99 08:10:03 web x: y", "<999999>x", "ääääääääääääääää"]
        {
            assert_eq!(read(line), None, "{line}");
        }
    }

    #[test]
    fn a_program_belongs_to_a_service_by_its_whole_name() {
        let reference = Reference { until: jiff::civil::date(2026, 3, 1), offset: Offset::UTC };
        let service = |program: &str| {
            event(&format!("Mar  1 08:10:03 web {program}[1]: x"), reference).unwrap().source.service.to_string()
        };
        assert_eq!(service("sudoedit"), "sudoedit");
        assert_eq!(service("su"), "su");
        assert_eq!(service("crond"), "cron");
    }
}
