//! From what somebody asked for to what is in it: files here, engines and registries by name.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use keelguard_image::cache::Cache;
use keelguard_image::source::manifest::Platform;
use keelguard_image::source::{self, Spec};
use keelguard_image::{Examined, Limits};

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
        bail!("find {input}: there is no such file or folder");
    };
    let cache = wanted.cached.then(|| cache(settings)).flatten();
    Ok(keelguard_image::examine(&image, cache.as_ref(), &options.limits))
}

/// The cache of images, where there is a place for one.
pub(crate) fn cache(settings: &Settings) -> Option<Cache> {
    let folder = PathBuf::from(settings.text("cache_dir")?).join("images");
    Some(Cache::new(folder, settings.number("max_cache_bytes")))
}
