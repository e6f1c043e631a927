//! Records of one or many ecosystems, sorted into an index for each.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::SystemTime;

use super::{Imported, asked};
use crate::index::{Compiler, Index};
use crate::ingest::{self, IngestLimits};
use crate::osv::Entry;
use crate::update::check_size;
use crate::{AdvisoryError, ecosystem};

/// Takes an archive or a folder of records, which was written at that time.
pub(super) fn records(
    folder: &Path,
    from: &Path,
    of: Option<&str>,
    limits: &IngestLimits,
    written: Option<SystemTime>,
) -> Result<Vec<Imported>, AdvisoryError> {
    let mut sorter = Sorter::new(of);
    if from.is_dir() {
        ingest::folder(&mut sorter, from, limits)?;
    } else {
        ingest::zip(&mut sorter, from, limits)?;
    }
    let mut imported = Vec::new();
    let mut refused = None;
    let (sorted, homeless) = sorter.finish(from)?;
    for (mut compiler, left_out) in sorted {
        let name = compiler.meta().ecosystem.clone();
        let records = compiler.len() as u64;
        if let Some(why) = left_out {
            imported.push(Imported::not(name, records, why));
            continue;
        }
        let path = folder.join(ecosystem::file_name(&name));
        if let Err(why) = check_size(&compiler, Index::open(&path).ok().as_ref(), of.is_some()) {
            let stays = format!("the data at hand stays; --ecosystem {name} replaces it");
            imported.push(Imported::not(name, records, stays));
            refused.get_or_insert(why);
            continue;
        }
        compiler.meta().source = from.display().to_string();
        let (skipped, first_skipped) = (compiler.meta().skipped, compiler.meta().notes.first().cloned());
        compiler.write(&path)?;
        asked::note(&path, written)?;
        imported.push(Imported { name, records, skipped, first_skipped, left_out: None });
    }
    if let Some(first) = homeless.first() {
        let why = format!("nobody can tell what they are about (the first: {first})");
        imported.push(Imported::not("no ecosystem".to_owned(), homeless.len() as u64, why));
    }
    match refused {
        Some(why) if imported.iter().all(|one| one.left_out.is_some()) => Err(why),
        _ => Ok(imported),
    }
}

/// Sorts records by ecosystem. All are taken but by-catch: an archive of PyPI holds a few records that name npm as well,
/// and an index of npm with those few would say of everything else in npm that nothing is wrong with it.
struct Sorter {
    only: Option<String>,
    compilers: BTreeMap<String, Compiler>,
    /// Ecosystems that records are about alone.
    at_home: BTreeSet<String>,
    /// Ecosystems that records are about together.
    together: BTreeSet<Vec<String>>,
    /// Records without packages (withdrawn, or of commits alone): of the one ecosystem, where all others are.
    of_none: Vec<Entry>,
    /// Whether there are records of other ecosystems than the one.
    mixed: bool,
    /// Packages of ecosystems beyond the bound.
    beyond: u64,
    taken: usize,
    /// Records that could not be used: why, and the ecosystems that they name as far as they can be read.
    skipped: Vec<(String, BTreeSet<String>)>,
}

const NOTES: usize = 20;
/// OSV has some forty ecosystems.
const ECOSYSTEMS: usize = 500;

impl Sorter {
    fn new(of: Option<&str>) -> Self {
        let only = of.map(|name| ecosystem::base(name).to_owned());
        let compilers = only.iter().map(|name| (name.clone(), Compiler::new(name))).collect();
        Self {
            at_home: only.iter().cloned().collect(),
            only,
            compilers,
            together: BTreeSet::new(),
            of_none: Vec::new(),
            mixed: false,
            beyond: 0,
            taken: 0,
            skipped: Vec::new(),
        }
    }

    /// An index for each ecosystem, with by-catch why it is left out; and the notes on records of which nobody can tell
    /// whose they are.
    fn finish(mut self, from: &Path) -> Result<(Sorted, Vec<String>), AdvisoryError> {
        if let Some(compiler) = self.only.as_ref().filter(|_| !self.mixed).and_then(|only| self.compilers.get_mut(only))
        {
            for entry in &self.of_none {
                compiler.add(entry)?;
            }
        }
        self.compilers.retain(|_, compiler| !compiler.is_empty());
        if self.compilers.is_empty() {
            let of = self.only.as_ref().map(|name| format!(" of {name}")).unwrap_or_default();
            let first =
                self.skipped.first().map_or_else(String::new, |(first, _)| format!(" (the first file: {first})"));
            let why = format!("it holds no usable OSV record{of}{first}");
            return Err(AdvisoryError::garbage(from.display().to_string(), why));
        }
        // A record is at home in that of its ecosystems which most of the records name.
        let count = |name: &String| self.compilers.get(name).map_or(0, Compiler::len);
        for names in &self.together {
            let most = names.iter().map(count).max().unwrap_or_default();
            self.at_home.extend(names.iter().filter(|name| count(name) == most).cloned());
        }
        let taken_in: Vec<&String> = self.compilers.keys().filter(|name| self.at_home.contains(*name)).collect();
        let (mut notes, homeless) = shared_out(self.skipped, &taken_in);
        let mut sorted = Vec::new();
        for (name, mut compiler) in self.compilers {
            let notes = notes.remove(&name).unwrap_or_default();
            compiler.meta().skipped = notes.len() as u64;
            compiler.meta().notes = notes.into_iter().take(NOTES).collect();
            let by_catch = || format!("they are about other ecosystems first; --ecosystem {name} takes them");
            let left_out = (!self.at_home.contains(&name)).then(by_catch);
            sorted.push((compiler, left_out));
        }
        if self.beyond > 0 {
            let why = format!("{} mentions of packages are of more ecosystems than {ECOSYSTEMS}", self.beyond);
            sorted.push((Compiler::new("others"), Some(why)));
        }
        Ok((sorted, homeless))
    }
}

/// An index for each ecosystem, and why it is left out.
type Sorted = Vec<(Compiler, Option<String>)>;

/// The notes on unusable records by the ecosystems that they name, and those on records that name none of them. Where only
/// one ecosystem is taken in, all are its own.
fn shared_out(
    skipped: Vec<(String, BTreeSet<String>)>,
    taken_in: &[&String],
) -> (BTreeMap<String, Vec<String>>, Vec<String>) {
    let (mut of_each, mut homeless) = (BTreeMap::<String, Vec<String>>::new(), Vec::new());
    for (note, named) in skipped {
        let mut at_home: Vec<&String> = taken_in.iter().copied().filter(|name| named.contains(*name)).collect();
        if at_home.is_empty() && taken_in.len() == 1 {
            at_home = taken_in.to_vec();
        }
        if at_home.is_empty() {
            homeless.push(note);
            continue;
        }
        for name in at_home {
            of_each.entry(name.clone()).or_default().push(note.clone());
        }
    }
    (of_each, homeless)
}

/// The ecosystems that a record names which cannot be read as a whole.
fn named(record: &[u8]) -> BTreeSet<String> {
    const KEY: &[u8] = b"\"ecosystem\"";
    const LONGEST: usize = 100;
    let mut names = BTreeSet::new();
    for (at, _) in record.windows(KEY.len()).enumerate().filter(|(_, window)| *window == KEY) {
        let rest = record.get(at + KEY.len()..).unwrap_or_default().trim_ascii_start();
        let value = rest.strip_prefix(b":").map(<[u8]>::trim_ascii_start).and_then(|rest| rest.strip_prefix(b"\""));
        let name =
            value.and_then(|value| value.iter().take(LONGEST).position(|byte| *byte == b'"').map(|end| (value, end)));
        let name = name.and_then(|(value, end)| std::str::from_utf8(value.get(..end)?).ok());
        if let Some(name) = name.map(ecosystem::base).filter(|name| ecosystem::is_name(name)) {
            names.insert(name.to_owned());
        }
        if names.len() >= ECOSYSTEMS {
            break;
        }
    }
    names
}

impl ingest::Sink for Sorter {
    fn taken(&self) -> usize {
        self.taken
    }

    fn take(&mut self, entry: Entry) -> Result<(), AdvisoryError> {
        self.taken += 1;
        let mut names: Vec<String> =
            entry.affected.iter().map(|item| ecosystem::base(&item.ecosystem).to_owned()).collect();
        names.sort_unstable();
        names.dedup();
        if let Some(only) = &self.only {
            if names.is_empty() {
                self.of_none.push(entry);
            } else if !names.contains(only) {
                self.mixed = true;
            } else if let Some(compiler) = self.compilers.get_mut(only) {
                compiler.add(&entry)?;
            }
            return Ok(());
        }
        for name in &names {
            if self.compilers.len() >= ECOSYSTEMS && !self.compilers.contains_key(name) {
                self.beyond += 1;
                continue;
            }
            self.compilers.entry(name.clone()).or_insert_with(|| Compiler::new(name)).add(&entry)?;
        }
        match names.as_slice() {
            [only] => {
                self.at_home.insert(only.clone());
            }
            [] => {}
            _ => {
                self.together.insert(names);
            }
        }
        Ok(())
    }

    fn skip(&mut self, note: String, record: &[u8]) {
        self.skipped.push((note, named(record)));
    }
}
