//! The whole `keelguard check` as a user runs it: the built binary on recorded facts of 500 containers, and on a live
//! engine with 24 running and with 500 created ones. Beside each stands the bound that it has to keep, and beside the live
//! runs `docker inspect` of the same containers: no script that asks the engine about them can be faster.
//!
//! `cargo bench -p keelguard` runs all; `-- replay` or another part of a name runs what is named so.

#![allow(clippy::expect_used, reason = "a bench without its facts has nothing to measure")]

mod crowd;
mod live;
mod measure;

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use divan::Bencher;

use crate::measure::{Case, table};

/// The built binary.
const KEELGUARD: &str = env!("CARGO_BIN_EXE_keelguard");

/// Containers in the recorded facts.
const CROWD: usize = 500;

/// Recorded facts in a file, made once.
static FACTS: LazyLock<(tempfile::TempDir, PathBuf)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("facts.json");
    let text = serde_json::to_vec(&crowd::facts(CROWD)).expect("facts are plain data");
    std::fs::write(&file, text).expect("room for the facts");
    (folder, file)
});

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some((measure::CHILD, command)) = arguments.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        return measure::child(command);
    }
    // Without `--bench` this is `cargo test`, which is to be quick.
    let asked = |name: &str| {
        let mut filters = arguments.iter().filter(|argument| !argument.starts_with('-')).peekable();
        arguments.iter().any(|argument| argument == "--bench")
            && (filters.peek().is_none() || filters.any(|filter| name.contains(filter.as_str())))
    };
    if asked("start") {
        let version = [KEELGUARD, "--version"];
        table("start", 50, &[Case::new("keelguard --version", &version).bound(10, 15)]);
    }
    if asked("replay") {
        let facts = FACTS.1.to_string_lossy();
        let of = |format| [KEELGUARD, "check", "--facts", &facts, "--format", format];
        let [text, json] = [of("table"), of("json")];
        let cases = [Case::new("table", &text).bound(100, 0), Case::new("json", &json).bound(100, 0)];
        table(&format!("replay of {CROWD} containers"), 50, &cases);
    }
    if asked("live") {
        live::run();
    }
    divan::main();
}

fn run(arguments: &[&str]) {
    let mut command = Command::new(KEELGUARD);
    let status = command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(status.is_ok_and(measure::is_answer), "{arguments:?} does not answer");
}

#[divan::bench]
fn start(bencher: Bencher<'_, '_>) {
    bencher.bench_local(|| run(&["--version"]));
}

#[divan::bench(args = ["table", "json"], sample_count = 30)]
fn replay(bencher: Bencher<'_, '_>, format: &str) {
    let facts = FACTS.1.to_string_lossy();
    bencher.bench_local(|| run(&["check", "--facts", &facts, "--format", format]));
}
