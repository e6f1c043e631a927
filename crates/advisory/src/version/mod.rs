//! The order of versions, exactly as each ecosystem defines it.
//!
//! One file holds one order. [`Scheme`] names the orders; [`Version`] is a version that was read once and compares many
//! times. Where a reference implementation refuses a text, it is read leniently if its ecosystem has a lenient reading,
//! and only what has no place in the order at all is no version.
//!
//! ```
//! use std::cmp::Ordering;
//! use keelguard_advisory::version::Scheme;
//!
//! assert_eq!(Scheme::Dpkg.compare("1.0~rc1-1", "1.0-1"), Some(Ordering::Less));
//! assert_eq!(Scheme::of_ecosystem("Alpine:v3.20"), Some(Scheme::Apk));
//! ```

mod apk;
mod bitnami;
mod composer;
mod dpkg;
mod ecosystem;
mod go;
mod integers;
mod legacy_python;
mod maven;
mod nuget;
mod number;
mod packagist;
mod pacman;
mod pep440;
mod pubspec;
mod rpm;
mod rubygems;
mod scheme;
mod semver;

use std::cmp::Ordering;

pub use scheme::{Scheme, UnknownScheme};

/// Implements equality and partial order from the `Ord` of a type, so that the three cannot disagree.
macro_rules! order_is_equality {
    ($type:ty) => {
        impl PartialOrd for $type {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }

        impl PartialEq for $type {
            fn eq(&self, other: &Self) -> bool {
                self.cmp(other).is_eq()
            }
        }

        impl Eq for $type {}
    };
}
use order_is_equality;

/// A version of one scheme, read once.
///
/// Versions compare within their scheme; of two schemes the one that is named first in [`Scheme`] comes first, which
/// says nothing about the versions. Equal means that neither is newer, not that the texts are the same.
///
/// `Ord` is a total order for every scheme, safe to sort and search by. Maven and pacman themselves go in circles over some
/// odd versions (`foo` < `-alpha` < nothing < `foo`; 1-1 = 1 = 1-2 < 1-3): there [`Version::compare`] says what they say,
/// and `Ord` breaks the circle. For all other schemes the two are the same.
#[derive(Clone, Debug)]
pub struct Version {
    scheme: Scheme,
    parsed: Parsed,
}

impl Version {
    /// The scheme by which the version was read.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Whether it is a version in the words of its scheme, and not a text for which the order merely has a place: PEP 440
    /// has every such text before all versions.
    pub fn is_legal(&self) -> bool {
        !matches!(self.parsed, Parsed::Pep440(pep440::Version::Legacy(_)))
    }

    /// Whether it is a branch, which is a version and stands in no range: Composer's `dev-main`.
    pub fn is_branch(&self) -> bool {
        matches!(self.parsed, Parsed::Packagist(packagist::Version::Branch(_)))
    }

    /// The verdict of the reference implementation on two versions of one scheme.
    pub fn compare(&self, other: &Self) -> Ordering {
        match (&self.parsed, &other.parsed) {
            (Parsed::Maven(a), Parsed::Maven(b)) => a.compare(b),
            (Parsed::Pacman(a), Parsed::Pacman(b)) => a.compare(b),
            _ => self.cmp(other),
        }
    }
}

/// One variant for each order. Schemes that share an order share the variant.
#[derive(Clone, Debug)]
enum Parsed {
    Apk(apk::Version),
    Bitnami(bitnami::Version),
    Dpkg(dpkg::Version),
    Go(go::Version),
    Integers(integers::Version),
    Maven(maven::Version),
    Nuget(nuget::Version),
    Packagist(packagist::Version),
    Pacman(pacman::Version),
    Pep440(pep440::Version),
    Pub(pubspec::Version),
    Rpm(rpm::Version),
    RubyGems(rubygems::Version),
    Semver(semver::Version),
}

/// The longest text that is taken for a version, in bytes. No package has a version of a hundredth of that; what is
/// longer was written to cost time and memory.
pub const MAX_LENGTH: usize = 1 << 14;

impl Scheme {
    /// Reads a version. Nothing if the text is no version of this scheme, even leniently, or is longer than
    /// [`MAX_LENGTH`].
    pub fn parse(self, text: &str) -> Option<Version> {
        if text.len() > MAX_LENGTH {
            return None;
        }
        let parsed = match self {
            Self::Dpkg => Parsed::Dpkg(dpkg::Version::parse(text)),
            Self::Rpm => Parsed::Rpm(rpm::Version::parse(text)),
            Self::Apk => Parsed::Apk(apk::Version::parse(text)),
            Self::Pacman => Parsed::Pacman(pacman::Version::parse(text)),
            Self::Semver | Self::Npm | Self::Hex => Parsed::Semver(semver::Version::parse(text)?),
            Self::Pep440 => Parsed::Pep440(pep440::Version::parse(text)),
            Self::Go => Parsed::Go(go::Version::parse(text)?),
            Self::Maven => Parsed::Maven(maven::Version::parse(text)),
            Self::RubyGems => Parsed::RubyGems(rubygems::Version::parse(text)),
            Self::Packagist => Parsed::Packagist(packagist::Version::parse(text)),
            Self::Nuget => Parsed::Nuget(nuget::Version::parse(text)?),
            Self::Pub => Parsed::Pub(pubspec::Version::parse(text)?),
            Self::Cran => Parsed::Integers(integers::Version::parse_cran(text)?),
            Self::Hackage => Parsed::Integers(integers::Version::parse_hackage(text)?),
            Self::Bitnami => Parsed::Bitnami(bitnami::Version::parse(text)?),
        };
        Some(Version { scheme: self, parsed })
    }

    /// The verdict of the reference implementation on two versions of this scheme. Nothing if one of them is no version
    /// of it, even leniently.
    pub fn compare(self, a: &str, b: &str) -> Option<Ordering> {
        Some(self.parse(a)?.compare(&self.parse(b)?))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.parsed, &other.parsed) {
            (Parsed::Apk(a), Parsed::Apk(b)) => a.cmp(b),
            (Parsed::Bitnami(a), Parsed::Bitnami(b)) => a.cmp(b),
            (Parsed::Dpkg(a), Parsed::Dpkg(b)) => a.cmp(b),
            (Parsed::Go(a), Parsed::Go(b)) => a.cmp(b),
            (Parsed::Integers(a), Parsed::Integers(b)) => a.cmp(b),
            (Parsed::Maven(a), Parsed::Maven(b)) => a.cmp(b),
            (Parsed::Nuget(a), Parsed::Nuget(b)) => a.cmp(b),
            (Parsed::Packagist(a), Parsed::Packagist(b)) => a.cmp(b),
            (Parsed::Pacman(a), Parsed::Pacman(b)) => a.cmp(b),
            (Parsed::Pep440(a), Parsed::Pep440(b)) => a.cmp(b),
            (Parsed::Pub(a), Parsed::Pub(b)) => a.cmp(b),
            (Parsed::Rpm(a), Parsed::Rpm(b)) => a.cmp(b),
            (Parsed::RubyGems(a), Parsed::RubyGems(b)) => a.cmp(b),
            (Parsed::Semver(a), Parsed::Semver(b)) => a.cmp(b),
            _ => self.scheme.cmp(&other.scheme),
        }
    }
}

order_is_equality!(Version);

#[cfg(test)]
mod tests;
