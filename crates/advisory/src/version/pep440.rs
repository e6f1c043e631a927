//! The order of Python packages: PEP 440, as `packaging` reads it. What PEP 440 refuses comes before everything that it
//! accepts, in the order that setuptools had before.

use super::legacy_python as legacy;
use super::number::{Number, is_digits, split_text_while};

/// A version of PEP 440, or something older.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Version {
    /// Not of PEP 440: the parts by which setuptools ordered it.
    Legacy(Vec<Box<str>>),
    /// Of PEP 440.
    Valid(Key),
}

/// The fields in the order in which they count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    epoch: Number,
    /// Without zeros at the end.
    release: Vec<Number>,
    pre: Pre,
    /// No post-release comes before any.
    post: Option<Number>,
    dev: Dev,
    /// No local version comes before any; a shorter one before a longer one that it begins.
    local: Vec<Local>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Pre {
    /// A development release of the release itself: before its pre-releases.
    OnlyDev,
    Alpha(Number),
    Beta(Number),
    Candidate(Number),
    Final,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Dev {
    Release(Number),
    None,
}

/// In a local version, numbers come after text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Local {
    Text(Box<str>),
    Number(Number),
}

impl Version {
    pub(super) fn parse(text: &str) -> Self {
        let lower = text.trim().to_ascii_lowercase();
        parse(&lower).map_or_else(|| Self::Legacy(legacy::key(&lower)), Self::Valid)
    }
}

type Kind = fn(Number) -> Pre;

/// The spellings of pre-releases. Where one begins another, the longer one is first.
const PRE: [(&str, Kind); 8] = [
    ("alpha", Pre::Alpha),
    ("a", Pre::Alpha),
    ("beta", Pre::Beta),
    ("b", Pre::Beta),
    ("preview", Pre::Candidate),
    ("pre", Pre::Candidate),
    ("c", Pre::Candidate),
    ("rc", Pre::Candidate),
];
const POST: [&str; 3] = ["post", "rev", "r"];

fn parse(text: &str) -> Option<Key> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let (epoch, rest) = match text.split_once('!') {
        Some((epoch, rest)) => (Number::parse(epoch)?, rest),
        None => (Number::ZERO, text),
    };
    let (mut release, rest) = release(rest)?;
    while release.last().is_some_and(Number::is_zero) {
        release.pop();
    }
    let (pre, rest) = match pre(rest) {
        Some((pre, rest)) => (Some(pre), rest),
        None => (None, rest),
    };
    let (post, rest) = match post(rest) {
        Some((post, rest)) => (Some(post), rest),
        None => (None, rest),
    };
    let (dev, rest) = match tag(rest, "dev") {
        Some((dev, rest)) => (Dev::Release(dev), rest),
        None => (Dev::None, rest),
    };
    let local = match rest.strip_prefix('+') {
        Some(local) => local.split(['.', '-', '_']).map(local_part).collect::<Option<_>>()?,
        None if rest.is_empty() => Vec::new(),
        None => return None,
    };
    let pre = match (pre, &post, &dev) {
        (Some(pre), ..) => pre,
        (None, None, Dev::Release(_)) => Pre::OnlyDev,
        (None, ..) => Pre::Final,
    };
    Some(Key { epoch, release, pre, post, dev, local })
}

fn release(text: &str) -> Option<(Vec<Number>, &str)> {
    let mut release = Vec::with_capacity(4);
    let mut rest = text;
    loop {
        let (digits, after) = split_text_while(rest, |byte| byte.is_ascii_digit());
        release.push(Number::parse(digits)?);
        match after.strip_prefix('.') {
            Some(next) if next.starts_with(|first: char| first.is_ascii_digit()) => rest = next,
            _ => return Some((release, after)),
        }
    }
}

fn pre(text: &str) -> Option<(Pre, &str)> {
    PRE.iter().find_map(|(name, kind)| tag(text, name).map(|(number, rest)| (kind(number), rest)))
}

/// A post-release is named, or a mere number after a hyphen.
fn post(text: &str) -> Option<(Number, &str)> {
    if let Some(rest) = text.strip_prefix('-') {
        let (digits, rest) = split_text_while(rest, |byte| byte.is_ascii_digit());
        if let Some(number) = Number::parse(digits) {
            return Some((number, rest));
        }
    }
    POST.iter().find_map(|name| tag(text, name))
}

/// Reads `[-_.]NAME[-_.]NUMBER`, all but the name optional. No number is zero, with or without its separator.
fn tag<'a>(text: &'a str, name: &str) -> Option<(Number, &'a str)> {
    let rest = text.strip_prefix(['-', '_', '.']).unwrap_or(text).strip_prefix(name)?;
    let number = rest.strip_prefix(['-', '_', '.']).unwrap_or(rest);
    let (digits, after) = split_text_while(number, |byte| byte.is_ascii_digit());
    Some((Number::of_digits(digits), after))
}

fn local_part(part: &str) -> Option<Local> {
    if is_digits(part) {
        return Some(Local::Number(Number::of_digits(part)));
    }
    (!part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric())).then(|| Local::Text(part.into()))
}
