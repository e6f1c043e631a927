//! Debian's containerd, which has to be installed.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A containerd with folders and sockets of its own, which goes when the test does.
pub struct Containerd {
    child: Child,
    socket: String,
}

impl Containerd {
    /// With its `root` and all else in `home`.
    pub fn start(home: &Path) -> Self {
        let folder = home.display().to_string();
        let socket = format!("{folder}/c.sock");
        let config = format!(
            "version = 2\nroot = \"{folder}/root\"\nstate = \"{folder}/state\"\ndisabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n\
             [grpc]\naddress = \"{socket}\"\n"
        );
        std::fs::write(home.join("config.toml"), config).unwrap();
        let mut command = Command::new("containerd");
        let log = File::create(home.join("log")).unwrap();
        command.arg("--config").arg(home.join("config.toml")).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let containerd = Self { child: command.spawn().unwrap(), socket };
        let begun = Instant::now();
        while !containerd.ctr("default").arg("version").output().unwrap().status.success() {
            let log = std::fs::read_to_string(home.join("log")).unwrap();
            assert!(begun.elapsed() < Duration::from_secs(20), "containerd does not answer: {log}");
        }
        containerd
    }

    /// Its client in a namespace.
    pub fn ctr(&self, namespace: &str) -> Command {
        let mut command = Command::new("ctr");
        command.args(["--address", &self.socket, "--namespace", namespace]);
        command
    }

    /// Has it do something that must succeed.
    pub fn does(&self, namespace: &str, arguments: &[&str]) {
        let output = self.ctr(namespace).args(arguments).output().unwrap();
        assert!(output.status.success(), "ctr {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

impl Drop for Containerd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
