//! The chain holds against whoever may write to the file.

use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;

fn written(count: u64) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log/keelguard.jsonl");
    for number in 0..count {
        append(&path, "check", serde_json::json!({ "number": number }), "2026-11-24T08:00:00Z".parse().unwrap())
            .unwrap();
    }
    (folder, path)
}

fn problems(path: &Path, expected: Option<Hash>) -> Vec<String> {
    let verified = verify(path, expected, &mut |_, _| {}).unwrap();
    verified.problems.iter().map(ToString::to_string).collect()
}

fn lines(path: &Path) -> Vec<String> {
    std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
}

fn put(path: &Path, lines: &[String]) {
    std::fs::write(path, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn whichever_records_are_taken_out_are_missed(at in 0usize..20, count in 1usize..20) {
        let (_folder, path) = written(20);
        prop_assert_eq!(problems(&path, None), Vec::<String>::new());
        let mut kept = lines(&path);
        kept.drain(at..(at + count).min(20));
        put(&path, &kept);
        prop_assert!(!problems(&path, None).is_empty());
    }

    #[test]
    fn whichever_byte_is_changed_is_noticed(at in 0usize..3000, bit in 0u8..8) {
        let (_folder, path) = written(10);
        let mut bytes = std::fs::read(&path).unwrap();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        std::fs::write(&path, &bytes).unwrap();
        let verified = verify(&path, None, &mut |_, _| {}).unwrap();
        prop_assert!(verified.count > 0 || verified.torn > 0);
    }

    #[test]
    fn records_that_change_places_are_noticed(one in 0usize..10, other in 0usize..10) {
        prop_assume!(one != other);
        let (_folder, path) = written(10);
        let mut moved = lines(&path);
        moved.swap(one, other);
        put(&path, &moved);
        prop_assert!(!problems(&path, None).is_empty());
    }
}

#[test]
fn what_happened_is_said() {
    let (_folder, path) = written(10);
    let whole = lines(&path);
    let without = |range: std::ops::Range<usize>| {
        let mut kept = whole.clone();
        kept.drain(range);
        put(&path, &kept);
        problems(&path, None)
    };
    assert_eq!(without(3..5), ["records 4 to 5 are missing"]);
    assert_eq!(without(8..10), ["it ends with record 8, and 10 were written"]);
    assert_eq!(without(0..1), ["record 1 is missing"]);
    assert_eq!(without(0..10), ["it ends with record 0, and 10 were written"]);
    let mut edited = whole.clone();
    edited[4] = edited[4].replace("\"number\":4", "\"number\":5");
    put(&path, &edited);
    assert_eq!(problems(&path, None), ["record 6 does not follow from the one before it: one of the two was changed"]);
    put(&path, &whole);
    std::fs::remove_file(path.with_file_name("keelguard.jsonl.head")).unwrap();
    assert_eq!(problems(&path, None), ["what is kept apart of its last record (.head) is gone or damaged"]);
}

#[test]
fn a_chain_that_was_made_anew_is_noticed_by_whoever_noted_a_hash_elsewhere() {
    let (folder, path) = written(5);
    let noted = verify(&path, None, &mut |_, _| {}).unwrap().last;
    append(&path, "check", serde_json::Value::Null, "2026-11-24T09:00:00Z".parse().unwrap()).unwrap();
    assert_eq!(problems(&path, noted), Vec::<String>::new(), "older than the last");
    std::fs::remove_dir_all(folder.path().join("log")).unwrap();
    append(&path, "check", serde_json::Value::Null, "2026-11-24T09:00:00Z".parse().unwrap()).unwrap();
    assert_eq!(problems(&path, None), Vec::<String>::new());
    let noted = noted.unwrap();
    assert_eq!(
        problems(&path, Some(noted)),
        [format!("the record {noted} is not in it: the chain was made anew, or cut before it")]
    );
}

#[test]
fn a_log_that_was_emptied_goes_on_with_a_hole_that_stays_to_be_seen() {
    let (_folder, path) = written(5);
    std::fs::write(&path, "").unwrap();
    append(&path, "check", serde_json::Value::Null, "2026-11-24T09:00:00Z".parse().unwrap()).unwrap();
    assert_eq!(problems(&path, None), ["records 1 to 5 are missing"]);
}

#[test]
fn what_a_writer_that_died_left_is_mended_by_the_next() {
    let (_folder, path) = written(5);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.extend_from_slice(b"{\"sequence\":6,\"ti");
    std::fs::write(&path, &bytes).unwrap();
    let verified = verify(&path, None, &mut |_, _| {}).unwrap();
    assert_eq!((verified.count, verified.torn), (0, 17));
    append(&path, "check", serde_json::Value::Null, "2026-11-24T09:00:00Z".parse().unwrap()).unwrap();
    let mut torn = Vec::new();
    let verified = verify(&path, None, &mut |record, _| torn.extend(record.torn)).unwrap();
    assert_eq!((verified.count, verified.records, torn), (0, 6, vec![17]));
}

#[test]
fn two_writers_at_once_make_one_chain() {
    let (_folder, path) = written(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..25 {
                    append(&path, "check", serde_json::Value::Null, "2026-11-24T09:00:00Z".parse().unwrap()).unwrap();
                }
            });
        }
    });
    let verified = verify(&path, None, &mut |_, _| {}).unwrap();
    assert_eq!((verified.records, verified.count), (100, 0));
}

#[test]
fn a_full_disk_leaves_the_chain_whole() {
    // /dev/full takes nothing.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keelguard.jsonl");
    std::os::unix::fs::symlink("/dev/full", &path).unwrap();
    let error = append(&path, "check", serde_json::Value::Null, "2026-11-24T09:00:00Z".parse().unwrap()).unwrap_err();
    assert!(error.to_string().starts_with("write to ") || error.to_string().starts_with("read "), "{error}");
}
