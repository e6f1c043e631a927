//! Updates from a server that misbehaves: each ends with the new index, or with an error and the old one.

#![allow(clippy::unwrap_used, reason = "a test may end in a panic")]
#![allow(clippy::needless_pass_by_value, reason = "reads better at the calls, which make what they hand over")]

mod common;
mod faulty;

use std::time::Duration;

use faulty::Mirror;
use faulty::run::{LIST, WHOLE, ZIP, behind, files, fixed, run, settings, told};
use faulty::server::{Fault, Server};
use keelguard_advisory::index::Index;
use keelguard_advisory::update::{Change, Settings};

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
    assert!(error.starts_with(&format!("get {}/Red%20Hat/all.zip: it was cut off", server.base)), "{error}");
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
    assert!(error.starts_with("use "), "{error}");
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
fn a_silent_server_is_asked_again() {
    let (folder, server, settings) = behind();
    let settings = Settings { silence: Duration::from_millis(300), ..settings };
    server.fault(LIST, [Fault::Silence]);
    server.fault(ZIP, [Fault::StallAfter(1000), Fault::Silence]);
    let (result, said) = told(folder.path(), "Red Hat", &settings);
    assert_eq!(result.unwrap(), WHOLE);
    assert_eq!(said[..2], ["5 ms: it was silent for 0.3 s", "10 ms: it was silent for 0.3 s"]);
    let requests = server.requests();
    assert_eq!(requests[..4], [LIST, LIST, ZIP, &format!("{ZIP} bytes=1000-")]);
    assert_eq!(fixed(folder.path(), "Red Hat", "package-7"), ["2.1"]);
    assert_eq!(files(folder.path()), ["Red%20Hat.index"]);
}

#[test]
fn a_server_that_stays_silent_is_given_up() {
    let (folder, server, settings) = behind();
    let settings = Settings { silence: Duration::from_millis(300), retries: 1, ..settings };
    for fault in [Fault::Silence, Fault::StallAfter(0)] {
        server.always(ZIP, fault);
        let error = run(folder.path(), "Red Hat", &settings).unwrap_err().to_string();
        assert!(error.ends_with("it was silent for 0.3 s, 2 times"), "{error}");
        assert_eq!(fixed(folder.path(), "Red Hat", "package-7"), ["2.0"]);
    }
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
        assert!(error.starts_with("use "), "{error}");
    }
    // An empty archive is none either.
    let error = fails(ZIP, Fault::Body(faulty::zip(&[])));
    assert!(error.contains("it has 0 usable records, the data at hand has 40"), "{error}");
}

#[test]
fn a_real_export_is_fetched_over_a_bad_line_and_is_current_then() {
    let Some(mirror) = common::mirror() else { return };
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&[]);
    for path in ["PyPI/all.zip", "PyPI/modified_id.csv"] {
        server.put(path, std::fs::read(mirror.join(path)).unwrap());
    }
    // More cuts than retries: one that brings a mebibyte makes the earlier ones forgiven.
    server.fault("PyPI/all.zip", [1 << 20, 1 << 20, 9, 9].map(Fault::CutAfter));
    let settings = settings(&server.base);
    let records = match run(folder.path(), "PyPI", &settings).unwrap() {
        Change::Whole { records, skipped: 0 } => records,
        other => panic!("{other:?}"),
    };
    let requests = server.requests();
    assert_eq!(requests.last().unwrap(), &format!("PyPI/all.zip bytes={}-", (2 << 20) + 18));
    let index = Index::open(&folder.path().join("PyPI.index")).unwrap();
    index.verify().unwrap();
    assert_eq!(index.records().count() as u64, records);
    assert_eq!(run(folder.path(), "PyPI", &settings).unwrap(), Change::Current);
    assert_eq!(server.requests(), ["PyPI/modified_id.csv"]);
    assert_eq!(files(folder.path()), ["PyPI.index"]);
}
