//! The order of Python packages before PEP 440, as setuptools' `parse_version` had it: digits padded to eight places,
//! letters marked with `*`, compared as texts.

use super::number::split_text_while;

/// The parts of a version in lower case, to be compared as a list of texts.
pub(super) fn key(text: &str) -> Vec<Box<str>> {
    let mut parts: Vec<Box<str>> = Vec::new();
    let mut rest = text;
    while let Some((part, after)) = next_part(rest) {
        rest = after;
        if part == "." {
            continue;
        }
        if part.starts_with(|first: char| first.is_ascii_digit()) {
            parts.push(format!("{part:0>8}").into());
        } else {
            push_text(&mut parts, replacement(part));
        }
    }
    push_text(&mut parts, "*final".into());
    parts
}

fn replacement(part: &str) -> Box<str> {
    match part {
        "pre" | "preview" | "rc" => "*c".into(),
        "-" => "*final-".into(),
        "dev" => "*@".into(),
        part => format!("*{part}").into(),
    }
}

fn push_text(parts: &mut Vec<Box<str>>, text: Box<str>) {
    // A hyphen before a pre-release does not count, nor do zeros before any text.
    if &*text < "*final" {
        drop_all(parts, "*final-");
    }
    drop_all(parts, "00000000");
    parts.push(text);
}

fn drop_all(parts: &mut Vec<Box<str>>, unwanted: &str) {
    while parts.last().is_some_and(|last| &**last == unwanted) {
        parts.pop();
    }
}

/// Splits off a run of digits, a run of letters, one dot, one hyphen, or a run of anything else.
fn next_part(text: &str) -> Option<(&str, &str)> {
    let first = text.bytes().next()?;
    let length = match first {
        b'0'..=b'9' => return Some(split_text_while(text, |byte| byte.is_ascii_digit())),
        b'a'..=b'z' => return Some(split_text_while(text, |byte| byte.is_ascii_lowercase())),
        b'.' | b'-' => 1,
        _ => text
            .find(|next: char| next.is_ascii_digit() || next.is_ascii_lowercase() || next == '.' || next == '-')
            .unwrap_or(text.len()),
    };
    text.split_at_checked(length)
}
