//! The same real image by Keelguard, Trivy and Syft: the same packages of Debian, by the same records the same
//! vulnerabilities, and a reason for each difference in the packages of languages.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may end in a panic")]

mod real;

use std::collections::BTreeSet;

use real::image::{RealImage, Size};
use real::looked::Keelguard;
use real::peers::{Answer, Peers, Row, row};
use serde_json::Value;

/// Who alone has a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Only {
    Keelguard,
    Trivy,
    Syft,
}

/// A difference that is meant to be there.
struct Explained {
    only: Only,
    kind: &'static str,
    /// Empty means every package of the kind.
    name: &'static str,
    why: &'static str,
}

/// All differences in packages of languages. A row that no difference needs any more fails the test as well.
#[rustfmt::skip]
const EXPLAINED: [Explained; 6] = [
    Explained { only: Only::Trivy, kind: "npm", name: "shop",
        why: "the application itself, whose package.json says private: npm publishes no such package" },
    Explained { only: Only::Syft, kind: "npm", name: "shop",
        why: "the same" },
    Explained { only: Only::Trivy, kind: "golang", name: "github.com/evanw/esbuild",
        why: "the program's own module was built from a checkout and has no version, so that nothing can be looked up" },
    Explained { only: Only::Syft, kind: "golang", name: "github.com/evanw/esbuild",
        why: "Syft makes up a version from the commit; no record of a release can be compared with it" },
    Explained { only: Only::Syft, kind: "golang", name: "command-line-arguments",
        why: "what Go calls a program that was built without a module; it is no package" },
    Explained { only: Only::Keelguard, kind: "generic", name: "",
        why: "well-known programs and libraries by what they contain; all of these belong to packages of Debian" },
];

/// Keelguard's answer in rows. What a package of Debian owns is in `owned`, the rest in the answer.
fn keelguard(report: &Value) -> (Answer, BTreeSet<Row>) {
    let (mut answer, mut owned) = (Answer::default(), BTreeSet::new());
    let packages = report["packages"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    for package in packages {
        let found = row(&text(&package["kind"]), &text(&package["name"]), &text(&package["version"]));
        let to = if package["owner"].is_null() { &mut answer.packages } else { &mut owned };
        to.insert(found);
    }
    for problem in report["vulnerabilities"].as_array().unwrap() {
        let package = packages.iter().find(|package| package["purl"] == problem["package"]).unwrap();
        let aliases = problem["aliases"].as_array().unwrap().iter().map(text);
        let ids: Vec<String> = std::iter::once(text(&problem["id"])).chain(aliases).collect();
        let id = ids.iter().find(|id| id.starts_with("CVE-")).unwrap_or(&ids[0]);
        answer.vulnerabilities.insert(row(&text(&package["kind"]), &text(&package["name"]), id));
    }
    (answer, owned)
}

fn of_debian(rows: &BTreeSet<Row>, yes: bool) -> BTreeSet<Row> {
    rows.iter().filter(|(kind, ..)| (kind == "deb") == yes).cloned().collect()
}

/// Without Maven's groups, which Syft does not tell apart from the artifact.
fn without_groups(rows: &BTreeSet<Row>) -> BTreeSet<Row> {
    let artifact = |(kind, name, version): &Row| {
        let plain = if kind == "maven" { name.rsplit(':').next().unwrap_or(name) } else { name };
        (kind.clone(), plain.to_owned(), version.clone())
    };
    rows.iter().map(artifact).collect()
}

/// Takes the differences between two sets apart into those that a row explains, whose index is noted, and the others.
fn unexplained<'a>(
    left: (Only, &'a BTreeSet<Row>),
    right: (Only, &'a BTreeSet<Row>),
    used: &mut BTreeSet<usize>,
) -> Vec<(Only, &'a Row)> {
    let only = |(who, mine): (Only, &'a BTreeSet<Row>), other: &'a BTreeSet<Row>| {
        mine.difference(other).map(move |found| (who, found)).collect::<Vec<_>>()
    };
    let mut differences = only(left, right.1);
    differences.extend(only(right, left.1));
    differences.retain(|(who, (kind, name, _))| {
        let fits = |row: &Explained| row.only == *who && row.kind == kind && (row.name.is_empty() || row.name == name);
        let reason = EXPLAINED.iter().position(fits);
        used.extend(reason);
        reason.is_none()
    });
    differences
}

#[test]
fn trivy_and_syft_find_the_same_in_a_real_image() {
    let Some(mirror) = real::mirror() else { return };
    let Some(peers) = Peers::with(&mirror) else { return };
    let Some(mut image) = RealImage::obtain(Size::Small) else { return };
    let saved = image.saved();
    let (ours, owned) = keelguard(&Keelguard::with(&mirror).look(saved.to_str().unwrap(), &[], None));
    let (trivy, syft) = (peers.trivy(&saved), peers.syft(&saved));

    let debian = of_debian(&ours.packages, true);
    assert!(debian.len() > 100, "a minimal Debian alone has some ninety packages, not {}", debian.len());
    assert_eq!(debian, of_debian(&trivy.packages, true), "Trivy: packages of Debian");
    assert_eq!(debian, of_debian(&syft.packages, true), "Syft: packages of Debian");

    let vulnerable = of_debian(&ours.vulnerabilities, true);
    assert!(!vulnerable.is_empty(), "an image of a past point release has known vulnerabilities");
    assert_eq!(vulnerable, of_debian(&trivy.vulnerabilities, true), "Trivy: vulnerabilities in packages of Debian");

    let mut used = BTreeSet::new();
    // Trivy leaves out what a package of Debian owns, Syft does not.
    let unowned = of_debian(&ours.packages, false);
    let theirs = of_debian(&trivy.packages, false);
    let left: Vec<_> = unexplained((Only::Keelguard, &unowned), (Only::Trivy, &theirs), &mut used);
    assert!(left.is_empty(), "Trivy: packages of languages: {left:#?}");

    let all = without_groups(&unowned.union(&owned).cloned().collect());
    let theirs = without_groups(&of_debian(&syft.packages, false));
    let left = unexplained((Only::Keelguard, &all), (Only::Syft, &theirs), &mut used);
    assert!(left.is_empty(), "Syft: packages of languages: {left:#?}");

    let unused: Vec<_> = (0..EXPLAINED.len()).filter(|at| !used.contains(at)).map(|at| EXPLAINED[at].why).collect();
    assert!(unused.is_empty(), "these reasons explain nothing any more: {unused:#?}");

    let found = of_debian(&ours.vulnerabilities, false);
    assert!(found.iter().any(|(kind, ..)| kind == "pypi") && found.iter().any(|(kind, ..)| kind == "golang"));
    assert_eq!(found, of_debian(&trivy.vulnerabilities, false), "Trivy: vulnerabilities in packages of languages");
    image.lab.down().unwrap();
}
