//! `pnpm-lock.yaml`, versions 5 to 9. Up to 6 each package says whether it serves development only; from 9 on that
//! follows from who needs it.

use std::collections::{HashMap, HashSet};

use super::super::Listing;
use super::super::graph::reachable;
use super::super::yaml::{self, Node};
use super::{is_version, package, split_spec};
use crate::Limits;
use crate::analyse::{AnalyseError, File, Found};

/// The packages that are locked. The file may be of several documents: pnpm keeps its own tools in one of them.
pub(in super::super) fn analyse(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let text = file.text(limits)?;
    let mut listing = Listing::new(limits);
    for document in yaml::parse(&text, &mut listing)? {
        let version = document.text_of("lockfileVersion");
        let major: u32 = version.split('.').next().and_then(|major| major.parse().ok()).unwrap_or_default();
        let Some(packages) = document.get("packages") else { continue };
        let needed = (major >= 9).then(|| needed(&document));
        for (key, entry) in packages.entries() {
            let local = entry.get("resolution").is_some_and(|resolution| resolution.text_of("type") == "directory");
            if local || entry.text_of("dev") == "true" {
                continue;
            }
            let (name, version) = if major >= 6 { by_at(key) } else { by_slash(key) }.unwrap_or_default();
            if needed.as_ref().is_some_and(|needed| !needed.contains(&(name, version))) {
                continue;
            }
            // What comes from elsewhere than a registry says in fields what it is.
            let field = |key, else_: &'_ str| match entry.text_of(key) {
                "" => else_.to_owned(),
                text => text.to_owned(),
            };
            let version = field("version", version);
            if is_version(&version) {
                listing.add(package(&field("name", name), &version));
            }
        }
    }
    Ok(listing.done())
}

/// Name and version out of `/name@1.0.0(peer@2.0.0)`, `@scope/name@1.0.0`.
fn by_at(key: &str) -> Option<(&str, &str)> {
    split_spec(key.strip_prefix('/').unwrap_or(key).split('(').next()?)
}

/// Name and version out of `/@scope/name/1.0.0_peer@2.0.0`, and `registry.host/name/1.0.0`.
fn by_slash(key: &str) -> Option<(&str, &str)> {
    let key = match key.strip_prefix('/') {
        Some(key) => key,
        None => key.split_once('/')?.1,
    };
    let slash = match key.strip_prefix('@') {
        Some(rest) => rest.match_indices('/').nth(1)?.0 + 1,
        None => key.find('/')?,
    };
    let version = key.get(slash + 1..)?;
    Some((key.get(..slash)?, version.split(['_', '/']).next()?))
}

/// The packages of version 9 that something else than development needs.
fn needed<'a>(document: &'a Node<'_>) -> HashSet<(&'a str, &'a str)> {
    const RUN: [&str; 2] = ["dependencies", "optionalDependencies"];
    let snapshots: HashMap<&str, &Node<'_>> =
        document.entries_of("snapshots").iter().map(|(key, snapshot)| (&**key, snapshot)).collect();
    // The key of a snapshot that `name: reference` means; pnpm's own rule (`refToRelative`).
    let find = |name: &str, reference: &str| -> Option<&'a str> {
        let whole = reference.starts_with('@')
            || reference.find('@').is_some_and(|at| {
                [':', '('].iter().all(|letter| reference.find(*letter).is_none_or(|place| at < place))
            });
        let key = if whole { reference.to_owned() } else { format!("{name}@{reference}") };
        snapshots.get_key_value(key.as_str()).map(|(key, _)| *key)
    };
    let importers = document.entries_of("importers").iter();
    let roots = importers
        .flat_map(|(_, importer)| RUN.iter().filter_map(|group| importer.get(group)))
        .flat_map(|group| group.entries().iter().filter_map(|(name, entry)| find(name, entry.text_of("version"))));
    let reached = reachable(roots, |key| {
        let groups =
            snapshots.get(key).into_iter().flat_map(|snapshot| RUN.iter().filter_map(|group| snapshot.get(group)));
        groups.flat_map(|group| group.entries().iter().filter_map(|(name, entry)| find(name, entry.text()))).collect()
    });
    reached.into_iter().filter_map(by_at).collect()
}
