//! Exit codes: part of the contract with scripts.

use std::process::ExitCode;

use keelguard_model::text::printable;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// Findings at or above `--fail-on`.
    Findings = 1,
    /// Wrong usage or configuration, or an input that cannot be used.
    Usage = 2,
    /// Done in part: something could not be looked at.
    Partial = 3,
    /// Advisories are missing or too old, so something was not looked up.
    NoAdvisories = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Prints what failed, on what, and what to do next; with `--verbose` the chain of causes. A closed pipe is success: the
/// reader has seen enough.
pub(crate) fn explain(error: &anyhow::Error, verbose: bool) -> Exit {
    let closed = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
    };
    if error.chain().any(closed) {
        return Exit::Done;
    }
    let mut causes = error.chain().map(ToString::to_string);
    let first = causes.next().unwrap_or_default();
    eprintln!("keelguard: could not {}", printable(&first));
    let causes: Vec<String> = causes.collect();
    if verbose {
        for cause in &causes {
            eprintln!("  because {}", printable(cause));
        }
    } else if !causes.is_empty() {
        eprintln!("  because {}", printable(&causes.join(": ")));
    }
    Exit::Usage
}
