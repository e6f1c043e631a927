//! `keelguard signs data verify`: what became of files since their baseline.

use anyhow::Result;
use jiff::Timestamp;

use super::super::told;
use crate::cli::{DataVerify, Global};
use crate::commands::progress::Progress;
use crate::data::{self, Depth, trees};
use crate::exit::Exit;

pub(super) fn run(global: &Global, arguments: &DataVerify) -> Result<Exit> {
    let settings = crate::commands::settings(global, told::flags(&arguments.view))?;
    let looked = {
        let _progress = Progress::begin(&settings, "Reading files");
        trees::look(Depth::Whole, &settings)?
    };
    let report = data::report(looked);
    told::show(report, arguments.format.unwrap_or_default(), &arguments.view, &settings, Timestamp::now())
}
