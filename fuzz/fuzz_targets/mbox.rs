//! An mbox of hostile bytes: no byte appears that was not there, and it ends.
#![no_main]

use keelguard_signs::spam::collect::Mbox;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut mbox = Mbox::new(bytes);
    let mut sum = 0;
    while let Ok(Some(one)) = mbox.next(5_000) {
        assert!(one.bytes.len() <= 5_000 + 2_000);
        sum += one.bytes.len();
    }
    assert!(sum <= bytes.len());
});
