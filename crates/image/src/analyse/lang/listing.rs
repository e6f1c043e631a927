//! The packages of one file while they are gathered: each once, in order, no more and no longer than the bounds.

use std::collections::BTreeSet;

use crate::Limits;
use crate::analyse::{Found, FoundPackage};

/// Longest name or version that is believed, bytes. npm allows names of 214, Maven's coordinates reach some 200.
const MAX_WORD: usize = 1024;

/// Gathers packages.
pub(super) struct Listing {
    packages: BTreeSet<FoundPackage>,
    max: usize,
    beyond: usize,
    unusable: usize,
    incomplete: Vec<String>,
}

impl Listing {
    /// None yet.
    pub(super) fn new(limits: &Limits) -> Self {
        Self { packages: BTreeSet::new(), max: limits.max_packages, beyond: 0, unusable: 0, incomplete: Vec::new() }
    }

    /// One more. Without a name or a version it is nobody's package and is left out; with one that no package manager
    /// would write, it is left out and counted.
    pub(super) fn add(&mut self, package: FoundPackage) {
        if package.name.is_empty() || package.version.is_empty() {
            return;
        }
        if !(usable(&package.name) && usable(&package.version)) {
            self.unusable += 1;
        } else if self.packages.len() < self.max || self.packages.contains(&package) {
            self.packages.insert(package);
        } else {
            self.beyond += 1;
        }
    }

    /// Something of the file that was not looked at.
    pub(super) fn incomplete(&mut self, what: impl Into<String>) {
        self.incomplete.push(what.into());
    }

    /// What was gathered.
    pub(super) fn done(mut self) -> Found {
        if self.beyond > 0 {
            self.incomplete.push(format!("it names {} more packages than the {} that are read", self.beyond, self.max));
        }
        if self.unusable > 0 {
            self.incomplete.push(format!("{} packages in it have no usable name or version", self.unusable));
        }
        Found { packages: self.packages.into_iter().collect(), incomplete: self.incomplete, ..Found::default() }
    }
}

fn usable(word: &str) -> bool {
    word.len() <= MAX_WORD && !word.chars().any(|letter| letter.is_control() || letter.is_whitespace())
}
