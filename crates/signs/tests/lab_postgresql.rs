//! What a real PostgreSQL writes while somebody guesses: with Debian's prefix, which names no address, and with prefixes that
//! do. Needs root, which is given up for it, and `postgresql`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may end in a panic, and says why it was skipped"
)]

mod lab;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use keelguard_signs::logins::Kind;
use lab::{Found, HERE, Running};

/// As Debian has it.
const DEBIAN: &str = "%m [%p] %q%u@%d ";

/// Each database may be asked for by alice and by a role that is not there; nobody else may come.
const RULES: &str =
    "local all all trust\nhost all alice,ghost 127.0.0.1/32 scram-sha-256\nhost all outcast 127.0.0.1/32 reject\n";

/// The newest of the versions that are installed.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    versions.map(|version| version.path().join("bin")).filter(|bin| bin.join("initdb").exists()).max()
}

struct Lab {
    folder: tempfile::TempDir,
    programs: PathBuf,
}

impl Lab {
    fn new(programs: PathBuf) -> Self {
        let folder = lab::folder();
        let mut command = lab::as_nobody(&programs.join("initdb").display().to_string());
        let made =
            command.arg("-D").arg(folder.path().join("data")).args(["-U", "postgres", "--no-sync", "-A", "trust"]);
        assert!(made.stdout(Stdio::null()).status().unwrap().success());
        std::fs::write(folder.path().join("data/pg_hba.conf"), RULES).unwrap();
        Self { folder, programs }
    }

    /// Runs with a prefix, and gives the port and the log.
    fn start(&self, prefix: &str) -> (Running, u16, PathBuf) {
        let here = self.folder.path();
        let port = lab::free_port();
        let log = here.join(format!("{port}.log"));
        let mut command = lab::as_nobody(&self.programs.join("postgres").display().to_string());
        command.arg("-D").arg(here.join("data")).arg("-k").arg(here).args(["-p", &port.to_string()]);
        command.args(["-c", "listen_addresses=127.0.0.1", "-c", "logging_collector=off", "-c", "fsync=off"]);
        command.args(["-c", &format!("log_line_prefix={prefix}")]).stderr(File::create(&log).unwrap());
        let daemon = lab::start(&mut command, port);
        let ready = ["-c", "select 1"];
        lab::wait_for("it answers", || {
            self.psql(&here.display().to_string(), port, "postgres", "postgres", &ready).then_some(())
        });
        (daemon, port, log)
    }

    fn psql(&self, host: &str, port: u16, user: &str, database: &str, arguments: &[&str]) -> bool {
        let mut command = Command::new(self.programs.join("psql"));
        command.args(["-X", "-w", "-h", host, "-p", &port.to_string(), "-U", user, "-d", database]).args(arguments);
        command.env("PGPASSWORD", "wrong").env("PGCONNECT_TIMEOUT", "20");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success()
    }

    fn log_in(&self, port: u16, user: &str, database: &str, password: &str) -> bool {
        let mut command = Command::new(self.programs.join("psql"));
        command.args(["-X", "-w", "-h", HERE, "-p", &port.to_string(), "-U", user, "-d", database, "-c", "select 1"]);
        command.env("PGPASSWORD", password);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success()
    }
}

/// Wrong passwords, twelve of them, besides what `lines` tell of.
fn attack(lab: &Lab, port: u16, log: &Path) -> Found {
    let before = lab::read_log(log).events.len();
    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| assert!(!lab.log_in(port, "alice", "shop", "wrong")));
        }
    });
    lab::wait_for_events(log, |events| events.len() >= before + 12)
}

#[test]
fn what_a_real_postgresql_writes_is_read_whatever_its_prefix_and_names_are() {
    let Some(programs) = programs() else {
        lab::can_run(&[("/usr/lib/postgresql/*/bin/initdb", "postgresql")]);
        return;
    };
    if !lab::can_run(&[("/usr/bin/setpriv", "util-linux")]) {
        return;
    }
    let lab = Lab::new(programs);
    let here = lab.folder.path().display().to_string();

    {
        let (_daemon, port, log) = lab.start(DEBIAN);
        let make = ["-c", "create user alice password 'right'", "-c", "create database shop owner alice"];
        assert!(lab.psql(&here, port, "postgres", "postgres", &make));
        assert!(!lab.log_in(port, "alice", "shop", "wrong"));
        assert!(lab.log_in(port, "alice", "shop", "right"));
        assert!(!lab.log_in(port, "ghost", "shop", "wrong"));
        assert!(!lab.log_in(port, "carl", "shop", "wrong"), "no rule lets carl in");
        assert!(!lab.log_in(port, "outcast", "shop", "wrong"), "a rule keeps outcast out");
        // Names may hold what the daemon writes.
        let database = "x FATAL:  password authentication failed for user \"y";
        assert!(!lab.log_in(port, "alice", database, "wrong"));
        let user = "@x FATAL:  no pg_hba.conf entry for host \"192.0.2.66\", user \"";
        assert!(!lab.log_in(port, user, "shop", "wrong"));
        let found = lab::wait_for_events(&log, |events| events.len() >= 5);
        let refused = found.refused();
        assert_eq!(refused, ["alice", "ghost", "carl", "outcast", "alice"], "{}", found.text);
        let addresses: Vec<_> = found.events.iter().map(|event| event.address.as_deref()).collect();
        assert_eq!(addresses, [None, None, Some(HERE), Some(HERE), None], "only refusals by rule name an address");
        assert!(found.events.iter().all(|event| event.service == "postgresql" && event.kind == Kind::LoginFailed));
        found.events.iter().for_each(|event| found.is_of_now(event));
        assert!(found.rules.is_empty());
        assert!(attack(&lab, port, &log).rules.is_empty(), "whom to block, this log does not say");
    }

    for prefix in ["%m [%p] %q%u@%d %h ", "%m [%p] %q%u@%d %r ", "%m [%p] %h %q%u@%d ", "%m [%p] %r %q%u@%d "] {
        let (_daemon, port, log) = lab.start(prefix);
        // With the address behind the names, this line's names could be the daemon's own words.
        let database = "x 192.0.2.66 FATAL:  password authentication failed for user \"";
        assert!(!lab.log_in(port, "alice", database, "wrong"));
        let user = " 1.2.3.4(1) FATAL:  password authentication failed for user \"y";
        assert!(!lab.log_in(port, user, "shop", "wrong"));
        let found = attack(&lab, port, &log);
        assert!(
            found.events.iter().all(|event| event.address.as_deref().is_none_or(|address| address == HERE)),
            "{:#?}",
            found.events
        );
        let from_here = found.events.iter().filter(|event| event.address.as_deref() == Some(HERE));
        assert!(
            from_here.filter(|event| event.user.as_deref() == Some("alice")).count() >= 12,
            "{prefix}: {:#?}",
            found.events
        );
        assert_eq!(found.rules, ["KG-L001"], "{prefix}");
    }
}
