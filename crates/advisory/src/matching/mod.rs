//! The match of packages against the database.
//!
//! ```no_run
//! use keelguard_advisory::matching::Database;
//! # let (packages, os): (Vec<keelguard_model::image::Package>, Option<keelguard_model::image::Os>) = Default::default();
//! let needed = Database::needed(&packages, os.as_ref());
//! let database = Database::open("/var/cache/keelguard/advisories".as_ref(), &needed);
//! for row in database.lookup_all(&packages, os.as_ref()) {
//!     assert!(!row.id.is_empty());
//! }
//! ```

mod identity;
mod kernel;
mod look;
mod merge;
mod modules;
mod query;
mod ranges;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;
use std::sync::Arc;

use keelguard_model::image::{Os, Package, PackageKind, Vulnerability};

use crate::exploited::{Catalogue, Table};
use crate::index::{Index, Meta};
use crate::{AdvisoryError, ecosystem};

/// The open database. Cheap to clone; clones share the files.
#[derive(Clone, Debug, Default)]
pub struct Database {
    indexes: BTreeMap<String, Arc<Index>>,
    kev: Option<Arc<Table>>,
    epss: Option<Arc<Table>>,
    missing: Vec<String>,
    damaged: Vec<(String, String)>,
}

impl Database {
    /// The ecosystems that know the packages, without their releases.
    pub fn needed(packages: &[Package], os: Option<&Os>) -> BTreeSet<String> {
        let of = |package: &Package| query::ecosystem_of(package.kind, os).map(|name| ecosystem::base(name).to_owned());
        packages.iter().filter_map(of).collect()
    }

    /// The ecosystem, with its release, in which packages of a kind are looked up; none where nobody keeps one.
    pub fn ecosystem_of(kind: PackageKind, os: Option<&Os>) -> Option<&str> {
        query::ecosystem_of(kind, os)
    }

    /// Opens the indexes of the ecosystems, as far as they are there; [`Database::missing`] says which are not, and
    /// [`Database::damaged`] which cannot be used.
    pub fn open<'name>(
        folder: &Path,
        ecosystems: impl IntoIterator<Item = &'name (impl AsRef<str> + ?Sized + 'name)>,
    ) -> Self {
        let mut database = Self { ..Self::default() };
        for catalogue in Catalogue::ALL {
            let opened = optional(Table::open(&folder.join(catalogue.file())));
            let table = database.usable(catalogue.name(), opened).flatten().map(Arc::new);
            match catalogue {
                Catalogue::Kev => database.kev = table,
                Catalogue::Epss => database.epss = table,
            }
        }
        for name in ecosystems {
            let name = ecosystem::base(name.as_ref());
            let opened = optional(Index::open(&folder.join(ecosystem::file_name(name))));
            match database.usable(name, opened) {
                Some(Some(index)) => {
                    database.indexes.insert(name.to_owned(), Arc::new(index));
                }
                Some(None) => database.missing.push(name.to_owned()),
                None => {}
            }
        }
        database
    }

    /// What could be opened; notes what cannot be used.
    fn usable<T>(&mut self, name: &str, opened: Result<T, AdvisoryError>) -> Option<T> {
        opened.map_err(|error| self.damaged.push((name.to_owned(), error.reason()))).ok()
    }

    /// Ecosystems and catalogues that are there and cannot be used, and why: nothing was looked up in them.
    pub fn damaged(&self) -> &[(String, String)] {
        &self.damaged
    }

    /// Ecosystems that were asked for and of which there is no index.
    pub fn missing(&self) -> &[String] {
        &self.missing
    }

    /// What the open indexes say about themselves.
    pub fn metas(&self) -> impl Iterator<Item = &Meta> {
        self.indexes.values().map(|index| index.meta())
    }

    /// Whether the catalogue is there.
    pub fn has(&self, catalogue: Catalogue) -> bool {
        match catalogue {
            Catalogue::Kev => self.kev.is_some(),
            Catalogue::Epss => self.epss.is_some(),
        }
    }

    /// Whether anything is known of a release: `Debian:12`.
    pub fn knows(&self, release: &str) -> bool {
        let meta = self.index(release).map(Index::meta);
        // Indexes of earlier versions do not say.
        let says =
            |meta: &Meta| meta.releases.is_empty() || meta.releases.iter().any(|one| ecosystem::covers(one, release));
        meta.is_some_and(says)
    }

    /// Whether any record names the package, whatever the version: a program that came without a package may be unknown to
    /// everybody. None where there is no index to ask.
    pub fn names(&self, package: &Package, os: Option<&Os>) -> Option<bool> {
        let queries = query::queries(package, os);
        let mut indexes =
            queries.iter().filter_map(|query| Some((self.index(query.ecosystem)?, query.name))).peekable();
        indexes.peek()?;
        Some(indexes.any(|(index, name)| index.lookup(name).next().is_some()))
    }

    /// The index of an ecosystem.
    pub fn index(&self, ecosystem: &str) -> Option<&Index> {
        self.indexes.get(ecosystem::base(ecosystem)).map(AsRef::as_ref)
    }

    /// Packages whose version cannot be compared with any: they are found only by what holds for every version.
    pub fn unreadable<'package>(packages: &'package [Package], os: Option<&Os>) -> Vec<&'package Package> {
        let is_unread =
            |query: &query::Query<'_>| look::standing(query.ecosystem, &query.version) == look::Standing::Unreadable;
        packages.iter().filter(|package| query::queries(package, os).iter().any(is_unread)).collect()
    }

    /// What is known to be wrong with a package, the most urgent first.
    pub fn lookup(&self, package: &Package, os: Option<&Os>) -> Vec<Vulnerability> {
        let queries = query::queries(package, os);
        let mut found = Vec::new();
        let mut known = HashSet::new();
        for query in &queries {
            let Some(index) = self.index(query.ecosystem) else { continue };
            for hit in look::look(index, query, package.kind.is_system()) {
                // By binary and by source name one comes upon the same record; the binary's word is the closer one.
                if known.insert(hit.record.id()) {
                    found.push(hit);
                }
            }
        }
        let mut rows = merge::rows(package, &found);
        for row in &mut rows {
            row.kev = self.kev.as_ref().and_then(|table| table.kev(&row.id));
            row.epss = self.epss.as_ref().and_then(|table| table.epss(&row.id));
        }
        rows.sort_by(urgency);
        rows
    }

    /// What is known to be wrong with all of them, the most urgent first.
    pub fn lookup_all(&self, packages: &[Package], os: Option<&Os>) -> Vec<Vulnerability> {
        let mut rows: Vec<_> = packages.iter().flat_map(|package| self.lookup(package, os)).collect();
        rows.sort_by(urgency);
        rows
    }
}

/// A file that is not there is none; one that is there and cannot be read is an error.
fn optional<T>(opened: Result<T, AdvisoryError>) -> Result<Option<T>, AdvisoryError> {
    match opened {
        Ok(file) => Ok(Some(file)),
        Err(AdvisoryError::File { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Exploited first, then the likelier to be exploited, then the worse, then what can be fixed.
pub fn urgency(left: &Vulnerability, right: &Vulnerability) -> Ordering {
    let likely = |row: &Vulnerability| row.epss.as_ref().map_or(0.0, |epss| epss.score);
    let fixable = |row: &Vulnerability| !row.fixed.is_empty();
    (right.kev.is_some().cmp(&left.kev.is_some()))
        .then_with(|| likely(right).total_cmp(&likely(left)))
        .then_with(|| right.severity.cmp(&left.severity))
        .then_with(|| fixable(right).cmp(&fixable(left)))
        .then_with(|| left.id.cmp(&right.id))
        .then_with(|| left.package.cmp(&right.package))
}

#[cfg(test)]
mod tests;
