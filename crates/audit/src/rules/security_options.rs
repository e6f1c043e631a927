//! What confines a container beside its namespaces: seccomp, AppArmor, SELinux, hidden paths, no-new-privileges, its user.

mod seccomp;

use keelguard_host::Facts;
use keelguard_host::facts::Container;
use keelguard_model::{Finding, Incomplete, Severity, rule};

use crate::Exposure;
use crate::exposure::{engine_host, forbids_new_privileges, host_subject, is_root};
use crate::remedy::{Change, Remedy};

pub(crate) const REMEDIES: &[Remedy] = &[
    Remedy { rule: &rule::SECCOMP_UNCONFINED, change: Change::Recreate(|c, _| without(c, "seccomp", |_| true)) },
    Remedy { rule: &rule::SECCOMP_PERMISSIVE, change: Change::Recreate(|c, _| without(c, "seccomp", |_| true)) },
    Remedy {
        rule: &rule::APPARMOR_UNCONFINED,
        change: Change::Recreate(|c, _| {
            without(c, "apparmor", |profile| profile == "unconfined");
            c.app_armor_profile = "docker-default".into();
        }),
    },
    Remedy { rule: &rule::NO_SECURITY_MODULE, change: Change::Own(|facts, _| with_apparmor(facts)) },
    Remedy { rule: &rule::SELINUX_DISABLED, change: Change::Recreate(|c, _| without(c, "label", leaves_selinux)) },
    Remedy {
        rule: &rule::SYSTEM_PATHS,
        change: Change::Recreate(|c, _| {
            // The engine fills in its own lists where none are given.
            c.host_config.masked_paths = None;
            c.host_config.readonly_paths = None;
            without(c, "systempaths", |_| true);
        }),
    },
    Remedy {
        rule: &rule::NEW_PRIVILEGES,
        change: Change::Recreate(|c, _| {
            without(c, "no-new-privileges", |_| true);
            c.host_config.security_opt.push("no-new-privileges".into());
        }),
    },
    Remedy { rule: &rule::ROOT_USER, change: Change::Recreate(|c, _| c.config.user = "1000:1000".into()) },
];

/// Takes the options called `key` whose value `which` picks out of `SecurityOpt`.
fn without(container: &mut Container, key: &str, which: fn(&str) -> bool) {
    container.host_config.security_opt.retain(|option| {
        let (name, value) = option.split_once(['=', ':']).unwrap_or((option, "true"));
        name != key || !which(value)
    });
}

fn with_apparmor(facts: &mut Facts) {
    facts.host.apparmor = Some(true);
    if let Some(engine) = &mut facts.engine {
        engine.info.security_options.push("name=apparmor".into());
    }
}

fn leaves_selinux(label: &str) -> bool {
    matches!(label, "disable" | "type:spc_t" | "type:unconfined_t")
}

pub(crate) fn findings(facts: &Facts) -> Vec<Finding> {
    let mut found: Vec<_> = no_security_module(facts).into_iter().collect();
    for container in facts.containers() {
        let exposure = Exposure::of(facts, container);
        found.extend(seccomp::finding(facts, container, exposure));
        found.extend(apparmor(facts, container, exposure));
        found.extend(selinux(facts, container, exposure));
        found.extend(system_paths(container, exposure));
        found.extend(new_privileges(facts, container));
        found.extend(root_user(container, exposure));
    }
    found
}

pub(crate) fn gaps(facts: &Facts) -> Vec<Incomplete> {
    facts.containers().iter().filter_map(seccomp::gap).collect()
}

fn engine_uses(facts: &Facts, module: &str) -> bool {
    facts
        .engine
        .as_ref()
        .is_some_and(|engine| engine.info.security_options.iter().any(|option| option.starts_with(module)))
}

/// A host without a security module is one finding, not one for each of its containers.
fn no_security_module(facts: &Facts) -> Option<Finding> {
    let engine = facts.engine.as_ref()?;
    // An engine that lists no security options at all (a stub, a very old one) says nothing either way.
    let says = !engine.info.security_options.is_empty();
    let selinux_host = engine_host(facts).is_some_and(runs_selinux);
    (says && !engine_uses(facts, "name=apparmor") && !engine_uses(facts, "name=selinux") && !selinux_host).then(|| {
        let mut finding = rule::NO_SECURITY_MODULE
            .on(host_subject(facts))
            .evidence("Info.SecurityOptions", engine.info.security_options.join(" "))
            .command("apt-get install -y apparmor apparmor-utils")
            .command("systemctl enable --now apparmor")
            .command("systemctl restart docker");
        if let Some(lsm) = engine_host(facts).and_then(|host| host.lsm.as_ref()) {
            finding = finding.evidence("/sys/kernel/security/lsm", lsm.join(","));
        }
        finding
    })
}

fn runs_selinux(host: &keelguard_host::facts::Host) -> bool {
    matches!(host.selinux.as_deref(), Some("enforcing" | "permissive"))
}

fn apparmor(facts: &Facts, container: &Container, exposure: Exposure) -> Option<Finding> {
    let opted_out = container.security_opt("apparmor").last() == Some("unconfined");
    (opted_out && engine_uses(facts, "name=apparmor")).then(|| {
        rule::APPARMOR_UNCONFINED
            .on(container.subject())
            .severity(exposure.weigh(Severity::Medium))
            .evidence("HostConfig.SecurityOpt", "apparmor=unconfined")
    })
}

fn selinux(facts: &Facts, container: &Container, exposure: Exposure) -> Option<Finding> {
    let label = container.security_opt("label").find(|label| leaves_selinux(label))?;
    let selinux = engine_uses(facts, "name=selinux") || engine_host(facts).is_some_and(runs_selinux);
    selinux.then(|| {
        rule::SELINUX_DISABLED
            .on(container.subject())
            .severity(exposure.weigh(Severity::Medium))
            .evidence("HostConfig.SecurityOpt", format!("label={label}"))
    })
}

/// `systempaths=unconfined`, or lists of one's own that leave out what matters most.
fn system_paths(container: &Container, exposure: Exposure) -> Option<Finding> {
    let lacks = |list: &Option<Vec<String>>, path: &str| {
        list.as_ref().is_some_and(|paths| !paths.iter().any(|known| known == path || known == "/proc"))
    };
    let option = container.security_opt("systempaths").any(|value| value == "unconfined");
    let shows_memory = option || lacks(&container.host_config.masked_paths, "/proc/kcore");
    let writes_switches = option || lacks(&container.host_config.readonly_paths, "/proc/sys");
    if !shows_memory && !writes_switches {
        return None;
    }
    let list = |paths: &Option<Vec<String>>| format!("[{}]", paths.as_deref().unwrap_or_default().join(", "));
    let finding = rule::SYSTEM_PATHS
        .on(container.subject())
        .severity(exposure.weigh_for_root(if writes_switches { Severity::High } else { Severity::Medium }))
        .evidence("HostConfig.MaskedPaths", list(&container.host_config.masked_paths))
        .evidence("HostConfig.ReadonlyPaths", list(&container.host_config.readonly_paths));
    // Docker's AppArmor profile and SELinux deny writes to the kernel's switches by themselves.
    if writes_switches && !exposure.confined {
        let how = "sets /proc/sys/kernel/core_pattern, and the kernel runs its program as root at the next crash";
        Some(exposure.opens(finding, 2, how))
    } else {
        Some(finding)
    }
}

fn new_privileges(facts: &Facts, container: &Container) -> Option<Finding> {
    (!forbids_new_privileges(facts, container)).then(|| {
        let option = container.security_opt("no-new-privileges").last().unwrap_or("not set");
        // Who is root already gains nothing by a setuid program.
        let severity = if is_root(&container.config.user) { Severity::Info } else { Severity::Low };
        rule::NEW_PRIVILEGES
            .on(container.subject())
            .severity(severity)
            .evidence("HostConfig.SecurityOpt no-new-privileges", option)
    })
}

fn root_user(container: &Container, exposure: Exposure) -> Option<Finding> {
    (exposure.root && !exposure.remapped).then(|| {
        let user = if container.config.user.is_empty() { "not set (root)" } else { &container.config.user };
        rule::ROOT_USER.on(container.subject()).severity(exposure.weigh(Severity::Low)).evidence("Config.User", user)
    })
}

#[cfg(test)]
mod tests {
    use keelguard_host::sample::{self, Sample};

    use super::*;

    fn web(change: impl FnOnce(&mut Container)) -> Sample {
        sample::host().container("web", change)
    }

    fn with_options(options: &[&str]) -> Sample {
        web(|c| c.host_config.security_opt = options.iter().map(ToString::to_string).collect())
    }

    /// Findings without those on a plain container's user and privileges.
    fn beyond_plain(sample: Sample) -> Vec<(String, String, Severity)> {
        findings(&sample.facts())
            .into_iter()
            .filter(|f| f.rule != "KG-B026" && f.rule != "KG-B027")
            .map(|f| (f.rule, f.subject.name, f.severity))
            .collect()
    }

    fn one(rule: &str, severity: Severity) -> Vec<(String, String, Severity)> {
        vec![(rule.into(), "web".into(), severity)]
    }

    fn engine_with(options: &'static [&'static str]) -> impl FnOnce(&mut Facts) {
        move |facts| {
            if let Some(engine) = &mut facts.engine {
                engine.info.security_options = options.iter().map(ToString::to_string).collect();
            }
        }
    }

    #[test]
    fn a_plain_container_runs_as_root_and_may_gain_privileges_and_that_is_all() {
        let found = findings(&web(|_| {}).facts());
        let rules: Vec<_> = found.iter().map(|f| (f.rule.as_str(), f.severity)).collect();
        assert_eq!(rules, [("KG-B026", Severity::Info), ("KG-B027", Severity::Low)]);
    }

    #[test]
    fn an_ordinary_user_that_may_become_root_is_worse_than_root_that_may() {
        let found = findings(&web(|c| c.config.user = "app".into()).facts());
        assert_eq!(
            found.iter().map(|f| (f.rule.as_str(), f.severity)).collect::<Vec<_>>(),
            [("KG-B026", Severity::Low)]
        );
    }

    #[test]
    fn opting_out_of_apparmor_is_told_apart_from_a_host_without_it() {
        let out = || with_options(&["apparmor=unconfined"]);
        assert_eq!(beyond_plain(out()), one("KG-B022", Severity::Medium));
        let without = sample::host()
            .with(engine_with(&["name=seccomp,profile=builtin"]))
            .container("one", |c| c.app_armor_profile.clear())
            .container("two", |c| c.app_armor_profile.clear());
        assert_eq!(beyond_plain(without), [("KG-B023".into(), "sample".into(), Severity::Low)]);
    }

    #[test]
    fn a_privileged_container_did_not_opt_out_of_apparmor() {
        let privileged = web(|c| {
            c.host_config.privileged = true;
            c.app_armor_profile = "unconfined".into();
        });
        assert_eq!(beyond_plain(privileged), []);
    }

    #[test]
    fn selinux_is_asked_for_only_where_the_host_runs_it() {
        let disabled = || with_options(&["label=disable"]);
        assert_eq!(beyond_plain(disabled()), []);
        let enforcing = disabled().with(|facts| facts.host.selinux = Some("enforcing".into()));
        let engine_on = enforcing.clone().with(engine_with(&["name=seccomp,profile=builtin", "name=selinux"]));
        assert_eq!(beyond_plain(engine_on), one("KG-B024", Severity::Medium));
    }

    #[test]
    fn unconfined_system_paths_let_root_set_the_program_that_the_kernel_runs() {
        let open = |options: &[&str]| {
            with_options(options).with(|facts| {
                for container in facts.engine.iter_mut().flat_map(|engine| &mut engine.containers) {
                    container.host_config.masked_paths = Some(Vec::new());
                    container.host_config.readonly_paths = Some(Vec::new());
                }
            })
        };
        let ways = |sample: Sample| findings(&sample.facts()).iter().map(|f| f.reaches.len()).sum::<usize>();
        assert_eq!(beyond_plain(open(&[])), one("KG-B025", Severity::High));
        assert_eq!(ways(open(&[])), 0, "AppArmor denies the write");
        assert_eq!(ways(open(&["apparmor=unconfined"])), 1);
    }

    #[test]
    fn an_engine_that_does_not_say_which_paths_it_hides_is_not_accused() {
        let silent = web(|c| {
            c.host_config.masked_paths = None;
            c.host_config.readonly_paths = None;
        });
        assert_eq!(beyond_plain(silent), []);
    }

    #[test]
    fn new_privileges_can_be_forbidden_in_every_spelling() {
        for option in ["no-new-privileges", "no-new-privileges:true", "no-new-privileges=true"] {
            let rules: Vec<_> = findings(&with_options(&[option]).facts()).into_iter().map(|f| f.rule).collect();
            assert_eq!(rules, ["KG-B027"], "{option}");
        }
        let off = findings(&with_options(&["no-new-privileges:false"]).facts());
        assert_eq!(off[0].evidence[0].value, "false");
    }

    #[test]
    fn root_that_is_mapped_to_an_ordinary_user_is_not_root() {
        let mapped = web(|_| {}).with(|facts| {
            if let Some(engine) = &mut facts.engine {
                engine.info.security_options.push("name=userns".into());
            }
        });
        assert!(!findings(&mapped.facts()).iter().any(|f| f.rule == "KG-B027"));
    }
}
