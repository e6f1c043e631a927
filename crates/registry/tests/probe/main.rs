//! Registries that are asked: real ones in each set-up, and hostile ones of the tests' own.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may end in a panic")]
#![allow(clippy::format_push_string, reason = "headers are short")]
#![allow(clippy::print_stderr, reason = "what is skipped is said")]
#![allow(dead_code, reason = "the server is shared with other tests")]

mod hostile;
mod lab;
mod real;
#[path = "../../../image/tests/registry/server.rs"]
mod server;
mod vendors;

use std::path::PathBuf;
use std::time::Duration;

use keelguard_distribution::Access;
use keelguard_model::registry::Probe;
use keelguard_model::{Finding, Incomplete};
use keelguard_registry::collect::{self, Options, Target};
use keelguard_registry::rules;

/// Asks as the command does, with nothing of this machine's own.
fn options() -> Options {
    let access = Access {
        credentials: Vec::new(),
        certificates: PathBuf::from("/nonexistent"),
        silence: Duration::from_secs(5),
        retries: 0,
        ..Access::default()
    };
    Options { access, total: Duration::from_secs(30), ..Options::default() }
}

/// What came of asking one registry.
struct Asked {
    /// The registry.
    probe: Probe,
    /// What could not be looked at.
    gaps: Vec<Incomplete>,
    /// What is wrong.
    findings: Vec<Finding>,
}

impl Asked {
    /// The ids of its findings.
    fn rules(&self) -> Vec<&str> {
        let mut rules: Vec<&str> = self.findings.iter().map(|finding| finding.rule.as_str()).collect();
        rules.sort_unstable();
        rules
    }

    /// All gaps in one text.
    fn missed(&self) -> String {
        self.gaps.iter().map(|gap| format!("{}: {}\n", gap.what, gap.why)).collect()
    }

    /// All that was said, in one text.
    fn said(&self) -> String {
        format!(
            "{}{}{}",
            serde_json::to_string(&self.probe).unwrap(),
            serde_json::to_string(&self.findings).unwrap(),
            self.missed()
        )
    }
}

/// Asks what a user types.
fn ask(url: &str, options: &Options) -> Asked {
    ask_target(Target::parse(url).unwrap(), options)
}

/// Asks what something names.
fn ask_target(target: Target, options: &Options) -> Asked {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (mut probes, gaps) = runtime.block_on(collect::probe(vec![target], options));
    let findings = rules::of_probes(&probes, jiff::Timestamp::now());
    Asked { probe: probes.remove(0), gaps, findings }
}
