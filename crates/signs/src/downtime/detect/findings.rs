//! What stands to be said of outages and notes, with evidence and what to do, so that a tired person understands.

use jiff::tz::TimeZone;
use keelguard_model::text::shell_word;
use keelguard_model::{Finding, Severity, Subject, SubjectKind, rule};

use super::notes::Note;
use super::outage::Outage;
use super::statistics::Told;
use super::track::Track;
use super::{Cause, Key, Limits, rhythm};
use crate::downtime::event::{Kind, Scope};
use crate::words::{many, span, timestamp, when};

/// One subject, with its outages told apart.
pub(super) struct About<'a> {
    pub(super) key: &'a Key,
    pub(super) subject: &'a Subject,
    pub(super) track: &'a Track,
    pub(super) outages: &'a [Told],
    /// The end of what is known.
    pub(super) now: i64,
    pub(super) limits: &'a Limits,
    pub(super) zone: &'a TimeZone,
}

/// Outages that one finding quotes.
const QUOTED: usize = 5;
const WEEK: i64 = 7 * 86_400;

/// What is to be said of one subject.
pub(super) fn of_subject(about: &About<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let unplanned: Vec<&Told> = about.outages.iter().filter(|told| !told.is_planned()).collect();
    let looping = in_loop(about);
    match about.key.scope {
        Scope::Host => findings.extend(of_host(about, &unplanned)),
        Scope::Engine => findings.extend(of_engine(about, &unplanned)),
        Scope::Service => findings.extend(of_service(about, &unplanned)),
        Scope::Container => findings.extend(of_container(about, &unplanned, looping.is_some())),
    }
    findings.extend(looping);
    findings.extend(regular(about, &unplanned));
    findings
}

fn of_host(about: &About<'_>, unplanned: &[&Told]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let name = who(about.subject);
    let crashes: Vec<&Told> = unplanned.iter().copied().filter(|told| told.outage.cause.is_failure()).collect();
    if let Some(last) = crashes.last() {
        let severity = if crashes.len() >= 3 { Severity::High } else { Severity::Medium };
        let how = match last.outage.cause {
            Cause::Unclean => "went down without shutting down".to_owned(),
            _ => ended(&last.outage),
        };
        let often = if crashes.len() > 1 {
            format!("; {} in all without shutting down", times(crashes.len()))
        } else {
            String::new()
        };
        let title = format!("{name} {how} at {}, {}{often}", at(last.outage.from, about.zone), lasted(last));
        let finding = rule::UNCLEAN_SHUTDOWN.on(about.subject.clone()).severity(severity).title(title);
        findings.push(dated(quoted(finding, &crashes, about.zone), last.outage.from));
    }
    let ordered: Vec<&Told> = unplanned.iter().copied().filter(|told| told.outage.cause == Cause::Ordered).collect();
    if let Some(last) = ordered.last() {
        let title = format!(
            "{name} was shut down {} outside of maintenance windows, last at {}, {}",
            times(ordered.len()),
            at(last.outage.from, about.zone),
            lasted(last)
        );
        let finding = rule::SHUTDOWN_ORDERED.on(about.subject.clone()).title(title);
        findings.push(dated(quoted(finding, &ordered, about.zone), last.outage.from));
    }
    // Who wakes does not boot.
    let boots = unplanned.iter().filter(|told| told.outage.cause != Cause::Suspended);
    let mut starts: Vec<i64> = boots.map(|told| told.end).collect();
    starts.sort_unstable();
    if let Some((count, first, last)) = densest(&starts, WEEK).filter(|(count, ..)| *count >= about.limits.boots) {
        let title = format!(
            "{name} was booted {count} times within a week, from {} to {}",
            at(first, about.zone),
            at(last, about.zone)
        );
        findings.push(dated(rule::MANY_BOOTS.on(about.subject.clone()).title(title), last));
    }
    findings
}

fn of_engine(about: &About<'_>, unplanned: &[&Told]) -> Option<Finding> {
    let last = unplanned.last()?;
    let crashes = unplanned.iter().filter(|told| told.outage.cause.is_failure()).count();
    let how = match crashes {
        0 => String::new(),
        count => format!(", {} without being told to", times(count)),
    };
    let title = format!(
        "The engine was restarted {}{how}, last at {}, {}",
        times(unplanned.len()),
        at(last.outage.from, about.zone),
        lasted(last)
    );
    let severity = match (crashes, unplanned.len()) {
        (3.., _) => Severity::High,
        (1.., _) => Severity::Medium,
        (0, 3..) => Severity::Low,
        _ => Severity::Info,
    };
    let finding = rule::ENGINE_RESTARTED.on(about.subject.clone()).severity(severity).title(title);
    let finding = quoted(finding, unplanned, about.zone).command("journalctl -u docker --since -7d");
    Some(dated(finding, last.outage.from))
}

fn of_service(about: &About<'_>, unplanned: &[&Told]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (name, unit) = (who(about.subject), shell_word(&about.key.name));
    if let Some((second, line)) = &about.track.gave_up {
        let title = format!("systemd gave up starting {name} at {}", at(*second, about.zone));
        let finding = rule::SERVICE_GAVE_UP.on(about.subject.clone()).title(title).evidence("line", line.clone());
        let finding = finding.command(format!("journalctl -u {unit} -n 50"));
        findings.push(dated(finding.command(format!("systemctl reset-failed {unit}")), *second));
    }
    let failures: Vec<&Told> = unplanned.iter().copied().filter(|told| told.outage.cause.is_failure()).collect();
    if let Some(last) = failures.last() {
        let count = failures.len().max(about.track.ends.len());
        let title =
            format!("{name} failed {}, last at {}, {}", times(count), at(last.outage.from, about.zone), lasted(last));
        let severity = if count >= 3 { Severity::Medium } else { Severity::Low };
        let finding = rule::SERVICE_FAILED.on(about.subject.clone()).severity(severity).title(title);
        let finding = quoted(finding, &failures, about.zone).command(format!("journalctl -u {unit} -n 50"));
        findings.push(dated(finding, last.outage.from));
    }
    findings
}

fn of_container(about: &About<'_>, unplanned: &[&Told], is_looping: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (name, word) = (who(about.subject), shell_word(&about.key.name));
    let failures: Vec<&Told> = unplanned.iter().copied().filter(|told| told.outage.cause.is_failure()).collect();
    let last = failures.last();
    if about.track.restarts >= about.limits.restarts {
        let often = times(usize::try_from(about.track.restarts).unwrap_or(usize::MAX));
        let last_end =
            last.map(|last| format!("; last it {} at {}", ended(&last.outage), at(last.outage.from, about.zone)));
        let title = format!("The engine has restarted {name} {often}{}", last_end.unwrap_or_default());
        let finding = rule::CONTAINER_RESTARTS.on(about.subject.clone()).title(title);
        let finding = finding.evidence("RestartCount", about.track.restarts.to_string());
        let finding = quoted(finding, &failures, about.zone).command(format!("docker logs --tail 100 {word}"));
        findings.push(dated(finding, last.map_or(about.track.last, |last| last.outage.from)));
    } else if let Some(last) = last.filter(|_| !is_looping) {
        let title = format!(
            "{name} {} at {}, {}{}",
            ended(&last.outage),
            at(last.outage.from, about.zone),
            lasted(last),
            if failures.len() > 1 { format!("; {} in all", times(failures.len())) } else { String::new() }
        );
        let severity = if failures.len() >= 3 { Severity::Medium } else { Severity::Low };
        let finding = rule::CONTAINER_FAILED.on(about.subject.clone()).severity(severity).title(title);
        let finding = quoted(finding, &failures, about.zone).command(format!("docker logs --tail 100 {word}"));
        findings.push(dated(finding, last.outage.from));
    }
    findings
}

/// Five ends in five minutes.
fn in_loop(about: &About<'_>) -> Option<Finding> {
    let planned = |second: i64| about.outages.iter().any(|told| told.is_planned() && told.outage.from == second);
    let mut ends: Vec<i64> = about.track.ends.iter().copied().filter(|end| !planned(*end)).collect();
    ends.sort_unstable();
    let (count, first, last) =
        densest(&ends, about.limits.loop_time).filter(|(count, ..)| *count >= about.limits.loop_ends)?;
    let latest = ends.last().copied().unwrap_or(last);
    let name = who(about.subject);
    let state = if about.now - latest <= about.limits.loop_time { "the loop goes on" } else { "the loop is over" };
    let title = format!(
        "{name} ended {count} times within {}, first at {}; {state} ({} in all, last at {})",
        span((last - first).max(1)),
        at(first, about.zone),
        times(ends.len()),
        at(latest, about.zone)
    );
    let finding = rule::ENDS_IN_LOOP.on(about.subject.clone()).title(title);
    let finding =
        finding.evidence("ends", ends.iter().rev().take(10).rev().map(|end| when(*end)).collect::<Vec<_>>().join(", "));
    let word = shell_word(&about.key.name);
    let finding = match about.key.scope {
        Scope::Container => finding
            .command(format!("docker logs --tail 100 {word}"))
            .command(format!("docker update --restart=no {word}")),
        Scope::Service => {
            finding.command(format!("journalctl -u {word} -n 50")).command(format!("systemctl stop {word}"))
        }
        Scope::Engine => finding.command("journalctl -u docker -n 100"),
        Scope::Host => finding.command("journalctl --list-boots"),
    };
    let quotes: Vec<&Told> = about.outages.iter().filter(|told| (first..=last).contains(&told.outage.from)).collect();
    Some(dated(quoted(finding, &quotes, about.zone), latest))
}

fn regular(about: &About<'_>, unplanned: &[&Told]) -> Option<Finding> {
    let starts: Vec<i64> = unplanned.iter().map(|told| told.outage.from).collect();
    let found = rhythm::of(&starts, about.zone)?;
    let name = who(about.subject);
    let members: Vec<&Told> = found.members.iter().filter_map(|index| unplanned.get(*index).copied()).collect();
    let last = members.last()?;
    let tolerance = match found.tolerance {
        0..60 => "to the minute".to_owned(),
        more => format!("give or take {}", span(more)),
    };
    let title = format!(
        "{name} goes down {}, {tolerance}: {} of {} did so, from {} to {}",
        found.words,
        members.len(),
        many(u64::try_from(unplanned.len()).unwrap_or(u64::MAX), "outage"),
        at(members.first()?.outage.from, about.zone),
        at(last.outage.from, about.zone)
    );
    let finding = rule::REGULAR_OUTAGES.on(about.subject.clone()).title(title).evidence("period", found.words.clone());
    let finding = finding.evidence("tolerance", tolerance).command("systemctl list-timers --all");
    // An old routine began before whatever else is found on the machine.
    let finding =
        finding.evidence("first", when(members.first()?.outage.from)).evidence("last", when(last.outage.from));
    Some(dated(quoted(finding, &members, about.zone), last.outage.from))
}

/// What is to be said of a note.
pub(super) fn of_note(kind: Kind, subject: Subject, scope: Scope, note: &Note, zone: &TimeZone) -> Option<Finding> {
    let last = at(note.last, zone);
    let name = who(&subject);
    let often = times(usize::try_from(note.count).unwrap_or(usize::MAX));
    let why = note.reasons.last().cloned().unwrap_or_default();
    let because = if why.is_empty() { String::new() } else { format!(": {why}") };
    let finding = match kind {
        Kind::Panic => rule::KERNEL_PANIC
            .on(subject)
            .title(format!("The kernel of {name} panicked {often}, last at {last}{because}")),
        Kind::Oops => rule::KERNEL_OOPS
            .on(subject)
            .title(format!("The kernel of {name} stumbled {often}, last at {last}{because}")),
        Kind::Lockup => rule::LOCKUP
            .on(subject)
            .title(format!("A watchdog of {name} saw no progress {often}, last at {last}{because}")),
        Kind::Hung => rule::HUNG_TASK
            .on(subject)
            .title(format!("A task of {name} waited for minutes {often}, last at {last}{because}")),
        Kind::Unhealthy => {
            let severity = if note.count >= 3 { Severity::Medium } else { Severity::Low };
            let title = format!("{name} became unhealthy {often}, last at {last}: its own health check failed");
            rule::CONTAINER_UNHEALTHY.on(subject).severity(severity).title(title)
        }
        Kind::OutOfMemory => {
            let whole = note.reasons.iter().any(|reason| reason.starts_with("the machine's memory ran out"));
            let severity = if note.count >= 3 || whole { Severity::High } else { Severity::Medium };
            let what = match scope {
                Scope::Host if whole => format!("The memory of {name} ran out"),
                Scope::Host => format!("The kernel of {name} killed processes for want of memory"),
                _ => format!("{name} lost processes that the kernel killed for want of memory"),
            };
            let victim = note.reasons.iter().find_map(|reason| match reason.split_once(": ") {
                Some((why, victim)) if why.contains("memory") => Some(victim),
                _ => Some(reason.as_str()).filter(|reason| !reason.contains("memory")),
            });
            let victim = victim.map(|victim| format!(" ({victim})"));
            let title = format!("{what} {often}, last at {last}{}", victim.unwrap_or_default());
            rule::OUT_OF_MEMORY.on(subject).severity(severity).title(title)
        }
        Kind::ClockSet => {
            let size =
                note.reasons.iter().filter_map(|reason| seconds(reason)).fold(0_i64, |most, step| most.max(step.abs()));
            let told = note.reasons.iter().any(|reason| reason.contains("backward"));
            if size < 60 && !told {
                return None;
            }
            let by = if size > 0 { format!(" by up to {}", span(size)) } else { because };
            rule::CLOCK_SET.on(subject).title(format!("The clock of {name} was set {often}, last at {last}{by}"))
        }
        Kind::Power => rule::POWER
            .on(subject)
            .title(format!("The power supply of {name} spoke up {often}, last at {last}{because}")),
        Kind::Thermal => {
            let is_critical = note.reasons.iter().any(|reason| reason.contains("critical"));
            let severity = if is_critical { Severity::High } else { Severity::Low };
            rule::THERMAL
                .on(subject)
                .severity(severity)
                .title(format!("{name} was too hot {often}, last at {last}{because}"))
        }
        _ => return None,
    };
    let finding =
        note.lines.iter().fold(finding, |finding, (second, line)| finding.evidence(when(*second), line.clone()));
    let finding = match &note.load {
        Some((at, load)) => finding.evidence("shortly before", format!("{} {load}", when(*at))),
        None => finding,
    };
    Some(dated(finding, note.last))
}

/// `+7200.012`, `-3.05`, `120`, in whole seconds.
fn seconds(text: &str) -> Option<i64> {
    let whole = text.trim().split('.').next()?;
    whole.strip_prefix('+').unwrap_or(whole).parse().ok()
}

/// Adds outages to a finding, the newest first, with what came before the newest.
fn quoted(mut finding: Finding, outages: &[&Told], zone: &TimeZone) -> Finding {
    for told in outages.iter().rev().take(QUOTED) {
        let reason = told.outage.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let value = format!("{} {}{reason}", lasted(told), ended(&told.outage));
        finding = finding.evidence(at(told.outage.from, zone), value);
    }
    if let Some(last) = outages.last() {
        for line in &last.outage.evidence {
            finding = finding.evidence("line", line.clone());
        }
        for before in &last.outage.before.told {
            finding = finding.evidence("shortly before", before.clone());
        }
    }
    finding
}

/// What a subject is called at the beginning of a sentence.
fn who(subject: &Subject) -> String {
    match subject.kind {
        SubjectKind::Engine => "The engine".to_owned(),
        SubjectKind::Container => format!("Container {}", subject.name),
        _ => subject.name.clone(),
    }
}

/// How something ended, in words.
fn ended(outage: &Outage) -> String {
    match (outage.cause, outage.code) {
        (Cause::Ordered, _) => "was stopped".to_owned(),
        (Cause::Suspended, _) => "was put to sleep".to_owned(),
        (Cause::Finished, _) => "finished".to_owned(),
        (Cause::OutOfMemory, _) => "was killed for want of memory".to_owned(),
        (Cause::Unclean, _) => "was gone without a word".to_owned(),
        (Cause::Panic, _) => "stopped in a kernel panic".to_owned(),
        (Cause::Lockup, _) => "hung until a watchdog saw it".to_owned(),
        (Cause::Power, _) => "lost power".to_owned(),
        (Cause::Thermal, _) => "was too hot".to_owned(),
        (Cause::Failed, Some(137)) => "was killed (exit status 137, SIGKILL)".to_owned(),
        (Cause::Failed, Some(139)) => "crashed (exit status 139, SIGSEGV)".to_owned(),
        (Cause::Failed, Some(134)) => "gave up (exit status 134, SIGABRT)".to_owned(),
        (Cause::Failed, Some(143)) => "was ended by a signal (exit status 143, SIGTERM)".to_owned(),
        (Cause::Failed, Some(code)) => format!("ended with exit status {code}"),
        (Cause::Failed, None) => "ended".to_owned(),
    }
}

fn lasted(told: &Told) -> String {
    match told.outage.to {
        None => "still down".to_owned(),
        Some(to) if to == told.outage.from => "for how long is not known".to_owned(),
        Some(_) => format!("down for {}", span((told.end - told.outage.from).max(1))),
    }
}

/// A time by the clock on the wall.
fn at(second: i64, zone: &TimeZone) -> String {
    super::civil(second, zone).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// `once`, `twice`, `5 times`
fn times(count: usize) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        count => format!("{count} times"),
    }
}

fn dated(mut finding: Finding, second: i64) -> Finding {
    finding.time = timestamp(second);
    finding.kind = keelguard_model::Kind::Detection;
    finding
}

/// The most of `times`, which are in order, within `width`: how many, the first and the last of them.
fn densest(times: &[i64], width: i64) -> Option<(usize, i64, i64)> {
    let mut best: Option<(usize, i64, i64)> = None;
    let mut begin = 0;
    for (end, last) in times.iter().enumerate() {
        while times.get(begin).is_some_and(|first| last - first > width) {
            begin += 1;
        }
        let first = times.get(begin).copied().unwrap_or(*last);
        let count = (end + 1).saturating_sub(begin);
        if best.is_none_or(|(most, ..)| count > most) {
            best = Some((count, first, *last));
        }
    }
    best
}
