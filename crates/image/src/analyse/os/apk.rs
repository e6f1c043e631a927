//! Alpine and whoever else uses apk: one file with packages and their files, `X:value` a line, an empty line between
//! packages (apk-installed(5)). Versions 2 and 3 of apk write the same; the place moved with the merged `/usr`.

use keelguard_model::image::PackageKind;

use super::collector::Collector;
use crate::Limits;
use crate::analyse::{AnalyseError, Analyser, File, Found, FoundPackage, Pattern, Scope};

/// Installed packages and their files.
pub(super) const INSTALLED: Analyser = Analyser {
    name: "apk-installed",
    version: 1,
    wants: &[Pattern::Path("lib/apk/db/installed"), Pattern::Path("usr/lib/apk/db/installed")],
    scope: Scope::Installed,
    analyse,
};

/// The lines of one package.
#[derive(Default)]
struct Entry<'a> {
    name: &'a str,
    version: &'a str,
    arch: &'a str,
    origin: &'a str,
    files: Vec<String>,
}

impl Entry<'_> {
    fn found(&self) -> FoundPackage {
        let origin = if self.origin.is_empty() { self.name } else { self.origin };
        // Packages of one origin are built together and have its version.
        let package = FoundPackage::new(PackageKind::Apk, self.name, self.version).source(origin, self.version);
        if self.arch.is_empty() { package } else { package.arch(self.arch) }
    }
}

fn analyse(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let text = file.text(limits)?;
    let mut packages = Collector::new(limits);
    let mut entry = Entry::default();
    let mut folder = "";
    // The empty line closes the last package, too.
    for line in text.lines().chain([""]) {
        if line.is_empty() {
            let entry = std::mem::take(&mut entry);
            folder = "";
            if entry.name.is_empty() && entry.version.is_empty() {
                continue;
            }
            if !packages.add(entry.found()) {
                break;
            }
            packages.own_each(entry.name, |own| entry.files.iter().for_each(|path| own(path)));
            continue;
        }
        match line.split_once(':') {
            Some(("P", name)) => entry.name = name,
            Some(("V", version)) => entry.version = version,
            Some(("A", arch)) => entry.arch = arch,
            Some(("o", origin)) => entry.origin = origin,
            Some(("F", path)) => folder = path,
            Some(("R", name)) if folder.is_empty() => entry.files.push(name.to_owned()),
            Some(("R", name)) => entry.files.push(format!("{folder}/{name}")),
            _ => {}
        }
    }
    Ok(packages.finish())
}

#[cfg(test)]
mod tests;
