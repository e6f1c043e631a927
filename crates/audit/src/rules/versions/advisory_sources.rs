//! The tables against their sources, where the development data lies beside the repository: what the tables say is
//! repaired in a version, an advisory says too.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::debian_fixes::FIXES;
use super::engine_table::{Part, ROWS};

/// Fixed versions that the Go database has only as a commit, or not at all: the release after that commit, and where the
/// number comes from.
const ELSEWHERE: &[(&str, &str)] = &[
    ("CVE-2019-5736", "the CVE record: runc through 1.0-rc6"),
    ("CVE-2019-16884", "the commit cad42f6e0932 after rc8"),
    ("CVE-2019-19921", "the commit 2fc03cc11c77 after rc9"),
    ("CVE-2026-34040", "the CVE record: before 29.3.1"),
    ("CVE-2026-41567", "the CVE record: before 29.5.1"),
    ("CVE-2026-41568", "the CVE record: before 29.5.1"),
    ("CVE-2026-42306", "the CVE record: before 29.5.1"),
];

fn data(file: &str) -> Option<PathBuf> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/osv")).join(file);
    if !path.is_file() {
        eprintln!("skipped: no development data at {}", path.display());
        return None;
    }
    Some(path)
}

fn number(bytes: &[u8], at: usize, size: usize) -> usize {
    bytes[at..at + size].iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte))
}

/// The JSON files of a zip archive, by its central directory.
fn records(path: &Path) -> Vec<Value> {
    let bytes = std::fs::read(path).expect("archive");
    let end = bytes.windows(4).rposition(|window| window == b"PK\x05\x06").expect("a zip archive");
    let mut at = number(&bytes, end + 16, 4);
    let mut records = Vec::new();
    while bytes[at..].starts_with(b"PK\x01\x02") {
        let (method, packed) = (number(&bytes, at + 10, 2), number(&bytes, at + 20, 4));
        let tail = number(&bytes, at + 28, 2) + number(&bytes, at + 30, 2) + number(&bytes, at + 32, 2);
        let local = number(&bytes, at + 42, 4);
        let start = local + 30 + number(&bytes, local + 26, 2) + number(&bytes, local + 28, 2);
        let content = &bytes[start..start + packed];
        let mut text = Vec::new();
        if method == 0 {
            text.extend_from_slice(content);
        } else {
            flate2::read::DeflateDecoder::new(content).read_to_end(&mut text).expect("deflated");
        }
        records.extend(serde_json::from_slice::<Value>(&text));
        at += 46 + tail;
    }
    assert!(!records.is_empty(), "{} holds records", path.display());
    records
}

/// Every `fixed` below a value, however deep: the database keeps some in ranges of its own.
fn fixed(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                match inner.as_str().filter(|_| key == "fixed") {
                    Some(version) => into.push(version.trim_end_matches("+incompatible").to_owned()),
                    None => fixed(inner, into),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|inner| fixed(inner, into)),
        _ => {}
    }
}

fn module(part: Part) -> &'static [&'static str] {
    match part {
        Part::Engine => &["github.com/docker/docker", "github.com/moby/moby"],
        Part::Containerd => &["github.com/containerd/containerd", "github.com/containerd/containerd/v2"],
        Part::Runc => &["github.com/opencontainers/runc"],
        Part::Buildkit => &["github.com/moby/buildkit"],
        Part::Nvidia => &["github.com/NVIDIA/nvidia-container-toolkit"],
    }
}

#[test]
fn every_upstream_fix_is_one_that_the_go_database_names() {
    let Some(path) = data("Go/all.zip") else { return };
    let mut named: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for record in records(&path) {
        let cves: Vec<_> = record["aliases"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for affected in record["affected"].as_array().into_iter().flatten() {
            let module = affected["package"]["name"].as_str().unwrap_or_default();
            for cve in &cves {
                fixed(affected, named.entry(((*cve).to_owned(), module.to_owned())).or_default());
            }
        }
    }
    for row in ROWS.iter().filter(|row| !ELSEWHERE.iter().any(|(cve, _)| *cve == row.cve)) {
        let sources: Vec<&String> =
            module(row.part).iter().filter_map(|name| named.get(&(row.cve.into(), (*name).into()))).flatten().collect();
        for (_, end) in row.ranges {
            assert!(sources.iter().any(|source| source == end), "{}: {end} is not among {sources:?}", row.cve);
        }
    }
}

#[test]
fn every_fix_of_debian_is_the_one_that_its_archive_names() {
    let Some(path) = data("Debian/all.zip") else { return };
    let mut compared = 0;
    for record in records(&path) {
        let cve = record["id"].as_str().unwrap_or_default().trim_start_matches("DEBIAN-");
        if !ROWS.iter().any(|row| row.cve == cve) {
            continue;
        }
        for affected in record["affected"].as_array().into_iter().flatten() {
            let source = affected["package"]["name"].as_str().unwrap_or_default();
            let release = affected["package"]["ecosystem"].as_str().unwrap_or_default().trim_start_matches("Debian:");
            if !["docker.io", "runc", "containerd"].contains(&source) {
                continue;
            }
            let mut versions = Vec::new();
            fixed(affected, &mut versions);
            let ours = FIXES.iter().find(|fix| fix.release == release && fix.source == source && fix.cve == cve);
            let ours = ours.map(|fix| fix.fixed);
            assert_eq!(ours, versions.first().map(String::as_str), "{source} of Debian {release}, {cve}");
            compared += 1;
        }
    }
    assert!(compared > 5, "the archive names fixes of {compared} rows");
}
