//! Updates from a folder and from a server, whole and in part.

#![allow(clippy::unwrap_used, reason = "a test may end in a panic")]

mod faulty;

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use faulty::run::{LIST, WHOLE, ZIP, behind, files, fixed, run, settings, versions};
use faulty::server::{Fault, Server};
use faulty::{Mirror, id};
use keelguard_advisory::AdvisoryError;
use keelguard_advisory::exploited::Table;
use keelguard_advisory::index::Index;
use keelguard_advisory::update::{self, Change, Progress, Settings};

#[test]
fn a_folder_is_taken_whole_once_then_only_what_changed() {
    let (folder, from) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut mirror = Mirror::new("Red Hat", 40);
    mirror.write(from.path());
    let settings = settings(from.path().to_str().unwrap());
    let update = || run(folder.path(), "Red Hat", &settings).unwrap();
    assert_eq!(update(), WHOLE);
    assert_eq!(fixed(folder.path(), "Red Hat", "package-7"), ["2.0"]);
    assert_eq!(update(), Change::Current);
    mirror.change(7, "2024-02-01T00:00:00Z", "2.1");
    mirror.records.remove(&id(39));
    mirror.write(from.path());
    assert_eq!(update(), Change::Records { changed: 1, removed: 1 });
    assert_eq!(fixed(folder.path(), "Red Hat", "package-7"), ["2.1"]);
    assert_eq!(fixed(folder.path(), "Red Hat", "package-8"), ["2.0"]);
    assert_eq!(fixed(folder.path(), "Red Hat", "package-39"), Vec::<String>::new());
    assert_eq!(update(), Change::Current);
    assert!(from.path().join(ZIP).exists(), "the archive belongs to the mirror");
    assert_eq!(files(folder.path()), ["Red%20Hat.index"]);
}

#[test]
fn a_server_is_asked_for_no_more_than_what_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let mut mirror = Mirror::new("Red Hat", 40);
    let server = Server::start(&[&mirror]);
    let settings = settings(&server.base);
    let update = || run(folder.path(), "Red Hat", &settings).unwrap();
    assert_eq!(update(), WHOLE);
    assert_eq!(server.requests(), [LIST, ZIP]);
    assert_eq!(update(), Change::Current);
    assert_eq!(server.requests(), [LIST]);
    mirror.change(7, "2024-02-01T00:00:00Z", "2.1");
    mirror.change(40, "2024-02-01T00:00:00Z", "3.0");
    server.serve(&mirror);
    assert_eq!(update(), Change::Records { changed: 2, removed: 0 });
    let mut requests = server.requests();
    requests.sort();
    assert_eq!(requests, ["Red Hat/KG-0007.json", "Red Hat/KG-0040.json", LIST]);
    assert_eq!(fixed(folder.path(), "Red Hat", "package-7"), ["2.1"]);
    assert_eq!(fixed(folder.path(), "Red Hat", "package-40"), ["3.0"]);
    assert_eq!(update(), Change::Current);
    assert_eq!(server.requests(), [LIST]);
    assert_eq!(files(folder.path()), ["Red%20Hat.index"]);
}

#[test]
fn many_changes_come_as_one_archive() {
    let folder = tempfile::tempdir().unwrap();
    let mut mirror = Mirror::new("Red Hat", 40);
    let server = Server::start(&[&mirror]);
    run(folder.path(), "Red Hat", &settings(&server.base)).unwrap();
    for at in 0..20 {
        mirror.change(at, "2024-02-01T00:00:00Z", "2.1");
    }
    server.serve(&mirror);
    server.requests();
    assert_eq!(run(folder.path(), "Red Hat", &settings(&server.base)).unwrap(), WHOLE);
    assert_eq!(server.requests(), [LIST, ZIP]);
    assert_eq!(fixed(folder.path(), "Red Hat", "package-7"), ["2.1"]);
}

#[test]
fn where_the_list_has_no_times_the_tag_of_the_archive_decides() {
    let folder = tempfile::tempdir().unwrap();
    let mut mirror = Mirror::new("Go", 40);
    for at in 0..40 {
        mirror.change(at, "0001-01-01T00:00:00Z", "2.0");
    }
    let server = Server::start(&[&mirror]);
    let update = || run(folder.path(), "Go", &settings(&server.base)).unwrap();
    assert_eq!(update(), WHOLE);
    assert_eq!(update(), Change::Current);
    mirror.change(7, "0001-01-01T00:00:00Z", "2.1");
    server.serve(&mirror);
    assert_eq!(update(), WHOLE);
    assert_eq!(fixed(folder.path(), "Go", "package-7"), ["2.1"]);
}

#[test]
fn an_archive_older_than_its_list_is_caught_up_with() {
    let folder = tempfile::tempdir().unwrap();
    let mut mirror = Mirror::new("Red Hat", 40);
    let server = Server::start(&[&mirror]);
    let old = server.file(ZIP);
    mirror.change(7, "2024-02-01T00:00:00Z", "2.1");
    server.serve(&mirror);
    server.put(ZIP, old);
    let update = || run(folder.path(), "Red Hat", &settings(&server.base)).unwrap();
    assert_eq!(update(), WHOLE);
    assert_eq!(fixed(folder.path(), "Red Hat", "package-7"), ["2.0"]);
    assert_eq!(update(), Change::Records { changed: 1, removed: 0 });
    assert_eq!(fixed(folder.path(), "Red Hat", "package-7"), ["2.1"]);
    assert_eq!(update(), Change::Current);
}

#[test]
fn a_changed_record_that_cannot_be_had_alone_is_taken_with_the_archive() {
    let alone = "Red Hat/KG-0007.json";
    let page = Fault::Body(b"<html>".to_vec());
    let other = Fault::Body(br#"{"id": "KG-9999", "modified": "2024-02-01T00:00:00Z"}"#.to_vec());
    for fault in [Fault::Status("404 Not Found", ""), page, other] {
        let (folder, server, settings) = behind();
        server.always(alone, fault.clone());
        let settings = Settings { few: 400, ..settings };
        assert_eq!(run(folder.path(), "Red Hat", &settings).unwrap(), WHOLE, "{fault:?}");
        assert_eq!(server.requests(), [LIST, alone, ZIP]);
        assert_eq!(fixed(folder.path(), "Red Hat", "package-7"), ["2.1"]);
    }
    let (folder, server, settings) = behind();
    let settings = Settings { few: 400, ..settings };
    server.fault(alone, [Fault::Status("503 Service Unavailable", ""), Fault::CutAfter(9)]);
    let change = run(folder.path(), "Red Hat", &settings).unwrap();
    assert_eq!(change, Change::Records { changed: 1, removed: 0 });
    server.always("Red Hat/KG-0008.json", Fault::HangUp);
    let mut mirror = Mirror::new("Red Hat", 40);
    mirror.change(7, "2024-02-01T00:00:00Z", "2.1");
    mirror.change(8, "2024-02-01T00:00:00Z", "2.1");
    server.serve(&mirror);
    run(folder.path(), "Red Hat", &settings).unwrap_err();
    assert_eq!(fixed(folder.path(), "Red Hat", "package-8"), ["2.0"]);
}

#[test]
fn a_damaged_index_is_replaced_though_nothing_changed() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&[&Mirror::new("Red Hat", 40)]);
    let path = folder.path().join("Red%20Hat.index");
    let update = || run(folder.path(), "Red Hat", &settings(&server.base)).unwrap();
    assert_eq!(update(), WHOLE);
    let mut bytes = std::fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, &bytes).unwrap();
    assert_eq!(update(), WHOLE);
    Index::open(&path).unwrap().verify().unwrap();
}

#[test]
fn what_a_killed_update_was_writing_is_swept_away_by_the_next() {
    let (folder, _server, settings) = behind();
    std::fs::write(folder.path().join(".Red%20Hat.index.4711.new"), "half").unwrap();
    std::fs::write(folder.path().join("notes.new"), "the user's").unwrap();
    run(folder.path(), "Red Hat", &settings).unwrap();
    assert_eq!(files(folder.path()), ["Red%20Hat.index", "notes.new"]);
}

#[test]
fn an_export_that_has_lost_half_of_its_records_is_taken_only_by_force() {
    let (folder, server, settings) = behind();
    server.serve(&Mirror::new("Red Hat", 15));
    let error = run(folder.path(), "Red Hat", &settings).unwrap_err().to_string();
    assert!(error.ends_with("it has 15 usable records, the data at hand has 40"), "{error}");
    assert_eq!(fixed(folder.path(), "Red Hat", "package-30"), ["2.0"]);
    let forced = run(folder.path(), "Red Hat", &Settings { force: true, ..settings }).unwrap();
    assert_eq!(forced, Change::Whole { records: 15, skipped: 0 });
    assert_eq!(files(folder.path()), ["Red%20Hat.index"]);
}

#[test]
fn one_ecosystem_that_fails_does_not_keep_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&[&Mirror::new("npm", 40), &Mirror::new("PyPI", 40)]);
    server.always("npm/all.zip", Fault::HangUp);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let names = ["npm", "../npm", "PyPI:any", "NuGet"].map(str::to_owned);
    let outcomes = runtime.block_on(update::update(folder.path(), &names, &settings(&server.base), &|_| ())).unwrap();
    let short: Vec<_> = outcomes.iter().map(|outcome| (outcome.name.as_str(), outcome.result.is_ok())).collect();
    assert_eq!(short, [("npm", false), ("../npm", false), ("PyPI", true), ("NuGet", false)]);
    assert_eq!(files(folder.path()), ["PyPI.index"]);
}

#[test]
fn a_second_update_of_the_same_folder_is_told_so() {
    let (folder, server, settings) = behind();
    server.always(ZIP, Fault::Silence);
    let names = ["Red Hat".to_owned()];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let watcher = |_: Progress<'_>| ();
        let mut first = Box::pin(update::update(folder.path(), &names, &settings, &watcher));
        // The first one is under way as soon as it was asked.
        tokio::select! {
            biased;
            _ = &mut first => panic!("the first ended"),
            second = update::update(folder.path(), &names, &settings, &watcher) => {
                let error = second.unwrap_err();
                assert!(matches!(error, AdvisoryError::Busy(_)), "{error}");
            }
        }
    });
    server.mend();
    assert_eq!(run(folder.path(), "Red Hat", &settings).unwrap(), WHOLE, "an update that was given up holds nothing");
}

#[test]
fn an_ecosystem_that_takes_too_long_is_left() {
    let (folder, server, settings) = behind();
    server.always(ZIP, Fault::StallAfter(10));
    let hasty = Settings { time: Duration::from_millis(100), silence: Duration::from_secs(30), ..settings.clone() };
    let error = run(folder.path(), "Red Hat", &hasty).unwrap_err().to_string();
    assert_eq!(error, format!("get {}: not done within 0.1 s", server.base));
    assert_eq!(fixed(folder.path(), "Red Hat", "package-7"), ["2.0"]);
    server.mend();
    assert_eq!(run(folder.path(), "Red Hat", &settings).unwrap(), WHOLE);
}

#[test]
fn the_catalogue_of_exploited_ones_is_fetched_once_and_survives_a_page_in_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&[]);
    let kev = r#"{"vulnerabilities": [{"cveID": "CVE-2021-44228", "dateAdded": "2021-12-10"}]}"#;
    server.put("kev.json", kev);
    let settings = Settings { kev: Some(format!("{}/kev.json", server.base)), ..settings(&server.base) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let update = || runtime.block_on(update::update(folder.path(), &[], &settings, &|_| ())).unwrap().remove(0).result;
    assert_eq!(update().unwrap(), Change::Whole { records: 1, skipped: 0 });
    assert_eq!(update().unwrap(), Change::Current);
    for page in ["<html>", "", "{\"vulnerabilities\": []}"] {
        server.put("kev.json", page);
        update().unwrap_err();
        let table = Table::open(&folder.path().join("kev.table")).unwrap();
        assert!(table.kev("CVE-2021-44228").is_some());
    }
    assert_eq!(files(folder.path()), ["kev.table"]);
}

/// Ends the readers, also where the test fails before its end.
struct End<'flag>(&'flag AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

#[test]
fn readers_go_on_reading_while_updates_replace_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut mirror = Mirror::new("Red Hat", 400);
    let server = Server::start(&[&mirror]);
    let settings = settings(&server.base);
    run(folder.path(), "Red Hat", &settings).unwrap();
    let path = folder.path().join("Red%20Hat.index");
    let end = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let ended = End(&end);
        let keeper = scope.spawn(|| {
            let old = Index::open(&path).unwrap();
            let mut rounds = 0;
            while !end.load(Relaxed) || rounds == 0 {
                assert!((0..400).all(|at| versions(&old, &format!("package-{at}")) == ["2.0"]));
                rounds += 1;
            }
            old.verify().unwrap();
        });
        let opener = scope.spawn(|| {
            let mut last = 0;
            while !end.load(Relaxed) || last == 0 {
                let index = Index::open(&path).unwrap();
                index.verify().unwrap();
                let [version] = <[_; 1]>::try_from(versions(&index, "package-7")).unwrap();
                let number: u32 = version.strip_prefix("2.").unwrap().parse().unwrap();
                assert!(number >= last, "an older index came back");
                // Both change at once: a mixture of two updates would show.
                assert_eq!(versions(&index, "package-399"), [version]);
                last = number;
            }
        });
        for number in 1..=20 {
            for at in [7, 399] {
                mirror.change(at, &format!("2024-02-01T00:00:{number:02}Z"), &format!("2.{number}"));
            }
            server.serve(&mirror);
            let change = run(folder.path(), "Red Hat", &settings).unwrap();
            assert_eq!(change, Change::Records { changed: 2, removed: 0 });
        }
        drop(ended);
        keeper.join().unwrap();
        opener.join().unwrap();
    });
}
