//! An engine behind TLS, with certificates of its own making: the right ones work, all others are refused with a
//! sentence that says which side is at fault.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may end in a panic, and says why it is skipped")]

mod common;

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use common::{gap, healthy, options, reply, request};
use keelguard_host::{Environment, Facts, collect};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

/// An authority, a server's and a client's certificate, in a folder laid out as Docker's clients have it.
struct Pki {
    folder: tempfile::TempDir,
}

impl Pki {
    /// None, with the reason printed, where there is no openssl to make certificates with.
    fn new() -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_err() {
            eprintln!("skipped: openssl is not installed");
            return None;
        }
        let pki = Self { folder: tempfile::tempdir().unwrap() };
        pki.openssl("req -x509 -newkey rsa:2048 -nodes -keyout ca-key.pem -out ca.pem -subj /CN=ca -days 2");
        let in_force = "-days 2";
        pki.issue("server", "subjectAltName=IP:127.0.0.1", in_force);
        pki.issue("other", "subjectAltName=DNS:elsewhere.example", in_force);
        pki.issue("old", "subjectAltName=IP:127.0.0.1", "-days -1");
        pki.issue("client", "extendedKeyUsage=clientAuth", in_force);
        std::fs::rename(pki.path("client.pem"), pki.path("cert.pem")).unwrap();
        std::fs::rename(pki.path("client-key.pem"), pki.path("key.pem")).unwrap();
        Some(pki)
    }

    fn issue(&self, name: &str, extension: &str, validity: &str) {
        std::fs::write(self.path("ext"), format!("basicConstraints=CA:FALSE\n{extension}\n")).unwrap();
        self.openssl(&format!("req -newkey rsa:2048 -nodes -keyout {name}-key.pem -out {name}.csr -subj /CN={name}"));
        self.openssl(&format!(
            "x509 -req -in {name}.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -extfile ext -out {name}.pem {validity}"
        ));
    }

    fn openssl(&self, arguments: &str) {
        let output =
            Command::new("openssl").args(arguments.split(' ')).current_dir(self.folder.path()).output().unwrap();
        assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// A folder with only these of the client's files.
    fn only(&self, names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            std::fs::copy(self.path(name), folder.path().join(name)).unwrap();
        }
        folder
    }

    /// An engine that shows `certificate` and wants a certificate of the same authority.
    fn engine(&self, certificate: &str) -> String {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(self.path("ca.pem")).unwrap()).unwrap();
        let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build().unwrap();
        let chain = vec![CertificateDer::from_pem_file(self.path(&format!("{certificate}.pem"))).unwrap()];
        let key = PrivateKeyDer::from_pem_file(self.path(&format!("{certificate}-key.pem"))).unwrap();
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(clients)
            .with_single_cert(chain, key)
            .unwrap();
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for tcp in listener.incoming().flatten() {
                let config = Arc::clone(&config);
                std::thread::spawn(move || {
                    let mut stream = StreamOwned::new(ServerConnection::new(config).unwrap(), tcp);
                    if let Some(path) = request(&mut stream) {
                        let (status, body) = healthy(&path);
                        reply(&mut stream, status, &body);
                        stream.conn.send_close_notify();
                        let _ = stream.conn.complete_io(&mut stream.sock);
                    }
                });
            }
        });
        format!("tcp://127.0.0.1:{port}")
    }
}

async fn with(engine: Option<&str>, environment: Environment) -> Facts {
    let mut options = options("");
    options.engine = engine.map(str::to_owned);
    options.environment = environment;
    // Keys of 2048 bits take their time in a build without optimization.
    options.request_timeout = std::time::Duration::from_secs(20);
    options.engine_timeout = std::time::Duration::from_secs(40);
    collect(&options).await.unwrap()
}

/// As with `DOCKER_CERT_PATH` and `DOCKER_TLS_VERIFY`.
async fn verified(engine: &str, certificates: &Path) -> Facts {
    let vars = [("DOCKER_TLS_VERIFY", "1".to_owned()), ("DOCKER_CERT_PATH", certificates.display().to_string())];
    let vars = BTreeMap::from(vars.map(|(name, value)| (name.to_owned(), value)));
    with(Some(engine), Environment { vars, ..Environment::default() }).await
}

#[tokio::test]
async fn the_right_certificates_work_and_all_others_are_refused_with_a_sentence() {
    let Some(pki) = Pki::new() else { return };
    let engine = pki.engine("server");
    let facts = verified(&engine, pki.folder.path()).await;
    assert_eq!(facts.containers().len(), 1, "{:?}", facts.incomplete);

    let refused = async |engine: &str, certificates: &Path, sentence: &str| {
        let facts = verified(engine, certificates).await;
        assert!(facts.engine.is_none());
        let why = gap(&facts, "the engine");
        assert!(why.contains(sentence), "{why}");
    };
    let nameless = pki.only(&["ca.pem"]);
    refused(&engine, nameless.path(), "it wants a client certificate").await;
    refused(&pki.engine("other"), pki.folder.path(), "its certificate is for another name").await;
    refused(&pki.engine("old"), pki.folder.path(), "its certificate has expired").await;

    let Some(stranger) = Pki::new() else { return };
    refused(&engine, stranger.folder.path(), "its certificate is not signed by the given authority").await;
    let mixed = pki.only(&["ca.pem"]);
    for name in ["cert.pem", "key.pem"] {
        std::fs::copy(stranger.path(name), mixed.path().join(name)).unwrap();
    }
    refused(&engine, mixed.path(), "client certificate").await;
    std::fs::write(mixed.path().join("key.pem"), "no key").unwrap();
    refused(&engine, mixed.path(), "key.pem is no PEM certificate or key").await;
    refused(&pki_free(), pki.folder.path(), "it does not speak TLS").await;
}

/// An engine in the clear.
fn pki_free() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut tcp in listener.incoming().flatten() {
            reply(&mut tcp, 400, "{}");
            common::stall(&mut tcp);
        }
    });
    format!("tcp://127.0.0.1:{port}")
}

#[tokio::test]
async fn a_context_that_skips_verification_reaches_an_engine_whose_certificate_nobody_signed_for_it() {
    use sha2::{Digest as _, Sha256};

    let Some(pki) = Pki::new() else { return };
    let home = tempfile::tempdir().unwrap();
    let id: String = Sha256::digest("staging").iter().map(|byte| format!("{byte:02x}")).collect();
    let meta = home.path().join(".docker/contexts/meta").join(&id);
    let tls = home.path().join(".docker/contexts/tls").join(&id).join("docker");
    std::fs::create_dir_all(&meta).unwrap();
    std::fs::create_dir_all(&tls).unwrap();
    for name in ["cert.pem", "key.pem"] {
        std::fs::copy(pki.path(name), tls.join(name)).unwrap();
    }
    let engine = pki.engine("old");
    let write = |skip: bool| {
        let endpoint = format!(r#"{{"docker":{{"Host":"{engine}","SkipTLSVerify":{skip}}}}}"#);
        let text = format!(r#"{{"Name":"staging","Endpoints":{endpoint}}}"#);
        std::fs::write(meta.join("meta.json"), text).unwrap();
    };
    let vars = BTreeMap::from([("DOCKER_CONTEXT".to_owned(), "staging".to_owned())]);
    let environment = Environment { vars, home: Some(home.path().to_path_buf()), uid: 1000 };
    write(true);
    assert_eq!(with(None, environment.clone()).await.containers().len(), 1);
    write(false);
    assert!(with(None, environment).await.engine.is_none());
}
