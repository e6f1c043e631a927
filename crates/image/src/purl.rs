//! Package URLs, as <https://github.com/package-url/purl-spec> writes them for each kind.

use keelguard_model::image::{Os, PackageKind};
use packageurl::PackageUrl;

use crate::analyse::FoundPackage;

/// The package URL of `package` on `os`.
pub fn of(package: &FoundPackage, os: Option<&Os>) -> String {
    let (namespace, name) = split(package.kind, &package.name);
    let namespace = match (package.kind.is_system(), namespace) {
        (true, None) => os.map(|os| os.id.clone()),
        (_, namespace) => namespace.or_else(|| package.namespace.clone()),
    };
    let (epoch, version) = match package.kind {
        PackageKind::Rpm => match package.version.split_once(':') {
            Some((epoch, version)) => (Some(epoch), version),
            None => (None, package.version.as_str()),
        },
        _ => (None, package.version.as_str()),
    };
    let distro = os
        .filter(|_| package.kind.is_system())
        .map(|os| if os.version.is_empty() { os.id.clone() } else { format!("{}-{}", os.id, os.version) });
    let own =
        [("arch", package.arch.as_deref()), ("distro", distro.as_deref()), ("epoch", epoch.filter(|it| *it != "0"))];
    let qualifiers = own.into_iter().filter_map(|(key, value)| Some((key, value?)));
    let qualifiers = qualifiers.chain(package.qualifiers.iter().map(|(key, value)| (key.as_str(), value.as_str())));
    // A name that the format has no words for is still a name.
    build(package.kind, namespace.as_deref(), &name, version, qualifiers)
        .unwrap_or_else(|| format!("pkg:{}/{}", package.kind, escape(&package.name)))
}

fn build<'a>(
    kind: PackageKind,
    namespace: Option<&str>,
    name: &str,
    version: &str,
    qualifiers: impl Iterator<Item = (&'a str, &'a str)>,
) -> Option<String> {
    let mut purl = PackageUrl::new(kind.purl_type(), name).ok()?;
    if let Some(namespace) = namespace.filter(|namespace| !namespace.is_empty()) {
        purl.with_namespace(namespace).ok()?;
    }
    if !version.is_empty() {
        purl.with_version(version).ok()?;
    }
    for (key, value) in qualifiers.filter(|(_, value)| !value.is_empty()) {
        purl.add_qualifier(key.to_owned(), value.to_owned()).ok()?;
    }
    Some(purl.to_string())
}

/// OSV's name as namespace and name.
fn split(kind: PackageKind, name: &str) -> (Option<String>, String) {
    let cut = match kind {
        PackageKind::Maven => name.split_once(':'),
        PackageKind::Npm | PackageKind::Golang | PackageKind::Composer | PackageKind::Swift | PackageKind::Ebuild => {
            name.rsplit_once('/')
        }
        _ => None,
    };
    match cut {
        Some((namespace, name)) if !namespace.is_empty() && !name.is_empty() => {
            (Some(namespace.to_owned()), name.to_owned())
        }
        _ => (None, name.to_owned()),
    }
}

/// What a package URL says that somebody else wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parsed {
    /// Its type, whether or not it is a kind of ours.
    pub(crate) kind: String,
    /// The part before the name, where it is not part of OSV's name.
    pub(crate) namespace: String,
    /// OSV's name.
    pub(crate) name: String,
    /// The version, an epoch from the qualifiers in front; empty where it has none.
    pub(crate) version: String,
    /// The qualifier `distro`.
    pub(crate) distro: String,
    /// The qualifier `upstream`: the source package, as Syft writes it.
    pub(crate) upstream: String,
}

/// The longest package URL that is read.
const LONGEST: usize = 4096;

/// Takes a package URL apart; none where it is none.
pub(crate) fn parse(text: &str) -> Option<Parsed> {
    let purl: PackageUrl<'_> = Some(text).filter(|text| text.len() <= LONGEST)?.parse().ok()?;
    let qualifier = |key: &str| purl.qualifiers().get(key).map(ToString::to_string).unwrap_or_default();
    let kind = purl.ty().to_owned();
    let namespace = purl.namespace().unwrap_or_default().to_owned();
    let joined = |separator: char| match namespace.as_str() {
        "" => purl.name().to_owned(),
        namespace => format!("{namespace}{separator}{}", purl.name()),
    };
    let name = match kind.parse::<PackageKind>() {
        Ok(PackageKind::Maven) => joined(':'),
        Ok(
            PackageKind::Npm
            | PackageKind::Golang
            | PackageKind::Composer
            | PackageKind::Swift
            | PackageKind::Ebuild
            | PackageKind::Hex,
        ) => joined('/'),
        _ => purl.name().to_owned(),
    };
    let version = purl.version().unwrap_or_default();
    let epoch = qualifier("epoch");
    let version = match epoch.as_str() {
        "" | "0" => version.to_owned(),
        epoch if version.contains(':') || version.is_empty() || epoch.bytes().any(|digit| !digit.is_ascii_digit()) => {
            version.to_owned()
        }
        epoch => format!("{epoch}:{version}"),
    };
    Some(Parsed { kind, namespace, name, version, distro: qualifier("distro"), upstream: qualifier("upstream") })
}

/// Everything but letters, digits and `.-_~` as `%XX`.
fn escape(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_write_is_taken_apart_into_the_words_of_osv() {
        let parts = |text: &str| {
            let parsed = parse(text).unwrap();
            (parsed.kind, parsed.name, parsed.version)
        };
        let whole = |kind: &str, name: &str, version: &str| (kind.to_owned(), name.to_owned(), version.to_owned());
        assert_eq!(parts("pkg:npm/%40scope/name@1.0.0"), whole("npm", "@scope/name", "1.0.0"));
        assert_eq!(parts("pkg:maven/org.a/b@1?type=jar"), whole("maven", "org.a:b", "1"));
        assert_eq!(parts("pkg:rpm/redhat/bash@5-2?epoch=1"), whole("rpm", "bash", "1:5-2"));
        assert_eq!(parts("pkg:rpm/redhat/bash@5-2?epoch=0"), whole("rpm", "bash", "5-2"));
        assert_eq!(parts("pkg:deb/debian/audit@1:3.0.9-1"), whole("deb", "audit", "1:3.0.9-1"));
        assert_eq!(parts("pkg:deb/debian/audit@3.0.9-1?epoch=1"), whole("deb", "audit", "1:3.0.9-1"));
        assert_eq!(parts("pkg:github/a/b@v1"), whole("github", "b", "v1"));
        assert_eq!(parse("openssl"), None);
        assert_eq!(parse(&format!("pkg:npm/{}", "a".repeat(5000))), None);
    }

    #[test]
    fn each_kind_is_written_as_the_specification_writes_it() {
        let debian = Os { id: "debian".into(), version: "12".into(), ecosystem: None };
        let of =
            |kind, name: &str, version: &str| of(&FoundPackage::new(kind, name, version).arch("amd64"), Some(&debian));
        assert_eq!(
            of(PackageKind::Deb, "curl", "7.88.1-10"),
            "pkg:deb/debian/curl@7.88.1-10?arch=amd64&distro=debian-12"
        );
        let plain = |kind, name: &str, version: &str| super::of(&FoundPackage::new(kind, name, version), Some(&debian));
        assert_eq!(plain(PackageKind::Npm, "@scope/name", "1.0.0"), "pkg:npm/%40scope/name@1.0.0");
        assert_eq!(plain(PackageKind::Golang, "github.com/a/b", "v1.2.3"), "pkg:golang/github.com/a/b@v1.2.3");
        assert_eq!(plain(PackageKind::Maven, "org.a:b", "1"), "pkg:maven/org.a/b@1");
        assert_eq!(plain(PackageKind::Rpm, "bash", "1:5-2"), "pkg:rpm/debian/bash@5-2?distro=debian-12&epoch=1");
        assert_eq!(plain(PackageKind::Pypi, "jinja2", "3"), "pkg:pypi/jinja2@3");
    }

    #[test]
    fn what_tells_packages_of_one_name_apart_is_in_the_package_url() {
        let julia = FoundPackage::new(PackageKind::Julia, "JSON", "0.21.3")
            .qualifier("uuid", "682c06a0-de6a-54ab-a142-c8b1cf79cde6");
        assert_eq!(of(&julia, None), "pkg:julia/JSON@0.21.3?uuid=682c06a0-de6a-54ab-a142-c8b1cf79cde6");
        let cpan = FoundPackage::new(PackageKind::Cpan, "Try-Tiny", "0.31").namespace("ETHER");
        assert_eq!(of(&cpan, None), "pkg:cpan/ETHER/Try-Tiny@0.31");
        let conan = FoundPackage::new(PackageKind::Conan, "zlib", "1.2.13")
            .qualifier("user", "own")
            .qualifier("channel", "stable");
        assert_eq!(of(&conan, None), "pkg:conan/zlib@1.2.13?channel=stable&user=own");
    }
}
