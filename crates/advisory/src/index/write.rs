//! Compiles records into an index file.

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use keelguard_model::Severity;

use super::format::{AFFECTED_ROW, Header, Meta, NAME_ROW, RECORD_ROW, SECTIONS, hash};
use crate::osv::{Entry, EventKind, Range, RangeKind};
use crate::{AdvisoryError, ecosystem};

pub(super) const MAGIC: [u8; 8] = *b"KGADVIDX";
/// Flag of a withdrawn record.
pub(super) const WITHDRAWN: u32 = 1;
/// Flag of a record that names commits alone.
pub(super) const COMMITS_ONLY: u32 = 2;

/// Takes records, one after the other, and gives the file. Of several records with one id the first counts.
#[derive(Debug)]
pub struct Compiler {
    meta: Meta,
    strings: Texts,
    words: Lists,
    ids: HashMap<String, u32>,
    records: Vec<Row<RECORD_ROW>>,
    /// Key of the name, and the row.
    affected: Vec<(u32, Row<AFFECTED_ROW>)>,
}

type Row<const COLUMNS: usize> = [u32; COLUMNS];

impl Compiler {
    /// Starts the index of an ecosystem, named as OSV does before the colon.
    pub fn new(ecosystem: &str) -> Self {
        Self {
            meta: Meta { ecosystem: ecosystem::base(ecosystem).to_owned(), ..Meta::default() },
            strings: Texts::default(),
            words: Lists::default(),
            ids: HashMap::new(),
            records: Vec::new(),
            affected: Vec::new(),
        }
    }

    /// What the file will say about itself; numbers are filled in at the end.
    pub fn meta(&mut self) -> &mut Meta {
        &mut self.meta
    }

    /// Records taken so far.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether none was taken so far.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Whether a record with that id was taken.
    pub fn has(&self, id: &str) -> bool {
        self.ids.contains_key(id)
    }

    /// When the record with that id was changed last, as it says itself.
    pub fn modified(&self, id: &str) -> Option<&str> {
        let [_, modified, ..] = self.records.get(*self.ids.get(id)? as usize)?;
        Some(self.strings.get(*modified))
    }

    /// Takes a record. Packages of other ecosystems are left out.
    pub fn add(&mut self, entry: &Entry) -> Result<(), AdvisoryError> {
        if self.has(&entry.id) {
            return Ok(());
        }
        let record = small(self.records.len(), "the number of records")?;
        self.ids.insert(entry.id.clone(), record);
        // Go's zero of time stands for no time.
        if entry.modified > self.meta.newest && !entry.modified.starts_with("0001-") {
            self.meta.newest.clone_from(&entry.modified);
        }
        let row = [
            self.strings.put(&entry.id)?,
            self.strings.put(&entry.modified)?,
            self.strings.put(&entry.summary)?,
            word(entry.word),
            (u32::from(entry.withdrawn) * WITHDRAWN) | (u32::from(entry.commits_only) * COMMITS_ONLY),
            self.texts(&entry.vectors)?,
            self.texts(&entry.aliases)?,
            self.texts(&entry.upstream)?,
            self.texts(&entry.related)?,
        ];
        self.records.push(row);
        for affected in &entry.affected {
            if ecosystem::base(&affected.ecosystem) != self.meta.ecosystem {
                continue;
            }
            let key = self.strings.put(&ecosystem::key(&self.meta.ecosystem, &affected.name))?;
            let row = [
                self.strings.put(&affected.name)?,
                self.strings.put(&affected.ecosystem)?,
                record,
                word(affected.word),
                self.texts(&affected.vectors)?,
                self.ranges(&affected.ranges)?,
                self.texts(&affected.versions)?,
            ];
            self.affected.push((key, row));
        }
        Ok(())
    }

    fn texts(&mut self, texts: &[String]) -> Result<u32, AdvisoryError> {
        let mut list = Vec::with_capacity(texts.len());
        for text in texts {
            list.push(self.strings.put(text)?);
        }
        self.words.put(list)
    }

    fn ranges(&mut self, ranges: &[Range]) -> Result<u32, AdvisoryError> {
        let mut list = Vec::new();
        for range in ranges {
            list.push(match range.kind {
                RangeKind::Semver => 0,
                RangeKind::Ecosystem => 1,
            });
            list.push(small(range.events.len(), "the number of events")?);
            for event in &range.events {
                list.push(match event.kind {
                    EventKind::Introduced => 0,
                    EventKind::Fixed => 1,
                    EventKind::LastAffected => 2,
                    EventKind::Limit => 3,
                });
                list.push(self.strings.put(&event.version)?);
            }
        }
        self.words.put(list)
    }

    /// The file's bytes.
    pub fn finish(mut self) -> Result<Vec<u8>, AdvisoryError> {
        self.meta.built = jiff::Timestamp::now().as_second();
        self.sort_records();
        let (buckets, names) = self.sort_names()?;
        self.meta.records = self.records.len() as u64;
        self.meta.names = (names.len() / (NAME_ROW * 4)) as u64;
        let releases: BTreeSet<u32> = self.affected.iter().map(|(_, [_, release, ..])| *release).collect();
        self.meta.releases = releases.into_iter().map(|release| self.strings.get(release).to_owned()).collect();
        self.meta.releases.sort_unstable();
        self.meta.commits_only =
            self.records.iter().filter(|[.., flags, _, _, _, _]| flags & COMMITS_ONLY != 0).count() as u64;
        let meta = serde_json::to_vec(&self.meta).map_err(|error| AdvisoryError::garbage("the index's head", error))?;
        let affected = rows(self.affected.iter().map(|(_, row)| row));
        let records = rows(self.records.iter());
        let words = self.words.numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        let sections: [Vec<u8>; SECTIONS] = [meta, buckets, names, affected, records, words, self.strings.bytes];
        Ok(Header::assemble(MAGIC, &sections))
    }

    /// Writes the file over the old one, if there is one, in one step.
    pub fn write(self, path: &Path) -> Result<(), AdvisoryError> {
        replace_file(path, &self.finish()?)
    }

    /// By id, so that an update finds them.
    fn sort_records(&mut self) {
        let mut order: Vec<(String, u32)> = std::mem::take(&mut self.ids).into_iter().collect();
        order.sort_unstable();
        let mut place = vec![0_u32; self.records.len()];
        let mut sorted = Vec::with_capacity(self.records.len());
        for (new, (_, old)) in (0_u32..).zip(&order) {
            let old = *old as usize;
            if let (Some(place), Some(row)) = (place.get_mut(old), self.records.get(old)) {
                *place = new;
                sorted.push(*row);
            }
        }
        self.records = sorted;
        for (_, [_, _, record, ..]) in &mut self.affected {
            *record = place.get(*record as usize).copied().unwrap_or(u32::MAX);
        }
    }

    /// Sorts the rows by the bucket of their name and gives the tables that lead there.
    fn sort_names(&mut self) -> Result<(Vec<u8>, Vec<u8>), AdvisoryError> {
        let mut distinct: Vec<u32> = self.affected.iter().map(|(key, _)| *key).collect();
        distinct.sort_unstable();
        distinct.dedup();
        let buckets = distinct.len().next_power_of_two().max(1);
        let mask = small(buckets - 1, "the number of names")?;
        let bucket: HashMap<u32, u32> =
            distinct.iter().map(|key| (*key, hash(self.strings.get(*key)) & mask)).collect();
        let place = |key: u32| (bucket.get(&key).copied().unwrap_or_default(), key);
        self.affected.sort_by_key(|(key, row)| (place(*key), row[2]));
        let mut starts = vec![0_u32; buckets + 1];
        let mut names = Vec::new();
        let mut count = 0_u32;
        let mut at = 0_u32;
        for group in self.affected.chunk_by(|(left, _), (right, _)| left == right) {
            let Some((key, _)) = group.first() else { continue };
            let length = small(group.len(), "the number of packages")?;
            names.extend([*key, at, length].into_iter().flat_map(u32::to_le_bytes));
            at = at.checked_add(length).ok_or_else(|| too_large("the number of packages"))?;
            count += 1;
            if let Some(next) = starts.get_mut(place(*key).0 as usize + 1) {
                *next = count;
            }
        }
        // A bucket without names begins where the one before it ended.
        let mut last = 0;
        for start in &mut starts {
            last = last.max(*start);
            *start = last;
        }
        Ok((starts.into_iter().flat_map(u32::to_le_bytes).collect(), names))
    }
}

fn rows<'row, const COLUMNS: usize>(rows: impl Iterator<Item = &'row Row<COLUMNS>>) -> Vec<u8> {
    rows.flatten().flat_map(|number| number.to_le_bytes()).collect()
}

/// 0 is "nothing said".
fn word(word: Option<Severity>) -> u32 {
    word.map_or(0, |word| word as u32 + 1)
}

fn too_large(what: &str) -> AdvisoryError {
    AdvisoryError::TooLarge { what: what.to_owned(), bound: "what an index can hold (4 GiB)".into() }
}

fn small(number: usize, what: &str) -> Result<u32, AdvisoryError> {
    u32::try_from(number).map_err(|_| too_large(what))
}

/// Texts, each kept once.
#[derive(Debug)]
struct Texts {
    bytes: Vec<u8>,
    known: HashMap<Box<str>, u32>,
}

impl Default for Texts {
    /// The empty text lies at 0.
    fn default() -> Self {
        Self { bytes: vec![0, 0], known: HashMap::from([("".into(), 0)]) }
    }
}

impl Texts {
    fn put(&mut self, text: &str) -> Result<u32, AdvisoryError> {
        if let Some(at) = self.known.get(text) {
            return Ok(*at);
        }
        let at = small(self.bytes.len(), "the text of the records")?;
        let length = u16::try_from(text.len()).map_err(|_| too_large("a text"))?;
        self.bytes.extend(length.to_le_bytes());
        self.bytes.extend(text.as_bytes());
        self.known.insert(text.into(), at);
        Ok(at)
    }

    fn get(&self, at: u32) -> &str {
        super::read::text(&self.bytes, at).unwrap_or_default()
    }
}

/// Lists of numbers, each kept once: the versions of one package recur in each of its records.
#[derive(Debug)]
struct Lists {
    numbers: Vec<u32>,
    known: HashMap<Box<[u32]>, u32>,
}

impl Default for Lists {
    /// The empty list lies at 0.
    fn default() -> Self {
        Self { numbers: vec![0], known: HashMap::new() }
    }
}

impl Lists {
    fn put(&mut self, list: Vec<u32>) -> Result<u32, AdvisoryError> {
        if list.is_empty() {
            return Ok(0);
        }
        if let Some(at) = self.known.get(list.as_slice()) {
            return Ok(*at);
        }
        let at = small(self.numbers.len(), "the lists of the records")?;
        self.numbers.push(small(list.len(), "a list")?);
        self.numbers.extend(&list);
        self.known.insert(list.into(), at);
        Ok(at)
    }
}

/// Whether a file of that name is one that `replace_file` did not finish.
pub(crate) fn is_draft(name: &str) -> bool {
    let own = |rest: &str| [".index.", ".table."].iter().any(|kind| rest.contains(kind));
    name.strip_prefix('.').and_then(|rest| rest.strip_suffix(".new")).is_some_and(own)
}

/// Puts a file in the place of another in one step: whoever has the old one open keeps it, whoever opens it from now on
/// gets the whole new one, and a power cut leaves one of the two.
pub(crate) fn replace_file(path: &Path, bytes: &[u8]) -> Result<(), AdvisoryError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(AdvisoryError::file("create", folder))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let draft = folder.join(format!(".{name}.{}.new", std::process::id()));
    let write = || -> std::io::Result<()> {
        let mut file = File::create(&draft)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&draft, path)?;
        File::open(folder)?.sync_all()
    };
    write().map_err(|error| {
        let _ = fs::remove_file(&draft);
        AdvisoryError::file("write", path)(error)
    })
}
