//! The order of Go modules (`golang.org/x/mod/semver`) and of Go's own releases (`go/version`), which OSV lists as the
//! packages `stdlib` and `toolchain`.
//!
//! A module's version may lack its `v`, as in OSV records. With the `v` it must be exact: what Go refuses comes before
//! everything, and all of it is equal. Go's releases are mapped to what OSV calls them: go1.21rc2 is 1.21.0-rc.2, and
//! go1.21, since 1.21 the language and not a release, is 1.21.0-0.

use std::cmp::Ordering;

use super::number::{Number, is_digits, split_text_while};
use super::semver::{self, Identifier};

/// A version, or something that Go refuses.
#[derive(Clone, Debug)]
pub(super) enum Version {
    /// Comes before everything else.
    Invalid,
    /// A version of a module or of Go.
    Valid(semver::Version),
}

impl Version {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        // The main module of a program that was built from its source tree: no version at all.
        if text.is_empty() || text == "(devel)" {
            return None;
        }
        let version = if let Some(release) = text.strip_prefix("go") {
            let end = release.find(['-', '+', ' ']).unwrap_or(release.len());
            release.get(..end).and_then(parse_release)
        } else if let Some(module) = text.strip_prefix('v') {
            if is_module_version(module) { semver::Version::parse(module) } else { None }
        } else {
            parse_release(text)
                .filter(|release| matches!(release.pre_release.first(), Some(Identifier::Text(_))))
                .or_else(|| semver::Version::parse(text))
        };
        Some(version.map_or(Self::Invalid, Self::Valid))
    }
}

/// Is this what follows the `v` of a module's version? `1` and `1.2` are short for `1.0.0` and `1.2.0`, but then
/// nothing may follow.
fn is_module_version(text: &str) -> bool {
    let (text, build) = match text.split_once('+') {
        Some((text, build)) => (text, Some(build)),
        None => (text, None),
    };
    let (core, pre_release) = match text.split_once('-') {
        Some((core, pre_release)) => (core, Some(pre_release)),
        None => (text, None),
    };
    let is_identifier =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let numbers = core.split('.').count();
    core.split('.').all(is_number)
        && (numbers == 3 || numbers < 3 && pre_release.is_none() && build.is_none())
        && pre_release
            .is_none_or(|text| text.split('.').all(|part| is_identifier(part) && (!is_digits(part) || is_number(part))))
        && build.is_none_or(|text| text.split('.').all(is_identifier))
}

/// Reads what follows `go` in the name of a release: `1`, `1.21`, `1.21.3`, `1.21rc2`.
fn parse_release(text: &str) -> Option<semver::Version> {
    let (major, rest) = number(text)?;
    let Some(rest) = rest.strip_prefix('.') else {
        return rest.is_empty().then(|| version(major, Number::ZERO, Number::ZERO, Vec::new()));
    };
    let (minor, rest) = number(rest)?;
    if rest.is_empty() {
        let is_language = (&major, &minor) >= (&Number::Small(1), &Number::Small(21));
        let pre_release = if is_language { vec![Identifier::Number(Number::ZERO)] } else { Vec::new() };
        return Some(version(major, minor, Number::ZERO, pre_release));
    }
    let (patch, rest) = match rest.strip_prefix('.') {
        Some(rest) => number(rest)?,
        None => (Number::ZERO, rest),
    };
    Some(version(major, minor, patch, pre_release(rest)?))
}

/// Nothing, or a word and perhaps a number: `rc2`.
fn pre_release(text: &str) -> Option<Vec<Identifier>> {
    let (kind, number) = split_text_while(text, |byte| byte.is_ascii_lowercase());
    let mut pre_release = Vec::new();
    if !kind.is_empty() {
        pre_release.push(Identifier::Text(kind.into()));
    } else if !number.is_empty() {
        return None;
    }
    if is_number(number) {
        pre_release.push(Identifier::Number(Number::of_digits(number)));
    } else if !number.is_empty() {
        return None;
    }
    Some(pre_release)
}

/// Reads a number, which for Go has no leading zeros.
fn number(text: &str) -> Option<(Number, &str)> {
    let (digits, rest) = split_text_while(text, |byte| byte.is_ascii_digit());
    is_number(digits).then(|| (Number::of_digits(digits), rest))
}

fn is_number(text: &str) -> bool {
    is_digits(text) && (text == "0" || !text.starts_with('0'))
}

fn version(major: Number, minor: Number, patch: Number, pre_release: Vec<Identifier>) -> semver::Version {
    semver::Version { core: vec![major, minor, patch], pre_release }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Valid(a), Self::Valid(b)) => a.cmp(b),
            (Self::Invalid, Self::Invalid) => Ordering::Equal,
            (Self::Invalid, Self::Valid(_)) => Ordering::Less,
            (Self::Valid(_), Self::Invalid) => Ordering::Greater,
        }
    }
}

super::order_is_equality!(Version);
