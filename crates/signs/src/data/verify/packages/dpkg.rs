//! Debian's packages: `/var/lib/dpkg/status` for versions and configuration files, `/var/lib/dpkg/info/*.md5sums` for the rest.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::{Checksum, Installed, Owner, as_wanted, digits, list, read, text};

struct Package {
    name: String,
    architecture: String,
    version: String,
    is_installed: bool,
    configs: Vec<(Vec<u8>, [u8; 16])>,
}

fn status(root: &Path) -> Vec<Package> {
    let bytes = read(&root.join("var/lib/dpkg/status"));
    let mut packages = Vec::new();
    let new = || Package {
        name: String::new(),
        architecture: String::new(),
        version: String::new(),
        is_installed: false,
        configs: Vec::new(),
    };
    let mut package = new();
    let mut in_configs = false;
    for line in bytes.split(|byte| *byte == b'\n') {
        if line.is_empty() {
            packages.push(std::mem::replace(&mut package, new()));
            continue;
        }
        if let Some(line) = line.strip_prefix(b" ") {
            let mut words = line.split(|byte| *byte == b' ');
            if let (true, Some(path), Some(sum)) = (in_configs, words.next(), words.next()) {
                let path = path.strip_prefix(b"/").unwrap_or(path).to_vec();
                package.configs.extend(digits(sum).map(|sum| (path, sum)));
            }
            continue;
        }
        in_configs = line.starts_with(b"Conffiles:");
        let field = |name: &str| line.strip_prefix(name.as_bytes()).map(|value| text(value.trim_ascii()));
        if let Some(value) = field("Package:") {
            package.name = value;
        } else if let Some(value) = field("Version:") {
            package.version = value;
        } else if let Some(value) = field("Architecture:") {
            package.architecture = value;
        } else if let Some(value) = field("Status:") {
            package.is_installed = value.ends_with(" installed");
        }
    }
    packages.push(package);
    // A name is part of a file's name below; one that leads elsewhere is none.
    packages.retain(|package| package.is_installed && !package.name.is_empty() && !package.name.contains('/'));
    packages
}

fn sums(root: &Path, package: &Package) -> Vec<u8> {
    let folder = root.join("var/lib/dpkg/info");
    let plain = read(&folder.join(format!("{}.md5sums", package.name)));
    if !plain.is_empty() || package.architecture.contains('/') {
        return plain;
    }
    read(&folder.join(format!("{}:{}.md5sums", package.name, package.architecture)))
}

pub(super) fn installed(root: &Path) -> Vec<(String, Installed)> {
    let one = |package: Package| {
        let list = list(&sums(root, &package));
        (package.name, Installed { version: package.version, list })
    };
    status(root).into_iter().map(one).collect()
}

pub(super) fn owners(root: &Path, wanted: &HashSet<Vec<u8>>, found: &mut HashMap<Vec<u8>, Owner>) {
    for package in status(root) {
        for line in sums(root, &package).split(|byte| *byte == b'\n') {
            let Some((sum, path)) = line.split_at_checked(32) else { continue };
            let Some(path) = path.strip_prefix(b"  ").and_then(|path| as_wanted(path, wanted)) else { continue };
            let Some(sum) = digits(sum) else { continue };
            let owner = Owner { package: package.name.clone(), checksum: Checksum::Md5(sum), is_config: false };
            found.insert(path, owner);
        }
        for (path, sum) in &package.configs {
            if let Some(path) = as_wanted(path, wanted) {
                let owner = Owner { package: package.name.clone(), checksum: Checksum::Md5(*sum), is_config: true };
                found.insert(path, owner);
            }
        }
    }
}
