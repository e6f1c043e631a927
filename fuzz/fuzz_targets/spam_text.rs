//! A short text of hostile bytes, judged with reasons; and what was learnt, read from hostile bytes.
#![no_main]

use std::sync::OnceLock;

use keelguard_signs::spam::learn::Learnt;
use keelguard_signs::spam::{Classifier, Form, Workroom};
use libfuzzer_sys::fuzz_target;

static CLASSIFIER: OnceLock<Classifier> = OnceLock::new();

fuzz_target!(|bytes: &[u8]| {
    let classifier = CLASSIFIER.get_or_init(|| Classifier::built_in().expect("the weights"));
    let score = classifier.judge(Form::Text, bytes, 3, &mut Workroom::default()).score;
    assert!(score > 0.0 && score < 1.0);
    let _ = Learnt::from_bytes(bytes);
});
