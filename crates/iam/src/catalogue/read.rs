//! Reading a catalogue. The file is our own, yet nothing here trusts its lengths.

use super::format::{Entry, FORMAT, Header, Service};

/// The largest content that is decoded, in bytes; the real one has less than two million.
const MOST: usize = 16 << 20;

/// A catalogue whose content is decompressed and whose index is read.
#[derive(Debug)]
pub(super) struct Contents {
    /// The first line.
    pub(super) header: Header,
    /// Prefix and bytes of each service, ordered by prefix.
    pub(super) services: Vec<(&'static str, &'static [u8])>,
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
    let mut services = Vec::with_capacity(index.len());
    for entry in index {
        let length = usize::try_from(entry.length).unwrap_or(usize::MAX);
        let (part, after) = rest.split_at_checked(length).ok_or_else(|| format!("{} is cut off", entry.prefix))?;
        services.push((entry.prefix, part));
        rest = after;
    }
    if !services.is_sorted_by(|left, right| left.0 < right.0) {
        return Err("its services are out of order".to_owned());
    }
    Ok(Contents { header, services })
}

/// Decodes one service.
pub(super) fn service(part: &'static [u8]) -> Result<Service<'static>, String> {
    let service: Service<'static> = postcard::from_bytes(part).map_err(|error| error.to_string())?;
    let keys = |keys: &[u16]| keys.iter().all(|key| usize::from(*key) < service.keys.len());
    let sound = service.actions.iter().all(|action| {
        let on = |on: &super::On<'_>| usize::from(on.resource_type) < service.resource_types.len() && keys(&on.keys);
        keys(&action.keys) && action.resources.iter().all(on)
    }) && service.resource_types.iter().all(|resource_type| keys(&resource_type.keys));
    if !sound {
        return Err(format!("{} refers to what it does not have", service.prefix));
    }
    let lower = |name: &str| name.to_ascii_lowercase();
    if !service.actions.is_sorted_by(|left, right| lower(left.name) < lower(right.name)) {
        return Err(format!("the actions of {} are out of order", service.prefix));
    }
    Ok(service)
}
