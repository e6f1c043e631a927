//! Julia: packages in a depot, and the `Manifest.toml` of an environment.

use std::collections::BTreeMap;

use keelguard_model::image::PackageKind;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Listing, toml};
use crate::Limits;
use crate::analyse::{AnalyseError, File, Found, FoundPackage};

#[derive(Deserialize)]
struct Project {
    name: Option<String>,
    uuid: Option<String>,
    version: Option<String>,
}

/// One package of a depot: `packages/NAME/SLUG/Project.toml`.
pub(super) fn installed(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let mut folders = file.path.rsplit('/').skip(2);
    let name = folders.next();
    let mut listing = Listing::new(limits);
    if folders.next() != Some("packages") {
        return Ok(listing.done());
    }
    let project: Project = toml::parse(&file.text(limits)?)?;
    if project.uuid.is_some() && project.name.as_deref() == name {
        let (version, uuid) = (project.version.unwrap_or_default(), project.uuid.unwrap_or_default());
        listing.add(package(name.unwrap_or_default(), &version, &uuid));
    }
    Ok(listing.done())
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Manifest {
    /// From format 2 on: `[[deps.Name]]`.
    Under { deps: BTreeMap<String, Vec<Entry>> },
    /// Before: `[[Name]]`.
    Bare(BTreeMap<String, Entries>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Entries {
    Packages(Vec<Entry>),
    Other(IgnoredAny),
}

#[derive(Deserialize)]
struct Entry {
    /// The standard library's packages had none before Julia 1.11, and folders have none.
    version: Option<String>,
    uuid: Option<String>,
    path: Option<String>,
}

/// The packages of an environment, less those from folders.
pub(super) fn manifest(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let manifest: Manifest = toml::parse(&file.text(limits)?)?;
    let mut listing = Listing::new(limits);
    let mut add = |name: &str, entries: &[Entry]| {
        for entry in entries.iter().filter(|entry| entry.path.is_none()) {
            let (version, uuid) = (entry.version.as_deref(), entry.uuid.as_deref());
            listing.add(package(name, version.unwrap_or_default(), uuid.unwrap_or_default()));
        }
    };
    match &manifest {
        Manifest::Under { deps } => deps.iter().for_each(|(name, entries)| add(name, entries)),
        Manifest::Bare(all) => all.iter().for_each(|(name, entries)| match entries {
            Entries::Packages(entries) => add(name, entries),
            Entries::Other(_) => {}
        }),
    }
    Ok(listing.done())
}

/// Names are not unique in Julia: the uuid tells packages of one name in different registries apart.
fn package(name: &str, version: &str, uuid: &str) -> FoundPackage {
    FoundPackage::new(PackageKind::Julia, name, version).qualifier("uuid", uuid)
}
