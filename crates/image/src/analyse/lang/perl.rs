//! Perl: distributions that cpanm installed, and Carton's `cpanfile.snapshot`.

use keelguard_model::image::PackageKind;
use serde::Deserialize;

use super::Listing;
use super::json::{self, Word};
use crate::Limits;
use crate::analyse::{AnalyseError, File, Found, FoundPackage};

#[derive(Deserialize)]
struct Meta<'a> {
    #[serde(default, borrow)]
    name: Word<'a>,
    #[serde(default, borrow)]
    version: Word<'a>,
}

/// One installed distribution: `.meta/DISTRIBUTION-VERSION/MYMETA.json` beside the modules. Anywhere else the file is
/// left over from a build.
pub(super) fn installed(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let mut listing = Listing::new(limits);
    if file.path.rsplit('/').nth(2) == Some(".meta") {
        let bytes = file.bytes(limits)?;
        let meta: Meta<'_> = json::parse(&bytes)?;
        listing.add(FoundPackage::new(PackageKind::Cpan, meta.name.as_str(), meta.version.as_str()));
    }
    Ok(listing.done())
}

/// `cpanfile.snapshot`: under `DISTRIBUTIONS`, lines of two spaces and `Name-1.0`.
pub(super) fn snapshot(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let text = file.text(limits)?;
    let mut listing = Listing::new(limits);
    for line in text.lines() {
        let Some(line) = line.strip_prefix("  ").filter(|line| !line.starts_with(' ')) else { continue };
        if let Some((name, version)) = line.trim_end().rsplit_once('-') {
            listing.add(FoundPackage::new(PackageKind::Cpan, name, version));
        }
    }
    Ok(listing.done())
}
