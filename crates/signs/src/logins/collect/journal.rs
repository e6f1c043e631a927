//! Journals. The library that reads them passes over files that it cannot open, so each is looked at first, and one that is
//! damaged, of a later form or closed to us is named.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use sdjournal::{Cursor, EntryRef, Journal, JournalConfig};

use super::stream::Stream;
use super::{Gaps, Reading, refused};
use crate::logins::event::{Login, Seen};
use crate::logins::parse::of_program;

type Entries = Box<dyn Iterator<Item = sdjournal::Result<EntryRef>>>;

/// See the module.
pub(super) struct JournalStream {
    path: PathBuf,
    entries: Entries,
    event: Option<Login>,
    lines: u64,
    /// A folder for a single file, as long as it is read.
    _folder: Option<tempfile::TempDir>,
}

/// Facilities of logins: auth, mail, authpriv, ftp.
const FACILITIES: [&[u8]; 4] = [b"4", b"2", b"10", b"11"];
/// Programs of other facilities whose messages tell of logins.
const PROGRAMS: [&[u8]; 8] =
    [b"dockerd", b"openvpn", b"ovpn-server", b"pvedaemon", b"pveproxy", b"postgres", b"mariadbd", b"mysqld"];
/// More files of one journal are not opened.
const FILES: usize = 4000;
/// The largest single file that is copied to be read alone.
const LARGEST: u64 = 1 << 30;
/// What the library can read of a file's form: LZ4, keyed hashes, Zstandard, compact. XZ (1) went out of use in 2014.
const KNOWN_FORMS: u32 = 0b11110;

impl JournalStream {
    /// All journals of a folder: its own files, and those in the folders of machines below it.
    pub(super) fn open_folder(folder: &Path, reading: &Reading, streams: &mut Vec<Box<dyn Stream>>, gaps: &mut Gaps) {
        let files = journals(folder, true, gaps);
        let mut any = false;
        for file in &files {
            match look_at(file) {
                Ok(()) => any = true,
                Err(why) => gaps.add(file.display().to_string(), why),
            }
        }
        if any {
            Self::open(folder, folder, None, reading, streams, gaps);
        }
    }

    /// One journal file, which need not end in `.journal`.
    pub(super) fn open_file(path: &Path, reading: &Reading, streams: &mut Vec<Box<dyn Stream>>, gaps: &mut Gaps) {
        if let Err(why) = look_at(path) {
            return gaps.add(path.display().to_string(), why);
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
                Self::open(path, &place, Some(folder), reading, streams, gaps);
            }
            Err(error) => gaps.add(path.display().to_string(), refused(&error)),
        }
    }

    fn open(
        path: &Path,
        place: &Path,
        folder: Option<tempfile::TempDir>,
        reading: &Reading,
        streams: &mut Vec<Box<dyn Stream>>,
        gaps: &mut Gaps,
    ) {
        match entries(place, reading.since, reading.left.since, None) {
            Ok(entries) => streams.push(Box::new(Self {
                path: path.to_path_buf(),
                entries,
                event: None,
                lines: 0,
                _folder: folder,
            })),
            Err(error) => gaps.add(path.display().to_string(), format!("it is damaged: {error}")),
        }
    }
}

/// The entries of a folder's journals that can tell of logins, from a time or from behind another entry on.
fn entries(
    place: &Path,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    after: Option<Cursor>,
) -> sdjournal::Result<Entries> {
    let config = JournalConfig { include_journal_tilde: true, max_journal_files: FILES, ..JournalConfig::default() };
    let journal = Journal::open_dir_with_config(place, config)?;
    let mut query = journal.query();
    for facility in FACILITIES {
        query.or_group(|group| {
            group.match_exact("SYSLOG_FACILITY", facility);
        });
    }
    for program in PROGRAMS {
        query.or_group(|group| {
            group.match_exact("SYSLOG_IDENTIFIER", program);
        });
    }
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

fn event(entry: &EntryRef) -> Option<Login> {
    let message = entry.get("MESSAGE")?;
    let program = entry.get("SYSLOG_IDENTIFIER").or_else(|| entry.get("_COMM")).unwrap_or_default();
    let seen = of_program(program, message)?;
    let time = i64::try_from(entry.realtime_usec()).ok();
    Some(Seen { time, host: entry.get("_HOSTNAME"), ..seen }.owned(message))
}

/// A folder of journals that is looked at again and again.
pub(super) struct JournalTail {
    folder: PathBuf,
    last: Option<Cursor>,
    begun: Timestamp,
    /// Why it could not be read the last time; said once.
    failed: Option<String>,
}

impl JournalTail {
    /// Follows a folder from `begun` on.
    pub(super) fn new(folder: PathBuf, begun: Timestamp) -> Self {
        Self { folder, last: None, begun, failed: None }
    }

    /// Hands on what has come since.
    pub(super) fn poll(&mut self, gaps: &mut Gaps, take: &mut dyn FnMut(&Seen<'_>, &[u8])) {
        let since = Some(self.begun).filter(|_| self.last.is_none());
        let failed = match entries(&self.folder, since, None, self.last.clone()) {
            Ok(entries) => entries.into_iter().find_map(|entry| match entry {
                Ok(entry) => {
                    if let Some(event) = event(&entry) {
                        take(&event.seen(), event.line.as_bytes());
                    }
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

impl Stream for JournalStream {
    fn advance(&mut self, gaps: &mut Gaps) -> bool {
        for entry in self.entries.by_ref() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    gaps.add(
                        self.path.display().to_string(),
                        format!("it was read up to entry {}: {error}", self.lines),
                    );
                    return false;
                }
            };
            self.lines += 1;
            self.event = event(&entry);
            if self.event.is_some() {
                return true;
            }
        }
        false
    }

    fn time(&self) -> i64 {
        self.event.as_ref().and_then(|event| event.time).map_or(i64::MIN, Timestamp::as_microsecond)
    }

    fn show(&mut self, take: &mut dyn FnMut(&Seen<'_>, &[u8])) {
        if let Some(event) = &self.event {
            take(&event.seen(), event.line.as_bytes());
        }
    }

    fn lines(&self) -> u64 {
        self.lines
    }
}
