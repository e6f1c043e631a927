//! Debian's own fixes: the first version of a package in which Debian repaired a vulnerability, by release.
//!
//! Source: OSV records derived from the changelogs of Debian's security archive, and the changelogs of the packages
//! docker.io 20.10.24+dfsg1-1+deb12u1, runc 1.1.5+ds1-1+deb12u1 and linux 6.1.187-1; read 2026-11-23. A vulnerability
//! that is not named here may be fixed all the same, where the package's upstream version has the fix.

/// A package's fix in a release.
#[derive(Debug)]
pub(super) struct Fix {
    /// `VERSION_ID` of the release.
    pub(super) release: &'static str,
    /// The source package.
    pub(super) source: &'static str,
    pub(super) cve: &'static str,
    /// The first repaired version.
    pub(super) fixed: &'static str,
}

const fn fix(release: &'static str, source: &'static str, cve: &'static str, fixed: &'static str) -> Fix {
    Fix { release, source, cve, fixed }
}

/// Every fix.
pub(super) static FIXES: &[Fix] = &[
    fix("12", "docker.io", "CVE-2024-41110", "20.10.24+dfsg1-1+deb12u1"),
    fix("12", "runc", "CVE-2024-21626", "1.1.5+ds1-1+deb12u1"),
    fix("12", "containerd", "CVE-2024-25621", "1.6.20~ds1-1+deb12u2"),
    fix("13", "containerd", "CVE-2024-25621", "1.7.24~ds1-6+deb13u1"),
    fix("13", "docker.io", "CVE-2026-33747", "26.1.5+dfsg1-9+deb13u1"),
    fix("13", "docker.io", "CVE-2026-33748", "26.1.5+dfsg1-9+deb13u1"),
    fix("13", "docker.io", "CVE-2026-34040", "26.1.5+dfsg1-9+deb13u1"),
    fix("13", "docker.io", "CVE-2026-41568", "26.1.5+dfsg1-9+deb13u1"),
    fix("13", "docker.io", "CVE-2026-42306", "26.1.5+dfsg1-9+deb13u1"),
    fix("12", "linux", "CVE-2023-0386", "6.1.11-1"),
    fix("12", "linux", "CVE-2023-32233", "6.1.27-1"),
    fix("12", "linux", "CVE-2024-1086", "6.1.76-1"),
    fix("12", "linux", "CVE-2026-31431", "6.1.170-1"),
    fix("12", "linux", "CVE-2026-43284", "6.1.170-2"),
    fix("12", "linux", "CVE-2026-43500", "6.1.170-2"),
    fix("12", "linux", "CVE-2026-46300", "6.1.174-1"),
];

/// The fix of `cve` in `source` of `release`.
pub(super) fn find(release: &str, source: &str, cve: &str) -> Option<&'static str> {
    FIXES.iter().find(|fix| fix.release == release && fix.source == source && fix.cve == cve).map(|fix| fix.fixed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fix_is_found_by_release_package_and_cve_and_none_is_named_twice() {
        assert_eq!(find("12", "runc", "CVE-2024-21626"), Some("1.1.5+ds1-1+deb12u1"));
        assert_eq!(find("13", "runc", "CVE-2024-21626"), None);
        for (index, a) in FIXES.iter().enumerate() {
            for b in FIXES.iter().skip(index + 1) {
                assert!((a.release, a.source, a.cve) != (b.release, b.source, b.cve), "{} {}", a.source, a.cve);
            }
        }
    }
}
