//! From facts to a report: rules, exceptions, paths, verdicts. Pure: whatever the facts are, wherever they were read.

use std::path::Path;

use anyhow::{Context as _, Result};
use keelguard_audit::cis::Benchmark;
use keelguard_host::Facts;
use keelguard_model::sign::SignReport;
use keelguard_model::{
    Area, AreaResult, Counts, Finding, HostInfo, Incomplete, REPORT_SCHEMA, Report, ToolInfo, Verdict, verdict,
};
use keelguard_paths::Graph;

use crate::cli::Source;
use crate::fix_steps;
use crate::settings::Settings;

/// Areas that this version judges by what it sees of the host now. The others say `unknown`, and why.
const JUDGED: [Area; 3] = [Area::Image, Area::Resources, Area::Breakout];
/// Those that it judges by what the host has recorded.
const SIGNS: [Area; 3] = [Area::Performance, Area::Logins, Area::Downtime];

/// Facts, judged.
pub(crate) struct Assessment {
    pub(crate) report: Report,
    pub(crate) graph: Graph,
    pub(crate) benchmark: Benchmark,
    /// What the user should know beside the report: expired exceptions.
    pub(crate) warnings: Vec<String>,
    /// Advisories are missing or too old, so something was not looked up.
    pub(crate) blind: bool,
}

/// The facts that `source` names: from a file, or from this host.
pub(crate) fn facts(source: &Source, settings: &Settings) -> Result<Facts> {
    match &source.facts {
        Some(file) => Ok(keelguard_host::replay::read(file, settings.number("max_facts_bytes"))?),
        None => collect(settings),
    }
}

/// The facts of this host.
pub(crate) fn collect(settings: &Settings) -> Result<Facts> {
    let options = options(settings);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("start the runtime")?;
    Ok(runtime.block_on(keelguard_host::collect(&options))?)
}

/// How the engine is asked.
pub(crate) fn options(settings: &Settings) -> keelguard_host::Options {
    keelguard_host::Options {
        engine: settings.text("engine").map(str::to_owned),
        request_timeout: settings.seconds("request_timeout"),
        engine_timeout: settings.seconds("engine_timeout"),
        max_answer: usize::try_from(settings.number("max_answer_bytes")).unwrap_or(usize::MAX),
        max_items: usize::try_from(settings.number("max_items")).unwrap_or(usize::MAX),
        ..keelguard_host::Options::default()
    }
}

/// For what the report holds the commands that close it. Writing them out is most of the work on a crowded host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Commands {
    /// For each finding and for the smallest set of fixes.
    Each,
    /// For the smallest set of fixes alone: all that a view without the findings' own fixes shows.
    FixSet,
}

/// Judges `facts`, and the cloud accounts around the host where anything is known of them.
pub(crate) fn assess(
    facts: &Facts,
    accounts: Option<&keelguard_iam::facts::Facts>,
    settings: &Settings,
    commands: Commands,
) -> Assessment {
    let asked = settings.areas();
    let mut judgement = keelguard_audit::find(facts);
    let of_accounts = accounts
        .filter(|_| asked.contains(&Area::Iam) || asked.contains(&Area::Breakout))
        .map(|accounts| crate::cloud::judge(accounts, facts, &mut judgement.findings))
        .unwrap_or_default();
    judgement.findings.extend(keelguard_registry::rules::of_host(facts));
    if asked.contains(&Area::Iam) {
        keelguard_registry::rules::without_doubles(&mut judgement.findings);
    }
    crate::exceptions::apply(&settings.exceptions, &mut judgement.findings, facts.collected);
    let benchmark = keelguard_audit::cis::evaluate(facts, &judgement.findings);
    let judges_images = asked.contains(&Area::Image) && !facts.contents.is_empty();
    let of_images = if judges_images {
        // What can be reached from an image's containers decides how much its contents count, whichever areas are shown.
        let paths = Graph::build(facts, &judgement.findings).paths_to_host();
        crate::host_images::judge(facts, &judgement.findings, &paths, settings)
    } else {
        crate::host_images::Judgement::default()
    };
    let blind = of_images.blind;
    judgement.findings.extend(of_images.findings);
    judgement.findings.extend(of_accounts.findings);
    judgement.findings.extend(facts.signs.iter().flat_map(|sign| sign.findings.iter().cloned()));
    judgement.findings.sort_by(|a, b| {
        b.severity.cmp(&a.severity).then_with(|| a.rule.cmp(&b.rule)).then_with(|| a.subject.cmp(&b.subject))
    });
    let warnings = crate::exceptions::apply(&settings.exceptions, &mut judgement.findings, facts.collected);
    let mut incomplete: Vec<Incomplete> =
        facts.incomplete.iter().cloned().chain(judgement.incomplete).chain(of_images.incomplete).collect();
    incomplete.extend(of_accounts.incomplete);
    incomplete.extend(facts.signs.iter().flat_map(|sign| sign.incomplete.iter().cloned()));
    incomplete.retain(|gap| asked.contains(&gap.area));
    incomplete.sort();
    incomplete.dedup();
    let mut findings: Vec<Finding> =
        judgement.findings.into_iter().filter(|finding| asked.contains(&finding.area)).collect();
    if commands == Commands::Each {
        keelguard_audit::remedy::complete(facts, &mut findings);
    }
    let graph = Graph::build(facts, &findings);
    let mut manual = keelguard_audit::cis::manual(facts);
    manual.extend(of_accounts.manual);
    let judges_paths = asked.contains(&Area::Breakout);
    let fix_set = if judges_paths { graph.fix_set(&graph.starts(), &graph.goals()).steps } else { Vec::new() };
    let report = Report {
        schema: REPORT_SCHEMA.to_owned(),
        tool: ToolInfo { name: "keelguard".into(), version: env!("CARGO_PKG_VERSION").into() },
        host: host_info(facts),
        started: facts.collected,
        finished: facts.finished,
        areas: Area::ALL
            .iter()
            .map(|area| area_result(*area, &asked, &findings, &incomplete, facts, accounts))
            .collect(),
        paths: if judges_paths { graph.paths_to_host() } else { Vec::new() },
        fix_set: fix_steps::merge(facts, &findings, fix_set),
        manual,
        findings,
        incomplete,
    };
    Assessment { report, graph, benchmark, warnings, blind }
}

fn host_info(facts: &Facts) -> HostInfo {
    let engine = facts.engine.as_ref();
    HostInfo {
        name: facts.host.hostname.clone(),
        os: facts.host.os.pretty_name.clone(),
        kernel: facts.host.kernel.release.clone(),
        engine: engine.map(|engine| engine.info.server_version.clone()),
        endpoint: engine.map(|engine| engine.endpoint.clone()),
        containers: facts.containers().len(),
        images: engine.map_or(0, |engine| engine.images.len()),
        source: facts.source.clone(),
    }
}

fn area_result(
    area: Area,
    asked: &[Area],
    findings: &[Finding],
    incomplete: &[Incomplete],
    facts: &Facts,
    accounts: Option<&keelguard_iam::facts::Facts>,
) -> AreaResult {
    let counts = Counts::of(findings.iter().filter(|finding| finding.area == area));
    let gaps = incomplete.iter().filter(|gap| gap.area == area).count();
    let unknown = |reason: &str| AreaResult { area, verdict: Verdict::Unknown, counts, reason: reason.to_owned() };
    if !asked.contains(&area) {
        return unknown("not asked for (--only)");
    }
    let sign = facts.signs.iter().find(|sign| sign.area == area);
    if sign.is_none() && area == Area::Data && counts.total() == 0 {
        return unknown(
            "nothing is set up to hold files against; begin with: keelguard signs data baseline --key FILE",
        );
    }
    if sign.is_none() && SIGNS.contains(&area) {
        return unknown("the host's logs were not read");
    }
    if area == Area::Iam && counts.total() == 0 && accounts.is_none_or(|accounts| accounts.accounts.is_empty()) {
        return unknown("no account was looked at; --iam-facts FILE or --iam-live does");
    }
    let judged = JUDGED.contains(&area) || area == Area::Iam;
    if sign.is_none() && !judged && counts.total() == 0 {
        return unknown("this version does not judge it yet");
    }
    let unread = facts.engine.as_ref().map_or(0, |engine| engine.images.len()).saturating_sub(facts.contents.len());
    if area == Area::Image && gaps == 0 && unread > 0 && counts.total() == 0 {
        return unknown("what is in the images was not read");
    }
    let verdict = verdict(counts, gaps);
    if area == Area::Iam && verdict == Verdict::Green {
        return unknown("nothing weak in registries and logins for them; identities were not looked at");
    }
    let not_seen = match gaps {
        0 => String::new(),
        1 => "; one thing could not be looked at".to_owned(),
        gaps => format!("; {gaps} things could not be looked at"),
    };
    let found = [(counts.critical, "critical"), (counts.high, "high"), (counts.medium, "medium"), (counts.low, "low")];
    let found: Vec<String> =
        found.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    let reason = match verdict {
        Verdict::Red | Verdict::Amber => format!("{}{not_seen}", found.join(", ")),
        Verdict::Green => match sign {
            // Who reads "green" must see how little it may rest on.
            Some(sign) => format!("nothing found in {}", read_in(sign)),
            None => "looked at everything, found nothing".to_owned(),
        },
        Verdict::Unknown if facts.engine.is_none() && sign.is_none() => "no engine answered".to_owned(),
        Verdict::Unknown => format!("nothing found in what was seen{not_seen}"),
    };
    AreaResult { area, verdict, counts, reason }
}

/// `1,204 events of 30 days`.
fn read_in(sign: &SignReport) -> String {
    let days = sign.from.zip(sign.to).map_or(0, |(from, to)| (to.duration_since(from).as_hours() + 23) / 24);
    let plural = |count: u64, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    format!("{} of {}", plural(sign.events, "event"), plural(days.unsigned_abs().max(1), "day"))
}

/// An earlier report, for `--baseline`.
pub(crate) fn read_baseline(file: &Path, settings: &Settings) -> Result<Report> {
    use std::io::Read as _;
    let failed = || format!("read the baseline {}", file.display());
    let bound = settings.number("max_facts_bytes");
    let mut bytes = Vec::new();
    std::fs::File::open(file).and_then(|file| file.take(bound).read_to_end(&mut bytes)).with_context(failed)?;
    keelguard_report::read_report(&bytes).with_context(failed)
}
