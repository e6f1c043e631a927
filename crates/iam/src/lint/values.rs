//! Whether a value can be read as what its operator compares.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::codes;
use super::sink::Sink;
use super::statement::{Condition, Said};
use crate::policy::Operator;

/// What an operator compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compares {
    Text,
    Arn,
    Number,
    Date,
    Bool,
    Ip,
    Bytes,
    Presence,
}

/// What `operator` compares.
pub(super) const fn compares(operator: Operator) -> Compares {
    use Operator as O;
    match operator {
        O::StringEquals
        | O::StringNotEquals
        | O::StringEqualsIgnoreCase
        | O::StringNotEqualsIgnoreCase
        | O::StringLike
        | O::StringNotLike => Compares::Text,
        O::NumericEquals
        | O::NumericNotEquals
        | O::NumericLessThan
        | O::NumericLessThanEquals
        | O::NumericGreaterThan
        | O::NumericGreaterThanEquals => Compares::Number,
        O::DateEquals
        | O::DateNotEquals
        | O::DateLessThan
        | O::DateLessThanEquals
        | O::DateGreaterThan
        | O::DateGreaterThanEquals => Compares::Date,
        O::Bool => Compares::Bool,
        O::BinaryEquals => Compares::Bytes,
        O::IpAddress | O::NotIpAddress => Compares::Ip,
        O::ArnEquals | O::ArnLike | O::ArnNotEquals | O::ArnNotLike => Compares::Arn,
        O::Null => Compares::Presence,
    }
}

/// Finds values of one condition that cannot be read.
pub(super) fn check(condition: &Condition<'_>, sink: &mut Sink) {
    for value in &condition.values {
        if value.text.contains("${") {
            continue;
        }
        one(condition, value, sink);
    }
}

fn one(condition: &Condition<'_>, value: &Said<'_>, sink: &mut Sink) {
    let text = value.text.as_ref();
    let mut bad = |says: String, instead: Option<String>| match instead {
        Some(instead) => sink.advise(&codes::BAD_VALUE, value.at, says, instead),
        None => sink.add(&codes::BAD_VALUE, value.at, says),
    };
    match compares(condition.operator) {
        Compares::Number if !text.trim().parse::<f64>().is_ok_and(f64::is_finite) => {
            bad(format!("{} compares numbers, and {text:?} is none", condition.written), None);
        }
        Compares::Date if !is_date(text) => {
            let instead = is_day_first(text).then(|| "\"2026-11-24T00:00:00Z\", with the year first".to_owned());
            bad(format!("{} compares dates, and {text:?} is none", condition.written), instead);
        }
        Compares::Bool | Compares::Presence if !matches!(text.to_ascii_lowercase().as_str(), "true" | "false") => {
            let instead = match text.to_ascii_lowercase().as_str() {
                "yes" | "1" | "on" => Some("\"true\"".to_owned()),
                "no" | "0" | "off" => Some("\"false\"".to_owned()),
                _ => None,
            };
            bad(format!("{} takes true or false, not {text:?}", condition.written), instead);
        }
        Compares::Ip => match network(text) {
            None => bad(
                format!("{} compares addresses, and {text:?} is neither an address nor a network", condition.written),
                None,
            ),
            Some(None) => {}
            Some(Some(meant)) => {
                let says = format!("{text} is a network written with an address inside it");
                sink.advise(&codes::CIDR_HOST_BITS, value.at, says, format!("\"{meant}\""));
            }
        },
        Compares::Arn if !is_arn(text) => {
            let says = format!("{} compares ARNs, and {text:?} is none, so it never matches", condition.written);
            let instead = (text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| format!("\"arn:aws:*:*:{text}:*\", or StringEquals with aws:SourceAccount"));
            bad(says, instead);
        }
        Compares::Bytes if !is_base64(text) => {
            bad(format!("{} compares bytes in Base64, and {text:?} is none", condition.written), None);
        }
        _ => {}
    }
}

/// A date as the W3C's profile of ISO 8601 has it, from the year alone to fractions of a second, or seconds since 1970.
fn is_date(text: &str) -> bool {
    let text = text.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.len() <= 13;
    }
    let (day, time) = text.split_once(['T', 't']).map_or((text, None), |(day, time)| (day, Some(time)));
    let whole = match (day.len(), time) {
        (7, None) => format!("{day}-01"),
        (10, _) => day.to_owned(),
        _ => return false,
    };
    if whole.parse::<jiff::civil::Date>().is_err() {
        return false;
    }
    time.is_none_or(|time| format!("{whole}T{time}").parse::<jiff::Timestamp>().is_ok() || short_time(&whole, time))
}

/// `12:30Z`: a time without its seconds.
fn short_time(day: &str, time: &str) -> bool {
    let (clock, zone) = time.split_at_checked(5).unwrap_or((time, ""));
    format!("{day}T{clock}:00{zone}").parse::<jiff::Timestamp>().is_ok()
}

fn is_day_first(text: &str) -> bool {
    text.split(['.', '/', '-']).next().is_some_and(|first| first.len() <= 2 && first.parse::<u8>().is_ok())
}

/// None: no address; `Some(Some(_))`: a network that should be written like this.
fn network(text: &str) -> Option<Option<String>> {
    let Some((address, length)) = text.split_once('/') else { return text.parse::<IpAddr>().ok().map(|_| None) };
    let length: u32 = length.parse().ok()?;
    let network = match address.parse::<IpAddr>().ok()? {
        IpAddr::V4(address) if length <= 32 => {
            let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
            let network = Ipv4Addr::from_bits(address.to_bits() & mask);
            (network != address).then(|| format!("{network}/{length}"))
        }
        IpAddr::V6(address) if length <= 128 => {
            let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
            let network = Ipv6Addr::from_bits(address.to_bits() & mask);
            (network != address).then(|| format!("{network}/{length}"))
        }
        _ => return None,
    };
    Some(network)
}

/// Six parts, the first being `arn`; or a pattern in which stars stand for parts.
pub(super) fn is_arn(text: &str) -> bool {
    text == "*"
        || (text.starts_with("arn:") && text.split(':').count() >= 6)
        || (text.contains('*') && text.starts_with(['a', '*']))
}

fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    text.len().is_multiple_of(4)
        && text.len() - body.len() <= 2
        && body.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(&byte))
}
