//! Text that comes from containers, images and daemons is written by attackers. Whatever is shown goes through here.

use std::borrow::Cow;

/// The longest piece of foreign text that a screen shows, in characters; longer ones are cut with an ellipsis.
pub const LONGEST: usize = 400;

/// `text` as a part of an address, a package URL or a file's name: everything but letters, digits, `.-_` and what is `plain`
/// as `%XX`.
///
/// ```
/// assert_eq!(keelguard_model::text::percent_encoded("Red Hat/9", b""), "Red%20Hat%2f9");
/// ```
pub fn percent_encoded(text: &str, plain: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b".-_".contains(&byte) || plain.contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.extend([byte >> 4, byte & 15].into_iter().filter_map(|half| char::from_digit(u32::from(half), 16)));
        }
    }
    out
}

/// `text` without anything a terminal, a log or a reader's eye could be misled by: control characters (C0, C1, escape
/// sequences), line breaks, bidirectional overrides and invisible format characters are shown as `\u{…}`; what is longer
/// than [`LONGEST`] is cut.
///
/// ```
/// assert_eq!(keelguard_model::text::printable("web\u{1b}[2J"), "web\\u{1b}[2J");
/// ```
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST && !text.chars().any(misleads) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len().min(LONGEST) + 8);
    for (count, character) in text.chars().enumerate() {
        if count == LONGEST {
            shown.push('…');
            break;
        }
        match character {
            '\n' => shown.push_str("\\n"),
            '\t' => shown.push_str("\\t"),
            character if misleads(character) => shown.extend(character.escape_unicode()),
            character => shown.push(character),
        }
    }
    Cow::Owned(shown)
}

/// [`printable`] for text of several lines that is meant to keep them, such as a compose fragment.
pub fn printable_block(text: &str) -> String {
    text.lines().map(printable).collect::<Vec<_>>().join("\n")
}

/// `text` as one word of a POSIX shell: bare where that is safe, else in single quotes.
///
/// ```
/// use keelguard_model::text::shell_word;
/// assert_eq!(shell_word("web-1"), "web-1");
/// assert_eq!(shell_word("a b'c"), r"'a b'\''c'");
/// ```
pub fn shell_word(text: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=@%+,".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
}

fn misleads(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_line_breaks_and_bidirectional_overrides_are_shown_not_obeyed() {
        assert_eq!(printable("a\u{1b}]0;x\u{7}b"), "a\\u{1b}]0;x\\u{7}b");
        assert_eq!(printable("one\ntwo\r"), "one\\ntwo\\u{d}");
        assert_eq!(printable("gpj.\u{202e}exe"), "gpj.\\u{202e}exe");
        assert_eq!(printable("csi\u{9b}31m"), "csi\\u{9b}31m");
    }

    #[test]
    fn huge_text_is_cut() {
        assert_eq!(printable(&"x".repeat(100_000)).chars().count(), LONGEST + 1);
    }

    #[test]
    fn ordinary_text_in_any_script_is_left_alone() {
        for text in ["web", "bücher-köln", "データ", "a/b:c@sha256"] {
            assert!(matches!(printable(text), Cow::Borrowed(_)), "{text}");
        }
    }

    #[test]
    fn a_hostile_name_stays_one_shell_word() {
        assert_eq!(shell_word("$(reboot)"), "'$(reboot)'");
        assert_eq!(shell_word(""), "''");
        assert_eq!(shell_word("a\nb"), "'a\nb'");
    }
}
