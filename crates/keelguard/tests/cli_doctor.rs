//! What `keelguard doctor` and `keelguard man` say, as a whole.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr, reason = "a test may end in a panic")]

mod support;

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use keelguard_host::facts::Package;
use keelguard_host::{Facts, sample};
use support::{Home, code, mixed};

fn package(name: &str, version: &str, origin: &str, changelog: Option<&[&str]>) -> Package {
    Package {
        name: name.into(),
        version: version.into(),
        source: name.into(),
        origin: origin.into(),
        changelog_cves: changelog.map(|cves| cves.iter().map(ToString::to_string).collect()),
    }
}

fn debian(release: &str, packages: Vec<Package>) -> Facts {
    let host = sample::host().container("web", |_| {}).with(|facts| {
        facts.host.os.id = "debian".into();
        facts.host.os.version_id = release.into();
        facts.host.packages = packages;
    });
    host.facts()
}

#[test]
fn doctor_of_recorded_facts_names_each_thing_that_was_seen_or_not() {
    let home = Home::new();
    home.facts("facts.json", &mixed());
    insta::assert_snapshot!("doctor_of_facts", home.says(&["doctor", "--facts", "facts.json"]));
    insta::assert_snapshot!(
        "doctor_of_facts_as_json",
        home.says(&["doctor", "--facts", "facts.json", "--format", "json"])
    );
}

#[test]
fn a_stripped_changelog_is_no_gap_where_debians_fixed_versions_decide() {
    let home = Home::new();
    let stripped = |release: &str| {
        let packages = [("docker.io", "20.10.24+dfsg1-1+deb12u1"), ("runc", "1.1.5+ds1-1+deb12u1")];
        let packages = packages.map(|(name, version)| package(name, version, "debian", None));
        debian(release, packages.into())
    };
    home.facts("twelve.json", &stripped("12"));
    home.facts("eleven.json", &stripped("11"));
    let line = |file: &str| {
        let output = home.run(&["doctor", "--facts", file]);
        let shown = String::from_utf8(output.stdout).unwrap();
        shown.lines().find(|line| line.contains("the distribution's fixes")).unwrap().to_owned()
    };
    assert!(line("twelve.json").starts_with("✓ sees"), "{}", line("twelve.json"));
    assert!(line("twelve.json").contains("changelogs of 0 of 2 packages; every known vulnerability is decided"));
    assert!(line("eleven.json").starts_with("✗ cannot") && line("eleven.json").contains("undecided: "));
    let check = |file: &str| code(&home.run(&["check", "--facts", file]));
    assert_eq!((check("twelve.json"), check("eleven.json")), (0, 3));
}

#[test]
fn doctor_without_root_says_so_first_and_what_to_do() {
    let home = Home::new();
    let mut command = if rustix::process::geteuid().is_root() {
        // A copy, because nobody may not enter the folders that the build lies in.
        let program = home.path("keelguard");
        std::fs::copy(env!("CARGO_BIN_EXE_keelguard"), &program).unwrap();
        std::fs::set_permissions(home.path(""), std::fs::Permissions::from_mode(0o755)).unwrap();
        if Command::new("setpriv").arg("--version").output().is_err() {
            eprintln!("skipped: there is no setpriv here");
            return;
        }
        let plain = home.command(&[]);
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(program).env_clear();
        command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?)))).current_dir(home.path(""));
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        command
    } else {
        home.command(&[])
    };
    command.args(["doctor", "--quiet", "--engine", "/nonexistent.sock"]);
    let shown = home.shown(&home.output(command));
    // Of the gaps only that of the engine is the same everywhere.
    let same = |line: &&str| !line.starts_with("  ") || line.starts_with("     ") || line.contains(": the engine: ");
    let shown = shown.lines().filter(same).collect::<Vec<_>>().join("\n");
    let elsewhere = "the kernel's configuration|security modules|cgroups|the daemon's settings|the firewall|audit rules|\
                     the distribution's fixes";
    let elsewhere = format!(r"(?m)^(?:✓ sees  |✗ cannot)  ({elsewhere})(?: .*)?\n(?:            → .*\n)?");
    insta::with_settings!({filters => vec![
        (elsewhere.as_str(), "as it may be  $1\n"),
        (r"uid \d+", "uid UID"),
        (r"(?m)^\d+ things are hidden", "SOME things are hidden"),
    ]}, {
        insta::assert_snapshot!("doctor_without_root", shown);
    });
}

#[test]
fn the_manual_is_the_command_line_as_it_is() {
    let home = Home::new();
    insta::assert_snapshot!("man", home.says(&["man"]));
    let output = home.run(&["man", "pages"]);
    assert_eq!(code(&output), 0);
    let pages = home.listing(&home.path("pages"));
    insta::assert_snapshot!("man_pages", pages.join("\n"));
    for page in pages {
        let text = std::fs::read_to_string(home.path("pages").join(&page)).unwrap();
        assert!(text.contains(".SH NAME") && text.contains(".SH SYNOPSIS"), "{page}");
    }
}
