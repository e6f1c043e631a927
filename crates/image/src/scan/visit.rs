//! Looks at one layer: asks the table which files matter, and hands them to whoever analyses.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use super::inventory::{AnalysedFile, LayerInventory, MAX_ODD, OddFile, Oddity, path_hash};
use super::odd;
use super::work::{Given, Job, JobContent, Queue};
use crate::Limits;
use crate::analyse::{Analyser, Scope, Table, is_worth_opening};
use crate::content::Content;
use crate::source::{Entry, EntryKind, Layer, LayerError, Visitor, Want};

/// What all layers of one scan share.
pub(super) struct Shared<'a> {
    pub(super) table: &'a Table,
    pub(super) limits: &'a Limits,
    /// Whether lock files count.
    pub(super) declared: bool,
    pub(super) entries: AtomicU64,
    pub(super) bytes: AtomicU64,
    pub(super) given: Given,
}

/// Contents that pass by are copied for another thread up to this size, bytes; larger ones are read at once.
const COPIED: u64 = 64 << 10;

/// Paths of hard links and whiteouts that are remembered of a layer, bytes.
const MAX_PATH_BYTES: usize = 64 << 20;

/// Folders in which other people's code lies as it was installed or downloaded: what their lock files ask for, nobody
/// installs here.
const OF_OTHERS: &[&str] =
    &["node_modules", "site-packages", "dist-packages", "vendor", "bower_components", "jspm_packages", ".git"];

/// The same as ends of paths: module caches of Go and Cargo, documentation.
const BELOW_OTHERS: &[&str] =
    &["go/pkg/mod/", ".cargo/registry/", ".cargo/git/", "usr/share/doc/", "usr/share/javadoc/"];

/// Whether a file that only asks for packages lies among other people's code.
fn is_of_others(path: &str) -> bool {
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    folders.split('/').any(|folder| OF_OTHERS.contains(&folder))
        || BELOW_OTHERS.iter().any(|part| {
            path.match_indices(part)
                .any(|(at, _)| path.get(..at).is_some_and(|before| before.is_empty() || before.ends_with('/')))
        })
}

/// Files that are looked for behind symbolic links.
const MAX_THROUGH: usize = 1_000;

/// Where a symbolic link at `path` leads, without leading slash; none where it leads out of the image or to its root.
fn end_of(path: &str, target: &str) -> Option<String> {
    let above = path.rsplit_once('/').map_or("", |(above, _)| above);
    let mut parts: Vec<&str> = if target.starts_with('/') { Vec::new() } else { above.split('/').collect() };
    for part in target.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "" | "." => {}
            part => parts.push(part),
        }
    }
    parts.retain(|part| !part.is_empty());
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// Why one more is not.
const TOO_MANY: &str = "too many hard links and whiteouts come before it";

/// The inventory of a layer, but for what the queue's workers find.
pub(super) fn visit(
    layer: &dyn Layer,
    index: usize,
    shared: &Shared<'_>,
    queue: &Queue,
) -> (LayerInventory, Vec<(u64, AnalysedFile)>) {
    let mut visit = Visit {
        index,
        shared,
        queue,
        rows: Vec::new(),
        elf: false,
        sequence: 0,
        inventory: LayerInventory::default(),
        found: Vec::new(),
        odd: HashMap::new(),
        links: Vec::new(),
        path_bytes: 0,
        through: Vec::new(),
        only: None,
    };
    let mut result = layer.walk(&mut visit, shared.limits);
    // Hard links to files whose own names nobody wanted: their content has passed by, so the layer is walked again.
    let missing = visit.unresolved_links();
    let through = std::mem::take(&mut visit.through);
    if !missing.is_empty() || !through.is_empty() {
        let mut only = missing.clone();
        for (place, path) in through {
            only.entry(place).or_default().push(path);
        }
        visit.only = Some(only);
        let again = layer.walk(&mut visit, shared.limits);
        result = result.and(again);
    }
    let left = visit.only.take().unwrap_or_default();
    for path in left.into_iter().filter(|(place, _)| missing.contains_key(place)).flat_map(|(_, paths)| paths) {
        visit.incomplete(format!("/{path}"), "it is a hard link to what is not in its layer".into());
    }
    if let Err(error) = result {
        let name = format!("layer {}", index + 1);
        let why = match &error {
            LayerError::Read(source) => format!("reading it failed: {source}"),
            other => other.to_string(),
        };
        visit.inventory.incomplete.push((name, why));
    }
    visit.inventory.present.sort_unstable();
    visit.inventory.present.dedup();
    (visit.inventory, visit.found)
}

struct Visit<'a> {
    index: usize,
    shared: &'a Shared<'a>,
    queue: &'a Queue,
    /// Rows that want the entry at hand, and whether its first bytes are to be looked at.
    rows: Vec<&'static Analyser>,
    elf: bool,
    sequence: u64,
    inventory: LayerInventory,
    found: Vec<(u64, AnalysedFile)>,
    odd: HashMap<Oddity, usize>,
    /// Hard links: path, target, and whether the path is wanted.
    links: Vec<(String, String, bool)>,
    /// Bytes of paths that are remembered of hard links and whiteouts.
    path_bytes: usize,
    /// Where files that analysers know by their whole path lie, since a symbolic link stands on the way: place, and path.
    through: Vec<(String, String)>,
    /// On the second walk: which targets stand for which links.
    only: Option<HashMap<String, Vec<String>>>,
}

impl Visit<'_> {
    fn wanted(&self, path: &str) -> Vec<&'static Analyser> {
        let mut rows = self.shared.table.wants(path);
        if !self.shared.declared || is_of_others(path) {
            rows.retain(|row| row.scope == Scope::Installed);
        }
        rows
    }

    fn has_room(&mut self, bytes: usize) -> bool {
        self.path_bytes = self.path_bytes.saturating_add(bytes);
        self.path_bytes <= MAX_PATH_BYTES
    }

    /// Targets of wanted links that were not wanted themselves. Those that were are copied at the merge of the layer.
    fn unresolved_links(&mut self) -> HashMap<String, Vec<String>> {
        let mut missing: HashMap<String, Vec<String>> = HashMap::new();
        let mut first: HashMap<String, String> = HashMap::new();
        for (path, target, wanted) in std::mem::take(&mut self.links) {
            // Links stand behind their targets, so one look leads through any chain of them.
            let target = first.get(&target).cloned().unwrap_or(target);
            if wanted {
                missing.entry(target.clone()).or_default().push(path.clone());
            }
            first.insert(path, target);
        }
        missing
    }

    /// A symbolic link at `path`, or above what analysers know by its whole path: what lies at its end is looked at under
    /// the path by which the system would find it. Ends that analysers know themselves need nothing.
    fn follow(&mut self, path: &str, target: &str) {
        let table = self.shared.table;
        let Some(end) = end_of(path, target) else { return };
        for known in table.at_or_below(path) {
            let Some(rest) = known.strip_prefix(path) else { continue };
            let place = format!("{end}{rest}");
            if table.wants(&place).is_empty() && self.through.len() < MAX_THROUGH {
                self.through.push((place, known.to_owned()));
            }
        }
    }

    fn analyse(&mut self, path: &str, rows: &[&'static Analyser], mode: u32, content: &dyn Content) {
        self.sequence += 1;
        let job = |content| Job {
            layer: self.index,
            sequence: self.sequence,
            path: path.to_owned(),
            mode,
            rows: rows.to_vec(),
            content,
        };
        if let Some(part) = content.detach() {
            self.queue.put(job(JobContent::Part(part)));
        } else if content.size() <= COPIED {
            match crate::content::read_all(content, COPIED) {
                Ok(bytes) => self.queue.put(job(JobContent::Bytes(bytes))),
                Err(error) => self.inventory.incomplete.push((format!("/{path}"), format!("read it: {error}"))),
            }
        } else {
            let gaps = &mut self.inventory.incomplete;
            let bounds = (self.shared.limits, &self.shared.given);
            let found = super::work::run(self.shared.table, rows, path, mode, content, bounds, gaps);
            self.found.extend(found.into_iter().map(|file| (self.sequence, file)));
        }
    }
}

impl Visitor for Visit<'_> {
    fn entry(&mut self, entry: &Entry<'_>) -> Want {
        if let Some(only) = &self.only {
            return if only.contains_key(entry.path) { Want::Content } else { Want::Nothing };
        }
        let limits = self.shared.limits;
        let entries = self.shared.entries.fetch_add(1, Ordering::Relaxed);
        let bytes = self.shared.bytes.fetch_add(entry.size, Ordering::Relaxed);
        if entries >= limits.max_entries || bytes.saturating_add(entry.size) > limits.max_image {
            return Want::Stop;
        }
        if self.index > 0 {
            let hash = path_hash(entry.path);
            if entry.kind == EntryKind::Folder {
                self.inventory.folders.push(hash);
            } else {
                self.inventory.present.push(hash);
            }
        }
        if let Some(oddity) = odd::oddity(entry).filter(|_| !entry.again) {
            let count = self.odd.entry(oddity).or_default();
            *count += 1;
            if *count <= MAX_ODD {
                self.inventory.odd.push(OddFile { path: entry.path.to_owned(), oddity, size: entry.size });
            }
        }
        match entry.kind {
            EntryKind::File if entry.size > 0 => {
                self.rows = self.wanted(entry.path);
                self.elf = entry.size > 64 && !entry.again && is_worth_opening(entry.path, entry.mode);
                if self.rows.is_empty() && !self.elf { Want::Nothing } else { Want::Content }
            }
            EntryKind::HardLink(target) => {
                let wanted = !self.wanted(entry.path).is_empty();
                if self.has_room(entry.path.len() + target.len()) {
                    self.links.push((entry.path.to_owned(), target.to_owned(), wanted));
                } else if wanted {
                    self.incomplete(format!("/{}", entry.path), TOO_MANY.into());
                }
                Want::Nothing
            }
            EntryKind::Symlink(target) => {
                self.follow(entry.path, target);
                Want::Nothing
            }
            _ => Want::Nothing,
        }
    }

    fn content(&mut self, entry: &Entry<'_>, content: &dyn Content) {
        if let Some(paths) = self.only.as_mut().and_then(|only| only.remove(entry.path)) {
            // An empty file names nothing, whatever it is called.
            for path in paths.into_iter().filter(|_| entry.size > 0) {
                let rows = self.wanted(&path);
                self.analyse(&path, &rows, entry.mode, content);
            }
            return;
        }
        let mut rows = std::mem::take(&mut self.rows);
        if self.elf {
            let mut magic = [0; 4];
            if content.read_at(0, &mut magic).is_ok_and(|count| count == 4) && magic == *b"\x7fELF" {
                rows.extend(self.shared.table.executables());
            }
        }
        if !rows.is_empty() {
            self.analyse(entry.path, &rows, entry.mode, content);
        }
    }

    fn removed(&mut self, path: &str) {
        if self.only.is_some() {
            return;
        }
        if self.has_room(path.len()) {
            self.inventory.removed.push(path.to_owned());
        } else {
            self.incomplete(format!("the whiteout of /{path}"), TOO_MANY.into());
        }
    }

    fn opaque(&mut self, folder: &str) {
        if self.only.is_some() {
            return;
        }
        if self.has_room(folder.len()) {
            self.inventory.opaque.push(folder.to_owned());
        } else {
            self.incomplete(format!("the opaque folder /{folder}"), TOO_MANY.into());
        }
    }

    fn incomplete(&mut self, what: String, why: String) {
        const MAX_GAPS: usize = 1_000;
        match self.inventory.incomplete.len() {
            count if count < MAX_GAPS => self.inventory.incomplete.push((what, why)),
            MAX_GAPS => self.inventory.incomplete.push((
                format!("more of layer {}", self.index + 1),
                format!("more than {MAX_GAPS} things of it could not be looked at"),
            )),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_other_people_ask_for_is_told_from_what_is_asked_for_here() {
        for path in [
            "app/node_modules/left-pad/package-lock.json",
            "usr/lib/python3/site-packages/tool/tests/requirements.txt",
            "root/go/pkg/mod/example.com/one@v1/go.mod",
            "root/.cargo/registry/src/index/one-1.0.0/Cargo.lock",
            "usr/share/doc/tool/examples/yarn.lock",
            "srv/vendor/tool/Gemfile.lock",
            "mygo/pkg/mod/go/pkg/mod/go.mod",
        ] {
            assert!(is_of_others(path), "{path}");
        }
        for path in
            ["package-lock.json", "app/Cargo.lock", "srv/vendors/go.mod", "mygo/pkg/mod/go.mod", "doc/poetry.lock"]
        {
            assert!(!is_of_others(path), "{path}");
        }
    }

    #[test]
    fn links_end_where_the_kernel_would_go() {
        for (path, target, end) in [
            ("var", "data/var", Some("data/var")),
            ("var/lib/dpkg", "../../usr/lib/dpkg", Some("usr/lib/dpkg")),
            ("etc/os-release", "/usr/lib/./os-release", Some("usr/lib/os-release")),
            ("a/b", "../../../../c", Some("c")),
            ("var", "/", None),
        ] {
            assert_eq!(end_of(path, target).as_deref(), end, "{path} -> {target}");
        }
    }
}
