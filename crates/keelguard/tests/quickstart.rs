//! `scripts/quickstart` on the three kinds of machine that it meets: with an engine, without one, and without so much as
//! the rights to start one. It runs the built binary instead of building its own.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test may end in a panic, and says why it is skipped"
)]

mod lab;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use keelguard_lab::Set;

/// A clone with the built binary beside it, in a place that everybody may enter.
struct Clone(tempfile::TempDir);

impl Clone {
    fn new() -> Self {
        let clone = Self(tempfile::Builder::new().prefix("kg-quickstart-").tempdir_in("/tmp").unwrap());
        fs::set_permissions(clone.0.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for file in ["scripts/quickstart", "scripts/install-deps", "examples/risky-host.json"] {
            let target = clone.path(file);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::copy(repository.join(file), target).unwrap();
        }
        fs::copy(env!("CARGO_BIN_EXE_keelguard"), clone.path("keelguard")).unwrap();
        clone
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// `program` and `arguments` before the script, nothing of the tester's environment, and no engine but `engine`.
    fn run(&self, before: &[&str], engine: &str) -> Output {
        let script = self.path("scripts/quickstart");
        let mut command = match before {
            [program, arguments @ ..] => {
                let mut command = Command::new(program);
                command.args(arguments).arg(script);
                command
            }
            [] => Command::new(script),
        };
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("HOME", self.0.path());
        command.env("DOCKER_HOST", engine).env("QUICKSTART_BINARY", self.path("keelguard"));
        command.env("KEELGUARD_LAB_DIR", self.path("lab")).env("TMPDIR", "/tmp").env("KEELGUARD_OFFLINE", "true");
        command.stdin(std::process::Stdio::null()).output().unwrap()
    }
}

/// Exit code 0, and both streams.
fn ended_well(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (shown, said) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{:?}\n{shown}\n{said}", output.status);
    assert!(!said.contains("building"), "{said}");
    (shown, said)
}

fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
}

const NO_ENGINE: &str = "unix:///nonexistent/docker.sock";

#[test]
fn where_an_engine_answers_quickstart_judges_it_and_starts_no_lab() {
    let Some(mut lab) = lab::lab() else { return };
    lab.populate(Set::Risky).unwrap();
    let clone = Clone::new();
    let (shown, said) = ended_well(&clone.run(&[], &lab.endpoint()));
    has(&shown, &["RED      breakout", "Paths to the host", "Do these first", "c02-"]);
    has(&said, &["quickstart: that is this host. Next: sudo"]);
    assert!(!said.contains("here is a lab"), "{said}");
    lab.down().unwrap();
}

#[test]
fn where_none_answers_quickstart_judges_a_lab_and_takes_it_down() {
    if let Some(why) = keelguard_lab::why_not() {
        eprintln!("skipped: {why}");
        return;
    }
    let clone = Clone::new();
    let (shown, said) = ended_well(&clone.run(&[], NO_ENGINE));
    has(&shown, &["RED      breakout", "Paths to the host", "This was a lab"]);
    has(&said, &["no engine answers on this host, so here is a lab", "that was a lab, and it is gone again"]);
    assert!(!clone.path("lab").exists());
}

#[test]
fn where_no_lab_can_start_quickstart_shows_a_recorded_host_and_what_this_one_can_tell() {
    let clone = Clone::new();
    let drop_rights: &[&str] = if rustix::process::geteuid().is_root() {
        if Command::new("setpriv").arg("--version").output().is_err() {
            eprintln!("skipped: there is no setpriv here");
            return;
        }
        &["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    } else {
        &[]
    };
    let (shown, said) = ended_well(&clone.run(drop_rights, NO_ENGINE));
    // The recorded host, then this one.
    has(&shown, &["Paths to the host", "Do these first", "✗ cannot  root", "✗ cannot  the engine", "none answered"]);
    has(&said, &["here is a lab", "the lab needs root", "the lab cannot start here", "that was a recorded example"]);
}

#[test]
fn a_keelguard_that_fails_is_not_passed_over() {
    let clone = Clone::new();
    let output = clone.run(&[], "ssh://ops@build");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    has(&said, &["ssh is not supported"]);
}
