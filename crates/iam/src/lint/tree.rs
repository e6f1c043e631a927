//! JSON with the place of every value, for findings that point at what is wrong. Reads exactly what RFC 8259 allows, and
//! says of the rest where it ends and what to type instead. Nesting and the number of values are bounded.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Deeper nesting is refused; policies need eight levels.
const DEEPEST: usize = 64;
/// More values are refused: some hundred times what the largest policy has.
const MOST: usize = 2_000_000;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Node<'t> {
    /// Where it begins, in bytes from the start of the text.
    pub at: usize,
    /// Where it ends.
    pub end: usize,
    /// The value.
    pub value: Value<'t>,
}

/// A JSON value.
#[derive(Clone, Debug)]
pub enum Value<'t> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as written.
    Number(&'t str),
    /// A string, without its quotes and escapes.
    Text(Cow<'t, str>),
    /// An array.
    List(Vec<Node<'t>>),
    /// An object, in the order written, keys that stand twice included.
    Object(Vec<Member<'t>>),
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Member<'t> {
    /// The key.
    pub key: Cow<'t, str>,
    /// Where the key begins.
    pub at: usize,
    /// The value.
    pub value: Node<'t>,
}

/// Why a text is no JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where, in bytes from the start.
    pub at: usize,
    /// A sentence without its end.
    pub says: String,
    /// What to do instead.
    pub instead: Option<String>,
}

impl<'t> Node<'t> {
    /// Reads `text`.
    pub fn parse(text: &'t str) -> Result<Self, Fault> {
        let mut reader = Reader { text, at: 0, count: 0 };
        if text.starts_with('\u{feff}') {
            reader.at = '\u{feff}'.len_utf8();
        }
        reader.blank();
        if reader.peek().is_none() {
            return reader.fault("there is nothing in it", None);
        }
        let node = reader.value(0)?;
        reader.blank();
        match reader.peek() {
            None => Ok(node),
            Some('{') => reader.fault("a second document begins here", Some("put the statements of both into one")),
            Some(_) => reader.fault("the document has ended before this", Some("remove what follows its last bracket")),
        }
    }

    /// The string, if it is one.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The members, if it is an object.
    pub fn members(&self) -> &[Member<'t>] {
        match &self.value {
            Value::Object(members) => members,
            _ => &[],
        }
    }

    /// The value of the first member called `key`, in exactly this case.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.members().iter().find(|member| member.key == key).map(|member| &member.value)
    }

    /// An array's values, or the value itself: policies take one for a list of one.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => std::slice::from_ref(self),
        }
    }

    /// What it is, for sentences.
    pub const fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::Text(_) => "a string",
            Value::List(_) => "an array",
            Value::Object(_) => "an object",
        }
    }

    /// The way from here to what stands at `at`: `Statement[0].Action[1]`.
    pub fn path_to(&self, at: usize) -> String {
        let mut path = String::new();
        let mut node = self;
        loop {
            let below = match &node.value {
                Value::Object(members) => {
                    members.iter().find(|member| member.at <= at && at < member.value.end).map(|found| {
                        if !path.is_empty() {
                            path.push('.');
                        }
                        path.push_str(&found.key);
                        &found.value
                    })
                }
                Value::List(items) => {
                    items.iter().enumerate().find(|(_, item)| item.at <= at && at < item.end).map(|(index, item)| {
                        let _ = write!(path, "[{index}]");
                        item
                    })
                }
                _ => None,
            };
            match below {
                Some(below) => node = below,
                None => return path,
            }
        }
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    count: usize,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    fn blank(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    fn fault<T>(&self, says: &str, instead: Option<&str>) -> Result<T, Fault> {
        Err(Fault { at: self.at, says: says.to_owned(), instead: instead.map(str::to_owned) })
    }

    fn value(&mut self, depth: usize) -> Result<Node<'t>, Fault> {
        if depth > DEEPEST {
            return self.fault("it is nested deeper than 64 levels", None);
        }
        self.count += 1;
        if self.count > MOST {
            return self.fault("it has more than two million values", None);
        }
        let at = self.at;
        let value = match self.peek() {
            Some('{') => self.object(depth)?,
            Some('[') => self.list(depth)?,
            Some('"') => Value::Text(self.string()?),
            Some('-' | '0'..='9') => Value::Number(self.number()?),
            Some(letter) if letter.is_ascii_alphabetic() => return self.word(at),
            Some('\'') => return self.fault("strings stand in double quotes", Some("write \" instead of '")),
            Some('\u{201c}' | '\u{201d}' | '\u{201e}') => {
                return self.fault("these are the quotes of printed text", Some("write \" instead"));
            }
            Some('/' | '#') => return self.comment(),
            Some(']' | '}' | ',') => {
                return self.fault("a value is missing here", Some("remove the comma before it, or write the value"));
            }
            Some(_) => return self.fault("no value begins like this", None),
            None => return self.fault("it ends where a value is expected; it was cut off", None),
        };
        Ok(Node { at, end: self.at, value })
    }

    fn comment<T>(&self) -> Result<T, Fault> {
        self.fault("JSON has no comments", Some("remove it; a Sid can say what a statement is for"))
    }

    fn word(&mut self, at: usize) -> Result<Node<'t>, Fault> {
        let word: &str = self.rest().split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default();
        let value = match word {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            _ => {
                let lower = word.to_ascii_lowercase();
                let instead = match lower.as_str() {
                    "true" | "false" => lower,
                    "none" | "nil" | "undefined" => "null".to_owned(),
                    _ => format!("\"{word}\""),
                };
                let says = format!("{word} is neither a string nor true, false or null");
                return Err(Fault { at, says, instead: Some(format!("write {instead}")) });
            }
        };
        self.at += word.len();
        Ok(Node { at, end: self.at, value })
    }

    fn object(&mut self, depth: usize) -> Result<Value<'t>, Fault> {
        self.at += 1;
        let mut members = Vec::new();
        self.blank();
        if self.eat('}') {
            return Ok(Value::Object(members));
        }
        loop {
            self.blank();
            let at = self.at;
            match self.peek() {
                Some('"') => {}
                Some('}') => return self.fault("a comma stands before the closing bracket", Some("remove that comma")),
                Some('\'') => return self.fault("names stand in double quotes", Some("write \" instead of '")),
                Some('/' | '#') => return self.comment(),
                Some(letter) if letter.is_alphabetic() => {
                    return self.fault("names stand in double quotes", Some("write \"…\" around it"));
                }
                Some(',') => return self.fault("there is a comma too many", Some("remove it")),
                Some(_) => return self.fault("a name in double quotes is expected here", None),
                None => return self.fault("it ends inside an object; it was cut off", Some("close it with }")),
            }
            let key = self.string()?;
            self.blank();
            if !self.eat(':') {
                return self.fault("a colon is missing between a name and its value", Some("write : here"));
            }
            self.blank();
            members.push(Member { key, at, value: self.value(depth + 1)? });
            self.blank();
            if self.eat('}') {
                return Ok(Value::Object(members));
            }
            if !self.eat(',') {
                return self.after("}", "an object");
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value<'t>, Fault> {
        self.at += 1;
        let mut items = Vec::new();
        self.blank();
        if self.eat(']') {
            return Ok(Value::List(items));
        }
        loop {
            self.blank();
            if self.peek() == Some(']') {
                return self.fault("a comma stands before the closing bracket", Some("remove that comma"));
            }
            items.push(self.value(depth + 1)?);
            self.blank();
            if self.eat(']') {
                return Ok(Value::List(items));
            }
            if !self.eat(',') {
                return self.after("]", "an array");
            }
        }
    }

    /// What is wrong where neither a comma nor the closing bracket stands.
    fn after<T>(&self, bracket: &str, of: &str) -> Result<T, Fault> {
        match self.peek() {
            Some('"' | '{' | '[' | '-' | '0'..='9') => {
                self.fault("a comma is missing before this", Some("write , after the value before it"))
            }
            Some('/' | '#') => self.comment(),
            Some(_) => self.fault(&format!("a comma or {bracket} is expected here"), None),
            None => {
                self.fault(&format!("it ends inside {of}; it was cut off"), Some(&format!("close it with {bracket}")))
            }
        }
    }

    fn number(&mut self) -> Result<&'t str, Fault> {
        let (text, at) = (self.rest(), self.at);
        let length =
            text.find(|letter: char| !matches!(letter, '0'..='9' | '-' | '+' | '.' | 'e' | 'E')).unwrap_or(text.len());
        let number = text.get(..length).unwrap_or_default();
        let digits = number.strip_prefix('-').unwrap_or(number);
        let whole = digits.split(['.', 'e', 'E']).next().unwrap_or_default();
        let leading = whole.len() > 1 && whole.starts_with('0');
        let dangling = digits.split(['e', 'E']).next().is_some_and(|part| part.ends_with('.'));
        if leading
            || dangling
            || !digits.starts_with(|first: char| first.is_ascii_digit())
            || number.parse::<f64>().is_err()
        {
            let says = format!("{number} is no number of JSON");
            return Err(Fault {
                at,
                says,
                instead: Some(format!("write \"{number}\" if it is an account or another name")),
            });
        }
        self.at += length;
        Ok(number)
    }

    fn string(&mut self) -> Result<Cow<'t, str>, Fault> {
        let start = self.at + 1;
        let body = self.text.get(start..).unwrap_or_default();
        let Some(stop) = body.find(|letter: char| letter == '"' || letter == '\\' || letter < ' ') else {
            return self.fault("a string begins here and never ends", Some("close it with \""));
        };
        if body.as_bytes().get(stop) == Some(&b'"') {
            self.at = start + stop + 1;
            return Ok(Cow::Borrowed(body.get(..stop).unwrap_or_default()));
        }
        let mut text = body.get(..stop).unwrap_or_default().to_owned();
        let mut letters = body.char_indices().skip_while(|(place, _)| *place < stop);
        while let Some((place, letter)) = letters.next() {
            let here = start + place;
            match letter {
                '"' => {
                    self.at = here + 1;
                    return Ok(Cow::Owned(text));
                }
                '\n' | '\r' => {
                    let says = "a string runs over the end of its line".to_owned();
                    return Err(Fault {
                        at: here,
                        says,
                        instead: Some("close it with \", or write \\n for a line's end".to_owned()),
                    });
                }
                letter if letter < ' ' => {
                    let says = format!("U+{:04X} must not stand in a string", u32::from(letter));
                    return Err(Fault { at: here, says, instead: Some("remove it".to_owned()) });
                }
                '\\' => text.push(escape(&mut letters, here)?),
                letter => text.push(letter),
            }
        }
        self.fault("a string begins here and never ends", Some("close it with \""))
    }
}

/// The character that a backslash at `at` and what follows it stand for.
fn escape(letters: &mut impl Iterator<Item = (usize, char)>, at: usize) -> Result<char, Fault> {
    let fault =
        |says: &str| Fault { at, says: says.to_owned(), instead: Some("write \\\\ for a backslash".to_owned()) };
    let hex = |letters: &mut dyn Iterator<Item = (usize, char)>| -> Option<u32> {
        (0..4).try_fold(0, |code, _| Some(code * 16 + letters.next()?.1.to_digit(16)?))
    };
    Ok(match letters.next().map(|(_, letter)| letter) {
        Some(letter @ ('"' | '\\' | '/')) => letter,
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('u') => {
            let code = hex(letters).ok_or_else(|| fault("\\u takes four hexadecimal digits"))?;
            let lonely = || fault("half of a pair of \\u escapes is missing");
            if (0xd800..0xdc00).contains(&code) {
                if letters.next().map(|found| found.1) != Some('\\') || letters.next().map(|found| found.1) != Some('u')
                {
                    return Err(lonely());
                }
                let low = hex(letters).filter(|low| (0xdc00..0xe000).contains(low)).ok_or_else(lonely)?;
                char::from_u32(0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)).ok_or_else(lonely)?
            } else {
                char::from_u32(code).ok_or_else(lonely)?
            }
        }
        _ => return Err(fault("a backslash stands before what it cannot stand before")),
    })
}

/// Where lines begin, to turn places into lines and columns.
#[derive(Debug)]
pub struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
    /// How many characters begin before each piece of [`PIECE`] bytes: a file may be one line of megabytes.
    before: Vec<usize>,
}

const PIECE: usize = 1 << 10;

fn begin(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| !matches!(byte, 0x80..=0xbf)).count()
}

impl<'t> Lines<'t> {
    /// The lines of `text`.
    pub fn of(text: &'t str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let mut before = vec![0];
        let mut sum = 0;
        before.extend(text.as_bytes().chunks(PIECE).map(|piece| {
            sum += begin(piece);
            sum
        }));
        Self { text, starts, before }
    }

    /// How many characters begin before the byte at `at`.
    fn characters(&self, at: usize) -> usize {
        let at = at.min(self.text.len());
        let piece = at / PIECE;
        let rest = self.text.as_bytes().get(piece * PIECE..at).map_or(0, begin);
        self.before.get(piece).copied().unwrap_or_default() + rest
    }

    /// Line and column of the byte at `at`, both counted from one; columns in characters.
    pub fn place(&self, at: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= at).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or_default();
        let mark = self.text.get(start..).is_some_and(|line| line.starts_with('\u{feff}') && at > start);
        (line, self.characters(at).saturating_sub(self.characters(start)) + usize::from(!mark))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(node: &Node<'_>) -> serde_json::Value {
        match &node.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Number(number) => serde_json::from_str(number).unwrap(),
            Value::Text(text) => text.as_ref().into(),
            Value::List(items) => items.iter().map(plain).collect(),
            Value::Object(members) => {
                members.iter().map(|member| (member.key.to_string(), plain(&member.value))).collect()
            }
        }
    }

    #[test]
    fn every_value_knows_its_place() {
        let text = "{\n  \"a\": [1, \"x\"],\n  \"ä\": {\"b\": null}\n}";
        let tree = Node::parse(text).unwrap();
        let lines = Lines::of(text);
        let x = &tree.get("a").unwrap().items()[1];
        assert_eq!((lines.place(x.at), tree.path_to(x.at)), ((2, 12), "a[1]".to_owned()));
        let b = tree.get("ä").unwrap().get("b").unwrap();
        assert_eq!((lines.place(b.at), tree.path_to(b.at)), ((3, 14), "ä.b".to_owned()));
    }

    #[test]
    fn what_is_no_json_is_told_with_its_place_and_what_to_type() {
        for (text, place, instead) in [
            ("", (1, 1), None),
            ("{\"a\": 1,}", (1, 9), Some("remove that comma")),
            ("{\"a\": 1\n \"b\": 2}", (2, 2), Some("write , after the value before it")),
            ("{'a': 1}", (1, 2), Some("write \" instead of '")),
            ("{a: 1}", (1, 2), Some("write \"…\" around it")),
            ("{\"a\": True}", (1, 7), Some("write true")),
            ("{\"a\": [1, 2", (1, 12), Some("close it with ]")),
            ("// x\n{}", (1, 1), Some("remove it; a Sid can say what a statement is for")),
            ("{} {}", (1, 4), Some("put the statements of both into one")),
            ("{\"a\": 012}", (1, 7), Some("write \"012\" if it is an account or another name")),
            ("{\"a\": \"x\ny\"}", (1, 9), Some("close it with \", or write \\n for a line's end")),
            ("{\"a\": \"\\d\"}", (1, 8), Some("write \\\\ for a backslash")),
        ] {
            let fault = Node::parse(text).expect_err(text);
            assert_eq!((Lines::of(text).place(fault.at), fault.instead.as_deref()), (place, instead), "{text}");
        }
    }

    #[test]
    fn deep_nesting_and_endless_lists_are_refused() {
        assert!(Node::parse(&"[".repeat(1_000_000)).is_err());
        assert!(Node::parse(&format!("[{}1]", "1,".repeat(2_000_000))).is_err());
    }

    proptest! {
        #[test]
        fn it_reads_what_serde_json_reads_and_nothing_else(text in r#"[\[\]{}",:\\ntu0-9a.e \-"]{0,24}"#) {
            let theirs = serde_json::from_str::<serde_json::Value>(&text);
            match Node::parse(&text) {
                Ok(tree) => {
                    let theirs = theirs.map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
                    prop_assert_eq!(plain(&tree), theirs);
                },
                // Numbers beyond what a double holds are an error only there.
                Err(fault) => prop_assert!(theirs.is_err(), "{}: {:?}", text, fault),
            }
        }
    }
}
