//! Reading a catalogue. The file is our own, yet nothing here trusts its lengths.

use super::columns::COLUMNS;
use super::format::{Entry, FORMAT, Header};

/// The largest content that is decoded, in bytes; the real one has less than two million.
const MOST: usize = 16 << 20;

/// A service that nobody has looked at yet.
#[derive(Debug)]
pub(super) struct Row {
    /// What the index says of it.
    pub(super) entry: Entry<'static>,
    /// Its part of each column.
    pub(super) parts: [&'static [u8]; COLUMNS],
}

/// A catalogue whose content is decompressed and whose index is read.
#[derive(Debug)]
pub(super) struct Contents {
    /// The first line.
    pub(super) header: Header,
    /// The services, ordered by prefix.
    pub(super) services: Vec<Row>,
}

/// The file's first line, and what follows it.
pub(super) fn header(file: &[u8]) -> Result<(Header, &[u8]), String> {
    let end = file.iter().position(|byte| *byte == b'\n').ok_or("its first line does not end")?;
    let (line, rest) = file.split_at(end);
    let header: Header = serde_json::from_slice(line).map_err(|error| format!("its first line: {error}"))?;
    if header.format != FORMAT {
        return Err(format!("its format is {:?}, not {FORMAT}", header.format));
    }
    Ok((header, rest.get(1..).unwrap_or_default()))
}

/// Decompresses a catalogue and reads its index. The content stays in memory until the process ends.
pub(super) fn contents(file: &[u8]) -> Result<Contents, String> {
    let (header, frame) = header(file)?;
    if header.length > MOST {
        return Err(format!("it says that it has {} bytes of content, more than {MOST}", header.length));
    }
    let content = zstd::bulk::decompress(frame, header.length).map_err(|error| format!("its frame: {error}"))?;
    if content.len() != header.length {
        return Err(format!("it has {} bytes of content and says {}", content.len(), header.length));
    }
    let content: &'static [u8] = Box::leak(content.into_boxed_slice());
    let (length, rest) = content.split_first_chunk::<4>().ok_or("it has no index")?;
    let (index, mut rest) = usize::try_from(u32::from_le_bytes(*length))
        .ok()
        .and_then(|length| rest.split_at_checked(length))
        .ok_or("its index is cut off")?;
    let index: Vec<Entry<'static>> = postcard::from_bytes(index).map_err(|error| format!("its index: {error}"))?;
    let mut services: Vec<Row> = index.into_iter().map(|entry| Row { entry, parts: [&[]; COLUMNS] }).collect();
    for column in 0..COLUMNS {
        for Row { entry, parts } in &mut services {
            let length = entry.lengths.get(column).and_then(|length| usize::try_from(*length).ok());
            let cut_off = || format!("{} is cut off", entry.prefix);
            let (part, after) = length.and_then(|length| rest.split_at_checked(length)).ok_or_else(cut_off)?;
            if let Some(place) = parts.get_mut(column) {
                *place = part;
            }
            rest = after;
        }
    }
    if !services.is_sorted_by(|left, right| left.entry.prefix < right.entry.prefix) {
        return Err("its services are out of order".to_owned());
    }
    Ok(Contents { header, services })
}

/// Compresses services, ordered by their prefixes, to a catalogue: its first line and what follows.
pub fn write(mut header: Header, services: &[super::Service<'_>]) -> Result<Vec<u8>, String> {
    let wrong = |error: postcard::Error| error.to_string();
    let mut index = Vec::new();
    let mut columns: [Vec<u8>; COLUMNS] = Default::default();
    for service in services {
        let parts = super::columns::encode(service).map_err(wrong)?;
        let mut lengths = [0; COLUMNS];
        for ((part, column), length) in parts.iter().zip(&mut columns).zip(&mut lengths) {
            *length = u32::try_from(part.len()).map_err(|error| error.to_string())?;
            column.extend_from_slice(part);
        }
        index.push(Entry { prefix: service.prefix, title: service.title, rcp: service.rcp, lengths });
    }
    let index = postcard::to_stdvec(&index).map_err(wrong)?;
    let mut content = u32::try_from(index.len()).map_err(|error| error.to_string())?.to_le_bytes().to_vec();
    content.extend(index);
    content.extend(columns.concat());
    header.length = content.len();
    let mut file = serde_json::to_vec(&header).map_err(|error| error.to_string())?;
    file.push(b'\n');
    file.extend(zstd::bulk::compress(&content, 22).map_err(|error| error.to_string())?);
    Ok(file)
}
