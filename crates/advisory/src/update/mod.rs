//! Brings the database up to date: from OSV's export, from a mirror of it over HTTP, or from a folder.
//!
//! Per ecosystem, the list of changes (`modified_id.csv`) says what is new. Few changes are fetched record by record, many as
//! the whole archive. What arrives is compiled beside the old index and takes its place in one step, so that a failed,
//! killed or concurrent update leaves a whole index behind: the old one or the new one.

mod ecosystem;
mod http;
mod listing;
mod lock;
mod retry;
mod source;

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::AdvisoryError;
use crate::exploited::{Catalogue, Table};
use crate::index::replace_file;
use crate::ingest::IngestLimits;

pub(crate) use ecosystem::check_size;
pub(crate) use lock::Lock;
use source::{Answer, Source};

/// OSV's public export.
pub const OSV_EXPORT: &str = "https://osv-vulnerabilities.storage.googleapis.com";

/// Where from, and how patiently.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the export lies: an address (`https:`, `http:`, `file:`) or a folder.
    pub base: String,
    /// Address or file of CISA's catalogue; none leaves what is there.
    pub kev: Option<String>,
    /// Address or file of FIRST's scores; none leaves what is there.
    pub epss: Option<String>,
    /// Certificates of authorities (PEM) to trust besides the system's.
    pub ca_file: Option<PathBuf>,
    /// Fetches everything anew, and accepts an export that has shrunk by half.
    pub force: bool,
    /// Up to how many changed records are fetched one by one.
    pub few: usize,
    /// How long the other side may be silent.
    pub silence: Duration,
    /// How long one ecosystem may take.
    pub time: Duration,
    /// How often a failed request is repeated.
    pub retries: u32,
    /// How long before the first repetition; doubled each time.
    pub pause: Duration,
    /// The longest pause; a server that asks for more is taken at its word another day.
    pub longest_pause: Duration,
    /// Bytes of one archive.
    pub download: u64,
    /// What is read of an archive.
    pub ingest: IngestLimits,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            base: OSV_EXPORT.to_owned(),
            kev: None,
            epss: None,
            ca_file: None,
            force: false,
            few: 400,
            silence: Duration::from_secs(30),
            time: Duration::from_mins(30),
            retries: 5,
            pause: Duration::from_secs(1),
            longest_pause: Duration::from_mins(2),
            download: 4 << 30,
            ingest: IngestLimits::default(),
        }
    }
}

/// What is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress<'name> {
    /// An ecosystem or catalogue is looked at.
    Checking(&'name str),
    /// An archive arrives.
    Loading {
        /// Of which ecosystem.
        of: &'name str,
        /// Bytes that are here.
        done: u64,
        /// Bytes in all, where the other side says.
        total: Option<u64>,
    },
    /// Changed records arrive.
    Records {
        /// Of which ecosystem.
        of: &'name str,
        /// Records that are here.
        done: usize,
        /// Records in all.
        total: usize,
    },
    /// A request is about to be repeated.
    Waiting {
        /// For which ecosystem.
        of: &'name str,
        /// How long.
        pause: Duration,
        /// What went wrong.
        why: &'name str,
    },
    /// Records are compiled into the index.
    Compiling(&'name str),
}

/// What an update changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing: there is nothing newer.
    Current,
    /// Some records.
    Records {
        /// Records that are new or newer.
        changed: usize,
        /// Records that are gone.
        removed: usize,
    },
    /// Everything was taken anew.
    Whole {
        /// Records in the new index.
        records: u64,
        /// Records that could not be used; the index's notes name the first.
        skipped: u64,
    },
}

/// How it went for one ecosystem or catalogue.
#[derive(Debug)]
pub struct Outcome {
    /// `Debian`, `kev`.
    pub name: String,
    /// What changed, or why nothing could; the old data is then still there.
    pub result: Result<Change, AdvisoryError>,
}

/// Is told what is under way; must not block.
pub type Watcher<'watcher> = &'watcher (dyn Fn(Progress<'_>) + Send + Sync);

/// Brings the ecosystems, and the catalogues of exploitation that the settings name, up to date. One that fails does not
/// keep the others from it.
pub async fn update(
    folder: &Path,
    ecosystems: &[String],
    settings: &Settings,
    watcher: Watcher<'_>,
) -> Result<Vec<Outcome>, AdvisoryError> {
    let source = Source::new(&settings.base, settings)?;
    let _lock = Lock::take(folder)?;
    let mut outcomes = Vec::new();
    for name in ecosystems {
        let name = crate::ecosystem::base(name);
        if !crate::ecosystem::is_name(name) {
            let why = AdvisoryError::garbage(format!("{name:?}"), "that is no name of an ecosystem");
            outcomes.push(Outcome { name: name.to_owned(), result: Err(why) });
            continue;
        }
        watcher(Progress::Checking(name));
        let update = ecosystem::update(folder, name, &source, settings, watcher);
        let result = bounded(settings.time, &settings.base, update).await;
        outcomes.push(Outcome { name: name.to_owned(), result });
    }
    for (catalogue, from) in [(Catalogue::Kev, &settings.kev), (Catalogue::Epss, &settings.epss)] {
        let Some(from) = from else { continue };
        watcher(Progress::Checking(catalogue.name()));
        let result = bounded(settings.time, from, exploited(folder, catalogue, from, settings)).await;
        outcomes.push(Outcome { name: catalogue.name().to_owned(), result });
    }
    Ok(outcomes)
}

/// The ecosystems that a mirror holds, as its `ecosystems.txt` names them.
pub async fn ecosystems(settings: &Settings) -> Result<Vec<String>, AdvisoryError> {
    let source = Source::new(&settings.base, settings)?;
    let missing =
        |why: &str| AdvisoryError::Source { url: format!("{}/ecosystems.txt", settings.base), why: why.into() };
    let answer = tokio::time::timeout(settings.time, source.small(&["ecosystems.txt"], 1 << 20, None)).await;
    match answer.map_err(|_| missing("it did not answer in time"))?? {
        Answer::Bytes { bytes, .. } => {
            let names = String::from_utf8_lossy(&bytes);
            let names = names.lines().map(str::trim).filter(|name| crate::ecosystem::is_name(name));
            Ok(names.map(|name| crate::ecosystem::base(name).to_owned()).collect())
        }
        Answer::Missing | Answer::Unchanged => Err(missing("there is no such file")),
    }
}

async fn bounded(
    time: Duration,
    url: &str,
    work: impl Future<Output = Result<Change, AdvisoryError>>,
) -> Result<Change, AdvisoryError> {
    let late =
        |_| AdvisoryError::Source { url: url.to_owned(), why: format!("not done within {} s", time.as_secs_f32()) };
    tokio::time::timeout(time, work).await.map_err(late)?
}

/// Bytes of a catalogue as it is published.
const CATALOGUE: u64 = 64 << 20;

async fn exploited(
    folder: &Path,
    catalogue: Catalogue,
    from: &str,
    settings: &Settings,
) -> Result<Change, AdvisoryError> {
    let path = folder.join(catalogue.file());
    let old = Table::open(&path).ok();
    let (source, name) = Source::of_file(from, settings)?;
    let etag =
        old.as_ref().filter(|old| !settings.force && old.meta().source == from).and_then(|old| old.meta().etag.clone());
    match source.small(&[&name], CATALOGUE, etag.as_deref()).await? {
        Answer::Unchanged => {
            touch(&path);
            Ok(Change::Current)
        }
        Answer::Missing => Err(AdvisoryError::Source { url: from.to_owned(), why: "there is no such file".into() }),
        Answer::Bytes { bytes, etag } => {
            replace_file(&path, &catalogue.compile(&bytes, from, etag)?)?;
            let new = Table::open(&path)?;
            Ok(Change::Whole { records: new.meta().records, skipped: new.meta().skipped })
        }
    }
}

/// Notes in the file's time that its source was asked and had nothing newer. The file itself stays as it is.
fn touch(path: &Path) {
    // The time is only shown and compared with the age that the user allows; an older one is on the safe side.
    let _ = std::fs::File::options()
        .append(true)
        .open(path)
        .and_then(|file| file.set_modified(std::time::SystemTime::now()));
}
