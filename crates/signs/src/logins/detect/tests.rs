//! What is told of, and what is not: a line of a log each, as a server writes it.

use std::fmt::Write as _;

use super::*;
use crate::logins::{Clock, parse_audit, parse_json, parse_line};

mod engine;
mod files;
mod hosts;

const START: i64 = 1_795_500_000;

/// A log that is written line by line.
struct Log {
    text: String,
    now: i64,
}

impl Log {
    fn new() -> Self {
        Self { text: String::new(), now: START }
    }

    fn wait(&mut self, seconds: i64) -> &mut Self {
        self.now += seconds;
        self
    }

    fn line(&mut self, message: &str) -> &mut Self {
        let time = jiff::Timestamp::from_second(self.now).unwrap();
        writeln!(self.text, "{time} edge {message}").unwrap();
        self
    }

    fn failed(&mut self, user: &str, address: &str) -> &mut Self {
        self.line(&format!("sshd[1]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost={address}  user={user}"));
        self.line(&format!("sshd[1]: Failed password for {user} from {address} port 4711 ssh2"))
    }

    fn accepted(&mut self, user: &str, address: &str, method: &str) -> &mut Self {
        self.line(&format!("sshd[1]: Accepted {method} for {user} from {address} port 4711 ssh2"))
    }

    fn judged(&self) -> Detectors {
        let mut detectors = Detectors::new(Limits::default());
        let mut clock = Clock::utc(jiff::Timestamp::from_second(self.now).unwrap());
        for line in self.text.lines() {
            parse_json(line.as_bytes(), &mut clock, &mut |seen| detectors.see(seen));
            parse_audit(line.as_bytes(), &mut clock, &mut |seen| detectors.see(seen));
            if let Some(seen) = parse_line(line.as_bytes(), &mut clock) {
                detectors.see(&seen);
            }
        }
        detectors
    }

    fn found(&self) -> Vec<String> {
        self.judged().findings().iter().map(|finding| format!("{} {}", finding.rule, finding.subject.name)).collect()
    }

    fn titles(&self) -> Vec<String> {
        self.judged().findings().iter().map(|finding| finding.title.clone()).collect()
    }
}

#[test]
fn who_mistypes_and_then_gets_in_is_no_finding() {
    let mut log = Log::new();
    for _ in 0..30 {
        log.wait(3600 * 9).failed("alice", "192.0.2.7").wait(3).failed("alice", "192.0.2.7").wait(4);
        log.accepted("alice", "192.0.2.7", "password");
    }
    assert_eq!(log.found(), Vec::<String>::new());
}

#[test]
fn an_honest_client_that_offers_six_keys_is_no_finding() {
    let mut log = Log::new();
    for _ in 0..10 {
        for _ in 0..5 {
            log.line("sshd[1]: Failed publickey for alice from 192.0.2.7 port 4711 ssh2: RSA SHA256:x");
        }
        log.accepted("alice", "192.0.2.7", "publickey").wait(30);
    }
    assert_eq!(log.found(), Vec::<String>::new());
}

#[test]
fn ten_failures_in_ten_minutes_are_guessing_and_each_counts_once_though_two_tell_of_it() {
    let mut log = Log::new();
    for _ in 0..9 {
        log.wait(20).failed("root", "203.0.113.9");
    }
    assert_eq!(log.found(), Vec::<String>::new());
    log.wait(20).failed("root", "203.0.113.9");
    assert_eq!(log.found(), ["KG-L001 203.0.113.9"]);
    assert_eq!(log.titles(), ["203.0.113.9 tried 10 passwords for root within 3 minutes, up to 10 in ten minutes"]);
    assert_eq!(log.judged().to_block(&[]), ["203.0.113.9".parse::<IpAddr>().unwrap()]);
}

#[test]
fn slow_guessing_is_found_too() {
    let mut log = Log::new();
    for _ in 0..30 {
        log.wait(1800).failed("root", "203.0.113.9");
    }
    assert_eq!(log.found(), ["KG-L002 203.0.113.9"]);
}

#[test]
fn many_addresses_against_one_user_are_one_finding() {
    let mut log = Log::new();
    for round in 0..3 {
        for last in 1..=40 {
            log.wait(60 + round).failed("deploy", &format!("203.0.113.{last}"));
        }
    }
    assert_eq!(log.found(), ["KG-L003 deploy"]);
    assert!(log.titles()[0].starts_with("40 addresses tried passwords for deploy"), "{:?}", log.titles());
    assert!(log.judged().to_block(&[]).is_empty(), "none of them stands out");
}

#[test]
fn one_password_over_many_users_is_spraying() {
    let mut log = Log::new();
    for user in 0..12 {
        log.wait(120).failed(&format!("user{user}"), "203.0.113.9");
    }
    assert_eq!(log.found(), ["KG-L004 203.0.113.9"]);
}

#[test]
fn asking_for_names_without_passwords_is_enumeration() {
    let mut log = Log::new();
    for user in 0..12 {
        log.wait(30).line(&format!("sshd[1]: Invalid user name{user} from 203.0.113.9 port 5"));
        log.line(&format!("sshd[1]: Connection closed by invalid user name{user} 203.0.113.9 port 5 [preauth]"));
    }
    assert_eq!(log.found(), ["KG-L005 203.0.113.9"]);
}

#[test]
fn a_login_after_guessing_is_the_worst_and_names_what_to_do() {
    let mut log = Log::new();
    for _ in 0..25 {
        log.wait(5).failed("deploy", "203.0.113.9");
    }
    log.wait(5).accepted("deploy", "203.0.113.9", "password");
    assert_eq!(log.found(), ["KG-L006 203.0.113.9", "KG-L001 203.0.113.9"]);
    let findings = log.judged().findings();
    assert_eq!(findings[0].severity, keelguard_model::Severity::Critical);
    assert_eq!(findings[0].title, "203.0.113.9 got in as deploy with password after 25 failures for 1 user");
    assert_eq!(findings[0].fix.commands, ["loginctl terminate-user deploy", "usermod --lock deploy"]);
    assert_eq!(findings[0].kind, keelguard_model::Kind::Detection);
}

#[test]
fn a_list_of_stolen_passwords_that_works_at_the_sixth_name_is_found() {
    let mut log = Log::new();
    for user in 0..5 {
        log.wait(5).failed(&format!("user{user}"), "203.0.113.9");
    }
    log.wait(5).accepted("alice", "203.0.113.9", "password");
    assert_eq!(log.found(), ["KG-L006 203.0.113.9"]);
}

#[test]
fn ones_own_address_is_never_blocked_nor_one_from_which_people_get_in() {
    let mut log = Log::new();
    log.accepted("alice", "192.0.2.7", "password");
    for address in ["192.0.2.7", "203.0.113.9", "127.0.0.1", "198.51.100.5"] {
        for _ in 0..15 {
            log.wait(5).failed("root", address);
        }
    }
    let own = "198.51.100.5".parse().unwrap();
    assert_eq!(log.judged().to_block(&[own]), ["203.0.113.9".parse::<IpAddr>().unwrap()]);
}

#[test]
fn nothing_is_new_before_two_weeks_of_history() {
    let mut log = Log::new();
    for day in 0..13 {
        log.wait(86_400).accepted("alice", &format!("192.0.{day}.7"), "password");
    }
    assert_eq!(log.found(), Vec::<String>::new());
}

#[test]
fn with_history_new_networks_methods_users_and_hours_are_told_once() {
    let mut log = Log::new();
    for _ in 0..30 {
        log.wait(86_400).accepted("alice", "192.0.2.7", "publickey");
    }
    assert_eq!(log.found(), Vec::<String>::new());
    log.wait(3600 * 11).accepted("alice", "203.0.113.9", "password").wait(5).accepted(
        "alice",
        "203.0.113.9",
        "password",
    );
    log.wait(5).accepted("bob", "192.0.2.7", "publickey");
    let mut found = log.found();
    found.sort();
    assert_eq!(found, ["KG-L010 bob", "KG-L011 alice", "KG-L012 alice", "KG-L013 alice"]);
}

#[test]
fn root_at_the_door_matters_by_how_it_came_in() {
    let mut log = Log::new();
    log.accepted("root", "192.0.2.7", "publickey").wait(5).accepted("root", "192.0.2.8", "password");
    log.wait(1).accepted("www-data", "192.0.2.9", "publickey");
    assert_eq!(log.found(), ["KG-L021 www-data", "KG-L020 root", "KG-L020 root"]);
}

#[test]
fn what_changes_who_may_get_in_is_told_of() {
    let mut log = Log::new();
    log.line("useradd[1]: new user: name=eve, UID=1001, GID=1001, home=/home/eve, shell=/bin/bash, from=/dev/pts/0");
    log.line("usermod[1]: add 'eve' to group 'docker'");
    log.line("usermod[1]: add 'eve' to group 'plugdev'");
    log.line("sudo:    alice : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/tee -a /root/.ssh/authorized_keys");
    log.line("sudo:    alice : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/sbin/visudo");
    log.line("sudo:    alice : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/rm -rf /var/log/auth.log");
    log.line("sudo:    alice : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/less /var/log/auth.log");
    log.line("sudo:  mallory : user NOT in sudoers ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/sh");
    let mut found = log.found();
    found.sort();
    let expected = ["KG-L030 eve", "KG-L031 eve", "KG-L034 alice", "KG-L035 alice", "KG-L036 mallory", "KG-L038 alice"];
    assert_eq!(found, expected);
}

#[test]
fn state_that_was_saved_goes_on_where_it_was() {
    let mut log = Log::new();
    for _ in 0..12 {
        log.wait(5).failed("root", "203.0.113.9").line("sshd[1]: Invalid user x from 203.0.113.10 port 5");
    }
    log.accepted("root", "203.0.113.9", "password");
    let whole = log.judged();
    let lines: Vec<&str> = log.text.lines().collect();
    for cut in [1, 7, lines.len() - 1] {
        let mut detectors = Detectors::new(Limits::default());
        let mut clock = Clock::utc(jiff::Timestamp::from_second(log.now).unwrap());
        for (index, line) in lines.iter().enumerate() {
            if index == cut {
                let saved = serde_json::to_string(&detectors).unwrap();
                detectors = serde_json::from_str(&saved).unwrap();
            }
            if let Some(seen) = parse_line(line.as_bytes(), &mut clock) {
                detectors.see(&seen);
            }
        }
        assert_eq!(detectors.findings(), whole.findings());
    }
}

#[test]
fn a_million_addresses_take_no_more_room_and_what_was_forgotten_is_said() {
    let limits = Limits { addresses: 100, users: 100, ..Limits::default() };
    let mut detectors = Detectors::new(limits);
    let mut clock = Clock::utc(jiff::Timestamp::from_second(START).unwrap());
    for number in 0..20_000u32 {
        let [_, b, c, d] = number.to_be_bytes();
        let line = format!(
            "2026-11-24T08:10:02Z edge sshd[1]: Failed password for invalid user u{number} from 10.{b}.{c}.{d} port 1 ssh2"
        );
        if let Some(seen) = parse_line(line.as_bytes(), &mut clock) {
            detectors.see(&seen);
        }
    }
    assert!(serde_json::to_string(&detectors).unwrap().len() < 400_000);
    assert_eq!(detectors.incomplete().len(), 1);
}

#[test]
fn hostile_names_stay_words_of_a_shell() {
    let mut log = Log::new();
    for _ in 0..20 {
        log.wait(1).failed("a", "203.0.113.9");
    }
    log.accepted("$(reboot)", "203.0.113.9", "password");
    assert_eq!(log.judged().findings()[0].fix.commands[0], "loginctl terminate-user '$(reboot)'");
}

#[test]
fn what_four_logs_tell_of_one_password_counts_once() {
    let mut log = Log::new();
    let mut records = Vec::new();
    for _ in 0..6 {
        log.wait(5).failed("root", "192.0.2.7");
        let stamp = format!("msg=audit({}.000:{}):", log.now, log.now);
        for kind in ["USER_AUTH", "USER_LOGIN"] {
            writeln!(log.text, "type={kind} {stamp} pid=1 uid=0 auid=4294967295 ses=4294967295 msg='op=login acct=\"root\" exe=\"/usr/sbin/sshd\" hostname=? addr=192.0.2.7 terminal=ssh res=failed'").unwrap();
        }
        records.push(log.now);
    }
    let mut detectors = log.judged();
    for time in records {
        let record = Seen {
            channel: crate::logins::Channel::Records,
            time: Some(time * 1_000_000),
            user: Some(b"root"),
            address: Some("192.0.2.7".parse().unwrap()),
            ..Seen::new(crate::logins::Kind::LoginFailed, "btmp")
        };
        detectors.see(&record);
    }
    // Six passwords are below what is told of; twelve or thirty would not be.
    assert_eq!(detectors.findings(), []);
}

#[test]
fn a_month_of_strangers_who_try_once_is_no_loss_of_memory() {
    let mut detectors = Detectors::new(Limits { addresses: 500, users: 500, ..Limits::default() });
    let mut failed = |second: i64, user: &str, address: &str| {
        detectors.see(&Seen {
            time: Some((START + second) * 1_000_000),
            user: Some(user.as_bytes()),
            address: Some(address.parse().unwrap()),
            ..Seen::new(crate::logins::Kind::LoginFailed, "sshd")
        });
    };
    for second in 0..30 {
        failed(second, "root", "192.0.2.7");
    }
    for stranger in 0..9000 {
        failed(
            300 * i64::from(stranger),
            &format!("u{stranger}"),
            &format!("198.51.{}.{}", stranger / 250, stranger % 250),
        );
    }
    assert_eq!(detectors.incomplete(), []);
    // Who guessed on the first day is still known.
    let subjects: Vec<_> = detectors.findings().iter().map(|finding| finding.subject.name.clone()).collect();
    assert_eq!(subjects, ["192.0.2.7"]);
}
