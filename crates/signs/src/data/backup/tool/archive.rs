//! Files that are backups: known by their names, read to their end to know whether they are whole.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;
use lzma_rust2::XzReader;

/// Endings of archives and dumps, packed or not.
static ENDINGS: &[&str] = &[
    "tar", "tgz", "tbz", "tbz2", "txz", "tzst", "sql", "dump", "dmp", "pgdump", "bak", "cpio", "zip", "7z", "gz", "xz",
    "zst", "bz2", "rdb", "vma",
];

/// What Debian keeps of its own in `/var/backups`, changed only when something changes.
static NO_BACKUPS: &[&str] = &["alternatives.", "apt.", "dpkg.", "passwd", "group", "shadow", "gshadow"];

/// How dumps begin, and how whole ones end.
static DUMPS: &[(&str, &str)] = &[
    ("-- MySQL dump", "-- Dump completed"),
    ("-- MariaDB dump", "-- Dump completed"),
    ("-- PostgreSQL database dump", "-- PostgreSQL database dump complete"),
    ("-- PostgreSQL database cluster dump", "-- PostgreSQL database cluster dump complete"),
];

/// The beginning and the end that are looked at.
const EDGE: usize = 4096;

/// Whether a file is called like a backup.
pub(in crate::data::backup) fn is_backup(name: &str) -> bool {
    let lower = name.to_lowercase();
    // `shop.tar.gz.1`: a rotation's number.
    let lower = lower.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    let ending = lower.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending));
    ending && !NO_BACKUPS.iter().any(|begin| lower.starts_with(begin))
}

/// A name without what counts: `shop-2026-11-24T030001.sql.gz` → `shop-#.sql.gz`.
pub(in crate::data::backup) fn stem(name: &str) -> String {
    let mut stem = String::new();
    let mut in_number = false;
    for letter in name.chars().take(200) {
        let joins = in_number && matches!(letter, 'T' | 'Z' | ':' | '-' | '_' | '+');
        if letter.is_ascii_digit() {
            if !in_number {
                stem.push('#');
            }
            in_number = true;
        } else if !joins {
            in_number = false;
            stem.push(letter);
        }
    }
    stem
}

/// Whether there is a date in the name: at least six digits, signs between them or not.
pub(in crate::data::backup) fn bears_time(name: &str) -> bool {
    let mut digits = 0;
    for letter in name.chars() {
        match letter {
            '0'..='9' => digits += 1,
            '-' | '_' | '.' | ':' | 'T' if digits > 0 => {}
            _ if digits >= 6 => break,
            _ => digits = 0,
        }
    }
    digits >= 6
}

/// Whether the file can be read to its end and ends as it should: what is wrong, else nothing.
pub(super) fn broken(path: &Path) -> io::Result<Option<String>> {
    let file = File::open(path)?;
    if file.metadata()?.len() == 0 {
        return Ok(Some("it is empty".to_owned()));
    }
    let mut reader = BufReader::with_capacity(256 << 10, file);
    let start = reader.fill_buf()?;
    let unpacked: Box<dyn Read> = match start {
        [0x1f, 0x8b, ..] => Box::new(MultiGzDecoder::new(reader)),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Box::new(zstd::stream::read::Decoder::with_buffer(reader)?),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Box::new(XzReader::new_mem_limit(reader, true, 65 << 10)),
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => Box::new(MultiBzDecoder::new(reader)),
        _ => Box::new(reader),
    };
    let (head, tail) = match edges(unpacked) {
        Ok(edges) => edges,
        Err(error) if error.kind() == io::ErrorKind::OutOfMemory => return Err(error),
        Err(error) => return Ok(Some(format!("it cannot be unpacked to its end: {error}"))),
    };
    Ok(unended(&head, &tail))
}

/// A dump that begins like one and does not end like one.
fn unended(head: &[u8], tail: &[u8]) -> Option<String> {
    let (head, tail) = (String::from_utf8_lossy(head), String::from_utf8_lossy(tail));
    let (_, end) = DUMPS.iter().find(|(begin, _)| head.lines().any(|line| line.starts_with(begin)))?;
    (!tail.contains(end)).then(|| format!("the dump broke off: it does not end with {end:?}"))
}

/// Reads to the end; the first and the last bytes are kept.
fn edges(mut from: impl Read) -> io::Result<(Vec<u8>, Vec<u8>)> {
    let (mut head, mut tail) = (Vec::new(), Vec::new());
    let mut buffer = vec![0; 128 << 10];
    loop {
        let count = match from.read(&mut buffer) {
            Ok(0) => return Ok((head, tail)),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let bytes = buffer.get(..count).unwrap_or_default();
        head.extend(bytes.iter().take(EDGE.saturating_sub(head.len())));
        tail.extend_from_slice(bytes.get(count.saturating_sub(EDGE)..).unwrap_or_default());
        tail.drain(..tail.len().saturating_sub(EDGE));
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn names_of_one_job_are_alike_and_debians_own_copies_are_no_backups() {
        assert_eq!(stem("shop-2026-11-24T03:00:01.sql.gz"), stem("shop-2026-11-23T03:00:02.sql.gz"));
        assert_ne!(stem("shop-2026-11-24.sql.gz"), stem("users-2026-11-24.sql.gz"));
        for name in ["shop-2026-11-24.sql.gz", "a.tar", "etc.tgz.1", "db.dump"] {
            assert!(is_backup(name), "{name}");
        }
        for name in ["dpkg.status.1.gz", "passwd.bak", "report.pdf", "README"] {
            assert!(!is_backup(name), "{name}");
        }
    }

    #[test]
    fn a_packed_file_that_was_cut_and_a_dump_that_broke_off_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let whole = format!("-- MySQL dump 10.13\n{}-- Dump completed on 2026-11-24\n", "INSERT;\n".repeat(50_000));
        let gzip = |text: &str| {
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            packed.write_all(text.as_bytes()).unwrap();
            packed.finish().unwrap()
        };
        let judged = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            broken(&path).unwrap()
        };
        assert_eq!(judged(whole.as_bytes()), None);
        assert_eq!(judged(&gzip(&whole)), None);
        assert_eq!(judged(&zstd::encode_all(whole.as_bytes(), 1).unwrap()), None);
        let short = |bytes: Vec<u8>| bytes[..bytes.len() - 20].to_vec();
        assert!(judged(&short(gzip(&whole))).unwrap().contains("unpacked"));
        assert!(judged(&short(zstd::encode_all(whole.as_bytes(), 1).unwrap())).unwrap().contains("unpacked"));
        assert!(judged(&gzip(&whole[..1000])).unwrap().contains("broke off"));
        assert_eq!(judged(b"").as_deref(), Some("it is empty"));
        assert_eq!(judged(b"-- my own notes"), None);
    }
}
