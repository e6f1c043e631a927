//! The forms in which one image lies about: as the engine saves it, as skopeo converts it, and unpacked.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::image::RealImage;

/// Other forms of an image, in one folder.
pub struct Forms {
    folder: tempfile::TempDir,
}

impl Forms {
    /// An empty folder for them; none, with the printed reason, where there is no skopeo.
    pub fn of(image: &RealImage) -> Option<Self> {
        if Command::new("skopeo").arg("--version").output().is_err() {
            eprintln!("skipped: there is no skopeo here; scripts/install-deps --test installs it");
            return None;
        }
        Some(Self { folder: image.scratch() })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// An OCI layout whose layers are packed with `gzip` or `zstd`.
    pub fn oci(&self, image: &RealImage, packed: &str) -> PathBuf {
        let layout = self.folder().join(packed);
        let from = format!("docker-archive:{}", image.saved().display());
        skopeo(&["--dest-compress-format", packed, &from, &format!("oci:{}:1", layout.display())]);
        layout
    }

    /// A docker archive as skopeo writes it, from the OCI layout `gzip`.
    pub fn archive(&self, gzip: &Path) -> PathBuf {
        let archive = self.folder().join("skopeo.tar");
        skopeo(&[
            &format!("oci:{}:1", gzip.display()),
            &format!("docker-archive:{}:keelguard-test/shop:1", archive.display()),
        ]);
        archive
    }

    /// The root filesystem of a container as a tar, and the same unpacked.
    pub fn root(&self, image: &RealImage) -> (PathBuf, PathBuf) {
        let (tar, folder) = (self.folder().join("root.tar"), self.folder().join("root"));
        std::fs::create_dir(&folder).unwrap();
        let script = format!(
            "set -e\nid=$(docker create {})\ndocker export --output {tar} $id\ntar --extract --file {tar} --directory {folder}",
            image.name,
            tar = tar.display(),
            folder = folder.display()
        );
        let made = image.lab.shell(&script).unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        (tar, folder)
    }
}

fn skopeo(arguments: &[&str]) {
    let output =
        Command::new("skopeo").args(["--insecure-policy", "copy", "--quiet"]).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}
