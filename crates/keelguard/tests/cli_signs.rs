//! `keelguard signs logins` as its users run it: screens, formats, exit codes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may end in a panic"
)]

#[path = "../../signs/tests/support/mmdb.rs"]
mod mmdb;
mod support;

use std::fmt::Write as _;

use support::live::{Running, append, on_a_host_with};
use support::{Home, code, stderr};

/// A log in which somebody guesses, gets in, and makes themselves at home.
fn attacked() -> String {
    let mut log = String::new();
    for second in 0..25 {
        writeln!(
            log,
            "2026-11-24T08:10:{second:02}Z edge sshd[42]: Failed password for deploy from 203.0.113.9 port 4711 ssh2"
        )
        .unwrap();
    }
    log.push_str("2026-11-24T08:11:00Z edge sshd[42]: Accepted password for deploy from 203.0.113.9 port 4711 ssh2\n");
    log.push_str("2026-11-24T08:12:00Z edge useradd[43]: new user: name=x\u{1b}[2J, UID=0, GID=0, home=/, shell=/bin/sh, from=none\n");
    log.push_str("2026-11-24T08:13:00Z edge sudo:   deploy : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/rm /var/log/auth.log\n");
    for second in 0..12 {
        writeln!(
            log,
            "2026-11-24T09:10:{second:02}Z edge sshd[42]: Failed password for root from 2001:db8::9 port 4711 ssh2"
        )
        .unwrap();
        writeln!(
            log,
            "2026-11-24T09:11:{second:02}Z edge sshd[42]: Failed password for root from 192.0.2.7 port 4711 ssh2"
        )
        .unwrap();
    }
    log
}

fn home() -> Home {
    let home = Home::new();
    home.write("auth.log", attacked());
    home
}

#[test]
fn the_screen_says_what_happened_and_what_to_type() {
    let home = home();
    insta::assert_snapshot!(home.says(&["signs", "logins", "auth.log"]));
    insta::assert_snapshot!("everything", home.says(&["signs", "logins", "auth.log", "--all"]));
}

#[test]
fn lists_for_firewalls_hold_addresses_and_never_the_administrators_own() {
    let home = home();
    for format in ["nftables", "ipset", "csv"] {
        let mut command = home.command(&["signs", "logins", "auth.log", "--format", format]);
        command.env("SSH_CONNECTION", "192.0.2.7 51234 198.51.100.1 22");
        let output = home.output(command);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains("203.0.113.9") && text.contains("2001:db8::9"), "{text}");
        assert!(!text.contains("192.0.2.7"), "{format} locks the administrator out: {text}");
    }
    insta::assert_snapshot!(home.says(&["signs", "logins", "auth.log", "--format", "nftables"]));
    insta::assert_snapshot!("ipset", home.says(&["signs", "logins", "auth.log", "--format", "ipset"]));
    insta::assert_snapshot!("csv", home.says(&["signs", "logins", "auth.log", "--format", "csv"]));
}

#[test]
fn nft_takes_the_script_as_it_is() {
    let home = home();
    let list = home.run(&["signs", "logins", "auth.log", "--format", "nftables"]);
    let script = home.write("block.nft", list.stdout);
    // Even a check asks the kernel, which answers root only.
    let checked = std::process::Command::new("nft").args(["-c", "-f"]).arg(script).output();
    match checked.map(|output| (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())) {
        Err(error) => eprintln!("skipped: nft cannot be run: {error}"),
        Ok((false, why)) if why.contains("Operation not permitted") => eprintln!("skipped: nft needs root"),
        Ok((taken, why)) => assert!(taken, "{why}"),
    }
}

#[test]
fn events_are_a_line_each() {
    let home = home();
    let output = home.run(&["signs", "logins", "auth.log", "--events", "--format", "jsonl"]);
    let lines: Vec<serde_json::Value> =
        String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 52);
    for field in ["line", "time", "kind", "service", "user", "address", "port", "method", "host"] {
        assert!(lines[0].get(field).is_some(), "{field}");
    }
    let whole = home.run(&["signs", "logins", "auth.log", "--events", "--format", "json"]);
    let list: Vec<serde_json::Value> = serde_json::from_slice(&whole.stdout).unwrap();
    assert_eq!(list, lines);
    let table = home.run(&["signs", "logins", "auth.log", "--events"]);
    assert!(!table.stdout.contains(&0x1b), "a terminal would obey it");
    assert_eq!(code(&home.run(&["signs", "logins", "auth.log", "--events", "--format", "csv"])), 2);
}

#[test]
fn a_line_that_came_again_is_one_event_with_its_count_and_guessing_all_the_same() {
    let home = Home::new();
    let first = attacked().lines().take(1).collect::<String>();
    home.write("auth.log", format!("{first}\n2026-11-24T08:10:32Z edge last message repeated 12 times\n"));
    let output = home.run(&["signs", "logins", "auth.log", "--events", "--format", "jsonl"]);
    let events: Vec<serde_json::Value> =
        String::from_utf8_lossy(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let counts: Vec<_> = events.iter().map(|event| (event["user"].as_str(), event["count"].as_u64())).collect();
    assert_eq!(counts, [(Some("deploy"), None), (Some("deploy"), Some(12))]);
    let table = home.run(&["signs", "logins", "auth.log", "--events"]);
    assert!(String::from_utf8_lossy(&table.stdout).trim_end().ends_with("password (12 times)"));
    let findings = home.run(&["signs", "logins", "auth.log"]);
    assert!(String::from_utf8_lossy(&findings.stdout).contains("203.0.113.9 tried 13 passwords for deploy"));
}

#[test]
fn exit_codes_are_those_of_every_command() {
    let home = home();
    let exit = |arguments: &[&str]| code(&home.run(&[&["signs", "logins"], arguments].concat()));
    assert_eq!(exit(&["auth.log"]), 0);
    assert_eq!(exit(&["auth.log", "--fail-on", "critical"]), 1);
    assert_eq!(exit(&["auth.log", "--since", "2026-11-24T09:00:00Z", "--fail-on", "high"]), 0);
    assert_eq!(exit(&["auth.log", "--since", "yesterday"]), 2);
    assert_eq!(exit(&["auth.log", "--format", "sarif"]), 2);
    assert_eq!(exit(&["auth.log", "missing.log"]), 3);
    assert_eq!(exit(&["auth.log", "missing.log", "--fail-on", "high"]), 1);
}

#[test]
fn an_empty_log_is_not_clean() {
    let home = home();
    home.write("empty.log", "");
    let output = home.run(&["signs", "logins", "empty.log"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(code(&output), 3);
    assert!(text.contains("UNKNOWN") && text.contains("emptied"), "{text}");
    let list = home.run(&["signs", "logins", "empty.log", "--format", "csv"]);
    assert!(stderr(&list).contains("emptied"));
}

#[test]
fn an_accepted_risk_fails_nothing() {
    let home = home();
    home.write("keelguard.toml", "[[exceptions]]\nsubject = '203.0.113.9'\nreason = 'our scanner'\n");
    let json = home.run(&["signs", "logins", "auth.log", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let of = |address: &str| {
        let findings = report["findings"].as_array().unwrap();
        findings
            .iter()
            .filter(|finding| finding["subject"]["name"] == address)
            .all(|finding| !finding["suppressed"].is_null())
    };
    assert!(of("203.0.113.9") && !of("192.0.2.7"));
}

/// The log above, as of yesterday: what is older than the settings say is not read.
fn yesterday() -> String {
    let day = jiff::Timestamp::now().checked_sub(jiff::SignedDuration::from_hours(24)).unwrap();
    attacked().replace("2026-11-24", &day.strftime("%Y-%m-%d").to_string())
}

#[test]
fn check_judges_the_logins_that_the_host_has_recorded() {
    let home = Home::new();
    let logs = home.path("logs");
    std::fs::create_dir(&logs).unwrap();
    std::fs::write(logs.join("auth.log"), yesterday()).unwrap();
    let arguments = ["check", "--only", "logins", "--format", "json"];
    let Some(output) = on_a_host_with(&logs, &home, &arguments) else { return };
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let area = |report: &serde_json::Value| {
        report["areas"].as_array().unwrap().iter().find(|area| area["area"] == "logins").unwrap().clone()
    };
    assert_eq!(area(&report)["verdict"], "red", "{}", stderr(&output));
    let rules: Vec<&str> =
        report["findings"].as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap()).collect();
    let alone = home.run(&["signs", "logins", "logs/auth.log", "--format", "json"]);
    let alone: serde_json::Value = serde_json::from_slice(&alone.stdout).unwrap();
    assert_eq!(alone["findings"].as_array().unwrap().len(), rules.len(), "{rules:?}");

    // Recorded, and judged elsewhere.
    let facts = on_a_host_with(&logs, &home, &["facts"]).unwrap();
    home.write("facts.json", facts.stdout);
    let replayed = home.run(&["check", "--only", "logins", "--format", "json", "--facts", "facts.json"]);
    let replayed: serde_json::Value = serde_json::from_slice(&replayed.stdout).unwrap();
    assert_eq!(replayed["findings"], report["findings"]);
}

#[test]
fn check_says_that_nothing_is_recorded_where_that_is_so() {
    let home = Home::new();
    let logs = home.path("logs");
    std::fs::create_dir(&logs).unwrap();
    let Some(output) = on_a_host_with(&logs, &home, &["check", "--only", "logins", "--format", "json"]) else { return };
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let area = report["areas"].as_array().unwrap().iter().find(|area| area["area"] == "logins").unwrap();
    assert_eq!((area["verdict"].as_str(), code(&output)), (Some("unknown"), 3), "{area}");
    assert!(report["incomplete"][0]["why"].as_str().unwrap().contains("there is no auth.log"), "{report}");
}

#[test]
fn a_login_after_guessing_is_said_while_it_happens_and_once() {
    let home = Home::new();
    let log = attacked();
    let guessing: String = log.lines().take(25).fold(String::new(), |text, line| text + line + "\n");
    home.write("auth.log", guessing);
    let running = Running::start(home.command(&["signs", "logins", "auth.log", "--follow", "--format", "jsonl"]));
    let finding = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap();
    let first = finding(&running.next());
    assert_eq!(first["subject"]["name"], "203.0.113.9");
    // Rotated meanwhile, and written on.
    std::fs::rename(home.path("auth.log"), home.path("auth.log.1")).unwrap();
    home.write("auth.log", "");
    append(&home, "auth.log", &(log.lines().nth(25).unwrap().to_owned() + "\n"));
    let mut fingerprints = vec![first["fingerprint"].clone()];
    let broken = loop {
        let found = finding(&running.next());
        assert!(!fingerprints.contains(&found["fingerprint"]), "said twice: {found}");
        fingerprints.push(found["fingerprint"].clone());
        if found["severity"] == "critical" {
            break found;
        }
    };
    assert!(broken["title"].as_str().unwrap().contains("deploy"), "{broken}");
}

#[test]
fn events_are_followed_through_a_pipe_until_it_ends() {
    use std::io::Write as _;
    let home = Home::new();
    let mut command = home.command(&["signs", "logins", "-", "--follow", "--events", "--format", "jsonl"]);
    command.stdin(std::process::Stdio::piped());
    let mut running = Running::start(command);
    let mut input = running.0.stdin.take().unwrap();
    for line in attacked().lines().take(3) {
        writeln!(input, "{line}").unwrap();
        let event: serde_json::Value = serde_json::from_str(&running.next()).unwrap();
        assert_eq!(event["line"], line);
    }
    drop(input);
    assert_eq!(running.0.wait().unwrap().code(), Some(0));
}

#[test]
fn a_document_cannot_be_followed() {
    let home = home();
    let output = home.run(&["signs", "logins", "auth.log", "--follow", "--format", "json"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("--format table or jsonl"), "{}", stderr(&output));
}

#[test]
fn users_add_the_messages_of_their_own_programs() {
    let home = Home::new();
    let form =
        "[[login_forms]]\nprogram = 'shopd'\nform = 'bad password of {user>} at {address}'\nkind = 'login_failed'\n";
    home.write("keelguard.toml", form);
    home.write("shop.log", "2026-11-24T08:10:02Z edge shopd[42]: bad password of alice at 192.0.2.7\n");
    let output = home.run(&["signs", "logins", "shop.log", "--events", "--format", "jsonl"]);
    let event: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&event["service"], &event["user"], &event["address"]),
        (&"shopd".into(), &"alice".into(), &"192.0.2.7".into())
    );

    home.write("keelguard.toml", form.replace("{address}", "{adress}"));
    let output = home.run(&["signs", "logins", "shop.log"]);
    assert_eq!(code(&output), 2);
    assert!(
        stderr(&output).contains("use login form 1") && stderr(&output).contains("{adress}"),
        "{}",
        stderr(&output)
    );
    home.write("keelguard.toml", format!("{form}sample = 'something else'\n"));
    assert!(stderr(&home.run(&["config"])).contains("its sample does not have this form"));
}

const SIGMA: &str = "title: Somebody asks for root
id: 5d0a3a6e-3f0e-4a44-9d1b-0d7b8a3a1c11
name: asks_for_root
logsource: {product: linux, service: sshd}
detection:
    keywords: ['Failed password for root']
    condition: keywords
level: medium
---
title: And goes on asking
id: 5d0a3a6e-3f0e-4a44-9d1b-0d7b8a3a1c12
correlation:
    type: event_count
    rules: [asks_for_root]
    group-by: [host]
    timespan: 5m
    condition: {gte: 20}
level: high
tags: [attack.t1110]
";

#[test]
fn sigma_rules_look_at_every_line_and_what_cannot_be_used_is_named() {
    let home = home();
    std::fs::create_dir(home.path("rules")).unwrap();
    home.write("rules/root.yml", SIGMA);
    let report = |output: &std::process::Output| serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap();
    let arguments = ["signs", "logins", "auth.log", "--sigma", "rules", "--format", "json"];
    let output = home.run(&arguments);
    let report_of_all = report(&output);
    let of_sigma: Vec<_> = report_of_all["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["rule"] == "KG-L090")
        .map(|finding| (finding["title"].as_str().unwrap(), finding["subject"]["name"].as_str().unwrap()))
        .collect();
    // The correlation shows in place of the rule that it counts.
    assert_eq!(of_sigma, [("And goes on asking", "edge")], "{}", stderr(&output));
    assert_eq!(code(&output), 0);

    home.write(
        "rules/broken.yml",
        "title: Broken\nlogsource: {product: linux}\ndetection:\n    a: {b|nonsense: c}\n    condition: a\n",
    );
    let output = home.run(&arguments);
    let gaps = report(&output)["incomplete"].to_string();
    assert!(gaps.contains("broken.yml") && gaps.contains("nonsense"), "{gaps}");
    assert_eq!(code(&output), 3);

    std::fs::remove_file(home.path("rules/root.yml")).unwrap();
    let output = home.run(&arguments);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("none of its rules can be used"), "{}", stderr(&output));
}

#[test]
fn with_a_database_of_addresses_places_are_named_and_what_is_none_says_what_to_do() {
    let home = Home::new();
    let place = |address: &str, place| (address.parse().unwrap(), 24, place);
    let places = [
        place("203.0.113.0", mmdb::city("DE", "Germany", "Berlin", (52.52, 13.405, 20))),
        place("198.51.100.0", mmdb::city("AU", "Australia", "Sydney", (-33.868, 151.209, 50))),
    ];
    home.write("city.mmdb", mmdb::database("GeoLite2-City", &places));
    home.write("page.mmdb", "<html>");
    let login = |time: &str, address: &str| {
        format!("2026-11-24T{time}Z edge sshd[42]: Accepted publickey for alice from {address} port 4711 ssh2\n")
    };
    home.write("auth.log", login("08:10:00", "203.0.113.7") + &login("08:30:00", "198.51.100.7"));
    let out = home.run(&["signs", "logins", "auth.log", "--geo", "city.mmdb", "--format", "json"]);
    assert_eq!(code(&out), 0);
    let report: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(report["findings"][0]["rule"], "KG-L015");
    let title = report["findings"][0]["title"].as_str().unwrap();
    assert!(title.contains("Berlin, Germany") && title.contains("Sydney, Australia"), "{title}");
    // Without one, nothing is said of places; with a setting, the same is said as with the flag.
    let without = home.run(&["signs", "logins", "auth.log", "--format", "json"]);
    assert!(!String::from_utf8_lossy(&without.stdout).contains("KG-L015"));
    home.write("keelguard.toml", "geo_database = 'city.mmdb'\n");
    let with = home.run(&["signs", "logins", "auth.log", "--format", "json"]);
    assert!(String::from_utf8_lossy(&with.stdout).contains("KG-L015"));
    for follow in [&[][..], &["--follow"]] {
        let refused = home.run(&[&["signs", "logins", "auth.log", "--geo", "page.mmdb"], follow].concat());
        assert_eq!(code(&refused), 2);
        assert!(stderr(&refused).contains("GeoLite2-City.mmdb"), "{}", stderr(&refused));
    }
}
