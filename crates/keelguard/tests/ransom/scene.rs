//! A scratch tree of documents, Keelguard that follows it, and a program that is let loose on it.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// An alarm that has not come by then does not come.
const LONGEST: Duration = Duration::from_secs(60);

pub struct Scene {
    folder: TempDir,
    keelguard: Child,
    news: Receiver<String>,
    /// Files and what is in them.
    originals: BTreeMap<PathBuf, Vec<u8>>,
    said: usize,
}

/// Whether a program is there.
pub fn has(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths)
        .chain(["/usr/sbin".into(), "/sbin".into()])
        .any(|folder| folder.join(program).exists())
}

/// Bytes as even as a packed file's.
fn even(seed: usize, many: usize) -> Vec<u8> {
    (0usize..)
        .flat_map(|number| Sha256::digest([seed.to_le_bytes(), number.to_le_bytes()].concat()))
        .take(many)
        .collect()
}

fn document(number: usize) -> (&'static str, Vec<u8>) {
    let size = 20_000 + 17_000 * (number % 7);
    let text = b"The harbour lay in fog; nobody had counted the boats, and 17 of them were gone.\n".repeat(size / 80);
    match number % 5 {
        0 => ("pdf", [b"%PDF-1.7\n", &text[..], b"startxref\n9\n%%EOF\n"].concat()),
        1 => ("csv", text),
        // A picture's bytes are far from even: after each FF comes a 00.
        2 => (
            "jpg",
            [
                &b"\xff\xd8\xff\xe0"[..],
                &even(number, size)
                    .iter()
                    .flat_map(|b| if *b > 250 { vec![255, 0] } else { vec![*b] })
                    .collect::<Vec<_>>(),
            ]
            .concat(),
        ),
        3 => (
            "docx",
            [
                b"PK\x03\x04\x14\0\0\0\x08\0",
                &even(number, size)[..],
                b"PK\x05\x06\0\0\0\0\x01\0\x01\0\x2e\0\0\0\x20\0\0\0\0\0",
            ]
            .concat(),
        ),
        _ => ("txt", text),
    }
}

impl Scene {
    /// None where the kernel or the user does not allow it.
    pub fn begin(name: &str) -> Option<Self> {
        Self::start(name, false)
    }

    pub fn begin_with_decoys(name: &str) -> Option<Self> {
        Self::start(name, true)
    }

    fn start(name: &str, decoys: bool) -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            println!("{name}: not tried, fanotify takes root");
            return None;
        }
        let folder = TempDir::new().unwrap();
        let tree = folder.path().join("tree");
        let mut originals = BTreeMap::new();
        for number in 0..40 {
            let (ending, content) = document(number);
            let path = tree.join(if number < 20 { "a" } else { "b" }).join(format!("{}.{ending}", number % 20));
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &content).unwrap();
            originals.insert(path, content);
        }
        let state = folder.path().join("state");
        if decoys {
            let planted = keelguard(&state).args(["signs", "data", "canary", "plant"]).arg(&tree).status().unwrap();
            assert!(planted.success());
        }
        let mut following = keelguard(&state);
        following.args(["signs", "data", "--follow", "--format", "jsonl"]).arg(&tree);
        let mut keelguard = following.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // It says when it knows all files; what it cannot do it says, too.
        let mut told = BufReader::new(keelguard.stderr.take().unwrap());
        let mut all = String::new();
        while !all.contains("files are known") {
            assert!(told.read_line(&mut all).unwrap() > 0, "{name}: {all}");
        }
        std::thread::spawn(move || std::io::copy(&mut told, &mut std::io::stderr()));
        let (tell, news) = channel();
        let lines = BufReader::new(keelguard.stdout.take().unwrap()).lines();
        std::thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| tell.send(line)));
        Some(Self { folder, keelguard, news, originals, said: 0 })
    }

    fn tree(&self) -> PathBuf {
        self.folder.path().join("tree")
    }

    /// Does a day's work in the tree, to its end.
    pub fn work(&mut self, program: &str) {
        let done = Command::new("sh").args(["-c", program]).current_dir(self.tree()).output().unwrap();
        assert!(done.status.success(), "{program}: {}", String::from_utf8_lossy(&done.stderr));
    }

    /// Lets a program loose on all files, stops it at the first finding that is worse than medium, and counts what is lost by then.
    pub fn attack(&mut self, program: &str) -> (String, usize) {
        let files = self.originals.keys().filter(|path| path.exists());
        let mut command = Command::new("sh");
        command.args(["-c", program, "sh"]).args(files).current_dir(self.tree()).process_group(0);
        let mut attacker = command.stdout(Stdio::null()).spawn().unwrap();
        let group = rustix::process::Pid::from_child(&attacker);
        // That a decoy is read is a hint, no alarm.
        let line = loop {
            let line = self.news.recv_timeout(LONGEST).unwrap_or_else(|_| panic!("no alarm: {program}"));
            if !line.contains("\"severity\":\"low\"") {
                break line;
            }
        };
        rustix::process::kill_process_group(group, rustix::process::Signal::STOP).ok();
        self.said += 1;
        let lost = self.originals.iter().filter(|(path, was)| !self.is_there(path, was)).count();
        rustix::process::kill_process_group(group, rustix::process::Signal::KILL).ok();
        attacker.wait().unwrap();
        let finding: serde_json::Value = serde_json::from_str(&line).unwrap();
        println!("{}", finding["title"]);
        (finding["rule"].as_str().unwrap().to_owned(), lost)
    }

    fn is_there(&self, path: &Path, was: &[u8]) -> bool {
        // Under another name it is there as well.
        let again = path.with_extension(format!("{}.crypt", path.extension().unwrap().to_string_lossy()));
        [path, &again].iter().any(|path| std::fs::read(path).is_ok_and(|now| now == was))
    }

    pub fn said(&self) -> usize {
        self.said
    }

    pub fn ends_cleanly(mut self) -> bool {
        rustix::process::kill_process(rustix::process::Pid::from_child(&self.keelguard), rustix::process::Signal::TERM)
            .unwrap();
        self.keelguard.wait().unwrap().code() == Some(0)
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.keelguard.kill().ok();
        self.keelguard.wait().ok();
    }
}

fn keelguard(state: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_keelguard"));
    command.env("KEELGUARD_DATA_DIR", state).env_remove("KEELGUARD_CONFIG");
    command
}
