//! `Composer\Semver\VersionParser::normalize`: one spelling for each version of a Composer package.

use super::number::{is_digits, split_text_while};

/// The normalized spelling, or nothing if Composer refuses the text. A branch keeps its name, behind `dev-`.
pub(super) fn normalize(text: &str) -> Option<String> {
    let text = strip_stability_flag(strip_alias(text));
    if matches!(text, "master" | "trunk" | "default") {
        return Some(format!("dev-{text}"));
    }
    if let Some(branch) = strip_prefix_ignoring_case(text, "dev-") {
        return Some(format!("dev-{branch}"));
    }
    let text = strip_build(text);
    classical(text).or_else(|| date(text)).or_else(|| numbered_branch(text))
}

/// `1.0 as 2.0` is 1.0.
fn strip_alias(text: &str) -> &str {
    let is_word = |word: &str| !word.is_empty() && !word.contains(|c: char| c == ',' || c.is_ascii_whitespace());
    let alias = || {
        let (version, rest) = text.split_once(' ')?;
        let target = rest.trim_start_matches(' ').strip_prefix("as ")?.trim_start_matches(' ');
        (is_word(version) && is_word(target)).then_some(version)
    };
    alias().unwrap_or(text)
}

/// `1.0@beta` is 1.0.
fn strip_stability_flag(text: &str) -> &str {
    match text.rsplit_once('@') {
        Some((version, flag))
            if ["stable", "rc", "beta", "alpha", "dev"].iter().any(|known| flag.eq_ignore_ascii_case(known)) =>
        {
            version
        }
        _ => text,
    }
}

fn strip_build(text: &str) -> &str {
    let has_space = |text: &str| text.contains(|c: char| c.is_ascii_whitespace());
    match text.split_once('+') {
        Some((version, build))
            if !version.is_empty()
                && !build.is_empty()
                && !version.contains(',')
                && !has_space(version)
                && !has_space(build) =>
        {
            version
        }
        _ => text,
    }
}

/// One to four numbers and a stability: `1.2-beta3` is `1.2.0.0-beta3`.
fn classical(text: &str) -> Option<String> {
    let (first, mut rest) = digits(strip_v(text));
    if first.is_empty() || first.len() > 5 {
        return None;
    }
    let mut version = first.to_owned();
    for _ in 0..3 {
        let (number, after) = rest.strip_prefix('.').map_or(("", rest), digits);
        if number.is_empty() {
            version.push_str(".0");
        } else {
            version.push('.');
            version.push_str(number);
            rest = after;
        }
    }
    stability(rest).map(|stability| with_stability(version, &stability))
}

/// A date, perhaps with a time: `2024-01-31` is `2024.01.31`.
fn date(text: &str) -> Option<String> {
    let text = strip_v(text);
    let length = text.bytes().take_while(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b':' | b'-')).count();
    // What follows the date begins with a letter, and may have taken one separator from it.
    let (date, rest) = text.split_at_checked(length)?;
    let trimmed = date.strip_suffix(['.', '-']).unwrap_or(date);
    let (date, rest) = if trimmed.len() == date.len() { (date, rest) } else { (trimmed, text.get(trimmed.len()..)?) };
    if !is_date(date.as_bytes()) {
        return None;
    }
    let version = date.chars().map(|c| if c.is_ascii_digit() { c } else { '.' }).collect();
    stability(rest).map(|stability| with_stability(version, &stability))
}

/// Four digits; one to six groups of two digits; up to two groups of one to three digits, each after a separator or not.
fn is_date(text: &[u8]) -> bool {
    let Some((year, rest)) = text.split_at_checked(4) else {
        return false;
    };
    year.iter().all(u8::is_ascii_digit) && pairs(rest, 6)
}

/// One group of two digits or more, at most `most`, and then the end or the last groups.
fn pairs(text: &[u8], most: u8) -> bool {
    most > 0 && after_group(text, 2).is_some_and(|rest| is_end(rest, 2) || pairs(rest, most - 1))
}

/// Is this the end, perhaps after up to `most` groups of one to three digits?
fn is_end(text: &[u8], most: u8) -> bool {
    text.is_empty()
        || most > 0 && (1..=3).any(|digits| after_group(text, digits).is_some_and(|rest| is_end(rest, most - 1)))
}

fn after_group(text: &[u8], digits: usize) -> Option<&[u8]> {
    let text = match text {
        [b'.' | b':' | b'-', rest @ ..] => rest,
        _ => text,
    };
    let (group, rest) = text.split_at_checked(digits)?;
    group.iter().all(u8::is_ascii_digit).then_some(rest)
}

/// A development branch named after numbers: `1.x-dev` is `1.9999999.9999999.9999999-dev`.
fn numbered_branch(text: &str) -> Option<String> {
    let name = strip_suffix_ignoring_case(text, "dev")?;
    let name = name.strip_suffix(['.', '-']).unwrap_or(name).trim();
    let mut parts = strip_v(name).split('.');
    let first = parts.next().filter(|part| is_digits(part))?;
    let mut version = first.to_owned();
    for _ in 0..3 {
        version.push('.');
        match parts.next() {
            Some(part) if is_digits(part) => version.push_str(part),
            None | Some("x" | "X" | "*") => version.push_str("9999999"),
            Some(_) => return None,
        }
    }
    parts.next().is_none().then(|| version + "-dev")
}

/// What follows the numbers: `[._-]`, a word with numbers, `dev`; each may be missing.
struct Stability<'a> {
    word: &'a str,
    numbers: &'a str,
    dev: bool,
}

/// Words of stability. Where one begins another, the longer one is first.
const WORDS: [&str; 9] = ["stable", "beta", "b", "rc", "alpha", "a", "patch", "pl", "p"];

fn stability(text: &str) -> Option<Stability<'_>> {
    let separated = text.strip_prefix(['.', '_', '-']);
    [separated, Some(text)].into_iter().flatten().find_map(|text| {
        WORDS.iter().find_map(|word| worded(text, word)).or_else(|| {
            let dev = is_dev(text)?;
            Some(Stability { word: "", numbers: "", dev })
        })
    })
}

fn worded<'a>(text: &'a str, word: &str) -> Option<Stability<'a>> {
    let rest = strip_prefix_ignoring_case(text, word)?;
    let numbers = numbers_length(rest);
    let (numbers, after) = rest.split_at_checked(numbers)?;
    let word = text.get(..word.len())?;
    Some(Stability { word, numbers, dev: is_dev(after)? })
}

/// How long are the numbers at the start, each of them after `.`, `-` or nothing?
fn numbers_length(text: &str) -> usize {
    let mut length = 0;
    let mut rest = text;
    loop {
        let (number, after) = digits(rest.strip_prefix(['.', '-']).unwrap_or(rest));
        if number.is_empty() {
            return length;
        }
        length = text.len() - after.len();
        rest = after;
    }
}

/// Nothing, or `dev` after `.`, `-` or nothing.
fn is_dev(text: &str) -> Option<bool> {
    if text.is_empty() {
        return Some(false);
    }
    text.strip_prefix(['.', '-']).unwrap_or(text).eq_ignore_ascii_case("dev").then_some(true)
}

fn with_stability(mut version: String, stability: &Stability<'_>) -> String {
    if stability.word == "stable" {
        return version;
    }
    if !stability.word.is_empty() {
        let word = stability.word.to_ascii_lowercase();
        version.push('-');
        version.push_str(match word.as_str() {
            "a" => "alpha",
            "b" => "beta",
            "p" | "pl" => "patch",
            "rc" => "RC",
            word => word,
        });
        version.push_str(stability.numbers.trim_start_matches(['.', '-']));
    }
    if stability.dev {
        version.push_str("-dev");
    }
    version
}

fn digits(text: &str) -> (&str, &str) {
    split_text_while(text, |byte| byte.is_ascii_digit())
}

fn strip_v(text: &str) -> &str {
    text.strip_prefix(['v', 'V']).unwrap_or(text)
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

fn strip_suffix_ignoring_case<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let (rest, end) = text.split_at_checked(text.len().checked_sub(suffix.len())?)?;
    end.eq_ignore_ascii_case(suffix).then_some(rest)
}
