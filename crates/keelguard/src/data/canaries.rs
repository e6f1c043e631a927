//! The decoys of this host: where they are written down, and whether they are as they were.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context as _, Result};
use keelguard_model::{Area, Incomplete};
use keelguard_signs::data::Looked;
use keelguard_signs::data::canary::{Planted, check};

use super::Depth;
use crate::settings::Settings;

/// The file in which they are written down.
pub(crate) fn record(settings: &Settings) -> Option<PathBuf> {
    settings.text("data_dir").map(|folder| Path::new(folder).join("canaries.json"))
}

/// When something was last planted or taken away.
pub(crate) fn changed(settings: &Settings) -> Option<SystemTime> {
    std::fs::metadata(record(settings)?).and_then(|meta| meta.modified()).ok()
}

/// What is written down.
pub(crate) fn read(settings: &Settings) -> Result<Planted> {
    let file = record(settings).context("remember decoys: set KEELGUARD_DATA_DIR")?;
    Ok(Planted::read(&file)?)
}

/// Where they are; what cannot be read holds none.
pub(crate) fn paths(settings: &Settings) -> Vec<PathBuf> {
    read(settings).map(|planted| planted.decoys.into_iter().map(|decoy| decoy.path).collect()).unwrap_or_default()
}

/// Whether they are as they were.
#[expect(clippy::unnecessary_wraps)]
pub(crate) fn look(_depth: Depth, settings: &Settings) -> Result<Looked> {
    if record(settings).is_none_or(|file| !file.exists()) {
        let why = "there are no decoys that would tell of ransomware at its first file; plant some: keelguard signs data canary plant /srv";
        return Ok(Looked { unset: vec![Incomplete::new(Area::Data, "decoys", why)], ..Looked::default() });
    }
    let planted = match read(settings) {
        Ok(planted) => planted,
        Err(error) => {
            let why = format!("could not {error:#}; if it was tampered with, plant anew");
            return Ok(Looked { incomplete: vec![Incomplete::new(Area::Data, "decoys", why)], ..Looked::default() });
        }
    };
    Ok(check(&planted, &crate::data::host()))
}
