//! Logs that were silent while others went on, and log daemons that were stopped.

use keelguard_model::{Finding, Severity, rule};

use super::activity::{Activity, SLOT};
use super::log::LogWatch;
use super::rhythm::Silence;
use super::tell::{MOST, ask_journal, name, of, spanning};
use crate::data::logs::parse::mark::Daemon;
use crate::words::{span, when};

/// Programs that write by the clock on every machine; of others a silence may mean that they were not needed.
const CLOCKWORK: [&str; 6] = ["CRON", "cron", "crond", "-- MARK --", "rsyslogd-pstats", "syslog-ng"];
/// What fell silent longer ago is no news.
const NEWS: i64 = 7 * 86_400;
/// A start explains the silence right before it.
const AROUND: i64 = 600;
/// A daemon that is back after this was restarted.
const RESTART: i64 = 900;

/// What is to be said of silences, `end` being the end of what is known.
pub(super) fn judge(logs: &[LogWatch], witnesses: &[Activity], end: i64) -> Vec<Finding> {
    let mut found = stopped(logs, witnesses, end);
    let stops: Vec<(i64, i64)> = outages(logs, end).map(|(from, to, _)| (from, to)).collect();
    for (index, log) in logs.iter().enumerate() {
        let mut others = Activity::default();
        let elsewhere = logs.iter().enumerate().filter(|(other, _)| *other != index);
        for (_, other) in elsewhere {
            others.join(&other.activity);
        }
        for witness in witnesses {
            others.join(witness);
        }
        let mut told: Vec<Silence> = Vec::new();
        // A program that writes its own log, and a container, may be stopped; a system's log daemon is not.
        let silences = if log.is_syslog { log.rhythm.silences(end) } else { Vec::new() };
        for silence in silences.into_iter().filter(|silence| !(silence.goes_on && is_numbered(&log.name))) {
            let is_told = stops.iter().any(|(from, to)| *from <= silence.from + AROUND && silence.to <= to + AROUND);
            if !is_told && is_odd(log, &silence, &others) && told.len() < MOST {
                told.push(silence);
            }
        }
        found.extend(told.iter().map(|silence| of_log(log, silence)));
        others.join(&log.activity);
        for program in CLOCKWORK {
            let Some(rhythm) = log.programs.get(program) else { continue };
            let silences = rhythm.silences(end).into_iter().filter(|silence| {
                let within = |known: &Silence| known.from <= silence.to && silence.from <= known.to;
                silence.regular
                    && !silence.goes_on
                    && !told.iter().any(within)
                    && !stops.iter().any(|(from, to)| *from <= silence.to && silence.from <= *to)
                    && !log.starts.any(silence.from, silence.to + AROUND)
                    && others.went_on(silence.from, silence.to)
            });
            found.extend(silences.take(MOST).map(|silence| of_program(log, program, &silence)));
        }
    }
    found
}

/// Whether a file is named after a day or a number: a new one is begun now and then, and the old ones end.
fn is_numbered(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.as_bytes().windows(4).any(|digits| digits.iter().all(u8::is_ascii_digit))
}

/// Whether others went on meanwhile; or, of what writes by the clock, nothing began that would explain it.
fn is_odd(log: &LogWatch, silence: &Silence, others: &Activity) -> bool {
    if silence.goes_on {
        return silence.to - silence.from < NEWS && others.went_on(silence.from, silence.to);
    }
    let began = log.starts.any(silence.to - AROUND, silence.to + AROUND);
    others.went_on(silence.from, silence.to) || silence.regular && log.is_syslog && !began && knows_starts(log)
}

/// Whether the log would tell of a start of the machine.
fn knows_starts(log: &LogWatch) -> bool {
    ["kernel", "systemd", "rsyslogd", "init"].iter().any(|program| log.programs.get(*program).is_some())
}

fn of_log(log: &LogWatch, silence: &Silence) -> Finding {
    let (path, long) = (name(&log.name), span(silence.to - silence.from));
    let usual = span(silence.usual.max(1));
    let (rule, title) = if silence.goes_on {
        let title = format!("{path} has not been written to for {long}, since {}; others have", when(silence.from));
        (&rule::LOG_SILENT, title)
    } else {
        let title = format!(
            "{path} has no line for {long} from {} on; it never was silent for more than {usual}",
            when(silence.from)
        );
        (&rule::LOG_GAP, title)
    };
    let about = if silence.goes_on { String::new() } else { silence.from.to_string() };
    let finding = of(rule, &log.name, silence.from, &about).title(title);
    let finding = spanning(finding, silence.from, silence.to, &log.host).evidence("longest ordinary silence", usual);
    ask_journal(finding, silence.from, silence.to)
}

fn of_program(log: &LogWatch, program: &str, silence: &Silence) -> Finding {
    let title = format!(
        "{} has no line of {program} for {} from {} on, which writes every {}; others went on",
        name(&log.name),
        span(silence.to - silence.from),
        when(silence.from),
        span(silence.usual.max(1))
    );
    let about = format!("{program} {}", silence.from);
    let finding = of(&rule::LOG_GAP, &log.name, silence.from, &about).severity(Severity::Low).title(title);
    ask_journal(spanning(finding, silence.from, silence.to, &log.host), silence.from, silence.to)
}

/// Times without a log daemon: from, to, which; those that a restart or a boot explains are left out.
fn outages(logs: &[LogWatch], end: i64) -> impl Iterator<Item = (i64, i64, Daemon)> {
    let mut events: Vec<(i64, Daemon, bool)> = logs.iter().flat_map(|log| log.daemons.iter().copied()).collect();
    events.sort_unstable();
    let mut found: Vec<(i64, i64, Daemon)> = Vec::new();
    for (at, (from, daemon, started)) in events.iter().enumerate() {
        if *started {
            continue;
        }
        // Several logs tell of the same end.
        let later = events.get(at + 1..).unwrap_or_default();
        let next = later.iter().find(|(_, other, _)| other == daemon);
        if next.is_some_and(|(_, _, started)| !started) {
            continue;
        }
        let to = next.map_or(end, |(to, ..)| *to);
        if to - from >= RESTART {
            found.push((*from, to, *daemon));
        }
    }
    found.into_iter()
}

fn stopped(logs: &[LogWatch], witnesses: &[Activity], end: i64) -> Vec<Finding> {
    let mut all = Activity::default();
    for activity in logs.iter().map(|log| &log.activity).chain(witnesses) {
        all.join(activity);
    }
    let mut found = Vec::new();
    for (from, to, daemon) in outages(logs, end) {
        let told = |log: &&LogWatch| log.daemons.iter().any(|(time, other, _)| *time == from && *other == daemon);
        let Some(log) = logs.iter().find(told) else { continue };
        // The daemon's own start is among the starts; a boot is there as well.
        let booted = logs.iter().any(|log| {
            let own =
                log.daemons.iter().filter(|(time, other, started)| *started && *time == to && *other == daemon).count();
            log.starts.count(from, to + AROUND) > own
        });
        let went_on =
            if to - from >= 4 * SLOT { all.went_on(from, to) } else { all.any(from + SLOT / 2, to - SLOT / 2) };
        if booted || !went_on && !knows_starts(log) || found.len() >= MOST {
            continue;
        }
        let how = if to == end {
            "has not been started again".to_owned()
        } else {
            format!("was started again at {}", when(to))
        };
        let title =
            format!("{} was stopped at {} and {how}: {} without a log", daemon.name(), when(from), span(to - from));
        let about = format!("{} {from}", daemon.unit());
        let finding = of(&rule::LOGGING_STOPPED, &log.name, from, &about).title(title);
        let finding = spanning(finding, from, to, &log.host);
        let severity = if to == end || to - from >= 6 * 3600 { Severity::High } else { Severity::Medium };
        found.push(finding.severity(severity).command(format!("systemctl status {}", daemon.unit())));
    }
    found
}
