//! How a container is kept: a root filesystem of its own, a health check, no SSH server.

use keelguard_host::Facts;
use keelguard_host::facts::{Container, Healthcheck, Process};
use keelguard_model::{Finding, Severity, rule};

use crate::exposure::engine_host;
use crate::remedy::{Change, Remedy};

pub(crate) const REMEDIES: &[Remedy] = &[
    Remedy {
        rule: &rule::WRITABLE_ROOT,
        change: Change::Recreate(|container, _| {
            container.host_config.readonly_rootfs = true;
            for folder in ["/tmp", "/run"] {
                let mounted = container.mounts.iter().any(|mount| mount.destination == folder);
                if !mounted && !container.host_config.tmpfs.contains_key(folder) {
                    container.host_config.tmpfs.insert(folder.into(), "size=64m".into());
                }
            }
        }),
    },
    Remedy {
        rule: &rule::NO_HEALTH_CHECK,
        change: Change::Recreate(|container, _| {
            // The least that can be asked of any image with a shell; its owner knows the better question.
            let test = vec!["CMD-SHELL".into(), "kill -0 1".into()];
            container.config.healthcheck = Some(Healthcheck { test, ..Healthcheck::default() });
        }),
    },
];

pub(crate) fn findings(facts: &Facts) -> Vec<Finding> {
    let mut found = Vec::new();
    for container in facts.containers() {
        found.extend(writable_root(container));
        found.extend(no_health_check(facts, container));
        found.extend(ssh_server(facts, container));
    }
    found
}

fn writable_root(container: &Container) -> Option<Finding> {
    (!container.host_config.readonly_rootfs)
        .then(|| rule::WRITABLE_ROOT.on(container.subject()).evidence("HostConfig.ReadonlyRootfs", "false"))
}

/// Whether a health check is one; none where it inherits.
fn checks(healthcheck: Option<&Healthcheck>) -> Option<bool> {
    let test = &healthcheck?.test;
    Some(test.first()? != "NONE")
}

fn no_health_check(facts: &Facts, container: &Container) -> Option<Finding> {
    let reports = container.state.health.as_ref().is_some_and(|health| !matches!(health.status.as_str(), "" | "none"));
    let image = facts.engine.as_ref()?.images.iter().find(|image| image.id == container.image);
    let own = checks(container.config.healthcheck.as_ref());
    let checked = own.or_else(|| checks(image?.config.healthcheck.as_ref())).unwrap_or(false);
    (!checked && !reports).then(|| {
        let value = if own == Some(false) { "NONE" } else { "not set" };
        rule::NO_HEALTH_CHECK
            .on(container.subject())
            .evidence("Config.Healthcheck.Test", value)
            .fix("Give it a health check that asks the service itself, in place of the simplest one that stands here.")
    })
}

const SERVERS: &[&str] = &["sshd", "dropbear", "sshd-session"];

fn names_server(word: &str) -> bool {
    SERVERS.contains(&word.rsplit('/').next().unwrap_or_default())
}

/// By the command it was given, or by processes of its own. With `--pid=host` it sees the host's SSH server; that one is
/// not in the container's cgroup and has the host's mounts.
fn ssh_server(facts: &Facts, container: &Container) -> Option<Finding> {
    let words = || container.config.entrypoint.iter().chain(&container.config.cmd);
    let command = words().find(|word| word.split([' ', '\t', '\n', ';', '&', '|']).any(names_server));
    let processes = container.truth.as_ref().map(|truth| truth.processes.as_slice()).unwrap_or_default();
    let host = engine_host(facts).map(|host| host.namespaces).unwrap_or_default();
    let own = |process: &&Process| {
        let apart = |own: Option<u64>, host: Option<u64>| own.is_some() && host.is_some() && own != host;
        apart(process.namespaces.pid, host.pid) || apart(process.namespaces.mnt, host.mnt)
    };
    let process =
        processes.iter().filter(own).find(|process| names_server(&process.exe) || names_server(&process.comm));
    let (what, value) = match (command, process) {
        (Some(word), _) => ("Config.Cmd", word.as_str()),
        (None, Some(process)) => ("process", process.comm.as_str()),
        (None, None) => return None,
    };
    let inside = |port: &String| port.starts_with("22/");
    let published = container.host_config.port_bindings.keys().any(inside);
    Some(
        rule::SSHD
            .on(container.subject())
            .severity(if published { Severity::Medium } else { Severity::Low })
            .evidence(what, value),
    )
}

#[cfg(test)]
mod tests {
    use keelguard_host::facts::{Health, Namespaces, Truth};
    use keelguard_host::sample;

    use super::*;

    fn ids(change: impl FnOnce(&mut Container)) -> Vec<String> {
        let facts = sample::host()
            .with(|facts| facts.host.namespaces = Namespaces { mnt: Some(1), pid: Some(2), ..Namespaces::default() })
            .container("web", change)
            .facts();
        findings(&facts).into_iter().map(|f| f.rule).collect()
    }

    fn kept(container: &mut Container) {
        container.host_config.readonly_rootfs = true;
        container.config.healthcheck =
            Some(Healthcheck { test: vec!["CMD".into(), "/check".into()], ..Healthcheck::default() });
    }

    #[test]
    fn a_plain_container_can_change_its_programs_and_has_no_health_check() {
        assert_eq!(ids(|_| {}), ["KG-B055", "KG-B056"]);
        assert_eq!(ids(kept), Vec::<String>::new());
    }

    #[test]
    fn the_images_own_health_check_counts_unless_the_container_switches_it_off() {
        let with_image = |own: Option<Healthcheck>| {
            let facts = sample::host()
                .with(|facts| {
                    let test = vec!["CMD-SHELL".into(), "curl -f localhost".into()];
                    let check = Healthcheck { test, ..Healthcheck::default() };
                    facts.engine.as_mut().unwrap().images[0].config.healthcheck = Some(check);
                })
                .container("web", |c| c.config.healthcheck = own)
                .facts();
            findings(&facts).iter().any(|f| f.rule == "KG-B056")
        };
        assert!(!with_image(None));
        assert!(!with_image(Some(Healthcheck::default())), "an empty test inherits");
        assert!(with_image(Some(Healthcheck { test: vec!["NONE".into()], ..Healthcheck::default() })));
    }

    #[test]
    fn a_container_that_reports_health_has_a_check() {
        let found = ids(|c| c.state.health = Some(Health { status: "starting".into() }));
        assert_eq!(found, ["KG-B055"]);
    }

    #[test]
    fn an_ssh_server_is_found_in_the_command_and_among_its_own_processes() {
        for command in
            [vec!["/usr/sbin/sshd", "-D"], vec!["sh", "-c", "ssh-keygen -A && /usr/sbin/sshd -D"], vec!["dropbear"]]
        {
            let found = ids(|c| {
                kept(c);
                c.config.cmd = command.iter().map(ToString::to_string).collect();
            });
            assert_eq!(found, ["KG-B057"], "{command:?}");
        }
        let found = ids(|c| {
            kept(c);
            c.truth = Some(truth("sshd", Some(10), Some(20)));
        });
        assert_eq!(found, ["KG-B057"]);
    }

    #[test]
    fn a_container_that_sees_the_hosts_processes_is_not_running_the_hosts_sshd() {
        let found = ids(|c| {
            kept(c);
            c.host_config.pid_mode = "host".into();
            c.truth = Some(truth("sshd", Some(1), Some(2)));
        });
        assert_eq!(found, Vec::<String>::new());
        let unknown = ids(|c| {
            kept(c);
            c.truth = Some(truth("sshd", None, None));
        });
        assert_eq!(unknown, Vec::<String>::new(), "a namespace that could not be read proves nothing");
    }

    #[test]
    fn a_command_that_only_mentions_ssh_is_no_server() {
        let found = ids(|c| {
            kept(c);
            c.config.cmd = vec!["ssh".into(), "-N".into(), "sshd.example.org".into(), "/etc/sshd_config".into()];
        });
        assert_eq!(found, Vec::<String>::new());
    }

    fn truth(comm: &str, mnt: Option<u64>, pid: Option<u64>) -> Truth {
        let namespaces = Namespaces { mnt, pid, ..Namespaces::default() };
        Truth {
            processes: vec![Process { pid: 9, comm: comm.into(), namespaces, ..Process::default() }],
            processes_total: 1,
            ..Truth::default()
        }
    }
}
