//! Which order the ecosystems of OSV use.

use super::Scheme;

/// OSV's names of ecosystems, in lower case and without what follows the colon.
///
/// Ecosystems that have no order of their own, or none that is written down, are read as lenient Semantic Versioning:
/// that is how their versions look.
const ECOSYSTEMS: [(&str, Scheme); 65] = [
    ("debian", Scheme::Dpkg),
    ("ubuntu", Scheme::Dpkg),
    ("echo", Scheme::Dpkg),
    ("docker hardened images", Scheme::Dpkg),
    ("kali", Scheme::Dpkg),
    ("raspbian", Scheme::Dpkg),
    // opam took its order from Debian.
    ("opam", Scheme::Dpkg),
    ("almalinux", Scheme::Rpm),
    ("alma linux", Scheme::Rpm),
    ("amazon linux", Scheme::Rpm),
    ("azure linux", Scheme::Rpm),
    ("centos", Scheme::Rpm),
    ("cloudlinux", Scheme::Rpm),
    ("fedora", Scheme::Rpm),
    ("mageia", Scheme::Rpm),
    ("mariner", Scheme::Rpm),
    ("openeuler", Scheme::Rpm),
    ("opensuse", Scheme::Rpm),
    ("oracle linux", Scheme::Rpm),
    ("photon os", Scheme::Rpm),
    ("red hat", Scheme::Rpm),
    ("rocky linux", Scheme::Rpm),
    ("suse", Scheme::Rpm),
    ("tuxcare", Scheme::Rpm),
    ("alpine", Scheme::Apk),
    ("alpaquita", Scheme::Apk),
    ("bellsoft hardened containers", Scheme::Apk),
    ("chainguard", Scheme::Apk),
    ("cleanstart", Scheme::Apk),
    ("minimos", Scheme::Apk),
    ("postmarketos", Scheme::Apk),
    ("wolfi", Scheme::Apk),
    ("arch", Scheme::Pacman),
    ("arch linux", Scheme::Pacman),
    ("manjaro", Scheme::Pacman),
    ("crates.io", Scheme::Semver),
    ("github actions", Scheme::Semver),
    ("swifturl", Scheme::Semver),
    ("conancenter", Scheme::Semver),
    ("conan", Scheme::Semver),
    ("cocoapods", Scheme::Semver),
    ("julia", Scheme::Semver),
    ("kubernetes", Scheme::Semver),
    ("vscode", Scheme::Semver),
    ("linux", Scheme::Semver),
    ("oss-fuzz", Scheme::Semver),
    ("android", Scheme::Semver),
    ("freebsd", Scheme::Semver),
    ("npm", Scheme::Npm),
    ("pypi", Scheme::Pep440),
    ("go", Scheme::Go),
    ("maven", Scheme::Maven),
    ("rubygems", Scheme::RubyGems),
    ("packagist", Scheme::Packagist),
    ("nuget", Scheme::Nuget),
    ("hex", Scheme::Hex),
    ("pub", Scheme::Pub),
    ("cran", Scheme::Cran),
    ("bioconductor", Scheme::Cran),
    ("hackage", Scheme::Hackage),
    ("ghc", Scheme::Hackage),
    ("bitnami", Scheme::Bitnami),
    ("root:alpine", Scheme::Apk),
    ("root:debian", Scheme::Dpkg),
    ("root:ubuntu", Scheme::Dpkg),
];

impl Scheme {
    /// The order of an ecosystem as OSV names it, with or without a release behind a colon: `Debian:12`,
    /// `Alpine:v3.20`, `Ubuntu:22.04:LTS`, `npm`. Nothing for a name that OSV does not have.
    pub fn of_ecosystem(osv_ecosystem: &str) -> Option<Self> {
        let name = osv_ecosystem.trim();
        // Root names the distribution that it patches behind its own name.
        let is_patcher = name.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("root:"));
        let end = name.match_indices(':').nth(usize::from(is_patcher)).map_or(name.len(), |(index, _)| index);
        let name = name.get(..end)?;
        ECOSYSTEMS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, scheme)| *scheme)
    }
}
