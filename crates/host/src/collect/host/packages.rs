//! Engine, runtime and kernel packages as the distribution knows them, and which CVEs their own changelogs call fixed.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::Path;

use regex_lite::Regex;

use super::{command, read};
use crate::facts::{Binary, Engine, OsRelease, Package};

/// Packages of interest, under the names that distributions and vendors give them.
const NAMES: &[&str] = &[
    "docker.io",
    "docker-ce",
    "docker-engine",
    "moby-engine",
    "docker",
    "docker-ce-rootless-extras",
    "containerd",
    "containerd.io",
    "moby-containerd",
    "runc",
    "moby-runc",
    "crun",
    "buildkit",
    "docker-buildx-plugin",
    "moby-buildx",
    "podman",
    "nvidia-container-toolkit",
    "nvidia-container-runtime",
    "libnvidia-container1",
];

/// The largest changelog that is read, unpacked.
const CHANGELOG_BOUND: u64 = 32 << 20;

pub(super) fn collect(os: &OsRelease, kernel_release: &str) -> Vec<Package> {
    if Path::new("/var/lib/dpkg/status").exists() {
        let text = read::text("/var/lib/dpkg/status".as_ref(), 64 << 20).unwrap_or_default();
        return dpkg(&text, os, kernel_release);
    }
    if Path::new("/lib/apk/db/installed").exists() {
        let text = read::text("/lib/apk/db/installed".as_ref(), 64 << 20).unwrap_or_default();
        return apk(&text);
    }
    rpm(os, kernel_release)
}

fn is_wanted(name: &str, kernel_release: &str) -> bool {
    NAMES.contains(&name) || (name.starts_with("linux-image-") && name.ends_with(kernel_release))
}

pub(super) fn dpkg(status: &str, os: &OsRelease, kernel_release: &str) -> Vec<Package> {
    let mut found = Vec::new();
    for stanza in status.split("\n\n") {
        let field = |key: &str| stanza.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
        let Some(name) = field("Package").filter(|name| is_wanted(name, kernel_release)) else { continue };
        if !field("Status").is_some_and(|status| status.ends_with(" installed")) {
            continue;
        }
        let version = field("Version").unwrap_or_default();
        let source = field("Source").map_or(name, |source| source.split(' ').next().unwrap_or(name));
        found.push(Package {
            name: name.to_owned(),
            version: version.to_owned(),
            source: source.to_owned(),
            origin: dpkg_origin(name, field("Maintainer").unwrap_or_default(), version, os),
            changelog_cves: changelog(name),
        });
    }
    found
}

/// Who built a Debian package. Docker's own repository names its packages and maintainer so.
fn dpkg_origin(name: &str, maintainer: &str, version: &str, os: &OsRelease) -> String {
    if maintainer.contains("@docker.com") || matches!(name, "docker-ce" | "containerd.io" | "docker-ce-rootless-extras")
    {
        "docker".into()
    } else if maintainer.contains("nvidia.com") {
        "nvidia".into()
    } else if name.starts_with("moby-") {
        "microsoft".into()
    } else if version.contains("ubuntu") || os.id == "ubuntu" {
        "ubuntu".into()
    } else {
        os.id.clone()
    }
}

fn changelog(name: &str) -> Option<Vec<String>> {
    let folder = Path::new("/usr/share/doc").join(name);
    ["changelog.Debian.gz", "changelog.gz"].iter().find_map(|file| {
        let packed = read::bytes(&folder.join(file), CHANGELOG_BOUND).ok()?;
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(packed.as_slice()).take(CHANGELOG_BOUND).read_to_end(&mut text).ok()?;
        Some(cves(&String::from_utf8_lossy(&text)))
    })
}

/// CVE ids in a text, sorted, each once.
fn cves(text: &str) -> Vec<String> {
    let Ok(pattern) = Regex::new(r"CVE-\d{4}-\d{4,7}") else { return Vec::new() };
    let found: BTreeSet<String> = pattern.find_iter(text).map(|found| found.as_str().to_owned()).collect();
    found.into_iter().collect()
}

pub(super) fn apk(installed: &str) -> Vec<Package> {
    let mut found = Vec::new();
    for stanza in installed.split("\n\n") {
        let field = |key: &str| stanza.lines().find_map(|line| line.strip_prefix(key));
        let Some(name) = field("P:").filter(|name| NAMES.contains(name)) else { continue };
        found.push(Package {
            name: name.to_owned(),
            version: field("V:").unwrap_or_default().to_owned(),
            source: field("o:").unwrap_or(name).to_owned(),
            origin: "alpine".into(),
            changelog_cves: None,
        });
    }
    found
}

fn rpm(os: &OsRelease, kernel_release: &str) -> Vec<Package> {
    let Some(rpm) = command::find("rpm") else { return Vec::new() };
    let kernel = format!("kernel-core-{kernel_release}");
    // One question for all: each start of rpm opens its database, which takes longer than the answer.
    let mut question = vec!["-q", "--qf", "%{NAME}\t%{EPOCH}:%{VERSION}-%{RELEASE}\t%{SOURCERPM}\t%{VENDOR}\n"];
    question.extend(NAMES);
    question.push(&kernel);
    let mut found = rpm_packages(&command::start(&rpm, &question).unwrap_or_default(), os);
    for package in &mut found {
        package.changelog_cves =
            command::start(&rpm, &["-q", "--changelog", &package.name]).map(|text| cves(&text)).ok();
    }
    found
}

/// The lines of `rpm -q`; those without tabs say that a package is not installed.
fn rpm_packages(text: &str, os: &OsRelease) -> Vec<Package> {
    let package = |line: &str| {
        let mut fields = line.split('\t');
        let (name, version, source, vendor) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        Some(Package {
            name: name.to_owned(),
            version: version.trim_start_matches("(none):").to_owned(),
            source: source.rsplitn(3, '-').nth(2).unwrap_or(name).to_owned(),
            origin: if vendor.contains("Docker") { "docker".to_owned() } else { format!("rpm:{}", os.id) },
            changelog_cves: None,
        })
    };
    text.lines().filter_map(package).collect()
}

/// Where the engine's binaries are, which version they report, and whose they are.
pub(super) fn binaries(engine: Option<&Engine>, packages: &[Package]) -> Vec<Binary> {
    let components = engine.map(|engine| engine.version.components.as_slice()).unwrap_or_default();
    let reported = |component: &str| {
        components.iter().find(|known| known.name == component).map(|known| known.version.clone()).unwrap_or_default()
    };
    let owners: Vec<(String, String)> = packages
        .iter()
        .filter_map(|package| {
            let list = format!("/var/lib/dpkg/info/{}.list", package.name);
            let text = read::text(list.as_ref(), 8 << 20)
                .or_else(|_| read::text(format!("/var/lib/dpkg/info/{}:amd64.list", package.name).as_ref(), 8 << 20));
            Some((package.name.clone(), text.ok()?))
        })
        .collect();
    let owner = |path: &str| {
        // A merged /usr makes /sbin/runc and /usr/sbin/runc the same file.
        let other = path.strip_prefix("/usr").map_or_else(|| format!("/usr{path}"), str::to_owned);
        owners
            .iter()
            .find(|(_, list)| list.lines().any(|line| line == path || line == other))
            .map(|(name, _)| name.clone())
    };
    [
        ("dockerd", "Engine"),
        ("containerd", "containerd"),
        ("runc", "runc"),
        ("buildkitd", ""),
        ("nvidia-container-toolkit", ""),
    ]
    .into_iter()
    .filter_map(|(name, component)| {
        let path = command::find(name).or_else(|| {
            ["/usr/local/bin", "/usr/local/sbin"]
                .iter()
                .map(|folder| format!("{folder}/{name}"))
                .find(|path| Path::new(path).is_file())
        })?;
        let package = owner(&path);
        let packaged = package.as_ref().and_then(|name| packages.iter().find(|package| package.name == *name));
        let version = match reported(component) {
            empty if empty.is_empty() => packaged.map(|package| package.version.clone()).unwrap_or_default(),
            version => version,
        };
        Some(Binary { name: name.into(), version, package, path })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_built_a_package_is_told_by_name_maintainer_and_version() {
        let status = "Package: docker.io\nStatus: install ok installed\nMaintainer: Debian Go\nVersion: 20.10.24+dfsg1-1+deb12u1\n\n\
                      Package: containerd.io\nStatus: install ok installed\nMaintainer: Containerd team <help@containerd.io>\nVersion: 1.7.27-1\n\n\
                      Package: runc\nStatus: deinstall ok config-files\nVersion: 1.1\n\n\
                      Package: containerd\nSource: containerd (1.6.20~ds1-1)\nStatus: install ok installed\nVersion: 1.6.20~ds1-1+b1\n";
        let os = OsRelease { id: "debian".into(), ..OsRelease::default() };
        let found: Vec<_> = dpkg(status, &os, "6.1").into_iter().map(|p| (p.name, p.source, p.origin)).collect();
        let expected = [
            ("docker.io", "docker.io", "debian"),
            ("containerd.io", "containerd.io", "docker"),
            ("containerd", "containerd", "debian"),
        ];
        assert_eq!(found, expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())));
    }

    #[test]
    fn rpm_says_which_are_not_installed_among_those_that_are() {
        let text = "package docker.io is not installed\n\
                    docker-ce\t3:28.3.0-1.el9\tdocker-ce-28.3.0-1.el9.src.rpm\tDocker\n\
                    runc\t(none):1.2.5-2.el9\trunc-1.2.5-2.el9.src.rpm\tRed Hat, Inc.\n";
        let os = OsRelease { id: "rhel".into(), ..OsRelease::default() };
        let found: Vec<_> =
            rpm_packages(text, &os).into_iter().map(|p| [p.name, p.version, p.source, p.origin].join(" ")).collect();
        assert_eq!(found, ["docker-ce 3:28.3.0-1.el9 docker-ce docker", "runc 1.2.5-2.el9 runc rpm:rhel"]);
    }

    #[test]
    fn a_changelog_names_each_fixed_cve_once() {
        assert_eq!(
            cves("* Fix CVE-2024-21626 (CVE-2024-21626)\n* CVE-2021-41089, CVE-20-1"),
            ["CVE-2021-41089", "CVE-2024-21626"]
        );
    }
}
