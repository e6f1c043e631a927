//! One real Debian image, read from every place and in every form in which it may lie: the same packages, the same
//! vulnerabilities, and the same layers wherever there are layers.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may end in a panic, and says what it leaves out"
)]

mod real;

use std::collections::HashMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use real::forms::Forms;
use real::image::{RealImage, Size};
use real::looked::{Keelguard, without};
use serde_json::Value;

/// One way to the image. More ways (a registry, the storage of other engines) are more rows of [`sources`].
struct Source {
    name: &'static str,
    /// What a user types.
    target: String,
    /// Where the engine keeps its images.
    engine_root: Option<String>,
    /// What comes on standard input.
    input: Option<PathBuf>,
    /// Whether there are layers; a root filesystem has none.
    layers: bool,
}

impl Source {
    fn new(name: &'static str, target: impl Into<String>) -> Self {
        Self { name, target: target.into(), engine_root: None, input: None, layers: true }
    }

    fn file(name: &'static str, path: &Path) -> Self {
        Self::new(name, path.to_str().unwrap())
    }
}

/// All ways; the first is what the others are measured by.
fn sources(image: &RealImage, forms: &Forms) -> Vec<Source> {
    let saved = image.saved();
    let (gzip, zstd) = (forms.oci(image, "gzip"), forms.oci(image, "zstd"));
    let archive = forms.archive(&gzip);
    let (root_tar, root) = forms.root(image);
    let mut all = vec![
        Source::file("docker save", &saved),
        Source { input: Some(saved.clone()), ..Source::new("standard input", "-") },
        Source::file("skopeo's OCI layout, gzip", &gzip),
        Source::file("skopeo's OCI layout, zstd", &zstd),
        Source::file("skopeo's docker archive", &archive),
        Source { layers: false, ..Source::file("root folder", &root) },
        Source { layers: false, ..Source::file("tar of a root folder", &root_tar) },
    ];
    match &image.engine_root {
        Some(kept) => all.push(Source {
            engine_root: Some(kept.clone()),
            ..Source::new("engine, in place", format!("engine:{}", image.name))
        }),
        None => eprintln!("left out: this engine does not keep images with overlay2"),
    }
    all
}

/// The several names of files in the root filesystem that have more than one, each with the first of them.
fn other_names(root: &Path) -> HashMap<String, String> {
    let (mut folders, mut names) = (vec![root.to_owned()], HashMap::<u64, Vec<String>>::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let (path, meta) = (entry.path(), entry.metadata().unwrap());
            if meta.is_dir() {
                folders.push(path);
            } else if meta.is_file() && meta.nlink() > 1 {
                let name = format!("/{}", path.strip_prefix(root).unwrap().to_string_lossy());
                names.entry(meta.ino()).or_default().push(name);
            }
        }
    }
    let mut first = HashMap::new();
    for mut names in names.into_values() {
        names.sort();
        first.extend(names.iter().map(|name| (name.clone(), names[0].clone())));
    }
    first
}

/// Puts the first name of a file for each. A tar has a file under one name, and the others as links to it; in a folder all
/// are alike.
fn by_first_name(report: &mut Value, names: &HashMap<String, String>) {
    for package in report["packages"].as_array_mut().unwrap() {
        let paths = package["paths"].as_array_mut().unwrap();
        for path in &mut *paths {
            if let Some(first) = names.get(path.as_str().unwrap()) {
                *path = first.clone().into();
            }
        }
        paths.dedup();
    }
}

/// What tells a layer, whether or not it is packed.
fn layers(report: &Value) -> Vec<(Value, Value)> {
    let layers = report["target"]["layers"].as_array().unwrap().iter();
    layers.map(|layer| (layer["diff_id"].clone(), layer["created_by"].clone())).collect()
}

#[test]
fn a_real_image_is_the_same_from_every_source() {
    let Some(mirror) = real::mirror() else { return };
    let Some(mut image) = RealImage::obtain(Size::Small) else { return };
    let Some(forms) = Forms::of(&image) else { return };
    let keelguard = Keelguard::with(&mirror);
    let sources = sources(&image, &forms);
    let names = other_names(&forms.folder().join("root"));
    let mut first: Option<Value> = None;
    for source in sources {
        let mut report = keelguard.look(&source.target, source.engine_root.as_deref(), source.input.as_deref());
        by_first_name(&mut report, &names);
        let name = source.name;
        let Some(first) = &first else {
            it_is_what_was_put_in(&report);
            first = Some(report);
            continue;
        };
        for list in ["packages", "vulnerabilities"] {
            let (found, expected) = (without(&report, list, "layer"), without(first, list, "layer"));
            let missing: Vec<_> = expected.iter().filter(|row| !found.contains(row)).take(3).collect();
            let extra: Vec<_> = found.iter().filter(|row| !expected.contains(row)).take(3).collect();
            assert!(missing.is_empty() && extra.is_empty(), "{name}: {list}: missing {missing:#?}, extra {extra:#?}");
            assert_eq!(found, expected, "{name}: {list} in the same order");
        }
        assert_eq!(report["target"]["os"], first["target"]["os"], "{name}");
        if source.layers {
            assert_eq!(layers(&report), layers(first), "{name}");
            assert_eq!(report["packages"], first["packages"], "{name}: each package in its layer");
            assert_eq!(report["vulnerabilities"], first["vulnerabilities"], "{name}: each in its layer");
        }
    }
    image.lab.down().unwrap();
}

/// What the image was made of, layer by layer, so that equal answers are not equally empty ones.
fn it_is_what_was_put_in(report: &Value) {
    let packages = report["packages"].as_array().unwrap();
    let find = |name: &str, owned: bool| {
        packages.iter().find(|package| package["name"] == name && package["owner"].is_string() == owned)
    };
    let layer = |name: &str, owned: bool| find(name, owned).map(|package| package["layer"].clone());
    assert_eq!(layers(report).len(), 4);
    for (name, owned, brought) in [
        ("python3", false, 1),
        ("semver", true, 1),
        ("org.apache.commons:commons-lang3", true, 1),
        ("express", false, 2),
        ("jinja2", false, 2),
        ("com.fasterxml.jackson.core:jackson-databind", false, 2),
        ("stdlib", false, 2),
    ] {
        assert_eq!(layer(name, owned), Some(brought.into()), "{name}, owned: {owned}");
    }
    assert_eq!(find("left-pad", false), None, "a later layer removed it");
    let vulnerable = |kind: &str| {
        let rows = report["vulnerabilities"].as_array().unwrap().iter();
        rows.filter(|row| row["package"].as_str().unwrap().starts_with(&format!("pkg:{kind}/"))).count()
    };
    for kind in ["deb", "pypi", "golang"] {
        assert!(vulnerable(kind) > 0, "no {kind} package is vulnerable, though old ones were put in");
    }
}
