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
        assert_eq!(a.cmp(&b), b.cmp(&a).reverse(), "{}", scheme.name());
        // What an ecosystem's own tool says goes in circles here and there; the order that lists are put into does not.
        if a < b && b < c {
            assert_eq!(a.cmp(&c), Ordering::Less, "{}", scheme.name());
        }
    }
});
