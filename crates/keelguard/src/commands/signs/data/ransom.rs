//! `keelguard signs data ransom`: whether ransomware has been in a tree.

use anyhow::{Result, bail};
use jiff::Timestamp;

use super::super::told;
use crate::cli::{DataRansom, Global};
use crate::commands::progress::Progress;
use crate::data::{self, Depth, canaries, ransom, trees};
use crate::exit::Exit;

pub(super) fn run(global: &Global, arguments: &DataRansom) -> Result<Exit> {
    let settings = crate::commands::settings(global, told::flags(&arguments.view))?;
    let folders = trees::folders(&arguments.trees, &settings)?;
    if folders.is_empty() && arguments.audit.is_empty() {
        bail!("look for ransomware: name folders (keelguard signs data ransom /srv /home), or set data_trees");
    }
    let looked = {
        let _progress = Progress::begin(&settings, "Looking at files");
        let mut looked = ransom::trees(&folders);
        looked.join(ransom::audit(&arguments.audit));
        looked.join(canaries::look(Depth::Whole, &settings)?);
        looked
    };
    told::show(data::report(looked), arguments.format.unwrap_or_default(), &arguments.view, &settings, Timestamp::now())
}
