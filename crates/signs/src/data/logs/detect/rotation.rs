//! Which of a log's rotated pieces are there, and which must have been. Rotation takes the oldest away: what is missing
//! between others was removed.

use jiff::civil::Date;

use crate::data::logs::parse::logrotate::Rotation;

/// One piece of a log, as its name says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The log itself.
    Current,
    /// By number.
    Number(u32),
    /// By day.
    Day(Date),
}

/// A piece, and how large it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Which.
    pub step: Step,
    /// In bytes, as it lies there.
    pub size: u64,
    /// When it was last written, in seconds.
    pub modified: i64,
}

/// Numbers above are no rotation's.
const MOST_NUMBERS: u32 = 1000;

/// The pieces that are missing, by what their names end in: `1`, `20261120`.
pub fn missing(pieces: &[Piece], rotation: Option<&Rotation>, days_of_others: &[Date]) -> Vec<String> {
    let mut found = numbers(pieces, rotation);
    found.extend(days(pieces, rotation, days_of_others).iter().map(|day| day.strftime("%Y%m%d").to_string()));
    found
}

fn numbers(pieces: &[Piece], rotation: Option<&Rotation>) -> Vec<String> {
    let number = |piece: &Piece| match piece.step {
        Step::Number(number) if number <= MOST_NUMBERS => Some(number),
        _ => None,
    };
    let mut numbers: Vec<u32> = pieces.iter().filter_map(number).collect();
    numbers.sort_unstable();
    let (Some(least), Some(most)) = (numbers.first().copied(), numbers.last().copied()) else { return Vec::new() };
    // Programs that number their own files from 17 on have their reasons.
    let start = rotation.map_or(1, |rotation| rotation.start);
    let from =
        if rotation.is_some_and(|rotation| !rotation.dated) || least == start + 1 { start.min(least) } else { least };
    let is_there = |number: &u32| numbers.binary_search(number).is_ok();
    // What is mostly holes is no rotation.
    let missing: Vec<u32> = (from..=most).filter(|number| !is_there(number)).collect();
    if missing.len() > numbers.len() { Vec::new() } else { missing.iter().map(ToString::to_string).collect() }
}

fn days(pieces: &[Piece], rotation: Option<&Rotation>, others: &[Date]) -> Vec<Date> {
    let day = |piece: &Piece| match piece.step {
        Step::Day(day) => Some((day, piece.size)),
        _ => None,
    };
    let mut dated: Vec<(Date, u64)> = pieces.iter().filter_map(day).collect();
    dated.sort_unstable();
    if dated.len() < 4 || rotation.is_some_and(|rotation| rotation.by_size) {
        return Vec::new();
    }
    let mut sizes: Vec<u64> = dated.iter().map(|(_, size)| *size).collect();
    sizes.sort_unstable();
    let middle = sizes.get(sizes.len() / 2).copied().unwrap_or(0);
    // A log that may have been empty is not rotated; one that always has much never is.
    if middle < 512 || sizes.first().is_none_or(|least| *least < middle / 10) {
        return Vec::new();
    }
    let (Some((first, _)), Some((last, _))) = (dated.first(), dated.last()) else { return Vec::new() };
    let is_there = |day: &Date| dated.binary_search_by_key(day, |(day, _)| *day).is_ok();
    // The machine ran that day, and logrotate with it: it rotated others.
    let mut missing: Vec<Date> =
        others.iter().copied().filter(|day| first < day && day < last && !is_there(day)).collect();
    missing.sort_unstable();
    missing.dedup();
    // Others that are rotated more often say nothing.
    if missing.len() * 3 > dated.len() { Vec::new() } else { missing }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn numbered(numbers: impl IntoIterator<Item = u32>) -> Vec<Piece> {
        let piece = |number| Piece { step: Step::Number(number), size: 10_000, modified: 0 };
        numbers.into_iter().map(piece).collect()
    }

    proptest! {
        #[test]
        fn one_that_is_removed_from_the_middle_is_missed_and_of_the_whole_none(most in 3u32..60, at in 1u32..59) {
            let at = at % (most - 1) + 1;
            prop_assert_eq!(missing(&numbered(1..=most), None, &[]), Vec::<String>::new());
            prop_assert_eq!(missing(&numbered((1..=most).filter(|number| *number != at)), None, &[]), vec![at.to_string()]);
        }
    }

    #[test]
    fn numbers_that_begin_elsewhere_are_their_programs_own() {
        assert!(missing(&numbered([17, 18, 19]), None, &[]).is_empty());
        assert!(missing(&numbered([0, 1, 2]), None, &[]).is_empty());
        assert!(missing(&numbered([1, 900]), None, &[]).is_empty());
        let logrotate = Rotation { keep: 7, ..Rotation::default() };
        assert_eq!(missing(&numbered([3, 4, 5]), Some(&logrotate), &[]), ["1", "2"]);
    }

    fn days_of(days: &[i8], size: u64) -> Vec<Piece> {
        let piece = |day: &i8| Piece { step: Step::Day(Date::constant(2026, 11, *day)), size, modified: 0 };
        days.iter().map(piece).collect()
    }

    #[test]
    fn a_day_that_other_logs_have_is_missed() {
        let others: Vec<Date> = (1..20).map(|day| Date::constant(2026, 11, day)).collect();
        let days: Vec<i8> = (3..15).filter(|day| *day != 9).collect();
        assert_eq!(missing(&days_of(&days, 9000), None, &others), ["20261109"]);
        // The machine was off.
        let off: Vec<Date> = others.iter().copied().filter(|day| day.day() != 9).collect();
        assert!(missing(&days_of(&days, 9000), None, &off).is_empty());
        // A log that is next to empty may have been empty.
        assert!(missing(&days_of(&days, 90), None, &others).is_empty());
        // One that is rotated when it is large has no days.
        assert!(missing(&days_of(&days, 9000), Some(&Rotation::default()), &others).is_empty());
        // Weekly beside daily.
        assert!(missing(&days_of(&[1, 8, 15, 19], 9000), None, &others).is_empty());
    }
}
