//! Shells in containers, and whoever is new to the engine.

use super::*;

impl Log {
    /// One of the engine's events.
    fn ran(&mut self, container: &str, command: &str) -> &mut Self {
        let now = self.now;
        writeln!(
            self.text,
            r#"{{"Type":"container","Action":"exec_start: {command}","Actor":{{"ID":"19e997df154b","Attributes":{{"execID":"a0","image":"plain","name":"{container}"}}}},"scope":"local","time":{now},"timeNano":{now}000000000}}"#
        )
        .unwrap();
        self
    }

    /// A request in the engine's debug log, with its form.
    fn asked(&mut self, container: &str, command: &str, terminal: bool) -> &mut Self {
        let time = jiff::Timestamp::from_second(self.now).unwrap();
        self.line(&format!(
            r#"dockerd[1]: time="{time}" level=debug msg="Calling POST /v1.41/containers/{container}/exec""#
        ));
        let words = command.replace(' ', r#"\",\""#);
        self.line(&format!(
            r#"dockerd[1]: time="{time}" level=debug msg="form data: {{\"AttachStdin\":{terminal},\"Cmd\":[\"{words}\"],\"Detach\":false,\"DetachKeys\":\"\",\"Tty\":{terminal}}}""#
        ))
    }

    /// The engine is used for four weeks, now and then.
    fn weeks_of_use(&mut self) -> &mut Self {
        for _ in 0..28 {
            self.wait(86_400).ran("db", "sh").accepted("alice", "192.0.2.7", "publickey").wait(3600);
            self.ran("db", "pg_dump shop");
        }
        self
    }
}

#[test]
fn a_shell_in_a_container_that_never_had_one_is_told_once_there_is_history() {
    let mut log = Log::new();
    log.ran("web", "sh").wait(60).ran("web2", "bash");
    assert_eq!(log.found(), Vec::<String>::new());
    log.weeks_of_use()
        .wait(7200)
        .ran("api", "bash")
        .wait(5)
        .ran("api", "bash")
        .wait(5)
        .ran("web", "sh")
        .ran("db", "sh");
    assert_eq!(log.found(), ["KG-L040 api"]);
    assert_eq!(log.titles(), ["A shell was opened in the container api, where there never was one: bash"]);
}

#[test]
fn the_engines_debug_log_tells_the_same() {
    let mut log = Log::new();
    log.weeks_of_use().wait(7200).asked("api", "sh -c exec bash", true).wait(9).asked("web", "sh -c id", false);
    assert_eq!(log.titles(), ["A shell was opened in the container api, where there never was one: sh -c exec bash"]);
}

#[test]
fn a_command_right_after_a_login_of_somebody_who_never_did_that_is_told() {
    let mut log = Log::new();
    log.weeks_of_use();
    log.accepted("bob", "192.0.2.7", "publickey").wait(120).ran("db", "cat /run/secrets/key").wait(9).ran("db", "id");
    let findings = log.judged().findings();
    let [finding] = findings.iter().filter(|finding| finding.rule == "KG-L041").collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(
        finding.title,
        "Somebody went into the container db 2 minutes after bob logged in from 192.0.2.7, which never followed their logins before: cat /run/secrets/key"
    );
}

#[test]
fn health_checks_and_timed_jobs_are_nobodys_doing() {
    let mut log = Log::new();
    log.weeks_of_use();
    // A container that is new, with a check that is new, while somebody logs in.
    for round in 0..40 {
        if round % 10 == 0 {
            log.accepted("bob", "192.0.2.7", "publickey");
        }
        log.wait(30).ran("new", "/bin/sh -c curl -f http://localhost/");
    }
    log.accepted("bob", "192.0.2.7", "publickey").wait(20).ran("db", "pg_dump shop");
    let found: Vec<String> = log.found().into_iter().filter(|found| found.starts_with("KG-L04")).collect();
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn the_audit_log_names_who_went_in() {
    let mut log = Log::new();
    log.weeks_of_use().accepted("bob", "192.0.2.7", "publickey").wait(9);
    let now = log.now;
    let call = |who: &str| {
        format!(
            "type=SYSCALL msg=audit({now}.000:7): arch=c000003e syscall=59 success=yes auid=1001 exe=\"/usr/bin/docker\"{who}\ntype=EXECVE msg=audit({now}.000:7): argc=5 a0=\"docker\" a1=\"exec\" a2=\"-it\" a3=\"db\" a4=\"sh\"\n"
        )
    };
    let text = log.text.clone();
    for (who, expected) in [
        (
            "\u{1d}AUID=\"bob\"",
            "bob went into the container db 9 seconds after logging in from 192.0.2.7, which they never did before: sh",
        ),
        (
            "",
            "Somebody went into the container db 9 seconds after bob logged in from 192.0.2.7, which never followed their logins before: sh",
        ),
    ] {
        log.text = text.clone() + &call(who);
        assert!(log.titles().contains(&expected.to_owned()), "{:?}", log.titles());
    }
    // Somebody else's command says nothing of bob.
    log.text = text + &call("\u{1d}AUID=\"alice\"");
    assert!(!log.found().contains(&"KG-L041 bob".to_owned()));
}

#[test]
fn an_address_that_never_used_the_engine_is_told_where_something_says_so() {
    let mut detectors = Detectors::new(Limits::default());
    let mut used = |day: i64, address: &str| {
        let time = Some((START + day * 86_400) * 1_000_000);
        let address = Some(address.parse().unwrap());
        detectors.see(&Seen {
            time,
            address,
            method: Some(b"POST"),
            ..Seen::new(crate::logins::Kind::EngineApi, "proxy")
        });
    };
    used(0, "192.0.2.7");
    used(3, "192.0.2.8");
    used(20, "192.0.2.7");
    used(20, "203.0.113.9");
    let findings = detectors.findings();
    let found: Vec<_> = findings.iter().map(|finding| (finding.rule.as_str(), finding.subject.name.as_str())).collect();
    assert_eq!(found, [("KG-L042", "203.0.113.9")]);
}

#[test]
fn state_that_was_saved_goes_on_between_a_request_and_its_form() {
    let mut log = Log::new();
    log.weeks_of_use().wait(7200).asked("api", "bash", true);
    let whole = log.judged();
    let lines: Vec<&str> = log.text.lines().collect();
    let mut detectors = Detectors::new(Limits::default());
    let mut clock = Clock::utc(jiff::Timestamp::from_second(log.now).unwrap());
    for (index, line) in lines.iter().enumerate() {
        if index % 17 == 0 || index + 1 == lines.len() {
            detectors = serde_json::from_str(&serde_json::to_string(&detectors).unwrap()).unwrap();
        }
        parse_json(line.as_bytes(), &mut clock, &mut |seen| detectors.see(seen));
        if let Some(seen) = parse_line(line.as_bytes(), &mut clock) {
            detectors.see(&seen);
        }
    }
    assert_eq!(detectors.findings(), whole.findings());
    assert_eq!(whole.findings().len(), 1);
}

#[test]
fn a_million_containers_take_no_more_room() {
    let limits = Limits { addresses: 100, users: 100, ..Limits::default() };
    let mut detectors = Detectors::new(limits);
    let mut log = Log::new();
    for number in 0..5000 {
        log.wait(600).ran(&format!("c{number}"), &format!("sh -c {number}"));
    }
    let mut clock = Clock::utc(jiff::Timestamp::from_second(log.now).unwrap());
    for line in log.text.lines() {
        parse_json(line.as_bytes(), &mut clock, &mut |seen| detectors.see(seen));
    }
    assert!(serde_json::to_string(&detectors).unwrap().len() < 200_000);
    assert_eq!(detectors.incomplete().len(), 1);
}
