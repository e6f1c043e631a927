//! The kernel's audit log: logins (`type=USER_AUTH … acct="root" … res=failed`), files that were opened or put out of the way,
//! and who used the container engine, by its command or by its socket.

use crate::logins::commands::{Deed, deed_of};
use crate::logins::event::{Channel, Kind, Seen};
use crate::read::Clock;
use crate::read::audit::{Call, field, time, unhex, value, who};
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

/// Whether a line is an audit record.
pub(crate) fn is_record(line: &[u8]) -> bool {
    line.starts_with(b"type=") || line.starts_with(b"node=")
}

/// Hands on the event of a record, if it has one. Records of one system call are put together: `clock` remembers.
pub fn parse_audit(line: &[u8], clock: &mut Clock, take: &mut dyn FnMut(&Seen<'_>)) {
    let Some(kind) = field(line, b"type=") else { return };
    // A host's name stands before it where several hosts write one log.
    let host = line.strip_prefix(b"node=").and_then(|rest| rest.split(|byte| *byte == b' ').next());
    let mut take = |seen: &Seen<'_>| take(&Seen { host, ..*seen });
    match kind {
        b"SYSCALL" => clock.calls.begin(line),
        b"CWD" => {
            if let Some((call, folder)) = clock.calls.of(line).zip(value(line, b" cwd=")) {
                call.folder = folder.get(..256).unwrap_or(&folder).to_vec();
            }
        }
        b"PATH" | b"EXECVE" | b"SOCKADDR" => {
            let Some(call) = clock.calls.of(line).filter(|call| call.succeeded) else { return };
            match kind {
                b"PATH" => file(line, call, &mut take),
                b"EXECVE" => command(line, call, &mut take),
                _ => socket(line, call, &mut take),
            };
        }
        b"TTY" | b"USER_TTY" => typed(line, &mut take),
        _ => {
            user_record(line, kind, &mut take);
        }
    }
}

/// A record that a program has written: PAM, sshd, useradd.
fn user_record(line: &[u8], kind: &[u8], take: &mut dyn FnMut(&Seen<'_>)) -> Option<()> {
    let (name, success, failure) = TYPES.iter().find(|(name, ..)| name.as_bytes() == kind)?;
    let failed = field(line, b" res=").is_some_and(|result| result.starts_with(b"failed") || result == b"0");
    let kind = if failed { *failure } else { *success }?;
    let method = match *name {
        "ADD_USER" => Some(&b"new user"[..]),
        "DEL_USER" => Some(&b"delete"[..]),
        "USER_CHAUTHTOK" => Some(&b"password"[..]),
        _ => None,
    };
    let user = value(line, b" acct=");
    let program = field(line, b" exe=").map(base_name);
    take(&Seen {
        channel: if *name == "USER_LOGIN" { Channel::AuditOfDaemon } else { Channel::Audit },
        time: Some(time(line)?),
        // Names that nobody has are hidden: they may be passwords.
        user: user.as_deref().filter(|user| !user.is_empty() && !user.starts_with(b"(")),
        address: field(line, b" addr=").and_then(address),
        method,
        ..Seen::new(kind, program.and_then(|program| std::str::from_utf8(program).ok()).unwrap_or("audit"))
    });
    Some(())
}

fn base_name(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or(path)
}

/// A file that a call was about.
fn file(line: &[u8], call: &Call, take: &mut dyn FnMut(&Seen<'_>)) -> Option<()> {
    let method: &[u8] = match (call.name?, field(line, b" nametype=")?) {
        ("unlink" | "unlinkat", b"DELETE") => b"delete",
        ("rename" | "renameat" | "renameat2", b"DELETE") => b"rename",
        ("truncate" | "ftruncate", b"NORMAL") => b"truncate",
        ("open" | "openat" | "openat2" | "creat", b"NORMAL") if call.truncates => b"truncate",
        ("open" | "openat" | "openat2", b"NORMAL") => b"open",
        ("open" | "openat" | "openat2" | "creat", b"CREATE") => b"create",
        _ => return None,
    };
    let name = value(line, b" name=").filter(|name| !name.is_empty() && **name != *b"(null")?;
    let path = if name.starts_with(b"/") || call.folder.is_empty() {
        name
    } else {
        [&call.folder[..], b"/", &name].concat().into()
    };
    take(&Seen {
        time: time(line),
        by: call.who.as_deref().map(str::as_bytes),
        method: Some(method),
        detail: Some(&path),
        ..Seen::new(Kind::FileAccess, &call.program)
    });
    Some(())
}

/// Words of a command that are looked at.
const WORDS: u32 = 64;

/// A program that was run: the engine's command, or one that erases logs.
fn command(line: &[u8], call: &Call, take: &mut dyn FnMut(&Seen<'_>)) -> Option<()> {
    let count = field(line, b" argc=").and_then(crate::read::number).unwrap_or(0u32).min(WORDS);
    let words: Vec<Vec<u8>> = (0..count)
        .map_while(|index| value(line, format!(" a{index}=").as_bytes()))
        .map(|word| word.get(..256).unwrap_or(&word).to_vec())
        .collect();
    let seen = |kind, program| Seen {
        time: time(line),
        by: call.who.as_deref().map(str::as_bytes),
        ..Seen::new(kind, program)
    };
    let program = base_name(call.program.as_bytes());
    if matches!(program, b"docker" | b"podman" | b"nerdctl") {
        let words: Vec<&[u8]> = words.iter().skip(1).map(Vec::as_slice).collect();
        if let Some(exec) = Exec::of(&words) {
            take(&Seen {
                container: Some(exec.container),
                detail: Some(&exec.command),
                method: exec.terminal.then_some(b"tty"),
                ..seen(Kind::Exec, std::str::from_utf8(program).ok()?)
            });
            return Some(());
        }
        let all = words.join(&b' ');
        let did = words.iter().find(|word| !word.starts_with(b"-")).copied();
        take(&Seen { method: did, detail: Some(&all), ..seen(Kind::EngineApi, std::str::from_utf8(program).ok()?) });
        return Some(());
    }
    let all = words.join(&b' ');
    if deed_of(&String::from_utf8_lossy(&all)) == Some(Deed::LogsErased) {
        take(&Seen { method: Some(b"command"), detail: Some(&all), ..seen(Kind::FileAccess, &call.program) });
    }
    Some(())
}

/// `docker exec -it web sh`
struct Exec<'a> {
    container: &'a [u8],
    command: Vec<u8>,
    terminal: bool,
}

/// Flags of the engine's command, and of its `exec`, whose value is the next word.
const WITH_VALUE: &[&[u8]] = &[
    b"-H",
    b"--host",
    b"-c",
    b"--context",
    b"--config",
    b"-l",
    b"--log-level",
    b"-e",
    b"--env",
    b"--env-file",
    b"-u",
    b"--user",
    b"-w",
    b"--workdir",
    b"--detach-keys",
    b"-n",
    b"--namespace",
    b"--address",
];

impl<'a> Exec<'a> {
    fn of(words: &[&'a [u8]]) -> Option<Self> {
        let mut words = words.iter().copied();
        let mut terminal = false;
        let mut next = |terminal: &mut bool| loop {
            let word = words.next()?;
            if WITH_VALUE.contains(&word) {
                words.next()?;
            } else if word.starts_with(b"-") {
                *terminal |= word == b"--tty" || !word.starts_with(b"--") && word.contains(&b't');
            } else {
                return Some(word);
            }
        };
        let mut verb = next(&mut false)?;
        if verb == b"container" {
            verb = next(&mut false)?;
        }
        if verb != b"exec" {
            return None;
        }
        let container = next(&mut terminal)?;
        let command = words.collect::<Vec<_>>().join(&b' ');
        Some(Self { container, command, terminal })
    }
}

/// Sockets of container engines.
const SOCKETS: [&[u8]; 4] = [b"/docker.sock", b"/podman.sock", b"/containerd.sock", b"/crio.sock"];

/// A connection to the engine's socket. Programs that nobody's login began are known by their names.
fn socket(line: &[u8], call: &Call, take: &mut dyn FnMut(&Seen<'_>)) -> Option<()> {
    let address = unhex(field(line, b" saddr=").filter(|_| call.name == Some("connect"))?);
    // The family AF_UNIX, then a path up to the first zero.
    let path = address.strip_prefix(b"\x01\x00")?.split(|byte| *byte == 0).next()?;
    if !SOCKETS.iter().any(|socket| path.ends_with(socket)) {
        return None;
    }
    let by = call.who.as_deref().unwrap_or(&call.program);
    take(&Seen {
        time: time(line),
        by: Some(by.as_bytes()).filter(|by| !by.is_empty()),
        method: Some(b"socket"),
        detail: Some(call.program.as_bytes()),
        ..Seen::new(Kind::EngineApi, "docker")
    });
    Some(())
}

/// What was typed at a terminal, of which only that is handed on that erases logs: there may be passwords among it.
fn typed(line: &[u8], take: &mut dyn FnMut(&Seen<'_>)) {
    let Some(keys) = value(line, b" data=") else { return };
    let by = who(line);
    for command in keys.split(|byte| matches!(byte, b'\r' | b'\n')).take(1000) {
        let command = command.get(..512).unwrap_or(command);
        if deed_of(&String::from_utf8_lossy(command)) == Some(Deed::LogsErased) {
            take(&Seen {
                time: time(line),
                by: by.as_deref().map(str::as_bytes),
                method: Some(b"command"),
                detail: Some(command),
                ..Seen::new(Kind::FileAccess, "tty")
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logins::event::Login;

    fn events(text: &str) -> Vec<Login> {
        let mut clock = Clock::utc("2026-12-31T00:00:00Z".parse().unwrap());
        let mut events = Vec::new();
        for line in text.lines() {
            parse_audit(line.as_bytes(), &mut clock, &mut |seen| events.push(seen.owned(b"")));
        }
        events
    }

    fn shown(text: &str) -> Vec<String> {
        let word = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        let line = |event: Login| {
            let (by, container) = (word(event.by), word(event.container));
            format!("{} {by} {} {container}: {}", event.kind.name(), word(event.method), word(event.detail))
        };
        events(text).into_iter().map(line).collect()
    }

    #[test]
    fn records_of_logins_are_read() {
        let line = r#"type=USER_AUTH msg=audit(1364481363.243:24287): pid=6280 uid=0 auid=4294967295 ses=4294967295 msg='op=PAM:authentication grantors=? acct="root" exe="/usr/sbin/sshd" hostname=192.0.2.7 addr=192.0.2.7 terminal=ssh res=failed'"#;
        let [seen] = events(line).try_into().unwrap();
        assert_eq!((seen.kind, seen.service.as_str(), seen.user.as_deref()), (Kind::LoginFailed, "sshd", Some("root")));
        assert_eq!(seen.address.as_deref(), Some("192.0.2.7"));
        assert_eq!(seen.time.map(jiff::Timestamp::as_microsecond), Some(1_364_481_363_243_000));
        assert!(events("type=SYSCALL msg=audit(1364481363.243:24287): arch=c000003e").is_empty());
        assert!(events("type=USER_AUTH msg=audit(x").is_empty());
    }

    #[test]
    fn names_in_digits_and_enriched_records_of_other_hosts_are_read() {
        let line = "node=edge type=USER_LOGIN msg=audit(1364481363.243:24287): pid=6280 uid=0 auid=4294967295 ses=4294967295 msg='op=login acct=61646D696E20726F6F74 exe=\"/usr/sbin/sshd\" hostname=? addr=192.0.2.7 terminal=ssh res=failed'\u{1d}UID=\"root\" AUID=\"unset\"";
        let [seen] = events(line).try_into().unwrap();
        assert_eq!((seen.user.as_deref(), seen.host.as_deref()), (Some("admin root"), Some("edge")));
        assert_eq!(seen.kind, Kind::LoginFailed);
    }

    const DELETED: &str = "type=SYSCALL msg=audit(1795507802.123:501): arch=c000003e syscall=263 success=yes exit=0 a0=ffffff9c a1=55d0c8 a2=0 a3=7ffd items=2 ppid=900 pid=901 auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=3 comm=\"rm\" exe=\"/usr/bin/rm\" subj=unconfined key=\"logs\"\u{1d}ARCH=x86_64 SYSCALL=unlinkat AUID=\"alice\" UID=\"root\" GID=\"root\"
type=CWD msg=audit(1795507802.123:501): cwd=\"/var/log\"
type=PATH msg=audit(1795507802.123:501): item=0 name=\"/var/log\" inode=1 dev=fe:01 mode=040755 ouid=0 ogid=0 rdev=00:00 nametype=PARENT cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0\u{1d}OUID=\"root\" OGID=\"root\"
type=PATH msg=audit(1795507802.123:501): item=1 name=\"auth.log\" inode=2 dev=fe:01 mode=0100640 ouid=0 ogid=4 rdev=00:00 nametype=DELETE cap_fp=0\u{1d}OUID=\"root\" OGID=\"adm\"
type=PROCTITLE msg=audit(1795507802.123:501): proctitle=726D00617574682E6C6F67";

    #[test]
    fn a_file_that_is_deleted_is_told_with_who_and_its_whole_path() {
        assert_eq!(shown(DELETED), ["file_access alice delete -: /var/log/auth.log"]);
        assert_eq!(shown(&DELETED.replace("success=yes", "success=no")), Vec::<String>::new());
        // Without the enriched part, and on another processor.
        let raw: String = DELETED.lines().map(|line| format!("{}\n", line.split('\u{1d}').next().unwrap())).collect();
        assert_eq!(shown(&raw), ["file_access uid 1000 delete -: /var/log/auth.log"]);
        let arm = raw.replace("c000003e syscall=263", "c00000b7 syscall=35");
        assert_eq!(shown(&arm), ["file_access uid 1000 delete -: /var/log/auth.log"]);
    }

    #[test]
    fn a_file_that_is_opened_may_be_emptied_by_it() {
        let opened = |flags: &str| {
            shown(&format!(
                "type=SYSCALL msg=audit(1.0:7): arch=c000003e syscall=257 success=yes exit=3 a0=ffffff9c a1=7ffd a2={flags} a3=1b6 items=1 ppid=1 pid=2 auid=1000 uid=0 tty=pts0 ses=3 comm=\"sh\" exe=\"/usr/bin/dash\" key=(null)\ntype=PATH msg=audit(1.0:7): item=0 name=2F7661722F6C6F672F6D792061707000 inode=2 nametype=NORMAL"
            ))
        };
        assert_eq!(opened("241"), ["file_access uid 1000 truncate -: /var/log/my app\0"]);
        assert_eq!(opened("80000"), ["file_access uid 1000 open -: /var/log/my app\0"]);
    }

    #[test]
    fn the_engines_command_and_its_socket_say_who_used_it() {
        let run = |arguments: &str| {
            shown(&format!(
                "type=SYSCALL msg=audit(1.0:7): arch=c000003e syscall=59 success=yes exit=0 a0=55 a1=55 a2=55 a3=0 items=2 ppid=1 pid=2 auid=1001 uid=1001 tty=pts0 ses=3 comm=\"docker\" exe=\"/usr/bin/docker\" key=\"docker\"\ntype=EXECVE msg=audit(1.0:7): {arguments}"
            ))
        };
        assert_eq!(run(r#"argc=5 a0="docker" a1="exec" a2="-it" a3="web" a4="sh""#), ["exec uid 1001 tty web: sh"]);
        assert_eq!(
            run(
                r#"argc=9 a0="docker" a1="-H" a2="unix:///x" a3="container" a4="exec" a5="-u" a6="0" a7="db" a8=636174202F"#
            ),
            ["exec uid 1001 - db: cat /"]
        );
        assert_eq!(run(r#"argc=2 a0="docker" a1="ps""#), ["engine_api uid 1001 ps -: ps"]);
        assert_eq!(run(r#"argc=99999999 a0="docker""#), ["engine_api uid 1001 - -: "]);
        let connected = |auid: &str| {
            shown(&format!(
                "type=SYSCALL msg=audit(1.0:8): arch=c000003e syscall=42 success=yes exit=0 a0=3 a1=c0 a2=17 a3=0 items=1 ppid=1 pid=2 auid={auid} uid=0 tty=(none) ses=3 comm=\"x\" exe=\"/usr/local/bin/x\" key=\"docker\"\ntype=SOCKADDR msg=audit(1.0:8): saddr=01002F72756E2F646F636B65722E736F636B00"
            ))
        };
        assert_eq!(connected("1001"), ["engine_api uid 1001 socket -: /usr/local/bin/x"]);
        assert_eq!(connected("4294967295"), ["engine_api /usr/local/bin/x socket -: /usr/local/bin/x"]);
    }

    #[test]
    fn of_what_is_typed_only_what_erases_logs_is_handed_on() {
        let keys: String = "secret\rhistory -c\rls\r".bytes().map(|byte| format!("{byte:02X}")).collect();
        let line = format!(
            "type=TTY msg=audit(1.0:9): tty pid=42 uid=0 auid=1000 ses=3 major=136 minor=0 comm=\"bash\" data={keys}\u{1d}UID=\"root\" AUID=\"alice\""
        );
        assert_eq!(shown(&line), ["file_access alice command -: history -c"]);
    }

    proptest::proptest! {
        #[test]
        fn whatever_stands_in_records_no_parser_fails(
            line in proptest::collection::vec(proptest::num::u8::ANY, 0..200),
            cut in 0usize..900,
            at in 0usize..900,
            byte: u8,
        ) {
            let mut clock = Clock::utc("2026-12-31T00:00:00Z".parse().unwrap());
            let mut damaged = DELETED.as_bytes().to_vec();
            if let Some(place) = damaged.get_mut(at) { *place = byte; }
            damaged.truncate(damaged.len().saturating_sub(cut));
            damaged.push(b'\n');
            damaged.extend(b"type=PATH msg=audit(1795507802.123:501): ");
            damaged.extend(line);
            for line in damaged.split(|byte| *byte == b'\n') {
                parse_audit(line, &mut clock, &mut |_| {});
            }
        }
    }
}
