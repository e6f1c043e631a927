//! What a real OpenVPN writes while somebody guesses: server and clients in a network namespace of their own, with a log of
//! their own. Needs root, `/dev/net/tun` and `openvpn`.

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
use std::process::{Command, Stdio};

use keelguard_signs::logins::Kind;

/// Starts the server, and lets each line of `attempts`, a name and a password, try once.
const SCRIPT: &str = r#"
cd "$LAB"
ip link set lo up
openvpn --dev tun --server 10.99.0.0 255.255.255.0 --topology subnet --port 11194 --local 127.0.0.1 --ca cert --cert cert --key key \
    --dh none --verify-client-cert none --username-as-common-name --script-security 2 --auth-user-pass-verify "$LAB/verify" via-file \
    --tmp-dir "$LAB" --log server.log &
server=$!
until grep -qs 'Initialization Sequence Completed' server.log; do kill -0 $server || exit 1; done
while read -r user password; do
    printf '%s\n%s\n' "$user" "$password" >login
    openvpn --client --dev null --remote 127.0.0.1 11194 --ca cert --auth-user-pass login --nobind --auth-retry none \
        --connect-retry-max 1 --inactive 3 --log client.log
done <attempts
kill $server
wait $server
"#;

fn run(here: &Path, attempts: &str) {
    std::fs::write(here.join("attempts"), attempts).unwrap();
    let mut command = Command::new("timeout");
    command.args(["30", "unshare", "--net", "sh", "-c", SCRIPT]).env("LAB", here).stdin(Stdio::null());
    command.status().unwrap();
}

#[test]
fn what_a_real_openvpn_writes_is_read() {
    let needed =
        [("/usr/sbin/openvpn", "openvpn"), ("/dev/net/tun", "the kernel's tun"), ("/usr/bin/openssl", "openssl")];
    if !lab::can_run(&needed) {
        return;
    }
    let folder = lab::folder();
    let here = folder.path();
    let mut command = Command::new("openssl");
    command.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=lab", "-keyout"]);
    let made = command.arg(here.join("key")).arg("-out").arg(here.join("cert")).stderr(Stdio::null()).status().unwrap();
    assert!(made.success());
    std::fs::write(here.join("verify"), "#!/bin/sh\n[ \"$(sed -n 2p \"$1\")\" = right ]\n").unwrap();
    lab::open_to_all(&here.join("verify"));

    let log = here.join("server.log");
    run(here, "alice wrong\nalice right\n");
    let found = lab::read_log(&log);
    found.all_of("openvpn");
    let kinds: Vec<_> = found.events.iter().map(|event| (event.kind, event.user.as_deref())).collect();
    assert_eq!(kinds, [(Kind::LoginFailed, None), (Kind::LoginOk, Some("alice"))], "{}", found.text);
    assert!(found.events.iter().all(|event| event.port.is_some()) && found.rules.is_empty());

    run(here, &"bob wrong\n".repeat(12));
    let found = lab::read_log(&log);
    found.all_of("openvpn");
    // A client on a busy machine may ask once more, or give up.
    let told = found.text.matches("TLS Auth Error").count();
    assert!(told >= 10, "{}", found.text);
    assert_eq!(found.refused(), vec![""; told], "it names nobody who failed: {}", found.text);
    assert_eq!(found.rules, ["KG-L001"]);
}
