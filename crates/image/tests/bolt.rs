//! The database of a containerd, honest and damaged. `data/containerd-meta.db.gz` was written by containerd 1.6.20: one image,
//! imported into `k8s.io` and `moby`, with sixty further names in the first (`ctr images tag`).

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may end in a panic")]

use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::FileExt as _;
use std::time::{Duration, Instant};

use keelguard_image::Limits;
use keelguard_image::source::bolt::{Bucket, Database, Item, View};
use keelguard_image::source::manifest::Platform;
use keelguard_image::source::{ContainerdRoot, SourceError};
use proptest::prelude::*;

const PAGE: usize = 4096;

fn bytes() -> Vec<u8> {
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(&include_bytes!("data/containerd-meta.db.gz")[..]).read_to_end(&mut bytes).unwrap();
    bytes
}

fn opened(bytes: &[u8]) -> (tempfile::NamedTempFile, Database) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let database = Database::open(file.path()).unwrap();
    (file, database)
}

/// Names of the images of a namespace.
fn images(view: &View<'_>, namespace: &str) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    if let Some(bucket) = view.bucket_at(&["v1", namespace, "images"])? {
        view.each(&bucket, &mut |name, _| {
            names.push(String::from_utf8_lossy(name).into_owned());
            Ok(true)
        })?;
    }
    Ok(names)
}

/// Everything there is: how many values.
fn count(view: &View<'_>, bucket: &Bucket, depth: usize) -> io::Result<usize> {
    let (mut values, mut below) = (0, Vec::new());
    view.each(bucket, &mut |_, item| {
        match item {
            Item::Value(_) => values += 1,
            Item::Bucket(bucket) => below.push(bucket),
        }
        Ok(true)
    })?;
    if depth < 12 {
        for bucket in below {
            values += count(view, &bucket, depth + 1)?;
        }
    }
    Ok(values)
}

fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3))
}

/// Counts the state of one meta page up, as a writer does when it is done.
fn commit(file: &std::fs::File, page: u64) {
    let at = page * PAGE as u64 + 16;
    let mut meta = [0; 64];
    file.read_exact_at(&mut meta, at).unwrap();
    let state = u64::from_le_bytes(meta[48..56].try_into().unwrap()) + 2;
    meta[48..56].copy_from_slice(&state.to_le_bytes());
    let sum = fnv(&meta[..56]);
    meta[56..].copy_from_slice(&sum.to_le_bytes());
    file.write_all_at(&meta, at).unwrap();
}

#[test]
fn all_names_are_read_through_branches_and_inline_buckets() {
    let (_file, database) = opened(&bytes());
    let names = database.look(|view| images(view, "k8s.io")).unwrap();
    assert_eq!(names.len(), 61);
    assert!(names.is_sorted());
    assert_eq!(database.look(|view| images(view, "moby")).unwrap(), ["docker.io/library/shop:1"]);
    assert_eq!(database.look(|view| images(view, "nothing")).unwrap(), Vec::<String>::new());
    for name in &names {
        let digest = database.look(|view| {
            let target = view.bucket_at(&["v1", "k8s.io", "images", name, "target"])?.unwrap();
            view.value(&target, "digest")
        });
        assert!(digest.unwrap().unwrap().starts_with(b"sha256:"), "{name}");
    }
    assert!(database.look(|view| count(view, &view.root(), 0)).unwrap() > 61 * 5);
}

#[test]
fn one_valid_meta_page_is_enough_and_none_is_too_few() {
    let whole = bytes();
    for page in [0, 1] {
        let mut damaged = whole.clone();
        damaged[page * PAGE + 16 + 20] ^= 1;
        let (_file, database) = opened(&damaged);
        // The older of the two lacks what came last.
        assert!(database.look(|view| images(view, "k8s.io")).unwrap().len() >= 60, "page {page}");
    }
    let mut damaged = whole;
    for page in [0, 1] {
        damaged[page * PAGE + 16 + 20] ^= 1;
    }
    let error = opened(&damaged).1.look(|view| images(view, "k8s.io")).unwrap_err();
    assert!(error.to_string().contains("no valid meta page"), "{error}");
    assert!(opened(b"").1.look(|view| images(view, "k8s.io")).is_err());
}

#[test]
fn what_changes_while_it_is_read_is_read_anew() {
    let (file, database) = opened(&bytes());
    let mut looks = 0;
    let names = database.look(|view| {
        looks += 1;
        if looks == 1 {
            (0..2).for_each(|page| commit(file.as_file(), page));
            // Whatever the writer has left there until then.
            return Err(io::Error::other("half-written"));
        }
        images(view, "k8s.io")
    });
    assert_eq!((names.unwrap().len(), looks), (61, 2));
    let restless = database.look(|_| {
        (0..2).for_each(|page| commit(file.as_file(), page));
        Ok(())
    });
    assert!(restless.unwrap_err().to_string().contains("faster than it can be read"));
}

/// Every page is a branch that leads to all pages.
#[test]
fn pages_that_lead_in_circles_end() {
    let mut damaged = bytes();
    let pages = damaged.len() / PAGE;
    for page in 2..pages {
        let start = page * PAGE;
        damaged[start..start + PAGE].fill(0);
        damaged[start..start + 8].copy_from_slice(&(page as u64).to_le_bytes());
        damaged[start + 8..start + 10].copy_from_slice(&1_u16.to_le_bytes());
        damaged[start + 10..start + 12].copy_from_slice(&200_u16.to_le_bytes());
        for child in 0..200 {
            let at = start + 16 + child * 16;
            damaged[at + 8..at + 16].copy_from_slice(&((2 + child % (pages - 2)) as u64).to_le_bytes());
        }
    }
    let begun = Instant::now();
    let (_file, database) = opened(&damaged);
    assert!(database.look(|view| count(view, &view.root(), 0)).is_err());
    assert!(begun.elapsed() < Duration::from_secs(20));
}

fn searched(bytes: &[u8]) -> Result<bool, SourceError> {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("io.containerd.metadata.v1.bolt");
    std::fs::create_dir(&place).unwrap();
    std::fs::write(place.join("meta.db"), bytes).unwrap();
    let root = ContainerdRoot::open(folder.path()).unwrap();
    root.image("nothing:1", &Platform::here(), &Limits::default()).map(|image| image.is_some())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn damage_is_an_error_or_unseen_and_never_more(
        // Where lies counts: the first sixteen bytes of a page, and its entries.
        changes in proptest::collection::vec((2..32_usize, prop_oneof![0..16_usize, 16..300_usize, 0..PAGE], any::<u8>()), 1..40),
        cut in prop_oneof![3 => Just(usize::MAX), 1 => 0..131_072_usize],
    ) {
        let mut damaged = bytes();
        for (page, at, value) in changes {
            if let Some(byte) = damaged.get_mut(page * PAGE + at) {
                *byte = value;
            }
        }
        damaged.truncate(cut);
        let begun = Instant::now();
        let (_file, database) = opened(&damaged);
        let _ = database.look(|view| count(view, &view.root(), 0));
        prop_assert!(!matches!(searched(&damaged), Ok(true)));
        prop_assert!(begun.elapsed() < Duration::from_secs(20));
    }
}
