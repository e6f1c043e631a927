//! What Azure Linux and Mariner leave in images without rpm: the packages as a table.

use keelguard_model::image::PackageKind;

use super::names::{SourceRpm, evr, fill_in_sources};
use crate::Limits;
use crate::analyse::os::collector::Collector;
use crate::analyse::{AnalyseError, Analyser, File, Found, FoundPackage, Pattern, Scope};

/// The table of the second form; the first has only names.
pub(in crate::analyse::os) const MANIFEST: Analyser = Analyser {
    name: "rpm-manifest",
    version: 1,
    wants: &[Pattern::Path("var/lib/rpmmanifest/container-manifest-2")],
    scope: Scope::Installed,
    analyse,
};

/// Name, version-release, time of installation, time of build, vendor, epoch, size, architecture, epoch as a number,
/// source; with tabulators between.
fn analyse(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let text = file.text(limits)?;
    let mut packages = Collector::new(limits);
    let mut sources = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let fields: Vec<&str> = line.splitn(11, '\t').collect();
        let [name, version, _, _, _, epoch, _, arch, _, source, ..] = fields.as_slice() else {
            packages.broken(|| format!("a line has {} fields instead of ten", fields.len()));
            continue;
        };
        if *name == super::KEYS {
            continue;
        }
        let mut package = FoundPackage::new(PackageKind::Rpm, *name, evr(epoch.parse().ok(), version, ""));
        package.arch = Some((*arch).to_owned()).filter(|arch| arch != "(none)");
        let before = packages.packages().len();
        if !packages.add(package) {
            break;
        }
        if packages.packages().len() > before {
            sources.push(SourceRpm::parse(source));
        }
    }
    fill_in_sources(packages.packages(), &sources);
    Ok(packages.finish())
}
