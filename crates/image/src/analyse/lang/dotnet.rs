//! NuGet packages of .NET programs: what a program was published with, and lock files and manifests of projects.

use std::borrow::Cow;
use std::collections::BTreeMap;

use keelguard_model::image::PackageKind;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::json::{self, Word};
use super::{Listing, xml};
use crate::Limits;
use crate::analyse::{AnalyseError, File, Found, FoundPackage};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Deps<'a> {
    #[serde(default, borrow)]
    runtime_target: RuntimeTarget<'a>,
    #[serde(default, borrow)]
    targets: BTreeMap<Cow<'a, str>, BTreeMap<Cow<'a, str>, Assets>>,
    #[serde(default, borrow)]
    libraries: BTreeMap<Cow<'a, str>, Typed<'a>>,
}

#[derive(Default, Deserialize)]
struct RuntimeTarget<'a> {
    #[serde(default, borrow)]
    name: Word<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Assets {
    runtime: Option<IgnoredAny>,
    runtime_targets: Option<IgnoredAny>,
    native: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Typed<'a> {
    #[serde(default, borrow, rename = "type")]
    kind: Word<'a>,
    #[serde(default, borrow)]
    resolved: Word<'a>,
}

/// `PROGRAM.deps.json`: packages with something to load at run time. A self-contained program brings the runtime as
/// `runtimepack.Microsoft.NETCore.App.Runtime…`, which is the package of that name.
pub(super) fn deps(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let mut listing = Listing::new(limits);
    if !file.name().ends_with(".deps.json") {
        return Ok(listing.done());
    }
    let bytes = file.bytes(limits)?;
    let deps: Deps<'_> = json::parse(&bytes)?;
    let target = deps.targets.get(deps.runtime_target.name.as_str());
    for (id, library) in &deps.libraries {
        let Some((name, version)) = id.split_once('/') else { continue };
        let name = match library.kind.as_str() {
            "package" => name,
            "runtimepack" => name.strip_prefix("runtimepack.").unwrap_or(name),
            _ => continue,
        };
        let loads =
            |assets: &Assets| assets.runtime.is_some() || assets.runtime_targets.is_some() || assets.native.is_some();
        if target.and_then(|target| target.get(id)).is_none_or(loads) {
            listing.add(package(name, version));
        }
    }
    Ok(listing.done())
}

#[derive(Deserialize)]
struct Lock<'a> {
    #[serde(default, borrow)]
    dependencies: BTreeMap<Cow<'a, str>, BTreeMap<Cow<'a, str>, Typed<'a>>>,
}

/// `packages.lock.json`: for each framework the packages; those of type `Project` are the solution's own.
pub(super) fn packages_lock(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let bytes = file.bytes(limits)?;
    let lock: Lock<'_> = json::parse(&bytes)?;
    let mut listing = Listing::new(limits);
    for (name, entry) in lock.dependencies.values().flatten() {
        if !entry.kind.as_str().eq_ignore_ascii_case("project") {
            listing.add(package(name, entry.resolved.as_str()));
        }
    }
    Ok(listing.done())
}

/// `packages.config`: `<package id="…" version="…" />`, less those for development.
pub(super) fn packages_config(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let text = file.text(limits)?;
    let mut listing = Listing::new(limits);
    xml::walk(&text, &mut |element| {
        if element.path == "packages/package" && element.attribute("developmentDependency") != "true" {
            listing.add(package(element.attribute("id"), element.attribute("version")));
        }
    })?;
    Ok(listing.done())
}

/// Project files and `Directory.Packages.props`: references with one version, as an attribute or an element. Ranges,
/// wild cards and variables are decided elsewhere.
pub(super) fn project(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let text = file.text(limits)?;
    let mut listing = Listing::new(limits);
    let (mut version, mut private) = (String::new(), String::new());
    xml::walk(&text, &mut |element| {
        let mut parts = element.path.rsplit('/');
        match (parts.next(), parts.next()) {
            (Some("Version"), Some("PackageReference" | "PackageVersion")) => version.clone_from(&element.text),
            (Some("PrivateAssets"), Some("PackageReference")) => private.clone_from(&element.text),
            (Some("PackageReference" | "PackageVersion"), _) => {
                let either = |attribute: &str, element: &mut String| {
                    let element = std::mem::take(element);
                    if attribute.is_empty() { element } else { attribute.to_owned() }
                };
                let version = either(element.attribute("Version"), &mut version);
                let private = either(element.attribute("PrivateAssets"), &mut private);
                // "All": analysers and build tools, which the program does not bring along.
                let exact = version.trim_start_matches('[').trim_end_matches(']');
                if !private.eq_ignore_ascii_case("all") && !exact.contains(['[', '(', ',', '*', '$']) {
                    listing.add(package(element.attribute("Include"), exact));
                }
            }
            _ => {}
        }
    })?;
    Ok(listing.done())
}

fn package(name: &str, version: &str) -> FoundPackage {
    FoundPackage::new(PackageKind::Nuget, name.trim(), version.trim())
}
