//! Journals of several files: their order, where they begin, and how they are followed.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use keelguard_model::Area;

use super::super::{Bounds, Choice, Journal, JournalFile, JournalTail, State, open_file, open_folder};
use super::made::*;
use crate::read::{Gaps, Reading};

fn reading() -> Reading {
    Reading::everything(Timestamp::from_second(1_796_000_000).unwrap())
}

/// The seconds of all entries of a journal, in the order in which they come.
fn seconds(journal: Option<Journal>, gaps: &mut Gaps) -> Vec<u64> {
    let Some(mut journal) = journal else { return Vec::new() };
    let mut seconds = Vec::new();
    while journal.advance(gaps) {
        seconds.push(second(journal.entry().unwrap().time));
    }
    seconds
}

fn second(time: i64) -> u64 {
    (u64::try_from(time).unwrap() - FIRST) / SECOND
}

fn of_folder(folder: &Path, reading: &Reading) -> (Vec<u64>, Vec<(String, String)>) {
    let mut gaps = Gaps::of(Area::Logins);
    let seconds = seconds(open_folder(folder, reading, Choice::All, &mut gaps), &mut gaps);
    let name = |what: &str| what.rsplit('/').next().unwrap().to_owned();
    (seconds, gaps.into_list().into_iter().map(|gap| (name(&gap.what), gap.why)).collect())
}

/// Archived, beside each other, a user's, an unclean one and one of another machine.
fn many(folder: &Path) -> Vec<PathBuf> {
    let remote = folder.join("fedcba9876543210fedcba9876543210");
    std::fs::create_dir_all(&remote).unwrap();
    let files = vec![
        make(&folder.join("system@1.journal"), FORMS[0], &export((0..400).filter(|number| number % 3 > 0))),
        make(&folder.join("system@2.journal"), FORMS[1], &export(400..700)),
        make(
            &folder.join("user-1000.journal"),
            FORMS[2],
            &export((0..700).filter(|number| number % 3 == 0 && *number < 400)),
        ),
        make(&folder.join("odd.journal"), FORMS[0], &export(700..720)),
        make(&remote.join("system.journal"), FORMS[3], &export(720..1000)),
    ];
    set_state(&files[0], 2);
    set_state(&files[1], 2);
    set_state(&files[3], 1);
    std::fs::rename(folder.join("odd.journal"), folder.join("system@3.journal~")).unwrap();
    files
}

#[test]
fn files_are_read_as_one_journal_in_the_order_of_time() {
    if !can_make() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    many(folder.path());
    let reading = reading();
    let (seen, gaps) = of_folder(folder.path(), &reading);
    assert_eq!(gaps, []);
    assert_eq!(seen, (0..1000).collect::<Vec<_>>());
    // journalctl gives all of them in the same order.
    let theirs = journalctls(&["--merge"], folder.path());
    assert!(theirs.iter().map(|entry| (entry.0 - FIRST) / SECOND).eq(seen));
    // What was read is the files' size, to the byte.
    assert_eq!(reading.progress.load(Ordering::Relaxed), crate::read::size_of(&[folder.path().to_path_buf()]));
}

#[test]
fn a_copy_of_a_file_beside_it_counts_once() {
    if !can_make() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = make(&folder.path().join("a.journal"), FORMS[0], &export(0..50));
    std::fs::copy(&file, folder.path().join("b.journal")).unwrap();
    let (seen, gaps) = of_folder(folder.path(), &reading());
    assert_eq!((seen, gaps), ((0..50).collect(), vec![]));
}

#[test]
fn reading_begins_at_the_time_that_is_asked_for() {
    if !can_make() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    many(folder.path());
    for begin in [0, 1, 57, 399, 400, 401, 700, 719, 999, 1000, 5000] {
        let since = Timestamp::from_microsecond(i64::try_from(FIRST + begin * SECOND).unwrap()).unwrap();
        let reading = Reading { since: Some(since), ..reading() };
        let (seen, gaps) = of_folder(folder.path(), &reading);
        assert_eq!((seen, gaps), ((begin.min(1000)..1000).collect(), vec![]), "{begin}");
        assert_eq!(reading.progress.load(Ordering::Relaxed), crate::read::size_of(&[folder.path().to_path_buf()]));
    }
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_is_read() {
    if !can_make() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    make(&path("good.journal"), FORMS[0], &export(0..10));
    std::fs::write(path("text.journal"), "no journal at all").unwrap();
    std::fs::write(path("empty.journal"), "").unwrap();
    std::fs::create_dir(path("folder.journal")).unwrap();
    let later = make(&path("later.journal"), FORMS[0], &export(0..10));
    patch(&later, 12, &[0x40]);
    assert!(std::process::Command::new("mkfifo").arg(path("pipe.journal")).status().unwrap().success());
    let (seen, gaps) = of_folder(folder.path(), &reading());
    assert_eq!(seen, (0..10).collect::<Vec<_>>());
    let gaps: Vec<_> = gaps.iter().map(|(what, why)| (what.as_str(), why.as_str())).collect();
    assert_eq!(
        gaps,
        [
            ("empty.journal", "it is cut off"),
            ("folder.journal", "it is no file"),
            ("later.journal", "it is of a form that is not known (flags 0x40)"),
            ("pipe.journal", "it is no file"),
            ("text.journal", "it is damaged: it does not begin as a journal"),
        ]
    );
    let mut gaps = Gaps::of(Area::Logins);
    assert_eq!(seconds(open_file(&path("good.journal"), &reading(), Choice::All, &mut gaps), &mut gaps).len(), 10);
}

/// Waits for what another program does.
fn until(mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_mins(1), "it did not come");
        std::thread::yield_now();
    }
}

#[test]
fn a_file_is_read_while_it_is_written_to_and_after_its_writer_was_killed() {
    if !can_make() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("system.journal");
    let mut writer = writer(&file, FORMS[0]).arg("-").stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut input = writer.stdin.take().unwrap();
    let count = || JournalFile::open(&file, Choice::All, &Bounds::default()).map_or(0, |file| file.count());
    for round in 1..=20 {
        input.write_all(&export((round - 1) * 100..round * 100)).unwrap();
        input.flush().unwrap();
        // Its last entry is told by the one that comes after it.
        until(|| {
            let (entries, damage) = ours(&file);
            assert!(entries.iter().zip(0..).all(|(entry, number)| entry.time == FIRST + number * SECOND));
            assert_eq!(damage, [""; 0]);
            entries.len() as u64 >= round * 100 - 1
        });
        assert!(count() >= round * 100 - 1);
    }
    writer.kill().unwrap();
    writer.wait().unwrap();
    let unclean = JournalFile::open(&file, Choice::All, &Bounds::default()).unwrap();
    assert_eq!(unclean.head().state, State::Online);
    let (entries, damage) = ours(&file);
    assert_eq!(damage, [""; 0]);
    assert!(entries == sdjournals(folder.path()));
    assert!(entries.len() >= 1999);
}

struct Followed {
    tail: JournalTail,
    gaps: Gaps,
}

impl Followed {
    fn begin(folder: &Path) -> Self {
        let mut gaps = Gaps::of(Area::Logins);
        Self { tail: JournalTail::begin(folder.to_path_buf(), &reading(), &mut gaps), gaps }
    }

    fn next(&mut self) -> Vec<u64> {
        let mut seen = Vec::new();
        self.tail.poll(&reading(), Choice::All, &mut self.gaps, &mut |entry| seen.push(second(entry.time)));
        seen
    }

    fn told(mut self) -> Vec<String> {
        self.gaps.take().into_iter().map(|gap| gap.why).collect()
    }
}

#[test]
fn a_folder_is_followed_over_rotation_and_new_files_whatever_the_clock_says() {
    if !can_make() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    make(&path("system.journal"), FORMS[0], &export(100..110));
    let mut followed = Followed::begin(folder.path());
    assert_eq!(followed.next(), [0; 0]);
    make(&path("system.journal"), FORMS[0], &export(110..113));
    make(&path("user-1000.journal"), FORMS[0], &export(111..112));
    assert_eq!(followed.next(), [110, 111, 111, 112]);
    assert_eq!(followed.next(), [0; 0]);
    make(&path("system.journal"), FORMS[0], &export(113..115));
    set_state(&path("system.journal"), 2);
    std::fs::rename(path("system.journal"), path("system@1.journal")).unwrap();
    // The clock was set back.
    make(&path("system.journal"), FORMS[0], &export(50..52));
    let mut seen = followed.next();
    seen.sort_unstable();
    assert_eq!(seen, [50, 51, 113, 114]);
    std::fs::remove_file(path("system@1.journal")).unwrap();
    std::fs::write(path("odd.journal"), "no journal at all").unwrap();
    assert_eq!(followed.next(), [0; 0]);
    assert_eq!(followed.next(), [0; 0]);
    // Said once.
    assert_eq!(followed.told(), ["it could not be read on: it is damaged: it does not begin as a journal"]);
}

#[test]
fn entries_that_are_taken_out_while_they_are_followed_are_missed() {
    if !can_make() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = make(&folder.path().join("system.journal"), FORMS[0], &export(0..50));
    let before = std::fs::read(&file).unwrap();
    make(&file, FORMS[0], &export(50..60));
    let mut followed = Followed::begin(folder.path());
    std::fs::write(&file, before).unwrap();
    assert_eq!(followed.next(), [0; 0]);
    assert_eq!(followed.next(), [0; 0]);
    assert_eq!(followed.told(), ["it has 50 entries, and had 60 while it was followed: somebody has taken some out"]);
}

#[test]
fn what_is_followed_is_not_read_before_and_nothing_is_missed_between() {
    if !can_make() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    make(&path("system.journal"), FORMS[0], &export(0..50));
    let mut followed = Followed::begin(folder.path());
    let mut reading = reading();
    reading.left.journals.push((folder.path().to_path_buf(), followed.tail.marks().clone()));
    make(&path("system.journal"), FORMS[0], &export(50..60));
    make(&path("user-1000.journal"), FORMS[0], &export(10..12));
    assert_eq!(of_folder(folder.path(), &reading), ((0..50).collect(), vec![]));
    assert_eq!(followed.next(), [10, 11].into_iter().chain(50..60).collect::<Vec<_>>());
}

#[test]
fn many_machines_side_by_side_take_less_memory_each() {
    if !can_make() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for machine in 0..20 {
        let numbers = (0..12).map(|number| number * 20 + machine);
        make(&folder.path().join(format!("remote-{machine}.journal")), FORMS[0], &export(numbers));
    }
    let progress = Arc::default();
    let reading = Reading { progress: Arc::clone(&progress), ..reading() };
    let (seen, gaps) = of_folder(folder.path(), &reading);
    assert_eq!((seen, gaps), ((0..240).collect(), vec![]));
    let mut gaps = Gaps::of(Area::Logins);
    let waiting = super::super::open(&super::super::files_in(folder.path(), &mut gaps), &reading, &mut gaps).unwrap();
    assert_eq!(super::super::room_for(&waiting), super::super::Room::MEDIUM);
}
