//! Haskell: what stack and cabal have frozen.

use keelguard_model::image::PackageKind;

use super::{Listing, yaml};
use crate::Limits;
use crate::analyse::{AnalyseError, File, Found, FoundPackage};

/// `stack.yaml.lock`: packages beyond those of the snapshot, `hackage: name-1.0@sha256:…,1234`. The snapshot's own
/// packages stand in no file of the project.
pub(super) fn stack_lock(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let text = file.text(limits)?;
    let mut listing = Listing::new(limits);
    for document in yaml::parse(&text, &mut listing)? {
        for package in document.items_of("packages") {
            let hackage = package.get("completed").map_or("", |completed| completed.text_of("hackage"));
            let id = hackage.split('@').next().unwrap_or_default();
            if let Some((name, version)) = id.rsplit_once('-') {
                listing.add(FoundPackage::new(PackageKind::Hackage, name, version));
            }
        }
    }
    Ok(listing.done())
}

/// `cabal.project.freeze`: `constraints: any.name ==1.0, name +flag, …`.
pub(super) fn cabal_freeze(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let text = file.text(limits)?;
    let mut listing = Listing::new(limits);
    for constraint in text.lines().filter(|line| !line.trim_start().starts_with("--")).flat_map(|line| line.split(','))
    {
        let constraint = constraint.trim();
        let constraint = constraint.strip_prefix("constraints:").map_or(constraint, str::trim_start);
        if let Some((name, version)) = constraint.split_once("==") {
            let name = name.trim();
            let name = name.strip_prefix("any.").unwrap_or(name);
            listing.add(FoundPackage::new(PackageKind::Hackage, name, version.trim()));
        }
    }
    Ok(listing.done())
}
