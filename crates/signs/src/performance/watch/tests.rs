//! What is told of a metric, and what is not.

use super::*;

/// Values of five minutes for `days`, each made of its number and noise between −1 and 1.
fn watched(days: i64, value: impl Fn(i64, f64) -> Option<f64>) -> Watch {
    let (mut watch, mut seed) = (Watch::default(), 9_u64);
    for index in 0..days * 288 {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let noise = f64::from(u32::try_from(seed >> 40).unwrap()) / f64::from(1 << 23) - 1.0;
        if let Some(value) = value(index, noise) {
            watch.see(index * 300, value);
        }
    }
    watch
}

fn kinds(watch: &Watch) -> Vec<Kind> {
    watch.episodes().map(|episode| episode.kind).collect()
}

#[test]
fn noise_alone_is_no_episode() {
    assert_eq!(kinds(&watched(20, |_, noise| Some(50.0 + noise))), []);
}

#[test]
fn a_spike_is_told_once_with_what_was_usual() {
    let watch = watched(10, |index, noise| Some(if (2000..2003).contains(&index) { 95.0 } else { 15.0 + 3.0 * noise }));
    assert_eq!(kinds(&watch), [Kind::Spike]);
    let episode = watch.episodes().next().unwrap();
    let usual = episode.usual.unwrap();
    assert_eq!((episode.from, episode.value, episode.over), (2000 * 300, 95.0, true));
    assert!(usual.low >= 12.0 && usual.high <= 18.0, "{usual:?}");
}

#[test]
fn a_level_that_changes_for_good_is_one_shift_and_then_the_new_usual() {
    let watch = watched(20, |index, noise| Some(if index < 2000 { 20.0 } else { 60.0 } + noise));
    assert_eq!(kinds(&watch), [Kind::Shift]);
    assert!(watch.episodes().all(|episode| episode.over));
}

#[test]
fn what_stands_still_though_it_always_moved_is_a_flat_line_until_it_moves() {
    let watch = watched(10, |index, noise| Some(if (1500..1800).contains(&index) { 50.0 } else { 50.0 + noise }));
    assert_eq!(kinds(&watch).into_iter().filter(|kind| *kind == Kind::Flat).count(), 1);
    let flat = *watch.episodes().find(|episode| episode.kind == Kind::Flat).unwrap();
    assert_eq!((flat.from, flat.to, flat.over), (1500 * 300, 1799 * 300, true));
}

#[test]
fn values_that_do_not_come_are_missing_from_the_last_one_on() {
    let watch = watched(10, |index, noise| (!(1500..1600).contains(&index)).then_some(50.0 + noise));
    assert_eq!(kinds(&watch), [Kind::Missing]);
    let gap = watch.episodes().next().unwrap();
    assert_eq!((gap.from, gap.to), (1499 * 300, 1600 * 300));
}

#[test]
fn spikes_one_after_the_other_are_told_less_and_less_often() {
    let watch = watched(20, |index, noise| {
        Some(if index > 2000 && index % 13 == 0 {
            200.0 + f64::from(i32::try_from(index).unwrap())
        } else {
            15.0 + noise
        })
    });
    let count = watch.episodes().count();
    assert!((1..30).contains(&count), "{count} episodes of {} spikes", (20 * 288 - 2000) / 13);
}

#[test]
fn odd_points_are_counted_and_harm_nothing() {
    let mut watch = Watch::default();
    for (second, value) in [
        (0, 1.0),
        (0, 2.0),
        (-50, 3.0),
        (60, f64::NAN),
        (60, f64::INFINITY),
        (60, 1e200),
        (i64::MAX, 1.0),
        (i64::MIN, 1.0),
    ] {
        watch.see(second, value);
    }
    assert_eq!(watch.odd, Odd { values: 3, repeats: 1, backwards: 2 });
    assert_eq!(watch.points(), 5);
}
