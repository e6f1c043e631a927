//! From what somebody asked for to what is in it and what is known to be wrong with that.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use keelguard_advisory::matching::Database;
use keelguard_image::cache::Cache;
use keelguard_image::source::manifest::Platform;
use keelguard_image::source::{self, Scheme, Spec};
use keelguard_image::{Examined, Limits};
use keelguard_model::image::{Os, Package, Vulnerability};

use crate::settings::Settings;

/// How a target is to be read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// Which of several platforms.
    pub(crate) platform: Option<String>,
    /// Whether the cache may answer.
    pub(crate) cached: bool,
}

/// Everything in the target `input`.
pub(crate) fn target(input: &str, wanted: &Wanted, settings: &Settings) -> Result<Examined> {
    let spec = Spec::parse(input)?;
    let platform = match &wanted.platform {
        Some(text) => text.parse::<Platform>().map_err(anyhow::Error::msg).context("use --platform")?,
        None => Platform::here(),
    };
    let options = source::Options { platform, limits: Limits::default(), ..source::Options::default() };
    let Some(image) = source::open(&spec, &options)? else {
        match spec.scheme {
            None => bail!(
                "find {input}: there is no such file or folder; images of engines and registries cannot be read yet, \
                 so save it first: docker save {input} | keelguard image -"
            ),
            Some(scheme @ (Scheme::Archive | Scheme::Oci | Scheme::Dir)) => {
                bail!("find {input}: there is no {}", scheme.words())
            }
            Some(scheme) => bail!("read {input}: {} cannot be read yet; use archive:, oci:, dir: or -", scheme.words()),
        }
    };
    let cache = wanted.cached.then(|| cache(settings)).flatten();
    Ok(keelguard_image::examine(&image, cache.as_ref(), &options.limits))
}

/// The cache of images, where there is a place for one.
pub(crate) fn cache(settings: &Settings) -> Option<Cache> {
    let folder = PathBuf::from(settings.text("cache_dir")?).join("images");
    Some(Cache::new(folder, settings.number("max_cache_bytes")))
}

/// Where the database of advisories lies.
pub(crate) fn advisories_folder(settings: &Settings) -> Result<PathBuf> {
    let cache = settings.text("cache_dir").context("find the advisories: set KEELGUARD_CACHE_DIR, or HOME")?;
    Ok(PathBuf::from(cache).join("advisories"))
}

/// What is known to be wrong, and what could not be looked up.
pub(crate) struct Known {
    /// The most urgent first.
    pub(crate) rows: Vec<Vulnerability>,
    /// Ecosystems of which there are no advisories.
    pub(crate) missing: Vec<String>,
    /// Ecosystems whose advisories were last brought up to date too long ago, with the days since.
    pub(crate) stale: Vec<(String, i64)>,
}

/// Looks all packages up. What a system package owns counts with that package: its distribution repairs it, and numbers
/// its versions its own way.
pub(crate) fn look_up(packages: &[Package], os: Option<&Os>, settings: &Settings, now: Timestamp) -> Result<Known> {
    let looked_up: Vec<Package> = packages.iter().filter(|package| package.owner.is_none()).cloned().collect();
    let needed = Database::needed(&looked_up, os);
    let database = Database::open(&advisories_folder(settings)?, &needed)?;
    let max_days = i64::try_from(settings.number("max_advisory_age_days")).unwrap_or(i64::MAX);
    let stale = needed.iter().filter_map(|name| {
        // The file is touched whenever its source was asked and had nothing newer.
        let asked = std::fs::metadata(database.index(name)?.path()).ok()?.modified().ok()?;
        let days = (now.as_second() - Timestamp::try_from(asked).ok()?.as_second()) / 86_400;
        (days > max_days).then(|| (name.clone(), days))
    });
    let mut missing = database.missing().to_vec();
    if looked_up.iter().any(|package| package.kind.is_system()) && os.is_none_or(|os| os.ecosystem.is_none()) {
        // Its packages are named by nobody, which is not to say that nothing is wrong with them.
        missing.push(os.map_or_else(
            || "a system that does not say which it is".into(),
            |os| format!("{} {}", os.id, os.version).trim_end().to_owned(),
        ));
    }
    Ok(Known { stale: stale.collect(), missing, rows: database.lookup_all(&looked_up, os) })
}
