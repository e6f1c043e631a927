//! `keelguard iam`: accounts, judged.

use anyhow::{Context as _, Result};
use jiff::Timestamp;
use keelguard_iam::rules::{self, Summary};
use keelguard_model::{
    Area, AreaResult, Counts, HostInfo, REPORT_SCHEMA, Report, Severity, ToolInfo, Verdict, verdict,
};
use keelguard_report::{Format, OF_CLOUD, Options};

use crate::cli::{Global, Iam};
use crate::commands::progress::say;
use crate::exit::Exit;
use crate::settings::Flags;
use crate::{account, assess, exceptions, output};

pub(super) fn run(global: &Global, arguments: &Iam) -> Result<Exit> {
    let settings = crate::commands::settings(global, flags(arguments))?;
    let format = match settings.text("format") {
        Some(name) => name.parse::<Format>().map_err(anyhow::Error::msg).context("use the setting format")?,
        None => Format::Table,
    };
    let baseline = arguments.baseline.as_deref().map(|file| assess::read_baseline(file, &settings)).transpose()?;
    let started = Timestamp::now();
    let mut source = arguments.source.clone();
    if !source.live && source.facts.is_empty() {
        source.facts = settings.list("iam_facts").into_iter().map(Into::into).collect();
        source.live = source.facts.is_empty() && settings.switch("iam_live");
    }
    let facts = account::load(&source, &settings)?;
    // What is old is old when the facts were collected, not when somebody reads them.
    let now = facts.collected.unwrap_or(started);
    let mut judged = rules::find(&facts, now);
    let warnings = exceptions::apply(&settings.exceptions, &mut judged.findings, now);
    for warning in &warnings {
        say(&settings, &format!("keelguard: warning: {warning}"));
    }
    let accounts: Vec<&str> = facts.accounts.iter().map(|account| account.id.as_str()).collect();
    let name = match accounts.as_slice() {
        [] => "no AWS account".to_owned(),
        [one] => format!("AWS account {one}"),
        several => format!("{} AWS accounts", several.len()),
    };
    let report = Report {
        schema: REPORT_SCHEMA.to_owned(),
        tool: ToolInfo { name: "keelguard".into(), version: env!("CARGO_PKG_VERSION").into() },
        host: HostInfo { name, os: told(&judged.summary), source: Some(OF_CLOUD.to_owned()), ..HostInfo::default() },
        started,
        finished: Timestamp::now(),
        areas: areas(&judged, accounts.len()),
        paths: Vec::new(),
        fix_set: Vec::new(),
        manual: judged.manual,
        findings: judged.findings,
        incomplete: judged.incomplete,
    };
    let to_file = arguments.destination.output.as_deref();
    let options = Options {
        color: output::colour(settings.text("color").unwrap_or("auto"), to_file.is_some()),
        width: output::width(),
        all: arguments.all,
        show_suppressed: arguments.show_suppressed,
        min_severity: settings.severity("min_severity"),
        baseline: baseline.map(|old| keelguard_report::compare(&old, &report)),
        ..Options::default()
    };
    output::write(to_file, |out| Ok(keelguard_report::render(&report, format, &options, out)?))?;
    if let Some(file) = to_file {
        say(&settings, &format!("keelguard: wrote {}", file.display()));
    }
    let code = exit(&report, settings.severity("fail_on"), options.baseline.as_ref());
    // The process ends here; giving everything back to the allocator piece by piece takes longer than it is worth.
    std::mem::forget((facts, report));
    Ok(code)
}

fn exit(report: &Report, fail_on: Option<Severity>, baseline: Option<&keelguard_report::Comparison>) -> Exit {
    let new = |print: &String| baseline.is_none_or(|compared| compared.new.contains(print));
    let counted = report.findings.iter().filter(|finding| finding.suppressed.is_none() && new(&finding.fingerprint));
    let worst = counted.map(|finding| finding.severity).max();
    if fail_on.is_some_and(|least| worst.is_some_and(|worst| worst >= least)) {
        Exit::Findings
    } else if report.incomplete.is_empty() {
        Exit::Done
    } else {
        Exit::Partial
    }
}

fn flags(arguments: &Iam) -> Flags {
    let mut flags = Flags::new();
    flags.extend(arguments.format.map(|format| ("format", format.to_string())));
    flags.extend(arguments.min_severity.map(|severity| ("min_severity", severity.to_string())));
    flags.extend(arguments.fail_on.map(|severity| ("fail_on", severity.to_string())));
    flags
}

/// `127 principals (80 users, 47 roles), 3 administrators, 12 more can become administrator`.
fn told(summary: &Summary) -> String {
    let plural = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    format!(
        "{} ({}, {}), {}, {} more can become administrator, {} from outside",
        plural(summary.users + summary.roles, "principal"),
        plural(summary.users, "user"),
        plural(summary.roles, "role"),
        plural(summary.administrators, "administrator"),
        summary.escalating,
        plural(summary.exposed, "door"),
    )
}

fn areas(judged: &rules::Judgement, accounts: usize) -> Vec<AreaResult> {
    let counts = Counts::of(&judged.findings);
    let gaps = judged.incomplete.len();
    let one = |area: Area| {
        if area != Area::Iam {
            let reason = "keelguard iam judges accounts alone".to_owned();
            return AreaResult { area, verdict: Verdict::Unknown, counts: Counts::default(), reason };
        }
        let verdict = if accounts == 0 { Verdict::Unknown } else { verdict(counts, gaps) };
        let reason = match (accounts, verdict) {
            (0, _) => "the facts hold no account".to_owned(),
            (_, Verdict::Green) => "looked at everything, found nothing".to_owned(),
            (_, Verdict::Unknown) => "nothing found in what was seen".to_owned(),
            _ => format!(
                "{} escalation, {} exposure, {} hygiene",
                judged.summary.escalating, judged.summary.exposed, judged.summary.hygiene
            ),
        };
        AreaResult { area, verdict, counts, reason }
    };
    Area::ALL.iter().map(|area| one(*area)).collect()
}
