//! What every event has to say of itself, and what hostile names do to it: nothing.

use keelguard_model::incident::{Incident, Reason, Stage, Step, Technique};
use keelguard_model::{Area, Finding, Kind, Severity, Subject, SubjectKind, Suppressed, ToolInfo, rule};
use serde_json::{Value, json};

use super::{OcsfLifecycle, OcsfLogin, finding, incident};

fn tool() -> ToolInfo {
    ToolInfo { name: "keelguard".to_owned(), version: "0.1.0".to_owned() }
}

fn time() -> jiff::Timestamp {
    "2026-11-24T08:10:30Z".parse().unwrap()
}

fn broken() -> Finding {
    let on = Subject::new(SubjectKind::Address, "203.0.113.9");
    let mut finding = rule::SUCCESS_AFTER_FAILURES.on(on).evidence("user", "deploy").command("usermod --lock deploy");
    finding = finding.evidence("first", "2026-11-24T08:10:00Z").evidence("again", "1").evidence("again", "2");
    finding.time = time();
    finding.kind = Kind::Detection;
    finding
}

fn login(kind: &'static str) -> OcsfLogin<'static> {
    OcsfLogin {
        kind,
        time: Some(time()),
        read: time(),
        service: "sshd",
        user: Some("deploy"),
        by: None,
        address: Some("203.0.113.9"),
        port: Some(4711),
        method: Some("password"),
        detail: None,
        host: Some("edge"),
        container: None,
        count: 1,
        line: "a line",
    }
}

/// Whether the numbers of an event belong together.
fn is_sound(event: &Value) -> bool {
    let number = |name: &str| event[name].as_i64().unwrap();
    number("type_uid") == number("class_uid") * 100 + number("activity_id")
        && number("category_uid") == number("class_uid") / 1000
        && event["metadata"]["version"] == "1.5.0"
        && (1..=5).contains(&number("severity_id"))
}

#[test]
fn a_finding_says_when_who_from_where_and_which_technique() {
    let event = finding(&broken(), &tool());
    assert!(is_sound(&event), "{event:#}");
    assert_eq!(event["time"], 1_795_507_830_000_i64);
    assert_eq!((&event["start_time"], &event["severity_id"]), (&json!(1_795_507_800_000_i64), &json!(5)));
    let evidence = &event["evidences"][0];
    assert_eq!(evidence["src_endpoint"]["ip"], "203.0.113.9");
    assert_eq!(evidence["user"]["name"], "deploy");
    assert_eq!(evidence["data"]["again"], "1; 2", "nothing that was read is lost");
    let attack = &event["finding_info"]["attacks"][1];
    assert_eq!((&attack["technique"]["uid"], &attack["tactic"]["uid"]), (&json!("T1078"), &json!("TA0001")));
    assert_eq!(event["observables"].as_array().unwrap().len(), 2);
    assert!(event["remediation"]["desc"].as_str().unwrap().contains("$ usermod --lock deploy"));
    assert!(event.get("resources").is_none(), "who attacks is no resource");
}

#[test]
fn what_an_exception_covers_is_suppressed_with_its_reason() {
    let mut covered = broken();
    covered.suppressed = Some(Suppressed { reason: "our scanner".to_owned(), until: None });
    let event = finding(&covered, &tool());
    assert_eq!((&event["status"], &event["status_detail"]), (&json!("Suppressed"), &json!("our scanner")));
    assert_eq!(event["is_alert"], false);
}

#[test]
fn a_container_is_evidence_and_a_resource() {
    let on = Subject::container("web", "4f1c");
    let event = finding(&rule::SIGMA_DATA.on(on), &tool());
    assert_eq!(event["evidences"][0]["container"], json!({"name": "web", "uid": "4f1c"}));
    assert_eq!(event["resources"], json!([{"name": "web", "type": "container"}]));
}

#[test]
fn each_kind_of_event_has_its_class_activity_and_outcome() {
    for (kind, class, activity, status) in [
        ("login_ok", 3002, 1, 1),
        ("login_failed", 3002, 1, 2),
        ("session", 3002, 1, 1),
        ("logout", 3002, 2, 1),
        ("sudo", 3002, 99, 1),
        ("sudo_denied", 3002, 99, 2),
        ("probe", 3002, 99, 0),
        ("account_change", 3001, 3, 1),
        ("lockout", 3001, 9, 1),
        ("exec", 6003, 99, 0),
        ("engine_api", 6003, 99, 0),
        ("file_access", 1001, 99, 1),
    ] {
        let event = login(kind).event(&tool());
        assert!(is_sound(&event), "{kind}: {event:#}");
        let numbers =
            [&event["class_uid"], &event["activity_id"], &event["status_id"]].map(|number| number.as_i64().unwrap());
        assert_eq!(numbers, [class, activity, status], "{kind}");
        assert_eq!(class == 3002, event.get("service").is_some(), "{kind}");
    }
    let made = OcsfLogin { method: Some("new user"), ..login("account_change") };
    assert_eq!(made.event(&tool())["activity_id"], 1);
}

#[test]
fn a_request_to_the_engine_and_a_file_say_who_did_what() {
    let request = OcsfLogin { method: Some("DELETE"), detail: Some("/v1.41/containers/web"), ..login("engine_api") };
    let event = request.event(&tool());
    assert_eq!((&event["activity_name"], event.get("user")), (&json!("Delete"), None));
    assert_eq!(event["api"]["operation"], "DELETE /v1.41/containers/web");
    assert_eq!(
        (&event["actor"]["user"]["name"], &event["src_endpoint"]["ip"]),
        (&json!("deploy"), &json!("203.0.113.9"))
    );
    let file = OcsfLogin {
        by: Some("alice"),
        detail: Some("/var/log/my app"),
        method: Some("delete"),
        ..login("file_access")
    };
    let event = file.event(&tool());
    assert_eq!((&event["type_uid"], &event["type_name"]), (&json!(100_104), &json!("File System Activity: Delete")));
    assert_eq!((&event["file"]["name"], &event["file"]["path"]), (&json!("my app"), &json!("/var/log/my app")));
    assert_eq!((&event["actor"]["user"]["name"], &event["device"]["name"]), (&json!("alice"), &json!("edge")));
}

#[test]
fn a_command_in_a_container_and_one_that_erases_logs_are_processes() {
    let exec =
        OcsfLogin { detail: Some("/bin/sh -c id"), container: Some("web"), method: Some("tty"), ..login("exec") };
    let event = exec.event(&tool());
    assert!(is_sound(&event), "{event:#}");
    assert_eq!(event["type_name"], "Process Activity: Launch");
    let process = &event["process"];
    assert_eq!((&process["name"], &process["cmd_line"]), (&json!("sh"), &json!("/bin/sh -c id")));
    assert_eq!((&process["container"]["name"], &event["actor"]["user"]["name"]), (&json!("web"), &json!("deploy")));
    assert_eq!(process["uid"], exec.event(&tool())["process"]["uid"], "the same line has the same name");
    let erased = OcsfLogin { detail: Some("rm /var/log/auth.log"), method: Some("command"), ..login("file_access") };
    assert_eq!(erased.event(&tool())["class_uid"], 1007);
}

fn lifecycle(kind: &'static str, scope: &'static str) -> OcsfLifecycle<'static> {
    OcsfLifecycle {
        kind,
        scope,
        time: Some(time()),
        read: time(),
        subject: Some("web"),
        id: Some("4f1c"),
        host: Some("edge"),
        reason: Some("killed"),
        code: Some(137),
        line: "a line",
    }
}

#[test]
fn what_starts_and_ends_is_an_application_and_a_machine_is_none() {
    for (kind, scope, class, activity, status) in [
        ("started", "container", 6002, 3, 1),
        ("failed", "container", 6002, 4, 2),
        ("restarting", "service", 6002, 5, 0),
        ("gave_up", "service", 6002, 7, 2),
        ("stopped", "engine", 6002, 4, 1),
        ("panic", "host", 0, 99, 2),
        ("started", "host", 0, 99, 1),
    ] {
        let event = lifecycle(kind, scope).event(&tool());
        assert!(is_sound(&event), "{kind} {scope}: {event:#}");
        let numbers =
            [&event["class_uid"], &event["activity_id"], &event["status_id"]].map(|number| number.as_i64().unwrap());
        assert_eq!(numbers, [class, activity, status], "{kind} {scope}");
        assert_eq!(class == 6002, event.get("app").is_some());
    }
    let event = lifecycle("failed", "container").event(&tool());
    assert_eq!((&event["status_code"], &event["status_detail"]), (&json!("137"), &json!("killed")));
}

#[test]
fn an_event_without_stamp_user_or_address_is_whole_all_the_same() {
    let bare =
        OcsfLogin { time: None, user: None, address: None, host: None, method: None, port: None, ..login("probe") };
    let event = bare.event(&tool());
    assert!(is_sound(&event));
    assert_eq!(event["user"]["name"], "Unknown");
    assert_eq!(event["unmapped"]["stamped"], false);
    assert_eq!((&event["is_remote"], event.get("src_endpoint")), (&json!(false), None));
    let named = OcsfLogin { address: Some("gw.example.org"), ..login("login_ok") };
    assert_eq!(named.event(&tool())["src_endpoint"], json!({"name": "gw.example.org", "port": 4711}));
}

fn intrusion(name: &str) -> Incident {
    let step = |stage, minutes| Step {
        time: time() + jiff::SignedDuration::from_mins(minutes),
        until: None,
        stage,
        what: name.to_owned(),
        area: Area::Logins,
        rule: "KG-L006".to_owned(),
        severity: Severity::High,
        subject: Subject::new(SubjectKind::User, name),
        fingerprint: "0".repeat(16),
        joined: name.to_owned(),
    };
    Incident {
        id: "0123456789abcdef".to_owned(),
        title: name.to_owned(),
        severity: Severity::Critical,
        confidence: 0.57,
        reasons: vec![Reason { why: name.to_owned(), weight: 0.57 }],
        first: time(),
        last: time() + jiff::SignedDuration::from_mins(9),
        areas: vec![Area::Logins],
        hosts: Vec::new(),
        containers: vec!["web".to_owned()],
        users: vec![name.to_owned()],
        addresses: vec!["203.0.113.9".to_owned(), name.to_owned()],
        services: Vec::new(),
        techniques: vec![Technique { id: "T1110.001".to_owned(), name: String::new(), tactics: Vec::new() }],
        timeline: vec![step(Stage::Entry, 0), step(Stage::Hiding, 9)],
        more: 0,
        advice: vec![name.to_owned()],
        commands: Vec::new(),
    }
}

#[test]
fn an_incident_lists_its_steps_as_findings_and_says_how_sure_it_is() {
    let event = incident(&intrusion("deploy"), &tool());
    assert!(is_sound(&event), "{event:#}");
    assert_eq!(event["finding_info_list"].as_array().unwrap().len(), 2);
    assert_eq!((&event["confidence"], &event["confidence_score"]), (&json!("Medium"), &json!(57)));
    assert_eq!((&event["is_suspected_breach"], &event["duration"]), (&json!(true), &json!(540_000)));
    let attack = json!({"technique": {"uid": "T1110", "name": "Brute Force"}, "sub_technique": {"uid": "T1110.001", "name": "Password Guessing"},
        "tactic": {"uid": "TA0006", "name": "Credential Access"}, "version": "17.1"});
    assert_eq!(event["attacks"], json!([attack]));
    assert_eq!(event["observables"].as_array().unwrap().len(), 4);
}

#[test]
fn hostile_names_stay_within_their_strings() {
    let name = "\u{1b}[2J\"},{\"\\\n\u{202e}";
    let mut hostile = broken().title(name).evidence(name, name).evidence("user", name);
    hostile.subject.name = name.to_owned();
    let login = OcsfLogin {
        user: Some(name),
        by: Some(name),
        address: Some(name),
        line: name,
        detail: Some(name),
        ..login("sudo_denied")
    };
    for event in [finding(&hostile, &tool()), incident(&intrusion(name), &tool()), login.event(&tool())] {
        let mut line = Vec::new();
        crate::incidents::line(&event, &mut line).unwrap();
        assert_eq!(line.iter().position(|byte| *byte == b'\n'), Some(line.len() - 1), "one event is one line");
        assert!(!line.contains(&0x1b), "a terminal that shows it obeys nothing");
        assert_eq!(serde_json::from_slice::<Value>(&line).unwrap(), event);
    }
}
