//! Hostile logs of mail servers: what they say is counted, judged, saved and taken up again.
#![no_main]

use keelguard_signs::logins::Clock;
use keelguard_signs::spam::parse::parse_line;
use keelguard_signs::spam::surge::{Detectors, Limits};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut clock = Clock::utc(jiff::Timestamp::from_second(1_795_600_000).unwrap_or_default());
    let limits = Limits { series: 16, messages: 16, surges: 8, least_days: 0, week_days: 1 };
    let mut detectors = Detectors::new(limits);
    for line in bytes.split(|byte| *byte == b'\n') {
        if let Some(seen) = parse_line(line, &mut clock) {
            detectors.see(&seen);
        }
    }
    let saved = serde_json::to_vec(&detectors).unwrap();
    let back: Detectors = serde_json::from_slice(&saved).unwrap();
    assert_eq!(back.findings(), detectors.findings());
});
