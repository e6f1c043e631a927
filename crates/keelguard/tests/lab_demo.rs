//! `keelguard demo` tells its story and leaves nothing behind.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may end in a panic and say why")]

use std::process::Command;

/// Processes whose command line names `folder`.
fn processes_of(folder: &str) -> Vec<String> {
    let lines = std::fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| {
        let line = std::fs::read(entry.path().join("cmdline")).ok()?;
        Some(String::from_utf8_lossy(&line).replace('\0', " "))
    });
    lines.filter(|line| line.contains(folder)).collect()
}

#[test]
fn the_demonstration_shows_paths_and_fixes_and_leaves_nothing_behind() {
    if let Some(why) = keelguard_lab::why_not() {
        eprintln!("skipped: {why}");
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("lab");
    let output = Command::new(env!("CARGO_BIN_EXE_keelguard"))
        .args(["--color", "never", "demo"])
        .env("KEELGUARD_LAB_DIR", &folder)
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for part in ["Paths to the host", "Do these first", "Findings", "This was a lab"] {
        assert!(shown.contains(part), "{part} is missing in {shown}");
    }
    let name = folder.display().to_string();
    assert!(!folder.exists(), "{name} is still there");
    assert_eq!(processes_of(&name), [""; 0]);
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap();
    assert!(!mounts.contains(&name), "something is still mounted below {name}");
}
