//! XML, element by element: where it stands, its attributes and its text. Namespaces are dropped, entities beyond the
//! five of XML are not expanded.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::malformed;
use crate::analyse::AnalyseError;

/// Project files are some ten levels deep.
const MAX_DEPTH: usize = 64;
/// Longest text of an element that is kept, bytes.
const MAX_TEXT: usize = 4096;

/// Attributes of an element that are looked at.
const MAX_ATTRIBUTES: usize = 64;

/// An element that has not ended yet.
struct Open {
    /// Length of the path to the element it lies in.
    parent: usize,
    text: String,
    attributes: Vec<(String, String)>,
}

/// An element at its end.
pub(super) struct Element<'a> {
    /// The names of the elements it lies in, and its own: `project/dependencies/dependency`.
    pub(super) path: &'a str,
    /// Its text, trimmed, without that of the elements in it.
    pub(super) text: String,
    attributes: Vec<(String, String)>,
}

impl Element<'_> {
    /// The value of an attribute; empty where there is none.
    pub(super) fn attribute(&self, name: &str) -> &str {
        self.attributes.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

/// Shows each element to `visit` where it ends.
pub(super) fn walk(text: &str, visit: &mut dyn FnMut(&Element<'_>)) -> Result<(), AnalyseError> {
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    reader.config_mut().expand_empty_elements = true;
    let mut path = String::new();
    let mut open: Vec<Open> = Vec::new();
    loop {
        match reader.read_event().map_err(malformed)? {
            Event::Start(start) => {
                let length = path.len();
                if length > 0 {
                    path.push('/');
                }
                path.push_str(start.local_name().as_ref());
                open.push(Open { parent: length, text: String::new(), attributes: attributes(&start) });
                if open.len() > MAX_DEPTH || path.len() > MAX_TEXT {
                    return Err(malformed(format!("it is nested more than {MAX_DEPTH} levels deep")));
                }
            }
            Event::Text(part) => append(&mut open, &part),
            Event::CData(part) => append(&mut open, &part),
            Event::End(_) => {
                let Some(Open { parent, text, attributes }) = open.pop() else { continue };
                visit(&Element { path: &path, text: text.trim().to_owned(), attributes });
                path.truncate(parent);
            }
            Event::Eof if open.is_empty() => return Ok(()),
            Event::Eof => return Err(malformed("it ends inside an element")),
            _ => {}
        }
    }
}

fn append(open: &mut [Open], part: &str) {
    if let Some(element) = open.last_mut() {
        element.text.extend(part.chars().take(MAX_TEXT.saturating_sub(element.text.len())));
    }
}

fn attributes(start: &BytesStart<'_>) -> Vec<(String, String)> {
    // Checking names for repetition takes the square of their number.
    let mut attributes = start.attributes();
    let attributes = attributes.with_checks(false).flatten().take(MAX_ATTRIBUTES);
    attributes.map(|one| (one.key.local_name().as_ref().to_owned(), one.value.into_owned())).collect()
}
