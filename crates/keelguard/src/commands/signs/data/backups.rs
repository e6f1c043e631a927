//! `keelguard signs data backups`: whether backups could save anybody.

use anyhow::Result;
use jiff::Timestamp;

use super::super::told;
use crate::cli::{DataBackups, Global};
use crate::commands::progress::{Progress, say};
use crate::data;
use crate::data::backups::{self, How};
use crate::exit::Exit;

pub(super) fn run(global: &Global, arguments: &DataBackups) -> Result<Exit> {
    let settings = crate::commands::settings(global, told::flags(&arguments.view))?;
    let how = How { checks: !arguments.quick, drill: arguments.drill };
    let looked = {
        let _progress = Progress::begin(&settings, "Asking backups");
        backups::look_at(&arguments.names, how, &settings)?
    };
    for unset in &looked.unset {
        say(&settings, &format!("keelguard: not looked at: {}: {}", unset.what, unset.why));
    }
    let report = data::report(looked);
    told::show(report, arguments.format.unwrap_or_default(), &arguments.view, &settings, Timestamp::now())
}
