//! Users and groups, from `/etc/passwd` and `/etc/group`.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::read;
use crate::facts::DockerGroup;

/// A line of `/etc/passwd`: name, uid, gid, home.
struct User {
    name: String,
    uid: u32,
    gid: u32,
    home: PathBuf,
}

fn users() -> Vec<User> {
    let text = read::text("/etc/passwd".as_ref(), 4 << 20).unwrap_or_default();
    text.lines()
        .filter_map(|line| {
            let mut fields = line.split(':');
            let (name, uid, gid) = (fields.next()?, fields.nth(1)?, fields.next()?);
            Some(User {
                name: name.to_owned(),
                uid: uid.parse().ok()?,
                gid: gid.parse().ok()?,
                home: fields.nth(1)?.into(),
            })
        })
        .collect()
}

/// A line of `/etc/group`: name, gid, members.
fn groups() -> Option<Vec<(String, u32, Vec<String>)>> {
    let text = read::text("/etc/group".as_ref(), 4 << 20).ok()?;
    let group = |line: &str| {
        let mut fields = line.split(':');
        let (name, gid) = (fields.next()?, fields.nth(1)?.parse().ok()?);
        let members = fields.next().unwrap_or_default().split(',').filter(|name| !name.is_empty()).map(str::to_owned);
        Some((name.to_owned(), gid, members.collect()))
    };
    Some(text.lines().filter_map(group).collect())
}

/// Names of users and groups by id, for showing who owns a file.
pub(crate) struct Names {
    users: Vec<User>,
    groups: Vec<(String, u32, Vec<String>)>,
}

impl Names {
    pub(crate) fn read() -> Self {
        Self { users: users(), groups: groups().unwrap_or_default() }
    }

    pub(crate) fn user(&self, uid: u32) -> String {
        self.users.iter().find(|user| user.uid == uid).map(|user| user.name.clone()).unwrap_or_default()
    }

    pub(crate) fn group(&self, gid: u32) -> String {
        self.groups.iter().find(|(_, id, _)| *id == gid).map(|(name, _, _)| name.clone()).unwrap_or_default()
    }
}

/// Homes of root and of ordinary users, with their names.
pub(super) fn homes() -> Vec<(String, PathBuf)> {
    let ordinary = |user: &User| user.uid == 0 || (1000..65_534).contains(&user.uid);
    users().into_iter().filter(ordinary).map(|user| (user.name, user.home)).collect()
}

/// The home of a user.
pub(super) fn home_of(uid: u32) -> Option<PathBuf> {
    users().into_iter().find(|user| user.uid == uid).map(|user| user.home)
}

/// Who may use the engine without being root.
pub(crate) fn docker_group(socket: Option<&Path>) -> Option<DockerGroup> {
    let groups = groups()?;
    let users = users();
    let members = |(_, gid, listed): &(String, u32, Vec<String>)| -> Vec<String> {
        let primary = users.iter().filter(|user| user.gid == *gid && user.uid != 0).map(|user| user.name.clone());
        listed.iter().cloned().chain(primary).collect::<BTreeSet<_>>().into_iter().collect()
    };
    let docker = groups.iter().find(|(name, _, _)| name == "docker");
    let owner = socket.and_then(|socket| std::fs::metadata(socket).ok()).map(|meta| meta.gid());
    let owner = owner.and_then(|gid| groups.iter().find(|(name, id, _)| *id == gid && name != "docker" && *id != 0));
    let gids: Vec<u32> = docker.into_iter().chain(owner).map(|(_, gid, _)| *gid).collect();
    let primary = users.iter().filter(|user| gids.contains(&user.gid) && user.uid != 0);
    Some(DockerGroup {
        primary: primary.map(|user| user.name.clone()).collect(),
        members: docker.map(members).unwrap_or_default(),
        socket_group: owner.map(|group| (group.0.clone(), members(group))),
    })
}
