//! Hostile logs: lines of every form, JSON, audit records, and files in every wrapping; what they say is judged, saved and
//! taken up again.
#![no_main]

use keelguard_signs::logins::collect::{Reading, families, read};
use keelguard_signs::logins::detect::{Detectors, Limits};
use keelguard_signs::logins::{Clock, parse_audit, parse_json, parse_line};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let now = jiff::Timestamp::from_second(1_795_600_000).unwrap_or_default();
    let mut clock = Clock::utc(now);
    let mut detectors = Detectors::new(Limits { addresses: 16, users: 16, ..Limits::default() });
    for line in bytes.split(|byte| *byte == b'\n') {
        if let Some(seen) = parse_line(line, &mut clock) {
            detectors.see(&seen);
        }
        parse_audit(line, &mut clock, &mut |seen| detectors.see(seen));
        parse_json(line, &mut clock, &mut |seen| detectors.see(seen));
    }
    let saved = serde_json::to_vec(&detectors).unwrap();
    let back: Detectors = serde_json::from_slice(&saved).unwrap();
    assert_eq!(back.findings(), detectors.findings());

    let folder = std::env::temp_dir().join(format!("keelguard-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    // The name of records, too, once in a while.
    let file = folder.join(if bytes.first() == Some(&0) { "btmp" } else { "auth.log" });
    std::fs::write(&file, bytes).unwrap();
    let reading = Reading { most_unpacked: 1 << 20, ..Reading::everything(now) };
    read(families(vec![file]), &reading, &mut |seen, line| {
        detectors.see(&seen.owned(line).seen());
    });
    let _ = (detectors.findings(), detectors.to_block(&[]));
});
