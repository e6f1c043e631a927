//! Reads an index file. Every offset is checked where it is used.

use std::fs::File;
use std::path::{Path, PathBuf};

use keelguard_model::Severity;

use super::Mapped;
use super::format::{
    AFFECTED, AFFECTED_ROW, BUCKETS, Header, META, Meta, NAME_ROW, NAMES, RECORD_ROW, RECORDS, STRINGS, WORDS, hash,
    number, row,
};
use super::write::{COMMITS_ONLY, MAGIC, WITHDRAWN};
use crate::osv::{Affected, Entry, Event, EventKind, Range, RangeKind};
use crate::{AdvisoryError, ecosystem};

/// An open index. Cheap to share between threads.
#[derive(Debug)]
pub struct Index {
    path: PathBuf,
    map: Mapped,
    header: Header,
    meta: Meta,
}

/// A package of a record, as a look-up finds it.
#[derive(Clone, Copy, Debug)]
pub struct Hit<'index> {
    index: &'index Index,
    row: [u32; AFFECTED_ROW],
}

/// A record, read as it is asked.
#[derive(Clone, Copy, Debug)]
pub struct RecordView<'index> {
    index: &'index Index,
    row: [u32; RECORD_ROW],
}

impl Index {
    /// Opens a file and checks its header.
    pub fn open(path: &Path) -> Result<Self, AdvisoryError> {
        let bad = |why: String| AdvisoryError::BadIndex { path: path.to_owned(), why };
        let file = File::open(path).map_err(AdvisoryError::file("open", path))?;
        let map = Mapped::of(&file).map_err(AdvisoryError::file("map", path))?;
        let header = Header::read(MAGIC, map.bytes()).map_err(bad)?;
        let meta = map.bytes().get(header.sections[META].clone()).unwrap_or_default();
        let meta = serde_json::from_slice(meta).map_err(|_| bad("its description is damaged".into()))?;
        Ok(Self { path: path.to_owned(), map, header, meta })
    }

    /// What it says about itself.
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads all of it and checks that it is what was written.
    pub fn verify(&self) -> Result<(), AdvisoryError> {
        let why = || AdvisoryError::BadIndex { path: self.path.clone(), why: "its checksum is wrong".into() };
        self.header.is_whole(self.map.bytes()).then_some(()).ok_or_else(why)
    }

    /// The packages of that name, over all releases and records.
    pub fn lookup<'index>(&'index self, name: &str) -> impl Iterator<Item = Hit<'index>> + use<'index> {
        let key = ecosystem::key(&self.meta.ecosystem, name);
        let (first, count) = self.find(&key).unwrap_or_default();
        (first..first.saturating_add(count)).map_while(|at| self.hit(at))
    }

    /// All packages of all records.
    fn hits(&self) -> impl Iterator<Item = Hit<'_>> {
        (0..).map_while(|at| self.hit(at))
    }

    fn hit(&self, at: usize) -> Option<Hit<'_>> {
        Some(Hit { index: self, row: row(self.section(AFFECTED), at)? })
    }

    /// Where the rows of a name begin, and how many there are.
    fn find(&self, key: &str) -> Option<(usize, usize)> {
        let buckets = self.section(BUCKETS);
        let mask = u32::try_from((buckets.len() / 4).checked_sub(2)?).ok()?;
        let bucket = (hash(key) & mask) as usize;
        let (start, end) = (number(buckets, bucket)?, number(buckets, bucket + 1)?);
        (start..end)
            .map_while(|at| row::<NAME_ROW>(self.section(NAMES), at as usize))
            .find_map(|[name, first, count]| (self.text(name) == key).then_some((first as usize, count as usize)))
    }

    /// The record with that id.
    pub fn record(&self, id: &str) -> Option<RecordView<'_>> {
        let count = self.section(RECORDS).len() / (RECORD_ROW * 4);
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = low + (high - low) / 2;
            let record = self.record_at(middle)?;
            match record.id().cmp(id) {
                std::cmp::Ordering::Equal => return Some(record),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// All records, sorted by id.
    pub fn records(&self) -> impl Iterator<Item = RecordView<'_>> {
        (0..).map_while(|at| self.record_at(at))
    }

    fn record_at(&self, at: usize) -> Option<RecordView<'_>> {
        Some(RecordView { index: self, row: row(self.section(RECORDS), at)? })
    }

    /// All records as they were put in, sorted by id: what an update starts from. One at a time, because lists that lie
    /// here once are many times as large in the records that share them.
    pub fn entries(&self) -> impl Iterator<Item = Entry> {
        let mut places: Vec<(u32, usize)> = self.hits().enumerate().map(|(at, hit)| (hit.row[2], at)).collect();
        places.sort_unstable();
        self.records().zip(0_u32..).map(move |(record, number)| {
            let mut entry = record.entry();
            let first = places.partition_point(|(of, _)| *of < number);
            let own = places.get(first..).unwrap_or_default().iter().take_while(|(of, _)| *of == number);
            entry.affected = own.filter_map(|(_, at)| self.hit(*at)).map(|hit| hit.affected()).collect();
            entry
        })
    }

    fn section(&self, section: usize) -> &[u8] {
        let range = self.header.sections.get(section).cloned().unwrap_or_default();
        self.map.bytes().get(range).unwrap_or_default()
    }

    fn text(&self, at: u32) -> &str {
        text(self.section(STRINGS), at).unwrap_or_default()
    }

    fn list(&self, at: u32) -> impl Iterator<Item = u32> + Clone + use<'_> {
        let words = self.section(WORDS);
        let start = at as usize + 1;
        let count = number(words, at as usize).unwrap_or_default() as usize;
        // A forged length reaches no further than the section.
        (start..start.saturating_add(count)).map_while(|at| number(words, at))
    }

    fn texts(&self, at: u32) -> impl Iterator<Item = &str> + Clone {
        self.list(at).map(|text| self.text(text))
    }
}

/// The text at a place of the strings.
pub(super) fn text(strings: &[u8], at: u32) -> Option<&str> {
    let (length, rest) = strings.get(at as usize..)?.split_first_chunk::<2>()?;
    std::str::from_utf8(rest.get(..usize::from(u16::from_le_bytes(*length)))?).ok()
}

fn word(number: u32) -> Option<Severity> {
    Severity::ALL.get(usize::try_from(number.checked_sub(1)?).ok()?).copied()
}

impl<'index> Hit<'index> {
    /// The name as the record spells it.
    pub fn name(&self) -> &'index str {
        self.index.text(self.row[0])
    }

    /// With the release: `Debian:12`.
    pub fn ecosystem(&self) -> &'index str {
        self.index.text(self.row[1])
    }

    /// The record.
    pub fn record(&self) -> Option<RecordView<'index>> {
        self.index.record_at(self.row[2] as usize)
    }

    /// The severity of this package in the database's word.
    pub fn word(&self) -> Option<Severity> {
        word(self.row[3])
    }

    /// Scores of this package.
    pub fn vectors(&self) -> impl Iterator<Item = &'index str> + use<'index> {
        self.index.texts(self.row[4])
    }

    /// Ranges, each with the events that it consists of.
    pub fn ranges(&self) -> impl Iterator<Item = (RangeKind, Vec<(EventKind, &'index str)>)> + use<'index> {
        let index = self.index;
        let mut words = index.list(self.row[5]);
        std::iter::from_fn(move || {
            let kind = if words.next()? == 0 { RangeKind::Semver } else { RangeKind::Ecosystem };
            let count = words.next()? as usize;
            let mut events = Vec::with_capacity(count.min(64));
            for _ in 0..count {
                let kind = match words.next()? {
                    0 => EventKind::Introduced,
                    1 => EventKind::Fixed,
                    2 => EventKind::LastAffected,
                    _ => EventKind::Limit,
                };
                events.push((kind, index.text(words.next()?)));
            }
            Some((kind, events))
        })
    }

    /// Versions that are affected, one by one.
    pub fn versions(&self) -> impl Iterator<Item = &'index str> + Clone + use<'index> {
        self.index.texts(self.row[6])
    }

    /// The number of that list; equal numbers, equal lists. 0 is the empty list.
    pub(crate) fn versions_id(&self) -> u32 {
        self.row[6]
    }

    fn affected(&self) -> Affected {
        let events = |events: Vec<(EventKind, &str)>| {
            events.into_iter().map(|(kind, version)| Event { kind, version: version.to_owned() }).collect()
        };
        Affected {
            ecosystem: self.ecosystem().to_owned(),
            name: self.name().to_owned(),
            word: self.word(),
            vectors: self.vectors().map(str::to_owned).collect(),
            ranges: self.ranges().map(|(kind, list)| Range { kind, events: events(list) }).collect(),
            versions: self.versions().map(str::to_owned).collect(),
        }
    }
}

impl<'index> RecordView<'index> {
    /// Its id.
    pub fn id(&self) -> &'index str {
        self.index.text(self.row[0])
    }

    /// When it was changed last.
    pub fn modified(&self) -> &'index str {
        self.index.text(self.row[1])
    }

    /// One line on what it is.
    pub fn summary(&self) -> &'index str {
        self.index.text(self.row[2])
    }

    /// The severity in the database's word.
    pub fn word(&self) -> Option<Severity> {
        word(self.row[3])
    }

    /// Whether it was withdrawn.
    pub fn withdrawn(&self) -> bool {
        self.row[4] & WITHDRAWN != 0
    }

    /// Scores.
    pub fn vectors(&self) -> impl Iterator<Item = &'index str> + use<'index> {
        self.index.texts(self.row[5])
    }

    /// Other names of the same problem.
    pub fn aliases(&self) -> impl Iterator<Item = &'index str> + use<'index> {
        self.index.texts(self.row[6])
    }

    /// Problems upstream.
    pub fn upstream(&self) -> impl Iterator<Item = &'index str> + use<'index> {
        self.index.texts(self.row[7])
    }

    /// Problems that have to do with it.
    pub fn related(&self) -> impl Iterator<Item = &'index str> + use<'index> {
        self.index.texts(self.row[8])
    }

    fn entry(&self) -> Entry {
        Entry {
            id: self.id().to_owned(),
            modified: self.modified().to_owned(),
            withdrawn: self.withdrawn(),
            aliases: self.aliases().map(str::to_owned).collect(),
            upstream: self.upstream().map(str::to_owned).collect(),
            related: self.related().map(str::to_owned).collect(),
            summary: self.summary().to_owned(),
            word: self.word(),
            vectors: self.vectors().map(str::to_owned).collect(),
            affected: Vec::new(),
            commits_only: self.row[4] & COMMITS_ONLY != 0,
        }
    }
}
