//! Updates from a folder and from a server, whole and in part.

#![allow(clippy::unwrap_used, reason = "a test may end in a panic")]
#![allow(clippy::needless_pass_by_value, reason = "reads better at the calls, which make what they hand over")]

mod common;
mod faulty;

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use faulty::server::{Fault, Server};
use faulty::{Mirror, id};
use keelguard_advisory::AdvisoryError;
use keelguard_advisory::exploited::Table;
use keelguard_advisory::index::Index;
use keelguard_advisory::update::{self, Change, Progress, Settings};

fn settings(base: &str) -> Settings {
    Settings {
        base: base.to_owned(),
        silence: Duration::from_millis(400),
        retries: 3,
        pause: Duration::from_millis(5),
        longest_pause: Duration::from_secs(2),
        ..Settings::default()
    }
}

/// One update of one ecosystem, and what it said on the way.
fn told(folder: &Path, name: &str, settings: &Settings) -> (Result<Change, AdvisoryError>, Vec<String>) {
    let said = Mutex::new(Vec::new());
    let watcher = |progress: Progress<'_>| {
        if let Progress::Waiting { pause, why, .. } = progress {
            said.lock().unwrap().push(format!("{} ms: {why}", pause.as_millis()));
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let names = [name.to_owned()];
    let outcomes = runtime.block_on(update::update(folder, &names, settings, &watcher)).unwrap();
    let [outcome] = <[_; 1]>::try_from(outcomes).unwrap();
    assert_eq!(outcome.name, name);
    (outcome.result, said.into_inner().unwrap())
}

fn run(folder: &Path, name: &str, settings: &Settings) -> Result<Change, AdvisoryError> {
    told(folder, name, settings).0
}

/// The version in which the index says that a package is fixed; the whole index is checked on the way.
fn fixed(folder: &Path, name: &str, package: &str) -> Vec<String> {
    let index = Index::open(&folder.join(format!("{}.index", name.replace(' ', "%20")))).unwrap();
    index.verify().unwrap();
    versions(&index, package)
}

fn versions(index: &Index, package: &str) -> Vec<String> {
    let events = index.lookup(package).flat_map(|hit| hit.ranges().collect::<Vec<_>>()).flat_map(|(_, events)| events);
    events.map(|(_, version)| version.to_owned()).filter(|version| version != "0").collect()
}

/// What lies in the folder besides the lock, parts of archives included.
fn files(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for place in [folder.to_owned(), folder.join(".loading")] {
        for entry in std::fs::read_dir(place).into_iter().flatten() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_file() && entry.file_name() != ".lock" {
                names.push(entry.file_name().into_string().unwrap());
            }
        }
    }
    names.sort();
    names
}

const WHOLE: Change = Change::Whole { records: 40, skipped: 0 };
const ZIP: &str = "Red Hat/all.zip";
const LIST: &str = "Red Hat/modified_id.csv";

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

/// A folder with an index of 40 records, and a server that has one change more than `few` allows.
fn behind() -> (tempfile::TempDir, Server, Settings) {
    let folder = tempfile::tempdir().unwrap();
    let mut mirror = Mirror::new("Red Hat", 40);
    let server = Server::start(&[&mirror]);
    let settings = Settings { few: 0, ..settings(&server.base) };
    assert_eq!(run(folder.path(), "Red Hat", &settings).unwrap(), WHOLE);
    mirror.change(7, "2024-02-01T00:00:00Z", "2.1");
    server.serve(&mirror);
    server.requests();
    (folder, server, settings)
}

/// The update succeeds in spite of the fault.
fn succeeds(path: &str, faults: &[Fault]) -> (Vec<String>, Vec<String>) {
    let (folder, server, settings) = behind();
    server.fault(path, faults.iter().cloned());
    let (result, said) = told(folder.path(), "Red Hat", &settings);
    assert_eq!(result.unwrap(), WHOLE, "{faults:?}");
    assert_eq!(fixed(folder.path(), "Red Hat", "package-7"), ["2.1"], "{faults:?}");
    assert_eq!(files(folder.path()), ["Red%20Hat.index"], "{faults:?}");
    (server.requests(), said)
}

/// The update fails because of the fault, the old index stays, and the next update succeeds.
fn fails(path: &str, fault: Fault) -> String {
    let (folder, server, settings) = behind();
    server.always(path, fault.clone());
    let error = run(folder.path(), "Red Hat", &settings).unwrap_err().to_string();
    assert_eq!(fixed(folder.path(), "Red Hat", "package-7"), ["2.0"], "{fault:?}");
    server.mend();
    assert_eq!(run(folder.path(), "Red Hat", &settings).unwrap(), WHOLE, "{fault:?}");
    assert_eq!(fixed(folder.path(), "Red Hat", "package-7"), ["2.1"], "{fault:?}");
    assert_eq!(files(folder.path()), ["Red%20Hat.index"], "{fault:?}");
    error
}

#[test]
fn an_archive_that_was_cut_off_is_gone_on_with_where_it_ended() {
    let (requests, said) = succeeds(ZIP, &[Fault::CutAfter(1000), Fault::CutAfter(500)]);
    assert_eq!(requests, [LIST, ZIP, &format!("{ZIP} bytes=1000-"), &format!("{ZIP} bytes=1500-")]);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said.iter().all(|line| line.contains("cut off")), "{said:?}");
}

#[test]
fn the_next_update_goes_on_with_what_a_failed_one_has_left() {
    let (folder, server, settings) = behind();
    server.fault(ZIP, [1000, 100, 100, 100].map(Fault::CutAfter));
    let error = run(folder.path(), "Red Hat", &settings).unwrap_err().to_string();
    assert!(error.starts_with(&format!("{}/Red%20Hat/all.zip: it was cut off", server.base)), "{error}");
    assert!(error.ends_with("4 times"), "{error}");
    server.requests();
    assert_eq!(run(folder.path(), "Red Hat", &settings).unwrap(), WHOLE);
    assert_eq!(server.requests(), [LIST, &format!("{ZIP} bytes=1300-")]);
    assert_eq!(fixed(folder.path(), "Red Hat", "package-7"), ["2.1"]);
}

#[test]
fn an_archive_that_changes_while_it_is_fetched_is_fetched_anew() {
    let (folder, server, settings) = behind();
    server.always(ZIP, Fault::CutAfter(1000));
    run(folder.path(), "Red Hat", &settings).unwrap_err();
    server.mend();
    let mut mirror = Mirror::new("Red Hat", 40);
    mirror.change(7, "2024-03-01T00:00:00Z", "2.2");
    server.serve(&mirror);
    assert_eq!(run(folder.path(), "Red Hat", &settings).unwrap(), WHOLE);
    assert_eq!(fixed(folder.path(), "Red Hat", "package-7"), ["2.2"]);
}

#[test]
fn an_archive_that_is_all_there_but_was_not_compiled_is_fetched_anew() {
    let (folder, server, settings) = behind();
    let size = server.file(ZIP).len();
    server.fault(ZIP, [Fault::CutAfter(size - 1), Fault::CutAfter(0), Fault::CutAfter(0), Fault::CutAfter(0)]);
    run(folder.path(), "Red Hat", &settings).unwrap_err();
    let part = folder.path().join(".loading/Red%20Hat.zip");
    std::fs::write(&part, server.file(ZIP)).unwrap();
    assert_eq!(run(folder.path(), "Red Hat", &settings).unwrap(), WHOLE);
    assert_eq!(files(folder.path()), ["Red%20Hat.index"]);
}

#[test]
fn a_server_without_ranges_and_tags_starts_over() {
    succeeds(ZIP, &[Fault::CutAfter(1000), Fault::Plain]);
    succeeds(ZIP, &[Fault::Plain]);
}

#[test]
fn a_part_that_nobody_can_go_on_with_is_not_kept() {
    let (folder, server, settings) = behind();
    server.always(ZIP, Fault::PlainCutAfter(1000));
    run(folder.path(), "Red Hat", &settings).unwrap_err();
    assert_eq!(files(folder.path()), ["Red%20Hat.index"]);
    assert_eq!(server.requests(), [LIST, ZIP, ZIP, ZIP, ZIP]);
}

#[test]
fn a_part_without_a_tag_ends_in_an_index_that_knows_the_tag() {
    let (folder, server, settings) = behind();
    server.fault(ZIP, [Fault::CutAfter(1000), Fault::Untagged]);
    assert_eq!(run(folder.path(), "Red Hat", &settings).unwrap(), WHOLE);
    let index = Index::open(&folder.path().join("Red%20Hat.index")).unwrap();
    assert!(index.meta().etag.as_ref().is_some_and(|tag| tag.starts_with('"')));
}

#[test]
fn a_server_that_goes_on_elsewhere_is_not_believed() {
    let (requests, said) = succeeds(ZIP, &[Fault::CutAfter(1000), Fault::GoesOnAt(900)]);
    assert_eq!(requests, [LIST, ZIP, &format!("{ZIP} bytes=1000-"), ZIP]);
    assert_eq!(said[1], "10 ms: it went on with something else");
}

#[test]
fn a_server_that_gives_a_few_bytes_each_time_is_given_up() {
    let error = fails(ZIP, Fault::CutAfter(10));
    assert!(error.ends_with("4 times"), "{error}");
}

#[test]
fn a_length_that_is_too_long_is_a_cut() {
    let (folder, server, settings) = behind();
    let size = server.file(ZIP).len();
    server.fault(ZIP, [Fault::Length(size + 100)]);
    assert_eq!(run(folder.path(), "Red Hat", &settings).unwrap(), WHOLE);
    assert_eq!(fixed(folder.path(), "Red Hat", "package-7"), ["2.1"]);
    assert_eq!(files(folder.path()), ["Red%20Hat.index"]);
}

#[test]
fn a_length_that_is_too_short_leaves_a_broken_archive_and_the_old_index() {
    let error = fails(ZIP, Fault::Length(2000));
    assert!(error.contains("is not what it should be"), "{error}");
}

#[test]
fn a_length_beyond_the_bound_is_refused_before_it_comes() {
    let error = fails(ZIP, Fault::Length(5 << 30));
    assert!(error.ends_with("is larger than 4294967296 bytes"), "{error}");
}

#[test]
fn a_busy_server_gets_the_time_that_it_asks_for() {
    let (_, said) = succeeds(ZIP, &[Fault::Status("429 Too Many Requests", "Retry-After: 1\r\n")]);
    assert_eq!(said, ["1000 ms: it answers 429 Too Many Requests"]);
    let error = fails(LIST, Fault::Status("429 Too Many Requests", "Retry-After: 3600\r\n"));
    assert!(error.ends_with("it answers 429 Too Many Requests, and asks to come back in 3600 s"), "{error}");
}

#[test]
fn a_server_that_fails_twice_is_asked_a_third_time() {
    let twice = [Fault::Status("503 Service Unavailable", ""), Fault::Status("500 Internal Server Error", "")];
    let (_, said) = succeeds(ZIP, &twice);
    assert_eq!(said, ["5 ms: it answers 503 Service Unavailable", "10 ms: it answers 500 Internal Server Error"]);
    succeeds(LIST, &twice);
    succeeds(LIST, &[Fault::HangUp, Fault::CutAfter(7)]);
    let error = fails(ZIP, Fault::Status("503 Service Unavailable", ""));
    assert!(error.ends_with("it answers 503 Service Unavailable, 4 times"), "{error}");
}

#[test]
fn a_silent_server_is_asked_again_and_given_up_in_the_end() {
    succeeds(LIST, &[Fault::Silence]);
    let (requests, said) = succeeds(ZIP, &[Fault::StallAfter(1000), Fault::Silence]);
    assert_eq!(requests, [LIST, ZIP, &format!("{ZIP} bytes=1000-"), &format!("{ZIP} bytes=1000-")]);
    assert_eq!(said[0], "5 ms: it was silent for 0.4 s");
    let error = fails(ZIP, Fault::Silence);
    assert!(error.ends_with("it was silent for 0.4 s, 4 times"), "{error}");
}

#[test]
fn what_is_not_there_is_said_at_once() {
    let error = fails(ZIP, Fault::Status("404 Not Found", ""));
    assert!(error.ends_with("there is no such file; is the ecosystem spelled as OSV does?"), "{error}");
    let error = fails(ZIP, Fault::Status("403 Forbidden", ""));
    assert!(error.ends_with("it answers 403 Forbidden"), "{error}");
    // Without a list there is still the archive.
    succeeds(LIST, &[Fault::Status("404 Not Found", "")]);
}

#[test]
fn a_redirection_in_a_circle_is_left() {
    let error = fails(ZIP, Fault::Status("302 Found", "Location: /Red%20Hat/all.zip\r\n"));
    assert!(error.ends_with("it answers 302 Found"), "{error}");
}

#[test]
fn a_page_in_place_of_a_file_changes_nothing() {
    let page = Fault::Body(b"<html>Please sign in to this network</html>".to_vec());
    for path in [ZIP, LIST] {
        let error = fails(path, page.clone());
        assert!(error.contains("is not what it should be"), "{error}");
    }
    // An empty archive is none either.
    let error = fails(ZIP, Fault::Body(faulty::zip(&[])));
    assert!(error.contains("it has 0 usable records, the data at hand has 40"), "{error}");
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
    assert_eq!(error, format!("{}: not done within 0.1 s", server.base));
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

#[test]
fn a_real_export_is_fetched_over_a_bad_line_and_is_current_then() {
    let Some(mirror) = common::mirror() else { return };
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&[]);
    for path in ["PyPI/all.zip", "PyPI/modified_id.csv"] {
        server.put(path, std::fs::read(mirror.join(path)).unwrap());
    }
    // More cuts than retries: each brings so much that the earlier ones are forgiven.
    server.fault("PyPI/all.zip", [1 << 20, 1 << 20, 9, 9, 9].map(Fault::CutAfter));
    let settings = settings(&server.base);
    let records = match run(folder.path(), "PyPI", &settings).unwrap() {
        Change::Whole { records, skipped: 0 } => records,
        other => panic!("{other:?}"),
    };
    let requests = server.requests();
    assert_eq!(requests.last().unwrap(), &format!("PyPI/all.zip bytes={}-", (2 << 20) + 27));
    let index = Index::open(&folder.path().join("PyPI.index")).unwrap();
    index.verify().unwrap();
    assert_eq!(index.records().count() as u64, records);
    assert_eq!(run(folder.path(), "PyPI", &settings).unwrap(), Change::Current);
    assert_eq!(server.requests(), ["PyPI/modified_id.csv"]);
    assert_eq!(files(folder.path()), ["PyPI.index"]);
}
