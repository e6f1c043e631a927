//! Making a generation: the trees are walked, and what they look like, or what became different, is written beside its place,
//! signed and moved there. A full disk leaves what was there before.

use std::collections::BTreeMap;
use std::io::{BufWriter, Write as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::body::Writer;
use super::seal::{self, FORMAT, Seal, SealedTree};
use super::{Change, Error, Key, Merge, Pin, States, Store, is_within};
use crate::data::tree::merkle::{self, Merkle};
use crate::data::tree::{self, Ended, Exclude, Gap, Options, Seen};

/// After so many generations that hold differences one holds everything again.
const DIFFERENCES: usize = 50;

/// A tree by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// `/etc`, `volume:shop_db`.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
}

/// What is to be made.
pub struct Plan<'a> {
    /// The trees.
    pub trees: Vec<Tree>,
    /// Patterns of what is left out.
    pub excluded: Vec<String>,
    /// How trees are walked; the patterns are put in here.
    pub options: Options,
    /// The key.
    pub key: &'a Key,
    /// Where it lies: not in a tree.
    pub key_file: &'a Path,
    /// Where key and generation are pinned.
    pub pin_file: &'a Path,
    /// The host's name.
    pub host: String,
    /// What makes it.
    pub tool: String,
    /// Versions of packages.
    pub packages: BTreeMap<String, String>,
    /// Adds to what is there.
    pub is_update: bool,
    /// The time.
    pub now: &'a dyn Fn() -> Timestamp,
}

/// What was made.
#[derive(Clone, Debug)]
pub struct Made {
    /// The generation.
    pub seal: Seal,
    /// Its file.
    pub path: PathBuf,
    /// Added, removed and changed files since the generation before; none where this one holds everything.
    pub differences: Option<(u64, u64, u64)>,
    /// What could not be looked at, by tree.
    pub gaps: Vec<(String, Gap)>,
    /// All such gaps.
    pub gap_count: u64,
}

/// Trees of one baseline.
const TREES: usize = 4096;

/// Makes a generation.
///
/// # Errors
/// A tree does not answer, the key lies in a tree, the baseline was tampered with, or it cannot be written.
pub fn make(store: &Store, plan: &Plan<'_>) -> Result<Made, Error> {
    let mut trees = plan.trees.clone();
    trees.sort_by(|a, b| a.name.cmp(&b.name));
    trees.dedup_by(|a, b| a.name == b.name);
    trees.truncate(TREES);
    for tree in &trees {
        if is_within(plan.key_file, &tree.path) {
            let why = format!("it lies within {}, where whoever changes files could take or replace it", tree.name);
            return Err(Error::Key { path: plan.key_file.to_path_buf(), why });
        }
    }
    let pin = Pin::open(plan.pin_file)?;
    let chain = if plan.is_update {
        let chain = store.chain(pin.as_ref(), None)?;
        if let Some(why) = chain.tampered.first() {
            return Err(Error::Tampered { path: store.folder.clone(), why: why.clone() });
        }
        Some(chain)
    } else {
        if !store.numbers()?.is_empty() {
            return Err(Error::Exists(store.folder.clone()));
        }
        None
    };
    let head = chain.as_ref().and_then(|chain| chain.head());
    if let Some(head) = head
        && head.seal.key != plan.key.public()
    {
        let why = format!("the baseline is signed by another one, {}", head.seal.key);
        return Err(Error::Key { path: plan.key_file.to_path_buf(), why });
    }
    let current = chain.as_ref().map_or(&[][..], |chain| chain.current());
    let names = || trees.iter().map(|tree| &tree.name);
    let is_alike = head.is_some_and(|head| {
        head.seal.trees.iter().map(|tree| &tree.name).eq(names()) && head.seal.excluded == plan.excluded
    });
    let mut merge =
        if is_alike && current.len() <= DIFFERENCES { Some(Merge::new(States::open(current)?)?) } else { None };
    let failed = || Error::system("write the baseline in", &store.folder);
    std::fs::create_dir_all(&store.folder).map_err(failed())?;
    // What is made here is no change of a tree that it may lie in.
    let own = |path: &Path| path.canonicalize().map(|path| globset::escape(&path.to_string_lossy())).ok();
    let patterns: Vec<String> =
        plan.excluded.iter().cloned().chain(own(&store.folder)).chain(own(plan.pin_file)).collect();
    let exclude = Exclude::new(patterns.iter().map(String::as_str));
    let exclude = exclude.map_err(|wrong| failed()(std::io::Error::other(wrong)))?;
    let options = Options { exclude: Arc::new(exclude), ..plan.options.clone() };
    let temporary = tempfile::Builder::new().prefix(".making-").tempfile_in(&store.folder).map_err(failed())?;
    let mut writer = Writer::new(BufWriter::with_capacity(1 << 20, temporary)).map_err(failed())?;
    let mut made = Sealing { counts: (0, 0, 0), gaps: Vec::new(), gap_count: 0, trees: Vec::new(), roots: Vec::new() };
    for (number, tree) in (0u16..).zip(&trees) {
        let mut merkle = Merkle::default();
        let mut result = Ok(());
        let (merge_of, counts, out) = (&mut merge, &mut made.counts, &mut writer);
        let outcome = tree::walk(&tree.path, &tree.path, &options, &mut |seen| {
            result = take(number, seen, &mut merkle, merge_of.as_mut(), counts, out, &store.folder);
            if result.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        result?;
        if outcome.ended == Ended::Stuck {
            return Err(Error::Stuck { name: tree.name.clone() });
        }
        if let Some(merge) = &mut merge {
            let (counts, out) = (&mut made.counts, &mut writer);
            merge.end(number, outcome.ended, &mut |path, change| {
                if matches!(change, Change::Removed(_)) {
                    counts.1 += 1;
                    out.write(number, path, None).map_err(Error::system("write the baseline in", &store.folder))?;
                }
                Ok(())
            })?;
        }
        made.gap_count += outcome.gap_count;
        made.gaps.extend(outcome.gaps.into_iter().map(|gap| (tree.name.clone(), gap)));
        let root = merkle.root();
        made.roots.push(root);
        made.trees.push(SealedTree {
            name: tree.name.clone(),
            path: tree.path.clone(),
            root: seal::digits(&root),
            files: outcome.files,
            bytes: outcome.bytes,
        });
    }
    let is_full = merge.is_none();
    if let Some(merge) = merge {
        merge.finish()?;
    }
    let (out, body) = writer.finish().map_err(failed())?;
    let number = head.map_or(1, |head| head.seal.generation + 1);
    let root = merkle::forest(made.trees.iter().map(|tree| tree.name.as_str()).zip(&made.roots));
    let seal = Seal {
        format: FORMAT.to_owned(),
        generation: number,
        is_full,
        made: (plan.now)(),
        host: plan.host.clone(),
        tool: plan.tool.clone(),
        trees: made.trees,
        excluded: plan.excluded.clone(),
        root: seal::digits(&root),
        body,
        previous: head.map(|head| head.hash.clone()),
        key: plan.key.public(),
        packages: plan.packages.clone(),
    };
    let (bytes, hash) = seal::write(&seal, plan.key);
    let path = store.path(number);
    keep(out, &bytes, &path, &store.folder)?;
    Pin::new(seal.key.clone(), number, hash, seal.root.clone(), seal.made).save(plan.pin_file)?;
    let differences = (!is_full).then_some(made.counts);
    Ok(Made { seal, path, differences, gaps: made.gaps, gap_count: made.gap_count })
}

struct Sealing {
    counts: (u64, u64, u64),
    gaps: Vec<(String, Gap)>,
    gap_count: u64,
    trees: Vec<SealedTree>,
    roots: Vec<merkle::Digest>,
}

type Out = Writer<BufWriter<tempfile::NamedTempFile>>;

fn take(
    tree: u16,
    seen: Seen,
    merkle: &mut Merkle,
    merge: Option<&mut Merge>,
    counts: &mut (u64, u64, u64),
    out: &mut Out,
    folder: &Path,
) -> Result<(), Error> {
    if let Seen::Entry(entry) = &seen {
        let wrong = |why: &str| Error::Damaged { path: folder.to_path_buf(), why: why.to_owned() };
        merkle.see(entry).map_err(wrong)?;
        if merge.is_none() {
            return out
                .write(tree, &entry.path, Some(&entry.record))
                .map_err(Error::system("write the baseline in", folder));
        }
    }
    let Some(merge) = merge else { return Ok(()) };
    merge.see(tree, seen, &mut |path, change| {
        let record = match &change {
            Change::Same(_) => return Ok(()),
            Change::Added(now) => {
                counts.0 += 1;
                Some(now)
            }
            Change::Removed(_) => {
                counts.1 += 1;
                None
            }
            Change::Changed(_, now) => {
                counts.2 += 1;
                Some(now)
            }
        };
        out.write(tree, path, record).map_err(Error::system("write the baseline in", folder))
    })
}

fn keep(out: BufWriter<tempfile::NamedTempFile>, seal: &[u8], path: &Path, folder: &Path) -> Result<(), Error> {
    let failed = || Error::system("write the baseline in", folder);
    let mut file = out.into_inner().map_err(|error| failed()(error.into_error()))?;
    file.write_all(seal).and_then(|()| file.as_file().sync_all()).map_err(failed())?;
    // Never over one that is there: a baseline only grows.
    file.persist_noclobber(path).map_err(|error| failed()(error.error))?;
    std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed())
}
