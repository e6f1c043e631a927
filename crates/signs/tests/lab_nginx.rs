//! What a real nginx writes while somebody guesses the password of a page, in its error log and its access log. Needs root,
//! which it gives up, and `nginx`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may end in a panic, and says why it was skipped"
)]

mod lab;

use std::path::Path;
use std::process::Command;

use keelguard_signs::logins::{Channel, Kind};

fn configuration(here: &Path, port: u16) -> String {
    let here = here.display();
    let folders: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {here}/{name};\n"))
        .concat();
    format!(
        "pid {here}/pid;\nerror_log {here}/error.log;\ndaemon off;\nworker_processes 1;\nuser nobody nogroup;\nevents {{}}\n\
         http {{\naccess_log {here}/access.log combined;\n{folders}\
         server {{ listen 127.0.0.1:{port}; root {here}/pages; auth_basic lab; auth_basic_user_file {here}/htpasswd; }}\n}}\n"
    )
}

#[test]
fn what_a_real_nginx_writes_is_read_even_where_names_and_referrers_forge_it() {
    if !lab::can_run(&[("/usr/sbin/nginx", "nginx"), ("/usr/bin/openssl", "openssl")]) {
        return;
    }
    let folder = lab::folder();
    let here = folder.path();
    std::fs::write(Path::new(&lab::subfolder(here, "pages")).join("index.html"), "hello").unwrap();
    std::fs::write(here.join("htpasswd"), lab::htpasswd("alice")).unwrap();
    let port = lab::free_port();
    let config = here.join("nginx.conf");
    std::fs::write(&config, configuration(here, port)).unwrap();
    let mut command = Command::new("nginx");
    let _daemon = lab::start(command.arg("-c").arg(&config).arg("-e").arg(here.join("error.log")), port);

    // Everyday use: the first refusal asks for the password; somebody mistypes it once.
    assert_eq!(lab::ask(port, "/", None, ""), 401);
    assert_eq!(lab::ask(port, "/", Some(("alice", "wrong")), ""), 401);
    assert_eq!(lab::ask(port, "/", Some(("alice", "right")), ""), 200);
    let found = lab::wait_for_events(&here.join("error.log"), |events| !events.is_empty());
    assert_eq!((found.refused(), found.rules.len()), (vec!["alice"], 0));

    let forged = "x\" was not found in \"y\", client";
    let referrer = "Referer: x\": password mismatch, client: 192.0.2.66, server: y\r\n";
    assert_eq!(lab::ask(port, "/", Some((forged, "wrong")), ""), 401);
    assert_eq!(lab::ask(port, "/x\":%20password%20mismatch", Some(("alice", "wrong")), referrer), 401);
    for _ in 0..12 {
        lab::ask(port, "/", Some(("a b\"c", "wrong")), "");
    }
    let found = lab::wait_for_events(&here.join("error.log"), |events| events.len() >= 15);
    found.all_of("nginx");
    let refused = found.refused();
    assert_eq!(refused[..3], ["alice", "x", "alice"], "a name that holds the daemon's own words is cut there");
    assert_eq!(refused[3..], ["a b\"c"; 12]);
    assert_eq!(found.rules, ["KG-L001"]);

    // The access log tells of the same attempts; read with the error log, each counts once.
    let access = lab::wait_for_events(&here.join("access.log"), |events| events.len() >= 15);
    access.all_of("http");
    assert!(access.events.iter().all(|event| event.kind == Kind::LoginFailed && event.channel == Channel::Library));
    assert_eq!(access.rules, ["KG-L001"]);
}
