//! Policies: linted as every kind; two of them, cut at a zero byte, compared both ways, and what is said of one direction
//! agrees with what is said of the other.
#![no_main]

use keelguard_iam::Policy;
use keelguard_iam::compare::{Relation, compare};
use keelguard_iam::lint::{Kind, lint};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for kind in Kind::ALL {
        let _ = lint("policy.json", text, Some(kind));
    }
    let Some((old, new)) = text.split_once('\0') else { return };
    let (Ok(old), Ok(new)) = (Policy::parse(old), Policy::parse(new)) else { return };
    let (Ok(there), Ok(back)) = (compare(&old, &new), compare(&new, &old)) else { return };
    assert_eq!(there.gained.is_some(), back.lost.is_some());
    assert_eq!(there.relation == Relation::Equal, back.relation == Relation::Equal);
    if let Ok(same) = compare(&new, &new) {
        assert!(same.gained.is_none() && same.lost.is_none());
    }
});
