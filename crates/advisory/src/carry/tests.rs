use serde_json::json;

use super::*;
use crate::AdvisoryError;
use crate::exploited::Catalogue;
use crate::index::{Compiler, Index, replace_file};
use crate::ingest::IngestLimits;
use crate::osv;
use std::path::Path;

fn write_index(folder: &Path, ecosystem: &str, records: usize) {
    let mut compiler = Compiler::new(ecosystem);
    for number in 0..records {
        let record = json!({"id": format!("X-{number}"), "affected": [{"package": {"ecosystem": ecosystem, "name": "p"}, "versions": ["1"]}]});
        compiler.add(&osv::parse(record.to_string().as_bytes(), osv::RecordLimits::default()).unwrap()).unwrap();
    }
    compiler.write(&folder.join(crate::ecosystem::file_name(ecosystem))).unwrap();
}

fn take(folder: &Path, from: &Path, of: Option<&str>) -> Result<Vec<Imported>, AdvisoryError> {
    import(folder, from, of, &IngestLimits::default())
}

fn names(imported: &[Imported]) -> Vec<(&str, u64)> {
    imported.iter().map(|item| (item.name.as_str(), item.records)).collect()
}

#[test]
fn a_database_arrives_elsewhere_as_it_left() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write_index(here.path(), "Red Hat", 3);
    write_index(here.path(), "npm", 2);
    let kev = br#"{"vulnerabilities": [{"cveID": "CVE-2021-44228", "dateAdded": "2021-12-10"}]}"#;
    replace_file(&here.path().join("kev.table"), &Catalogue::Kev.compile(kev, "test", None).unwrap()).unwrap();
    let file = here.path().join("database.zip");
    assert_eq!(export(here.path(), &file).unwrap(), 3);
    let mut imported = take(there.path(), &file, None).unwrap();
    imported.sort_by(|left, right| left.name.cmp(&right.name));
    assert_eq!(names(&imported), [("Red Hat", 3), ("kev", 1), ("npm", 2)]);
    let listed = status(there.path()).unwrap();
    assert_eq!(listed.iter().map(|item| item.name.as_str()).collect::<Vec<_>>(), ["Red Hat", "kev", "npm"]);
    assert!(listed.iter().all(|item| item.meta.is_ok() && item.bytes > 0 && item.checked > 0));
    assert!(!there.path().join(".import").exists());
}

#[test]
fn a_carried_file_with_one_wrong_byte_changes_nothing() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write_index(here.path(), "npm", 200);
    write_index(there.path(), "npm", 150);
    let file = here.path().join("database.zip");
    export(here.path(), &file).unwrap();
    let whole = std::fs::read(&file).unwrap();
    for at in (40..whole.len()).step_by(97) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        std::fs::write(&file, &damaged).unwrap();
        // A byte that nobody looks at (a time, say) may differ; then what arrives is still what left.
        let expected = if take(there.path(), &file, None).is_ok() { 200 } else { 150 };
        let index = Index::open(&there.path().join("npm.index")).unwrap();
        index.verify().unwrap();
        assert_eq!(index.meta().records, expected, "byte {at}");
        write_index(there.path(), "npm", 150);
    }
    std::fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    assert!(take(there.path(), &file, None).is_err());
}

#[test]
fn a_folder_of_records_becomes_an_index_of_each_ecosystem_that_it_is_about() {
    let (folder, from) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for number in 0..20 {
        let mut affected = vec![json!({"package": {"ecosystem": "PyPI", "name": "p"}, "versions": ["1"]})];
        if number == 0 {
            affected.push(json!({"package": {"ecosystem": "npm", "name": "p"}, "versions": ["1"]}));
        }
        let record = json!({"id": format!("X-{number}"), "affected": affected});
        std::fs::write(from.path().join(format!("X-{number}.json")), record.to_string()).unwrap();
    }
    std::fs::write(from.path().join("broken.json"), "{").unwrap();
    let imported = take(folder.path(), from.path(), None).unwrap();
    assert_eq!((imported[0].name.as_str(), imported[0].records, imported[0].skipped), ("PyPI", 20, 1));
    assert_eq!(imported[0].left_out, None);
    assert_eq!((imported[1].name.as_str(), imported[1].records), ("npm", 1));
    assert!(imported[1].left_out.as_ref().is_some_and(|why| why.contains("--ecosystem npm")), "{imported:?}");
    assert!(!folder.path().join("npm.index").exists(), "one record of PyPI's is no database of npm");
    let imported = take(folder.path(), from.path(), Some("npm")).unwrap();
    assert_eq!(names(&imported), [("npm", 1)], "only records of npm count");
    assert_eq!(Index::open(&folder.path().join("npm.index")).unwrap().meta().records, 1);
}

#[test]
fn however_few_records_an_ecosystem_has_they_are_taken() {
    let (folder, from) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for number in 0..40 {
        let ecosystem = if number == 7 { "crates.io" } else { "npm" };
        let affected = [json!({"package": {"ecosystem": ecosystem, "name": "p"}, "versions": ["1"]})];
        let record = json!({"id": format!("X-{number}"), "affected": affected});
        std::fs::write(from.path().join(format!("X-{number}.json")), record.to_string()).unwrap();
    }
    let imported = take(folder.path(), from.path(), None).unwrap();
    assert_eq!(names(&imported), [("crates.io", 1), ("npm", 39)]);
    assert!(imported.iter().all(|one| one.left_out.is_none()), "{imported:?}");
    // What would halve the data at hand is left out and said; the rest is taken.
    write_index(folder.path(), "crates.io", 10);
    let imported = take(folder.path(), from.path(), None).unwrap();
    assert!(imported[0].left_out.as_ref().is_some_and(|why| why.contains("stays")), "{imported:?}");
    assert_eq!(Index::open(&folder.path().join("crates.io.index")).unwrap().meta().records, 10);
    assert_eq!(imported[1].left_out, None);
}

#[test]
fn records_that_cannot_be_used_count_with_the_ecosystem_that_they_name() {
    let (folder, from) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let write = |name: &str, text: &str| std::fs::write(from.path().join(name), text).unwrap();
    let record = |id: &str, ecosystem: &str| {
        json!({"id": id, "affected": [{"package": {"ecosystem": ecosystem, "name": "p"}, "versions": ["1"]}]})
            .to_string()
    };
    for ecosystem in ["npm", "PyPI", "Debian:12"] {
        let id = format!("X-{}", ecosystem.len());
        write(&format!("{id}.json"), &record(&id, ecosystem));
    }
    write("no-id.json", &record("", "npm"));
    write("cut.json", record("X-1", "npm").strip_suffix("]}]}").unwrap());
    write("cut-debian.json", record("X-2", "Debian:12").strip_suffix('}').unwrap());
    let counts = |imported: &[Imported]| -> Vec<(String, u64)> {
        imported.iter().map(|one| (one.name.clone(), one.skipped)).collect()
    };
    let expected = [("Debian".to_owned(), 1), ("PyPI".to_owned(), 0), ("npm".to_owned(), 2)];
    assert_eq!(counts(&take(folder.path(), from.path(), None).unwrap()), expected);
    // Of one that says nothing nobody knows whose it is.
    write("nothing.json", "{");
    let imported = take(folder.path(), from.path(), None).unwrap();
    assert_eq!(counts(&imported[..3]), expected);
    let (last, why) = (&imported[3], imported[3].left_out.as_deref().unwrap());
    assert_eq!((last.name.as_str(), last.records), ("no ecosystem", 1));
    assert!(why.contains("nothing.json"), "{why}");
}

#[test]
fn a_folder_without_records_is_refused() {
    let (folder, from) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    assert!(take(folder.path(), from.path(), None).unwrap_err().to_string().contains("no usable OSV record"));
    assert!(take(folder.path(), &from.path().join("not there"), None).is_err());
}

const DAY: i64 = 86_400;

fn make_old(path: &Path, days: i64) -> i64 {
    let time = jiff::Timestamp::now().as_second() - days * DAY;
    std::fs::File::options().append(true).open(path).unwrap().set_modified(asked::of_seconds(time)).unwrap();
    time
}

fn asked_of(folder: &Path, name: &str) -> i64 {
    status(folder).unwrap().into_iter().find(|one| one.name == name).unwrap().checked
}

#[test]
fn old_records_stay_old_however_late_they_are_taken() {
    let (folder, from) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut newest = 0;
    for (days, name) in [(90, "X-1"), (60, "X-2")] {
        let affected = json!([{"package": {"ecosystem": "Go", "name": "p"}, "versions": ["1"]}]);
        let record = json!({"id": name, "modified": "0001-01-01T00:00:00Z", "affected": affected});
        let file = from.path().join(format!("{name}.json"));
        std::fs::write(&file, record.to_string()).unwrap();
        newest = make_old(&file, days);
    }
    take(folder.path(), from.path(), None).unwrap();
    assert_eq!(asked_of(folder.path(), "Go"), newest, "the newest record's file");
    let index = Index::open(&folder.path().join("Go.index")).unwrap();
    assert_eq!(index.meta().newest, "", "the zero of time is no time");
    let kev = from.path().join("kev.txt");
    std::fs::write(&kev, r#"{"vulnerabilities": [{"cveID": "CVE-2021-44228", "dateAdded": "2021-12-10"}]}"#).unwrap();
    let written = make_old(&kev, 30);
    take(folder.path(), &kev, None).unwrap();
    assert_eq!(asked_of(folder.path(), "kev"), written);
}

#[test]
fn a_carried_database_arrives_as_old_as_it_left() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write_index(here.path(), "npm", 2);
    let asked = make_old(&here.path().join("npm.index"), 40);
    let file = here.path().join("database.zip");
    export(here.path(), &file).unwrap();
    take(there.path(), &file, None).unwrap();
    assert_eq!(asked_of(there.path(), "npm"), asked);
}

#[test]
fn what_is_of_the_future_is_of_now() {
    let (folder, from) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let epss = from.path().join("epss.csv");
    std::fs::write(&epss, "#model_version:v2025.03.14,score_date:2025-08-25T00:00:00+0000\nCVE-2021-44228,0.9,0.99\n")
        .unwrap();
    make_old(&epss, -400);
    take(folder.path(), &epss, None).unwrap();
    assert!(asked_of(folder.path(), "epss") <= jiff::Timestamp::now().as_second());
    assert_eq!(status(folder.path()).unwrap()[0].meta.as_ref().unwrap().newest, "2025-08-25");
}

#[test]
fn a_second_writer_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let _held = crate::update::Lock::take(folder.path()).unwrap();
    let error = take(folder.path(), folder.path(), None).unwrap_err();
    assert!(matches!(error, AdvisoryError::Busy(_)), "{error}");
}
