//! Eggs: zip archives that are imported as they are. Their metadata is the entry `EGG-INFO/PKG-INFO`.

use std::io::Read;

use flate2::bufread::DeflateDecoder;
use rawzip::{CompressionMethod, ZipArchive};

use super::super::Listing;
use super::installed::describe;
use crate::Limits;
use crate::analyse::{AnalyseError, File, Found};

/// Largest metadata that is unpacked, bytes; the README in it is as long as its author likes.
const MAX_METADATA: u64 = 4 << 20;

/// The distribution in a zipped egg.
pub(in super::super) fn analyse(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let bytes = file.bytes(limits)?;
    let mut listing = Listing::new(limits);
    let archive = ZipArchive::from_slice(&bytes).map_err(AnalyseError::malformed)?;
    let mut entries = archive.entries();
    let mut left = limits.max_archive_entries;
    while let Some(entry) = entries.next_entry().map_err(AnalyseError::malformed)? {
        if left == 0 {
            listing.incomplete(format!("it has more than {} entries", limits.max_archive_entries));
            break;
        }
        left -= 1;
        if entry.file_path().as_ref() != b"EGG-INFO/PKG-INFO" {
            continue;
        }
        let stored = archive.get_entry(entry.wayfinder()).map_err(AnalyseError::malformed)?;
        let mut text = Vec::new();
        match entry.compression_method() {
            CompressionMethod::STORE => stored.data().take(MAX_METADATA).read_to_end(&mut text)?,
            CompressionMethod::DEFLATE => {
                DeflateDecoder::new(stored.data()).take(MAX_METADATA).read_to_end(&mut text)?
            }
            _ => return Err(AnalyseError::malformed("its metadata is compressed in a way that Python does not read")),
        };
        describe(&String::from_utf8_lossy(&text), &mut listing)?;
        break;
    }
    Ok(listing.done())
}
