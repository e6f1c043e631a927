//! `go.mod`: the modules that a Go module asks for, after its replacements and exclusions.

use std::collections::HashMap;

use keelguard_model::image::PackageKind;

use super::Listing;
use crate::Limits;
use crate::analyse::{AnalyseError, File, Found, FoundPackage};

/// The first version of Go whose `go.mod` names the modules that are needed indirectly, too.
const COMPLETE_SINCE: (u32, u32) = (1, 17);

/// A module's path and its version.
type Versioned<'a> = (&'a str, &'a str);

#[derive(Default)]
struct Module<'a> {
    requires: Vec<Versioned<'a>>,
    /// For a path, or a path and a version, what stands in its place; none is a folder of the project.
    replaces: HashMap<(&'a str, Option<&'a str>), Option<Versioned<'a>>>,
    excludes: Vec<Versioned<'a>>,
    go: Option<(u32, u32)>,
}

/// The modules that are required.
pub(super) fn analyse(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let text = file.text(limits)?;
    let mut module = Module::default();
    let mut block = None;
    for line in text.lines() {
        let line = line.split("//").next().unwrap_or_default();
        let mut words: Vec<&str> = line.split_whitespace().map(unquoted).collect();
        match (block, words.as_slice()) {
            (_, []) => {}
            (Some(_), [")"]) => block = None,
            (None, [verb, "("]) => block = Some(*verb),
            (Some(verb), words) => module.read(verb, words),
            (None, _) => {
                let verb = words.remove(0);
                module.read(verb, &words);
            }
        }
    }
    let mut listing = Listing::new(limits);
    module.excludes.sort_unstable();
    for &(path, version) in &module.requires {
        if module.excludes.binary_search(&(path, version)).is_ok() {
            continue;
        }
        let replaced = module.replaces.get(&(path, Some(version))).or_else(|| module.replaces.get(&(path, None)));
        if let Some((path, version)) = replaced.copied().unwrap_or(Some((path, version))) {
            listing.add(FoundPackage::new(PackageKind::Golang, path, version));
        }
    }
    if !module.requires.is_empty() && module.go.is_none_or(|go| go < COMPLETE_SINCE) {
        listing.incomplete("it is written for Go before 1.17 and names only what the module needs directly");
    }
    Ok(listing.done())
}

impl<'a> Module<'a> {
    fn read(&mut self, verb: &str, words: &[&'a str]) {
        match (verb, words) {
            ("go", [version]) => {
                let mut parts = version.split('.').map(|part| part.parse().ok());
                self.go = parts.next().flatten().zip(parts.next().flatten());
            }
            ("require", [path, version]) => self.requires.push((path, version)),
            ("exclude", [path, version]) => self.excludes.push((path, version)),
            ("replace", [path, "=>", target @ ..]) => self.replace((path, None), target),
            ("replace", [path, version, "=>", target @ ..]) => self.replace((path, Some(version)), target),
            _ => {}
        }
    }

    fn replace(&mut self, what: (&'a str, Option<&'a str>), target: &[&'a str]) {
        let target = match target {
            [path, version] => Some((*path, *version)),
            // A folder has no version.
            _ => None,
        };
        self.replaces.insert(what, target);
    }
}

fn unquoted(word: &str) -> &str {
    word.trim_matches(['"', '`'])
}
