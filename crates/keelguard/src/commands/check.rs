//! `keelguard check`: judge this host, or recorded facts.

use std::io::Write;

use anyhow::{Context as _, Result};
use keelguard_audit::cis;
use keelguard_model::{Area, Finding, Severity};
use keelguard_report::{BenchmarkRow, BenchmarkSummary, Comparison, Format, Options, Outcome};

use super::progress::{Progress, say};
use crate::assess::{self, Assessment, Commands};
use crate::cli::{Benchmark, Check, Global};
use crate::exit::Exit;
use crate::settings::Flags;
use crate::{cloud, host_images, logs, output, own_log, registries};

pub(super) fn run(global: &Global, arguments: &Check) -> Result<Exit> {
    let settings = super::settings(global, flags(arguments))?;
    let format = match settings.text("format") {
        Some(name) => name.parse::<Format>().map_err(anyhow::Error::msg).context("use the setting format")?,
        None => Format::Table,
    };
    // A baseline that cannot be read is said before the work is done.
    let baseline = arguments.baseline.as_deref().map(|file| assess::read_baseline(file, &settings)).transpose()?;
    let facts = {
        let progress = Progress::begin(&settings, "Reading this host");
        let mut facts = assess::facts(&arguments.source, &settings)?;
        // Recorded facts say what is in the images, or that nobody looked.
        if arguments.source.facts.is_none() && settings.areas().contains(&Area::Image) && arguments.benchmark.is_none()
        {
            host_images::read(&mut facts, &settings, &|next| progress.step(next));
            progress.step("Looking for advisories");
            if let Some(why) = host_images::fetch_missing(&facts, &settings) {
                say(&settings, &format!("keelguard: warning: {why}"));
            }
        }
        if arguments.source.facts.is_none() && settings.areas().contains(&Area::Iam) && arguments.benchmark.is_none() {
            registries::read(&mut facts, &settings, &|next| progress.step(next))?;
        }
        if arguments.source.facts.is_none() && arguments.benchmark.is_none() {
            logs::read(&mut facts, &settings, &|next| progress.step(next))?;
        }
        facts
    };
    let accounts = cloud::load(&settings)?;
    let assessment = assess::assess(&facts, accounts.as_ref(), &settings, commands(format, arguments));
    for warning in &assessment.warnings {
        say(&settings, &format!("keelguard: warning: {warning}"));
    }
    own_log::check(&assessment.report, &settings);
    let to_file = arguments.destination.output.as_deref();
    let options = Options {
        color: output::colour(settings.text("color").unwrap_or("auto"), to_file.is_some()),
        width: output::width(),
        all: arguments.all,
        show_suppressed: arguments.show_suppressed,
        min_severity: settings.severity("min_severity"),
        baseline: baseline.map(|old| keelguard_report::compare(&old, &assessment.report)),
        hints: Vec::new(),
        graph_svg: (format == Format::Html).then(|| keelguard_paths::svg_of_paths(&assessment.report.paths)),
    };
    output::write(to_file, |out| match arguments.benchmark {
        Some(Benchmark::Cis) => print_benchmark(&assessment, format, &options, out),
        None => Ok(keelguard_report::render(&assessment.report, format, &options, out)?),
    })?;
    if let Some(file) = to_file {
        say(&settings, &format!("keelguard: wrote {}", file.display()));
    }
    let code = exit(&assessment, settings.severity("fail_on"), options.baseline.as_ref());
    // The process ends here; giving thousands of findings back to the allocator one by one takes longer than finding them.
    std::mem::forget((facts, assessment));
    Ok(code)
}

/// The table folds the findings' own fixes away, and the benchmark has none.
fn commands(format: Format, arguments: &Check) -> Commands {
    let shown = format != Format::Table || arguments.all;
    if shown && arguments.benchmark.is_none() { Commands::Each } else { Commands::FixSet }
}

fn flags(arguments: &Check) -> Flags {
    let mut flags = Flags::new();
    flags.extend(arguments.source.engine.as_ref().map(|engine| ("engine", engine.clone())));
    flags.extend(arguments.format.map(|format| ("format", format.to_string())));
    if !arguments.iam_facts.is_empty() {
        flags.push(("iam_facts", arguments.iam_facts.join(",")));
    }
    if arguments.iam_live {
        flags.push(("iam_live", "true".into()));
    }
    if arguments.offline {
        flags.push(("offline", "true".into()));
    }
    flags.extend(arguments.min_severity.map(|severity| ("min_severity", severity.to_string())));
    flags.extend(arguments.fail_on.map(|severity| ("fail_on", severity.to_string())));
    if !arguments.only.is_empty() {
        let names: Vec<&str> = arguments.only.iter().map(|area| area.name()).collect();
        flags.push(("only", names.join(",")));
    }
    flags
}

/// With a baseline only what is new fails a run: that is what one has it for.
fn exit(assessment: &Assessment, fail_on: Option<Severity>, baseline: Option<&Comparison>) -> Exit {
    let counts = |finding: &&Finding| {
        finding.suppressed.is_none() && baseline.is_none_or(|compared| compared.new.contains(&finding.fingerprint))
    };
    let worst = assessment.report.findings.iter().filter(counts).map(|finding| finding.severity).max();
    if fail_on.is_some_and(|least| worst.is_some_and(|worst| worst >= least)) {
        Exit::Findings
    } else if assessment.blind {
        Exit::NoAdvisories
    } else if assessment.report.incomplete.is_empty() {
        Exit::Done
    } else {
        Exit::Partial
    }
}

fn print_benchmark(assessment: &Assessment, format: Format, options: &Options, out: &mut dyn Write) -> Result<()> {
    let benchmark = &assessment.benchmark;
    let rows: Vec<BenchmarkRow> =
        benchmark.checks.iter().map(|check| row(check, &assessment.report.findings)).collect();
    let summary = BenchmarkSummary::of(&benchmark.version, &assessment.report.host.name, &rows);
    Ok(keelguard_report::render_benchmark(&rows, &summary, format, options, out)?)
}

fn row(check: &cis::Check, findings: &[Finding]) -> BenchmarkRow {
    let note = match check.outcome {
        cis::Outcome::Fail => failing(check, findings),
        cis::Outcome::Manual => check.look_at.clone(),
        cis::Outcome::Pass | cis::Outcome::NotApplicable | cis::Outcome::Unknown => check.reason.clone(),
    };
    let outcome = match check.outcome {
        cis::Outcome::Pass => Outcome::Pass,
        cis::Outcome::Fail => Outcome::Fail,
        cis::Outcome::Manual => Outcome::Manual,
        cis::Outcome::NotApplicable => Outcome::NotApplicable,
        cis::Outcome::Unknown => Outcome::Unknown,
    };
    BenchmarkRow { section: check.section.clone(), title: check.title.clone(), outcome, note }
}

/// `KG-B003 on web, api and 3 more`.
fn failing(check: &cis::Check, findings: &[Finding]) -> String {
    let failing: Vec<&Finding> =
        findings.iter().filter(|finding| check.findings.contains(&finding.fingerprint)).collect();
    let mut rules: Vec<&str> = failing.iter().map(|finding| finding.rule.as_str()).collect();
    rules.sort_unstable();
    rules.dedup();
    let mut names: Vec<&str> = failing.iter().map(|finding| finding.subject.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let shown = names.iter().take(3).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(3) {
        0 => format!("{} on {shown}", rules.join(", ")),
        more => format!("{} on {shown} and {more} more", rules.join(", ")),
    }
}
