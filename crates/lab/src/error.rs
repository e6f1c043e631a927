//! What can go wrong with a lab, in sentences that say what to do.

use std::path::PathBuf;

/// Why the lab could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// Namespaces, mounts and cgroups need root.
    #[error("the lab needs root, to start an engine of its own")]
    NotRoot,
    /// No cgroup hierarchy takes a new folder.
    #[error("the lab needs cgroups that it may write, and found none: {why}")]
    NoCgroups {
        /// What was tried.
        why: String,
    },
    /// Programs are missing and may not be installed.
    #[error(
        "the lab needs programs that are not installed here: {}; `scripts/install-deps --test` installs them",
        what.join(", ")
    )]
    Missing {
        /// Names of the programs.
        what: Vec<String>,
    },
    /// The installation failed.
    #[error("could not install what the lab needs: {why}")]
    Install {
        /// Last lines of the installer.
        why: String,
    },
    /// Unix sockets have short names: 108 bytes in all.
    #[error("could not put the lab into {dir}: the path is longer than {limit} bytes, too long for a socket below it")]
    PathTooLong {
        /// The directory that was asked for.
        dir: PathBuf,
        /// The longest that works.
        limit: usize,
    },
    /// The directory is in use.
    #[error("could not put the lab into {dir}: it exists already; take the lab down first or choose another directory")]
    DirectoryTaken {
        /// The directory.
        dir: PathBuf,
    },
    /// The directory holds no lab.
    #[error("{dir} holds no lab")]
    NotALab {
        /// The directory.
        dir: PathBuf,
    },
    /// A program of the engine did not come up.
    #[error("{program} did not come up within {seconds} s; its last words: {log}")]
    Start {
        /// The program.
        program: &'static str,
        /// How long was waited, in seconds.
        seconds: u64,
        /// Last lines of its log.
        log: String,
    },
    /// The engine refused.
    #[error("`docker {command}` failed: {why}")]
    Docker {
        /// The command's arguments.
        command: String,
        /// What the engine said.
        why: String,
    },
    /// The engine did not answer in time.
    #[error("`docker {command}` did not end within {seconds} s")]
    Timeout {
        /// The command's arguments.
        command: String,
        /// How long was waited, in seconds.
        seconds: u64,
    },
    /// Something of the lab is still there after it was taken down.
    #[error("could not take the lab in {dir} down: {what}")]
    Left {
        /// The lab's directory.
        dir: PathBuf,
        /// What is left.
        what: String,
    },
    /// A file or a program could not be used.
    #[error("could not {doing}")]
    Io {
        /// What was being done, on what.
        doing: String,
        /// The system's reason.
        source: std::io::Error,
    },
}

impl LabError {
    /// For `map_err`: what was being done when the system refused.
    pub(crate) fn io(doing: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { doing: doing.into(), source }
    }
}
