//! From the words of os-release to the release in the words of OSV.
//!
//! The names are those of the OSV schema, section "Defined ecosystems"
//! (<https://ossf.github.io/osv-schema/#defined-ecosystems>).

/// What decides it, each empty where it is not said.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Release<'a> {
    /// `ID`, in lower case.
    pub id: &'a str,
    /// `VERSION_ID`.
    pub version_id: &'a str,
    /// `VERSION`: the version with its name.
    pub version: &'a str,
    /// `PRETTY_NAME`.
    pub pretty_name: &'a str,
    /// `VERSION_CODENAME`.
    pub codename: &'a str,
    /// `UBUNTU_CODENAME`: the Ubuntu that a derivative uses the packages of.
    pub ubuntu_codename: &'a str,
    /// `DEBIAN_CODENAME`: the Debian that a derivative uses the packages of.
    pub debian_codename: &'a str,
    /// `CPE_NAME`.
    pub cpe: &'a str,
}

type Words = fn(&Release<'_>) -> Option<String>;

/// Ids of os-release, and how OSV names a release of it.
const ECOSYSTEMS: &[(&str, Words)] = &[
    ("debian", debian),
    ("raspbian", debian),
    ("ubuntu", |release| ubuntu(release.version_id)),
    ("alpine", |release| Some(format!("Alpine:v{}", minor(release.version_id)?))),
    ("wolfi", |_| Some("Wolfi".to_owned())),
    ("chainguard", |_| Some("Chainguard".to_owned())),
    ("minimos", |_| Some("MinimOS".to_owned())),
    ("cleanstart", |_| Some("CleanStart".to_owned())),
    ("alpaquita", |release| with_version("Alpaquita", release)),
    ("bellsoft-hardened-containers", |release| with_version("BellSoft Hardened Containers", release)),
    ("almalinux", |release| Some(format!("AlmaLinux:{}", major(release.version_id)?))),
    ("rocky", |release| Some(format!("Rocky Linux:{}", major(release.version_id)?))),
    ("rhel", red_hat),
    ("azurelinux", |release| Some(format!("Azure Linux:{}", major(release.version_id)?))),
    // The name of Azure Linux up to version 2.
    ("mariner", |release| Some(format!("Azure Linux:{}", major(release.version_id)?))),
    ("photon", |release| Some(format!("Photon OS:{}", minor(release.version_id)?))),
    ("mageia", |release| Some(format!("Mageia:{}", major(release.version_id)?))),
    ("openeuler", open_euler),
    ("opensuse-tumbleweed", |_| Some("openSUSE:Tumbleweed".to_owned())),
    ("opensuse-leap", |release| Some(format!("openSUSE:Leap {}", minor(release.version_id)?))),
    ("opensuse-leap-micro", |release| Some(format!("openSUSE:Leap Micro {}", minor(release.version_id)?))),
    ("sles", suse),
    ("sled", suse),
    ("sles_sap", suse),
    ("sle-micro", suse),
    ("sl-micro", suse),
    ("suse-microos", suse),
];

/// Code names of Debian and their numbers, as in Debian's `distro-info-data`. The number of the next release is known
/// from the day its development begins, and OSV uses it.
const DEBIAN: &[(&str, &str)] = &[
    ("squeeze", "6"),
    ("wheezy", "7"),
    ("jessie", "8"),
    ("stretch", "9"),
    ("buster", "10"),
    ("bullseye", "11"),
    ("bookworm", "12"),
    ("trixie", "13"),
    ("forky", "14"),
    ("duke", "15"),
];

/// Code names of Ubuntu's releases that derivatives are made from.
const UBUNTU: &[(&str, &str)] = &[
    ("trusty", "14.04"),
    ("xenial", "16.04"),
    ("bionic", "18.04"),
    ("focal", "20.04"),
    ("jammy", "22.04"),
    ("noble", "24.04"),
    ("oracular", "24.10"),
    ("plucky", "25.04"),
    ("questing", "25.10"),
    ("resolute", "26.04"),
];

impl Release<'_> {
    /// The release in the words of OSV; none where OSV has none, or where it cannot be told.
    pub(super) fn ecosystem(&self) -> Option<String> {
        if let Some((_, words)) = ECOSYSTEMS.iter().find(|(id, _)| *id == self.id) {
            return words(self);
        }
        // Mint, Pop!_OS, LMDE and their like install the packages of the release they name.
        look_up(UBUNTU, self.ubuntu_codename)
            .and_then(ubuntu)
            .or_else(|| Some(format!("Debian:{}", look_up(DEBIAN, self.debian_codename)?)))
    }
}

/// The number of a release of Debian or Ubuntu that goes by its code name.
pub(super) fn number_of(id: &str, codename: &str) -> Option<&'static str> {
    match id {
        "debian" => look_up(DEBIAN, codename),
        "ubuntu" => look_up(UBUNTU, codename),
        _ => None,
    }
}

fn look_up(table: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    table.iter().find(|(codename, _)| *codename == name).map(|(_, number)| *number)
}

/// Digits at the beginning: `9` of `9.4`, `9-beta` and `9`.
fn major(version: &str) -> Option<&str> {
    let end = version.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(version.len());
    version.get(..end).filter(|major| !major.is_empty())
}

/// The first two numbers: `3.20` of `3.20.3` and `3.20_alpha20240329`; one alone where there is no second.
fn minor(version: &str) -> Option<&str> {
    let first = major(version)?;
    let second = version.get(first.len()..)?.strip_prefix('.').and_then(major);
    version.get(..second.map_or(first.len(), |second| first.len() + 1 + second.len()))
}

fn with_version(name: &str, release: &Release<'_>) -> Option<String> {
    (!release.version_id.is_empty()).then(|| format!("{name}:{}", release.version_id))
}

fn debian(release: &Release<'_>) -> Option<String> {
    if let Some(major) = major(release.version_id) {
        return Some(format!("Debian:{major}"));
    }
    // Testing and sid have no number: "Debian GNU/Linux forky/sid", code name "forky". Which of the two it is nobody
    // can tell; OSV knows them by the number of the release to come.
    let pretty = release.pretty_name.rsplit(' ').next().and_then(|words| words.split('/').next()).unwrap_or_default();
    let number = [release.codename, pretty].into_iter().find_map(|name| look_up(DEBIAN, name));
    match number {
        Some(number) => Some(format!("Debian:{number}")),
        None if [release.codename, pretty].contains(&"sid") => Some("Debian:sid".to_owned()),
        None => None,
    }
}

/// Every second year's release of April is supported for long, and OSV says so in the name.
fn ubuntu(version: &str) -> Option<String> {
    let version = minor(version)?;
    let (year, month) = version.split_once('.')?;
    let year: u32 = year.parse().ok()?;
    let long = (month == "04" && year.is_multiple_of(2) && year >= 8) || version == "6.06";
    Some(format!("Ubuntu:{version}{}", if long { ":LTS" } else { "" }))
}

/// OSV names Red Hat's products by their CPE less its beginning: `cpe:/o:redhat:enterprise_linux:9::baseos`.
fn red_hat(release: &Release<'_>) -> Option<String> {
    let product = ["cpe:/o:redhat:", "cpe:/a:redhat:"].into_iter().find_map(|start| release.cpe.strip_prefix(start));
    if let Some(product) = product.filter(|product| product.contains(':')) {
        return Some(format!("Red Hat:{product}"));
    }
    Some(format!("Red Hat:enterprise_linux:{}::baseos", major(release.version_id)?))
}

/// OSV uses the name on the box: "SUSE Linux Enterprise Server 15 SP6".
fn suse(release: &Release<'_>) -> Option<String> {
    let product = release.pretty_name.strip_prefix("SUSE ")?.trim();
    product.contains(|letter: char| letter.is_ascii_digit()).then(|| format!("SUSE:{product}"))
}

/// Releases for long: `24.03 (LTS)` is `24.03-LTS`, `22.03 (LTS-SP3)` is `22.03-LTS-SP3`.
fn open_euler(release: &Release<'_>) -> Option<String> {
    let number = minor(release.version_id)?;
    let name = release.version.split_once('(').and_then(|(_, rest)| rest.split(')').next()).unwrap_or_default();
    Some(if name.starts_with("LTS") { format!("openEuler:{number}-{name}") } else { format!("openEuler:{number}") })
}
