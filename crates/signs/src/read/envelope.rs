//! What stands around a message: stamp, host, program and process. Syslog of RFC 3164 and 5424, with or without a priority,
//! with stamps of either kind, and lines of programs that write their own log.

use super::stamp::{self, Clock};

/// A line, taken apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Envelope<'a> {
    pub(crate) time: Option<i64>,
    pub(crate) host: Option<&'a [u8]>,
    /// Without path and process id; empty where the line has none.
    pub(crate) program: &'a [u8],
    pub(crate) message: &'a [u8],
    /// The process id, where the line has one.
    pub(crate) process: Option<&'a [u8]>,
}

/// Takes a line apart. What cannot be is all message.
pub(crate) fn open<'a>(line: &'a [u8], clock: &mut Clock) -> Envelope<'a> {
    let line = trimmed(line);
    let bare = priority(line).unwrap_or(line);
    if let Some(envelope) =
        bare.strip_prefix(b"1 ").filter(|_| bare.len() < line.len()).and_then(|rest| rfc5424(rest, clock))
    {
        return envelope;
    }
    let Some((time, rest)) = stamp::take(bare, clock) else {
        return Envelope { message: bare, ..Envelope::default() };
    };
    let time = Some(time);
    // Host, then program, then a colon. Programs' own logs have no such head.
    let head = || {
        let (host, rest) = split(rest, b' ')?;
        let (program, process, message) = tag(rest)?;
        // `imap-login: Info: …` begins with its program.
        (is_name(host) && host.last() != Some(&b':')).then_some(Envelope {
            time,
            host: Some(host),
            program,
            message,
            process,
        })
    };
    head().unwrap_or_else(|| {
        // Without a host: `Nov 24 08:10:02 sshd[42]: …`
        match tag(rest) {
            Some((program, process, message)) => Envelope { time, host: None, program, message, process },
            None => Envelope { time, message: rest, ..Envelope::default() },
        }
    })
}

/// `<38>`, as it goes over the wire and as some logs keep it.
fn priority(line: &[u8]) -> Option<&[u8]> {
    let inner = line.strip_prefix(b"<")?;
    let close = memchr::memchr(b'>', inner.get(..4).unwrap_or(inner))?;
    let (digits, rest) = inner.split_at_checked(close)?;
    (!digits.is_empty() && digits.iter().all(u8::is_ascii_digit)).then(|| rest.get(1..))?
}

/// `STAMP HOST APP PID MSGID [DATA] MESSAGE`, behind the version.
fn rfc5424<'a>(rest: &'a [u8], clock: &mut Clock) -> Option<Envelope<'a>> {
    let (time, rest) = match rest.strip_prefix(b"- ") {
        Some(rest) => (None, rest),
        None => stamp::take(rest, clock).map(|(time, rest)| (Some(time), rest))?,
    };
    let (host, rest) = split(rest, b' ')?;
    let (app, rest) = split(rest, b' ')?;
    let (process, rest) = split(rest, b' ')?;
    let (_message_id, rest) = split(rest, b' ')?;
    let message = match rest.strip_prefix(b"-") {
        Some(rest) => rest,
        None => structured_data(rest)?,
    };
    let message = message.strip_prefix(b" ").unwrap_or(message);
    let message = message.strip_prefix(b"\xef\xbb\xbf").unwrap_or(message);
    let given = |field: &'a [u8]| Some(field).filter(|field| *field != b"-");
    Some(Envelope { time, host: given(host), program: name_of(app), message, process: given(process) })
}

/// What follows `[id name="value"][…]`; a bracket inside quotes is escaped with a backslash or stands in them.
fn structured_data(text: &[u8]) -> Option<&[u8]> {
    let mut quoted = false;
    let mut escaped = false;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b']' if !quoted && text.get(at + 1) != Some(&b'[') => return text.get(at + 1..),
            _ => {}
        }
    }
    None
}

/// Program, process id, message.
type Tag<'a> = (&'a [u8], Option<&'a [u8]>, &'a [u8]);

/// `program[pid]: message`, in its three parts; the program's name has no blanks.
fn tag(text: &[u8]) -> Option<Tag<'_>> {
    let end = text.get(..128).unwrap_or(text).iter().position(|byte| matches!(byte, b'[' | b':' | b' '))?;
    let (name, rest) = text.split_at_checked(end)?;
    let mut behind = rest;
    let mut process = None;
    if behind.first() == Some(&b'[') {
        let close = memchr::memchr(b']', behind.get(..24).unwrap_or(behind))?;
        process = behind.get(1..close);
        behind = behind.get(close + 1..)?;
    }
    // `auth.go:211` is a place in a program, and no head.
    let message = behind.strip_prefix(b":").filter(|rest| rest.first().is_none_or(|byte| *byte == b' '))?;
    if name.is_empty() || !is_name(name) {
        return None;
    }
    Some((name_of(name), process, message.strip_prefix(b" ").unwrap_or(message)))
}

/// `/usr/sbin/sshd` is `sshd`; `postfix/smtpd` stays, since its first half says what it is.
fn name_of(program: &[u8]) -> &[u8] {
    if program.first() != Some(&b'/') {
        return program;
    }
    memchr::memrchr(b'/', program).and_then(|at| program.get(at + 1..)).unwrap_or(program)
}

/// Whether `text` can be a host's or a program's name: what has brackets or quotes is part of a message.
fn is_name(text: &[u8]) -> bool {
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_./:()@+".contains(byte) || *byte >= 0x80;
    !text.is_empty() && text.len() < 256 && text.iter().all(allowed)
}

/// `text` before and behind the first `byte`.
pub(crate) fn split(text: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(byte, text)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// Without the line's end.
fn trimmed(line: &[u8]) -> &[u8] {
    line.trim_ascii_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(line: &str) -> (String, String, String, bool) {
        let mut clock = Clock::utc("2026-12-01T00:00:00Z".parse().unwrap());
        let envelope = open(line.as_bytes(), &mut clock);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (
            text(envelope.host.unwrap_or_default()),
            text(envelope.program),
            text(envelope.message),
            envelope.time.is_some(),
        )
    }

    #[test]
    fn every_kind_of_syslog_is_taken_apart() {
        for line in [
            "Nov 24 08:10:02 edge sshd[42]: hello: you",
            "<38>Nov 24 08:10:02 edge sshd[42]: hello: you",
            "2026-11-24T08:10:02.123456+00:00 edge sshd[42]: hello: you",
            "<38>1 2026-11-24T08:10:02Z edge sshd 42 - - hello: you",
            r#"<38>1 2026-11-24T08:10:02Z edge sshd 42 ID1 [a@1 b="]\"x"][c d="e"] hello: you"#,
            "Nov 24 08:10:02 edge /usr/sbin/sshd[42]: hello: you\r\n",
            "Nov 24 08:10:02 edge sshd: hello: you",
        ] {
            assert_eq!(opened(line), ("edge".into(), "sshd".into(), "hello: you".into(), true), "{line}");
        }
    }

    #[test]
    fn a_line_without_host_or_head_keeps_its_message() {
        assert_eq!(opened("Nov 24 08:10:02 sshd[42]: hi"), (String::new(), "sshd".into(), "hi".into(), true));
        assert_eq!(
            opened("2026/11/24 08:10:02 [error] 1#1: x"),
            (String::new(), String::new(), "[error] 1#1: x".into(), true)
        );
        assert_eq!(opened("no stamp"), (String::new(), String::new(), "no stamp".into(), false));
    }
}
