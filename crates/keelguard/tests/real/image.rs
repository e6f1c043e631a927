//! The image that `scripts/make-test-image` makes, in a private engine. It is kept in Cargo's folder for temporary files
//! and only loaded from there the next time.

use std::path::{Path, PathBuf};

use keelguard_lab::{Lab, Options};

use super::{make, script};

/// Which of the two images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// For tests: about 380 MB.
    Small,
    /// For the bench: about 700 MB.
    Large,
}

/// The image, in an engine of its own.
pub struct RealImage {
    /// The engine.
    pub lab: Lab,
    /// Its name there.
    pub name: &'static str,
    /// Where the engine keeps its images; none where it keeps them in a form that is not read in place.
    pub engine_root: Option<String>,
    folder: PathBuf,
}

impl RealImage {
    /// Makes it, or says why not.
    pub fn obtain(size: Size) -> Option<Self> {
        if let Some(why) = keelguard_lab::why_not() {
            eprintln!("skipped: {why}");
            return None;
        }
        let lab = Lab::up(&Options::default()).unwrap();
        let (folder, name, option): (_, _, &[&str]) = match size {
            Size::Small => ("image", "keelguard-test/shop:1", &[]),
            Size::Large => ("bench", "keelguard-bench/shop:1", &["--large"]),
        };
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
        let program = script("make-test-image");
        make(lab.command(program.to_str().unwrap()).args(option).arg(&folder))?;
        let kept = lab.docker_ok(&["info", "--format", "{{.Driver}} {{.DockerRootDir}}"]).unwrap();
        let engine_root = kept.strip_prefix("overlay2 ").map(str::to_owned);
        Some(Self { lab, name, engine_root, folder })
    }

    /// What the engine saved.
    pub fn saved(&self) -> PathBuf {
        self.folder.join("image.tar")
    }

    /// A folder for other forms of it, beside it on the same disk; gone when dropped.
    pub fn scratch(&self) -> tempfile::TempDir {
        tempfile::Builder::new().prefix("forms-").tempdir_in(&self.folder).unwrap()
    }
}
