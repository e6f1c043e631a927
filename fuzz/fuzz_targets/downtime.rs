//! Hostile logs: lines of every form and records of wtmp; what they say is judged, saved and taken up again.
#![no_main]

use jiff::tz::TimeZone;
use keelguard_signs::downtime::collect::{Reading, families, read};
use keelguard_signs::downtime::detect::{Detectors, Limits, Window};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let now = jiff::Timestamp::from_second(1_795_600_000).unwrap_or_default();
    let folder = std::env::temp_dir().join(format!("keelguard-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    // The name of records, too, once in a while.
    let file = folder.join(if bytes.first() == Some(&0) { "wtmp" } else { "syslog" });
    std::fs::write(&file, bytes).unwrap();
    let reading = Reading { zone: TimeZone::UTC, most_unpacked: 1 << 20, ..Reading::everything(now) };
    let mut detectors = Detectors::new(Limits { subjects: 16, outages: 16, ..Limits::default() });
    read(families(vec![file]), Vec::new(), &reading, &mut |happening| detectors.see(happening));
    let windows: Vec<Window> = "Sun 03:00-04:00".parse().into_iter().collect();
    let judged = detectors.judge(&windows, &TimeZone::UTC);
    for measure in judged.subjects.iter().flat_map(|subject| &subject.measures) {
        assert!(measure.availability.is_none_or(|share| (0.0..=1.0).contains(&share)));
    }
    let saved = serde_json::to_vec(&detectors).unwrap();
    let back: Detectors = serde_json::from_slice(&saved).unwrap();
    assert_eq!(back.judge(&windows, &TimeZone::UTC), judged);
});
