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
        "bob went into the container db 2 minutes after logging in from 192.0.2.7, which they never did before: cat /run/secrets/key"
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
