//! Which analysers want a file: one look at its name for each of tens of thousands of entries.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::{Analyser, Pattern, binary, java, lang, os};

/// All rows, and who wants what.
pub struct Table {
    rows: Vec<&'static Analyser>,
    paths: HashMap<&'static str, Vec<usize>>,
    names: HashMap<&'static str, Vec<usize>>,
    extensions: HashMap<&'static str, Vec<usize>>,
    folders: HashMap<&'static str, Vec<(&'static str, usize)>>,
    /// By extension: folder, beginning and end.
    like: HashMap<&'static str, Vec<([&'static str; 3], usize)>>,
    below: HashMap<&'static str, Vec<(&'static str, usize)>>,
    under: HashMap<&'static str, Vec<(&'static str, usize)>>,
    executables: Vec<usize>,
}

/// The table of all analysers.
pub fn table() -> &'static Table {
    static TABLE: LazyLock<Table> = LazyLock::new(|| Table::new(rows()));
    &TABLE
}

/// Every family of analysers adds its rows here.
fn rows() -> impl Iterator<Item = &'static Analyser> {
    [os::ANALYSERS, lang::ANALYSERS, java::ANALYSERS, binary::ANALYSERS].into_iter().flatten()
}

impl Table {
    fn new(rows: impl IntoIterator<Item = &'static Analyser>) -> Self {
        let mut table = Self {
            rows: Vec::new(),
            paths: HashMap::new(),
            names: HashMap::new(),
            extensions: HashMap::new(),
            folders: HashMap::new(),
            like: HashMap::new(),
            below: HashMap::new(),
            under: HashMap::new(),
            executables: Vec::new(),
        };
        for row in rows {
            let index = table.rows.len();
            table.rows.push(row);
            for pattern in row.wants {
                match *pattern {
                    Pattern::Path(path) => table.paths.entry(path).or_default().push(index),
                    Pattern::Name(name) => table.names.entry(name).or_default().push(index),
                    Pattern::Extension(end) => table.extensions.entry(end).or_default().push(index),
                    Pattern::In(folder, end) => table.folders.entry(folder).or_default().push((end, index)),
                    Pattern::Like(folder, start, end) => {
                        let extension = end.rfind('.').and_then(|dot| end.get(dot..)).unwrap_or(end);
                        table.like.entry(extension).or_default().push(([folder, start, end], index));
                    }
                    Pattern::NameBelow(name, end) => table.below.entry(name).or_default().push((end, index)),
                    Pattern::NameUnder(name, start) => table.under.entry(name).or_default().push((start, index)),
                    Pattern::Executable => table.executables.push(index),
                }
            }
        }
        table
    }

    /// All rows.
    pub fn rows(&self) -> &[&'static Analyser] {
        &self.rows
    }

    /// The place of a row.
    pub fn place(&self, row: &'static Analyser) -> usize {
        self.rows.iter().position(|other| std::ptr::eq(*other, row)).unwrap_or(usize::MAX)
    }

    /// A number that changes whenever an analyser is added, moved or finds something else: part of the cache's key.
    pub fn version(&self) -> u64 {
        let text: Vec<String> = self.rows.iter().map(|row| format!("{}:{}", row.name, row.version)).collect();
        text.join(" ")
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }

    /// The rows that want the file at `path`, by its name alone. Each row stands in it once.
    pub fn wants(&self, path: &str) -> Vec<&'static Analyser> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let mut found: Vec<usize> = Vec::new();
        found.extend(self.paths.get(path).into_iter().flatten());
        found.extend(self.names.get(name).into_iter().flatten());
        if let Some(dot) = name.rfind('.')
            && let Some(extension) = name.get(dot..)
        {
            match self.extensions.get(extension) {
                Some(rows) => found.extend(rows),
                None if extension.bytes().any(|byte| byte.is_ascii_uppercase()) => {
                    found.extend(self.extensions.get(extension.to_ascii_lowercase().as_str()).into_iter().flatten());
                }
                None => {}
            }
            let is_in = |wanted: &str| wanted.is_empty() || folder.rsplit('/').next() == Some(wanted);
            let like =
                self.like.get(extension).into_iter().flatten().filter(|([wanted, start, end], _)| {
                    name.starts_with(start) && name.ends_with(end) && is_in(wanted)
                });
            found.extend(like.map(|(_, row)| *row));
        }
        let ends = |rows: Option<&Vec<(&str, usize)>>, text: &str| -> Vec<usize> {
            rows.into_iter().flatten().filter(|(end, _)| text.ends_with(end)).map(|(_, row)| *row).collect()
        };
        found.extend(ends(self.folders.get(folder), name));
        found.extend(ends(self.below.get(name), folder));
        let under = self.under.get(name).into_iter().flatten();
        let is_in = |start: &str| folder.strip_prefix(start).is_some_and(|rest| rest.starts_with('/'));
        found.extend(under.filter(|(start, _)| is_in(start)).map(|(_, row)| *row));
        found.sort_unstable();
        found.dedup();
        found.into_iter().filter_map(|index| self.rows.get(index).copied()).collect()
    }

    /// The paths that rows want by their whole name and that are `path` or lie below it.
    pub fn at_or_below<'path>(&self, path: &'path str) -> impl Iterator<Item = &'static str> + use<'_, 'path> {
        let is_in = move |known: &&'static str| {
            known.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.paths.keys().copied().filter(is_in)
    }

    /// The rows that want ELF files.
    pub fn executables(&self) -> impl Iterator<Item = &'static Analyser> {
        self.executables.iter().filter_map(|index| self.rows.get(*index).copied())
    }
}
