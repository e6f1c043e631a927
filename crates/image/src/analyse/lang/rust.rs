//! `Cargo.lock`: crates of a registry or a repository. Those without a source are the workspace's own. The file does
//! not tell which of them serve tests only.

use keelguard_model::image::PackageKind;
use serde::Deserialize;

use super::{Listing, toml};
use crate::Limits;
use crate::analyse::{AnalyseError, File, Found, FoundPackage};

#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    source: Option<String>,
}

/// The crates that are locked.
pub(super) fn analyse(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let lock: Lock = toml::parse(&file.text(limits)?)?;
    let mut listing = Listing::new(limits);
    for package in lock.package.iter().filter(|package| package.source.is_some()) {
        listing.add(FoundPackage::new(PackageKind::Cargo, &package.name, &package.version));
    }
    Ok(listing.done())
}
