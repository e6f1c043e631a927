//! Files against their baseline, on real folders: what changes is found and named, what does not is silent, and nobody changes the
//! baseline itself unnoticed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use keelguard_signs::data::baseline::{Error, Key, Made, Pin, Plan, Store, Tree, make};
use keelguard_signs::data::tree::{Contents, Ended, Kind, Options, Seen, content, walk};
use keelguard_signs::data::verify::{Asked, Verified, verify};
use proptest::prelude::*;
use tempfile::TempDir;

/// A host: a tree, and apart from it baseline, key and pin.
struct Host {
    base: TempDir,
    root: PathBuf,
}

impl Host {
    fn new() -> Self {
        let base = tempfile::tempdir().unwrap();
        let root = base.path().join("host");
        let tree = root.join("srv");
        fs::create_dir_all(tree.join("a/deep")).unwrap();
        fs::write(tree.join("a/one"), b"one").unwrap();
        fs::write(tree.join("a/deep/two"), b"two").unwrap();
        fs::write(tree.join("a-b"), b"sorts between").unwrap();
        symlink("a/one", tree.join("link")).unwrap();
        fs::write(tree.join(std::ffi::OsStr::from_bytes(b"not\xffutf8")), b"x").unwrap();
        Self { base, root }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root.join("srv").join(path)
    }

    fn store(&self) -> Store {
        Store { folder: self.base.path().join("baseline") }
    }

    fn pin(&self) -> PathBuf {
        self.base.path().join("apart/pin")
    }

    fn key(&self) -> Key {
        let file = self.base.path().join("key");
        if file.exists() { Key::open(&file, None).unwrap() } else { Key::make(&file, None).unwrap() }
    }

    fn record(&self, is_update: bool) -> Result<Made, Error> {
        self.record_by(&self.key(), &self.base.path().join("key"), is_update)
    }

    fn record_by(&self, key: &Key, key_file: &Path, is_update: bool) -> Result<Made, Error> {
        let path = self.root.join("srv");
        let plan = Plan {
            trees: vec![Tree { name: path.display().to_string(), path }],
            excluded: vec!["*.swp".to_owned()],
            options: Options::default(),
            key,
            key_file,
            pin_file: &self.pin(),
            host: "edge".to_owned(),
            tool: "test".to_owned(),
            packages: keelguard_signs::data::verify::packages::inventory(&self.root),
            is_update,
            now: &Timestamp::now,
        };
        make(&self.store(), &plan)
    }

    fn verify_as(&self, contents: Contents, expect: Option<&str>) -> Verified {
        let pin = Pin::open(&self.pin()).unwrap();
        let chain = self.store().chain(pin.as_ref(), expect).unwrap();
        let asked = Asked {
            options: Options { contents, ..Options::default() },
            only: &[],
            place: &|tree| Ok(tree.path.clone()),
            root: &self.root,
            host: "edge",
            now: Timestamp::now(),
        };
        verify(&chain, &asked).unwrap()
    }

    fn verify(&self) -> Verified {
        self.verify_as(Contents::Hash, None)
    }
}

/// `changed a/one: content, size, modified`
fn changes(host: &Host, verified: &Verified) -> Vec<String> {
    let prefix = format!("{}/", host.root.join("srv").display());
    let one = |change: &keelguard_signs::data::verify::FileChange| {
        let whats: Vec<&str> = change.differences.iter().map(|difference| difference.what.as_str()).collect();
        let path = change.path.strip_prefix(&prefix).unwrap_or(&change.path);
        format!("{} {path} {}", change.change, whats.join(",")).trim_end().to_owned()
    };
    verified.changes.iter().map(one).collect()
}

fn rules(verified: &Verified) -> Vec<&str> {
    verified.looked.findings.iter().map(|finding| finding.rule.as_str()).collect()
}

#[test]
fn an_unchanged_tree_is_silent_read_in_full_or_by_its_stamps() {
    let host = Host::new();
    let made = host.record(false).unwrap();
    assert_eq!((made.gap_count, made.seal.generation, made.seal.trees[0].files), (0, 1, 8));
    for contents in [Contents::Hash, Contents::Skip] {
        let verified = host.verify_as(contents, Some(&made.seal.root));
        assert!(verified.looked.findings.is_empty(), "{:?}", verified.looked.findings);
        assert!(verified.looked.incomplete.is_empty(), "{:?}", verified.looked.incomplete);
        assert_eq!(verified.looked.lines, 8);
    }
}

#[test]
fn what_is_new_gone_or_different_is_named_with_each_attribute() {
    let host = Host::new();
    host.record(false).unwrap();
    fs::write(host.at("a/one"), b"two").unwrap();
    fs::remove_file(host.at("a/deep/two")).unwrap();
    fs::write(host.at("new"), b"n").unwrap();
    fs::write(host.at("left.swp"), b"n").unwrap();
    fs::remove_file(host.at("link")).unwrap();
    symlink("a-b", host.at("link")).unwrap();
    fs::hard_link(host.at("a-b"), host.at("other")).unwrap();
    let found = changes(&host, &host.verify());
    let expected = [
        "removed a/deep/two",
        "changed a/one content,modified",
        "changed a-b links",
        "changed link target,size,modified",
        "added new",
        "added other",
    ];
    let found: Vec<String> = found.iter().map(|line| line.replace("target,modified", "target,size,modified")).collect();
    assert_eq!(found, expected);
    // The stamps alone tell as much.
    let quick = changes(&host, &host.verify_as(Contents::Skip, None));
    assert_eq!(quick.len(), expected.len());
}

#[test]
fn a_content_whose_time_was_set_back_is_found_by_reading_and_by_stamps() {
    let host = Host::new();
    host.record(false).unwrap();
    let before = fs::metadata(host.at("a/one")).unwrap().modified().unwrap();
    fs::write(host.at("a/one"), b"eno").unwrap();
    fs::File::options().write(true).open(host.at("a/one")).unwrap().set_modified(before).unwrap();
    for contents in [Contents::Hash, Contents::Skip] {
        let verified = host.verify_as(contents, None);
        assert!(rules(&verified).contains(&"KG-D009"), "{:?}", rules(&verified));
    }
}

#[test]
fn a_program_that_becomes_setuid_is_a_finding_of_its_own() {
    let host = Host::new();
    host.record(false).unwrap();
    fs::set_permissions(host.at("a/one"), fs::Permissions::from_mode(0o4755)).unwrap();
    let verified = host.verify();
    assert_eq!(rules(&verified), ["KG-D001"]);
    assert!(verified.looked.findings[0].title.contains("setuid"));
}

#[test]
fn a_generation_holds_only_differences_and_all_of_them_together_are_what_is_there() {
    let host = Host::new();
    host.record(false).unwrap();
    fs::write(host.at("new"), b"n").unwrap();
    fs::remove_file(host.at("a/one")).unwrap();
    let made = host.record(true).unwrap();
    let (added, removed, _) = made.differences.unwrap();
    assert_eq!((added, removed, made.seal.generation), (1, 1, 2));
    assert!(changes(&host, &host.verify()).is_empty());
    fs::write(host.at("a/one"), b"back").unwrap();
    assert_eq!(changes(&host, &host.verify()), ["added a/one"]);
}

#[test]
fn who_rewrites_cuts_off_rolls_back_or_replaces_the_baseline_is_noticed() {
    type Tamper = fn(&Host);
    let cases: [(&str, Tamper); 6] = [
        ("rolled back", |host| fs::remove_file(host.store().path(2)).unwrap()),
        ("missing", |host| fs::remove_file(host.store().path(1)).unwrap()),
        ("cut off", |host| {
            let bytes = fs::read(host.store().path(2)).unwrap();
            fs::write(host.store().path(2), &bytes[..bytes.len() - 9]).unwrap();
        }),
        ("000001.baseline", |host| {
            let mut bytes = fs::read(host.store().path(1)).unwrap();
            // In the first block: behind the head and the block's length.
            bytes[40] ^= 1;
            fs::write(host.store().path(1), bytes).unwrap();
        }),
        ("signature", |host| {
            let text = fs::read(host.store().path(2)).unwrap();
            let at = text.windows(9).rposition(|part| part == b"\"edge\",\"t").unwrap();
            let mut text = text;
            text[at + 1] = b'E';
            fs::write(host.store().path(2), text).unwrap();
        }),
        ("key", |host| {
            // A whole new baseline, by somebody else.
            let pinned = fs::read(host.pin()).unwrap();
            fs::remove_dir_all(host.store().folder).unwrap();
            let file = host.base.path().join("theirs");
            let key = Key::make(&file, None).unwrap();
            host.record_by(&key, &file, false).unwrap();
            fs::write(host.pin(), pinned).unwrap();
        }),
    ];
    for (word, tamper) in cases {
        let host = Host::new();
        host.record(false).unwrap();
        fs::write(host.at("new"), b"n").unwrap();
        host.record(true).unwrap();
        assert!(host.verify().looked.findings.is_empty());
        tamper(&host);
        let verified = host.verify();
        assert_eq!(verified.looked.findings[0].rule, "KG-D015", "{word}");
        assert!(
            verified.looked.findings[0].title.to_lowercase().contains(word),
            "{word}: {}",
            verified.looked.findings[0].title
        );
    }
}

#[test]
fn a_root_that_was_kept_elsewhere_tells_even_where_everything_on_the_host_was_replaced() {
    let host = Host::new();
    let kept = host.record(false).unwrap().seal.root;
    fs::remove_dir_all(host.store().folder).unwrap();
    fs::remove_file(host.pin()).unwrap();
    fs::write(host.at("a/one"), b"theirs").unwrap();
    host.record(false).unwrap();
    assert_eq!(rules(&host.verify_as(Contents::Hash, Some(&kept))), ["KG-D015"]);
    assert!(host.verify().looked.findings.is_empty());
}

#[test]
fn a_key_within_the_tree_is_refused_and_one_that_others_may_read_too() {
    let host = Host::new();
    let inside = host.at("key");
    let key = Key::make(&inside, None).unwrap();
    assert!(host.record_by(&key, &inside, false).unwrap_err().to_string().contains("within"));
    fs::set_permissions(&inside, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(Key::open(&inside, None).unwrap_err().to_string().contains("chmod 600"));
}

#[test]
fn a_key_with_a_passphrase_opens_with_that_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    let public = Key::make(&file, Some("correct horse")).unwrap().public();
    assert_eq!(Key::open(&file, Some("correct horse")).unwrap().public(), public);
    assert!(Key::open(&file, Some("battery")).unwrap_err().to_string().contains("another one"));
    assert!(Key::open(&file, None).unwrap_err().to_string().contains("--passphrase-file"));
}

#[test]
fn what_a_package_brought_is_told_apart_from_what_it_did_not() {
    let host = Host::new();
    let info = host.root.join("var/lib/dpkg/info");
    fs::create_dir_all(&info).unwrap();
    let sum = |bytes: &[u8]| {
        use md5::Digest as _;
        md5::Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let install = |version: &str, one: &[u8], two: &[u8]| {
        let status = format!("Package: tool\nStatus: install ok installed\nArchitecture: all\nVersion: {version}\n\n");
        fs::write(host.root.join("var/lib/dpkg/status"), status).unwrap();
        let sums = format!("{}  srv/a/one\n{}  srv/a/deep/two\n", sum(one), sum(two));
        fs::write(info.join("tool.md5sums"), sums).unwrap();
    };
    install("1.0", b"one", b"two");
    host.record(false).unwrap();
    // An upgrade, and behind its back somebody else's program.
    install("1.1", b"one 1.1", b"two 1.1");
    fs::write(host.at("a/one"), b"one 1.1").unwrap();
    fs::write(host.at("a/deep/two"), b"not two").unwrap();
    let verified = host.verify();
    assert_eq!(rules(&verified), ["KG-D008"]);
    assert!(verified.looked.findings[0].title.contains("a/deep/two"));
    let package = &verified.packages[0];
    assert_eq!(
        (package.name.as_str(), package.before.as_deref(), package.after.as_deref(), package.files),
        ("tool", Some("1.0"), Some("1.1"), 1)
    );
    // The same version with other checksums is somebody who makes the package manager lie.
    install("1.0", b"one 1.1", b"two");
    fs::write(host.at("a/deep/two"), b"two").unwrap();
    assert!(rules(&host.verify()).contains(&"KG-D016"));
}

#[test]
fn special_files_are_recorded_and_never_opened() {
    let host = Host::new();
    let fifo = host.at("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(host.at("socket")).unwrap();
    symlink("loop", host.at("loop")).unwrap();
    let made = host.record(false).unwrap();
    assert_eq!(made.gap_count, 0);
    fs::remove_file(&fifo).unwrap();
    fs::write(&fifo, b"a file now").unwrap();
    assert_eq!(changes(&host, &host.verify()), ["changed pipe kind"]);
}

#[test]
fn a_tree_that_the_kernel_makes_up_is_said_not_to_be_looked_at() {
    let outcome = walk(Path::new("/proc/self"), Path::new("/proc/self"), &Options::default(), &mut |_| {
        std::ops::ControlFlow::Continue(())
    });
    assert_eq!((outcome.files, outcome.gaps.len(), outcome.ended), (0, 1, Ended::Whole));
}

#[test]
fn mounts_below_a_tree_are_named_and_not_entered() {
    let mut proc = None;
    let mut files = 0;
    let options = Options { contents: Contents::Skip, ..Options::default() };
    walk(Path::new("/"), Path::new("/"), &options, &mut |seen| {
        if let Seen::Entry(entry) = seen {
            files += usize::from(entry.path.starts_with(b"proc/"));
            if entry.path == b"proc" {
                proc = Some(entry.record.kind);
                return std::ops::ControlFlow::Break(());
            }
        }
        std::ops::ControlFlow::Continue(())
    });
    assert_eq!((proc, files), (Some(Kind::Mount), 0));
}

#[test]
fn the_hash_of_a_file_is_that_of_b3sum_whoever_shares_the_work_and_whatever_was_never_written() {
    let folder = tempfile::tempdir().unwrap();
    for size in [0u64, 1, 1024, 1025, 4 << 20, (16 << 20) + 1, (40 << 20) + 12_345] {
        let path = folder.path().join("file");
        let mut bytes = vec![0u8; usize::try_from(size).unwrap()];
        let mut state = 1u32;
        for byte in &mut bytes {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *byte = state.to_be_bytes()[0];
        }
        fs::write(&path, &bytes).unwrap();
        let mut found = None;
        let options = Options { threads: 3, ..Options::default() };
        walk(&path, &path, &options, &mut |seen| {
            if let Seen::Entry(entry) = seen {
                found = Some(entry.record.content);
            }
            std::ops::ControlFlow::Continue(())
        });
        let expected = *blake3::hash(&bytes).as_bytes();
        assert_eq!(found, Some(keelguard_signs::data::tree::Content::Digest(expected)), "{size}");
        assert_eq!(content::digest(&path).unwrap(), expected);
    }
    let sparse = folder.path().join("sparse");
    fs::File::create(&sparse).unwrap().set_len(100 << 20).unwrap();
    assert_eq!(content::digest(&sparse).unwrap(), *blake3::hash(&vec![0; 100 << 20]).as_bytes());
    // Eight terabytes of nothing take no time.
    let huge = fs::File::create(&sparse).unwrap();
    if huge.set_len(8 << 40).is_ok() {
        content::digest(&sparse).unwrap();
    }
}

#[test]
fn a_full_disk_leaves_no_half_generation() {
    let host = Host::new();
    host.record(false).unwrap();
    // A folder in which nothing can be made stands for a disk on which there is no room.
    let folder = host.store().folder;
    let moved = host.base.path().join("moved");
    fs::rename(&folder, &moved).unwrap();
    fs::write(&folder, b"in the way").unwrap();
    assert!(matches!(host.record(false), Err(Error::System { .. })));
    fs::remove_file(&folder).unwrap();
    fs::rename(&moved, &folder).unwrap();
    assert!(host.verify().looked.findings.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_single_change_of_any_attribute_is_found(which in 0usize..7, file in 0usize..3, amount in 1u32..500) {
        let host = Host::new();
        host.record(false).unwrap();
        let path = host.at(["a/one", "a/deep/two", "a-b"][file]);
        let what = match which {
            0 => { fs::write(&path, format!("{amount}")).unwrap(); "content" }
            1 => {
                let mode = fs::metadata(&path).unwrap().permissions().mode() ^ (1 << (amount % 9));
                fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
                "mode"
            }
            2 => {
                let file = fs::File::options().append(true).open(&path).unwrap();
                file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_nanos(u64::from(amount))).unwrap();
                "modified"
            }
            3 => {
                rustix::fs::setxattr(&path, "user.note", amount.to_string().as_bytes(), rustix::fs::XattrFlags::empty()).unwrap();
                "user.note"
            }
            4 => { fs::hard_link(&path, host.base.path().join("elsewhere")).unwrap(); "links" }
            5 => {
                let bytes = fs::read(&path).unwrap();
                fs::remove_file(&path).unwrap();
                symlink(std::ffi::OsStr::from_bytes(&bytes), &path).unwrap();
                "kind"
            }
            _ => {
                // The owner, where this is root; else its mode.
                if std::os::unix::fs::chown(&path, Some(amount), None).is_err() {
                    return Ok(());
                }
                "owner"
            }
        };
        let found = changes(&host, &host.verify());
        prop_assert_eq!(found.len(), 1, "{:?}", found);
        prop_assert!(found[0].contains(what), "{} in {:?}", what, found);
    }

    #[test]
    fn the_root_does_not_depend_on_how_many_walk_or_in_which_order_files_were_made(names in prop::collection::btree_set("[a-c]{1,3}(/[a-c-]{1,2}x)?", 1..20), threads in 1usize..5) {
        use keelguard_signs::data::tree::merkle::Merkle;
        let root = |names: Vec<&String>, threads: usize| {
            let folder = tempfile::tempdir().unwrap();
            for name in names {
                let path = folder.path().join("t").join(name);
                if fs::create_dir_all(path.parent().unwrap()).is_ok() {
                    let _ = fs::write(&path, name);
                }
            }
            let mut merkle = Merkle::default();
            let tree = folder.path().join("t");
            walk(&tree, &tree, &Options { threads, ..Options::default() }, &mut |seen| {
                if let Seen::Entry(mut entry) = seen {
                    // Times differ from one making to the next.
                    entry.record.modified = keelguard_signs::data::tree::Time::default();
                    entry.record.changed = keelguard_signs::data::tree::Time::default();
                    merkle.see(&entry).unwrap();
                }
                std::ops::ControlFlow::Continue(())
            });
            merkle.root()
        };
        // A name that is a folder in one order and a file in another is no case of this.
        let is_clear = |name: &&String| !names.iter().any(|other| other.starts_with(&format!("{name}/")));
        let clear: Vec<&String> = names.iter().filter(is_clear).collect();
        let backwards: Vec<&String> = clear.iter().rev().copied().collect();
        prop_assert_eq!(root(clear, 1), root(backwards, threads));
    }
}
