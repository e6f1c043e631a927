//! What said which operating system it is before there was os-release, and still does in old and in odd images.

use keelguard_model::image::Os;

use super::ecosystem::Release;
use super::value;

/// How the sentences begin, and the id that os-release would have. The longer beginning stands first.
const SENTENCES: &[(&str, &str)] = &[
    ("AlmaLinux", "almalinux"),
    ("Rocky Linux", "rocky"),
    ("Red Hat Enterprise Linux", "rhel"),
    ("Oracle Linux", "ol"),
    ("CentOS", "centos"),
    ("Fedora", "fedora"),
    ("Amazon Linux", "amzn"),
    ("Mageia", "mageia"),
    ("openEuler", "openeuler"),
    ("VMware Photon", "photon"),
    ("CBL-Mariner", "mariner"),
    ("Microsoft Azure Linux", "azurelinux"),
    ("openSUSE Tumbleweed", "opensuse-tumbleweed"),
    ("openSUSE", "opensuse-leap"),
    ("SUSE Linux Enterprise Server", "sles"),
    ("SUSE Linux Enterprise Desktop", "sled"),
    ("Gentoo", "gentoo"),
];

/// Names in lsb-release, and the id that os-release would have.
const LSB: &[(&str, &str)] = &[
    ("Ubuntu", "ubuntu"),
    ("Debian", "debian"),
    ("Arch", "arch"),
    ("Mageia", "mageia"),
    ("VMware Photon", "photon"),
    ("VMware Photon OS", "photon"),
    ("Mariner", "mariner"),
    ("azurelinux", "azurelinux"),
];

fn os(release: &Release<'_>) -> Os {
    Os { id: release.id.to_owned(), version: release.version_id.to_owned(), ecosystem: release.ecosystem() }
}

/// Only a version: `12.5`, `trixie/sid`, `3.20.3`.
pub(super) fn version(id: &str, text: &str) -> Option<Os> {
    let version = text.split_whitespace().next()?;
    let codename = version.split('/').next().unwrap_or_default();
    let version_id = if version.starts_with(|letter: char| letter.is_ascii_digit()) { version } else { "" };
    Some(os(&Release { id, version_id, codename, ..Release::default() }))
}

/// `DISTRIB_ID=Ubuntu`, `DISTRIB_RELEASE=12.04`.
pub(super) fn lsb_release(text: &str) -> Option<Os> {
    let name = value(text, "DISTRIB_ID")?;
    let version_id = value(text, "DISTRIB_RELEASE").filter(|version| version != "rolling").unwrap_or_default();
    let codename = value(text, "DISTRIB_CODENAME").unwrap_or_default();
    let id = LSB.iter().find(|(lsb, _)| *lsb == name).map_or_else(|| name.to_lowercase(), |(_, id)| (*id).to_owned());
    Some(os(&Release { id: &id, version_id: &version_id, codename: &codename, ..Release::default() }))
}

/// `CentOS release 6.10 (Final)`; SuSE-release has `VERSION = 11` and `PATCHLEVEL = 4` in further lines.
pub(super) fn sentence(text: &str) -> Option<Os> {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    let (_, id) = SENTENCES.iter().find(|(start, _)| line.starts_with(start))?;
    let number = |word: &&str| word.starts_with(|letter: char| letter.is_ascii_digit());
    let version = line.split_whitespace().find(number).unwrap_or_default();
    if matches!(*id, "sles" | "sled") {
        return Some(suse(id, line, version, text));
    }
    Some(os(&Release { id, version_id: version, version: line, ..Release::default() }))
}

/// The sentence has no service pack; a further line has.
fn suse(id: &str, line: &str, version: &str, text: &str) -> Os {
    let name = line.split(version).next().filter(|_| !version.is_empty()).unwrap_or(line).trim();
    let patch = text.lines().find_map(|line| line.strip_prefix("PATCHLEVEL")?.trim_start().strip_prefix('='));
    let (pretty_name, version_id) = match patch.map(str::trim).filter(|level| !level.is_empty() && *level != "0") {
        Some(level) => (format!("{name} {version} SP{level}"), format!("{version}.{level}")),
        None => (format!("{name} {version}"), version.to_owned()),
    };
    os(&Release { id, version_id: &version_id, pretty_name: &pretty_name, ..Release::default() })
}
