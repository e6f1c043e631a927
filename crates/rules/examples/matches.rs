//! Holds events against a folder of Sigma rules: prints for each event, a JSON object a line on standard input, the ids of the rules
//! that match. The field `_category` or `_service` names its log.
//!
//!     cargo run --release -p keelguard-rules --example matches -- FOLDER < events.jsonl
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example shows what it does")]

use std::error::Error;
use std::io::{Read as _, stdin};
use std::path::Path;
use std::time::Instant;

use keelguard_rules::Sigma;
use keelguard_rules::events::{Event, Source};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("give a folder of rules")?;
    let (mut sigma, unusable) = Sigma::load(Path::new(&folder));
    for each in unusable {
        eprintln!("{each}");
    }
    let mut text = String::new();
    stdin().read_to_string(&mut text)?;
    let objects = text.lines().map(serde_json::from_str).collect::<Result<Vec<serde_json::Value>, _>>()?;
    let name = |object: &'_ serde_json::Value, key| object.get(key).and_then(|name| name.as_str().map(str::to_owned));
    let names: Vec<_> = objects.iter().map(|object| (name(object, "_category"), name(object, "_service"))).collect();
    let events: Vec<Event<'_>> = objects
        .iter()
        .zip(&names)
        .map(|(object, (category, service))| {
            let source = Source {
                product: "linux".into(),
                category: category.as_deref().unwrap_or_default().into(),
                service: service.as_deref().unwrap_or_default().into(),
                ..Source::default()
            };
            Event::from_json(source, object).ok_or("a line is no object, or too large")
        })
        .collect::<Result<_, _>>()?;
    let start = Instant::now();
    let found: Vec<_> = events.iter().map(|event| sigma.run(event)).collect();
    eprintln!("{} events in {:.3} s", events.len(), start.elapsed().as_secs_f64());
    for matches in found {
        let mut ids: Vec<&str> = matches.iter().map(|found| found.rule.id.as_str()).collect();
        ids.sort_unstable();
        println!("{}", ids.join(","));
    }
    Ok(())
}
