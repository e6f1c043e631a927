//! Package URLs, as <https://github.com/package-url/purl-spec> writes them for each kind.

use keelguard_model::image::{Os, PackageKind};
use packageurl::PackageUrl;

use crate::analyse::FoundPackage;

/// The package URL of `package` on `os`.
pub fn of(package: &FoundPackage, os: Option<&Os>) -> String {
    let (namespace, name) = split(package.kind, &package.name);
    let namespace = match (package.kind.is_system(), namespace) {
        (true, None) => os.map(|os| os.id.clone()),
        (_, namespace) => namespace,
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
    // A name that the format has no words for is still a name.
    build(package.kind, namespace.as_deref(), &name, version, package.arch.as_deref(), epoch, distro.as_deref())
        .unwrap_or_else(|| format!("pkg:{}/{}", package.kind, escape(&package.name)))
}

fn build(
    kind: PackageKind,
    namespace: Option<&str>,
    name: &str,
    version: &str,
    arch: Option<&str>,
    epoch: Option<&str>,
    distro: Option<&str>,
) -> Option<String> {
    let mut purl = PackageUrl::new(kind.purl_type(), name).ok()?;
    if let Some(namespace) = namespace.filter(|namespace| !namespace.is_empty()) {
        purl.with_namespace(namespace).ok()?;
    }
    if !version.is_empty() {
        purl.with_version(version).ok()?;
    }
    for (key, value) in [("arch", arch), ("distro", distro), ("epoch", epoch.filter(|epoch| *epoch != "0"))] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            purl.add_qualifier(key, value).ok()?;
        }
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
}
