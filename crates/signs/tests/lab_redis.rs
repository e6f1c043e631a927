//! What a real Redis writes of those who should not be there: nothing of passwords, one line of requests that a web browser
//! was made to send. Needs root, which is given up for it, and `redis-server`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may end in a panic, and says why it was skipped"
)]

mod lab;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use keelguard_signs::logins::Kind;

/// What the server answers.
fn say(port: u16, text: &str) -> String {
    let mut server = TcpStream::connect((lab::HERE, port)).unwrap();
    server.write_all(text.as_bytes()).unwrap();
    server.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = String::new();
    let _ = server.read_to_string(&mut answer);
    answer
}

#[test]
fn a_browsers_request_that_was_sent_to_redis_is_a_probe_and_a_wrong_password_leaves_no_trace() {
    if !lab::can_run(&[("/usr/bin/redis-server", "redis-server"), ("/usr/bin/setpriv", "util-linux")]) {
        return;
    }
    let folder = lab::folder();
    let log = folder.path().join("redis-server.log");
    let port = lab::free_port();
    let mut command = lab::as_nobody("redis-server");
    command.args(["--bind", lab::HERE, "--port", &port.to_string(), "--requirepass", "right", "--save", ""]);
    command.arg("--dir").arg(folder.path()).arg("--logfile").arg(&log);
    let _daemon = lab::start(&mut command, port);

    assert!(say(port, "AUTH right\r\nPING\r\n").contains("+PONG"));
    for _ in 0..12 {
        assert!(say(port, "AUTH wrong\r\n").contains("WRONGPASS"));
    }
    assert!(lab::read_log(&log).events.is_empty(), "{}", lab::read_log(&log).text);

    say(port, "POST / HTTP/1.1\r\nHost: lab\r\n\r\nFLUSHALL\r\n");
    let found = lab::wait_for_events(&log, |events| !events.is_empty());
    let [event] = found.events.as_slice() else { panic!("{:#?}", found.events) };
    assert_eq!(
        (event.kind, event.service.as_str(), event.method.as_deref()),
        (Kind::Probe, "redis", Some("cross-protocol"))
    );
    found.is_of_now(event);
    // Up to 7.0 it does not say from where.
    assert!(event.address.as_deref().is_none_or(|address| address == lab::HERE));
}
