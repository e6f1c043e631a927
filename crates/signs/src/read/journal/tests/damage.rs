//! Files that are cut off, overwritten or made to lead astray.

use std::collections::HashSet;

use proptest::prelude::*;

use super::made::*;

/// Each entry is one of the whole file's, in its order, with no field that it did not have.
fn is_part_of(part: &[Seen], whole: &[Seen]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|entry| {
        let is_it = |other: &&Seen| (other.seqnum, other.time, other.boot) == (entry.seqnum, entry.time, entry.boot);
        rest.find(is_it).is_some_and(|other| entry.fields.iter().all(|field| other.fields.contains(field)))
    })
}

#[test]
fn of_a_file_that_is_cut_anywhere_the_rest_is_read_and_the_loss_is_told() {
    if !can_make() {
        return;
    }
    for form in FORMS {
        let folder = tempfile::tempdir().unwrap();
        let file = make(&folder.path().join("a.journal"), form, &export(0..120));
        let bytes = std::fs::read(&file).unwrap();
        let (whole, _) = ours(&file);
        // At and in every object, in the head, and behind the last object.
        let mut cuts: Vec<usize> = (0..272).step_by(7).chain([bytes.len() - 1]).collect();
        for (number, (at, kind, size)) in objects(&bytes).into_iter().enumerate() {
            if kind != 1 || number % 9 == 0 {
                cuts.extend([at, at + 3, at + 16, at + 63.min(size - 1), at + size - 1, at + size]);
            }
        }
        let mut most = 0;
        cuts.sort_unstable();
        for cut in cuts.into_iter().rev() {
            std::fs::File::options().write(true).open(&file).unwrap().set_len(cut as u64).unwrap();
            let (part, damage) = ours(&file);
            assert!(!damage.is_empty(), "{form:?} {cut}");
            assert!(is_part_of(&part, &whole), "{form:?} {cut}");
            most = most.max(part.len());
        }
        // Behind the last object, nothing is lost.
        assert_eq!(most, whole.len());
    }
}

#[test]
fn half_a_file_gives_half_its_entries() {
    if !can_make() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = make(&folder.path().join("a.journal"), FORMS[0], &export(0..1000));
    let bytes = std::fs::read(&file).unwrap();
    let objects = objects(&bytes);
    let (middle, _, _) = objects[objects.len() / 2];
    std::fs::write(&file, &bytes[..middle]).unwrap();
    let (entries, damage) = ours(&file);
    assert!((400..600).contains(&entries.len()), "{}", entries.len());
    assert!(damage[0].starts_with("it is cut off: "), "{damage:?}");
}

#[test]
fn an_entry_that_is_overwritten_is_passed_over_and_counted() {
    if !can_make() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = make(&folder.path().join("a.journal"), FORMS[0], &export(0..100));
    let bytes = std::fs::read(&file).unwrap();
    let entries: Vec<_> = objects(&bytes).into_iter().filter(|(_, kind, _)| *kind == 3).collect();
    for (place, damage) in [
        (0, &[9][..]),
        (8, &u64::MAX.to_le_bytes()),
        (8, &3u64.to_le_bytes()),
        (24, &u64::MAX.to_le_bytes()),
        (24, &0u64.to_le_bytes()),
    ] {
        std::fs::write(&file, &bytes).unwrap();
        patch(&file, entries[20].0 + place, damage);
        let (rest, told) = ours(&file);
        assert_eq!(rest.len(), 99);
        let [told] = &*told else { panic!("{told:?}") };
        let wanted = format!("1 of its entries is damaged and was passed over; the first at byte {}: ", entries[20].0);
        assert!(told.starts_with(&wanted), "{told}");
    }
    // A field that is gone takes nothing else along.
    std::fs::write(&file, &bytes).unwrap();
    patch(&file, entries[20].0 + 64, &7u32.to_le_bytes());
    let (all, told) = ours(&file);
    assert_eq!(all.len(), 100);
    assert!(told[0].contains("fields") && told[0].contains("points to where no field can be"), "{told:?}");
}

#[test]
fn lists_that_lead_in_circles_end() {
    if !can_make() {
        return;
    }
    for form in FORMS {
        let folder = tempfile::tempdir().unwrap();
        let file = make(&folder.path().join("a.journal"), form, &export(0..100));
        let bytes = std::fs::read(&file).unwrap();
        let list = place_at(&bytes, 176);
        // The first array leads to itself: what it holds is read once.
        patch(&file, list + 16, &(list as u64).to_le_bytes());
        let (entries, told) = ours(&file);
        assert_eq!(entries.len(), 4);
        assert_eq!(
            told,
            ["its list of entries breaks off", "96 entries that its head or its list counts are not there"]
        );
        // All of its offsets are the same.
        std::fs::write(&file, &bytes).unwrap();
        let first = bytes[list + 24..list + 24 + if form.compact { 4 } else { 8 }].to_vec();
        patch(&file, list + 24, &first.repeat(4));
        let (entries, told) = ours(&file);
        assert_eq!(entries.len(), 97);
        assert!(told[0].contains("3 of its entries are damaged") && told[0].contains("leads back"), "{told:?}");
    }
}

#[test]
fn a_head_that_counts_more_than_there_is_is_told_of() {
    if !can_make() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = make(&folder.path().join("a.journal"), FORMS[0], &export(0..100));
    patch(&file, 152, &105u64.to_le_bytes());
    let (entries, told) = ours(&file);
    assert_eq!(entries.len(), 100);
    assert_eq!(told, ["5 entries that its head or its list counts are not there"]);
}

#[test]
fn bytes_that_are_overwritten_at_random_break_nothing_and_invent_no_entry() {
    if !can_make() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for form in FORMS {
        let file = make(&folder.path().join(format!("{}{}.journal", form.compact, form.packed)), form, &export(0..60));
        let bytes = std::fs::read(&file).unwrap();
        let (whole, _) = ours(&file);
        let original = |place: usize| std::slice::from_ref(&bytes[place]);
        let places: Vec<usize> = objects(&bytes)
            .into_iter()
            .filter(|(_, kind, _)| matches!(kind, 1 | 3 | 6))
            .flat_map(|(at, _, size)| (at..at + size.min(100)).step_by(3))
            .chain(80..200)
            .collect();
        let edits = prop::collection::vec((prop::sample::select(places), any::<u8>()), 1..20);
        let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(60));
        runner
            .run(&edits, |edits| {
                for (place, byte) in &edits {
                    patch(&file, *place, &[*byte]);
                }
                let (seen, _) = ours(&file);
                for (place, _) in &edits {
                    patch(&file, *place, original(*place));
                }
                prop_assert!(seen.len() <= whole.len());
                let numbers: HashSet<_> = seen.iter().map(|entry| entry.seqnum).collect();
                prop_assert!(numbers.len() + 20 >= seen.len());
                Ok(())
            })
            .unwrap();
    }
}
