//! Until when distributions get security updates from those who make them, without paid extensions.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use keelguard_model::{Finding, Subject, rule};

use crate::Examined;

/// `ID` of os-release, the beginning of `VERSION_ID`, the last day. Debian's and Ubuntu's are those of the package
/// distro-info-data 0.58+deb12u7 (Debian: with long-term support; Ubuntu: standard support); the others are those that
/// the projects announced, as known in November 2026.
const LAST_DAYS: &[(&str, &str, &str)] = &[
    ("debian", "7", "2018-05-31"),
    ("debian", "8", "2020-06-30"),
    ("debian", "9", "2022-06-30"),
    ("debian", "10", "2024-06-30"),
    ("debian", "11", "2026-08-31"),
    ("debian", "12", "2028-06-30"),
    ("debian", "13", "2030-06-30"),
    ("ubuntu", "14.04", "2019-04-25"),
    ("ubuntu", "16.04", "2021-04-30"),
    ("ubuntu", "18.04", "2023-05-31"),
    ("ubuntu", "20.04", "2025-05-31"),
    ("ubuntu", "22.04", "2027-06-01"),
    ("ubuntu", "22.10", "2023-07-20"),
    ("ubuntu", "23.04", "2024-01-25"),
    ("ubuntu", "23.10", "2024-07-11"),
    ("ubuntu", "24.04", "2029-05-31"),
    ("ubuntu", "24.10", "2025-07-10"),
    ("ubuntu", "25.04", "2026-01-15"),
    ("ubuntu", "25.10", "2026-07-09"),
    ("ubuntu", "26.04", "2031-05-29"),
    ("alpine", "3.13", "2022-11-01"),
    ("alpine", "3.14", "2023-05-01"),
    ("alpine", "3.15", "2023-11-01"),
    ("alpine", "3.16", "2024-05-23"),
    ("alpine", "3.17", "2024-11-22"),
    ("alpine", "3.18", "2025-05-09"),
    ("alpine", "3.19", "2025-11-01"),
    ("alpine", "3.20", "2026-04-01"),
    ("alpine", "3.21", "2026-11-01"),
    ("alpine", "3.22", "2027-05-01"),
    ("centos", "6", "2020-11-30"),
    ("centos", "7", "2024-06-30"),
    ("centos", "8", "2021-12-31"),
    ("rhel", "6", "2020-11-30"),
    ("rhel", "7", "2024-06-30"),
    ("rhel", "8", "2029-05-31"),
    ("rhel", "9", "2032-05-31"),
    ("almalinux", "8", "2029-03-01"),
    ("almalinux", "9", "2032-05-31"),
    ("rocky", "8", "2029-05-31"),
    ("rocky", "9", "2032-05-31"),
    ("ol", "6", "2021-03-31"),
    ("ol", "7", "2024-12-31"),
    ("ol", "8", "2029-07-31"),
    ("amzn", "1", "2023-12-31"),
    ("amzn", "2018.03", "2023-12-31"),
    ("amzn", "2", "2026-06-30"),
    ("amzn", "2023", "2029-06-30"),
    ("fedora", "38", "2024-05-21"),
    ("fedora", "39", "2024-11-26"),
    ("fedora", "40", "2025-05-13"),
    ("fedora", "41", "2025-11-26"),
    ("opensuse-leap", "15.4", "2023-12-07"),
    ("opensuse-leap", "15.5", "2024-12-31"),
    ("opensuse-leap", "15.6", "2026-04-30"),
];

pub(super) fn finding(examined: &Examined, subject: &Subject, now: Timestamp) -> Option<Finding> {
    let os = examined.target.os.as_ref()?;
    let last = last_day(&os.id, &os.version)?;
    let today = TimeZone::UTC.to_datetime(now).date();
    (today > last).then(|| {
        rule::END_OF_LIFE
            .on(subject.clone())
            .evidence("os-release", format!("{} {}", os.id, os.version))
            .evidence("last security update", last.to_string())
    })
}

/// The last day of a release, where it is known. `3.20` is `3.20` and `3.20.6`, not `3.2` nor `3.200`.
fn last_day(id: &str, version: &str) -> Option<Date> {
    let is_of = |release: &str| {
        version.strip_prefix(release).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '_', '-']))
    };
    let (.., day) = LAST_DAYS
        .iter()
        .filter(|(distribution, release, _)| *distribution == id && is_of(release))
        .max_by_key(|(_, release, _)| release.len())?;
    day.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_in_the_table_is_one_and_no_release_stands_twice() {
        let mut seen = std::collections::HashSet::new();
        for (id, release, day) in LAST_DAYS {
            assert!(day.parse::<Date>().is_ok(), "{id} {release}: {day}");
            assert!(seen.insert((id, release)), "{id} {release} stands twice");
        }
    }

    #[test]
    fn a_release_is_not_taken_for_another_that_begins_alike() {
        assert_eq!(last_day("alpine", "3.20.6").unwrap().to_string(), "2026-04-01");
        assert_eq!(last_day("alpine", "3.2"), None);
        assert_eq!(last_day("debian", "1"), None);
        assert_eq!(last_day("debian", "12").unwrap().to_string(), "2028-06-30");
        assert_eq!(last_day("debian", ""), None, "testing has no end");
    }
}
