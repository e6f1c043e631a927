//! Looked back at: what sysstat has recorded of this host, and what was kept of it and its containers while it was followed.

use std::path::Path;
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use keelguard_model::sign::{SIGN_SCHEMA, SignReport};
use keelguard_model::{Area, Counts, Finding, Incomplete, Subject, SubjectKind, verdict};
use keelguard_signs::performance::node;
use keelguard_signs::performance::read::{Gathered, sysstat};
use keelguard_signs::performance::watch::LEARNT;
use keelguard_signs::read::Reading;
use keelguard_store::Store;

use super::watcher::{Watcher, host_name, in_words};
use crate::settings::Settings;

/// Looks at what goes on, and the time between two of them.
const LOOKS: u32 = 4;
const BETWEEN: Duration = Duration::from_millis(200);

/// What this host has recorded, judged.
fn look_back(now: Timestamp, settings: &Settings) -> SignReport {
    let zone = TimeZone::system();
    let files = sysstat::default_files(Path::new("/"));
    let mut sources: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    let mut whole = report(sysstat::read(&files, &Reading::everything(now)), &[], SubjectKind::Host, &zone);
    let kept = settings.text("data_dir").map_or(Ok(None), |folder| Store::look(Path::new(folder)));
    match kept {
        Ok(Some(store)) => {
            sources.push(format!("{}/{}", settings.text("data_dir").unwrap_or_default(), keelguard_store::FILE));
            let days = i64::try_from(settings.number("log_days")).unwrap_or(i64::MAX);
            let since = days.checked_mul(24).filter(|hours| *hours > 0);
            let since = since.and_then(|hours| now.checked_sub(SignedDuration::from_hours(hours)).ok());
            for (kind, gathered) in stored(&store, since.map_or(i64::MIN, Timestamp::as_second)) {
                join(&mut whole, report(gathered, &[], kind, &zone));
            }
        }
        Ok(None) if files.is_empty() => {
            let why = "nothing is recorded of this host's load: leave keelguard signs performance --follow running, or install \
                       sysstat (apt install sysstat; systemctl enable --now sysstat)";
            whole.incomplete.push(Incomplete::new(Area::Performance, "measurements", why));
        }
        Ok(None) => {}
        Err(error) => {
            let why = format!("could not {:#}", anyhow::Error::new(error));
            whole.incomplete.push(Incomplete::new(Area::Performance, "measurements", why));
        }
    }
    whole.sources = sources;
    whole.findings.sort_by_key(|finding| std::cmp::Reverse((finding.severity, finding.time)));
    whole.incomplete.sort();
    whole.incomplete.dedup();
    whole.verdict = verdict(Counts::of(&whole.findings), whole.incomplete.len());
    whole
}

/// What this host has recorded, and what can be seen at once: processes that hide, miners that call themselves so, a table of
/// connections that is nearly full.
pub(crate) fn sign(now: Timestamp, settings: &Settings) -> SignReport {
    let mut whole = look_back(now, settings);
    let mut watcher = Watcher::new();
    let mut found = Vec::new();
    for look in 0..LOOKS {
        if look > 0 {
            std::thread::sleep(BETWEEN);
        }
        found = watcher.tick(Timestamp::now(), None, settings).findings;
    }
    whole.findings.splice(0..0, found);
    whole.verdict = verdict(Counts::of(&whole.findings), whole.incomplete.len());
    whole
}

/// What was kept, of the host and of containers.
fn stored(store: &Store, since: i64) -> Vec<(SubjectKind, Gathered)> {
    let (mut host, mut containers) = (Gathered::default(), Gathered::default());
    let failed = |error: keelguard_store::Error| {
        Incomplete::new(Area::Performance, "measurements", format!("could not {:#}", anyhow::Error::new(error)))
    };
    let series = match store.series() {
        Ok(series) => series,
        Err(error) => {
            host.incomplete.push(failed(error));
            Vec::new()
        }
    };
    for one in series {
        let points = match store.points(&one, since) {
            Ok(points) => points,
            Err(error) => {
                host.incomplete.push(failed(error));
                break;
            }
        };
        let Some((metric, factor)) = in_words(&one.metric) else { continue };
        let (gathered, name) = match one.subject.split_once(' ') {
            Some((_, name)) => (&mut containers, name.to_owned()),
            None => (&mut host, host_name()),
        };
        gathered.records += points.len() as u64;
        for (second, value) in points {
            gathered.see(&name, &metric, second, value * factor);
        }
    }
    vec![(SubjectKind::Host, host), (SubjectKind::Container, containers)]
}

fn join(whole: &mut SignReport, part: SignReport) {
    whole.lines += part.lines;
    whole.events += part.events;
    whole.from = [whole.from, part.from].into_iter().flatten().min();
    whole.to = whole.to.max(part.to);
    whole.findings.extend(part.findings);
    whole.incomplete.extend(part.incomplete);
}

/// What stands to be told of what was gathered.
pub(crate) fn report(gathered: Gathered, sources: &[String], kind: SubjectKind, zone: &TimeZone) -> SignReport {
    let Gathered { nodes, values, records, times, mut incomplete, refused } = gathered;
    let mut gap = |what: String, why: String| incomplete.push(Incomplete::new(Area::Performance, what, why));
    if refused > 0 {
        gap(format!("{refused} values"), "more machines and containers are named than are watched at once".to_owned());
    }
    let mut findings: Vec<Finding> = Vec::new();
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
