//! `bun.lock`: JSON with comments and trailing commas. Its binary forerunner `bun.lockb` is not read, and that is said.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::super::Listing;
use super::super::graph::reachable;
use super::super::json::{self, Word};
use super::{is_version, package, split_spec};
use crate::Limits;
use crate::analyse::{AnalyseError, File, Found};

/// Longest key whose nesting is followed; every level of it costs a look-up.
const MAX_KEY: usize = 1024;

type Names<'a> = BTreeMap<Cow<'a, str>, Word<'a>>;

#[derive(Deserialize)]
struct Lock<'a> {
    #[serde(default, borrow)]
    workspaces: BTreeMap<Cow<'a, str>, Needs<'a>>,
    #[serde(default, borrow)]
    packages: BTreeMap<Cow<'a, str>, Entry<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Needs<'a> {
    #[serde(default, borrow)]
    name: Word<'a>,
    #[serde(default, borrow)]
    dependencies: Names<'a>,
    #[serde(default, borrow)]
    optional_dependencies: Names<'a>,
    #[serde(default, borrow)]
    peer_dependencies: Names<'a>,
}

impl Needs<'_> {
    fn names(&self) -> impl Iterator<Item = &str> {
        [&self.dependencies, &self.optional_dependencies, &self.peer_dependencies]
            .into_iter()
            .flat_map(|group| group.keys())
            .map(|name| &**name)
    }
}

/// `["name@version", "registry", {dependencies}, "hash"]`, with fewer parts for what is no registry's.
#[derive(Deserialize)]
struct Entry<'a>(#[serde(borrow)] Vec<Part<'a>>);

#[derive(Deserialize)]
#[serde(untagged)]
enum Part<'a> {
    Text(#[serde(borrow)] Cow<'a, str>),
    Needs(#[serde(borrow)] Needs<'a>),
    Other(IgnoredAny),
}

/// The packages that are locked and that something else than development needs.
pub(in super::super) fn analyse(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let bytes = plain_json(file.bytes(limits)?);
    let lock: Lock<'_> = json::parse(&bytes)?;
    let mut listing = Listing::new(limits);
    let roots = lock
        .workspaces
        .values()
        .flat_map(|needs| needs.names().filter_map(|name| lock.find(needs.name.as_str(), name)));
    for key in reachable(roots, |key| lock.neighbours(key)) {
        let Some(Part::Text(spec)) = lock.packages.get(key).and_then(|entry| entry.0.first()) else { continue };
        if let Some((name, version)) = split_spec(spec)
            && is_version(version)
        {
            listing.add(package(name, version));
        }
    }
    Ok(listing.done())
}

/// Says that the binary lock file is not read.
#[expect(clippy::unnecessary_wraps, reason = "rows of the table have one shape")]
pub(in super::super) fn binary(_: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let mut listing = Listing::new(limits);
    listing.incomplete("bun's binary lock file is not read; `bun install --save-text-lockfile` writes one that is");
    Ok(listing.done())
}

impl Lock<'_> {
    fn neighbours(&self, key: &str) -> Vec<&str> {
        let parts = self.packages.get(key).into_iter().flat_map(|entry| &entry.0);
        let needs = parts.filter_map(|part| match part {
            Part::Needs(needs) => Some(needs),
            Part::Text(_) | Part::Other(_) => None,
        });
        needs.flat_map(Needs::names).filter_map(|name| self.find(key, name)).collect()
    }

    /// The key that `name` means for the package under `key`: the nearest, as in nested `node_modules`.
    fn find(&self, key: &str, name: &str) -> Option<&str> {
        let mut above = if key.len() <= MAX_KEY { key } else { "" };
        loop {
            let candidate = if above.is_empty() { Cow::Borrowed(name) } else { Cow::Owned(format!("{above}/{name}")) };
            if let Some((found, _)) = self.packages.get_key_value(&*candidate) {
                return Some(found);
            }
            if above.is_empty() {
                return None;
            }
            above = above.rsplit_once('/').map_or("", |(above, _)| above);
        }
    }
}

/// Comments and trailing commas become spaces.
fn plain_json(mut bytes: Vec<u8>) -> Vec<u8> {
    let mut comma: Option<usize> = None;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let next = bytes.get(at + 1).copied();
        let end = match (byte, next) {
            (b'"', _) => {
                comma = None;
                at = end_of_string(&bytes, at);
                continue;
            }
            (b'/', Some(b'/')) => find(&bytes, at, b"\n"),
            (b'/', Some(b'*')) => find(&bytes, at + 2, b"*/") + 2,
            (b',', _) => {
                comma = Some(at);
                at + 1
            }
            (b']' | b'}', _) => {
                if let Some(comma) = comma.take().and_then(|comma| bytes.get_mut(comma)) {
                    *comma = b' ';
                }
                at + 1
            }
            _ => {
                if !byte.is_ascii_whitespace() {
                    comma = None;
                }
                at + 1
            }
        };
        if byte == b'/' {
            let end = end.min(bytes.len());
            bytes.get_mut(at..end).unwrap_or_default().fill(b' ');
        }
        at = end;
    }
    bytes
}

fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    loop {
        match bytes.get(at) {
            Some(b'\\') => at += 2,
            Some(b'"') | None => return at + 1,
            Some(_) => at += 1,
        }
    }
}

fn find(bytes: &[u8], from: usize, what: &[u8]) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.windows(what.len()).position(|window| window == what).map_or(bytes.len(), |place| from + place)
}
