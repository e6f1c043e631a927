//! `keelguard iam facts`: what is known of accounts, as JSON without secrets.

use anyhow::Result;

use crate::cli::{Global, IamFacts};
use crate::commands::progress::say;
use crate::exit::Exit;
use crate::{account, output};

pub(super) fn run(global: &Global, arguments: &IamFacts) -> Result<Exit> {
    let settings = crate::commands::settings(global, Vec::new())?;
    let facts = account::load(&arguments.source, &settings)?;
    let to_file = arguments.destination.output.as_deref();
    output::write(to_file, |out| {
        facts.write(out)?;
        Ok(writeln!(out)?)
    })?;
    if let Some(file) = to_file {
        say(&settings, &format!("keelguard: wrote {}", file.display()));
    }
    let count = facts.incomplete.len();
    if count == 0 {
        return Ok(Exit::Done);
    }
    say(&settings, &format!("keelguard: {count} things could not be read; the facts name them under \"Incomplete\""));
    Ok(Exit::Partial)
}
