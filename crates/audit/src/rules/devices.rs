//! Devices of the host in a container: by what they are (major and minor number), not by what they are called.

use keelguard_host::Facts;
use keelguard_host::facts::{Container, DeviceRequest, PathFact};
use keelguard_model::{Finding, Severity, rule};

use crate::Exposure;
use crate::capability::{granted, has};
use crate::exposure::engine_host;
use crate::remedy::{Change, Remedy};

use Severity::{Critical, High, Info, Low, Medium};

/// A kind of device.
struct Kind {
    /// How it is told: `b` or `c`, major numbers, and a minor number where that decides.
    class: char,
    majors: &'static [u32],
    minor: Option<u32>,
    /// How it is told where its numbers are not known or not fixed: beginnings of its path.
    paths: &'static [&'static str],
    severity: Severity,
    /// The cost of the way to root on the host; none where there is no such way.
    way: Option<u32>,
    /// What its holder can do, in the words of an attack step.
    gives: &'static str,
}

const fn kind(
    (class, majors, minor): (char, &'static [u32], Option<u32>),
    paths: &'static [&'static str],
    (severity, way): (Severity, Option<u32>),
    gives: &'static str,
) -> Kind {
    Kind { class, majors, minor, paths, severity, way, gives }
}

/// Numbers from the kernel's `Documentation/admin-guide/devices.txt`; dynamic ones (252–254 and 259 for disks) as Linux 6
/// gives them. The first row that fits counts, so the particular stands before the general.
const KINDS: &[Kind] = &[
    kind(('c', &[1], Some(1)), &["/dev/mem"], (Critical, Some(3)), "writes to the memory of the machine"),
    kind(('c', &[1], Some(2)), &["/dev/kmem"], (Critical, Some(3)), "writes to the memory of the kernel"),
    kind(('c', &[1], Some(4)), &["/dev/port"], (High, Some(5)), "drives the hardware through its ports"),
    kind(('c', &[1], Some(11)), &["/dev/kmsg"], (Low, None), "reads and forges the kernel's log"),
    kind(
        ('c', &[1], None),
        &["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"],
        (Info, None),
        "what every container has anyhow",
    ),
    kind(('c', &[5], None), &["/dev/tty", "/dev/console", "/dev/ptmx"], (Low, None), "writes to the host's console"),
    kind(('c', &[4], None), &["/dev/ttyS", "/dev/tty0"], (Low, None), "uses the host's terminals and serial lines"),
    kind(('c', &[188, 166, 204], None), &["/dev/ttyUSB", "/dev/ttyACM"], (Low, None), "uses a serial line"),
    kind(('c', &[202], None), &["/dev/cpu/", "/dev/msr"], (Critical, Some(5)), "rewrites registers of the processor"),
    kind(('c', &[21], None), &["/dev/sg", "/dev/bsg"], (Critical, Some(3)), "sends raw commands to the host's disks"),
    kind(('c', &[90], None), &["/dev/mtd"], (High, Some(3)), "rewrites the flash memory the machine boots from"),
    kind(
        ('c', &[10], Some(236)),
        &["/dev/mapper/control"],
        (High, Some(3)),
        "maps the host's disks to devices of its own",
    ),
    kind(('c', &[10], Some(237)), &["/dev/loop-control"], (Medium, None), "makes loop devices on the host"),
    kind(('c', &[10], Some(223)), &["/dev/uinput"], (High, Some(3)), "types on the host's keyboard"),
    kind(('c', &[13], None), &["/dev/input"], (High, None), "reads what is typed on the host's keyboard"),
    kind(
        ('c', &[10], Some(196)),
        &["/dev/vfio"],
        (High, Some(5)),
        "drives a device of the host, with its own memory access",
    ),
    kind(
        ('c', &[10], Some(232)),
        &["/dev/kvm"],
        (Medium, None),
        "runs virtual machines, and reaches a large part of the kernel",
    ),
    kind(('c', &[10], Some(229)), &["/dev/fuse"], (Low, None), "serves filesystems of its own to the kernel"),
    kind(('c', &[10], Some(200)), &["/dev/net/tun", "/dev/tun"], (Low, None), "makes network interfaces of its own"),
    kind(
        ('c', &[10], Some(238)),
        &["/dev/vhost-net", "/dev/vhost"],
        (Medium, None),
        "reaches the kernel's virtio driver",
    ),
    kind(('c', &[10], Some(130)), &["/dev/watchdog"], (Medium, None), "resets the machine"),
    kind(('c', &[10], Some(224)), &["/dev/tpm"], (Medium, None), "uses the keys in the machine's TPM"),
    kind(('c', &[10], Some(144)), &["/dev/nvram"], (Medium, None), "changes the settings of the firmware"),
    kind(('c', &[189], None), &["/dev/bus/usb"], (High, None), "talks to every USB device past its driver"),
    kind(('c', &[226], None), &["/dev/dri"], (Low, None), "uses the graphics card and its driver"),
    kind(('c', &[195], None), &["/dev/nvidia"], (Low, None), "uses the graphics card and its driver"),
    kind(('c', &[], None), &["/dev/kfd"], (Low, None), "uses the graphics card and its driver"),
    kind(('c', &[116, 14], None), &["/dev/snd", "/dev/dsp"], (Low, None), "listens through the host's microphone"),
    kind(('c', &[81], None), &["/dev/video", "/dev/media"], (Low, None), "looks through the host's camera"),
    kind(('c', &[29], None), &["/dev/fb"], (Medium, None), "reads the host's screen"),
    kind(('c', &[], None), &["/dev/ipmi"], (High, Some(3)), "commands the machine's management controller"),
    kind(('c', &[], None), &["/dev/mei"], (Medium, None), "talks to the management engine of the processor"),
    kind(('c', &[], None), &["/dev/nvme"], (High, Some(3)), "sends raw commands to the host's disks"),
    kind(('c', &[10], None), &[], (Low, None), "uses a device of the host"),
    kind(('b', &[1], None), &["/dev/ram", "/dev/zram"], (Low, None), "uses memory that is dressed as a disk"),
    kind(('b', &[2, 11], None), &["/dev/fd", "/dev/sr", "/dev/cdrom"], (Low, None), "reads removable media"),
    kind(
        ('b', &[7], None),
        &["/dev/loop"],
        (High, Some(3)),
        "writes to filesystems that the host has mounted from files",
    ),
    kind(
        (
            'b',
            &[
                3, 8, 9, 22, 43, 65, 66, 67, 68, 69, 70, 71, 128, 129, 130, 131, 132, 133, 134, 135, 147, 179, 202,
                230, 251, 252, 253, 254, 259,
            ],
            None,
        ),
        &[
            "/dev/sd",
            "/dev/vd",
            "/dev/xvd",
            "/dev/nvme",
            "/dev/hd",
            "/dev/dm-",
            "/dev/mapper/",
            "/dev/md",
            "/dev/mmcblk",
            "/dev/nbd",
            "/dev/disk/",
            "/dev/zd",
            "/dev/bcache",
            "/dev/rbd",
        ],
        (Critical, Some(2)),
        "reads and writes the host's disk past its filesystem",
    ),
    // A block device that the table does not know holds somebody's data all the same.
    kind(('b', &[], None), &[], (High, Some(3)), "reads and writes a disk of the host"),
];

fn by_number(class: char, major: u32, minor: Option<u32>) -> Option<&'static Kind> {
    let fits = |kind: &&Kind| {
        kind.class == class
            && (kind.majors.contains(&major) || (class == 'b' && kind.majors.is_empty()))
            && (kind.minor.is_none() || minor.is_none() || kind.minor == minor)
    };
    KINDS.iter().find(fits)
}

fn by_path(path: &str) -> Option<&'static Kind> {
    // The longest beginning that fits: /dev/nvme0n1 is a disk, /dev/nvme0 its controller.
    let whole_disk = path.strip_prefix("/dev/nvme").is_some_and(|rest| rest.contains('n'));
    KINDS
        .iter()
        .filter(|kind| !(whole_disk && kind.class == 'c'))
        .filter_map(|kind| {
            let fitting = kind.paths.iter().filter(|beginning| path.starts_with(*beginning));
            Some((fitting.map(|beginning| beginning.len()).max()?, kind))
        })
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .map(|(_, kind)| kind)
}

pub(crate) const REMEDIES: &[Remedy] = &[
    Remedy {
        rule: &rule::DEVICE,
        change: Change::Recreate(|container, finding| {
            let named =
                |path: &str| finding.evidence.iter().any(|e| e.what.ends_with(".PathOnHost") && e.value == path);
            container.host_config.devices.retain(|device| !named(&device.path_on_host));
        }),
    },
    Remedy {
        rule: &rule::DEVICE_CGROUP_RULE,
        change: Change::Recreate(|container, finding| {
            let named = |rule: &str| finding.evidence.iter().any(|e| e.what.starts_with(RULES) && e.value == rule);
            container.host_config.device_cgroup_rules.retain(|rule| !named(rule));
        }),
    },
    Remedy {
        rule: &rule::DEVICE_REQUEST,
        change: Change::Recreate(|container, _| container.host_config.device_requests.clear()),
    },
];

const RULES: &str = "HostConfig.DeviceCgroupRules";

pub(crate) fn findings(facts: &Facts) -> Vec<Finding> {
    let mut found = Vec::new();
    for container in facts.containers() {
        let exposure = Exposure::of(facts, container);
        found.extend(devices(facts, container, exposure));
        found.extend(rules(container, exposure));
        found.extend(requests(container));
    }
    found
}

fn devices(facts: &Facts, container: &Container, exposure: Exposure) -> Vec<Finding> {
    let mut seen: Vec<&str> = Vec::new();
    let mut found = Vec::new();
    for (index, device) in container.host_config.devices.iter().enumerate() {
        let path = device.path_on_host.as_str();
        if seen.contains(&path) {
            continue;
        }
        seen.push(path);
        // The same device may be given twice; what all entries allow together counts.
        let same = container.host_config.devices.iter().filter(|other| other.path_on_host == path);
        let permissions: Vec<&str> = same.map(|other| other.cgroup_permissions.as_str()).collect();
        let may = |letter: char| permissions.iter().any(|given| given.is_empty() || given.contains(letter));
        let fact = engine_host(facts).and_then(|host| host.paths.get(path));
        let kind = fact.and_then(judged).or_else(|| {
            let resolved = fact.map(|fact| fact.resolved.as_str()).filter(|resolved| !resolved.is_empty());
            by_path(resolved.unwrap_or(path)).or_else(|| by_path(path))
        });
        let whole = path.trim_end_matches('/') == "/dev";
        let (severity, way, gives) = match kind {
            _ if whole => (Critical, Some(2), "uses every device of the host, its disks among them"),
            _ if !may('r') && !may('w') => (Info, None, "makes a node for it, and cannot open it"),
            Some(kind) => (kind.severity, kind.way, kind.gives),
            None => (Low, None, "uses a device of the host"),
        };
        let numbers = fact.and_then(|fact| fact.rdev).map(|(major, minor)| format!("{major}:{minor}"));
        let mut finding = rule::DEVICE
            .on(container.subject())
            .about(path)
            .title(format!("Container has the device {path}: it {gives}"))
            .severity(exposure.weigh_for_root(severity))
            .evidence(format!("HostConfig.Devices[{index}].PathOnHost"), path)
            .evidence(format!("HostConfig.Devices[{index}].CgroupPermissions"), permissions.join(" "));
        if let Some(numbers) = numbers {
            finding = finding.evidence("device number", numbers);
        }
        found.push(match way {
            // What can only be read still holds the host's keys and password hashes.
            Some(cost) => exposure.opens(finding, if may('w') { cost } else { cost + 1 }, gives),
            None => finding,
        });
    }
    found
}

/// What the facts say lies at the path: a device, or a folder with devices in it, of which the worst counts.
fn judged(fact: &PathFact) -> Option<&'static Kind> {
    let of = |kind: &str, rdev: Option<(u32, u32)>| {
        let class = match kind {
            "block" => 'b',
            "char" => 'c',
            _ => return None,
        };
        let (major, minor) = rdev?;
        by_number(class, major, Some(minor))
    };
    of(&fact.kind, fact.rdev).or_else(|| {
        let below = fact.below.iter().filter_map(|below| of(&below.kind, below.rdev).or_else(|| by_path(&below.path)));
        below.max_by_key(|kind| kind.severity)
    })
}

/// A rule of the device cgroup: `b 8:* rwm`, `c *:* rw`, `a`.
struct Opened {
    /// `a`, `b` or `c`.
    class: char,
    major: Option<u32>,
    minor: Option<u32>,
    uses: bool,
}

fn parse(rule: &str) -> Option<Opened> {
    let mut words = rule.split_whitespace();
    let class = words.next()?.chars().next().filter(|class| "abc".contains(*class))?;
    let numbers = words.next().unwrap_or("*:*");
    let permissions = words.next().unwrap_or("rwm");
    let (major, minor) = numbers.split_once(':').unwrap_or((numbers, "*"));
    let uses = permissions.contains(['r', 'w']);
    Some(Opened { class, major: major.parse().ok(), minor: minor.parse().ok(), uses })
}

fn rules(container: &Container, exposure: Exposure) -> Vec<Finding> {
    let makes_nodes = has(granted(&container.host_config), "MKNOD");
    let mut found = Vec::new();
    for (index, text) in container.host_config.device_cgroup_rules.iter().enumerate() {
        if container.host_config.device_cgroup_rules.iter().take(index).any(|earlier| earlier == text) {
            continue;
        }
        let finding =
            rule::DEVICE_CGROUP_RULE.on(container.subject()).about(text).evidence(format!("{RULES}[{index}]"), text);
        let (severity, way, gives) = match parse(text) {
            Some(opened) if !opened.uses => (Info, None, "makes nodes that it cannot open"),
            Some(Opened { major: Some(major), minor, class, .. }) if class != 'a' => {
                match by_number(class, major, minor) {
                    Some(kind) => (kind.severity, kind.way, kind.gives),
                    None => (Low, None, "uses devices of the host"),
                }
            }
            Some(Opened { class: 'c', .. }) => {
                (Critical, Some(3), "makes the node of the machine's memory and writes to it")
            }
            Some(_) => (Critical, Some(2), "makes the node of the host's disk and opens it"),
            None => (Low, None, "uses devices of the host"),
        };
        found.push(if makes_nodes {
            let finding = finding.severity(exposure.weigh_for_root(severity)).evidence("capability", "MKNOD");
            way.into_iter().fold(finding, |finding, cost| exposure.opens(finding, cost, gives))
        } else {
            // Without MKNOD only nodes that are there already can be opened.
            finding.severity(exposure.weigh_for_root(severity.min(Low)))
        });
    }
    found
}

fn requests(container: &Container) -> Option<Finding> {
    let asked = &container.host_config.device_requests;
    let shown = |request: &DeviceRequest| {
        let capabilities: Vec<_> = request.capabilities.iter().map(|all| all.join("+")).collect();
        let count = if request.count < 0 { "all".to_owned() } else { request.count.to_string() };
        format!("{} {count} {}", request.driver, capabilities.join(" "))
    };
    (!asked.is_empty()).then(|| {
        let all = asked.iter().any(|request| request.count < 0);
        rule::DEVICE_REQUEST
            .on(container.subject())
            .severity(if all { Low } else { Info })
            .evidence("HostConfig.DeviceRequests", asked.iter().map(shown).collect::<Vec<_>>().join("; "))
    })
}

#[cfg(test)]
mod tests {
    use keelguard_host::facts::{Below, Device};
    use keelguard_host::sample::{self, Sample};

    use super::*;

    fn with_device(path: &str, permissions: &str) -> Sample {
        let (path, permissions) = (path.to_owned(), permissions.to_owned());
        sample::host().container("web", move |c| {
            c.host_config.devices.push(Device {
                path_in_container: path.clone(),
                path_on_host: path,
                cgroup_permissions: permissions,
            });
        })
    }

    fn with_rule(rule: &str) -> Sample {
        sample::host().container("web", |c| c.host_config.device_cgroup_rules.push(rule.into()))
    }

    fn judged(sample: Sample) -> Vec<(Severity, Vec<u32>)> {
        let ways = |f: &Finding| f.reaches.iter().map(|reach| reach.cost).collect();
        findings(&sample.facts()).iter().map(|f| (f.severity, ways(f))).collect()
    }

    fn rdev(path: &'static str, kind: &'static str, numbers: (u32, u32)) -> impl FnOnce(&mut Facts) {
        move |facts| {
            let fact =
                PathFact { resolved: path.into(), kind: kind.into(), rdev: Some(numbers), ..PathFact::default() };
            facts.host.paths.insert(path.into(), fact);
        }
    }

    #[test]
    fn a_disk_is_known_by_its_numbers_whatever_it_is_called() {
        for numbers in [(8, 1), (253, 0), (259, 2), (252, 1), (254, 0), (179, 1), (9, 0), (777, 0)] {
            let sample = with_device("/dev/harmless", "rwm").with(rdev("/dev/harmless", "block", numbers));
            let found = judged(sample);
            assert!(found[0].0 >= High && !found[0].1.is_empty(), "{numbers:?}: {found:?}");
        }
    }

    #[test]
    fn a_harmless_device_with_a_dangerous_name_is_harmless() {
        let sample = with_device("/dev/sda", "rwm").with(rdev("/dev/sda", "char", (1, 3)));
        assert_eq!(judged(sample), [(Info, vec![])]);
    }

    #[test]
    fn where_numbers_are_not_known_the_name_is_judged() {
        for (path, severity, way) in [
            ("/dev/sda", Critical, Some(2)),
            ("/dev/nvme0n1", Critical, Some(2)),
            ("/dev/nvme0", High, Some(3)),
            ("/dev/dm-0", Critical, Some(2)),
            ("/dev/mapper/root", Critical, Some(2)),
            ("/dev/mapper/control", High, Some(3)),
            ("/dev/mem", Critical, Some(3)),
            ("/dev/kmem", Critical, Some(3)),
            ("/dev/port", High, Some(5)),
            ("/dev/kvm", Medium, None),
            ("/dev/fuse", Low, None),
            ("/dev/vfio/12", High, Some(5)),
            ("/dev/loop-control", Medium, None),
            ("/dev/net/tun", Low, None),
            ("/dev/dri/card0", Low, None),
            ("/dev/nvidia0", Low, None),
            ("/dev/snd", Low, None),
            ("/dev/input/event0", High, None),
            ("/dev/uinput", High, Some(3)),
            ("/dev/watchdog", Medium, None),
            ("/dev/kmsg", Low, None),
            ("/dev/unheard-of", Low, None),
        ] {
            assert_eq!(judged(with_device(path, "rwm")), [(severity, way.into_iter().collect())], "{path}");
        }
    }

    #[test]
    fn a_folder_of_devices_is_as_bad_as_the_worst_in_it() {
        assert_eq!(judged(with_device("/dev", "rwm")), [(Critical, vec![2])]);
        let folder = with_device("/srv/nodes", "rwm").with(|facts| {
            let disk =
                Below { path: "/srv/nodes/x".into(), kind: "block".into(), rdev: Some((8, 0)), ..Below::default() };
            let fact = PathFact { kind: "dir".into(), below: vec![disk], ..PathFact::default() };
            facts.host.paths.insert("/srv/nodes".into(), fact);
        });
        assert_eq!(judged(folder), [(Critical, vec![2])]);
    }

    #[test]
    fn a_disk_that_can_only_be_read_still_holds_the_hosts_secrets() {
        assert_eq!(judged(with_device("/dev/sda", "r")), [(Critical, vec![3])]);
        assert_eq!(judged(with_device("/dev/sda", "m")), [(Info, vec![])]);
    }

    #[test]
    fn the_same_device_given_twice_is_one_finding_with_what_both_allow() {
        let twice = with_device("/dev/sda", "m").with(|facts| {
            let config = &mut facts.engine.as_mut().unwrap().containers[0].host_config;
            config.devices.push(Device {
                path_on_host: "/dev/sda".into(),
                cgroup_permissions: "rw".into(),
                ..Device::default()
            });
        });
        assert_eq!(judged(twice), [(Critical, vec![2])]);
    }

    #[test]
    fn a_device_rule_with_mknod_is_the_hosts_disk() {
        for (rule, severity, way) in [
            ("b *:* rwm", Critical, Some(2)),
            ("a", Critical, Some(2)),
            ("a *:* rwm", Critical, Some(2)),
            ("b 8:* rwm", Critical, Some(2)),
            ("c *:* rw", Critical, Some(3)),
            ("c 1:1 rw", Critical, Some(3)),
            ("c 10:200 rwm", Low, None),
            ("b *:* m", Info, None),
            ("nonsense", Low, None),
            ("", Low, None),
        ] {
            assert_eq!(judged(with_rule(rule)), [(severity, way.into_iter().collect())], "{rule}");
        }
    }

    #[test]
    fn a_device_rule_without_mknod_opens_nothing_by_itself() {
        let dropped = with_rule("b *:* rwm").with(|facts| {
            facts.engine.as_mut().unwrap().containers[0].host_config.cap_drop = vec!["MKNOD".into()];
        });
        assert_eq!(judged(dropped), [(Low, vec![])]);
    }

    #[test]
    fn all_gpus_are_more_than_one() {
        let gpus = |count| {
            let request = DeviceRequest {
                driver: "nvidia".into(),
                count,
                capabilities: vec![vec!["gpu".into()]],
                ..DeviceRequest::default()
            };
            judged(sample::host().container("web", |c| c.host_config.device_requests.push(request)))
        };
        assert_eq!(gpus(-1), [(Low, vec![])]);
        assert_eq!(gpus(1), [(Info, vec![])]);
    }
}
