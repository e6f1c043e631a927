//! How exposed a container is: who it runs as, who can talk to it, what still confines it. Severities follow from it.

use keelguard_host::Facts;
use keelguard_host::facts::Container;
use keelguard_model::Severity;

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
        let user = container.config.user.split(':').next().unwrap_or_default();
        let remapped = match init {
            Some(init) if !init.uid_map.is_empty() => {
                !init.uid_map.iter().any(|&(inside, outside, count)| inside == 0 && outside == 0 && count > 0)
            }
            _ => (option("name=userns") && host_config.userns_mode != "host") || option("name=rootless"),
        };
        Self {
            root: matches!(user, "" | "0" | "root"),
            remapped,
            published: host_config.network_mode == "host"
                || host_config.publish_all_ports
                || host_config.port_bindings.values().flatten().flatten().any(|binding| !is_loopback(&binding.host_ip)),
            seccomp: init.and_then(|init| init.seccomp).map_or_else(
                || !host_config.privileged && !container.security_opt("seccomp").any(|profile| profile == "unconfined"),
                |mode| mode != 0,
            ),
            confined: init.and_then(|init| init.apparmor.as_deref()).map_or_else(
                || {
                    !host_config.privileged
                        && (option("name=selinux") || option("name=apparmor"))
                        && !container.security_opt("apparmor").any(|profile| profile == "unconfined")
                        && !container.security_opt("label").any(|label| label == "disable")
                },
                |label| label != "unconfined",
            ),
            no_new_privileges: init
                .and_then(|init| init.no_new_privs)
                .unwrap_or_else(|| container.security_opt("no-new-privileges").any(|value| value != "false")),
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

    /// Whether its root is the host's root: uid 0 inside, or able to become it, and not mapped to another uid.
    pub fn is_host_root(&self) -> bool {
        !self.remapped && (self.root || !self.no_new_privileges)
    }
}

/// Whether an address of a port binding is reachable from this machine only.
pub fn is_loopback(address: &str) -> bool {
    address.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
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
}
