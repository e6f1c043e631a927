//! What is in an image and what is known to be wrong with it: the JSON of `keelguard image`, and the words in which
//! `image` hands packages to `advisory`.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Finding, Incomplete, Severity, Suppressed};

/// The schema's name and version.
pub const IMAGE_SCHEMA: &str = "keelguard.image/1";

macro_rules! package_kinds {
    ($($variant:ident = $purl:literal, $words:literal;)*) => {
        /// The kind of a package: its type in a package URL.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum PackageKind {
            $(#[doc = $words] #[serde(rename = $purl)] $variant,)*
        }

        impl PackageKind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The type in a package URL: `deb`, `golang`.
            pub const fn purl_type(self) -> &'static str {
                match self { $(Self::$variant => $purl,)* }
            }

            /// In words, for the screens.
            pub const fn words(self) -> &'static str {
                match self { $(Self::$variant => $words,)* }
            }
        }
    };
}

package_kinds! {
    Deb = "deb", "Debian package";
    Apk = "apk", "Alpine package";
    Rpm = "rpm", "RPM package";
    Alpm = "alpm", "Arch package";
    Ebuild = "ebuild", "Gentoo package";
    Npm = "npm", "npm package";
    Pypi = "pypi", "Python package";
    Conda = "conda", "Conda package";
    Golang = "golang", "Go module";
    Cargo = "cargo", "Rust crate";
    Maven = "maven", "Java archive";
    Gem = "gem", "Ruby gem";
    Composer = "composer", "PHP package";
    Nuget = "nuget", ".NET package";
    Hex = "hex", "Erlang or Elixir package";
    Pub = "pub", "Dart package";
    Swift = "swift", "Swift package";
    Cocoapods = "cocoapods", "CocoaPod";
    Cran = "cran", "R package";
    Conan = "conan", "Conan package";
    Julia = "julia", "Julia package";
    Hackage = "hackage", "Haskell package";
    Cpan = "cpan", "Perl distribution";
    Bitnami = "bitnami", "Bitnami component";
    Generic = "generic", "program without a package";
}

impl PackageKind {
    /// Whether the package manager of the operating system keeps it.
    pub const fn is_system(self) -> bool {
        matches!(self, Self::Deb | Self::Apk | Self::Rpm | Self::Alpm | Self::Ebuild)
    }
}

impl fmt::Display for PackageKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.purl_type())
    }
}

impl FromStr for PackageKind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.purl_type() == name)
            .ok_or_else(|| format!("{name} is no kind of package"))
    }
}

/// The operating system of an image, from its os-release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Os {
    /// `ID` of os-release: `debian`, `alpine`.
    pub id: String,
    /// `VERSION_ID` as it stands there; empty where there is none (rolling distributions).
    pub version: String,
    /// The release in the words of OSV: `Debian:12`, `Alpine:v3.20`, `AlmaLinux:9`; none where OSV has none.
    pub ecosystem: Option<String>,
}

/// A layer of the image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Layer {
    /// Digest of the layer as it is stored, where it is stored as one file.
    pub digest: Option<String>,
    /// Digest of its uncompressed tar, as the image's configuration says.
    pub diff_id: Option<String>,
    /// Bytes as stored.
    pub size: u64,
    /// The build step.
    pub created_by: Option<String>,
    /// Whether it comes from the base image.
    pub base: bool,
}

/// What was looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Target {
    /// As it was asked for.
    pub input: String,
    /// Where it was read: `archive`, `oci`, `dir`, `engine`, `containerd`, `podman`, `registry`, `container`, `sbom`.
    pub kind: String,
    /// The image's name, where it has one.
    pub reference: Option<String>,
    /// Digest of the manifest, or the image id where no manifest is kept.
    pub digest: Option<String>,
    /// The operating system, where there is one.
    pub os: Option<Os>,
    /// Layers, from the lowest up; empty for a plain folder and an SBOM.
    pub layers: Vec<Layer>,
}

/// The source package that a binary package was built from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct SourcePackage {
    /// Its name.
    pub name: String,
    /// Its version; the binary's where nothing else is said.
    pub version: String,
}

/// One package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Package {
    /// Package URL with version and qualifiers.
    pub purl: String,
    /// The name that OSV knows it by: `openssl`, `@scope/name`, `group:artifact`, `github.com/owner/module`.
    pub name: String,
    /// The version in the words of its ecosystem, epoch and release included.
    pub version: String,
    /// The kind.
    pub kind: PackageKind,
    /// The source package, where the ecosystem has them.
    pub source: Option<SourcePackage>,
    /// Files that say it is there, absolute, as in the image.
    pub paths: Vec<String>,
    /// Index of the layer that brought this version; none where there are no layers.
    pub layer: Option<usize>,
    /// Package URL of the system package that owns the file; such a package is not looked up on its own.
    pub owner: Option<String>,
}

/// A score of the Common Vulnerability Scoring System.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cvss {
    /// The vector: `CVSS:3.1/AV:N/…`.
    pub vector: String,
    /// The base score, 0 to 10.
    pub score: f32,
}

/// An entry of CISA's catalogue of known exploited vulnerabilities.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Kev {
    /// Day it was added, `2024-04-01`.
    pub added: String,
    /// Day by which United States agencies must have acted.
    pub due: Option<String>,
    /// Whether ransomware campaigns are known to use it.
    pub ransomware: bool,
}

/// FIRST's estimate that it is exploited within 30 days.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Epss {
    /// Probability, 0 to 1.
    pub score: f32,
    /// Share of all CVEs that score the same or less, 0 to 1.
    pub percentile: f32,
}

/// What a VEX document says of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Vex {
    /// `not_affected`, `affected`, `fixed` or `under_investigation`.
    pub status: String,
    /// Why it is not affected, or what to do.
    pub justification: Option<String>,
    /// Who says so: the document's author or id.
    pub source: String,
}

/// How a row came about: what `--why` shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Why {
    /// Records that say so, the deciding one first: `DEBIAN-CVE-2024-1234`.
    pub records: Vec<String>,
    /// The deciding record's ecosystem: `Debian:12`.
    pub ecosystem: String,
    /// The name that was looked up: that of the source package, or of the package itself.
    pub looked_up: String,
    /// The version that was compared.
    pub compared: String,
    /// The range or list that holds it, in words: `>= 0, < 3.0.11-1~deb12u2`, or `listed in versions`.
    pub range: String,
    /// The order of versions that was used: `dpkg`, `semver`.
    pub scheme: String,
    /// The file that shows the package.
    pub file: Option<String>,
}

/// One problem of one package.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Vulnerability {
    /// The CVE where there is one, else the record's own id.
    pub id: String,
    /// All its other names, sorted.
    pub aliases: Vec<String>,
    /// Package URL of the package.
    pub package: String,
    /// The version that is there.
    pub installed: String,
    /// Versions that fix it, lowest first; empty where nothing fixes it yet.
    pub fixed: Vec<String>,
    /// Severity: of the distribution where it gives one, else from the score.
    pub severity: Severity,
    /// One line on what it is; empty where the record has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub summary: String,
    /// The score.
    pub cvss: Option<Cvss>,
    /// Set where it is known to be exploited.
    pub kev: Option<Kev>,
    /// How likely it is exploited.
    pub epss: Option<Epss>,
    /// What a VEX document says.
    pub vex: Option<Vex>,
    /// Set where an exception covers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<Suppressed>,
    /// Index of the layer that brought the package.
    pub layer: Option<usize>,
    /// How this row came about.
    pub why: Why,
}

impl Vulnerability {
    /// Whether a VEX document says that nothing has to be done: it does not count, and is not shown unless asked for.
    pub fn is_settled(&self) -> bool {
        self.vex.as_ref().is_some_and(|vex| matches!(vex.status.as_str(), "not_affected" | "fixed"))
    }
}

/// The whole answer about one image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ImageReport {
    /// [`IMAGE_SCHEMA`].
    pub schema: String,
    /// What was looked at.
    pub target: Target,
    /// Everything in it, sorted by kind, name and version.
    pub packages: Vec<Package>,
    /// What is known to be wrong, the most urgent first.
    pub vulnerabilities: Vec<Vulnerability>,
    /// How the image was built and is kept.
    pub findings: Vec<Finding>,
    /// What could not be looked at.
    pub incomplete: Vec<Incomplete>,
}
