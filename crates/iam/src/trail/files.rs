//! Files and folders of logs, plain or packed, one at a time in memory.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use keelguard_model::{Area, Incomplete};

use super::Limits;

/// Folders within one another: CloudTrail's own are account/CloudTrail/region/year/month/day.
const MAX_DEPTH: usize = 16;

/// Shows each file's text to `see`, which may say what is wrong with it.
pub(super) fn each(
    paths: &[PathBuf],
    limits: &Limits,
    gaps: &mut Vec<Incomplete>,
    see: &mut dyn FnMut(&str, &str) -> Option<String>,
) {
    let mut files = Vec::new();
    for path in paths {
        list(path, 0, limits, &mut files, gaps);
    }
    for file in files {
        let name = file.display().to_string();
        match text(&file, limits) {
            Ok(text) => {
                if let Some(why) = see(&name, &text) {
                    gaps.push(Incomplete::new(Area::Iam, name, why));
                }
            }
            Err(why) => gaps.push(Incomplete::new(Area::Iam, name, why)),
        }
    }
}

fn list(path: &Path, depth: usize, limits: &Limits, files: &mut Vec<PathBuf>, gaps: &mut Vec<Incomplete>) {
    let mut gap = |why: String| gaps.push(Incomplete::new(Area::Iam, path.display().to_string(), why));
    let meta = match std::fs::metadata(path) {
        Ok(meta) => meta,
        Err(error) => return gap(format!("it cannot be read: {error}")),
    };
    if files.len() >= limits.files {
        if files.len() == limits.files {
            gap(format!("there are more than {} files, and no more are read", limits.files));
            files.push(path.to_path_buf());
        }
        return;
    }
    if !meta.is_dir() {
        // In a folder, digests and whatever else lies there are passed over.
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_log = [".json", ".json.gz", ".jsonl", ".jsonl.gz", ".log", ".gz"].iter().any(|end| name.ends_with(end));
        if depth == 0 || (is_log && !name.contains("_CloudTrail-Digest_")) {
            files.push(path.to_path_buf());
        }
        return;
    }
    if depth >= MAX_DEPTH {
        return gap("folders lie too deep in one another".to_owned());
    }
    match std::fs::read_dir(path) {
        Ok(entries) => {
            let mut inside: Vec<PathBuf> =
                entries.take(limits.files).filter_map(|entry| Some(entry.ok()?.path())).collect();
            inside.sort();
            // A link may lead round in a circle.
            let inside = inside.into_iter().filter(|path| !path.is_symlink());
            for path in inside {
                list(&path, depth + 1, limits, files, gaps);
            }
        }
        Err(error) => gap(format!("it cannot be read: {error}")),
    }
}

fn text(path: &Path, limits: &Limits) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("it cannot be read: {error}");
    let mut file = File::open(path).map_err(failed)?;
    let mut begin = Vec::new();
    file.by_ref().take(2).read_to_end(&mut begin).map_err(failed)?;
    let whole = std::io::Cursor::new(begin.clone()).chain(file);
    let mut bytes = Vec::new();
    let read = if begin == [0x1f, 0x8b] {
        MultiGzDecoder::new(whole).take(limits.file + 1).read_to_end(&mut bytes)
    } else {
        whole.take(limits.file + 1).read_to_end(&mut bytes)
    };
    read.map_err(|error| format!("it is damaged or cannot be read: {error}"))?;
    if bytes.len() as u64 > limits.file {
        return Err(format!("it is larger than {} MiB unpacked, and is left out", limits.file >> 20));
    }
    String::from_utf8(bytes).map_err(|_| "it is no text".to_owned())
}
