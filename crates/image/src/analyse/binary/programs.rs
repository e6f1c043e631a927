//! Well-known programs and libraries that were put into an image without a package: by what their files are called,
//! and by the version that stands in them. Only files whose name a row knows are searched.

use std::io;
use std::sync::LazyLock;

use keelguard_model::image::PackageKind;
use regex::bytes::{Regex, RegexSet, RegexSetBuilder};

use super::elf::Elf;
use super::known::{PROGRAMS, Program};
use super::scan::{self, text};
use crate::analyse::FoundPackage;

/// Names of all rows: one look at a name, however many rows there are.
static NAMES: LazyLock<Option<RegexSet>> = LazyLock::new(|| {
    let names = PROGRAMS.iter().map(|program| format!("^(?:{})$", program.files));
    RegexSetBuilder::new(names).unicode(false).build().ok()
});

static TEXTS: LazyLock<Vec<Option<Regex>>> =
    LazyLock::new(|| PROGRAMS.iter().map(|program| text(program.text)).collect());

/// The rows that know a file of this name.
pub(super) fn rows(name: &str) -> Vec<usize> {
    NAMES.as_ref().map(|names| names.matches(name.as_bytes()).into_iter().collect()).unwrap_or_default()
}

/// The packages that these rows see in the file.
pub(super) fn packages(elf: &Elf<'_>, path: &str, rows: &[usize]) -> io::Result<Vec<FoundPackage>> {
    let mut packages = Vec::new();
    if rows.is_empty() {
        return Ok(packages);
    }
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    let mut open: Vec<(&Program, &Regex, String)> = Vec::new();
    for (program, regex) in rows.iter().filter_map(|row| Some((PROGRAMS.get(*row)?, TEXTS.get(*row)?.as_ref()?))) {
        if let Some(begin) = begin(elf, program, name)? {
            open.push((program, regex, begin));
        }
    }
    scan::windows(elf, |window| {
        open.retain(|(program, regex, begin)| match version(regex, begin, window) {
            Some(version) => {
                packages.push(package(path, program.name, version));
                false
            }
            None => true,
        });
        !open.is_empty()
    })?;
    Ok(packages)
}

/// With which numbers the version must begin: those in the file's name where the row says so, since `python3.11` has
/// other numbers in it, too. Where the name has fewer than two, the file must say them; none where it does not.
fn begin(elf: &Elf<'_>, program: &Program, name: &str) -> io::Result<Option<String>> {
    let begin = if program.like_name { numbers(name) } else { String::new() };
    let Some(branch) = program.branch.filter(|_| !begin.contains('.')).and_then(text) else { return Ok(Some(begin)) };
    let mut found = None;
    scan::windows(elf, |window| {
        found = branch.captures(window).and_then(|captures| {
            let number = |group| captures.get(group).map(|number| String::from_utf8_lossy(number.as_bytes()));
            Some(format!("{}.{}", number(1)?, number(2)?))
        });
        found.is_none()
    })?;
    Ok(found.filter(|found| found.starts_with(&begin)))
}

/// The first two numbers in a file's name.
fn numbers(name: &str) -> String {
    let begin = name.trim_start_matches(|letter: char| !letter.is_ascii_digit());
    let begin: String = begin.chars().take_while(|letter| letter.is_ascii_digit() || *letter == '.').collect();
    begin.trim_end_matches('.').split('.').take(2).collect::<Vec<_>>().join(".")
}

/// The version in these bytes that begins with these numbers.
fn version(regex: &Regex, begin: &str, bytes: &[u8]) -> Option<String> {
    let mut at = 0;
    // What surrounds a version may be the border of the next one, so that matches are searched at every place.
    while let Some(captures) = regex.captures_at(bytes, at) {
        let (whole, found) = (captures.get(0)?, captures.get(1)?);
        let version = String::from_utf8_lossy(found.as_bytes()).into_owned();
        let rest = version.strip_prefix(begin);
        if rest.is_some_and(|rest| begin.is_empty() || rest.is_empty() || rest.starts_with('.')) {
            return Some(version);
        }
        at = found.end().max(whole.start() + 1);
    }
    None
}

/// The package of a program at `path`. Who built it is known of Bitnami's folder alone.
pub(super) fn package(path: &str, name: &str, version: String) -> FoundPackage {
    let is_bitnamis = path.trim_start_matches('/').starts_with("opt/bitnami/");
    let kind = if is_bitnamis { PackageKind::Bitnami } else { PackageKind::Generic };
    FoundPackage::new(kind, name, version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_a_name_and_a_text_with_one_version_in_it() {
        assert!(NAMES.is_some());
        for (program, regex) in PROGRAMS.iter().zip(TEXTS.iter()) {
            let regex = regex.as_ref().unwrap_or_else(|| panic!("{}: {}", program.name, program.text));
            assert_eq!(regex.captures_len(), 2, "{} has one version", program.name);
            let branch = program.branch.map(|branch| text(branch).unwrap());
            assert!(branch.is_none_or(|branch| branch.captures_len() == 3), "{} has two numbers", program.name);
        }
    }

    #[test]
    fn a_version_continues_that_of_the_files_name() {
        let regex = PROGRAMS
            .iter()
            .zip(TEXTS.iter())
            .find(|(program, _)| program.name == "python")
            .map(|(_, regex)| regex.as_ref().unwrap())
            .unwrap();
        let bytes = b"\x003.1.2\x003.11\x002.7.18\x003.11.2\x00";
        let version = |name: &str| version(regex, &numbers(name), bytes);
        assert_eq!(version("libpython3.11.so.1.0").as_deref(), Some("3.11.2"));
        assert_eq!(version("python2.7").as_deref(), Some("2.7.18"));
        assert_eq!(version("python3.12"), None);
    }

    #[test]
    fn a_program_is_bitnamis_in_its_folder_alone() {
        let kind = |path| package(path, "redis", "7.2.4".to_owned()).kind;
        assert_eq!(kind("opt/bitnami/redis/bin/redis-server"), PackageKind::Bitnami);
        assert_eq!(kind("usr/local/bin/redis-server"), PackageKind::Generic);
    }
}
