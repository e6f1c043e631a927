//! What a real HAProxy writes while somebody guesses the password it asks for. Needs root, which is given up for it, and
//! `haproxy`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may end in a panic, and says why it was skipped"
)]

mod lab;

use keelguard_signs::logins::Kind;

#[test]
fn haproxys_refusals_are_wrong_passwords_only_where_the_log_says_that_one_was_shown() {
    if !lab::can_run(&[("/usr/sbin/haproxy", "haproxy"), ("/usr/bin/setpriv", "util-linux")]) {
        return;
    }
    let folder = lab::folder();
    let here = folder.path().display().to_string();
    let (captured, plain) = (lab::free_port(), lab::free_port());
    let capture = "http-request capture http_auth_type len 8\nhttp-request capture http_auth_user len 64\n";
    let front = |name: &str, port: u16, capture: &str| {
        format!(
            "frontend {name}\nbind 127.0.0.1:{port}\noption httplog\n{capture}http-request auth realm lab unless {{ http_auth(people) }}\n\
             http-request return status 200\n"
        )
    };
    let config = format!(
        "global\nlog {here}/socket local0\ndefaults\nmode http\nlog global\ntimeout client 5s\ntimeout server 5s\ntimeout connect 5s\n\
         userlist people\nuser alice insecure-password right\n{}{}",
        front("captured", captured, capture),
        front("plain", plain, "")
    );
    std::fs::write(folder.path().join("haproxy.cfg"), config).unwrap();
    let log = folder.path().join("haproxy.log");
    lab::syslog(&folder.path().join("socket"), &log);
    let mut command = lab::as_nobody("haproxy");
    let _daemon = lab::start(command.args(["-db", "-f", &format!("{here}/haproxy.cfg")]), captured);

    // Every browser is refused once before it asks its user; this log does not say more of those who guess.
    for _ in 0..12 {
        assert_eq!(lab::ask(plain, "/", None, ""), 401);
        assert_eq!(lab::ask(plain, "/", Some(("alice", "wrong")), ""), 401);
        assert_eq!(lab::ask(captured, "/", None, ""), 401);
    }
    assert_eq!(lab::ask(captured, "/", Some(("alice", "wrong")), ""), 401);
    assert_eq!(lab::ask(captured, "/", Some(("alice", "right")), ""), 200);
    let failures = |events: &[keelguard_signs::logins::Login]| {
        events.iter().filter(|event| event.kind == Kind::LoginFailed).count()
    };
    let found = lab::wait_for_events(&log, |events| failures(events) == 1 && events.len() == 37);
    found.all_of("haproxy");
    assert_eq!((found.refused(), found.rules.len()), (vec!["alice"], 0));

    lab::ask(captured, "/{Basic|root}%20%22", Some(("x} \"GET | {Basic|y} \"", "wrong")), "");
    for _ in 0..12 {
        lab::ask(captured, "/", Some(("bob", "wrong")), "");
    }
    let found = lab::wait_for_events(&log, |events| failures(events) == 14);
    found.all_of("haproxy");
    assert_eq!(found.refused()[..2], ["alice", "x#7D #22GET #7C #7BBasic#7Cy#7D #22"], "{}", found.text);
    assert_eq!(found.refused()[2..], ["bob"; 12]);
    assert_eq!(found.rules, ["KG-L001"]);
}
