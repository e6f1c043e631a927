//! Real records: the mirror compiled, and packages of which it is known what is wrong with them.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may end in a panic, and says why it is skipped")]

mod common;

use std::path::Path;
use std::sync::OnceLock;
use std::time::Instant;

use keelguard_advisory::AdvisoryError;
use keelguard_advisory::index::{Compiler, Index};
use keelguard_advisory::ingest::{self, IngestLimits, Sink};
use keelguard_advisory::matching::Database;
use keelguard_advisory::osv::Entry;
use keelguard_model::Severity;
use keelguard_model::image::{Os, Package, PackageKind, SourcePackage, Vulnerability};

const ECOSYSTEMS: [&str; 6] = ["AlmaLinux", "Bitnami", "Debian", "Go", "PyPI", "crates.io"];

/// The whole mirror, compiled once for all tests of this file.
fn compiled() -> Option<&'static Path> {
    static FOLDER: OnceLock<Option<tempfile::TempDir>> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let mirror = common::mirror()?;
        let folder = tempfile::tempdir().unwrap();
        for ecosystem in ECOSYSTEMS {
            let mut compiler = Compiler::new(ecosystem);
            let start = Instant::now();
            ingest::zip(&mut compiler, &mirror.join(ecosystem).join("all.zip"), &IngestLimits::default()).unwrap();
            assert_eq!(compiler.meta().notes, Vec::<String>::new());
            let records = compiler.len();
            compiler.write(&folder.path().join(format!("{ecosystem}.index"))).unwrap();
            println!("{ecosystem}: {records} records in {:?}", start.elapsed());
        }
        Some(folder)
    });
    folder.as_ref().map(tempfile::TempDir::path)
}

fn look(package: &Package, os: Option<&str>) -> Option<Vec<Vulnerability>> {
    let os = os.map(|name| Os { id: String::new(), version: String::new(), ecosystem: Some(name.into()) });
    Some(Database::open(compiled()?, ECOSYSTEMS).lookup(package, os.as_ref()))
}

fn package(kind: PackageKind, name: &str, version: &str) -> Package {
    Package {
        purl: format!("pkg:{kind}/{name}@{version}"),
        name: name.into(),
        version: version.into(),
        kind,
        source: None,
        paths: Vec::new(),
        layer: None,
        owner: None,
    }
}

fn find<'row>(rows: &'row [Vulnerability], id: &str) -> Option<&'row Vulnerability> {
    rows.iter().find(|row| row.id == id)
}

#[test]
fn every_record_of_the_mirror_is_in_an_index_that_is_whole() {
    let Some(folder) = compiled() else { return };
    let mut records = 0;
    for ecosystem in ECOSYSTEMS {
        let index = Index::open(&folder.join(format!("{ecosystem}.index"))).unwrap();
        index.verify().unwrap();
        records += index.meta().records;
        for record in index.records().step_by(97) {
            assert_eq!(index.record(record.id()).map(|found| found.modified()), Some(record.modified()));
        }
    }
    assert_eq!(records, 24_909);
}

/// Keeps what an archive holds.
#[derive(Default)]
struct Kept(Vec<Entry>);

impl Sink for Kept {
    fn taken(&self) -> usize {
        self.0.len()
    }

    fn take(&mut self, entry: Entry) -> Result<(), AdvisoryError> {
        self.0.push(entry);
        Ok(())
    }

    fn skip(&mut self, note: String, _: &[u8]) {
        panic!("{note}");
    }
}

#[test]
fn every_record_comes_out_of_the_index_as_it_went_in() {
    let (Some(folder), Some(mirror)) = (compiled(), common::mirror()) else { return };
    for ecosystem in ECOSYSTEMS {
        let mut kept = Kept::default();
        ingest::zip(&mut kept, &mirror.join(ecosystem).join("all.zip"), &IngestLimits::default()).unwrap();
        kept.0.sort_by(|left, right| left.id.cmp(&right.id));
        let index = Index::open(&folder.join(format!("{ecosystem}.index"))).unwrap();
        let mut count = 0;
        for (mut put, mut got) in kept.0.into_iter().zip(index.entries()) {
            // Of packages, those of this ecosystem are kept, in an order of the index's own.
            put.affected.retain(|affected| affected.ecosystem.split(':').next() == Some(ecosystem));
            for entry in [&mut put, &mut got] {
                entry.affected.sort_by_cached_key(|affected| format!("{affected:?}"));
            }
            assert_eq!(put, got);
            count += 1;
        }
        assert_eq!(count, index.meta().records);
    }
}

#[test]
fn log_injection_in_gin_is_found_until_the_release_that_fixed_it() {
    let Some(rows) = look(&package(PackageKind::Golang, "github.com/gin-gonic/gin", "v1.5.0"), None) else { return };
    let row = find(&rows, "CVE-2020-36567").unwrap();
    assert_eq!(row.fixed, ["1.6.0"]);
    assert!(row.aliases.contains(&"GO-2020-0001".to_owned()), "{:?}", row.aliases);
    let rows = look(&package(PackageKind::Golang, "github.com/gin-gonic/gin", "v1.6.0"), None).unwrap();
    assert!(find(&rows, "CVE-2020-36567").is_none());
}

#[test]
fn an_errata_of_almalinux_gives_the_cve_that_it_fixes() {
    let dotnet = package(PackageKind::Rpm, "dotnet-runtime-6.0", "6.0.12-1.el9_1");
    let Some(rows) = look(&dotnet, Some("AlmaLinux:9")) else { return };
    let row = find(&rows, "CVE-2023-21538").unwrap();
    assert_eq!((row.severity, row.fixed.first().map(String::as_str)), (Severity::Medium, Some("6.0.13-1.el9_1")));
    assert_eq!(row.why.records, ["ALSA-2023:0077"]);
    let fixed = package(PackageKind::Rpm, "dotnet-runtime-6.0", "6.0.13-1.el9_1");
    assert!(find(&look(&fixed, Some("AlmaLinux:9")).unwrap(), "CVE-2023-21538").is_none());
}

#[test]
fn a_debian_package_is_found_by_its_source_in_its_release() {
    let perl = |version: &str| {
        let mut perl = package(PackageKind::Deb, "libxml-parser-perl", version);
        perl.source = Some(SourcePackage { name: "libxml-parser-perl".into(), version: version.into() });
        perl
    };
    let Some(rows) = look(&perl("2.46-4"), Some("Debian:12")) else { return };
    let row = find(&rows, "CVE-2006-10002").unwrap();
    assert_eq!(row.fixed, ["2.46-4+deb12u1"]);
    assert_eq!(row.why.records, ["DEBIAN-CVE-2006-10002"]);
    assert!(find(&look(&perl("2.46-4+deb12u1"), Some("Debian:12")).unwrap(), "CVE-2006-10002").is_none());
}

#[test]
fn a_python_package_is_found_under_any_spelling_of_its_name() {
    for name in ["jwcrypto", "JWCrypto"] {
        let Some(rows) = look(&package(PackageKind::Pypi, name, "1.5.0"), None) else { return };
        let row = find(&rows, "CVE-2023-6681").unwrap();
        assert_eq!(row.fixed, ["1.5.1"]);
        assert_eq!(row.aliases, ["PYSEC-2024-104"]);
        assert!((row.cvss.as_ref().unwrap().score - 5.3).abs() < 0.01);
    }
    let rows = look(&package(PackageKind::Pypi, "jwcrypto", "1.5.1"), None).unwrap();
    assert!(find(&rows, "CVE-2023-6681").is_none());
}

#[test]
fn a_crate_with_insecure_defaults_is_found_with_its_score() {
    let Some(rows) = look(&package(PackageKind::Cargo, "openssl", "0.8.3"), None) else { return };
    let row = find(&rows, "CVE-2016-10931").unwrap();
    assert_eq!((row.fixed.as_slice(), row.severity), (["0.9.0".to_owned()].as_slice(), Severity::High));
    assert_eq!(row.aliases, ["GHSA-34p9-f4q3-c4r7", "RUSTSEC-2016-0001"]);
}

#[test]
fn a_bitnami_component_is_affected_in_the_one_version_that_regressed() {
    let Some(rows) = look(&package(PackageKind::Bitnami, "activemq", "5.15.12"), None) else { return };
    let row = find(&rows, "CVE-2020-11998").unwrap();
    assert_eq!((row.severity, row.why.range.as_str()), (Severity::Critical, ">= 5.15.12, <= 5.15.12"));
    let rows = look(&package(PackageKind::Bitnami, "activemq", "5.15.13"), None).unwrap();
    assert!(find(&rows, "CVE-2020-11998").is_none());
}
