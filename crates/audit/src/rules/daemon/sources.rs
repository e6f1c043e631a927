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

/// How the collector says that the file was changed and not read again.
const UNREAD: &str = "changed after the daemon started";

/// The command that reads the file as the engine would; before 23 the engine had none.
fn check(facts: &Facts, file: &str) -> String {
    let version = facts.engine.as_ref().map_or("", |engine| engine.info.server_version.as_str());
    let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    let program =
        if major.is_some_and(|major| major < 23) { "python3 -m json.tool" } else { "dockerd --validate --config-file" };
    format!("{program} {}", keelguard_model::text::shell_word(file))
}

pub(crate) fn findings(facts: &Facts) -> Vec<Finding> {
    let daemon = &facts.host.daemon;
    let mut found = Vec::new();
    let file = daemon.file.clone().unwrap_or_else(|| "/etc/docker/daemon.json".to_owned());
    // A file that may not be read is a gap, which the collector reports, not a fault of the file.
    if let Some(error) = daemon.file_error.as_ref().filter(|error| !error.starts_with("it cannot be read")) {
        found.push(rule::DAEMON_FILE_BROKEN.on(Subject::engine()).evidence(&file, error).command(check(facts, &file)));
    }
    if !daemon.conflicts.is_empty() {
        let mut finding = rule::DAEMON_CONFLICT.on(Subject::engine());
        for conflict in daemon.conflicts.iter().take(SHOWN) {
            finding = finding.evidence("configuration", conflict);
        }
        if daemon.conflicts.len() > SHOWN {
            finding = finding.evidence("configuration", format!("and {} more", daemon.conflicts.len() - SHOWN));
        }
        finding = finding.command(check(facts, &file));
        if daemon.conflicts.iter().any(|conflict| conflict.contains(UNREAD)) {
            finding = finding.command("systemctl restart docker");
        }
        found.push(finding);
    }
    found
}
