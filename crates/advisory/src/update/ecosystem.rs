//! The update of one ecosystem.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use tokio::task::JoinSet;

use super::listing::{self, Difference, Listing};
use super::source::{Answer, Loaded, Source};
use super::{Change, Progress, Settings, Watcher, touch};
use crate::index::{Compiler, Index};
use crate::osv::{self, Entry};
use crate::{AdvisoryError, ecosystem, ingest};

/// Requests for single records that are under way at once.
const AT_ONCE: usize = 8;

/// Gives what the source has, by the shortest way that can be trusted.
pub(super) async fn update(
    folder: &Path,
    name: &str,
    source: &Source,
    settings: &Settings,
    watcher: Watcher<'_>,
) -> Result<Change, AdvisoryError> {
    let path = folder.join(ecosystem::file_name(name));
    // A damaged index, or one of another format, is none: it is replaced.
    let old = Index::open(&path).ok().filter(|old| old.verify().is_ok());
    let known = old.as_ref().filter(|_| !settings.force);
    let same_source = known.filter(|old| old.meta().source == settings.base);
    let bytes = match source.small(&[name, "modified_id.csv"], listing::BYTES, None).await? {
        Answer::Bytes { bytes, .. } => Some(bytes),
        Answer::Unchanged | Answer::Missing => None,
    };
    let url = format!("{}/{name}/modified_id.csv", settings.base);
    let listing = bytes.as_deref().map(|bytes| Listing::read(bytes, &url)).transpose()?;
    if let (Some(old), Some(listing)) = (known, listing.as_ref().filter(|listing| listing.is_dated())) {
        if same_source.is_some_and(|old| old.meta().listing.as_ref() == Some(&listing.digest)) {
            touch(&path);
            return Ok(Change::Current);
        }
        let difference = listing.difference(old);
        if is_small(&difference, listing.len(), settings.few) {
            let fetched = records(name, &difference.changed, source, settings, watcher).await?;
            if let Some(entries) = fetched {
                return patch(&path, old, &difference, &entries, listing, settings);
            }
        }
    }
    let etag = same_source.and_then(|old| old.meta().etag.clone());
    let part = folder.join(".loading").join(format!("{}.zip", ecosystem::encoded(name)));
    match source.large(&[name, "all.zip"], &part, etag.as_deref(), name, watcher).await? {
        Loaded::Unchanged => {
            touch(&path);
            Ok(Change::Current)
        }
        Loaded::Missing => Err(AdvisoryError::Source {
            url: format!("{}/{name}/all.zip", settings.base),
            why: "there is no such file; is the ecosystem spelled as OSV does?".into(),
        }),
        Loaded::File { path: archive, etag, ours } => {
            watcher(Progress::Compiling(name));
            let compiled = compile(name, archive.clone(), settings).await;
            if ours {
                // Done with, or damaged: in both cases the next update begins anew.
                let _ = std::fs::remove_file(archive.with_extension("etag"));
                let _ = std::fs::remove_file(&archive);
            }
            let mut compiler = compiled?;
            check_size(&compiler, old.as_ref(), settings.force)?;
            let listing = listing.and_then(|listing| digest_if_reached(&listing, &mut compiler));
            let meta = compiler.meta();
            (meta.source, meta.etag, meta.listing) = (settings.base.clone(), etag, listing);
            let skipped = meta.skipped;
            let records = compiler.len() as u64;
            compiler.write(&path)?;
            Ok(Change::Whole { records, skipped })
        }
    }
}

/// Many changes come cheaper as one archive; many that are gone mean that something is wrong with the list.
fn is_small(difference: &Difference, records: usize, few: usize) -> bool {
    difference.changed.len() <= few.min(records / 5) && difference.removed.len() <= records / 10
}

/// The records, or nothing where the source does not have them one by one.
async fn records(
    name: &str,
    ids: &[String],
    source: &Source,
    settings: &Settings,
    watcher: Watcher<'_>,
) -> Result<Option<Vec<Entry>>, AdvisoryError> {
    let mut entries = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(AT_ONCE) {
        let mut tasks = JoinSet::new();
        for id in chunk {
            let (source, name, file) = (source.clone(), name.to_owned(), format!("{id}.json"));
            let bound = settings.ingest.record.bytes as u64;
            tasks.spawn(async move { source.small(&[&name, &file], bound, None).await });
        }
        while let Some(answer) = tasks.join_next().await {
            let answer = answer.map_err(|error| AdvisoryError::garbage("a record", error))?;
            let Answer::Bytes { bytes, .. } = answer? else { return Ok(None) };
            // What cannot be used one by one is counted and noted with the whole archive.
            let Ok(entry) = osv::parse(&bytes, settings.ingest.record) else { return Ok(None) };
            if !ids.contains(&entry.id) {
                return Ok(None);
            }
            entries.push(entry);
            watcher(Progress::Records { of: name, done: entries.len(), total: ids.len() });
        }
    }
    Ok(Some(entries))
}

/// The old index with the changes in it.
fn patch(
    path: &Path,
    old: &Index,
    difference: &Difference,
    new: &[Entry],
    listing: &Listing<'_>,
    settings: &Settings,
) -> Result<Change, AdvisoryError> {
    let mut compiler = Compiler::new(&old.meta().ecosystem);
    let removed: HashSet<&str> = difference.removed.iter().map(String::as_str).collect();
    for entry in new {
        compiler.add(entry)?;
    }
    for entry in old.entries().filter(|entry| !removed.contains(entry.id.as_str())) {
        compiler.add(&entry)?;
    }
    let meta = compiler.meta();
    (meta.skipped, meta.notes) = (old.meta().skipped, old.meta().notes.clone());
    meta.source.clone_from(&settings.base);
    compiler.meta().listing = digest_if_reached(listing, &mut compiler);
    compiler.write(path)?;
    Ok(Change::Records { changed: new.len(), removed: difference.removed.len() })
}

/// The list's digest, if the records are at least what it lists but for those that could not be used. Lists and archives
/// are not written at the same moment: with the digest of a newer list an older archive would pass for current.
fn digest_if_reached(listing: &Listing<'_>, compiler: &mut Compiler) -> Option<String> {
    let skipped = usize::try_from(compiler.meta().skipped).unwrap_or(usize::MAX);
    let behind = listing.newer(|id| compiler.modified(id)).take(skipped.saturating_add(1)).count();
    (behind <= skipped).then(|| listing.digest.clone())
}

async fn compile(name: &str, archive: PathBuf, settings: &Settings) -> Result<Compiler, AdvisoryError> {
    let (mut compiler, limits) = (Compiler::new(name), settings.ingest);
    let work = tokio::task::spawn_blocking(move || {
        ingest::zip(&mut compiler, &archive, &limits)?;
        Ok(compiler)
    });
    work.await.map_err(|error| AdvisoryError::garbage("the archive", error))?
}

/// An export that has lost half of its records is a broken one; so is an empty one.
pub(crate) fn check_size(compiler: &Compiler, old: Option<&Index>, force: bool) -> Result<(), AdvisoryError> {
    let before = old.map_or(0, |old| old.meta().records);
    let now = compiler.len() as u64;
    if now == 0 || !force && now < before / 2 {
        let why = format!("it has {now} usable records, the data at hand has {before}");
        return Err(AdvisoryError::garbage("the export", why));
    }
    Ok(())
}
