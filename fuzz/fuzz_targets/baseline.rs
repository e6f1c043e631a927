//! A hostile report as `--baseline`.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(old) = keelguard_report::read_report(bytes) else { return };
    let _ = keelguard_report::compare(&old, &keelguard_report::empty_report("host"));
});
