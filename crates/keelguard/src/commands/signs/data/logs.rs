//! `keelguard signs data logs`: logs that somebody has laid hands on.

use anyhow::Result;
use jiff::Timestamp;

use super::super::told;
use crate::cli::{DataLogs, Global};
use crate::commands::progress::Progress;
use crate::data::logs::{self, Memory};
use crate::data::{self, Depth};
use crate::exit::Exit;

pub(super) fn run(global: &Global, arguments: &DataLogs) -> Result<Exit> {
    let settings = crate::commands::settings(global, told::flags(&arguments.view))?;
    let memory = if arguments.no_state { Memory::Leave } else { Memory::Keep };
    let report = {
        let _progress = Progress::begin(&settings, "Reading logs");
        data::report(logs::look_at(&arguments.files, Depth::Whole, memory, &settings)?)
    };
    told::show(report, arguments.format.unwrap_or_default(), &arguments.view, &settings, Timestamp::now())
}
