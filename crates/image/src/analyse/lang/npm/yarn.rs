//! `yarn.lock`: version 1, a format of its own, and "berry" (2 and later), which is YAML. Neither says which packages
//! serve development only, so all count.

use super::super::{Listing, yaml};
use super::{is_local, package, split_spec};
use crate::Limits;
use crate::analyse::{AnalyseError, File, Found};

/// The packages that are locked.
pub(in super::super) fn analyse(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let text = file.text(limits)?;
    let mut listing = Listing::new(limits);
    if text.lines().any(|line| line.starts_with("__metadata:")) {
        berry(&text, &mut listing)?;
    } else {
        classic(&text, &mut listing);
    }
    Ok(listing.done())
}

/// A line of ranges at the margin, then indented fields: `version "1.0.0"`.
fn classic(text: &str, listing: &mut Listing) {
    let mut name = None;
    for line in text.lines() {
        if line.starts_with('#') || line.trim().is_empty() {
            continue;
        }
        if !line.starts_with(' ') {
            let first = line.trim_end().trim_end_matches(':').split(", ").next().unwrap_or_default();
            name = split_spec(first.trim_matches('"')).and_then(|(name, range)| match range.strip_prefix("npm:") {
                // An alias: the range names the package that is behind it.
                Some(target) => Some(split_spec(target).map_or(name, |(name, _)| name)),
                None if is_local(range) || range.starts_with('.') || range.starts_with('/') => None,
                None => Some(name),
            });
        } else if let Some(version) = line.strip_prefix("  version ")
            && let Some(name) = name.take()
        {
            listing.add(package(name, version.trim().trim_matches('"')));
        }
    }
}

fn berry(text: &str, listing: &mut Listing) -> Result<(), AnalyseError> {
    for document in yaml::parse(text, listing)? {
        for (key, entry) in document.entries() {
            let resolution = entry.text_of("resolution");
            let resolution = if resolution.is_empty() { key } else { resolution };
            let Some((name, range)) = split_spec(resolution) else { continue };
            if !is_local(range) && entry.text_of("linkType") != "soft" {
                listing.add(package(name, entry.text_of("version")));
            }
        }
    }
    Ok(())
}
