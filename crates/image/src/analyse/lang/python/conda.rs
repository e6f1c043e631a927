//! Conda: what lies in an environment's `conda-meta`, and what an `environment.yml` pins.

use keelguard_model::image::PackageKind;
use serde::Deserialize;

use super::super::json::{self, Word};
use super::super::{Listing, yaml};
use super::requirements;
use crate::Limits;
use crate::analyse::{AnalyseError, File, Found, FoundPackage};

#[derive(Deserialize)]
struct Record<'a> {
    #[serde(default, borrow)]
    name: Word<'a>,
    #[serde(default, borrow)]
    version: Word<'a>,
}

/// One installed package: `conda-meta/NAME-VERSION-BUILD.json`.
pub(in super::super) fn installed(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let mut listing = Listing::new(limits);
    if file.path.rsplit('/').nth(1) == Some("conda-meta") {
        let bytes = file.bytes(limits)?;
        let record: Record<'_> = json::parse(&bytes)?;
        listing.add(FoundPackage::new(PackageKind::Conda, record.name.as_str(), record.version.as_str()));
    }
    Ok(listing.done())
}

/// The pinned dependencies of an `environment.yml`: `name=1.0`, `name=1.0=build`, `channel::name==1.0`, and those of pip.
pub(in super::super) fn environment(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let text = file.text(limits)?;
    let mut listing = Listing::new(limits);
    for document in yaml::parse(&text, &mut listing)? {
        for dependency in document.items_of("dependencies") {
            if let Some(package) = pinned(dependency.text()) {
                listing.add(package);
            }
            for requirement in dependency.items_of("pip") {
                if let Some(package) = requirements::pinned(requirement.text()) {
                    listing.add(package);
                }
            }
        }
    }
    Ok(listing.done())
}

fn pinned(dependency: &str) -> Option<FoundPackage> {
    let spec = dependency.rsplit("::").next().unwrap_or_default();
    let (name, version) = spec.split_once('=')?;
    let version = version.trim_start_matches('=').split('=').next().unwrap_or_default();
    let vague = |text: &str| text.contains(['<', '>', '!', '~', '*', '|', ',', ' ']);
    (!vague(name) && !vague(version)).then(|| FoundPackage::new(PackageKind::Conda, name, version))
}
