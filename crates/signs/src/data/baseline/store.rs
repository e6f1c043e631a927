//! The folder of a baseline: its generations, whether they hang together, and what files looked like after the newest of them.

use std::fs::File;
use std::io::{BufReader, Read, Seek as _, SeekFrom, Take};
use std::path::{Path, PathBuf};

use super::body::{Item, Reader};
use super::seal::{self, Seal};
use super::{Error, Pin};
use crate::data::tree::{Entry, merkle::Merkle, order};

/// The most generations of one baseline.
const MOST: usize = 100_000;
/// Generations that are read at a time: the newest full one and those after it. More are never made.
const OPEN: usize = 500;

/// The folder of a baseline.
#[derive(Clone, Debug)]
pub struct Store {
    /// The folder.
    pub folder: PathBuf,
}

/// A generation, by its seal.
#[derive(Clone, Debug)]
pub struct Generation {
    /// Its file.
    pub path: PathBuf,
    /// What it says of itself.
    pub seal: Seal,
    /// By what the next one names it.
    pub hash: String,
    body: u64,
}

/// The generations, and what is wrong with them.
#[derive(Clone, Debug)]
pub struct Chain {
    /// From the first to the newest.
    pub generations: Vec<Generation>,
    /// How one can tell that somebody changed the baseline.
    pub tampered: Vec<String>,
    /// Whether what it holds was signed by somebody, so that it is worth being compared.
    pub is_usable: bool,
}

impl Chain {
    /// The newest generation.
    pub fn head(&self) -> Option<&Generation> {
        self.generations.last()
    }

    /// From the newest full generation on.
    pub fn current(&self) -> &[Generation] {
        let from = self.generations.iter().rposition(|generation| generation.seal.is_full).unwrap_or(0);
        self.generations.get(from..).unwrap_or_default()
    }
}

impl Store {
    /// The file of a generation.
    pub fn path(&self, generation: u64) -> PathBuf {
        self.folder.join(format!("{generation:06}.baseline"))
    }

    /// The numbers of the generations that are there.
    pub fn numbers(&self) -> Result<Vec<u64>, Error> {
        let failed = || Error::system("read the baseline", &self.folder);
        let entries = match std::fs::read_dir(&self.folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(failed())?,
        };
        let mut numbers = Vec::new();
        for entry in entries.take(MOST) {
            let name = entry.map_err(failed())?.file_name();
            let number: Option<u64> =
                name.to_str().and_then(|name| name.strip_suffix(".baseline")).and_then(|name| name.parse().ok());
            numbers.extend(number);
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// Reads the seals and holds them against each other, against what is pinned, and against the root that somebody kept.
    ///
    /// # Errors
    /// There is no baseline, or it cannot be read.
    pub fn chain(&self, pin: Option<&Pin>, expect: Option<&str>) -> Result<Chain, Error> {
        let numbers = self.numbers()?;
        if numbers.is_empty() && pin.is_none() && expect.is_none() {
            return Err(Error::None(self.folder.clone()));
        }
        let mut chain = Chain { generations: Vec::new(), tampered: Vec::new(), is_usable: true };
        if numbers.is_empty() {
            chain.tampered.push("all its generations are gone".to_owned());
            chain.is_usable = false;
        }
        let mut previous: Option<Generation> = None;
        for (expected, number) in (1..).zip(numbers) {
            let path = self.path(number);
            if number != expected {
                chain.tampered.push(format!("generation {expected} is missing"));
                chain.is_usable = false;
                break;
            }
            let (generation, is_signed) = match generation(&path)? {
                Ok(found) => found,
                Err(why) => {
                    chain.tampered.push(format!("generation {number} cannot be used: {why}"));
                    chain.is_usable = false;
                    break;
                }
            };
            let seal = &generation.seal;
            let before = previous.as_ref().map(|before| before.hash.clone());
            let mut wrong = None;
            if !is_signed {
                wrong = Some("its signature is not that of its key".to_owned());
            } else if seal.generation != number {
                wrong = Some(format!("it was made as generation {}", seal.generation));
            } else if seal.previous != before {
                wrong = Some("it does not follow the one before it".to_owned());
            } else if previous.as_ref().is_some_and(|before| before.seal.key != seal.key) {
                wrong = Some("it was signed by another key than the one before it".to_owned());
            } else if number == 1 && !seal.is_full {
                wrong = Some("it is the first and does not hold everything".to_owned());
            }
            if let Some(why) = wrong {
                chain.tampered.push(format!("generation {number}: {why}"));
                chain.is_usable &= is_signed;
            }
            previous = Some(generation.clone());
            chain.generations.push(generation);
        }
        hold_against(&mut chain, pin, expect);
        Ok(chain)
    }
}

/// Reads the seal at the end of a file.
fn generation(path: &Path) -> Result<Result<(Generation, bool), String>, Error> {
    let failed = || Error::system("read the baseline", path);
    let mut file = File::open(path).map_err(failed())?;
    let size = file.metadata().map_err(failed())?.len();
    let most = (seal::LONGEST + seal::SIGNATURE + 4) as u64;
    let mut length = [0; 4];
    if size < 4 {
        return Ok(Err("it is cut off".to_owned()));
    }
    file.seek(SeekFrom::End(-4)).and_then(|_| file.read_exact(&mut length)).map_err(failed())?;
    let end = (u64::from(u32::from_le_bytes(length)) + seal::SIGNATURE as u64 + 4).min(most).min(size);
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(size - end)).map_err(failed())?;
    file.take(end).read_to_end(&mut bytes).map_err(failed())?;
    Ok(seal::parse(&bytes).map(|parsed| {
        let body = size - parsed.length as u64;
        (Generation { path: path.to_path_buf(), seal: parsed.seal, hash: parsed.hash, body }, parsed.is_signed)
    }))
}

fn hold_against(chain: &mut Chain, pin: Option<&Pin>, expect: Option<&str>) {
    let Some(head) = chain.generations.last() else { return };
    let (newest, root, key) = (head.seal.generation, head.seal.root.clone(), head.seal.key.clone());
    if let Some(pin) = pin {
        let index = usize::try_from(pin.generation).ok().and_then(|number| number.checked_sub(1));
        let pinned = index.and_then(|index| chain.generations.get(index));
        if key != pin.key {
            let short = |key: &str| key.chars().take(16).collect::<String>();
            let (key, pinned) = (short(&key), short(&pin.key));
            chain.tampered.push(format!("it is signed by the key {key}…, and the key that was pinned is {pinned}…"));
        } else if newest < pin.generation {
            chain.tampered.push(format!(
                "generation {} was made on {}, and the newest that is there is {newest}: it was rolled back or cut off",
                pin.generation,
                pin.made.strftime("%Y-%m-%d %H:%M UTC"),
            ));
        } else if pinned.is_none_or(|pinned| pinned.hash != pin.seal) {
            chain
                .tampered
                .push(format!("generation {} is not the one that was pinned when it was made", pin.generation));
        }
    }
    if let Some(expect) = expect
        && !root.eq_ignore_ascii_case(expect.trim())
    {
        chain.tampered.push(format!("its root is {root}, and not the one that was expected, {}", expect.trim()));
    }
}

struct Source {
    reader: Reader<Take<BufReader<File>>>,
    item: Option<Item>,
    path: PathBuf,
    body: String,
}

/// All files after the newest generation, in order. At the end everything that was read is held against what was signed: until
/// then nothing of it is to be relied on.
pub struct States {
    /// The newest generation first: of two items for a file its say counts.
    sources: Vec<Source>,
    roots: Vec<String>,
    tree: u16,
    merkle: Merkle,
    head: PathBuf,
    is_done: bool,
}

impl States {
    /// Those after the last of `generations`, the first of which is full.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn open(generations: &[Generation]) -> Result<Self, Error> {
        let mut sources = Vec::new();
        for generation in generations.iter().rev().take(OPEN) {
            let path = generation.path.clone();
            let failed = || Error::system("read the baseline", &path);
            let file = File::open(&path).map_err(failed())?;
            let input = BufReader::with_capacity(128 * 1024, file).take(generation.body);
            let reader = Reader::new(input).map_err(|error| damaged(&path, &error))?;
            let mut source = Source { reader, item: None, path: path.clone(), body: generation.seal.body.clone() };
            source.advance()?;
            sources.push(source);
        }
        let head = generations.last();
        let roots = head.map(|head| head.seal.trees.iter().map(|tree| tree.root.clone()).collect()).unwrap_or_default();
        let head = head.map(|head| head.path.clone()).unwrap_or_default();
        Ok(Self { sources, roots, tree: 0, merkle: Merkle::default(), head, is_done: false })
    }

    /// The next file, with the number of its tree.
    ///
    /// # Errors
    /// It cannot be read, or is not what was signed.
    #[expect(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Option<(u16, Entry)>, Error> {
        loop {
            let Some(item) = self.take()? else {
                if !std::mem::replace(&mut self.is_done, true) {
                    self.end()?;
                }
                return Ok(None);
            };
            let Some(record) = item.record else { continue };
            let entry = Entry { path: item.path, record };
            while self.tree < item.tree {
                self.close()?;
            }
            self.merkle.see(&entry).map_err(|why| self.wrong(why))?;
            return Ok(Some((item.tree, entry)));
        }
    }

    /// The first item of all sources; others for the same file are older, and dropped.
    fn take(&mut self) -> Result<Option<Item>, Error> {
        let key = |item: &Item| (item.tree, item.path.clone());
        let mut first: Option<(u16, Vec<u8>)> = None;
        for item in self.sources.iter().filter_map(|source| source.item.as_ref()) {
            let is_before = first.as_ref().is_none_or(|(tree, path)| {
                item.tree.cmp(tree).then_with(|| order(&item.path, path)) == std::cmp::Ordering::Less
            });
            if is_before {
                first = Some(key(item));
            }
        }
        let Some((tree, path)) = first else { return Ok(None) };
        let mut found = None;
        for source in &mut self.sources {
            if source.item.as_ref().is_some_and(|item| item.tree == tree && item.path == path) {
                let item = source.item.take();
                found = found.or(item);
                source.advance()?;
            }
        }
        Ok(found)
    }

    fn wrong(&self, why: &str) -> Error {
        Error::Damaged { path: self.head.clone(), why: why.to_owned() }
    }

    /// The tree is at its end: its root must be the one that was signed.
    fn close(&mut self) -> Result<(), Error> {
        let root = seal::digits(&std::mem::take(&mut self.merkle).root());
        if self.roots.get(usize::from(self.tree)) != Some(&root) {
            return Err(self.wrong("what it holds is not what was signed"));
        }
        self.tree += 1;
        Ok(())
    }

    fn end(&mut self) -> Result<(), Error> {
        while usize::from(self.tree) < self.roots.len() {
            self.close()?;
        }
        for source in &self.sources {
            if source.reader.hash().as_ref() != Some(&source.body) {
                let why = "what it holds is not what was signed".to_owned();
                return Err(Error::Damaged { path: source.path.clone(), why });
            }
        }
        Ok(())
    }
}

fn damaged(path: &Path, error: &std::io::Error) -> Error {
    let why = match error.kind() {
        std::io::ErrorKind::UnexpectedEof => "it is cut off".to_owned(),
        _ => error.to_string(),
    };
    Error::Damaged { path: path.to_path_buf(), why }
}

impl Source {
    fn advance(&mut self) -> Result<(), Error> {
        self.item = self.reader.next().map_err(|error| damaged(&self.path, &error))?;
        Ok(())
    }
}
