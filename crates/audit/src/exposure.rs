//! How exposed a container is: who it runs as, who can talk to it, what still confines it. Severities follow from it.

use keelguard_host::Facts;
use keelguard_host::facts::{Container, Host};
use keelguard_model::{Finding, Severity, Subject, SubjectKind};

/// What makes the same weakness better or worse in this container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exposure {
    /// Its first process runs as uid 0 inside.
    pub root: bool,
    /// That uid 0 is another uid outside (user namespace).
    pub remapped: bool,
    /// A port is published beyond loopback, or it shares the host's network.
    pub published: bool,
    /// A seccomp filter is in force.
    pub seccomp: bool,
    /// AppArmor or SELinux confines it.
    pub confined: bool,
    /// Its processes can gain no privileges by executing a file.
    pub no_new_privileges: bool,
}

impl Exposure {
    /// Of `container`: the kernel's word where there is one, else the engine's.
    pub fn of(facts: &Facts, container: &Container) -> Self {
        let init = container.truth.as_ref().and_then(|truth| truth.init());
        let host_config = &container.host_config;
        let engine = facts.engine.as_ref();
        let option = |name: &str| engine.is_some_and(|e| e.info.security_options.iter().any(|o| o.contains(name)));
        let remapped = match init {
            Some(init) if !init.uid_map.is_empty() => {
                !init.uid_map.iter().any(|&(inside, outside, count)| inside == 0 && outside == 0 && count > 0)
            }
            _ => (option("name=userns") && host_config.userns_mode != "host") || option("name=rootless"),
        };
        Self {
            root: is_root(&container.config.user),
            remapped,
            published: host_config.network_mode == "host"
                || host_config.publish_all_ports
                || host_config
                    .port_bindings
                    .values()
                    .flatten()
                    .flatten()
                    .any(|binding| !is_loopback(bound_address(facts, &binding.host_ip))),
            seccomp: init.and_then(|init| init.seccomp).map_or_else(
                || !host_config.privileged && seccomp_profile(facts, container) != Some("unconfined"),
                |mode| mode != 0,
            ),
            confined: init.and_then(|init| init.apparmor.as_deref()).map_or_else(
                || {
                    !host_config.privileged
                        && (option("name=selinux") || option("name=apparmor"))
                        && !container.security_opt("apparmor").any(|profile| profile == "unconfined")
                        && !container.security_opt("label").any(|label| label == "disable" || label == "type:spc_t")
                },
                |label| label != "unconfined",
            ),
            no_new_privileges: init
                .and_then(|init| init.no_new_privs)
                .unwrap_or_else(|| forbids_new_privileges(facts, container)),
        }
    }

    /// `base` for this container: one step worse where root inside, a published port and no seccomp come together; one
    /// step milder where its user is not root and cannot become root, or where its root is nobody outside.
    pub fn weigh(&self, base: Severity) -> Severity {
        if self.root && !self.remapped && self.published && !self.seccomp {
            base.raised()
        } else if (!self.root && self.no_new_privileges) || self.remapped {
            base.lowered()
        } else {
            base
        }
    }

    /// `base` for a weakness that only root can use: milder the further its processes are from being the host's root.
    pub(crate) fn weigh_for_root(self, base: Severity) -> Severity {
        if !self.is_host_root() {
            self.weigh(base).lowered()
        } else if self.root {
            self.weigh(base)
        } else {
            base.lowered()
        }
    }

    /// Adds the step from the container to root on the host that only its root can take: none where its root is nobody
    /// outside or cannot be become, one step harder where it must be become first.
    pub(crate) fn opens(self, finding: Finding, cost: u32, how: &str) -> Finding {
        if !self.is_host_root() {
            finding
        } else if self.root {
            finding.reaches(Subject::host_root(), cost, how)
        } else {
            finding
                .reaches(Subject::host_root(), cost + 1, how)
                .needs("a way to root inside the container, such as a setuid program")
        }
    }

    /// Whether its root is the host's root: uid 0 inside, or able to become it, and not mapped to another uid.
    pub fn is_host_root(&self) -> bool {
        !self.remapped && (self.root || !self.no_new_privileges)
    }
}

/// Whether `Config.User` is root: empty, `root`, or any spelling of 0, with or without a group.
pub(crate) fn is_root(user: &str) -> bool {
    let name = user.split(':').next().unwrap_or_default();
    name.is_empty() || name == "root" || name.parse::<u64>() == Ok(0)
}

/// The seccomp profile in force by the engine's word: the container's own option, else the engine's default; none is
/// Docker's own.
pub(crate) fn seccomp_profile<'a>(facts: &'a Facts, container: &'a Container) -> Option<&'a str> {
    container.security_opt("seccomp").last().or_else(|| {
        let options = &facts.engine.as_ref()?.info.security_options;
        let of_engine = options.iter().find_map(|option| option.strip_prefix("name=seccomp"));
        // An engine that lists security options, but not this one, runs on a kernel without seccomp.
        of_engine.map_or((!options.is_empty()).then_some("unconfined"), |rest| rest.strip_prefix(",profile="))
    })
}

/// Whether its processes can gain no privileges by executing a file: the container's own option, else the daemon's.
pub(crate) fn forbids_new_privileges(facts: &Facts, container: &Container) -> bool {
    container.security_opt("no-new-privileges").last().map_or_else(
        || facts.host.daemon.switch("no-new-privileges") == Some(true),
        |value| !matches!(value, "false" | "0"),
    )
}

/// The address that a port binding ends up at: an empty one is the daemon's `ip`, or every interface.
pub(crate) fn bound_address<'a>(facts: &'a Facts, address: &'a str) -> &'a str {
    if !address.is_empty() {
        return address;
    }
    facts.host.daemon.setting("ip").and_then(|ip| ip.as_str()).filter(|ip| !ip.is_empty()).unwrap_or("0.0.0.0")
}

/// Whether an address of a port binding is reachable from this machine only.
pub fn is_loopback(address: &str) -> bool {
    address.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The host that the containers run on: none where the engine is on another machine than the facts about the host.
pub(crate) fn engine_host(facts: &Facts) -> Option<&Host> {
    facts.engine_is_local().then_some(&facts.host)
}

/// The host as what a finding is about (as opposed to root on it, which is what an attacker gets).
pub(crate) fn host_subject(facts: &Facts) -> Subject {
    let name = &facts.host.hostname;
    Subject::new(SubjectKind::Host, if name.is_empty() { "this host" } else { name })
}

/// The label by which Keelguard's own containers are known. Anybody can set it, so it changes nothing but the title.
const OWN_LABEL: &str = "io.keelguard.self";

/// Says so in the title where a finding is about Keelguard's own container: what is asked of others holds for it too.
pub(crate) fn mark_own(facts: &Facts, findings: &mut [Finding]) {
    let own: Vec<_> =
        facts.containers().iter().filter(|c| c.label(OWN_LABEL) == Some("true")).map(Container::subject).collect();
    for finding in findings.iter_mut().filter(|finding| own.contains(&finding.subject)) {
        finding.title.push_str(" (Keelguard's own container)");
    }
}

#[cfg(test)]
mod tests {
    use keelguard_host::sample;

    use super::*;

    #[test]
    fn the_same_weakness_is_worse_as_root_with_a_published_port_and_no_seccomp() {
        let facts = sample::host()
            .container("open", |c| {
                c.host_config.security_opt.push("seccomp=unconfined".into());
                c.publish("0.0.0.0", 8080, 80);
            })
            .container("plain", |_| {})
            .container("tight", |c| {
                c.config.user = "1000".into();
                c.host_config.security_opt.push("no-new-privileges".into());
            })
            .facts();
        let weighed: Vec<_> =
            facts.containers().iter().map(|c| Exposure::of(&facts, c).weigh(Severity::Medium)).collect();
        assert_eq!(weighed, [Severity::High, Severity::Medium, Severity::Low]);
    }

    #[test]
    fn root_is_root_in_every_spelling() {
        assert!(["", "root", "0", "00", "0:1000", "root:app", ":50"].iter().all(|user| is_root(user)));
        assert!(["1000", "app", "10", "1000:0"].iter().all(|user| !is_root(user)));
    }

    #[test]
    fn what_the_daemon_sets_for_all_holds_where_the_container_says_nothing() {
        let facts = sample::host()
            .with(|facts| {
                for (key, value) in [("no-new-privileges", true.into()), ("ip", "127.0.0.1".into())] {
                    facts
                        .host
                        .daemon
                        .settings
                        .insert(key.into(), keelguard_host::facts::Setting { value, from: "file".into() });
                }
                if let Some(engine) = &mut facts.engine {
                    engine.info.security_options = vec!["name=seccomp,profile=unconfined".into()];
                }
            })
            .container("plain", |c| c.publish("", 8080, 80))
            .container("own", |c| {
                c.host_config.security_opt = vec!["no-new-privileges:false".into(), "seccomp=builtin".into()];
            })
            .facts();
        let of: Vec<_> = facts.containers().iter().map(|c| Exposure::of(&facts, c)).collect();
        assert_eq!(of.iter().map(|e| e.no_new_privileges).collect::<Vec<_>>(), [true, false]);
        assert_eq!(of.iter().map(|e| e.seccomp).collect::<Vec<_>>(), [false, true]);
        assert!(!of[0].published);
    }

    #[test]
    fn findings_on_keelguards_own_container_are_kept_and_say_so() {
        let facts = sample::host()
            .container("keelguard", |c| {
                c.config.labels.insert("io.keelguard.self".into(), "true".into());
                c.host_config.pid_mode = "host".into();
            })
            .container("web", |c| c.host_config.pid_mode = "host".into())
            .facts();
        let titles: Vec<_> = crate::judge(&facts)
            .findings
            .into_iter()
            .filter(|finding| finding.rule == "KG-B030")
            .map(|finding| (finding.subject.name, finding.title.ends_with(" (Keelguard's own container)")))
            .collect();
        assert_eq!(titles, [("keelguard".to_owned(), true), ("web".to_owned(), false)]);
    }
}
