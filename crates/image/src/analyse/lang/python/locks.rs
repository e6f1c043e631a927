//! Lock files of Python projects: pipenv, poetry, pdm, uv and the common `pylock.toml`. What serves development only
//! is left out where the file tells.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::super::graph::reachable;
use super::super::json::{self, Word};
use super::super::{Listing, toml};
use super::distribution;
use crate::Limits;
use crate::analyse::{AnalyseError, File, Found};

#[derive(Deserialize)]
struct Pipfile<'a> {
    #[serde(default, borrow)]
    default: BTreeMap<Cow<'a, str>, Pin<'a>>,
}

#[derive(Deserialize)]
struct Pin<'a> {
    #[serde(default, borrow)]
    version: Word<'a>,
}

/// `Pipfile.lock`: the packages under `default`; those under `develop` are for development.
pub(in super::super) fn pipfile(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let bytes = file.bytes(limits)?;
    let lock: Pipfile<'_> = json::parse(&bytes)?;
    let mut listing = Listing::new(limits);
    for (name, pin) in &lock.default {
        listing.add(distribution(name, pin.version.as_str().trim_start_matches('=')));
    }
    Ok(listing.done())
}

#[derive(Deserialize)]
struct Lock {
    // `package` in most, `packages` in pylock.toml.
    #[serde(default, alias = "packages")]
    package: Vec<Package>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Package {
    name: String,
    #[serde(default)]
    version: String,
    /// Poetry before 1.5: `main` or `dev`.
    category: Option<String>,
    /// Poetry from 2 on, pdm.
    groups: Option<Vec<String>>,
    #[serde(default)]
    source: Source,
    /// pdm and pylock.toml: a folder of the project.
    path: Option<IgnoredAny>,
    directory: Option<IgnoredAny>,
    /// uv: who needs whom.
    #[serde(default, deserialize_with = "needs")]
    dependencies: Vec<Need>,
    #[serde(default)]
    optional_dependencies: BTreeMap<String, Vec<Need>>,
}

/// Only uv's dependencies are an array of tables; poetry and pdm write something else, which is not needed.
fn needs<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<Need>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Needs(Vec<Need>),
        Other(IgnoredAny),
    }
    Ok(match Either::deserialize(from)? {
        Either::Needs(needs) => needs,
        Either::Other(_) => Vec::new(),
    })
}

#[derive(Deserialize)]
struct Need {
    name: String,
}

#[derive(Default, Deserialize)]
struct Source {
    /// Poetry: `directory`, `file`, `git`, `url`, `legacy`.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// uv: the project itself, or a folder of it.
    r#virtual: Option<IgnoredAny>,
    editable: Option<IgnoredAny>,
    directory: Option<IgnoredAny>,
}

impl Package {
    fn is_local(&self) -> bool {
        let Source { kind, r#virtual, editable, directory } = &self.source;
        kind.as_deref() == Some("directory")
            || r#virtual.is_some()
            || editable.is_some()
            || directory.is_some()
            || self.path.is_some()
            || self.directory.is_some()
    }

    fn is_for_development(&self) -> bool {
        let by_groups = self.groups.as_ref().is_some_and(|groups| {
            !groups.is_empty() && groups.iter().all(|group| ["dev", "development", "test", "tests"].contains(&&**group))
        });
        by_groups || self.category.as_deref() == Some("dev")
    }
}

/// `poetry.lock`, `pdm.lock`, `pylock.toml`: each package says which groups need it, or nothing.
pub(in super::super) fn grouped(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let lock: Lock = toml::parse(&file.text(limits)?)?;
    let mut listing = Listing::new(limits);
    for package in lock.package.iter().filter(|package| !package.is_local() && !package.is_for_development()) {
        listing.add(distribution(&package.name, &package.version));
    }
    Ok(listing.done())
}

/// `uv.lock`: what the project's own packages reach by other than their development groups.
pub(in super::super) fn uv(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let lock: Lock = toml::parse(&file.text(limits)?)?;
    let mut by_name: HashMap<&str, Vec<&Package>> = HashMap::new();
    for package in &lock.package {
        by_name.entry(&package.name).or_default().push(package);
    }
    let roots = lock.package.iter().filter(|package| package.is_local()).map(|package| package.name.as_str());
    // By name alone: a package that is locked in two versions is so for two Pythons, and both count.
    let reached = reachable(roots, |name| {
        let packages = by_name.get(name).into_iter().flatten();
        let needs = packages
            .flat_map(|package| package.dependencies.iter().chain(package.optional_dependencies.values().flatten()));
        needs.map(|need| need.name.as_str()).collect()
    });
    let mut listing = Listing::new(limits);
    for package in lock.package.iter().filter(|package| !package.is_local() && reached.contains(&*package.name)) {
        listing.add(distribution(&package.name, &package.version));
    }
    Ok(listing.done())
}
