//! From an opened image to its packages: layers are walked side by side, the files that matter are analysed beside the
//! walk, and the layers are put on top of one another.

mod inventory;
mod merge;
mod odd;
mod visit;
mod work;

pub use inventory::{AnalysedFile, LayerInventory, OddFile, Oddity};
pub use merge::{Merged, merge};

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::Limits;
use crate::analyse::table;
use crate::source::Layer;
use visit::{Shared, visit};

/// Which files count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// What is installed: images and root filesystems.
    Installed,
    /// Lock files, too: source folders.
    Declared,
}

/// The inventory of each layer. The first is taken for the lowest.
pub fn inventories(
    layers: &[&dyn Layer],
    first_is_lowest: bool,
    counts: Counts,
    limits: &Limits,
) -> Vec<LayerInventory> {
    let shared = Shared {
        table: table(),
        limits,
        declared: counts == Counts::Declared,
        entries: AtomicU64::new(0),
        bytes: AtomicU64::new(0),
        given: work::Given::default(),
    };
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let (queue, jobs) = work::queue();
    let next = AtomicUsize::new(0);
    let walked = Mutex::new(Vec::new());
    let outcomes: Vec<work::Outcome> = std::thread::scope(|scope| {
        let workers: Vec<_> =
            (0..cores).map(|_| scope.spawn(|| jobs.work(shared.table, limits, &shared.given))).collect();
        for _ in 0..cores.min(layers.len()) {
            let queue = queue.clone();
            let (next, walked, shared) = (&next, &walked, &shared);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(layer) = layers.get(index) else { break };
                    let place = index + usize::from(!first_is_lowest);
                    let seen = visit(*layer, place, shared, &queue);
                    walked.lock().unwrap_or_else(PoisonError::into_inner).push((index, seen));
                }
            });
        }
        drop(queue);
        workers.into_iter().filter_map(|worker| worker.join().ok()).collect()
    });
    let mut walked = walked.into_inner().unwrap_or_else(PoisonError::into_inner);
    walked.sort_by_key(|(index, _)| *index);
    let shift = usize::from(!first_is_lowest);
    let mut inventories = Vec::with_capacity(walked.len());
    let mut found: Vec<Vec<(u64, AnalysedFile)>> = Vec::with_capacity(walked.len());
    for (_, (inventory, files)) in walked {
        inventories.push(inventory);
        found.push(files);
    }
    for outcome in outcomes {
        for (layer, sequence, file) in outcome.files {
            if let Some(files) = found.get_mut(layer.wrapping_sub(shift)) {
                files.push((sequence, file));
            }
        }
        for (layer, gap) in outcome.gaps {
            if let Some(inventory) = inventories.get_mut(layer.wrapping_sub(shift)) {
                inventory.incomplete.push(gap);
            }
        }
    }
    for (inventory, mut files) in inventories.iter_mut().zip(found) {
        // The last entry of a path counts; the order of a folder's listing does not.
        files.sort_by(|(a, left), (b, right)| (&left.path, left.row, a).cmp(&(&right.path, right.row, b)));
        for (_, file) in files {
            match inventory.files.last_mut() {
                Some(last) if (&last.path, last.row) == (&file.path, file.row) => *last = file,
                _ => inventory.files.push(file),
            }
        }
        inventory.incomplete.sort();
        inventory.odd.sort_by(|a, b| (a.oddity, &a.path).cmp(&(b.oddity, &b.path)));
    }
    inventories
}
