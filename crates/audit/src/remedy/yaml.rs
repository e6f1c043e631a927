//! YAML as a compose file needs it: block style, two blanks a level. Every string is quoted: YAML's bare words turn into
//! numbers, booleans and nulls, and compose replaces `$` by variables. It goes straight into the text, as thousands of
//! fragments are written for a crowded host.

use std::fmt::Write as _;

use serde_json::Value;

/// The entries of a mapping in the making: what is empty is left out.
pub(super) struct Lines {
    depth: usize,
    text: String,
}

impl Lines {
    /// None yet; each will stand `depth` levels in.
    pub(super) fn at(depth: usize) -> Self {
        Self { depth, text: String::with_capacity(512) }
    }

    /// Puts them below the key that `text` ends with.
    pub(super) fn end(self, text: &mut String) {
        if self.text.is_empty() {
            text.push_str(" {}\n");
        } else {
            text.push('\n');
            text.push_str(&self.text);
        }
    }

    /// An entry of whatever form.
    pub(super) fn set(&mut self, key: &str, value: Option<Value>) {
        if let Some(value) = value {
            self.key(key);
            nested(&value, self.depth, &mut self.text);
        }
    }

    /// A string, unless it is empty.
    pub(super) fn text(&mut self, key: &str, value: &str) {
        if !value.is_empty() {
            self.key(key);
            self.word(value);
        }
    }

    /// `true`, or nothing.
    pub(super) fn on(&mut self, key: &str, on: bool) {
        if on {
            self.key(key);
            self.text.push_str(" true\n");
        }
    }

    /// Strings, unless there are none.
    pub(super) fn list<S: AsRef<str>>(&mut self, key: &str, values: impl IntoIterator<Item = S>) {
        let mut values = values.into_iter().peekable();
        if values.peek().is_none() {
            return;
        }
        self.key(key);
        self.text.push('\n');
        for value in values {
            indent(self.depth + 1, &mut self.text);
            self.text.push('-');
            self.word(value.as_ref());
        }
    }

    /// Strings by name, unless there are none.
    pub(super) fn pairs<'a>(&mut self, key: &str, values: impl Iterator<Item = (&'a String, &'a String)>) {
        let mut values = values.peekable();
        if values.peek().is_none() {
            return;
        }
        self.key(key);
        self.text.push('\n');
        self.depth += 1;
        for (key, value) in values {
            self.key(key);
            self.word(value);
        }
        self.depth -= 1;
    }

    fn key(&mut self, key: &str) {
        indent(self.depth, &mut self.text);
        key_word(key, &mut self.text);
        self.text.push(':');
    }

    fn word(&mut self, value: &str) {
        self.text.push(' ');
        quoted(value, "$$", &mut self.text);
        self.text.push('\n');
    }
}

/// `key:` and its value, `depth` levels in.
pub(super) fn entry(key: &str, value: &Value, depth: usize, text: &mut String) {
    indent(depth, text);
    key_word(key, text);
    text.push(':');
    nested(value, depth, text);
}

fn nested(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::Object(map) if map.is_empty() => text.push_str(" {}\n"),
        Value::Array(items) if items.is_empty() => text.push_str(" []\n"),
        Value::Object(map) => {
            text.push('\n');
            for (key, value) in map {
                entry(key, value, depth + 1, text);
            }
        }
        Value::Array(items) => {
            text.push('\n');
            for item in items {
                indent(depth + 1, text);
                text.push('-');
                nested(item, depth + 1, text);
            }
        }
        Value::String(word) => {
            text.push(' ');
            quoted(word, "$$", text);
            text.push('\n');
        }
        other => {
            let _ = writeln!(text, " {other}");
        }
    }
}

fn indent(depth: usize, text: &mut String) {
    for _ in 0..depth {
        text.push_str("  ");
    }
}

/// A key: bare where YAML cannot take it for anything else.
pub(super) fn key_word(key: &str, text: &mut String) {
    let taken = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    let plain = key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
        && !taken.iter().any(|word| word.eq_ignore_ascii_case(key));
    if plain {
        text.push_str(key);
    } else {
        quoted(key, "$", text);
    }
}

/// A double-quoted YAML string, with `dollar` for `$`; whatever is not plainly printable is escaped.
fn quoted(value: &str, dollar: &str, text: &mut String) {
    text.push('"');
    if value.bytes().all(|byte| (byte == b' ' || byte.is_ascii_graphic()) && !b"\"\\$".contains(&byte)) {
        text.push_str(value);
    } else {
        for character in value.chars() {
            match character {
                '"' => text.push_str("\\\""),
                '\\' => text.push_str("\\\\"),
                '\n' => text.push_str("\\n"),
                '$' => text.push_str(dollar),
                c if c == ' ' || c.is_ascii_graphic() || c.is_alphanumeric() => text.push(c),
                c => {
                    let _ = write!(text, "\\U{:08x}", u32::from(c));
                }
            }
        }
    }
    text.push('"');
}
