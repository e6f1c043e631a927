//! Gradle's lock files: `group:artifact:version=configuration,…`, one a line.

use keelguard_model::image::PackageKind;

use super::super::Listing;
use crate::Limits;
use crate::analyse::{AnalyseError, File, Found, FoundPackage};

/// The artifacts that are locked, less those of test configurations alone.
pub(in super::super) fn analyse(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let text = file.text(limits)?;
    let mut listing = Listing::new(limits);
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let Some((coordinates, configurations)) = line.split_once('=') else { continue };
        let Some((artifact, version)) = coordinates.trim().rsplit_once(':') else { continue };
        if !configurations.split(',').all(|configuration| configuration.trim().starts_with("test")) {
            listing.add(FoundPackage::new(PackageKind::Maven, artifact, version));
        }
    }
    Ok(listing.done())
}
