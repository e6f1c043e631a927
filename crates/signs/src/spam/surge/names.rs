//! What numbers and addresses in mail logs are called on this host: users by number, containers by address.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// So many of each are kept.
const MOST: usize = 10_000;

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Names {
    users: BTreeMap<SmolStr, SmolStr>,
    containers: BTreeMap<IpAddr, SmolStr>,
}

impl Names {
    /// From what stands in `/etc/passwd`.
    pub fn of_passwd(text: &str) -> Self {
        let user = |line: &str| {
            let mut fields = line.split(':');
            Some((SmolStr::new(fields.nth(2)?), SmolStr::new(line.split(':').next()?)))
        };
        Self { users: text.lines().filter_map(user).take(MOST).collect(), containers: BTreeMap::new() }
    }

    /// A container has this address.
    pub fn container(&mut self, address: IpAddr, name: &str) {
        if self.containers.len() < MOST {
            self.containers.insert(address, SmolStr::new(name));
        }
    }

    pub(super) fn user(&self, number: &SmolStr) -> SmolStr {
        self.users.get(number).unwrap_or(number).clone()
    }

    pub(super) fn container_at(&self, address: IpAddr) -> Option<&SmolStr> {
        self.containers.get(&address)
    }
}
