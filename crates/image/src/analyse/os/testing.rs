//! What the tests of this family share.

use std::io::{self, Read};
use std::path::PathBuf;

use crate::Limits;
use crate::analyse::{AnalyseError, File, Found, FoundPackage, PathKey, table};
use crate::content::Content;

/// A file of the test data, unpacked where it is packed.
pub(super) fn data(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/os").join(name);
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    if path.extension().is_none_or(|extension| extension != "gz") {
        return bytes;
    }
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(bytes.as_slice()).read_to_end(&mut unpacked).unwrap();
    unpacked
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

/// The beginning of a file, without a copy of it.
struct Cut<'a>(&'a [u8]);

impl Content for Cut<'_> {
    fn size(&self) -> u64 {
        self.0.size()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read_at(offset, buffer)
    }
}

/// Cut off at every length, and with bytes replaced: it may say what it likes, but it comes to an end. Of large files
/// only every so many lengths and places are tried.
pub(super) fn torture(path: &str, bytes: &[u8]) {
    for length in (0..bytes.len()).step_by((bytes.len() / 1000).max(1)) {
        let _ = analyse(path, &Cut(&bytes[..length]));
    }
    let mut changed = bytes.to_vec();
    for place in (0..bytes.len()).step_by((bytes.len() / 500).max(1)) {
        for value in [0, 0x7f, 0xff, bytes[place] ^ 1] {
            changed[place] = value;
            let _ = analyse(path, &changed);
        }
        changed[place] = bytes[place];
    }
}
