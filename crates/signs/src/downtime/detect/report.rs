//! The judge's say, as a report: subjects, calendar and findings. Asked for at any time; changes nothing.

use jiff::tz::TimeZone;
use keelguard_model::downtime::{Calendar, Measured, OutageEntry, Uptime};
use keelguard_model::{Counts, Finding, verdict};

use super::findings::{About, of_note, of_subject};
use super::statistics::{Record, Told};
use super::track::{State, Track};
use super::{Cause, Detectors, Heavy, Key, Window, calendar};
use crate::downtime::event::Scope;
use crate::words::timestamp;

/// What the judge says.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The machine first, then what runs on it.
    pub subjects: Vec<Uptime>,
    /// When things went down.
    pub calendar: Calendar,
    /// The worst first.
    pub findings: Vec<Finding>,
}

fn measured(heavy: &Heavy) -> Measured {
    Measured {
        time: timestamp(heavy.at),
        what: heavy.what.clone(),
        value: heavy.value,
        usual: heavy.usual,
        unit: heavy.unit.clone(),
    }
}

/// The newest outages that a report holds of one subject.
const SHOWN: usize = 50;

impl Detectors {
    /// What stands to be said now, by the clocks of `zone`, with what lies in `windows` as planned.
    pub fn judge(&self, windows: &[Window], zone: &TimeZone) -> Judgement {
        let mut tracks: Vec<(&Key, &Track)> = self.tracks.iter().collect();
        tracks.sort_by_key(|(key, _)| *key);
        let mut judgement = Judgement { subjects: Vec::new(), calendar: Calendar::default(), findings: Vec::new() };
        let mut everything: Vec<Told> = Vec::new();
        let mut known: Option<(i64, i64)> = None;
        let mut holes = Vec::new();
        for (key, track) in tracks {
            let now = self.end_of(key).max(track.last);
            let all = track.all_outages(now);
            let told: Vec<Told> = all.into_iter().map(|outage| Told::new(outage, now, windows, zone)).collect();
            let subject = self.subject(key, Some(track));
            let about = About { key, subject: &subject, track, outages: &told, now, limits: &self.limits, zone };
            let findings = of_subject(&about);
            if key.scope == Scope::Host {
                let span = known.map_or((track.first, now), |(from, to)| (from.min(track.first), to.max(now)));
                known = Some(span);
                holes.extend(track.holes.iter().copied());
            }
            let is_shown =
                !told.is_empty() || matches!(key.scope, Scope::Host | Scope::Container) || track.restarts > 0;
            if is_shown {
                judgement.subjects.push(self.uptime(key, track, &told, &findings, now));
            }
            judgement.findings.extend(findings);
            everything.extend(told);
        }
        let noted = self.notes.iter().filter_map(|((kind, key), note)| {
            of_note(*kind, self.subject(key, self.tracks.get(key)), key.scope, note, zone)
        });
        judgement.findings.extend(noted);
        judgement.calendar = calendar::of(&everything, known.unwrap_or_default(), &holes, zone);
        for uptime in &mut judgement.subjects {
            let own = judgement.findings.iter().filter(|finding| finding.subject == uptime.subject);
            uptime.verdict = verdict(Counts::of(own), 0);
        }
        judgement.findings.sort_by(|a, b| {
            let key = |finding: &Finding| (finding.severity, finding.time);
            key(b)
                .cmp(&key(a))
                .then_with(|| (&a.rule, &a.subject, &a.fingerprint).cmp(&(&b.rule, &b.subject, &b.fingerprint)))
        });
        judgement
    }

    fn uptime(&self, key: &Key, track: &Track, told: &[Told], findings: &[Finding], now: i64) -> Uptime {
        let host = self.tracks.get(&super::host_key(key));
        let holes = host.map(|host| host.holes.iter().copied().collect()).unwrap_or_default();
        let record = Record { known: (track.first, now), holes, outages: told };
        let state = match &track.state {
            _ if track.is_down(now) => "down",
            State::Down(outage) if outage.cause.is_failure() => "up",
            State::Down(outage) if outage.cause == Cause::Suspended => "suspended",
            State::Down(_) => "stopped",
            State::Up => "up",
            State::Unknown => "unknown",
        };
        let count = |test: &dyn Fn(&Told) -> bool| told.iter().filter(|told| test(told)).count() as u64;
        let entry = |told: &Told| OutageEntry {
            from: timestamp(told.outage.from),
            to: told.outage.to.map(timestamp),
            cause: told.outage.cause.name().to_owned(),
            reason: told.outage.reason.clone(),
            code: told.outage.code,
            planned: told.is_planned(),
            before: told.outage.before.told.clone(),
            load: told.outage.before.load.iter().map(measured).collect(),
        };
        Uptime {
            subject: self.subject(key, Some(track)),
            state: state.to_owned(),
            verdict: verdict(Counts::of(findings), 0),
            starts: track.starts,
            restarts: track.restarts,
            outages: count(&|told| !told.is_planned()),
            failures: count(&Told::is_failure),
            planned: count(&Told::is_planned),
            measures: record.measures(now),
            last_outages: told.iter().skip(told.len().saturating_sub(SHOWN)).map(entry).collect(),
        }
    }
}
