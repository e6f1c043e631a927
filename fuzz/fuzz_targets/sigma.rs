//! Hostile rules of Sigma, held against an event; what is remembered of correlations goes through its saved form.
#![no_main]

use keelguard_rules::events::{Event, Source};
use keelguard_rules::{Options, Sigma};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let (mut sigma, _) = Sigma::compile([("rules.yml", text.as_ref())], &Options::default());
    let event = Event::new(Source::linux_category("process_creation"))
        .text("type=EXECVE a0=\"sh\"")
        .with("Image", "/usr/bin/dash")
        .with("CommandLine", text.as_ref())
        .with("User", "root");
    sigma.run(&event);
    let saved = serde_json::to_string(sigma.state()).expect("it can be saved");
    sigma.restore(serde_json::from_str(&saved).expect("what was saved can be read"));
    sigma.run(&event);
    sigma.finish();
});
