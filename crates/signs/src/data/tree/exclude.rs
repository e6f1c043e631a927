//! What is left out of a tree. A pattern with a leading `/` is held against the whole path, any other against the end of it:
//! `*.swp` is every such file, `/etc/lvm/archive` that folder and what is in it.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// See the module.
#[derive(Clone, Debug)]
pub struct Exclude {
    set: GlobSet,
}

/// A pattern that is none.
#[derive(Debug, thiserror::Error)]
#[error("use the pattern {pattern:?}")]
pub struct Wrong {
    /// As it was written.
    pub pattern: String,
    #[source]
    source: globset::Error,
}

/// The most patterns of one tree.
const MOST: usize = 10_000;

impl Exclude {
    /// Those that are named.
    ///
    /// # Errors
    /// One of them is no pattern.
    pub fn new<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Result<Self, Wrong> {
        let mut set = GlobSetBuilder::new();
        for pattern in patterns.into_iter().take(MOST) {
            let trimmed = pattern.trim_end_matches('/');
            let whole = if trimmed.starts_with('/') { trimmed.to_owned() } else { format!("**/{trimmed}") };
            let wrong = |source| Wrong { pattern: pattern.to_owned(), source };
            set.add(GlobBuilder::new(&whole).literal_separator(true).build().map_err(wrong)?);
        }
        let set = set.build().map_err(|source| Wrong { pattern: "all of them".to_owned(), source })?;
        Ok(Self { set })
    }

    /// None.
    pub fn nothing() -> Self {
        Self { set: GlobSet::empty() }
    }

    /// Whether a file with this whole path is left out. What is in a folder that is left out is never asked for.
    pub fn matches(&self, path: &[u8]) -> bool {
        !self.set.is_empty() && self.set.is_match(Path::new(OsStr::from_bytes(path)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_meant_from_the_root_and_a_name_everywhere() {
        let exclude = Exclude::new(["*.swp", "/etc/lvm/archive/", "/var/log/**/*.gz", "cache/tmp"]).unwrap();
        for path in ["/a/b/.x.swp", "/etc/lvm/archive", "/var/log/a/b.gz", "/var/log/b.gz", "/x/cache/tmp"] {
            assert!(exclude.matches(path.as_bytes()), "{path}");
        }
        for path in ["/a/swp", "/srv/etc/lvm/archive", "/etc/lvm", "/var/log/gz", "/x/tmp"] {
            assert!(!exclude.matches(path.as_bytes()), "{path}");
        }
        assert!(Exclude::new(["[a"]).is_err());
        assert!(Exclude::new(["*.swp"]).unwrap().matches(b"/\xff/\xfe.swp"));
    }
}
