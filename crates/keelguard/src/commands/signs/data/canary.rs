//! `keelguard signs data canary`: decoys are planted, checked, listed and taken away.

use anyhow::{Context as _, Result};
use jiff::Timestamp;

use super::super::told;
use crate::cli::{CanaryCommand, Global};
use crate::data::{self, Depth, canaries};
use crate::exit::Exit;
use crate::output;

pub(super) fn run(global: &Global, command: &CanaryCommand) -> Result<Exit> {
    if let CanaryCommand::Check { format, view } = command {
        let settings = crate::commands::settings(global, told::flags(view))?;
        let mut looked = canaries::look(Depth::Whole, &settings)?;
        looked.incomplete.append(&mut looked.unset);
        return told::show(data::report(looked), format.unwrap_or_default(), view, &settings, Timestamp::now());
    }
    let settings = crate::commands::settings(global, Vec::new())?;
    let file = canaries::record(&settings).context("remember decoys: set KEELGUARD_DATA_DIR")?;
    let mut planted = canaries::read(&settings)?;
    let shown = match command {
        CanaryCommand::Plant { trees } => {
            let mut new = Vec::new();
            let mut failed = None;
            for tree in trees {
                match planted.plant(tree, Timestamp::now()) {
                    Ok(more) => new.extend(more),
                    Err(error) => failed = failed.or(Some(error)),
                }
            }
            // What was planted is written down, whatever went wrong elsewhere.
            planted.write(&file)?;
            if let Some(error) = failed {
                return Err(error.into());
            }
            new
        }
        CanaryCommand::Remove { trees } => {
            let gone = planted.remove(trees);
            planted.write(&file)?;
            gone
        }
        _ => planted.decoys.iter().map(|decoy| decoy.path.clone()).collect(),
    };
    output::write(None, |out| {
        for path in shown {
            writeln!(out, "{}", keelguard_model::text::printable(&path.display().to_string()))?;
        }
        Ok(())
    })?;
    Ok(Exit::Done)
}
