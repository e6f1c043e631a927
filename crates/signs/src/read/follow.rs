//! Goes on with logs where reading them ended: what is written to them, what takes their place when they are rotated.
//! Files are looked at again and again: that works on every filesystem, and a look costs one call of the system.

use std::fs::File;
use std::io::{self, BufRead as _, Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};

use jiff::Timestamp;
use keelguard_model::{Area, Incomplete};

use super::journal::{Choice, Entry, JournalTail};
use super::utmp::{RECORD, Record};
use super::{Clock, Family, Gaps, Reading, refused, shown};

/// What was added to a log.
pub(crate) enum Piece<'a> {
    /// A line, without its end, and the log it stands in; with what whoever takes it keeps of the lines before it.
    Line { line: &'a [u8], log: &'a Path, before: &'a mut Vec<u8> },
    /// A record of `wtmp`, or of `btmp`, which holds what was refused.
    Record { record: &'a Record, refused: bool },
    /// An entry of a journal.
    Entry(&'a Entry),
}

type Take<'a> = dyn FnMut(Piece<'_>, &mut Clock) + 'a;

/// Bytes that are taken of one file before the others get their turn.
const AT_ONCE: u64 = 64 << 20;
/// Bytes in which the end of the last whole line is looked for.
const TAIL: u64 = 64 << 10;

/// Logs that are followed.
pub struct Follow {
    tails: Vec<Tail>,
    gaps: Gaps,
}

enum Tail {
    File(FileTail),
    Journal(JournalTail),
    /// Lines that come through a pipe.
    Pipe(Receiver<Vec<u8>>, Vec<u8>),
}

impl Follow {
    /// Notes where the logs end now, in `reading` too: what reads them with it hands on what stands before, this what
    /// comes after. Standard input is taken out of the families: whoever reads it waits. `area` is whose logs they are.
    pub fn begin(area: Area, families: &mut Vec<Family>, reading: &mut Reading) -> Self {
        let mut gaps = Gaps::of(area);
        let mut tails = Vec::new();
        let is_pipe = |family: &Family| family.files.iter().any(|file| file.as_os_str() == "-");
        if families.iter().any(is_pipe) {
            families.retain(|family| !is_pipe(family));
            tails.push(Tail::Pipe(standard_input(reading.longest_line), Vec::new()));
        }
        // The newest piece of a log is the one that is written to.
        for newest in families.iter().filter_map(|family| family.files.last()) {
            if newest.is_dir() {
                let tail = JournalTail::begin(newest.clone(), reading, &mut gaps);
                reading.left.journals.push((newest.clone(), tail.marks().clone()));
                tails.push(Tail::Journal(tail));
            } else if !is_finished(newest) {
                let tail = FileTail::begin(newest.clone());
                reading.left.ends.push((newest.clone(), tail.offset));
                tails.push(Tail::File(tail));
            }
        }
        Self { tails, gaps }
    }

    /// Whether there is nothing that could be followed: packed files only.
    pub fn is_empty(&self) -> bool {
        self.tails.is_empty()
    }

    /// What is followed.
    pub(crate) fn logs(&self) -> impl Iterator<Item = &Path> {
        self.tails.iter().map(|tail| match tail {
            Tail::File(tail) => tail.path.as_path(),
            Tail::Journal(tail) => tail.folder(),
            Tail::Pipe(..) => Path::new("-"),
        })
    }

    /// Hands on what has come since; false once nothing more can come, because the only pipe has ended.
    pub(crate) fn poll(&mut self, reading: &Reading, choice: Choice, take: &mut Take<'_>) -> bool {
        let mut clock = Clock::new(reading.zone.clone(), Timestamp::now());
        let gaps = &mut self.gaps;
        self.tails.retain_mut(|tail| match tail {
            Tail::File(tail) => {
                tail.poll(reading, &mut clock, gaps, take);
                true
            }
            Tail::Journal(tail) => {
                tail.poll(reading, choice, gaps, &mut |entry| take(Piece::Entry(entry), &mut clock));
                true
            }
            Tail::Pipe(lines, before) => loop {
                match lines.try_recv() {
                    Ok(line) => take(Piece::Line { line: &line, log: Path::new("-"), before }, &mut clock),
                    Err(error) => break error == std::sync::mpsc::TryRecvError::Empty,
                }
            },
        });
        !self.tails.is_empty()
    }

    /// What could not be read since the last time that was asked.
    pub fn incomplete(&mut self) -> Vec<Incomplete> {
        self.gaps.take()
    }
}

/// Packed files and single journals are not written to any more.
fn is_finished(path: &PathBuf) -> bool {
    let mut head = [0; 8];
    let Ok(meta) = std::fs::metadata(path) else { return false };
    // A fifo would wait for its writer.
    if !meta.is_file() {
        return true;
    }
    let read = File::open(path).and_then(|mut file| file.read(&mut head)).unwrap_or(0);
    // What sysstat writes is no text; whoever wants it looks for it.
    let packed: [&[u8]; 6] =
        [&[0x96, 0xd5], &[0x1f, 0x8b], &[0x28, 0xb5, 0x2f, 0xfd], b"\xfd7zXZ", b"BZh", b"LPKSHHRH"];
    packed.iter().any(|mark| head.get(..read).is_some_and(|head| head.starts_with(mark)))
}

/// Lines of standard input, from a thread that waits for them.
fn standard_input(longest: usize) -> Receiver<Vec<u8>> {
    let (send, lines) = sync_channel(1024);
    std::thread::spawn(move || {
        let mut input = io::stdin().lock();
        let mut line = Vec::new();
        loop {
            line.clear();
            let most = u64::try_from(longest).unwrap_or(u64::MAX);
            match input.by_ref().take(most).read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
            if line.last() == Some(&b'\n') {
                line.pop();
            } else if input.skip_until(b'\n').is_err() {
                return;
            }
            if send.send(line.clone()).is_err() {
                return;
            }
        }
    });
    lines
}

/// A file that grows, and is replaced now and then.
struct FileTail {
    path: PathBuf,
    open: Option<(File, (u64, u64))>,
    offset: u64,
    parts: Parts,
    /// Why it could not be read the last time; said once.
    refused: Option<String>,
}

/// Puts lines, or records, together from what was read.
struct Parts {
    /// The beginning of a line or record whose end has not come yet.
    partial: Vec<u8>,
    /// What is kept of the lines before.
    before: Vec<u8>,
    /// The rest of a line that was too long is passed over.
    skipping: bool,
    records: bool,
    /// Records of `btmp`.
    failed: bool,
}

impl FileTail {
    /// From the end of the last whole line, or record, on.
    fn begin(path: PathBuf) -> Self {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let parts = Parts {
            records: ["wtmp", "btmp", "utmp"].iter().any(|kind| name.starts_with(kind)),
            failed: name.starts_with("btmp"),
            partial: Vec::new(),
            before: Vec::new(),
            skipping: false,
        };
        let mut tail = Self { path, open: None, offset: 0, parts, refused: None };
        if let Ok((mut file, id)) = open(&tail.path) {
            tail.offset = file.metadata().map_or(0, |meta| meta.len());
            tail.offset = if tail.parts.records {
                tail.offset - tail.offset % RECORD as u64
            } else {
                last_line_end(&mut file, tail.offset).unwrap_or(tail.offset)
            };
            tail.open = Some((file, id));
        }
        tail
    }

    fn poll(&mut self, reading: &Reading, clock: &mut Clock, gaps: &mut Gaps, take: &mut Take<'_>) {
        let outcome = self.read_on(reading, clock, gaps, take);
        let why = outcome.err().filter(|error| error.kind() != io::ErrorKind::NotFound).map(|error| refused(&error));
        if let Some(why) = why.as_ref().filter(|_| why != self.refused) {
            gaps.add(shown(&self.path), why.clone());
        }
        self.refused = why;
    }

    fn read_on(
        &mut self,
        reading: &Reading,
        clock: &mut Clock,
        gaps: &mut Gaps,
        take: &mut Take<'_>,
    ) -> io::Result<()> {
        // What was written before the file was rotated away comes first; then what took its place.
        for _ in 0..2 {
            if let Some((file, _)) = &mut self.open {
                let length = file.metadata()?.len();
                if length < self.offset {
                    gaps.add(
                        shown(&self.path),
                        "it was emptied while it was followed, by its rotation (copytruncate) or by somebody; what was written to it just before is lost",
                    );
                    self.offset = 0;
                    self.parts.clear();
                }
                file.seek(SeekFrom::Start(self.offset))?;
                let mut part = file.take(AT_ONCE.min(length - self.offset));
                let mut bytes = vec![0; 256 << 10];
                loop {
                    let count = part.read(&mut bytes)?;
                    let Some(new) = bytes.get(..count).filter(|new| !new.is_empty()) else { break };
                    self.offset += count as u64;
                    self.parts.take_in(new, &self.path, reading.longest_line, clock, take);
                }
                if self.offset < length {
                    return Ok(());
                }
            }
            let id = std::fs::metadata(&self.path).map(|meta| (meta.dev(), meta.ino()))?;
            if self.open.as_ref().is_some_and(|(_, known)| *known == id) {
                return Ok(());
            }
            // A last line without an end is as whole as it will ever be.
            if !self.parts.records && !self.parts.partial.is_empty() {
                let line = std::mem::take(&mut self.parts.partial);
                take(Piece::Line { line: &line, log: &self.path, before: &mut self.parts.before }, clock);
            }
            self.open = Some(open(&self.path)?);
            self.offset = 0;
            self.parts.clear();
        }
        Ok(())
    }
}

impl Parts {
    fn clear(&mut self) {
        self.partial.clear();
        self.before.clear();
        self.skipping = false;
    }

    fn take_in(&mut self, new: &[u8], log: &Path, longest: usize, clock: &mut Clock, take: &mut Take<'_>) {
        if self.records {
            self.partial.extend_from_slice(new);
            let (whole, rest) = self.partial.as_chunks::<RECORD>();
            for record in whole {
                take(Piece::Record { record: &Record::new(record), refused: self.failed }, clock);
            }
            self.partial = rest.to_vec();
            return;
        }
        for part in new.split_inclusive(|byte| *byte == b'\n') {
            let (text, ends) = part.strip_suffix(b"\n").map_or((part, false), |text| (text, true));
            let room = longest.saturating_sub(self.partial.len());
            if !self.skipping {
                self.partial.extend_from_slice(text.get(..room).unwrap_or(text));
                self.skipping = text.len() > room;
            }
            if ends {
                take(Piece::Line { line: &self.partial, log, before: &mut self.before }, clock);
                self.partial.clear();
                self.skipping = false;
            }
        }
    }
}

fn open(path: &PathBuf) -> io::Result<(File, (u64, u64))> {
    let file = File::open(path)?;
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file"));
    }
    Ok((file, (meta.dev(), meta.ino())))
}

/// Where the last whole line of `length` bytes ends; the beginning of the file where there is none near.
fn last_line_end(file: &mut File, length: u64) -> io::Result<u64> {
    let from = length.saturating_sub(TAIL);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    file.take(length - from).read_to_end(&mut tail)?;
    Ok(match memchr::memrchr(b'\n', &tail) {
        Some(at) => from + at as u64 + 1,
        None if from == 0 => 0,
        // A line longer than that is cut anyhow.
        None => length,
    })
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;
    use std::io::Write as _;

    use super::*;
    use crate::logins::Seen;
    use crate::logins::collect::{families, go_on, read};

    fn failed(user: &str) -> String {
        format!("2026-11-24T08:10:02Z edge sshd[42]: Failed password for {user} from 192.0.2.7 port 4711 ssh2\n")
    }

    fn append(path: &Path, text: &str) {
        OpenOptions::new().append(true).create(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
    }

    struct Followed {
        follow: Follow,
        reading: Reading,
        before: Vec<String>,
    }

    impl Followed {
        fn new(files: &[&Path]) -> Self {
            let mut reading = Reading::everything(Timestamp::now());
            let mut families = families(files.iter().map(|file| file.to_path_buf()).collect());
            let follow = Follow::begin(Area::Logins, &mut families, &mut reading);
            let mut before = Vec::new();
            read(families, &reading, &mut |seen, _| before.push(name(seen)));
            Self { follow, reading, before }
        }

        fn next(&mut self) -> Vec<String> {
            let mut users = Vec::new();
            assert!(go_on(&mut self.follow, &self.reading, &mut |seen, _| users.push(name(seen))));
            users
        }
    }

    fn name(seen: &Seen<'_>) -> String {
        String::from_utf8_lossy(seen.user.unwrap_or_default()).into_owned()
    }

    #[test]
    fn each_line_is_handed_on_once_whenever_it_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("auth.log");
        let half = failed("three");
        let (first, second) = half.split_at(30);
        append(&log, &format!("{}{}{first}", failed("one"), failed("two")));
        let mut followed = Followed::new(&[&log]);
        assert_eq!(followed.before, ["one", "two"]);
        assert_eq!(followed.next(), [""; 0]);
        append(&log, second);
        append(&log, &failed("four"));
        assert_eq!(followed.next(), ["three", "four"]);
        assert_eq!(followed.next(), [""; 0]);
    }

    #[test]
    fn a_line_that_came_again_is_told_of_with_the_one_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let (log, other) = (folder.path().join("auth.log"), folder.path().join("secure"));
        append(&log, &failed("one"));
        append(&other, &failed("two"));
        let mut followed = Followed::new(&[&log, &other]);
        append(&log, &failed("three"));
        assert_eq!(followed.next(), ["three"]);
        let again = "2026-11-24T08:10:12Z edge last message repeated 5 times\n";
        append(&other, again);
        append(&log, again);
        assert_eq!(followed.next(), ["three"], "what came before it in its own log");
    }

    #[test]
    fn a_rotated_log_is_read_to_its_end_before_the_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("auth.log");
        append(&log, &failed("one"));
        let mut followed = Followed::new(&[&log]);
        append(&log, &failed("two"));
        append(&log, failed("three").trim_end());
        std::fs::rename(&log, folder.path().join("auth.log.1")).unwrap();
        assert_eq!(followed.next(), ["two"]);
        // Not there for a moment.
        append(&log, &failed("four"));
        assert_eq!(followed.next(), ["three", "four"]);
        assert_eq!(followed.follow.incomplete(), []);
    }

    #[test]
    fn a_log_that_is_emptied_is_said_so_and_read_on() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("auth.log");
        append(&log, &failed("one").repeat(3));
        let mut followed = Followed::new(&[&log]);
        std::fs::write(&log, failed("two")).unwrap();
        assert_eq!(followed.next(), ["two"]);
        let [gap] = &*followed.follow.incomplete() else { panic!("one gap") };
        assert!(gap.why.contains("emptied"), "{}", gap.why);
    }

    #[test]
    fn a_log_that_is_not_there_yet_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("auth.log");
        let mut reading = Reading::everything(Timestamp::now());
        let mut families = families(vec![log.clone()]);
        let mut follow = Follow::begin(Area::Logins, &mut families, &mut reading);
        append(&log, &failed("one"));
        let mut users = Vec::new();
        assert!(go_on(&mut follow, &reading, &mut |seen, _| users.push(name(seen))));
        assert_eq!(users, ["one"]);
    }

    #[test]
    fn an_endless_line_is_cut_and_the_next_one_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("auth.log");
        append(&log, "");
        let mut followed = Followed::new(&[&log]);
        for _ in 0..3 {
            append(&log, &"x".repeat(1 << 20));
            assert_eq!(followed.next(), [""; 0]);
        }
        append(&log, &format!("\n{}", failed("one")));
        assert_eq!(followed.next(), ["one"]);
    }

    /// Adds an entry of now to a journal, by systemd's own program.
    fn log(journal: &Path, user: &str) {
        let micros = Timestamp::now().as_microsecond();
        let export = journal.with_extension("export");
        std::fs::write(
            &export,
            format!(
                "__CURSOR=s={micros}\n__REALTIME_TIMESTAMP={micros}\n__MONOTONIC_TIMESTAMP={micros}\n_BOOT_ID=0123456789abcdef0123456789abcdef\nSYSLOG_FACILITY=10\nSYSLOG_IDENTIFIER=sshd\nMESSAGE=Failed password for {user} from 192.0.2.7 port 4711 ssh2\n\n"
            ),
        )
        .unwrap();
        let made = std::process::Command::new("/lib/systemd/systemd-journal-remote");
        let made = { made }.arg("-o").arg(journal).arg(&export).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }

    #[test]
    fn a_journal_is_followed_from_where_reading_it_ended() {
        if !Path::new("/lib/systemd/systemd-journal-remote").exists() {
            println!("skipped: systemd-journal-remote is not installed (package systemd-journal-remote)");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let journals = folder.path().join("journal");
        std::fs::create_dir(&journals).unwrap();
        let file = journals.join("made.journal");
        log(&file, "one");
        let mut followed = Followed::new(&[&journals]);
        assert_eq!(followed.before, ["one"]);
        assert_eq!(followed.next(), [""; 0]);
        log(&file, "two");
        log(&file, "three");
        assert_eq!(followed.next(), ["two", "three"]);
        assert_eq!(followed.next(), [""; 0]);
        assert_eq!(followed.follow.incomplete(), []);
    }

    #[test]
    fn packed_files_are_read_and_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("auth.log.gz");
        let mut packed = flate2::write::GzEncoder::new(File::create(&log).unwrap(), flate2::Compression::fast());
        packed.write_all(failed("one").as_bytes()).unwrap();
        packed.finish().unwrap();
        let mut reading = Reading::everything(Timestamp::now());
        let mut families = families(vec![log]);
        assert!(Follow::begin(Area::Logins, &mut families, &mut reading).is_empty());
    }
}
