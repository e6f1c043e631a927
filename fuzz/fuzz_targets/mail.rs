//! A mail of hostile bytes: taken apart, decoded, judged with reasons.
#![no_main]

use std::sync::OnceLock;

use keelguard_signs::spam::mail::{Message, shown};
use keelguard_signs::spam::{Classifier, Form, Workroom};
use libfuzzer_sys::fuzz_target;

static CLASSIFIER: OnceLock<Classifier> = OnceLock::new();

thread_local! {
    static ROOM: std::cell::RefCell<Workroom> = std::cell::RefCell::default();
}

fuzz_target!(|bytes: &[u8]| {
    let message = Message::parse(bytes);
    let _ = message.field("subject").map(shown::value);
    for part in &message.parts.leaves {
        assert!(part.decoded(10_000).len() <= 10_000);
    }
    let classifier = CLASSIFIER.get_or_init(|| Classifier::built_in().expect("the weights"));
    let score = ROOM.with_borrow_mut(|room| classifier.judge(Form::Mail, bytes, 3, room).score);
    assert!(score > 0.0 && score < 1.0);
});
