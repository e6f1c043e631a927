//! What a lab leaves on disk so that somebody else can find and remove it, after a crash too.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::LabError;

const FILE: &str = "lab.json";
const SCHEMA: &str = "keelguard.lab/1";

/// A process, told from a later one with the same id by its start time in clock ticks since boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Process {
    pub(crate) pid: u32,
    pub(crate) started: u64,
}

impl Process {
    pub(crate) fn of(pid: u32) -> Option<Self> {
        started(pid).map(|started| Self { pid, started })
    }

    pub(crate) fn alive(self) -> bool {
        started(self.pid) == Some(self.started)
    }
}

/// Field 22 of `/proc/PID/stat`, counted after the name, which may hold blanks and brackets.
fn started(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<_> = stat.rsplit_once(") ")?.1.split(' ').collect();
    // A zombie is gone for our purposes.
    (*fields.first()? != "Z").then_some(())?;
    fields.get(19)?.parse().ok()
}

/// Written before anything is started.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) schema: String,
    /// The cgroup's name, the same in every hierarchy.
    pub(crate) cgroup: String,
    /// Whoever brought it up and takes it down on leaving; none for a lab that is to stay.
    pub(crate) owner: Option<Process>,
    pub(crate) containerd: Option<Process>,
    pub(crate) dockerd: Option<Process>,
    /// Places outside the lab's directory that containerd and dockerd make by themselves, innermost first. Removed when
    /// they are empty and no other engine runs.
    pub(crate) strays: Vec<PathBuf>,
}

impl State {
    pub(crate) fn new(cgroup: String, owner: Option<Process>) -> Self {
        // Below /run, engines make what they miss at every start. In /etc, an empty folder may be somebody's intention.
        let run = ["/run/docker/plugins", "/run/docker", "/run/containerd/s", "/run/containerd"];
        let etc = ["/etc/docker"].into_iter().filter(|path| !Path::new(path).exists());
        let strays = run.into_iter().chain(etc).map(PathBuf::from).collect();
        Self { schema: SCHEMA.to_owned(), cgroup, owner, containerd: None, dockerd: None, strays }
    }

    pub(crate) fn read(dir: &Path) -> Result<Self, LabError> {
        let not_a_lab = || LabError::NotALab { dir: dir.to_owned() };
        let text = fs::read_to_string(dir.join(FILE)).map_err(|_| not_a_lab())?;
        let state: Self = serde_json::from_str(&text).map_err(|_| not_a_lab())?;
        if state.schema == SCHEMA { Ok(state) } else { Err(not_a_lab()) }
    }

    /// Whole or not at all: written beside and renamed.
    pub(crate) fn write(&self, dir: &Path) -> Result<(), LabError> {
        let doing = || format!("write the lab's state to {}", dir.display());
        let text = serde_json::to_string_pretty(self).map_err(std::io::Error::from).map_err(LabError::io(doing()))?;
        let beside = dir.join("lab.json.new");
        fs::write(&beside, text).and_then(|()| fs::rename(&beside, dir.join(FILE))).map_err(LabError::io(doing()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_told_from_a_later_one_with_the_same_id() {
        let me = Process::of(std::process::id()).unwrap();
        assert!(me.alive());
        assert!(!Process { started: me.started + 1, ..me }.alive());
    }

    #[test]
    fn a_directory_without_a_whole_state_is_not_a_lab() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(State::read(dir.path()), Err(LabError::NotALab { .. })));
        fs::write(dir.path().join(FILE), "{\"schema\": \"something/9\"}").unwrap();
        assert!(matches!(State::read(dir.path()), Err(LabError::NotALab { .. })));
        State::new("kg-lab-x".to_owned(), None).write(dir.path()).unwrap();
        assert_eq!(State::read(dir.path()).unwrap().cgroup, "kg-lab-x");
    }
}
