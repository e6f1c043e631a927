//! A large file, hashed in blocks by as many threads as have time.

use std::fs::File;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use blake3::hazmat::ChainingValue;

use super::content::{self, BLOCK, Input, Unread};
use super::queue::Queue;

/// From this size on a file is shared.
pub(super) const LARGE: u64 = 4 * BLOCK;

/// See the module.
pub(super) struct Large {
    file: File,
    size: u64,
    has_holes: bool,
    next: AtomicU64,
    state: Mutex<State>,
    done: Condvar,
}

struct State {
    blocks: Vec<Option<ChainingValue>>,
    left: u64,
    failed: Option<Unread>,
}

/// Blocks that are kept of one file, 32 bytes each: 64 TiB of content. What is larger is not hashed.
const MOST_BLOCKS: u64 = 1 << 24;

impl Large {
    /// None where a file claims a size that no file has.
    pub(super) fn new(file: File, size: u64, has_holes: bool) -> Option<Self> {
        let left = size.div_ceil(BLOCK);
        let blocks = vec![None; usize::try_from(left).ok().filter(|_| left <= MOST_BLOCKS)?];
        let state = Mutex::new(State { blocks, left, failed: None });
        Some(Self { file, size, has_holes, next: AtomicU64::new(0), state, done: Condvar::new() })
    }

    fn input<'a>(&'a self, queue: &'a Queue) -> Input<'a> {
        Input { file: &self.file, size: self.size, has_holes: self.has_holes, progress: &queue.progress }
    }

    /// Hashes blocks until none is left to begin with.
    pub(super) fn help(&self, queue: &Queue, buffer: &mut [u8]) {
        let count = self.size.div_ceil(BLOCK);
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= count || queue.is_stopped() {
                return;
            }
            let block = content::block(&self.input(queue), number, buffer);
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.left -= 1;
            match block {
                Ok(block) => {
                    if let Some(place) = usize::try_from(number).ok().and_then(|at| state.blocks.get_mut(at)) {
                        *place = block;
                    }
                }
                Err(error) => {
                    // The others need not be begun.
                    let begun = self.next.swap(count, Ordering::Relaxed).min(count);
                    state.left = state.left.saturating_sub(count - begun);
                    state.failed.get_or_insert(error);
                }
            }
            if state.left == 0 {
                self.done.notify_all();
            }
        }
    }

    /// The hash, when all who help are done. None where nobody wants it any more.
    pub(super) fn finish(&self, queue: &Queue, buffer: &mut [u8]) -> Option<Result<[u8; 32], Unread>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while state.left > 0 {
            if queue.is_stopped() {
                return None;
            }
            let waited = self.done.wait_timeout(state, Duration::from_millis(200));
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        if let Some(error) = state.failed.take() {
            return Some(Err(error));
        }
        let hash = content::joined(self.size, &state.blocks);
        Some(content::ends(&self.input(queue), buffer).map(|()| hash))
    }

    pub(super) fn file(&self) -> &File {
        &self.file
    }
}
