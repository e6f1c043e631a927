//! Hostile facts of accounts: whatever is read is written, and read as the same.
#![no_main]

use keelguard_iam::facts::{Facts, Input};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(facts) = Facts::read(&[Input::new("fuzz", bytes)]) else { return };
    let mut written = Vec::new();
    facts.write(&mut written).unwrap();
    let again = Facts::read(&[Input::new("again", &written)]).unwrap();
    let mut twice = Vec::new();
    again.write(&mut twice).unwrap();
    assert_eq!(again.accounts.len(), facts.accounts.len());
    assert!(twice.len() < written.len() * 4 + 4096);
});
