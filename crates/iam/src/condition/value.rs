//! One value of a policy against one value of a request.

use std::cmp::Ordering;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::{address::Network, arn, date, number::Number};
use crate::pattern::{Token, fits};
use crate::policy::Operator;

/// A policy's value, its variables replaced, in the form that its operator compares.
#[derive(Debug)]
pub enum Resolved {
    /// Compared letter by letter.
    Text(String),
    /// Compared in lower case.
    Lower(String),
    /// With wildcards.
    Tokens(Vec<Token>),
    /// An ARN by its six parts; or a lone star.
    Arn(Vec<Vec<Token>>),
    /// A number.
    Number(Number),
    /// Microseconds since 1970.
    Date(i128),
    /// `true` or `false`.
    Bool(bool),
    /// Bytes.
    Binary(Vec<u8>),
    /// Addresses.
    Network(Network),
    /// A variable without a value, or something that is not what the operator compares: it matches nothing.
    Nothing,
}

/// As RFC 4648, with or without its padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

impl Resolved {
    pub(super) fn new(
        operator: Operator,
        text: impl Fn() -> Option<String>,
        tokens: impl Fn() -> Option<Vec<Token>>,
    ) -> Self {
        use Operator as O;
        let made = match operator {
            O::StringEquals | O::StringNotEquals => text().map(Self::Text),
            O::StringEqualsIgnoreCase | O::StringNotEqualsIgnoreCase => {
                text().map(|text| Self::Lower(text.to_lowercase()))
            }
            O::StringLike | O::StringNotLike => tokens().map(Self::Tokens),
            O::ArnEquals | O::ArnLike | O::ArnNotEquals | O::ArnNotLike => {
                tokens().and_then(|tokens| arn::parts(&tokens)).map(Self::Arn)
            }
            O::NumericEquals
            | O::NumericNotEquals
            | O::NumericLessThan
            | O::NumericLessThanEquals
            | O::NumericGreaterThan
            | O::NumericGreaterThanEquals => text().and_then(|text| Number::parse(&text)).map(Self::Number),
            O::DateEquals
            | O::DateNotEquals
            | O::DateLessThan
            | O::DateLessThanEquals
            | O::DateGreaterThan
            | O::DateGreaterThanEquals => text().and_then(|text| date::parse(&text)).map(Self::Date),
            O::Bool | O::Null => text().and_then(|text| truth(&text)).map(Self::Bool),
            O::BinaryEquals => text().and_then(|text| BASE64.decode(text).ok()).map(Self::Binary),
            O::IpAddress | O::NotIpAddress => text().and_then(|text| Network::parse(&text)).map(Self::Network),
        };
        made.unwrap_or(Self::Nothing)
    }

    /// Whether the request's value matches, before negation.
    pub(super) fn matches(&self, operator: Operator, request: &str) -> bool {
        match self {
            Self::Text(text) => text == request,
            Self::Lower(text) => *text == request.to_lowercase(),
            Self::Tokens(tokens) => fits(tokens.iter().copied(), request),
            Self::Arn(parts) => arn::fits(parts, request),
            Self::Number(number) => {
                Number::parse(request).is_some_and(|request| ordered(operator, request.compare(number)))
            }
            Self::Date(date) => date::parse(request).is_some_and(|request| ordered(operator, request.cmp(date))),
            Self::Bool(wanted) => truth(request) == Some(*wanted),
            Self::Binary(bytes) => BASE64.decode(request).is_ok_and(|request| request == *bytes),
            Self::Network(network) => network.holds(request),
            Self::Nothing => false,
        }
    }
}

/// Whether "request compared with policy" is what the operator, before negation, asks for.
fn ordered(operator: Operator, order: Ordering) -> bool {
    match operator {
        Operator::NumericLessThan | Operator::DateLessThan => order.is_lt(),
        Operator::NumericLessThanEquals | Operator::DateLessThanEquals => order.is_le(),
        Operator::NumericGreaterThan | Operator::DateGreaterThan => order.is_gt(),
        Operator::NumericGreaterThanEquals | Operator::DateGreaterThanEquals => order.is_ge(),
        _ => order.is_eq(),
    }
}

fn truth(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}
