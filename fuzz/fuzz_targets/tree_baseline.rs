//! A generation of a baseline of files, its pin and its key: none of what somebody made of them may do more than be refused.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    keelguard_signs::data::baseline::fuzz(bytes);
    let _ = keelguard_signs::data::tree::mounts::parse(bytes);
});
