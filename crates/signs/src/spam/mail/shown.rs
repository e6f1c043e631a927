//! Fields and texts as people read them: encoded words decoded, bounded in length.

use super::decode::{base64, quoted};

/// So many characters are shown.
const MOST: usize = 120;

/// The value of a field.
pub fn value(value: &[u8]) -> String {
    text(&words(value.get(..value.len().min(2000)).unwrap_or_default()))
}

/// Bytes as text in one line, its head.
pub fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes.get(..bytes.len().min(4 * MOST)).unwrap_or_default());
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    match line.char_indices().nth(MOST) {
        Some((end, _)) => {
            line.truncate(end);
            line.push('…');
            line
        }
        None => line,
    }
}

/// Undoes encoded words (RFC 2047): `=?utf-8?B?…?=`.
pub fn words(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = memchr::memmem::find(rest, b"=?") {
        out.extend_from_slice(rest.get(..at).unwrap_or_default());
        let word = rest.get(at + 2..).unwrap_or_default();
        let Some(end) = one(word, &mut out) else {
            out.extend_from_slice(b"=?");
            rest = word;
            continue;
        };
        rest = word.get(end..).unwrap_or_default();
        // White space between two of them is none.
        let trimmed = rest.trim_ascii_start();
        if trimmed.starts_with(b"=?") {
            rest = trimmed;
        }
    }
    out.extend_from_slice(rest);
    out
}

/// One encoded word behind its `=?`; says where it ends.
fn one(word: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    let mut marks = memchr::memchr_iter(b'?', word);
    let (first, second) = (marks.next()?, marks.next()?);
    let charset = word.get(..first)?;
    let text = word.get(second + 1..)?;
    let end = memchr::memmem::find(text, b"?=")?;
    let mut bytes = Vec::new();
    let text = text.get(..end)?;
    match word.get(first + 1..second)? {
        b"B" | b"b" => base64(text, 2000, &mut bytes),
        b"Q" | b"q" => quoted(text, 2000, &mut bytes, true),
        _ => return None,
    }
    if charset.len() > 40 {
        return None;
    }
    if charset.get(..8).is_some_and(|start| start.eq_ignore_ascii_case(b"iso-8859")) {
        out.extend(bytes.iter().map(|byte| char::from(*byte)).collect::<String>().bytes());
    } else {
        out.extend_from_slice(&bytes);
    }
    Some(second + 1 + end + 2)
}
