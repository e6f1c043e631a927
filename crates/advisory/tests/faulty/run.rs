//! One update, what it says on the way, and what it leaves behind.

use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use keelguard_advisory::AdvisoryError;
use keelguard_advisory::index::Index;
use keelguard_advisory::update::{self, Change, Progress, Settings};

use super::Mirror;
use super::server::Server;

/// Little patience between attempts, and much with a busy machine.
pub fn settings(base: &str) -> Settings {
    Settings {
        base: base.to_owned(),
        silence: Duration::from_secs(10),
        retries: 3,
        pause: Duration::from_millis(5),
        longest_pause: Duration::from_secs(2),
        ..Settings::default()
    }
}

/// One update of one ecosystem, and what it said on the way.
pub fn told(folder: &Path, name: &str, settings: &Settings) -> (Result<Change, AdvisoryError>, Vec<String>) {
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

pub fn run(folder: &Path, name: &str, settings: &Settings) -> Result<Change, AdvisoryError> {
    told(folder, name, settings).0
}

/// The version in which the index says that a package is fixed; the whole index is checked on the way.
pub fn fixed(folder: &Path, name: &str, package: &str) -> Vec<String> {
    let index = Index::open(&folder.join(format!("{}.index", name.replace(' ', "%20")))).unwrap();
    index.verify().unwrap();
    versions(&index, package)
}

pub fn versions(index: &Index, package: &str) -> Vec<String> {
    let events = index.lookup(package).flat_map(|hit| hit.ranges().collect::<Vec<_>>()).flat_map(|(_, events)| events);
    events.map(|(_, version)| version.to_owned()).filter(|version| version != "0").collect()
}

/// What lies in the folder besides the lock, parts of archives included.
pub fn files(folder: &Path) -> Vec<String> {
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

pub const WHOLE: Change = Change::Whole { records: 40, skipped: 0 };

pub const ZIP: &str = "Red Hat/all.zip";

pub const LIST: &str = "Red Hat/modified_id.csv";

/// A folder with an index of 40 records, and a server that has one change more than `few` allows.
pub fn behind() -> (tempfile::TempDir, Server, Settings) {
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
