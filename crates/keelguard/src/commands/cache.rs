//! `keelguard cache`: what is known of images from earlier runs.

use anyhow::{Context as _, Result};

use super::progress::say;
use crate::cli::{Cache, CacheCommand, Global};
use crate::exit::Exit;
use crate::output;
use crate::settings::Flags;

pub(super) fn run(global: &Global, arguments: &Cache) -> Result<Exit> {
    let settings = super::settings(global, Flags::new())?;
    let cache = crate::examine::cache(&settings).context("find the cache: set KEELGUARD_CACHE_DIR, or HOME")?;
    let place = || format!("read the cache in {}", cache.folder().display());
    match arguments.command {
        CacheCommand::Status => {
            let status = cache.status().with_context(place)?;
            output::write(None, |out| {
                writeln!(
                    out,
                    "{}, {} KiB of at most {} MiB",
                    results(status.entries),
                    status.bytes.div_ceil(1024),
                    settings.number("max_cache_bytes") >> 20
                )?;
                Ok(writeln!(out, "{}", keelguard_model::text::printable(&cache.folder().display().to_string()))?)
            })?;
        }
        CacheCommand::Clear => {
            let gone = cache.clear().with_context(place)?;
            say(&settings, &format!("keelguard: removed {}, {} KiB", results(gone.entries), gone.bytes.div_ceil(1024)));
        }
    }
    Ok(Exit::Done)
}

/// Images and layers are kept alike.
fn results(count: u64) -> String {
    if count == 1 { "1 result".into() } else { format!("{count} results") }
}
