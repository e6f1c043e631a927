//! Conan: `conan.lock` of version 1 (a graph of nodes) and 2 (lists of references). Tools that only build are left out.

use std::borrow::Cow;
use std::collections::BTreeMap;

use keelguard_model::image::PackageKind;
use serde::Deserialize;

use super::Listing;
use super::json::{self, Word};
use crate::Limits;
use crate::analyse::{AnalyseError, File, Found, FoundPackage};

#[derive(Deserialize)]
struct Lock<'a> {
    #[serde(default, borrow)]
    graph_lock: Graph<'a>,
    #[serde(default, borrow)]
    requires: Vec<Word<'a>>,
}

#[derive(Default, Deserialize)]
struct Graph<'a> {
    #[serde(default, borrow)]
    nodes: BTreeMap<Cow<'a, str>, Node<'a>>,
}

#[derive(Deserialize)]
struct Node<'a> {
    #[serde(default, borrow, rename = "ref")]
    reference: Word<'a>,
    /// `build` for tools, `host` for what is linked.
    #[serde(default, borrow)]
    context: Word<'a>,
    /// Only the project's own recipe, which is read from a folder.
    #[serde(default, borrow)]
    path: Word<'a>,
}

/// The packages that are locked.
pub(super) fn analyse(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let bytes = file.bytes(limits)?;
    let lock: Lock<'_> = json::parse(&bytes)?;
    let nodes = lock.graph_lock.nodes.values();
    let nodes = nodes.filter(|node| node.context.as_str() != "build" && node.path.as_str().is_empty());
    let mut listing = Listing::new(limits);
    for reference in nodes.map(|node| &node.reference).chain(&lock.requires) {
        if let Some(package) = package(reference.as_str()) {
            listing.add(package);
        }
    }
    Ok(listing.done())
}

/// `name/version@user/channel#revision%time`; user and channel may be missing, or both be `_`, which says the same.
fn package(reference: &str) -> Option<FoundPackage> {
    let (name, rest) = reference.split_once('/')?;
    let rest = rest.split(['#', '%', ':']).next()?;
    let (version, whose) = rest.split_once('@').unwrap_or((rest, ""));
    let (user, channel) = whose.split_once('/').unwrap_or((whose, ""));
    let said = |word| if word == "_" { "" } else { word };
    let package = FoundPackage::new(PackageKind::Conan, name, version);
    Some(package.qualifier("user", said(user)).qualifier("channel", said(channel)))
}
