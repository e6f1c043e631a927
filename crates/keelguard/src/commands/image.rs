//! `keelguard image TARGET`: what is in an image, and what is known to be wrong with it.

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use keelguard_advisory::version::Scheme;
use keelguard_image::rules;
use keelguard_model::image::{IMAGE_SCHEMA, ImageReport};
use keelguard_model::{Incomplete, Severity};
use keelguard_report::{ImageFormat, ImageView, Options};

use super::progress::{Progress, say};
use crate::cli::{Global, Image};
use crate::examine::{self, Known, Wanted};
use crate::exit::Exit;
use crate::output;
use crate::settings::{Flags, Settings};
use crate::vex;

pub(super) fn run(global: &Global, arguments: &Image) -> Result<Exit> {
    let settings = super::settings(global, flags(arguments))?;
    let format = match settings.text("format") {
        Some(name) => name.parse::<ImageFormat>().map_err(anyhow::Error::msg).context("use the setting format")?,
        None => ImageFormat::default(),
    };
    let now = Timestamp::now();
    // What cannot be used is said before an image is looked at for nothing.
    let vex = arguments.vex.iter().map(|file| vex::read(file)).collect::<Result<Vec<_>>>()?;
    let wanted = Wanted { platform: arguments.platform.clone(), cached: !arguments.no_cache };
    let (examined, known) = {
        let _progress = Progress::begin(&settings, &format!("Reading {}", arguments.target));
        let examined = examine::target(&arguments.target, &wanted, &settings)?;
        let looked_at = [(examined.packages.as_slice(), examined.target.os.as_ref())];
        if let Some(why) = examine::fetch_missing(looked_at, &settings)? {
            say(&settings, &format!("keelguard: warning: {why}"));
        }
        let known = examine::look_up(&examined.packages, examined.target.os.as_ref(), &settings, now)?;
        (examined, known)
    };
    let mut findings = rules::judge(&examined, now);
    let subject = rules::subject(&examined);
    let Known { rows: mut vulnerabilities, missing, uncovered, stale } = known;
    for warning in vex::apply(&vex, &mut vulnerabilities, &examined) {
        say(&settings, &format!("keelguard: warning: {warning}"));
    }
    let all = vulnerabilities.len();
    let least = settings.severity("min_severity");
    vulnerabilities
        .retain(|row| (!arguments.fixable || !row.fixed.is_empty()) && least.is_none_or(|least| row.severity >= least));
    // Exceptions are told together what they cover: those of one kind are no reason to warn of the other's.
    let built = findings.len();
    findings.extend(rules::each(&subject, &vulnerabilities));
    for warning in crate::exceptions::apply(&settings.exceptions, &mut findings, now) {
        say(&settings, &format!("keelguard: warning: {warning}"));
    }
    let as_findings = findings.split_off(built);
    for (row, finding) in vulnerabilities.iter_mut().filter(|row| !row.is_settled()).zip(&as_findings) {
        row.suppressed.clone_from(&finding.suppressed);
    }
    let not_looked_up: Vec<Incomplete> = missing.iter().chain(&uncovered).cloned().collect();
    let report = ImageReport {
        schema: IMAGE_SCHEMA.to_owned(),
        target: examined.target,
        packages: examined.packages,
        vulnerabilities,
        findings,
        incomplete: examined.incomplete.into_iter().chain(not_looked_up.iter().chain(&stale).cloned()).collect(),
    };
    let view = ImageView {
        report: &report,
        as_findings: &as_findings,
        missing: &not_looked_up,
        compare: &|scheme, left, right| scheme.parse::<Scheme>().ok()?.compare(left, right),
        hidden: all - report.vulnerabilities.len(),
        why: arguments.why,
        now,
    };
    let to_file = arguments.destination.output.as_deref();
    let options = Options {
        color: output::colour(settings.text("color").unwrap_or("auto"), to_file.is_some()),
        width: output::width(),
        all: arguments.all,
        ..Options::default()
    };
    output::write(to_file, |out| Ok(keelguard_report::render_image(&view, format, &options, out)?))?;
    if let Some(file) = to_file {
        say(&settings, &format!("keelguard: wrote {}", file.display()));
    }
    for gap in not_looked_up.iter().chain(&stale) {
        say(&settings, &format!("keelguard: warning: {}: {}", gap.what, gap.why));
    }
    let code = exit(&report, &as_findings, !missing.is_empty() || !stale.is_empty(), &settings);
    // The process ends here; giving thousands of packages back one by one is time for nothing.
    std::mem::forget(report);
    Ok(code)
}

fn flags(arguments: &Image) -> Flags {
    let mut flags = Flags::new();
    flags.extend(arguments.format.map(|format| ("format", format.to_string())));
    flags.extend(arguments.min_severity.map(|severity| ("min_severity", severity.to_string())));
    if arguments.offline {
        flags.push(("offline", "true".into()));
    }
    flags.extend(arguments.registry_ca_file.clone().map(|file| ("registry_ca_file", file)));
    flags.extend(arguments.insecure_registries.clone().map(|hosts| ("insecure_registries", hosts)));
    flags.extend(arguments.fail_on.map(|severity| ("fail_on", severity.to_string())));
    flags
}

/// What was asked to fail comes first; then what was not looked up, since that may hide it.
fn exit(report: &ImageReport, as_findings: &[keelguard_model::Finding], blind: bool, settings: &Settings) -> Exit {
    let open = report.findings.iter().chain(as_findings).filter(|finding| finding.suppressed.is_none());
    let worst: Option<Severity> = open.map(|finding| finding.severity).max();
    match settings.severity("fail_on") {
        Some(least) if worst.is_some_and(|worst| worst >= least) => Exit::Findings,
        _ if blind => Exit::NoAdvisories,
        _ if report.incomplete.is_empty() => Exit::Done,
        _ => Exit::Partial,
    }
}
