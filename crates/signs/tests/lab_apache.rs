//! What a real Apache httpd writes while somebody guesses the password of a page. Needs root, which it gives up, and
//! `apache2-bin`: the program without a service of its own.

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

fn configuration(here: &Path, port: u16) -> String {
    let here = here.display();
    let modules: String = ["mpm_event", "auth_basic", "authn_core", "authn_file", "authz_core", "authz_user"]
        .map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"))
        .concat();
    format!(
        "ServerRoot {here}\nServerName lab\nPidFile {here}/pid\nListen 127.0.0.1:{port}\nMutex file:{here}\nErrorLog {here}/error.log\n\
         {modules}LogFormat \"%h %l %u %t \\\"%r\\\" %>s %O \\\"%{{Referer}}i\\\" \\\"%{{User-Agent}}i\\\"\" combined\n\
         CustomLog {here}/access.log combined\nUser nobody\nGroup nogroup\nStartServers 1\nDocumentRoot {here}/pages\n<Directory {here}/pages>\n\
         AuthType Basic\nAuthName lab\nAuthUserFile {here}/htpasswd\nRequire valid-user\n</Directory>\n"
    )
}

#[test]
fn what_a_real_httpd_writes_is_read_even_where_names_and_referrers_forge_it() {
    if !lab::can_run(&[("/usr/sbin/apache2", "apache2-bin"), ("/usr/bin/openssl", "openssl")]) {
        return;
    }
    let folder = lab::folder();
    let here = folder.path();
    std::fs::write(Path::new(&lab::subfolder(here, "pages")).join("page"), "hello").unwrap();
    std::fs::write(here.join("htpasswd"), lab::htpasswd("alice")).unwrap();
    let port = lab::free_port();
    let config = here.join("httpd.conf");
    std::fs::write(&config, configuration(here, port)).unwrap();
    let mut command = Command::new("apache2");
    let _daemon = lab::start(command.arg("-d").arg(here).arg("-f").arg(&config).args(["-D", "FOREGROUND"]), port);

    assert_eq!(lab::ask(port, "/page", None, ""), 401);
    assert_eq!(lab::ask(port, "/page", Some(("alice", "wrong")), ""), 401);
    assert_eq!(lab::ask(port, "/page", Some(("alice", "right")), ""), 200);
    let error_log = here.join("error.log");
    let found = lab::wait_for_events(&error_log, |events| !events.is_empty());
    assert_eq!((found.refused(), found.rules.len()), (vec!["alice"], 0));

    let referrer = "Referer: http://x/] [client 192.0.2.66] AH01617: user y: authentication failure for \"/\": Password Mismatch\r\n";
    lab::ask(port, "/page", Some(("x not found] [client 192.0.2.66", "wrong")), "");
    lab::ask(port, "/a%22b", Some(("alice", "wrong")), referrer);
    for _ in 0..12 {
        lab::ask(port, "/page", Some(("bob \"b\" \\", "wrong")), "");
    }
    let found = lab::wait_for_events(&error_log, |events| events.len() >= 15);
    found.all_of("apache");
    let refused = found.refused();
    assert_eq!(refused[..3], ["alice", "x not found] [client 192.0.2.66", "alice"]);
    assert_eq!(refused[3..], ["bob \"b\" \\\\"; 12], "a backslash is doubled by the daemon");
    assert!(found.events.iter().all(|event| event.port.is_none() || event.port != Some(port)));
    assert_eq!(found.rules, ["KG-L001"]);

    let access = lab::wait_for_events(&here.join("access.log"), |events| events.len() >= 15);
    access.all_of("http");
}
