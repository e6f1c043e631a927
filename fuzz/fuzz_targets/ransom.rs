//! Hostile contents, notes and audit records, and the detector that judges what they say.
#![no_main]

use jiff::Timestamp;
use keelguard_signs::data::ransom::audit::Records;
use keelguard_signs::data::ransom::detect::{Detector, Limits};
use keelguard_signs::data::ransom::{Event, Profile, Sample, What, note_words};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { files: 64, ..Limits::default() };
    let mut detector = Detector::new(limits, "edge");
    let mut records = Records::default();
    for line in bytes.split(|byte| *byte == b'\n') {
        if let Some(event) = records.line(line) {
            detector.see(&event);
        }
        let now = Profile::of(line.len() as u64, &[Sample { at: 0, bytes: line }]);
        let name = line.get(..line.len().min(40)).unwrap_or_default();
        let words = note_words(name, line);
        for what in [What::Known(now), What::Made, What::Written(now), What::Removed { left: None }, What::Note(words)] {
            detector.see(&Event { time: Timestamp::UNIX_EPOCH, path: name.to_vec(), actor: None, what });
        }
    }
    let _ = detector.findings();
});
