//! Packages of programming languages: what their package managers leave behind where they install, and the lock files
//! and manifests of projects. One file an ecosystem; each is a pure function from a file's content to the packages in it.

mod json;
mod listing;
mod npm;
mod python;

use super::Pattern::{Extension, Name, NameBelow};
use super::{AnalyseError, Analyser, File, Found, Pattern, Scope};
use crate::Limits;
use listing::Listing;

type Analyse = fn(&File<'_>, &Limits) -> Result<Found, AnalyseError>;

const fn installed(name: &'static str, wants: &'static [Pattern], analyse: Analyse) -> Analyser {
    Analyser { name, version: 1, wants, scope: Scope::Installed, analyse }
}

/// All rows, by ecosystem.
pub(super) static ANALYSERS: &[Analyser] = &[
    installed("npm-installed", &[Name("package.json")], npm::installed::analyse),
    installed(
        "python-installed",
        &[
            NameBelow("METADATA", ".dist-info"),
            NameBelow("PKG-INFO", ".egg-info"),
            NameBelow("PKG-INFO", "EGG-INFO"),
            Extension(".egg-info"),
        ],
        python::installed::analyse,
    ),
];
