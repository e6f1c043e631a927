//! What holds for every order, and what each reference implementation says of its own corners.

mod laws;
mod verdicts;

use std::cmp::Ordering;
use std::time::Instant;

use super::{MAX_LENGTH, Scheme};

#[test]
fn a_scheme_is_found_by_its_name_and_by_what_else_it_is_called() {
    for scheme in Scheme::ALL {
        assert_eq!(scheme.name().parse(), Ok(scheme));
        assert_eq!(scheme.to_string(), scheme.name());
    }
    for (alias, scheme) in [
        ("deb", Scheme::Dpkg),
        ("Debian", Scheme::Dpkg),
        ("alpine", Scheme::Apk),
        ("alpm", Scheme::Pacman),
        ("PyPI", Scheme::Pep440),
        ("golang", Scheme::Go),
        ("gem", Scheme::RubyGems),
        ("composer", Scheme::Packagist),
        ("crates.io", Scheme::Semver),
        ("cargo", Scheme::Semver),
    ] {
        assert_eq!(alias.parse(), Ok(scheme), "{alias}");
    }
    let error = "dkpg".parse::<Scheme>().unwrap_err().to_string();
    assert!(error.starts_with("there is no version scheme \"dkpg\"; known are dpkg, rpm,"), "{error}");
    for scheme in Scheme::ALL {
        assert!(error.contains(scheme.name()), "{scheme} is missing in: {error}");
    }
}

#[test]
fn an_ecosystem_of_osv_has_the_order_of_its_packages() {
    for (ecosystem, scheme) in [
        ("Debian", Scheme::Dpkg),
        ("Debian:12", Scheme::Dpkg),
        ("Ubuntu:22.04:LTS", Scheme::Dpkg),
        ("Ubuntu:Pro:18.04:LTS", Scheme::Dpkg),
        ("Alpine:v3.20", Scheme::Apk),
        ("Wolfi", Scheme::Apk),
        ("Chainguard", Scheme::Apk),
        ("MinimOS", Scheme::Apk),
        ("AlmaLinux:9", Scheme::Rpm),
        ("Rocky Linux:8", Scheme::Rpm),
        ("Red Hat:enterprise_linux:9::appstream", Scheme::Rpm),
        ("openSUSE:Leap 15.6", Scheme::Rpm),
        ("SUSE:Linux Enterprise Server 15 SP5", Scheme::Rpm),
        ("Photon OS:4.0", Scheme::Rpm),
        ("openEuler:24.03-LTS", Scheme::Rpm),
        ("npm", Scheme::Npm),
        ("PyPI", Scheme::Pep440),
        ("crates.io", Scheme::Semver),
        ("GitHub Actions", Scheme::Semver),
        ("SwiftURL", Scheme::Semver),
        ("Go", Scheme::Go),
        ("Maven", Scheme::Maven),
        ("Maven:https://repo.example.org/maven2", Scheme::Maven),
        ("RubyGems", Scheme::RubyGems),
        ("Packagist", Scheme::Packagist),
        ("NuGet", Scheme::Nuget),
        ("Hex", Scheme::Hex),
        ("Pub", Scheme::Pub),
        ("CRAN", Scheme::Cran),
        ("Hackage", Scheme::Hackage),
        ("Bitnami", Scheme::Bitnami),
        ("Root:Alpine:3.18", Scheme::Apk),
    ] {
        assert_eq!(Scheme::of_ecosystem(ecosystem), Some(scheme), "{ecosystem}");
    }
    assert_eq!(Scheme::of_ecosystem("Debian12"), None);
    assert_eq!(Scheme::of_ecosystem(""), None);
    assert_eq!(Scheme::of_ecosystem("Root:"), None);
}

#[test]
fn the_longest_versions_are_compared_in_linear_time() {
    let longest = |piece: &str| piece.repeat(MAX_LENGTH / piece.len());
    let mut texts = ["9", "-", "1.", "a1", "1~", "-"].map(longest);
    texts[5].replace_range(MAX_LENGTH - 1.., "1");
    let begun = Instant::now();
    for scheme in Scheme::ALL {
        for a in &texts {
            for b in &texts {
                let forth = scheme.compare(a, b);
                assert_eq!(scheme.compare(b, a), forth.map(Ordering::reverse), "{scheme}");
            }
        }
        assert_eq!(scheme.compare(&format!("{}9", texts[0]), "1"), None, "{scheme}");
    }
    // Measured: two seconds without optimisation. Anything quadratic takes hours.
    assert!(begun.elapsed().as_secs() < 120, "{:?}", begun.elapsed());
}

#[test]
fn seventy_thousand_comparisons_take_milliseconds() {
    let texts =
        ["1:2.36.1-8+deb12u1", "1.2.3-rc.1+build", "2.0.0.RC1", "v0.0.0-20191109021931-daa7c04131f5", "1.0_rc2-r3"];
    for scheme in Scheme::ALL {
        let versions: Vec<_> = texts.iter().filter_map(|text| scheme.parse(text)).collect();
        let begun = Instant::now();
        let mut newer = 0_u32;
        for _ in 0..70_000 / 25 {
            for a in &versions {
                newer += versions.iter().map(|b| u32::from(a > b)).sum::<u32>();
            }
        }
        assert!(newer > 0 || versions.len() < 2, "{scheme}");
        // Measured: some milliseconds without optimisation. The bound is for a busy machine.
        assert!(begun.elapsed().as_secs() < 5, "{scheme}: {:?}", begun.elapsed());
    }
}
