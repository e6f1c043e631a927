//! A small mirror of OSV's export, as a folder or behind a server that misbehaves as told.
#![allow(dead_code, reason = "each test file takes what it needs")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may end in a panic")]

pub mod run;
pub mod server;

use std::collections::BTreeMap;
use std::path::Path;

use rawzip::{CompressionMethod, ZipArchiveWriter};
use serde_json::json;

/// Records of one ecosystem, by id: when each was changed, and in which version it is fixed.
#[derive(Clone)]
pub struct Mirror {
    pub ecosystem: &'static str,
    pub records: BTreeMap<String, (String, String)>,
}

impl Mirror {
    /// `count` records `KG-0000`, `KG-0001` and so on, of the packages `package-0` and so on, fixed in 2.0.
    pub fn new(ecosystem: &'static str, count: usize) -> Self {
        let record = |at| (id(at), ("2024-01-01T00:00:00Z".to_owned(), "2.0".to_owned()));
        Self { ecosystem, records: (0..count).map(record).collect() }
    }

    /// Another fix for one record, and so another time of change.
    pub fn change(&mut self, at: usize, modified: &str, fixed: &str) {
        self.records.insert(id(at), (modified.to_owned(), fixed.to_owned()));
    }

    /// What the export would hold: paths with `/`, and their bytes.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let path = |name: &str| format!("{}/{name}", self.ecosystem);
        let records: Vec<_> = self.records.keys().map(|id| (format!("{id}.json"), self.record(id))).collect();
        let list: String = self.records.iter().map(|(id, (modified, _))| format!("{modified},{id}\n")).collect();
        let mut files = vec![(path("all.zip"), zip(&records)), (path("modified_id.csv"), list.into_bytes())];
        files.extend(records.into_iter().map(|(name, bytes)| (path(&name), bytes)));
        files
    }

    /// Writes the export into a folder.
    pub fn write(&self, folder: &Path) {
        std::fs::create_dir_all(folder.join(self.ecosystem)).unwrap();
        for (path, bytes) in self.files() {
            std::fs::write(folder.join(path), bytes).unwrap();
        }
    }

    fn record(&self, id: &str) -> Vec<u8> {
        let (modified, fixed) = &self.records[id];
        let package = id.trim_start_matches("KG-").trim_start_matches('0');
        let package = format!("package-{}", if package.is_empty() { "0" } else { package });
        let events = json!([{"introduced": "0"}, {"fixed": fixed}]);
        let affected = json!({
            "package": {"ecosystem": self.ecosystem, "name": package},
            "ranges": [{"type": "ECOSYSTEM", "events": events}],
        });
        let record = json!({"id": id, "modified": modified, "summary": "a hole", "affected": [affected]});
        record.to_string().into_bytes()
    }
}

/// The id of record `at`.
pub fn id(at: usize) -> String {
    format!("KG-{at:04}")
}

/// An archive of stored files.
pub fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut archive = ZipArchiveWriter::new(&mut bytes);
    for (name, content) in files {
        let started = archive.new_file(name).compression_method(CompressionMethod::STORE).start();
        let (mut entry, config) = started.unwrap();
        let mut writer = config.wrap(&mut entry);
        std::io::Write::write_all(&mut writer, content).unwrap();
        let (_, descriptor) = writer.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    bytes
}
