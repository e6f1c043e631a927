//! `keelguard signs data baseline`: what files look like now.

use anyhow::Result;
use keelguard_signs::data::tree;

use crate::cli::{DataBaseline, Global};
use crate::data::trees;
use crate::exit::Exit;
use crate::output;

pub(super) fn run(global: &Global, arguments: &DataBaseline) -> Result<Exit> {
    let settings = crate::commands::settings(global, Vec::new())?;
    let mut incomplete = Vec::new();
    output::write(arguments.destination.output.as_deref(), |out| {
        for folder in trees::named(&arguments.trees, &settings) {
            let taken = tree::take(&folder);
            writeln!(out, "{}  {} files  {}", taken.root, taken.files, folder.display())?;
            incomplete.extend(taken.incomplete);
        }
        Ok(())
    })?;
    super::super::warn(&incomplete, &settings);
    Ok(if incomplete.is_empty() { Exit::Done } else { Exit::Partial })
}
