//! Hostile versions: three lines, compared in every order there is. An order that contradicts itself is a crash, too.
#![no_main]

use std::cmp::Ordering;

use keelguard_advisory::version::Scheme;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut lines = text.lines();
    let (Some(a), Some(b)) = (lines.next(), lines.next()) else { return };
    let c = lines.next().unwrap_or(a);
    for scheme in Scheme::ALL {
        let (Some(a), Some(b), Some(c)) = (scheme.parse(a), scheme.parse(b), scheme.parse(c)) else { continue };
        assert_eq!(a.compare(&b), b.compare(&a).reverse(), "{}", scheme.name());
        if a.compare(&b) == Ordering::Less && b.compare(&c) == Ordering::Less {
            assert_eq!(a.compare(&c), Ordering::Less, "{}", scheme.name());
        }
    }
});
