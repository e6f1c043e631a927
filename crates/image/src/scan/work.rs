//! Analysis beside the walk: files are queued by whoever walks a layer, and analysed by a few workers.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};

use super::inventory::AnalysedFile;
use crate::Limits;
use crate::analyse::{Analyser, File, Table};
use crate::content::{Content, FileContent};
use crate::source::error_chain;

/// A file to analyse.
pub(super) struct Job {
    pub(super) layer: usize,
    /// Place among the files of its layer: a later one of the same path replaces an earlier one.
    pub(super) sequence: u64,
    pub(super) path: String,
    pub(super) mode: u32,
    pub(super) rows: Vec<&'static Analyser>,
    pub(super) content: JobContent,
}

pub(super) enum JobContent {
    Part(FileContent),
    Bytes(Vec<u8>),
}

/// What the files of one scan have given so far, all workers together. One file is bounded by its analyser; millions of
/// small ones are not.
#[derive(Default)]
pub(super) struct Given {
    packages: AtomicUsize,
    gaps: AtomicUsize,
}

/// All files together may name this many times the packages that one may.
const MANY_FILES: usize = 4;

/// Gaps in files that are listed.
const MAX_GAPS: usize = 10_000;

impl Given {
    /// Adds packages; false where that are too many.
    fn packages(&self, count: usize, limits: &Limits) -> bool {
        let before = self.packages.fetch_add(count, Ordering::Relaxed);
        before.saturating_add(count) <= limits.max_packages.saturating_mul(MANY_FILES)
    }

    /// Lets go of the gaps behind the first `known`, where too many are listed already.
    fn bound(&self, known: usize, gaps: &mut Vec<(String, String)>) {
        let count = gaps.len().saturating_sub(known);
        let before = self.gaps.fetch_add(count, Ordering::Relaxed);
        if before.saturating_add(count) > MAX_GAPS {
            gaps.truncate(known.saturating_add(MAX_GAPS.saturating_sub(before)));
            if before <= MAX_GAPS {
                gaps.push(("more files".into(), format!("more than {MAX_GAPS} things could not be looked at")));
            }
        }
    }
}

/// What a worker found and could not look at, with the layer it belongs to.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) files: Vec<(usize, u64, AnalysedFile)>,
    pub(super) gaps: Vec<(usize, (String, String))>,
}

/// Where jobs wait. Bounded, so that a fast walk does not fill the memory.
#[derive(Clone)]
pub(super) struct Queue(SyncSender<Job>);

impl Queue {
    pub(super) fn put(&self, job: Job) {
        // Workers only end when all queues are gone.
        let _ = self.0.send(job);
    }
}

/// Where workers take jobs from.
pub(super) struct Jobs(Mutex<Receiver<Job>>);

/// A queue and its other end.
pub(super) fn queue() -> (Queue, Jobs) {
    let (sender, receiver) = sync_channel(256);
    (Queue(sender), Jobs(Mutex::new(receiver)))
}

impl Jobs {
    /// Works until all queues are gone.
    pub(super) fn work(&self, table: &Table, limits: &Limits, given: &Given) -> Outcome {
        let mut outcome = Outcome::default();
        loop {
            let job = self.0.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(job) = job else { return outcome };
            let content: &dyn Content = match &job.content {
                JobContent::Part(part) => part,
                JobContent::Bytes(bytes) => bytes,
            };
            let mut gaps = Vec::new();
            let found = run(table, &job.rows, &job.path, job.mode, content, (limits, given), &mut gaps);
            outcome.files.extend(found.into_iter().map(|file| (job.layer, job.sequence, file)));
            outcome.gaps.extend(gaps.into_iter().map(|gap| (job.layer, gap)));
        }
    }
}

/// Runs `rows` on one file.
pub(super) fn run(
    table: &Table,
    rows: &[&'static Analyser],
    path: &str,
    mode: u32,
    content: &dyn Content,
    (limits, given): (&Limits, &Given),
    gaps: &mut Vec<(String, String)>,
) -> Vec<AnalysedFile> {
    let known = gaps.len();
    let file = File { path, mode, content };
    let mut files = Vec::new();
    for row in rows {
        // A fault in one analyser, or in a library below it, is to cost that file and not the scan: workers that die leave
        // the walk waiting for them.
        let analysed = catch_unwind(AssertUnwindSafe(|| (row.analyse)(&file, limits)));
        let Ok(analysed) = analysed else {
            gaps.push((format!("/{path}"), format!("the analyser {} failed on it", row.name)));
            continue;
        };
        match analysed {
            Ok(mut found) => {
                gaps.extend(std::mem::take(&mut found.incomplete).into_iter().map(|why| (format!("/{path}"), why)));
                if found.packages.len() > limits.max_packages {
                    found.packages.truncate(limits.max_packages);
                    gaps.push((format!("/{path}"), format!("it names more than {} packages", limits.max_packages)));
                }
                if !given.packages(found.packages.len(), limits) {
                    found.packages.clear();
                    let most = limits.max_packages.saturating_mul(MANY_FILES);
                    gaps.push((format!("/{path}"), format!("the image names more than {most} packages")));
                }
                let is_empty = found.packages.is_empty() && found.os.is_none() && found.owned.is_empty();
                if !is_empty {
                    files.push(AnalysedFile { path: path.to_owned(), row: table.place(row), found });
                }
            }
            Err(error) => gaps.push((format!("/{path}"), format!("could not {}", error_chain(&error)))),
        }
    }
    given.bound(known, gaps);
    files
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::Scope;

    #[test]
    fn an_analyser_that_panics_is_named_and_the_next_one_runs() {
        static BROKEN: Analyser = Analyser {
            name: "broken",
            version: 1,
            wants: &[],
            scope: Scope::Installed,
            analyse: |_, _| panic!("as a library below might"),
        };
        static STRICT: Analyser = Analyser {
            name: "strict",
            analyse: |file, limits| Err(crate::analyse::AnalyseError::malformed(file.text(limits)?)),
            ..BROKEN
        };
        let (content, mut gaps) = (b"seen".to_vec(), Vec::new());
        let rows = [&BROKEN, &STRICT];
        let found =
            run(crate::analyse::table(), &rows, "a", 0, &content, (&Limits::default(), &Given::default()), &mut gaps);
        assert_eq!(found, []);
        let whys: Vec<&str> = gaps.iter().map(|(_, why)| why.as_str()).collect();
        assert_eq!(whys, ["the analyser broken failed on it", "could not understand it: seen"]);
    }
}
