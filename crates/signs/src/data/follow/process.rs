//! Who it was: a process is asked as soon as it is heard of, for it may be gone in a moment.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::data::ransom::Actor;

/// Processes that are remembered.
const MOST: usize = 4096;
/// A number that was not heard of for so long may be another's by now.
const FRESH: Duration = Duration::from_secs(2);

/// A container's name by its id.
pub type Names = Box<dyn Fn(&str) -> Option<String>>;

/// See the module.
pub(crate) struct Processes {
    known: HashMap<u32, (Instant, Actor)>,
    users: HashMap<u32, String>,
    names: Names,
}

impl Processes {
    pub(crate) fn new(names: Names) -> Self {
        let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        let users = passwd.lines().filter_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            Some((fields.nth(1)?.parse().ok()?, name.to_owned()))
        });
        Self { known: HashMap::new(), users: users.collect(), names }
    }

    /// Who has this number.
    pub(crate) fn who(&mut self, pid: u32) -> Actor {
        let now = Instant::now();
        if let Some((at, actor)) = self.known.get_mut(&pid)
            && now.duration_since(*at) < FRESH
        {
            *at = now;
            return actor.clone();
        }
        self.ask(pid)
    }

    /// The same, asked anew: it may have become another program.
    pub(crate) fn ask(&mut self, pid: u32) -> Actor {
        let now = Instant::now();
        if self.known.len() >= MOST {
            self.known.retain(|_, (at, _)| now.duration_since(*at) < FRESH);
        }
        if self.known.len() >= MOST {
            self.known.clear();
        }
        // Of what is gone, that stands what was known of it a moment ago.
        let actor = self.read(pid).or_else(|| self.known.remove(&pid).map(|(_, actor)| actor));
        let actor = actor.unwrap_or_else(|| Actor { pid, ..Actor::default() });
        self.known.insert(pid, (now, actor.clone()));
        actor
    }

    fn read(&self, pid: u32) -> Option<Actor> {
        let folder = Path::new("/proc").join(pid.to_string());
        let text =
            |name: &str| std::fs::read(folder.join(name)).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let status = text("status").ok()?;
        let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let parent: u32 = field("PPid:").and_then(|number| number.parse().ok()).unwrap_or(0);
        let uid: Option<u32> = field("Uid:").and_then(|ids| ids.split_whitespace().next()?.parse().ok());
        let mut command = text("cmdline").unwrap_or_default().replace('\0', " ");
        command.truncate(command.floor_char_boundary(1024));
        let parent_name = std::fs::read(format!("/proc/{parent}/comm")).unwrap_or_default();
        let container = text("cgroup").ok().and_then(|text| container(&text));
        let user = |uid| self.users.get(&uid).cloned().unwrap_or_else(|| format!("uid {uid}"));
        Some(Actor {
            pid,
            name: field("Name:").unwrap_or_default().to_owned(),
            command: command.trim_end().to_owned(),
            user: uid.map(user).unwrap_or_default(),
            parent,
            parent_name: String::from_utf8_lossy(&parent_name).trim_end().to_owned(),
            container: container.map(|id| (self.names)(&id).unwrap_or_else(|| id.get(..12).unwrap_or(&id).to_owned())),
        })
    }
}

/// The id of the container in whose control group a process is: 64 hexadecimal digits, whatever stands before and behind.
fn container(cgroup: &str) -> Option<String> {
    let mut parts = cgroup.lines().flat_map(|line| line.rsplit('/'));
    parts.find_map(|part| {
        let part = part.strip_suffix(".scope").unwrap_or(part);
        let (before, id) = part.split_at_checked(part.len().checked_sub(64)?)?;
        let stands_alone = before.is_empty() || before.ends_with('-');
        (stands_alone && id.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| id.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_is_known_by_its_control_group_under_every_driver() {
        let id = "4f".repeat(32);
        for cgroup in [
            format!("0::/system.slice/docker-{id}.scope\n"),
            format!("12:memory:/docker/{id}\n0::/\n"),
            format!("0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-{id}.scope"),
            format!("0::/machine.slice/libpod-{id}.scope/container"),
        ] {
            assert_eq!(container(&cgroup).as_deref(), Some(&*id), "{cgroup}");
        }
        assert_eq!(container("0::/user.slice/user-0.slice\n"), None);
    }

    #[test]
    fn this_process_is_known_by_name_parent_and_command() {
        let who = Processes::new(Box::new(|_| None)).who(std::process::id());
        assert!(!who.name.is_empty() && who.parent > 0 && who.command.contains("keelguard"), "{who:?}");
    }
}
