//! The names of the orders.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// An order of versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// Debian and its descendants.
    Dpkg,
    /// Red Hat, SUSE and their descendants.
    Rpm,
    /// Alpine and its kin.
    Apk,
    /// Arch Linux.
    Pacman,
    /// Semantic Versioning 2.0.0, leniently: crates.io and whatever has no order of its own.
    Semver,
    /// npm.
    Npm,
    /// PyPI.
    Pep440,
    /// Go modules and Go itself.
    Go,
    /// Maven.
    Maven,
    /// RubyGems.
    RubyGems,
    /// Composer.
    Packagist,
    /// NuGet.
    Nuget,
    /// Hex (Elixir and Erlang).
    Hex,
    /// Pub (Dart).
    Pub,
    /// CRAN (R).
    Cran,
    /// Hackage (Haskell).
    Hackage,
    /// Bitnami's images.
    Bitnami,
}

/// Each scheme, its name, and what else people call it.
const NAMES: [(Scheme, &str, &[&str]); 17] = [
    (Scheme::Dpkg, "dpkg", &["deb", "debian", "ubuntu"]),
    (Scheme::Rpm, "rpm", &["redhat", "rhel", "rpmver", "suse"]),
    (Scheme::Apk, "apk", &["alpine"]),
    (Scheme::Pacman, "pacman", &["alpm", "arch"]),
    (Scheme::Semver, "semver", &["crates.io", "cargo", "crates", "rust"]),
    (Scheme::Npm, "npm", &["node", "node-semver"]),
    (Scheme::Pep440, "pep440", &["pypi", "python"]),
    (Scheme::Go, "go", &["golang"]),
    (Scheme::Maven, "maven", &["mvn", "java"]),
    (Scheme::RubyGems, "rubygems", &["gem", "ruby", "gems"]),
    (Scheme::Packagist, "packagist", &["composer", "php"]),
    (Scheme::Nuget, "nuget", &["dotnet"]),
    (Scheme::Hex, "hex", &["elixir", "erlang"]),
    (Scheme::Pub, "pub", &["dart", "pub.dev"]),
    (Scheme::Cran, "cran", &["r", "bioconductor"]),
    (Scheme::Hackage, "hackage", &["haskell", "cabal"]),
    (Scheme::Bitnami, "bitnami", &[]),
];

impl Scheme {
    /// Every scheme.
    pub const ALL: [Self; 17] = [
        Self::Dpkg,
        Self::Rpm,
        Self::Apk,
        Self::Pacman,
        Self::Semver,
        Self::Npm,
        Self::Pep440,
        Self::Go,
        Self::Maven,
        Self::RubyGems,
        Self::Packagist,
        Self::Nuget,
        Self::Hex,
        Self::Pub,
        Self::Cran,
        Self::Hackage,
        Self::Bitnami,
    ];

    /// The name, as the command line takes it.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(scheme, ..)| *scheme == self).map_or("", |(_, name, _)| name)
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// No order has this name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "there is no version scheme {0:?}; known are dpkg, rpm, apk, pacman, semver, npm, pep440, go, maven, rubygems, packagist, nuget, hex, pub, cran, hackage and bitnami"
)]
pub struct UnknownScheme(String);

impl FromStr for Scheme {
    type Err = UnknownScheme;

    fn from_str(text: &str) -> Result<Self, UnknownScheme> {
        let is_name = |name: &str| name.eq_ignore_ascii_case(text);
        NAMES
            .iter()
            .find(|(_, name, aliases)| is_name(name) || aliases.iter().any(|alias| is_name(alias)))
            .map(|(scheme, ..)| *scheme)
            .ok_or_else(|| UnknownScheme(text.to_owned()))
    }
}
