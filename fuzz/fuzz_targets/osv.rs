//! A hostile record of an advisory.
#![no_main]

use keelguard_advisory::osv::{RecordLimits, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = parse(bytes, RecordLimits::default());
});
