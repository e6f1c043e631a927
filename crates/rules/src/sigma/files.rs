//! The files of a folder of rules. Links to folders are not followed.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::error::Unusable;

/// Bytes of one file; public rules have a few kilobytes.
const MAX_FILE: u64 = 1 << 20;
/// Bytes of all files.
const MAX_ALL: u64 = 256 << 20;
/// Files.
const MAX_FILES: usize = 100_000;
/// Levels of folders.
const MAX_DEPTH: usize = 16;

/// The texts of a folder's rules in the order of their paths, and what could not be read.
pub(crate) fn read(folder: &Path) -> (Vec<(PathBuf, String)>, Vec<Unusable>) {
    let mut paths = Vec::new();
    let mut unusable = Vec::new();
    if folder.is_file() {
        paths.push(folder.to_owned());
    } else {
        walk(folder, 0, &mut paths, &mut unusable);
    }
    paths.sort();
    let mut files = Vec::new();
    let mut left = MAX_ALL;
    for path in paths {
        match text(&path, left.min(MAX_FILE)) {
            Ok(text) => {
                left = left.saturating_sub(text.len() as u64);
                files.push((path, text));
            }
            Err(reason) => unusable.push(whole(path, reason)),
        }
    }
    (files, unusable)
}

fn whole(file: PathBuf, reason: String) -> Unusable {
    Unusable { file, line: 0, title: None, reason }
}

fn walk(folder: &Path, depth: usize, paths: &mut Vec<PathBuf>, unusable: &mut Vec<Unusable>) {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return unusable.push(whole(folder.to_owned(), format!("could not be read: {error}"))),
    };
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => return unusable.push(whole(folder.to_owned(), format!("could not be read: {error}"))),
        };
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if depth >= MAX_DEPTH {
                unusable.push(whole(path, format!("lies more than {MAX_DEPTH} folders deep")));
            } else {
                walk(&path, depth + 1, paths, unusable);
            }
        } else if path.extension().is_some_and(|end| end == "yml" || end == "yaml") {
            if paths.len() >= MAX_FILES {
                return unusable.push(whole(path, format!("there are more than {MAX_FILES} files")));
            }
            paths.push(path);
        }
    }
}

fn text(path: &Path, most: u64) -> Result<String, String> {
    let unread = |error: std::io::Error| format!("could not be read: {error}");
    // Asked before it is opened: opening a pipe would wait for a writer.
    if !fs::metadata(path).map_err(unread)?.is_file() {
        return Err("is no regular file".to_owned());
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes)).map_err(unread)?;
    if bytes.len() as u64 > most {
        return Err(format!("has more than {most} bytes"));
    }
    String::from_utf8(bytes).map_err(|_| "is no UTF-8".to_owned())
}
