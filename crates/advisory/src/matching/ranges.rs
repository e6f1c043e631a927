//! Whether a version lies in a range: the evaluation that the OSV schema describes, and the words for the part of the
//! range that holds the version.

use crate::osv::{EventKind, RangeKind};
use crate::version::{Scheme, Version};

/// The part of a range that holds a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held<'text> {
    /// `>= 0, < 3.0.11-1~deb12u2`.
    pub(super) words: String,
    /// Where it ends, if it ends with a fix.
    pub(super) fixed: Option<&'text str>,
}

/// The order that a range follows. Ecosystems of semantic versions have a dialect each, which is what their records mean.
pub(super) fn scheme_of(kind: RangeKind, ecosystem: Scheme) -> Scheme {
    const DIALECTS: &[Scheme] = &[Scheme::Npm, Scheme::Go, Scheme::Bitnami, Scheme::Hex, Scheme::Pub, Scheme::Nuget];
    match kind {
        RangeKind::Semver if !DIALECTS.contains(&ecosystem) => Scheme::Semver,
        _ => ecosystem,
    }
}

/// One event with its place. `None` is before all versions.
struct Place<'text> {
    kind: EventKind,
    text: &'text str,
    at: Option<Version>,
}

/// Events whose version cannot be read are passed over; so is a range without a readable beginning.
pub(super) fn held<'text>(
    scheme: Scheme,
    installed: &Version,
    events: &[(EventKind, &'text str)],
) -> Option<Held<'text>> {
    let mut limits = 0_usize;
    let mut within = false;
    let mut places = Vec::with_capacity(events.len());
    for &(kind, text) in events {
        let at = if kind == EventKind::Introduced && text == "0" { None } else { scheme.parse(text) };
        if kind == EventKind::Limit {
            limits += 1;
            within |= text == "*" || at.is_some_and(|limit| *installed < limit);
        } else if at.is_some() || kind == EventKind::Introduced && text == "0" {
            places.push(Place { kind, text, at });
        }
    }
    if limits > 0 && !within {
        return None;
    }
    // Stable: of two events at one version the later one of the record decides.
    places.sort_by(|left, right| left.at.cmp(&right.at));
    let mut since = None;
    let mut until = None;
    for place in &places {
        let reached = place.at.as_ref().is_none_or(|at| installed >= at);
        match place.kind {
            EventKind::Introduced if reached => since = Some(place.text),
            EventKind::Fixed if reached => since = None,
            EventKind::LastAffected if place.at.as_ref().is_some_and(|at| installed > at) => since = None,
            EventKind::Fixed | EventKind::LastAffected if until.is_none() => until = Some(place),
            _ => {}
        }
    }
    let since = since?;
    let fixed = until.filter(|place| place.kind == EventKind::Fixed).map(|place| place.text);
    let words = match until {
        None => format!(">= {since}"),
        Some(end) if end.kind == EventKind::Fixed => format!(">= {since}, < {}", end.text),
        Some(end) => format!(">= {since}, <= {}", end.text),
    };
    Some(Held { words, fixed })
}

#[cfg(test)]
#[path = "ranges_tests.rs"]
mod tests;
