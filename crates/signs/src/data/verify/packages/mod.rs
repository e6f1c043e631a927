//! What package managers say: which package brought a file, and with which checksum. Read from their own databases, without
//! running anything. An intruder may have changed these, too; that is why the baseline keeps what they said when it was made.

mod apk;
mod dpkg;
mod rpm;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use md5::Md5;
use sha1::Sha1;
use sha2::Sha256;

/// A checksum of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checksum {
    /// Debian, and old RPM.
    Md5([u8; 16]),
    /// Alpine.
    Sha1([u8; 20]),
    /// RPM.
    Sha256([u8; 32]),
}

/// Which package a file belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Its name.
    pub package: String,
    /// What it says of the file.
    pub checksum: Checksum,
    /// People are meant to change the file.
    pub is_config: bool,
}

/// A package as it is installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Installed {
    pub(super) version: String,
    /// Tells one list of checksums from another.
    pub(super) list: String,
}

/// Packages that are remembered.
const PACKAGES: usize = 50_000;
/// The largest list of one package manager that is read.
const LARGEST: u64 = 256 << 20;

/// All packages below `root`: name, and version with what tells their list of checksums.
pub fn inventory(root: &Path) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for found in [dpkg::installed(root), rpm::installed(root), apk::installed(root)] {
        for (name, Installed { version, list }) in found.into_iter().take(PACKAGES) {
            all.insert(name, format!("{version} {list}"));
        }
    }
    all
}

/// Who brought these files; paths from `root`, without a leading slash.
pub(super) fn owners(root: &Path, wanted: &HashSet<Vec<u8>>) -> HashMap<Vec<u8>, Owner> {
    let mut found = HashMap::new();
    if wanted.is_empty() {
        return found;
    }
    dpkg::owners(root, wanted, &mut found);
    rpm::owners(root, wanted, &mut found);
    apk::owners(root, wanted, &mut found);
    found
}

/// Whether the file holds what its package says.
pub(super) fn is_as_packed(file: &Path, checksum: &Checksum) -> io::Result<bool> {
    let file = rustix::fs::open(
        file,
        rustix::fs::OFlags::RDONLY
            | rustix::fs::OFlags::NOFOLLOW
            | rustix::fs::OFlags::NONBLOCK
            | rustix::fs::OFlags::CLOEXEC,
        rustix::fs::Mode::empty(),
    )?;
    let file = File::from(file);
    if !file.metadata()?.is_file() {
        return Ok(false);
    }
    Ok(match checksum {
        Checksum::Md5(expected) => sum::<Md5>(file)?.as_slice() == expected,
        Checksum::Sha1(expected) => sum::<Sha1>(file)?.as_slice() == expected,
        Checksum::Sha256(expected) => sum::<Sha256>(file)?.as_slice() == expected,
    })
}

fn sum<D: md5::Digest>(file: File) -> io::Result<Vec<u8>> {
    let mut hash = D::new();
    let mut buffer = vec![0; 64 * 1024];
    // What is larger was brought by no package.
    let mut file = file.take(1 << 34);
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hash.finalize().to_vec()),
            Ok(read) => hash.update(buffer.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// A text of a package manager; empty where there is none.
fn read(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    let opened = File::open(path).ok().filter(|file| file.metadata().is_ok_and(|meta| meta.is_file()));
    // What is cut off there is judged as if no package knew it, which is louder, not quieter.
    let _ = opened.map(|file| file.take(LARGEST).read_to_end(&mut bytes));
    bytes
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What tells one list from another.
fn list(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().get(..16).unwrap_or_default().to_owned()
}

/// Bytes from hexadecimal digits.
fn digits<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let mut out = [0; N];
    if text.len() != 2 * N {
        return None;
    }
    for (place, pair) in out.iter_mut().zip(text.chunks(2)) {
        *place = u8::from_str_radix(std::str::from_utf8(pair).ok().filter(|pair| !pair.contains('+'))?, 16).ok()?;
    }
    Some(out)
}

/// On most systems `/bin`, `/sbin` and `/lib` lead to the same below `/usr`, and packages name either.
fn other_name(path: &[u8]) -> Vec<u8> {
    match path.strip_prefix(b"usr/") {
        Some(rest) => rest.to_vec(),
        None => [b"usr/", path].concat(),
    }
}

/// The name under which somebody wants to know of this file.
fn as_wanted(path: &[u8], wanted: &HashSet<Vec<u8>>) -> Option<Vec<u8>> {
    if wanted.contains(path) {
        return Some(path.to_vec());
    }
    Some(other_name(path)).filter(|other| wanted.contains(other))
}
