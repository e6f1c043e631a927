//! Runs the built binary as a user would, in a folder and an environment of its own, and writes down all that it says.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unused_self,
    clippy::format_collect,
    reason = "helpers of tests, each of which uses its own part"
)]

pub mod live;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use keelguard_host::{Facts, sample};

/// An empty home, out of which the binary runs.
pub struct Home {
    folder: tempfile::TempDir,
}

impl Home {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    pub fn facts(&self, name: &str, facts: &Facts) -> PathBuf {
        self.write(name, serde_json::to_vec(facts).unwrap())
    }

    /// The binary with nothing of the tester's own environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keelguard"));
        command.args(arguments).current_dir(self.folder.path()).env_clear();
        command.env("HOME", self.folder.path()).env("COLUMNS", "100").env("PATH", "/usr/bin:/bin");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs it; whatever the input, an answer comes within ten seconds.
    pub fn output(&self, mut command: Command) -> Output {
        let child = command.spawn().unwrap();
        let id = child.id();
        let (done, wait) = std::sync::mpsc::channel();
        std::thread::spawn(move || done.send(child.wait_with_output()));
        if let Ok(output) = wait.recv_timeout(Duration::from_secs(10)) {
            return output.unwrap();
        }
        let _ = Command::new("kill").args(["-9", &id.to_string()]).status();
        panic!("no answer within ten seconds: {command:?}");
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.output(self.command(arguments))
    }

    /// Exit code, standard output and standard error, without what differs from one machine to the next.
    pub fn shown(&self, output: &Output) -> String {
        let clean = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes)
                .replace(&*self.folder.path().to_string_lossy(), "HOME")
                .replace(env!("CARGO_PKG_VERSION"), "VERSION");
            text.lines().map(|line| format!("{}\n", line.trim_end())).collect::<String>()
        };
        format!(
            "exit {}\n--- stdout\n{}--- stderr\n{}",
            output.status.code().map_or("by signal".to_owned(), |code| code.to_string()),
            clean(&output.stdout),
            clean(&output.stderr)
        )
    }

    pub fn says(&self, arguments: &[&str]) -> String {
        self.shown(&self.run(arguments))
    }

    /// The names in the home, sorted.
    pub fn listing(&self, folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

pub fn code(output: &Output) -> i32 {
    output.status.code().expect("it ended by itself")
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A host with one container that owns it, and one that is as `docker run` makes it.
pub fn mixed() -> Facts {
    sample::host()
        .container("web", |container| container.bind("/var/run/docker.sock", "/var/run/docker.sock"))
        .container("db", |_| {})
        .path("/var/run/docker.sock", "/run/docker.sock", "socket")
        .facts()
}

/// A host with one container that gives nothing away.
pub fn well_kept() -> Facts {
    sample::host()
        .container("api", |container| {
            container.config.user = "10001:10001".into();
            let host_config = &mut container.host_config;
            host_config.cap_drop = vec!["ALL".into()];
            host_config.security_opt = vec!["no-new-privileges".into()];
            host_config.readonly_rootfs = true;
        })
        .facts()
}

pub fn since(start: Instant) -> Duration {
    start.elapsed()
}

/// What was printed, as JSON that follows `schemas/NAME.schema.json`.
pub fn follows(name: &str, printed: &[u8]) -> serde_json::Value {
    let file = format!("{}/../../schemas/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
    let schema: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let answer: serde_json::Value = serde_json::from_slice(printed).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&answer).map(|error| error.to_string()).collect();
    assert_eq!(errors, [""; 0], "by the schema {name}");
    answer
}
