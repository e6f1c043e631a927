//! Whether backups are of today and as large as ever. Pure: times and sizes in, what is wrong with them out.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::Snapshot;

/// The rhythm is that of so many newest ones: older ones were thinned out by a rotation.
const NEWEST: usize = 7;
/// From fewer gaps than this there is no rhythm.
const GAPS: usize = 3;
/// A set that is so much older than another is retired rather than broken.
const RETIRED: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Differences below this are nothing.
const LITTLE: u64 = 1 << 20;
const MUCH: u64 = 100 << 20;

/// What is wrong with a set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Nothing for too long.
    Stale {
        /// The newest.
        newest: Timestamp,
        /// How old it is.
        age: SignedDuration,
        /// How old it may be.
        allowed: SignedDuration,
        /// Others of the same repository go on.
        is_one_of_several: bool,
    },
    /// Nothing in the future is a backup: the clock of whoever made it is wrong, or somebody wants it to look fresh.
    Ahead {
        /// The time it bears.
        newest: Timestamp,
    },
    /// Less than half.
    Shrunk {
        /// Bytes now.
        now: u64,
        /// Bytes before: the middle one.
        before: u64,
    },
    /// Several times as much.
    Grew {
        /// Bytes now.
        now: u64,
        /// Bytes before: the middle one.
        before: u64,
    },
    /// Too few to know a rhythm, and nobody has said one.
    Unknown,
}

/// Snapshots of one host and path each.
pub fn sets(snapshots: &[Snapshot]) -> BTreeMap<&str, Vec<&Snapshot>> {
    let mut sets: BTreeMap<&str, Vec<&Snapshot>> = BTreeMap::new();
    for snapshot in snapshots {
        sets.entry(&snapshot.set).or_default().push(snapshot);
    }
    for set in sets.values_mut() {
        set.sort_by_key(|snapshot| snapshot.at);
    }
    sets
}

/// What is wrong with each set, if anything.
pub fn judge(snapshots: &[Snapshot], oldest: Option<SignedDuration>, now: Timestamp) -> Vec<(String, Wrong)> {
    let sets = sets(snapshots);
    let newest_of_all = snapshots.iter().map(|snapshot| snapshot.at).filter(|at| *at <= now).max();
    let mut wrong = Vec::new();
    for (name, set) in &sets {
        let Some(newest) = set.last() else { continue };
        let is_one_of_several = newest_of_all.is_some_and(|all| all > newest.at);
        let age = now.duration_since(newest.at);
        if age < -SignedDuration::from_hours(1) {
            wrong.push(((*name).to_owned(), Wrong::Ahead { newest: newest.at }));
        }
        if is_one_of_several && newest_of_all.is_some_and(|all| all.duration_since(newest.at) > RETIRED) {
            continue;
        }
        // What is allowed holds for the newest of all; a further set made once by hand is measured by its own rhythm.
        let rhythm = rhythm(set);
        let allowed = if is_one_of_several { rhythm } else { oldest.or(rhythm) };
        match allowed {
            Some(allowed) if age > allowed => {
                wrong.push(((*name).to_owned(), Wrong::Stale { newest: newest.at, age, allowed, is_one_of_several }));
            }
            None if !is_one_of_several => wrong.push(((*name).to_owned(), Wrong::Unknown)),
            _ => {}
        }
        wrong.extend(growth(set).map(|what| ((*name).to_owned(), what)));
    }
    wrong
}

/// How long it may take to the next one: longer by a quarter than it ever took of late, or twice and a half what is usual.
fn rhythm(set: &[&Snapshot]) -> Option<SignedDuration> {
    let newest: Vec<Timestamp> = set.iter().rev().take(NEWEST).map(|snapshot| snapshot.at).collect();
    let mut gaps: Vec<i64> = newest
        .iter()
        .zip(newest.iter().skip(1))
        .map(|(later, earlier)| later.duration_since(*earlier).as_secs())
        .collect();
    if gaps.len() < GAPS {
        return None;
    }
    gaps.sort_unstable();
    let (middle, longest) = (*gaps.get(gaps.len() / 2)?, *gaps.last()?);
    let seconds = (middle.saturating_mul(5) / 2).max(longest.saturating_mul(5) / 4).max(2 * 3600);
    Some(SignedDuration::from_secs(seconds))
}

fn growth(set: &[&Snapshot]) -> Option<Wrong> {
    let now = set.last()?.bytes?;
    let mut before: Vec<u64> = set.iter().rev().skip(1).take(NEWEST).filter_map(|snapshot| snapshot.bytes).collect();
    before.sort_unstable();
    if before.len() < 2 {
        return None;
    }
    let before = *before.get(before.len() / 2)?;
    if now < before / 2 && (before - now > LITTLE || now == 0) {
        return Some(Wrong::Shrunk { now, before });
    }
    (now / 3 > before && now - before > MUCH).then_some(Wrong::Grew { now, before })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(name: &str, hours_ago: &[i64], bytes: &[u64]) -> Vec<Snapshot> {
        let one = |(index, hours): (usize, &i64)| Snapshot {
            id: format!("{name}{index}"),
            set: name.to_owned(),
            at: now() - SignedDuration::from_hours(*hours),
            bytes: bytes.get(index).copied(),
        };
        hours_ago.iter().enumerate().map(one).collect()
    }

    fn now() -> Timestamp {
        "2026-11-24T18:00:00Z".parse().unwrap()
    }

    #[test]
    fn daily_and_weekday_rhythms_with_thinned_out_older_ones_are_everyday() {
        let daily = set("a", &[8000, 4000, 900, 500, 160, 136, 112, 88, 64, 40, 16], &[]);
        assert_eq!(judge(&daily, None, now()), []);
        // Friday to Monday is no gap where it was one before.
        let weekdays = set("a", &[256, 232, 208, 184, 160, 88, 64], &[]);
        assert_eq!(judge(&weekdays, None, now()), []);
    }

    #[test]
    fn what_stopped_is_stale_by_its_own_rhythm_and_by_the_age_that_is_allowed() {
        let stopped = set("a", &[248, 224, 200, 176, 152, 128, 104], &[]);
        assert!(matches!(judge(&stopped, None, now())[..], [(_, Wrong::Stale { .. })]));
        let weekly = set("a", &[700, 532, 364, 196, 28], &[]);
        assert_eq!(judge(&weekly, None, now()), []);
        let wanted = Some(SignedDuration::from_hours(26));
        assert!(matches!(judge(&weekly, wanted, now())[..], [(_, Wrong::Stale { .. })]));
    }

    #[test]
    fn one_host_of_several_that_stopped_is_told_but_one_made_by_hand_or_retired_is_not() {
        let mut all = set("a", &[160, 136, 112, 88, 64, 40, 16], &[]);
        all.extend(set("b", &[248, 224, 200, 176, 152], &[]));
        all.extend(set("by hand", &[300], &[]));
        all.extend(set("retired", &[5400, 5376, 5352, 5328, 5304], &[]));
        let wrong = judge(&all, Some(SignedDuration::from_hours(26)), now());
        assert!(
            matches!(&wrong[..], [(name, Wrong::Stale { is_one_of_several: true, .. })] if name == "b"),
            "{wrong:?}"
        );
    }

    #[test]
    fn few_snapshots_without_an_age_are_not_called_fresh() {
        assert!(matches!(judge(&set("a", &[30, 6], &[]), None, now())[..], [(_, Wrong::Unknown)]));
        assert!(matches!(judge(&set("a", &[-48], &[]), None, now())[0], (_, Wrong::Ahead { .. })));
    }

    #[test]
    fn a_backup_that_lost_half_or_is_empty_is_told_and_everyday_growth_is_not() {
        let hours = [88, 64, 40, 16];
        let mib = 1 << 20;
        let judged = |bytes: &[u64]| judge(&set("a", &hours, bytes), None, now());
        assert_eq!(judged(&[50 * mib, 51 * mib, 52 * mib, 60 * mib]), []);
        assert!(matches!(judged(&[50 * mib, 51 * mib, 52 * mib, 3 * mib])[..], [(_, Wrong::Shrunk { .. })]));
        assert!(matches!(judged(&[900, 900, 900, 0])[..], [(_, Wrong::Shrunk { .. })]));
        assert!(matches!(judged(&[50 * mib, 51 * mib, 52 * mib, 400 * mib])[..], [(_, Wrong::Grew { .. })]));
        assert_eq!(judged(&[900, 900, 900, 4000]), []);
    }
}
