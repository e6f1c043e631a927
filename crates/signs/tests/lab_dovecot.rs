//! What a real Dovecot writes while somebody guesses: on loopback, with a configuration, a port and a log of its own. Needs
//! root and `dovecot-imapd`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test may end in a panic, and says why it was skipped"
)]

mod lab;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use keelguard_signs::logins::{Channel, Kind};

fn configuration(folder: &Path, port: u16) -> String {
    let here = folder.display();
    format!(
        "base_dir = {here}/run\nlog_path = {here}/mail.log\nprotocols = imap\nssl = no\ndisable_plaintext_auth = no\nlisten = 127.0.0.1\n\
         service imap-login {{\n  inet_listener imap {{\n    port = {port}\n  }}\n  inet_listener imaps {{\n    port = 0\n  }}\n}}\n\
         default_login_user = nobody\ndefault_internal_user = nobody\ndefault_internal_group = nogroup\nfirst_valid_uid = 1\n\
         mail_location = maildir:{here}/mail/%u\nauth_verbose = yes\nauth_failure_delay = 0\n\
         service anvil {{\n  unix_listener anvil-auth-penalty {{\n    mode = 0\n  }}\n}}\n\
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

#[test]
fn what_a_real_dovecot_writes_is_read_even_where_a_name_forges_it() {
    if !lab::can_run(&[("/usr/lib/dovecot/imap", "dovecot-imapd")]) {
        return;
    }
    let folder = lab::folder();
    lab::subfolder(folder.path(), "mail");
    let port = lab::free_port();
    let config = folder.path().join("config");
    std::fs::write(&config, configuration(folder.path(), port)).unwrap();
    let mut command = Command::new("dovecot");
    let _daemon = lab::start(command.arg("-F").arg("-c").arg(&config), port);
    let forged = "x>, method=PLAIN, rip=192.0.2.66, lip=192.0.2.67";
    log_in(port, "alice", "wrong");
    log_in(port, forged, "wrong");
    log_in(port, "alice", "right");
    let log = folder.path().join("mail.log");
    let events = lab::wait_for_events(&log, |events| events.iter().any(|event| event.kind == Kind::LoginOk)).events;
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
