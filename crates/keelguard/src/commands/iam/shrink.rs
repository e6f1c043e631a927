//! `keelguard iam shrink PRINCIPAL`: the least policy that still allows what was used.

use anyhow::{Context as _, Result};
use keelguard_iam::shrink::{Shrunk, owner, shrink};

use crate::cli::{Global, PolicyShrink, SimpleFormat};
use crate::commands::progress::say;
use crate::exit::Exit;
use crate::settings::Settings;
use crate::{account, output};

pub(super) fn run(global: &Global, arguments: &PolicyShrink) -> Result<Exit> {
    let settings = crate::commands::settings(global, Vec::new())?;
    let (facts, trail) = account::load_with_trail(&arguments.source, &settings)?;
    let name = &arguments.principal;
    let (owner, mut history) = owner(&facts, name)
        .with_context(|| format!("find {name:?}; no user or role of that name or ARN is in the facts"))?;
    if let Some(trail) = trail {
        let silent = trail.silent().map(str::to_owned).collect();
        history = history.with_trail(trail.used(&owner.arn), silent, trail.times().map(|(from, _)| from));
    }
    let shrunk = shrink(&owner, &history, arguments.min_days.into(), jiff::Timestamp::now())
        .with_context(|| format!("shrink {name}"))?;
    output::write(arguments.destination.output.as_deref(), |out| {
        match arguments.format {
            SimpleFormat::Table => serde_json::to_writer_pretty(&mut *out, &shrunk.policy)?,
            SimpleFormat::Json => serde_json::to_writer_pretty(&mut *out, &shrunk)?,
        }
        Ok(writeln!(out)?)
    })?;
    if matches!(arguments.format, SimpleFormat::Table) {
        explain(&shrunk, &settings);
    }
    Ok(Exit::Done)
}

/// What a person wants to know before the policy is put in place; the policy itself is on standard output.
fn explain(shrunk: &Shrunk, settings: &Settings) {
    let relation = shrunk.comparison.relation.name();
    say(
        settings,
        &format!("keelguard: proved to be {relation}: it grants nothing that {} does not have", shrunk.principal),
    );
    if !shrunk.dropped.is_empty() {
        say(settings, &format!("keelguard: nothing is left of what was never used: {}", shrunk.dropped.join(", ")));
    }
    for used in &shrunk.elsewhere {
        say(settings, &format!("keelguard: {used} was used by another policy than these, so it is not in this one"));
    }
    for note in &shrunk.notes {
        say(settings, &format!("keelguard: {note}"));
    }
}
