//! Entries a second out of journals that systemd has written. The yardsticks are sdjournal, which read them before, and the
//! limit: every byte of the files read once, as `cat` does.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use keelguard_signs::read::journal::{Bounds, Choice, Field, JournalFile};

fn main() {
    divan::main();
}

const ENTRIES: u64 = 80_000;
const REMOTE: &str = "/lib/systemd/systemd-journal-remote";

/// A journal as a server has it, compact or not; none where systemd's program is not installed.
fn journal(compact: &str) -> Option<(tempfile::TempDir, PathBuf)> {
    let folder = tempfile::tempdir().ok()?;
    let (export, file) = (folder.path().join("export"), folder.path().join("system.journal"));
    let mut text = String::new();
    for number in 0..ENTRIES {
        let program = ["sshd", "nginx", "shop", "kernel", "nginx", "systemd", "shop", "postfix"]
            .get(usize::try_from(number % 8).ok()?)?;
        let facility = if *program == "sshd" { 10 } else { 3 };
        let time = 1_795_000_000_000_000 + number * 777_777;
        let process = 1000 + number / 50 % 300;
        write!(
            text,
            "__REALTIME_TIMESTAMP={time}\n__MONOTONIC_TIMESTAMP={}\n_BOOT_ID=0123456789abcdef0123456789abcdef\n\
             _MACHINE_ID=fedcba9876543210fedcba9876543210\n_HOSTNAME=edge\nPRIORITY=6\n_TRANSPORT=syslog\n\
             SYSLOG_FACILITY={facility}\nSYSLOG_IDENTIFIER={program}\n_SOURCE_REALTIME_TIMESTAMP={}\n_PID={process}\n_UID=0\n\
             _GID=0\n_COMM={program}\n_EXE=/usr/sbin/{program}\n_CMDLINE=/usr/sbin/{program} -D\n_CAP_EFFECTIVE=1ffffffffff\n\
             _SYSTEMD_CGROUP=/system.slice/{program}.service\n_SYSTEMD_UNIT={program}.service\n_SYSTEMD_SLICE=system.slice\n\
             MESSAGE=Failed password for invalid user oracle{number} from 198.51.{}.{} port {} ssh2\n\n",
            number * 777_777 + 1,
            time - 30,
            number / 250 % 250,
            number % 250,
            1024 + number % 60_000
        )
        .ok()?;
    }
    std::fs::write(&export, text).ok()?;
    let mut made = Command::new(REMOTE);
    made.env("SYSTEMD_JOURNAL_COMPACT", compact).arg("-o").arg(&file).arg(&export);
    made.output().ok().filter(|output| output.status.success())?;
    std::fs::remove_file(export).ok()?;
    Some((folder, file))
}

fn is_sshd(field: Field, value: &[u8]) -> bool {
    field == Field::Identifier && value == b"sshd"
}

/// How many entries there are, and how much they say.
fn ours(file: &Path, choice: Choice) -> usize {
    let Ok(mut file) = JournalFile::open(file, choice, &Bounds::default()) else { return 0 };
    let mut sum = 0;
    while file.advance() {
        sum += file.entry().message().map_or(1, <[u8]>::len);
    }
    sum
}

fn theirs(folder: &Path, program: Option<&[u8]>) -> usize {
    let Ok(journal) = sdjournal::Journal::open_dir(folder) else { return 0 };
    let mut query = journal.query();
    if let Some(program) = program {
        query.match_exact("SYSLOG_IDENTIFIER", program);
    }
    let Ok(entries) = query.iter() else { return 0 };
    entries.flatten().map(|entry| entry.get("MESSAGE").map_or(1, <[u8]>::len)).sum()
}

fn run(bencher: Bencher<'_, '_>, compact: &str, read: impl Fn(&Path) -> usize) {
    let Some((_folder, file)) = journal(compact) else { return };
    let size = std::fs::metadata(&file).map_or(0, |meta| meta.len());
    let bencher = bencher.counter(ItemsCount::new(ENTRIES)).counter(BytesCount::new(size));
    bencher.bench_local(|| read(black_box(&file)));
}

#[divan::bench(args = ["1", "0"], sample_count = 20)]
fn every_entry(bencher: Bencher<'_, '_>, compact: &str) {
    run(bencher, compact, |file| ours(file, Choice::All));
}

#[divan::bench(args = ["1", "0"], sample_count = 20)]
fn one_program(bencher: Bencher<'_, '_>, compact: &str) {
    run(bencher, compact, |file| ours(file, Choice::Only(is_sshd)));
}

#[divan::bench(args = ["1", "0"], sample_count = 3)]
fn yardstick_sdjournal_every_entry(bencher: Bencher<'_, '_>, compact: &str) {
    run(bencher, compact, |file| theirs(file.parent().unwrap_or(file), None));
}

#[divan::bench(args = ["1", "0"], sample_count = 3)]
fn yardstick_sdjournal_one_program(bencher: Bencher<'_, '_>, compact: &str) {
    run(bencher, compact, |file| theirs(file.parent().unwrap_or(file), Some(b"sshd")));
}

#[divan::bench(args = ["1", "0"], sample_count = 20)]
fn yardstick_cat(bencher: Bencher<'_, '_>, compact: &str) {
    run(bencher, compact, |file| {
        let Ok(mut file) = File::open(file) else { return 0 };
        let mut bytes = vec![0; 128 << 10];
        let mut sum = 0;
        while let Ok(count @ 1..) = file.read(&mut bytes) {
            sum += count;
        }
        sum
    });
}
