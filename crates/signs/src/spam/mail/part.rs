//! The parts of a message. One pass over its lines with the boundaries that are open; how deep parts may lie in each other
//! and how many there may be is bounded, and what lies beyond is counted, not looked at.

use memchr::memchr;

use super::decode::Encoding;
use super::header::{Field, Fields};

/// So deep parts may lie in each other.
pub const MOST_DEPTH: usize = 10;
/// So many parts are looked at.
pub const MOST_PARTS: usize = 200;
/// A boundary may be so long (RFC 2046 says 70).
const LONGEST_BOUNDARY: usize = 200;

/// What a part is, as far as it matters here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Plain text.
    #[default]
    Text,
    /// HTML.
    Html,
    /// A message in the message.
    Message,
    /// Several parts.
    Multipart,
    /// Anything else: pictures, programs, archives.
    Other,
}

/// A part: what it says of itself, and its bytes as they came.
#[derive(Clone, Debug, Default)]
pub struct Part<'a> {
    /// What it is.
    pub kind: Kind,
    /// `text/html` as it is written; empty where nothing is said.
    pub media_type: &'a [u8],
    /// The character set as it is written; empty where nothing is said.
    pub charset: &'a [u8],
    /// The name of the file; empty where it has none.
    pub name: &'a [u8],
    /// Whether it is to be kept as a file.
    pub is_attached: bool,
    /// How it is encoded.
    pub encoding: Encoding,
    /// How deep it lies.
    pub depth: usize,
    /// Its body as it came.
    pub body: &'a [u8],
}

impl Part<'_> {
    /// What its body holds, at most so many bytes of it.
    pub fn decoded(&self, most: usize) -> Vec<u8> {
        let mut out = Vec::new();
        self.encoding.decode(self.body, most, &mut out);
        out
    }
}

/// What is said of a part, gathered field by field.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Said<'a> {
    content_type: &'a [u8],
    disposition: &'a [u8],
    encoding: Encoding,
}

impl<'a> Said<'a> {
    /// Takes what a field says.
    pub(super) fn take(&mut self, field: &Field<'a>) {
        // Most fields do not begin so.
        if !field.name.get(..8).is_some_and(|start| start.eq_ignore_ascii_case(b"content-")) {
            return;
        }
        if field.is("content-type") {
            self.content_type = field.value;
        } else if field.is("content-disposition") {
            self.disposition = field.value;
        } else if field.is("content-transfer-encoding") {
            self.encoding = Encoding::named(field.value);
        }
    }

    fn media_type(&self) -> &'a [u8] {
        let end = memchr(b';', self.content_type).unwrap_or(self.content_type.len());
        self.content_type.get(..end).unwrap_or_default().trim_ascii()
    }

    /// The boundary, where it is made of several parts.
    fn boundary(&self) -> Option<&'a [u8]> {
        let boundary = parameter(self.content_type, b"boundary")?;
        (starts(self.media_type(), b"multipart/") && !boundary.is_empty() && boundary.len() <= LONGEST_BOUNDARY)
            .then_some(boundary)
    }

    fn part(&self, body: &'a [u8], depth: usize) -> Part<'a> {
        let media_type = self.media_type();
        let kind = if media_type.is_empty() || starts(media_type, b"text/plain") {
            Kind::Text
        } else if starts(media_type, b"text/html") {
            Kind::Html
        } else if starts(media_type, b"message/") {
            Kind::Message
        } else if starts(media_type, b"multipart/") {
            Kind::Multipart
        } else if starts(media_type, b"text/") {
            Kind::Text
        } else {
            Kind::Other
        };
        let name = parameter(self.disposition, b"filename").or_else(|| parameter(self.content_type, b"name"));
        Part {
            kind,
            media_type,
            charset: parameter(self.content_type, b"charset").unwrap_or_default(),
            name: name.unwrap_or_default(),
            is_attached: starts(self.disposition.trim_ascii(), b"attachment"),
            encoding: self.encoding,
            depth,
            body,
        }
    }
}

fn starts(bytes: &[u8], with: &[u8]) -> bool {
    bytes.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with))
}

/// A parameter of a structured field: `; name=value` or `; name="value"`; `name*=` of RFC 2231 is taken as it stands.
fn parameter<'a>(value: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let mut rest = value;
    for _ in 0..20 {
        rest = rest.get(memchr(b';', rest)? + 1..)?.trim_ascii_start();
        if !starts(rest, name) {
            continue;
        }
        let after = rest.get(name.len()..)?.trim_ascii_start();
        let after = after.strip_prefix(b"*").unwrap_or(after);
        let after = after.strip_prefix(b"0*").or_else(|| after.strip_prefix(b"0")).unwrap_or(after);
        let Some(given) = after.strip_prefix(b"=") else { continue };
        let given = given.trim_ascii_start();
        if let Some(quoted) = given.strip_prefix(b"\"") {
            return quoted.get(..memchr(b'"', quoted).unwrap_or(quoted.len()));
        }
        let end = given.iter().position(|byte| matches!(byte, b';' | b' ' | b'\t' | b'\r' | b'\n'));
        return given.get(..end.unwrap_or(given.len()));
    }
    None
}

/// The parts of a message.
#[derive(Clone, Debug, Default)]
pub struct Parts<'a> {
    /// Leaves, in the order in which they stand.
    pub leaves: Vec<Part<'a>>,
    /// Parts that were not looked at: too many, or too deep.
    pub beyond: usize,
}

/// An open boundary, and how deep what it parts lies.
struct Open<'a> {
    boundary: &'a [u8],
    depth: usize,
}

/// Takes the body of a message apart.
pub(super) fn parts<'a>(said: &Said<'a>, body: &'a [u8], into: &mut Parts<'a>) {
    into.leaves.clear();
    into.beyond = 0;
    let Some(boundary) = said.boundary() else {
        into.leaves.push(said.part(body, 0));
        return;
    };
    let mut open = vec![Open { boundary, depth: 1 }];
    // The leaf that is being read: what is said of it, where it begins.
    let mut leaf: Option<(Said<'a>, usize)> = None;
    let mut at = 0;
    while at < body.len() {
        let rest = body.get(at..).unwrap_or_default();
        let end = memchr(b'\n', rest).unwrap_or(rest.len());
        let line = rest.get(..end).unwrap_or_default();
        let next = at + end + 1;
        let found = line
            .strip_prefix(b"--")
            .and_then(|line| open.iter().rposition(|open| line.starts_with(open.boundary)).map(|which| (which, line)));
        let Some((which, line)) = found else {
            at = next;
            continue;
        };
        if let Some((said, start)) = leaf.take() {
            let body = body.get(start..at).unwrap_or_default();
            into.leaves.push(said.part(body.strip_suffix(b"\n").unwrap_or(body), open.len()));
        }
        open.truncate(which + 1);
        let boundary = open.last().map_or(0, |open| open.boundary.len());
        if line.get(boundary..).is_some_and(|rest| rest.starts_with(b"--")) {
            open.pop();
            at = next;
            if open.is_empty() {
                break;
            }
            continue;
        }
        if into.leaves.len() >= MOST_PARTS {
            into.beyond += 1;
            at = next;
            continue;
        }
        let mut said = Said::default();
        let mut fields = Fields::new(body.get(next..).unwrap_or_default());
        for field in fields.by_ref() {
            // A line that is a boundary is no field; a header that never ends must not swallow it.
            said.take(&field);
        }
        let start = next + fields.body();
        match said.boundary() {
            Some(boundary) if open.len() < MOST_DEPTH => {
                let depth = open.last().map_or(1, |open| open.depth + 1);
                open.push(Open { boundary, depth });
            }
            Some(_) => into.beyond += 1,
            None => leaf = Some((said, start)),
        }
        at = start;
    }
    if let Some((said, start)) = leaf {
        // It was cut off, or never closed.
        into.leaves.push(said.part(body.get(start..).unwrap_or_default(), open.len()));
    }
}
