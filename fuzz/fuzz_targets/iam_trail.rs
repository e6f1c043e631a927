//! Hostile logs of CloudTrail, plain and packed.
#![no_main]

use keelguard_iam::trail::{Limits, Trail};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let folder = std::env::temp_dir().join(format!("keelguard-fuzz-trail-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("a.json.gz"), bytes).unwrap();
    let limits = Limits { file: 1 << 20, principals: 8, actions: 8, resources: 8, ..Limits::default() };
    let trail = Trail::read(&[folder], &limits);
    assert!(trail.principals().count() <= 8);
    for principal in trail.principals() {
        assert!(trail.used(principal).iter().all(|one| one.resources.len() <= 8));
    }
});
