//! Hostile files of sysstat, in all their forms: each record is read, and nothing of it is more than a number.
#![no_main]

use jiff::Timestamp;
use jiff::tz::TimeZone;
use keelguard_signs::read::sysstat::Reader;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let now = Timestamp::from_second(1_795_600_000).unwrap_or_default();
    let Ok(mut reader) = Reader::new(Box::new(std::io::Cursor::new(bytes.to_vec())), &TimeZone::UTC, now) else { return };
    // A record takes its bytes: none is made of nothing.
    let mut records = 0_usize;
    while let Ok(Some(record)) = reader.next_record() {
        records += 1;
        assert!(records <= bytes.len());
        assert!(record.samples().all(|sample| sample.value.is_finite()));
    }
});
