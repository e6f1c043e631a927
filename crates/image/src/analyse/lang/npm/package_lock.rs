//! `package-lock.json` and `npm-shrinkwrap.json`: version 1 (`dependencies`, nested), 3 (`packages`, by path) and 2 (both).

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::Listing;
use super::super::json::{self, Flag, Word};
use super::{is_version, package, split_spec};
use crate::Limits;
use crate::analyse::{AnalyseError, File, Found};

#[derive(Deserialize)]
struct Lock<'a> {
    #[serde(default, borrow)]
    packages: Option<BTreeMap<Cow<'a, str>, Package<'a>>>,
    #[serde(default, borrow)]
    dependencies: Option<BTreeMap<Cow<'a, str>, Dependency<'a>>>,
}

#[derive(Deserialize)]
struct Package<'a> {
    #[serde(default, borrow)]
    name: Word<'a>,
    #[serde(default, borrow)]
    version: Word<'a>,
    #[serde(default)]
    dev: Flag,
    #[serde(default)]
    extraneous: Flag,
}

#[derive(Deserialize)]
struct Dependency<'a> {
    #[serde(default, borrow)]
    version: Word<'a>,
    #[serde(default)]
    dev: Flag,
    #[serde(default, borrow)]
    dependencies: Option<BTreeMap<Cow<'a, str>, Dependency<'a>>>,
}

/// The packages that are locked.
pub(in super::super) fn analyse(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let bytes = file.bytes(limits)?;
    let lock: Lock<'_> = json::parse(&bytes)?;
    let mut listing = Listing::new(limits);
    if let Some(packages) = &lock.packages {
        for (path, entry) in packages {
            // Only what lies in node_modules comes from elsewhere; links have no version.
            let Some((_, name)) = path.rsplit_once("node_modules/") else { continue };
            if entry.dev.0 || entry.extraneous.0 {
                continue;
            }
            let name = if entry.name.as_str().is_empty() { name } else { entry.name.as_str() };
            listing.add(package(name, entry.version.as_str()));
        }
    } else if let Some(dependencies) = &lock.dependencies {
        nested(dependencies, &mut listing);
    }
    Ok(listing.done())
}

/// As deep as serde_json reads, which is 128 levels.
fn nested(dependencies: &BTreeMap<Cow<'_, str>, Dependency<'_>>, listing: &mut Listing) {
    for (name, entry) in dependencies {
        if entry.dev.0 {
            continue;
        }
        let version = entry.version.as_str();
        match version.strip_prefix("npm:").and_then(split_spec) {
            Some((name, version)) => listing.add(package(name, version)),
            None if is_version(version) => listing.add(package(name, version)),
            None => {}
        }
        if let Some(dependencies) = &entry.dependencies {
            nested(dependencies, listing);
        }
    }
}
