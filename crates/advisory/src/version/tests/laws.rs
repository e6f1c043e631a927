//! Each order is an order: whatever the texts, also those that its ecosystem refuses.

use std::cmp::Ordering;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};

use super::super::{Scheme, Version};

/// Pieces of which texts are made: for each scheme what its grammar knows, and what it does not.
fn pieces(scheme: Scheme) -> Vec<&'static str> {
    let special: &[&str] = match scheme {
        Scheme::Dpkg => &["1:", ":", "~", "~~", "+", "-", "é", "dfsg"],
        Scheme::Rpm => &["1:", ":", "~", "^", "-", "é", "el9"],
        Scheme::Pacman => &["1:", "..", "-1", "r", "alpha", "_"],
        Scheme::Apk => &["_alpha", "_rc", "_p", "_git", "_", "-r", "-r1", "~ab", "00", "b", "!"],
        Scheme::Semver | Scheme::Npm | Scheme::Hex | Scheme::Bitnami => {
            &["-", "--", "+", "rc", "alpha", "v", "=", "-1"]
        }
        Scheme::Go => &["go", "v", "rc1", "-0.2024", "+incompatible", "-", "go1.21", "go1.20", "1.21.0-0", "beta"],
        Scheme::Pep440 => &["1!", "a1", "rc", "post", "dev", "-", "+", "local", "final", "_", "pre", "c"],
        Scheme::Maven => &["alpha", "a1", "snapshot", "ga", "final1", "sp", "rc-", "-", "x", "--", "release", "0-"],
        Scheme::RubyGems => &["-", "pre", ".rc", ".0", "a", "B", "_"],
        Scheme::Packagist => {
            &["dev-", "-dev", "alpha", "RC", "pl", "stable", "@beta", "x", "2024-01", "#", "+", "p", "master"]
        }
        Scheme::Nuget => &["-", "RC", "rc", "+", "--1", "99999999999", " "],
        Scheme::Pub => &["-", "+", "0x1f", "-0xF", "9223372036854775808", "beta"],
        Scheme::Cran | Scheme::Hackage => &["-", "v", "x"],
    };
    [special, &["0", "1", "2", "10", "01", "18446744073709551616", ".", ".", ".0", "a", "b", "Z"]].concat()
}

fn texts(scheme: Scheme) -> impl Strategy<Value = Vec<String>> {
    let text = prop::collection::vec(select(pieces(scheme)), 0..7).prop_map(|pieces| pieces.concat());
    // A version and near relations of it: one of the others with a piece of the first in front.
    (prop::collection::vec(text, 3), any::<Index>(), any::<bool>()).prop_map(|(mut texts, cut, related)| {
        if related {
            let first = texts[0].clone();
            let at = cut.index(first.len() + 1);
            if let Some(start) = first.get(..at) {
                texts[1] = format!("{start}{}", texts[1]);
                texts[2] = format!("{start}{}", texts[2]);
            }
        }
        texts
    })
}

/// Reflexive, antisymmetric, transitive; and what is equal compares alike with everything else.
fn check(scheme: Scheme, texts: &[String]) -> Result<(), TestCaseError> {
    let versions: Vec<Version> = texts.iter().filter_map(|text| scheme.parse(text)).collect();
    for a in &versions {
        prop_assert_eq!(a.cmp(a), Ordering::Equal);
        prop_assert_eq!(a.compare(a), Ordering::Equal);
        for b in &versions {
            prop_assert_eq!(a.cmp(b), b.cmp(a).reverse(), "{:?}", texts);
            prop_assert_eq!(a.compare(b), b.compare(a).reverse(), "{:?}", texts);
            for c in &versions {
                if a <= b && b <= c {
                    prop_assert!(a <= c, "{scheme}: {texts:?}");
                    prop_assert_eq!(a.cmp(c), a.cmp(b).then(b.cmp(c)), "{}: {:?}", scheme, texts);
                }
            }
        }
    }
    Ok(())
}

fn is_an_order(scheme: Scheme, texts: impl Strategy<Value = Vec<String>>) {
    let mut runner = TestRunner::new(Config { cases: cases(), failure_persistence: None, ..Config::default() });
    if let Err(failure) = runner.run(&texts, |texts| check(scheme, &texts)) {
        panic!("{scheme} is no order: {failure}");
    }
}

fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1000)
}

macro_rules! laws {
    ($($name:ident $scheme:ident)*) => {
        $(
            #[test]
            fn $name() {
                is_an_order(Scheme::$scheme, texts(Scheme::$scheme));
            }
        )*
    };
}

laws! {
    dpkg_versions_are_in_order Dpkg
    rpm_versions_are_in_order Rpm
    apk_versions_are_in_order Apk
    semantic_versions_are_in_order Semver
    npm_versions_are_in_order Npm
    python_versions_are_in_order Pep440
    go_versions_are_in_order Go
    maven_versions_are_in_order Maven
    rubygems_versions_are_in_order RubyGems
    packagist_versions_are_in_order Packagist
    nuget_versions_are_in_order Nuget
    hex_versions_are_in_order Hex
    pub_versions_are_in_order Pub
    cran_versions_are_in_order Cran
    hackage_versions_are_in_order Hackage
    bitnami_versions_are_in_order Bitnami
    pacman_versions_are_in_order Pacman
}

#[test]
fn texts_that_fuzzing_came_upon_are_in_order() {
    let texts = [".a0.", ".", "11\u{1}\0\0\0"].map(str::to_owned);
    for scheme in Scheme::ALL {
        check(scheme, &texts).unwrap();
    }
}
