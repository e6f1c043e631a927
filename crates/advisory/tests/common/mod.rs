//! Where the development data lies.
#![allow(dead_code, clippy::print_stdout, reason = "each test file takes what it needs, and says why it is skipped")]

use std::path::PathBuf;

/// The mirror of OSV's export, if it is there; says why not otherwise.
pub fn mirror() -> Option<PathBuf> {
    data("osv")
}

/// A folder of the development data.
pub fn data(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("KEELGUARD_TEST_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let path = root.join(folder);
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: there is no {}; KEELGUARD_TEST_DATA says where the development data lies", path.display());
    None
}
