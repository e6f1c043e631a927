//! Packages of one database, within the bounds.

use crate::Limits;
use crate::analyse::{Found, FoundPackage};

/// Gathers what a database holds, and counts what it holds in vain: one sentence for many broken entries, since an
/// attacker can write millions of them.
pub(super) struct Collector {
    found: Found,
    max_packages: usize,
    refused: bool,
    broken: usize,
    example: String,
}

impl Collector {
    /// With nothing in it.
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            found: Found::default(),
            max_packages: limits.max_packages,
            refused: false,
            broken: 0,
            example: String::new(),
        }
    }

    /// Adds a package; false where it is one too many.
    pub(super) fn add(&mut self, package: FoundPackage) -> bool {
        if package.name.is_empty() || package.version.is_empty() {
            self.broken(|| format!("package \"{}\" has version \"{}\"", package.name, package.version));
            return true;
        }
        if self.found.packages.len() >= self.max_packages {
            self.refused = true;
            return false;
        }
        self.found.packages.push(package);
        true
    }

    /// Counts an entry that could not be understood.
    pub(super) fn broken(&mut self, why: impl FnOnce() -> String) {
        if self.broken == 0 {
            self.example = why();
        }
        self.broken += 1;
    }

    /// Says that `owner` owns `paths`.
    pub(super) fn own<'a>(&mut self, owner: &str, paths: impl IntoIterator<Item = &'a str>) {
        self.found.own(owner, paths);
    }

    /// The packages so far.
    pub(super) fn packages(&mut self) -> &mut [FoundPackage] {
        &mut self.found.packages
    }

    /// Everything.
    pub(super) fn finish(mut self) -> Found {
        if self.refused {
            self.found.incomplete.push(format!("it names more than {} packages", self.max_packages));
        }
        match self.broken {
            0 => {}
            1 => self.found.incomplete.push(format!("one entry is broken: {}", self.example)),
            more => self.found.incomplete.push(format!("{more} entries are broken, the first: {}", self.example)),
        }
        self.found
    }
}
