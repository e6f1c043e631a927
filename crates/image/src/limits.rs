//! How much of an image is read at most.

/// Bounds for what attackers write. Reaching one is an `incomplete` entry, never a crash and never silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest text file (package databases, lock files, manifests) that is read into memory, bytes.
    pub max_text: u64,
    /// Largest archive or binary that is looked into, bytes.
    pub max_file: u64,
    /// How deep archives lie in archives (war in ear, jar in war).
    pub max_nesting: u32,
    /// Entries of one archive inside the image.
    pub max_archive_entries: u64,
    /// Bytes that one archive inside the image may unpack to, all its nested archives together.
    pub max_unpacked: u64,
    /// Packages that one file may name.
    pub max_packages: usize,
    /// Entries of all layers together.
    pub max_entries: u64,
    /// Layers of an image.
    pub max_layers: usize,
    /// Bytes that all layers together may unpack to.
    pub max_image: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_text: 256 << 20,
            max_file: 4 << 30,
            max_nesting: 5,
            max_archive_entries: 200_000,
            max_unpacked: 2 << 30,
            max_packages: 500_000,
            max_entries: 20_000_000,
            max_layers: 1_000,
            max_image: 256 << 30,
        }
    }
}
