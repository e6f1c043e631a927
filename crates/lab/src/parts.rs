//! The programs that the lab is made of, and their installation from the distribution's packages.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{LabError, cgroup};

/// The one installer; `scripts/` and this crate use the same.
const INSTALLER: &str = include_str!("../../../scripts/install-deps");

/// Whether missing programs may be installed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Install {
    /// Say what is missing.
    #[default]
    Never,
    /// Install it from the distribution's packages.
    Missing,
}

/// Where the programs are.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    pub(crate) dockerd: PathBuf,
    pub(crate) containerd: PathBuf,
    pub(crate) docker: PathBuf,
    pub(crate) busybox: PathBuf,
}

/// Why no lab can start here, or nothing. Changes nothing.
///
/// ```
/// if let Some(reason) = keelguard_lab::why_not() {
///     eprintln!("skipped: {reason}");
/// }
/// ```
pub fn why_not() -> Option<LabError> {
    if !rustix::process::geteuid().is_root() {
        return Some(LabError::NotRoot);
    }
    find().err().or_else(|| cgroup::writable().err())
}

/// Finds the programs, or installs what is missing where that is allowed.
pub(crate) fn obtain(install: Install) -> Result<Parts, LabError> {
    if !rustix::process::geteuid().is_root() {
        return Err(LabError::NotRoot);
    }
    match find() {
        Err(LabError::Missing { .. }) if install == Install::Missing => {
            run_installer()?;
            find()
        }
        found => found,
    }
}

fn find() -> Result<Parts, LabError> {
    let mut what = Vec::new();
    let mut take = |name: &str| {
        program(name).unwrap_or_else(|| {
            what.push(name.to_owned());
            PathBuf::new()
        })
    };
    for name in ["runc", "iptables", "ip", "nsenter", "unshare", "timeout"] {
        take(name);
    }
    let (dockerd, containerd) = (take("dockerd"), take("containerd"));
    // A much newer command line elsewhere on the path may refuse to speak to the packaged engine: take its sibling.
    let sibling = Path::new("/usr/bin/docker");
    let packaged = dockerd.starts_with("/usr/sbin") || dockerd.starts_with("/usr/bin");
    let docker = if packaged && sibling.exists() { sibling.to_owned() } else { take("docker") };
    let busybox = take("busybox");
    if !busybox.as_os_str().is_empty() && !is_static(&busybox) {
        what.push("busybox-static".to_owned());
    }
    if what.is_empty() { Ok(Parts { dockerd, containerd, docker, busybox }) } else { Err(LabError::Missing { what }) }
}

/// On the path, or in the folders of the administrator, which a plain path lacks.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin", "/sbin", "/usr/bin", "/bin"].map(PathBuf::from));
    // An empty entry means the current directory, where nobody should look for programs to run as root.
    folders.filter(|folder| folder.is_absolute()).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// A program that needs no interpreter runs in an image that holds nothing else. Reads the program headers of a 64-bit
/// ELF file for `PT_INTERP`.
fn is_static(path: &Path) -> bool {
    let Ok(bytes) = fs::read(path) else { return false };
    let number = |at: usize, width: usize| {
        let field = bytes.get(at..at.checked_add(width)?)?;
        usize::try_from(field.iter().rev().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte))).ok()
    };
    let interpreters = || {
        let (table, size, count) = (number(32, 8)?, number(54, 2)?, number(56, 2)?);
        let kinds = (0..count).map(|index| number(table.checked_add(index * size)?, 4));
        kinds.collect::<Option<Vec<_>>>().map(|kinds| kinds.contains(&3))
    };
    bytes.starts_with(b"\x7fELF\x02\x01") && interpreters() == Some(false)
}

fn run_installer() -> Result<(), LabError> {
    let failed = |why: String| LabError::Install { why };
    let mut shell = Command::new("bash")
        .args(["-s", "--", "--lab"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    if let Some(mut input) = shell.stdin.take() {
        input.write_all(INSTALLER.as_bytes()).map_err(|error| failed(error.to_string()))?;
    }
    let output = shell.wait_with_output().map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<_> = words.lines().rev().take(3).collect();
    Err(failed(lines.into_iter().rev().collect::<Vec<_>>().join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_whole_elf_file_is_not_static() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("busybox");
        for bytes in [&b""[..], b"#!/bin/sh\n", b"\x7fELF\x02\x01", &[0xff; 200]] {
            fs::write(&file, bytes).unwrap();
            assert!(!is_static(&file));
        }
        assert!(!is_static(Path::new("/no/such/file")));
    }
}
