//! Output that cannot be written: what was there before stays, and nothing is left lying about.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may end in a panic"
)]

mod support;

use std::process::{Command, Stdio};

use support::{Home, code, mixed, stderr};

const CHECK: [&str; 4] = ["check", "--facts", "facts.json", "--format"];

#[test]
fn a_device_without_room_and_a_folder_that_is_missing_are_named() {
    let home = Home::new();
    home.facts("facts.json", &mixed());
    let mut shown = String::new();
    for place in ["/dev/full", "missing/report.json"] {
        let said = home.says(&[&CHECK[..], &["json", "--output", place]].concat());
        assert!(said.starts_with("exit 2\n"), "{place}: {said}");
        shown.push_str(&format!("# {place}\n{said}\n"));
    }
    assert_eq!(home.listing(&home.path("")), ["facts.json"]);
    insta::assert_snapshot!(shown);
}

#[test]
fn standard_output_without_room_is_an_error_and_not_a_success() {
    let home = Home::new();
    home.facts("facts.json", &mixed());
    let mut command = home.command(&[&CHECK[..], &["json"]].concat());
    command.stdout(std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
    let output = home.output(command);
    assert_eq!(code(&output), 2, "{}", stderr(&output));
    insta::assert_snapshot!(home.shown(&output));
}

/// Taken down again however the test ends.
struct Mounted(std::path::PathBuf);

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_leaves_the_old_report_and_no_temporary_file() {
    let home = Home::new();
    home.facts("facts.json", &mixed());
    let disk = home.path("disk");
    std::fs::create_dir(&disk).unwrap();
    let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=64k", "none"]).arg(&disk).output();
    if !mount.as_ref().is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: a small disk cannot be mounted here (it takes root): {mount:?}");
        return;
    }
    let _mounted = Mounted(disk.clone());
    std::fs::write(disk.join("report.html"), "old").unwrap();
    std::fs::write(disk.join("ballast"), vec![0; 56 << 10]).unwrap();
    let said = home.says(&[&CHECK[..], &["html", "--output", "disk/report.html"]].concat());
    assert!(said.starts_with("exit 2\n"), "{said}");
    assert!(said.contains("disk/report.html") && said.contains("No space left"), "{said}");
    assert_eq!(std::fs::read_to_string(disk.join("report.html")).unwrap(), "old");
    assert_eq!(home.listing(&disk), ["ballast", "report.html"]);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let home = Home::new();
    home.facts("facts.json", &mixed());
    for arguments in [
        [&CHECK[..], &["json"]].concat(),
        vec!["facts", "--quiet", "--engine", "/nonexistent.sock"],
        vec!["rules"],
        vec!["explain", "KG-B001"],
        vec!["man"],
        vec!["--help"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = home.command(&arguments);
        command.stdout(Stdio::from(writer));
        let output = home.output(command);
        assert_eq!((code(&output), stderr(&output).as_str()), (0, ""), "{arguments:?}");
    }
}
