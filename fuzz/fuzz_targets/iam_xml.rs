//! Hostile answers in XML, under the names of IAM and of EC2.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for ec2 in [false, true] {
        if let Ok(value) = keelguard_iam::collect::xml_answer(bytes, ec2) {
            let _ = value.to_string();
        }
    }
});
