//! The kernel's audit log: `type=USER_AUTH msg=audit(1364481363.243:24287): … acct="root" … addr=192.0.2.7 res=failed`.
//! Values that users choose are in quotes, or in hexadecimal digits where they hold anything odd.

use crate::logins::event::{Channel, Kind, Seen};
use crate::read::number;
use crate::read::template::address;

/// Types of records, what they mean when they succeed, and when they fail.
static TYPES: &[(&str, Option<Kind>, Option<Kind>)] = &[
    ("USER_LOGIN", Some(Kind::LoginOk), Some(Kind::LoginFailed)),
    ("USER_AUTH", None, Some(Kind::LoginFailed)),
    ("USER_ERR", None, Some(Kind::LoginFailed)),
    ("ADD_USER", Some(Kind::AccountChange), None),
    ("DEL_USER", Some(Kind::AccountChange), None),
    ("USER_CHAUTHTOK", Some(Kind::AccountChange), None),
    ("ANOM_LOGIN_FAILURES", Some(Kind::Lockout), Some(Kind::Lockout)),
];

/// The event of a record, if it is about a login.
pub fn parse_audit(line: &[u8]) -> Option<Seen<'_>> {
    let kind = field(line, b"type=")?;
    let (name, success, failure) = TYPES.iter().find(|(name, ..)| name.as_bytes() == kind)?;
    let failed = field(line, b" res=").is_some_and(|result| result.starts_with(b"failed") || result == b"0");
    let kind = if failed { *failure } else { *success }?;
    let stamp = field(line, b"msg=audit(")?;
    let mut parts = stamp.split(|byte| matches!(byte, b'.' | b':'));
    let seconds: i64 = std::str::from_utf8(parts.next()?).ok()?.parse().ok()?;
    let millis: u32 = parts.next().and_then(number).unwrap_or(0);
    let method = match *name {
        "ADD_USER" => Some(&b"new user"[..]),
        "DEL_USER" => Some(&b"delete"[..]),
        "USER_CHAUTHTOK" => Some(&b"password"[..]),
        _ => None,
    };
    let program = field(line, b" exe=").and_then(|exe| exe.rsplit(|byte| *byte == b'/').next());
    Some(Seen {
        channel: Channel::Library,
        time: seconds.checked_mul(1_000_000)?.checked_add(i64::from(millis) * 1000),
        user: field(line, b" acct=").filter(|user| !user.is_empty()),
        address: field(line, b" addr=").and_then(address),
        method,
        ..Seen::new(kind, program.and_then(|program| std::str::from_utf8(program).ok()).unwrap_or("audit"))
    })
}

/// What stands behind `name`: in quotes, or up to a blank.
fn field<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let at = memchr::memmem::find(line, name)?;
    let value = line.get(at + name.len()..)?;
    if let Some(quoted) = value.strip_prefix(b"\"") {
        return quoted.get(..memchr::memchr(b'"', quoted)?);
    }
    let end = value.iter().position(|byte| matches!(byte, b' ' | b'\'' | b')' | b'\n')).unwrap_or(value.len());
    value.get(..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_logins_are_read() {
        let line = br#"type=USER_AUTH msg=audit(1364481363.243:24287): pid=6280 uid=0 auid=4294967295 ses=4294967295 msg='op=PAM:authentication grantors=? acct="root" exe="/usr/sbin/sshd" hostname=192.0.2.7 addr=192.0.2.7 terminal=ssh res=failed'"#;
        let seen = parse_audit(line).unwrap();
        assert_eq!((seen.kind, seen.service, seen.user), (Kind::LoginFailed, "sshd", Some(&b"root"[..])));
        assert_eq!(seen.address, Some("192.0.2.7".parse().unwrap()));
        assert_eq!(seen.time, Some(1_364_481_363_243_000));
        assert!(parse_audit(b"type=SYSCALL msg=audit(1364481363.243:24287): arch=c000003e").is_none());
        assert!(parse_audit(b"type=USER_AUTH msg=audit(x").is_none());
    }
}
