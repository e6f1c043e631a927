//! The same change at the same time on several hosts: a worm, a deployment that went wrong, or one who has the keys to all of
//! them. A state machine that is fed what each host found unlike itself, in the order of time as far as clocks allow.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use keelguard_model::rule;
use keelguard_model::{Finding, Kind, Severity, Subject, SubjectKind};
use serde::{Deserialize, Serialize};

use crate::words::many;

/// Seconds within which changes belong together.
const TOGETHER: i64 = 600;
/// Hosts on which the same change is no chance.
const HOSTS: usize = 3;
/// Changes that are remembered.
const MOST: usize = 50_000;
/// Hosts that are named.
const NAMED: usize = 10;

/// Which way a value went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// More than usual.
    Up,
    /// Less than usual.
    Down,
}

/// One host found one of its metrics unlike itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Seconds since 1970.
    pub time: i64,
    /// The host.
    pub host: String,
    /// The metric.
    pub metric: String,
    /// Which way it went.
    pub way: Way,
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Across {
    changes: VecDeque<Change>,
    hosts: BTreeMap<String, i64>,
    forgotten: u64,
}

/// One change that several hosts share.
struct Shared<'a> {
    metric: &'a str,
    way: Way,
    first: i64,
    last: i64,
    hosts: Vec<&'a str>,
}

impl Across {
    /// A host that is watched, whether anything changes on it or not: what share of all hosts changed counts.
    pub fn watch(&mut self, host: &str, second: i64) {
        if self.hosts.len() < MOST || self.hosts.contains_key(host) {
            let last = self.hosts.entry(host.to_owned()).or_insert(second);
            *last = second.max(*last);
        }
    }

    /// Takes in a change.
    pub fn see(&mut self, change: Change) {
        self.watch(&change.host, change.time);
        if self.changes.len() >= MOST {
            self.changes.pop_front();
            self.forgotten += 1;
        }
        // Reports of other hosts come late; most come in order.
        let at = self.changes.iter().rposition(|known| known.time <= change.time).map_or(0, |at| at + 1);
        self.changes.insert(at, change);
    }

    /// Changes that were forgotten because there were too many.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// The changes that hosts share: on three or more, and on a fifth of all that are watched.
    pub fn findings(&self) -> Vec<Finding> {
        let least = HOSTS.max(self.hosts.len().div_ceil(5));
        let mut groups: BTreeMap<(&str, Way), Vec<&Change>> = BTreeMap::new();
        for change in &self.changes {
            groups.entry((change.metric.as_str(), change.way)).or_default().push(change);
        }
        let mut shared = Vec::new();
        for ((metric, way), changes) in groups {
            let mut start = 0;
            while let Some(first) = changes.get(start) {
                let together: Vec<&&Change> =
                    changes.iter().skip(start).take_while(|change| change.time - first.time <= TOGETHER).collect();
                let mut hosts: Vec<&str> = together.iter().map(|change| change.host.as_str()).collect();
                hosts.sort_unstable();
                hosts.dedup();
                if hosts.len() >= least {
                    let last = together.last().map_or(first.time, |change| change.time);
                    shared.push(Shared { metric, way, first: first.time, last, hosts });
                    start += together.len();
                } else {
                    start += 1;
                }
            }
        }
        merge(shared).iter().map(|group| self.finding(group)).collect()
    }

    fn finding(&self, group: &[Shared<'_>]) -> Finding {
        let mut hosts: Vec<&str> = group.iter().flat_map(|shared| shared.hosts.iter().copied()).collect();
        hosts.sort_unstable();
        hosts.dedup();
        let first = group.iter().map(|shared| shared.first).min().unwrap_or_default();
        let last = group.iter().map(|shared| shared.last).max().unwrap_or_default();
        let metrics: Vec<String> = group
            .iter()
            .map(|shared| format!("{} {}", shared.metric, if shared.way == Way::Up { "up" } else { "down" }))
            .collect();
        let named = hosts.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        let more = if hosts.len() > NAMED { format!(" and {} more", hosts.len() - NAMED) } else { String::new() };
        let subject = Subject::new(SubjectKind::Host, hosts.first().copied().unwrap_or_default().to_owned());
        let time = Timestamp::from_second(last).unwrap_or_default();
        let all = hosts.len() * 2 > self.hosts.len();
        let finding = rule::SAME_ON_SEVERAL
            .on(subject)
            .about(&metrics.join(","))
            .severity(if all { Severity::High } else { Severity::Medium })
            .title(format!(
                "{} changed on {} of {} at the same time",
                metrics.join(", "),
                hosts.len(),
                many(self.hosts.len() as u64, "host")
            ))
            .evidence("hosts", format!("{named}{more}"))
            .evidence("first", Timestamp::from_second(first).unwrap_or_default().to_string())
            .evidence("last", time.to_string());
        let subjects = hosts.iter().map(|host| Subject::new(SubjectKind::Host, (*host).to_owned())).collect();
        Finding { kind: Kind::Detection, time, subjects, ..finding }
    }
}

/// Metrics that changed at the same time are one event, not one for each.
fn merge(mut shared: Vec<Shared<'_>>) -> Vec<Vec<Shared<'_>>> {
    shared.sort_by_key(|one| one.first);
    let mut groups: Vec<Vec<Shared<'_>>> = Vec::new();
    for one in shared {
        match groups.last_mut().filter(|group| group.first().is_some_and(|first| one.first - first.first <= TOGETHER)) {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(time: i64, host: &str, metric: &str) -> Change {
        Change { time, host: host.into(), metric: metric.into(), way: Way::Up }
    }

    fn across(hosts: usize, changes: &[Change]) -> Across {
        let mut across = Across::default();
        (0..hosts).for_each(|index| across.watch(&format!("h{index}"), 0));
        for one in changes {
            across.see(one.clone());
        }
        across
    }

    #[test]
    fn the_same_change_on_three_hosts_is_one_finding() {
        let changes = [
            change(100, "h0", "cpu"),
            change(130, "h0", "net-sent"),
            change(200, "h1", "cpu"),
            change(210, "h1", "net-sent"),
            change(90, "h2", "cpu"),
            change(300, "h2", "net-sent"),
        ];
        let found = across(4, &changes).findings();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].rule, "KG-P070");
        assert_eq!(found[0].title, "cpu up, net-sent up changed on 3 of 4 hosts at the same time");
        assert_eq!(found[0].subjects.len(), 3);
    }

    #[test]
    fn two_hosts_or_other_times_or_other_ways_are_chance() {
        assert!(
            across(4, &[change(1, "h0", "cpu"), change(2, "h1", "cpu"), change(3, "h1", "cpu")]).findings().is_empty()
        );
        let apart = [change(1, "h0", "cpu"), change(1000, "h1", "cpu"), change(2000, "h2", "cpu")];
        assert!(across(4, &apart).findings().is_empty());
        let mut down = change(3, "h2", "cpu");
        down.way = Way::Down;
        assert!(across(4, &[change(1, "h0", "cpu"), change(2, "h1", "cpu"), down]).findings().is_empty());
    }

    #[test]
    fn on_many_hosts_three_are_chance() {
        let changes = [change(1, "h0", "cpu"), change(2, "h1", "cpu"), change(3, "h2", "cpu")];
        assert!(across(100, &changes).findings().is_empty());
    }

    #[test]
    fn memory_is_bounded() {
        let mut across = Across::default();
        for index in 0..i64::try_from(MOST).unwrap() + 10 {
            across.see(change(index * 10_000, "a", "cpu"));
        }
        assert_eq!((across.changes.len(), across.forgotten()), (MOST, 10));
    }
}
