//! What became of files since their baseline: both are read side by side, what is different is named, what packages brought is
//! told apart, and the rest is judged.

mod compare;
mod judge;
pub mod packages;
mod places;
mod words;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::OsStr;
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use compare::{Difference, differences};
use jiff::Timestamp;
use keelguard_model::{Area, Finding, Incomplete, Kind as FindingKind, Subject, SubjectKind, rule};
use schemars::JsonSchema;
use serde::Serialize;

use super::Looked;
use super::baseline::{Chain, Change, Error, Merge, SealedTree, States};
use super::tree::{self, Content, Contents, Ended, Exclude, Kind, Options, Record, Time};

/// What a package manager says of a file that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Packed {
    /// No package brought it, or people are meant to change it.
    Unknown,
    /// It is what the package brought.
    Genuine { package: String },
    /// It is not.
    Unlike { package: String },
    /// It is gone from where packages keep their own, and packages changed.
    Departed,
    /// It is what the package says now, and the package said something else before, in the same version.
    Rewritten { package: String },
}

/// A file that is different, new or gone.
#[derive(Clone, Debug)]
struct Changed {
    tree: usize,
    /// The whole path, where it lies on the host; else below its tree.
    path: Vec<u8>,
    is_on_host: bool,
    before: Option<Record>,
    after: Option<Record>,
    differences: Vec<Difference>,
    packed: Packed,
    /// The kernel's stamp on its folder, where it is gone.
    folder_stamp: Option<Time>,
}

impl Changed {
    fn has(&self, what: &str) -> bool {
        self.differences.iter().any(|difference| difference.what == what)
    }

    fn is_time_alone(&self) -> bool {
        self.before.is_some()
            && self.after.is_some()
            && self.differences.iter().all(|difference| difference.what == "modified")
    }

    /// As it is, or as it was.
    #[expect(clippy::expect_used, reason = "made with one of them")]
    fn record(&self) -> &Record {
        self.after.as_ref().or(self.before.as_ref()).expect("a change has a file")
    }
}

/// How files are held against their baseline.
pub struct Asked<'a> {
    /// How trees are walked. With [`Contents::Skip`] contents are read only where the kernel's stamps say that something changed.
    pub options: Options,
    /// Only these trees; all where empty.
    pub only: &'a [String],
    /// Where a tree lies now, or why nobody knows.
    pub place: &'a dyn Fn(&SealedTree) -> Result<PathBuf, String>,
    /// Where packages are looked up.
    pub root: &'a Path,
    /// The host's name.
    pub host: &'a str,
    /// The time.
    pub now: Timestamp,
}

/// What is known of the baseline itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Baseline {
    /// Its newest generation.
    pub generation: u64,
    /// When that was made, RFC 3339.
    #[schemars(with = "String")]
    pub made: Timestamp,
    /// The public key that signed it.
    pub key: String,
    /// The root over all trees.
    pub root: String,
    /// How one can tell that somebody changed it; empty where nothing speaks for that.
    pub tampered: Vec<String>,
}

/// A package that brought files since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version in the baseline; none where it was not installed.
    pub before: Option<String>,
    /// Its version now.
    pub after: Option<String>,
    /// Files that changed and are what it brought.
    pub files: u64,
}

/// A file that is different, new or gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FileChange {
    /// Its tree.
    pub tree: String,
    /// Its path; bytes that are not UTF-8 as `\xff`.
    pub path: String,
    /// `added`, `removed` or `changed`.
    pub change: String,
    /// What is different.
    pub differences: Vec<Difference>,
    /// The package that brought it as it is.
    pub package: Option<String>,
}

/// What became of the files.
#[derive(Clone, Debug)]
pub struct Verified {
    /// Findings, gaps, counts.
    pub looked: Looked,
    /// The baseline.
    pub baseline: Option<Baseline>,
    /// Packages that came, went or changed, and brought files.
    pub packages: Vec<Package>,
    /// Each file, in order.
    pub changes: Vec<FileChange>,
}

/// Changes that are kept. Beyond these they are only counted.
const MOST: usize = 100_000;

/// Holds files against their baseline.
///
/// # Errors
/// The baseline cannot be read.
pub fn verify(chain: &Chain, asked: &Asked<'_>) -> Result<Verified, Error> {
    let mut verified =
        Verified { looked: Looked::default(), baseline: None, packages: Vec::new(), changes: Vec::new() };
    for why in &chain.tampered {
        verified.looked.findings.push(tampered(why, asked));
    }
    let Some(head) = chain.head() else { return Ok(verified) };
    let seal = &head.seal;
    verified.baseline = Some(Baseline {
        generation: seal.generation,
        made: seal.made,
        key: seal.key.clone(),
        root: seal.root.clone(),
        tampered: chain.tampered.clone(),
    });
    verified.looked.sources = seal.trees.iter().map(|tree| tree.name.clone()).collect();
    verified.looked.from = Some(seal.made);
    verified.looked.to = Some(asked.now);
    if !chain.is_usable {
        let why = "its baseline was tampered with, so that nothing can be held against it";
        verified.looked.incomplete.push(Incomplete::new(Area::Data, "files", why));
        return Ok(verified);
    }
    let mut changes = Vec::new();
    match compare(chain, asked, &mut changes, &mut verified.looked) {
        Ok(()) => {}
        // What was read of it until then was not what was signed: what it seemed to say is void.
        Err(Error::Damaged { why, path }) => {
            verified.looked.findings = vec![tampered(&format!("{}: {why}", path.display()), asked)];
            let why = "the baseline does not hold what was signed, so that nothing can be held against it";
            verified.looked.incomplete.push(Incomplete::new(Area::Data, "files", why));
            return Ok(verified);
        }
        Err(error) => return Err(error),
    }
    let packages = packages::inventory(asked.root);
    let on_root = |path: &[u8]| {
        path.strip_prefix(asked.root.as_os_str().as_bytes())
            .map(|path| path.strip_prefix(b"/").unwrap_or(path).to_vec())
    };
    look_up(&mut changes, &on_root, asked.root, &seal.packages, &packages);
    verified.packages = brought(&changes, &seal.packages, &packages);
    let trees: Vec<String> = seal.trees.iter().map(|tree| tree.name.clone()).collect();
    let scene = judge::Scene {
        trees: &trees,
        host: asked.host,
        since: seal.made,
        now: asked.now,
        packages_changed: seal.packages != packages,
    };
    verified.looked.findings.extend(judge::judge(&changes, &scene));
    verified.looked.events += changes.len() as u64;
    verified.changes = changes.into_iter().map(|change| told(change, &trees)).collect();
    Ok(verified)
}

fn told(change: Changed, trees: &[String]) -> FileChange {
    let kind = match (&change.before, &change.after) {
        (None, _) => "added",
        (_, None) => "removed",
        _ => "changed",
    };
    FileChange {
        tree: trees.get(change.tree).cloned().unwrap_or_default(),
        path: words::shown(&change.path),
        change: kind.to_owned(),
        differences: change.differences,
        package: if let Packed::Genuine { package } = change.packed { Some(package) } else { None },
    }
}

fn tampered(why: &str, asked: &Asked<'_>) -> Finding {
    let mut finding = rule::BASELINE_TAMPERED.on(Subject::new(SubjectKind::Host, asked.host)).about(why);
    finding.kind = FindingKind::Detection;
    finding.time = asked.now;
    finding
        .title(format!("The baseline was tampered with: {why}"))
        .evidence("host", asked.host)
        .evidence("baseline", why)
}

/// Walks the trees along the baseline.
fn compare(chain: &Chain, asked: &Asked<'_>, changes: &mut Vec<Changed>, looked: &mut Looked) -> Result<(), Error> {
    let Some(head) = chain.head() else { return Ok(()) };
    let mut merge = Merge::new(States::open(chain.current())?)?;
    let exclude = Exclude::new(head.seal.excluded.iter().map(String::as_str));
    let exclude = Arc::new(exclude.unwrap_or_else(|_| Exclude::nothing()));
    let mut beyond = 0u64;
    for (number, tree) in (0u16..).zip(&head.seal.trees) {
        if !asked.only.is_empty() && !asked.only.contains(&tree.name) {
            merge.skip(number)?;
            continue;
        }
        let place = match (asked.place)(tree) {
            Ok(place) => place,
            Err(why) => {
                looked.incomplete.push(Incomplete::new(Area::Data, &*tree.name, why));
                merge.skip(number)?;
                continue;
            }
        };
        let mut taker = Taker {
            number,
            place: &place,
            is_on_host: !tree.name.contains(':'),
            contents: asked.options.contents,
            changes,
            beyond: &mut beyond,
        };
        let options = Options { exclude: Arc::clone(&exclude), ..asked.options.clone() };
        let mut result = Ok(());
        let outcome = tree::walk(&place, &tree.path, &options, &mut |seen| {
            result = merge.see(number, seen, &mut |path, change| {
                taker.take(path, change);
                Ok(())
            });
            if result.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        result?;
        let is_gone = outcome.files == 0 && outcome.ended == Ended::Whole && !place.exists();
        let before = merge.unknown;
        if is_gone {
            // Not even the root is there: all of it is missing.
            merge.forget_blindness();
        }
        merge.end(number, outcome.ended, &mut |path, change| {
            taker.take(path, change);
            Ok(())
        })?;
        looked.lines += outcome.files;
        let name = |path: &[u8]| format!("{}/{}", tree.name.trim_end_matches('/'), words::shown(path));
        for gap in outcome.gaps.into_iter().filter(|_| !is_gone) {
            looked.incomplete.push(Incomplete::new(Area::Data, name(&gap.path).trim_end_matches('/'), gap.why));
        }
        let unknown = merge.unknown - before;
        if unknown > 0 {
            let why = format!("{unknown} files of the baseline could not be looked for");
            looked.incomplete.push(Incomplete::new(Area::Data, &*tree.name, why));
        }
        if outcome.ended == Ended::Stuck {
            let mut finding = rule::TREE_SILENT.on(Subject::new(SubjectKind::Host, asked.host)).about(&tree.name);
            finding.kind = FindingKind::Detection;
            finding.time = asked.now;
            let title = format!("The filesystem of {} does not answer", tree.name);
            looked
                .findings
                .push(finding.title(title).evidence("host", asked.host).evidence("last file", name(&outcome.last)));
        }
    }
    merge.finish()?;
    if beyond > 0 {
        let why = format!("{beyond} changes more than are kept; make the baseline anew, or verify fewer trees at once");
        looked.incomplete.push(Incomplete::new(Area::Data, "changes", why));
    }
    Ok(())
}

struct Taker<'a> {
    number: u16,
    place: &'a Path,
    is_on_host: bool,
    contents: Contents,
    changes: &'a mut Vec<Changed>,
    beyond: &'a mut u64,
}

impl Taker<'_> {
    fn whole(&self, path: &[u8]) -> PathBuf {
        if path.is_empty() { self.place.to_path_buf() } else { self.place.join(OsStr::from_bytes(path)) }
    }

    fn take(&mut self, path: &[u8], change: Change) {
        let (before, mut after) = match change {
            Change::Same(_) => return,
            Change::Added(now) => (None, Some(now)),
            Change::Removed(was) => (Some(was), None),
            Change::Changed(was, now) => (Some(was), Some(now)),
        };
        if let (Some(was), Some(now)) = (&before, &mut after)
            && self.contents == Contents::Skip
            && now.content == Content::Skipped
        {
            let stamps = |record: &Record| (record.size, record.modified, record.changed);
            now.content = if stamps(was) == stamps(now) {
                was.content.clone()
            } else {
                tree::content::digest(&self.whole(path)).map_or(Content::Unread, Content::Digest)
            };
        }
        let differences = match (&before, &after) {
            (Some(was), Some(now)) => differences(was, now),
            _ => Vec::new(),
        };
        if before.is_some() && after.is_some() && differences.is_empty() {
            return;
        }
        if self.changes.len() >= MOST {
            *self.beyond += 1;
            return;
        }
        let folder_stamp = after.is_none().then(|| self.whole(path)).and_then(|path| {
            use std::os::unix::fs::MetadataExt as _;
            let meta = path.ancestors().skip(1).find_map(|folder| folder.symlink_metadata().ok())?;
            Some(Time { second: meta.ctime(), nano: u32::try_from(meta.ctime_nsec()).unwrap_or_default() })
        });
        let path = if self.is_on_host { self.whole(path).into_os_string().into_encoded_bytes() } else { path.to_vec() };
        self.changes.push(Changed {
            tree: usize::from(self.number),
            path,
            is_on_host: self.is_on_host,
            before,
            after,
            differences,
            packed: Packed::Unknown,
            folder_stamp,
        });
    }
}

/// Asks the package managers of each file that changed, and of where each link leads: packages have no checksums of links.
fn look_up(
    changes: &mut [Changed],
    on_root: &dyn Fn(&[u8]) -> Option<Vec<u8>>,
    root: &Path,
    before: &BTreeMap<String, String>,
    now: &BTreeMap<String, String>,
) {
    let asked = |change: &Changed| {
        let path = match &change.after {
            Some(now) if now.kind == Kind::Link => target(&change.path, now)?,
            Some(now) if now.kind != Kind::File => return None,
            _ => change.path.clone(),
        };
        on_root(&path).filter(|_| change.is_on_host)
    };
    let wanted: HashSet<Vec<u8>> = changes.iter().filter_map(asked).collect();
    let owners: HashMap<Vec<u8>, packages::Owner> = packages::owners(root, &wanted);
    let version = |text: Option<&String>| {
        text.and_then(|text| text.rsplit_once(' ')).map(|(version, list)| (version.to_owned(), list.to_owned()))
    };
    for change in changes.iter_mut() {
        let Some(relative) = asked(change) else { continue };
        let Some(owner) = owners.get(&relative) else { continue };
        let package = owner.package.clone();
        let Some(after) = &change.after else {
            // A package has it, and it is gone: nobody removes what is installed but by mistake or on purpose.
            change.packed = if owner.is_config { Packed::Unknown } else { Packed::Unlike { package } };
            continue;
        };
        let is_link = after.kind == Kind::Link;
        let (was, is) = (version(before.get(&owner.package)), version(now.get(&owner.package)));
        let is_changed = was != is;
        let is_rewritten = was.zip(is).is_some_and(|(was, is)| was.0 == is.0 && was.1 != is.1);
        let touches_content =
            change.before.is_none() || ["content", "size", "kind", "target"].iter().any(|what| change.has(what));
        if !touches_content || is_link && !is_changed {
            // What became of owner and mode is another matter; and a link that moves alone is not the package's doing.
            continue;
        }
        let file = root.join(OsStr::from_bytes(&relative));
        let Ok(is_as_packed) = packages::is_as_packed(&file, &owner.checksum) else { continue };
        change.packed = match is_as_packed {
            true if is_rewritten => Packed::Rewritten { package },
            true => Packed::Genuine { package },
            false if owner.is_config || is_link => Packed::Unknown,
            false => Packed::Unlike { package },
        };
    }
    departed(changes, before, now);
    folders_of_packages(changes);
}

/// Where packages keep what is theirs, and nobody else has anything to keep.
const OF_PACKAGES: &[&str] = &[
    "/usr/bin/",
    "/usr/sbin/",
    "/usr/lib/",
    "/usr/lib64/",
    "/usr/libexec/",
    "/usr/share/",
    "/boot/",
    "/bin/",
    "/sbin/",
    "/lib/",
];

/// What a package took with it when it changed or went: no list has it any more, so that all one can say is that packages did
/// change, and that it lay where they keep their files.
fn departed(changes: &mut [Changed], before: &BTreeMap<String, String>, now: &BTreeMap<String, String>) {
    if before.iter().all(|(name, version)| now.get(name) == Some(version)) {
        return;
    }
    for change in changes {
        let is_there = OF_PACKAGES.iter().any(|folder| change.path.starts_with(folder.as_bytes()));
        if change.after.is_none() && change.packed == Packed::Unknown && change.is_on_host && is_there {
            change.packed = Packed::Departed;
        }
    }
}

/// Where a link leads, without asking the filesystem.
fn target(link: &[u8], record: &Record) -> Option<Vec<u8>> {
    let Content::Target(target) = &record.content else { return None };
    let folder = Path::new(OsStr::from_bytes(link)).parent()?;
    let mut whole = PathBuf::new();
    for part in folder.join(OsStr::from_bytes(target)).components() {
        if part == std::path::Component::ParentDir {
            whole.pop();
        } else {
            whole.push(part);
        }
    }
    Some(whole.into_os_string().into_encoded_bytes())
}

/// Folders that came only to hold what a package brought.
fn folders_of_packages(changes: &mut [Changed]) {
    let mut last: Option<(Vec<u8>, String)> = None;
    for change in changes.iter_mut().rev() {
        let is_new_folder =
            change.before.is_none() && change.after.as_ref().is_some_and(|now| now.kind == Kind::Folder);
        if let (true, Some((path, package))) = (is_new_folder, &last)
            && path.strip_prefix(change.path.as_slice()).is_some_and(|rest| rest.starts_with(b"/"))
        {
            change.packed = Packed::Genuine { package: package.clone() };
        }
        if let Packed::Genuine { package } = &change.packed
            && !is_new_folder
        {
            last = Some((change.path.clone(), package.clone()));
        }
    }
}

/// A line for each package that brought files.
fn brought(changes: &[Changed], before: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> Vec<Package> {
    let mut files: BTreeMap<&str, u64> = BTreeMap::new();
    for change in changes {
        if let Packed::Genuine { package } = &change.packed {
            *files.entry(package).or_default() += 1;
        }
    }
    let version = |text: &String| text.rsplit_once(' ').map_or_else(|| text.clone(), |(version, _)| version.to_owned());
    let package = |(name, files): (&str, u64)| Package {
        name: name.to_owned(),
        before: before.get(name).map(version),
        after: now.get(name).map(version),
        files,
    };
    files.into_iter().map(package).collect()
}
