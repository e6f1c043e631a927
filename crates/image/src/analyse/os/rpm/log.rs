//! The log beside an SQLite database: changes that are not yet in it. They are not applied, only reported
//! (<https://www.sqlite.org/fileformat2.html>, section 4).

use super::bytes::be32;
use super::read_exact;
use crate::Limits;
use crate::analyse::{AnalyseError, Analyser, File, Found, Pattern, Scope};

/// What SQLite has not yet moved into the database.
pub(in crate::analyse::os) const LOG: Analyser = Analyser {
    name: "rpm-log",
    version: 1,
    wants: &[
        Pattern::Path("var/lib/rpm/rpmdb.sqlite-wal"),
        Pattern::Path("usr/lib/sysimage/rpm/rpmdb.sqlite-wal"),
        Pattern::Path("usr/share/rpm/rpmdb.sqlite-wal"),
    ],
    scope: Scope::Installed,
    analyse,
};

/// Either order of the checksums.
const MAGIC: [u32; 2] = [0x377f_0682, 0x377f_0683];

/// Bytes of the log's header, and of that of its first page.
const HEADERS: usize = 32 + 24;

fn analyse(file: &File<'_>, _: &Limits) -> Result<Found, AnalyseError> {
    let mut found = Found::default();
    let mut start = [0; HEADERS];
    if file.content.size() <= start.len() as u64 {
        return Ok(found);
    }
    read_exact(file.content, 0, &mut start).map_err(AnalyseError::Malformed)?;
    // A page counts where its salt is the log's: after it was moved into the database, the log gets another.
    let is_log = be32(&start, 0).is_some_and(|magic| MAGIC.contains(&magic));
    if is_log && start.get(16..24) == start.get(40..48) {
        found.incomplete.push("changes that are not yet in rpmdb.sqlite are not read".to_owned());
    }
    Ok(found)
}
