//! Packages of programming languages: what their package managers leave behind where they install, and the lock files
//! and manifests of projects. One file an ecosystem; each is a pure function from a file's content to the packages in it.

mod conan;
mod dart;
mod dotnet;
mod go;
mod graph;
mod haskell;
mod hex;
mod java;
mod json;
mod julia;
mod listing;
mod npm;
mod perl;
mod php;
mod python;
mod r;
mod ruby;
mod rust;
mod swift;
mod toml;
mod xml;
mod yaml;

use std::fmt;

use super::Pattern::{Extension, Like, Name, NameBelow};
use super::{AnalyseError, Analyser, File, Found, Pattern, Scope};
use crate::Limits;
use listing::Listing;

type Analyse = fn(&File<'_>, &Limits) -> Result<Found, AnalyseError>;

const fn installed(name: &'static str, wants: &'static [Pattern], analyse: Analyse) -> Analyser {
    Analyser { name, version: 1, wants, scope: Scope::Installed, analyse }
}

const fn declared(name: &'static str, wants: &'static [Pattern], analyse: Analyse) -> Analyser {
    Analyser { name, version: 1, wants, scope: Scope::Declared, analyse }
}

/// All rows, by ecosystem.
pub(super) static ANALYSERS: &[Analyser] = &[
    installed("npm-installed", &[Name("package.json")], npm::installed::analyse),
    declared("npm-lock", &[Name("package-lock.json"), Name("npm-shrinkwrap.json")], npm::package_lock::analyse),
    declared("yarn-lock", &[Name("yarn.lock")], npm::yarn::analyse),
    declared("pnpm-lock", &[Name("pnpm-lock.yaml")], npm::pnpm::analyse),
    declared("bun-lock", &[Name("bun.lock")], npm::bun::analyse),
    declared("bun-lockb", &[Name("bun.lockb")], npm::bun::binary),
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
    installed("python-egg", &[Extension(".egg")], python::egg::analyse),
    declared(
        "python-requirements",
        &[Like("", "requirements", ".txt"), Like("", "", "-requirements.txt"), Like("requirements", "", ".txt")],
        python::requirements::analyse,
    ),
    declared("pipenv-lock", &[Name("Pipfile.lock")], python::locks::pipfile),
    declared("python-lock", &[Name("poetry.lock"), Name("pdm.lock"), Name("pylock.toml")], python::locks::grouped),
    declared("uv-lock", &[Name("uv.lock")], python::locks::uv),
    installed("conda-installed", &[Extension(".json")], python::conda::installed),
    declared("conda-environment", &[Name("environment.yml"), Name("environment.yaml")], python::conda::environment),
    declared("go-mod", &[Name("go.mod")], go::analyse),
    declared("cargo-lock", &[Name("Cargo.lock")], rust::analyse),
    declared("maven-pom", &[Name("pom.xml")], java::pom::analyse),
    declared("gradle-lock", &[Name("gradle.lockfile"), Name("buildscript-gradle.lockfile")], java::gradle::analyse),
    installed("ruby-installed", &[Extension(".gemspec")], ruby::installed),
    declared("bundler-lock", &[Name("Gemfile.lock"), Name("gems.locked")], ruby::gemfile_lock),
    installed("composer-installed", &[NameBelow("installed.json", "composer")], php::analyse),
    declared("composer-lock", &[Name("composer.lock")], php::analyse),
    installed("dotnet-deps", &[Extension(".json")], dotnet::deps),
    declared("nuget-lock", &[Name("packages.lock.json")], dotnet::packages_lock),
    declared("nuget-config", &[Name("packages.config")], dotnet::packages_config),
    declared(
        "dotnet-project",
        &[Extension(".csproj"), Extension(".fsproj"), Extension(".vbproj"), Name("Directory.Packages.props")],
        dotnet::project,
    ),
    installed("erlang-app", &[Extension(".app")], hex::app),
    declared("mix-lock", &[Name("mix.lock")], hex::mix_lock),
    declared("rebar-lock", &[Name("rebar.lock")], hex::rebar_lock),
    declared("pub-lock", &[Name("pubspec.lock")], dart::analyse),
    declared("swift-resolved", &[Name("Package.resolved")], swift::resolved),
    declared("cocoapods-lock", &[Name("Podfile.lock")], swift::podfile_lock),
    installed("r-installed", &[Name("DESCRIPTION")], r::installed),
    declared("renv-lock", &[Name("renv.lock")], r::renv_lock),
    declared("conan-lock", &[Name("conan.lock")], conan::analyse),
    installed("julia-installed", &[Name("Project.toml")], julia::installed),
    declared("julia-manifest", &[Name("Manifest.toml"), Name("JuliaManifest.toml")], julia::manifest),
    declared("stack-lock", &[Name("stack.yaml.lock")], haskell::stack_lock),
    declared("cabal-freeze", &[Name("cabal.project.freeze")], haskell::cabal_freeze),
    installed("perl-installed", &[Name("MYMETA.json"), Name("install.json")], perl::installed),
    declared("carton-snapshot", &[Name("cpanfile.snapshot")], perl::snapshot),
];

/// It is broken, in the parser's words; some parsers quote what they did not expect, however long it is.
fn malformed(error: impl fmt::Display) -> AnalyseError {
    const MAX_WORDS: usize = 200;
    AnalyseError::malformed(error.to_string().trim_end().chars().take(MAX_WORDS).collect::<String>())
}
