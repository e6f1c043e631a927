//! What the reference implementations say. The tables name the program that gave the verdicts; they were written by
//! running it, as `scripts/compare-versions` does with many more.

use std::cmp::Ordering;

use super::super::Scheme;

/// Each scheme with its table: lines `A<TAB>VERDICT<TAB>B`.
const TABLES: [(Scheme, &str); 19] = [
    (Scheme::Dpkg, include_str!("../../../testdata/versions/dpkg.tsv")),
    (Scheme::Rpm, include_str!("../../../testdata/versions/rpm.tsv")),
    (Scheme::Pacman, include_str!("../../../testdata/versions/pacman.tsv")),
    (Scheme::Apk, include_str!("../../../testdata/versions/apk.tsv")),
    (Scheme::Semver, include_str!("../../../testdata/versions/semver.tsv")),
    (Scheme::Npm, include_str!("../../../testdata/versions/npm.tsv")),
    (Scheme::Go, include_str!("../../../testdata/versions/go.tsv")),
    (Scheme::Go, include_str!("../../../testdata/versions/go-releases.tsv")),
    (Scheme::Hex, include_str!("../../../testdata/versions/hex.tsv")),
    (Scheme::Pep440, include_str!("../../../testdata/versions/pep440.tsv")),
    (Scheme::Pep440, include_str!("../../../testdata/versions/pep440-legacy.tsv")),
    (Scheme::Maven, include_str!("../../../testdata/versions/maven.tsv")),
    (Scheme::RubyGems, include_str!("../../../testdata/versions/rubygems.tsv")),
    (Scheme::Packagist, include_str!("../../../testdata/versions/packagist.tsv")),
    (Scheme::Nuget, include_str!("../../../testdata/versions/nuget.tsv")),
    (Scheme::Pub, include_str!("../../../testdata/versions/pub.tsv")),
    (Scheme::Cran, include_str!("../../../testdata/versions/cran.tsv")),
    (Scheme::Hackage, include_str!("../../../testdata/versions/hackage.tsv")),
    (Scheme::Bitnami, include_str!("../../../testdata/versions/bitnami.tsv")),
];

/// Pairs over which Maven and pacman go in circles: there `Ord` may differ from the verdict.
const CIRCLES: [(&str, &str); 8] = [
    ("2.0.0.redhat-2", "2.0.0-rc-1"),
    ("1.foo", "1-foo"),
    ("1.foo", "1-1"),
    ("-alpha", "foo"),
    ("1.0", "1.0-1"),
    ("1.0-1", "1.0"),
    ("1.0", "1.0-99"),
    ("1..a", "1.0"),
];

#[test]
fn every_verdict_is_that_of_the_reference_in_both_directions() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for (scheme, table) in TABLES {
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let [a, verdict, b] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("{scheme}: {line:?} is no row");
            };
            let expected = match verdict {
                "<" => Ordering::Less,
                "=" => Ordering::Equal,
                ">" => Ordering::Greater,
                _ => panic!("{scheme}: {line:?} has no verdict"),
            };
            let given = (scheme.compare(a, b), scheme.compare(b, a));
            if given != (Some(expected), Some(expected.reverse())) {
                wrong.push(format!("{scheme}: {a:?} {verdict} {b:?}, not {given:?}"));
            }
            let order = scheme.parse(a).cmp(&scheme.parse(b));
            if order != expected && !CIRCLES.contains(&(a, b)) {
                wrong.push(format!("{scheme}: {a:?} {verdict} {b:?}, but in order {order:?}"));
            }
            count += 1;
        }
    }
    assert!(wrong.is_empty(), "{} of {count} rows are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 300, "only {count} rows");
}

#[test]
fn what_has_no_number_at_its_start_is_no_version_where_the_order_is_of_numbers() {
    for scheme in [Scheme::Semver, Scheme::Npm, Scheme::Hex, Scheme::Nuget, Scheme::Pub, Scheme::Cran, Scheme::Hackage]
    {
        for text in ["", "latest", "-1", ".5", "x1.0"] {
            assert_eq!(scheme.compare(text, "1.0.0"), None, "{scheme}: {text:?}");
        }
    }
    assert_eq!(Scheme::Go.compare("(devel)", "v1.0.0"), None);
    assert_eq!(Scheme::Cran.compare("1.0a", "1.0"), None);
}
