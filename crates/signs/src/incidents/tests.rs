//! What belongs together and what does not: findings as the judges of logins make them from lines, and as other signs will.

use std::fmt::Write as _;

use keelguard_model::incident::{Incident, Stage};
use keelguard_model::{Area, Finding, Kind, Rule, Severity, Subject, SubjectKind, Suppressed, rule};
use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, proptest};

use super::{Correlator, Limits};
use crate::logins::detect::Detectors;
use crate::logins::{Clock, parse_line};

const START: i64 = 1_795_500_000;
const HOUR: i64 = 3600;

fn at(second: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_second(START + second).unwrap()
}

/// A finding of any sign.
fn found(rule: &Rule, kind: SubjectKind, name: &str, second: i64) -> Finding {
    let mut finding = rule.on(Subject::new(kind, name)).title(format!("{} {name}", rule.id));
    finding.time = at(second);
    finding.kind = Kind::Detection;
    finding
}

fn guessing(address: &str, users: &str, second: i64) -> Finding {
    let finding = found(&rule::BRUTE_FORCE, SubjectKind::Address, address, second + 600);
    let finding = finding.evidence("users", users).evidence("services", "sshd");
    finding.evidence("first", at(second).to_string()).evidence("last", at(second + 600).to_string())
}

fn broken(address: &str, user: &str, second: i64) -> Finding {
    found(&rule::SUCCESS_AFTER_FAILURES, SubjectKind::Address, address, second).about(user).evidence("user", user)
}

fn account(name: &str, second: i64) -> Finding {
    found(&rule::NEW_ACCOUNT, SubjectKind::User, name, second)
}

fn erased(by: &str, second: i64) -> Finding {
    found(&rule::LOGS_ERASED, SubjectKind::User, by, second)
}

/// What another sign says of the host as a whole.
fn load(second: i64) -> Finding {
    found(&rule::SIGMA_PERFORMANCE, SubjectKind::Host, "edge", second)
}

fn seen(findings: &[Finding]) -> Correlator {
    let mut correlator = Correlator::new(Limits::default());
    for finding in findings {
        correlator.see(finding);
    }
    correlator
}

fn incidents(findings: &[Finding]) -> Vec<Incident> {
    seen(findings).incidents()
}

/// The rules of each incident's time-line.
fn rules(findings: &[Finding]) -> Vec<Vec<String>> {
    let rules = |incident: Incident| incident.timeline.into_iter().map(|step| step.rule).collect();
    let mut all: Vec<Vec<String>> = incidents(findings).into_iter().map(rules).collect();
    all.sort();
    all
}

#[test]
fn guessing_alone_is_none_however_much_there_is() {
    let many: Vec<Finding> =
        (0..300).map(|n| guessing(&format!("198.51.{}.{}", n / 250, n % 250), "root", n)).collect();
    assert_eq!(incidents(&many), []);
}

#[test]
fn one_finding_alone_is_one_where_somebody_is_in_or_it_is_critical() {
    assert_eq!(rules(&[broken("203.0.113.9", "deploy", 0).severity(Severity::High)]), [["KG-L006"]]);
    assert_eq!(rules(&[found(&rule::SERVICE_ACCOUNT_LOGIN, SubjectKind::User, "www-data", 0)]), [["KG-L021"]]);
    assert_eq!(rules(&[load(0).severity(Severity::Critical)]), [["KG-P090"]]);
    for alone in [load(0), account("eve", 0), erased("alice", 0), load(0).severity(Severity::High)] {
        assert_eq!(incidents(&[alone]), []);
    }
}

#[test]
fn a_break_in_and_what_came_of_it_are_one_with_the_reasons_said() {
    let all = incidents(&[
        guessing("203.0.113.9", "deploy", 0),
        broken("203.0.113.9", "deploy", 700),
        account("eve", 800),
        erased("deploy", 900),
        load(1000),
    ]);
    assert_eq!(all.len(), 1);
    let incident = &all[0];
    let steps: Vec<(Stage, &str)> = incident.timeline.iter().map(|step| (step.stage, step.joined.as_str())).collect();
    assert_eq!(
        steps,
        [
            (Stage::Attempt, "the address 203.0.113.9"),
            (Stage::Entry, "somebody got in"),
            (Stage::Foothold, "it followed on the same host"),
            (Stage::Hiding, "the account deploy"),
            (Stage::Harm, "it followed on the same host"),
        ]
    );
    assert_eq!(incident.severity, Severity::Critical);
    assert!(incident.confidence > 0.9 && incident.confidence < 1.0, "{}", incident.confidence);
    assert_eq!((incident.first, incident.last), (at(0), at(1000)));
    assert_eq!(
        incident.title,
        "Somebody got in from 203.0.113.9 as deploy, then: a new account, erased logs and a machine that behaves unlike itself"
    );
    let techniques: Vec<&str> = incident.techniques.iter().map(|technique| technique.id.as_str()).collect();
    assert!(techniques.starts_with(&["T1110.001", "T1110", "T1078", "T1136.001"]), "{techniques:?}");
    assert_eq!(incident.addresses, ["203.0.113.9"]);
    assert_eq!(incident.services, ["sshd"]);
}

#[test]
fn more_different_signs_and_the_order_of_an_attack_make_it_surer() {
    let sure = |findings: &[Finding]| incidents(findings)[0].confidence;
    let entry = broken("203.0.113.9", "deploy", 700);
    let alone = sure(std::slice::from_ref(&entry));
    let guessed = sure(&[guessing("203.0.113.9", "deploy", 0), entry.clone()]);
    let rooted = sure(&[guessing("203.0.113.9", "deploy", 0), entry.clone(), account("eve", 800)]);
    let hidden =
        sure(&[guessing("203.0.113.9", "deploy", 0), entry.clone(), account("eve", 800), erased("deploy", 900)]);
    let harmed =
        sure(&[guessing("203.0.113.9", "deploy", 0), entry, account("eve", 800), erased("deploy", 900), load(1000)]);
    assert!(
        alone < guessed && guessed < rooted && rooted < hidden && hidden < harmed,
        "{alone} {guessed} {rooted} {hidden} {harmed}"
    );
}

#[test]
fn two_break_ins_at_the_same_time_stay_two_and_each_keeps_what_is_its_own() {
    let all = rules(&[
        guessing("203.0.113.9", "deploy", 0),
        broken("203.0.113.9", "deploy", 700),
        guessing("198.51.100.5", "backup", 10),
        broken("198.51.100.5", "backup", 710),
        erased("deploy", 900),
        found(&rule::TIMED_JOB, SubjectKind::User, "backup", 950),
    ]);
    assert_eq!(all, [vec!["KG-L001", "KG-L006", "KG-L033"], vec!["KG-L001", "KG-L006", "KG-L038"]]);
}

#[test]
fn two_addresses_at_the_account_that_was_broken_are_one_and_the_background_is_not() {
    let mut findings = vec![
        guessing("203.0.113.9", "deploy", 0),
        guessing("198.51.100.5", "deploy", 20),
        broken("203.0.113.9", "deploy", 700),
        found(&rule::DISTRIBUTED_BRUTE_FORCE, SubjectKind::User, "deploy", 600),
    ];
    findings.extend((0..250).map(|n| guessing(&format!("192.0.2.{n}"), "root, admin, deploy and 9 more", n)));
    let all = incidents(&findings);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].timeline.len(), 4);
    assert_eq!(all[0].addresses, ["203.0.113.9"], "who only tried is not who got in");
    let elsewhere = all[0].timeline.iter().find(|step| step.subject.name == "198.51.100.5").unwrap();
    assert_eq!(elsewhere.joined, "it was at deploy, the account that was broken into");
}

#[test]
fn the_same_host_joins_only_what_follows_a_break_in_and_within_the_window() {
    assert_eq!(rules(&[account("eve", 0), broken("203.0.113.9", "deploy", 700)]), [["KG-L006"]]);
    assert_eq!(rules(&[broken("203.0.113.9", "deploy", 0), account("eve", 23 * HOUR)]), [["KG-L006", "KG-L030"]]);
    assert_eq!(rules(&[broken("203.0.113.9", "deploy", 0), account("eve", 25 * HOUR)]), [["KG-L006"]]);
    let honest = found(&rule::NEW_NETWORK, SubjectKind::User, "alice", 900);
    assert_eq!(rules(&[broken("203.0.113.9", "deploy", 0), honest]), [["KG-L006"]]);
    let habit = account("eve", 900).evidence("first", at(-90 * HOUR).to_string());
    assert_eq!(rules(&[broken("203.0.113.9", "deploy", 0), habit]), [["KG-L006"]], "it was so before");
}

#[test]
fn what_an_account_made_afterwards_did_belongs_to_the_break_in_and_what_somebody_else_did_does_not() {
    let by_eve = [account("eve", 100), found(&rule::SUDO_RULES, SubjectKind::User, "eve", 200), erased("eve", 300)];
    let entry = broken("203.0.113.9", "deploy", 0);
    assert_eq!(
        rules(&[std::slice::from_ref(&entry), &by_eve].concat()),
        [["KG-L006", "KG-L030", "KG-L034", "KG-L038"]]
    );
    let by_mallory = [found(&rule::SUDO_DENIED, SubjectKind::User, "mallory", 200), erased("mallory", 300)];
    let all = rules(&[&[entry], &by_mallory[..]].concat());
    assert_eq!(all, [vec!["KG-L006"], vec!["KG-L036", "KG-L038"]]);
}

#[test]
fn what_is_known_to_be_of_another_host_is_not_joined_by_host() {
    let entry = broken("203.0.113.9", "deploy", 0).evidence("host", "edge");
    assert_eq!(rules(&[entry.clone(), load(900)]), [["KG-L006", "KG-P090"]]);
    let elsewhere = found(&rule::SIGMA_PERFORMANCE, SubjectKind::Host, "core", 900);
    assert_eq!(rules(&[entry, elsewhere]), [["KG-L006"]]);
}

#[test]
fn root_joins_only_once_it_was_broken_into() {
    let as_root = |second| found(&rule::ROOT_LOGIN, SubjectKind::User, "root", second);
    assert_eq!(rules(&[broken("203.0.113.9", "deploy", 0), as_root(60)]), [["KG-L006"]]);
    assert_eq!(rules(&[broken("203.0.113.9", "root", 0), as_root(60)]), [["KG-L006", "KG-L020"]]);
}

#[test]
fn an_insider_is_one_where_two_rules_speak_and_one_is_high() {
    let refused = found(&rule::SUDO_DENIED, SubjectKind::User, "mallory", 0);
    assert_eq!(rules(&[refused.clone(), erased("mallory", 600)]), [["KG-L036", "KG-L038"]]);
    assert_eq!(rules(&[refused.clone(), erased("alice", 600)]), Vec::<Vec<String>>::new());
    assert_eq!(rules(&[refused, account("mallory", 600)]), Vec::<Vec<String>>::new());
    let made = [account("bob", 0), found(&rule::MORE_POWER, SubjectKind::User, "bob", 5)];
    assert_eq!(rules(&made), Vec::<Vec<String>>::new(), "every new administrator is made so");
}

#[test]
fn two_signs_on_one_container_are_one() {
    let container = |rule, second| found(rule, SubjectKind::Container, "web", second);
    let all = incidents(&[container(&rule::SIGMA_PERFORMANCE, 0), container(&rule::SIGMA_DATA, HOUR)]);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].containers, ["web"]);
    assert!(all[0].title.starts_with("Several signs on the container web: "), "{}", all[0].title);
    let other = found(&rule::SIGMA_DATA, SubjectKind::Container, "db", HOUR);
    assert_eq!(incidents(&[container(&rule::SIGMA_PERFORMANCE, 0), other]), []);
}

#[test]
fn an_outage_alone_is_one_for_who_asks_for_outages() {
    let crash = found(&rule::UNCLEAN_SHUTDOWN, SubjectKind::Host, "edge", 0).severity(Severity::Medium);
    let told = found(&rule::SHUTDOWN_ORDERED, SubjectKind::Host, "edge", 90_000_000);
    assert_eq!(incidents(&[crash.clone(), told.clone()]), []);
    let mut correlator = Correlator::new(Limits { outages: true, ..Limits::default() });
    correlator.see(&crash);
    correlator.see(&told);
    let rules: Vec<_> = correlator.incidents().iter().map(|one| one.timeline[0].rule.clone()).collect();
    assert_eq!(rules, ["KG-T001"]);
    // What else is said of the same outage belongs to it; another machine's is its own.
    correlator.see(&found(&rule::KERNEL_PANIC, SubjectKind::Host, "edge", 60));
    correlator.see(&found(&rule::KERNEL_PANIC, SubjectKind::Host, "core", 60));
    let mut steps: Vec<_> = correlator.incidents().iter().map(|one| one.timeline.len()).collect();
    steps.sort_unstable();
    assert_eq!(steps, [1, 2]);
}

#[test]
fn a_container_that_only_fails_again_and_again_is_none() {
    let fails = |id: &str, severity, second| {
        let mut finding = found(&rule::SIGMA_DATA, SubjectKind::Container, "web", second).severity(severity);
        finding.area = Area::Downtime;
        finding.rule = id.to_owned();
        finding.fingerprint = id.to_owned();
        finding
    };
    let failing = [fails("KG-T011", Severity::Medium, 0), fails("KG-T016", Severity::High, 60)];
    assert_eq!(incidents(&failing), []);
    let files = found(&rule::SIGMA_DATA, SubjectKind::Container, "web", 30);
    assert_eq!(rules(&[&failing[..], &[files]].concat()), [["KG-T011", "KG-D090", "KG-T016"]]);
    let entry = broken("203.0.113.9", "deploy", -60);
    assert_eq!(rules(&[&failing[..], &[entry]].concat()), [["KG-L006", "KG-T011", "KG-T016"]]);
}

#[test]
fn guessing_and_then_an_unusual_login_from_there_is_one() {
    let login = |address: &str, second| {
        found(&rule::NEW_METHOD, SubjectKind::User, "alice", second).evidence("address", address)
    };
    assert_eq!(rules(&[guessing("203.0.113.9", "alice", 0), login("203.0.113.9", 900)]), [["KG-L001", "KG-L012"]]);
    assert_eq!(incidents(&[guessing("203.0.113.9", "alice", 0), login("203.0.113.8", 900)]), []);
    assert_eq!(incidents(&[guessing("203.0.113.9", "alice", 900), login("203.0.113.9", 0)]), [], "the owner mistypes");
}

#[test]
fn what_is_accepted_and_what_is_only_a_weakness_count_for_nothing() {
    let mut accepted = broken("203.0.113.9", "deploy", 0);
    accepted.suppressed = Some(Suppressed { reason: "our scanner".to_owned(), until: None });
    assert_eq!(incidents(&[accepted]), []);
    assert_eq!(incidents(&[found(&rule::PRIVILEGED, SubjectKind::Container, "web", 0)]), []);
}

#[test]
fn what_a_sigma_rule_matched_is_joined_by_its_own_words() {
    let sigma = found(&rule::SIGMA_LOGINS, SubjectKind::Host, "edge", 60).evidence("User", "deploy");
    assert_eq!(rules(&[broken("203.0.113.9", "deploy", 100), sigma]), [["KG-L090", "KG-L006"]]);
    let sigma = found(&rule::SIGMA_LOGINS, SubjectKind::Host, "edge", 60).evidence("SourceIp", "203.0.113.9");
    assert_eq!(rules(&[broken("203.0.113.9", "deploy", 100), sigma]), [["KG-L090", "KG-L006"]]);
}

#[test]
fn many_thousands_of_findings_are_joined_in_a_moment() {
    let mut correlator = Correlator::new(Limits::default());
    for number in 0..15_000u32 {
        let address = std::net::Ipv4Addr::from(0xcb00_7100 + number).to_string();
        correlator.see(&guessing(&address, "deploy", i64::from(number)));
    }
    for number in 0..5000 {
        correlator.see(&erased(&format!("u{}", number % 50), 20_000 + number));
    }
    correlator.see(&broken("203.0.113.9", "deploy", 19_000));
    let begun = std::time::Instant::now();
    let all = correlator.incidents();
    assert!(begun.elapsed() < std::time::Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(all[0].timeline.len() <= 120 && all[0].more > 0, "{}", all[0].timeline.len());
    assert!(all[0].addresses.len() < 10, "{:?}", all[0].addresses);
}

#[test]
fn a_name_with_a_comma_passes_for_nobody_else() {
    let forged = found(&rule::SUDO_RULES, SubjectKind::User, "x", 60).evidence("by or from", "y, deploy");
    let separate = found(&rule::NEW_NETWORK, SubjectKind::User, "deploy, alice", 60);
    let all = incidents(&[broken("203.0.113.9", "deploy", 100), forged, separate]);
    assert_eq!(all[0].timeline.len(), 1, "{:?}", all[0].timeline);
}

#[test]
fn hostile_names_neither_break_json_nor_grow_without_bound() {
    let name = "\u{1b}]0;x\u{7}\"\\\n\u{202e}".repeat(10_000);
    let all = incidents(&[
        guessing(&name, &name, 0),
        broken(&name, &name, 700).title(&name).fix(&name).command(&name),
        erased(&name, 800).title(&name).evidence("by or from", &name),
    ]);
    assert_eq!(all.len(), 1);
    let json = serde_json::to_string(&all).unwrap();
    assert!(json.len() < 40_000, "{}", json.len());
    assert_eq!(serde_json::from_str::<Vec<Incident>>(&json).unwrap(), all);
    assert!(all[0].commands.is_empty(), "half a command is worse than none");
}

/// A log with guessing from everywhere and one who gets in.
fn attacked() -> Vec<Finding> {
    let mut lines: Vec<(i64, String)> = Vec::new();
    let mut line = |second: i64, message: &str| lines.push((second, message.to_owned()));
    let failed =
        |user: &str, address: &str| format!("sshd[1]: Failed password for {user} from {address} port 4711 ssh2");
    for number in 0..4000 {
        let address = format!("198.{}.{}.7", 18 + number % 2, number % 200);
        line(number * 20, &failed(["root", "admin", "test", "oracle"][usize::try_from(number % 4).unwrap()], &address));
    }
    for second in 0..25 {
        line(40_000 + second, &failed("deploy", "203.0.113.9"));
    }
    line(40_030, "sshd[1]: Accepted password for deploy from 203.0.113.9 port 4711 ssh2");
    line(40_100, "useradd[1]: new user: name=eve, UID=1001, GID=1001, home=/home/eve, shell=/bin/bash, from=none");
    line(40_200, "sudo:   deploy : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/tee /etc/sudoers.d/x");
    line(40_300, "sudo:   deploy : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/rm /var/log/auth.log");
    line(41_000, "sshd[1]: Accepted publickey for alice from 192.0.2.7 port 4711 ssh2");
    line(41_100, "sudo:    alice : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/apt-get update");
    lines.sort();
    let mut text = String::new();
    for (second, message) in &lines {
        writeln!(text, "{} edge {message}", at(*second)).unwrap();
    }
    let mut detectors = Detectors::new(crate::logins::detect::Limits::default());
    let mut clock = Clock::utc(at(100_000));
    for line in text.lines() {
        if let Some(seen) = parse_line(line.as_bytes(), &mut clock) {
            detectors.see(&seen);
        }
    }
    detectors.findings()
}

#[test]
fn thousands_of_failures_and_one_break_in_are_exactly_one_incident() {
    let findings = attacked();
    assert!(findings.len() > 50, "there is a background: {}", findings.len());
    let all = incidents(&findings);
    assert_eq!(all.len(), 1, "{:#?}", all.iter().map(|incident| &incident.title).collect::<Vec<_>>());
    let steps: Vec<String> = all[0]
        .timeline
        .iter()
        .map(|step| format!("{} {} {}", step.time.as_second() - START, step.rule, step.subject))
        .collect();
    assert_eq!(
        steps,
        [
            "40000 KG-L001 address 203.0.113.9",
            "40030 KG-L006 address 203.0.113.9",
            "40100 KG-L030 user eve",
            "40200 KG-L034 user deploy",
            "40300 KG-L038 user deploy",
        ]
    );
    assert!(all[0].confidence >= 0.9, "{:?}", all[0].reasons);
    assert!(!all[0].users.contains(&"alice".to_owned()));
}

#[test]
fn state_that_was_cut_anywhere_saved_and_read_goes_on_as_if_nothing_was() {
    let findings = attacked();
    let whole = incidents(&findings);
    for cut in (0..findings.len()).step_by(7) {
        let (before, after) = findings.split_at(cut);
        let saved = serde_json::to_string(&seen(before)).unwrap();
        let mut correlator: Correlator = serde_json::from_str(&saved).unwrap();
        for finding in after {
            correlator.see(finding);
        }
        assert_eq!(correlator.incidents(), whole, "cut at {cut}");
    }
}

#[test]
fn a_million_attackers_take_no_more_room_and_what_was_forgotten_is_said() {
    let limits = Limits { attempts: 100, findings: 50, ..Limits::default() };
    let mut correlator = Correlator::new(limits);
    correlator.see(&broken("203.0.113.9", "deploy", 0));
    for number in 0..20_000u32 {
        correlator.see(&guessing(&std::net::Ipv4Addr::from(number).to_string(), "root", i64::from(number)));
    }
    assert_eq!(correlator.incidents().len(), 1, "attempts push out only attempts");
    assert!(serde_json::to_string(&correlator).unwrap().len() < 150_000);
    assert_eq!(correlator.incomplete().len(), 1);
    for number in 0..200 {
        correlator.see(&account(&format!("u{number}"), 900 + number));
    }
    assert!(serde_json::to_string(&correlator).unwrap().len() < 200_000);
}

/// Findings over a few names, so that they meet.
fn any_findings() -> impl Strategy<Value = Vec<Finding>> {
    let one = (0..8usize, 0..4u8, 0..3u8, -200_000i64..200_000).prop_map(|(kind, who, from, second)| {
        let (who, from) = (format!("u{who}"), format!("192.0.2.{from}"));
        match kind {
            0 => guessing(&from, &who, second),
            1 => broken(&from, &who, second),
            2 => account(&who, second),
            3 => erased(&who, second),
            4 => load(second),
            5 => found(&rule::NEW_METHOD, SubjectKind::User, &who, second).evidence("address", from),
            6 => found(&rule::SUDO_DENIED, SubjectKind::User, &who, second),
            _ => found(&rule::SIGMA_DATA, SubjectKind::Container, &who, second),
        }
    });
    prop::collection::vec(one, 0..40)
}

proptest! {
    #[test]
    fn the_order_in_which_findings_come_in_changes_nothing(
        (findings, seed) in (any_findings(), any::<u64>())
    ) {
        let mut shuffled: Vec<(u64, Finding)> = findings
            .iter()
            .enumerate()
            .map(|(index, finding)| ((index as u64 + 1).wrapping_mul(seed | 1).rotate_left(17), finding.clone()))
            .collect();
        shuffled.sort_by_key(|(order, _)| *order);
        let shuffled: Vec<Finding> = shuffled.into_iter().map(|(_, finding)| finding).collect();
        prop_assert_eq!(incidents(&shuffled), incidents(&findings));
    }

    #[test]
    fn attempts_never_join_what_is_not_joined_without_them(findings in any_findings()) {
        let acts = |findings: &[Finding]| {
            let of = |incident: &Incident| {
                let steps = incident.timeline.iter().filter(|step| step.stage != Stage::Attempt);
                steps.map(|step| step.fingerprint.clone()).collect::<Vec<_>>()
            };
            incidents(findings).iter().map(of).collect::<Vec<_>>()
        };
        let silent: Vec<Finding> = findings.iter().filter(|finding| finding.rule != "KG-L001").cloned().collect();
        let with = acts(&findings);
        for incident in acts(&silent) {
            prop_assert!(with.contains(&incident), "{incident:?} is not among {with:?}");
        }
    }

    #[test]
    fn what_is_said_twice_is_said_once_and_every_incident_is_sound(findings in any_findings()) {
        let once = incidents(&findings);
        let twice: Vec<Finding> = findings.iter().chain(&findings).cloned().collect();
        prop_assert_eq!(&incidents(&twice), &once);
        for incident in &once {
            prop_assert!(incident.confidence > 0.0 && incident.confidence < 1.0);
            prop_assert!(!incident.timeline.is_empty() && incident.first <= incident.last);
            prop_assert!(incident.timeline.is_sorted_by_key(|step| step.time));
        }
    }

    #[test]
    fn memory_is_bounded_whatever_comes(findings in any_findings()) {
        let mut correlator = Correlator::new(Limits { attempts: 3, findings: 4, ..Limits::default() });
        for finding in &findings {
            correlator.see(finding);
            prop_assert!(correlator.clues.len() <= 7);
            prop_assert_eq!(correlator.ages.len(), correlator.clues.len());
        }
    }
}
