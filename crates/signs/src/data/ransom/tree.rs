//! A tree as it lies there: files whose names promise what is not in them any more, and notes beside them. What was sealed by
//! its owner with a known tool is no trace.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use keelguard_model::{Area, Finding, Incomplete, Kind, Subject, SubjectKind, rule};

use super::event::{name, shown};
use super::kinds::{ending, promise, strange_ending};
use super::lost::{How, how};
use super::notes::{Words, may_be_note, words};
use crate::data::Looked;
use crate::data::follow::{profile, text};
use crate::words::{many, when};

/// Files of one tree that are looked at.
const FILES: u64 = 2_000_000;
/// Folders within folders.
const DEEPEST: usize = 256;
/// Files that are named in a finding.
const QUOTED: usize = 5;
/// Random files in a tree that make a finding: fewer may be somebody's own.
const LEAST: usize = 3;
/// Files and notes that are remembered.
const MANY: usize = 10_000;

/// What a tree has shown so far: a state machine that files are put into.
#[derive(Clone, Debug, Default)]
pub struct Judge {
    encrypted: Vec<(String, How, i64, u32)>,
    endings: BTreeMap<String, usize>,
    notes: BTreeMap<String, (Vec<String>, Words, i64)>,
    lost: u64,
}

impl Judge {
    /// A file whose name promises something, and what it is.
    pub fn file(&mut self, path: &[u8], now: &super::Profile, changed: i64, owner: u32) {
        let Some(how) = how(None, name(path), now) else { return };
        self.lost += 1;
        if self.encrypted.len() < MANY {
            self.encrypted.push((shown(path), how, changed, owner));
        }
        if let Some(ending) = strange_ending(name(path))
            && (self.endings.len() < MANY || self.endings.contains_key(&ending))
        {
            *self.endings.entry(ending).or_default() += 1;
        }
    }

    /// A text that speaks as notes do.
    pub fn note(&mut self, path: &[u8], words: Words, changed: i64) {
        let key = shown(name(path));
        if words.is_note() && (self.notes.len() < MANY || self.notes.contains_key(&key)) {
            let (paths, ..) = self.notes.entry(key).or_insert_with(|| (Vec::new(), words, changed));
            if paths.len() < MANY {
                paths.push(shown(path));
            }
        }
    }

    /// What is to be said of the tree.
    pub fn findings(&self, tree: &str, host: &str) -> Vec<Finding> {
        let subject = || Subject::new(SubjectKind::Host, host);
        let noted =
            self.notes.values().any(|(paths, ..)| paths.len() >= LEAST) || self.lost > 0 && !self.notes.is_empty();
        let mut findings = Vec::new();
        if self.encrypted.len() >= if noted { 1 } else { LEAST } {
            let title = format!("{} in {tree} hold nothing but random bytes", many(self.lost, "file"));
            let title = if self.lost == 1 { title.replace(" hold ", " holds ") } else { title };
            let mut finding = rule::TREE_ENCRYPTED.on(subject()).title(title).about(tree);
            finding.kind = Kind::Detection;
            finding = finding.evidence("host", host).evidence("tree", tree);
            for (path, how, ..) in self.encrypted.iter().take(QUOTED) {
                finding = finding.evidence("file", format!("{path}: {}", how.words()));
            }
            if let Some((ending, count)) = self.endings.iter().max_by_key(|(_, count)| **count) {
                let several = self.endings.len();
                let value = if several == 1 || *count > several {
                    format!(".{ending} ({count})")
                } else {
                    format!("{several} different ones, such as .{ending}")
                };
                finding = finding.evidence("new ending", value);
            }
            let times = || self.encrypted.iter().map(|(_, _, at, _)| *at);
            if let (Some(first), Some(last)) = (times().min(), times().max()) {
                finding = finding.evidence("first", when(first)).evidence("last", when(last));
                finding.time = crate::words::timestamp(last);
            }
            if let Some((.., owner)) = self.encrypted.first() {
                finding = finding.evidence("owner of the files", format!("uid {owner}"));
            }
            findings.push(finding);
        }
        for (name, (paths, words, at)) in &self.notes {
            if paths.len() < if self.lost > 0 { 1 } else { LEAST } {
                continue;
            }
            let title = format!("The ransom note {name} lies in {} of {tree}", many(paths.len() as u64, "folder"));
            let mut finding = rule::RANSOM_NOTES.on(subject()).title(title).about(name);
            finding.kind = Kind::Detection;
            finding.time = crate::words::timestamp(*at);
            finding = finding.evidence("host", host).evidence("speaks of", words.words());
            for path in paths.iter().take(QUOTED) {
                finding = finding.evidence("file", path.clone());
            }
            findings.push(finding);
        }
        findings
    }
}

/// Walks a tree and judges it. Links are not followed, other filesystems not entered.
pub fn look(tree: &Path, host: &str) -> Looked {
    let mut looked = Looked { sources: vec![tree.display().to_string()], ..Looked::default() };
    let gap = |what: &Path, why: String| Incomplete::new(Area::Data, what.display().to_string(), why);
    let device = match std::fs::metadata(tree) {
        Ok(meta) if meta.is_dir() => meta.dev(),
        Ok(_) => {
            looked.incomplete.push(gap(tree, "it is no folder".to_owned()));
            return looked;
        }
        Err(error) => {
            looked.incomplete.push(gap(tree, format!("it cannot be read: {error}")));
            return looked;
        }
    };
    let mut judge = Judge::default();
    let mut folders: Vec<(PathBuf, usize)> = vec![(tree.to_owned(), 0)];
    let mut unread = 0u64;
    while let Some((folder, depth)) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            unread += 1;
            continue;
        };
        for entry in entries.flatten() {
            let (Ok(kind), Ok(meta)) = (entry.file_type(), entry.metadata()) else {
                // Gone in between.
                continue;
            };
            if kind.is_dir() {
                let goes_on = meta.dev() == device && depth < DEEPEST;
                unread += u64::from(depth >= DEEPEST);
                if goes_on {
                    folders.push((entry.path(), depth + 1));
                }
            } else if kind.is_file() {
                looked.lines += 1;
                if looked.lines > FILES {
                    folders.clear();
                    looked
                        .incomplete
                        .push(gap(tree, format!("only its first {FILES} files were looked at; name smaller trees")));
                    break;
                }
                unread += u64::from(!one(&mut judge, &entry.path(), &meta));
            }
        }
    }
    if unread > 0 {
        looked.incomplete.push(gap(tree, format!("{unread} folders or files in it could not be read; run as root")));
    }
    looked.findings = judge.findings(&tree.display().to_string(), host);
    looked.events = judge.lost + judge.notes.len() as u64;
    let times = || looked.findings.iter().map(|finding| finding.time);
    (looked.from, looked.to) = (times().min(), times().max());
    looked
}

/// Puts a file before the judge; false where it could not be read.
fn one(judge: &mut Judge, path: &Path, meta: &std::fs::Metadata) -> bool {
    let bytes = path.as_os_str().as_bytes();
    let own = name(bytes);
    let mut read = true;
    if promise(own).is_some() && meta.len() > 0 {
        match profile(path) {
            Some(now) => judge.file(bytes, &now, meta.mtime(), meta.uid()),
            None => read = !path.exists(),
        }
    }
    if may_be_note(own, meta.len())
        && ending(own).is_some()
        && let Some(text) = text(path)
    {
        judge.note(bytes, words(own, &text), meta.mtime());
    }
    read
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::super::content::tests::{dice, prose};
    use super::*;

    #[test]
    fn encrypted_files_and_notes_are_found_with_ending_and_time_and_archives_are_not() {
        let folder = tempfile::tempdir().unwrap();
        for part in ["a", "b", "c"] {
            let at = folder.path().join(part);
            std::fs::create_dir(&at).unwrap();
            std::fs::write(at.join("photo.jpg.crypt0r"), dice(1, 9000)).unwrap();
            std::fs::write(at.join("notes.txt"), prose(900)).unwrap();
            std::fs::write(at.join("all.tar.gz"), [b"\x1f\x8b\x08\0", &dice(2, 9000)[..]].concat()).unwrap();
            std::fs::write(
                at.join("READ_ME.txt"),
                "All your files are encrypted. Send Bitcoin, get the decryptor at x.onion.",
            )
            .unwrap();
        }
        let looked = look(folder.path(), "edge");
        let rules: Vec<_> = looked.findings.iter().map(|finding| finding.rule.as_str()).collect();
        assert_eq!(rules, ["KG-D028", "KG-D023"]);
        assert!(looked.findings[0].title.starts_with("3 files in "), "{}", looked.findings[0].title);
        assert!(looked.findings[0].evidence.iter().any(|piece| piece.value == ".crypt0r (3)"));
        assert!(looked.findings[0].time > Timestamp::UNIX_EPOCH);
        assert_eq!((looked.lines, looked.incomplete.len()), (12, 0));
    }

    #[test]
    fn a_clean_tree_says_nothing_and_a_missing_one_says_so() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..20 {
            std::fs::write(folder.path().join(format!("{number}.txt")), prose(900)).unwrap();
            std::fs::write(folder.path().join(format!("{number:064x}")), dice(number, 9000)).unwrap();
        }
        std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).unwrap();
        assert!(look(folder.path(), "edge").findings.is_empty());
        assert_eq!(look(Path::new("/nowhere"), "edge").incomplete.len(), 1);
    }
}
