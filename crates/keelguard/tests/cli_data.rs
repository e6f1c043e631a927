//! `keelguard signs data baseline` and `verify`, as their users meet them.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn keelguard(base: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_keelguard"))
        .args(["signs", "data"])
        .args(arguments)
        .current_dir(base)
        .env("KEELGUARD_DATA_DIR", base.join("state"))
        .env("XDG_CONFIG_HOME", base.join("config"))
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_baseline_is_made_verified_updated_and_its_root_is_what_verify_expects() {
    let base = tempfile::tempdir().unwrap();
    let base = base.path();
    fs::create_dir(base.join("tree")).unwrap();
    fs::write(base.join("tree/a"), "a").unwrap();
    let before = keelguard(base, &["verify"]);
    assert_eq!(before.status.code(), Some(2));
    assert!(text(&before.stderr).contains("keelguard signs data baseline --key FILE"), "{}", text(&before.stderr));

    let made = keelguard(base, &["baseline", "--key", "key", "tree"]);
    assert_eq!(made.status.code(), Some(0), "{}", text(&made.stderr));
    let shown = text(&made.stdout);
    let root = shown.lines().find_map(|line| line.strip_prefix("root ")).unwrap().trim().to_owned();
    let same = keelguard(base, &["verify", "--expect", &root, "--fail-on", "info"]);
    assert_eq!(same.status.code(), Some(0), "{}{}", text(&same.stdout), text(&same.stderr));
    let other = keelguard(base, &["verify", "--expect", &"0".repeat(64), "--fail-on", "critical"]);
    assert_eq!(other.status.code(), Some(1));
    assert!(text(&other.stdout).contains("KG-D015"));

    fs::write(base.join("tree/b"), "b").unwrap();
    let found = keelguard(base, &["verify", "--format", "json", "--fail-on", "low"]);
    assert_eq!(found.status.code(), Some(1));
    let json: serde_json::Value = serde_json::from_slice(&found.stdout).unwrap();
    assert_eq!(json["changes"][0]["change"], "added");
    assert_eq!(json["baseline"]["generation"], 1);
    let again = keelguard(base, &["baseline", "--key", "key", "tree"]);
    assert!(text(&again.stderr).contains("--update"), "{}", text(&again.stderr));
    let update = keelguard(base, &["baseline", "--key", "key", "--update", "tree"]);
    assert!(text(&update.stdout).contains("since generation 1: 1 new, 0 gone"), "{}", text(&update.stdout));
    assert_eq!(keelguard(base, &["verify", "--quick", "--fail-on", "info"]).status.code(), Some(0));
}

#[test]
fn without_anything_set_up_the_sign_says_what_to_type_and_is_not_green() {
    let base = tempfile::tempdir().unwrap();
    let all = keelguard(base.path(), &[]);
    assert_eq!(all.status.code(), Some(3));
    assert!(text(&all.stdout).contains("UNKNOWN"), "{}", text(&all.stdout));
    assert!(text(&all.stderr).contains("keelguard signs data baseline --key FILE"));
}
