//! The programs of this machine against what they say of themselves.

use std::fs::File as Disk;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::*;
use crate::content::Content;

/// A file, and how much of it was read.
pub(super) struct OnDisk(Disk, std::cell::Cell<u64>);

impl OnDisk {
    pub(super) fn open(path: &Path) -> Self {
        Self(Disk::open(path).unwrap(), 0.into())
    }
}

impl Content for OnDisk {
    fn size(&self) -> u64 {
        self.0.metadata().unwrap().len()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.0.read_at(buffer, offset)?;
        self.1.set(self.1.get() + count as u64);
        Ok(count)
    }
}

fn look_at(path: &Path) -> Vec<String> {
    let content = OnDisk::open(path);
    let mode = path.metadata().unwrap().mode();
    words(&executable(&File { path: &path.to_string_lossy(), mode, content: &content }, &Limits::default()).unwrap())
}

/// The file or link that a command stands for. Under its own name: Debian's redis-server is a link to redis-check-rdb, which
/// is whatever it is called.
fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let more = [PathBuf::from("/usr/sbin"), PathBuf::from("/usr/lib/postgresql/15/bin")];
    std::env::split_paths(&path).chain(more).map(|folder| folder.join(program)).find(|path| path.is_file())
}

fn says(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(which(program)?).args(arguments).env("LC_ALL", "C").output().ok()?;
    Some(format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

/// Package, program, how it is asked, and where the version stands in its answer.
const ASKED: &[(&str, &str, &[&str], &str)] = &[
    ("generic bash", "bash", &["--version"], r"version (\d+\.\d+\.\d+)"),
    ("generic busybox", "busybox", &[], r"BusyBox v(\d+\.\d+\.\d+)"),
    ("generic curl", "curl", &["--version"], r"curl (\d+\.\d+\.\d+)"),
    ("generic git", "git", &["--version"], r"git version (\d+\.\d+\.\d+)"),
    ("generic haproxy", "haproxy", &["-v"], r"version (\d+\.\d+\.\d+)"),
    ("generic memcached", "memcached", &["--version"], r"memcached (\d+\.\d+\.\d+)"),
    ("generic mariadb", "mariadbd", &["--version"], r"Ver (\d+\.\d+\.\d+)-MariaDB"),
    ("generic nginx", "nginx", &["-v"], r"nginx/(\d+\.\d+\.\d+)"),
    ("generic node", "node", &["--version"], r"v(\d+\.\d+\.\d+)"),
    ("generic openssh", "ssh", &["-V"], r"OpenSSH_(\d+\.\d+p\d+)"),
    ("generic openssl", "openssl", &["version"], r"OpenSSL (\d+\.\d+\.\d+[a-z]*)"),
    ("generic perl", "perl", &["-v"], r"\(v(5\.\d+\.\d+)\)"),
    ("generic php", "php", &["--version"], r"PHP (\d+\.\d+\.\d+)"),
    ("generic redis", "redis-server", &["--version"], r"v=(\d+\.\d+\.\d+)"),
    ("generic postgresql", "postgres", &["--version"], r"\(PostgreSQL\) (\d+\.\d+)"),
];

#[test]
fn programs_of_this_machine_are_what_they_say_they_are() {
    let mut seen = 0;
    for (package, program, arguments, pattern) in ASKED {
        let Some(answer) = says(program, arguments) else {
            println!("skipped: there is no {program} here");
            continue;
        };
        let pattern = scan::text(pattern).unwrap();
        let version = pattern.captures(answer.as_bytes()).unwrap_or_else(|| panic!("{program}: {answer}"));
        let version = std::str::from_utf8(&version[1]).unwrap();
        let found = look_at(&which(program).unwrap().canonicalize().unwrap());
        assert_eq!(found, [format!("{package} {version}")], "{program}");
        seen += 1;
    }
    assert!(seen > 0, "none of the programs is here, not even bash");
}

#[test]
fn the_interpreter_of_python_is_found_in_its_program_or_its_library() {
    let script = "import os,sys,sysconfig as s;v=s.get_config_var;\
        print(os.path.join(v('LIBDIR'),v('INSTSONAME')) if v('Py_ENABLE_SHARED') else os.path.realpath(sys.executable));\
        print('.'.join(map(str,sys.version_info[:3])))";
    let Some(answer) = says("python3", &["-c", script]) else {
        println!("skipped: there is no python3 here");
        return;
    };
    let (path, version) = answer.split_once('\n').unwrap();
    assert_eq!(look_at(Path::new(path)), [format!("generic python {}", version.trim())]);
}

#[test]
fn a_whole_interpreter_is_found_whether_or_not_its_name_says_which() {
    // Debian's holds all that others have in libpython.
    let whole = |entry: PathBuf| {
        let minor = entry.file_name()?.to_str()?.strip_prefix("python3.")?.parse::<u32>().ok()?;
        (entry.metadata().ok()?.len() > 1 << 20).then_some((entry, minor))
    };
    let mut entries = std::fs::read_dir("/usr/bin").unwrap().flatten().map(|entry| entry.path());
    let Some((path, minor)) = entries.find_map(whole) else {
        println!("skipped: there is no whole python3 in /usr/bin");
        return;
    };
    let answer = Command::new(&path).arg("--version").output().unwrap().stdout;
    let answer = String::from_utf8(answer).unwrap();
    let expected = format!("generic python {}", answer.trim().strip_prefix("Python ").unwrap());
    assert!(expected.starts_with(&format!("generic python 3.{minor}.")), "{expected}");
    let content = OnDisk::open(&path);
    for name in [format!("usr/bin/python3.{minor}"), "usr/bin/python3".into(), "opt/venv/bin/python".into()] {
        let found = executable(&File { path: &name, mode: 0o755, content: &content }, &Limits::default()).unwrap();
        assert_eq!(words(&found), [expected.as_str()], "{name}");
    }
}

/// Libraries, where Debian has them, and a name that their text must give.
#[test]
fn libraries_of_this_machine_are_known_by_their_names() {
    let places = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"];
    let libraries = [
        ("libcrypto.so.3", "generic openssl 3."),
        ("libz.so.1", "generic zlib 1."),
        ("libc.so.6", "generic glibc 2."),
        ("libsqlite3.so.0", "generic sqlite 3."),
        ("libcurl.so.4", "generic curl "),
        ("libgnutls.so.30", "generic gnutls 3."),
    ];
    for (name, expected) in libraries {
        let Some(path) = places.iter().map(|place| Path::new(place).join(name)).find(|path| path.is_file()) else {
            println!("skipped: there is no {name} here");
            continue;
        };
        let found = look_at(&path);
        assert!(found.len() == 1 && found[0].starts_with(expected), "{name}: {found:?}");
    }
}

#[test]
fn a_library_that_nobody_knows_is_not_opened() {
    struct Closed;
    impl Content for Closed {
        fn size(&self) -> u64 {
            panic!("its size was asked for")
        }
        fn read_at(&self, _: u64, _: &mut [u8]) -> std::io::Result<usize> {
            panic!("it was read")
        }
    }
    let path = "usr/lib/x86_64-linux-gnu/libxcb.so.1.1.0";
    assert_eq!(
        executable(&File { path, mode: 0o644, content: &Closed }, &Limits::default()).unwrap(),
        Found::default()
    );
    assert!(!is_worth_opening(path, 0o644));
    assert!(is_worth_opening("usr/lib/libcrypto.so.3", 0o644) && is_worth_opening("opt/app", 0o755));
}

#[test]
fn whether_a_program_is_of_go_or_rust_costs_its_headers_only() {
    let path = std::env::current_exe().unwrap();
    let content = OnDisk::open(&path);
    let file = File { path: "opt/program", mode: 0o755, content: &content };
    assert_eq!(words(&executable(&file, &Limits::default()).unwrap()), Vec::<String>::new());
    let (read, size) = (content.1.get(), content.size());
    assert!(read < 64 << 10, "{read} of {size} bytes were read");
}
