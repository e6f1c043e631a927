//! Debian's docker-registry, which has to be installed.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::images::run;

/// `shelf:shelf`, hashed with bcrypt, as registries want it.
const HTPASSWD: &str = "shelf:$2y$05$abcdefghijklmnopqrstuuq635uD5H8GuIrTUYgUt2Sn6/nycIo66\n";
/// The same in base64, as clients keep it.
pub const AUTH: &str = "c2hlbGY6c2hlbGY=";

/// A registry of its own, which goes when the test does.
pub struct Registry {
    child: Child,
    /// `127.0.0.1:PORT`.
    pub address: String,
}

impl Registry {
    /// With its certificate's authority in `ca.crt` of `folder`, and all else there, too.
    pub fn start(folder: &Path) -> Self {
        std::fs::write(folder.join("ext"), "basicConstraints=CA:FALSE\nsubjectAltName=IP:127.0.0.1\n").unwrap();
        for line in [
            "req -x509 -newkey rsa:2048 -nodes -keyout ca-key.pem -out ca.crt -subj /CN=ca -days 2",
            "req -newkey rsa:2048 -nodes -keyout key.pem -out one.csr -subj /CN=one",
            "x509 -req -in one.csr -CA ca.crt -CAkey ca-key.pem -CAcreateserial -extfile ext -out cert.pem -days 2",
        ] {
            run("openssl", &line.split(' ').collect::<Vec<_>>(), folder);
        }
        std::fs::write(folder.join("htpasswd"), HTPASSWD).unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let config = format!(
            "version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: {0}/registry\nhttp:\n  addr: {address}\n  \
             secret: x\n  tls:\n    certificate: {0}/cert.pem\n    key: {0}/key.pem\nauth:\n  htpasswd:\n    realm: shop\n    \
             path: {0}/htpasswd\n",
            folder.display()
        );
        std::fs::write(folder.join("registry.yml"), config).unwrap();
        let mut command = Command::new("docker-registry");
        command
            .arg("serve")
            .arg(folder.join("registry.yml"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
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
