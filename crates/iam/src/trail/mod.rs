//! What principals have really done, by CloudTrail's logs: which actions, on which resources, when. Events have names of
//! their own; a table turns them into the actions that policies know. Memory is bounded by what is distinct, not by how
//! many logs there are.

mod event;
mod files;
mod fill;
mod names;
mod resources;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use jiff::Timestamp;
use keelguard_model::{Area, Incomplete};

use crate::facts::Usage;
use event::Event;
pub use names::actions;

/// Bounds of what is kept.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of one file, unpacked.
    pub file: u64,
    /// Files.
    pub files: usize,
    /// Principals.
    pub principals: usize,
    /// Actions of one principal.
    pub actions: usize,
    /// Resources of one action of one principal.
    pub resources: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file: 256 << 20, files: 200_000, principals: 100_000, actions: 5_000, resources: 200 }
    }
}

/// What all logs together tell.
#[derive(Debug, Default)]
pub struct Trail {
    seen: Seen,
    /// What could not be read, and why.
    pub incomplete: Vec<Incomplete>,
}

#[derive(Debug, Default)]
struct Seen {
    used: BTreeMap<String, BTreeMap<String, Kept>>,
    /// Services of which events of data were logged.
    data: BTreeSet<String>,
    /// Services of which there is any event at all.
    services: BTreeSet<String>,
    /// Calls that only read are logged, too.
    reads: bool,
    events: u64,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

#[derive(Debug, Default)]
struct Kept {
    resources: BTreeSet<String>,
    resources_open: bool,
    count: u64,
    denied: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    regions: BTreeSet<String>,
}

impl Trail {
    /// Reads files and folders of logs: `Records` as CloudTrail writes them, one event a line, or the answer of `aws
    /// cloudtrail lookup-events`; each plain or packed with gzip.
    pub fn read(paths: &[PathBuf], limits: &Limits) -> Self {
        let mut trail = Self::default();
        let mut unread = BTreeMap::new();
        files::each(paths, limits, &mut trail.incomplete, &mut |name, text| {
            let mut odd = 0_u64;
            event::each(text, &mut |event| match event {
                Some(event) => {
                    if let Some(full) = trail.seen.see(&event, limits) {
                        *unread.entry(full).or_insert(0_u64) += 1;
                    }
                }
                None => odd += 1,
            });
            (odd > 0).then(|| format!("{name}: {odd} entries in it are no events of CloudTrail"))
        });
        for (what, count) in unread {
            let why = format!("there is more of it than is kept; {count} events were left out");
            trail.incomplete.push(Incomplete::new(Area::Iam, what, why));
        }
        if trail.seen.events == 0 && trail.incomplete.is_empty() {
            let names: Vec<String> = paths.iter().take(3).map(|path| path.display().to_string()).collect();
            trail.incomplete.push(Incomplete::new(
                Area::Iam,
                names.join(", "),
                "there is not one event of CloudTrail in it",
            ));
        }
        trail
    }

    /// What a principal has done: a user or role by its ARN, in the order of the actions' names.
    pub fn used(&self, principal: &str) -> Vec<Usage> {
        let actions = self.seen.used.get(principal).into_iter().flatten();
        let usage = |(action, kept): (&String, &Kept)| Usage {
            action: action.clone(),
            resources: kept.resources.iter().cloned().collect(),
            resources_open: kept.resources_open,
            count: kept.count,
            denied: kept.denied,
            first: kept.first,
            last: kept.last,
            regions: kept.regions.iter().cloned().collect(),
        };
        actions.map(usage).collect()
    }

    /// Everybody who has done anything.
    pub fn principals(&self) -> impl Iterator<Item = &str> {
        self.seen.used.keys().map(String::as_str)
    }

    /// Events that were read.
    pub fn events(&self) -> u64 {
        self.seen.events
    }

    /// When the first and the last of them were.
    pub fn times(&self) -> Option<(Timestamp, Timestamp)> {
        self.seen.from.zip(self.seen.to)
    }
}

impl Seen {
    /// Takes an event in. Some: of what there is too much.
    fn see(&mut self, event: &Event<'_>, limits: &Limits) -> Option<&'static str> {
        self.events += 1;
        let time = event.time();
        self.from = [self.from, time].into_iter().flatten().min();
        self.to = self.to.max(time);
        self.reads |= event.reads();
        let done = event.done();
        let service = done.first().and_then(|(action, _)| action.split_once(':'));
        if let Some((service, _)) = service.filter(|(service, _)| !self.services.contains(*service)) {
            self.services.insert(service.to_owned());
        }
        let principal = event.principal()?;
        if done.is_empty() {
            return None;
        }
        if event.is_of_data()
            && let Some((service, _)) = done.first().and_then(|(action, _)| action.split_once(':'))
            && !self.data.contains(service)
        {
            self.data.insert(service.to_owned());
        }
        if !self.used.contains_key(principal.as_ref()) {
            if self.used.len() >= limits.principals {
                return Some("principals in CloudTrail's logs");
            }
            self.used.insert(principal.clone().into_owned(), BTreeMap::new());
        }
        let actions = self.used.get_mut(principal.as_ref())?;
        let denied = event.is_denied();
        for (action, resources) in done {
            if !actions.contains_key(action.as_ref()) && actions.len() >= limits.actions {
                return Some("actions of a principal in CloudTrail's logs");
            }
            let kept = actions.entry(action.into_owned()).or_default();
            if denied {
                kept.denied += 1;
                continue;
            }
            kept.count += 1;
            kept.first = [kept.first, time].into_iter().flatten().min();
            kept.last = kept.last.max(time);
            if let Some(region) = event.region().filter(|_| kept.regions.len() < 64) {
                kept.regions.insert(region.to_owned());
            }
            kept.resources_open |= resources.is_empty();
            for resource in resources {
                if kept.resources.len() < limits.resources || kept.resources.contains(&resource) {
                    kept.resources.insert(resource);
                } else {
                    kept.resources_open = true;
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
