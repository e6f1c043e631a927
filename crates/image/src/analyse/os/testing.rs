//! What the tests of this family share.

use std::path::PathBuf;

use crate::Limits;
use crate::analyse::{AnalyseError, File, Found, FoundPackage, PathKey, table};
use crate::content::Content;

/// A file of the test data.
pub(super) fn data(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/os").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Test data as lines of text.
pub(super) fn lines(name: &str) -> Vec<String> {
    String::from_utf8(data(name)).unwrap().lines().map(str::to_owned).collect()
}

/// What the one analyser that wants `path` says of `content`.
pub(super) fn analyse(path: &str, content: &dyn Content) -> Result<Found, AnalyseError> {
    analyse_within(path, content, &Limits::default())
}

/// The same, within these bounds.
pub(super) fn analyse_within(path: &str, content: &dyn Content, limits: &Limits) -> Result<Found, AnalyseError> {
    let rows = table().wants(path);
    assert_eq!(rows.len(), 1, "one row wants {path}");
    (rows[0].analyse)(&File { path, mode: 0o644, content }, limits)
}

/// `name version arch source source-version` of each package.
pub(super) fn words(found: &Found) -> Vec<String> {
    found.packages.iter().map(word).collect()
}

fn word(package: &FoundPackage) -> String {
    let (source, version) =
        package.source.as_ref().map_or(("-", "-"), |source| (source.name.as_str(), source.version.as_str()));
    let arch = package.arch.as_deref().unwrap_or("-");
    format!("{} {} {arch} {source} {version}", package.name, package.version)
}

/// Who owns `path`.
pub(super) fn owner<'a>(found: &'a Found, path: &str) -> Option<&'a str> {
    let key = PathKey::of(path);
    let (_, index) = found.owned.iter().find(|(owned, _)| *owned == key)?;
    found.owners.get(*index as usize).map(String::as_str)
}

/// Cut off at every length, and with every byte turned over: it may say what it likes, but it comes to an end.
pub(super) fn torture(path: &str, bytes: &[u8]) {
    let step = (bytes.len() / 4000).max(1);
    for length in (0..bytes.len()).step_by(step) {
        let _ = analyse(path, &bytes[..length].to_vec());
    }
    let mut changed = bytes.to_vec();
    for place in (0..bytes.len()).step_by(step) {
        for value in [0, 0x7f, 0xff, bytes[place] ^ 1] {
            changed[place] = value;
            let _ = analyse(path, &changed);
        }
        changed[place] = bytes[place];
    }
}
