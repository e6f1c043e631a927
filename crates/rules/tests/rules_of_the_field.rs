//! Every rule of the public collection for Linux loads.
#![allow(clippy::print_stdout, reason = "says why it is skipped")]

use std::path::PathBuf;

use keelguard_rules::Sigma;

/// The folder of the development data.
fn folder() -> Option<PathBuf> {
    let root = std::env::var_os("KEELGUARD_TEST_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let path = root.join("sigma/linux");
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: there is no {}; KEELGUARD_TEST_DATA says where the development data lies", path.display());
    None
}

#[test]
fn every_rule_for_linux_can_be_used() {
    let Some(folder) = folder() else { return };
    let (sigma, unusable) = Sigma::load(&folder);
    let reasons: Vec<String> = unusable.iter().map(ToString::to_string).collect();
    assert!(reasons.is_empty(), "{reasons:#?}");
    assert!(sigma.rules().count() >= 210, "{}", sigma.rules().count());
}
