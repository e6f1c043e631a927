//! The walk over what was named. Folders are read by name, one at a time, links in them are not followed; files of several
//! messages are read as a stream.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::os::unix::fs::{FileTypeExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::mbox::Mbox;
use super::{Form, Found, Gaps, Holds, MOST_OF_A_MESSAGE, MOST_OF_A_TEXT, Said, lines};

/// Folders may lie so deep in each other.
const MOST_DEPTH: usize = 40;
/// Of one folder so many names are read.
const MOST_NAMES: usize = 4_000_000;
/// A file is told by so much of its head.
const HEAD: usize = 4 << 10;
const BUFFER: usize = 256 << 10;
/// Opening a fifo that nobody writes to would wait for ever.
const NONBLOCK: i32 = 0o4000;

type Reader = Box<dyn BufRead + Send>;

/// Messages, found one by one.
pub struct Walk {
    /// What was named, the next at the end.
    named: Vec<PathBuf>,
    form: Option<Form>,
    folders: Vec<Folder>,
    open: Option<Open>,
    /// What could not be looked at.
    pub gaps: Gaps,
}

/// A folder that is being read: names, the next at the end.
struct Folder {
    path: PathBuf,
    names: Vec<(OsString, bool)>,
}

/// A file of several messages.
struct Open {
    path: PathBuf,
    number: u64,
    of: Of,
}

enum Of {
    Mbox(Mbox<Reader>),
    Lines(Reader),
}

impl Walk {
    /// Over `paths` (`-` is standard input), all as `form` where one is given.
    pub fn new(paths: &[PathBuf], form: Option<Form>) -> Self {
        let named = paths.iter().rev().cloned().collect();
        Self { named, form, folders: Vec::new(), open: None, gaps: Gaps::default() }
    }

    /// The next message of the file that is open.
    fn of_open(&mut self) -> Option<Found> {
        let open = self.open.as_mut()?;
        let next = match &mut open.of {
            Of::Mbox(mbox) => mbox
                .next(MOST_OF_A_MESSAGE)
                .map(|one| one.map(|one| (Form::Mail, one.bytes, one.is_cut, Said::default()))),
            Of::Lines(reader) => next_line(reader, &open.path, &mut self.gaps)
                .map(|one| one.map(|(bytes, is_cut, said)| (Form::Text, bytes, is_cut, said))),
        };
        match next {
            Ok(Some((form, bytes, is_cut, said))) => {
                open.number += 1;
                let (path, number) = (open.path.clone(), open.number);
                return Some(Found { path, number, form, holds: Holds::Bytes(bytes), is_cut, said });
            }
            Ok(None) => {}
            Err(error) => self.gaps.note(shown(&open.path), error.to_string()),
        }
        self.open = None;
        None
    }

    /// The next file of the folders that are open.
    fn of_folders(&mut self) -> Option<Found> {
        let folder = self.folders.last_mut()?;
        let Some((name, is_folder)) = folder.names.pop() else {
            self.folders.pop();
            return None;
        };
        let path = folder.path.join(name);
        if is_folder {
            self.enter(path);
            return None;
        }
        // Most files are one message each: the head of the others tells.
        self.file(path, true)
    }

    fn enter(&mut self, path: PathBuf) {
        if self.folders.len() >= MOST_DEPTH {
            self.gaps.note("folders", format!("more than {MOST_DEPTH} lie in each other, the innermost were not read"));
            return;
        }
        match names(&path, &mut self.gaps) {
            Ok(names) => self.folders.push(Folder { path, names }),
            Err(error) => self.gaps.note(shown(&path), error.to_string()),
        }
    }

    /// A file: as a message, or opened to be read on.
    fn file(&mut self, path: PathBuf, in_folder: bool) -> Option<Found> {
        let whole = |path: PathBuf| {
            Some(Found { path, number: 1, form: Form::Mail, holds: Holds::File, is_cut: false, said: Said::default() })
        };
        if in_folder && self.form != Some(Form::Text) && is_one_by_name(&path) {
            return whole(path);
        }
        let mut reader = match open(&path) {
            Ok(reader) => reader,
            Err(error) => {
                self.gaps.note(shown(&path), error.to_string());
                return None;
            }
        };
        let head = match reader.fill_buf() {
            Ok(head) => head.get(..head.len().min(HEAD)).unwrap_or_default(),
            Err(error) => {
                self.gaps.note(shown(&path), error.to_string());
                return None;
            }
        };
        if head.is_empty() {
            self.gaps.note(shown(&path), "it is empty");
            return None;
        }
        let starts_as_json = head.trim_ascii_start().starts_with(b"{");
        let are_lines = match self.form {
            Some(form) => form == Form::Text,
            None => starts_as_json || !(in_folder || head.starts_with(b"From ") || looks_like_mail(head)),
        };
        let of = if are_lines {
            Of::Lines(reader)
        } else if head.starts_with(b"From ") {
            Of::Mbox(Mbox::new(reader))
        } else {
            return self.mail(path, reader);
        };
        self.open = Some(Open { path, number: 0, of });
        None
    }

    /// One message that fills its file.
    fn mail(&mut self, path: PathBuf, mut reader: Reader) -> Option<Found> {
        let mut bytes = Vec::new();
        match read(&mut reader, &mut bytes) {
            Ok(is_cut) => Some(Found {
                path,
                number: 1,
                form: Form::Mail,
                holds: Holds::Bytes(bytes),
                is_cut,
                said: Said::default(),
            }),
            Err(error) => {
                self.gaps.note(shown(&path), error.to_string());
                None
            }
        }
    }
}

impl Iterator for Walk {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        loop {
            if self.open.is_some() {
                match self.of_open() {
                    Some(found) => return Some(found),
                    None => continue,
                }
            }
            if !self.folders.is_empty() {
                match self.of_folders() {
                    Some(found) => return Some(found),
                    None => continue,
                }
            }
            let path = self.named.pop()?;
            let found = match std::fs::metadata(&path) {
                _ if path.as_os_str() == "-" => self.file(path, false),
                Ok(meta) if meta.is_dir() => {
                    self.enter(path);
                    None
                }
                Ok(_) => self.file(path, false),
                Err(error) => {
                    self.gaps.note(shown(&path), error.to_string());
                    None
                }
            };
            if found.is_some() {
                return found;
            }
        }
    }
}

impl Found {
    /// Reads what it holds into `bytes`; says whether it is longer than is read.
    pub fn read(&self, bytes: &mut Vec<u8>) -> io::Result<bool> {
        bytes.clear();
        match &self.holds {
            Holds::Bytes(held) => {
                bytes.extend_from_slice(held);
                Ok(self.is_cut)
            }
            Holds::File => read(&mut open_file(&self.path)?, bytes),
        }
    }
}

fn read(reader: &mut impl Read, bytes: &mut Vec<u8>) -> io::Result<bool> {
    let most = MOST_OF_A_MESSAGE as u64;
    reader.take(most + 1).read_to_end(bytes)?;
    let is_cut = bytes.len() > MOST_OF_A_MESSAGE;
    bytes.truncate(MOST_OF_A_MESSAGE);
    Ok(is_cut)
}

/// In a Maildir each file of `new` and `cur` is one message; `.eml` says the same.
fn is_one_by_name(path: &Path) -> bool {
    let parent = path.parent().and_then(Path::file_name);
    parent.is_some_and(|parent| parent == "cur" || parent == "new")
        || path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("eml"))
}

/// A header begins with a field.
fn looks_like_mail(head: &[u8]) -> bool {
    let head = head.trim_ascii_start();
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let Some(colon) = memchr::memchr(b':', line.get(..line.len().min(60)).unwrap_or_default()) else { return false };
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-' || *byte == b'_';
    // "URGENT: call now" is a text; names of fields that begin a mail have a dash or are known.
    let name = line.get(..colon).unwrap_or_default();
    let known = ["received", "from", "to", "date", "subject", "sender"];
    !name.is_empty()
        && name.iter().all(is_name)
        && (name.contains(&b'-') || known.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes())))
}

fn open_file(path: &Path) -> io::Result<File> {
    let file = File::options().read(true).custom_flags(NONBLOCK).open(path)?;
    Ok(file)
}

fn open(path: &Path) -> io::Result<Reader> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(BufReader::with_capacity(BUFFER, io::stdin())));
    }
    let kind = std::fs::metadata(path)?.file_type();
    if kind.is_fifo() {
        return Ok(Box::new(BufReader::with_capacity(BUFFER, File::open(path)?)));
    }
    if !kind.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is neither a file nor a folder"));
    }
    let file = open_file(path)?;
    // A small file in one read.
    let length = file.metadata()?.len();
    if length <= BUFFER as u64 {
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0) + 1);
        file.take(BUFFER as u64).read_to_end(&mut bytes)?;
        return Ok(Box::new(Cursor::new(bytes)));
    }
    Ok(Box::new(BufReader::with_capacity(BUFFER, file)))
}

/// The names in a folder, the first at the end, and which of them are folders. Of a Maildir those that hold messages.
fn names(path: &Path, gaps: &mut Gaps) -> io::Result<Vec<(OsString, bool)>> {
    let is_maildir = path.join("cur").is_dir() && path.join("new").is_dir();
    let mut names = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let Ok(entry) = entry else {
            gaps.note(shown(path), "not all names of the folder could be read");
            break;
        };
        let Ok(kind) = entry.file_type() else { continue };
        let name = entry.file_name();
        if is_maildir {
            // `tmp` holds what is not delivered yet; index files lie beside it.
            let holds = name == "cur" || name == "new" || name.as_encoded_bytes().starts_with(b".");
            if !kind.is_dir() || !holds {
                continue;
            }
        }
        if kind.is_symlink() {
            gaps.note(shown(path), "links in folders are not followed; name what they lead to");
            continue;
        }
        if !kind.is_dir() && !kind.is_file() {
            gaps.note(shown(path), "it holds what is neither file nor folder");
            continue;
        }
        if names.len() >= MOST_NAMES {
            gaps.note(shown(path), format!("it holds more than {MOST_NAMES} names, the rest was not read"));
            break;
        }
        names.push((name, kind.is_dir()));
    }
    names.sort_unstable_by(|a, b| b.0.cmp(&a.0));
    Ok(names)
}

fn shown(path: &Path) -> String {
    if path.as_os_str() == "-" { "standard input".to_owned() } else { path.display().to_string() }
}

type Line = (Vec<u8>, bool, Said);

/// The next text of lines; empty lines are none.
fn next_line(reader: &mut Reader, path: &Path, gaps: &mut Gaps) -> io::Result<Option<Line>> {
    let most = MOST_OF_A_TEXT as u64;
    loop {
        let mut bytes = Vec::new();
        if reader.by_ref().take(most).read_until(b'\n', &mut bytes)? == 0 {
            return Ok(None);
        }
        let mut is_cut = false;
        if bytes.len() as u64 == most && bytes.last() != Some(&b'\n') {
            is_cut = skip_line(reader)?;
        }
        let text = bytes.trim_ascii();
        if text.is_empty() {
            continue;
        }
        if is_cut && text.first() == Some(&b'{') {
            gaps.note(shown(path), format!("a line of JSON is longer than {MOST_OF_A_TEXT} bytes"));
            continue;
        }
        match lines::line(text) {
            Ok((text, said)) => return Ok(Some((text, is_cut, said))),
            Err(error) => gaps.note(shown(path), format!("a line begins as JSON and cannot be read: {error}")),
        }
    }
}

/// Passes over the rest of a line; says whether there was any.
fn skip_line(reader: &mut Reader) -> io::Result<bool> {
    let mut some = false;
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok(some);
        }
        if let Some(end) = memchr::memchr(b'\n', buffer) {
            some |= end > 0;
            reader.consume(end + 1);
            return Ok(some);
        }
        some = true;
        let length = buffer.len();
        reader.consume(length);
    }
}
