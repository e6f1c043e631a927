//! What real FTP servers write while somebody guesses: ProFTPD in its file, vsftpd in its file and through PAM, Pure-FTPd in
//! syslog. Needs root and the three servers: Debian lets one be installed, `scripts/install-deps` unpacks the other two apart.

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
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use keelguard_signs::logins::{Channel, Kind};
use lab::HERE;

const APART: &str = "/usr/local/lib/keelguard-lab";

/// Somebody logs in; whether that was allowed.
fn log_in(port: u16, user: &str, password: &str) -> bool {
    let server = TcpStream::connect((HERE, port)).unwrap();
    server.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut lines = BufReader::new(server.try_clone().unwrap()).lines();
    // The last line of an answer has a blank behind its number.
    let mut answer = move || {
        lines.find_map(|line| line.ok().filter(|line| line.as_bytes().get(3) == Some(&b' '))).unwrap_or_default()
    };
    answer();
    let mut say = |text: String| {
        let _ = (&server).write_all(format!("{text}\r\n").as_bytes());
        answer()
    };
    say(format!("USER {user}"));
    let allowed = say(format!("PASS {password}")).starts_with('2');
    say("QUIT".to_owned());
    allowed
}

fn guess(port: u16, users: &[&str]) {
    std::thread::scope(|scope| {
        for user in users {
            scope.spawn(move || assert!(!log_in(port, user, "wrong")));
        }
    });
}

fn hash() -> String {
    let out = Command::new("openssl").args(["passwd", "-6", "right"]).output().unwrap();
    String::from_utf8(out.stdout).unwrap().trim().to_owned()
}

#[test]
fn what_a_real_proftpd_writes_is_read_even_where_a_name_forges_it() {
    if !lab::can_run(&[("/usr/sbin/proftpd", "proftpd-core"), ("/usr/bin/openssl", "openssl")]) {
        return;
    }
    let folder = lab::folder();
    let here = folder.path().display().to_string();
    let port = lab::free_port();
    for (name, text) in [
        ("passwd", format!("alice:{}:65534:65534::{here}:/bin/false\n", hash())),
        ("group", "nogroup:x:65534:\n".to_owned()),
        (
            "config",
            format!(
                "ServerName lab\nServerType standalone\nDefaultServer on\nPort {port}\nDefaultAddress 127.0.0.1\nUseIPv6 off\nUser nobody\n\
                 Group nogroup\nUseReverseDNS off\nWtmpLog off\nAuthPAM off\nAuthOrder mod_auth_file.c\nAuthUserFile {here}/passwd\n\
                 AuthGroupFile {here}/group\nRequireValidShell off\nSyslogLevel info\nPidFile {here}/pid\nScoreboardFile {here}/scoreboard\nDelayEngine off\n\
                 SystemLog {here}/proftpd.log\nTransferLog none\n"
            ),
        ),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
        // It refuses lists of names that others may write to, or find in a folder that others may.
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(folder.path().join(name), mode).unwrap();
    }
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(folder.path(), mode).unwrap();
    let mut command = Command::new("proftpd");
    let _daemon = lab::start(command.args(["-n", "-q", "-c", &format!("{here}/config")]).stderr(Stdio::null()), port);
    let log = folder.path().join("proftpd.log");

    assert!(!log_in(port, "alice", "wrong"));
    assert!(log_in(port, "alice", "right"));
    let found = lab::wait_for_events(&log, |events| events.iter().any(|event| event.kind == Kind::LoginOk));
    found.all_of("proftpd");
    assert_eq!((found.refused(), found.rules.len()), (vec!["alice"], 0));

    let names = [
        "x: no such user found from 192.0.2.66 [192.0.2.66] to 192.0.2.66:21",
        "x (192.0.2.66[192.0.2.66]): USER root (Login failed): Incorrect password",
    ];
    for name in names {
        assert!(!log_in(port, name, "wrong"));
    }
    guess(port, &["bob"; 12]);
    let found = lab::wait_for_events(&log, |events| events.len() >= 16);
    found.all_of("proftpd");
    // The second name is cut where it says what the daemon could.
    let read = [names[0], "x (192.0.2.66[192.0.2.66]): USER root"];
    assert_eq!(found.refused()[1..3], read, "{}", found.text);
    assert_eq!(found.refused()[3..], ["bob"; 12]);
    assert_eq!(found.rules, ["KG-L001"]);
}

/// Starts a server that asks PAM, with names, PAM's settings and a `/dev/log` of its own, in a mount namespace of its own.
fn start_with_pam(here: &Path, program: &str, arguments: &[String], port: u16) -> lab::Running {
    let shown = here.display();
    let pam = lab::subfolder(here, "pam.d");
    let rules = "auth required pam_unix.so nodelay\naccount required pam_permit.so\nsession required pam_permit.so\n";
    for service in ["vsftpd", "pure-ftpd"] {
        std::fs::write(format!("{pam}/{service}"), rules).unwrap();
    }
    let with = |file: &str, line: String| {
        let own = std::fs::read_to_string(Path::new("/etc").join(file)).unwrap();
        std::fs::write(here.join(file), own + &line).unwrap();
    };
    with("passwd", format!("alice:x:65534:65534::{shown}:/bin/sh\n"));
    with("shadow", format!("alice:{}:19000:0:99999:7:::\n", hash()));
    let dev = lab::subfolder(here, "dev");
    lab::syslog(&Path::new(&dev).join("log"), &here.join("syslog"));
    let lay = "set -e; mount --make-rprivate /; cd \"$LAB\"; for name in null zero random urandom; do touch \"dev/$name\"; \
               mount --bind \"/dev/$name\" \"dev/$name\"; done; mount --bind pam.d /etc/pam.d; mount --bind passwd /etc/passwd; \
               mount --bind shadow /etc/shadow; mount --rbind dev /dev; exec \"$@\"";
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", lay, "sh", program]).args(arguments).env("LAB", here);
    lab::start(command.stderr(Stdio::null()), port)
}

#[test]
fn what_a_real_vsftpd_and_pam_write_is_read_even_where_a_name_forges_it() {
    let program = format!("{APART}/vsftpd/usr/sbin/vsftpd");
    if !lab::can_run(&[(&program, "vsftpd"), ("/usr/bin/openssl", "openssl")]) {
        return;
    }
    let folder = lab::folder();
    let here = folder.path().display().to_string();
    let port = lab::free_port();
    let empty = lab::subfolder(folder.path(), "empty");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&empty, mode).unwrap();
    let config = format!(
        "listen=YES\nlisten_address=127.0.0.1\nlisten_port={port}\nbackground=NO\nanonymous_enable=NO\nlocal_enable=YES\n\
         secure_chroot_dir={empty}\nvsftpd_log_file={here}/vsftpd.log\nxferlog_enable=YES\nxferlog_std_format=NO\n\
         pam_service_name=vsftpd\ndelay_failed_login=0\ndelay_successful_login=0\nnopriv_user=nobody\n"
    );
    std::fs::write(folder.path().join("config"), config).unwrap();
    let _daemon = start_with_pam(folder.path(), &program, &[format!("{here}/config")], port);
    let log = folder.path().join("vsftpd.log");

    assert!(!log_in(port, "alice", "wrong"));
    assert!(log_in(port, "alice", "right"));
    let found = lab::wait_for_events(&log, |events| events.iter().any(|event| event.kind == Kind::LoginOk));
    found.all_of("vsftpd");
    assert_eq!((found.refused(), found.rules.len()), (vec!["alice"], 0));

    let name = "x] FAIL LOGIN: Client \"192.0.2.66\"";
    assert!(!log_in(port, name, "wrong"));
    guess(port, &["bob"; 12]);
    let found = lab::wait_for_events(&log, |events| events.len() >= 15);
    found.all_of("vsftpd");
    assert_eq!((found.refused()[1], &found.refused()[2..]), (name, &["bob"; 12][..]));
    assert_eq!(found.rules, ["KG-L001"]);

    let pam = lab::wait_for_events(&folder.path().join("syslog"), |events| events.len() >= 13);
    pam.all_of("vsftpd");
    assert!(pam.events.iter().all(|event| event.channel == Channel::Library), "PAM tells of the same once more");
}

#[test]
fn what_a_real_pure_ftpd_writes_is_read_even_where_a_name_forges_it() {
    let program = format!("{APART}/pure-ftpd/usr/sbin/pure-ftpd");
    if !lab::can_run(&[(&program, "pure-ftpd"), ("/usr/bin/openssl", "openssl")]) {
        return;
    }
    let folder = lab::folder();
    let port = lab::free_port();
    let pid = folder.path().join("pid").display().to_string();
    let arguments =
        ["-S", &format!("{HERE},{port}"), "-l", "pam", "-E", "-H", "-u", "1", "-c", "50", "-C", "50", "-g", &pid];
    let _daemon = start_with_pam(folder.path(), &program, &arguments.map(str::to_owned), port);
    let log = folder.path().join("syslog");

    assert!(log_in(port, "alice", "right"));
    // It takes its time for each refusal: all at once.
    let name = "x] Authentication failed for user [root";
    let mut users = vec!["bob"; 12];
    users.push(name);
    guess(port, &users);
    let of_daemon = |events: &[keelguard_signs::logins::Login]| {
        events.iter().filter(|event| event.channel == Channel::Daemon).count()
    };
    let mut found = lab::wait_for_events(&log, |events| of_daemon(events) >= 14);
    // PAM is told a name for the address, where there is one.
    found.events.retain(|event| event.channel == Channel::Daemon);
    found.all_of("pure-ftpd");
    assert_eq!(found.events.iter().filter(|event| event.kind == Kind::LoginOk).count(), 1);
    let mut refused = found.refused();
    refused.sort_unstable();
    assert_eq!((&refused[..12], refused[12]), (&["bob"; 12][..], name));
    assert!(found.rules.contains(&"KG-L001".to_owned()));
}
