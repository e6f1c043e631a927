//! One real Debian image, read from every place and in every form in which it may lie: the same packages, the same
//! vulnerabilities, and the same layers wherever there are layers.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may end in a panic, and says what it leaves out"
)]

mod images;
mod places;
mod real;

use std::path::{Path, PathBuf};

use images::{have, run};
use places::{AUTH, Containerd, Registry};
use real::forms::Forms;
use real::image::{RealImage, Size};
use real::looked::{Keelguard, without};
use serde_json::Value;

/// One way to the image.
struct Source {
    name: &'static str,
    /// What a user types.
    target: String,
    /// Settings that say where it lies.
    environment: Vec<(&'static str, String)>,
    /// What comes on standard input.
    input: Option<PathBuf>,
    /// Whether there are layers; a root filesystem has none.
    layers: bool,
}

impl Source {
    fn new(name: &'static str, target: impl Into<String>) -> Self {
        Self { name, target: target.into(), environment: Vec::new(), input: None, layers: true }
    }

    fn file(name: &'static str, path: &Path) -> Self {
        Self::new(name, path.to_str().unwrap())
    }
}

/// Places that hold the image for as long as they live.
struct Places {
    registry: Registry,
    _containerd: Containerd,
}

impl Places {
    /// Puts the image into all of them, from its OCI layout.
    fn fill(image: &RealImage, gzip: &Path, folder: &Path) -> Self {
        let own = |name: &str| {
            let own = folder.join(name);
            std::fs::create_dir(&own).unwrap();
            own
        };
        let copy =
            |arguments: &[&str]| run("skopeo", &[&["--insecure-policy", "copy", "-q"], arguments].concat(), folder);
        let from = format!("oci:{}:1", gzip.display());
        let registry = Registry::start(&own("registry"));
        let to = format!("docker://{}/team/shop:1", registry.address);
        copy(&["--dest-creds", "shelf:shelf", "--dest-cert-dir", "registry", &from, &to]);
        let containerd = Containerd::start(&own("containerd"));
        copy(&[&from, "oci-archive:shop.tar:docker.io/team/shop:1"]);
        containerd.does("default", &["images", "import", &folder.join("shop.tar").display().to_string()]);
        std::fs::remove_file(folder.join("shop.tar")).unwrap();
        let storage = format!("containers-storage:[overlay@{0}+{0}-run]{1}", own("podman").display(), image.name);
        // The storage mounts its own folder, and leaves that to the namespace, which ends here.
        run("unshare", &["--mount", "skopeo", "--insecure-policy", "copy", "-q", &from, &storage], folder);
        std::fs::create_dir(folder.join("login")).unwrap();
        let login = format!(r#"{{"auths": {{"{}": {{"auth": "{AUTH}"}}}}}}"#, registry.address);
        std::fs::write(folder.join("login/config.json"), login).unwrap();
        Self { registry, _containerd: containerd }
    }

    fn sources(&self, image: &RealImage, folder: &Path) -> Vec<Source> {
        let path = |name: &str| folder.join(name).display().to_string();
        let from = |name, target: String, environment: &[(&'static str, String)]| Source {
            environment: environment.to_vec(),
            ..Source::new(name, target)
        };
        vec![
            from(
                "registry, behind TLS and a login",
                format!("registry:{}/team/shop:1", self.registry.address),
                &[("DOCKER_CONFIG", path("login")), ("KEELGUARD_REGISTRY_CA_FILE", path("registry/ca.crt"))],
            ),
            from(
                "containerd, in place",
                "containerd:docker.io/team/shop:1".into(),
                &[("KEELGUARD_CONTAINERD_ROOT", path("containerd/root"))],
            ),
            from("Podman, in place", format!("podman:{}", image.name), &[("KEELGUARD_PODMAN_ROOT", path("podman"))]),
        ]
    }
}

/// All ways through files and the engine; the first is what the others are measured by.
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
            environment: vec![("KEELGUARD_DOCKER_ROOT", kept.clone())],
            ..Source::new("engine, in place", format!("engine:{}", image.name))
        }),
        None => eprintln!("left out: this engine does not keep images with overlay2"),
    }
    all
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
    let mut sources = sources(&image, &forms);
    let places = have(&["docker-registry", "containerd", "ctr", "openssl"])
        .then(|| Places::fill(&image, &forms.folder().join("gzip"), forms.folder()));
    if let Some(places) = &places {
        sources.extend(places.sources(&image, forms.folder()));
    }
    let mut first: Option<Value> = None;
    for source in sources {
        let report = keelguard.look(&source.target, &source.environment, source.input.as_deref());
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
    drop(places);
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
