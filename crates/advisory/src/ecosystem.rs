//! OSV's ecosystems: which kind of package belongs to which, and how each spells names.

use std::borrow::Cow;

use keelguard_model::image::PackageKind;

/// Language ecosystems. Those of operating systems depend on the release and come with the image's os-release.
const OF_KIND: &[(PackageKind, &str)] = &[
    (PackageKind::Npm, "npm"),
    (PackageKind::Pypi, "PyPI"),
    (PackageKind::Golang, "Go"),
    (PackageKind::Cargo, "crates.io"),
    (PackageKind::Maven, "Maven"),
    (PackageKind::Gem, "RubyGems"),
    (PackageKind::Composer, "Packagist"),
    (PackageKind::Nuget, "NuGet"),
    (PackageKind::Hex, "Hex"),
    (PackageKind::Pub, "Pub"),
    (PackageKind::Swift, "SwiftURL"),
    (PackageKind::Cran, "CRAN"),
    (PackageKind::Conan, "ConanCenter"),
    (PackageKind::Julia, "Julia"),
    (PackageKind::Hackage, "Hackage"),
    (PackageKind::Bitnami, "Bitnami"),
    // Programs that came without a package manager are known to Bitnami by their upstream names and versions.
    (PackageKind::Generic, "Bitnami"),
];

/// The ecosystem of packages of a language.
pub fn of_kind(kind: PackageKind) -> Option<&'static str> {
    OF_KIND.iter().find(|(of, _)| *of == kind).map(|(_, name)| *name)
}

/// What stands before the release: `Debian` of `Debian:12`.
pub fn base(ecosystem: &str) -> &str {
    ecosystem.split_once(':').map_or(ecosystem, |(base, _)| base)
}

/// Whether a record's release covers the one at hand: the same one, a part of it (`Ubuntu:24.04:LTS` of `Ubuntu:24.04`),
/// or no release at all, which is all of them.
pub(crate) fn covers(recorded: &str, release: &str) -> bool {
    if recorded == release || recorded == base(release) {
        return true;
    }
    if base(release) == "Red Hat" {
        // Behind the product stands the repository (`::appstream`), and a system installs from several.
        let product =
            |name: &str| name.split_once("::").map_or_else(|| name.to_owned(), |(product, _)| product.to_owned());
        return product(recorded) == product(release);
    }
    release.contains(':') && recorded.strip_prefix(release).is_some_and(|rest| rest.starts_with(':'))
}

/// Whether the name can be that of an ecosystem.
pub(crate) fn is_name(name: &str) -> bool {
    (1..=120).contains(&name.len())
        && name.starts_with(|letter: char| letter.is_ascii_alphanumeric())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" .:-_()+".contains(&byte))
}

/// How an ecosystem tells names apart.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spelling {
    /// Letter by letter.
    Exact,
    /// Capitals do not matter.
    Lower,
    /// PEP 503: capitals do not matter, and runs of `-`, `_` and `.` are one `-`.
    Pep503,
    /// crates.io: capitals do not matter, and `_` is `-`.
    Crate,
    /// An address without its scheme and `.git`.
    Address,
}

const SPELLINGS: &[(&str, Spelling)] = &[
    ("PyPI", Spelling::Pep503),
    ("crates.io", Spelling::Crate),
    ("NuGet", Spelling::Lower),
    ("Packagist", Spelling::Lower),
    ("Hex", Spelling::Lower),
    ("Pub", Spelling::Lower),
    ("Bitnami", Spelling::Lower),
    ("ConanCenter", Spelling::Lower),
    ("GitHub Actions", Spelling::Lower),
    ("SwiftURL", Spelling::Address),
];

/// The form in which names of an ecosystem are compared.
pub(crate) fn key<'name>(ecosystem: &str, name: &'name str) -> Cow<'name, str> {
    let spelling = SPELLINGS.iter().find(|(of, _)| *of == ecosystem).map_or(Spelling::Exact, |(_, spelling)| *spelling);
    let plain = |byte: u8| !byte.is_ascii_uppercase() && !b"_.-".contains(&byte);
    match spelling {
        Spelling::Exact => Cow::Borrowed(name),
        _ if spelling != Spelling::Address && name.bytes().all(plain) => Cow::Borrowed(name),
        Spelling::Lower => Cow::Owned(name.to_ascii_lowercase()),
        Spelling::Crate => Cow::Owned(name.to_ascii_lowercase().replace('_', "-")),
        Spelling::Pep503 => Cow::Owned(pep503(name)),
        Spelling::Address => {
            let rest = name.split_once("://").map_or(name, |(_, rest)| rest).trim_end_matches('/');
            Cow::Owned(rest.strip_suffix(".git").unwrap_or(rest).to_ascii_lowercase())
        }
    }
}

fn pep503(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    for letter in name.chars() {
        if !matches!(letter, '-' | '_' | '.') {
            key.push(letter.to_ascii_lowercase());
        } else if !key.ends_with('-') {
            key.push('-');
        }
    }
    key
}

/// The file of an ecosystem's index: `Red Hat` is `Red%20Hat.index`.
pub fn file_name(ecosystem: &str) -> String {
    format!("{}.index", encoded(ecosystem))
}

/// The ecosystem of an index file.
pub(crate) fn of_file_name(name: &str) -> Option<String> {
    let stem = name.strip_suffix(".index")?;
    let mut bytes = Vec::with_capacity(stem.len());
    let mut rest = stem.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        bytes.push(digit(rest.next()?)? * 16 + digit(rest.next()?)?);
    }
    String::from_utf8(bytes).ok().filter(|name| is_name(name))
}

/// As a part of an address or a file name.
pub(crate) fn encoded(text: &str) -> String {
    keelguard_model::text::percent_encoded(text, b"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_their_ecosystem_does() {
        let same = [
            ("PyPI", "Zope.Interface", "zope-interface"),
            ("PyPI", "a__b-.c", "a-b-c"),
            ("crates.io", "Tokio_Util", "tokio-util"),
            ("NuGet", "Newtonsoft.Json", "newtonsoft.json"),
            ("SwiftURL", "https://github.com/Apple/swift-nio.git", "github.com/apple/swift-nio"),
        ];
        for (ecosystem, left, right) in same {
            assert_eq!(key(ecosystem, left), key(ecosystem, right), "{ecosystem}");
        }
        for ecosystem in ["npm", "Go", "Maven", "Debian"] {
            assert_ne!(key(ecosystem, "A_b"), key(ecosystem, "a-b"), "{ecosystem}");
        }
    }

    #[test]
    fn a_release_covers_itself_and_its_parts_but_not_its_neighbour() {
        assert!(covers("Debian:12", "Debian:12"));
        assert!(covers("Debian", "Debian:12"));
        assert!(covers("Ubuntu:24.04:LTS", "Ubuntu:24.04"));
        assert!(!covers("Ubuntu:Pro:24.04:LTS", "Ubuntu:24.04:LTS"));
        assert!(!covers("Alpine:v3.20", "Alpine:v3.2"));
        assert!(!covers("Debian:12", "Debian"));
        let red_hat = "Red Hat:enterprise_linux:8::baseos";
        assert!(covers("Red Hat:enterprise_linux:8::appstream", red_hat));
        assert!(!covers("Red Hat:enterprise_linux:9::baseos", red_hat));
        assert!(!covers("Red Hat:rhel_eus:8.6::baseos", red_hat));
    }

    #[test]
    fn every_ecosystem_has_a_file_name_of_its_own_and_back() {
        for name in ["Debian", "Red Hat", "crates.io", "GitHub Actions", "SUSE"] {
            let file = file_name(name);
            assert!(!file.contains(['/', ' ']));
            assert_eq!(of_file_name(&file).as_deref(), Some(name));
        }
        assert_eq!(of_file_name("..%2f..%2fetc.index"), None);
    }
}
