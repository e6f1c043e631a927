//! Hostile cases for `iam simulate`: each is answered, or refused with a sentence.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    match keelguard_iam::simulate::run(bytes) {
        Ok(answers) => drop(serde_json::to_string(&answers).expect("answers can be written")),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
