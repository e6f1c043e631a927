//! Journals, opened. The library that reads them passes over files that it cannot open, so each is looked at first, and one
//! that is damaged, of a later form or closed to us is named.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use sdjournal::{Cursor, EntryRef, Journal, JournalConfig, JournalQuery};

use super::{Gaps, Reading, refused};

/// Entries in the order of time.
pub(crate) type Entries = Box<dyn Iterator<Item = sdjournal::Result<EntryRef>>>;

/// A journal that is being read.
pub(crate) struct Opened {
    /// As the user named it.
    pub(crate) path: PathBuf,
    pub(crate) entries: Entries,
    /// A folder for a single file, as long as it is read.
    folder: Option<tempfile::TempDir>,
}

/// An entry that says that its machine lived.
#[derive(Clone, Debug)]
pub(crate) struct LastWords {
    /// In microseconds since 1970.
    pub(crate) time: i64,
    pub(crate) host: Vec<u8>,
    pub(crate) message: Vec<u8>,
}

impl Opened {
    /// The last entry of all before a time; of the whole journal where none is given.
    pub(crate) fn last_before(&self, time: Option<i64>) -> Option<LastWords> {
        let place = self.folder.as_ref().map_or(self.path.as_path(), |folder| folder.path());
        let mut query = Journal::open_dir_with_config(place, config()).ok()?.query();
        if let Some(time) = time {
            query.until_realtime(u64::try_from(time - 1).ok()?);
        }
        query.seek_tail().reverse(true).limit(1);
        let entry = query.iter().ok()?.next()?.ok()?;
        let field = |name| entry.get(name).unwrap_or_default().to_vec();
        let time = i64::try_from(entry.realtime_usec()).ok()?;
        Some(LastWords { time, host: field("_HOSTNAME"), message: field("MESSAGE") })
    }
}

fn config() -> JournalConfig {
    JournalConfig { include_journal_tilde: true, max_journal_files: FILES, ..JournalConfig::default() }
}

/// Narrows a journal down to the entries that are asked for.
pub(crate) type Choice<'a> = &'a dyn Fn(&mut JournalQuery);

/// More files of one journal are not opened.
const FILES: usize = 4000;
/// The largest single file that is copied to be read alone.
const LARGEST: u64 = 1 << 30;
/// What the library can read of a file's form: LZ4, keyed hashes, Zstandard, compact. XZ (1) went out of use in 2014.
const KNOWN_FORMS: u32 = 0b11110;

/// All journals of a folder: its own files, and those in the folders of machines below it.
pub(crate) fn open_folder(folder: &Path, reading: &Reading, choose: Choice<'_>, gaps: &mut Gaps) -> Option<Opened> {
    let files = journals(folder, true, gaps);
    let mut any = false;
    for file in &files {
        match look_at(file) {
            Ok(()) => any = true,
            Err(why) => gaps.add(file.display().to_string(), why),
        }
    }
    if any { open(folder, folder, None, reading, choose, gaps) } else { None }
}

/// One journal file, which need not end in `.journal`.
pub(crate) fn open_file(path: &Path, reading: &Reading, choose: Choice<'_>, gaps: &mut Gaps) -> Option<Opened> {
    if let Err(why) = look_at(path) {
        gaps.add(path.display().to_string(), why);
        return None;
    }
    // The library opens folders only, and follows no links.
    let alone = || {
        let folder = tempfile::tempdir()?;
        let mut file = std::fs::File::open(path)?.take(LARGEST + 1);
        let copied = std::io::copy(&mut file, &mut std::fs::File::create(folder.path().join("one.journal"))?)?;
        if copied > LARGEST {
            return Err(std::io::Error::new(
                std::io::ErrorKind::FileTooLarge,
                "it is too large to be read alone; name its folder",
            ));
        }
        Ok(folder)
    };
    match alone() {
        Ok(folder) => {
            let place = folder.path().to_path_buf();
            open(path, &place, Some(folder), reading, choose, gaps)
        }
        Err(error) => {
            gaps.add(path.display().to_string(), refused(&error));
            None
        }
    }
}

fn open(
    path: &Path,
    place: &Path,
    folder: Option<tempfile::TempDir>,
    reading: &Reading,
    choose: Choice<'_>,
    gaps: &mut Gaps,
) -> Option<Opened> {
    match entries(place, choose, reading.since, reading.left.since, None) {
        Ok(entries) => Some(Opened { path: path.to_path_buf(), entries, folder }),
        Err(error) => {
            gaps.add(path.display().to_string(), format!("it is damaged: {error}"));
            None
        }
    }
}

/// The entries of a folder's journals from a time on, up to another, or from behind another entry on.
fn entries(
    place: &Path,
    choose: Choice<'_>,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    after: Option<Cursor>,
) -> sdjournal::Result<Entries> {
    let journal = Journal::open_dir_with_config(place, config())?;
    let mut query = journal.query();
    choose(&mut query);
    if let Some(since) = since.and_then(|since| u64::try_from(since.as_microsecond()).ok()) {
        query.since_realtime(since);
    }
    if let Some(until) = until.and_then(|until| u64::try_from(until.as_microsecond() - 1).ok()) {
        query.until_realtime(until);
    }
    if let Some(after) = after {
        query.after_cursor(after);
    }
    Ok(Box::new(query.iter()?))
}

/// A folder of journals that is looked at again and again.
pub(crate) struct JournalTail {
    folder: PathBuf,
    last: Option<Cursor>,
    begun: Timestamp,
    /// Why it could not be read the last time; said once.
    failed: Option<String>,
}

impl JournalTail {
    /// Follows a folder from `begun` on.
    pub(crate) fn new(folder: PathBuf, begun: Timestamp) -> Self {
        Self { folder, last: None, begun, failed: None }
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Hands on what has come since.
    pub(crate) fn poll(&mut self, choose: Choice<'_>, gaps: &mut Gaps, take: &mut dyn FnMut(&EntryRef)) {
        let since = Some(self.begun).filter(|_| self.last.is_none());
        let failed = match entries(&self.folder, choose, since, None, self.last.clone()) {
            Ok(entries) => entries.into_iter().find_map(|entry| match entry {
                Ok(entry) => {
                    take(&entry);
                    self.last = entry.cursor().ok().or_else(|| self.last.take());
                    None
                }
                Err(error) => Some(error.to_string()),
            }),
            Err(error) => Some(error.to_string()),
        };
        if let Some(why) = failed.as_ref().filter(|_| failed != self.failed) {
            gaps.add(self.folder.display().to_string(), format!("it could not be read on: {why}"));
        }
        self.failed = failed;
    }
}

/// The journal files of a folder and of those right below it.
fn journals(folder: &Path, deeper: bool, gaps: &mut Gaps) -> Vec<PathBuf> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            gaps.add(folder.display().to_string(), refused(&error));
            return Vec::new();
        }
    };
    let mut files = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()).take(FILES) {
        if path.is_dir() {
            if deeper {
                files.extend(journals(&path, false, gaps));
            }
        } else if path.extension().is_some_and(|end| end == "journal" || end == "journal~") {
            files.push(path);
        }
    }
    files
}

/// Whether a file has a head that promises a journal; why not.
fn look_at(path: &Path) -> Result<(), String> {
    let mut head = [0; 104];
    let mut file = std::fs::File::open(path).map_err(|error| refused(&error))?;
    file.read_exact(&mut head).map_err(|_| "it is cut off".to_owned())?;
    let length = file.metadata().map_or(0, |meta| meta.len());
    let number = |from: usize| {
        let bytes = head.get(from..from + 8).and_then(|bytes| <[u8; 8]>::try_from(bytes).ok());
        u64::from_le_bytes(bytes.unwrap_or_default())
    };
    if !head.starts_with(b"LPKSHHRH") {
        return Err("it is damaged: it does not begin as a journal".to_owned());
    }
    // incompatible_flags is the upper half of the second word; header_size and arena_size follow the four ids.
    let form = u32::try_from(number(8) >> 32).unwrap_or(u32::MAX);
    if form & !KNOWN_FORMS != 0 {
        return Err(format!("it is of a form that is not known (flags {form:#x})"));
    }
    let (header, arena) = (number(88), number(96));
    if header < 208 || header.checked_add(arena).is_none_or(|whole| whole > length) {
        return Err("it is damaged or cut off: it is shorter than it says".to_owned());
    }
    Ok(())
}
