//! Runs that go on, and hosts whose logs are ours.

#![allow(clippy::print_stderr, reason = "a skipped test says why")]

use std::io::Write as _;

use super::Home;

/// `arguments` where `logs` is `/var/log` and nothing else is recorded: in a mount namespace of its own. None where that
/// takes more rights than there are.
pub fn on_a_host_with(logs: &std::path::Path, home: &Home, arguments: &[&str]) -> Option<std::process::Output> {
    let script = "mount --bind \"$1\" /var/log && shift && exec \"$@\"";
    let may = std::process::Command::new("unshare").args(["-m", "true"]).output();
    if !may.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: a mount namespace takes root");
        return None;
    }
    let inner = home.command(arguments);
    let mut command = std::process::Command::new("unshare");
    command.args(["-m", "--", "sh", "-c", script, "sh"]).arg(logs).arg(inner.get_program()).args(inner.get_args());
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.current_dir(inner.get_current_dir().unwrap_or(logs));
    Some(command.output().unwrap())
}

/// A run that goes on, and the lines that it has said.
pub struct Running(pub std::process::Child, std::sync::mpsc::Receiver<String>);

impl Running {
    pub fn start(mut command: std::process::Command) -> Self {
        use std::io::BufRead as _;
        let mut child = command.spawn().unwrap();
        let (send, lines) = std::sync::mpsc::channel();
        let output = std::io::BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _ = send.send(line);
            }
        });
        Self(child, lines)
    }

    pub fn next(&self) -> String {
        self.1.recv_timeout(std::time::Duration::from_secs(10)).expect("a line within ten seconds")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Writes on in a log.
pub fn append(home: &Home, name: &str, text: &str) {
    std::fs::OpenOptions::new().append(true).open(home.path(name)).unwrap().write_all(text.as_bytes()).unwrap();
}
