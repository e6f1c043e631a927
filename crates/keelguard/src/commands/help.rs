//! `keelguard completions` and `keelguard man`, from the one definition of the command line.

use std::io::Write as _;

use anyhow::{Context as _, Result};
use clap::CommandFactory as _;

use crate::cli::{Cli, Completions, Man};
use crate::exit::Exit;
use crate::output;

pub(super) fn completions(arguments: &Completions) -> Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "keelguard", &mut script);
    output::write(None, |out| Ok(out.write_all(&script)?))?;
    Ok(Exit::Done)
}

pub(super) fn man(arguments: &Man) -> Result<Exit> {
    if let Some(folder) = &arguments.folder {
        let failed = || format!("write the man pages to {}", folder.display());
        std::fs::create_dir_all(folder).with_context(failed)?;
        clap_mangen::generate_to(Cli::command(), folder).with_context(failed)?;
        return Ok(Exit::Done);
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut page)?;
    output::write(None, |out| Ok(out.write_all(&page)?))?;
    Ok(Exit::Done)
}
