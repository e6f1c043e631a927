//! The modifiers after a field's name: which there are, which go together, and the tests they make of values.

use ipnet::IpNet;

use super::encode::{base64, base64_offsets, dashes, utf16};
use super::error::Flaw;
use super::pattern::{Glob, Pattern, Piece};
use super::placeholders::expand;
use super::regexes;
use super::test::{Item, Number, Order, Part, Position, Test};
use super::yaml::{Kind, Node};
use super::{Budget, row::KEYWORDS};

/// A change of a value, in the order in which they are written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Base64,
    Base64Offset,
    Utf16 { big_endian: bool, mark: bool },
    Dashes,
    Expand,
}

/// What kind of test the values are for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Text,
    Regex,
    Cidr,
    Number(Order),
    Date(Part),
    Exists,
    Field,
}

/// All modifiers of a field.
struct Modifiers {
    changes: Vec<Change>,
    sort: Sort,
    position: Position,
    /// `i`
    insensitive: bool,
    /// `m`
    lines: bool,
    /// `s`
    dots: bool,
    /// Of a date's part.
    order: Option<Order>,
    all: bool,
    cased: bool,
    negated: bool,
}

impl Modifiers {
    /// Reads `contains|all` and the like.
    fn read<'k>(names: impl Iterator<Item = &'k str>) -> Result<Self, String> {
        let mut own = Self {
            changes: Vec::new(),
            sort: Sort::Text,
            position: Position::Whole,
            insensitive: false,
            lines: false,
            dots: false,
            order: None,
            all: false,
            cased: false,
            negated: false,
        };
        for name in names {
            match name {
                "contains" => own.place(Position::Within)?,
                "startswith" => own.place(Position::Start)?,
                "endswith" => own.place(Position::End)?,
                "all" => own.all = true,
                "cased" => own.cased = true,
                "neq" => own.negated = true,
                "re" => own.become_(Sort::Regex)?,
                "i" | "m" | "s" if own.sort != Sort::Regex => {
                    return Err(format!("the modifier {name} may only follow re"));
                }
                "i" => own.insensitive = true,
                "m" => own.lines = true,
                "s" => own.dots = true,
                "cidr" => own.become_(Sort::Cidr)?,
                "exists" => own.become_(Sort::Exists)?,
                "fieldref" => own.become_(Sort::Field)?,
                "lt" => own.compare(Order::Less)?,
                "lte" => own.compare(Order::AtMost)?,
                "gt" => own.compare(Order::More)?,
                "gte" => own.compare(Order::AtLeast)?,
                "minute" => own.date(Part::Minute)?,
                "hour" => own.date(Part::Hour)?,
                "day" => own.date(Part::Day)?,
                "week" => own.date(Part::Week)?,
                "month" => own.date(Part::Month)?,
                "year" => own.date(Part::Year)?,
                "base64" => own.change(Change::Base64)?,
                "base64offset" => own.change(Change::Base64Offset)?,
                "wide" | "utf16le" => own.change(Change::Utf16 { big_endian: false, mark: false })?,
                "utf16be" => own.change(Change::Utf16 { big_endian: true, mark: false })?,
                "utf16" => own.change(Change::Utf16 { big_endian: false, mark: true })?,
                "windash" => own.change(Change::Dashes)?,
                "expand" => own.change(Change::Expand)?,
                "" => return Err("there is an empty modifier".to_owned()),
                other => return Err(format!("the modifier {other:?} is not known")),
            }
        }
        if own.sort != Sort::Text && own.changes.iter().any(|change| *change != Change::Expand) {
            return Err("values that are encoded can only be compared as text".to_owned());
        }
        if own.position != Position::Whole && !matches!(own.sort, Sort::Text | Sort::Field) {
            return Err("contains, startswith and endswith are for text only".to_owned());
        }
        Ok(own)
    }

    fn place(&mut self, position: Position) -> Result<(), String> {
        if self.position != Position::Whole {
            return Err("only one of contains, startswith and endswith can hold".to_owned());
        }
        self.position = position;
        Ok(())
    }

    fn become_(&mut self, sort: Sort) -> Result<(), String> {
        if self.sort != Sort::Text {
            return Err("its modifiers exclude each other".to_owned());
        }
        self.sort = sort;
        Ok(())
    }

    fn compare(&mut self, order: Order) -> Result<(), String> {
        if matches!(self.sort, Sort::Date(_)) && self.order.is_none() {
            self.order = Some(order);
            return Ok(());
        }
        self.become_(Sort::Number(order))
    }

    fn date(&mut self, part: Part) -> Result<(), String> {
        if let (Sort::Number(order), None) = (self.sort, self.order) {
            self.order = Some(order);
            self.sort = Sort::Date(part);
            return Ok(());
        }
        self.become_(Sort::Date(part))
    }

    fn change(&mut self, change: Change) -> Result<(), String> {
        if self.position != Position::Whole && !matches!(change, Change::Dashes | Change::Expand) {
            return Err("contains, startswith and endswith have to stand after the encoding of a value".to_owned());
        }
        self.changes.push(change);
        Ok(())
    }
}

/// What a rule asks of one field: `key` is the name with its modifiers.
pub(crate) fn item(key: &str, value: &Node, budget: &mut Budget<'_>) -> Result<Item, Flaw> {
    let mut parts = key.split('|');
    let name = parts.next().unwrap_or_default();
    let modifiers = Modifiers::read(parts).map_err(|what| Flaw::at(value.line, format!("{key}: {what}")))?;
    let field = if name.is_empty() { KEYWORDS } else { budget.fields.number(name) };
    let mut item = Item { field, tests: Vec::new(), all: modifiers.all, negated: modifiers.negated, exists: None };
    let values = if let Kind::List(values) = &value.kind { values.as_slice() } else { std::slice::from_ref(value) };
    if values.is_empty() {
        return Err(Flaw::at(value.line, format!("{key} has no values")));
    }
    if modifiers.sort == Sort::Exists {
        let wanted = match values {
            [Node { kind: Kind::Bool(wanted), .. }] => Some(*wanted),
            [Node { kind: Kind::Text(text), .. }] if text == "yes" => Some(true),
            [Node { kind: Kind::Text(text), .. }] if text == "no" => Some(false),
            _ => None,
        };
        let Some(wanted) = wanted.filter(|_| field != KEYWORDS) else {
            return Err(Flaw::at(value.line, format!("{key} takes true or false")));
        };
        item.exists = Some(wanted);
        return Ok(item);
    }
    budget.spend(values.len()).map_err(|what| Flaw::at(value.line, what))?;
    for value in values {
        let test = test(&modifiers, field, value, budget);
        item.tests.push(test.map_err(|what| Flaw::at(value.line, format!("{}: {what}", shown(key))))?);
    }
    Ok(item)
}

/// Keywords: values that are looked for in the whole event.
pub(crate) fn keyword(value: &Node, budget: &mut Budget<'_>) -> Result<Item, Flaw> {
    item("", value, budget)
}

/// The place of a flaw in words.
fn shown(key: &str) -> &str {
    if key.is_empty() { "a keyword" } else { key }
}

/// The test that one value makes.
fn test(modifiers: &Modifiers, field: u32, value: &Node, budget: &mut Budget<'_>) -> Result<Test, String> {
    match (modifiers.sort, &value.kind) {
        (_, Kind::List(_) | Kind::Map(_)) => Err("a value is a list or a mapping".to_owned()),
        (Sort::Number(order), Kind::Int(number)) => Ok(Test::Number(order, Number::Int(*number))),
        (Sort::Number(order), Kind::Float(number)) => Ok(Test::Number(order, Number::Float(*number))),
        (Sort::Number(order), Kind::Text(text)) if text.parse::<i64>().is_ok() => {
            Ok(Test::Number(order, Number::Int(text.parse().unwrap_or_default())))
        }
        (Sort::Number(_), _) => Err("only numbers can be compared".to_owned()),
        (Sort::Date(part), Kind::Int(number)) => Ok(Test::Date(part, modifiers.order.unwrap_or(Order::Equal), *number)),
        (Sort::Date(_), _) => Err("a part of a date is a whole number".to_owned()),
        (Sort::Regex, _) => {
            let (i, m, s) = (modifiers.insensitive, modifiers.lines, modifiers.dots);
            let sources = match modifiers.changes.as_slice() {
                [] => vec![as_text(value)?],
                _ => expand_plain(&as_text(value)?, budget)?,
            };
            let mut tests = Vec::new();
            for source in sources {
                budget.regex()?;
                tests.push(Test::Regex(Box::new(regexes::build(&source, i, m, s)?)));
            }
            Ok(one_or_any(tests))
        }
        (Sort::Cidr, _) => {
            let texts = match modifiers.changes.as_slice() {
                [] => vec![as_text(value)?],
                _ => expand_plain(&as_text(value)?, budget)?,
            };
            let net = |text: &String| {
                let single = || text.parse::<std::net::IpAddr>().map(IpNet::from);
                text.parse::<IpNet>()
                    .or_else(|_| single())
                    .map(Test::Cidr)
                    .map_err(|_| format!("{text:?} is no network"))
            };
            Ok(one_or_any(texts.iter().map(net).collect::<Result<_, _>>()?))
        }
        (Sort::Field, Kind::Text(name)) if field != KEYWORDS => {
            Ok(Test::Field(budget.fields.number(name), modifiers.position, modifiers.cased))
        }
        (Sort::Field, _) => Err("fieldref takes the name of a field".to_owned()),
        (Sort::Text, Kind::Null) if field == KEYWORDS => Err("a keyword is null".to_owned()),
        (Sort::Text, Kind::Null) if modifiers.position == Position::Whole && modifiers.changes.is_empty() => {
            Ok(Test::Null)
        }
        (Sort::Text, Kind::Null) => Err("null is no text".to_owned()),
        (Sort::Text, Kind::Float(number)) if field != KEYWORDS && modifiers.position == Position::Whole => {
            Ok(Test::Number(Order::Equal, Number::Float(*number)))
        }
        (Sort::Text, _) => text(modifiers, field, &as_text(value)?, budget),
        (Sort::Exists, _) => Err("exists takes true or false".to_owned()),
    }
}

/// The test that text makes: its changes in their order, then its place in the value.
fn text(modifiers: &Modifiers, field: u32, text: &str, budget: &mut Budget<'_>) -> Result<Test, String> {
    let mut forms = vec![Form::Pattern(Pattern::parse(text))];
    for change in &modifiers.changes {
        let mut next = Vec::new();
        for form in forms {
            form.changed(*change, text, budget, &mut next)?;
        }
        forms = next;
        budget.spend(forms.len())?;
    }
    let mut tests = Vec::new();
    for form in forms {
        let pattern = form.into_pattern()?;
        let pattern = match modifiers.position {
            Position::Whole if field == KEYWORDS => pattern.open(true, true),
            Position::Whole => pattern,
            Position::Start => pattern.open(false, true),
            Position::End => pattern.open(true, false),
            Position::Within => pattern.open(true, true),
        };
        if pattern.0.contains(&Piece::One) {
            budget.regex()?;
        }
        tests.push(Test::Glob(Box::new(Glob::new(&pattern, modifiers.cased)?)));
    }
    Ok(one_or_any(tests))
}

/// A value on its way through its changes.
enum Form {
    Pattern(Pattern),
    Bytes(Vec<u8>),
}

impl Form {
    fn changed(self, change: Change, text: &str, budget: &Budget<'_>, into: &mut Vec<Self>) -> Result<(), String> {
        match (change, self) {
            (Change::Base64, form) => into.push(Self::Pattern(Pattern::plain(base64(&form.bytes()?)))),
            (Change::Base64Offset, form) => {
                let parts = base64_offsets(&form.bytes()?);
                if parts.is_empty() {
                    return Err(format!("{text:?} is too short for base64offset"));
                }
                into.extend(parts.into_iter().map(|part| Self::Pattern(Pattern::plain(part))));
            }
            (Change::Utf16 { big_endian, mark }, Self::Pattern(pattern)) => {
                let plain = pattern.as_plain().ok_or("a value with wildcards cannot be encoded")?;
                into.push(Self::Bytes(utf16(plain, big_endian, mark)));
            }
            (Change::Dashes, Self::Pattern(pattern)) => {
                let all = dashes(&pattern).ok_or("windash would make more than 625 spellings of a value")?;
                into.extend(all.into_iter().map(Self::Pattern));
            }
            (Change::Expand, Self::Pattern(_)) => {
                into.extend(expand(text, budget.placeholders)?.into_iter().map(Self::Pattern));
            }
            (_, Self::Bytes(_)) => {
                return Err("after an encoding to UTF-16 only base64 and base64offset are possible".to_owned());
            }
        }
        Ok(())
    }

    fn bytes(self) -> Result<Vec<u8>, String> {
        match self {
            Self::Bytes(bytes) => Ok(bytes),
            Self::Pattern(pattern) => {
                let plain = pattern.as_plain().ok_or("a value with wildcards cannot be encoded")?;
                Ok(plain.as_bytes().to_vec())
            }
        }
    }

    fn into_pattern(self) -> Result<Pattern, String> {
        match self {
            Self::Pattern(pattern) => Ok(pattern),
            Self::Bytes(bytes) => {
                let text = String::from_utf8(bytes)
                    .map_err(|_| "its encoding is no text; base64 or base64offset has to follow")?;
                Ok(Pattern::plain(text))
            }
        }
    }
}

/// Placeholders in values that are no patterns.
fn expand_plain(text: &str, budget: &Budget<'_>) -> Result<Vec<String>, String> {
    let all = expand(text, budget.placeholders)?;
    all.iter()
        .map(|pattern| pattern.as_plain().map(str::to_owned).ok_or_else(|| "wildcards are for text only".to_owned()))
        .collect()
}

fn one_or_any(mut tests: Vec<Test>) -> Test {
    match (tests.len(), tests.pop()) {
        (1, Some(test)) => test,
        (_, last) => {
            tests.extend(last);
            Test::Any(tests)
        }
    }
}

/// A scalar as text.
fn as_text(value: &Node) -> Result<String, String> {
    match &value.kind {
        Kind::Text(text) => Ok(text.clone()),
        Kind::Int(number) => Ok(number.to_string()),
        Kind::Float(number) => Ok(number.to_string()),
        Kind::Bool(value) => Ok(value.to_string()),
        Kind::Null => Err("null is no text".to_owned()),
        Kind::List(_) | Kind::Map(_) => Err("a value is a list or a mapping".to_owned()),
    }
}
