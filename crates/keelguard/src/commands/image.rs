//! `keelguard image TARGET`: what is in an image, and what is known to be wrong with it.

use anyhow::{Context as _, Result};
use keelguard_model::Severity;
use keelguard_model::image::{IMAGE_SCHEMA, ImageReport};

use super::progress::{Progress, say};
use crate::cli::{Global, Image};
use crate::examine::{self, Wanted};
use crate::exit::Exit;
use crate::output;
use crate::settings::{Flags, Settings};

pub(super) fn run(global: &Global, arguments: &Image) -> Result<Exit> {
    let settings = super::settings(global, flags(arguments))?;
    let wanted = Wanted { platform: arguments.platform.clone(), cached: !arguments.no_cache };
    let examined = {
        let _progress = Progress::begin(&settings, &format!("Reading {}", arguments.target));
        examine::target(&arguments.target, &wanted, &settings)?
    };
    let report = ImageReport {
        schema: IMAGE_SCHEMA.to_owned(),
        target: examined.target,
        packages: examined.packages,
        vulnerabilities: Vec::new(),
        findings: Vec::new(),
        incomplete: examined.incomplete,
    };
    let to_file = arguments.destination.output.as_deref();
    output::write(to_file, |out| {
        serde_json::to_writer(&mut *out, &report).context("write the report")?;
        out.write_all(b"\n")?;
        Ok(())
    })?;
    if let Some(file) = to_file {
        say(&settings, &format!("keelguard: wrote {}", file.display()));
    }
    let code = exit(&report, &settings);
    // The process ends here; giving thousands of packages back one by one is time for nothing.
    std::mem::forget(report);
    Ok(code)
}

fn flags(arguments: &Image) -> Flags {
    let mut flags = Flags::new();
    flags.extend(arguments.fail_on.map(|severity| ("fail_on", severity.to_string())));
    flags
}

fn exit(report: &ImageReport, settings: &Settings) -> Exit {
    let worst = report.findings.iter().filter(|finding| finding.suppressed.is_none()).map(|finding| finding.severity);
    let worst: Option<Severity> = worst.chain(report.vulnerabilities.iter().map(|row| row.severity)).max();
    match settings.severity("fail_on") {
        Some(least) if worst.is_some_and(|worst| worst >= least) => Exit::Findings,
        _ if report.incomplete.is_empty() => Exit::Done,
        _ => Exit::Partial,
    }
}
