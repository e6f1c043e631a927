//! What an analyser found in one file.

use std::collections::BTreeMap;

use keelguard_model::image::{Os, PackageKind, SourcePackage};
use serde::{Deserialize, Serialize};

/// A package as its file names it, before it is known which system it runs on and which layer it lies in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FoundPackage {
    /// The kind.
    pub kind: PackageKind,
    /// The name that OSV knows it by: `openssl`, `@scope/name`, `group:artifact`, `github.com/owner/module`.
    pub name: String,
    /// The version with epoch and release, as its ecosystem writes it.
    pub version: String,
    /// The source package, where its ecosystem has them.
    pub source: Option<SourcePackage>,
    /// The architecture, where the package says it: goes into the package URL.
    pub arch: Option<String>,
    /// What stands before the name in the package URL and is no part of OSV's name: the author of a Perl distribution.
    pub namespace: Option<String>,
    /// What the package URL says behind the version, so that two packages of one name are told apart: `uuid` of a Julia
    /// package, `user` and `channel` of a Conan package.
    pub qualifiers: BTreeMap<String, String>,
    /// Other places than the analysed file that show it, absolute: a jar inside a war as `/app.war!/WEB-INF/lib/x.jar`.
    pub paths: Vec<String>,
}

impl FoundPackage {
    /// A package without a source package.
    pub fn new(kind: PackageKind, name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
            version: version.into(),
            source: None,
            arch: None,
            namespace: None,
            qualifiers: BTreeMap::new(),
            paths: Vec::new(),
        }
    }

    /// Built from this source package.
    #[must_use]
    pub fn source(mut self, name: impl Into<String>, version: impl Into<String>) -> Self {
        self.source = Some(SourcePackage { name: name.into(), version: version.into() });
        self
    }

    /// For this architecture.
    #[must_use]
    pub fn arch(mut self, arch: impl Into<String>) -> Self {
        self.arch = Some(arch.into());
        self
    }

    /// Of this namespace; an empty one says nothing.
    #[must_use]
    pub fn namespace(mut self, namespace: &str) -> Self {
        self.namespace = Some(namespace.to_owned()).filter(|namespace| !namespace.is_empty());
        self
    }

    /// With this qualifier; an empty one says nothing.
    #[must_use]
    pub fn qualifier(mut self, key: &str, value: &str) -> Self {
        if !value.is_empty() {
            self.qualifiers.insert(key.to_owned(), value.to_owned());
        }
        self
    }

    /// Shown by this place, too.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.paths.push(path.into());
        self
    }
}

/// A path of the image as 64 bits: packages own tens of thousands of files, and only "is it owned, and by whom" is
/// ever asked. `/lib/x` and `/usr/lib/x` are one path, as they are on every system with merged folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PathKey(u64);

impl PathKey {
    /// The key of a path, with or without a leading slash.
    pub fn of(path: &str) -> Self {
        let path = path.trim_start_matches('/');
        let path = path.strip_prefix("usr/").unwrap_or(path);
        // FNV-1a: stable over runs and machines, since the cache keeps it.
        Self(
            path.bytes()
                .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)),
        )
    }
}

/// Everything that one file says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Packages that it names.
    pub packages: Vec<FoundPackage>,
    /// The operating system, where it is an os-release or its like.
    pub os: Option<Os>,
    /// Names of the system packages that own files, as in `packages` or in the database this file is part of.
    pub owners: Vec<String>,
    /// Which paths they own: the key, and an index into `owners`.
    pub owned: Vec<(PathKey, u32)>,
    /// What of it could not be looked at, in words.
    pub incomplete: Vec<String>,
}

impl Found {
    /// Only these packages.
    pub fn packages(packages: impl IntoIterator<Item = FoundPackage>) -> Self {
        Self { packages: packages.into_iter().collect(), ..Self::default() }
    }

    /// Says that the system package `owner` owns `paths`.
    pub fn own<'a>(&mut self, owner: &str, paths: impl IntoIterator<Item = &'a str>) {
        let index = u32::try_from(self.owners.len()).unwrap_or(u32::MAX);
        self.owners.push(owner.to_owned());
        self.owned.extend(paths.into_iter().map(|path| (PathKey::of(path), index)));
    }
}
