//! All metrics of one machine or container. What several of them show at the same time is one event of the node, and what one
//! shows alone must be striking to be told: that is what keeps a hundred metrics from a hundred alarms.

mod findings;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use self::findings::findings;
use super::detect::Judged;
use super::watch::{Episode, Kind, Odd, Watch};

/// Metrics that one node may have.
const METRICS: usize = 256;
/// The longest name of one.
const LONGEST: usize = 200;
/// What one metric has to score to be told without others.
const ALONE: f64 = 0.75;
/// Seconds between what belongs together, at least.
const TOGETHER: i64 = 900;

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Node {
    #[serde(deserialize_with = "super::bounded_map")]
    watches: BTreeMap<String, Watch>,
    /// Values of metrics beyond as many as are watched.
    pub refused: u64,
}

/// What one metric showed.
#[derive(Clone, Debug, PartialEq)]
pub struct Vote {
    /// The metric.
    pub metric: String,
    /// What it showed.
    pub episode: Episode,
}

/// What went on on a node.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The first second of it.
    pub from: i64,
    /// The last second of it so far.
    pub to: i64,
    /// The most striking metric first.
    pub votes: Vec<Vote>,
}

impl Event {
    /// Kinds of metrics that show it: what is measured of a processor in four ways is one.
    pub fn families(&self) -> usize {
        self.votes.iter().map(|vote| family(&vote.metric)).collect::<BTreeSet<_>>().len()
    }

    /// The highest score.
    pub fn score(&self) -> f64 {
        self.votes.iter().map(|vote| vote.episode.score).fold(0.0, f64::max)
    }
}

/// `cpu_user` and `cpu_idle` are `cpu`, `load1` and `load5` are `load`.
pub fn family(metric: &str) -> &str {
    let end = metric.find(|character: char| !character.is_alphabetic()).filter(|end| *end > 0);
    let family = end.and_then(|end| metric.get(..end)).unwrap_or(metric);
    // Load is what waits for processors.
    if matches!(family, "load" | "runnable") { "cpu" } else { family }
}

impl Node {
    /// Takes a value of a metric in.
    pub fn see(&mut self, metric: &str, second: i64, value: f64) -> Judged {
        if let Some(watch) = self.watches.get_mut(metric) {
            return watch.see(second, value);
        }
        if self.watches.len() >= METRICS || metric.len() > LONGEST {
            self.refused += 1;
            return Judged::default();
        }
        self.watches.entry(metric.to_owned()).or_default().see(second, value)
    }

    /// The metrics.
    pub fn metrics(&self) -> impl Iterator<Item = (&str, &Watch)> {
        self.watches.iter().map(|(name, watch)| (name.as_str(), watch))
    }

    /// What was odd about the values of all metrics.
    pub fn odd(&self) -> Odd {
        self.watches.values().fold(Odd::default(), |sum, watch| Odd {
            values: sum.values + watch.odd.values,
            repeats: sum.repeats + watch.odd.repeats,
            backwards: sum.backwards + watch.odd.backwards,
        })
    }

    /// Episodes that were forgotten, because there were too many.
    pub fn forgotten(&self) -> u64 {
        self.watches.values().map(|watch| watch.forgotten).sum()
    }

    /// What went on, in the order of time, as far as it is worth telling. Changes nothing.
    pub fn events(&self) -> Vec<Event> {
        let mut votes: Vec<Vote> = self
            .watches
            .iter()
            .flat_map(|(metric, watch)| {
                watch.episodes().map(|episode| Vote { metric: metric.clone(), episode: *episode })
            })
            .collect();
        votes.sort_by(|a, b| (a.episode.from, &a.metric).cmp(&(b.episode.from, &b.metric)));
        let interval = self.watches.values().map(Watch::interval).max().unwrap_or(1);
        let near = TOGETHER.max(interval.saturating_mul(3));
        let mut events: Vec<Event> = Vec::new();
        for vote in votes {
            let is_gap = vote.episode.kind == Kind::Missing;
            // What begins while something goes on, or soon after something began, is part of it; a gap joins gaps alone.
            let open = events.iter_mut().rev().take(16).find(|event| {
                let gaps = event.votes.iter().all(|vote| vote.episode.kind == Kind::Missing);
                gaps == is_gap && vote.episode.from <= event.from.saturating_add(near).max(event.to)
            });
            match open {
                Some(event) => {
                    event.to = event.to.max(vote.episode.to);
                    event.votes.push(vote);
                }
                None => events.push(Event { from: vote.episode.from, to: vote.episode.to, votes: vec![vote] }),
            }
        }
        let only = self.watches.len() == 1;
        events.retain(|event| only || self.is_worth_telling(event));
        for event in &mut events {
            event
                .votes
                .sort_by(|a, b| b.episode.score.total_cmp(&a.episode.score).then_with(|| a.metric.cmp(&b.metric)));
        }
        events
    }

    fn is_worth_telling(&self, event: &Event) -> bool {
        let is_gap = event.votes.iter().all(|vote| vote.episode.kind == Kind::Missing);
        if is_gap {
            // One metric that is not there is no news: a disk was taken out. The node that is silent is.
            return event.votes.len() * 2 > self.watches.len();
        }
        event.families() >= 2 || event.score() >= ALONE
    }
}

#[cfg(test)]
mod tests;
