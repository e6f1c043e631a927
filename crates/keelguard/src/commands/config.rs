//! `keelguard config`: each setting, and where its value comes from.

use anyhow::Result;
use keelguard_model::text::printable;
use serde_json::json;

use crate::cli::{Config, Global, SimpleFormat};
use crate::exit::Exit;
use crate::output;

pub(super) fn run(global: &Global, arguments: &Config) -> Result<Exit> {
    let settings = super::settings(global, Vec::new())?;
    output::write(None, |out| {
        if matches!(arguments.format, SimpleFormat::Json) {
            let all: serde_json::Map<_, _> = settings
                .all()
                .map(|(name, found, _)| (name.to_owned(), json!({ "value": found.value, "from": found.from })))
                .collect();
            serde_json::to_writer_pretty(&mut *out, &all)?;
            return Ok(writeln!(out)?);
        }
        let file = settings.file.as_ref().map_or_else(|| "none".to_owned(), |file| file.display().to_string());
        writeln!(out, "Settings file: {}\n", printable(&file))?;
        let width = settings.all().map(|(name, ..)| name.len()).max().unwrap_or(0);
        for (name, found, meaning) in settings.all() {
            let value = if found.value.is_empty() { "(not set)" } else { &found.value };
            writeln!(
                out,
                "{name:<width$} {:<28} {:<28} {meaning}",
                printable(value),
                printable(&format!("from {}", found.from))
            )?;
        }
        writeln!(out, "\nExceptions: {}", settings.exceptions.len())?;
        Ok(())
    })?;
    Ok(Exit::Done)
}
