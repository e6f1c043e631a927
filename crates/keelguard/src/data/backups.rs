//! The backups of this host: those that the settings name, and those that are found.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use jiff::Timestamp;
use keelguard_model::{Area, Incomplete};
use keelguard_signs::data::Looked;
use keelguard_signs::data::backup::{self, Backup, Options};

use super::Depth;
use crate::settings::{Settings, did_you_mean};

/// How deep backups lie below the places in which they are looked for.
const DEEPEST: usize = 3;

/// How thoroughly backups are looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct How {
    /// Whether repositories are checked and weighed.
    pub(crate) checks: bool,
    /// So many files of each are restored.
    pub(crate) drill: usize,
}

/// All of them; `check` asks only how old they are.
pub(crate) fn look(depth: Depth, settings: &Settings) -> Result<Looked> {
    look_at(&[], How { checks: depth == Depth::Whole, drill: 0 }, settings)
}

/// Those of these names or in these folders; all where none are named.
pub(crate) fn look_at(names: &[String], how: How, settings: &Settings) -> Result<Looked> {
    let options = Options {
        host: super::host(),
        now: Timestamp::now(),
        time: settings.seconds("backup_timeout"),
        check_time: settings.seconds("backup_check_timeout"),
        checks: how.checks,
        drill: how.drill,
        scratch: std::env::temp_dir(),
    };
    let mut looked = Looked::default();
    let mut chosen: Vec<Backup> = settings.backups.clone();
    if names.is_empty() {
        let places: Vec<PathBuf> = settings.list("backup_places").into_iter().map(PathBuf::from).collect();
        chosen.extend(found(&places, &options, settings, &mut looked));
    } else {
        chosen.retain(|backup| names.contains(&backup.name));
        for name in names.iter().filter(|name| !settings.backups.iter().any(|backup| backup.name == **name)) {
            if !Path::new(name).is_absolute() {
                let known = settings.backups.iter().map(|backup| backup.name.as_str());
                bail!("look at the backup {name:?}: no [[backups]] has this name{}", did_you_mean(name, known));
            }
            let more = found(&[PathBuf::from(name)], &options, settings, &mut looked);
            if more.is_empty() {
                let why =
                    "there is no repository and no folder of dumps that is known here; say what it is in [[backups]]";
                looked.incomplete.push(Incomplete::new(Area::Data, name, why));
            }
            chosen.extend(more);
        }
    }
    if chosen.is_empty() {
        looked.unset.push(backup::unset());
    }
    looked.join(backup::look(&chosen, &options));
    Ok(looked)
}

/// What lies there and is not named in the settings.
fn found(places: &[PathBuf], options: &Options, settings: &Settings, looked: &mut Looked) -> Vec<Backup> {
    let places: Vec<PathBuf> = places.iter().filter(|place| place.parent().is_some()).cloned().collect();
    let Some(mut found) = backup::discover(&places, DEEPEST, options.time) else {
        let why = format!(
            "a filesystem did not answer for {} seconds; name the others in backup_places",
            options.time.as_secs()
        );
        looked.incomplete.push(Incomplete::new(Area::Data, "backups", why));
        return Vec::new();
    };
    let is_named = |place: &str| settings.backups.iter().any(|backup| Path::new(&backup.place) == Path::new(place));
    found.retain(|backup| !is_named(&backup.place));
    found
}
