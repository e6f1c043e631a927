//! One test of one value, and the tests of a field together.

use ipnet::IpNet;
use jiff::civil::DateTime;
use regex::Regex;

use super::pattern::Glob;
use super::row::{KEYWORDS, Row, Text};

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// `lt`
    Less,
    /// `lte`
    AtMost,
    /// Without a modifier.
    Equal,
    /// `gte`
    AtLeast,
    /// `gt`
    More,
}

impl Order {
    /// Whether `left` stands so to `right`; never for what has no order.
    pub(crate) fn holds<T: PartialOrd>(self, left: &T, right: &T) -> bool {
        left.partial_cmp(right).is_some_and(|order| match self {
            Self::Less => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::Equal => order.is_eq(),
            Self::AtLeast => order.is_ge(),
            Self::More => order.is_gt(),
        })
    }
}

/// A number of a rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    /// A whole one, compared without loss where the value is whole, too.
    Int(i64),
    /// Any other.
    Float(f64),
}

impl Number {
    /// Whether a value is a number that stands so to this one.
    fn compares(self, order: Order, text: &str) -> bool {
        let text = text.trim();
        if let (Self::Int(own), Ok(value)) = (self, text.parse::<i64>()) {
            return order.holds(&value, &own);
        }
        #[allow(clippy::cast_precision_loss, reason = "one of the two has a fraction")]
        let own = match self {
            Self::Int(number) => number as f64,
            Self::Float(number) => number,
        };
        text.parse::<f64>().is_ok_and(|value| order.holds(&value, &own))
    }
}

/// A part of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// 0 to 59
    Minute,
    /// 0 to 23
    Hour,
    /// 1 to 31
    Day,
    /// 1 to 53, as ISO 8601 counts them
    Week,
    /// 1 to 12
    Month,
    /// The year.
    Year,
}

impl Part {
    /// The part of a date as it is written, without looking at its zone; seconds of the epoch count as UTC.
    fn of(self, text: &str) -> Option<i64> {
        let time = written_time(text.trim())?;
        Some(match self {
            Self::Minute => time.minute().into(),
            Self::Hour => time.hour().into(),
            Self::Day => time.day().into(),
            Self::Week => time.date().iso_week_date().week().into(),
            Self::Month => time.month().into(),
            Self::Year => time.year().into(),
        })
    }
}

/// A date and time as they are written.
fn written_time(text: &str) -> Option<DateTime> {
    if let Ok(pieces) = jiff::fmt::temporal::Pieces::parse(text) {
        return Some(pieces.date().to_datetime(pieces.time().unwrap_or_default()));
    }
    let seconds: f64 = text.parse().ok()?;
    let duration = jiff::SignedDuration::try_from_secs_f64(seconds).ok()?;
    Some(jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::from_duration(duration).ok()?))
}

/// Where one value is looked for in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Position {
    /// It is the whole value.
    Whole,
    /// `startswith`
    Start,
    /// `endswith`
    End,
    /// `contains`
    Within,
}

/// A test of a value.
#[derive(Clone, Debug)]
pub(crate) enum Test {
    /// Text with wildcards.
    Glob(Box<Glob>),
    /// A regular expression.
    Regex(Box<Regex>),
    /// An address in a network.
    Cidr(IpNet),
    /// A number.
    Number(Order, Number),
    /// A part of a date.
    Date(Part, Order, i64),
    /// There is no value.
    Null,
    /// The value of another field, regardless of case or not.
    Field(u32, Position, bool),
    /// One of the spellings of one value.
    Any(Vec<Test>),
}

impl Test {
    /// Whether a value of the field passes.
    fn passes(&self, row: &Row<'_>, field: u32) -> bool {
        match self {
            Self::Null => field != KEYWORDS && row.values(field).next().is_none(),
            Self::Any(tests) => tests.iter().any(|test| test.passes(row, field)),
            _ => row.values(field).any(|text| self.passes_value(row, text)),
        }
    }

    fn passes_value(&self, row: &Row<'_>, text: &Text<'_>) -> bool {
        match self {
            Self::Glob(glob) => glob.is_match(&text.written, &text.folded),
            Self::Regex(regex) => regex.is_match(&text.written),
            Self::Cidr(net) => {
                text.written.trim().parse().is_ok_and(|address: std::net::IpAddr| {
                    net.contains(&address) || net.contains(&address.to_canonical())
                })
            }
            Self::Number(order, number) => number.compares(*order, &text.written),
            Self::Date(part, order, number) => part.of(&text.written).is_some_and(|value| order.holds(&value, number)),
            Self::Field(other, position, cased) => row.values(*other).any(|other| {
                let (own, other) = if *cased { (&text.written, &other.written) } else { (&text.folded, &other.folded) };
                match position {
                    Position::Whole => own == other,
                    Position::Start => own.starts_with(other.as_ref()),
                    Position::End => own.ends_with(other.as_ref()),
                    Position::Within => memchr::memmem::find(own.as_bytes(), other.as_bytes()).is_some(),
                }
            }),
            Self::Null | Self::Any(_) => false,
        }
    }

    /// Texts of which each value that passes has one in it, in lower case; none where that cannot be said.
    fn literals<'t>(&'t self, into: &mut Vec<&'t str>) -> Option<()> {
        match self {
            Self::Glob(glob) if !glob.literal().is_empty() => into.push(glob.literal()),
            Self::Any(tests) => return tests.iter().try_for_each(|test| test.literals(into)),
            _ => return None,
        }
        Some(())
    }
}

/// What a rule asks of one field.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// The field's number, or [`KEYWORDS`].
    pub(crate) field: u32,
    /// The tests.
    pub(crate) tests: Vec<Test>,
    /// All of them have to pass, not one of them.
    pub(crate) all: bool,
    /// The opposite is asked for (`neq`).
    pub(crate) negated: bool,
    /// Only whether the field is there.
    pub(crate) exists: Option<bool>,
}

impl Item {
    /// Whether the event has what is asked for.
    pub(crate) fn is_match(&self, row: &Row<'_>) -> bool {
        let found = match self.exists {
            Some(wanted) => row.has(self.field) == wanted,
            None if self.all => self.tests.iter().all(|test| test.passes(row, self.field)),
            None => self.tests.iter().any(|test| test.passes(row, self.field)),
        };
        found != self.negated
    }

    /// Sets of texts; whenever this matches, the field's values have one text of each set in them, in lower case.
    pub(crate) fn needles(&self) -> Vec<Vec<&str>> {
        if self.negated || self.exists.is_some() {
            return Vec::new();
        }
        if self.all {
            let mut sets = Vec::new();
            for test in &self.tests {
                let mut texts = Vec::new();
                if test.literals(&mut texts).is_some() {
                    sets.push(texts);
                }
            }
            return sets;
        }
        let mut texts = Vec::new();
        match self.tests.iter().try_for_each(|test| test.literals(&mut texts)) {
            Some(()) if !texts.is_empty() => vec![texts],
            _ => Vec::new(),
        }
    }
}

/// The first value of a field as written.
pub(crate) fn first<'r>(row: &'r Row<'_>, field: u32) -> Option<&'r str> {
    // The chain begins with the value that was added last.
    row.values(field).last().map(|text| text.written.as_ref())
}
