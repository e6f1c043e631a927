//! Lines that say that another came again: `last message repeated 5 times` of sysklogd and the BSDs, `Last message '…' repeated
//! 5 times, suppressed by syslog-ng on …`, and rsyslog's `message repeated 5 times: [ … ]`, which says itself what came.
//!
//! One such line stands for many, so it is believed of the line right before it only, and of that only where it is an event of
//! a program on the same host that came through syslog: a program's own file may hold whole lines in names. Whoever may write
//! such a line may write the other, too; what one of them can add is bounded.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::{Clock, parse_line};
use crate::logins::event::Seen;
use crate::read::envelope::{self, Envelope, split};
use crate::read::number;

/// As often as a line is believed to have come again. Syslog daemons tell of it once an hour at least, and no daemon that
/// answers passwords gets three wrong ones a second from one connection.
pub(crate) const MOST: u32 = 10_000;

/// `message repeated 5 times: [ … ]`: what came again, and how often.
pub(super) fn quoted(message: &[u8]) -> Option<(&[u8], u32)> {
    let rest = message.strip_prefix(b"message repeated ")?;
    let (count, rest) = split(rest, b' ')?;
    let inner = rest.strip_prefix(b"times: [")?.strip_suffix(b"]")?;
    Some((inner.trim_ascii(), number::<u32>(count)?.min(MOST)))
}

/// Keeps a line that told of an event, for the one that follows it. `before` is that of the log in which it stands.
pub(crate) fn told(line: &[u8], before: &mut Vec<u8>) {
    before.clear();
    before.extend_from_slice(line);
}

/// The event of the line `before`, where `line`, which told of none itself, says that it came again; any other line is
/// forgotten with it.
pub(crate) fn again<'a>(line: &[u8], before: &'a mut Vec<u8>, clock: &Clock) -> Option<Seen<'a>> {
    static MARK: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new(b"ast message "));
    if before.is_empty() {
        return None;
    }
    let times = MARK.find(line.get(..400).unwrap_or(line)).and_then(|_| says_again(line, before, clock));
    let Some((count, time)) = times else {
        before.clear();
        return None;
    };
    // The clock stands behind both lines already.
    let seen = parse_line(before, &mut clock.clone())?;
    Some(Seen { time: time.or(seen.time), count: seen.count.saturating_mul(count), ..seen })
}

/// How often `before` came again, and when that was said.
fn says_again(line: &[u8], before: &[u8], clock: &Clock) -> Option<(u32, Option<i64>)> {
    // What may be the rest of a name.
    if clock.name_left > 0 {
        return None;
    }
    let mut clock = clock.clone();
    let of = envelope::open(line, &mut clock);
    let last = envelope::open(before, &mut clock);
    let count = if of.program.is_empty() { untagged(&of, &last) } else { suppressed(&of, &last) };
    Some((count.filter(|_| !last.program.is_empty())?.clamp(1, MOST), of.time))
}

/// `edge last message repeated 5 times`
fn untagged(of: &Envelope<'_>, last: &Envelope<'_>) -> Option<u32> {
    of.time?;
    let message = match split(of.message, b' ')? {
        (b"last", _) => of.message,
        (host, message) if Some(host) == last.host => message,
        _ => return None,
    };
    let rest = message.strip_prefix(b"last message ")?;
    let rest = rest.strip_prefix(b"repeated ").or_else(|| rest.strip_prefix(b"buffered "))?;
    let (count, rest) = split(rest, b' ')?;
    number(count).filter(|_| matches!(rest, b"times" | b"time"))
}

/// `Last message 'Failed password for ' repeated 5 times, suppressed by syslog-ng on edge`, with the program that it is of.
fn suppressed(of: &Envelope<'_>, last: &Envelope<'_>) -> Option<u32> {
    let rest = of.message.strip_prefix(b"Last message '")?;
    let end = memchr::memmem::rfind(rest, b"' repeated ")?;
    let (begin, rest) = (rest.get(..end)?, rest.get(end..)?.strip_prefix(b"' repeated ")?);
    let (count, rest) = split(rest, b' ')?;
    let own = of.program == last.program && of.host == last.host && last.message.starts_with(begin);
    number(count).filter(|_| own && rest.starts_with(b"times, suppressed by syslog-ng on "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILED: &str = "Nov 24 08:10:02 edge sshd[42]: Failed password for root from 192.0.2.7 port 4711 ssh2";

    /// How many failures a log tells of, each line by itself.
    fn counted(lines: &[&str]) -> Vec<u32> {
        let mut clock = Clock::utc("2026-12-31T00:00:00Z".parse().unwrap());
        let mut before = Vec::new();
        let mut counted = Vec::new();
        for line in lines {
            match parse_line(line.as_bytes(), &mut clock) {
                Some(seen) => {
                    counted.push(seen.count);
                    told(line.as_bytes(), &mut before);
                }
                None => counted.extend(again(line.as_bytes(), &mut before, &clock).map(|seen| seen.count)),
            }
        }
        counted
    }

    #[test]
    fn a_line_that_came_again_counts_as_often_as_the_syslog_daemon_says() {
        for (again, count) in [
            ("Nov 24 08:10:32 edge last message repeated 5 times", 5),
            ("Nov 24 08:10:32 edge last message repeated 1 time", 1),
            ("Nov 24 08:10:32 edge last message buffered 2 times", 2),
            ("<38>Nov 24 08:10:32 edge last message repeated 3 times", 3),
            ("2026-11-24T08:10:32+00:00 edge last message repeated 3 times", 3),
            ("Nov 24 08:10:32 last message repeated 3 times\r", 3),
            (
                "Nov 24 08:10:32 edge sshd[42]: Last message 'Failed password for ' repeated 4 times, suppressed by syslog-ng on edge.example",
                4,
            ),
            (
                "Nov 24 08:10:32 edge sshd[42]: message repeated 6 times: [ Failed password for root from 192.0.2.7 port 4711 ssh2]",
                6,
            ),
            ("Nov 24 08:10:32 edge last message repeated 999999999 times", MOST),
            (
                "Nov 24 08:10:32 edge sshd[42]: message repeated 999999999 times: [ Failed password for root from 192.0.2.7 port 4711 ssh2]",
                MOST,
            ),
        ] {
            assert_eq!(counted(&[FAILED, again]), [1, count], "{again}");
        }
        let long = [
            "Nov 24 08:10:32 edge last message repeated 5 times",
            "Nov 24 08:12:32 edge last message repeated 30 times",
        ];
        assert_eq!(counted(&[FAILED, long[0], long[1]]), [1, 5, 30]);
    }

    #[test]
    fn the_event_is_that_of_the_line_before_at_the_time_of_the_line_that_says_so() {
        let mut clock = Clock::utc("2027-01-02T00:00:00Z".parse().unwrap());
        let first = FAILED.replace("Nov 24 08:10:02", "Dec 31 23:59:50");
        assert!(parse_line(first.as_bytes(), &mut clock).is_some());
        let mut before = first.into_bytes();
        let line = b"Jan  1 00:00:20 edge last message repeated 5 times";
        assert_eq!(parse_line(line, &mut clock), None);
        let seen = again(line, &mut before, &clock).unwrap();
        let shown = (seen.user, seen.timestamp().unwrap().to_string(), seen.count);
        assert_eq!(shown, (Some(&b"root"[..]), "2027-01-01T00:00:20Z".to_owned(), 5));
    }

    #[test]
    fn what_somebody_else_says_came_again_multiplies_nobodys_line() {
        let times = "Nov 24 08:10:32 edge last message repeated 500 times";
        for between in [
            // Another program's line is what came again.
            &["Nov 24 08:10:03 edge app[7]: hello", times][..],
            // A program says so of itself, in its own name.
            &["Nov 24 08:10:32 edge app[7]: last message repeated 500 times"],
            &[
                "Nov 24 08:10:32 edge app[7]: Last message 'Failed password for ' repeated 500 times, suppressed by syslog-ng on edge",
            ],
            &[
                "Nov 24 08:10:32 edge app[7]: message repeated 500 times: [ Failed password for root from 192.0.2.7 port 4711 ssh2]",
            ],
            // Another host.
            &["Nov 24 08:10:32 other last message repeated 500 times"],
            &[
                "Nov 24 08:10:32 other sshd[42]: Last message 'Failed password for ' repeated 500 times, suppressed by syslog-ng on edge",
            ],
            // Something else came again.
            &[
                "Nov 24 08:10:32 edge sshd[42]: Last message 'Connection closed by' repeated 500 times, suppressed by syslog-ng on edge",
            ],
            // In no form that a syslog daemon writes.
            &["last message repeated 500 times"],
            &["Nov 24 08:10:32 edge last message repeated 500 times or more"],
            &["Nov 24 08:10:32 edge last message repeated -500 times"],
            &["Nov 24 08:10:32 edge last message repeated 5000000000 times"],
            &["Nov 24 08:10:32 edge x last message repeated 500 times"],
        ] {
            let mut log = vec![FAILED];
            log.extend(between);
            assert_eq!(counted(&log), [1], "{between:?}");
        }
        assert_eq!(counted(&[times, FAILED]), [1], "nothing is known of what came before the log");
    }

    #[test]
    fn a_repetition_inside_a_name_is_a_name() {
        for name in [
            "last message repeated 500 times",
            "message repeated 500 times: [ x]",
            "x\nNov 24 08:10:32 edge last message repeated 500 times",
        ] {
            let line = FAILED.replace("for root", &format!("for invalid user {name}"));
            let lines: Vec<&str> = line.lines().collect();
            assert!(counted(&lines).iter().all(|count| *count == 1), "{line}");
        }
        // A program's own file may hold whole lines in names; no syslog daemon writes there.
        let mariadb =
            "2026-11-24 12:05:02 31 [Warning] Access denied for user 'root'@'192.0.2.66' (using password: YES)";
        assert_eq!(counted(&[mariadb, "2026-11-24 12:05:02 last message repeated 500 times"]), [1]);
        // Nor is one nested in another.
        let nested = "Nov 24 08:10:32 edge sshd[42]: message repeated 9999 times: [ message repeated 9999 times: [ Failed password for root from 192.0.2.7 port 4711 ssh2]]";
        assert!(counted(&[nested]).is_empty());
    }
}
