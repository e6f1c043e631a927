//! What the labs share: a folder, a port, a daemon that ends with its test, and what its log is read as. Each lab starts a
//! server of Debian's packages on loopback, with a configuration and a log of its own, and never touches the system's.

#![allow(dead_code, reason = "each lab uses its part")]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use keelguard_signs::logins::collect::{Reading, families, read};
use keelguard_signs::logins::detect::{Detectors, Limits};
use keelguard_signs::logins::{Channel, Kind, Login};

/// From where all labs are attacked, and where no forged text may lead.
pub const HERE: &str = "127.0.0.1";
pub const FORGED: &str = "192.0.2.66";

/// Whether all of these programs are here, and this is root. Where something is missing, it is said; on CI, which installs
/// it, the test fails.
pub fn can_run(programs: &[(&str, &str)]) -> bool {
    let missing = programs.iter().find(|(path, _)| !Path::new(path).exists()).map(|(_, package)| *package);
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|meta| meta.uid() == 0);
    let Some(what) = missing.or((!is_root).then_some("root")) else { return true };
    assert!(
        std::env::var_os("CI").is_none_or(|ci| ci != "true"),
        "this test needs {what}; type: scripts/install-deps --test"
    );
    eprintln!("skipped: this test needs {what}");
    false
}

/// A child that is asked to end when its test does, so that it ends its own children first.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let until = Instant::now() + Duration::from_secs(5);
        while Instant::now() < until {
            if !matches!(self.0.try_wait(), Ok(None)) {
                return;
            }
            std::thread::yield_now();
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A folder that everybody may enter: daemons give up root.
pub fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    open_to_all(folder.path());
    folder
}

pub fn open_to_all(path: &Path) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).unwrap();
}

/// Such a folder in `folder`, as text.
pub fn subfolder(folder: &Path, name: &str) -> String {
    let path = folder.join(name);
    std::fs::create_dir(&path).unwrap();
    open_to_all(&path);
    path.display().to_string()
}

pub fn free_port() -> u16 {
    TcpListener::bind((HERE, 0)).unwrap().local_addr().unwrap().port()
}

/// A command that has no rights of root.
pub fn as_nobody(program: &str) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups", program]);
    command
}

/// Starts `command` and waits until it listens on `port`.
pub fn start(command: &mut Command, port: u16) -> Running {
    let daemon = Running(command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap());
    wait_for("it listens", || TcpStream::connect((HERE, port)).ok().map(drop));
    daemon
}

/// Waits for `wanted`.
pub fn wait_for<T>(what: &str, mut wanted: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(found) = wanted() {
            return found;
        }
        assert!(Instant::now() < until, "waited in vain until {what}");
        std::thread::yield_now();
    }
}

/// `user:right` for a file of names and passwords, as Apache's `htpasswd` writes it.
pub fn htpasswd(user: &str) -> String {
    let out = Command::new("openssl").args(["passwd", "-apr1", "right"]).output().unwrap();
    format!("{user}:{}", String::from_utf8(out.stdout).unwrap())
}

/// A request with a name and a password, and with further header lines; the status of the answer.
pub fn ask(port: u16, target: &str, login: Option<(&str, &str)>, header: &str) -> u16 {
    let mut server = TcpStream::connect((HERE, port)).unwrap();
    server.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let login = login.map(|(user, password)| {
        format!("Authorization: Basic {}\r\n", base64(format!("{user}:{password}").as_bytes()))
    });
    let login = login.unwrap_or_default();
    write!(server, "GET {target} HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n{login}{header}\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = server.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer);
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("no answer: {answer}"))
}

pub fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0, |bits, at| bits << 8 | u32::from(chunk.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            let letter = LETTERS.get((bits >> (18 - 6 * at) & 63) as usize).copied().unwrap_or(b'=');
            text.push(if at <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

/// What is read in the logs of a lab.
pub struct Found {
    pub events: Vec<Login>,
    /// The rules that have a finding.
    pub rules: Vec<String>,
    pub text: String,
}

/// Reads `log`, waiting until `enough` of it is there.
pub fn wait_for_events(log: &Path, enough: impl Fn(&[Login]) -> bool) -> Found {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let found = read_log(log);
        if enough(&found.events) {
            return found;
        }
        assert!(Instant::now() < until, "{:#?}\n{}", found.events, found.text);
        std::thread::yield_now();
    }
}

pub fn read_log(log: &Path) -> Found {
    let mut events = Vec::new();
    let mut detectors = Detectors::new(Limits::default());
    let paths: Vec<PathBuf> = vec![log.to_path_buf()];
    read(families(paths), &Reading::everything(Timestamp::now()), &mut |seen, line| {
        events.push(seen.owned(line));
        detectors.see(seen);
    });
    let rules = detectors.findings().iter().map(|finding| finding.rule.clone()).collect();
    let text = String::from_utf8_lossy(&std::fs::read(log).unwrap_or_default()).into_owned();
    Found { events, rules, text }
}

impl Found {
    /// The names of those that the daemon itself refused.
    pub fn refused(&self) -> Vec<&str> {
        let failed =
            self.events.iter().filter(|event| event.kind == Kind::LoginFailed && event.channel == Channel::Daemon);
        failed.map(|event| event.user.as_deref().unwrap_or("")).collect()
    }

    /// Everything is of this service, of now, and from here.
    pub fn all_of(&self, service: &str) {
        for event in &self.events {
            assert_eq!(event.service, service, "{event:#?}");
            assert_eq!(event.address.as_deref(), Some(HERE), "{event:#?}");
            self.is_of_now(event);
        }
    }

    pub fn is_of_now(&self, event: &Login) {
        let time = event.time.unwrap_or_else(|| panic!("without a time: {event:#?}"));
        assert!(Timestamp::now().duration_since(time).as_secs().abs() < 120, "{event:#?}\n{}", self.text);
    }
}

/// Writes down what comes to a `/dev/log` of our own, as a syslog daemon would, in `file`.
pub fn syslog(socket: &Path, file: &Path) {
    let socket_here = UnixDatagram::bind(socket).unwrap();
    std::fs::set_permissions(socket, std::fs::Permissions::from_mode(0o666)).unwrap();
    let mut out = std::fs::File::create(file).unwrap();
    std::thread::spawn(move || {
        let mut buffer = vec![0; 64 << 10];
        while let Ok(length) = socket_here.recv(&mut buffer) {
            let line = buffer.get(..length).unwrap_or_default();
            let mut line = line.trim_ascii_end().strip_suffix(b"\0").unwrap_or(line).to_vec();
            line.push(b'\n');
            if out.write_all(&line).is_err() {
                return;
            }
        }
    });
}
