//! One header: a count of entries, a count of bytes, the entries (tag, type, offset, count; 16 bytes each), the bytes
//! (RPM's format of packages, section "Header"). All numbers have the highest byte first. In databases the magic of
//! package files is left out.

use std::borrow::Cow;

use super::Broken;
use super::bytes::{be16, be32};

/// Tags, as in `rpmtag.h`.
pub(super) const NAME: u32 = 1000;
pub(super) const VERSION: u32 = 1001;
pub(super) const RELEASE: u32 = 1002;
pub(super) const EPOCH: u32 = 1003;
pub(super) const ARCH: u32 = 1022;
/// Whole paths, before they were split.
const OLD_FILE_NAMES: u32 = 1027;
const FILE_MODES: u32 = 1030;
pub(super) const SOURCE_RPM: u32 = 1044;
const DIR_INDEXES: u32 = 1116;
const BASE_NAMES: u32 = 1117;
const DIR_NAMES: u32 = 1118;

/// Types of values.
const INT16: u32 = 3;
const INT32: u32 = 4;
const STRING: u32 = 6;
const STRING_ARRAY: u32 = 8;
const I18N_STRING: u32 = 9;

/// Bytes of one entry.
const ENTRY: usize = 16;

/// Files of one package that are looked at.
const MAX_FILES: usize = 500_000;

/// Longest name or version, bytes: of a longer one no name is made.
const MAX_TEXT: usize = 4096;

/// Longest path that Linux opens, bytes.
const MAX_PATH: usize = 4096;

/// The format bits of a mode, and those of a folder.
const FORMAT: u16 = 0o170_000;
const FOLDER: u16 = 0o040_000;

/// A header whose frame is sound; what its entries say is checked when they are read.
pub(super) struct Header<'a> {
    entries: &'a [u8],
    data: &'a [u8],
}

struct Value<'a> {
    kind: u32,
    count: usize,
    /// From its beginning to the end of all data.
    bytes: &'a [u8],
}

impl<'a> Header<'a> {
    /// The frame.
    pub(super) fn parse(blob: &'a [u8]) -> Result<Self, Broken> {
        let short = || format!("a header of {} bytes is shorter than it says", blob.len());
        let count = |at| be32(blob, at).and_then(|count| usize::try_from(count).ok());
        let (Some(entries), Some(data)) = (count(0), count(4)) else { return Err(short()) };
        let rest = blob.get(8..).unwrap_or_default();
        let (entries, rest) =
            entries.checked_mul(ENTRY).and_then(|size| rest.split_at_checked(size)).ok_or_else(short)?;
        Ok(Self { entries, data: rest.get(..data).ok_or_else(short)? })
    }

    /// What stands under `tag`. Entries that were added at installation stand last, and replace.
    fn value(&self, tag: u32) -> Option<Value<'a>> {
        let entry = self.entries.rchunks_exact(ENTRY).find(|entry| be32(entry, 0) == Some(tag))?;
        let number = |at| be32(entry, at).and_then(|number| usize::try_from(number).ok());
        Some(Value { kind: be32(entry, 4)?, count: number(12)?, bytes: self.data.get(number(8)?..)? })
    }

    /// A text of sensible length.
    pub(super) fn string(&self, tag: u32) -> Option<Cow<'a, str>> {
        let value = self.value(tag).filter(|value| matches!(value.kind, STRING | STRING_ARRAY | I18N_STRING))?;
        let end = value.bytes.iter().take(MAX_TEXT).position(|byte| *byte == 0)?;
        Some(String::from_utf8_lossy(value.bytes.get(..end)?))
    }

    /// A number.
    pub(super) fn number(&self, tag: u32) -> Option<u32> {
        let value = self.value(tag).filter(|value| value.kind == INT32 && value.count > 0)?;
        be32(value.bytes, 0)
    }

    fn strings(&self, tag: u32) -> Option<impl Iterator<Item = &'a [u8]>> {
        let value = self.value(tag).filter(|value| value.kind == STRING_ARRAY)?;
        Some(value.bytes.split(|byte| *byte == 0).take(value.count))
    }

    /// Shows every path that is no folder. A path may be made of a folder that many share: so that a small header
    /// does not become gigabytes, all paths together are at most four times as long as the header.
    pub(super) fn paths(&self, show: &mut dyn FnMut(&str)) -> Result<(), Broken> {
        let mut budget = self.data.len().saturating_mul(4);
        let mut path = Vec::new();
        let mut emit = |folder: &[u8], name: &[u8]| {
            let size = folder.len().saturating_add(name.len());
            if size > MAX_PATH {
                return Err(format!("a path has {size} bytes"));
            }
            budget = budget.checked_sub(size).ok_or("its paths are longer than its header can hold")?;
            path.clear();
            path.extend_from_slice(folder);
            path.extend_from_slice(name);
            show(&String::from_utf8_lossy(&path));
            Ok(())
        };
        let modes = self.value(FILE_MODES).filter(|value| value.kind == INT16);
        let is_folder = |index: usize| {
            let mode = modes.as_ref().filter(|modes| index < modes.count);
            let mode = mode.and_then(|modes| be16(modes.bytes, index.checked_mul(2)?));
            mode.is_some_and(|mode| mode & FORMAT == FOLDER)
        };
        let too_many = |index: usize| match index {
            ..MAX_FILES => Ok(()),
            _ => Err(format!("it has more than {MAX_FILES} files")),
        };
        if let Some(names) = self.strings(OLD_FILE_NAMES) {
            for (index, name) in names.enumerate() {
                too_many(index)?;
                if !is_folder(index) {
                    emit(b"", name)?;
                }
            }
            return Ok(());
        }
        let (Some(names), Some(folders), Some(indexes)) =
            (self.strings(BASE_NAMES), self.strings(DIR_NAMES), self.value(DIR_INDEXES))
        else {
            return Ok(());
        };
        let folders: Vec<&[u8]> = folders.take(MAX_FILES).collect();
        for (index, name) in names.enumerate() {
            too_many(index)?;
            if is_folder(index) {
                continue;
            }
            let folder = index.checked_mul(4).and_then(|at| be32(indexes.bytes, at));
            let folder = folder.and_then(|folder| folders.get(usize::try_from(folder).ok()?));
            emit(folder.ok_or("a file lies in a folder that it does not name")?, name)?;
        }
        Ok(())
    }
}
