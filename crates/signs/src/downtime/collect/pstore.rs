//! What a dying kernel left behind: `/sys/fs/pstore`, and where systemd puts it away.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::downtime::event::{Channel, Happening};
use crate::downtime::parse::{self, Around};

const PLACES: [&str; 2] = ["sys/fs/pstore", "var/lib/systemd/pstore"];
/// Records that are read; a machine that panicked more often has said enough.
const MOST: usize = 200;
const LARGEST: u64 = 1 << 20;

/// The panics and oopses of kernels that ran before this one.
pub fn kept_by_kernel(root: &Path) -> Vec<Happening> {
    let mut files = Vec::new();
    for place in PLACES {
        files_below(&root.join(place), 2, &mut files);
    }
    files.sort();
    files.truncate(MOST);
    files.iter().filter_map(|file| of_file(file)).collect()
}

fn files_below(folder: &Path, depth: u8, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()).take(MOST * 4) {
        let Ok(meta) = std::fs::symlink_metadata(&path) else { continue };
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if meta.is_dir() && depth > 0 {
            files_below(&path, depth - 1, files);
        } else if meta.is_file() && name.starts_with("dmesg") {
            files.push(path);
        }
    }
}

/// The worst thing that one record tells of.
fn of_file(path: &Path) -> Option<Happening> {
    let file = File::open(path).ok()?;
    let modified = file.metadata().ok()?.modified().ok()?;
    let time = Timestamp::try_from(modified).ok()?.as_microsecond();
    let mut content = Vec::new();
    file.take(LARGEST).read_to_end(&mut content).ok()?;
    let mut found: Vec<Happening> = content
        .split(|byte| *byte == b'\n')
        .filter_map(|line| {
            let message = without_level(line);
            let around = Around {
                time: Some(time),
                host: None,
                program: b"kernel",
                process: None,
                channel: Channel::Kernel,
                line,
            };
            parse::read(message, &around)
        })
        .filter(|happening| parse::is_crash(happening.kind))
        .collect();
    found.sort_by_key(|happening| happening.kind);
    let mut worst = found.into_iter().next()?;
    worst.line = format!("{}: {}", path.display(), worst.line);
    Some(worst)
}

/// `<0>[ 4711.123456] `: the level stands before the stamp.
fn without_level(line: &[u8]) -> &[u8] {
    let bare = || {
        let inner = line.strip_prefix(b"<")?;
        let close = memchr::memchr(b'>', inner.get(..4).unwrap_or(inner))?;
        inner.get(close + 1..)
    };
    bare().unwrap_or(line)
}
