use std::cell::Cell;
use std::io;

use super::header::Header;
use crate::analyse::os::testing::{analyse, data, lines, owner, torture, words};
use crate::content::Content;

const SQLITE: &str = "var/lib/rpm/rpmdb.sqlite";

/// The same five packages in every form that there is.
const FORMS: &[(&str, &str)] = &[
    ("rpm/rpmdb.sqlite.gz", SQLITE),
    ("rpm/rpmdb-512.sqlite.gz", "usr/lib/sysimage/rpm/rpmdb.sqlite"),
    ("rpm/Packages.db.gz", "usr/lib/sysimage/rpm/Packages.db"),
    ("rpm/Packages.gz", "var/lib/rpm/Packages"),
    ("rpm/Packages-big.gz", "usr/share/rpm/Packages"),
];

/// Content that counts what is read of it.
struct Counted {
    bytes: Vec<u8>,
    read: Cell<usize>,
}

impl Content for Counted {
    fn size(&self) -> u64 {
        self.bytes.size()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.read.set(self.read.get() + buffer.len());
        self.bytes.read_at(offset, buffer)
    }
}

/// A header of these entries: tag, type, count, bytes.
fn header(entries: &[(u32, u32, u32, &[u8])]) -> Vec<u8> {
    let mut data = Vec::new();
    let mut index = Vec::new();
    for (tag, kind, count, bytes) in entries {
        for number in [*tag, *kind, u32::try_from(data.len()).unwrap(), *count] {
            index.extend(number.to_be_bytes());
        }
        data.extend(*bytes);
    }
    let count = |number: usize| u32::try_from(number).unwrap().to_be_bytes();
    [count(entries.len()).as_slice(), &count(data.len()), &index, &data].concat()
}

/// The paths of a header, or why they are cut off.
fn paths(blob: &[u8]) -> Result<Vec<String>, String> {
    let mut paths = Vec::new();
    Header::parse(blob)?.paths(&mut |path| paths.push(path.to_owned()))?;
    Ok(paths)
}

#[test]
fn every_form_of_database_says_what_rpm_says() {
    for (name, path) in FORMS {
        let found = analyse(path, &data(name)).unwrap();
        assert!(found.incomplete.is_empty(), "{name}: {:?}", found.incomplete);
        let mut packages: Vec<String> = words(&found);
        packages.sort();
        let short = packages.iter().map(|words| words.splitn(4, ' ').take(3).collect::<Vec<_>>().join(" "));
        assert_eq!(short.collect::<Vec<_>>(), lines("rpm/expected"), "{name}");
        for line in lines("rpm/files") {
            let (package, file) = line.split_once(' ').unwrap();
            assert_eq!(owner(&found, file), Some(package), "{name}: {file}");
        }
        assert_eq!(found.owned.len(), lines("rpm/files").len(), "{name}: no folders");
    }
}

#[test]
fn a_source_takes_its_epoch_from_a_package_of_its_version() {
    for (name, path) in FORMS {
        let found = analyse(path, &data(name)).unwrap();
        let packages = words(&found);
        assert!(packages.contains(&"kglib 7.0-5.el9 noarch kgtool 4:1.2-3.el9".to_owned()), "{name}: {packages:?}");
        assert!(packages.contains(&"solo-pkg 0.9~rc1-1 x86_64 solo-pkg 0.9~rc1-1".to_owned()), "{name}: {packages:?}");
    }
}

#[test]
fn images_without_rpm_keep_a_table() {
    let found = analyse("var/lib/rpmmanifest/container-manifest-2", &data("rpm/container-manifest-2")).unwrap();
    assert_eq!(
        words(&found),
        [
            "solo-pkg 0.9~rc1-1 x86_64 solo-pkg 0.9~rc1-1",
            "kglib 7.0-5.el9 noarch kgtool 4:1.2-3.el9",
            "kgtool-many 4:1.2-3.el9 noarch kgtool 4:1.2-3.el9",
            "kgtool 4:1.2-3.el9 noarch kgtool 4:1.2-3.el9",
        ]
    );
    let found = analyse("var/lib/rpmmanifest/container-manifest-2", &b"bash\n\nbash\t5\n".to_vec()).unwrap();
    assert_eq!(found.incomplete, ["2 entries are broken, the first: a line has 1 fields instead of ten"]);
}

#[test]
fn changes_that_lie_beside_the_database_are_reported() {
    let path = "var/lib/rpm/rpmdb.sqlite-wal";
    let log = data("rpm/rpmdb.sqlite-wal.gz");
    assert_eq!(analyse(path, &log).unwrap().incomplete, ["changes that are not yet in rpmdb.sqlite are not read"]);
    // Empty, only begun, and begun anew over changes that are in the database by now.
    let mut anew = log.clone();
    anew[16] ^= 1;
    for nothing in [Vec::new(), log[..32].to_vec(), anew] {
        assert!(analyse(path, &nothing).unwrap().incomplete.is_empty());
    }
}

#[test]
fn what_is_no_database_is_an_error_and_not_an_empty_list() {
    assert!(analyse(SQLITE, &Vec::new()).is_err());
    assert!(analyse(SQLITE, &vec![0; 4096]).is_err());
    // The header of a database without pages.
    assert!(analyse(SQLITE, &data("rpm/rpmdb.sqlite.gz")[..4096].to_vec()).is_err());
}

#[test]
fn a_database_that_is_cut_off_says_so() {
    for (name, path) in FORMS {
        let whole = data(name);
        for part in [2, 3, 4, 5] {
            let cut = whole[..whole.len() - whole.len() / part].to_vec();
            match analyse(path, &cut) {
                Ok(found) if found.packages.len() == 4 && found.owned.len() == 102 => {}
                Ok(found) => assert!(!found.incomplete.is_empty(), "{name} cut off by one part of {part}"),
                Err(_) => {}
            }
        }
    }
}

#[test]
fn whole_paths_of_old_packages_are_read_too() {
    let blob = header(&[(1027, 8, 2, b"/usr/bin/old\0/etc/old.conf\0")]);
    assert_eq!(paths(&blob).unwrap(), ["/usr/bin/old", "/etc/old.conf"]);
}

#[test]
fn folders_are_not_files() {
    let blob = header(&[
        (1030, 3, 2, &[0o100_644_u16.to_be_bytes(), 0o040_755_u16.to_be_bytes()].concat()),
        (1116, 4, 2, &[0; 8]),
        (1117, 8, 2, b"a\0b\0"),
        (1118, 8, 1, b"/usr/\0"),
    ]);
    assert_eq!(paths(&blob).unwrap(), ["/usr/a"]);
}

#[test]
fn a_header_that_lies_about_its_counts_is_refused() {
    for (entries, size) in [(u32::MAX, 0), (0, u32::MAX), (0x1000_0000, 1), (1 << 31, 1 << 31), (1, 1)] {
        let blob = [entries.to_be_bytes(), size.to_be_bytes()].concat();
        assert!(Header::parse(&blob).is_err(), "{entries} {size}");
    }
    let far = [1_u32, 0, 1000, 6, u32::MAX, 1].map(u32::to_be_bytes).concat();
    assert_eq!(Header::parse(&far).unwrap().string(1000), None);
    let blob = header(&[(1116, 4, u32::MAX, &[0; 4]), (1117, 8, u32::MAX, b"a\0b\0"), (1118, 8, u32::MAX, b"/\0")]);
    assert_eq!(paths(&blob), Err("a file lies in a folder that it does not name".to_owned()));
}

#[test]
fn a_header_that_is_cut_off_anywhere_is_refused() {
    let blob =
        header(&[(1000, 6, 1, b"name\0\0\0\0"), (1116, 4, 1, &[0; 4]), (1117, 8, 1, b"a\0"), (1118, 8, 1, b"/\0")]);
    assert_eq!(paths(&blob).unwrap(), ["/a"]);
    for length in 0..blob.len() {
        assert!(Header::parse(&blob[..length]).is_err(), "{length}");
    }
    // Every byte may be anything.
    let mut changed = blob.clone();
    for place in 0..blob.len() {
        for value in 0..=255 {
            changed[place] = value;
            let _ = paths(&changed);
            let _ = Header::parse(&changed).map(|header| header.string(1000).map(|name| name.len()));
        }
        changed[place] = blob[place];
    }
}

#[test]
fn a_small_header_does_not_become_gigabytes_of_paths() {
    let folder = [b"/".repeat(4000), vec![0]].concat();
    let names = b"a\0".repeat(20_000);
    let indexes = [0; 4].repeat(20_000);
    let blob = header(&[(1116, 4, 20_000, &indexes), (1117, 8, 20_000, &names), (1118, 8, 1, &folder)]);
    assert_eq!(paths(&blob), Err("its paths are longer than its header can hold".to_owned()));
}

#[test]
fn a_tree_that_leads_round_in_circles_comes_to_an_end() {
    let mut bytes = data("rpm/rpmdb-512.sqlite.gz");
    // Every page of a tree's inside leads to itself.
    for page in (0..bytes.len()).step_by(512) {
        let start = if page == 0 { 100 } else { page };
        if bytes[start] == 5 {
            let number = u32::try_from(page / 512 + 1).unwrap();
            bytes[start + 8..start + 12].copy_from_slice(&number.to_be_bytes());
        }
    }
    let why = match analyse(SQLITE, &bytes) {
        Ok(found) => found.incomplete.join(" "),
        Err(error) => error.to_string(),
    };
    assert!(why.contains("two ways lead to page"), "{why}");
}

#[test]
fn long_values_that_go_round_in_circles_cost_no_more_than_the_file() {
    for (name, path) in FORMS {
        let mut bytes = data(name);
        let whole = bytes.len();
        // Pages of long values: every one is followed by itself.
        if bytes.starts_with(b"SQLite") {
            let page_size = usize::from(u16::from_be_bytes([bytes[16], bytes[17]]));
            for page in 2..=whole / page_size {
                let start = (page - 1) * page_size;
                if !matches!(bytes[start], 2 | 5 | 10 | 13) {
                    bytes[start..start + 4].copy_from_slice(&u32::try_from(page).unwrap().to_be_bytes());
                }
            }
        } else if bytes.starts_with(b"RpmP") {
            continue;
        } else {
            for start in (4096..whole).step_by(4096) {
                bytes.copy_within(start + 8..start + 12, start + 16);
            }
        }
        let content = Counted { bytes, read: Cell::new(0) };
        let _ = analyse(path, &content);
        assert!(content.read.get() < 4 * whole, "{name}: {} of {whole} bytes were read", content.read.get());
    }
}

#[test]
fn sound_databases_are_read_once() {
    for (name, path) in FORMS {
        let content = Counted { bytes: data(name), read: Cell::new(0) };
        analyse(path, &content).unwrap();
        let (read, whole) = (content.read.get(), content.bytes.len());
        assert!(read < whole * 11 / 10 + 4096, "{name}: {read} of {whole} bytes were read");
    }
}

#[test]
fn broken_files_do_no_harm() {
    for (name, path) in FORMS {
        torture(path, &data(name));
    }
    torture("var/lib/rpmmanifest/container-manifest-2", &data("rpm/container-manifest-2"));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn no_change_of_a_database_makes_it_panic(
        form in 0..FORMS.len(),
        changes in proptest::collection::vec((0_usize..1 << 20, 0_u32..), 1..40),
    ) {
        let (name, path) = FORMS[form];
        let mut bytes = data(name);
        for (at, value) in changes {
            let at = at % (bytes.len() - 4);
            bytes[at..at + 4].copy_from_slice(&value.to_ne_bytes());
        }
        let size = bytes.len();
        let content = Counted { bytes, read: Cell::new(0) };
        let _ = analyse(path, &content);
        proptest::prop_assert!(content.read.get() < 4 * size + 65536);
    }

    #[test]
    fn no_bytes_make_a_header_panic(bytes in proptest::collection::vec(0_u8.., 0..400), entries in 0_u32..20) {
        let size = u32::try_from(bytes.len()).unwrap().saturating_sub(entries * 16);
        let blob = [entries.to_be_bytes().as_slice(), &size.to_be_bytes(), &bytes].concat();
        if let Ok(header) = Header::parse(&blob) {
            header.string(1000);
            header.number(1003);
            let _ = header.paths(&mut |_| {});
        }
    }
}
