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
    for (mut compiler, left_out) in sorter.finish(from)? {
        let name = compiler.meta().ecosystem.clone();
        let (records, skipped) = (compiler.len() as u64, compiler.meta().skipped);
        if left_out.is_some() {
            imported.push(Imported { name, records, skipped: 0, left_out });
            continue;
        }
        let path = folder.join(ecosystem::file_name(&name));
        if let Err(why) = check_size(&compiler, Index::open(&path).ok().as_ref(), of.is_some()) {
            let left_out = Some(format!("the data at hand stays; --ecosystem {name} replaces it"));
            imported.push(Imported { name, records, skipped: 0, left_out });
            refused.get_or_insert(why);
            continue;
        }
        compiler.meta().source = from.display().to_string();
        compiler.write(&path)?;
        asked::note(&path, written)?;
        imported.push(Imported { name, records, skipped, left_out: None });
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
    skipped: Vec<String>,
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

    /// An index for each ecosystem; with by-catch, why it is left out.
    fn finish(mut self, from: &Path) -> Result<Vec<(Compiler, Option<String>)>, AdvisoryError> {
        if let Some(compiler) = self.only.as_ref().filter(|_| !self.mixed).and_then(|only| self.compilers.get_mut(only))
        {
            for entry in &self.of_none {
                compiler.add(entry)?;
            }
        }
        self.compilers.retain(|_, compiler| !compiler.is_empty());
        if self.compilers.is_empty() {
            let of = self.only.as_ref().map(|name| format!(" of {name}")).unwrap_or_default();
            let first = self.skipped.first().map_or_else(String::new, |first| format!(" (the first file: {first})"));
            let why = format!("it holds no usable OSV record{of}{first}");
            return Err(AdvisoryError::garbage(from.display().to_string(), why));
        }
        // A record is at home in that of its ecosystems which most of the records name.
        let count = |name: &String| self.compilers.get(name).map_or(0, Compiler::len);
        for names in &self.together {
            let most = names.iter().map(count).max().unwrap_or_default();
            self.at_home.extend(names.iter().filter(|name| count(name) == most).cloned());
        }
        let mut sorted = Vec::new();
        for (name, mut compiler) in self.compilers {
            compiler.meta().skipped = self.skipped.len() as u64;
            compiler.meta().notes = self.skipped.iter().take(NOTES).cloned().collect();
            let by_catch = || format!("they are about other ecosystems first; --ecosystem {name} takes them");
            let left_out = (!self.at_home.contains(&name)).then(by_catch);
            sorted.push((compiler, left_out));
        }
        if self.beyond > 0 {
            let why = format!("{} mentions of packages are of more ecosystems than {ECOSYSTEMS}", self.beyond);
            sorted.push((Compiler::new("others"), Some(why)));
        }
        Ok(sorted)
    }
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

    fn skip(&mut self, note: String) {
        self.skipped.push(note);
    }
}
