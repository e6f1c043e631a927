//! `keelguard signs downtime` as its users run it: screens, formats, exit codes, hostile input.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may end in a panic")]

mod support;

use std::fmt::Write as _;

use support::live::{Running, append, on_a_host_with};
use support::{Home, code, stderr};

/// A week in which a machine reboots every night, panics once and runs a service that fails.
fn restless() -> String {
    let mut log = String::new();
    for day in 17..24 {
        write!(
            log,
            "2026-11-{day}T00:00:00Z edge cron[9]: tick\n\
             2026-11-{day}T02:58:00Z edge sudo:    backup : PWD=/ ; USER=root ; COMMAND=/usr/sbin/reboot\n\
             2026-11-{day}T03:00:00Z edge systemd-logind[5]: The system will reboot now!\n\
             2026-11-{day}T03:01:30Z edge kernel: [    0.000000] Linux version 6.1.0-28-amd64\n\
             2026-11-{day}T12:00:00Z edge cron[9]: tick\n"
        )
        .unwrap();
    }
    log.push_str(
        "2026-11-23T13:00:00Z edge kernel: [ 4711.1] Kernel panic - not syncing: <b>Fatal\u{1b}[2J exception</b>\n",
    );
    log.push_str("2026-11-23T13:04:00Z edge kernel: [    0.000000] Linux version 6.1.0-28-amd64\n");
    for second in 0..6 {
        writeln!(log, "2026-11-23T14:00:{second}0Z edge systemd[1]: Started shop.service - The shop.").unwrap();
        writeln!(log, "2026-11-23T14:00:{second}5Z edge systemd[1]: shop.service: Main process exited, code=exited, status=1/FAILURE").unwrap();
    }
    log.push_str("2026-11-23T14:01:00Z edge systemd[1]: shop.service: Start request repeated too quickly.\n");
    log.push_str("2026-11-23T20:00:00Z edge cron[9]: tick\n");
    log
}

fn home() -> Home {
    let home = Home::new();
    home.write("syslog", restless());
    home
}

/// All that it says, by one clock on every machine.
fn says(home: &Home, arguments: &[&str]) -> String {
    let mut command = home.command(arguments);
    command.env("TZ", "UTC");
    home.shown(&home.output(command))
}

/// A record of wtmp.
fn record(kind: u8, user: &str, second: u32) -> Vec<u8> {
    let mut record = vec![0; 384];
    record[0] = kind;
    record[8] = b'~';
    record[44..44 + user.len()].copy_from_slice(user.as_bytes());
    record[340..344].copy_from_slice(&second.to_le_bytes());
    record
}

#[test]
fn the_screen_says_what_went_down_how_often_and_what_to_type() {
    let home = home();
    insta::assert_snapshot!(says(&home, &["signs", "downtime", "syslog"]));
    insta::assert_snapshot!("everything_about_downtime", says(&home, &["signs", "downtime", "syslog", "--all"]));
}

#[test]
fn a_maintenance_window_makes_the_nights_planned() {
    let home = home();
    home.write("keelguard.toml", "maintenance = ['daily 02:55-03:15']\n");
    let json = home.run(&["signs", "downtime", "syslog", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let rules: Vec<&str> =
        report["findings"].as_array().unwrap().iter().filter_map(|one| one["rule"].as_str()).collect();
    assert!(!rules.contains(&"KG-T030") && !rules.contains(&"KG-T007"), "{rules:?}");
    assert!(rules.contains(&"KG-T002"), "{rules:?}");
    let host = &report["subjects"][0];
    assert_eq!((&host["planned"], &host["outages"]), (&7.into(), &1.into()));
    home.write("keelguard.toml", "maintenance = ['at night']\n");
    let wrong = home.run(&["signs", "downtime", "syslog"]);
    assert_eq!(code(&wrong), 2);
    assert!(stderr(&wrong).contains("Sun 03:00-04:00"), "{}", stderr(&wrong));
}

#[test]
fn wtmp_alone_tells_of_boots_and_of_the_shutdown_that_was_missing() {
    let home = Home::new();
    let start = 1_763_900_000;
    let mut content = [
        record(2, "reboot", start),
        record(1, "shutdown", start + 50_000),
        record(2, "reboot", start + 50_060),
        record(7, "alice", start + 60_000),
        record(2, "reboot", start + 61_000),
    ]
    .concat();
    content.extend(vec![0xfe; 384]);
    home.write("wtmp", content);
    let output = home.run(&["signs", "downtime", "wtmp", "--format", "json"]);
    assert_eq!(code(&output), 3, "a record is nonsense, and that is said");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let host = &report["subjects"][0];
    assert_eq!((&host["starts"], &host["outages"], &host["failures"]), (&3.into(), &2.into(), &1.into()));
    assert_eq!(host["last_outages"][0]["cause"], "ordered");
    assert_eq!(host["last_outages"][1]["cause"], "unclean");
}

/// What `sadf -d` prints of the day and a half before the panic of [`restless`], after which the machine was busy.
fn samples() -> String {
    let mut rows = "# hostname;interval;timestamp;CPU;%user;%nice;%system;%iowait;%steal;%idle\n".to_owned();
    let crash: jiff::Timestamp = "2026-11-23T13:00:00Z".parse().unwrap();
    for index in (1..200).rev() {
        let time = crash.checked_sub(jiff::SignedDuration::from_mins(10 * index - 8)).unwrap();
        let cpu = if index == 1 { "90.00;0.00;8.00;1.00;0.00;1.00" } else { "8.00;0.00;4.00;1.00;0.00;87.00" };
        writeln!(rows, "edge;600;{};-1;{cpu}", time.strftime("%F %T UTC")).unwrap();
    }
    rows
}

#[test]
fn load_beyond_the_usual_stands_in_table_json_and_page_and_no_other() {
    let home = home();
    home.write("load", samples());
    let json = home.run(&["signs", "downtime", "syslog", "load", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let outages = report["subjects"][0]["last_outages"].as_array().unwrap();
    let loads: Vec<_> =
        outages.iter().filter_map(|outage| Some((outage["cause"].as_str()?, outage.get("load")?))).collect();
    let expected =
        serde_json::json!([{"time": "2026-11-23T12:58:00Z", "what": "cpu", "value": 98.0, "usual": 12.0, "unit": "%"}]);
    assert_eq!(loads, [("panic", &expected)]);
    let said = "2026-11-23T12:58:00Z CPU 98 % busy, usual 12 %";
    for format in ["table", "html"] {
        let output = home.run(&["signs", "downtime", "syslog", "load", "--all", "--format", format]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains(said), "{text}");
    }
    let events = home.run(&["signs", "downtime", "syslog", "load", "--events", "--format", "jsonl"]);
    assert_eq!(events.stdout.split(|byte| *byte == b'\n').count(), 37, "measuring is no event");
}

#[test]
fn the_page_has_no_script_and_obeys_nothing_in_a_log() {
    let home = home();
    let page = String::from_utf8(home.run(&["signs", "downtime", "syslog", "--format", "html"]).stdout).unwrap();
    assert!(page.contains("Content-Security-Policy") && page.contains("every day at about 03:00"));
    assert!(!page.contains("<b>Fatal") && page.contains("&lt;b&gt;Fatal") && !page.contains("<script"));
    assert!(!page.contains('\u{1b}') && !page.contains("src="));
}

#[test]
fn events_are_a_line_each() {
    let home = home();
    let output = home.run(&["signs", "downtime", "syslog", "--events", "--format", "jsonl"]);
    let lines: Vec<serde_json::Value> =
        String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 7 * 3 + 2 + 12 + 1);
    for field in ["line", "time", "kind", "scope", "subject", "host", "channel", "reason", "code", "count"] {
        assert!(lines[0].get(field).is_some(), "{field}");
    }
    let table = home.run(&["signs", "downtime", "syslog", "--events"]);
    assert!(!table.stdout.contains(&0x1b), "a terminal would obey it");
    assert_eq!(code(&home.run(&["signs", "downtime", "syslog", "--events", "--format", "html"])), 2);
}

#[test]
fn an_outage_is_a_document_of_veris_and_a_finding_of_ocsf() {
    let home = home();
    let lines = |format: &str| -> Vec<serde_json::Value> {
        let output = home.run(&["signs", "downtime", "syslog", "--format", format]);
        String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let veris = lines("veris");
    assert!(!veris.is_empty());
    assert!(veris.iter().all(|one| one["attribute"]["availability"]["variety"][0] == "Interruption"));
    let classes: Vec<i64> = lines("ocsf").iter().filter_map(|one| one["class_uid"].as_i64()).collect();
    assert_eq!(classes.iter().filter(|class| **class == 2005).count(), veris.len());
    assert!(classes.contains(&2004));
    assert_eq!(code(&home.run(&["signs", "downtime", "syslog", "--events", "--format", "veris"])), 2);
}

#[test]
fn exit_codes_are_those_of_every_command() {
    let home = home();
    let exit = |arguments: &[&str]| code(&home.run(&[&["signs", "downtime"], arguments].concat()));
    assert_eq!(exit(&["syslog"]), 0);
    assert_eq!(exit(&["syslog", "--fail-on", "high"]), 1);
    assert_eq!(exit(&["syslog", "--fail-on", "critical"]), 0);
    assert_eq!(exit(&["syslog", "--since", "yesterday"]), 2);
    assert_eq!(exit(&["syslog", "--format", "nftables"]), 2);
    assert_eq!(exit(&["syslog", "missing.log"]), 3);
}

#[test]
fn an_empty_log_is_not_clean() {
    let home = Home::new();
    home.write("empty.log", "");
    let output = home.run(&["signs", "downtime", "empty.log"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(code(&output), 3);
    assert!(text.contains("UNKNOWN") && text.contains("nothing was read that tells of them"), "{text}");
}

#[test]
fn what_goes_down_is_said_while_it_happens_and_once() {
    let home = Home::new();
    home.write("syslog", "2026-11-23T02:00:00Z edge cron[9]: tick\n");
    let running = Running::start(home.command(&["signs", "downtime", "syslog", "--follow", "--format", "jsonl"]));
    append(&home, "syslog", "2026-11-23T03:00:00Z edge systemd[1]: shop.service: Failed with result 'exit-code'.\n");
    let finding = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap();
    let first = finding(&running.next());
    assert_eq!((first["rule"].as_str(), first["subject"]["name"].as_str()), (Some("KG-T014"), Some("shop.service")));
    // Rotated meanwhile, and written on by a machine that went down.
    std::fs::rename(home.path("syslog"), home.path("syslog.1")).unwrap();
    home.write("syslog", "");
    append(&home, "syslog", "2026-11-23T03:10:00Z edge kernel: Linux version 6.1.0\n");
    let second = finding(&running.next());
    assert_eq!(second["rule"], "KG-T001");
    assert_eq!(second["title"], "edge went down without shutting down at 2026-11-23 03:00:00, down for 10 minutes");
}

#[test]
fn a_page_cannot_be_followed() {
    let output = home().run(&["signs", "downtime", "syslog", "--follow", "--format", "html"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("--format table or jsonl"), "{}", stderr(&output));
}

#[test]
fn check_judges_what_the_host_has_recorded_and_says_where_nothing_is() {
    let home = Home::new();
    let logs = home.path("logs");
    std::fs::create_dir(&logs).unwrap();
    let arguments = ["check", "--only", "downtime", "--format", "json"];
    let area = |output: &std::process::Output| {
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let areas = report["areas"].as_array().unwrap();
        areas.iter().find(|area| area["area"] == "downtime").unwrap()["verdict"].as_str().unwrap().to_owned()
    };
    let Some(nothing) = on_a_host_with(&logs, &home, &arguments) else { return };
    assert_eq!((area(&nothing).as_str(), code(&nothing)), ("unknown", 3));
    let day = jiff::Timestamp::now().checked_sub(jiff::SignedDuration::from_hours(24)).unwrap();
    let line = |message: &str| format!("{} edge kernel: [ 4711.1] {message}\n", day.strftime("%Y-%m-%dT%H:%M:%SZ"));
    std::fs::write(logs.join("syslog"), line("Kernel panic - not syncing: Fatal exception")).unwrap();
    let panicked = on_a_host_with(&logs, &home, &arguments).unwrap();
    assert_eq!(area(&panicked), "red", "{}", String::from_utf8_lossy(&panicked.stdout));
}
