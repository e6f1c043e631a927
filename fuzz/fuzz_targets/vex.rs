//! A hostile VEX document.
#![no_main]

use keelguard_advisory::vex::read;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = read(bytes, "a document");
});
