//! A hostile bill of materials.
#![no_main]

use keelguard_image::Limits;
use keelguard_image::bom::parse;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = parse(bytes, "a document", &Limits::default());
});
