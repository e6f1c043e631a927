//! Two thousand lines each of a real sshd and of a real Linux system, where they are at hand (`KEELGUARD_TEST_DATA`).

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may end in a panic, and says why it was skipped")]

use std::path::PathBuf;

use keelguard_signs::logins::collect::{Outcome, Reading, families, read};
use keelguard_signs::logins::detect::{Detectors, Limits};
use keelguard_signs::logins::{Channel, Kind, Login};

fn log(name: &str) -> Option<PathBuf> {
    let found = std::env::var_os("KEELGUARD_TEST_DATA").map(|data| PathBuf::from(data).join("loghub").join(name));
    let found = found.filter(|path| path.exists());
    if found.is_none() {
        eprintln!("skipped: KEELGUARD_TEST_DATA names no folder with loghub/{name}");
    }
    found
}

fn read_log(path: PathBuf) -> (String, Vec<Login>, Detectors, Outcome) {
    let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
    let reading = Reading::everything("2026-11-24T12:00:00Z".parse().unwrap());
    let mut events = Vec::new();
    let mut detectors = Detectors::new(Limits::default());
    let outcome = read(families(vec![path]), &reading, &mut |seen, line| {
        events.push(seen.owned(line));
        detectors.see(seen);
    });
    (text, events, detectors, outcome)
}

/// How many events of `kind` by `channel`, repeated ones as often as they were.
fn count(events: &[Login], kind: Kind, channel: Channel) -> usize {
    let of = events.iter().filter(|event| event.kind == kind && event.channel == channel);
    of.map(|event| event.count as usize).sum()
}

#[test]
fn no_failure_of_a_real_sshd_is_missed_and_none_is_made_up() {
    let Some(path) = log("OpenSSH_2k.log") else { return };
    let (text, events, detectors, outcome) = read_log(path);
    assert_eq!((outcome.lines, outcome.incomplete.len()), (2000, 0));
    let lines_with = |words: &str| text.lines().filter(|line| line.contains(words)).count();
    // Two lines stand for more: "message repeated 2 times" and "message repeated 5 times".
    let repeated: usize = text
        .lines()
        .filter(|line| line.contains("Failed password"))
        .filter_map(|line| line.split("message repeated ").nth(1)?.split(' ').next()?.parse::<usize>().ok())
        .map(|times| times - 1)
        .sum();
    assert!(repeated > 0);
    assert_eq!(count(&events, Kind::LoginFailed, Channel::Daemon), lines_with("Failed password") + repeated);
    let by_pam = events.iter().filter(|event| event.kind == Kind::LoginFailed && event.channel == Channel::Library);
    assert_eq!(by_pam.count(), lines_with("authentication failure; ") + lines_with("authentication failures; "));
    assert_eq!(count(&events, Kind::LoginOk, Channel::Daemon), lines_with("Accepted "));
    assert!(events.iter().all(|event| event.time.is_some() && event.host.as_deref() == Some("LabSZ")));
    // Whoever fails ten times or more in this log, of four hours, is named; who fails three times is not.
    let mut failures = std::collections::BTreeMap::<String, u32>::new();
    for event in events.iter().filter(|event| event.kind == Kind::LoginFailed && event.channel == Channel::Daemon) {
        *failures.entry(event.address.clone().unwrap()).or_default() += event.count;
    }
    let named: Vec<String> = detectors.findings().iter().map(|finding| finding.subject.name.clone()).collect();
    for (address, count) in failures {
        assert!(count < 20 || named.contains(&address), "{address} failed {count} times");
        assert!(count > 3 || !named.contains(&address), "{address} failed {count} times only");
    }
    assert!(detectors.findings().iter().all(|finding| finding.rule != "KG-L006"), "the one login is the owner's");
}

#[test]
fn a_real_system_of_twenty_years_ago_is_read_too() {
    let Some(path) = log("Linux_2k.log") else { return };
    let (text, events, detectors, _) = read_log(path);
    let lines_with = |words: &str| text.lines().filter(|line| line.contains(words)).count();
    assert_eq!(
        count(&events, Kind::LoginFailed, Channel::Library),
        lines_with("authentication failure; ") + lines_with("Authentication failed from")
    );
    assert_eq!(count(&events, Kind::Session, Channel::Library), lines_with("session opened for user"));
    assert!(detectors.findings().iter().any(|finding| finding.rule == "KG-L001"));
}
