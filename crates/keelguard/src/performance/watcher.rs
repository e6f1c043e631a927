//! What is measured, judged: one tick after the other. Whoever follows calls [`Watcher::tick`] as often as it likes; a daemon
//! will do the same.

use std::collections::BTreeMap;

use anyhow::Result;
use jiff::Timestamp;
use keelguard_host::measure::rates::{METRICS, Rate, between};
use keelguard_host::measure::{Census, Measured, Meter, Peers, census, peers, unlisted_by_kernel};
use keelguard_model::{Finding, Subject, SubjectKind};
use keelguard_signs::performance::causes::before::{Event, join};
use keelguard_signs::performance::causes::flood::{Floods, Traffic};
use keelguard_signs::performance::causes::hidden::{Hidden, Look};
use keelguard_signs::performance::causes::miner::Miners;
use keelguard_signs::performance::causes::{Place, Worker};
use keelguard_signs::performance::node::{self, Node};
use keelguard_store::Store;
use serde::{Deserialize, Serialize};

use super::names::Names;
use super::{before, workers};
use crate::settings::Settings;

/// Before the names under which what was learnt of machines and containers is kept.
pub(crate) const NODE: &str = "performance/";
/// Seconds between two searches through all numbers of processes.
const SEARCH_EVERY: i64 = 600;
/// Places whose floods are watched.
const MOST_PLACES: usize = 2_000;

/// Machines and containers whose own past is learnt. Each takes up to half a megabyte.
const MOST_NODES: usize = 250;
/// Seconds after which what went on and is over is no news.
const NEWS: i64 = 120;
/// Metrics of which a container's past is learnt; the others say the same in other words.
const OF_CONTAINERS: [&str; 8] =
    ["cpu", "memory", "disk-read", "disk-written", "net-received", "net-sent", "processes", "connections"];

/// A metric as people read it, and by what its values are multiplied for it. None of what has a judge of its own.
pub(super) fn in_words(metric: &str) -> Option<(String, f64)> {
    // How many run just then is chance, and floods are watched for by themselves.
    if ["running", "conntrack", "oom-kills", "connections-refused"].contains(&metric) {
        return None;
    }
    let (_, unit, _) = METRICS.iter().find(|(name, ..)| *name == metric)?;
    Some(match *unit {
        "" => (metric.to_owned(), 1.0),
        "bytes" => (format!("{metric} in MB"), 1e-6),
        "bytes/s" => (format!("{metric} in kB/s"), 1e-3),
        "1/s" => (format!("{metric} a second"), 1.0),
        unit => (format!("{metric} in {unit}"), 1.0),
    })
}

/// This machine's name.
pub(super) fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// What one tick said.
#[derive(Default)]
pub(crate) struct Tick {
    /// What goes on, with what came before it.
    pub(crate) findings: Vec<Finding>,
    /// What was measured: under which subject it is kept, and how much.
    pub(crate) rates: Vec<(String, Rate)>,
}

/// What is remembered over a restart.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct State {
    miners: Miners,
    floods: Vec<(Place, Floods)>,
}

/// See the module.
pub(crate) struct Watcher {
    host: String,
    meter: Meter,
    measured: Option<Measured>,
    counted: Census,
    names: Names,
    users: BTreeMap<u32, String>,
    hidden: Hidden,
    miners: Miners,
    floods: BTreeMap<Place, Floods>,
    /// By the subject under which measurements are kept, with how it is called now.
    nodes: BTreeMap<String, (Subject, Node)>,
    searched: Option<i64>,
    /// What came before each finding that goes on, by its fingerprint: logs are read once for it.
    came_before: BTreeMap<String, Vec<Event>>,
}

impl Watcher {
    /// One that has seen nothing.
    pub(crate) fn new() -> Self {
        Self {
            host: host_name(),
            meter: Meter::new(),
            measured: None,
            counted: Census::default(),
            names: Names::default(),
            users: workers::users(),
            hidden: Hidden::default(),
            miners: Miners::default(),
            floods: BTreeMap::new(),
            nodes: BTreeMap::new(),
            searched: None,
            came_before: BTreeMap::new(),
        }
    }

    /// What it has learnt, to go on with after a restart.
    pub(crate) fn state(&self) -> Result<Vec<u8>> {
        let floods = self.floods.iter().map(|(place, floods)| (place.clone(), floods.clone())).collect();
        Ok(serde_json::to_vec(&State { miners: self.miners.clone(), floods })?)
    }

    /// Goes on from `state`. What another version saved is not understood, and learnt anew.
    pub(crate) fn restore(&mut self, state: &[u8]) {
        let State { miners, floods } = serde_json::from_slice(state).unwrap_or_default();
        (self.miners, self.floods) = (miners, floods.into_iter().take(MOST_PLACES).collect());
    }

    /// Measures and judges.
    pub(crate) fn tick(&mut self, now: Timestamp, store: Option<&Store>, settings: &Settings) -> Tick {
        let second = now.as_second();
        let measured = self.meter.read(now);
        let counted = census();
        self.names.look(measured.containers.keys(), second, settings);
        let before = self.measured.replace(measured);
        let (Some(before), Some(after)) = (before, &self.measured) else {
            self.counted = counted;
            return Tick::default();
        };
        let seconds = after.uptime - before.uptime;
        let rates = between(&before, after);
        let busiest = workers::busiest(&self.counted, &counted, seconds);
        let sights = workers::sights(busiest, &self.host, &self.names, &rates, &self.users);
        let working: Vec<Worker> = sights.iter().map(|sight| sight.worker.clone()).collect();
        self.miners.see(second, sights);
        self.look_for_hidden(second, &counted);
        self.look_for_floods(second, &rates);
        self.counted = counted;
        let mut findings = self.hidden.findings(&self.host);
        findings.extend(self.miners.findings());
        for (place, floods) in &self.floods {
            findings.extend(floods.findings(place));
        }
        self.learn(second, &rates, store);
        findings.extend(self.unlike_themselves(now));
        self.explain(&mut findings, &working, now, settings);
        let rates = rates.into_iter().map(|rate| (self.subject(&rate), rate)).collect();
        Tick { findings, rates }
    }

    /// What was learnt of each machine and container: its name, and the bytes.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = (&String, Result<Vec<u8>>)> {
        self.nodes.iter().map(|(name, (_, node))| (name, postcard::to_stdvec(node).map_err(Into::into)))
    }

    /// Goes on from what was learnt of one of them.
    fn recall(name: &str, store: Option<&Store>) -> Node {
        let saved = store.and_then(|store| store.saved(&format!("{NODE}{name}")).ok().flatten());
        saved.and_then(|(_, bytes)| postcard::from_bytes(&bytes).ok()).unwrap_or_default()
    }

    fn learn(&mut self, second: i64, rates: &[Rate], store: Option<&Store>) {
        for rate in rates {
            let of_container = rate.container.is_some();
            if of_container && !OF_CONTAINERS.contains(&rate.metric) {
                continue;
            }
            let Some((metric, factor)) = in_words(rate.metric) else { continue };
            let name = self.subject(rate);
            if !self.nodes.contains_key(&name) {
                if self.nodes.len() >= MOST_NODES {
                    continue;
                }
                let kind = if of_container { SubjectKind::Container } else { SubjectKind::Host };
                let called = rate.container.as_ref().map_or_else(|| self.host.clone(), |id| self.names.name(id));
                self.nodes.insert(name.clone(), (Subject::new(kind, called), Self::recall(&name, store)));
            }
            if let Some((_, node)) = self.nodes.get_mut(&name) {
                node.see(&metric, second, rate.value * factor);
            }
        }
    }

    /// What goes on, or was over just now.
    fn unlike_themselves(&self, now: Timestamp) -> Vec<Finding> {
        let zone = jiff::tz::TimeZone::system();
        let is_news = |finding: &Finding| {
            let last = finding.evidence.iter().find(|evidence| evidence.what == "last");
            let last = last.and_then(|evidence| evidence.value.parse::<Timestamp>().ok()).unwrap_or(finding.time);
            now.as_second() - last.as_second() <= NEWS
        };
        let found = self.nodes.values().flat_map(|(subject, node)| node::findings(node, subject, &zone));
        found.filter(is_news).collect()
    }

    fn subject(&self, rate: &Rate) -> String {
        rate.container.as_ref().map_or_else(|| "host".to_owned(), |id| self.names.subject(id))
    }

    fn look_for_hidden(&mut self, second: i64, counted: &Census) {
        let is_due = self.searched.is_none_or(|searched| second.saturating_sub(searched) >= SEARCH_EVERY);
        let answering = if self.hidden.wants_numbers() && is_due {
            self.searched = Some(second);
            unlisted_by_kernel(counted)
        } else {
            Vec::new()
        };
        let look = Look {
            missing: counted.missing(),
            unlisted: counted.unlisted.clone(),
            covered: counted.covered.clone(),
            answering,
        };
        self.hidden.see(second, &look);
    }

    fn look_for_floods(&mut self, second: i64, rates: &[Rate]) {
        let mut by_place: BTreeMap<Option<&str>, Vec<&Rate>> = BTreeMap::new();
        for rate in rates {
            by_place.entry(rate.container.as_deref()).or_default().push(rate);
        }
        let seen: Vec<Place> = by_place.keys().map(|id| self.names.place(&self.host, *id)).collect();
        for ((id, rates), place) in by_place.into_iter().zip(&seen) {
            let value = |metric: &str| rates.iter().find(|rate| rate.metric == metric).map(|rate| rate.value);
            // Of a container the table is read only where there is something to see.
            let peers = match id {
                None => peers(None),
                Some(_) if value("connections-opened").is_some_and(|rate| rate > 50.0) => {
                    self.process_of(id).and_then(|pid| peers(Some(pid)))
                }
                Some(_) => None,
            };
            if self.floods.len() < MOST_PLACES || self.floods.contains_key(place) {
                self.floods.entry(place.clone()).or_default().see(second, traffic(peers, value));
            }
        }
        self.floods.retain(|place, _| seen.contains(place));
    }

    /// A process of the container.
    fn process_of(&self, id: Option<&str>) -> Option<i32> {
        let id = id?;
        let of_container =
            |pid: &&i32| std::fs::read_to_string(format!("/proc/{pid}/cgroup")).is_ok_and(|text| text.contains(id));
        self.counted.tasks.keys().find(of_container).copied()
    }

    /// Adds who worked the most, and what came just before.
    fn explain(&mut self, findings: &mut [Finding], working: &[Worker], now: Timestamp, settings: &Settings) {
        self.came_before.retain(|fingerprint, _| findings.iter().any(|finding| finding.fingerprint == *fingerprint));
        let is_new = findings.iter().any(|finding| !self.came_before.contains_key(&finding.fingerprint));
        let events = if is_new { before::events(now, settings) } else { Vec::new() };
        for finding in findings {
            let events = self.came_before.entry(finding.fingerprint.clone()).or_insert_with(|| events.clone());
            let first = finding.evidence.iter().find(|evidence| evidence.what == "first");
            let first = first.and_then(|evidence| evidence.value.parse::<Timestamp>().ok()).unwrap_or(finding.time);
            join(finding, first.as_second(), events);
            let names_one = finding.evidence.iter().any(|evidence| evidence.what == "process");
            let busiest = working.first().filter(|worker| worker.processors >= 0.2 && !names_one);
            if let Some(worker) = busiest {
                let evidence = keelguard_model::Evidence { what: "works the most".into(), value: worker.words() };
                finding.evidence.push(evidence);
            }
        }
    }
}

fn traffic(peers: Option<Peers>, value: impl Fn(&str) -> Option<f64>) -> Traffic {
    #[expect(clippy::cast_precision_loss, reason = "counts of connections")]
    let number = |count: u64| count as f64;
    let seen = peers.is_some();
    let peers = peers.unwrap_or_default();
    Traffic {
        received: value("net-received-packets"),
        sent: value("net-sent-packets"),
        opened: value("connections-opened"),
        refused: value("connections-refused"),
        half_open: seen.then(|| number(peers.half_open)),
        begun: seen.then(|| number(peers.begun)),
        table: value("conntrack"),
        connections: number(peers.connections),
        peers: peers.top.into_iter().map(|peer| (peer.address, peer.port, peer.count)).collect(),
        addresses: peers.addresses,
        ports: peers.ports,
        remote_ports: peers.remote_ports,
    }
}
