//! What a command gives away about whoever runs it: rules of sudo, keys, and logs that are erased.

/// What a command does that matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// It touches the rules of sudo.
    Rules,
    /// It touches keys that may log in.
    Keys,
    /// It erases logs, or the record of commands, or keeps it from being written.
    LogsErased,
}

/// Programs that write to files that they are given.
const WRITERS: &[&str] =
    &["tee", "vi", "vim", "vim.basic", "nano", "sed", "cp", "mv", "install", "dd", "sh", "bash", "ed", "emacs"];
const ERASERS: &[&str] = &["rm", "shred", "srm", "truncate", "unlink", "wipe"];
const SHELLS: &[&str] = &["sh", "bash", "dash", "ash", "zsh", "ksh"];
/// Logs that nobody writes by hand.
const LOGS: &[&str] = &[
    "/var/log/auth.log",
    "/var/log/secure",
    "/var/log/syslog",
    "/var/log/messages",
    "/var/log/wtmp",
    "/var/log/btmp",
    "/var/log/lastlog",
    "/var/log/audit/audit.log",
    "/var/run/utmp",
    "/run/utmp",
];
/// How deep commands are looked for in commands.
const DEEPEST: u8 = 3;

/// What a command does, if it is any of it.
pub(crate) fn deed_of(command: &str) -> Option<Deed> {
    deed(command.get(..2048).unwrap_or(command).trim(), DEEPEST)
}

fn deed(command: &str, depth: u8) -> Option<Deed> {
    let mut words = command.split_ascii_whitespace().skip_while(|word| is_before_a_program(word));
    let program = words.next().map(|word| word.trim_matches(['"', '\'', '(', '{'])).unwrap_or_default();
    let program = program.rsplit('/').next().unwrap_or(program);
    let touches = |place: &str| command.contains(place);
    if hides_history(command, program) {
        return Some(Deed::LogsErased);
    }
    // A shell that is given a command: what counts is the command.
    if SHELLS.contains(&program)
        && depth > 0
        && let Some((_, inner)) = command.split_once(" -c ")
        && let Some(found) = inner.split([';', '|', '&', '\n']).take(64).find_map(|part| {
            let part = part.trim().trim_matches(['"', '\'']);
            deed(part, depth - 1)
        })
    {
        return Some(found);
    }
    let writes = WRITERS.contains(&program);
    let erases = ERASERS.contains(&program);
    match program {
        "visudo" => Some(Deed::Rules),
        "journalctl" if touches("--vacuum") || touches("--rotate") => Some(Deed::LogsErased),
        _ if erases && (touches("/var/log/") || touches("_history")) => Some(Deed::LogsErased),
        // Nothing in place of what was there.
        "cp" | "ln" | "mv" if touches("/dev/null") && (touches("/var/log/") || touches("_history")) => {
            Some(Deed::LogsErased)
        }
        _ if empties(command, program) => Some(Deed::LogsErased),
        _ if (writes || erases) && touches("/etc/sudoers") => Some(Deed::Rules),
        _ if writes && touches("authorized_keys") => Some(Deed::Keys),
        _ => None,
    }
}

/// Words that stand before the program: `sudo`, `env`, variables.
fn is_before_a_program(word: &str) -> bool {
    let variable = word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    });
    variable
        || matches!(word, "sudo" | "env" | "nohup" | "command" | "builtin" | "exec" | "/usr/bin/sudo" | "/usr/bin/env")
}

/// The record of commands is cleared, or not written.
fn hides_history(command: &str, program: &str) -> bool {
    let mut words = command.split_ascii_whitespace().map(|word| word.trim_matches(['"', '\'', ';']));
    match program {
        "history" => words
            .take_while(|word| *word != "|")
            .any(|word| word.starts_with('-') && !word.starts_with("--") && word.contains(['c', 'd'])),
        "unset" => words.any(|word| matches!(word, "HISTFILE" | "HISTSIZE" | "HISTFILESIZE")),
        "set" => command.contains("+o history"),
        _ => {
            // Only before a program or behind `export`: an argument of this form says nothing.
            let before =
                words.take_while(|word| is_before_a_program(word) || matches!(*word, "export" | "declare" | "-x"));
            before.into_iter().any(|word| {
                matches!(
                    word,
                    "HISTFILE="
                        | "HISTFILE=/dev/null"
                        | "HISTSIZE=0"
                        | "HISTFILESIZE=0"
                        | "HISTSIZE="
                        | "HISTFILESIZE="
                )
            })
        }
    }
}

/// A log of logins is overwritten: `> /var/log/auth.log`, `dd of=/var/log/wtmp`, `tee /var/log/wtmp`.
fn empties(command: &str, program: &str) -> bool {
    LOGS.iter().any(|log| {
        command.match_indices(log).any(|(at, found)| {
            let ends = command.get(at + found.len()..).is_none_or(|rest| !rest.starts_with(['.', '-']));
            let before = command.get(..at).unwrap_or_default().trim_end();
            let appends = before.ends_with(">>");
            let over = before.ends_with('>') && !appends || before.ends_with("of=");
            ends && (over || program == "tee" && !command.contains(" -a"))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_are_erased_in_many_ways() {
        for command in [
            "/usr/bin/rm -rf /var/log/auth.log",
            "/usr/bin/shred -u /root/.bash_history",
            "truncate -s 0 /var/log/syslog",
            "/usr/bin/bash -c history -c",
            "bash -c 'history -cw; exit'",
            "history -c",
            "history -d 12",
            "unset HISTFILE",
            "export HISTFILE=/dev/null",
            "HISTSIZE=0 bash",
            "set +o history",
            "ln -sf /dev/null /root/.bash_history",
            "cp /dev/null /var/log/wtmp",
            "sh -c cat /dev/null > /var/log/auth.log",
            "sh -c '>/var/log/lastlog'",
            "dd if=/dev/zero of=/var/log/wtmp",
            "sudo tee /var/log/btmp",
            "journalctl --vacuum-time=1s",
        ] {
            assert_eq!(deed_of(command), Some(Deed::LogsErased), "{command}");
        }
    }

    #[test]
    fn reading_and_writing_ones_own_logs_is_no_erasing() {
        for command in [
            "less /var/log/auth.log",
            "history",
            "history 20",
            "history | grep -c ssh",
            "grep HISTFILE=/dev/null /etc/profile",
            "export HISTSIZE=100000",
            "sh -c backup >> /var/log/syslog",
            "sh -c backup > /var/log/backup.log",
            "tee -a /var/log/syslog",
            "zcat /var/log/auth.log.2.gz > /tmp/x",
            "ln -s /var/log/nginx /srv/logs",
            "rm /tmp/x",
            "",
        ] {
            assert_eq!(deed_of(command), None, "{command}");
        }
    }

    #[test]
    fn rules_and_keys_are_found_in_what_a_shell_is_given() {
        assert_eq!(deed_of("sh -c echo x | tee -a /root/.ssh/authorized_keys"), Some(Deed::Keys));
        assert_eq!(deed_of("bash -c 'echo x | tee /etc/sudoers.d/x'"), Some(Deed::Rules));
        assert_eq!(deed_of("/usr/sbin/visudo"), Some(Deed::Rules));
    }
}
