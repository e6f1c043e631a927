//! The form of openSUSE and SUSE: pages of slots, each of which says where in the file one header lies, in blocks of 16
//! bytes. All numbers have the lowest byte first (`lib/backend/ndb/rpmpkg.c` of rpm).

use super::bytes::le32;
use super::{Broken, Flow, Headers, read_exact};
use crate::content::Content;

/// How the file begins.
pub(super) const MAGIC: &[u8] = b"RpmP";

const PAGE: usize = 4096;
/// Bytes of a slot, and of a block.
const SLOT: usize = 16;
const BLOCK: u64 = 16;
/// Bytes before a header: magic, number of the package, generation, length.
const HEAD: usize = 16;
/// Bytes after it: checksum, length, magic.
const TAIL: u64 = 12;

/// Hands over every header.
pub(super) fn headers(content: &dyn Content, headers: &mut Headers) -> Result<(), Broken> {
    let mut page = vec![0; PAGE];
    let mut blob = Vec::new();
    let mut number = 0;
    let mut pages = 1;
    while number < pages {
        read_exact(content, number * PAGE as u64, &mut page)?;
        let mut slots = page.chunks_exact(SLOT);
        if number == 0 {
            // The first two slots are the header of the database: magic, version, generation, pages.
            match (le32(&page, 4), le32(&page, 12)) {
                (Some(0), Some(count)) => pages = u64::from(count),
                (version, _) => return Err(format!("version {} of ndb is not known", version.unwrap_or_default())),
            }
            slots.nth(1);
        }
        for slot in slots {
            if slot.get(..4) != Some(b"Slot".as_slice()) {
                return Err(format!("page {number} holds something else than slots"));
            }
            let (Some(package), Some(offset), Some(count)) = (le32(slot, 4), le32(slot, 8), le32(slot, 12)) else {
                continue;
            };
            if offset == 0 {
                continue; // free
            }
            match read(content, headers, package, u64::from(offset) * BLOCK, u64::from(count) * BLOCK, &mut blob) {
                Ok(()) if headers.header(&blob) == Flow::Stop => return Ok(()),
                Ok(()) => {}
                Err(why) => headers.broken(why),
            }
        }
        number += 1;
    }
    Ok(())
}

/// Reads the header of `package` into `blob`.
fn read(
    content: &dyn Content,
    headers: &mut Headers,
    package: u32,
    offset: u64,
    room: u64,
    blob: &mut Vec<u8>,
) -> Result<(), Broken> {
    let mut head = [0; HEAD];
    read_exact(content, offset, &mut head)?;
    if !head.starts_with(b"BlbS") || le32(&head, 4) != Some(package) {
        return Err(format!("no header of package {package} at {offset}"));
    }
    let size = le32(&head, 12).map_or(0, u64::from);
    if size + HEAD as u64 + TAIL > room {
        return Err(format!("the header of package {package} is longer than its room"));
    }
    let size = headers.admit(size)?;
    blob.clear();
    blob.resize(size, 0);
    read_exact(content, offset + HEAD as u64, blob)
}
