//! Whatever an image comes as, the same packages are in it.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may end in a panic")]
#![allow(clippy::print_stdout, reason = "what is skipped is said")]

mod made;

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::process::Command;
use std::slice::from_ref;
use std::sync::Arc;

use keelguard_image::cache::Cache;
use keelguard_image::tar::{ChunkStream, FileStream, ReadPieces, walk};
use keelguard_image::{Limits, examine};
use made::{
    Node, Seen, Tar, by_layer, docker_new, docker_old, dpkg, gzip, layer, looked_at, oci_folder, oci_tar, of_bytes,
    of_layers, opened, package_json, packages, tree, write, zstd,
};

/// What is in [`tree`]: Package URLs without their qualifiers, and the files that say so.
fn expected(longest: usize) -> Vec<(String, Vec<String>)> {
    let long = |length: usize| format!("/app/node_modules/{0}/{0}/package.json", "n".repeat(length));
    let json = |name: &str| format!("/app/node_modules/{name}/package.json");
    let status = "/var/lib/dpkg/status".to_owned();
    let mut all = vec![
        ("pkg:deb/debian/alpha@1.0-1", vec![status.clone()]),
        ("pkg:deb/debian/beta@2:2.0", vec![status]),
        ("pkg:npm/hidden@4.5.6", vec![json("z")]),
        ("pkg:npm/long@1.0.0", vec![long(60)]),
        ("pkg:npm/longer@2.0.0", vec![long(150)]),
        ("pkg:npm/x@1.2.3", vec![json("x"), json("y")]),
    ];
    all.retain(|(_, paths)| paths.iter().all(|path| path.len() <= longest));
    all.into_iter().map(|(purl, paths)| (purl.to_owned(), paths)).collect()
}

fn assert_whole(examined: &keelguard_image::Examined, longest: usize, what: &str) {
    assert_eq!(examined.incomplete, [], "{what}");
    let found: Vec<_> = packages(examined)
        .into_iter()
        .map(|(purl, paths)| (purl.split('?').next().unwrap().replace("%3A", ":"), paths))
        .collect();
    assert_eq!(found, expected(longest), "{what}");
    assert_eq!(examined.target.os.as_ref().map(|os| os.id.as_str()), Some("debian"), "{what}");
}

const ALL: usize = usize::MAX;

#[test]
fn docker_archives_of_both_layouts_show_the_same_packages() {
    let plain = layer(&tree(ALL));
    for (compression, bytes) in [("none", plain.clone()), ("gzip", gzip(&plain)), ("zstd", zstd(&plain))] {
        for (layout, tar) in [("old", docker_old(from_ref(&bytes))), ("new", docker_new(from_ref(&bytes)))] {
            let whole = tar.end();
            for (outer, whole) in [("plain", whole.clone()), ("gzip", gzip(&whole)), ("zstd", zstd(&whole))] {
                let what = format!("{layout} layout, layer {compression}, archive {outer}");
                let examined = of_bytes("archive", &whole, Limits::default()).unwrap();
                assert_whole(&examined, ALL, &what);
                assert_eq!(examined.target.reference.as_deref(), Some("web:1"), "{what}");
            }
        }
    }
}

#[test]
fn oci_layouts_as_folder_and_as_tar_show_the_same_packages() {
    let plain = layer(&tree(ALL));
    for (compression, bytes) in [("none", plain.clone()), ("gzip", gzip(&plain)), ("zstd", zstd(&plain))] {
        let folder = tempfile::tempdir().unwrap();
        oci_folder(from_ref(&bytes), folder.path());
        assert_whole(&looked_at(&format!("oci:{}", folder.path().display())), ALL, compression);
        let examined = of_bytes("oci", &oci_tar(&[bytes]).end(), Limits::default()).unwrap();
        assert_whole(&examined, ALL, compression);
    }
}

#[test]
fn a_root_filesystem_as_folder_and_as_tar_shows_the_same_packages() {
    let folder = tempfile::tempdir().unwrap();
    write(&tree(ALL), folder.path());
    assert_whole(&looked_at(&format!("dir:{}", folder.path().display())), ALL, "folder");
    let tar = layer(&tree(ALL));
    for (what, bytes) in [("tar", tar.clone()), ("tar.gz", gzip(&tar)), ("tar.zst", zstd(&tar))] {
        assert_whole(&of_bytes("dir", &bytes, Limits::default()).unwrap(), ALL, what);
    }
}

/// Runs a program; false, and a word about it, where it is not there.
fn ran(command: &mut Command) -> bool {
    match command.output() {
        Ok(output) => {
            assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
            true
        }
        Err(error) => {
            println!("skipped: {command:?}: {error}");
            false
        }
    }
}

#[test]
fn every_format_that_gnu_tar_writes_shows_the_same_packages() {
    // v7 holds names of 99 bytes, ustar of 255.
    for (format, longest) in [("v7", 99), ("ustar", 255), ("oldgnu", ALL), ("gnu", ALL), ("posix", ALL)] {
        let folder = tempfile::tempdir().unwrap();
        let (root, out) = (folder.path().join("root"), folder.path().join("out.tar"));
        write(&tree(longest), &root);
        let mut tar = Command::new("tar");
        tar.arg(format!("--format={format}")).arg("-cf").arg(&out).arg("-C").arg(&root).args(["--sort=name", "."]);
        if ran(&mut tar) {
            assert_same(&std::fs::read(out).unwrap(), longest, format);
        }
    }
}

#[test]
fn every_format_that_python_writes_shows_the_same_packages() {
    for (format, longest) in [("USTAR", 255), ("GNU", ALL), ("PAX", ALL)] {
        let folder = tempfile::tempdir().unwrap();
        let (root, out) = (folder.path().join("root"), folder.path().join("out.tar"));
        write(&tree(longest), &root);
        let script = format!(
            "import sys, tarfile\nwith tarfile.open(sys.argv[2], 'w', format=tarfile.{format}_FORMAT) as tar:\n    \
             tar.add(sys.argv[1], arcname='.')"
        );
        if ran(Command::new("python3").arg("-c").arg(script).arg(&root).arg(&out)) {
            assert_same(&std::fs::read(out).unwrap(), longest, format);
        }
    }
}

/// A link and its target may have changed places: writers take for the file whichever name they meet first.
fn assert_same(tar: &[u8], longest: usize, what: &str) {
    assert_whole(&of_bytes("dir", tar, Limits::default()).unwrap(), longest, what);
    assert_whole(&of_bytes("archive", &docker_old(&[gzip(tar)]).end(), Limits::default()).unwrap(), longest, what);
}

/// A file with forty holes, more than fit into a header of any format.
fn holey(path: &Path) -> Vec<u8> {
    let file = File::create(path).unwrap();
    file.set_len((3 << 20) + 77).unwrap();
    for index in 0..40_u64 {
        file.write_all_at(&vec![u8::try_from(index).unwrap() + 1; 4096], index * (64 << 10) + (8 << 10)).unwrap();
    }
    std::fs::read(path).unwrap()
}

#[test]
fn sparse_files_read_back_byte_for_byte() {
    let formats: [&[&str]; 5] = [
        &["--format=gnu"],
        &["--format=oldgnu"],
        &["--format=posix", "--sparse-version=0.0"],
        &["--format=posix", "--sparse-version=0.1"],
        &["--format=posix", "--sparse-version=1.0"],
    ];
    for format in formats {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out.tar");
        let bytes = holey(&folder.path().join("holes"));
        std::fs::write(folder.path().join("next"), b"what follows").unwrap();
        let mut tar = Command::new("tar");
        tar.args(format).args(["-S", "--hole-detection=raw", "-cf"]).arg(&out).arg("-C").arg(folder.path());
        if !ran(tar.args(["holes", "next"])) {
            continue;
        }
        let written = std::fs::read(&out).unwrap();
        assert!(written.len() < bytes.len() / 2, "{format:?}: the holes are stored");
        let (mut passing, mut placed) = (Seen::default(), Seen::default());
        walk(&mut ChunkStream::new(ReadPieces(written.as_slice()), 64 << 20), &mut passing, &Limits::default())
            .unwrap();
        let file = Arc::new(File::open(&out).unwrap());
        walk(&mut FileStream::new(file, 0, written.len() as u64), &mut placed, &Limits::default()).unwrap();
        for seen in [passing, placed] {
            assert_eq!(seen.gaps, [], "{format:?}");
            assert!(seen.files["holes"] == bytes, "{format:?}: the file has changed");
            assert_eq!(seen.files["next"], b"what follows", "{format:?}");
        }
    }
}

fn npm(name: &str) -> String {
    format!("app/node_modules/{name}/package.json")
}

fn base() -> Vec<u8> {
    let tar = ["a", "b", "c"].iter().fold(Tar::default(), |tar, name| tar.file(&npm(name), &package_json(name, "1")));
    tar.end()
}

fn names(layers: &[Vec<u8>]) -> Vec<String> {
    let examined = of_layers(layers);
    assert_eq!(examined.incomplete, []);
    examined.packages.into_iter().map(|package| package.name).collect()
}

#[test]
fn a_whiteout_removes_a_file_or_a_whole_folder() {
    let file = Tar::default().file("app/node_modules/b/.wh.package.json", b"").end();
    assert_eq!(names(&[base(), file]), ["a", "c"]);
    let folder = Tar::default().file("app/.wh.node_modules", b"").end();
    assert_eq!(names(&[base(), folder]), <[&str; 0]>::default());
}

#[test]
fn an_opaque_folder_hides_what_lies_below_and_not_what_it_brings() {
    let upper =
        Tar::default().file(&npm("new"), &package_json("new", "1")).file("app/node_modules/.wh..wh..opq", b"").end();
    assert_eq!(names(&[base(), upper]), ["new"]);
}

#[test]
fn what_replaces_a_file_or_folder_hides_it() {
    let folder = Tar::default().entry(npm("a").as_bytes(), b'5', b"", b"").entry(b"app", b'5', b"", b"").end();
    assert_eq!(names(&[base(), folder]), ["b", "c"]);
    let symlink = Tar::default().entry(npm("a").as_bytes(), b'2', b"", b"/dev/null").end();
    assert_eq!(names(&[base(), symlink]), ["b", "c"]);
    let file = Tar::default().file("app/node_modules", b"now a file").end();
    assert_eq!(names(&[base(), file]), <[&str; 0]>::default());
}

#[test]
fn what_a_later_layer_brings_back_is_there() {
    let gone = Tar::default().file("app/.wh.node_modules", b"").end();
    let back = Tar::default().file(&npm("a"), &package_json("a", "2")).end();
    assert_eq!(by_layer(&of_layers(&[base(), gone, back])), [("a 2".to_owned(), Some(2))]);
}

#[test]
fn each_system_package_is_of_the_layer_that_brought_it() {
    let status = |packages| Tar::default().file("var/lib/dpkg/status", &dpkg(packages)).end();
    let layers =
        [status(&[("alpha", "1"), ("beta", "1")]), status(&[("alpha", "1"), ("beta", "2"), ("gamma", "1")]), base()];
    let found = by_layer(&of_layers(&layers));
    let system: Vec<_> = found.iter().map(|(name, layer)| (name.as_str(), layer.unwrap())).take(3).collect();
    assert_eq!(system, [("alpha 1", 0), ("beta 2", 1), ("gamma 1", 1)]);
    assert!(found.contains(&("a 1".to_owned(), Some(2))), "{found:?}");
}

#[test]
fn a_file_of_a_system_package_names_its_owner() {
    let path = "usr/share/nodejs/owned/package.json";
    let tree = [
        ("etc/os-release".to_owned(), Node::File(made::OS_RELEASE.to_vec())),
        ("var/lib/dpkg/status".to_owned(), Node::File(dpkg(&[("alpha", "1")]))),
        ("var/lib/dpkg/info/alpha.list".to_owned(), Node::File(format!("/.\n/usr\n/{path}\n").into_bytes())),
        (path.to_owned(), Node::File(package_json("owned", "1"))),
        (npm("free"), Node::File(package_json("free", "1"))),
    ];
    let examined = of_layers(&[layer(&tree)]);
    let owner = |name: &str| examined.packages.iter().find(|one| one.name == name).unwrap().owner.clone();
    assert!(owner("owned").unwrap().starts_with("pkg:deb/debian/alpha@1"));
    assert_eq!(owner("free"), None);
}

#[test]
fn a_second_look_at_an_oci_image_comes_from_the_cache() {
    let (folder, kept) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    oci_folder(&[gzip(&layer(&tree(ALL)))], folder.path());
    let cache = Cache::new(kept.path().to_path_buf(), 64 << 20);
    let image = opened(&format!("oci:{}", folder.path().display()), Limits::default()).unwrap();
    let first = examine(&image, Some(&cache), &Limits::default());
    assert_whole(&first, ALL, "first");
    assert_eq!(cache.status().unwrap().entries, 2, "the image, and its layer");
    // With no layer to look at, only the cache can know.
    let blind = keelguard_image::source::Image { layers: Vec::new(), ..image };
    let second = examine(&blind, Some(&cache), &Limits::default());
    assert_eq!(serde_json::to_value(&first).unwrap(), serde_json::to_value(&second).unwrap());
    assert_eq!(packages(&examine(&blind, None, &Limits::default())), []);
}

#[test]
fn a_changed_docker_archive_is_looked_at_again() {
    let folder = tempfile::tempdir().unwrap();
    let (file, cache) = (folder.path().join("web.tar"), Cache::new(folder.path().join("cache"), 64 << 20));
    let look = |name: &str| {
        // The configuration is the same in both: only the layer differs, and nothing in the archive vouches for it.
        let first = docker_old(&[Tar::default().file(&npm("p"), &package_json("p", "1")).end()]).end();
        let old = String::from_utf8(package_json("p", "1")).unwrap();
        let new = String::from_utf8(package_json(name, "1")).unwrap();
        let place = first.windows(old.len()).position(|part| part == old.as_bytes()).unwrap();
        let mut bytes = first;
        bytes[place..place + new.len()].copy_from_slice(new.as_bytes());
        std::fs::write(&file, bytes).unwrap();
        let image = opened(&format!("archive:{}", file.display()), Limits::default()).unwrap();
        by_layer(&examine(&image, Some(&cache), &Limits::default()))
    };
    assert_eq!(look("p"), [("p 1".to_owned(), Some(0))]);
    assert_eq!(look("q"), [("q 1".to_owned(), Some(0))]);
}

#[test]
fn what_was_not_seen_whole_is_not_kept() {
    let (folder, kept) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    oci_folder(&[Tar::default().file(&npm("a"), b"{ no json").end()], folder.path());
    let cache = Cache::new(kept.path().to_path_buf(), 64 << 20);
    let image = opened(&format!("oci:{}", folder.path().display()), Limits::default()).unwrap();
    assert_eq!(examine(&image, Some(&cache), &Limits::default()).incomplete.len(), 1);
    assert_eq!(cache.status().unwrap().entries, 0);
}

#[test]
fn ten_looks_at_once_agree() {
    let (folder, kept) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    oci_folder(&[gzip(&layer(&tree(ALL))), zstd(&base())], folder.path());
    let cache = Cache::new(kept.path().to_path_buf(), 64 << 20);
    let target = format!("oci:{}", folder.path().display());
    let results: Vec<serde_json::Value> = std::thread::scope(|scope| {
        let look = || {
            let image = opened(&target, Limits::default()).unwrap();
            serde_json::to_value(examine(&image, Some(&cache), &Limits::default())).unwrap()
        };
        let threads: Vec<_> = (0..10).map(|_| scope.spawn(look)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(results[0]["packages"].as_array().unwrap().len() == 9, "{}", results[0]["packages"]);
    assert!(results.iter().all(|one| *one == results[0]));
}

#[test]
fn a_layer_whose_digest_fits_needs_no_end_mark() {
    let bytes = layer(&tree(ALL));
    for bytes in [&bytes[..bytes.len() - 1024], &bytes[..bytes.len() - 512]] {
        let folder = tempfile::tempdir().unwrap();
        oci_folder(&[gzip(bytes)], folder.path());
        let image = opened(&format!("oci:{}", folder.path().display()), Limits::default()).unwrap();
        assert_whole(&examine(&image, None, &Limits::default()), ALL, "without an end mark");
    }
}

#[test]
fn many_looks_at_once_share_a_cache_that_somebody_else_clears() {
    let (folder, kept) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let layers = [gzip(&layer(&tree(ALL))), gzip(&layer(&tree(ALL)))];
    oci_folder(&layers, folder.path());
    let cache = Cache::new(kept.path().to_path_buf(), 64 << 20);
    let target = format!("oci:{}", folder.path().display());
    let expected =
        serde_json::to_value(examine(&opened(&target, Limits::default()).unwrap(), None, &Limits::default()));
    let expected = expected.unwrap();
    std::thread::scope(|scope| {
        for _ in 0..10 {
            scope.spawn(|| {
                for _ in 0..5 {
                    let image = opened(&target, Limits::default()).unwrap();
                    let found = examine(&image, Some(&cache), &Limits::default());
                    assert_eq!(serde_json::to_value(found).unwrap(), expected);
                }
            });
        }
        scope.spawn(|| (0..50).for_each(|_| assert!(cache.clear().is_ok())));
    });
}

#[test]
fn a_package_database_behind_symbolic_links_is_found() {
    let status = "Package: one\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n\n";
    for (link, target) in [("var", "data/var"), ("var/lib/dpkg", "/data/var/lib/dpkg"), ("var/lib", "../data/var/lib")]
    {
        let tar = Tar::default()
            .file("etc/os-release", b"ID=debian\nVERSION_ID=12\n")
            .entry(link.as_bytes(), b'2', b"", target.as_bytes())
            .file("data/var/lib/dpkg/status", status.as_bytes());
        let examined = of_bytes("dir", &tar.end(), Limits::default()).unwrap();
        assert_eq!(examined.packages.len(), 1, "{link}: {:?}", examined.incomplete);
        assert_eq!(examined.packages[0].paths, ["/var/lib/dpkg/status"]);
    }
}

#[test]
fn a_system_without_any_package_is_not_called_clean() {
    let tar = Tar::default().file("etc/os-release", b"ID=debian\nVERSION_ID=12\n").end();
    let examined = of_bytes("dir", &tar, Limits::default()).unwrap();
    assert_eq!(examined.incomplete.len(), 1);
    assert_eq!(examined.incomplete[0].what, "the packages of debian 12");
}
