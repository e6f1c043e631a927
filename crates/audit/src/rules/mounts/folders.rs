//! Host folders and files worth something to an attacker (M05–M13): which class a mount reaches, and what it gives.

use keelguard_host::Facts;
use keelguard_host::facts::Container;
use keelguard_host::sensitive::{Class, HARMLESS, HARMLESS_READ_ONLY, HOME_SECRETS, HOME_STARTUP, PATHS, SECRETS};
use keelguard_model::{Finding, Rule, Severity, rule};

use super::access::{Access, READ, WRITE};
use super::place::{Place, Relation, below, normalised};
use super::with_evidence;

/// A row of the table of sensitive paths, as it is on this host.
pub(super) struct Target {
    /// Its name in the table.
    path: &'static str,
    /// After links.
    at: String,
    class: Class,
    /// It is there, or nobody could look.
    there: bool,
}

/// The table on this host, with the folder in which this engine keeps its containers.
pub(super) fn targets(facts: &Facts) -> Vec<Target> {
    let looked = !facts.host.sensitive.is_empty() && facts.engine_is_local();
    let mut targets: Vec<_> = PATHS
        .iter()
        .map(|&(path, class)| {
            let fact =
                facts.host.sensitive.get(path).filter(|fact| facts.engine_is_local() && !fact.resolved.is_empty());
            Target {
                path,
                at: fact.map_or_else(|| normalised(path), |fact| fact.resolved.clone()),
                class,
                there: fact.is_some() || !looked,
            }
        })
        .collect();
    let root = facts.engine.as_ref().map_or("", |engine| engine.info.docker_root_dir.as_str());
    if !root.is_empty() && targets.iter().all(|target| target.at != normalised(root)) {
        let at = normalised(root);
        targets.push(Target { path: "/var/lib/docker", at, class: Class::EngineStorage, there: true });
    }
    targets
}

/// What one class gives through one mount.
struct Gain {
    rule: &'static Rule,
    severity: Severity,
    /// Cost, in words, and what else must be so.
    edge: Option<(u32, String, &'static str)>,
    /// The sensitive path.
    what: String,
}

impl Gain {
    fn new(rule: &'static Rule, severity: Severity, what: &str) -> Self {
        Self { rule, severity, edge: None, what: what.to_owned() }
    }

    fn edge(mut self, cost: u32, how: impl Into<String>, needs: &'static str) -> Self {
        self.edge = Some((cost, how.into(), needs));
        self
    }
}

/// The most telling finding about a mount; none where it is an ordinary folder of an application.
pub(super) fn finding(facts: &Facts, place: &Place, targets: &[Target]) -> Option<Finding> {
    if place.own_volume || place.names.iter().all(|name| is_harmless(place, name)) {
        return None;
    }
    let gains = targets.iter().filter_map(|target| {
        let relation = place.relation(&target.at)?;
        if relation == Relation::Above && !target.there {
            return None;
        }
        gain(facts, place, target, &relation)
    });
    // Of equals the first of the table wins; a way to the host tells more than the same severity without one.
    let worth = |gain: &Gain| (gain.severity, gain.edge.is_some());
    let best = gains.chain(device_node(place)).fold(None, |best: Option<Gain>, gain| match best {
        Some(best) if worth(&best) >= worth(&gain) => Some(best),
        _ => Some(gain),
    })?;
    let mut finding = with_evidence(best.rule.on(place.container.subject()), place);
    if best.what != place.shown() {
        finding = finding.evidence("reaches", &best.what);
    }
    let bit = if place.rw { WRITE } else { READ };
    let stat = place.fact.and_then(|fact| fact.stat.as_ref());
    let access = Access::of(place.container, place.exposure, stat, bit);
    // Low is what is left where nothing much is gained: permissions do not make that less.
    let severity =
        if best.severity <= Severity::Low { best.severity } else { access.weigh(place.exposure, best.severity) };
    finding = finding.severity(severity);
    Some(match best.edge {
        Some((cost, how, needs)) => access.reaches(finding, cost, how, needs),
        None => finding,
    })
}

fn is_harmless(place: &Place, name: &str) -> bool {
    let within = |list: &[&str]| list.iter().any(|path| name == *path || below(name, path).is_some());
    within(HARMLESS) || (!place.rw && within(HARMLESS_READ_ONLY))
}

fn gain(facts: &Facts, place: &Place, target: &Target, relation: &Relation) -> Option<Gain> {
    let inside = matches!(relation, Relation::Inside(_));
    match target.class {
        Class::Root => (*relation == Relation::Same).then(|| root(place)),
        Class::Config => config(place, target, relation),
        Class::Credentials => home(place, target, relation),
        Class::Proc => proc(place, target, relation),
        Class::Sys => sys(facts, place, target, relation),
        Class::Devices => dev(place, relation),
        Class::EngineStorage => Some(engine_storage(place, target)),
        // A folder of its own below /var/log is what an application should have.
        Class::Logs => (!inside).then(|| logs(place, target)),
        Class::Programs => programs(place, target, relation),
    }
}

fn root(place: &Place) -> Gain {
    if place.rw {
        Gain::new(&rule::HOST_ROOT_MOUNT, Severity::Critical, "/").edge(
            1,
            format!("writes a cron job or a key to the host's disk through {}", place.mount.destination),
            "",
        )
    } else {
        Gain::new(&rule::HOST_ROOT_MOUNT, Severity::High, "/").edge(
            3,
            format!("reads /etc/shadow and private keys through {}", place.mount.destination),
            "a password that can be guessed from its hash, or a key that opens a login here",
        )
    }
}

fn config(place: &Place, target: &Target, relation: &Relation) -> Option<Gain> {
    let rule = &rule::SYSTEM_CONFIG_MOUNT;
    let secret = SECRETS.contains(&target.path);
    match (relation, place.rw) {
        // Something of its own below /etc: host programs may read it, but nobody can say that root's do.
        (Relation::Inside(_), true) if target.path == "/etc" => Some(Gain::new(rule, Severity::Medium, &target.at)),
        (Relation::Inside(_), false) if target.path == "/etc" => None,
        (_, true) => Some(Gain::new(rule, Severity::Critical, &target.at).edge(
            2,
            format!("writes {}, which root's programs obey", target.path),
            "",
        )),
        (Relation::Inside(_) | Relation::Same | Relation::Above, false) if secret => {
            let gain = Gain::new(rule, Severity::High, &target.at);
            Some(if target.path.ends_with("shadow") {
                gain.edge(
                    3,
                    format!("reads password hashes in {}", target.path),
                    "a password that can be guessed from its hash",
                )
            } else {
                gain
            })
        }
        (Relation::Same, false) => Some(Gain::new(rule, Severity::Low, &target.at)),
        (_, false) => None,
    }
}

/// What lies at `rest` in a home: its keys, its start-up files, or nothing of note.
fn home(place: &Place, target: &Target, relation: &Relation) -> Option<Gain> {
    let rule = &rule::HOME_MOUNT;
    // The part below one user's home, and whether that user is root.
    let (rest, is_root) = match (target.path, relation) {
        ("/home", Relation::Inside(rest)) => (rest.split_once('/').map_or("", |(_, rest)| rest), false),
        ("/home", _) => ("", false),
        (_, Relation::Inside(rest)) => (rest.as_str(), true),
        _ => ("", true),
    };
    let touches = |list: &[&str]| {
        rest.is_empty()
            || list.iter().any(|item| rest == *item || below(rest, item).is_some() || below(item, rest).is_some())
    };
    let (keys, startup) = (touches(HOME_SECRETS), touches(HOME_STARTUP));
    let what = place.shown();
    if place.rw && (keys || startup) {
        // Keys of a cloud or registry let nobody in here when written; .ssh and start-up files do.
        let login = startup || rest.is_empty() || rest == ".ssh" || rest.starts_with(".ssh/");
        let gain = Gain::new(rule, if is_root { Severity::Critical } else { Severity::High }, what);
        Some(match (login, is_root) {
            (true, true) => gain.edge(2, "writes a key or start-up file of root's account", ""),
            (true, false) => gain.edge(
                3,
                "writes a key or start-up file of a user's account",
                "that user can become root (sudo, the docker group)",
            ),
            (false, _) => Gain { severity: Severity::High, ..gain },
        })
    } else {
        (keys).then(|| Gain::new(rule, if rest.is_empty() { Severity::Medium } else { Severity::High }, what))
    }
}

/// Switches below /proc by which the kernel runs a program as root.
const PROC_SWITCHES: [&str; 5] = [
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/kernel/modprobe",
    "/proc/sys/kernel/hotplug",
    "/proc/sys/kernel/poweroff_cmd",
    "/proc/sys/fs/binfmt_misc",
];

fn proc(place: &Place, target: &Target, relation: &Relation) -> Option<Gain> {
    let rule = &rule::PROC_MOUNT;
    let switch = PROC_SWITCHES.contains(&target.path);
    if let Relation::Inside(rest) = relation {
        let of_a_process = rest.split('/').next().is_some_and(|part| part.parse::<u32>().is_ok());
        return match target.path {
            _ if switch && place.rw => Some(Gain::new(rule, Severity::Critical, &target.at)),
            "/proc" if of_a_process => Some(Gain::new(rule, Severity::High, place.shown())),
            "/proc/sys" if place.rw => Some(Gain::new(rule, Severity::High, place.shown())),
            _ => None,
        }
        .map(|gain| if switch { gain.edge(2, format!("sets {}", target.path), "") } else { gain });
    }
    match (target.path, place.rw) {
        (_, true) if switch => Some(Gain::new(rule, Severity::Critical, &target.at).edge(
            2,
            format!("has the kernel run a program through {}", target.path),
            "",
        )),
        // Every kernel has core_pattern below these, whether it was looked up or not.
        ("/proc" | "/proc/sys", true) => Some(Gain::new(rule, Severity::Critical, &target.at).edge(
            2,
            "has the kernel run a program through /proc/sys/kernel/core_pattern",
            "",
        )),
        ("/proc/kcore", _) if *relation == Relation::Same => Some(Gain::new(rule, Severity::High, &target.at)),
        ("/proc/sysrq-trigger", true) => Some(Gain::new(rule, Severity::High, &target.at)),
        ("/proc", false) => Some(Gain::new(rule, Severity::Medium, &target.at)),
        _ => None,
    }
}

fn sys(facts: &Facts, place: &Place, target: &Target, relation: &Relation) -> Option<Gain> {
    let rule = &rule::SYS_MOUNT;
    let inside = matches!(relation, Relation::Inside(_));
    if !place.rw {
        return (*relation == Relation::Same).then(|| Gain::new(rule, Severity::Low, &target.at));
    }
    let gain = |severity| Gain::new(rule, severity, &target.at);
    match target.path {
        "/sys/kernel/uevent_helper" => {
            Some(gain(Severity::Critical).edge(2, "has the kernel run a program through uevent_helper", ""))
        }
        "/sys/fs/cgroup" if matches!(facts.host.cgroup.version.as_str(), "v1" | "hybrid") => {
            Some(gain(Severity::Critical).edge(2, "has the kernel run a program through a cgroup's release_agent", ""))
        }
        "/sys/kernel/debug" | "/sys/kernel/security" | "/sys/firmware/efi" => Some(gain(Severity::High)),
        "/sys/kernel" if !inside => Some(gain(Severity::High)),
        "/sys" if !inside => Some(gain(Severity::High).edge(
            3,
            "reaches the memory of devices through /sys/bus/pci",
            "a device whose memory can be mapped",
        )),
        "/sys/fs/cgroup" | "/sys" => Some(gain(Severity::Medium)),
        _ => None,
    }
}

fn dev(place: &Place, relation: &Relation) -> Option<Gain> {
    if let Relation::Inside(rest) = relation {
        let severity = match rest.split('/').next().unwrap_or_default() {
            "log" | "mqueue" => Severity::Low,
            // A node is judged by its numbers, a folder by its name.
            _ if place.fact.is_some_and(|fact| fact.rdev.is_some()) => return None,
            _ => Severity::Medium,
        };
        let gain = Gain::new(&rule::DEVICE_MOUNT, severity, place.shown());
        let disk = ["sd", "vd", "xvd", "hd", "nvme", "dm-", "mapper", "disk", "mem", "kmem", "port", "mmcblk"]
            .iter()
            .any(|kind| rest.starts_with(kind));
        return Some(if disk && may_open_all(place.container) { opens(gain) } else { gain });
    }
    let gain = Gain::new(&rule::DEVICE_MOUNT, Severity::High, "/dev");
    Some(if may_open_all(place.container) { opens(gain) } else { gain })
}

fn opens(gain: Gain) -> Gain {
    Gain { severity: Severity::Critical, ..gain }.edge(2, "opens the host's disk or memory as a device", "")
}

/// A device node by its numbers, wherever it lies: mounted itself, or found below the mount.
fn device_node(place: &Place) -> Option<Gain> {
    let fact = place.fact?;
    let own = fact.rdev.map(|numbers| (fact.kind.as_str(), numbers, fact.resolved.as_str()));
    let found = fact.below.iter().filter_map(|item| Some((item.kind.as_str(), item.rdev?, item.path.as_str())));
    let telling = |&(kind, numbers, _): &(&str, (u32, u32), &str)| is_disk_or_memory(kind, numbers);
    let nodes: Vec<_> = own.into_iter().chain(found).collect();
    if let Some((kind, numbers, path)) = nodes.iter().copied().find(telling) {
        let gain = Gain::new(&rule::DEVICE_MOUNT, Severity::High, path);
        return Some(if may_open(place.container, kind, numbers) { opens(gain) } else { gain });
    }
    let (_, _, path) = own.filter(|_| place.relation("/dev").is_some() || fact.kind == "block")?;
    Some(Gain::new(&rule::DEVICE_MOUNT, Severity::Low, path))
}

/// Block devices, and the character devices that are memory and I/O ports (`Documentation/admin-guide/devices.txt`).
fn is_disk_or_memory(kind: &str, (major, minor): (u32, u32)) -> bool {
    match kind {
        "block" => major != 0,
        "char" => major == 1 && matches!(minor, 1 | 2 | 4),
        _ => false,
    }
}

/// Whether the device cgroup lets it open every device.
fn may_open_all(container: &Container) -> bool {
    let every = |rule: &String| {
        let mut words = rule.split_whitespace();
        match (words.next(), words.next()) {
            (Some("a"), _) | (Some("b" | "c"), Some("*:*")) => {
                words.next().is_none_or(|access| access.contains(['r', 'w']))
            }
            _ => false,
        }
    };
    container.host_config.privileged || container.host_config.device_cgroup_rules.iter().any(every)
}

fn may_open(container: &Container, kind: &str, (major, minor): (u32, u32)) -> bool {
    let letter = if kind == "block" { "b" } else { "c" };
    let number = |text: &str, number: u32| text == "*" || text.parse() == Ok(number);
    let by_rule = |rule: &String| {
        let words: Vec<_> = rule.split_whitespace().collect();
        match words.as_slice() {
            [kind, numbers, access] => {
                (*kind == letter || *kind == "a")
                    && numbers.split_once(':').is_some_and(|(a, b)| number(a, major) && number(b, minor))
                    && access.contains(['r', 'w'])
            }
            ["a"] => true,
            _ => false,
        }
    };
    container.host_config.privileged || container.host_config.device_cgroup_rules.iter().any(by_rule)
}

fn engine_storage(place: &Place, target: &Target) -> Gain {
    let gain = Gain::new(&rule::ENGINE_STORAGE_MOUNT, Severity::High, &target.at);
    if place.rw {
        Gain { severity: Severity::Critical, ..gain }.edge(
            2,
            format!("changes other containers' programs and options in {}", target.at),
            "",
        )
    } else {
        gain
    }
}

fn logs(place: &Place, target: &Target) -> Gain {
    if place.rw {
        Gain::new(&rule::LOG_MOUNT, Severity::Medium, &target.at).edge(
            3,
            format!("plants symbolic links in {} for programs that run as root", target.at),
            "a program of root's that rotates or follows files there",
        )
    } else {
        Gain::new(&rule::LOG_MOUNT, Severity::Low, &target.at)
    }
}

fn programs(place: &Place, target: &Target, relation: &Relation) -> Option<Gain> {
    let inside = matches!(relation, Relation::Inside(_));
    let own_data = inside
        && (target.path == "/opt"
            || ["share", "src", "include", "local/share", "local/src", "local/etc"]
                .iter()
                .any(|data| matches!(relation, Relation::Inside(rest) if rest == data || below(rest, data).is_some())));
    let rule = &rule::PROGRAM_MOUNT;
    if own_data {
        return None;
    }
    if place.rw {
        // /opt holds what somebody installed: not known to be run by root.
        let severity = if target.path == "/opt" { Severity::High } else { Severity::Critical };
        return Some(Gain::new(rule, severity, &target.at).edge(
            if target.path == "/opt" { 3 } else { 2 },
            format!("replaces a program or library in {}", target.path),
            if target.path == "/opt" { "root runs a program from there" } else { "" },
        ));
    }
    let listed = matches!(target.path, "/usr" | "/lib" | "/boot") && *relation == Relation::Same;
    listed.then(|| Gain::new(rule, Severity::Low, &target.at))
}
