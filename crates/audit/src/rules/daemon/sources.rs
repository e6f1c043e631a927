//! Where the engine's settings come from: a file that does not parse, sources that contradict each other.

use keelguard_host::Facts;
use keelguard_model::{Finding, Subject, rule};

use crate::remedy::{Change, Remedy};

pub(crate) const REMEDIES: &[Remedy] = &[
    Remedy { rule: &rule::DAEMON_FILE_BROKEN, change: Change::Own(|facts, _| facts.host.daemon.file_error = None) },
    Remedy { rule: &rule::DAEMON_CONFLICT, change: Change::Own(|facts, _| facts.host.daemon.conflicts.clear()) },
];

/// Conflicts beyond these are counted, not listed.
const SHOWN: usize = 20;

pub(crate) fn findings(facts: &Facts) -> Vec<Finding> {
    let daemon = &facts.host.daemon;
    let mut found = Vec::new();
    let file = daemon.file.clone().unwrap_or_else(|| "/etc/docker/daemon.json".to_owned());
    // A file that may not be read is a gap, which the collector reports, not a fault of the file.
    if let Some(error) = daemon.file_error.as_ref().filter(|error| !error.starts_with("it cannot be read")) {
        found.push(
            rule::DAEMON_FILE_BROKEN
                .on(Subject::engine())
                .evidence(&file, error)
                .command(format!("dockerd --validate --config-file {}", keelguard_model::text::shell_word(&file))),
        );
    }
    if !daemon.conflicts.is_empty() {
        let mut finding = rule::DAEMON_CONFLICT.on(Subject::engine());
        for conflict in daemon.conflicts.iter().take(SHOWN) {
            finding = finding.evidence("configuration", conflict);
        }
        if daemon.conflicts.len() > SHOWN {
            finding = finding.evidence("configuration", format!("and {} more", daemon.conflicts.len() - SHOWN));
        }
        found.push(finding.command("dockerd --validate"));
    }
    found
}
