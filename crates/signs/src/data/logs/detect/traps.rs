//! What keeps records from being kept, without a log that tells of it: links to /dev/null, histories that are switched off,
//! logs that were removed while they are written to.

use keelguard_model::{Finding, Severity, Subject, SubjectKind, rule};
use serde::{Deserialize, Serialize};

use super::tell::{MOST, name, of, word};

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trap {
    /// A log leads to /dev/null.
    LogNowhere {
        /// The log.
        path: String,
    },
    /// A user's history leads to /dev/null.
    HistoryNowhere {
        /// The user.
        user: String,
        /// The file.
        path: String,
    },
    /// A start-up file of a shell switches the history off.
    HistoryOff {
        /// The user; none where it is everybody's.
        user: Option<String>,
        /// The file.
        path: String,
        /// The line.
        line: String,
    },
    /// A history that was not empty at the last look is.
    HistoryEmptied {
        /// The user.
        user: String,
        /// The file.
        path: String,
        /// Bytes then.
        before: u64,
    },
    /// A process writes to a log that was removed.
    Unlinked {
        /// The log.
        path: String,
        /// The process.
        process: u32,
        /// Its name.
        program: String,
        /// The number of the open file.
        file: u32,
    },
    /// No log daemon runs, though there is a log that one wrote lately.
    NoDaemon {
        /// The log.
        path: String,
    },
}

/// What is to be said of them at a time, in seconds.
pub fn judge(traps: &[Trap], now: i64) -> Vec<Finding> {
    traps.iter().take(50 * MOST).map(|trap| of_trap(trap, now)).collect()
}

fn of_user(mut finding: Finding, user: &str) -> Finding {
    finding.subject = Subject::new(SubjectKind::User, user);
    finding.evidence("user", user)
}

fn of_trap(trap: &Trap, now: i64) -> Finding {
    match trap {
        Trap::LogNowhere { path } => {
            let title = format!("{} leads to /dev/null", name(path));
            of(&rule::LOG_NOWHERE, path, now, "")
                .title(title)
                .command(format!("ls -l {}", word(path)))
                .command(format!("rm {}", word(path)))
        }
        Trap::HistoryNowhere { user, path } => {
            let title = format!("The commands of {} are not kept: {} leads to /dev/null", name(user), name(path));
            of_user(of(&rule::HISTORY_GONE, path, now, "").title(title), user)
                .evidence("file", path.as_str())
                .command(format!("ls -l {}", word(path)))
        }
        Trap::HistoryOff { user, path, line } => {
            let whose = user.as_deref().map_or_else(|| "anybody".to_owned(), name);
            let title = format!("The commands of {whose} are not kept: {} switches the history off", name(path));
            let finding = of(&rule::HISTORY_GONE, path, now, line).severity(Severity::Low).title(title);
            let finding = finding.evidence("file", path.as_str()).evidence("line", line.as_str());
            let finding = finding.command(format!("grep -n -i hist {}", word(path)));
            match user {
                Some(user) => of_user(finding, user),
                None => finding,
            }
        }
        Trap::HistoryEmptied { user, path, before } => {
            let title =
                format!("The commands of {} were removed: {} is empty and had {before} bytes", name(user), name(path));
            of_user(of(&rule::HISTORY_GONE, path, now, "emptied").title(title), user)
                .evidence("file", path.as_str())
                .command(format!("stat {}", word(path)))
        }
        Trap::Unlinked { path, process, program, file } => {
            let title = format!("{} writes to {}, which was removed or replaced", name(program), name(path));
            let saved = format!("cp /proc/{process}/fd/{file} {}", word(&format!("{path}.saved")));
            of(&rule::LOG_UNLINKED, path, now, program)
                .title(title)
                .evidence("process", format!("{process} ({program})"))
                .command(saved)
                .command(format!("kill -HUP {process}"))
        }
        Trap::NoDaemon { path } => {
            let title = format!("No log daemon runs, and {} was written by one", name(path));
            of(&rule::LOGGING_STOPPED, path, now, "none runs")
                .title(title)
                .command("systemctl status rsyslog")
                .command("systemctl start rsyslog")
        }
    }
}

/// Whether a line of a start-up file of a shell switches its history off.
pub fn switches_history_off(line: &str) -> bool {
    let line = line.split('#').next().unwrap_or_default().trim();
    line.split([';', '&']).map(str::trim).any(|command| {
        let command =
            command.strip_prefix("export ").or_else(|| command.strip_prefix("declare ")).unwrap_or(command).trim();
        let command = command.strip_prefix("-x ").unwrap_or(command);
        let unquoted: String = command.chars().filter(|letter| !matches!(letter, '"' | '\'')).collect();
        let words: Vec<&str> = unquoted.split_whitespace().collect();
        matches!(
            words.as_slice(),
            ["HISTFILE=/dev/null" | "HISTFILE=" | "HISTSIZE=0" | "HISTFILESIZE=0" | "SAVEHIST=0"]
                | ["unset", "HISTFILE", ..]
                | ["set", "+o", "history"]
                | ["history", "-c", ..]
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_switches_a_history_off_is_known_from_what_sets_it_up() {
        for line in [
            "export HISTFILE=/dev/null",
            "unset HISTFILE",
            "HISTSIZE=0; export HISTSIZE",
            "  set +o history",
            "HISTFILE=\"/dev/null\" && ls",
        ] {
            assert!(switches_history_off(line), "{line}");
        }
        for line in [
            "HISTSIZE=1000",
            "HISTFILESIZE=2000 # not 0",
            "# unset HISTFILE",
            "HISTCONTROL=ignoreboth",
            "shopt -s histappend",
        ] {
            assert!(!switches_history_off(line), "{line}");
        }
    }
}
