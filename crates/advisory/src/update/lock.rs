//! One update of a folder at a time. Readers neither take nor see the lock.

use std::fs::File;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

use crate::{AdvisoryError, index};

/// Held until dropped, and by the kernel no longer than the process lives.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "is held, not used")] File);

/// Removes what a killed writer was writing: whoever holds the lock is the only one who writes.
fn sweep(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(index::is_draft) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

impl Lock {
    /// Takes the lock of a folder, which is made if need be.
    pub(crate) fn take(folder: &Path) -> Result<Self, AdvisoryError> {
        std::fs::create_dir_all(folder).map_err(AdvisoryError::file("create", folder))?;
        let path = folder.join(".lock");
        let open = File::options().create(true).truncate(false).write(true).open(&path);
        let file = open.map_err(AdvisoryError::file("open", &path))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {
                sweep(folder);
                Ok(Self(file))
            }
            Err(rustix::io::Errno::WOULDBLOCK) => Err(AdvisoryError::Busy(folder.to_owned())),
            Err(error) => Err(AdvisoryError::file("lock", &path)(error.into())),
        }
    }
}
