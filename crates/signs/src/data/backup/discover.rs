//! Backups that nobody has named: repositories by what lies in them, folders of dumps by their files.

use std::collections::HashSet;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::run::within;
use super::setting::{Backup, Tool};
use super::tool::archive;

/// The most folders and entries that are looked at.
const FOLDERS: usize = 5_000;
const ENTRIES: usize = 100_000;
/// The most backups that are found.
const MOST: usize = 64;

/// Backups below `roots`, at most `depth` folders deep; what hangs is left after `time`, and said so by `None`.
pub fn discover(roots: &[PathBuf], depth: usize, time: Duration) -> Option<Vec<Backup>> {
    let roots = roots.to_vec();
    within(time, move || search(&roots, depth))
}

fn search(roots: &[PathBuf], deepest: usize) -> Vec<Backup> {
    let mut found: Vec<Backup> = Vec::new();
    let mut waiting: std::collections::VecDeque<(PathBuf, usize)> =
        roots.iter().map(|root| (root.clone(), 0)).collect();
    let (mut folders, mut entries, mut known) = (0, 0, HashSet::new());
    while let Some((folder, depth)) = waiting.pop_front() {
        let Ok(meta) = std::fs::symlink_metadata(&folder) else { continue };
        if !meta.is_dir() || !known.insert((meta.dev(), meta.ino())) {
            continue;
        }
        folders += 1;
        if folders > FOLDERS || entries > ENTRIES || found.len() >= MOST {
            break;
        }
        if let Some(tool) = repository(&folder) {
            found.push(Backup::found(tool, &folder));
            continue;
        }
        let Ok(list) = std::fs::read_dir(&folder) else { continue };
        let mut dumps = std::collections::HashMap::<String, usize>::new();
        for entry in list.filter_map(Result::ok) {
            entries += 1;
            let name = entry.file_name().to_string_lossy().into_owned();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && depth < deepest && !is_skipped(&name) => {
                    waiting.push_back((entry.path(), depth + 1));
                }
                // Only what has a time in its name and has come several times is a backup and no download.
                Ok(kind) if kind.is_file() && archive::is_backup(&name) && archive::bears_time(&name) => {
                    *dumps.entry(archive::stem(&name)).or_default() += 1;
                }
                _ => {}
            }
        }
        if dumps.values().any(|count| *count >= 3) {
            found.push(Backup::found(Tool::Folder, &folder));
        }
    }
    found
}

/// What holds no backups, or holds too much.
fn is_skipped(name: &str) -> bool {
    matches!(name, "node_modules" | ".git" | ".cache" | "proc" | "sys" | "target" | "overlay2" | "containerd")
}

/// The tool whose repository it is.
fn repository(folder: &Path) -> Option<Tool> {
    let is_folder = |name: &str| folder.join(name).is_dir();
    let config = folder.join("config");
    if config.is_file() {
        if is_folder("keys") && is_folder("snapshots") && is_folder("data") {
            return Some(Tool::Restic);
        }
        let begins = || {
            let mut start = [0; 12];
            std::fs::File::open(&config)
                .and_then(|mut file| file.read_exact(&mut start))
                .is_ok_and(|()| start == *b"[repository]")
        };
        if is_folder("data") && folder.join("README").is_file() && begins() {
            return Some(Tool::Borg);
        }
    }
    let kopia = ["kopia.repository.f", "kopia.repository"];
    kopia.iter().any(|name| folder.join(name).is_file()).then_some(Tool::Kopia)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_and_folders_of_dumps_are_found_and_downloads_are_not() {
        let root = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = root.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        for name in ["r/config", "r/keys/a", "r/snapshots/a", "r/data/a", "b/README", "b/data/0/1"] {
            write(name, "x");
        }
        write("b/config", "[repository]\nversion = 1\n");
        write("k/kopia.repository.f", "{}");
        for day in 21..24 {
            write(&format!("dumps/shop-2026-11-{day}.sql.gz"), "x");
        }
        for name in ["downloads/a-1.tar.gz", "downloads/b-2.tar.gz", "downloads/c-3.tar.gz", "x/config"] {
            write(name, "x");
        }
        std::os::unix::fs::symlink(root.path(), root.path().join("loop")).unwrap();
        let found = discover(&[root.path().to_path_buf()], 3, Duration::from_secs(30)).unwrap();
        let mut found: Vec<_> = found
            .iter()
            .map(|backup| (backup.kind, backup.place.rsplit('/').next().unwrap_or_default().to_owned()))
            .collect();
        found.sort_by(|a, b| a.1.cmp(&b.1));
        let expected = [(Tool::Borg, "b"), (Tool::Folder, "dumps"), (Tool::Kopia, "k"), (Tool::Restic, "r")];
        assert_eq!(found, expected.map(|(tool, name)| (tool, name.to_owned())));
    }
}
