//! Hostile answers of a Prometheus server: whatever comes is judged within bounds, or refused in words.
#![no_main]

use jiff::tz::TimeZone;
use keelguard_model::{Subject, SubjectKind};
use keelguard_signs::performance::node::findings;
use keelguard_signs::performance::read::prometheus::Answers;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut answers = Answers::default();
    if let Err(error) = answers.take("query", bytes) {
        assert!(!error.to_string().is_empty());
        return;
    }
    let gathered = answers.judge();
    assert!(gathered.values <= bytes.len() as u64);
    for (name, node) in &gathered.nodes {
        findings(node, &Subject::new(SubjectKind::Host, name.clone()), &TimeZone::UTC);
    }
});
