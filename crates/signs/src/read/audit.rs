//! The kernel's audit log: records of one event share a stamp and a serial number. The record of the system call comes first
//! and says who; those that follow say of what. A few calls are remembered until their other records come.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::number;

/// A system call, as far as it is of interest.
#[derive(Clone, Debug, Default)]
pub(crate) struct Call {
    /// `1364481363.243:24287`
    serial: Vec<u8>,
    pub(crate) succeeded: bool,
    /// The name, where the log has it; else what the numbers say.
    pub(crate) name: Option<&'static str>,
    /// Whether a file is emptied when it is opened.
    pub(crate) truncates: bool,
    /// Who logged in, whoever they have become since: a name or `uid 1000`; none for what nobody's login began.
    pub(crate) who: Option<String>,
    pub(crate) program: String,
    pub(crate) folder: Vec<u8>,
}

/// Records of several calls may be interleaved; there are not more processors that write at a time.
const CALLS: usize = 16;

/// The calls whose other records may still come.
#[derive(Clone, Debug, Default)]
pub(crate) struct Calls(VecDeque<Call>);

/// Calls that matter: name, number on x86-64, number on aarch64.
static NAMES: &[(&str, u32, u32)] = &[
    ("open", 2, u32::MAX),
    ("openat", 257, 56),
    ("openat2", 437, 437),
    ("creat", 85, u32::MAX),
    ("connect", 42, 203),
    ("execve", 59, 221),
    ("execveat", 322, 281),
    ("truncate", 76, 45),
    ("ftruncate", 77, 46),
    ("rename", 82, u32::MAX),
    ("renameat", 264, 38),
    ("renameat2", 316, 276),
    ("unlink", 87, u32::MAX),
    ("unlinkat", 263, 35),
];

/// `O_TRUNC` of Linux on every processor that is in the table.
const TRUNCATE: u64 = 0o1000;

impl Calls {
    /// Takes a record of type `SYSCALL` in.
    pub(crate) fn begin(&mut self, line: &[u8]) {
        let Some(serial) = serial(line) else { return };
        let named = field(line, b" SYSCALL=").and_then(|name| std::str::from_utf8(name).ok());
        let name = if let Some(name) = named {
            NAMES.iter().find(|(known, ..)| *known == name)
        } else {
            let number: Option<u32> = field(line, b" syscall=").and_then(number);
            let arm = match field(line, b" arch=") {
                Some(b"c000003e") => Some(false),
                Some(b"c00000b7") => Some(true),
                _ => None,
            };
            number.zip(arm).and_then(|(number, arm)| {
                NAMES.iter().find(|(_, x86, aarch)| number == if arm { *aarch } else { *x86 })
            })
        };
        let name = name.map(|(name, ..)| *name);
        let argument = |which: &[u8]| {
            let digits = std::str::from_utf8(field(line, which)?).ok()?;
            u64::from_str_radix(digits, 16).ok()
        };
        let flags = match name {
            Some("open") => argument(b" a1="),
            Some("openat") => argument(b" a2="),
            _ => None,
        };
        let truncates = name == Some("creat") || flags.is_some_and(|flags| flags & TRUNCATE != 0);
        if self.0.len() >= CALLS {
            self.0.pop_front();
        }
        self.0.push_back(Call {
            serial: serial.to_vec(),
            succeeded: field(line, b" success=") == Some(b"yes"),
            name,
            truncates,
            who: who(line),
            program: text(line, b" exe=").unwrap_or_default(),
            folder: Vec::new(),
        });
    }

    /// The call that a record belongs to.
    pub(crate) fn of(&mut self, line: &[u8]) -> Option<&mut Call> {
        let serial = serial(line)?;
        self.0.iter_mut().rev().find(|call| call.serial == serial)
    }
}

/// Who logged in: by name where the log is enriched.
pub(crate) fn who(line: &[u8]) -> Option<String> {
    let number = field(line, b" auid=")?;
    if matches!(number, b"4294967295" | b"-1" | b"unset") {
        return None;
    }
    let name = text(line, b"AUID=").filter(|name| !name.is_empty() && name != "unset" && !name.starts_with("unknown"));
    name.or_else(|| Some(format!("uid {}", number_of(number)?)))
}

fn number_of(digits: &[u8]) -> Option<&str> {
    let digits = std::str::from_utf8(digits).ok()?;
    (digits.len() <= 10 && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(digits)
}

/// The stamp and number that all records of an event share.
fn serial(line: &[u8]) -> Option<&[u8]> {
    field(line, b"msg=audit(").filter(|serial| serial.len() <= 64)
}

/// The stamp of a record, in microseconds since 1970.
pub(crate) fn time(line: &[u8]) -> Option<i64> {
    let mut parts = serial(line)?.split(|byte| matches!(byte, b'.' | b':'));
    let seconds: i64 = std::str::from_utf8(parts.next()?).ok()?.parse().ok()?;
    let millis: u32 = parts.next().and_then(number).unwrap_or(0);
    seconds.checked_mul(1_000_000)?.checked_add(i64::from(millis) * 1000)
}

/// What stands behind `name`: in quotes, or up to a blank. An enriched log has names behind a byte of its own.
pub(crate) fn field<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    raw(line, name).map(|(value, _)| value)
}

/// The value, and whether it stands in quotes.
fn raw<'a>(line: &'a [u8], name: &[u8]) -> Option<(&'a [u8], bool)> {
    let at = memchr::memmem::find(line, name)?;
    let value = line.get(at + name.len()..)?;
    if let Some(quoted) = value.strip_prefix(b"\"") {
        return Some((quoted.get(..memchr::memchr(b'"', quoted)?)?, true));
    }
    let end = value.iter().position(|byte| matches!(byte, b' ' | b'\'' | b')' | b'\n' | 0x1d)).unwrap_or(value.len());
    Some((value.get(..end)?, false))
}

/// The same of what somebody may have chosen: where it has anything odd in it, it stands in hexadecimal digits, without quotes.
pub(crate) fn value<'a>(line: &'a [u8], name: &[u8]) -> Option<Cow<'a, [u8]>> {
    let (value, quoted) = raw(line, name)?;
    let hex = !quoted && !value.is_empty() && value.len() % 2 == 0 && value.iter().all(|byte| is_digit(*byte));
    Some(if hex { unhex(value).into() } else { value.into() })
}

const fn is_digit(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'A'..=b'F')
}

/// Bytes out of pairs of hexadecimal digits.
pub(crate) fn unhex(digits: &[u8]) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()).unwrap_or(0);
    digits.as_chunks::<2>().0.iter().map(|[high, low]| digit(*high) << 4 | digit(*low)).collect()
}

fn text(line: &[u8], name: &[u8]) -> Option<String> {
    let value = value(line, name)?;
    Some(String::from_utf8_lossy(value.get(..256).unwrap_or(&value)).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_in_quotes_in_digits_and_behind_an_enriched_records_mark() {
        let line = b"type=USER_LOGIN msg=audit(1.2:3): acct=726F6F74 exe=\"/usr/bin/x y\" addr=? res=success\x1dUID=\"root\" AUID=\"unset\"";
        assert_eq!(value(line, b" acct=").as_deref(), Some(&b"root"[..]));
        assert_eq!(value(line, b" exe=").as_deref(), Some(&b"/usr/bin/x y"[..]));
        assert_eq!(field(line, b" res="), Some(&b"success"[..]));
        // What looks like digits in quotes is a name.
        assert_eq!(value(b"x acct=\"CAFE\"", b" acct=").as_deref(), Some(&b"CAFE"[..]));
        assert_eq!(value(b"x acct=(unknown)", b" acct=").as_deref(), Some(&b"(unknown"[..]));
    }

    #[test]
    fn who_logged_in_is_a_name_a_number_or_nobody() {
        assert_eq!(who(b"type=SYSCALL pid=1 auid=1000 uid=0\x1dAUID=\"alice\""), Some("alice".to_owned()));
        assert_eq!(who(b"type=SYSCALL pid=1 auid=1000 uid=0"), Some("uid 1000".to_owned()));
        assert_eq!(who(b"type=SYSCALL pid=1 auid=4294967295 uid=0"), None);
    }

    #[test]
    fn records_of_other_calls_between_them_do_no_harm_and_no_more_than_a_few_are_kept() {
        let mut calls = Calls::default();
        for number in 0..10_000 {
            calls.begin(
                format!(
                    "type=SYSCALL msg=audit(1.2:{number}): arch=c000003e syscall=87 success=yes exe=\"/bin/{number}\""
                )
                .as_bytes(),
            );
        }
        assert_eq!(calls.0.len(), CALLS);
        let call = calls.of(b"type=PATH msg=audit(1.2:9990): item=0").unwrap();
        assert_eq!((call.program.as_str(), call.name, call.succeeded), ("/bin/9990", Some("unlink"), true));
        assert!(calls.of(b"type=PATH msg=audit(1.2:3): item=0").is_none());
    }
}
