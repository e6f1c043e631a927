//! `keelguard trust`: publishers of images that this host has accepted.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use keelguard_model::text::printable;
use keelguard_registry::ledger::Ledger;
use serde_json::json;

use super::progress::say;
use crate::cli::{Global, SimpleFormat, Trust, TrustCommand};
use crate::exit::Exit;
use crate::settings::{Flags, Settings};
use crate::{output, own_log};

pub(super) fn run(global: &Global, arguments: &Trust) -> Result<Exit> {
    let settings = super::settings(global, Flags::new())?;
    let folder = folder(&settings)?;
    let mut ledger = Ledger::read(&folder)?;
    match &arguments.command {
        TrustCommand::List { format } => list(&ledger, *format, &folder, &settings)?,
        TrustCommand::Accept { publishers, reason } => {
            let now = Timestamp::now();
            for name in publishers {
                if !ledger.accept(name, reason, now)? {
                    say(&settings, &format!("keelguard: {} was accepted already", printable(name)));
                }
            }
            ledger.write(&folder)?;
            let what = publishers.join(", ");
            own_log::note(&settings, "trust accept", json!({ "what": what, "reason": reason }));
        }
        TrustCommand::Revoke { publishers } => {
            let unknown: Vec<_> =
                publishers.iter().filter(|name| !ledger.revoke(name)).map(|name| printable(name)).collect();
            if !unknown.is_empty() {
                bail!("revoke {}: not on the list, which keelguard trust list shows", unknown.join(", "));
            }
            ledger.write(&folder)?;
            own_log::note(&settings, "trust revoke", json!({ "what": publishers.join(", ") }));
        }
    }
    Ok(Exit::Done)
}

/// The folder of what is kept.
fn folder(settings: &Settings) -> Result<PathBuf> {
    let folder = settings.text("data_dir").context("keep a list of publishers: set KEELGUARD_DATA_DIR")?;
    Ok(PathBuf::from(folder))
}

fn list(ledger: &Ledger, format: SimpleFormat, folder: &Path, settings: &Settings) -> Result<()> {
    output::write(None, |out| {
        if matches!(format, SimpleFormat::Json) {
            serde_json::to_writer_pretty(&mut *out, ledger)?;
            return Ok(writeln!(out)?);
        }
        let width = ledger.publishers.iter().map(|one| one.name.len()).max().unwrap_or_default();
        for one in &ledger.publishers {
            let day = one.accepted.strftime("%Y-%m-%d");
            let line = format!("{:<width$}  {day}  {}", printable(&one.name), printable(&one.reason));
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    })?;
    if ledger.publishers.is_empty() {
        let place = Ledger::path(folder);
        say(
            settings,
            &format!("keelguard: nobody is accepted yet ({}); keelguard trust accept PUBLISHER", place.display()),
        );
    }
    Ok(())
}
