//! Hostile lines of the audit log and of syslog, and hostile JSON.
#![no_main]

use keelguard_rules::events::audit::Audit;
use keelguard_rules::events::syslog::{self, Reference};
use keelguard_rules::events::{Event, Source};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let reference = Reference { until: jiff::civil::date(2026, 11, 24), offset: jiff::tz::Offset::UTC };
    let mut audit = Audit::default();
    for line in text.lines() {
        audit.line(line, |event| {
            let _ = event.fields().len();
        });
        let _ = syslog::event(line, reference);
    }
    audit.finish(|_| {});
    if let Ok(json) = serde_json::from_str(&text) {
        let _ = Event::from_json(Source::default(), &json);
    }
});
