//! Creating the containers of the scenario tables on the lab's engine, several at a time.

use std::collections::HashSet;
use std::fs;
use std::str::FromStr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::engine::refusal;
use crate::scenarios::{self, After, Scenario, Start};
use crate::{Lab, LabError, api, images};

/// Calls to the engine that run at the same time: it works through them one by one for the better part.
const WORKERS: usize = 4;

/// Which containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Set {
    /// One for every vector that can be created.
    Risky,
    /// Well-configured ones, which must come out clean.
    WellKept,
    /// A small firm's host, from the internet to root in three steps.
    Demo,
    /// So many created containers of all sorts, for measurements.
    Many(usize),
}

impl FromStr for Set {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "risky" => Ok(Self::Risky),
            "well-kept" => Ok(Self::WellKept),
            "demo" => Ok(Self::Demo),
            _ => text.strip_prefix("many=").and_then(|n| n.parse().ok()).map(Self::Many).ok_or(()),
        }
    }
}

/// What became of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placed {
    /// The container runs.
    Running,
    /// It exists and was not started: because it must not be, or because this machine refused.
    Created(String),
    /// This machine or this engine refused to create it.
    Refused(String),
}

impl Placed {
    /// Why it does not run.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Running => None,
            Self::Created(why) | Self::Refused(why) => Some(why),
        }
    }

    /// In a word.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Running => "runs",
            Self::Created(_) => "is created only",
            Self::Refused(_) => "is missing",
        }
    }
}

/// A container of the lab.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The container's name.
    pub name: String,
    /// The rows of the table of vectors that it shows.
    pub rows: &'static [&'static str],
    /// Whether it is there.
    pub placed: Placed,
}

impl Lab {
    /// Creates the containers of a set and starts those that may be started. What this machine refuses is part of the
    /// answer, with the reason.
    ///
    /// # Errors
    /// The engine does not answer any more.
    pub fn populate(&mut self, set: Set) -> Result<Vec<Outcome>, LabError> {
        if let Set::Many(count) = set {
            let jobs: Vec<_> = scenarios::many(count).collect();
            return self.in_parallel(&jobs, |(name, kind)| (name.clone(), *kind));
        }
        let table: Vec<&'static Scenario> = match set {
            Set::Risky => scenarios::risky().collect(),
            Set::WellKept => scenarios::well_kept().collect(),
            Set::Demo | Set::Many(_) => scenarios::demo().collect(),
        };
        // Those that join another's namespace or volumes come after it.
        let (second, first): (Vec<_>, Vec<_>) = table.into_iter().partition(|scenario| scenario.needs.is_some());
        let mut placed = self.in_parallel(&first, own_name)?;
        placed.extend(self.in_parallel(&second, own_name)?);
        Ok(placed)
    }

    fn in_parallel<T: Sync>(
        &self,
        jobs: &[T],
        scenario: impl Fn(&T) -> (String, &'static Scenario) + Sync,
    ) -> Result<Vec<Outcome>, LabError> {
        let next = AtomicUsize::new(0);
        let done = Mutex::new(Vec::with_capacity(jobs.len()));
        let prepared = Mutex::new(HashSet::new());
        let work = || {
            while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                let (name, scenario) = scenario(job);
                let placed = self.place(&name, scenario, &prepared);
                let outcome = placed.map(|placed| Outcome { name, rows: scenario.rows, placed });
                done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(outcome);
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..WORKERS {
                scope.spawn(work);
            }
        });
        let done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut outcomes = done.into_iter().collect::<Result<Vec<_>, _>>()?;
        outcomes.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(outcomes)
    }

    fn place(
        &self,
        name: &str,
        scenario: &'static Scenario,
        prepared: &Mutex<HashSet<&'static str>>,
    ) -> Result<Placed, LabError> {
        if let Some(command) = scenario.prepare {
            // Under the lock, so that nobody uses what is only just being made.
            let mut prepared = prepared.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if !prepared.contains(command) {
                let output = self.docker(&self.words(command))?;
                let why = refusal(&output);
                if !output.status.success() && !why.contains("already exists") {
                    return Ok(Placed::Refused(why));
                }
                prepared.insert(command);
            }
        }
        let options = self.words(scenario.options);
        if let Some(missing) = options.iter().find_map(|option| missing_source(option)) {
            return Ok(Placed::Refused(format!("there is no {missing} here")));
        }
        let mut command = vec!["create".to_owned(), "--name".to_owned(), name.to_owned()];
        command.extend(options);
        command.push(scenario.image.to_owned());
        command.extend(self.words(scenario.command));
        let created = self.docker(&command)?;
        if !created.status.success() {
            return Ok(Placed::Refused(refusal(&created)));
        }
        if let Start::Never(why) = scenario.start {
            return Ok(Placed::Created(why.to_owned()));
        }
        let started = self.docker(&["start", name])?;
        if !started.status.success() {
            return Ok(Placed::Created(refusal(&started)));
        }
        match scenario.after {
            After::Nothing => {}
            After::Exec(words) => {
                let mut command = vec!["exec", "--detach", name];
                command.extend(words.split_whitespace());
                self.docker(&command)?;
            }
            // Made and not started: some machines refuse to start it, and the engine lists it all the same.
            After::PrivilegedExec => {
                let path = format!("/v1.41/containers/{name}/exec");
                let body = r#"{"Privileged":true,"Cmd":["sleep","86400"]}"#;
                api::request(self.socket(), "POST", &path, body).map_err(LabError::io(format!("post {path}")))?;
            }
        }
        Ok(Placed::Running)
    }

    /// Words of a table, with the lab's own places filled in.
    fn words(&self, text: &str) -> Vec<String> {
        let dir = self.dir().display().to_string();
        let block = block_device().unwrap_or("/dev/no-block-device");
        text.split_whitespace()
            .map(|word| {
                word.replace("{dir}", &dir)
                    .replace("{socket}", &format!("{dir}/docker.sock"))
                    .replace("{data}", &format!("{dir}/data"))
                    .replace("{cgroup}", self.cgroup())
                    .replace("{block}", block)
                    // The one value in the tables that holds blanks.
                    .replace("{all-block-devices}", "b *:* rwm")
            })
            .collect()
    }

    /// The images that [`Lab::up`] made.
    pub const IMAGES: [&'static str; 8] = [
        images::PLAIN,
        images::KEPT,
        images::CARELESS,
        images::SSHD,
        images::WORKDIR_TRAP,
        images::PRELOAD_TRAP,
        images::LINK_TRAP,
        images::VOLUME_TRAP,
    ];
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "called with items of a slice")]
/// A scenario of a table keeps the table's name.
fn own_name(scenario: &&'static Scenario) -> (String, &'static Scenario) {
    (scenario.name.to_owned(), *scenario)
}

/// The engine makes a folder on the host for every source of a mount that is not there. The lab leaves no such traces:
/// `--volume=/no/such:/x` is not carried out.
fn missing_source(option: &str) -> Option<&str> {
    let source = option.strip_prefix("--volume=").or_else(|| option.strip_prefix("--device="))?.split(':').next()?;
    (source.starts_with('/') && fs::metadata(source).is_err()).then_some(source)
}

fn block_device() -> Option<&'static str> {
    ["/dev/vda", "/dev/sda", "/dev/nvme0n1", "/dev/xvda", "/dev/loop0"]
        .into_iter()
        .find(|path| fs::metadata(path).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_is_not_there_is_noticed_before_the_engine_makes_it() {
        assert_eq!(missing_source("--volume=/no/such/place:/x:ro"), Some("/no/such/place"));
        assert_eq!(missing_source("--volume=/proc:/x"), None);
        assert_eq!(missing_source("--volume=named:/x"), None);
        assert_eq!(missing_source("--privileged"), None);
    }
}
