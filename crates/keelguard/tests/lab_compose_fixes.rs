//! The fragments for compose files that findings print, given to a real compose: all of them are read without complaint,
//! and those of the lab's risky containers are brought up in place of the container, after which the finding is gone.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test may end in a panic and say why"
)]

mod lab;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Output;

use keelguard_lab::{Lab, Set};
use keelguard_model::{Finding, SubjectKind};

/// Keys of the Compose Specification that `docker-compose` 1.x does not know and the compose of today does.
const NEWER: [&str; 2] = ["cgroup", "uts"];

/// The compose program, or nothing and the printed reason.
fn compose() -> Option<()> {
    let found = std::process::Command::new("docker-compose").arg("--version").output();
    match found {
        Ok(output) if output.status.success() => {
            eprintln!("{}", String::from_utf8_lossy(&output.stdout).trim());
            Some(())
        }
        _ => {
            eprintln!("skipped: docker-compose is not installed (scripts/install-deps --test)");
            None
        }
    }
}

/// A fragment in its parts: the service's name and lines, and the entries of `networks` and of `volumes`.
struct Fragment {
    service: String,
    body: String,
    networks: BTreeSet<String>,
    volumes: BTreeSet<String>,
}

impl Fragment {
    /// Only as much YAML as the fragments are made of: two blanks a level, a key a line.
    fn parse(text: &str) -> Self {
        let (mut section, mut entry) = (String::new(), String::new());
        let mut found =
            Self { service: String::new(), body: String::new(), networks: BTreeSet::new(), volumes: BTreeSet::new() };
        for line in text.lines() {
            let depth = line.len() - line.trim_start().len();
            match (depth, section.as_str()) {
                (0, _) => line.trim_end_matches(':').clone_into(&mut section),
                (2, "services") => line.trim().trim_end_matches(':').clone_into(&mut found.service),
                (_, "services") => {
                    let _ = writeln!(found.body, "{line}");
                }
                (2, _) => entry = format!("{line}\n"),
                _ => {
                    let _ = writeln!(entry, "{line}");
                }
            }
            let whole = entry.ends_with("{}\n") || entry.contains("external");
            if depth > 0 && whole {
                let all = if section == "networks" { &mut found.networks } else { &mut found.volumes };
                all.insert(std::mem::take(&mut entry));
            }
        }
        assert!(!found.service.is_empty() && !found.body.is_empty(), "{text}");
        found
    }

    /// Without the keys that this compose is too old for; whether there were any.
    fn without_newer_keys(mut self) -> (Self, bool) {
        let newer = |line: &str| NEWER.iter().any(|key| line.starts_with(&format!("    {key}: ")));
        let had = self.body.lines().any(newer);
        self.body = self.body.lines().filter(|line| !newer(line)).fold(String::new(), |text, line| text + line + "\n");
        (self, had)
    }
}

/// One file of these services, each under a name of its own.
fn file_of<'f>(fragments: impl IntoIterator<Item = (String, &'f Fragment)>) -> String {
    let mut text = String::from("services:\n");
    let (mut networks, mut volumes) = (BTreeSet::new(), BTreeSet::new());
    for (name, fragment) in fragments {
        let _ = write!(text, "  {name}:\n{}", fragment.body);
        networks.extend(fragment.networks.iter().cloned());
        volumes.extend(fragment.volumes.iter().cloned());
    }
    for (key, entries) in [("networks", networks), ("volumes", volumes)] {
        if !entries.is_empty() {
            let _ = write!(text, "{key}:\n{}", entries.into_iter().collect::<String>());
        }
    }
    text
}

fn run(lab: &Lab, name: &str, text: &str, words: &[&str]) -> (PathBuf, Output) {
    let folder = lab.dir().join("compose").join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("compose.yaml");
    std::fs::write(&file, text).unwrap();
    // Variables whose values the facts do not hold come from whoever brings it up.
    let mut command = lab.command("docker-compose");
    command.env("DB_PASSWORD", "correct-horse").env("COMPOSE_PROJECT_NAME", name).arg("--file").arg(&file).args(words);
    (file, command.output().unwrap())
}

fn fragments(findings: &[Finding]) -> impl Iterator<Item = (&Finding, &str)> {
    let of_containers = findings.iter().filter(|finding| finding.subject.kind == SubjectKind::Container);
    of_containers.flat_map(|finding| {
        finding
            .fix
            .snippets
            .iter()
            .filter(|snippet| snippet.file == "compose.yaml")
            .map(move |s| (finding, s.text.as_str()))
    })
}

#[test]
fn compose_reads_every_fragment_and_what_it_brings_up_is_without_the_finding() {
    let Some(()) = compose() else { return };
    let Some(mut lab) = lab::lab() else { return };
    lab.populate(Set::Risky).unwrap();
    let before = lab::findings(&lab);

    let mut distinct: BTreeMap<&str, &Finding> = BTreeMap::new();
    for (finding, text) in fragments(&before) {
        distinct.entry(text).or_insert(finding);
    }
    assert!(distinct.len() > 200, "only {} fragments", distinct.len());
    let parsed: Vec<_> = distinct.keys().map(|text| Fragment::parse(text).without_newer_keys()).collect();
    let newer = parsed.iter().filter(|(_, had)| *had).count();
    let all = file_of(parsed.iter().enumerate().map(|(index, (fragment, _))| (format!("fragment{index}"), fragment)));
    let (file, read) = run(&lab, "all", &all, &["config", "--quiet"]);
    let said = String::from_utf8_lossy(&read.stderr);
    assert!(read.status.success(), "{said}\n{}", file.display());
    eprintln!("{} fragments read; {newer} of them hold keys that need a newer compose ({NEWER:?})", distinct.len());

    // One finding a rule, each of another container: those containers go, the fragments come up in their place.
    let running = lab.docker_ok(&["ps", "--format={{.Names}}"]).unwrap();
    let running: BTreeSet<&str> = running.lines().collect();
    let mut chosen: BTreeMap<&str, (&Finding, Fragment)> = BTreeMap::new();
    for (finding, text) in fragments(&before) {
        let (fragment, had_newer) = Fragment::parse(text).without_newer_keys();
        let name = finding.subject.name.as_str();
        let tried = chosen.values().any(|(other, _)| other.rule == finding.rule);
        // What must not be started stays as it is, and so does what others join.
        if running.contains(name) && !is_joined(name) && !had_newer && !tried {
            chosen.entry(name).or_insert((finding, fragment));
        }
    }
    let names: Vec<&str> = chosen.keys().copied().collect();
    lab.docker_ok(&[&["rm", "--force"], names.as_slice()].concat()).unwrap();
    let file = file_of(chosen.values().map(|(_, fragment)| (fragment.service.clone(), fragment)));
    let (_, up) = run(&lab, "up", &file, &["up", "--detach"]);
    assert!(up.status.success(), "{}\n{file}", String::from_utf8_lossy(&up.stderr));
    let after = lab::findings(&lab);
    let mut broken = Vec::new();
    for (finding, _) in chosen.values() {
        // Compose makes another container of the same name: the finding's fingerprint would have another id in it.
        let same = |other: &&Finding| {
            other.rule == finding.rule && other.subject.name == finding.subject.name && other.title == finding.title
        };
        if let Some(left) = after.iter().find(same) {
            broken.push(format!("still there: {}", lab::line(left)));
        }
    }
    let rules: BTreeSet<&str> = chosen.values().map(|(finding, _)| finding.rule.as_str()).collect();
    eprintln!("{} rules fixed by compose for real: {rules:?}", rules.len());
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(rules.len() >= 12, "only {rules:?}");
    lab.down().unwrap();
}

/// Whether another container of the lab joins namespaces or takes volumes of this one.
fn is_joined(name: &str) -> bool {
    keelguard_lab::scenarios::risky().any(|scenario| scenario.needs == Some(name))
}
