//! Index files that are cut off, damaged or forged: they are refused or read as far as they hold, without a panic.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may end in a panic")]

mod faulty;

use std::path::{Path, PathBuf};

use faulty::{Mirror, id};
use keelguard_advisory::AdvisoryError;
use keelguard_advisory::index::{Compiler, Index};
use keelguard_advisory::ingest::{self, IngestLimits};
use keelguard_advisory::matching::Database;
use keelguard_model::image::{Os, Package, PackageKind};
use sha2::{Digest, Sha256};

/// Bytes before the digest of the header, and the header with it: the layout of format 1.
const CHECKED: usize = 168;
const HEADER: usize = 200;
const SECTIONS: std::ops::Range<usize> = 24..136;

/// A whole index of 40 records.
fn whole(folder: &Path) -> Vec<u8> {
    let archive = folder.join("all.zip");
    let (_, bytes) = Mirror::new("Debian", 40).files().remove(0);
    std::fs::write(&archive, bytes).unwrap();
    let mut compiler = Compiler::new("Debian");
    ingest::zip(&mut compiler, &archive, &IngestLimits::default()).unwrap();
    compiler.finish().unwrap()
}

/// Each file under a name of its own: an index that someone has open is never written to.
struct Folder {
    folder: tempfile::TempDir,
    count: usize,
}

impl Folder {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), count: 0 }
    }

    fn put(&mut self, bytes: &[u8]) -> PathBuf {
        let folder = self.folder.path().join(self.count.to_string());
        self.count += 1;
        std::fs::create_dir(&folder).unwrap();
        let path = folder.join("Debian.index");
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

/// Reads everything that there is to read. Gives the number of texts seen, so that nothing is left out as unused.
fn read(path: &Path, index: &Index) -> usize {
    let mut seen = usize::from(index.verify().is_ok());
    for at in 0..40 {
        for hit in index.lookup(&format!("package-{at}")) {
            seen += hit.name().len() + hit.ecosystem().len() + hit.vectors().count() + hit.versions().count();
            seen += hit.ranges().map(|(_, events)| events.len()).sum::<usize>() + usize::from(hit.word().is_some());
            seen += hit.record().map_or(0, |record| record.summary().len());
        }
        seen += index.record(&id(at)).map_or(0, |record| record.id().len() + usize::from(record.withdrawn()));
    }
    for record in index.records().take(1000) {
        seen += record.aliases().chain(record.upstream()).chain(record.related()).chain(record.vectors()).count();
        seen += record.modified().len() + usize::from(record.word().is_some());
    }
    // Each list may reach to the end of the file, so that the first few are enough to walk over all of it.
    seen += index.entries().take(5).map(|entry| entry.affected.len()).sum::<usize>();
    let package = Package {
        purl: "pkg:deb/debian/package-7@1.0".into(),
        name: "package-7".into(),
        version: "1.0".into(),
        kind: PackageKind::Deb,
        source: None,
        paths: Vec::new(),
        layer: None,
        owner: None,
    };
    let os = Os { id: "debian".into(), version: "12".into(), ecosystem: Some("Debian:12".into()) };
    seen + Database::open(path.parent().unwrap(), &["Debian"]).lookup(&package, Some(&os)).len()
}

/// Numbers that are the same at each run.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % below
    }
}

#[test]
fn an_index_that_was_cut_off_is_refused_at_every_length() {
    let mut folder = Folder::new();
    let bytes = whole(folder.folder.path());
    let lengths = (0..HEADER + 2).chain((HEADER + 2..bytes.len()).step_by(211)).chain([bytes.len() - 1]);
    for length in lengths {
        let error = Index::open(&folder.put(&bytes[..length])).unwrap_err();
        assert!(matches!(error, AdvisoryError::BadIndex { .. }), "{length}: {error}");
    }
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(matches!(Index::open(&folder.put(&longer)), Err(AdvisoryError::BadIndex { .. })));
    let path = folder.put(&bytes);
    assert!(read(&path, &Index::open(&path).unwrap()) > 40 * 30);
}

#[test]
fn a_header_with_one_wrong_byte_is_refused() {
    let mut folder = Folder::new();
    let bytes = whole(folder.folder.path());
    for at in 0..HEADER {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x41;
        let error = Index::open(&folder.put(&damaged)).unwrap_err();
        assert!(matches!(error, AdvisoryError::BadIndex { .. }), "{at}: {error}");
    }
}

#[test]
fn wrong_bytes_behind_the_header_are_noticed_and_read_without_a_panic() {
    let mut folder = Folder::new();
    let bytes = whole(folder.folder.path());
    let mut dice = Dice(7);
    for round in 0..400 {
        let mut damaged = bytes.clone();
        for _ in 0..=round % 40 {
            let at = HEADER + dice.throw(bytes.len() - HEADER);
            damaged[at] ^= u8::try_from(1 + dice.throw(255)).unwrap();
        }
        if damaged == bytes {
            continue;
        }
        let path = folder.put(&damaged);
        match Index::open(&path) {
            Ok(index) => {
                read(&path, &index);
                assert!(index.verify().is_err(), "round {round}");
            }
            Err(error) => assert!(matches!(error, AdvisoryError::BadIndex { .. }), "{error}"),
        }
    }
}

#[test]
fn every_number_may_be_forged_to_the_largest_without_a_panic_or_an_endless_walk() {
    let mut folder = Folder::new();
    let bytes = whole(folder.folder.path());
    // Behind the description, all sections but the last are numbers.
    let number = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
    let buckets = usize::try_from(number(SECTIONS.start + 16)).unwrap();
    for value in [u32::MAX, u32::MAX - 1, 1 << 31, 1] {
        let mut forged = bytes.clone();
        for at in (buckets..bytes.len() - 4).step_by(4) {
            forged[at..at + 4].copy_from_slice(&value.to_le_bytes());
        }
        let path = folder.put(&forged);
        read(&path, &Index::open(&path).unwrap());
        for at in (buckets..bytes.len() - 4).step_by(4 * 37) {
            let mut forged = bytes.clone();
            forged[at..at + 4].copy_from_slice(&value.to_le_bytes());
            let path = folder.put(&forged);
            read(&path, &Index::open(&path).unwrap());
        }
    }
}

#[test]
fn a_forged_table_of_sections_with_the_right_digest_is_refused_or_read_without_a_panic() {
    let mut folder = Folder::new();
    let bytes = whole(folder.folder.path());
    let mut dice = Dice(11);
    let (mut refused, mut opened) = (0, 0);
    for round in 0..400 {
        let mut forged = bytes.clone();
        // The description stays where it is in most rounds; otherwise hardly a forged file would open.
        let first = if round % 8 == 0 { 0 } else { 2 };
        for _ in 0..=round % 3 {
            let at = SECTIONS.start + 8 * (first + dice.throw(14 - first));
            let value = match dice.throw(4) {
                0 => u64::MAX - dice.throw(64) as u64,
                1 => dice.throw(64) as u64,
                _ => dice.throw(bytes.len()) as u64,
            };
            forged[at..at + 8].copy_from_slice(&value.to_le_bytes());
        }
        let digest = Sha256::digest(&forged[..CHECKED]);
        forged[CHECKED..HEADER].copy_from_slice(&digest);
        let path = folder.put(&forged);
        match Index::open(&path) {
            Ok(index) => {
                read(&path, &index);
                opened += 1;
            }
            Err(error) => {
                assert!(matches!(error, AdvisoryError::BadIndex { .. }), "{error}");
                refused += 1;
            }
        }
    }
    assert!(refused > 50 && opened > 50, "{refused} refused, {opened} opened");
}

#[test]
fn an_empty_file_or_a_folder_is_no_index() {
    let mut folder = Folder::new();
    assert!(matches!(Index::open(&folder.put(b"")), Err(AdvisoryError::BadIndex { .. })));
    assert!(matches!(Index::open(folder.folder.path()), Err(AdvisoryError::File { .. })));
}
