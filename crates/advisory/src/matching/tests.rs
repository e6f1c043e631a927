//! Small cases of the project's own; real records are in `tests/mirror.rs`.

use keelguard_model::Severity;
use keelguard_model::image::{Os, Package, PackageKind, SourcePackage, Vulnerability};
use serde_json::{Value, json};

use super::Database;
use crate::{ecosystem, index::Compiler, osv};

struct World {
    folder: tempfile::TempDir,
}

impl World {
    fn new(ecosystem: &str, records: &[Value]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut compiler = Compiler::new(ecosystem);
        for record in records {
            compiler.add(&osv::parse(record.to_string().as_bytes(), osv::RecordLimits::default()).unwrap()).unwrap();
        }
        compiler.write(&folder.path().join(ecosystem::file_name(ecosystem))).unwrap();
        Self { folder }
    }

    fn look(&self, package: &Package, os: Option<&Os>) -> Vec<Vulnerability> {
        Database::open(self.folder.path(), &Database::needed(std::slice::from_ref(package), os)).lookup(package, os)
    }
}

fn package(kind: PackageKind, name: &str, version: &str) -> Package {
    Package {
        purl: format!("pkg:{kind}/{name}@{version}"),
        name: name.into(),
        version: version.into(),
        kind,
        source: None,
        paths: vec!["/there".into()],
        layer: Some(2),
        owner: None,
    }
}

fn with_source(mut package: Package, name: &str, version: &str) -> Package {
    package.source = Some(SourcePackage { name: name.into(), version: version.into() });
    package
}

fn os(ecosystem: &str) -> Os {
    Os { id: "x".into(), version: "1".into(), ecosystem: Some(ecosystem.into()) }
}

fn affected(ecosystem: &str, name: &str, kind: &str, events: &[(&str, &str)]) -> Value {
    let events: Vec<_> = events.iter().map(|(kind, version)| json!({ *kind: version })).collect();
    json!({"package": {"ecosystem": ecosystem, "name": name}, "ranges": [{"type": kind, "events": events}]})
}

fn pypi(id: &str, aliases: &[&str], events: &[(&str, &str)]) -> Value {
    json!({"id": id, "aliases": aliases, "affected": [affected("PyPI", "Flask", "ECOSYSTEM", events)]})
}

fn ids(rows: &[Vulnerability]) -> Vec<&str> {
    rows.iter().map(|row| row.id.as_str()).collect()
}

#[test]
fn three_databases_on_one_cve_make_one_row_with_all_fixes() {
    let world = World::new(
        "PyPI",
        &[
            pypi("PYSEC-2023-1", &["GHSA-aaaa"], &[("introduced", "0"), ("fixed", "2.0.1")]),
            pypi("GHSA-aaaa", &["CVE-2023-1", "PYSEC-2023-1"], &[("introduced", "0"), ("fixed", "2.0")]),
            pypi("CVE-2023-1", &[], &[("introduced", "0"), ("last_affected", "1.9")]),
        ],
    );
    let rows = world.look(&package(PackageKind::Pypi, "flask", "1.0"), None);
    assert_eq!(ids(&rows), ["CVE-2023-1"]);
    assert_eq!(rows[0].aliases, ["GHSA-aaaa", "PYSEC-2023-1"]);
    assert_eq!(rows[0].fixed, ["2.0", "2.0.1"]);
    assert_eq!(rows[0].why.records, ["GHSA-aaaa", "PYSEC-2023-1", "CVE-2023-1"]);
    assert_eq!(rows[0].why.range, ">= 0, < 2.0");
    assert_eq!((rows[0].why.scheme.as_str(), rows[0].layer), ("pep440", Some(2)));
    assert_eq!(rows[0].severity, Severity::Medium, "a severity that nobody states is not harmless");
}

#[test]
fn a_record_with_two_cves_does_not_make_one_problem_of_them() {
    let all = [("introduced", "0"), ("fixed", "2.0")];
    let world = World::new(
        "PyPI",
        &[
            pypi("GHSA-one", &["CVE-2023-1"], &all),
            pypi("GHSA-two", &["CVE-2023-2"], &all),
            pypi("PYSEC-both", &["CVE-2023-1", "CVE-2023-2"], &all),
            pypi("PYSEC-bridge", &["GHSA-one", "GHSA-two"], &all),
        ],
    );
    let rows = world.look(&package(PackageKind::Pypi, "flask", "1.0"), None);
    assert_eq!(ids(&rows), ["CVE-2023-1", "CVE-2023-2"]);
    assert!(!rows[0].aliases.iter().any(|name| name == "CVE-2023-2" || name == "GHSA-two"), "{:?}", rows[0].aliases);
    assert!(rows[1].why.records.contains(&"PYSEC-both".to_owned()));
}

#[test]
fn records_without_a_cve_are_one_row_where_they_name_each_other() {
    let all = [("introduced", "0")];
    let world = World::new(
        "PyPI",
        &[pypi("GHSA-one", &["PYSEC-1"], &all), pypi("PYSEC-1", &[], &all), pypi("PYSEC-2", &[], &all)],
    );
    let rows = world.look(&package(PackageKind::Pypi, "flask", "1.0"), None);
    assert_eq!(ids(&rows), ["GHSA-one", "PYSEC-2"]);
    assert_eq!(rows[0].aliases, ["PYSEC-1"]);
}

#[test]
fn debian_is_looked_up_by_source_name_version_and_release() {
    let world = World::new(
        "Debian",
        &[json!({
        "id": "DEBIAN-CVE-2024-1", "upstream": ["CVE-2024-1"],
        "affected": [
            affected("Debian:12", "openssl", "ECOSYSTEM", &[("introduced", "0"), ("fixed", "3.0.11-1~deb12u2")]),
            affected("Debian:13", "openssl", "ECOSYSTEM", &[("introduced", "0"), ("fixed", "3.5.0-1")]),
        ]})],
    );
    let bookworm = os("Debian:12");
    let libssl = |version: &str| with_source(package(PackageKind::Deb, "libssl3", version), "openssl", version);
    let rows = world.look(&libssl("3.0.11-1~deb12u1"), Some(&bookworm));
    assert_eq!(ids(&rows), ["CVE-2024-1"]);
    assert_eq!((rows[0].why.looked_up.as_str(), rows[0].why.ecosystem.as_str()), ("openssl", "Debian:12"));
    assert_eq!(rows[0].fixed, ["3.0.11-1~deb12u2"]);
    assert_eq!(rows[0].aliases, ["DEBIAN-CVE-2024-1"]);
    assert!(world.look(&libssl("3.0.11-1~deb12u2"), Some(&bookworm)).is_empty());
    assert!(world.look(&libssl("3.0.11-1"), Some(&os("Debian:11"))).is_empty());
    assert!(world.look(&libssl("3.0.11-1~deb12u1"), None).is_empty());
    // The rebuilt binary has a version of its own; what counts is the source's.
    let rebuilt =
        with_source(package(PackageKind::Deb, "libssl3", "3.0.11-1~deb12u1+b9"), "openssl", "3.0.11-1~deb12u2");
    assert!(world.look(&rebuilt, Some(&bookworm)).is_empty());
}

#[test]
fn an_errata_gives_a_row_for_each_cve_and_a_bug_fix_gives_none() {
    let events = [("introduced", "0"), ("fixed", "5.1.8-6.el9_1")];
    let world = World::new(
        "AlmaLinux",
        &[
            json!({"id": "ALSA-2023:0001", "summary": "Important: bash security update", "related": ["CVE-2023-1", "CVE-2023-2"],
            "affected": [affected("AlmaLinux:9", "bash", "ECOSYSTEM", &events)]}),
            json!({"id": "ALBA-2023:0002", "summary": "bash bug fix update", "related": [],
            "affected": [affected("AlmaLinux:9", "bash", "ECOSYSTEM", &events)]}),
            json!({"id": "ALSA-2023:0003", "summary": "Low: bash security update", "related": [],
            "affected": [affected("AlmaLinux:9", "bash", "ECOSYSTEM", &events)]}),
        ],
    );
    let rows = world.look(&package(PackageKind::Rpm, "bash", "5.1.8-4.el9"), Some(&os("AlmaLinux:9")));
    assert_eq!(ids(&rows), ["CVE-2023-1", "CVE-2023-2", "ALSA-2023:0003"]);
    assert_eq!(rows[0].severity, Severity::High);
    assert_eq!(rows[0].why.records, ["ALSA-2023:0001"]);
    assert!(rows[0].aliases.is_empty());
}

#[test]
fn related_outside_of_errata_is_no_identity() {
    let mut record = pypi("PYSEC-1", &[], &[("introduced", "0")]);
    record["related"] = json!(["CVE-2020-1"]);
    let rows = World::new("PyPI", &[record]).look(&package(PackageKind::Pypi, "flask", "1.0"), None);
    assert_eq!(ids(&rows), ["PYSEC-1"]);
}

#[test]
fn withdrawn_records_and_ranges_of_commits_say_nothing() {
    let mut withdrawn = pypi("PYSEC-1", &[], &[("introduced", "0")]);
    withdrawn["withdrawn"] = json!("2024-01-01T00:00:00Z");
    let commits = json!({"id": "PYSEC-2", "affected": [affected("PyPI", "flask", "GIT", &[("introduced", "0")])]});
    let world = World::new("PyPI", &[withdrawn, commits]);
    let database = Database::open(world.folder.path(), ["PyPI"]);
    assert_eq!(database.index("PyPI").unwrap().meta().commits_only, 1, "which is said");
    assert!(world.look(&package(PackageKind::Pypi, "flask", "1.0"), None).is_empty());
}

#[test]
fn a_listed_version_is_affected_without_any_range() {
    let record = json!({"id": "PYSEC-3", "affected": [
        {"package": {"ecosystem": "PyPI", "name": "flask"}, "versions": ["1.0", "1.1.0"]}]});
    let world = World::new("PyPI", &[record]);
    let rows = world.look(&package(PackageKind::Pypi, "flask", "1.1"), None);
    assert_eq!(rows[0].why.range, "listed in versions");
    assert!(world.look(&package(PackageKind::Pypi, "flask", "1.2"), None).is_empty());
}

#[test]
fn what_a_system_package_owns_is_not_looked_up() {
    let world = World::new("PyPI", &[pypi("PYSEC-1", &[], &[("introduced", "0")])]);
    let mut owned = package(PackageKind::Pypi, "flask", "1.0");
    owned.owner = Some("pkg:deb/debian/python3-flask@1.0-1".into());
    assert!(world.look(&owned, None).is_empty());
}

#[test]
fn the_distributions_word_counts_before_the_score() {
    let score = json!([{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]);
    let mut item = affected("Debian:12", "flask", "ECOSYSTEM", &[("introduced", "0")]);
    let record = |item: &Value| json!({"id": "DEBIAN-CVE-2024-2", "severity": score, "affected": [item]});
    let flask = package(PackageKind::Deb, "flask", "1.0-1");
    let rows = World::new("Debian", &[record(&item)]).look(&flask, Some(&os("Debian:12")));
    assert_eq!(rows[0].severity, Severity::Critical);
    assert!((rows[0].cvss.as_ref().unwrap().score - 9.8).abs() < 0.01);
    item["ecosystem_specific"] = json!({"urgency": "low**"});
    let rows = World::new("Debian", &[record(&item)]).look(&flask, Some(&os("Debian:12")));
    assert_eq!(rows[0].severity, Severity::Low);
}

#[test]
fn rpm_packages_are_found_by_binary_and_by_source_name() {
    let events = [("introduced", "0"), ("fixed", "1.2-3.el9")];
    let world = World::new(
        "Rocky Linux",
        &[
            json!({"id": "RLSA-1", "upstream": ["CVE-2024-1"], "affected": [affected("Rocky Linux:9", "curl", "ECOSYSTEM", &events)]}),
            json!({"id": "RLSA-2", "upstream": ["CVE-2024-2"], "affected": [affected("Rocky Linux:9", "libcurl", "ECOSYSTEM", &events)]}),
        ],
    );
    let libcurl = with_source(package(PackageKind::Rpm, "libcurl", "1.2-1.el9"), "curl", "1.2-1.el9");
    assert_eq!(ids(&world.look(&libcurl, Some(&os("Rocky Linux:9")))), ["CVE-2024-1", "CVE-2024-2"]);
}

#[test]
fn names_are_found_as_their_ecosystem_spells_them() {
    let all = [("introduced", "0")];
    let crates = World::new(
        "crates.io",
        &[json!({"id": "RUSTSEC-1", "affected": [affected("crates.io", "Time_Core", "SEMVER", &all)]})],
    );
    assert_eq!(crates.look(&package(PackageKind::Cargo, "time-core", "0.1.0"), None).len(), 1);
    let npm =
        World::new("npm", &[json!({"id": "GHSA-1", "affected": [affected("npm", "@babel/core", "SEMVER", &all)]})]);
    assert_eq!(npm.look(&package(PackageKind::Npm, "@babel/core", "7.0.0"), None).len(), 1);
    assert_eq!(npm.look(&package(PackageKind::Npm, "core", "7.0.0"), None).len(), 0);
    let go = World::new(
        "Go",
        &[json!({"id": "GO-1", "aliases": ["CVE-2024-3"],
        "affected": [affected("Go", "stdlib", "SEMVER", &[("introduced", "1.21.0-0"), ("fixed", "1.21.8")])]})],
    );
    assert_eq!(go.look(&package(PackageKind::Golang, "stdlib", "go1.21.7"), None).len(), 1);
    assert_eq!(go.look(&package(PackageKind::Golang, "stdlib", "1.21.8"), None).len(), 0);
    let maven = World::new(
        "Maven",
        &[json!({"id": "GHSA-2",
        "affected": [affected("Maven", "org.apache.logging.log4j:log4j-core", "ECOSYSTEM", &[("introduced", "2.0-beta9"), ("fixed", "2.15.0")])]})],
    );
    assert_eq!(
        maven.look(&package(PackageKind::Maven, "org.apache.logging.log4j:log4j-core", "2.14.1"), None).len(),
        1
    );
    let bitnami = World::new(
        "Bitnami",
        &[json!({"id": "BIT-redis-2024-1", "aliases": ["CVE-2024-4"],
        "affected": [affected("Bitnami", "redis", "SEMVER", &[("introduced", "7.0.0"), ("fixed", "7.2.4")])]})],
    );
    assert_eq!(bitnami.look(&package(PackageKind::Bitnami, "redis", "7.2.3-1"), None).len(), 1);
    assert_eq!(bitnami.look(&package(PackageKind::Bitnami, "redis", "7.2.4-0"), None).len(), 0);
    assert_eq!(bitnami.look(&package(PackageKind::Generic, "redis", "7.2.3"), None).len(), 1);
    // Whoever writes fewer numbers means a zero.
    assert_eq!(bitnami.look(&package(PackageKind::Generic, "redis", "7.2"), None).len(), 1);
    assert_eq!(bitnami.look(&package(PackageKind::Generic, "redis", "7"), None).len(), 1);
    assert_eq!(bitnami.look(&package(PackageKind::Generic, "redis", "6"), None).len(), 0);
}

#[test]
fn an_ecosystem_without_an_index_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(folder.path(), ["Debian:12", "npm"]);
    assert_eq!(database.missing(), ["Debian", "npm"]);
}

#[test]
fn a_version_that_says_nothing_is_not_the_oldest_of_all() {
    let fixed = pypi("PYSEC-1", &[], &[("introduced", "0"), ("fixed", "2.0")]);
    let all = pypi("PYSEC-2", &[], &[("introduced", "0")]);
    let world = World::new("PyPI", &[fixed, all]);
    for version in ["", "banana", "unknown", "foo1", "2004d", "1.0-custom"] {
        let flask = package(PackageKind::Pypi, "flask", version);
        assert_eq!(ids(&world.look(&flask, None)), ["PYSEC-2"], "{version:?}");
        assert_eq!(Database::unreadable(std::slice::from_ref(&flask), None).len(), 1);
    }
    assert_eq!(world.look(&package(PackageKind::Pypi, "flask", "1.0"), None).len(), 2);
}

#[test]
fn a_branch_of_composer_is_a_version_that_no_range_of_releases_holds() {
    let composer = |id: &str, versions: &[&str], events: &[(&str, &str)]| {
        let mut affected = affected("Packagist", "acme/shop", "ECOSYSTEM", events);
        affected["versions"] = json!(versions);
        json!({"id": id, "affected": [affected]})
    };
    let fixed = composer("GHSA-1", &[], &[("introduced", "0"), ("fixed", "2.0")]);
    let all = composer("GHSA-2", &[], &[("introduced", "0")]);
    let listed = composer("GHSA-3", &["dev-main"], &[("introduced", "1.0"), ("fixed", "1.1")]);
    let world = World::new("Packagist", &[fixed, all, listed]);
    for (version, expected) in [
        ("dev-main", vec!["GHSA-2", "GHSA-3"]),
        ("dev-master", vec!["GHSA-2"]),
        ("dev-fix-1.0", vec!["GHSA-2"]),
        ("1.x-dev", vec!["GHSA-1", "GHSA-2"]),
        ("2.x-dev", vec!["GHSA-2"]),
    ] {
        let package = package(PackageKind::Composer, "acme/shop", version);
        let rows = world.look(&package, None);
        let mut found = ids(&rows);
        found.sort_unstable();
        assert_eq!(found, expected, "{version}");
        assert!(Database::unreadable(std::slice::from_ref(&package), None).is_empty(), "{version}");
    }
}

#[test]
fn a_damaged_index_is_named_and_the_others_are_used() {
    let world = World::new("PyPI", &[pypi("PYSEC-1", &[], &[("introduced", "0")])]);
    std::fs::write(world.folder.path().join(ecosystem::file_name("npm")), b"half of it").unwrap();
    let database = Database::open(world.folder.path(), ["PyPI", "npm"]);
    assert_eq!(database.damaged().iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["npm"]);
    assert_eq!(database.lookup(&package(PackageKind::Pypi, "flask", "1.0"), None).len(), 1);
}
