//! What is reached from where: some lock files say only by their edges which packages serve development alone.

use std::collections::HashSet;

/// Everything that can be reached from `roots`, roots included. `next` gives the neighbours of one.
pub(super) fn reachable<'a>(
    roots: impl IntoIterator<Item = &'a str>,
    next: impl Fn(&'a str) -> Vec<&'a str>,
) -> HashSet<&'a str> {
    let mut seen: HashSet<&str> = HashSet::new();
    let mut waiting: Vec<&str> = roots.into_iter().collect();
    while let Some(one) = waiting.pop() {
        if seen.insert(one) {
            waiting.extend(next(one).into_iter().filter(|neighbour| !seen.contains(neighbour)));
        }
    }
    seen
}
