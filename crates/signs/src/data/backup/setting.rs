//! `[[backups]]` of the settings: which backups there should be.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::SignedDuration;
use serde::Deserialize;
use thiserror::Error;

/// What made a backup, and is asked about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tool {
    /// A repository of restic.
    Restic,
    /// A repository of Borg 1.
    Borg,
    /// What kopia is connected to.
    Kopia,
    /// Archives in a folder, or a copy of files.
    Folder,
    /// Dumps of databases in a folder.
    Dump,
    /// A command that prints a line for each backup: its time, its bytes, its name.
    Command,
}

/// One backup.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backup {
    /// As findings call it.
    pub name: String,
    /// What made it.
    pub kind: Tool,
    /// A folder or, for restic and Borg, any address they know. A command has none.
    #[serde(rename = "where", default)]
    pub place: String,
    /// A file that holds the password and nothing else.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// A command that prints it.
    #[serde(default)]
    pub password_command: Option<String>,
    /// How old the newest may be: 26h, 7d, 2w. Without it, its own rhythm says so.
    #[serde(default)]
    pub max_age: Option<String>,
    /// The folder of which it is a backup.
    #[serde(default)]
    pub live: Option<PathBuf>,
    /// The command of the kind `command`.
    #[serde(default)]
    pub command: Option<String>,
    /// A further command: it ends with 0 where all is well.
    #[serde(default)]
    pub check: Option<String>,
    /// Seconds for an answer.
    #[serde(default)]
    pub timeout: Option<u64>,
    /// Seconds for the check of the repository.
    #[serde(default)]
    pub check_timeout: Option<u64>,
    /// It was found, nobody has named it.
    #[serde(skip)]
    pub is_found: bool,
}

/// Why an entry cannot be used.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SettingError {
    /// A name is missing.
    #[error("it has no name")]
    NoName,
    /// `where` is missing.
    #[error("{0} has no `where`: the folder or address of the backup")]
    NoPlace(String),
    /// The command is missing.
    #[error("{0} has no `command`, which prints the time, the bytes and the name of each backup")]
    NoCommand(String),
    /// The age is none.
    #[error("{0} has max_age = {1:?}; write it as 26h, 7d or 2w")]
    Age(String, String),
}

impl Backup {
    /// Whether everything is there.
    ///
    /// # Errors
    /// What is missing.
    pub fn check(&self) -> Result<(), SettingError> {
        if self.name.trim().is_empty() {
            return Err(SettingError::NoName);
        }
        if self.kind == Tool::Command && self.command.is_none() {
            return Err(SettingError::NoCommand(self.name.clone()));
        }
        if self.place.is_empty() && !matches!(self.kind, Tool::Command | Tool::Kopia) {
            return Err(SettingError::NoPlace(self.name.clone()));
        }
        match &self.max_age {
            Some(text) if age(text).is_none() => Err(SettingError::Age(self.name.clone(), text.clone())),
            _ => Ok(()),
        }
    }

    /// One that was found.
    pub(super) fn found(kind: Tool, place: &Path) -> Self {
        let place = place.display().to_string();
        Self {
            name: place.clone(),
            kind,
            place,
            password_file: None,
            password_command: None,
            max_age: None,
            live: None,
            command: None,
            check: None,
            timeout: None,
            check_timeout: None,
            is_found: true,
        }
    }

    /// How old the newest may be.
    pub(super) fn oldest(&self) -> Option<SignedDuration> {
        self.max_age.as_deref().and_then(age)
    }

    /// The time for an answer.
    pub(super) fn time(&self, default: Duration) -> Duration {
        self.timeout.map_or(default, |seconds| Duration::from_secs(seconds.max(1)))
    }

    /// The place as it may be shown: addresses hold passwords.
    pub(super) fn shown(&self) -> String {
        without_password(&self.place)
    }
}

/// An address or a message without the `user:password@` of addresses in it.
pub(super) fn without_password(text: &str) -> String {
    let one = |word: &str| {
        let Some((scheme, rest)) = word.split_once("://") else { return word.to_owned() };
        let end = rest.find('/').unwrap_or(rest.len());
        let (server, path) = rest.split_at(end);
        match server.rsplit_once('@') {
            Some((_, server)) => format!("{scheme}://…@{server}{path}"),
            None => word.to_owned(),
        }
    };
    text.split(' ').map(one).collect::<Vec<_>>().join(" ")
}

/// `26h`, `7d`, `2w`.
fn age(text: &str) -> Option<SignedDuration> {
    let unit = text.chars().last()?;
    let number: i64 = text.strip_suffix(unit)?.parse().ok().filter(|number| *number > 0)?;
    let hours = match unit {
        'h' => 1,
        'd' => 24,
        'w' => 168,
        _ => return None,
    };
    number.checked_mul(hours).filter(|hours| *hours < 1_000_000).map(SignedDuration::from_hours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_in_addresses_are_not_shown() {
        let said = without_password("could not open rest:https://joe:s3cret@backup.example/r at all");
        assert_eq!(said, "could not open rest:https://…@backup.example/r at all");
        assert_eq!(without_password("/srv/a@b"), "/srv/a@b");
    }

    #[test]
    fn ages_are_hours_days_and_weeks_and_nothing_else() {
        assert_eq!(age("26h"), Some(SignedDuration::from_hours(26)));
        assert_eq!(age("2w"), Some(SignedDuration::from_hours(336)));
        for wrong in ["", "h", "-1h", "0d", "7", "7ä", "99999999999999999w"] {
            assert_eq!(age(wrong), None, "{wrong}");
        }
    }
}
