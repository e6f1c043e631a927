//! A real Debian image, the advisories that are known of it, and the scanners that others use: what tests and the bench
//! of images share. Whatever is missing here is said, and skips the test.

#![allow(dead_code, reason = "each test file uses its own part of these helpers")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

pub mod forms;
pub mod image;
pub mod looked;
pub mod peers;

use std::path::{Path, PathBuf};
use std::process::Command;

/// The exit code by which a script says that something is missing on this machine.
const MISSING: i32 = 77;

/// A script of the repository.
pub fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts").join(name)
}

/// Runs a script that makes something. None where it lacks something, which it has said on standard error.
pub fn make(command: &mut Command) -> Option<()> {
    let status = command.status().unwrap();
    if status.code() == Some(MISSING) {
        eprintln!("skipped: {} lacks something, see above", command.get_program().to_string_lossy());
        return None;
    }
    assert!(status.success(), "{command:?} failed");
    Some(())
}

/// The mirror of OSV's export among the development data.
pub fn mirror() -> Option<PathBuf> {
    let data = std::env::var_os("KEELGUARD_TEST_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let mirror = data.join("osv");
    if !mirror.is_dir() {
        eprintln!("skipped: there is no {}; KEELGUARD_TEST_DATA says where the data lies", mirror.display());
        return None;
    }
    Some(mirror.canonicalize().unwrap())
}
