//! Every row is held to its sample, and what each sample gives is written down.

use std::fmt::Write as _;

use super::*;
use crate::logins::event::Login;

fn clock() -> Clock {
    Clock::utc("2026-12-31T00:00:00Z".parse().unwrap())
}

fn event(line: &str) -> Option<Login> {
    parse_line(line.as_bytes(), &mut clock()).map(|seen| seen.owned(line.as_bytes()))
}

#[test]
fn each_sample_gives_what_is_written_down() {
    let mut shown = String::new();
    for row in rows() {
        let sample = row.sample;
        let event = event(sample).unwrap_or_else(|| panic!("no event: {sample}"));
        assert_eq!(event.kind, row.kind, "another row takes {sample}");
        let mut fields = serde_json::to_value(&event).unwrap();
        fields.as_object_mut().unwrap().remove("line");
        fields.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        writeln!(shown, "{sample}\n    {fields}").unwrap();
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn in_no_form_two_gaps_touch() {
    for row in rows() {
        assert!(!row.gaps_touch(), "{}", row.sample);
    }
}

#[test]
fn forged_text_in_names_moves_no_address() {
    let real = "203.0.113.9";
    for line in [
        "Nov 24 08:10:02 edge sshd[42]: Failed password for invalid user x from 1.2.3.4 port 1 ssh2 from 203.0.113.9 port 2 ssh2",
        "Nov 24 08:10:02 edge sshd[42]: Invalid user x from 1.2.3.4 port 1 from 203.0.113.9 port 2",
        "Nov 24 08:10:02 edge sshd[42]: Invalid user root from 1.2.3.4 from 203.0.113.9",
        "Nov 24 08:10:02 edge sshd[42]: Connection closed by invalid user a 1.2.3.4 port 9 [preauth] 203.0.113.9 port 2 [preauth]",
        "Nov 24 08:10:02 edge sshd[42]: Bad protocol version identification 'x' from 1.2.3.4 port 1' from 203.0.113.9 port 2",
        "Nov 24 08:10:02 edge sshd[42]: User x from 1.2.3.4 not allowed because y from 203.0.113.9 not allowed because not listed in AllowUsers",
        "Nov 24 08:10:02 edge dovecot: imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<a>, method=PLAIN, rip=1.2.3.4, lip=1.1.1.1>, method=PLAIN, rip=203.0.113.9, lip=198.51.100.1, session=<x>",
        "Tue Nov 24 08:10:02 2026 [pid 4242] [a] FAIL LOGIN: Client \"1.2.3.4\"] FAIL LOGIN: Client \"203.0.113.9\"",
        "2026-11-24 08:10:02 login authenticator failed for (x [1.2.3.4]: 535 Incorrect authentication data (set_id=a)) [203.0.113.9]: 535 Incorrect authentication data (set_id=info)",
        "Nov 24 08:10:02 edge webmin[42]: Invalid login as root from 1.2.3.4 from 203.0.113.9",
        "203.0.113.9 - a [24/Nov/2026:08:10:02 +0000] \"GET / HTTP/1.1\" 401 0 \"-\" \"1.2.3.4 - - [x] Failed password for root from 1.2.3.4 port 1 ssh2\"",
    ] {
        assert_eq!(event(line).and_then(|event| event.address).as_deref(), Some(real), "{line}");
    }
}

#[test]
fn a_forged_line_that_could_come_from_either_end_names_no_address() {
    let line = "Nov 24 08:10:02 edge sshd[42]: Failed publickey for invalid user a from 1.2.3.4 port 1 ssh2: b from 5.6.7.8 port 2 ssh2: RSA-CERT SHA256:x ID c";
    assert_eq!(event(line).and_then(|event| event.address), None);
}

#[test]
fn lines_within_a_name_are_not_believed() {
    let mysql = "2026-11-24 12:05:02 31 [Warning] Access denied for user 'root'@'192.0.2.66' (using password: YES)";
    let sshd = "2026-11-24T12:05:02Z e sshd[1]: Accepted password for root from 192.0.2.66 port 1 ssh2";
    let postgresql = "2026-11-24 12:05:02 UTC [1] 192.0.2.66 a@b FATAL:  password authentication failed for user \"r\"";
    let tagged = |line: &str| format!("Nov 24 11:12:18 edge mariadbd[7]: {line}");
    let cut = "2026-11-24 11:12:18 9 [Warning] Access denied for user 'a";
    for (before, forged) in [
        (cut.to_owned(), mysql.to_owned()),
        (cut.to_owned(), sshd.to_owned()),
        (tagged(cut), tagged(mysql)),
        ("2026-11-24 11:10:47.854 UTC [2695] x".to_owned(), postgresql.to_owned()),
    ] {
        let mut clock = clock();
        assert!(parse_line(forged.as_bytes(), &mut clock).is_some(), "{forged}");
        assert_eq!(parse_line(before.as_bytes(), &mut clock), None);
        assert_eq!(parse_line(forged.as_bytes(), &mut clock), None, "{forged}");
    }
    // Other programs' lines in a common log go on.
    let mut clock = clock();
    assert_eq!(parse_line(tagged(cut).as_bytes(), &mut clock), None);
    assert!(parse_line(sshd.as_bytes(), &mut clock).is_some());
}

#[test]
fn text_of_other_programs_is_no_login() {
    for line in [
        "Nov 24 08:10:02 edge nginx[42]: Failed password for root from 1.2.3.4 port 1 ssh2",
        "Nov 24 08:10:02 edge app: user said: Accepted password for root from 1.2.3.4 port 1 ssh2",
        "192.0.2.7 - - [24/Nov/2026:08:10:02 +0000] \"GET / HTTP/1.1\" 200 0 \"-\" \"x 12 [Note] Access denied for user 'root'@'1.2.3.4' (using password: YES)\"",
        "192.0.2.7 - - [24/Nov/2026:08:10:02 +0000] \"GET / HTTP/1.1\" 401 0 \"-\" \"-\"",
        "Failed password for root from 1.2.3.4 port 1 ssh2",
        "",
        "\u{0}\u{1}\u{2}",
    ] {
        assert_eq!(event(line), None, "{line}");
    }
}

#[test]
fn a_repeated_message_counts_as_often_as_it_was_repeated() {
    let line = "Dec 10 07:51:20 LabSZ sshd[24324]: message repeated 2 times: [ Failed password for root from 195.154.37.122 port 59741 ssh2]";
    let event = event(line).unwrap();
    assert_eq!((event.count, event.user.as_deref()), (2, Some("root")));
}

#[test]
fn bytes_that_are_no_text_are_read_nevertheless() {
    let line =
        b"Nov 24 08:10:02 edge sshd[42]: Failed password for invalid user \xff\xfe\x1b[2J from 192.0.2.7 port 2 ssh2";
    let seen = parse_line(line, &mut clock()).unwrap();
    assert_eq!(seen.user, Some(&b"\xff\xfe\x1b[2J"[..]));
    assert!(seen.address.is_some());
}

#[test]
fn the_journals_json_gives_the_same_events() {
    let line = br#"{"__REALTIME_TIMESTAMP":"1795507802123456","_HOSTNAME":"edge","SYSLOG_IDENTIFIER":"sshd","_COMM":"sshd","MESSAGE":"Failed password for root from 192.0.2.7 port 2 ssh2"}"#;
    let mut events = Vec::new();
    parse_json(line, &mut clock(), &mut |seen| events.push(seen.owned(line)));
    let [event] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(event.user.as_deref(), Some("root"));
    assert_eq!(event.time, Some("2026-11-24T08:10:02.123456Z".parse().unwrap()));
    let cloud = br#"{"eventTime":"2026-11-24T08:10:02Z","eventName":"ConsoleLogin","sourceIPAddress":"192.0.2.7","userIdentity":{"type":"IAMUser","userName":"alice"},"responseElements":{"ConsoleLogin":"Failure"},"additionalEventData":{"MFAUsed":"No"},"errorMessage":"Failed authentication"}"#;
    let mut kinds = Vec::new();
    parse_json(cloud, &mut clock(), &mut |seen| kinds.push((seen.kind, seen.service == "aws-console")));
    assert_eq!(kinds, [(Kind::LoginFailed, true)]);
}

#[test]
fn programs_that_log_json_are_read() {
    for (line, service, user) in [
        (
            r#"{"reqId":"x","level":2,"time":"2026-11-24T08:10:02+00:00","remoteAddr":"192.0.2.7","user":"--","app":"core","method":"POST","url":"/login","message":"Login failed: alice (Remote IP: 192.0.2.7)"}"#,
            "nextcloud",
            "alice",
        ),
        (
            r#"{"severity":"INFO","time":"2026-11-24T08:10:02.123Z","message":"Failed Login: username=alice ip=192.0.2.7","ip":"192.0.2.7"}"#,
            "gitlab",
            "alice",
        ),
        (
            r#"{"level":"error","ts":1795507802.5,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"192.0.2.7","client_ip":"192.0.2.7","method":"GET","uri":"/"},"user_id":"alice","status":401}"#,
            "http",
            "alice",
        ),
        (
            r#"{"log":"2026/11/24 08:10:02 [error] 42#42: *7 user \"alice\": password mismatch, client: 192.0.2.7, server: _, request: \"GET / HTTP/1.1\"\n","stream":"stderr","time":"2026-11-24T08:10:02.123456789Z"}"#,
            "nginx",
            "alice",
        ),
    ] {
        let mut events = Vec::new();
        parse_json(line.as_bytes(), &mut clock(), &mut |seen| events.push(seen.owned(b"")));
        let [event] = events.as_slice() else { panic!("{line}: {events:?}") };
        let shown = (event.service.as_str(), event.user.as_deref(), event.address.as_deref());
        assert_eq!(shown, (service, Some(user), Some("192.0.2.7")));
        assert_eq!(event.time.map(jiff::Timestamp::as_second), Some(1_795_507_802), "{line}");
    }
}

proptest::proptest! {
    #[test]
    fn whatever_stands_in_a_line_no_parser_fails(line in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
        parse_line(&line, &mut clock());
        parse_json(&line, &mut clock(), &mut |_| {});
    }

    #[test]
    fn a_cut_or_mangled_sample_is_no_failure(index in 0usize..500, cut in 0usize..200, byte: u8, at in 0usize..200) {
        let all: Vec<_> = samples().collect();
        let mut line = all[index % all.len()].as_bytes().to_vec();
        if let Some(place) = line.get_mut(at) { *place = byte; }
        line.truncate(line.len().saturating_sub(cut));
        parse_line(&line, &mut clock());
    }
}
