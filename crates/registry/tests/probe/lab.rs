//! Debian's docker-registry, started for one test with a configuration of its own.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

/// `admin:admin` and `shelf:shelf`, hashed with bcrypt, as registries want it.
pub const HTPASSWD: &str = "admin:$2y$05$abcdefghijklmnopqrstuu/ETYr/khvH.poOJBsjjZk.DM9FaNihe\n\
                            shelf:$2y$05$abcdefghijklmnopqrstuuq635uD5H8GuIrTUYgUt2Sn6/nycIo66\n";

/// A registry of its own, which goes when the test does.
pub struct Registry {
    child: Child,
    pub folder: tempfile::TempDir,
    /// `127.0.0.1:PORT`.
    pub address: String,
}

/// Whether there is a registry to test on; says so where there is none.
pub fn is_here() -> bool {
    let found = Path::new("/usr/bin/docker-registry").exists();
    if !found {
        eprintln!("skipped: docker-registry is not installed");
    }
    found
}

/// A port that is free, and the one after it.
fn free() -> u16 {
    loop {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        if port < 65_000 && TcpListener::bind(("127.0.0.1", port + 1)).is_ok() {
            return port;
        }
    }
}

impl Registry {
    /// Starts it. `storage`, `http` and `rest` are lines of its configuration, in which `HERE` is its folder and `NEXT` the
    /// port after its own.
    pub fn start(folder: tempfile::TempDir, storage: &str, http: &str, rest: &str) -> Self {
        let (here, port) = (folder.path().display().to_string(), free());
        let text = format!(
            "version: 0.1\nlog: {{level: error}}\nstorage:\n  filesystem: {{rootdirectory: HERE/store}}\n{storage}\
             http:\n  addr: 127.0.0.1:{port}\n  secret: 0123456789abcdef0123456789abcdef\n{http}{rest}"
        );
        let text = text.replace("HERE", &here).replace("NEXT", &(port + 1).to_string());
        std::fs::write(folder.path().join("registry.yml"), text).unwrap();
        std::fs::write(folder.path().join("htpasswd"), HTPASSWD).unwrap();
        let mut command = Command::new("/usr/bin/docker-registry");
        command.arg("serve").arg(folder.path().join("registry.yml"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let registry = Self { child: command.spawn().unwrap(), folder, address: format!("127.0.0.1:{port}") };
        let begun = Instant::now();
        while TcpStream::connect(&registry.address).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20), "the registry does not listen");
            std::thread::yield_now();
        }
        registry
    }

    pub fn open() -> Self {
        Self::start(tempfile::tempdir().unwrap(), "  delete: {enabled: true}\n", "", "")
    }

    pub fn with_login() -> Self {
        let auth = "auth:\n  htpasswd: {realm: shelf, path: HERE/htpasswd}\n";
        Self::start(tempfile::tempdir().unwrap(), "  delete: {enabled: true}\n", "", auth)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Everything that it keeps, by name, size and content.
    pub fn kept(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut folders = vec![self.path("store")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                let content =
                    std::fs::read(&path).map(|bytes| format!("{:x?}", Sha256::digest(bytes))).unwrap_or_default();
                found.push((path.display().to_string(), content));
                if path.is_dir() {
                    folders.push(path);
                }
            }
        }
        found.sort();
        found
    }

    /// Puts an image there as any client would.
    pub fn push(&self, repository: &str) {
        let base = format!("http://{}/v2/{repository}", self.address);
        let blob = |bytes: &[u8]| {
            let head = curl(&["-si", "-X", "POST", &format!("{base}/blobs/uploads/")], b"");
            let place = head.lines().find_map(|line| line.strip_prefix("Location: ")).unwrap().trim().to_owned();
            let digest: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            let to = format!("{place}&digest=sha256:{digest}");
            let kind = "Content-Type: application/octet-stream";
            let answer = curl(&["-si", "-X", "PUT", "-H", kind, "--data-binary", "@-", &to], bytes);
            assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
            (digest, bytes.len())
        };
        let (config, config_size) = blob(b"{}");
        let (layer, layer_size) = blob(b"a layer");
        let kind = "application/vnd.docker.distribution.manifest.v2+json";
        let manifest = format!(
            r#"{{"schemaVersion": 2, "mediaType": "{kind}",
            "config": {{"mediaType": "application/vnd.docker.container.image.v1+json", "digest": "sha256:{config}", "size": {config_size}}},
            "layers": [{{"mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", "digest": "sha256:{layer}", "size": {layer_size}}}]}}"#
        );
        let header = format!("Content-Type: {kind}");
        let to = format!("{base}/manifests/1");
        let answer = curl(&["-si", "-X", "PUT", "-H", &header, "--data-binary", "@-", &to], manifest.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    }
}

fn curl(arguments: &[&str], input: &[u8]) -> String {
    use std::io::Write as _;
    let mut child = Command::new("curl").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Makes a certificate for 127.0.0.1 in `folder`, with its authority in `ca.pem`. `key` and `hash` are openssl's words.
pub fn certify(folder: &Path, key: &str, hash: &str) {
    std::fs::write(folder.join("ext"), "basicConstraints=CA:FALSE\nsubjectAltName=IP:127.0.0.1\n").unwrap();
    for line in [
        "req -x509 -newkey rsa:2048 -nodes -keyout ca-key.pem -out ca.pem -subj /CN=ca -days 60".to_owned(),
        format!("req -newkey {key} -nodes -keyout key.pem -out one.csr -subj /CN=shelf"),
        format!(
            "x509 -req {hash} -in one.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -extfile ext -out cert.pem -days 5"
        ),
    ] {
        let output = Command::new("openssl").args(line.split(' ')).current_dir(folder).output().unwrap();
        assert!(output.status.success(), "openssl {line}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
