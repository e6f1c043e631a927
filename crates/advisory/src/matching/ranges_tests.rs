use proptest::prelude::*;

use super::*;

/// The evaluation algorithm of the OSV schema, word by word.
fn literal(scheme: Scheme, version: &str, events: &[(EventKind, &str)]) -> bool {
    let less = |left: &str, right: &str| scheme.compare(left, right).unwrap().is_lt();
    let before_limits = {
        let limits: Vec<_> = events.iter().filter(|(kind, _)| *kind == EventKind::Limit).collect();
        limits.is_empty() || limits.iter().any(|(_, limit)| *limit == "*" || less(version, limit))
    };
    if !before_limits {
        return false;
    }
    let mut sorted: Vec<_> = events.iter().filter(|(kind, _)| *kind != EventKind::Limit).collect();
    sorted.sort_by(|left, right| {
        let first = |event: &(EventKind, &str)| event.0 == EventKind::Introduced && event.1 == "0";
        first(right).cmp(&first(left)).then_with(|| {
            if first(left) && first(right) {
                std::cmp::Ordering::Equal
            } else {
                scheme.compare(left.1, right.1).unwrap()
            }
        })
    });
    let mut vulnerable = false;
    for (kind, at) in sorted {
        match kind {
            EventKind::Introduced if *at == "0" || !less(version, at) => vulnerable = true,
            EventKind::Fixed if !less(version, at) => vulnerable = false,
            EventKind::LastAffected if less(at, version) => vulnerable = false,
            _ => {}
        }
    }
    vulnerable
}

fn kinds() -> impl Strategy<Value = EventKind> {
    prop_oneof![
        4 => Just(EventKind::Introduced),
        4 => Just(EventKind::Fixed),
        2 => Just(EventKind::LastAffected),
        1 => Just(EventKind::Limit),
    ]
}

fn versions() -> impl Strategy<Value = String> {
    prop_oneof![
        1 => Just("0".to_owned()),
        9 => (0_u8..4, 0_u8..3, 0_u8..3).prop_map(|(a, b, c)| format!("{a}.{b}.{c}")),
        1 => (0_u8..3, 0_u8..3).prop_map(|(a, b)| format!("{a}.{b}.0-rc.1")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    #[test]
    fn the_matcher_agrees_with_the_algorithm_as_published(
        events in proptest::collection::vec((kinds(), versions()), 0..9),
        version in versions(),
    ) {
        let events: Vec<_> = events.iter().map(|(kind, text)| (*kind, text.as_str())).collect();
        for scheme in [Scheme::Semver, Scheme::Npm] {
            let Some(installed) = scheme.parse(&version) else { continue };
            if events.iter().any(|(_, text)| scheme.parse(text).is_none()) {
                continue;
            }
            prop_assert_eq!(
                held(scheme, &installed, &events).is_some(), literal(scheme, &version, &events),
                "{} {} {:?}", scheme.name(), version, events
            );
        }
    }
}

#[test]
fn the_fix_is_that_of_the_branch_in_which_the_version_lies() {
    use EventKind::{Fixed, Introduced, LastAffected};
    let events = [
        (Introduced, "0"),
        (Fixed, "1.2.3"),
        (Introduced, "2.0.0"),
        (Fixed, "2.0.5"),
        (Introduced, "3.0.0"),
        (LastAffected, "3.1.0"),
    ];
    let at = |version: &str| held(Scheme::Semver, &Scheme::Semver.parse(version).unwrap(), &events);
    assert_eq!(at("1.0.0"), Some(Held { words: ">= 0, < 1.2.3".into(), fixed: Some("1.2.3") }));
    assert_eq!(at("1.2.3"), None);
    assert_eq!(at("2.0.4"), Some(Held { words: ">= 2.0.0, < 2.0.5".into(), fixed: Some("2.0.5") }));
    assert_eq!(at("3.1.0"), Some(Held { words: ">= 3.0.0, <= 3.1.0".into(), fixed: None }));
    assert_eq!(at("3.1.1"), None);
}
