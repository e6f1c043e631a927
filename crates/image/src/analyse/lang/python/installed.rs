//! Installed distributions: core metadata, the mail-like header that every installer writes.

use super::super::Listing;
use super::distribution;
use crate::Limits;
use crate::analyse::{AnalyseError, File, Found};

/// Name and version come first in all metadata that tools write; the rest, often a whole README, is read only where
/// they do not.
const HEAD: usize = 4096;

/// The distribution that `METADATA`, `PKG-INFO` or an `.egg-info` file describes.
pub(in super::super) fn analyse(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let mut head = [0; HEAD];
    let count = file.content.read_at(0, &mut head)?;
    let short = String::from_utf8_lossy(head.get(..count).unwrap_or_default());
    // The last line may be cut.
    let whole_lines = short.rsplit_once('\n').map_or("", |(lines, _)| lines);
    let mut listing = Listing::new(limits);
    match name_and_version(whole_lines) {
        Some((name, version)) => listing.add(distribution(name, version)),
        None => describe(&file.text(limits)?, &mut listing)?,
    }
    Ok(listing.done())
}

/// Adds the distribution that the metadata describes.
pub(super) fn describe(text: &str, listing: &mut Listing) -> Result<(), AnalyseError> {
    let (name, version) = name_and_version(text)
        .ok_or_else(|| AnalyseError::malformed("it has no name and version of a distribution"))?;
    listing.add(distribution(name, version));
    Ok(())
}

/// Both fields, from the header of core metadata.
fn name_and_version(text: &str) -> Option<(&str, &str)> {
    let (mut name, mut version) = (None, None);
    // A line of spaces goes on with a long licence; only an empty one ends the header.
    for line in text.lines().take_while(|line| !line.is_empty()) {
        let Some((field, value)) = line.split_once(':') else { continue };
        let slot = match field.to_ascii_lowercase().as_str() {
            "name" => &mut name,
            "version" => &mut version,
            _ => continue,
        };
        slot.get_or_insert(value.trim());
        if let (Some(name), Some(version)) = (name, version) {
            return Some((name, version)).filter(|(name, version)| !name.is_empty() && !version.is_empty());
        }
    }
    None
}
