//! What files look like: a tree of folders, walked and hashed.

use std::path::Path;

use keelguard_model::{Area, Incomplete};

/// A tree as it was found.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    /// BLAKE3 over all contents, in the order of their names.
    pub root: String,
    /// Files that were read.
    pub files: u64,
    /// What could not be read.
    pub incomplete: Vec<Incomplete>,
}

/// Reads the regular files of a folder, on its own filesystem.
pub fn take(folder: &Path) -> Taken {
    let mut taken = Taken::default();
    let mut hash = blake3::Hasher::new();
    let mut rest = vec![folder.to_path_buf()];
    while let Some(path) = rest.pop() {
        let step = std::fs::symlink_metadata(&path).and_then(|meta| {
            if meta.is_dir() {
                let mut below: Vec<_> =
                    std::fs::read_dir(&path)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
                below.sort_by(|a, b| b.cmp(a));
                rest.extend(below);
            } else if meta.is_file() {
                hash.update_reader(std::fs::File::open(&path)?)?;
                taken.files += 1;
            }
            Ok(())
        });
        if let Err(error) = step {
            taken.incomplete.push(Incomplete::new(Area::Data, path.display().to_string(), error.to_string()));
        }
    }
    taken.root = hash.finalize().to_hex().to_string();
    taken
}
