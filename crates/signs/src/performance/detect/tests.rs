//! What the detector promises whatever comes.

use super::*;

/// Noise that is the same everywhere.
fn noise(seed: &mut u64) -> f64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    f64::from(u32::try_from(*seed >> 40).unwrap()) / f64::from(1 << 24) - 0.5
}

fn daily(minutes: i64, seed: &mut u64) -> f64 {
    let hour = f64::from(i32::try_from(minutes.rem_euclid(1440)).unwrap()) / 60.0;
    40.0 + 20.0 * (hour / 24.0 * std::f64::consts::TAU).sin() + noise(seed)
}

#[test]
fn a_spike_in_a_daily_series_is_the_greatest_surprise_though_other_hours_are_higher() {
    let (mut detector, mut seed) = (Detector::new(), 7);
    let mut scores = Vec::new();
    for minutes in (0..20 * 1440).step_by(5) {
        let spike = if minutes == 15 * 1440 + 18 * 60 { 30.0 } else { 0.0 };
        scores.push(detector.see(minutes * 60, daily(minutes, &mut seed) + spike));
    }
    let at = usize::try_from((15 * 1440 + 18 * 60) / 5).unwrap();
    let spike = scores.get(at).unwrap();
    assert!(spike.score > 0.7, "{spike:?}");
    let usual = spike.usual.unwrap();
    assert_eq!(usual.when, When::Day);
    assert!(usual.low > 12.0 && usual.high < 28.0, "{usual:?}");
    let before = scores.get(5 * 288..at).unwrap();
    assert!(before.iter().all(|judged| judged.score < 0.5), "quiet before");
}

#[test]
fn a_constant_series_never_scores() {
    let mut detector = Detector::new();
    assert!((0..10_000).all(|minute| detector.see(minute * 60, 42.0).score == 0.0));
}

#[test]
fn scores_lie_between_0_and_1_for_huge_tiny_and_wild_values_and_times() {
    let (mut detector, mut seed) = (Detector::new(), 3);
    for index in 0..20_000_i64 {
        let value = match index % 7 {
            0 => 1e149 * noise(&mut seed),
            1 => 1e-300,
            2 => f64::from(u32::MAX),
            _ => noise(&mut seed),
        };
        let second = if index % 11 == 0 { i64::MIN + index } else { index.wrapping_mul(i64::MAX / 5) };
        let score = detector.see(second, value).score;
        assert!((0.0..=1.0).contains(&score), "{score} at {index}");
    }
}

#[test]
fn the_state_stays_below_64_kb_and_goes_on_where_it_was_saved() {
    let (mut detector, mut seed) = (Detector::new(), 5);
    for minutes in 0..60_000 {
        detector.see(minutes * 60, daily(minutes, &mut seed));
    }
    let saved = postcard::to_allocvec(&detector).unwrap();
    assert!(saved.len() < 64_000, "{}", saved.len());
    let mut restored: Detector = postcard::from_bytes(&saved).unwrap();
    assert_eq!(restored, detector);
    assert_eq!(restored.see(60_000 * 60, 99.0), detector.see(60_000 * 60, 99.0));
}

#[test]
fn a_saved_state_that_is_longer_than_any_is_refused() {
    let mut saved = serde_json::to_value(Detector::new()).unwrap();
    *saved.pointer_mut("/level/means/0/tails/high/values").unwrap() = vec![1.0; 65].into();
    let refused = serde_json::from_value::<Detector>(saved).unwrap_err().to_string();
    assert!(refused.contains("at most 64"), "{refused}");
}
