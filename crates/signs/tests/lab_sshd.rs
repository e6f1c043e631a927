//! What a real sshd, PAM, su and sudo write while somebody guesses: attacked on loopback, with a configuration, keys, a port
//! and a `/dev/log` of their own, in a mount namespace of their own. Needs root, `openssh-server` and `sudo`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test may end in a panic, and says why it was skipped"
)]

mod lab;

use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use keelguard_signs::logins::detect::{Detectors, Limits};
use keelguard_signs::logins::{Channel, Clock, Kind, Login, parse_line};

/// A child that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A `/dev` with the few devices that daemons need and a log socket of ours, laid over the real one for one program.
fn command_in_lab(dev: &Path, script: &str) -> Command {
    let mut command = Command::new("unshare");
    let lay = "set -e; mount --make-rprivate /; \
               for name in null zero random urandom tty ptmx; do touch \"$DEV/$name\"; mount --bind \"/dev/$name\" \"$DEV/$name\"; done; \
               mkdir -p \"$DEV/pts\" /run/sshd; mount --rbind /dev/pts \"$DEV/pts\"; mount --rbind \"$DEV\" /dev; ";
    command.args(["--mount", "sh", "-c", &format!("{lay}{script}")]).env("DEV", dev).stdin(Stdio::null());
    command
}

struct Lab {
    folder: tempfile::TempDir,
    lines: Receiver<Vec<u8>>,
    seen: Vec<Vec<u8>>,
    port: u16,
    _daemon: Running,
}

impl Lab {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dev = folder.path().join("dev");
        std::fs::create_dir(&dev).unwrap();
        let socket = UnixDatagram::bind(dev.join("log")).unwrap();
        std::fs::set_permissions(dev.join("log"), std::fs::Permissions::from_mode(0o666)).unwrap();
        let (send, lines) = channel();
        std::thread::spawn(move || {
            let mut buffer = vec![0; 64 << 10];
            while let Ok(length) = socket.recv(&mut buffer) {
                if send.send(buffer.get(..length).unwrap_or_default().to_vec()).is_err() {
                    return;
                }
            }
        });
        for key in ["host", "key"] {
            let file = folder.path().join(key);
            let made =
                Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&file).status().unwrap();
            assert!(made.success());
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let shown = folder.path().display();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {shown}/host\nPidFile none\nUsePAM yes\nPermitRootLogin yes\nStrictModes no\n\
             AuthorizedKeysFile {shown}/key.pub\nPasswordAuthentication yes\nKbdInteractiveAuthentication no\nSyslogFacility AUTHPRIV\n"
        );
        std::fs::write(folder.path().join("config"), config).unwrap();
        let ask = folder.path().join("ask");
        std::fs::write(&ask, "#!/bin/sh\necho wrong\n").unwrap();
        std::fs::set_permissions(&ask, std::fs::Permissions::from_mode(0o755)).unwrap();
        let script = format!("exec /usr/sbin/sshd -D -f {shown}/config");
        let daemon = Running(command_in_lab(&dev, &script).spawn().unwrap());
        let until = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < until, "sshd does not listen");
            std::thread::yield_now();
        }
        Self { folder, lines, seen: Vec::new(), port, _daemon: daemon }
    }

    /// Somebody tries, with as many passwords, or with the key.
    fn ssh(folder: &Path, port: u16, user: &str, passwords: Option<u8>) {
        let mut command = Command::new("ssh");
        command.args([
            "-F",
            "none",
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            "UserKnownHostsFile=/dev/null",
            "-o",
            "LogLevel=ERROR",
        ]);
        match passwords {
            Some(count) => command
                .args(["-o", "PubkeyAuthentication=no", "-o", &format!("NumberOfPasswordPrompts={count}")])
                .env("SSH_ASKPASS", folder.join("ask"))
                .env("SSH_ASKPASS_REQUIRE", "force"),
            None => command.arg("-i").arg(folder.join("key")).args(["-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes"]),
        };
        command.args(["-p", &port.to_string(), "-l", user, "127.0.0.1", "true"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    }

    fn run(&self, script: &str) {
        let status = command_in_lab(&self.folder.path().join("dev"), script).stdout(Stdio::null()).status().unwrap();
        assert!(status.success(), "{script}");
    }

    /// All events so far; waits until one of them is `wanted`.
    fn events(&mut self, what: &str, wanted: impl Fn(&Login) -> bool) -> Vec<Login> {
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            let events: Vec<Login> = self.seen.iter().filter_map(|line| event(line)).collect();
            if events.iter().any(&wanted) {
                return events;
            }
            let left = until.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                let lines: Vec<_> = self.seen.iter().map(|line| String::from_utf8_lossy(line).into_owned()).collect();
                panic!("nothing tells of {what}:\n{}", lines.join("\n"));
            };
            self.seen.push(line);
        }
    }
}

fn clock() -> Clock {
    Clock::new(jiff::tz::TimeZone::system(), jiff::Timestamp::now())
}

fn event(line: &[u8]) -> Option<Login> {
    parse_line(line, &mut clock()).map(|seen| seen.owned(line))
}

#[test]
fn what_real_daemons_write_is_read_and_judged() {
    let needed =
        [("/usr/sbin/sshd", "openssh-server"), ("/usr/bin/sudo", "sudo"), ("/usr/bin/ssh-keygen", "openssh-client")];
    if !lab::can_run(&needed) {
        return;
    }
    let mut lab = Lab::start();
    Lab::ssh(lab.folder.path(), lab.port, "root", None);
    let events = lab.events("the login with a key", |event| event.kind == Kind::LoginOk);
    let login = events.iter().find(|event| event.kind == Kind::LoginOk).unwrap();
    assert_eq!((login.user.as_deref(), login.method.as_deref()), (Some("root"), Some("publickey")));
    assert!(login.detail.as_deref().is_some_and(|key| key.starts_with("ED25519 SHA256:")), "{login:?}");
    let age = jiff::Timestamp::now().duration_since(login.time.unwrap());
    assert!(age.as_secs().abs() < 60, "the stamp has neither year nor zone, and is read as {:?}", login.time);

    // Four connections with three wrong passwords each, side by side: PAM takes its time for each.
    std::thread::scope(|scope| {
        for user in ["root", "nobody-at-all", "x from 192.0.2.66 port 1 ssh2", "admin"] {
            let (folder, port) = (lab.folder.path(), lab.port);
            scope.spawn(move || Lab::ssh(folder, port, user, Some(3)));
        }
    });
    lab.run("su root -c true; sudo -n -u nobody true");
    let events = lab.events("sudo", |event| event.kind == Kind::Sudo);

    let of = |kind, channel| events.iter().filter(move |event| event.kind == kind && event.channel == channel);
    let failures: u32 =
        of(Kind::LoginFailed, Channel::Daemon).filter(|event| event.service == "sshd").map(|event| event.count).sum();
    assert_eq!(failures, 12, "{events:#?}");
    assert!(of(Kind::LoginFailed, Channel::Library).any(|event| event.user.as_deref() == Some("root")), "PAM is read");
    assert!(events.iter().filter_map(|event| event.address.as_deref()).all(|address| address == "127.0.0.1"));
    assert!(
        of(Kind::LoginFailed, Channel::Daemon)
            .any(|event| event.user.as_deref() == Some("x from 192.0.2.66 port 1 ssh2"))
    );
    assert!(events.iter().any(|event| event.kind == Kind::Probe && event.user.as_deref() == Some("nobody-at-all")));
    assert!(events.iter().any(|event| event.service == "su" && event.user.as_deref() == Some("root")));
    let sudo = events.iter().find(|event| event.kind == Kind::Sudo).unwrap();
    assert_eq!((sudo.by.as_deref(), sudo.user.as_deref()), (Some("root"), Some("nobody")));

    let mut detectors = Detectors::new(Limits::default());
    for line in &lab.seen {
        if let Some(seen) = parse_line(line, &mut clock()) {
            detectors.see(&seen);
        }
    }
    let found: Vec<_> = detectors.findings().iter().map(|finding| finding.rule.clone()).collect();
    assert_eq!(found, ["KG-L001", "KG-L020"]);
    assert!(detectors.to_block(&[]).is_empty(), "loopback is never blocked");
}
