//! Capabilities: added ones, kept defaults, and all of them at once.

use keelguard_host::Facts;
use keelguard_host::facts::Container;
use keelguard_model::{Finding, Rule, Severity, rule};

use crate::Exposure;
use crate::capability::{ALL, DEFAULT, canonical, granted, has, mask, names};
use crate::exposure::engine_host;
use crate::remedy::{Change, Remedy};

/// What a capability beyond Docker's default set gives.
struct Power {
    capability: &'static str,
    rule: &'static Rule,
    /// Where its way to the host stands open, or where it has none.
    severity: Severity,
    /// Where something on this host or container shuts that way ([`way_is_open`]).
    shut: Severity,
    /// What its holder can do, in the words of an attack step.
    gives: &'static str,
    /// The cost of the way to root on the host; none where there is no such way.
    way: Option<u32>,
}

const fn power(
    capability: &'static str,
    rule: &'static Rule,
    [severity, shut]: [Severity; 2],
    way: Option<u32>,
    gives: &'static str,
) -> Power {
    Power { capability, rule, severity, shut, gives, way }
}

use Severity::{Critical, High, Info, Low, Medium};

/// capabilities(7), each with the worst it is known for.
const POWERS: &[Power] = &[
    power("SYS_ADMIN", &rule::CAP_SYS_ADMIN, [Critical, High], Some(2), "mounts the host's filesystems or cgroups"),
    power("SYS_MODULE", &rule::CAP_SYS_MODULE, [Critical, Medium], Some(2), "loads a module into the host's kernel"),
    power("DAC_READ_SEARCH", &rule::CAP_DAC_READ_SEARCH, [Critical, High], Some(2), "opens the host's files by handle"),
    power(
        "SYS_PTRACE",
        &rule::CAP_SYS_PTRACE,
        [Critical, Low],
        Some(2),
        "injects code into a process of the host's root",
    ),
    power("SYS_RAWIO", &rule::CAP_SYS_RAWIO, [High, Low], Some(5), "drives the hardware through its ports"),
    power("BPF", &rule::CAP_BPF, [High, Medium], Some(3), "reads keys from the memory of the host's processes"),
    power("PERFMON", &rule::CAP_BPF, [Medium, Medium], None, "samples the memory and registers of every process"),
    power("SYS_BOOT", &rule::CAP_OTHER, [Critical, Low], Some(3), "boots a kernel of its own with kexec"),
    power("NET_ADMIN", &rule::CAP_NET_ADMIN, [High, Medium], None, "changes addresses, routes and firewall rules"),
    power("SYSLOG", &rule::CAP_SYSLOG, [Low, Low], None, "reads the kernel's log and addresses"),
    power("MAC_ADMIN", &rule::CAP_OTHER, [Medium, Medium], None, "changes what AppArmor or SELinux allows"),
    power("MAC_OVERRIDE", &rule::CAP_OTHER, [Medium, Medium], None, "passes mandatory access control (Smack)"),
    power("AUDIT_CONTROL", &rule::CAP_OTHER, [Medium, Medium], None, "switches off the kernel's audit"),
    power("SYS_TIME", &rule::CAP_OTHER, [Medium, Medium], None, "sets the clock of the host"),
    power("CHECKPOINT_RESTORE", &rule::CAP_OTHER, [Medium, Medium], None, "reads and rebuilds the memory of processes"),
    power("SYS_RESOURCE", &rule::CAP_OTHER, [Medium, Medium], None, "raises its limits and quotas beyond every bound"),
    power("SYS_NICE", &rule::CAP_OTHER, [Low, Low], None, "takes the processor from everybody else"),
    power("IPC_LOCK", &rule::CAP_OTHER, [Low, Low], None, "locks memory that cannot be swapped"),
    power("IPC_OWNER", &rule::CAP_OTHER, [Low, Low], None, "passes the permissions of shared memory"),
    power("LINUX_IMMUTABLE", &rule::CAP_OTHER, [Low, Low], None, "makes files that nobody can delete"),
    power("SYS_TTY_CONFIG", &rule::CAP_OTHER, [Low, Low], None, "hangs up terminals"),
    power("SYS_PACCT", &rule::CAP_OTHER, [Low, Low], None, "switches process accounting"),
    power("AUDIT_READ", &rule::CAP_OTHER, [Low, Low], None, "reads the kernel's audit"),
    power("WAKE_ALARM", &rule::CAP_OTHER, [Low, Low], None, "wakes the machine from sleep"),
    power("BLOCK_SUSPEND", &rule::CAP_OTHER, [Low, Low], None, "keeps the machine from sleep"),
    power("LEASE", &rule::CAP_OTHER, [Low, Low], None, "delays whoever opens a file"),
    power("NET_BROADCAST", &rule::CAP_OTHER, [Info, Info], None, "nothing the kernel uses today"),
];

/// Defaults that have been a step in a breakout; the others matter only inside.
const RISKY_DEFAULTS: &[&str] =
    &["NET_RAW", "MKNOD", "DAC_OVERRIDE", "SETUID", "SETGID", "SETFCAP", "SYS_CHROOT", "FOWNER", "CHOWN"];

pub(crate) const REMEDIES: &[Remedy] = &[
    Remedy {
        rule: &rule::PRIVILEGED,
        change: Change::Recreate(|container, _| container.host_config.privileged = false),
    },
    Remedy { rule: &rule::CAP_ALL, change: Change::Recreate(take) },
    Remedy { rule: &rule::CAP_SYS_ADMIN, change: Change::Recreate(take) },
    Remedy { rule: &rule::CAP_SYS_MODULE, change: Change::Recreate(take) },
    Remedy { rule: &rule::CAP_SYS_PTRACE, change: Change::Recreate(take) },
    Remedy { rule: &rule::CAP_DAC_READ_SEARCH, change: Change::Recreate(take) },
    Remedy { rule: &rule::CAP_SYS_RAWIO, change: Change::Recreate(take) },
    Remedy { rule: &rule::CAP_NET_ADMIN, change: Change::Recreate(take) },
    Remedy { rule: &rule::CAP_BPF, change: Change::Recreate(take) },
    Remedy { rule: &rule::CAP_SYSLOG, change: Change::Recreate(take) },
    Remedy { rule: &rule::CAP_OTHER, change: Change::Recreate(take) },
    Remedy {
        rule: &rule::CAP_DEFAULT,
        change: Change::Recreate(|container, _| container.host_config.cap_drop = vec!["ALL".into()]),
    },
    Remedy {
        rule: &rule::CAP_DAC_OVERRIDE,
        change: Change::Recreate(|container, _| {
            container.host_config.cap_add.retain(|name| canonical(name) != "DAC_OVERRIDE");
            container.host_config.cap_drop.push("DAC_OVERRIDE".into());
        }),
    },
];

/// Takes the capability that the finding names out of `CapAdd`.
fn take(container: &mut Container, finding: &Finding) {
    let named = |name: &String| {
        finding.evidence.iter().any(|e| e.what == "HostConfig.CapAdd" && canonical(&e.value) == canonical(name))
    };
    container.host_config.cap_add.retain(|name| !named(name));
}

pub(crate) fn findings(facts: &Facts) -> Vec<Finding> {
    let mut found = Vec::new();
    for container in facts.containers() {
        let exposure = Exposure::of(facts, container);
        found.extend(privileged(container, exposure));
        found.extend(every(container, exposure));
        found.extend(added(facts, container, exposure));
        found.extend(kept_defaults(container, exposure));
        found.extend(overrides_permissions(container, exposure));
    }
    found
}

fn privileged(container: &Container, exposure: Exposure) -> Option<Finding> {
    container.host_config.privileged.then(|| {
        let finding = rule::PRIVILEGED
            .on(container.subject())
            .severity(exposure.weigh_for_root(Critical))
            .evidence("HostConfig.Privileged", "true");
        exposure.opens(finding, 1, "mounts the host's disk")
    })
}

fn every(container: &Container, exposure: Exposure) -> Option<Finding> {
    let written = container.host_config.cap_add.iter().find(|name| canonical(name) == "ALL")?;
    let dropped = mask(container.host_config.cap_drop.iter().map(String::as_str));
    let left: Vec<_> = POWERS.iter().filter(|power| !has(dropped, power.capability)).collect();
    let worst = left.iter().map(|power| power.shut).max().unwrap_or(Info);
    let finding = rule::CAP_ALL
        .on(container.subject())
        .severity(exposure.weigh_for_root(if worst >= High { Critical } else { worst }))
        .evidence("HostConfig.CapAdd", written)
        .evidence("HostConfig.CapDrop", names(dropped & ALL).join(", "));
    // SYS_ADMIN, SYS_MODULE or DAC_READ_SEARCH, each of them a way by itself.
    let way = left.iter().find(|power| power.way == Some(2) && power.capability != "SYS_PTRACE");
    Some(match way {
        Some(power) => exposure.opens(finding, 2, power.gives),
        None => finding,
    })
}

/// One finding for each capability in `CapAdd` that Docker would not have given.
fn added(facts: &Facts, container: &Container, exposure: Exposure) -> Vec<Finding> {
    let mut seen = Vec::new();
    let mut found = Vec::new();
    for written in &container.host_config.cap_add {
        let name = canonical(written);
        if name == "ALL" || DEFAULT.contains(&name.as_str()) || seen.contains(&name) {
            continue;
        }
        found.push(one(facts, container, exposure, &name, written));
        seen.push(name);
    }
    found
}

fn one(facts: &Facts, container: &Container, exposure: Exposure, name: &str, written: &str) -> Finding {
    let Some(power) = POWERS.iter().find(|power| power.capability == name) else {
        return rule::CAP_OTHER
            .on(container.subject())
            .about(name)
            .severity(Info)
            .title("Container has a capability that Keelguard does not know")
            .evidence("HostConfig.CapAdd", written);
    };
    let open = way_is_open(facts, container, exposure, name);
    let finding = power
        .rule
        .on(container.subject())
        .about(name)
        .title(format!("Container has the capability {name}: it {}", power.gives))
        .severity(exposure.weigh_for_root(if open { power.severity } else { power.shut }))
        .evidence("HostConfig.CapAdd", written);
    // AppArmor shuts the simplest ways of SYS_ADMIN; the others are harder, not impossible.
    let confined = name == "SYS_ADMIN" && !open;
    let release_agent = name == "SYS_ADMIN" && open && cgroup_v1(facts);
    let finding = if release_agent {
        finding.evidence("host.cgroup.version", &facts.host.cgroup.version)
    } else if name == "SYS_PTRACE" && open {
        finding.evidence("HostConfig.PidMode", &container.host_config.pid_mode)
    } else {
        finding
    };
    match power.way {
        Some(cost) if release_agent => {
            exposure.opens(finding, cost, "mounts a v1 cgroup and has the kernel run its release_agent as root")
        }
        Some(cost) if open => exposure.opens(finding, cost, power.gives),
        Some(cost) if confined => {
            exposure.opens(finding, cost + 1, "turns off its own device cgroup or enters a namespace of the host")
        }
        _ => finding,
    }
}

/// Whether the way that the capability is known for stands open on this host and in this container.
fn way_is_open(facts: &Facts, container: &Container, exposure: Exposure, name: &str) -> bool {
    let host = engine_host(facts);
    let locked = host.and_then(|host| host.kernel.lockdown.as_deref()).is_some_and(|mode| mode != "none");
    let set = |key: &str| host.and_then(|host| host.sysctls.get(key)).is_some_and(|value| value == "1");
    match name {
        // Docker's AppArmor profile denies mounts; SELinux denies what they would show.
        "SYS_ADMIN" => !exposure.confined,
        "SYS_MODULE" => !locked && !set("kernel.modules_disabled"),
        "SYS_RAWIO" => !locked,
        "SYS_PTRACE" => container.host_config.pid_mode == "host",
        "BPF" => has(granted(&container.host_config), "PERFMON"),
        // Docker's seccomp profile gives kexec to nobody.
        "SYS_BOOT" => !exposure.seccomp && !locked && !set("kernel.kexec_load_disabled"),
        "NET_ADMIN" => container.host_config.network_mode == "host",
        _ => true,
    }
}

fn cgroup_v1(facts: &Facts) -> bool {
    engine_host(facts).is_some_and(|host| matches!(host.cgroup.version.as_str(), "v1" | "hybrid"))
}

/// Whether everything is granted anyhow, so that the defaults are the least of it.
fn has_all(container: &Container) -> bool {
    container.host_config.privileged || container.host_config.cap_add.iter().any(|name| canonical(name) == "ALL")
}

fn kept_defaults(container: &Container, exposure: Exposure) -> Option<Finding> {
    let dropped = |name: &str| container.host_config.cap_drop.iter().any(|drop| canonical(drop) == name);
    // Whoever drops everything and adds some back has chosen them.
    if has_all(container) || dropped("ALL") {
        return None;
    }
    let kept: Vec<_> = RISKY_DEFAULTS.iter().copied().filter(|name| !dropped(name)).collect();
    let worst = if kept.contains(&"NET_RAW") { Low } else { Info };
    (!kept.is_empty()).then(|| {
        rule::CAP_DEFAULT
            .on(container.subject())
            .severity(exposure.weigh(worst))
            .title(format!("Container keeps the default capabilities {}", kept.join(", ")))
            .evidence("HostConfig.CapDrop", container.host_config.cap_drop.join(", "))
    })
}

fn overrides_permissions(container: &Container, exposure: Exposure) -> Option<Finding> {
    let can = has(granted(&container.host_config), "DAC_OVERRIDE") && !has_all(container);
    let (index, mount) = container.mounts.iter().enumerate().find(|(_, mount)| mount.kind == "bind" && mount.rw)?;
    (can && exposure.root && !exposure.remapped).then(|| {
        rule::CAP_DAC_OVERRIDE
            .on(container.subject())
            .evidence(format!("Mounts[{index}].Source"), &mount.source)
            .evidence("HostConfig.CapDrop", container.host_config.cap_drop.join(", "))
    })
}

/// What capabilities give that a process has beyond its configuration: the worst severity, and the step of the cheapest
/// way to the host.
pub(super) fn worst_of(excess: u64) -> (Severity, Option<(u32, &'static str)>) {
    let held = || POWERS.iter().filter(|power| has(excess, power.capability));
    // A default capability that was dropped and is there all the same is still more than was asked for.
    let severity = held().map(|power| power.severity).max().unwrap_or(Medium).max(Medium);
    let alone = |power: &&Power| matches!(power.capability, "SYS_ADMIN" | "SYS_MODULE" | "DAC_READ_SEARCH");
    (severity, held().find(alone).map(|power| (2, power.gives)))
}

/// Whether a container of this configuration may look into any process it sees.
pub(super) fn can_trace(container: &Container) -> bool {
    has(granted(&container.host_config), "SYS_PTRACE")
}

#[cfg(test)]
mod tests {
    use keelguard_host::facts::HostConfig;
    use keelguard_host::sample;
    use keelguard_model::Subject;

    use super::*;

    fn judged(facts: &Facts) -> Vec<(String, Severity, Vec<u32>)> {
        findings(facts)
            .into_iter()
            .filter(|finding| finding.rule != rule::CAP_DEFAULT.id)
            .map(|f| {
                let ways =
                    f.reaches.iter().filter(|reach| reach.to == Subject::host_root()).map(|reach| reach.cost).collect();
                (f.rule, f.severity, ways)
            })
            .collect()
    }

    fn with(change: impl FnOnce(&mut HostConfig)) -> Vec<(String, Severity, Vec<u32>)> {
        judged(&sample::host().container("web", |c| change(&mut c.host_config)).facts())
    }

    fn adding(names: &[&str]) -> Vec<(String, Severity, Vec<u32>)> {
        with(|config| config.cap_add = names.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn every_capability_is_either_a_default_or_has_a_row() {
        for name in crate::capability::NAMES {
            let row = POWERS.iter().any(|power| power.capability == name);
            assert_ne!(row, DEFAULT.contains(&name), "{name}");
        }
    }

    #[test]
    fn a_privileged_container_is_one_documented_command_away_from_the_host() {
        assert_eq!(with(|config| config.privileged = true), [("KG-B003".into(), Critical, vec![1])]);
    }

    #[test]
    fn all_capabilities_are_one_finding_whatever_else_is_dropped_by_name() {
        assert_eq!(adding(&["all"]), [("KG-B004".into(), Critical, vec![2])]);
        let left = with(|config| {
            config.cap_add = vec!["ALL".into()];
            config.cap_drop = POWERS.iter().map(|power| power.capability.to_owned()).collect();
        });
        assert_eq!(left, [("KG-B004".into(), Info, vec![])], "nothing beyond the defaults is left");
    }

    #[test]
    fn sys_admin_is_a_way_out_whose_step_apparmor_makes_harder() {
        assert_eq!(adding(&["CAP_SYS_ADMIN"]), [("KG-B005".into(), High, vec![3])]);
        let open = with(|config| {
            config.cap_add = vec!["sys_admin".into()];
            config.security_opt = vec!["apparmor=unconfined".into()];
        });
        assert_eq!(open, [("KG-B005".into(), Critical, vec![2])]);
    }

    #[test]
    fn sys_admin_on_a_v1_host_without_apparmor_sets_the_release_agent() {
        let facts = sample::host()
            .with(|facts| {
                facts.host.cgroup.version = "hybrid".into();
                if let Some(engine) = &mut facts.engine {
                    engine.info.security_options.retain(|option| option != "name=apparmor");
                }
            })
            .container("web", |c| c.host_config.cap_add = vec!["SYS_ADMIN".into()])
            .facts();
        let finding = findings(&facts).into_iter().find(|f| f.rule == "KG-B005").unwrap();
        assert!(finding.reaches[0].how.contains("release_agent"), "{finding:?}");
        assert!(finding.evidence.iter().any(|e| e.what == "host.cgroup.version" && e.value == "hybrid"));
    }

    #[test]
    fn ptrace_is_a_way_out_only_where_the_hosts_processes_are_seen() {
        assert_eq!(adding(&["SYS_PTRACE"]), [("KG-B007".into(), Low, vec![])]);
        let seen = with(|config| {
            config.cap_add = vec!["SYS_PTRACE".into()];
            config.pid_mode = "host".into();
        });
        assert_eq!(seen, [("KG-B007".into(), Critical, vec![2])]);
    }

    #[test]
    fn modules_cannot_be_loaded_where_the_kernel_is_locked_down_or_loading_is_off() {
        assert_eq!(adding(&["SYS_MODULE"]), [("KG-B006".into(), Critical, vec![2])]);
        let shut: [fn(&mut Facts); 2] = [
            |facts| facts.host.kernel.lockdown = Some("integrity".into()),
            |facts| {
                facts.host.sysctls.insert("kernel.modules_disabled".into(), "1".into());
            },
        ];
        for change in shut {
            let facts = sample::host()
                .with(change)
                .container("web", |c| c.host_config.cap_add = vec!["SYS_MODULE".into()])
                .facts();
            assert_eq!(judged(&facts), [("KG-B006".into(), Medium, vec![])]);
        }
    }

    #[test]
    fn dac_read_search_opens_the_hosts_files_by_handle() {
        assert_eq!(adding(&["DAC_READ_SEARCH"]), [("KG-B008".into(), Critical, vec![2])]);
    }

    #[test]
    fn rawio_net_admin_bpf_and_syslog_have_rules_of_their_own() {
        assert_eq!(adding(&["SYS_RAWIO"]), [("KG-B009".into(), High, vec![5])]);
        assert_eq!(adding(&["NET_ADMIN"]), [("KG-B010".into(), Medium, vec![])]);
        assert_eq!(adding(&["BPF"]), [("KG-B011".into(), Medium, vec![])]);
        assert_eq!(
            adding(&["BPF", "PERFMON"]),
            [("KG-B011".into(), High, vec![3]), ("KG-B011".into(), Medium, vec![])]
        );
        assert_eq!(adding(&["SYSLOG"]), [("KG-B012".into(), Low, vec![])]);
    }

    #[test]
    fn every_further_capability_of_c18_is_found() {
        for name in [
            "SYS_TIME",
            "SYS_BOOT",
            "SYS_NICE",
            "IPC_LOCK",
            "SYS_RESOURCE",
            "WAKE_ALARM",
            "AUDIT_CONTROL",
            "MAC_ADMIN",
            "LINUX_IMMUTABLE",
            "CHECKPOINT_RESTORE",
        ] {
            assert_eq!(adding(&[name]).first().map(|(rule, ..)| rule.as_str()), Some("KG-B013"), "{name}");
        }
    }

    #[test]
    fn the_same_capability_in_two_spellings_is_one_finding_and_one_unknown_to_us_is_info() {
        assert_eq!(adding(&["SYSLOG", "cap_syslog"]).len(), 1);
        assert_eq!(adding(&["FLY_TO_THE_MOON\u{1b}[2J"]), [("KG-B013".into(), Info, vec![])]);
    }

    #[test]
    fn a_mapped_root_or_a_user_that_cannot_become_root_has_no_way_out_by_a_capability() {
        let mapped = sample::host()
            .with(|facts| {
                if let Some(engine) = &mut facts.engine {
                    engine.info.security_options.push("name=userns".into());
                }
            })
            .container("web", |c| c.host_config.cap_add = vec!["SYS_MODULE".into()])
            .facts();
        assert_eq!(judged(&mapped), [("KG-B006".into(), Medium, vec![])]);
        let user = |options: &[&str]| {
            let options: Vec<_> = options.iter().map(ToString::to_string).collect();
            let facts = sample::host().container("web", |c| {
                c.config.user = "1000".into();
                c.host_config.security_opt = options;
                c.host_config.cap_add = vec!["SYS_MODULE".into()];
            });
            judged(&facts.facts())
        };
        assert_eq!(user(&["no-new-privileges"]), [("KG-B006".into(), Medium, vec![])]);
        assert_eq!(user(&[]), [("KG-B006".into(), High, vec![3])], "setuid files are a way to root inside");
    }

    #[test]
    fn kept_defaults_are_one_mild_finding_and_none_once_everything_is_dropped() {
        let kept = |drop: &[&str]| {
            let drop: Vec<_> = drop.iter().map(ToString::to_string).collect();
            let facts = sample::host().container("web", |c| {
                c.host_config.cap_drop = drop;
                c.host_config.cap_add = vec!["NET_BIND_SERVICE".into(), "CHOWN".into()];
            });
            findings(&facts.facts()).into_iter().map(|f| (f.rule, f.severity)).collect::<Vec<_>>()
        };
        assert_eq!(kept(&[]), [("KG-B014".into(), Low)]);
        assert_eq!(kept(&["cap_net_raw"]), [("KG-B014".into(), Info)]);
        assert_eq!(kept(&["all"]), [], "what is added back after that was chosen");
    }

    #[test]
    fn dac_override_matters_where_a_host_folder_can_be_written() {
        let facts = |drop: &str| {
            sample::host()
                .container("web", |c| {
                    c.bind("/srv/data", "/data");
                    c.host_config.cap_drop = vec![drop.into()];
                })
                .container("reader", |c| c.bind_ro("/srv/data", "/data"))
                .facts()
        };
        let found = findings(&facts("NET_RAW")).into_iter().filter(|f| f.rule == "KG-B015");
        assert_eq!(found.map(|f| (f.subject.name, f.severity)).collect::<Vec<_>>(), [("web".into(), Info)]);
        assert!(!findings(&facts("ALL")).iter().any(|f| f.rule == "KG-B015"));
    }
}
