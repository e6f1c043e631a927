//! Characters that make a name look like another one: they cannot be seen, or belong to another script.

use super::codes;
use super::sink::Sink;
use super::tree::{Node, Value};

/// Letters that look like a Latin one: Cyrillic, Greek and a few signs.
const ALIKE: &[(&str, char)] = &[
    ("аΑА", 'a'),
    ("ВΒ", 'B'),
    ("сСϲ", 'c'),
    ("ԁ", 'd'),
    ("еЕΕ", 'e'),
    ("ɡ", 'g'),
    ("НΗһ", 'h'),
    ("іІΙι", 'i'),
    ("јЈ", 'j'),
    ("КΚκ", 'k'),
    ("ⅼ", 'l'),
    ("МΜ", 'M'),
    ("Νո", 'n'),
    ("оОΟο", 'o'),
    ("рРΡρ", 'p'),
    ("ԛ", 'q'),
    ("ѕЅ", 's'),
    ("ТΤ", 'T'),
    ("υս", 'u'),
    ("ν", 'v'),
    ("ԝ", 'w'),
    ("хХΧ", 'x'),
    ("уУΥ", 'y'),
    ("Ζ", 'Z'),
    ("∗＊٭", '*'),
    ("：꞉∶", ':'),
    ("⁄∕", '/'),
    ("‐‑–−", '-'),
];

/// Whether it takes no room or turns the direction of writing.
const fn is_invisible(letter: char) -> bool {
    matches!(letter,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e007f}')
}

/// A blank that is no space.
const fn is_blank(letter: char) -> bool {
    matches!(letter, '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\u{85}')
}

/// The Latin letter that `letter` looks like.
pub(super) fn latin(letter: char) -> Option<char> {
    // Full-width forms of ASCII stand in the same order.
    let wide =
        u32::from(letter).checked_sub(0xfee0).filter(|code| (0x21..0x7f).contains(code)).and_then(char::from_u32);
    wide.or_else(|| ALIKE.iter().find(|(these, _)| these.contains(letter)).map(|(_, latin)| *latin))
}

/// Finds such characters in every name and string below `node`.
pub(super) fn check(node: &Node<'_>, sink: &mut Sink) {
    match &node.value {
        Value::Text(text) => text_at(text, node.at, sink),
        Value::List(items) => items.iter().for_each(|item| check(item, sink)),
        Value::Object(members) => {
            for member in members {
                text_at(&member.key, member.at, sink);
                check(&member.value, sink);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn text_at(text: &str, at: usize, sink: &mut Sink) {
    if text.is_ascii() {
        return;
    }
    if let Some(hidden) = text.chars().find(|letter| is_invisible(*letter) || is_blank(*letter)) {
        let clean: String = text.chars().filter(|letter| !is_invisible(*letter) && !is_blank(*letter)).collect();
        let says = format!("there is an invisible U+{:04X} in {clean:?}", u32::from(hidden));
        sink.advise(&codes::INVISIBLE_CHARACTER, at, says, format!("{clean:?}"));
        return;
    }
    // A word all in Cyrillic or Greek is a word of that language; mixed with Latin letters it is a disguise.
    let mixed = |word: &str| {
        word.bytes().any(|byte| byte.is_ascii_alphabetic()) && word.chars().any(|letter| latin(letter).is_some())
    };
    let Some(word) = text.split(char::is_whitespace).find(|word| mixed(word)) else { return };
    let Some(alien) = word.chars().find(|letter| latin(*letter).is_some()) else { return };
    let clean: String = text.chars().map(|letter| latin(letter).unwrap_or(letter)).collect();
    let says =
        format!("the {alien} in {text:?} is U+{:04X}, which only looks like a letter of {clean:?}", u32::from(alien));
    sink.advise(&codes::LOOK_ALIKE, at, says, format!("{clean:?}"));
}
