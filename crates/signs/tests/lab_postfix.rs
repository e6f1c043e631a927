//! What a real Postfix writes while somebody guesses over SMTP, with a real Dovecot to ask for passwords: each with a
//! configuration, a queue, a port and a log of its own. Needs root, `postfix` and `dovecot-imapd`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may end in a panic, and says why it was skipped"
)]

mod lab;

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use keelguard_signs::logins::Kind;
use lab::{HERE, Running, base64};

/// Passwords are `right`, for whoever asks. Its own delays after failures are switched off.
fn dovecot(here: &Path) -> Running {
    let shown = here.display();
    let config = format!(
        "base_dir = {shown}/run\nlog_path = {shown}/dovecot.log\nprotocols =\nssl = no\ndisable_plaintext_auth = no\ndefault_login_user = nobody\n\
         default_internal_user = nobody\ndefault_internal_group = nogroup\nfirst_valid_uid = 1\nauth_mechanisms = plain login\n\
         auth_failure_delay = 0\nauth_username_chars =\nauth_username_format =\n\
         service auth {{\n unix_listener {shown}/auth {{\n  mode = 0666\n }}\n}}\n\
         service anvil {{\n unix_listener anvil-auth-penalty {{\n  mode = 0\n }}\n}}\n\
         passdb {{\n driver = static\n args = password=right\n}}\nuserdb {{\n driver = static\n args = uid=65534 gid=65534 home={shown}/mail\n}}\n"
    );
    std::fs::write(here.join("dovecot.conf"), config).unwrap();
    let mut command = Command::new("dovecot");
    command.arg("-F").arg("-c").arg(here.join("dovecot.conf")).stdin(Stdio::null());
    let daemon = Running(command.spawn().unwrap());
    lab::wait_for("dovecot is there", || std::os::unix::net::UnixStream::connect(here.join("auth")).ok().map(drop));
    daemon
}

fn configure_postfix(here: &Path, port: u16) {
    let config = lab::subfolder(here, "postfix");
    for name in ["queue", "data"] {
        lab::subfolder(here, name);
    }
    let folders = [config.clone(), here.join("queue").display().to_string(), here.display().to_string()];
    for folder in folders {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(folder, mode).unwrap();
    }
    assert!(Command::new("chown").arg("postfix").arg(here.join("data")).status().unwrap().success());
    let shown = here.display();
    let main = format!(
        "compatibility_level = 3.6\nqueue_directory = {shown}/queue\ndata_directory = {shown}/data\ncommand_directory = /usr/sbin\n\
         daemon_directory = /usr/lib/postfix/sbin\nmail_owner = postfix\nmaillog_file = {shown}/mail.log\nmaillog_file_prefixes = {shown}\n\
         inet_interfaces = 127.0.0.1\ninet_protocols = ipv4\nmydestination = localhost\nmyhostname = lab.example\nmynetworks =\n\
         smtpd_sasl_auth_enable = yes\nsmtpd_sasl_type = dovecot\nsmtpd_sasl_path = {shown}/auth\nsmtpd_error_sleep_time = 0\n\
         smtpd_soft_error_limit = 100\nsmtpd_hard_error_limit = 100\n\
         smtpd_relay_restrictions = permit_sasl_authenticated, reject\nalias_maps =\nlocal_recipient_maps =\n"
    );
    let mut services = format!("{HERE}:{port} inet n - n - - smtpd\n");
    for (name, rest) in [
        ("cleanup", "unix n - n - 0 cleanup"),
        ("qmgr", "unix n - n 300 1 qmgr"),
        ("rewrite", "unix - - n - - trivial-rewrite"),
        ("bounce", "unix - - n - 0 bounce"),
        ("defer", "unix - - n - 0 bounce"),
        ("proxymap", "unix - - n - - proxymap"),
        ("anvil", "unix - - n - 1 anvil"),
        ("postlog", "unix-dgram n - n - 1 postlogd"),
        // Mail goes nowhere.
        ("local", "unix - - n - - discard"),
        ("smtp", "unix - - n - - discard"),
        ("relay", "unix - - n - - discard"),
    ] {
        services.extend([name, " ", rest, "\n"]);
    }
    std::fs::write(here.join("postfix/main.cf"), main).unwrap();
    std::fs::write(here.join("postfix/master.cf"), services).unwrap();
}

/// Its first process is a script, and does not end the others with itself.
struct Master(PathBuf);

impl Drop for Master {
    fn drop(&mut self) {
        let _ = Command::new("postfix").arg("-c").arg(&self.0).arg("stop").status();
    }
}

/// Says one line after the other; the answers' numbers.
fn talk(port: u16, lines: &[&str]) -> Vec<u16> {
    let server = TcpStream::connect((HERE, port)).unwrap();
    server.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut read = BufReader::new(server.try_clone().unwrap()).lines();
    let mut answer = || {
        let last = read.find_map(|line| line.ok().filter(|line| line.as_bytes().get(3) == Some(&b' ')));
        last.and_then(|line| line.get(..3)?.parse().ok()).unwrap_or_default()
    };
    answer();
    let mut say = |line: &&str| {
        write!(&server, "{line}\r\n").unwrap();
        answer()
    };
    lines.iter().map(&mut say).collect()
}

fn plain(user: &str, password: &str) -> String {
    format!("AUTH PLAIN {}", base64(format!("\0{user}\0{password}").as_bytes()))
}

#[test]
fn what_a_real_postfix_writes_is_read_even_where_names_and_greetings_forge_it() {
    let needed = [("/usr/sbin/postfix", "postfix"), ("/usr/sbin/dovecot", "dovecot-imapd")];
    if !lab::can_run(&needed) {
        return;
    }
    let folder = lab::folder();
    let here = folder.path();
    let _dovecot = dovecot(here);
    let port = lab::free_port();
    configure_postfix(here, port);
    let mut command = Command::new("postfix");
    let _daemon = lab::start(command.arg("-c").arg(here.join("postfix")).arg("start-fg"), port);
    let _master = Master(here.join("postfix"));
    let log = here.join("mail.log");

    let (wrong, right) = (plain("alice", "wrong"), plain("alice", "right"));
    let mail = [
        "EHLO x",
        &wrong,
        &right,
        "MAIL FROM:<alice@lab.example>",
        "RCPT TO:<bob@localhost>",
        "DATA",
        "hello\r\n.",
        "QUIT",
    ];
    assert_eq!(talk(port, &mail), [250, 535, 235, 250, 250, 354, 250, 221]);
    let found = lab::wait_for_events(&log, |events| events.iter().any(|event| event.kind == Kind::LoginOk));
    found.all_of("postfix");
    assert_eq!((found.refused(), found.rules.len()), (vec!["alice"], 0));
    let login = found.events.iter().find(|event| event.kind == Kind::LoginOk).unwrap();
    assert_eq!((login.user.as_deref(), login.method.as_deref()), (Some("alice"), Some("PLAIN")));

    let name = "x[192.0.2.66]: SASL LOGIN authentication failed: no, sasl_username=root";
    let greeting = "EHLO x[192.0.2.66]: SASL LOGIN authentication failed";
    let (forged, ghost) = (plain(name, "wrong"), plain("ghost", "wrong"));
    assert_eq!(talk(port, &[greeting, &forged, "AUTH PLAIN =", "AUTH NOTHING x"]), [250, 535, 535, 535]);
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| assert_eq!(talk(port, &["EHLO x", &ghost, &ghost]), [250, 535, 535]));
        }
    });
    let login = ["AUTH LOGIN", &base64(b"carl"), &base64(b"wrong")];
    assert_eq!(talk(port, &["EHLO x", login[0], login[1], login[2]])[3], 535);
    let found = lab::wait_for_events(&log, |events| events.iter().any(|event| event.user.as_deref() == Some("carl")));
    found.all_of("postfix");
    let refused = found.refused();
    assert_eq!(refused[..3], ["alice", name, ""], "{}", found.text);
    assert_eq!((&refused[3..15], refused[15]), (&["ghost"; 12][..], "carl"));
    assert_eq!(refused.len(), 16, "what names no way to log in is no password");
    assert_eq!(found.rules, ["KG-L001"]);
}
