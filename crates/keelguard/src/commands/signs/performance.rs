//! `keelguard signs performance`: what is unlike itself.

mod scores;
mod server;

use std::path::Path;

use anyhow::{Result, bail};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use keelguard_model::sign::{SIGN_SCHEMA, SignReport};
use keelguard_model::{Area, Counts, Incomplete, Subject, SubjectKind, verdict};
use keelguard_report::SignFormat;
use keelguard_signs::performance::node;
use keelguard_signs::performance::read::{Gathered, sysstat};
use keelguard_signs::performance::watch::LEARNT;
use keelguard_signs::read::Reading;

use super::told;
use crate::cli::{Global, Performance};
use crate::commands::progress::Progress;
use crate::exit::Exit;
use crate::settings::Settings;

pub(super) fn run(global: &Global, arguments: &Performance) -> Result<Exit> {
    let settings = crate::commands::settings(global, told::flags(&arguments.view))?;
    let format = arguments.format.unwrap_or_default();
    match (&arguments.series, format) {
        (_, SignFormat::Nftables | SignFormat::Ipset) => {
            bail!("print {format}: no addresses come of this sign; use --format table, json, jsonl, veris or ocsf")
        }
        (None, SignFormat::Csv) => bail!("print scores: they are of one series; add --series FILE.csv"),
        (Some(series), SignFormat::Csv) => return scores::run(series, arguments, &settings),
        _ => {}
    }
    let now = Timestamp::now();
    let looked = {
        let _progress = Progress::begin(&settings, "Reading values");
        look(arguments, now, &settings)?
    };
    told::show(looked, format, &arguments.view, &settings, now)
}

fn look(arguments: &Performance, now: Timestamp, settings: &Settings) -> Result<SignReport> {
    if let Some(series) = &arguments.series {
        let gathered = scores::gather(series, arguments.column.as_deref())?;
        // The clock of the file is the one in which its owner thinks.
        return Ok(report(gathered, &[scores::shown(series)], SubjectKind::File, &TimeZone::UTC));
    }
    if let Some(server) = &arguments.prometheus {
        let gathered = server::gather(server, arguments, now, settings)?;
        return Ok(report(gathered, std::slice::from_ref(server), SubjectKind::Host, &TimeZone::system()));
    }
    let is_default = arguments.files.is_empty();
    let files = if is_default { sysstat::default_files(Path::new("/")) } else { arguments.files.clone() };
    let mut gathered = sysstat::read(&files, &Reading::everything(now));
    if files.is_empty() {
        let why = "there are no files of sysstat; install it and switch it on (apt install sysstat; systemctl enable --now \
                   sysstat), or name a series: keelguard signs performance --series FILE.csv";
        gathered.incomplete.push(Incomplete::new(Area::Performance, "/var/log/sysstat", why));
    }
    let sources: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    Ok(report(gathered, &sources, SubjectKind::Host, &TimeZone::system()))
}

/// What stands to be told of what was gathered.
fn report(gathered: Gathered, sources: &[String], kind: SubjectKind, zone: &TimeZone) -> SignReport {
    let Gathered { nodes, values, records, times, mut incomplete, refused } = gathered;
    let mut gap = |what: String, why: String| incomplete.push(Incomplete::new(Area::Performance, what, why));
    if refused > 0 {
        gap(format!("{refused} values"), "more machines and containers are named than are watched at once".to_owned());
    }
    let mut findings = Vec::new();
    for (name, node) in &nodes {
        let odd = node.odd();
        for (count, what) in [
            (odd.values, "values that are no finite numbers"),
            (odd.backwards, "times that lie before the one before them"),
            (node.refused, "values of metrics beyond the 256 that are watched"),
            (node.forgotten(), "older episodes that were too many to be remembered"),
        ] {
            if count > 0 {
                gap(name.clone(), format!("{count} {what}"));
            }
        }
        // Whoever has less than a few dozen values cannot know what is usual.
        if node.metrics().all(|(_, watch)| watch.points() <= LEARNT) {
            let most = node.metrics().map(|(_, watch)| watch.points()).max().unwrap_or(0);
            gap(
                name.clone(),
                format!("{most} values are too few to know what is usual; more than {LEARNT} are needed"),
            );
        }
        findings.extend(node::findings(node, &Subject::new(kind, name.clone()), zone));
    }
    findings.sort_by_key(|finding| std::cmp::Reverse((finding.severity, finding.time)));
    incomplete.sort();
    incomplete.dedup();
    let time = |second| Timestamp::from_second(second).ok();
    SignReport {
        schema: SIGN_SCHEMA.to_owned(),
        tool: crate::logs::tool(),
        area: Area::Performance,
        verdict: verdict(Counts::of(&findings), incomplete.len()),
        sources: sources.to_vec(),
        lines: records,
        events: values,
        from: times.and_then(|(from, _)| time(from)),
        to: times.and_then(|(_, to)| time(to)),
        findings,
        block: Vec::new(),
        incomplete,
    }
}
