//! Trees against their baseline.

use std::path::PathBuf;

use anyhow::Result;
use keelguard_model::{Area, Incomplete};
use keelguard_signs::data::Looked;

use super::Depth;
use crate::settings::Settings;

/// The folders that were named, else those of the settings.
pub(crate) fn named(names: &[String], settings: &Settings) -> Vec<PathBuf> {
    let names = if names.is_empty() { settings.list("data_trees") } else { names.to_vec() };
    names.into_iter().map(PathBuf::from).collect()
}

/// What became of the trees since their baseline.
#[expect(clippy::unnecessary_wraps)]
pub(crate) fn look(_depth: Depth, _settings: &Settings) -> Result<Looked> {
    let why = "there is no baseline of this host's files to hold them against; make one: keelguard signs data baseline --key FILE";
    Ok(Looked { unset: vec![Incomplete::new(Area::Data, "files", why)], ..Looked::default() })
}
