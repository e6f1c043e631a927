//! Images of a real containerd of the test's own: the same packages as in the layout, packed and unpacked.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may end in a panic")]

mod images;
mod places;
mod support;

use images::{have, layout, run, unread};
use places::Containerd;
use serde_json::Value;
use support::Home;

fn look(home: &Home, target: &str) -> (Value, String) {
    let mut command = home.command(&["image", target, "--format", "json", "--no-cache", "--offline"]);
    command.env("KEELGUARD_CONTAINERD_ROOT", home.path("root"));
    let output = home.output(command);
    let said = String::from_utf8(output.stderr).unwrap();
    (serde_json::from_slice(&output.stdout).unwrap_or_default(), said)
}

#[test]
fn an_image_of_containerd_is_read_in_place_from_any_namespace_packed_or_not() {
    if !have(&["containerd", "ctr", "skopeo"]) || !rustix::process::geteuid().is_root() {
        return;
    }
    let home = Home::new();
    layout(&home.path(""));
    let archive = ["--insecure-policy", "copy", "oci:layout:shop:1", "oci-archive:shop.tar:docker.io/library/shop:1"];
    run("skopeo", &archive, &home.path(""));
    let containerd = Containerd::start(&home.path(""));
    let file = home.path("shop.tar").display().to_string();
    containerd.does("k8s.io", &["images", "import", "--no-unpack", &file]);
    // So many names that they need more than one page of the database.
    for number in 0..40 {
        let name = format!("quay.io/team/shop-{number:060}:1");
        containerd.does("k8s.io", &["images", "tag", "docker.io/library/shop:1", &name]);
    }
    let (expected, _) = look(&home, "oci:layout");
    assert_eq!(expected["packages"].as_array().unwrap().len(), 3);
    let same = |target: &str, reference: &str| {
        let (report, said) = look(&home, target);
        assert_eq!(report["packages"], expected["packages"], "{target}: {said}");
        assert!(unread(&report).is_empty(), "{target}: {:#}", report["incomplete"]);
        let found = &report["target"];
        assert_eq!((&found["kind"], &found["reference"]), (&"containerd".into(), &reference.into()), "{target}");
        assert_eq!(found["digest"], expected["target"]["digest"], "{target}");
        report
    };
    let name = "docker.io/library/shop:1";
    let by_digest = format!("containerd:{}", &expected["target"]["digest"].as_str().unwrap()[7..27]);
    for target in ["containerd:shop:1", "shop:1", "containerd:k8s.io/shop:1", "containerd:docker.io/library/shop:1"] {
        same(target, name);
    }
    let (report, _) = look(&home, &by_digest);
    assert_eq!(report["packages"], expected["packages"]);
    for number in [0, 17, 39] {
        let name = format!("quay.io/team/shop-{number:060}:1");
        same(&format!("containerd:{name}"), &name);
    }
    let (_, said) = look(&home, "containerd:shop:2");
    assert!(said.contains("there is no such image in"), "{said}");

    // What Kubernetes leaves of an image where it is told to discard unpacked layers.
    containerd.does("k8s.io", &["images", "import", "--snapshotter", "overlayfs", &file]);
    drop(containerd);
    for layer in expected["target"]["layers"].as_array().unwrap() {
        let digest = layer["digest"].as_str().unwrap().replace(':', "/");
        std::fs::remove_file(home.path("root/io.containerd.content.v1.content/blobs").join(digest)).unwrap();
    }
    same("containerd:shop:1", name);
    std::fs::rename(home.path("root/io.containerd.snapshotter.v1.overlayfs"), home.path("elsewhere")).unwrap();
    let (_, said) = look(&home, "containerd:shop:1");
    assert!(said.contains("is not there"), "{said}");
}
