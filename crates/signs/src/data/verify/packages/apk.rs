//! Alpine's packages: `/lib/apk/db/installed`.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Checksum, Installed, Owner, as_wanted, list, read, text};

/// Tells of each package, as the lines that are its own.
fn each(root: &Path, told: &mut dyn FnMut(&[u8])) {
    let mut bytes = read(&root.join("lib/apk/db/installed"));
    if bytes.is_empty() {
        bytes = read(&root.join("usr/lib/apk/db/installed"));
    }
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        let end = memchr::memmem::find(rest, b"\n\n").unwrap_or(rest.len());
        let (package, after) = rest.split_at(end);
        told(package);
        rest = after.get(2..).unwrap_or_default();
    }
}

fn field(package: &[u8], name: u8) -> Option<String> {
    let mut lines = package.split(|byte| *byte == b'\n');
    lines.find_map(|line| line.strip_prefix(&[name, b':'])).map(text)
}

pub(super) fn installed(root: &Path) -> Vec<(String, Installed)> {
    let mut found = Vec::new();
    each(root, &mut |package| {
        if let (Some(name), Some(version)) = (field(package, b'P'), field(package, b'V')) {
            found.push((name, Installed { version, list: list(package) }));
        }
    });
    found
}

pub(super) fn owners(root: &Path, wanted: &HashSet<Vec<u8>>, found: &mut HashMap<Vec<u8>, Owner>) {
    each(root, &mut |package| {
        let Some(name) = field(package, b'P') else { return };
        let (mut folder, mut path): (&[u8], Option<Vec<u8>>) = (b"", None);
        for line in package.split(|byte| *byte == b'\n') {
            match line {
                [b'F', b':', rest @ ..] => folder = rest,
                [b'R', b':', rest @ ..] => {
                    let whole = if folder.is_empty() { rest.to_vec() } else { [folder, b"/", rest].concat() };
                    path = as_wanted(&whole, wanted);
                }
                // `Q1` is SHA-1 in base 64.
                [b'Z', b':', b'Q', b'1', rest @ ..] => {
                    let sum = STANDARD.decode(rest).ok().and_then(|sum| <[u8; 20]>::try_from(sum).ok());
                    if let (Some(path), Some(sum)) = (path.take(), sum) {
                        let is_config = path.starts_with(b"etc/");
                        found.insert(path, Owner { package: name.clone(), checksum: Checksum::Sha1(sum), is_config });
                    }
                }
                _ => {}
            }
        }
    });
}
