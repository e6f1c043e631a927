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
use crate::cache::Cache;
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

/// The inventory of each layer, from the lowest up. What the cache has of layers that say what they are is not looked for
/// again, and what was found whole is kept there.
pub fn inventories(
    layers: &[&dyn Layer],
    counts: Counts,
    cache: Option<&Cache>,
    limits: &Limits,
) -> Vec<LayerInventory> {
    // Of the lowest layer less is kept.
    let key = |index: usize, layer: &dyn Layer| {
        let place = if index == 0 { "lowest" } else { "upper" };
        Some(format!("{place} layer {} {counts:?}", layer.cache_key()?))
    };
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
                    let known = cache.zip(key(index, *layer)).and_then(|(cache, key)| cache.get(&key));
                    let is_new = known.is_none();
                    let seen = known.map_or_else(|| visit(*layer, index, shared, &queue), |known| (known, Vec::new()));
                    walked.lock().unwrap_or_else(PoisonError::into_inner).push((index, is_new, seen));
                }
            });
        }
        drop(queue);
        workers.into_iter().filter_map(|worker| worker.join().ok()).collect()
    });
    let mut walked = walked.into_inner().unwrap_or_else(PoisonError::into_inner);
    walked.sort_by_key(|(index, ..)| *index);
    let mut inventories = Vec::with_capacity(walked.len());
    let mut found: Vec<Vec<(u64, AnalysedFile)>> = Vec::with_capacity(walked.len());
    let mut new = Vec::with_capacity(walked.len());
    for (_, is_new, (inventory, files)) in walked {
        inventories.push(inventory);
        found.push(files);
        new.push(is_new);
    }
    for outcome in outcomes {
        for (layer, sequence, file) in outcome.files {
            if let Some(files) = found.get_mut(layer) {
                files.push((sequence, file));
            }
        }
        for (layer, gap) in outcome.gaps {
            if let Some(inventory) = inventories.get_mut(layer) {
                inventory.incomplete.push(gap);
            }
        }
    }
    for (index, ((inventory, mut files), is_new)) in inventories.iter_mut().zip(found).zip(new).enumerate() {
        if !is_new {
            continue;
        }
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
        let key = layers.get(index).and_then(|layer| key(index, *layer));
        if let Some((cache, key)) = cache.zip(key)
            && inventory.incomplete.is_empty()
        {
            // A cache that cannot be written costs time, and nothing else.
            let _ = cache.put(&key, inventory);
        }
    }
    inventories
}
