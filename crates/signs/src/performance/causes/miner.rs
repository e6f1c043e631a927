//! Miners of cryptocurrency: work without end that leaves no trace on disks and next to none on the network, together with what
//! only miners do. Work alone proves nothing (builds, encoders and databases work, too), so it is never enough.

use std::collections::BTreeMap;

use jiff::Timestamp;
use keelguard_model::rule;
use keelguard_model::{Finding, Severity};
use serde::{Deserialize, Serialize};

use super::{Place, Worker, seen};
use crate::words::span;

/// Programs that do nothing else, by the names they come with. Those who hide them rename them; they are seen by what they do.
const NAMES: [&str; 24] = [
    "xmrig",
    "xmr-stak",
    "xmrstak",
    "minerd",
    "cpuminer",
    "ccminer",
    "cgminer",
    "bfgminer",
    "ethminer",
    "nbminer",
    "t-rex",
    "lolminer",
    "phoenixminer",
    "nanominer",
    "srbminer",
    "srbminer-multi",
    "teamredminer",
    "gminer",
    "kdevtmpfsi",
    "kinsing",
    "claymore",
    "wildrig-multi",
    "xmr-stak-rx",
    "randomx-benchmark",
];
/// Ports on which pools take shares, and hardly anybody else anything.
const PORTS: [u16; 24] = [
    3333, 3334, 3335, 4444, 5555, 5556, 5588, 6666, 7777, 7778, 8333, 9332, 9999, 10_128, 10_300, 10_343, 14_433,
    14_444, 20_128, 20_580, 33_333, 45_560, 45_700, 55_555,
];
/// What stands in the arguments of miners.
const ARGUMENTS: [&str; 16] = [
    "stratum+tcp",
    "stratum+ssl",
    "stratum+tls",
    "stratum2+tcp",
    "stratum://",
    "--donate-level",
    "--randomx",
    "--cpu-max-threads-hint",
    "--nicehash",
    "--rig-id",
    "--algo=rx",
    "--algo rx",
    "-a rx/0",
    "--coin=monero",
    "--coin monero",
    "daemon+http",
];
/// Hosts of pools.
const POOLS: [&str; 14] = [
    "supportxmr.com",
    "minexmr.com",
    "nanopool.org",
    "hashvault.pro",
    "moneroocean.stream",
    "2miners.com",
    "f2pool.com",
    "herominers.com",
    "nicehash.com",
    "unmineable.com",
    "ethermine.org",
    "c3pool.",
    "xmrpool.",
    "kryptex.network",
];

/// Seconds of work without a pause.
const LONG: i64 = 600;
/// Processors of which one worker must keep that many busy, each.
const BUSY: f64 = 0.8;
/// Pauses shorter than that end nothing: a miner waits for its pool now and then.
const PAUSE: i64 = 60;
/// Reads and writes a second below which disks are flat.
const FLAT_OPERATIONS: f64 = 5.0;
/// Bytes a second below which the network is flat: shares are small.
const FLAT_BYTES: f64 = 20_000.0;
/// Workers that are remembered.
const MOST: usize = 10_000;

/// What was seen of one worker within one tick.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sight {
    /// The process.
    pub worker: Worker,
    /// Where it runs.
    pub place: Option<Place>,
    /// Remote ports of its container's, or of its own, connections.
    pub ports: Vec<u16>,
    /// Names of hosts or addresses that it speaks to, where known.
    pub peers: Vec<String>,
    /// Reads and writes a second of its container, or of the machine.
    pub operations: Option<f64>,
    /// Bytes a second to and from the network of its container, or of the machine.
    pub bytes: Option<f64>,
    /// Whether it has a processor's registers (`/dev/cpu/0/msr`) open, to set prefetchers.
    pub registers: bool,
    /// Whether it holds huge pages.
    pub huge_pages: bool,
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Miners {
    #[serde(with = "super::pairs")]
    known: BTreeMap<(i32, String), Work>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Work {
    sight: Sight,
    since: i64,
    last: i64,
    /// How often it was seen to work, and how often with flat disks and network.
    seen: u32,
    flat: u32,
}

impl Miners {
    /// Takes in those who work at `second` since 1970. Idle ones need not be told.
    pub fn see(&mut self, second: i64, sights: Vec<Sight>) {
        for sight in sights {
            let key = (sight.worker.pid, sight.worker.name.clone());
            let is_flat = sight.operations.is_none_or(|rate| rate < FLAT_OPERATIONS)
                && sight.bytes.is_none_or(|rate| rate < FLAT_BYTES)
                && (sight.operations.is_some() || sight.bytes.is_some());
            let is_named = !traits(&sight).is_empty();
            if sight.worker.processors < BUSY && !is_named {
                continue;
            }
            let full = self.known.len() >= MOST && !self.known.contains_key(&key);
            if full {
                continue;
            }
            let work = self.known.entry(key).or_insert_with(|| Work {
                sight: sight.clone(),
                since: second,
                last: second,
                seen: 0,
                flat: 0,
            });
            work.last = second;
            work.seen = work.seen.saturating_add(1);
            work.flat = work.flat.saturating_add(u32::from(is_flat));
            // What was seen once stays seen, though the connection may be gone by now.
            let (ports, peers) = (std::mem::take(&mut work.sight.ports), std::mem::take(&mut work.sight.peers));
            let (registers, huge_pages) = (work.sight.registers, work.sight.huge_pages);
            work.sight = sight;
            join(&mut work.sight.ports, ports);
            join(&mut work.sight.peers, peers);
            work.sight.registers |= registers;
            work.sight.huge_pages |= huge_pages;
        }
        self.known.retain(|_, work| second.saturating_sub(work.last) < PAUSE);
    }

    /// Those that mine.
    pub fn findings(&self) -> Vec<Finding> {
        self.known.values().filter_map(Work::finding).collect()
    }
}

fn join<T: PartialEq>(known: &mut Vec<T>, more: Vec<T>) {
    for one in more {
        if known.len() < 20 && !known.contains(&one) {
            known.push(one);
        }
    }
}

/// What only miners do, in words; a second value for what others do now and then.
fn traits(sight: &Sight) -> Vec<String> {
    let mut found = Vec::new();
    let worker = &sight.worker;
    let command = worker.command.to_ascii_lowercase();
    let program =
        worker.program.rsplit('/').next().unwrap_or_default().trim_end_matches(" (deleted)").to_ascii_lowercase();
    let name = worker.name.to_ascii_lowercase();
    if let Some(known) = NAMES.iter().find(|known| name == **known || program == **known) {
        found.push(format!("a miner's name: {known}"));
    }
    // A shell that searches for miners, or an editor with a list of pools, is none: the program itself must be called so.
    let arguments: Vec<&str> = ARGUMENTS.iter().filter(|part| command.contains(**part)).copied().collect();
    if !arguments.is_empty() && !is_reader(&program, &name) {
        found.push(format!("a miner's arguments: {}", arguments.join(", ")));
    }
    let pool = |text: &str| POOLS.iter().any(|pool| text.contains(pool));
    if (pool(&command) && !is_reader(&program, &name))
        || sight.peers.iter().any(|peer| pool(&peer.to_ascii_lowercase()))
    {
        found.push("it speaks to a pool".to_owned());
    }
    found
}

/// Programs in whose arguments anything may stand.
fn is_reader(program: &str, name: &str) -> bool {
    const READERS: [&str; 18] = [
        "grep", "egrep", "rg", "vim", "vi", "nano", "less", "cat", "sh", "bash", "dash", "zsh", "curl", "wget", "git",
        "pgrep", "pkill", "docker",
    ];
    READERS.contains(&program) || READERS.contains(&name)
}

/// What miners do and few others, which counts only with long work.
fn habits(sight: &Sight) -> Vec<String> {
    let mut found = Vec::new();
    let ports: Vec<String> = sight.ports.iter().filter(|port| PORTS.contains(port)).map(ToString::to_string).collect();
    if !ports.is_empty() {
        found.push(format!("connections to ports of pools: {}", ports.join(", ")));
    }
    if sight.registers {
        found.push("it has the processor's registers open (/dev/cpu/*/msr)".to_owned());
    }
    if sight.huge_pages {
        found.push("it holds huge pages".to_owned());
    }
    if sight.worker.deleted {
        found.push("its program was deleted after it was started".to_owned());
    }
    let program = &sight.worker.program;
    if ["/tmp/", "/var/tmp/", "/dev/shm/", "/run/user/"].iter().any(|folder| program.starts_with(folder))
        || program.contains("/.")
    {
        found.push(format!("it runs from {program}"));
    }
    found
}

impl Work {
    fn finding(&self) -> Option<Finding> {
        let sight = &self.sight;
        let place = sight.place.as_ref()?;
        let lasted = self.last - self.since;
        let (traits, habits) = (traits(sight), habits(sight));
        let is_long = lasted >= LONG;
        let is_flat = self.flat * 10 >= self.seen * 9;
        // What calls itself a miner need not be watched for long; what only behaves like one must do so twice over.
        let works_like_one = is_long && is_flat && !habits.is_empty();
        let (rule, severity) = if (!traits.is_empty() && self.seen >= 2) || (works_like_one && habits.len() >= 2) {
            (&rule::MINER, Severity::High)
        } else if works_like_one {
            (&rule::MINER_LIKELY, Severity::Medium)
        } else {
            return None;
        };
        let time = Timestamp::from_second(self.last).unwrap_or_default();
        let begun = Timestamp::from_second(self.since).unwrap_or_default();
        let mut finding = seen(rule.on(place.subject()), time)
            .about(&sight.worker.name)
            .severity(severity)
            .title(format!("{} mines {}", sight.worker.name, place.words()))
            .evidence("process", sight.worker.words())
            .evidence("command", sight.worker.command.chars().take(300).collect::<String>())
            .evidence("host", &place.host)
            .evidence("first", begun.to_string())
            .evidence("last", time.to_string());
        if rule.id == rule::MINER_LIKELY.id {
            finding = finding.title(format!("{} behaves like a miner {}", sight.worker.name, place.words()));
        }
        if let Some(container) = &place.container {
            finding = finding.evidence("container", container).command(format!("docker pause {container}"));
        } else {
            finding = finding.command(format!("kill -STOP {}", sight.worker.pid));
        }
        if !sight.worker.user.is_empty() {
            finding = finding.evidence("user", &sight.worker.user);
        }
        for found in traits.into_iter().chain(habits) {
            finding = finding.evidence("sign", found);
        }
        if is_long && is_flat {
            finding =
                finding.evidence("sign", format!("works for {} with hardly a byte to disks and network", span(lasted)));
        }
        Some(finding)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sight(name: &str, command: &str, processors: f64) -> Sight {
        Sight {
            worker: Worker {
                pid: 4711,
                name: name.into(),
                program: format!("/usr/bin/{name}"),
                command: command.into(),
                processors,
                ..Worker::default()
            },
            place: Some(Place { host: "edge".into(), container: Some("web".into()) }),
            operations: Some(0.1),
            bytes: Some(500.0),
            ..Sight::default()
        }
    }

    fn after(minutes: i64, sight: &Sight) -> Vec<String> {
        let mut miners = Miners::default();
        for tick in 0..=minutes * 6 {
            miners.see(tick * 10, vec![sight.clone()]);
        }
        miners.findings().into_iter().map(|finding| format!("{} {}", finding.rule, finding.severity)).collect()
    }

    #[test]
    fn what_calls_itself_a_miner_is_one_at_once() {
        assert_eq!(after(1, &sight("xmrig", "./xmrig -o pool:3333", 0.2)), ["KG-P050 high"]);
        assert_eq!(
            after(1, &sight("kworker", "kworker -o stratum+tcp://198.51.100.7:443 -u 4A", 3.9)),
            ["KG-P050 high"]
        );
        assert_eq!(after(1, &sight("nginx", "nginx -a x -o eu.hashvault.pro:443", 1.0)), ["KG-P050 high"]);
    }

    #[test]
    fn work_alone_is_no_miner_however_long() {
        for (name, command) in
            [("ffmpeg", "ffmpeg -i a.mkv b.mp4"), ("rustc", "rustc --crate-name a"), ("postgres", "postgres: worker")]
        {
            assert!(after(600, &sight(name, command, 8.0)).is_empty(), "{name}");
        }
    }

    #[test]
    fn who_searches_for_miners_is_none() {
        assert!(after(60, &sight("grep", "grep -r stratum+tcp /var/www", 1.0)).is_empty());
        assert!(after(60, &sight("bash", "bash -c 'pkill xmrig; curl https://supportxmr.com'", 1.0)).is_empty());
    }

    #[test]
    fn a_renamed_miner_is_known_by_its_habits() {
        let mut quiet = sight("systemd-helper", "/tmp/.x/systemd-helper", 4.0);
        quiet.ports = vec![443];
        quiet.worker.program = "/tmp/.x/systemd-helper".into();
        assert!(after(5, &quiet).is_empty(), "not yet for long");
        assert_eq!(after(11, &quiet), ["KG-P051 medium"]);
        quiet.ports = vec![3333];
        assert_eq!(after(11, &quiet), ["KG-P050 high"]);
        quiet.bytes = Some(5_000_000.0);
        assert!(after(11, &quiet).is_empty(), "what moves megabytes is something else");
    }

    #[test]
    fn it_is_over_when_it_is_over() {
        let mut miners = Miners::default();
        miners.see(0, vec![sight("xmrig", "xmrig", 4.0)]);
        miners.see(10, vec![sight("xmrig", "xmrig", 4.0)]);
        assert_eq!(miners.findings().len(), 1);
        miners.see(100, Vec::new());
        assert!(miners.findings().is_empty());
    }

    #[test]
    fn state_is_saved_and_restored_and_bounded() {
        let mut miners = Miners::default();
        for pid in 0..20_000 {
            let mut one = sight("a", "a", 2.0);
            one.worker.pid = pid;
            miners.see(5, vec![one]);
        }
        assert_eq!(miners.known.len(), MOST);
        let saved = serde_json::to_vec(&miners).unwrap();
        assert_eq!(serde_json::from_slice::<Miners>(&saved).unwrap(), miners);
    }
}
