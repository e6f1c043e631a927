//! Images in the storage of Podman and CRI-O, written by skopeo as they would: the same packages as in the layout.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may end in a panic")]

mod images;
mod support;

use images::{have, layout, run, unread};
use serde_json::Value;
use support::Home;

fn look(home: &Home, root: &str, target: &str) -> (Value, String) {
    let mut command = home.command(&["image", target, "--format", "json", "--no-cache", "--offline"]);
    command.env("KEELGUARD_PODMAN_ROOT", home.path(root));
    let output = home.output(command);
    let said = String::from_utf8(output.stderr).unwrap();
    (serde_json::from_slice(&output.stdout).unwrap_or_default(), said)
}

/// Package URLs.
fn packages(report: &Value) -> Vec<&str> {
    report["packages"].as_array().into_iter().flatten().map(|one| one["purl"].as_str().unwrap()).collect()
}

#[test]
fn an_image_of_podman_is_read_in_place_by_any_of_its_names() {
    // Storage holds devices as marks of removed files, which root alone can make.
    if !have(&["skopeo"]) || !rustix::process::geteuid().is_root() {
        return;
    }
    let home = Home::new();
    layout(&home.path(""));
    let (expected, _) = look(&home, "none", "oci:layout");
    let names = ["pkg:deb/debian/one@1.0-1", "pkg:deb/debian/two@1.0-1", "pkg:npm/kept@1.0.0"];
    let short = |purl: &str| purl.split('?').next().unwrap().to_owned();
    assert_eq!(packages(&expected).into_iter().map(short).collect::<Vec<_>>(), names);
    for driver in ["overlay", "vfs"] {
        let storage =
            format!("containers-storage:[{driver}@{0}+{0}-run]quay.io/team/shop:1", home.path(driver).display());
        // The storage mounts its own folder, and leaves that to the namespace, which ends here.
        let copy = ["--mount", "skopeo", "--insecure-policy", "copy", "oci:layout:shop:1", &storage];
        run("unshare", &copy, &home.path(""));
        for target in ["podman:quay.io/team/shop:1", "podman:shop:1", "quay.io/team/shop:1", "shop:1"] {
            let (report, said) = look(&home, driver, target);
            assert_eq!(packages(&report), packages(&expected), "{driver} {target}: {said}");
            assert!(unread(&report).is_empty(), "{driver} {target}: {:#}", report["incomplete"]);
            let found = &report["target"];
            assert_eq!((&found["kind"], &found["reference"]), (&"podman".into(), &"quay.io/team/shop:1".into()));
            if driver == "overlay" {
                assert_eq!(report["packages"], expected["packages"], "each from its layer");
                for (layer, original) in
                    found["layers"].as_array().unwrap().iter().zip(expected["target"]["layers"].as_array().unwrap())
                {
                    assert_eq!((&layer["digest"], &layer["diff_id"]), (&original["digest"], &original["diff_id"]));
                }
            }
        }
        let (_, said) = look(&home, driver, "podman:shop:2");
        assert!(said.contains("there is no such image in"), "{said}");
    }
    let (_, said) = look(&home, "none", "podman:shop:1");
    assert!(said.contains("none cannot be read") && said.contains("KEELGUARD_PODMAN_ROOT"), "{said}");
}
