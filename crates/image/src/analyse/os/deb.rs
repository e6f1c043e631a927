//! Debian and its children: the database of dpkg, and what is left of it in images without dpkg.

use keelguard_model::image::PackageKind;

use super::collector::Collector;
use crate::Limits;
use crate::analyse::{AnalyseError, Analyser, File, Found, FoundPackage, Pattern, Scope};

/// Installed packages.
pub(super) const STATUS: Analyser = Analyser {
    name: "dpkg-status",
    version: 1,
    // Images without dpkg ("distroless") have one file for each package, and next to it the list of its files.
    wants: &[Pattern::Path("var/lib/dpkg/status"), Pattern::In("var/lib/dpkg/status.d", "")],
    scope: Scope::Installed,
    analyse: status,
};

/// Which package owns which files.
pub(super) const FILES: Analyser = Analyser {
    name: "dpkg-files",
    version: 1,
    wants: &[Pattern::In("var/lib/dpkg/info", ".list")],
    scope: Scope::Installed,
    analyse: list,
};

/// The end of the names of lists next to the packages of `status.d`.
const SUMS: &str = ".md5sums";

/// One paragraph of the database.
#[derive(Default)]
struct Paragraph<'a> {
    package: &'a str,
    status: &'a str,
    version: &'a str,
    architecture: &'a str,
    source: &'a str,
}

impl<'a> Paragraph<'a> {
    fn line(&mut self, line: &'a str) {
        // Names of fields have no case in Debian's control files, and no two of these begin alike.
        let Some((name, value)) = line.split_once(':') else { return };
        let field = match name.len() {
            6 if name.eq_ignore_ascii_case("Status") => &mut self.status,
            6 if name.eq_ignore_ascii_case("Source") => &mut self.source,
            7 if name.eq_ignore_ascii_case("Package") => &mut self.package,
            7 if name.eq_ignore_ascii_case("Version") => &mut self.version,
            12 if name.eq_ignore_ascii_case("Architecture") => &mut self.architecture,
            _ => return,
        };
        *field = value.trim();
    }

    /// Whether its files are there. The third word is the state; where nothing is said, somebody unpacked it by hand.
    fn is_installed(&self) -> bool {
        !matches!(self.status.split_whitespace().nth(2), Some("not-installed" | "config-files"))
    }

    fn found(&self) -> FoundPackage {
        // `Source: glibc`, or `Source: gcc-12 (12.2.0-14)` where the versions differ.
        let (name, version) = match self.source.split_once('(') {
            Some((name, rest)) => (name.trim(), rest.split(')').next().unwrap_or_default().trim()),
            None => (self.source, ""),
        };
        let or = |value: &'a str, other: &'a str| if value.is_empty() { other } else { value };
        let package = FoundPackage::new(PackageKind::Deb, self.package, self.version)
            .source(or(name, self.package), or(version, self.version));
        if self.architecture.is_empty() { package } else { package.arch(self.architecture) }
    }
}

fn status(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let text = file.text(limits)?;
    let mut packages = Collector::new(limits);
    if file.path.starts_with("var/lib/dpkg/status.d/")
        && let Some(owner) = file.name().strip_suffix(SUMS)
    {
        let paths = text.lines().filter_map(|line| line.split_once("  ")).map(|(_, path)| path.trim());
        packages.own_each(owner, |own| paths.for_each(own));
        return Ok(packages.finish());
    }
    let mut paragraph = Paragraph::default();
    // The empty line closes the last paragraph, too.
    for line in text.lines().chain([""]) {
        match line.as_bytes().first() {
            // The further lines of a field.
            Some(b' ' | b'\t') => {}
            Some(_) => paragraph.line(line),
            None => {
                let paragraph = std::mem::take(&mut paragraph);
                if !paragraph.package.is_empty() && paragraph.is_installed() && !packages.add(paragraph.found()) {
                    break;
                }
            }
        }
    }
    Ok(packages.finish())
}

/// `NAME.list`, or `NAME:ARCHITECTURE.list` for packages that may be there for several.
fn list(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let name = file.name();
    let owner = name.strip_suffix(".list").unwrap_or(name);
    let owner = owner.split(':').next().unwrap_or(owner);
    let text = file.text(limits)?;
    let mut packages = Collector::new(limits);
    packages.own_each(owner, |own| {
        let mut lines = text.lines().filter(|line| line.len() > 2).peekable();
        while let Some(path) = lines.next() {
            // A folder stands before what is in it. Folders are not asked for, and half of the lines are some.
            let below = lines.peek().and_then(|next| next.strip_prefix(path));
            if !below.is_some_and(|rest| rest.starts_with('/')) {
                own(path);
            }
        }
    });
    Ok(packages.finish())
}

#[cfg(test)]
mod tests;
