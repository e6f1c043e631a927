//! `modified_id.csv`: which records there are, and when each was changed last.

use std::collections::HashMap;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::index::Index;
use crate::{AdvisoryError, osv};

/// Bytes of a list; npm's had some 10 MB in 2025.
pub(super) const BYTES: u64 = 256 << 20;

/// What there is at the source.
#[derive(Debug)]
pub(super) struct Listing<'text> {
    /// Digest of the list, to see without reading that nothing has changed.
    pub(super) digest: String,
    changed: HashMap<&'text str, &'text str>,
    dated: usize,
}

/// What is to be done to have what the source has.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) changed: Vec<String>,
    pub(super) removed: Vec<String>,
}

impl<'text> Listing<'text> {
    pub(super) fn read(bytes: &'text [u8], url: &str) -> Result<Self, AdvisoryError> {
        let text = std::str::from_utf8(bytes).map_err(|error| AdvisoryError::garbage(url, error))?;
        let mut changed = HashMap::new();
        let mut dated = 0;
        for line in text.lines().filter(|line| !line.is_empty()) {
            let Some((time, id)) = line.split_once(',').filter(|(_, id)| osv::is_id(id)) else {
                let line = crate::error::shortened(line);
                return Err(AdvisoryError::garbage(url, format_args!("{line:?} is no time and id")));
            };
            dated += usize::from(moment(time).is_some());
            changed.insert(id, time);
        }
        if changed.is_empty() {
            return Err(AdvisoryError::garbage(url, "it lists nothing"));
        }
        let digest = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { digest, changed, dated })
    }

    pub(super) fn len(&self) -> usize {
        self.changed.len()
    }

    /// Whether the times say anything: Go's records are all of the year 1, and then only the archive itself shows a change.
    pub(super) fn is_dated(&self) -> bool {
        self.dated.saturating_mul(10) >= self.changed.len().saturating_mul(9)
    }

    /// The ids of records that are unknown or were changed at another time.
    pub(super) fn newer<'known>(
        &self,
        known: impl Fn(&str) -> Option<&'known str>,
    ) -> impl Iterator<Item = &'text str> {
        self.changed.iter().filter_map(move |(id, time)| {
            let same = |old: &str| old == *time || moment(old) == moment(time);
            (!known(id).is_some_and(same)).then_some(*id)
        })
    }

    pub(super) fn difference(&self, index: &Index) -> Difference {
        let changed = self.newer(|id| index.record(id).map(|record| record.modified()));
        let mut difference = Difference { changed: changed.map(str::to_owned).collect(), removed: Vec::new() };
        let gone = index.records().map(|record| record.id()).filter(|id| !self.changed.contains_key(id));
        difference.removed = gone.map(str::to_owned).collect();
        difference.changed.sort_unstable();
        difference
    }
}

/// The second, if it is a plausible one: some databases write the year 1 where they do not know.
fn moment(time: &str) -> Option<i64> {
    const YEAR_1990: i64 = 631_152_000;
    time.parse::<Timestamp>().ok().map(Timestamp::as_second).filter(|second| *second >= YEAR_1990)
}
