//! What is remembered of one group: the events within its span.

use std::collections::{HashMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::{Correlation, Measure};

/// Events that one group remembers.
pub(super) const MAX_ENTRIES: usize = 50_000;

/// An event.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    /// In milliseconds.
    at: i64,
    /// What is counted: a value, or the number of a rule.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    value: String,
}

/// One group of a correlation.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Group {
    /// When the event happened that came first, in milliseconds.
    pub(super) opened: i64,
    /// The newest.
    pub(super) newest: i64,
    entries: VecDeque<Entry>,
    /// How often each value is among them.
    counts: HashMap<String, u32>,
    sum: f64,
    /// For each step of a sequence, of those that end there the one that began last: start and end.
    chain: Vec<Option<(i64, i64)>>,
}

impl Group {
    pub(super) fn new(at: i64) -> Self {
        Self { opened: at, newest: at, ..Self::default() }
    }

    /// How many events it remembers.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Adds an event. The second is how many events had to be forgotten for it.
    pub(super) fn add(&mut self, correlation: &Correlation, at: i64, step: usize, value: Option<String>) -> usize {
        self.newest = self.newest.max(at);
        if correlation.waits() && self.opened.saturating_sub(at) > correlation.span {
            return 0;
        }
        let value = match correlation.measure {
            Measure::Ordered => {
                self.step(correlation, at, step);
                return 0;
            }
            Measure::Events => String::new(),
            Measure::Rules => step.to_string(),
            Measure::Values => match value {
                Some(value) => value,
                None => return 0,
            },
            Measure::Sum | Measure::Average | Measure::Percentile(_) => match value {
                Some(value) if number(&value).is_some() => value,
                _ => return 0,
            },
        };
        if !correlation.waits() {
            let oldest = self.newest.saturating_sub(correlation.span);
            while self.entries.front().is_some_and(|entry| entry.at < oldest) {
                self.drop_oldest(correlation);
            }
            if at < oldest {
                return 0;
            }
        }
        // Of a rule, the latest event says all.
        if correlation.measure == Measure::Rules
            && self.counts.contains_key(&value)
            && let Some(old) = self.entries.iter().position(|entry| entry.value == value)
        {
            if self.entries.get(old).is_some_and(|entry| entry.at >= at) {
                return 0;
            }
            self.entries.remove(old);
            self.counts.remove(&value);
        }
        if correlation.measure != Measure::Events {
            *self.counts.entry(value.clone()).or_default() += 1;
        }
        self.sum += number(&value).unwrap_or(0.0);
        let place = self.entries.partition_point(|entry| entry.at <= at);
        self.entries.insert(place, Entry { at, value });
        if self.entries.len() > MAX_ENTRIES {
            self.drop_oldest(correlation);
            return 1;
        }
        0
    }

    fn drop_oldest(&mut self, correlation: &Correlation) {
        let Some(entry) = self.entries.pop_front() else { return };
        if correlation.measure != Measure::Events
            && let Some(count) = self.counts.get_mut(&entry.value)
        {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.counts.remove(&entry.value);
            }
        }
        self.sum -= number(&entry.value).unwrap_or(0.0);
        if self.entries.is_empty() {
            // What rounding has left.
            self.sum = 0.0;
        }
    }

    /// One event of a sequence.
    fn step(&mut self, correlation: &Correlation, at: i64, step: usize) {
        self.chain.resize(correlation.steps, None);
        let begun = match step.checked_sub(1) {
            None => Some(at),
            Some(before) => match self.chain.get(before).copied().flatten() {
                Some((start, end)) if end <= at && at.saturating_sub(start) <= correlation.span => Some(start),
                _ => None,
            },
        };
        if let (Some(start), Some(place)) = (begun, self.chain.get_mut(step))
            && place.is_none_or(|(known, _)| known <= start)
        {
            *place = Some((start, at));
        }
    }

    /// What the correlation counts, as it stands.
    #[allow(clippy::cast_precision_loss, reason = "counts are bounded")]
    pub(super) fn value(&self, correlation: &Correlation) -> f64 {
        match correlation.measure {
            Measure::Events => self.entries.len() as f64,
            Measure::Values | Measure::Rules => self.counts.len() as f64,
            Measure::Ordered => {
                let fresh = |step: &Option<(i64, i64)>| {
                    step.is_some_and(|(start, _)| self.newest.saturating_sub(start) <= correlation.span)
                };
                self.chain.iter().rposition(fresh).map_or(0.0, |at| at as f64 + 1.0)
            }
            Measure::Sum => self.sum,
            Measure::Average if self.entries.is_empty() => f64::NAN,
            Measure::Average => self.sum / self.entries.len() as f64,
            Measure::Percentile(percent) => {
                percentile(self.entries.iter().filter_map(|entry| number(&entry.value)), percent)
            }
        }
    }
}

/// A finite number.
fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// The nearest-rank percentile; not a number where there are no values.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rank among at most MAX_ENTRIES"
)]
fn percentile(values: impl Iterator<Item = f64>, percent: f64) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    let rank = (percent / 100.0 * values.len() as f64).ceil() as usize;
    values.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}
