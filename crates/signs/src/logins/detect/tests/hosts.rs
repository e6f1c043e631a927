//! A central log, in which several hosts write.

use super::*;

fn judged(lines: &[(&str, &str)]) -> Vec<Finding> {
    let mut detectors = Detectors::new(Limits::default());
    let mut clock = Clock::utc(jiff::Timestamp::from_second(START + 10_000).unwrap());
    for (second, (host, message)) in lines.iter().enumerate() {
        let time = jiff::Timestamp::from_second(START + i64::try_from(second).unwrap()).unwrap();
        let line = format!("{time} {host} {message}");
        detectors.see(&parse_line(line.as_bytes(), &mut clock).unwrap_or_else(|| panic!("{line}")));
    }
    detectors.findings()
}

const ADDED: &str = "useradd[43]: new user: name=eve, UID=1001, GID=1001, home=/, shell=/bin/sh, from=none";

/// What the evidence of this name says.
fn said<'a>(finding: &'a Finding, what: &str) -> Option<&'a str> {
    finding.evidence.iter().find(|evidence| evidence.what == what).map(|evidence| evidence.value.as_str())
}

#[test]
fn the_same_user_on_two_hosts_is_two_findings_each_with_its_host() {
    let found = judged(&[("edge", ADDED), ("core", ADDED), ("edge.example.org", ADDED)]);
    let mut told: Vec<_> =
        found.iter().map(|one| (said(one, "host"), said(one, "count"), one.title.as_str())).collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            (Some("core"), Some("1"), "core: The account eve was created"),
            (Some("edge"), Some("2"), "edge: The account eve was created"),
        ]
    );
    assert_ne!(found[0].fingerprint, found[1].fingerprint);
    // Whichever of them wrote first.
    let mut turned: Vec<_> =
        judged(&[("core", ADDED), ("edge", ADDED)]).into_iter().map(|finding| finding.fingerprint).collect();
    let mut known: Vec<_> = found.into_iter().map(|finding| finding.fingerprint).collect();
    turned.sort_unstable();
    known.sort_unstable();
    assert_eq!(turned, known);
}

#[test]
fn on_a_log_of_one_host_nothing_of_it_is_said_and_fingerprints_are_those_of_the_rule() {
    let found = judged(&[("edge", ADDED)]);
    let plain =
        keelguard_model::rule::NEW_ACCOUNT.on(keelguard_model::Subject::new(keelguard_model::SubjectKind::User, "eve"));
    assert_eq!((said(&found[0], "host"), &found[0].fingerprint), (None, &plain.fingerprint));
}

#[test]
fn guessing_counts_over_all_hosts_and_names_them_and_where_it_got_in() {
    let failed = "sshd[1]: Failed password for deploy from 203.0.113.9 port 4711 ssh2";
    let mut lines: Vec<(&str, &str)> = Vec::new();
    for _ in 0..6 {
        lines.extend([("edge", failed), ("core", failed)]);
    }
    lines.push(("core", "sshd[1]: Accepted password for deploy from 203.0.113.9 port 4711 ssh2"));
    let found = judged(&lines);
    let of = |rule: &str| found.iter().find(|finding| finding.rule == rule).unwrap();
    assert_eq!(said(of("KG-L001"), "hosts"), Some("edge, core"));
    assert_eq!(said(of("KG-L006"), "host"), Some("core"));
    assert_eq!(said(of("KG-L001"), "failures"), Some("12"));
}

#[test]
fn ten_thousand_hosts_take_no_more_room_and_what_was_forgotten_is_said() {
    let mut detectors = Detectors::new(Limits::default());
    let mut clock = Clock::utc(jiff::Timestamp::from_second(START + 10_000).unwrap());
    for host in 0..10_000 {
        let line = format!("{} host{host} {ADDED}", jiff::Timestamp::from_second(START + host).unwrap());
        detectors.see(&parse_line(line.as_bytes(), &mut clock).unwrap());
    }
    assert!(detectors.findings().len() <= 65);
    assert_eq!(detectors.incomplete().len(), 1);
}
