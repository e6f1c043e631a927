//! A mirror of advisories behind TLS, whose certificate an authority of the company's own has signed.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may end in a panic")]

mod images;
mod support;

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use images::{have, run};
use support::Home;

/// OpenSSL's own server of files, which goes when the test does.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_mirror_behind_tls_is_trusted_by_the_authority_that_the_settings_name() {
    if !have(&["openssl", "python3"]) {
        return;
    }
    let home = Home::new();
    let folder = home.path("");
    std::fs::create_dir_all(home.path("mirror/Debian")).unwrap();
    std::fs::write(home.path("ext"), "basicConstraints=CA:FALSE\nsubjectAltName=IP:127.0.0.1\n").unwrap();
    for line in [
        "req -x509 -newkey rsa:2048 -nodes -keyout ca-key.pem -out ca.pem -subj /CN=ca -days 2",
        "req -newkey rsa:2048 -nodes -keyout key.pem -out one.csr -subj /CN=one",
        "x509 -req -in one.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -extfile ext -out cert.pem -days 2",
    ] {
        run("openssl", &line.split(' ').collect::<Vec<_>>(), &folder);
    }
    let record = r#"{"id":"DEBIAN-CVE-2026-1","modified":"2026-11-01T00:00:00Z","affected":[{"package":{"ecosystem":"Debian:12",
        "name":"shop"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]}]}"#;
    home.write("DEBIAN-CVE-2026-1.json", record);
    let zip = ["-m", "zipfile", "-c", "mirror/Debian/all.zip", "DEBIAN-CVE-2026-1.json"];
    run("python3", &zip, &folder);
    home.write("mirror/Debian/modified_id.csv", "2026-11-01T00:00:00Z,DEBIAN-CVE-2026-1\n");

    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut command = Command::new("openssl");
    command.args(["s_server", "-WWW", "-quiet", "-accept", &address.to_string(), "-cert", "../cert.pem", "-key"]);
    command.arg("../key.pem").current_dir(home.path("mirror")).stdin(Stdio::null());
    let _server = Server(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    let begun = Instant::now();
    while TcpStream::connect(address).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(20), "the server does not listen");
        std::thread::yield_now();
    }

    let settings = format!("advisories_url = 'https://{address}'\nkev_url = 'none'\nepss_url = 'none'\n");
    home.write("keelguard.toml", &settings);
    let update = || {
        let mut command = home.command(&["advisories", "update", "Debian"]);
        command.env("KEELGUARD_QUIET", "false");
        let output = home.output(command);
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = update();
    assert!(code != 0 && said.contains("certificate"), "nobody here knows who signed it: {code} {said}");
    home.write("keelguard.toml", format!("{settings}advisories_ca_file = 'ca.pem'\n"));
    let (code, said) = update();
    assert_eq!(code, 0, "{said}");
    let status = home.output(home.command(&["advisories", "status"]));
    assert!(String::from_utf8_lossy(&status.stdout).contains("Debian"), "{said}");
}
