//! An image in a real registry, behind TLS and a login: the same packages as in the layout from which it was pushed.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may end in a panic, and says why it is skipped"
)]

mod images;
mod support;

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use images::{have, layout, run};
use serde_json::Value;
use support::Home;

/// `shelf:shelf`, hashed with bcrypt, as registries want it.
const HTPASSWD: &str = "shelf:$2y$05$abcdefghijklmnopqrstuuq635uD5H8GuIrTUYgUt2Sn6/nycIo66\n";
/// The same in base64, as clients keep it.
const AUTH: &str = "c2hlbGY6c2hlbGY=";

/// A registry of its own, which goes when the test does.
struct Registry {
    child: Child,
    address: String,
}

impl Registry {
    fn start(home: &Home) -> Self {
        let folder = home.path("");
        std::fs::write(home.path("ext"), "basicConstraints=CA:FALSE\nsubjectAltName=IP:127.0.0.1\n").unwrap();
        for line in [
            "req -x509 -newkey rsa:2048 -nodes -keyout ca-key.pem -out ca.crt -subj /CN=ca -days 2",
            "req -newkey rsa:2048 -nodes -keyout key.pem -out one.csr -subj /CN=one",
            "x509 -req -in one.csr -CA ca.crt -CAkey ca-key.pem -CAcreateserial -extfile ext -out cert.pem -days 2",
        ] {
            run("openssl", &line.split(' ').collect::<Vec<_>>(), &folder);
        }
        home.write("htpasswd", HTPASSWD);
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let config = format!(
            "version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: {0}registry\nhttp:\n  addr: {address}\n  \
             secret: x\n  tls:\n    certificate: {0}cert.pem\n    key: {0}key.pem\nauth:\n  htpasswd:\n    realm: shop\n    \
             path: {0}htpasswd\n",
            folder.display()
        );
        let config = home.write("registry.yml", config);
        let mut command = Command::new("docker-registry");
        command.arg("serve").arg(config).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let registry = Self { child: command.spawn().unwrap(), address };
        let begun = Instant::now();
        while TcpStream::connect(&registry.address).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20), "the registry does not listen");
            std::thread::yield_now();
        }
        registry
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn an_image_behind_tls_and_a_login_has_the_same_packages_as_its_layout() {
    if !have(&["docker-registry", "skopeo", "openssl"]) {
        return;
    }
    let home = Home::new();
    layout(&home.path(""));
    let registry = Registry::start(&home);
    let address = registry.address.as_str();
    let image = format!("{address}/team/shop:1");
    for format in ["oci", "v2s2"] {
        let name = format!("docker://{address}/team/shop:{}", if format == "oci" { "1" } else { "docker" });
        let arguments =
            ["--insecure-policy", "copy", "--format", format, "--dest-creds", "shelf:shelf", "--dest-cert-dir", "."];
        run("skopeo", &[&arguments[..], &["oci:layout:shop:1", &name]].concat(), &home.path(""));
    }
    let look = |target: &str, flags: &[&str]| {
        let arguments = [&["image", target, "--format", "json", "--no-cache"], flags].concat();
        let mut command = home.command(&arguments);
        // Advisories are fetched from nowhere: only registries are asked here.
        command.env("KEELGUARD_ADVISORIES_URL", home.path("none"));
        let output = home.output(command);
        let said = String::from_utf8(output.stderr).unwrap();
        (serde_json::from_slice::<Value>(&output.stdout).unwrap_or_default(), said)
    };
    let (expected, _) = look("oci:layout", &["--offline"]);
    assert_eq!(expected["packages"].as_array().unwrap().len(), 3);

    let (_, said) = look(&format!("registry:{image}"), &["--registry-ca-file", "ca.crt"]);
    assert!(said.contains(&format!("asks for a login; type: docker login {address}")), "{said}");
    std::fs::create_dir(home.path(".docker")).unwrap();
    home.write(".docker/config.json", format!(r#"{{"auths": {{"{address}": {{"auth": "{AUTH}"}}}}}}"#));
    for target in [format!("registry:{image}"), image.clone(), format!("{address}/team/shop:docker")] {
        let (report, said) = look(&target, &["--registry-ca-file", "ca.crt"]);
        assert_eq!(report["packages"], expected["packages"], "{target}: {said}");
        assert_eq!(report["incomplete"], serde_json::json!([]), "{target}");
        assert_eq!(report["target"]["kind"], "registry", "{target}");
        assert_eq!(report["target"]["layers"][0]["diff_id"], expected["target"]["layers"][0]["diff_id"], "{target}");
    }
    let (report, _) = look(&image, &["--registry-ca-file", "ca.crt"]);
    assert_eq!(report["target"]["digest"], expected["target"]["digest"]);
    let pinned = format!("{address}/team/shop@{}", report["target"]["digest"].as_str().unwrap());
    assert_eq!(look(&pinned, &["--insecure-registries", address]).0["packages"], expected["packages"]);

    let (_, said) = look(&image, &["--offline"]);
    assert!(said.contains("no registry was asked (--offline)"), "{said}");
    let (_, said) = look(&format!("registry:{address}/team/nothing:1"), &["--registry-ca-file", "ca.crt"]);
    assert!(said.contains("there is no such thing: manifest unknown"), "{said}");
    let (_, said) = look(&image, &["--registry-ca-file", "none.crt"]);
    assert!(said.contains("none.crt cannot be read"), "{said}");
}
