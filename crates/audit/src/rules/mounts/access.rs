//! What a container's processes may do with a host file: the file's owner and permission bits against the container's
//! user and groups.

use keelguard_host::facts::{Container, Stat};
use keelguard_model::{Finding, Severity, Subject};

use crate::Exposure;

/// How its processes get at a file of the host's root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// As root.
    Root,
    /// Not as root, but owner, group or everybody may.
    Granted,
    /// Only after becoming root inside, which nothing forbids.
    AfterGainingRoot,
    /// Not at all as things are.
    Denied,
}

/// Permission to write (or connect), for [`Access::of`].
pub(super) const WRITE: u32 = 2;
/// Permission to read.
pub(super) const READ: u32 = 4;

impl Access {
    /// Of `container` to what `stat` describes, for `bit`. A file that could not be looked at belongs to root alone.
    pub(super) fn of(container: &Container, exposure: Exposure, stat: Option<&Stat>, bit: u32) -> Self {
        if exposure.root && !exposure.remapped {
            return Self::Root;
        }
        let (user, group) = container.config.user.split_once(':').unwrap_or((&container.config.user, ""));
        let is = |text: &str, id: u32, name: &str| text.parse() == Ok(id) || (!name.is_empty() && text == name);
        let granted = stat.is_some_and(|stat| {
            let may = |shift: u32| stat.mode & (bit << shift) != 0;
            let in_group = is(group, stat.gid, &stat.group)
                || container.host_config.group_add.iter().any(|extra| is(extra, stat.gid, &stat.group));
            may(0)
                || (!exposure.remapped && is(user, stat.uid, &stat.owner) && may(6))
                || (!exposure.remapped && in_group && may(3))
        });
        if granted {
            Self::Granted
        } else if exposure.remapped || exposure.no_new_privileges {
            Self::Denied
        } else {
            Self::AfterGainingRoot
        }
    }

    /// `base` weighed for the container, a step milder where permissions stand in the way.
    pub(super) fn weigh(self, exposure: Exposure, base: Severity) -> Severity {
        match self {
            Self::Denied => exposure.weigh(base).lowered(),
            _ => exposure.weigh(base),
        }
    }

    /// Adds the way to the host's root, where there is one.
    pub(super) fn reaches(self, finding: Finding, cost: u32, how: String, needs: &str) -> Finding {
        let finding = match self {
            Self::Denied => return finding,
            Self::Root | Self::Granted => finding.reaches(Subject::host_root(), cost, how),
            Self::AfterGainingRoot => finding
                .reaches(Subject::host_root(), cost + 1, how)
                .needs("root inside the container first: no-new-privileges is not set"),
        };
        if needs.is_empty() { finding } else { finding.needs(needs) }
    }
}

#[cfg(test)]
mod tests {
    use keelguard_host::sample;

    use super::Access::{AfterGainingRoot, Denied, Granted, Root};
    use super::*;

    #[test]
    fn a_user_without_the_sockets_group_is_kept_out_only_where_it_cannot_become_root() {
        let stat = Stat { mode: 0o660, gid: 998, group: "docker".into(), ..Stat::default() };
        let tight = |c: &mut Container| {
            c.config.user = "1000".into();
            c.host_config.security_opt.push("no-new-privileges".into());
        };
        let facts = sample::host()
            .container("root", |_| {})
            .container("loose", |c| c.config.user = "1000".into())
            .container("tight", tight)
            .container("grouped", |c| {
                tight(c);
                c.host_config.group_add.push("998".into());
            })
            .container("primary", |c| {
                tight(c);
                c.config.user = "1000:998".into();
            })
            .facts();
        let found: Vec<_> =
            facts.containers().iter().map(|c| Access::of(c, Exposure::of(&facts, c), Some(&stat), WRITE)).collect();
        assert_eq!(found, [Root, AfterGainingRoot, Denied, Granted, Granted]);
    }
}
