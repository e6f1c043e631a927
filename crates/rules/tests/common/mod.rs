//! Rules and events in few words.
#![allow(dead_code, clippy::unwrap_used, reason = "each test file takes what it needs, and helpers are tests, too")]

use keelguard_rules::events::{Event, Source};
use keelguard_rules::{Match, Options, Sigma, Unusable};

/// A rule for Linux with this `detection`, each line of it indented as it stands.
pub fn rule(title: &str, detection: &str) -> String {
    let detection: String = detection.lines().map(|line| format!("    {line}\n")).collect();
    format!("title: {title}\nname: {title}\nlogsource:\n    product: linux\ndetection:\n{detection}")
}

/// A rule whose one selection has this field and value.
pub fn with(field: &str) -> String {
    rule("a_rule", &format!("selection:\n    {field}\ncondition: selection"))
}

pub fn compile(text: &str) -> (Sigma, Vec<Unusable>) {
    Sigma::compile([("rules.yml", text)], &Options::default())
}

/// All of them usable.
pub fn sigma(text: &str) -> Sigma {
    let (sigma, unusable) = compile(text);
    assert!(unusable.is_empty(), "{unusable:#?}\n{text}");
    sigma
}

/// An event of Linux with these fields.
pub fn event<'a>(fields: &[(&'a str, &'a str)]) -> Event<'a> {
    let start = Event::new(Source { product: "linux".into(), ..Source::default() });
    fields.iter().fold(start, |event, (name, value)| event.with(*name, *value))
}

/// At so many seconds.
pub fn at<'a>(seconds: i64, fields: &[(&'a str, &'a str)]) -> Event<'a> {
    event(fields).at(jiff::Timestamp::from_second(1_700_000_000 + seconds).unwrap())
}

pub fn titles(matches: &[Match]) -> Vec<&str> {
    matches.iter().map(|found| found.rule.title.as_str()).collect()
}

/// Whether the one rule matches the event.
pub fn matches(rule: &str, event: &Event<'_>) -> bool {
    !sigma(rule).run(event).is_empty()
}

/// Why a rule cannot be used.
pub fn refused(text: &str) -> String {
    let (_, unusable) = compile(text);
    assert!(!unusable.is_empty(), "can be used:\n{text}");
    unusable.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
