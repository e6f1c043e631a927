//! `keelguard signs spam logs` as its users run it, and what lures in messages, on whole files.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may end in a panic")]

mod support;

use std::fmt::Write as _;

use serde_json::Value;
use support::{Home, code, stderr};

/// Three weeks of a small office's mail, as Postfix writes it; with what a stolen password does on the last day, or without.
fn log(is_stolen: bool) -> String {
    let mut log = String::new();
    let mut id = 0x1000;
    let mut send = |day: u32, hour: u32, minute: u32, client: &str, log: &mut String| {
        id += 1;
        let head = format!("Oct {day:2} {hour:02}:{minute:02}:10 mx postfix");
        writeln!(
            log,
            "{head}/submission/smtpd[42]: {id:X}: client=x[{client}], sasl_method=PLAIN, sasl_username=ann@shop.example"
        )
        .unwrap();
        writeln!(log, "{head}/qmgr[45]: {id:X}: from=<ann@shop.example>, size=2345, nrcpt=1 (queue active)").unwrap();
        writeln!(log, "{head}/smtp[46]: {id:X}: to=<bob@example.org>, relay=mx.example.org[198.51.100.9]:25, delay=0.5, delays=0/0/0/0, dsn=2.0.0, status=sent (250 Ok)").unwrap();
        writeln!(log, "{head}/qmgr[45]: {id:X}: removed").unwrap();
    };
    for day in 1..=21 {
        for hour in 8..18 {
            (0..5 + (day + hour) % 4).for_each(|number| send(day, hour, number * 7, "192.0.2.7", &mut log));
        }
    }
    for minute in 0..if is_stolen { 60 } else { 0 } {
        (0..10).for_each(|_| send(22, 3, minute, "203.0.113.9", &mut log));
    }
    log
}

fn judged(home: &Home, arguments: &[&str]) -> (i32, Value) {
    let out = home.run(&[&["signs", "spam"], arguments, &["--format", "json"]].concat());
    (code(&out), serde_json::from_slice(&out.stdout).unwrap_or_else(|_| panic!("{}", stderr(&out))))
}

fn rules(report: &Value) -> Vec<&str> {
    report["findings"].as_array().unwrap().iter().filter_map(|finding| finding["rule"].as_str()).collect()
}

#[test]
fn a_stolen_password_is_one_finding_and_an_ordinary_month_is_none() {
    let home = Home::new();
    home.write("stolen.log", log(true));
    home.write("ordinary.log", log(false));
    let (end, report) = judged(&home, &["logs", "ordinary.log"]);
    assert_eq!((end, rules(&report)), (0, vec![]), "{report}");
    let (_, report) = judged(&home, &["logs", "stolen.log", "--fail-on", "high"]);
    assert_eq!(rules(&report), ["KG-S040"], "{report}");
    let evidence = report["findings"][0]["evidence"].to_string();
    assert!(evidence.contains("203.0.113.9") && evidence.contains("ann@shop.example"), "{evidence}");
    assert_eq!(report["area"], "spam");
}

#[test]
fn a_log_without_mail_is_not_clean_and_says_what_to_type() {
    let home = Home::new();
    home.write("auth.log", "Nov 24 08:10:02 edge sshd[42]: Failed password for root from 192.0.2.7 port 4711 ssh2\n");
    let (end, report) = judged(&home, &["logs", "auth.log"]);
    assert_eq!((end, report["verdict"].as_str()), (3, Some("unknown")), "{report}");
    assert!(report["incomplete"].to_string().contains("keelguard signs spam logs FILE"), "{report}");
}

#[test]
fn lists_of_addresses_are_refused_in_words() {
    let home = Home::new();
    home.write("mail.log", log(false));
    let out = home.run(&["signs", "spam", "logs", "mail.log", "--format", "nftables"]);
    assert!(code(&out) != 0 && stderr(&out).contains("no list of addresses"), "{}", stderr(&out));
}

#[test]
fn popups_that_users_report_are_lures_and_the_same_from_many_a_campaign() {
    let home = Home::new();
    let mut lines = String::new();
    for (minute, user) in ["ann", "bob", "eve", "jim", "kim"].iter().enumerate() {
        let text = "Program Unresponsiveness, click OK to make it faster";
        let time = format!("2026-11-24T08:0{minute}:00Z");
        writeln!(lines, "{}", serde_json::json!({ "time": time, "user": user, "text": text })).unwrap();
    }
    writeln!(
        lines,
        "{}",
        serde_json::json!({ "time": "2026-11-24T09:00:00Z", "user": "ann", "text": "Lunch at noon?" })
    )
    .unwrap();
    home.write("reports.jsonl", lines);
    let (_, report) = judged(&home, &["reports.jsonl"]);
    let mut found = rules(&report);
    found.sort_unstable();
    assert_eq!(found, ["KG-S047", "KG-S052"], "{report}");
}

#[test]
fn what_lures_in_a_mail_is_found_unless_it_lies_where_spam_belongs() {
    let home = Home::new();
    let mail = "From: PayPal <service@paypa1.com>\nTo: ann@shop.example\nSubject: Your account\n\nPlease answer.\n";
    for (folder, expected) in [("Maildir/cur", vec!["KG-S050"]), ("Maildir/.Junk/cur", vec![])] {
        std::fs::create_dir_all(home.path(folder)).unwrap();
        home.write(&format!("{folder}/1"), mail);
        let (_, report) = judged(&home, &[&format!("{folder}/1")]);
        assert_eq!(rules(&report), expected, "{folder}: {report}");
    }
}
