//! How loaded a machine was, and whether that was more than its own usual: the median of what was measured of it before, and
//! how far that spreads, over all of it and at the same hour of earlier days. What is as usual is not said, however much it is;
//! and where little was measured, nothing is known to be unusual.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::downtime::event::Load;
use crate::read::sysstat::Metric;

/// One thing that is watched.
struct Gauge {
    name: &'static str,
    unit: &'static str,
    /// What of it makes up the value.
    metrics: &'static [Metric],
    /// Below this nothing is said of it; it is more than the usual by at least so much. Of a load, for each processor.
    least: f64,
    step: f64,
    /// What stands before and behind the value.
    words: (&'static str, &'static str),
}

const fn gauge(
    name: &'static str,
    unit: &'static str,
    metrics: &'static [Metric],
    (least, step): (f64, f64),
    words: (&'static str, &'static str),
) -> Gauge {
    Gauge { name, unit, metrics, least, step, words }
}

/// How many there are.
const GAUGES: usize = 9;

static ALL: [Gauge; GAUGES] = [
    gauge("cpu", "%", &[Metric::CpuUser, Metric::CpuNice, Metric::CpuSystem], (70.0, 20.0), ("CPU ", " % busy")),
    gauge("cpu_iowait", "%", &[Metric::CpuIowait], (25.0, 15.0), ("CPU ", " % waiting for disks")),
    gauge(
        "cpu_steal",
        "%",
        &[Metric::CpuSteal],
        (15.0, 10.0),
        ("CPU ", " % taken by other machines on the same hardware"),
    ),
    gauge("memory", "%", &[Metric::MemoryUsed], (80.0, 8.0), ("memory ", " % used")),
    gauge("swap", "%", &[Metric::SwapUsed], (50.0, 20.0), ("swap ", " % used")),
    gauge("load", "", &[Metric::Load1], (1.5, 1.0), ("load ", "")),
    gauge("pressure_cpu", "%", &[Metric::PressureCpu], (40.0, 25.0), ("pressure on CPU ", " %")),
    gauge("pressure_memory", "%", &[Metric::PressureMemory], (10.0, 8.0), ("pressure on memory ", " %")),
    gauge("pressure_io", "%", &[Metric::PressureIo], (25.0, 15.0), ("pressure on disks ", " %")),
];

/// A gauge that showed more than usual.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Heavy {
    /// When it was measured, in seconds since 1970.
    pub at: i64,
    /// Which: `cpu`, `memory`, `load`.
    pub what: String,
    /// How much.
    pub value: f64,
    /// The median of what was measured before.
    pub usual: f64,
    /// `%`, or nothing.
    pub unit: String,
    /// `CPU 98 % busy, usual 12 %`
    pub said: String,
}

/// What was measured within one minute, in the mean.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Minute {
    /// The newest time of it.
    at: i64,
    count: u16,
    values: [Option<f32>; GAUGES],
    processors: Option<f32>,
}

/// What was measured of one machine, the newest last.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Loads {
    minutes: VecDeque<Minute>,
    /// The usual at a minute is asked for again by everything that went down in it.
    #[serde(skip)]
    known: Option<(i64, Vec<Heavy>)>,
}

/// Twenty days of a sample every ten minutes, or two of one a minute.
const MINUTES: usize = 2880;
/// Fewer show no usual.
const FEWEST: usize = 12;
/// At the same hour: so far apart, on so many earlier days.
const SAME_HOUR: i64 = 1800;
const SAME_DAYS: usize = 3;
const DAY: i64 = 86_400;
/// Deviations from the median within which lies what is usual. The median of deviations, times 1.4826, is what the standard
/// deviation is where errors are normal.
const SPREAD: f64 = 4.0 * 1.4826;

impl Loads {
    /// Takes in what was measured. What comes late is not sorted in.
    pub(super) fn add(&mut self, at: i64, load: &Load) {
        let of = |metric: Metric| load.values.iter().find(|(known, _)| *known == metric).map(|(_, value)| *value);
        let value = |gauge: &Gauge| {
            let parts: Option<Vec<f64>> = gauge.metrics.iter().map(|metric| of(*metric)).collect();
            parts.map(|parts| single(parts.iter().sum()))
        };
        let values: [Option<f32>; GAUGES] = std::array::from_fn(|index| ALL.get(index).and_then(value));
        let processors = of(Metric::Processors).map(single);
        let minute = at.div_euclid(60);
        match self.minutes.back_mut() {
            Some(last) if last.at.div_euclid(60) > minute => {}
            Some(last) if last.at.div_euclid(60) == minute => {
                last.at = last.at.max(at);
                last.count = last.count.saturating_add(1);
                let weight = f32::from(last.count);
                for (mean, value) in last.values.iter_mut().zip(values) {
                    *mean = match (*mean, value) {
                        (Some(mean), Some(value)) => Some(mean + (value - mean) / weight),
                        (mean, value) => mean.or(value),
                    };
                }
                last.processors = processors.or(last.processors);
                self.known = None;
            }
            _ => {
                if self.minutes.len() >= MINUTES {
                    self.minutes.pop_front();
                }
                self.minutes.push_back(Minute { at, count: 1, values, processors });
            }
        }
    }

    /// What was more than usual at the newest time that is at most `oldest` seconds before `at`.
    pub(super) fn heavy(&mut self, at: i64, oldest: i64) -> Vec<Heavy> {
        let Some(index) = self.minutes.iter().rposition(|minute| minute.at <= at + 1) else { return Vec::new() };
        let Some(now) = self.minutes.get(index).filter(|minute| at - minute.at <= oldest) else { return Vec::new() };
        if let Some((known, heavy)) = &self.known
            && *known == now.at
        {
            return heavy.clone();
        }
        // What led up to it is not its usual.
        let usual: Vec<&Minute> =
            self.minutes.range(..index).filter(|minute| now.at - minute.at > oldest / 2).collect();
        let heavy: Vec<Heavy> =
            ALL.iter().enumerate().filter_map(|(index, gauge)| gauge.heavy(index, now, &usual)).collect();
        self.known = Some((now.at, heavy.clone()));
        heavy
    }
}

impl Gauge {
    fn heavy(&self, index: usize, now: &Minute, usual: &[&Minute]) -> Option<Heavy> {
        let value_of = |minute: &Minute| minute.values.get(index).copied().flatten();
        let value = value_of(now)?;
        let processors = now.processors.map_or(1.0, f64::from).max(1.0);
        let each = if self.name == "load" { processors } else { 1.0 };
        if f64::from(value) < self.least * each {
            return None;
        }
        let above = |values: &[f32]| {
            let (median, spread) = middle(values)?;
            (f64::from(value) > median + (self.step * each).max(SPREAD * spread)).then_some(median)
        };
        let all: Vec<f32> = usual.iter().filter_map(|minute| value_of(minute)).collect();
        if all.len() < FEWEST {
            return None;
        }
        let median = above(&all)?;
        let same_hour: Vec<&&Minute> = usual
            .iter()
            .filter(|minute| {
                let apart = (now.at - minute.at).rem_euclid(DAY);
                now.at - minute.at > DAY / 2 && apart.min(DAY - apart) <= SAME_HOUR
            })
            .collect();
        let mut days: Vec<i64> =
            same_hour.iter().map(|minute| (now.at - minute.at + DAY / 2).div_euclid(DAY)).collect();
        days.dedup();
        if days.len() >= SAME_DAYS {
            let values: Vec<f32> = same_hour.iter().filter_map(|minute| value_of(minute)).collect();
            above(&values)?;
        }
        let (before, behind) = self.words;
        let on = match now.processors.filter(|_| self.name == "load") {
            Some(1.0) => " on 1 core".to_owned(),
            Some(count) => format!(" on {} cores", amount(f64::from(count))),
            None => String::new(),
        };
        let unit = if self.unit.is_empty() { String::new() } else { format!(" {}", self.unit) };
        Some(Heavy {
            at: now.at,
            what: self.name.to_owned(),
            value: hundredths(f64::from(value)),
            usual: hundredths(median),
            unit: self.unit.to_owned(),
            said: format!("{before}{}{behind}{on}, usual {}{unit}", amount(f64::from(value)), amount(median)),
        })
    }
}

/// The median, and the median of how far values lie from it.
fn middle(values: &[f32]) -> Option<(f64, f64)> {
    let median = |values: &mut [f32]| {
        let half = values.len() / 2;
        values.sort_unstable_by(f32::total_cmp);
        values.get(half).copied()
    };
    let mut sorted = values.to_vec();
    let center = median(&mut sorted)?;
    let mut apart: Vec<f32> = sorted.iter().map(|value| (value - center).abs()).collect();
    Some((f64::from(center), f64::from(median(&mut apart)?)))
}

/// `98`, `0.4`
fn amount(value: f64) -> String {
    let text = if value >= 10.0 { format!("{value:.0}") } else { format!("{value:.1}") };
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

fn hundredths(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// Percents and loads need no more digits.
#[expect(clippy::cast_possible_truncation, reason = "see above")]
fn single(value: f64) -> f32 {
    value as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every ten minutes from `from` on.
    fn loads(from: i64, count: i64, make: impl Fn(i64) -> Vec<(Metric, f64)>) -> Loads {
        let mut loads = Loads::default();
        for index in 0..count {
            loads.add(from + index * 600, &Load { values: make(index) });
        }
        loads
    }

    fn quiet(index: i64) -> Vec<(Metric, f64)> {
        #[expect(clippy::cast_precision_loss, reason = "a small number")]
        let some = (index % 5) as f64;
        vec![
            (Metric::CpuUser, 8.0 + some),
            (Metric::CpuNice, 0.0),
            (Metric::CpuSystem, 2.0),
            (Metric::MemoryUsed, 40.0 + some),
            (Metric::Load1, 0.3 + some / 10.0),
            (Metric::Processors, 2.0),
            (Metric::PressureMemory, 0.0),
        ]
    }

    fn busy() -> Vec<(Metric, f64)> {
        vec![
            (Metric::CpuUser, 90.0),
            (Metric::CpuNice, 0.0),
            (Metric::CpuSystem, 8.0),
            (Metric::MemoryUsed, 97.0),
            (Metric::Load1, 84.0),
            (Metric::Processors, 2.0),
            (Metric::PressureMemory, 62.5),
        ]
    }

    fn said(loads: &mut Loads, at: i64) -> Vec<String> {
        loads.heavy(at, 900).into_iter().map(|heavy| heavy.said).collect()
    }

    #[test]
    fn what_is_more_than_usual_is_said_with_the_usual() {
        let mut loads = loads(0, 100, |index| if index == 99 { busy() } else { quiet(index) });
        assert_eq!(
            said(&mut loads, 99 * 600 + 300),
            [
                "CPU 98 % busy, usual 12 %",
                "memory 97 % used, usual 42 %",
                "load 84 on 2 cores, usual 0.5",
                "pressure on memory 62 %, usual 0 %",
            ]
        );
        // An hour later nobody knows any more.
        assert_eq!(said(&mut loads, 99 * 600 + 3600), [""; 0]);
    }

    #[test]
    fn load_that_is_as_usual_is_not_mentioned_however_much_it_is() {
        let mut always_busy = loads(0, 100, |_| busy());
        assert_eq!(said(&mut always_busy, 99 * 600 + 300), [""; 0]);
        let mut never = loads(0, 100, quiet);
        assert_eq!(said(&mut never, 99 * 600 + 300), [""; 0]);
        // Much more than usual, but far from much.
        let mut little = loads(0, 100, |index| {
            vec![
                (Metric::CpuUser, if index == 99 { 30.0 } else { 1.0 }),
                (Metric::CpuNice, 0.0),
                (Metric::CpuSystem, 0.0),
            ]
        });
        assert_eq!(said(&mut little, 99 * 600 + 300), [""; 0]);
    }

    #[test]
    fn a_machine_that_is_busy_every_night_is_as_usual_at_night() {
        let nightly = |index: i64| if index % 144 < 6 { busy() } else { quiet(index) };
        let mut five_days = loads(0, 5 * 144 + 3, nightly);
        assert_eq!(said(&mut five_days, (5 * 144 + 2) * 600), [""; 0]);
        // At noon it is not.
        let mut noon = loads(0, 5 * 144 + 73, |index| if index == 5 * 144 + 72 { busy() } else { nightly(index) });
        assert_eq!(said(&mut noon, (5 * 144 + 72) * 600).len(), 4);
    }

    #[test]
    fn little_that_was_measured_shows_no_usual() {
        let mut few = loads(0, 10, |index| if index == 9 { busy() } else { quiet(index) });
        assert_eq!(said(&mut few, 9 * 600), [""; 0]);
    }

    #[test]
    fn samples_of_each_second_are_told_by_the_minute_and_memory_stays_bounded() {
        let mut loads = Loads::default();
        for second in 0..400_000 {
            let spike = Load { values: vec![(Metric::MemoryUsed, if second == 399_990 { 99.0 } else { 40.0 })] };
            loads.add(second, &spike);
        }
        assert_eq!(loads.minutes.len(), MINUTES);
        assert_eq!(said(&mut loads, 399_999), [""; 0]);
    }
}
