//! `keelguard signs spam`: which messages are spam, and why.

mod judge;
mod learn;
mod logs;
mod seen;

use anyhow::{Result, bail};
use keelguard_signs::spam::Form;

use super::{told, warn};
use crate::cli::{Global, Spam, SpamCommand, SpamKind};
use crate::exit::Exit;

pub(super) fn run(global: &Global, arguments: &Spam) -> Result<Exit> {
    if let Some(SpamCommand::Learn(arguments)) = &arguments.command {
        return learn::run(global, arguments);
    }
    if let Some(SpamCommand::Logs(arguments)) = &arguments.command {
        return logs::run(global, arguments);
    }
    if arguments.paths.is_empty() {
        bail!(
            "judge messages: name files or folders of them, or - for standard input; this host's mail logs are judged by keelguard signs spam logs"
        );
    }
    let settings = crate::commands::settings(global, told::flags(&arguments.view))?;
    judge::run(arguments, &settings)
}

/// As what messages are read.
fn form(kind: Option<SpamKind>) -> Option<Form> {
    kind.map(|kind| match kind {
        SpamKind::Mail => Form::Mail,
        SpamKind::Text => Form::Text,
    })
}
