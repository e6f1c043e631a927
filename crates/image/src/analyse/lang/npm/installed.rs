//! Installed npm packages: one `package.json` each.
//!
//! Not every `package.json` is a package. Those without name and version are switches for module loaders; those in the
//! test folders of packages are fixtures; `private` ones outside `node_modules` are in no registry, and advisories of
//! the same name mean somebody else.

use keelguard_model::image::PackageKind;
use serde::Deserialize;

use super::super::Listing;
use super::super::json::{self, Flag, Word};
use crate::Limits;
use crate::analyse::{AnalyseError, File, Found, FoundPackage};

#[derive(Deserialize)]
struct Manifest<'a> {
    #[serde(default, borrow)]
    name: Word<'a>,
    #[serde(default, borrow)]
    version: Word<'a>,
    #[serde(default)]
    private: Flag,
}

/// The package that a `package.json` stands for, if it stands for one.
pub(in super::super) fn analyse(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let place = Place::of(file.path);
    if place == Place::Fixture {
        return Ok(Found::default());
    }
    let bytes = file.bytes(limits)?;
    let manifest: Manifest<'_> = match json::parse(&bytes) {
        Ok(manifest) => manifest,
        // Templates and test cases for parsers: nothing is installed by such a name.
        Err(_) if place != Place::Package => return Ok(Found::default()),
        Err(error) => return Err(error),
    };
    let (name, version) = (manifest.name.as_str(), manifest.version.as_str());
    let counts = match place {
        Place::Package => true,
        Place::Inside(package) => !manifest.private.0 && name != package,
        Place::Outside => !manifest.private.0,
        Place::Fixture => false,
    };
    let mut listing = Listing::new(limits);
    if counts {
        listing.add(FoundPackage::new(PackageKind::Npm, name, version));
    }
    Ok(listing.done())
}

/// Where a `package.json` lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place<'a> {
    /// At the top of a package in `node_modules`.
    Package,
    /// Deeper in the package of this name: a copy of another package, or a copy of its own manifest.
    Inside(&'a str),
    /// In a test folder of a package in `node_modules`, whatever lies above it.
    Fixture,
    /// Not in `node_modules`: an application, or a package that was unpacked by hand.
    Outside,
}

/// Folders of packages whose content is never run.
const FIXTURES: &[&str] = &[
    "__fixtures__",
    "__mocks__",
    "__tests__",
    "example",
    "examples",
    "fixture",
    "fixtures",
    "spec",
    "test",
    "testdata",
    "tests",
];

const MODULES: &str = "node_modules";

impl<'a> Place<'a> {
    fn of(path: &'a str) -> Self {
        let mut place = Self::Outside;
        let mut rest = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        while !rest.is_empty() {
            let (folder, after) = rest.split_once('/').unwrap_or((rest, ""));
            rest = after;
            if folder == MODULES {
                let name = package_name(rest);
                rest = rest.get(name.len()..).unwrap_or_default().trim_start_matches('/');
                place = match (name.is_empty(), rest.is_empty()) {
                    (true, _) => Self::Fixture,
                    (false, true) => Self::Package,
                    (false, false) => Self::Inside(name),
                };
            } else if place != Self::Outside && FIXTURES.contains(&folder) {
                return Self::Fixture;
            }
        }
        place
    }
}

/// The package's name at the beginning of a path below `node_modules`: `left-pad`, `@scope/name`.
fn package_name(path: &str) -> &str {
    let mut slashes = path.match_indices('/').map(|(at, _)| at);
    let end = if path.starts_with('@') { slashes.nth(1) } else { slashes.next() };
    end.and_then(|end| path.get(..end)).unwrap_or(path)
}
