//! `keelguard image` beside Trivy 0.76 and Syft, on a real Debian image of about 700 MB in all the forms in which images lie
//! about, with the advisories of a whole mirror for both.
//!
//! `cargo bench -p keelguard --bench images` runs all; `-- archive gzip zstd engine crowd large packages` some of it. The image
//! is made by `scripts/make-test-image --large`, or is the docker archive that `KEELGUARD_BENCH_IMAGE` names; the peers
//! come by `scripts/peer-scanners`. Needs root, and the development data (`KEELGUARD_TEST_DATA`).

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench without its parts has nothing to measure")]

mod measure;
mod memory;
#[path = "../../tests/real/mod.rs"]
mod real;

use std::path::{Path, PathBuf};
use std::process::Command;

use measure::{Case, compare, crowd, median, say};
use real::forms::Forms;
use real::image::{RealImage, Size};
use real::looked::Keelguard;
use real::peers::{Peers, TRIVY};

/// Runs of each case.
const TURNS: usize = 5;

/// What all parts of the bench need.
struct Bench {
    image: RealImage,
    forms: Forms,
    keelguard: Keelguard,
    peers: Peers,
    /// Trivy's cache: the databases of the peers, and what it keeps of images.
    trivy: tempfile::TempDir,
}

impl Bench {
    fn keelguard(&self, target: &str, cached: bool) -> Command {
        let mut command = self.keelguard.command(&["image", target, "--format", "json", "--offline"]);
        if !cached {
            command.arg("--no-cache");
        }
        if let Some(root) = &self.image.engine_root {
            command.env("KEELGUARD_DOCKER_ROOT", root);
        }
        command
    }

    fn trivy(&self, target: &[&str]) -> Command {
        let mut command = self.image.lab.command(self.peers.program("trivy").to_str().unwrap());
        command.args(TRIVY).arg("--cache-dir").arg(self.trivy.path()).args(target);
        command
    }

    fn syft(&self, target: &str) -> Command {
        let mut command = Command::new(self.peers.program("syft"));
        command.args(["scan", "--quiet", "--output", "json", target]).env("SYFT_CHECK_FOR_APP_UPDATE", "false");
        command
    }

    /// Trivy knows no image any more.
    fn forget(&self) {
        let _ = std::fs::remove_dir_all(self.trivy.path().join("fanal"));
    }

    /// One form, cold, and as it is known from before.
    fn form(&self, title: &str, path: &Path, scheme: &str) {
        let text = path.to_str().unwrap();
        let trivy = ["--input", text];
        compare(
            &format!("{title}, cold"),
            TURNS,
            &[
                Case::new("keelguard", || self.keelguard(text, false)),
                Case::new("trivy", || self.trivy(&trivy)).after(|| self.forget()),
            ],
        );
        // Both have just seen it: Trivy in the last cold run, Keelguard in a run of its own.
        median(1, || self.keelguard(text, true));
        compare(
            &format!("{title}, cached"),
            TURNS,
            &[Case::new("keelguard", || self.keelguard(text, true)), Case::new("trivy", || self.trivy(&trivy))],
        );
        let syft = median(1, || self.syft(&format!("{scheme}:{text}")));
        say(&format!("  syft, once: {:.3} s, {:.3} s processor, {:.1} MB", syft.wall, syft.processor, syft.memory));
    }

    /// The image where the engine keeps it; Trivy has it saved through the engine's API, whose own work is not counted in
    /// Trivy's processor time.
    fn engine(&self) {
        let name = format!("engine:{}", self.image.name);
        let trivy = ["--image-src", "docker", self.image.name];
        compare(
            "image of a local engine, cold",
            TURNS,
            &[
                Case::new("keelguard, in place", || self.keelguard(&name, false)),
                Case::new("trivy, through the engine", || self.trivy(&trivy)).after(|| self.forget()),
            ],
        );
        compare(
            "image of a local engine, cached",
            TURNS,
            &[
                Case::new("keelguard, in place", || self.keelguard(&name, true)),
                Case::new("trivy, through the engine", || self.trivy(&trivy)),
            ],
        );
    }
}

fn load() -> String {
    std::fs::read_to_string("/proc/loadavg").unwrap_or_default().split(' ').take(3).collect::<Vec<_>>().join(" ")
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // Without `--bench` this is `cargo test`, which is to be quick.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let wanted: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    let asked = |name: &str| wanted.is_empty() || wanted.iter().any(|filter| name.contains(filter.as_str()));
    let Some(mirror) = real::mirror() else { return };
    let Some(peers) = Peers::with(&mirror) else { return };
    let Some(image) = RealImage::obtain(Size::Large) else { return };
    let Some(forms) = Forms::of(&image) else { return };
    let trivy = tempfile::tempdir().unwrap();
    for database in ["db", "java-db"] {
        std::os::unix::fs::symlink(peers.trivy_cache().join(database), trivy.path().join(database)).unwrap();
    }
    let mut bench = Bench { image, forms, keelguard: Keelguard::with(&mirror), peers, trivy };
    let saved = std::env::var_os("KEELGUARD_BENCH_IMAGE").map_or_else(|| bench.image.saved(), PathBuf::from);
    let bytes = std::fs::metadata(&saved).map_or(0, |file| file.len());
    say(&format!("{}: {} MB, load before {}", saved.display(), bytes / 1_000_000, load()));
    // Whatever is in the page cache is so for all: each form is read once before it is measured.
    if asked("archive") {
        median(1, || bench.syft(&format!("docker-archive:{}", saved.display())));
        bench.form("docker archive", &saved, "docker-archive");
    }
    for packed in ["gzip", "zstd"] {
        if asked(packed) {
            let layout = bench.forms.oci(&bench.image, packed);
            bench.form(&format!("OCI layout, {packed}"), &layout, "oci-dir");
        }
    }
    if asked("engine") {
        bench.engine();
    }
    if asked("crowd") {
        let target = saved.to_str().unwrap().to_owned();
        let single = median(TURNS, || bench.keelguard(&target, false));
        crowd(10, single, || bench.keelguard(&target, false));
    }
    if asked("large") {
        memory::large(&bench);
    }
    if asked("packages") {
        memory::packages(&bench);
    }
    say(&format!("\nload after {}", load()));
    let _ = bench.image.lab.down();
}
