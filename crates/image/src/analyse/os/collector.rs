//! Packages of one database, within the bounds.

use crate::Limits;
use crate::analyse::{Found, FoundPackage, PathKey};

/// Paths that the packages of one file may own: large systems have a million.
const MAX_PATHS: usize = 5_000_000;

/// Gathers what a database holds, and counts what it holds in vain: one sentence for many broken entries, since an
/// attacker can write millions of them.
pub(super) struct Collector {
    found: Found,
    max_packages: usize,
    refused: bool,
    too_many_paths: bool,
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
            too_many_paths: false,
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

    /// Says that `owner` owns every path that `paths` shows, and gives back what `paths` gives: for paths that are put
    /// together one at a time.
    pub(super) fn own_each<T>(&mut self, owner: &str, paths: impl FnOnce(&mut dyn FnMut(&str)) -> T) -> T {
        let index = u32::try_from(self.found.owners.len()).unwrap_or(u32::MAX);
        self.found.owners.push(owner.to_owned());
        let (owned, too_many) = (&mut self.found.owned, &mut self.too_many_paths);
        paths(&mut |path| match owned.len() {
            ..MAX_PATHS => owned.push((PathKey::of(path), index)),
            _ => *too_many = true,
        })
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
        if self.too_many_paths {
            self.found.incomplete.push(format!("its packages own more than {MAX_PATHS} files"));
        }
        match self.broken {
            0 => {}
            1 => self.found.incomplete.push(format!("one entry is broken: {}", self.example)),
            more => self.found.incomplete.push(format!("{more} entries are broken, the first: {}", self.example)),
        }
        self.found
    }
}
