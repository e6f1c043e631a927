//! `keelguard signs data`: what became of files, backups and logs; a file a subcommand.

mod backups;
mod baseline;
mod canary;
mod follow;
mod logs;
mod ransom;
mod verify;

use anyhow::Result;
use jiff::Timestamp;

use super::told;
use crate::cli::{Data, DataCommand, Global};
use crate::commands::progress::{Progress, say};
use crate::data::{self, Depth};
use crate::exit::Exit;

pub(super) fn run(global: &Global, arguments: &Data) -> Result<Exit> {
    match &arguments.command {
        Some(DataCommand::Baseline(arguments)) => baseline::run(global, arguments),
        Some(DataCommand::Backups(arguments)) => backups::run(global, arguments),
        Some(DataCommand::Verify(arguments)) => verify::run(global, arguments),
        Some(DataCommand::Logs(arguments)) => logs::run(global, arguments),
        Some(DataCommand::Ransom(arguments)) => ransom::run(global, arguments),
        Some(DataCommand::Canary(arguments)) => canary::run(global, &arguments.command),
        None if arguments.follow => follow::run(global, arguments),
        None => all(global, arguments),
    }
}

/// Every part that is configured, as one report.
fn all(global: &Global, arguments: &Data) -> Result<Exit> {
    let settings = crate::commands::settings(global, told::flags(&arguments.view))?;
    let looked = {
        let _progress = Progress::begin(&settings, "Looking at files, backups and logs");
        data::look(Depth::Whole, &settings)?
    };
    for unset in &looked.unset {
        say(&settings, &format!("keelguard: not looked at: {}: {}", unset.what, unset.why));
    }
    let report = data::report(looked);
    told::show(report, arguments.format.unwrap_or_default(), &arguments.view, &settings, Timestamp::now())
}
