//! One record of the audit log: `type=… msg=audit(time:serial): name=value …`. What a stranger could have chosen is in quotes,
//! or in hexadecimal digits where it has blanks, quotes or control characters in it.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::events::syscalls;

/// Fields of one record.
const MAX_FIELDS: usize = 10_000;

/// See the module.
#[derive(Clone, Debug, PartialEq)]
pub struct Record<'a> {
    /// The whole line.
    pub line: &'a str,
    /// The host, where the line names it.
    pub node: &'a str,
    /// `SYSCALL`, `EXECVE`, …
    pub kind: &'a str,
    /// When, in milliseconds of the epoch.
    pub milliseconds: i64,
    /// The number of the action.
    pub serial: u64,
    /// Its fields in their order, decoded.
    pub fields: Vec<(&'a str, Cow<'a, str>)>,
}

impl<'a> Record<'a> {
    /// Reads a line; none where it is no record.
    pub fn parse(line: &'a str) -> Option<Self> {
        let line = line.trim_end();
        let (node, rest) = match line.strip_prefix("node=") {
            Some(rest) => rest.split_once(' ')?,
            None => ("", line),
        };
        let (kind, rest) = rest.strip_prefix("type=")?.split_once(' ')?;
        let (stamp, rest) = rest.strip_prefix("msg=audit(")?.split_once("):")?;
        let (time, serial) = stamp.split_once(':')?;
        let (seconds, thousandths) = time.split_once('.')?;
        let milliseconds = i64::from(seconds.parse::<u32>().ok()?) * 1000 + i64::from(thousandths.parse::<u16>().ok()?);
        if kind.is_empty() {
            return None;
        }
        let mut record = Self { line, node, kind, milliseconds, serial: serial.parse().ok()?, fields: Vec::new() };
        // What auditd has looked up stands behind a separator of its own.
        let (own, looked_up) = rest.split_once('\u{1d}').unwrap_or((rest, ""));
        record.read(own, true);
        record.read(looked_up, true);
        Some(record)
    }

    /// The first field of this name.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| *field == name).map(|(_, value)| value.as_ref())
    }

    /// When it was written.
    pub fn time(&self) -> Option<Timestamp> {
        Timestamp::from_millisecond(self.milliseconds).ok()
    }

    /// The name of its system call.
    pub fn call(&self) -> Option<&str> {
        self.field("SYSCALL").or_else(|| syscalls::name(self.field("arch")?, self.field("syscall")?))
    }

    fn read(&mut self, text: &'a str, outermost: bool) {
        let mut rest = text.trim_start();
        while let Some((name, after)) = rest.split_once('=') {
            // Words without a value may stand between fields.
            let name = name.rsplit(' ').next().unwrap_or(name);
            if self.fields.len() >= MAX_FIELDS {
                return;
            }
            if let Some(quoted) = after.strip_prefix('\'')
                && outermost
            {
                let (inner, after) = quoted.rsplit_once('\'').unwrap_or((quoted, ""));
                self.read(inner, false);
                rest = after.trim_start();
                continue;
            }
            let (value, after) = if let Some(quoted) = after.strip_prefix('"') {
                let (value, after) = quoted.split_once('"').unwrap_or((quoted, ""));
                (Cow::Borrowed(value), after)
            } else {
                let (value, after) = after.split_once(' ').unwrap_or((after, ""));
                (self.decoded(name, value), after)
            };
            self.fields.push((name, value));
            rest = after.trim_start();
        }
    }

    /// A value without quotes: hexadecimal digits where the field is one that a stranger could have chosen.
    fn decoded(&self, name: &str, value: &'a str) -> Cow<'a, str> {
        let argument = || {
            let digits = name.strip_prefix('a').map(|rest| rest.split_once('[').map_or(rest, |(digits, _)| digits));
            self.kind == "EXECVE"
                && digits.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
        };
        // Not those that may be plain numbers (`old`, `new`): these are written without quotes.
        let free = matches!(
            name,
            "name"
                | "exe"
                | "comm"
                | "ocomm"
                | "cwd"
                | "proctitle"
                | "path"
                | "dir"
                | "cmd"
                | "acct"
                | "key"
                | "data"
                | "vm"
                | "grp"
        );
        match (free || argument()).then(|| hex(value)).flatten() {
            Some(mut bytes) => {
                // Arguments in a process's title end with a zero byte each.
                if name == "proctitle" {
                    bytes.iter_mut().filter(|byte| **byte == 0).for_each(|byte| *byte = b' ');
                }
                Cow::Owned(
                    String::from_utf8(bytes)
                        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
                )
            }
            None => Cow::Borrowed(value),
        }
    }
}

/// Bytes from hexadecimal digits as the kernel writes them, in upper case.
pub(super) fn hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    };
    if text.is_empty() || !text.len().is_multiple_of(2) {
        return None;
    }
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect()
}
