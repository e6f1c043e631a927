//! Hostile series: each row is read and judged, and every score lies between 0 and 1; what was saved goes on as it was.
#![no_main]

use jiff::tz::TimeZone;
use keelguard_model::{Subject, SubjectKind};
use keelguard_signs::performance::node::{Node, findings};
use keelguard_signs::performance::series::Reader;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(mut reader) = Reader::new(Box::new(std::io::Cursor::new(bytes.to_vec())), None) else { return };
    let mut node = Node::default();
    let mut rows = 0_usize;
    while let Ok(Some(row)) = reader.next_row() {
        rows += 1;
        assert!(rows <= bytes.len());
        if let Ok((second, value)) = row.point {
            assert!(value.is_finite());
            let score = node.see("", second, value).score;
            assert!((0.0..=1.0).contains(&score), "{score}");
        }
    }
    let found = findings(&node, &Subject::new(SubjectKind::File, "series"), &TimeZone::UTC);
    assert!(found.len() <= 500);
});
