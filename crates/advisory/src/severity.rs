//! How bad a vulnerability is: the words that databases use, and the bands of the scores.
//!
//! A problem whose severity nobody states counts as [`UNKNOWN`]: not so mild that it is filtered away, not so loud that
//! it drowns what is known to be bad.

use std::borrow::Cow;

use keelguard_model::Severity;
use keelguard_model::image::Cvss;

/// What a problem counts as whose severity is not known.
pub const UNKNOWN: Severity = Severity::Medium;

const WORDS: &[(&str, Severity)] = &[
    ("critical", Severity::Critical),
    ("important", Severity::High),
    ("high", Severity::High),
    ("moderate", Severity::Medium),
    ("medium", Severity::Medium),
    ("low", Severity::Low),
    ("minor", Severity::Low),
    // Debian: no security impact in practice. Ubuntu: of theoretical interest.
    ("unimportant", Severity::Info),
    ("negligible", Severity::Info),
    ("none", Severity::Info),
];

/// The severity that a database's word stands for; none for `unknown`, `not yet assigned` and the like.
pub(crate) fn from_word(word: &str) -> Option<Severity> {
    let word = word.trim_matches(|letter: char| letter == '*' || letter.is_whitespace());
    WORDS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, severity)| *severity)
}

/// Red Hat's descendants begin the title of an errata with the word: `Moderate: .NET 6.0 security update`.
pub(crate) fn from_errata(title: &str) -> Option<Severity> {
    const TITLES: &[&str] = &["Critical", "Important", "Moderate", "Low"];
    let (word, _) = title.split_once(':')?;
    TITLES.contains(&word).then(|| from_word(word)).flatten()
}

/// RustSec's advisories that are no vulnerability as such. That a crate is no longer maintained is good to know; that it is
/// unsound makes other mistakes worse.
pub(crate) fn informational(kind: Option<&str>) -> Option<Severity> {
    match kind? {
        "unmaintained" | "notice" => Some(Severity::Info),
        "unsound" => Some(Severity::Low),
        _ => None,
    }
}

/// The band of a base score. Version 2 has no "critical" and begins "high" at 7.0.
pub fn from_score(score: &Cvss) -> Severity {
    let first = score.score;
    let critical = score.vector.starts_with("CVSS:");
    if critical && first >= 9.0 {
        Severity::Critical
    } else if first >= 7.0 {
        Severity::High
    } else if first >= 4.0 {
        Severity::Medium
    } else if first > 0.0 {
        Severity::Low
    } else {
        Severity::Info
    }
}

/// The score that counts among several vectors: of the newest version of the standard, and there the highest.
pub fn best_score<'a>(vectors: impl IntoIterator<Item = &'a str>) -> Option<Cvss> {
    let rank = |vector: &str| match vector.get(..6) {
        Some("CVSS:4") => 3,
        Some("CVSS:3") => 2,
        _ => 1,
    };
    vectors
        .into_iter()
        .filter_map(score)
        .max_by(|left, right| rank(&left.vector).cmp(&rank(&right.vector)).then(left.score.total_cmp(&right.score)))
}

/// The base score of a vector of version 2.0, 3.0, 3.1 or 4.0; none where it is no such vector.
///
/// ```
/// let cvss = keelguard_advisory::severity::score("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H").unwrap();
/// assert_eq!(cvss.score, 9.8);
/// ```
pub fn score(vector: &str) -> Option<Cvss> {
    const LONGEST: usize = 1024;
    if vector.len() > LONGEST || !is_complete(vector.trim()) {
        return None;
    }
    let value = base_metrics(vector.trim()).parse::<cvss::Cvss>().ok()?.score();
    // One decimal, so that the detour through 64 bits leaves no trace.
    #[expect(clippy::cast_possible_truncation, reason = "0 to 10")]
    let score = ((value * 10.0).round() / 10.0) as f32;
    (0.0..=10.0).contains(&score).then(|| Cvss { vector: vector.trim().to_owned(), score })
}

/// Whether all base metrics are there: each standard says that without one of them there is no score.
fn is_complete(vector: &str) -> bool {
    let needed: &[&str] = match vector.get(..6) {
        Some("CVSS:4") => &["AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA"],
        Some("CVSS:3") => &["AV", "AC", "PR", "UI", "S", "C", "I", "A"],
        _ => &["AV", "AC", "Au", "C", "I", "A"],
    };
    let metrics: Vec<&str> = vector.split('/').filter_map(|part| Some(part.split_once(':')?.0)).collect();
    needed.iter().all(|metric| metrics.contains(metric))
}

/// Version 4 has one formula for all its metrics; threat and environment are taken out, so that what remains is the base
/// score as in the older versions.
fn base_metrics(vector: &str) -> Cow<'_, str> {
    const BASE: &[&str] = &["CVSS", "AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA"];
    if !vector.starts_with("CVSS:4") {
        return Cow::Borrowed(vector);
    }
    let is_base = |part: &&str| part.split_once(':').is_some_and(|(metric, _)| BASE.contains(&metric));
    Cow::Owned(vector.split('/').filter(is_base).collect::<Vec<_>>().join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_those_of_the_examples_that_first_publishes() {
        // CVSS v2 Complete Guide, 3.3.1; CVSS v3.1 Examples 1 and 2; CVSS v4.0 Examples and specification.
        for (vector, expected) in [
            ("AV:N/AC:L/Au:N/C:N/I:N/A:C", 7.8),
            ("AV:N/AC:L/Au:N/C:C/I:C/A:C", 10.0),
            ("AV:L/AC:H/Au:N/C:C/I:C/A:C", 6.2),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1),
            ("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 6.4),
            ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", 10.0),
            ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 9.3),
            ("CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 7.3),
        ] {
            assert_eq!(score(vector).map(|cvss| cvss.score), Some(expected), "{vector}");
        }
    }

    #[test]
    fn what_is_no_vector_has_no_score() {
        for text in ["", "7.5", "CVSS:3.1/AV:N", "CVSS:9.9/AV:N/AC:L", "AV:X/AC:L/Au:N/C:N/I:N/A:C", &"A".repeat(5000)]
        {
            assert!(score(text).is_none(), "{text}");
        }
    }

    #[test]
    fn the_newest_standard_counts_and_there_the_worst() {
        let vectors = [
            "AV:N/AC:L/Au:N/C:C/I:C/A:C",
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N",
            "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N",
        ];
        assert_eq!(best_score(vectors).map(|cvss| cvss.score), Some(6.4));
    }
}
