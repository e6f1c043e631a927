//! Gentoo: a folder `var/db/pkg/CATEGORY/NAME-VERSION` for each package, with a file for each thing that is known of it
//! (Package Manager Specification; portage(5)).

use keelguard_model::image::PackageKind;

use super::collector::Collector;
use crate::Limits;
use crate::analyse::{AnalyseError, Analyser, File, Found, FoundPackage, Pattern, Scope};

/// Name and version; every package has this file.
pub(super) const PACKAGE: Analyser = Analyser {
    name: "ebuild-package",
    version: 1,
    wants: &[Pattern::NameUnder("PF", "var/db/pkg")],
    scope: Scope::Installed,
    analyse: package,
};

/// What it owns.
pub(super) const CONTENTS: Analyser = Analyser {
    name: "ebuild-contents",
    version: 1,
    wants: &[Pattern::NameUnder("CONTENTS", "var/db/pkg")],
    scope: Scope::Installed,
    analyse: contents,
};

/// `CATEGORY/NAME` and the version, of a file in the folder of a package.
fn name_and_version(path: &str) -> Result<(String, &str), AnalyseError> {
    let mut parts = path.rsplit('/').skip(1);
    let (folder, category) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let version = version(folder)
        .ok_or_else(|| AnalyseError::malformed(format!("folder \"{folder}\" names no package and version")))?;
    let name = folder.get(..folder.len() - version.len() - 1).unwrap_or_default();
    Ok((format!("{category}/{name}"), version))
}

/// `3.0.13-r2` of `openssl-3.0.13-r2`: the last part that begins with a digit, and the revision behind it.
fn version(folder: &str) -> Option<&str> {
    let is_revision = |last: &str| last.strip_prefix('r').is_some_and(|number| number.parse::<u64>().is_ok());
    let end = match folder.rsplit_once('-') {
        Some((rest, last)) if is_revision(last) => rest.len(),
        _ => folder.len(),
    };
    let (name, version) = folder.get(..end)?.rsplit_once('-')?;
    (!name.is_empty() && version.starts_with(|letter: char| letter.is_ascii_digit()))
        .then(|| folder.get(name.len() + 1..))?
}

fn package(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let (name, version) = name_and_version(file.path)?;
    let mut packages = Collector::new(limits);
    packages.add(FoundPackage::new(PackageKind::Ebuild, name, version));
    Ok(packages.finish())
}

/// `obj PATH MD5 TIME`, `sym PATH -> TARGET TIME`, `dir PATH`. Paths may hold blanks.
fn contents(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let (owner, _) = name_and_version(file.path)?;
    let text = file.text(limits)?;
    let paths = text.lines().filter_map(|line| match line.split_once(' ')? {
        ("obj", rest) => rest.rsplitn(3, ' ').nth(2),
        ("sym", rest) => rest.split(" -> ").next(),
        _ => None,
    });
    let mut packages = Collector::new(limits);
    packages.own_each(&owner, |own| paths.for_each(own));
    Ok(packages.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::os::testing::{analyse, owner, torture, words};

    #[test]
    fn a_folder_names_category_name_and_version() {
        let words = |path: &str| words(&analyse(path, &Vec::new()).unwrap());
        assert_eq!(words("var/db/pkg/dev-libs/openssl-3.0.13-r2/PF"), ["dev-libs/openssl 3.0.13-r2 - - -"]);
        assert_eq!(words("var/db/pkg/x11-libs/gtk+-3.24.41/PF"), ["x11-libs/gtk+ 3.24.41 - - -"]);
        assert_eq!(
            words("var/db/pkg/media-libs/font-adobe-100dpi-1.0.4/PF"),
            ["media-libs/font-adobe-100dpi 1.0.4 - - -"]
        );
        assert_eq!(words("var/db/pkg/sys-libs/glibc-2.39_p20240801/PF"), ["sys-libs/glibc 2.39_p20240801 - - -"]);
        assert!(analyse("var/db/pkg/dev-libs/openssl/PF", &Vec::new()).is_err());
        assert_eq!(version("-1"), None);
        assert_eq!(version("a-r1"), None);
    }

    #[test]
    fn files_and_links_are_owned_and_folders_are_not() {
        let text = "dir /usr\nobj /usr/bin/a b d41d8cd98f00b204e9800998ecf8427e 1700000000\n\
                    sym /usr/lib64/liba.so -> liba.so.1 1700000000\nobj\nobj /cut\n";
        let path = "var/db/pkg/dev-libs/a-1/CONTENTS";
        let found = analyse(path, &text.as_bytes().to_vec()).unwrap();
        assert_eq!(owner(&found, "/usr/bin/a b"), Some("dev-libs/a"));
        assert_eq!(owner(&found, "/usr/lib64/liba.so"), Some("dev-libs/a"));
        assert_eq!(found.owned.len(), 2);
        torture(path, text.as_bytes());
    }
}
