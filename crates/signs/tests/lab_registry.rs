//! What a real registry of images writes while somebody guesses, as text and as JSON, in its log and in a container's. Needs
//! root, which is given up for it, and `docker-registry`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may end in a panic, and says why it was skipped"
)]

mod lab;

use std::fs::File;
use std::path::{Path, PathBuf};

use lab::Running;

/// `right`, hashed by bcrypt, which is all it takes.
const ALICE: &str = "alice:$2y$05$abcdefghijklmnopqrstuu8xaCxxL82bnl.UY74PMksDxIJShppPC\n";

fn start(here: &Path, formatter: &str) -> (Running, u16, PathBuf) {
    let port = lab::free_port();
    let shown = here.display();
    let config = here.join(format!("{formatter}.yml"));
    let text = format!(
        "version: 0.1\nlog: {{level: info, formatter: {formatter}}}\nstorage: {{filesystem: {{rootdirectory: {shown}/store}}}}\n\
         http: {{addr: 127.0.0.1:{port}}}\nauth: {{htpasswd: {{realm: lab, path: {shown}/htpasswd}}}}\n"
    );
    std::fs::write(&config, text).unwrap();
    let log = here.join(format!("{formatter}.log"));
    let mut command = lab::as_nobody("docker-registry");
    command.arg("serve").arg(&config).stderr(File::create(&log).unwrap());
    (lab::start(&mut command, port), port, log)
}

/// What Docker's json-file driver makes of a container's output.
fn as_of_a_container(text: &str) -> String {
    let now = jiff::Timestamp::now();
    let line = |line: &str| {
        serde_json::json!({"log": format!("{line}\n"), "stream": "stderr", "time": now}).to_string() + "\n"
    };
    text.lines().map(line).collect()
}

#[test]
fn what_a_real_registry_writes_is_read_in_each_form_and_no_client_moves_an_address() {
    if !lab::can_run(&[("/usr/bin/docker-registry", "docker-registry")]) {
        return;
    }
    let folder = lab::folder();
    std::fs::write(folder.path().join("htpasswd"), ALICE).unwrap();
    for formatter in ["text", "json"] {
        let (_daemon, port, log) = start(folder.path(), formatter);
        // What every client does: ask, be asked for a password, come with it.
        for _ in 0..20 {
            assert_eq!(lab::ask(port, "/v2/", None, ""), 401);
        }
        assert_eq!(lab::ask(port, "/v2/", Some(("alice", "right")), ""), 200);
        assert!(lab::read_log(&log).events.is_empty());

        assert_eq!(lab::ask(port, "/v2/", Some(("alice", "wrong")), ""), 401);
        let name = "x\" http.request.remoteaddr=\"192.0.2.66";
        let agent = "User-Agent: x\" http.request.remoteaddr=\"192.0.2.66:1\" http.request.uri=/\r\n";
        assert_eq!(lab::ask(port, "/v2/", Some((name, "wrong")), agent), 401);
        for _ in 0..12 {
            assert_eq!(lab::ask(port, "/v2/", Some(("bob", "wrong")), ""), 401);
        }
        let found = lab::wait_for_events(&log, |events| events.len() >= 14);
        found.all_of("docker-registry");
        let refused = found.refused();
        assert_eq!((refused.len(), refused[0], refused[2]), (14, "alice", "bob"));
        assert!(refused[1].contains("http.request.remoteaddr"), "{}", refused[1]);
        assert!(found.events.iter().all(|event| event.port.is_some()));
        assert_eq!(found.rules, ["KG-L001"], "{formatter}");

        let container = folder.path().join(format!("{formatter}-json.log"));
        std::fs::write(&container, as_of_a_container(&found.text)).unwrap();
        let again = lab::read_log(&container);
        again.all_of("docker-registry");
        assert_eq!((again.refused(), &again.rules), (refused, &found.rules));

        // The registry believes whoever claims to be a proxy.
        for _ in 0..12 {
            lab::ask(port, "/v2/", Some(("alice", "wrong")), "X-Forwarded-For: 192.0.2.66\r\n");
        }
        let found = lab::wait_for_events(&log, |events| events.len() >= 26);
        let claimed = &found.events[14..];
        assert!(claimed.iter().all(|event| event.address.as_deref() == Some("http.request.remoteaddr=192.0.2.66")));
        assert!(claimed.iter().all(|event| event.seen().address.is_none()), "that is nobody to block");
    }
}
