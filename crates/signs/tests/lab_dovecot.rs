//! What a real Dovecot writes while somebody guesses: on loopback, with a configuration, a port and a log of its own. Needs
//! root and `dovecot-imapd`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test may end in a panic, and says why it was skipped"
)]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use keelguard_signs::logins::collect::{Reading, families, read};
use keelguard_signs::logins::{Channel, Kind, Login};

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Its master ends its other processes when it is asked to end, not when it is killed.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

fn missing() -> Option<&'static str> {
    if !std::fs::metadata("/proc/self").is_ok_and(|meta| meta.uid() == 0) {
        return Some("root");
    }
    (!Path::new("/usr/lib/dovecot/imap").exists()).then_some("dovecot-imapd")
}

fn configuration(folder: &Path, port: u16) -> String {
    let here = folder.display();
    format!(
        "base_dir = {here}/run\nlog_path = {here}/mail.log\nprotocols = imap\nssl = no\ndisable_plaintext_auth = no\nlisten = 127.0.0.1\n\
         service imap-login {{\n  inet_listener imap {{\n    port = {port}\n  }}\n  inet_listener imaps {{\n    port = 0\n  }}\n}}\n\
         default_login_user = nobody\ndefault_internal_user = nobody\ndefault_internal_group = nogroup\nfirst_valid_uid = 1\n\
         mail_location = maildir:{here}/mail/%u\nauth_verbose = yes\nauth_failure_delay = 0\n\
         passdb {{\n  driver = static\n  args = password=right\n}}\nuserdb {{\n  driver = static\n  args = uid=65534 gid=65534 home={here}/mail/%u\n}}\n"
    )
}

/// Somebody logs in and out again.
fn log_in(port: u16, user: &str, password: &str) {
    let mut server = TcpStream::connect(("127.0.0.1", port)).unwrap();
    server.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut answer = [0; 2000];
    assert!(server.read(&mut answer).unwrap() > 0);
    write!(server, "a login \"{user}\" \"{password}\"\r\nb logout\r\n").unwrap();
    while server.read(&mut answer).is_ok_and(|count| count > 0) {}
}

fn events(log: &Path) -> Vec<Login> {
    let mut events = Vec::new();
    let reading = Reading::everything(jiff::Timestamp::now());
    read(families(vec![log.to_path_buf()]), &reading, &mut |seen, line| events.push(seen.owned(line)));
    events
}

#[test]
fn what_a_real_dovecot_writes_is_read_even_where_a_name_forges_it() {
    if let Some(what) = missing() {
        eprintln!("skipped: this test needs {what}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let mail = folder.path().join("mail");
    std::fs::create_dir(&mail).unwrap();
    std::fs::set_permissions(&mail, std::fs::Permissions::from_mode(0o777)).unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let config = folder.path().join("config");
    std::fs::write(&config, configuration(folder.path(), port)).unwrap();
    let daemon = Command::new("dovecot").arg("-F").arg("-c").arg(&config).stdin(Stdio::null()).spawn().unwrap();
    let _daemon = Running(daemon);
    let until = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < until, "dovecot does not listen");
        std::thread::yield_now();
    }
    let forged = "x>, method=PLAIN, rip=192.0.2.66, lip=192.0.2.67";
    log_in(port, "alice", "wrong");
    log_in(port, forged, "wrong");
    log_in(port, "alice", "right");
    let log = folder.path().join("mail.log");
    let until = Instant::now() + Duration::from_secs(20);
    let events = loop {
        let events = events(&log);
        if events.iter().any(|event| event.kind == Kind::LoginOk) {
            break events;
        }
        assert!(Instant::now() < until, "{}", std::fs::read_to_string(&log).unwrap_or_default());
        std::thread::yield_now();
    };
    let failed: Vec<_> = events
        .iter()
        .filter(|event| event.kind == Kind::LoginFailed && event.channel == Channel::Daemon)
        .map(|event| event.user.as_deref().unwrap_or_default())
        .collect();
    assert_eq!(failed, ["alice", forged], "{events:#?}");
    assert!(events.iter().any(|event| event.kind == Kind::LoginFailed && event.channel == Channel::Library));
    assert!(events.iter().all(|event| event.service == "dovecot"));
    assert!(
        events.iter().filter_map(|event| event.address.as_deref()).all(|address| address == "127.0.0.1"),
        "{events:#?}"
    );
    let login = events.iter().find(|event| event.kind == Kind::LoginOk).unwrap();
    assert_eq!((login.user.as_deref(), login.method.as_deref()), (Some("alice"), Some("PLAIN")));
}
