//! Events: named fields and a whole text, with a time and the log they come from. What reads a log fills one of these;
//! the mappers here do so for the kernel's audit log, for syslog and for JSON.

use std::borrow::Cow;

use jiff::Timestamp;

pub mod audit;
mod json;
pub mod syscalls;
pub mod syslog;

/// A field's value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// The field is there and says nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Another number.
    Float(f64),
    /// Text.
    Text(Cow<'a, str>),
    /// Several values; a test of the field holds where it holds for one of them.
    List(Vec<Value<'a>>),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'a> From<Cow<'a, str>> for Value<'a> {
    fn from(text: Cow<'a, str>) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

/// The log that an event comes from, in the words of Sigma's `logsource`; empty where it is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Source<'a> {
    /// `linux`.
    pub product: Cow<'a, str>,
    /// `process_creation`.
    pub category: Cow<'a, str>,
    /// `auditd`.
    pub service: Cow<'a, str>,
    /// Further names of the service, with blanks between: what sshd writes is part of `auth syslog`, too.
    pub also: Cow<'a, str>,
}

impl<'a> Source<'a> {
    /// A log of which nobody says what it is: every rule is for it.
    pub const fn unknown() -> Self {
        Self {
            product: Cow::Borrowed("*"),
            category: Cow::Borrowed("*"),
            service: Cow::Borrowed("*"),
            also: Cow::Borrowed(""),
        }
    }

    /// A kind of event of Linux: `process_creation`.
    pub const fn linux_category(category: &'a str) -> Self {
        Self {
            product: Cow::Borrowed("linux"),
            category: Cow::Borrowed(category),
            service: Cow::Borrowed(""),
            also: Cow::Borrowed(""),
        }
    }

    /// The log of a service on Linux: `sshd`.
    pub const fn linux_service(service: &'a str) -> Self {
        Self {
            product: Cow::Borrowed("linux"),
            category: Cow::Borrowed(""),
            service: Cow::Borrowed(service),
            also: Cow::Borrowed(""),
        }
    }
}

/// What happened, as a log tells it.
///
/// ```
/// use keelguard_rules::events::{Event, Source};
/// let event = Event::new(Source::linux_category("process_creation")).with("Image", "/usr/bin/id").with("UserId", 0);
/// assert_eq!(event.fields().len(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Event<'a> {
    /// When it happened, where the log says so.
    pub time: Option<Timestamp>,
    /// The log.
    pub source: Source<'a>,
    /// The host's name; empty where it is not known.
    pub host: Cow<'a, str>,
    /// The line or lines as written; keywords are looked for here and in the fields.
    pub text: Cow<'a, str>,
    fields: Vec<(Cow<'a, str>, Value<'a>)>,
}

impl<'a> Event<'a> {
    /// An event of this log without fields.
    pub fn new(source: Source<'a>) -> Self {
        Self { source, ..Self::default() }
    }

    /// At this time.
    #[must_use]
    pub fn at(mut self, time: Timestamp) -> Self {
        self.time = Some(time);
        self
    }

    /// With this text.
    #[must_use]
    pub fn text(mut self, text: impl Into<Cow<'a, str>>) -> Self {
        self.text = text.into();
        self
    }

    /// With one more field. Nested ones have dots in their names: `user.name`.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Value<'a>>) -> Self {
        self.push(name, value);
        self
    }

    /// Adds a field. One that is there already has several values then.
    pub fn push(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Value<'a>>) {
        self.fields.push((name.into(), value.into()));
    }

    /// The fields in their order.
    pub fn fields(&self) -> &[(Cow<'a, str>, Value<'a>)] {
        &self.fields
    }

    /// The first value of a field as text; none where there is no such field, or it says nothing.
    pub fn field(&self, name: &str) -> Option<Cow<'_, str>> {
        self.fields.iter().filter(|(field, _)| field == name).find_map(|(_, value)| first_text(value))
    }
}

/// A value as text; of a list, that of its first.
fn first_text<'v>(value: &'v Value<'_>) -> Option<Cow<'v, str>> {
    match value {
        Value::Null => None,
        Value::Bool(value) => Some(Cow::Borrowed(if *value { "true" } else { "false" })),
        Value::Int(number) => Some(Cow::Owned(number.to_string())),
        Value::Float(number) => Some(Cow::Owned(number.to_string())),
        Value::Text(text) => Some(Cow::Borrowed(text)),
        Value::List(values) => values.iter().find_map(first_text),
    }
}

impl From<i32> for Value<'_> {
    fn from(number: i32) -> Self {
        Self::Int(number.into())
    }
}
