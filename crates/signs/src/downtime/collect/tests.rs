//! Logs as they lie in a folder, damaged and hostile ones among them.

use std::path::PathBuf;

use jiff::tz::TimeZone;

use super::*;
use crate::downtime::event::{Channel, Scope};

fn reading() -> Reading {
    let now = "2026-11-25T00:00:00Z".parse().unwrap();
    Reading { zone: TimeZone::UTC, ..Reading::everything(now) }
}

fn read_all(files: &[PathBuf]) -> (Vec<Happening>, Outcome) {
    let mut events = Vec::new();
    let outcome = read(families(files.to_vec()), Vec::new(), &reading(), &mut |event| events.push(event.clone()));
    (events, outcome)
}

/// A record of wtmp.
fn record(kind: u8, user: &str, line: &str, second: u32) -> Vec<u8> {
    let mut record = vec![0; 384];
    record[0] = kind;
    record[8..8 + line.len()].copy_from_slice(line.as_bytes());
    record[44..44 + user.len()].copy_from_slice(user.as_bytes());
    record[340..344].copy_from_slice(&second.to_le_bytes());
    record
}

#[test]
fn the_last_line_before_a_boot_is_a_sign_of_life() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("syslog");
    std::fs::write(
        &file,
        "Nov 24 03:00:00 edge cron[1]: a\nNov 24 03:00:01 edge cron[1]: b\nNov 24 03:00:02 edge cron[1]: c\n\
         Nov 24 03:00:09 edge kernel: [    0.000000] Linux version 6.1.0\nNov 24 03:00:10 edge cron[1]: d\n",
    )
    .unwrap();
    let (events, outcome) = read_all(&[file]);
    let shown: Vec<_> =
        events.iter().map(|event| format!("{} {}", event.kind.name(), event.time.unwrap().strftime("%M:%S"))).collect();
    assert_eq!(shown, ["alive 00:00", "alive 00:02", "started 00:09", "alive 00:10"]);
    assert_eq!((outcome.lines, outcome.events), (5, 1));
}

#[test]
fn wtmp_tells_of_boots_shutdowns_and_clocks() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wtmp");
    let start = 1_764_000_000;
    let records = [
        record(2, "reboot", "~", start),
        record(1, "runlevel", "~", start + 10),
        record(7, "alice", "pts/0", start + 100),
        record(3, "date", "|", start + 200),
        record(4, "date", "{", start + 7400),
        record(1, "shutdown", "~", start + 9000),
        record(2, "reboot", "~", start + 9050),
    ];
    std::fs::write(&file, records.concat()).unwrap();
    let (events, outcome) = read_all(&[file]);
    let kinds: Vec<_> = events.iter().map(|event| event.kind.name()).collect();
    assert_eq!(kinds, ["started", "alive", "alive", "alive", "clock_set", "stopped", "started"]);
    assert_eq!(events[4].reason.as_deref(), Some("7200"));
    assert_eq!(outcome.incomplete, []);
}

#[test]
fn nonsense_in_wtmp_is_counted_and_what_lies_in_the_future_moves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wtmp");
    let mut content =
        [record(2, "reboot", "~", 1_764_000_000), record(2, "reboot", "~", u32::MAX), vec![0xff; 384]].concat();
    content.extend([7; 100]);
    std::fs::write(&file, content).unwrap();
    let (events, outcome) = read_all(&[file]);
    assert_eq!(events.len(), 1);
    let why: Vec<_> = outcome.incomplete.iter().map(|gap| gap.why.as_str()).collect();
    assert!(
        why.iter().any(|why| why.contains("future")) && why.iter().any(|why| why.contains("no whole record")),
        "{why:?}"
    );
}

#[test]
fn stamps_that_run_backwards_are_a_clock_that_was_set() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("syslog");
    std::fs::write(
        &file,
        "Nov 24 05:00:00 edge cron[1]: a\nNov 24 03:00:00 edge cron[1]: b\nNov 24 03:00:20 edge cron[1]: c\n",
    )
    .unwrap();
    let (events, _) = read_all(&[file]);
    let set: Vec<_> = events.iter().filter(|event| event.kind == Kind::ClockSet).collect();
    assert_eq!(set.len(), 1);
    assert_eq!(set[0].reason.as_deref(), Some("stamps run backwards by 2 hours"));
}

#[test]
fn each_boot_of_a_journal_is_told_of_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal.json");
    let entry = |second: u32, boot: &str, program: &str, message: &str| {
        format!(
            "{{\"__REALTIME_TIMESTAMP\":\"{}000000\",\"_BOOT_ID\":\"{boot}\",\"_HOSTNAME\":\"edge\",\"SYSLOG_IDENTIFIER\":\"{program}\",\"_PID\":\"1\",\"MESSAGE\":\"{message}\"}}\n",
            1_764_000_000 + second
        )
    };
    let lines = [
        entry(0, "aa", "cron", "x"),
        entry(60, "bb", "kernel", "Linux version 6.1.0"),
        entry(61, "bb", "systemd", "shop.service: Failed with result 'exit-code'."),
        entry(90, "cc", "systemd-journald", "Journal started"),
    ];
    std::fs::write(&file, lines.concat()).unwrap();
    let (events, _) = read_all(&[file]);
    let shown: Vec<_> = events
        .iter()
        .filter(|event| event.kind != Kind::Alive)
        .map(|event| (event.kind, event.scope, event.channel))
        .collect();
    assert_eq!(
        shown,
        [
            (Kind::Started, Scope::Host, Channel::Journal),
            (Kind::Failed, Scope::Service, Channel::Journal),
            (Kind::Started, Scope::Host, Channel::Journal),
        ]
    );
}

#[test]
fn what_a_dying_kernel_left_is_read() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("var/lib/systemd/pstore/1764000000");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(
        folder.join("dmesg.txt"),
        "Panic#1 Part1\n<4>[ 4711.1] Oops: 0002 [#1] SMP\n<0>[ 4711.2] Kernel panic - not syncing: Fatal exception\n",
    )
    .unwrap();
    std::fs::write(folder.join("console"), "Kernel panic - not syncing: no record").unwrap();
    let found = kept_by_kernel(root.path());
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].kind, found[0].reason.as_deref()), (Kind::Panic, Some("Fatal exception")));
}

#[test]
fn a_huge_line_and_bytes_that_are_no_text_break_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("syslog");
    let mut content = b"Nov 24 03:00:00 edge kernel: ".to_vec();
    content.extend(std::iter::repeat_n(b'x', 1 << 20));
    content.extend(b"\n\xff\xfe\x00\x01\n{\"broken\n__CURSOR=x\nMESSAGE\n\xff\xff\xff\xff\xff\xff\xff\x7f");
    std::fs::write(&file, content).unwrap();
    let (_, outcome) = read_all(&[file]);
    assert!(!outcome.incomplete.is_empty());
}

#[test]
fn sources_are_those_that_hold_each_thing_once() {
    let root = tempfile::tempdir().unwrap();
    let log = root.path().join("var/log");
    std::fs::create_dir_all(log.join("journal")).unwrap();
    for name in ["kern.log", "wtmp", "auth.log", "nginx.log", "btmp"] {
        std::fs::write(log.join(name), "x").unwrap();
    }
    let names = || -> Vec<String> {
        let sources = default_sources(root.path());
        sources.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
    };
    assert_eq!(names(), ["auth.log", "kern.log", "wtmp", "journal"]);
    std::fs::write(log.join("syslog"), "x").unwrap();
    assert_eq!(names(), ["auth.log", "syslog", "wtmp"]);
    let database = root.path().join("var/lib/wtmpdb");
    std::fs::create_dir_all(&database).unwrap();
    std::fs::write(database.join("wtmp.db"), "x").unwrap();
    assert_eq!(names(), ["auth.log", "syslog", "wtmp"]);
    std::fs::write(log.join("wtmp"), "").unwrap();
    assert_eq!(names(), ["auth.log", "syslog", "wtmp", "wtmp.db"]);
    // Of sysstat's folder its daily files, and not the reports made of them.
    std::fs::create_dir(log.join("sysstat")).unwrap();
    for name in ["sa24", "sar24", "sa20261123", "sa22.xz", "sadc.log"] {
        std::fs::write(log.join("sysstat").join(name), "x").unwrap();
    }
    assert_eq!(names()[4..], ["sa20261123", "sa22.xz", "sa24"]);
}

#[test]
fn a_journal_on_disk_tells_when_its_machine_lived_last_by_whoever_wrote_then() {
    let tool = std::path::Path::new("/lib/systemd/systemd-journal-remote");
    if !tool.exists() {
        println!("skipped: {} is not installed (package systemd-journal-remote)", tool.display());
        return;
    }
    let mut export = String::new();
    let mut entry = |second: u64, boot: &str, program: &str, message: &str| {
        let micros = (1_764_000_000 + second) * 1_000_000;
        let text = format!(
            "__CURSOR=s={second}\n__REALTIME_TIMESTAMP={micros}\n__MONOTONIC_TIMESTAMP={}\n_BOOT_ID={boot}\n_MACHINE_ID=0123456789abcdef0123456789abcdef\n_HOSTNAME=edge\nSYSLOG_IDENTIFIER={program}\n_PID=1\nMESSAGE={message}\n\n",
            second + 1
        );
        export.push_str(&text);
    };
    let (first, second) = ("0123456789abcdef0123456789abcdef", "1123456789abcdef0123456789abcdef");
    entry(0, first, "kernel", "Linux version 6.1.0-13-amd64");
    entry(10, first, "systemd", "Started cron.service");
    // Nobody asks what a shop says, but it says that the machine lives.
    for second in 1..50 {
        entry(10 + 20 * second, first, "shop", "GET / 200");
    }
    entry(5000, second, "kernel", "Linux version 6.1.0-13-amd64");
    entry(5100, second, "shop", "GET / 200");
    let folder = tempfile::tempdir().unwrap();
    let (file, journal) = (folder.path().join("export"), folder.path().join("journal"));
    std::fs::write(&file, export).unwrap();
    std::fs::create_dir(&journal).unwrap();
    let made =
        std::process::Command::new(tool).arg("-o").arg(journal.join("made.journal")).arg(&file).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let (events, outcome) = read_all(&[journal]);
    let told: Vec<_> =
        events.iter().map(|event| (event.kind, event.time.unwrap().as_second() - 1_764_000_000)).collect();
    let boot = told.iter().position(|told| *told == (Kind::Started, 5000)).unwrap();
    assert_eq!(told[boot - 1], (Kind::Alive, 990), "{told:?}");
    assert_eq!(told.last(), Some(&(Kind::Alive, 5100)), "{told:?}");
    assert_eq!((outcome.lines, outcome.incomplete), (53, Vec::new()));
}
