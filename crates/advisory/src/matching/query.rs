//! Under which names and versions a package is looked up, and in which ecosystem.

use keelguard_model::image::{Os, Package, PackageKind};

use super::kernel;
use crate::ecosystem;

/// One look-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Query<'package> {
    /// With the release where there is one: `Debian:12`, `PyPI`.
    pub(super) ecosystem: &'package str,
    pub(super) name: &'package str,
    pub(super) version: String,
}

/// Distributions that list sources; whoever looks up binaries there finds nothing or the wrong thing.
fn by_source_only(kind: PackageKind) -> bool {
    kind == PackageKind::Deb
}

/// The ecosystem that knows a package: that of its language, or the release of its distribution.
pub(super) fn ecosystem_of(kind: PackageKind, os: Option<&Os>) -> Option<&str> {
    if kind.is_system() { os?.ecosystem.as_deref() } else { ecosystem::of_kind(kind) }
}

/// A version as its ecosystem writes it. Bitnami's have three numbers: PostgreSQL's 15.4 is 15.4.0 there.
fn spelt(ecosystem: &str, version: &str) -> String {
    let is_plain = version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let missing = match version.split('.').count() {
        1 if is_plain && ecosystem == "Bitnami" => ".0.0",
        2 if is_plain && ecosystem == "Bitnami" => ".0",
        _ => "",
    };
    format!("{version}{missing}")
}

/// All look-ups of a package; none where nothing would come of it.
pub(super) fn queries<'package>(package: &'package Package, os: Option<&'package Os>) -> Vec<Query<'package>> {
    // What a system package owns is fixed by that package's update, and its maintainers say what is fixed there.
    if package.owner.is_some() || kernel::is_accessory(package) {
        return Vec::new();
    }
    let Some(ecosystem) = ecosystem_of(package.kind, os) else { return Vec::new() };
    let own = |name, version: &str| Query { ecosystem, name, version: spelt(ecosystem, version) };
    let Some(source) = package.source.as_ref().filter(|_| package.kind.is_system()) else {
        return vec![own(&package.name, &package.version)];
    };
    if let Some((name, version)) = kernel::of_signed(&source.name, &source.version) {
        return vec![Query { ecosystem, name, version }];
    }
    let mut queries = Vec::with_capacity(2);
    if !by_source_only(package.kind) {
        queries.push(own(&package.name, &package.version));
    }
    if queries.is_empty() || source.name != package.name {
        queries.push(own(&source.name, &source.version));
    }
    queries
}
