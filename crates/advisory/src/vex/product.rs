//! Which image, package or system a name in a VEX document stands for. Decisions are strict: a version, a qualifier or a
//! digest that is named has to be the one at hand.

use std::collections::BTreeMap;

use keelguard_model::ImageName;
use keelguard_model::image::{Os, Package, Target};
use packageurl::PackageUrl;

/// A product, and the parts of it that a statement is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Product {
    /// The names of the product.
    pub itself: Vec<Identifier>,
    /// The names of each part; empty where the statement is about the whole.
    pub parts: Vec<Vec<Identifier>>,
}

/// One name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identifier {
    /// A package URL.
    Purl(Purl),
    /// A digest, `sha256:…`.
    Digest(String),
    /// Another text, compared letter by letter.
    Name(String),
    /// A release of an operating system.
    System {
        /// `ID` of os-release.
        id: String,
        /// The beginning of `VERSION_ID`, up to a dot.
        version: String,
    },
}

/// A package URL, as far as it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purl {
    kind: String,
    namespace: String,
    name: String,
    /// With the epoch in front; none where it stands for all versions.
    version: Option<String>,
    qualifiers: BTreeMap<String, String>,
}

/// Distributions whose packages several programs file under several namespaces.
const NAMESPACES: &[(&str, &str)] = &[
    ("redhat", "rhel"),
    ("amazon", "amzn"),
    ("oracle", "ol"),
    ("suse", "sles"),
    ("alma", "almalinux"),
    ("rockylinux", "rocky"),
    ("opensuse", "opensuse-leap"),
];

/// Products of CPE names, and `ID` of os-release.
const CPES: &[(&str, &str, &str)] = &[
    ("redhat", "enterprise_linux", "rhel"),
    ("redhat", "rhel_eus", "rhel"),
    ("debian", "debian_linux", "debian"),
    ("canonical", "ubuntu_linux", "ubuntu"),
    ("suse", "sles", "sles"),
    ("opensuse", "leap", "opensuse-leap"),
    ("almalinux", "almalinux", "almalinux"),
    ("rocky", "rocky", "rocky"),
    ("oracle", "linux", "ol"),
    ("alpinelinux", "alpine_linux", "alpine"),
];

impl Identifier {
    /// What a text is the name of.
    pub fn of(text: &str) -> Self {
        if text.starts_with("pkg:") {
            if let Some(purl) = Purl::parse(text) {
                return Self::Purl(purl);
            }
        } else if text.starts_with("sha256:") {
            return Self::Digest(text.to_lowercase());
        }
        Self::Name(text.to_owned())
    }

    /// The release of an operating system that a CPE names, `cpe:/o:redhat:enterprise_linux:9::baseos`.
    pub fn of_cpe(cpe: &str) -> Option<Self> {
        let rest = cpe.strip_prefix("cpe:2.3:").or_else(|| cpe.strip_prefix("cpe:/"))?;
        let mut parts = rest.split(':').skip(1);
        let (vendor, product, version) = (parts.next()?, parts.next()?, parts.next()?);
        let (.., id) = CPES.iter().find(|(of, name, _)| *of == vendor && *name == product)?;
        let is_version = version.starts_with(|first: char| first.is_ascii_digit());
        is_version.then(|| Self::System { id: (*id).to_owned(), version: version.to_owned() })
    }
}

impl Purl {
    fn parse(text: &str) -> Option<Self> {
        let purl: PackageUrl<'_> = Some(text).filter(|text| text.len() <= 4096)?.parse().ok()?;
        let mut qualifiers: BTreeMap<String, String> =
            purl.qualifiers().iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
        let epoch = qualifiers.remove("epoch").filter(|epoch| epoch != "0");
        let kind = purl.ty().to_owned();
        let version = purl.version().filter(|version| !version.is_empty()).map(|version| match epoch {
            Some(epoch) if !version.contains(':') => format!("{epoch}:{version}"),
            _ => plain(&kind, version).to_owned(),
        });
        let namespace = purl.namespace().unwrap_or_default();
        let namespace =
            NAMESPACES.iter().find(|(other, _)| *other == namespace).map_or(namespace, |(_, id)| id).to_owned();
        Some(Self { namespace, name: purl.name().to_owned(), version, qualifiers, kind })
    }

    fn qualifier(&self, key: &str) -> Option<&str> {
        self.qualifiers.get(key).map(String::as_str)
    }
}

/// A version as it is compared: an epoch of 0 is none, and Go writes a `v` or not.
fn plain<'v>(kind: &str, version: &'v str) -> &'v str {
    match kind {
        "golang" => version.strip_prefix('v').unwrap_or(version),
        "deb" | "rpm" | "alpm" => version.strip_prefix("0:").unwrap_or(version),
        _ => version,
    }
}

/// A package at hand.
pub(super) struct Candidate<'a> {
    package: &'a Package,
    purl: Option<Purl>,
}

impl<'a> Candidate<'a> {
    pub(super) fn of(package: &'a Package) -> Self {
        Self { package, purl: Purl::parse(&package.purl) }
    }

    /// Whether one of the names is its.
    pub(super) fn is(&self, names: &[Identifier]) -> bool {
        names.iter().any(|name| match name {
            Identifier::Purl(wanted) => self.fits(wanted),
            Identifier::Name(text) => *text == self.package.purl,
            Identifier::Digest(_) | Identifier::System { .. } => false,
        })
    }

    fn fits(&self, wanted: &Purl) -> bool {
        let Some(own) = &self.purl else { return false };
        if wanted.kind != own.kind || wanted.namespace != own.namespace {
            return false;
        }
        // A source package stands for all that is built from it.
        let is_source = matches!(wanted.qualifier("arch"), Some("source" | "src"));
        let source = self.package.source.as_ref().filter(|_| is_source);
        let (name, version) = match source {
            Some(source) => (source.name.as_str(), source.version.as_str()),
            None => (own.name.as_str(), self.package.version.as_str()),
        };
        let version = plain(&own.kind, version);
        let is_version = |wanted: &String| {
            plain(&own.kind, wanted) == version || (source.is_none() && Some(wanted) == own.version.as_ref())
        };
        let is_qualified = wanted
            .qualifiers
            .iter()
            .filter(|(key, _)| !(is_source && *key == "arch"))
            .all(|(key, value)| own.qualifier(key) == Some(value));
        wanted.name == name && wanted.version.as_ref().is_none_or(is_version) && is_qualified
    }
}

/// The image or folder at hand.
pub(super) struct Whole<'a> {
    target: &'a Target,
    purl: Option<String>,
    name: Option<ImageName>,
}

impl<'a> Whole<'a> {
    pub(super) fn of(target: &'a Target) -> Self {
        Self { target, purl: target.purl(), name: target.reference.as_deref().and_then(ImageName::of) }
    }

    /// Whether one of the names is its. Where a digest is among them, the digest decides.
    pub(super) fn is(&self, names: &[Identifier]) -> bool {
        let mut digests = names.iter().filter_map(|name| match name {
            Identifier::Digest(digest) => Some(digest),
            _ => None,
        });
        match (&self.target.digest, digests.clone().next()) {
            (Some(own), Some(_)) => digests.any(|digest| digest == own),
            _ => names.iter().any(|name| self.is_named(name)),
        }
    }

    /// Whether its operating system is among the names.
    pub(super) fn runs_on(&self, names: &[Identifier]) -> bool {
        let Some(os) = &self.target.os else { return false };
        names.iter().any(|name| matches!(name, Identifier::System { id, version } if is_release(os, id, version)))
    }

    fn is_named(&self, name: &Identifier) -> bool {
        match name {
            Identifier::Name(text) => {
                let target = self.target;
                [Some(&target.input), target.reference.as_ref(), self.purl.as_ref()]
                    .into_iter()
                    .flatten()
                    .any(|own| own == text)
            }
            Identifier::Purl(purl) if matches!(purl.kind.as_str(), "oci" | "docker") => self.is_image(purl),
            _ => false,
        }
    }

    fn is_image(&self, purl: &Purl) -> bool {
        if let Some(digest) = purl.version.as_deref().filter(|version| version.starts_with("sha256:")) {
            return self.target.digest.as_deref() == Some(digest);
        }
        let Some(own) = &self.name else { return false };
        let repository = match (purl.kind.as_str(), purl.qualifier("repository_url")) {
            ("oci", None) => None,
            ("oci", Some(address)) => Some(address.to_owned()),
            (_, registry) => {
                let parts = [registry.unwrap_or_default(), &purl.namespace, &purl.name];
                Some(parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/"))
            }
        };
        let repository = repository.and_then(|address| ImageName::of(&address));
        let is_repository = match repository {
            Some(name) => name.repository == own.repository,
            None => purl.name == own.last(),
        };
        let own_tag = own.tag.as_deref().unwrap_or("latest");
        let tags = [purl.version.as_deref(), purl.qualifier("tag")];
        is_repository && tags.into_iter().flatten().all(|tag| tag == own_tag)
    }
}

/// `9` is `9` and `9.4`, and not `90`.
fn is_release(os: &Os, id: &str, version: &str) -> bool {
    os.id == id && os.version.strip_prefix(version).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}
