//! A real engine behind mutual TLS. Certificates are made here; the engine listens in the lab's own network namespace,
//! and the program is run in there.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "tests may panic, and say why skipped"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use keelguard_lab::{Lab, Options, Set};
use serde_json::Value;

const ADDRESS: &str = "tcp://127.0.0.1:2376";

/// An authority, and what it signed for the engine and for its client, in a folder as Docker's clients have it.
struct Pki(tempfile::TempDir);

impl Pki {
    fn new() -> Self {
        let pki = Self(tempfile::tempdir().unwrap());
        pki.openssl("req -x509 -newkey rsa:2048 -nodes -keyout ca-key.pem -out ca.pem -subj /CN=ca -days 2");
        pki.issue("server", "subjectAltName=IP:127.0.0.1");
        pki.issue("client", "extendedKeyUsage=clientAuth");
        std::fs::rename(pki.path("client.pem"), pki.path("cert.pem")).unwrap();
        std::fs::rename(pki.path("client-key.pem"), pki.path("key.pem")).unwrap();
        pki
    }

    fn issue(&self, name: &str, extension: &str) {
        std::fs::write(self.path("ext"), format!("basicConstraints=CA:FALSE\n{extension}\n")).unwrap();
        self.openssl(&format!("req -newkey rsa:2048 -nodes -keyout {name}-key.pem -out {name}.csr -subj /CN={name}"));
        self.openssl(&format!(
            "x509 -req -in {name}.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -extfile ext -out {name}.pem -days 2"
        ));
    }

    fn openssl(&self, arguments: &str) {
        let output = Command::new("openssl").args(arguments.split(' ')).current_dir(self.0.path()).output().unwrap();
        assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A folder of files from here and there.
    fn folder(files: &[(&Self, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (pki, name) in files {
            std::fs::copy(pki.path(name), folder.path().join(name)).unwrap();
        }
        folder
    }
}

/// A lab whose engine also listens for whoever has a certificate of `pki`; or nothing and the printed reason.
fn lab(pki: &Pki) -> Lab {
    let mut options = Options { listen: vec![ADDRESS.to_owned()], ..Options::default() };
    options.daemon.insert("tlsverify".to_owned(), true.into());
    for (key, file) in [("tlscacert", "ca.pem"), ("tlscert", "server.pem"), ("tlskey", "server-key.pem")] {
        options.daemon.insert(key.to_owned(), pki.path(file).display().to_string().into());
    }
    Lab::up(&options).unwrap()
}

/// `keelguard check` as somebody with these certificates types it.
fn check(lab: &Lab, certificates: &Path, arguments: &[&str]) -> Output {
    let mut command = lab.inside(Path::new(env!("CARGO_BIN_EXE_keelguard"))).unwrap();
    command.args(["check", "--quiet", "--format", "json"]).args(arguments).current_dir(lab.dir());
    command.env("DOCKER_HOST", ADDRESS).env("DOCKER_TLS_VERIFY", "1").env("DOCKER_CERT_PATH", certificates);
    // Keys of 2048 bits take their time in a build without optimization, on a machine that is busy.
    command.env("KEELGUARD_REQUEST_TIMEOUT", "20").output().unwrap()
}

fn report(output: &Output) -> Value {
    let said = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {said}"))
}

/// Why the engine was not seen, in a run that was done in part.
fn refusal(lab: &Lab, certificates: &Path) -> String {
    let output = check(lab, certificates, &[]);
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
    let report = report(&output);
    assert_eq!(report["host"]["endpoint"], Value::Null);
    let gaps = report["incomplete"].as_array().unwrap();
    let gap = gaps.iter().find(|gap| gap["what"] == "the engine").unwrap_or_else(|| panic!("{gaps:?}"));
    let areas = report["areas"].as_array().unwrap();
    assert!(
        areas.len() == 9 && areas.iter().all(|area| area["verdict"] != "green"),
        "nothing reads as clean: {areas:?}"
    );
    gap["why"].as_str().unwrap().to_owned()
}

#[test]
fn a_real_engine_behind_tls_is_judged_by_its_client_and_by_nobody_else() {
    if let Some(reason) = keelguard_lab::why_not() {
        eprintln!("skipped: {reason}");
        return;
    }
    if Command::new("openssl").arg("version").output().is_err() {
        eprintln!("skipped: openssl is not installed");
        return;
    }
    let (pki, stranger) = (Pki::new(), Pki::new());
    let mut lab = lab(&pki);
    lab.populate(Set::Demo).unwrap();

    let output = check(&lab, pki.0.path(), &["--fail-on", "critical"]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let judged = report(&output);
    assert_eq!(judged["host"]["endpoint"], ADDRESS);
    assert_eq!(judged["host"]["containers"], 12);
    assert!(judged["paths"].as_array().is_some_and(|paths| !paths.is_empty()));

    for (files, sentence) in [
        (
            Pki::folder(&[(&pki, "ca.pem")]),
            "it wants a client certificate: put cert.pem and key.pem into DOCKER_CERT_PATH",
        ),
        (
            Pki::folder(&[(&stranger, "ca.pem"), (&pki, "cert.pem"), (&pki, "key.pem")]),
            "its certificate is not signed by the given authority (ca.pem)",
        ),
        (Pki::folder(&[(&pki, "ca.pem"), (&stranger, "cert.pem"), (&stranger, "key.pem")]), "client certificate"),
    ] {
        let why = refusal(&lab, files.path());
        eprintln!("{why}");
        assert!(why.contains(ADDRESS) && why.contains(sentence), "{why}");
    }
    lab.down().unwrap();
}
