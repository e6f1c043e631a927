//! Hostile mail and texts, looked at for lures; and texts that are put together into campaigns.
#![no_main]

use keelguard_signs::spam::campaign::{Campaigns, Source};
use keelguard_signs::spam::lure;
use keelguard_signs::spam::mail::Message;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let own = ["keelhaven.example".to_owned()];
    assert!(lure::of_mail(&Message::parse(bytes), &own).len() <= 20);
    let text = String::from_utf8_lossy(bytes);
    let _ = lure::of_text(&text, &own);
    let _ = lure::look_alike(&text, &own);
    let mut campaigns = Campaigns::new(16);
    for (number, line) in (0i64..).zip(text.lines().take(100)) {
        assert!(campaigns.see(Source::Mail, number, "x", line) >= 1);
    }
    let _ = campaigns.findings();
});
