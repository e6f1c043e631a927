//! Whether a check has something to look at on this host, and whether that was read. What was not read is never passed.

use keelguard_host::Facts;

use crate::rules::daemon::{api, in_swarm, security_option, settings_known};
use crate::rules::files::{audited::WATCHED, permissions::TABLE};

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applies {
    /// It was looked at; no finding means that it passes.
    Yes,
    /// There is nothing to look at, and why.
    No(&'static str),
    /// There may be, but it was not read, and why.
    Unknown(&'static str),
}

use Applies::{No, Unknown, Yes};

const NO_ENGINE: Applies = Unknown("no engine answered");
const REMOTE: Applies = Unknown("the engine runs on another machine; run Keelguard there");

/// A gap of the engine's answers under one of these names.
fn gap(facts: &Facts, names: &[&str]) -> bool {
    facts
        .incomplete
        .iter()
        .any(|entry| names.contains(&entry.what.as_str()) || entry.what == "part of the engine's answers")
}

/// Needs the engine's own word.
pub(super) fn engine(facts: &Facts, _: &str) -> Applies {
    match &facts.engine {
        None => NO_ENGINE,
        Some(engine) if engine.info.server_version.is_empty() || gap(facts, &["the engine's own settings (info)"]) => {
            Unknown("the engine did not tell its settings")
        }
        Some(_) => Yes,
    }
}

/// Needs an engine on this host.
pub(super) fn local(facts: &Facts, _: &str) -> Applies {
    match &facts.engine {
        None => NO_ENGINE,
        Some(engine) if !engine.local => REMOTE,
        Some(_) => Yes,
    }
}

fn and(first: Applies, then: impl FnOnce() -> Applies) -> Applies {
    if first == Yes { then() } else { first }
}

/// Needs the daemon's settings from all sources.
pub(super) fn settings(facts: &Facts, section: &str) -> Applies {
    and(local(facts, section), || {
        if settings_known(facts) { Yes } else { Unknown("the daemon's command line and file could not be read") }
    })
}

pub(super) fn mounts(facts: &Facts, section: &str) -> Applies {
    and(local(facts, section), || {
        let root = facts.engine.as_ref().is_some_and(|engine| engine.info.docker_root_dir.starts_with('/'));
        if root && !facts.host.mounts.is_empty() { Yes } else { Unknown("the host's mounts could not be read") }
    })
}

pub(super) fn accounts(facts: &Facts, section: &str) -> Applies {
    and(local(facts, section), || match facts.host.docker_group {
        Some(_) => Yes,
        None => Unknown("/etc/group could not be read"),
    })
}

/// The audit rule of a file that exists here.
pub(super) fn audit(facts: &Facts, section: &str) -> Applies {
    and(local(facts, section), || {
        let Some((_, role)) = WATCHED.iter().find(|(watched, _)| *watched == section) else {
            return Unknown("no file is known for this section");
        };
        and(role_is_there(facts, role), || match facts.host.audit.rules {
            Some(_) => Yes,
            None => Unknown("the audit rules could not be read; that needs root"),
        })
    })
}

/// Owner or permissions of a file that exists here.
pub(super) fn file(facts: &Facts, section: &str) -> Applies {
    and(local(facts, section), || {
        let Some(row) = TABLE.iter().find(|row| row.owner_section == section || row.mode_section == section) else {
            return Unknown("no file is known for this section");
        };
        and(role_is_there(facts, row.role), || {
            let of_role = |file: &&keelguard_host::facts::FileFact| file.role == row.role && file.exists == Some(true);
            if facts.host.files.iter().filter(of_role).all(|file| file.stat.is_some()) {
                Yes
            } else {
                Unknown("owner and permissions could not be read")
            }
        })
    })
}

fn role_is_there(facts: &Facts, role: &str) -> Applies {
    let mut files = facts.host.files.iter().filter(|file| file.role == role).peekable();
    if files.peek().is_none() {
        // Certificates are listed where there are some; everything else is always listed.
        let optional = matches!(role, "registry-cert" | "tls-ca" | "tls-cert" | "tls-key");
        return if optional && !facts.host.files.is_empty() {
            No("no such certificate or key is configured")
        } else {
            Unknown("the file was not looked at")
        };
    }
    let mut unsure = false;
    for file in files {
        match file.exists {
            Some(true) => return Yes,
            Some(false) => {}
            None => unsure = true,
        }
    }
    if unsure {
        Unknown("the file could not be looked at; that needs root")
    } else {
        No("the file does not exist here")
    }
}

pub(super) fn updates(facts: &Facts, section: &str) -> Applies {
    and(local(facts, section), || match facts.host.last_update {
        Some(_) => Yes,
        None => Unknown("when packages were last updated is not known"),
    })
}

pub(super) fn default_bridge(facts: &Facts, section: &str) -> Applies {
    and(engine(facts, section), || {
        let bridge = facts.engine.iter().flat_map(|engine| &engine.networks).any(|network| network.name == "bridge");
        match bridge {
            _ if gap(facts, &["networks"]) => Unknown("the engine's networks could not be read"),
            true => Yes,
            false => No("there is no default bridge"),
        }
    })
}

pub(super) fn registries(facts: &Facts, section: &str) -> Applies {
    and(engine(facts, section), || {
        match facts.engine.as_ref().and_then(|engine| engine.info.registry_config.as_ref()) {
            Some(_) => Yes,
            None => Unknown("the engine does not tell its registries"),
        }
    })
}

fn told(facts: &Facts, section: &str, field: impl Fn(&keelguard_host::facts::Info) -> &str) -> Applies {
    and(engine(facts, section), || match facts.engine.as_ref().map(|engine| field(&engine.info)) {
        Some(value) if !value.is_empty() => Yes,
        _ => Unknown("the engine does not tell"),
    })
}

pub(super) fn storage(facts: &Facts, section: &str) -> Applies {
    told(facts, section, |info| &info.driver)
}

pub(super) fn logging(facts: &Facts, section: &str) -> Applies {
    told(facts, section, |info| &info.logging_driver)
}

pub(super) fn devicemapper(facts: &Facts, section: &str) -> Applies {
    and(storage(facts, section), || match facts.engine.as_ref().map(|engine| engine.info.driver.as_str()) {
        Some("devicemapper") => settings(facts, section),
        _ => No("the storage driver is not devicemapper"),
    })
}

pub(super) fn tls(facts: &Facts, section: &str) -> Applies {
    and(settings(facts, section), || {
        if api::listens_on_tcp(facts) { Yes } else { No("the engine does not listen on TCP") }
    })
}

pub(super) fn live_restore(facts: &Facts, section: &str) -> Applies {
    and(engine(facts, section), || if in_swarm(facts) { No("live restore does not work in swarm mode") } else { Yes })
}

pub(super) fn containers(facts: &Facts, _: &str) -> Applies {
    match &facts.engine {
        None => NO_ENGINE,
        Some(_) if gap(facts, &["containers"]) => Unknown("not every container could be read"),
        Some(engine) if engine.containers.is_empty() => No("there are no containers"),
        Some(_) => Yes,
    }
}

pub(super) fn running(facts: &Facts, section: &str) -> Applies {
    and(containers(facts, section), || {
        if facts.containers().iter().any(keelguard_host::facts::Container::is_running) {
            Yes
        } else {
            No("no container runs")
        }
    })
}

/// Needs to see the processes inside.
pub(super) fn processes(facts: &Facts, section: &str) -> Applies {
    and(running(facts, section), || {
        if facts
            .containers()
            .iter()
            .filter(|container| container.is_running())
            .all(|container| container.truth.is_some())
        {
            Yes
        } else {
            Unknown("the processes of some containers could not be read; that needs root on the engine's host")
        }
    })
}

pub(super) fn apparmor(facts: &Facts, section: &str) -> Applies {
    and(containers(facts, section), || match facts.host.apparmor {
        _ if security_option(facts, "apparmor") => Yes,
        None if !facts.engine_is_local() || facts.host.lsm.is_none() => {
            and(engine(facts, section), || No("the engine's host has no AppArmor"))
        }
        _ => No("this host has no AppArmor"),
    })
}

pub(super) fn selinux(facts: &Facts, section: &str) -> Applies {
    and(containers(facts, section), || match facts.host.selinux.as_deref() {
        Some("enforcing" | "permissive") if facts.engine_is_local() => Yes,
        _ if security_option(facts, "selinux") => Yes,
        _ => No("this host has no SELinux"),
    })
}

pub(super) fn images(facts: &Facts, _: &str) -> Applies {
    match &facts.engine {
        None => NO_ENGINE,
        Some(_) if gap(facts, &["images"]) => Unknown("not every image could be read"),
        Some(engine) if engine.images.is_empty() => No("there are no images"),
        Some(_) => Yes,
    }
}

/// Needs to know how images were made.
pub(super) fn histories(facts: &Facts, section: &str) -> Applies {
    and(images(facts, section), || {
        let told = facts.engine.iter().flat_map(|engine| &engine.images).any(|image| !image.history.is_empty());
        if told { Yes } else { Unknown("the history of the images could not be read") }
    })
}

fn swarm(facts: &Facts, section: &str) -> Applies {
    and(engine(facts, section), || if in_swarm(facts) { Yes } else { No("swarm mode is off") })
}

pub(super) fn manager(facts: &Facts, section: &str) -> Applies {
    and(swarm(facts, section), || match &facts.engine {
        Some(engine) if engine.swarm.is_some() => Yes,
        Some(engine) if !engine.info.swarm.control_available && engine.info.swarm.local_node_state == "active" => {
            No("this node is a worker; look on a manager")
        }
        _ => Unknown("the swarm's settings could not be read"),
    })
}

pub(super) fn swarm_networks(facts: &Facts, section: &str) -> Applies {
    and(swarm(facts, section), || {
        if gap(facts, &["networks"]) { Unknown("the engine's networks could not be read") } else { Yes }
    })
}

pub(super) fn swarm_ports(facts: &Facts, section: &str) -> Applies {
    and(swarm(facts, section), || {
        and(local(facts, section), || {
            if facts.host.listening.is_empty() { Unknown("listening sockets could not be read") } else { Yes }
        })
    })
}
