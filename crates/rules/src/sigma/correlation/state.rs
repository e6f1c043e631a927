//! What all correlations remember. Bounded: where groups are too many, those without news for the longest are forgotten,
//! and counted.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::window::Group;
use super::{Correlation, Node};

/// Groups of one correlation.
const MAX_GROUPS: usize = 20_000;
/// Events that one correlation remembers.
const MAX_EVENTS: usize = 200_000;

/// What correlations remember between events. Serialisable, so that a run can go on from it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct State {
    /// The time of the latest event, in milliseconds.
    pub(super) now: Option<i64>,
    /// When the next span is over.
    pub(super) due: Option<i64>,
    windows: Vec<Windows>,
    /// Which correlations look at a rule.
    #[serde(skip)]
    pub(super) consumers: HashMap<Node, Vec<usize>>,
}

/// Of one correlation.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Windows {
    /// Which one it is.
    of: String,
    groups: HashMap<String, Group>,
    /// When the spans of groups are over, where the correlation waits for that.
    #[serde(skip)]
    ends: BTreeMap<i64, Vec<String>>,
    events: usize,
    forgotten: u64,
}

impl State {
    /// Nothing, for these correlations.
    pub(crate) fn new(correlations: &[Correlation]) -> Self {
        let windows =
            correlations.iter().map(|each| Windows { of: each.fingerprint(), ..Windows::default() }).collect();
        let mut consumers: HashMap<Node, Vec<usize>> = HashMap::new();
        for (number, correlation) in correlations.iter().enumerate() {
            for input in &correlation.inputs {
                let all = consumers.entry(input.place).or_default();
                if all.last() != Some(&number) {
                    all.push(number);
                }
            }
        }
        Self { now: None, due: None, windows, consumers }
    }

    /// What is saved, for these correlations.
    pub(crate) fn fitted(mut self, correlations: &[Correlation]) -> Self {
        let mut own = Self::new(correlations);
        for windows in &mut own.windows {
            if let Some(saved) = self.windows.iter_mut().find(|saved| saved.of == windows.of) {
                // The counts of a file may be anything; what they count is counted again.
                let groups = std::mem::take(&mut saved.groups);
                windows.events = groups.values().map(Group::len).sum();
                windows.groups = groups;
                windows.forgotten = saved.forgotten;
            }
        }
        for (windows, correlation) in own.windows.iter_mut().zip(correlations) {
            windows.order(correlation);
        }
        own.now = self.now;
        own.plan();
        own
    }

    /// Groups and events that had to be forgotten because there were too many; correlations may have missed something.
    pub fn forgotten(&self) -> u64 {
        self.windows.iter().map(|windows| windows.forgotten).sum()
    }

    /// Groups that are remembered.
    pub fn groups(&self) -> usize {
        self.windows.iter().map(|windows| windows.groups.len()).sum()
    }

    /// Adds an event to a group. What was counted, where the correlation matches now.
    pub(super) fn feed(
        &mut self,
        number: usize,
        correlation: &Correlation,
        key: &str,
        at: i64,
        step: usize,
        value: Option<String>,
    ) -> Option<f64> {
        let windows = self.windows.get_mut(number)?;
        let group = if let Some(group) = windows.groups.get_mut(key) {
            group
        } else {
            windows.make_room(correlation, at);
            if correlation.waits() {
                let end = at.saturating_add(correlation.span);
                windows.ends.entry(end).or_default().push(key.to_owned());
                self.due = Some(self.due.map_or(end, |known| known.min(end)));
            }
            windows.groups.entry(key.to_owned()).or_insert_with(|| Group::new(at))
        };
        let before = group.len();
        windows.forgotten += group.add(correlation, at, step, value) as u64;
        windows.events = (windows.events + group.len()).saturating_sub(before);
        if correlation.waits() {
            return None;
        }
        let value = group.value(correlation);
        if !correlation.holds(value) {
            return None;
        }
        windows.events = windows.events.saturating_sub(group.len());
        windows.groups.remove(key);
        Some(value)
    }

    /// Ends the groups whose span is over: those that match, with what was counted and when the span ended.
    pub(super) fn close(&mut self, number: usize, correlation: &Correlation, now: i64) -> Vec<(String, f64, i64)> {
        let Some(windows) = self.windows.get_mut(number) else { return Vec::new() };
        let mut over: Vec<(String, f64, i64)> = Vec::new();
        while let Some(first) = windows.ends.first_entry().filter(|first| *first.key() <= now) {
            let (end, keys) = first.remove_entry();
            for key in keys {
                if let Some(group) = windows.groups.remove(&key) {
                    windows.events = windows.events.saturating_sub(group.len());
                    over.push((key, group.value(correlation), end));
                }
            }
        }
        over.retain(|(_, value, _)| !value.is_nan() && correlation.holds(*value));
        over.sort_unstable_by(|one, other| (one.2, &one.0).cmp(&(other.2, &other.0)));
        over
    }

    /// Looks up when the next span is over.
    pub(super) fn plan(&mut self) {
        self.due = self.windows.iter().filter_map(|windows| windows.ends.keys().next().copied()).min();
    }
}

impl Windows {
    /// Looks up anew when the spans of groups are over.
    fn order(&mut self, correlation: &Correlation) {
        self.ends.clear();
        if correlation.waits() {
            for (key, group) in &self.groups {
                self.ends.entry(group.opened.saturating_add(correlation.span)).or_default().push(key.clone());
            }
        }
    }

    /// Forgets groups whose time is over, and then those without news for the longest, where there are too many.
    fn make_room(&mut self, correlation: &Correlation, now: i64) {
        if self.groups.len() < MAX_GROUPS && self.events < MAX_EVENTS {
            return;
        }
        if !correlation.waits() {
            let oldest = now.saturating_sub(correlation.span);
            self.groups.retain(|_, group| group.newest >= oldest);
        }
        // A quarter at once, so that this is not done for each event.
        if self.groups.len() >= MAX_GROUPS * 3 / 4
            || self.groups.values().map(Group::len).sum::<usize>() >= MAX_EVENTS * 3 / 4
        {
            let mut news: Vec<i64> = self.groups.values().map(|group| group.newest).collect();
            let quarter = news.len().div_ceil(4);
            news.sort_unstable();
            let limit = news.get(quarter.saturating_sub(1)).copied().unwrap_or(i64::MAX);
            let mut left = quarter;
            self.groups.retain(|_, group| {
                let goes = group.newest <= limit && left > 0;
                left -= usize::from(goes);
                !goes
            });
            self.forgotten += (quarter - left) as u64;
        }
        self.events = self.groups.values().map(Group::len).sum();
        self.order(correlation);
    }
}
