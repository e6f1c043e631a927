//! Which operating system it is: `os-release`, and what there was before it.
//!
//! An image may have several of these files, and they may disagree: Ubuntu's `etc/debian_version` says Debian, and a
//! rebuild of Red Hat keeps `etc/redhat-release`. [`place`] says which one to believe.

mod ecosystem;
mod legacy;

use keelguard_model::image::Os;

use crate::Limits;
use crate::analyse::{AnalyseError, Analyser, File, Found, Pattern, Scope};

/// Longest file that is read, bytes: they have some hundred.
const MAX_SIZE: u64 = 64 << 10;

/// How the files are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// `KEY=value`, by the words of os-release(5).
    OsRelease,
    /// `KEY=value`, by the words of the Linux Standard Base.
    LsbRelease,
    /// A sentence: `AlmaLinux release 9.4 (Seafoam Ocelot)`.
    Sentence,
    /// Only the version, of the operating system of this id.
    Version(&'static str),
    /// That it is there is all it says.
    Presence(&'static str),
}

macro_rules! places {
    ($($path:literal => $form:expr,)*) => {
        /// The files, the most trustworthy first.
        const PLACES: &[(&str, Form)] = &[$(($path, $form),)*];

        /// The row for all of them.
        pub(in crate::analyse::os) const RELEASE: Analyser = Analyser {
            name: "os-release",
            version: 1,
            wants: &[$(Pattern::Path($path),)*],
            scope: Scope::Installed,
            analyse,
        };
    };
}

places! {
    "etc/os-release" => Form::OsRelease,
    "usr/lib/os-release" => Form::OsRelease,
    // Names of one distribution, which nobody else keeps for compatibility.
    "etc/almalinux-release" => Form::Sentence,
    "etc/rocky-release" => Form::Sentence,
    "etc/oracle-release" => Form::Sentence,
    "etc/centos-release" => Form::Sentence,
    "etc/fedora-release" => Form::Sentence,
    "etc/mageia-release" => Form::Sentence,
    "etc/openEuler-release" => Form::Sentence,
    "etc/photon-release" => Form::Sentence,
    "etc/azurelinux-release" => Form::Sentence,
    "etc/mariner-release" => Form::Sentence,
    "etc/SuSE-release" => Form::Sentence,
    "etc/gentoo-release" => Form::Sentence,
    "etc/alpine-release" => Form::Version("alpine"),
    // Kept by derivatives, too: the name inside says whose it is.
    "etc/lsb-release" => Form::LsbRelease,
    "etc/redhat-release" => Form::Sentence,
    "etc/system-release" => Form::Sentence,
    "etc/arch-release" => Form::Presence("arch"),
    // Ubuntu and others keep the one of the Debian they come from.
    "etc/debian_version" => Form::Version("debian"),
}

/// How much the file at `path` (without a leading slash) is to be believed on the operating system: of several, the
/// lowest wins. None for a file that says nothing of it.
pub fn place(path: &str) -> Option<usize> {
    PLACES.iter().position(|(place, _)| *place == path)
}

fn analyse(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let Some((_, form)) = PLACES.iter().find(|(place, _)| *place == file.path) else {
        return Err(AnalyseError::malformed("no place of a release file"));
    };
    let limits = Limits { max_text: limits.max_text.min(MAX_SIZE), ..*limits };
    let text = file.text(&limits)?;
    let os = match *form {
        Form::OsRelease => os_release(&text),
        Form::LsbRelease => legacy::lsb_release(&text),
        Form::Sentence => legacy::sentence(&text),
        Form::Version(id) => legacy::version(id, &text),
        Form::Presence(id) => Some(Os { id: id.to_owned(), version: String::new(), ecosystem: None }),
    };
    // Old lsb-release files name only modules, and empty files say nothing: no reason to complain.
    Ok(Found { os, ..Found::default() })
}

/// os-release(5).
fn os_release(text: &str) -> Option<Os> {
    let value = |key: &str| value(text, key).unwrap_or_default();
    // os-release(5): "If not set, a default of ID=linux may be used".
    let id = match value("ID") {
        id if id.is_empty() && text.trim().is_empty() => return None,
        id if id.is_empty() => "linux".to_owned(),
        id => id.to_lowercase(),
    };
    let release = ecosystem::Release {
        id: &id,
        version_id: &value("VERSION_ID"),
        version: &value("VERSION"),
        pretty_name: &value("PRETTY_NAME"),
        codename: &value("VERSION_CODENAME"),
        ubuntu_codename: &value("UBUNTU_CODENAME"),
        debian_codename: &value("DEBIAN_CODENAME"),
        cpe: &value("CPE_NAME"),
    };
    Some(Os { ecosystem: release.ecosystem(), version: release.version_id.to_owned(), id })
}

/// The operating system that somebody else names by its id and version, and perhaps by how it calls itself. A code name in
/// place of a version is as good where it is known.
pub(crate) fn named(id: &str, version: &str, pretty_name: &str) -> Os {
    let id = id.to_lowercase();
    let version = ecosystem::number_of(&id, version).unwrap_or(version);
    // The name on the box, where nobody has handed it on.
    let boxed = match (id.as_str(), pretty_name, version.split_once('.')) {
        ("sles", "", Some((major, pack))) => format!("SUSE Linux Enterprise Server {major} SP{pack}"),
        ("sles", "", None) => format!("SUSE Linux Enterprise Server {version}"),
        _ => pretty_name.to_owned(),
    };
    let release =
        ecosystem::Release { id: &id, version_id: version, pretty_name: &boxed, ..ecosystem::Release::default() };
    Os { ecosystem: release.ecosystem(), version: version.to_owned(), id }
}

/// The value of `KEY=value` in shell notation: bare, or in either kind of quotes. The last one counts, as in a shell.
fn value(text: &str, key: &str) -> Option<String> {
    let line = text.lines().rev().find_map(|line| line.trim_start().strip_prefix(key)?.strip_prefix('='))?.trim_end();
    let quote = line.chars().next().filter(|first| matches!(first, '"' | '\''));
    let Some(quote) = quote else { return Some(line.to_owned()) };
    let mut value = String::new();
    let mut rest = line.chars().skip(1);
    while let Some(letter) = rest.next() {
        match letter {
            letter if letter == quote => break,
            '\\' if quote == '"' => value.extend(rest.next()),
            letter => value.push(letter),
        }
    }
    Some(value)
}

#[cfg(test)]
mod tests;
