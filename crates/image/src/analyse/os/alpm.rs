//! Arch and its children: a folder `var/lib/pacman/local/NAME-VERSION-RELEASE` for each package, with a file for what it
//! is and one for what it owns. Both are sections: `%NAME%`, the values a line each, an empty line.

use keelguard_model::image::PackageKind;

use super::collector::Collector;
use crate::Limits;
use crate::analyse::{AnalyseError, Analyser, File, Found, FoundPackage, Pattern, Scope};

/// What it is.
pub(super) const DESC: Analyser = Analyser {
    name: "alpm-desc",
    version: 1,
    wants: &[Pattern::NameUnder("desc", "var/lib/pacman/local")],
    scope: Scope::Installed,
    analyse: desc,
};

/// What it owns.
pub(super) const FILES: Analyser = Analyser {
    name: "alpm-files",
    version: 1,
    wants: &[Pattern::NameUnder("files", "var/lib/pacman/local")],
    scope: Scope::Installed,
    analyse: files,
};

/// The lines of a section.
fn section<'a>(text: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    text.lines().skip_while(move |line| *line != name).skip(1).take_while(|line| !line.is_empty())
}

fn desc(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let text = file.text(limits)?;
    let value = |name| section(&text, name).next().unwrap_or_default();
    let (name, version) = (value("%NAME%"), value("%VERSION%"));
    let base = Some(value("%BASE%")).filter(|base| !base.is_empty()).unwrap_or(name);
    // Packages that are built from one base have one version.
    let mut package = FoundPackage::new(PackageKind::Alpm, name, version).source(base, version);
    package.arch = section(&text, "%ARCH%").next().map(str::to_owned);
    let mut packages = Collector::new(limits);
    packages.add(package);
    Ok(packages.finish())
}

fn files(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let folder = file.path.rsplit('/').nth(1).unwrap_or_default();
    let Some(owner) = folder.rsplitn(3, '-').nth(2) else {
        return Err(AnalyseError::malformed(format!("folder \"{folder}\" names no package and version")));
    };
    let text = file.text(limits)?;
    let mut packages = Collector::new(limits);
    let paths = section(&text, "%FILES%").filter(|path| !path.ends_with('/'));
    packages.own_each(owner, |own| paths.for_each(own));
    Ok(packages.finish())
}

#[cfg(test)]
mod tests {
    use crate::analyse::os::testing::{analyse, data, owner, torture, words};
    use crate::analyse::table;

    #[test]
    fn a_package_comes_with_its_base_and_its_files() {
        let found = analyse("var/lib/pacman/local/kg-docs-2:1.4-3/desc", &data("alpm/desc")).unwrap();
        assert_eq!(words(&found), ["kg-docs 2:1.4-3 any kgsuite 2:1.4-3"]);
        let found = analyse("var/lib/pacman/local/kg-docs-2:1.4-3/files", &data("alpm/files")).unwrap();
        assert_eq!(owner(&found, "/usr/share/doc/kg/a b.txt"), Some("kg-docs"));
        assert_eq!(found.owned.len(), 1, "folders are not files");
    }

    #[test]
    fn files_of_that_name_elsewhere_are_none_of_its_business() {
        for path in ["home/files", "var/lib/pacman/local/files", "var/lib/pacman/localized/a-1-1/files", "desc"] {
            assert!(table().wants(path).is_empty(), "{path}");
        }
    }

    #[test]
    fn what_is_broken_is_reported() {
        let path = "var/lib/pacman/local/a-1-1/desc";
        assert_eq!(analyse(path, &b"%NAME%\na\n".to_vec()).unwrap().incomplete.len(), 1);
        assert!(analyse("var/lib/pacman/local/a-1/files", &Vec::new()).is_err());
        torture(path, &data("alpm/desc"));
        torture("var/lib/pacman/local/a-1-1/files", &data("alpm/files"));
    }
}
