//! Journals of systemd's own making, and what journalctl and sdjournal find in them.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::bytes::u64_at;
use super::super::{Bounds, Choice, JournalFile};

pub(super) const REMOTE: &str = "/lib/systemd/systemd-journal-remote";

/// An entry as it is compared: its number, times, boot and fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) seqnum: u64,
    pub(super) time: u64,
    pub(super) monotonic: u64,
    pub(super) boot: [u8; 16],
    pub(super) fields: Vec<Vec<u8>>,
}

/// Whether systemd's program is here; says so if not.
pub(super) fn can_make() -> bool {
    let can = Path::new(REMOTE).exists() && Command::new("journalctl").arg("--version").output().is_ok();
    if !can {
        println!("skipped: systemd-journal-remote is not installed (package systemd-journal-remote)");
    }
    can
}

/// A field as it stands in an export, also where it is no text.
fn field(export: &mut Vec<u8>, name: &str, value: &[u8]) {
    export.extend(name.as_bytes());
    if value.contains(&b'\n') || value.iter().any(|byte| *byte < 32) {
        export.push(b'\n');
        export.extend((value.len() as u64).to_le_bytes());
    } else {
        export.push(b'=');
    }
    export.extend(value);
    export.push(b'\n');
}

pub(super) const BOOTS: [&str; 2] = ["0123456789abcdef0123456789abcdef", "1123456789abcdef0123456789abcdef"];
/// The time of the first entry, in microseconds.
pub(super) const FIRST: u64 = 1_795_500_000_000_000;
pub(super) const SECOND: u64 = 1_000_000;

/// Entries of all kinds, one a second: short and long, text and bytes, fields twice and none.
pub(super) fn export(numbers: impl Iterator<Item = u64>) -> Vec<u8> {
    let mut text = Vec::new();
    for number in numbers {
        let time = FIRST + number * SECOND;
        let head = format!(
            "__CURSOR=s={number}\n__REALTIME_TIMESTAMP={time}\n__MONOTONIC_TIMESTAMP={}\n_BOOT_ID={}\n_MACHINE_ID=fedcba9876543210fedcba9876543210\n",
            number * SECOND + 1,
            BOOTS[usize::from(number % 1000 >= 500)]
        );
        text.extend(head.as_bytes());
        field(&mut text, "_HOSTNAME", b"edge");
        let programs = ["sshd", "cron", "shop", "kernel"];
        let program = programs[(number % 4) as usize];
        field(&mut text, "SYSLOG_IDENTIFIER", program.as_bytes());
        field(&mut text, "SYSLOG_FACILITY", if program == "sshd" { b"10" } else { b"3" });
        if program != "kernel" {
            field(&mut text, "_PID", (100 + number / 50).to_string().as_bytes());
            field(&mut text, "_COMM", program.as_bytes());
            field(&mut text, "_CMDLINE", &format!("/usr/sbin/{program} --with={}", "x".repeat(700)).into_bytes());
        }
        let long = || (0..number % 90 * 10).flat_map(|line| format!("line {line} of {number}\n").into_bytes());
        match number % 10 {
            0 => field(&mut text, "MESSAGE", &long().collect::<Vec<_>>()),
            1 => field(&mut text, "MESSAGE", &[b"bytes \x00\xff\x01".as_slice(), &number.to_le_bytes()].concat()),
            2 => field(&mut text, "OTHER", b"no message at all"),
            3 => {
                field(&mut text, "MESSAGE", format!("first of {number}").as_bytes());
                field(&mut text, "MESSAGE", format!("second of {number}").as_bytes());
            }
            4 => field(&mut text, "MESSAGE", b""),
            _ => field(&mut text, "MESSAGE", format!("message {number}").as_bytes()),
        }
        text.push(b'\n');
    }
    text
}

/// How a journal is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    pub(super) compact: bool,
    pub(super) packed: bool,
    pub(super) keyed: bool,
}

pub(super) const FORMS: [Form; 4] = [
    Form { compact: true, packed: true, keyed: true },
    Form { compact: false, packed: true, keyed: true },
    Form { compact: true, packed: false, keyed: false },
    Form { compact: false, packed: false, keyed: true },
];

/// The program that writes entries to a journal file.
pub(super) fn writer(file: &Path, form: Form) -> Command {
    let text = |yes| if yes { "1" } else { "0" };
    let mut writer = Command::new(REMOTE);
    writer
        .env("SYSTEMD_JOURNAL_COMPACT", text(form.compact))
        .env("SYSTEMD_JOURNAL_KEYED_HASH", text(form.keyed))
        .arg(format!("--compress={}", if form.packed { "yes" } else { "no" }))
        .arg("-o")
        .arg(file);
    writer
}

/// Has systemd write an export to a journal file.
pub(super) fn make(file: &Path, form: Form, export: &[u8]) -> PathBuf {
    let source = file.with_extension("export");
    std::fs::write(&source, export).unwrap();
    let made = writer(file, form).arg(&source).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    std::fs::remove_file(source).unwrap();
    file.to_path_buf()
}

/// As systemd leaves a file that it has rotated away: 1 is online, 2 archived.
pub(super) fn set_state(file: &Path, state: u8) {
    patch(file, 16, &[state]);
}

pub(super) fn patch(file: &Path, offset: usize, bytes: &[u8]) {
    use std::os::unix::fs::FileExt as _;
    std::fs::File::options().write(true).open(file).unwrap().write_all_at(bytes, offset as u64).unwrap();
}

/// Bounds that cut nothing.
pub(super) fn unbound() -> Bounds {
    Bounds { longest: 1 << 30, ..Bounds::default() }
}

/// What we find, and what is told of damage.
pub(super) fn ours(path: &Path) -> (Vec<Seen>, Vec<String>) {
    match JournalFile::open(path, Choice::All, &unbound()) {
        Ok(mut file) => all_of(&mut file),
        Err(error) => (Vec::new(), vec![error.to_string()]),
    }
}

pub(super) fn all_of(file: &mut JournalFile) -> (Vec<Seen>, Vec<String>) {
    let mut all = Vec::new();
    while file.advance() {
        let mut fields = Vec::new();
        file.each_field(&mut |datum| fields.push(datum.to_vec()));
        fields.sort();
        let entry = file.entry();
        let time = u64::try_from(entry.time).unwrap();
        all.push(Seen { seqnum: entry.seqnum, time, monotonic: entry.monotonic, boot: entry.boot, fields });
    }
    let sentences = file.damage().sentences(all.len() as u64);
    (all, sentences)
}

/// What sdjournal finds in a folder.
pub(super) fn sdjournals(folder: &Path) -> Vec<Seen> {
    let config = sdjournal::JournalConfig {
        include_journal_tilde: true,
        max_decompressed_bytes: 1 << 30,
        ..sdjournal::JournalConfig::default()
    };
    let journal = sdjournal::Journal::open_dir_with_config(folder, config).unwrap();
    let entries = journal.query().iter().unwrap();
    let seen = entries.map(|entry| {
        let entry = entry.unwrap();
        let mut fields: Vec<Vec<u8>> =
            entry.iter_fields().map(|(name, value)| [name.as_bytes(), b"=", value].concat()).collect();
        fields.sort();
        Seen {
            seqnum: entry.seqnum(),
            time: entry.realtime_usec(),
            monotonic: entry.monotonic_usec(),
            boot: entry.boot_id(),
            fields,
        }
    });
    seen.collect()
}

/// What journalctl finds: times and fields, as its export has them.
pub(super) fn journalctls(arguments: &[&str], path: &Path) -> Vec<(u64, u64, Vec<Vec<u8>>)> {
    let which = if path.is_dir() { "--directory" } else { "--file" };
    let told = Command::new("journalctl")
        .args(["--quiet", "--no-pager", "--all", "--output=export"])
        .args(arguments)
        .arg(which)
        .arg(path)
        .output()
        .unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let mut entries = Vec::new();
    let mut rest = told.stdout.as_slice();
    let mut line = || {
        let at = memchr::memchr(b'\n', rest)?;
        let (line, after) = rest.split_at(at);
        let after = &after[1..];
        if line.is_empty() || line.contains(&b'=') {
            rest = after;
            return Some(line.to_vec());
        }
        let length = place_at(after, 0);
        rest = &after[8 + length + 1..];
        Some([line, b"=", &after[8..8 + length]].concat())
    };
    let (mut time, mut monotonic, mut fields) = (0, 0, Vec::new());
    while let Some(datum) = line() {
        let number = |name: &[u8]| -> Option<u64> { std::str::from_utf8(datum.strip_prefix(name)?).ok()?.parse().ok() };
        if datum.is_empty() {
            fields.sort();
            entries.push((time, monotonic, std::mem::take(&mut fields)));
        } else if let Some(number) = number(b"__REALTIME_TIMESTAMP=") {
            time = number;
        } else if let Some(number) = number(b"__MONOTONIC_TIMESTAMP=") {
            monotonic = number;
        } else if !datum.starts_with(b"__") {
            fields.push(datum);
        }
    }
    entries
}

/// A place or a size in a file.
pub(super) fn place_at(bytes: &[u8], at: usize) -> usize {
    usize::try_from(u64_at(bytes, at).unwrap()).unwrap()
}

/// Where the objects of a file lie, and of which kind they are.
pub(super) fn objects(bytes: &[u8]) -> Vec<(usize, u8, usize)> {
    let (mut at, last) = (place_at(bytes, 88), place_at(bytes, 136));
    let mut objects = Vec::new();
    while at <= last {
        let size = place_at(bytes, at + 8);
        objects.push((at, bytes[at], size));
        at += size.next_multiple_of(8);
    }
    objects
}
