//! The order of Bitnami's packages: Semantic Versioning, but that a number behind the hyphen is the revision of the
//! package, not a pre-release: 2.4.9 < 2.4.9-1 < 2.4.9-2 < 2.4.10, while 2.4.9-rc1 < 2.4.9.

use std::cmp::Ordering;

use super::number::Number;
use super::semver::{self, split_core};

/// A version and the revision of its package; no revision is revision 0.
#[derive(Clone, Debug)]
pub(super) struct Version {
    version: semver::Version,
    revision: Number,
}

impl Version {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (core, rest) = split_core(text)?;
        match rest.strip_prefix('-').and_then(Number::parse) {
            Some(revision) => Some(Self { version: semver::Version { core, pre_release: Vec::new() }, revision }),
            None => Some(Self { version: semver::Version::parse(text)?, revision: Number::ZERO }),
        }
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.version.cmp(&other.version).then_with(|| self.revision.cmp(&other.revision))
    }
}

super::order_is_equality!(Version);
