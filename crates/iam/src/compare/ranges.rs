//! Numbers, moments and addresses: conditions cut their line into pieces, and one example of each piece stands for all.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::condition::date;
use crate::policy::Condition;

fn texts<'c>(conditions: &'c [&Condition]) -> impl Iterator<Item = Option<String>> + 'c {
    conditions
        .iter()
        .filter(|condition| condition.operator != crate::policy::Operator::Null)
        .flat_map(|condition| condition.values.iter().map(|value| value.text(|_| None)))
}

/// Each number that a condition names, and one between each two; none where a number is too long to lie between others.
pub(super) fn numbers(conditions: &[&Condition]) -> Option<Vec<String>> {
    let mut named: Vec<f64> = Vec::new();
    for text in texts(conditions) {
        // What is no number matches nothing.
        let Some(number) = text.and_then(|text| text.trim().parse::<f64>().ok()) else { continue };
        if !number.is_finite() || number.abs() > 1e12 {
            return None;
        }
        named.push(number);
    }
    named.sort_by(f64::total_cmp);
    named.dedup();
    let (Some(first), Some(last)) = (named.first(), named.last()) else { return Some(vec!["1".to_owned()]) };
    let mut examples = vec![(last + 1.0).floor().to_string(), (first - 1.0).ceil().to_string()];
    examples.extend(named.windows(2).filter_map(|pair| Some(between(*pair.first()?, *pair.last()?).to_string())));
    examples.extend(named.iter().map(f64::to_string));
    Some(examples)
}

/// A number between two, whole if there is one.
fn between(low: f64, high: f64) -> f64 {
    let whole = (low + 1.0).floor();
    if whole < high { whole } else { low.midpoint(high) }
}

/// Each moment that a condition names, and one between each two.
pub(super) fn dates(conditions: &[&Condition]) -> Vec<String> {
    let named: BTreeSet<i128> = texts(conditions).flatten().filter_map(|text| date::parse(&text)).collect();
    let named: Vec<i128> = named.into_iter().collect();
    let (Some(first), Some(last)) = (named.first(), named.last()) else {
        return vec![written(1_700_000_000_000_000)];
    };
    let second = 1_000_000;
    let mut examples = vec![written(last + second), written(first - second)];
    // To the microsecond nothing lies between two that follow each other.
    examples.extend(
        named
            .windows(2)
            .filter_map(|pair| Some((*pair.first()?, *pair.last()?)))
            .filter(|(low, high)| high - low > 1)
            .map(|(low, high)| written(i128::midpoint(low, high))),
    );
    examples.extend(named.iter().map(|moment| written(*moment)));
    examples
}

fn written(micros: i128) -> String {
    let moment = i64::try_from(micros).ok().and_then(|micros| jiff::Timestamp::from_microsecond(micros).ok());
    moment.map_or_else(|| micros.to_string(), |moment| moment.to_string())
}

/// An address in each piece into which the networks cut the lines of both kinds of addresses.
pub(super) fn addresses(conditions: &[&Condition]) -> Vec<String> {
    let mut four: BTreeSet<u64> = BTreeSet::from([u64::from(u32::from(Ipv4Addr::new(192, 0, 2, 1)))]);
    let mut six: BTreeSet<u128> = BTreeSet::from([u128::from(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1))]);
    for text in texts(conditions).flatten() {
        let (address, length) =
            text.split_once('/').map_or((text.as_str(), None), |(address, length)| (address, Some(length)));
        let Ok(address) = address.trim().parse::<IpAddr>() else { continue };
        match address {
            IpAddr::V4(address) => {
                let Some(length) =
                    length.map_or(Some(32), |length| length.parse::<u32>().ok()).filter(|length| *length <= 32)
                else {
                    continue;
                };
                let size = 1_u64 << (32 - length);
                let start = u64::from(u32::from(address)) & !(size - 1);
                four.insert(start);
                four.insert(start + size);
                four.insert(0);
            }
            IpAddr::V6(address) => {
                let Some(length) =
                    length.map_or(Some(128), |length| length.parse::<u32>().ok()).filter(|length| *length <= 128)
                else {
                    continue;
                };
                let rest = if length == 0 { u128::MAX } else { (1_u128 << (128 - length)) - 1 };
                let start = u128::from(address) & !rest;
                six.insert(start);
                six.extend((start | rest).checked_add(1));
                six.insert(0);
            }
        }
    }
    let four = four
        .into_iter()
        .filter_map(|address| u32::try_from(address).ok())
        .map(|address| Ipv4Addr::from(address).to_string());
    let six = six.into_iter().map(|address| Ipv6Addr::from(address).to_string());
    four.chain(six).collect()
}
