//! A hostile database of containerd.
#![no_main]

use keelguard_image::Limits;
use keelguard_image::source::ContainerdRoot;
use keelguard_image::source::manifest::Platform;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("io.containerd.metadata.v1.bolt");
    std::fs::create_dir(&place).unwrap();
    std::fs::write(place.join("meta.db"), bytes).unwrap();
    let Ok(root) = ContainerdRoot::open(folder.path()) else { return };
    let _ = root.image("docker.io/library/shop:1", &Platform::here(), &Limits::default());
});
