//! `keelguard signs performance`: what is unlike itself.

mod follow;
mod scores;

use anyhow::{Result, bail};
use keelguard_report::SignFormat;

use super::told;
use crate::cli::{Global, Performance};
use crate::exit::Exit;

pub(super) fn run(global: &Global, arguments: &Performance) -> Result<Exit> {
    let settings = crate::commands::settings(global, told::flags(&arguments.view))?;
    let format = arguments.format.unwrap_or_default();
    if arguments.follow {
        return follow::run(format, arguments, &settings);
    }
    let Some(series) = &arguments.series else {
        bail!("look at nothing: name a series; keelguard signs performance --series FILE.csv");
    };
    if format == SignFormat::Csv {
        return scores::run(series, arguments, &settings);
    }
    bail!("print findings of a series yet; use --format csv")
}
