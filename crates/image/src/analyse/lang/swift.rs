//! Swift: `Package.resolved` of the package manager (versions 1 to 3) and `Podfile.lock` of CocoaPods.

use std::collections::BTreeSet;

use keelguard_model::image::PackageKind;
use serde::Deserialize;

use super::json::{self, Word};
use super::{Listing, yaml};
use crate::Limits;
use crate::analyse::{AnalyseError, File, Found, FoundPackage};

#[derive(Deserialize)]
struct Resolved<'a> {
    /// From version 2 on.
    #[serde(default, borrow)]
    pins: Vec<Pin<'a>>,
    /// Version 1.
    #[serde(default, borrow)]
    object: Object<'a>,
}

#[derive(Default, Deserialize)]
struct Object<'a> {
    #[serde(default, borrow)]
    pins: Vec<Pin<'a>>,
}

#[derive(Deserialize)]
struct Pin<'a> {
    #[serde(default, borrow)]
    identity: Word<'a>,
    #[serde(default, borrow, alias = "repositoryURL")]
    location: Word<'a>,
    #[serde(default, borrow)]
    state: State<'a>,
}

#[derive(Default, Deserialize)]
struct State<'a> {
    #[serde(default, borrow)]
    version: Word<'a>,
}

/// The packages that are resolved to a version; branches and revisions have none.
pub(super) fn resolved(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let bytes = file.bytes(limits)?;
    let resolved: Resolved<'_> = json::parse(&bytes)?;
    let mut listing = Listing::new(limits);
    for pin in resolved.pins.iter().chain(&resolved.object.pins) {
        let name = match pin.location.as_str() {
            "" => pin.identity.as_str().to_owned(),
            url => place(url),
        };
        listing.add(FoundPackage::new(PackageKind::Swift, name, pin.state.version.as_str()));
    }
    Ok(listing.done())
}

/// A repository's URL as OSV writes it: `github.com/apple/swift-nio`.
fn place(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    // `git@github.com:owner/name`, `https://user:secret@host/…`: who fetches is no part of the name.
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let whole = if path.is_empty() { host.to_owned() } else { format!("{}/{path}", host.replacen(':', "/", 1)) };
    whole.trim_end_matches('/').trim_end_matches(".git").to_owned()
}

/// The pods that are locked. A subspec (`Firebase/Core`) is part of its pod; pods from a folder are the project's own.
pub(super) fn podfile_lock(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let text = file.text(limits)?;
    let mut listing = Listing::new(limits);
    for document in yaml::parse(&text, &mut listing)? {
        let external = document.entries_of("EXTERNAL SOURCES").iter();
        let local: BTreeSet<&str> =
            external.filter(|(_, source)| source.get(":path").is_some()).map(|(name, _)| &**name).collect();
        for pod in document.items_of("PODS") {
            // With dependencies it is a mapping of one entry, without it is plain.
            let pod = pod.entries().first().map_or(pod.text(), |(name, _)| name);
            let Some((name, version)) = pod.split_once(" (") else { continue };
            let name = name.split('/').next().unwrap_or_default();
            if !local.contains(name) {
                listing.add(FoundPackage::new(PackageKind::Cocoapods, name, version.trim_end_matches(')')));
            }
        }
    }
    Ok(listing.done())
}
