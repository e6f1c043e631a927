//! `keelguard signs incidents` as its users run it, and what the programs of others say of the documents.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may end in a panic")]

mod bom;
mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use support::{Home, code, stderr};

/// A night's log: guessing from everywhere, a break-in with what follows, an insider, and people at work.
fn night() -> String {
    let mut lines: Vec<(u32, String)> = Vec::new();
    let mut line = |second: u32, message: String| lines.push((second, message));
    let failed =
        |user: &str, address: &str| format!("sshd[1]: Failed password for {user} from {address} port 4711 ssh2");
    for number in 0..3000 {
        let user = ["root", "admin", "test"][number as usize % 3];
        line(number * 20, failed(user, &format!("198.18.{}.7", number % 200)));
    }
    for second in 0..25 {
        line(29_400 + second, failed("deploy", "203.0.113.9"));
    }
    line(29_430, "sshd[42]: Accepted password for deploy from 203.0.113.9 port 4711 ssh2".to_owned());
    line(
        29_500,
        "useradd[43]: new user: name=x\u{1b}[2J\"', UID=0, GID=0, home=/, shell=/bin/sh, from=none".to_owned(),
    );
    let sudo =
        |user: &str, command: &str| format!("sudo:   {user} : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND={command}");
    line(29_560, sudo("deploy", "/usr/bin/tee /etc/sudoers.d/x"));
    line(29_600, sudo("deploy", "/usr/bin/rm /var/log/auth.log"));
    line(80_000, "sudo:  mallory : user NOT in sudoers ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/sh".to_owned());
    line(80_600, sudo("mallory", "/usr/bin/shred /var/log/syslog"));
    line(81_000, "sshd[44]: Accepted publickey for alice from 192.0.2.7 port 4711 ssh2".to_owned());
    line(81_100, sudo("alice", "/usr/bin/apt-get update"));
    lines.sort();
    let mut log = String::new();
    for (second, message) in lines {
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        writeln!(log, "2026-11-24T{hour:02}:{minute:02}:{second:02}Z edge {message}").unwrap();
    }
    log
}

fn home() -> Home {
    let home = Home::new();
    home.write("auth.log", night());
    home
}

fn lines(home: &Home, arguments: &[&str]) -> Vec<Value> {
    let output = home.run(arguments);
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_screen_tells_what_happened_in_order_and_what_to_do_first() {
    let home = home();
    insta::assert_snapshot!(home.says(&["signs", "incidents", "auth.log"]));
    insta::assert_snapshot!("everything", home.says(&["signs", "incidents", "auth.log", "--all"]));
    let output = home.run(&["signs", "incidents", "auth.log", "--all"]);
    assert!(!output.stdout.contains(&0x1b), "a terminal would obey it");
}

#[test]
fn three_thousand_failures_a_break_in_and_an_insider_are_two_incidents() {
    let home = home();
    let incidents = lines(&home, &["signs", "incidents", "auth.log", "--format", "jsonl"]);
    let told: Vec<(Vec<&str>, &str)> = incidents
        .iter()
        .map(|incident| {
            let steps = incident["timeline"].as_array().unwrap();
            (steps.iter().map(|step| step["rule"].as_str().unwrap()).collect(), incident["severity"].as_str().unwrap())
        })
        .collect();
    let intrusion = vec!["KG-L001", "KG-L006", "KG-L031", "KG-L034", "KG-L038"];
    assert_eq!(told, [(intrusion, "critical"), (vec!["KG-L036", "KG-L038"], "high")]);
    let report: Value =
        serde_json::from_slice(&home.run(&["signs", "incidents", "auth.log", "--format", "json"]).stdout).unwrap();
    assert_eq!(report["schema"], "keelguard.incidents/1");
    assert_eq!(report["incidents"].as_array().unwrap().len(), 2);
    let schema: Value = serde_json::from_str(include_str!("../../../schemas/incidents.schema.json")).unwrap();
    let wrong: Vec<String> =
        jsonschema::validator_for(&schema).unwrap().iter_errors(&report).map(|error| error.to_string()).collect();
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_shorter_window_keeps_apart_what_a_longer_one_joins() {
    let home = home();
    home.write("keelguard.toml", "incident_window = 20\n");
    let joined = lines(&home, &["signs", "incidents", "auth.log", "--format", "jsonl"]);
    assert_eq!(joined.len(), 2, "the insider has nothing to do with the break-in");
    let mut late = night();
    late.push_str("2026-11-25T08:00:00Z edge useradd[45]: new user: name=eve, UID=1001, GID=1001, home=/, shell=/bin/sh, from=none\n");
    home.write("auth.log", late);
    let rules =
        |home: &Home| lines(home, &["signs", "incidents", "auth.log", "--format", "jsonl"])[0]["timeline"].to_string();
    assert!(!rules(&home).contains("KG-L030"));
    home.write("keelguard.toml", "incident_window = 30\n");
    assert!(rules(&home).contains("KG-L030"));
}

/// What the kernel writes when it panics, and at the next start.
fn panic_at(hour: u32) -> String {
    format!(
        "2026-11-25T{hour:02}:00:00Z edge kernel: Kernel panic - not syncing: Fatal exception\n\
         2026-11-25T{hour:02}:05:00Z edge kernel: Linux version 6.1.0-18-amd64 (debian-kernel@lists.debian.org)\n"
    )
}

#[test]
fn a_crash_within_the_window_after_the_break_in_belongs_to_it_and_a_later_one_does_not() {
    let home = home();
    let signs = |hour| {
        home.write("auth.log", night() + &panic_at(hour));
        let incident = &lines(&home, &["signs", "incidents", "auth.log", "--format", "jsonl"])[0];
        (incident["areas"].to_string(), incident["timeline"].to_string().contains("KG-T002"))
    };
    assert_eq!(signs(6), (r#"["logins","downtime"]"#.to_owned(), true));
    assert_eq!(signs(10), (r#"["logins"]"#.to_owned(), false));
}

#[test]
fn what_comes_from_a_pipe_is_read_by_every_sign_and_is_called_by_its_name() {
    let home = home();
    let log = night() + &panic_at(6);
    home.write("auth.log", &log);
    let piped = |format: &str| {
        let mut command = home.command(&["signs", "incidents", "-", "--format", format]);
        let mut child = command.stdin(std::process::Stdio::piped()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), log.as_bytes()).unwrap();
        child.wait_with_output().unwrap().stdout
    };
    let named = home.run(&["signs", "incidents", "auth.log", "--format", "jsonl"]).stdout;
    assert!(!named.is_empty());
    assert_eq!(piped("jsonl"), named);
    let report: Value = serde_json::from_slice(&piped("json")).unwrap();
    assert_eq!(report["sources"], serde_json::json!(["-"]));
}

#[test]
fn exit_codes_are_those_of_every_command() {
    let home = home();
    let exit = |arguments: &[&str]| code(&home.run(&[&["signs", "incidents"], arguments].concat()));
    assert_eq!(exit(&["auth.log"]), 0);
    assert_eq!(exit(&["auth.log", "--fail-on", "critical"]), 1);
    assert_eq!(exit(&["auth.log", "--since", "2026-11-24T22:00:00Z", "--fail-on", "critical"]), 0);
    assert_eq!(exit(&["auth.log", "--since", "2026-11-24T23:00:00Z", "--fail-on", "info"]), 0);
    assert_eq!(exit(&["auth.log", "missing.log"]), 3);
    assert_eq!(exit(&["auth.log", "--format", "nftables"]), 2);
    home.write("empty.log", "");
    let output = home.run(&["signs", "incidents", "empty.log"]);
    assert_eq!(code(&output), 3);
    assert!(String::from_utf8_lossy(&output.stdout).contains("not everything could be looked at"));
    let quiet = home.run(&["signs", "incidents", "empty.log", "--format", "veris"]);
    assert!(quiet.stdout.is_empty() && stderr(&quiet).contains("emptied"), "{}", stderr(&quiet));
}

#[test]
fn an_accepted_risk_is_no_incident() {
    let home = home();
    home.write("keelguard.toml", "[[exceptions]]\nsubject = '203.0.113.9'\nreason = 'our test of defences'\n");
    let incidents = lines(&home, &["signs", "incidents", "auth.log", "--format", "jsonl"]);
    assert!(incidents.iter().all(|incident| !incident["timeline"].to_string().contains("KG-L006")));
}

#[test]
fn a_victim_that_veris_does_not_know_is_refused_with_what_to_write() {
    let home = home();
    for (setting, word) in [
        ("victim_country = 'Germany'", "DE"),
        ("victim_industry = 'bank'", "NAICS"),
        ("victim_employees = '12'", "11 to 100"),
    ] {
        home.write("keelguard.toml", setting);
        let output = home.run(&["signs", "incidents", "auth.log", "--format", "veris"]);
        assert_eq!(code(&output), 2);
        assert!(stderr(&output).contains(word), "{}", stderr(&output));
    }
    home.write("keelguard.toml", "victim_country = 'DE'\nvictim_employees = '11 to 100'\n");
    let document = &lines(&home, &["signs", "logins", "auth.log", "--format", "veris"])[0];
    assert_eq!(document["victim"]["country"][0], "DE");
}

/// Runs a script of this folder with the Python of an environment that has these packages; what it prints, if it can run.
fn judge(packages: &str, script: &str, arguments: &[&Path]) -> Option<(bool, String)> {
    let bin = bom::programs(packages)?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/incidents").join(script);
    let output = Command::new(bin.join("python")).arg("-B").arg(script).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    Some((output.status.success(), format!("{}{said}", String::from_utf8_lossy(&output.stdout))))
}

const OCSF: &str = "ocsf-json-schema jsonschema py-ocsf-models";

#[test]
fn events_are_valid_by_the_schema_of_ocsf() {
    let home = home();
    let engine = r#"edge dockerd[42]: time="2026-11-24T23:17:57.114219367Z" level=debug msg="Calling"#;
    let mut log = night();
    for (second, request) in [(57, "POST /v1.41/containers/web/exec"), (58, "DELETE /v1.41/containers/web")] {
        writeln!(log, "2026-11-24T23:17:{second}Z {engine} {request}\"").unwrap();
    }
    let form = r#"form data: {\"AttachStdin\":true,\"Cmd\":[\"sh\"],\"DetachKeys\":\"\",\"Tty\":true}"#;
    writeln!(log, "2026-11-24T23:17:59Z {}{form}\"", engine.replace("Calling", "").trim_end()).unwrap();
    log += &panic_at(1);
    log += "2026-11-25T02:00:00Z edge systemd[1]: Started shop.service - The shop.\n\
        2026-11-25T02:00:05Z edge systemd[1]: shop.service: Main process exited, code=exited, status=1/FAILURE\n";
    home.write("auth.log", log);
    for (arguments, expected) in [
        (&["signs", "incidents"][..], r#"{"incident_finding": 2}"#),
        (&["signs", "logins"], r#"{"detection_finding": 10, "incident_finding": 2}"#),
        (
            &["signs", "logins", "--events"],
            r#"{"authentication": 3032, "account_change": 1, "api_activity": 2, "process_activity": 1}"#,
        ),
        (&["signs", "downtime"], r#"{"detection_finding": 3, "incident_finding": 1}"#),
        (&["signs", "downtime", "--events"], r#"{"base_event": 8, "application_lifecycle": 2}"#),
    ] {
        let output = home.run(&[arguments, &["auth.log", "--format", "ocsf"]].concat());
        let file = home.write("events.jsonl", &output.stdout);
        let Some((valid, said)) = judge(OCSF, "ocsf.py", &[&file]) else { return };
        assert!(valid, "{arguments:?}: {said}");
        assert_eq!(said.trim(), expected);
        let broken = String::from_utf8(output.stdout).unwrap().replacen("\"severity_id\":", "\"severity_id\":4", 1);
        let file = home.write("events.jsonl", broken);
        assert!(!judge(OCSF, "ocsf.py", &[&file]).unwrap().0, "the judge finds what is wrong");
    }
}

#[test]
fn verispy_reads_each_line_as_a_document_and_counts_what_is_in_it() {
    let home = home();
    std::fs::create_dir(home.path("veris")).unwrap();
    for (number, document) in lines(&home, &["signs", "incidents", "auth.log", "--format", "veris"]).iter().enumerate()
    {
        home.write(&format!("veris/{number}.json"), document.to_string());
    }
    let Some((read, said)) = judge("verispy", "veris.py", &[&home.path("veris"), &home.path("schema.json")]) else {
        return;
    };
    assert!(read, "{said}");
    let counts: BTreeMap<String, u64> = serde_json::from_str(said.lines().next().unwrap()).unwrap();
    for (field, count) in [
        ("action.Hacking", 1),
        ("action.hacking.variety.Brute force", 1),
        ("action.hacking.vector.Command shell", 1),
        ("action.Misuse", 1),
        ("actor.External", 1),
        ("actor.Internal", 1),
        ("attribute.integrity.variety.Log tampering", 2),
        ("asset.variety.Server", 2),
        ("impact.loss.variety.Response and recovery", 2),
        ("victim.employee_count.Unknown", 2),
    ] {
        assert_eq!(counts.get(field), Some(&count), "{field}: {said}");
    }
}
