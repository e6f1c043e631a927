//! `keelguard facts`: what `check` would judge, as JSON.

use anyhow::Result;

use super::progress::{Progress, say};
use crate::cli::{Facts, Global};
use crate::exit::Exit;
use crate::{assess, host_images, logs, output, registries};

pub(super) fn run(global: &Global, arguments: &Facts) -> Result<Exit> {
    let flags = arguments.engine.iter().map(|engine| ("engine", engine.clone())).collect();
    let settings = super::settings(global, flags)?;
    let facts = {
        let progress = Progress::begin(&settings, "Reading this host");
        let mut facts = assess::collect(&settings)?;
        host_images::read(&mut facts, &settings, &|next| progress.step(next));
        registries::read(&mut facts, &settings, &|next| progress.step(next))?;
        logs::read(&mut facts, &settings, &|next| progress.step(next))?;
        facts
    };
    output::write(arguments.destination.output.as_deref(), |out| {
        serde_json::to_writer_pretty(&mut *out, &facts)?;
        Ok(writeln!(out)?)
    })?;
    let count = facts.incomplete.len() + facts.signs.iter().map(|sign| sign.incomplete.len()).sum::<usize>();
    if count == 0 {
        return Ok(Exit::Done);
    }
    say(&settings, &format!("keelguard: {count} things could not be read; the facts name them under \"incomplete\""));
    Ok(Exit::Partial)
}
