//! `keelguard signs data verify`: what became of files since their baseline.

use anyhow::Result;
use jiff::Timestamp;
use keelguard_model::sign::SignReport;
use keelguard_model::text::printable;
use keelguard_model::{Counts, verdict};
use keelguard_report::SignFormat;
use keelguard_signs::data::tree::Contents;
use keelguard_signs::data::verify::{Baseline, FileChange, Package};
use serde::Serialize;

use super::super::told;
use crate::cli::{DataVerify, Global};
use crate::commands::progress::{Progress, say};
use crate::data::{self, trees};
use crate::exit::Exit;
use crate::output;

/// The JSON of this command: a sign, and what only this command knows.
#[derive(Serialize)]
struct Whole<'a> {
    #[serde(flatten)]
    sign: &'a SignReport,
    baseline: Option<&'a Baseline>,
    packages: &'a [Package],
    changes: &'a [FileChange],
}

pub(super) fn run(global: &Global, arguments: &DataVerify) -> Result<Exit> {
    let settings = crate::commands::settings(global, told::flags(&arguments.view))?;
    let places = trees::places(arguments.places.baseline.as_deref(), arguments.places.pin.as_deref(), &settings)?;
    let contents = if arguments.quick { Contents::Skip } else { Contents::Hash };
    let verified = {
        let _progress = Progress::begin(&settings, "Reading files");
        trees::verify(&places, &arguments.trees, arguments.expect.as_deref(), contents, &settings)?
    };
    let (baseline, packages, changes) = (verified.baseline, verified.packages, verified.changes);
    let mut report = data::report(verified.looked);
    let now = Timestamp::now();
    let format = arguments.format.unwrap_or_default();
    if format != SignFormat::Json {
        if let Some(baseline) = &baseline {
            let made = baseline.made.strftime("%Y-%m-%d %H:%M:%S UTC");
            say(
                &settings,
                &format!(
                    "keelguard: held against generation {} of {made}, by the key {}",
                    baseline.generation, baseline.key
                ),
            );
        }
        for package in &packages {
            say(&settings, &format!("keelguard: {}", line(package)));
        }
        return told::show(report, format, &arguments.view, &settings, now);
    }
    for warning in crate::exceptions::apply(&settings.exceptions, &mut report.findings, now) {
        say(&settings, &format!("keelguard: warning: {warning}"));
    }
    report.verdict = verdict(Counts::of(&report.findings), report.incomplete.len());
    let whole = Whole { sign: &report, baseline: baseline.as_ref(), packages: &packages, changes: &changes };
    output::write(arguments.view.destination.output.as_deref(), |out| {
        serde_json::to_writer_pretty(&mut *out, &whole)?;
        Ok(writeln!(out)?)
    })?;
    Ok(told::ended(told::worst(&report.findings), report.incomplete.is_empty(), &settings))
}

/// `openssl 3.0.15 → 3.0.17: 12 files, as the package brought them`.
fn line(package: &Package) -> String {
    let versions = match (&package.before, &package.after) {
        (Some(before), Some(after)) if before == after => after.clone(),
        (Some(before), Some(after)) => format!("{before} → {after}"),
        (None, Some(after)) => format!("{after}, new"),
        (_, None) => "removed".to_owned(),
    };
    let files = if package.files == 1 { "1 file".to_owned() } else { format!("{} files", package.files) };
    printable(&format!("{} {versions}: {files}, as the package brought them", package.name)).into_owned()
}
