//! Keelguard with the mirror's advisories in a cache of its own, and what it answers.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// A cache folder with all advisories of a mirror.
pub struct Keelguard {
    cache: tempfile::TempDir,
}

impl Keelguard {
    /// Takes in the advisories of `mirror`.
    pub fn with(mirror: &Path) -> Self {
        let keelguard = Self { cache: tempfile::tempdir().unwrap() };
        let output = keelguard.command(&["advisories", "import"]).arg(mirror).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        keelguard
    }

    /// The built binary with these arguments, this cache, and no settings of the tester's own.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keelguard"));
        command.args(arguments).current_dir(self.folder()).env("KEELGUARD_CACHE_DIR", self.folder());
        // Advisories are fetched from nowhere, which is not to keep anybody from asking a registry.
        command.env("KEELGUARD_ADVISORIES_URL", self.folder().join("none"));
        command.env("HOME", self.folder()).env_remove("KEELGUARD_DOCKER_ROOT").stdin(Stdio::null());
        command
    }

    /// The cache folder.
    pub fn folder(&self) -> &Path {
        self.cache.path()
    }

    /// What it says of `target`, looked at anew.
    pub fn look(&self, target: &str, environment: &[(&str, String)], input: Option<&Path>) -> Value {
        let mut command = self.command(&["image", target, "--format", "json", "--no-cache"]);
        for (name, value) in environment {
            command.env(name, value);
        }
        if let Some(file) = input {
            command.stdin(std::fs::File::open(file).unwrap());
        }
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        // 4: the mirror has no advisories for npm and Maven.
        assert!(matches!(output.status.code(), Some(0 | 4)), "{target}: {said}");
        let mut report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let gaps = report["incomplete"].as_array_mut().unwrap();
        gaps.retain(|gap| !gap["what"].as_str().unwrap().starts_with("advisories for "));
        assert!(gaps.is_empty(), "{target}: {gaps:?}");
        report
    }
}

/// `list` of a report, without one field of each row.
pub fn without(report: &Value, list: &str, field: &str) -> Vec<Value> {
    let mut rows = report[list].as_array().unwrap().clone();
    for row in &mut rows {
        row.as_object_mut().unwrap().remove(field);
    }
    rows
}
