//! What the threads of a walk hand to each other: batches of files to look at, large files to help with, and results, which
//! leave in the order in which the batches came in. The number of batches under way is bounded, and with it the memory.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::large::Large;
use super::worker::{Done, Item};

/// Batches that are under way at a time.
const WINDOW: usize = 64;

#[derive(Default)]
struct State {
    batches: VecDeque<(u64, Vec<Item>)>,
    large: VecDeque<Arc<Large>>,
    results: BTreeMap<u64, Vec<Done>>,
    /// Batches that were put in and not taken out yet.
    under_way: usize,
    put: u64,
    taken: u64,
    is_closed: bool,
}

/// See the module.
#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    work: Condvar,
    room: Condvar,
    done: Condvar,
    /// Counts whatever gets done, so that standing still is noticed.
    pub(super) progress: AtomicU64,
    /// Nobody waits for the results any more.
    stopped: AtomicBool,
    /// Bytes of content that were hashed.
    pub(super) bytes: AtomicU64,
}

/// What a thread is to do next.
pub(super) enum Work {
    Batch(u64, Vec<Item>),
    Help(Arc<Large>),
}

/// What comes next.
pub(super) enum Next {
    Results(Vec<Done>),
    End,
    /// Nothing has moved for as long as anybody has patience.
    Stuck,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Ends all threads as soon as they notice.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        let mut state = self.lock();
        state.is_closed = true;
        state.batches.clear();
        state.large.clear();
        drop(state);
        self.work.notify_all();
        self.room.notify_all();
    }

    /// Hands in a batch; waits while too many are under way.
    pub(super) fn put(&self, batch: Vec<Item>) {
        let mut state = self.lock();
        while state.under_way >= WINDOW && !self.is_stopped() {
            state = self.room.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let number = state.put;
        state.put += 1;
        state.under_way += 1;
        state.batches.push_back((number, batch));
        drop(state);
        self.work.notify_one();
    }

    /// There will be no more batches.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.work.notify_all();
        self.done.notify_all();
    }

    /// Asks others to help with a large file.
    pub(super) fn ask_for_help(&self, large: &Arc<Large>, threads: usize) {
        let mut state = self.lock();
        for _ in 1..threads {
            state.large.push_front(Arc::clone(large));
        }
        drop(state);
        self.work.notify_all();
    }

    /// What to do next; none at the end.
    pub(super) fn take(&self) -> Option<Work> {
        let mut state = self.lock();
        loop {
            if self.is_stopped() {
                return None;
            }
            if let Some(large) = state.large.pop_front() {
                return Some(Work::Help(large));
            }
            if let Some((number, batch)) = state.batches.pop_front() {
                return Some(Work::Batch(number, batch));
            }
            // Whoever still works on the last batches may yet ask for help.
            if state.is_closed && state.taken + state.results.len() as u64 == state.put {
                return None;
            }
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Hands in the results of a batch.
    pub(super) fn finish(&self, number: u64, results: Vec<Done>) {
        let mut state = self.lock();
        state.results.insert(number, results);
        let is_last = state.is_closed && state.taken + state.results.len() as u64 == state.put;
        let is_next = number == state.taken;
        drop(state);
        if is_next {
            self.done.notify_all();
        }
        if is_last {
            self.work.notify_all();
        }
    }

    /// The results of the next batch in order.
    pub(super) fn next(&self, patience: Duration) -> Next {
        let mut state = self.lock();
        let mut seen = (self.progress.load(Ordering::Relaxed), Instant::now());
        loop {
            let number = state.taken;
            if let Some(results) = state.results.remove(&number) {
                state.taken += 1;
                state.under_way -= 1;
                drop(state);
                self.room.notify_all();
                return Next::Results(results);
            }
            if state.is_closed && state.taken == state.put {
                return Next::End;
            }
            let progress = self.progress.load(Ordering::Relaxed);
            if progress != seen.0 {
                seen = (progress, Instant::now());
            } else if seen.1.elapsed() >= patience {
                return Next::Stuck;
            }
            let waited = self.done.wait_timeout(state, patience.min(Duration::from_secs(1)));
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}
