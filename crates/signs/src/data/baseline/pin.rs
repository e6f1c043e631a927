//! What is pinned apart from the baseline: the key by which it is signed, and the newest generation that was made here. Who
//! rewrites, cuts off or replaces the baseline must reach this, too; and whoever keeps the root elsewhere has a third witness.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Error;

const FORMAT: &str = "keelguard.pin/1";
const LONGEST: u64 = 64 * 1024;

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    format: String,
    /// The public key.
    pub key: String,
    /// The newest generation.
    pub generation: u64,
    /// The hash of its seal.
    pub seal: String,
    /// Its root.
    pub root: String,
    /// When it was made.
    pub made: Timestamp,
}

impl Pin {
    pub(super) fn new(key: String, generation: u64, seal: String, root: String, made: Timestamp) -> Self {
        Self { format: FORMAT.to_owned(), key, generation, seal, root, made }
    }

    /// Reads it; none where there is none.
    pub fn open(path: &Path) -> Result<Option<Self>, Error> {
        let failed = || Error::system("read", path);
        let file = match File::open(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(failed())?,
        };
        let mut bytes = Vec::new();
        file.take(LONGEST).read_to_end(&mut bytes).map_err(failed())?;
        let damaged =
            || Error::Damaged { path: path.to_path_buf(), why: "it pins no baseline: it is damaged".to_owned() };
        Self::parse(&bytes).map(Some).ok_or_else(damaged)
    }

    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice::<Self>(bytes).ok().filter(|pin| pin.format == FORMAT)
    }

    /// Keeps it: as a whole or not at all.
    pub fn save(&self, path: &Path) -> Result<(), Error> {
        let failed = || Error::system("write", path);
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(failed())?;
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        let permissions = std::fs::Permissions::from_mode(0o644);
        let written = tempfile::Builder::new().permissions(permissions).tempfile_in(folder).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(path).map_err(|error| error.error)
        });
        written.map(drop).map_err(failed())
    }
}
