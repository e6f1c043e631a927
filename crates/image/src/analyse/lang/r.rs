//! R: installed packages and the lock file of renv.

use std::borrow::Cow;
use std::collections::BTreeMap;

use keelguard_model::image::PackageKind;
use serde::Deserialize;

use super::Listing;
use super::json::{self, Word};
use crate::Limits;
use crate::analyse::{AnalyseError, File, Found, FoundPackage};

/// One installed package: `PACKAGE/DESCRIPTION`. Only installation writes the field `Built`, so sources do not count;
/// packages of priority `base` are part of R and not on CRAN.
pub(super) fn installed(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let text = file.text(limits)?;
    let (mut name, mut version, mut built, mut base) = ("", "", false, false);
    for line in text.lines() {
        match line.split_once(':').map(|(field, value)| (field, value.trim())) {
            Some(("Package", value)) => name = value,
            Some(("Version", value)) => version = value,
            Some(("Built", _)) => built = true,
            Some(("Priority", value)) => base = value == "base",
            _ => {}
        }
    }
    let mut listing = Listing::new(limits);
    if built && !base {
        listing.add(FoundPackage::new(PackageKind::Cran, name, version));
    }
    Ok(listing.done())
}

#[derive(Deserialize)]
struct Lock<'a> {
    #[serde(default, borrow, rename = "Packages")]
    packages: BTreeMap<Cow<'a, str>, Package<'a>>,
}

#[derive(Deserialize)]
struct Package<'a> {
    #[serde(default, borrow, rename = "Version")]
    version: Word<'a>,
}

/// `renv.lock`.
pub(super) fn renv_lock(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let bytes = file.bytes(limits)?;
    let lock: Lock<'_> = json::parse(&bytes)?;
    let mut listing = Listing::new(limits);
    for (name, package) in &lock.packages {
        listing.add(FoundPackage::new(PackageKind::Cran, name.trim(), package.version.as_str()));
    }
    Ok(listing.done())
}
