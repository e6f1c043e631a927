//! What files look like: a tree of folders, walked in the order of names and hashed by as many threads as there are processors,
//! in bounded memory. Works on open folders: nobody can swap one for a link underneath. Reads and decides nothing.

mod attributes;
pub mod content;
mod exclude;
mod large;
pub mod merkle;
pub mod mounts;
mod queue;
mod record;
mod walk;
mod worker;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

pub(crate) use attributes::{APPEND, FLAGS, IMMUTABLE};
pub use exclude::{Exclude, Wrong};
pub use record::{Attribute, Content, Entry, Kind, Record, Time, order};

use self::queue::{Next, Queue};

/// Whether contents are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contents {
    /// All of them.
    Hash,
    /// None: what the kernel says is enough.
    Skip,
}

/// How a tree is walked.
#[derive(Clone, Debug)]
pub struct Options {
    /// Threads that read and hash.
    pub threads: usize,
    /// For how long nothing may move before the filesystem is said to hang.
    pub patience: Duration,
    /// Whether contents are read.
    pub contents: Contents,
    /// What is left out.
    pub exclude: Arc<Exclude>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            threads: std::thread::available_parallelism().map_or(2, usize::from).clamp(1, 64),
            patience: Duration::from_secs(30),
            contents: Contents::Hash,
            exclude: Arc::new(Exclude::nothing()),
        }
    }
}

/// Something of a tree that could not be looked at, or not as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Below the root.
    pub path: Vec<u8>,
    /// Why, in the system's own words.
    pub why: String,
}

/// What a walk tells, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// A file.
    Entry(Entry),
    /// Something of which nothing could be learnt, nor of what is in it.
    Lost(Vec<u8>),
}

/// How a walk ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ended {
    /// Everything was looked at, but for the gaps.
    #[default]
    Whole,
    /// The filesystem did not answer any more.
    Stuck,
    /// Whoever was told wanted no more.
    Stopped,
}

/// What came of a walk, beside the files.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// How it ended.
    pub ended: Ended,
    /// Files of all kinds.
    pub files: u64,
    /// Bytes that were hashed.
    pub bytes: u64,
    /// The first gaps.
    pub gaps: Vec<Gap>,
    /// All gaps.
    pub gap_count: u64,
    /// The file that came last.
    pub last: Vec<u8>,
}

/// Gaps that are kept of one tree.
const GAPS: usize = 1000;

/// Walks the tree at `root` and tells each file to `see`, in the order of [`order`], whatever order they were read in. `called` is
/// what the root is called where patterns are held against it.
///
/// The filesystem is only touched by threads of their own: where it stops answering, they are left behind, and the walk ends.
pub fn walk(root: &Path, called: &Path, options: &Options, see: &mut dyn FnMut(Seen) -> ControlFlow<()>) -> Outcome {
    let queue = Arc::new(Queue::default());
    let mut outcome = Outcome::default();
    let threads = options.threads.max(1);
    let mut running = Vec::new();
    let spawn =
        |name: &str, body: Box<dyn FnOnce() + Send>| std::thread::Builder::new().name(name.to_owned()).spawn(body);
    let walker = {
        let (queue, exclude) = (Arc::clone(&queue), Arc::clone(&options.exclude));
        let (root, called): (PathBuf, PathBuf) = (root.to_path_buf(), called.to_path_buf());
        spawn("walk", Box::new(move || walk::run(&root, &called, &exclude, &queue)))
    };
    let workers = (0..threads).map(|_| {
        let (queue, contents) = (Arc::clone(&queue), options.contents);
        spawn("hash", Box::new(move || worker::run(&queue, contents, threads)))
    });
    for thread in std::iter::once(walker).chain(workers) {
        match thread {
            Ok(thread) => running.push(thread),
            Err(error) => {
                queue.stop();
                outcome.ended = Ended::Stuck;
                outcome.gap(Gap { path: Vec::new(), why: format!("no thread could be started: {error}") });
                return outcome;
            }
        }
    }
    loop {
        match queue.next(options.patience) {
            Next::Results(results) => {
                for done in results {
                    let lost = done.gap.as_ref().map(|gap| gap.path.clone());
                    if let Some(gap) = done.gap {
                        outcome.gap(gap);
                    }
                    let seen = match (done.entry, lost) {
                        (Some(entry), _) => {
                            outcome.files += 1;
                            outcome.last.clone_from(&entry.path);
                            Seen::Entry(entry)
                        }
                        (None, Some(path)) => Seen::Lost(path),
                        // It has gone since its folder was read.
                        (None, None) => continue,
                    };
                    if see(seen).is_break() {
                        outcome.ended = Ended::Stopped;
                        queue.stop();
                        return outcome;
                    }
                }
            }
            Next::End => break,
            Next::Stuck => {
                queue.stop();
                outcome.ended = Ended::Stuck;
                let why = format!(
                    "its filesystem has not answered for {} seconds; what comes behind this was not looked at",
                    options.patience.as_secs()
                );
                outcome.gap(Gap { path: outcome.last.clone(), why });
                return outcome;
            }
        }
    }
    outcome.bytes = queue.bytes.load(Ordering::Relaxed);
    for thread in running {
        // A thread that panicked has left its batch unfinished, and the walk would have been stuck.
        let _ = thread.join();
    }
    outcome
}

impl Outcome {
    fn gap(&mut self, gap: Gap) {
        self.gap_count += 1;
        if self.gaps.len() < GAPS {
            self.gaps.push(gap);
        }
    }
}
