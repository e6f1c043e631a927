//! Every form of a file, compared with what journalctl and sdjournal find in it.

use std::io::Write as _;
use std::process::Stdio;

use super::super::bytes::u32_at;
use super::super::{Bounds, Choice, Field, JournalFile, State};
use super::made::*;

#[test]
fn entries_and_fields_are_those_of_journalctl_and_of_the_peer_in_every_form() {
    if !can_make() {
        return;
    }
    for form in FORMS {
        let folder = tempfile::tempdir().unwrap();
        let file = make(&folder.path().join("a.journal"), form, &export(0..1200));
        for state in [0, 1, 2] {
            set_state(&file, state);
            let (entries, damage) = ours(&file);
            assert_eq!(damage, [""; 0], "{form:?}");
            assert_eq!(entries.len(), 1200);
            assert!(entries == sdjournals(folder.path()), "{form:?}");
            let short: Vec<_> = entries.into_iter().map(|entry| (entry.time, entry.monotonic, entry.fields)).collect();
            assert!(short == journalctls(&[], &file), "{form:?}");
        }
    }
}

#[test]
fn the_fields_that_are_read_are_the_peers() {
    if !can_make() {
        return;
    }
    for form in FORMS {
        let folder = tempfile::tempdir().unwrap();
        let file = make(&folder.path().join("a.journal"), form, &export(0..600));
        let mut file = JournalFile::open(&file, Choice::All, &unbound()).unwrap();
        let journal = sdjournal::Journal::open_dir(folder.path()).unwrap();
        let mut count = 0;
        for theirs in journal.query().iter().unwrap() {
            let theirs = theirs.unwrap();
            assert!(file.advance());
            let entry = file.entry();
            for (field, name) in [
                (Field::Message, "MESSAGE"),
                (Field::Identifier, "SYSLOG_IDENTIFIER"),
                (Field::Command, "_COMM"),
                (Field::Process, "_PID"),
                (Field::Host, "_HOSTNAME"),
                (Field::Facility, "SYSLOG_FACILITY"),
            ] {
                assert_eq!(entry.get(field), theirs.get(name), "{name} of {}", entry.seqnum);
            }
            assert_eq!(Some(entry.boot_id()), theirs.get("_BOOT_ID"));
            count += 1;
        }
        assert!(!file.advance());
        assert_eq!(count, 600);
    }
}

#[test]
fn those_that_are_asked_for_are_handed_on_and_the_others_marked_or_left_out() {
    if !can_make() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = make(&folder.path().join("a.journal"), FORMS[0], &export(0..400));
    let is_sshd = |field, value: &[u8]| field == Field::Facility && value == b"10";
    let mut only = JournalFile::open(&path, Choice::Only(is_sshd), &Bounds::default()).unwrap();
    let mut count = 0;
    while only.advance() {
        assert_eq!(only.entry().program(), b"sshd");
        count += 1;
    }
    assert_eq!((count, only.looked_at()), (100, 400));

    let mut marked = JournalFile::open(&path, Choice::Mark(is_sshd), &Bounds::default()).unwrap();
    let mut all = JournalFile::open(&path, Choice::All, &Bounds::default()).unwrap();
    while marked.advance() {
        assert!(all.advance());
        let is_sshd = all.entry().program() == b"sshd";
        assert_eq!(marked.entry().chosen, is_sshd);
        assert_eq!(marked.entry().host(), Some(&b"edge"[..]));
        assert_eq!(marked.entry().message().is_some(), is_sshd && all.entry().message().is_some());
        marked.read_message();
        assert_eq!(marked.entry().message(), all.entry().message());
    }
    assert!(!all.advance());
}

#[test]
fn a_long_message_is_cut_and_counted() {
    if !can_make() {
        return;
    }
    for form in FORMS {
        let folder = tempfile::tempdir().unwrap();
        let path = make(&folder.path().join("a.journal"), form, &export(80..81));
        let bounds = Bounds { longest: 1000, ..Bounds::default() };
        let mut file = JournalFile::open(&path, Choice::All, &bounds).unwrap();
        assert!(file.advance());
        let message = file.entry().message().unwrap().to_vec();
        assert_eq!((message.len(), message.starts_with(b"line 0 of 80\nline 1 of 80\n")), (1000, true));
        let told = file.damage().sentences(1);
        assert_eq!(told, ["of long messages, only the beginning was read; there are 1"]);
    }
}

#[test]
fn the_head_is_what_journalctl_says_it_is() {
    if !can_make() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = make(&folder.path().join("a.journal"), FORMS[1], &export(0..100));
    let file = JournalFile::open(&path, Choice::All, &Bounds::default()).unwrap();
    let head = file.head();
    let told = std::process::Command::new("journalctl").arg("--header").arg("--file").arg(&path).output().unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    let line = |name: &str| {
        let line = told.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap();
        line.split(' ').next().unwrap().to_owned()
    };
    let hex = |id: [u8; 16]| String::from_utf8(super::super::bytes::hex(id).to_vec()).unwrap();
    assert_eq!(hex(head.file), line("File ID"));
    assert_eq!(hex(head.machine), line("Machine ID"));
    assert_eq!(hex(head.tail_boot), line("Boot ID"));
    assert_eq!(hex(head.sequence), line("Sequential number ID"));
    assert_eq!(head.head_seqnum.to_string(), line("Head sequential number"));
    assert_eq!(head.tail_seqnum.to_string(), line("Tail sequential number"));
    assert_eq!(head.entries.to_string(), line("Entry objects"));
    assert_eq!(head.objects.to_string(), line("Objects"));
    assert_eq!(head.header_size.to_string(), line("Header size"));
    assert_eq!(head.arena_size.to_string(), line("Arena size"));
    assert_eq!((head.state, line("State")), (State::Offline, "OFFLINE".to_owned()));
    assert_eq!((head.head_time, head.tail_time), (FIRST, FIRST + 99 * SECOND));
    assert_eq!((head.tail_monotonic, head.missing()), (99 * SECOND + 1, 0));
}

type Pack<'a> = &'a dyn Fn(&[u8]) -> Vec<u8>;

/// Packs values that lie unpacked in a file, as older writers did; how many.
fn repack(path: &std::path::Path, flag: u8, pack: Pack<'_>) -> usize {
    let mut bytes = std::fs::read(path).unwrap();
    let mut count = 0;
    for (at, kind, size) in objects(&bytes) {
        let from = at + if u32_at(&bytes, 12).unwrap() & 16 != 0 { 72 } else { 64 };
        if kind == 1 && size > 500 {
            let packed = pack(&bytes[from..at + size]);
            assert!(packed.len() < at + size - from);
            bytes[from..from + packed.len()].copy_from_slice(&packed);
            bytes[at + 1] = flag;
            bytes[at + 8..at + 16].copy_from_slice(&((from - at + packed.len()) as u64).to_le_bytes());
            count += 1;
        }
    }
    bytes[12] |= flag;
    std::fs::write(path, bytes).unwrap();
    count
}

#[test]
fn what_older_systems_packed_with_lz4_and_xz_is_unpacked_as_journalctl_does_it() {
    if !can_make() {
        return;
    }
    let sized = |value: &[u8]| {
        let mut block = vec![0; lz4_flex::block::get_maximum_output_size(value.len())];
        let length = lz4_flex::block::compress_into(value, &mut block).unwrap();
        [&(value.len() as u64).to_le_bytes(), &block[..length]].concat()
    };
    let xz = |value: &[u8]| {
        let mut child = std::process::Command::new("xz")
            .args(["--check=none", "--stdout"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(value).unwrap();
        child.wait_with_output().unwrap().stdout
    };
    let mut ways: Vec<(u8, Pack<'_>)> = vec![(2, &sized)];
    if std::process::Command::new("xz").arg("--version").output().is_ok() {
        ways.push((1, &xz));
    }
    for form in &FORMS[2..] {
        for (flag, pack) in &ways {
            let folder = tempfile::tempdir().unwrap();
            let path = make(&folder.path().join("a.journal"), *form, &export(0..100));
            let (before, _) = ours(&path);
            assert!(repack(&path, *flag, pack) > 5);
            let (after, damage) = ours(&path);
            assert_eq!(damage, [""; 0]);
            assert!(after == before, "{flag}");
            let theirs = journalctls(&[], &path);
            assert!(after.into_iter().map(|entry| entry.fields).eq(theirs.into_iter().map(|entry| entry.2)));
        }
    }
}
