//! What is behind a system unlike itself: a process that hides, a miner, a flood, and what happened just before. Each is a state
//! machine of its own that is fed what was measured, with its time in, and says what it found.

pub mod before;
pub mod flood;
pub mod hidden;
pub mod miner;

use jiff::Timestamp;
use keelguard_model::{Finding, Kind, Subject, SubjectKind};
use serde::{Deserialize, Serialize};

/// What is measured together: the machine, or one container on it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The machine's name.
    pub host: String,
    /// The container's, where it is one.
    pub container: Option<String>,
}

impl Place {
    /// As findings name it.
    pub fn subject(&self) -> Subject {
        match &self.container {
            Some(name) => Subject::new(SubjectKind::Container, name.clone()),
            None => Subject::new(SubjectKind::Host, self.host.clone()),
        }
    }

    /// ` on web`, ` in container web`
    pub(super) fn words(&self) -> String {
        self.container.as_ref().map_or_else(|| format!("on {}", self.host), |name| format!("in container {name}"))
    }
}

/// Something that happened, at `time`.
fn seen(finding: Finding, time: Timestamp) -> Finding {
    Finding { kind: Kind::Detection, time, ..finding }
}

/// Maps whose keys are no text, as lists of pairs: JSON knows no others.
mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &BTreeMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map)
    }

    pub(super) fn deserialize<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<K, V>, D::Error> {
        Ok(Vec::<(K, V)>::deserialize(deserializer)?.into_iter().collect())
    }
}

/// One process, as far as it counts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Worker {
    /// Its number on the host.
    pub pid: i32,
    /// As it calls itself.
    pub name: String,
    /// The program behind it, where that can be read.
    pub program: String,
    /// How it was called, arguments and all.
    pub command: String,
    /// The user it runs as.
    pub user: String,
    /// The container it runs in.
    pub container: Option<String>,
    /// Processors that it keeps busy: 1.5 is one and a half.
    pub processors: f64,
    /// Whether its program has been deleted since.
    pub deleted: bool,
}

impl Worker {
    /// `xmrig (process 4711, user www-data, 3.9 processors)`
    pub fn words(&self) -> String {
        let user = if self.user.is_empty() { String::new() } else { format!(", user {}", self.user) };
        format!("{} (process {}{user}, {:.1} processors)", self.name, self.pid, self.processors)
    }
}
