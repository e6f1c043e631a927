//! Names and versions of source packages. A header names only the file of its source, `bash-5.1.8-6.el9.src.rpm`,
//! which has no epoch.

use std::collections::HashMap;

use crate::analyse::FoundPackage;

/// `epoch:version-release`; an epoch of 0 is the same as none.
pub(super) fn evr(epoch: Option<u32>, version: &str, release: &str) -> String {
    let release = if release.is_empty() { String::new() } else { format!("-{release}") };
    match epoch {
        None | Some(0) => format!("{version}{release}"),
        Some(_) if version.is_empty() => String::new(),
        Some(epoch) => format!("{epoch}:{version}{release}"),
    }
}

/// What the name of a source package's file says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct SourceRpm {
    name: String,
    /// `version-release`.
    version: String,
}

impl SourceRpm {
    /// None for what is no such name; headers made by hand say `(none)`.
    pub(super) fn parse(file: &str) -> Option<Self> {
        let stem = file.strip_suffix(".src.rpm").or_else(|| file.strip_suffix(".nosrc.rpm"))?;
        let (rest, _) = stem.rsplit_once('-')?;
        let (name, _) = rest.rsplit_once('-')?;
        let version = stem.get(name.len() + 1..)?;
        (!name.is_empty()).then(|| Self { name: name.to_owned(), version: version.to_owned() })
    }
}

/// Epoch (with its colon, or empty) and the rest.
fn split(version: &str) -> (&str, &str) {
    version.find(':').map_or(("", version), |colon| version.split_at(colon + 1))
}

/// Gives each package its source. The epoch of a source is that of its package with the same version: `perl-Errno` is
/// 1.28 without epoch, but its source perl is 4:5.26, as `perl-libs` of the same source tells.
pub(super) fn fill_in_sources(packages: &mut [FoundPackage], sources: &[Option<SourceRpm>]) {
    let mut epochs: HashMap<&SourceRpm, String> = HashMap::new();
    for (package, source) in packages.iter().zip(sources) {
        if let Some(source) = source
            && let (epoch, rest) = split(&package.version)
            && rest == source.version
        {
            epochs.insert(source, epoch.to_owned());
        }
    }
    for (package, source) in packages.iter_mut().zip(sources) {
        if let Some(source) = source {
            let epoch = epochs.get(source).map_or("", String::as_str);
            let version = format!("{epoch}{}", source.version);
            *package =
                std::mem::replace(package, FoundPackage::new(package.kind, "", "")).source(&source.name, version);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_a_source_says_its_name_and_version() {
        let parse = |file: &str| SourceRpm::parse(file).map(|source| format!("{} {}", source.name, source.version));
        assert_eq!(parse("bash-5.1.8-6.el9.src.rpm").unwrap(), "bash 5.1.8-6.el9");
        assert_eq!(parse("java-1.8.0-openjdk-1.8.0.412-1.nosrc.rpm").unwrap(), "java-1.8.0-openjdk 1.8.0.412-1");
        for none in ["(none)", "a.src.rpm", "a-1.src.rpm", "-1-2.src.rpm", ""] {
            assert_eq!(parse(none), None, "{none}");
        }
    }

    #[test]
    fn an_epoch_of_zero_is_none() {
        assert_eq!(evr(None, "1", "2"), "1-2");
        assert_eq!(evr(Some(0), "1", "2"), "1-2");
        assert_eq!(evr(Some(4), "1", "2"), "4:1-2");
        assert_eq!(evr(Some(4), "", ""), "");
    }
}
