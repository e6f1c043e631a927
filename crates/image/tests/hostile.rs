//! What attackers write: an error or an incomplete entry, never a panic, never silence, never without end.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may end in a panic")]

mod made;

use std::io::{self, Read};
use std::path::Path;
use std::slice::from_ref;

use keelguard_image::source::LayerError;
use keelguard_image::tar::{ChunkStream, ReadPieces, walk};
use keelguard_image::{Examined, Limits};
use made::{
    Node, Seen, Tar, digest, docker_new, docker_old, gzip, header, layer, looked_at, oci_folder, oci_tar, of_bytes,
    of_layers, opened, package_json, packages, seal, tree, write, zstd,
};
use proptest::prelude::*;

fn json(name: &str) -> String {
    format!("app/node_modules/{name}/package.json")
}

fn file(name: &str) -> Tar {
    Tar::default().file(&json(name), &package_json(name, "1"))
}

fn names(examined: &Examined) -> Vec<&str> {
    examined.packages.iter().map(|package| package.name.as_str()).collect()
}

/// What a walk over these bytes shows, and how it ends.
fn walked(bytes: &[u8], limits: &Limits) -> (Seen, Result<(), LayerError>) {
    let mut seen = Seen::default();
    let result = walk(&mut ChunkStream::new(ReadPieces(bytes), 64 << 20), &mut seen, limits);
    (seen, result)
}

/// The one thing that is said to be incomplete.
fn gap(examined: &Examined) -> String {
    let gaps: Vec<String> = examined.incomplete.iter().map(|gap| format!("{}: {}", gap.what, gap.why)).collect();
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    gaps.concat()
}

fn is_clean(examined: Result<Examined, keelguard_image::source::SourceError>) -> bool {
    examined.is_ok_and(|examined| examined.incomplete.is_empty())
}

#[test]
fn an_archive_cut_off_anywhere_is_never_clean() {
    let bytes = layer(&tree(usize::MAX));
    let plain = [("old", docker_old(from_ref(&bytes))), ("new", docker_new(from_ref(&bytes)))];
    for (what, tar) in plain
        .into_iter()
        .chain([("oci", oci_tar(&[gzip(&bytes)])), ("root", Tar(bytes[..bytes.len() - 1024].to_vec()))])
    {
        // Without the end mark nothing is lost but the mark: archives are complete then, root filesystems may be not.
        let needed = match what {
            "root" => tar.0.len(),
            // Before its manifest.json, it is a whole OCI layout.
            "new" => oci_tar(from_ref(&bytes)).0.len() - 512,
            _ => tar.0.len() - 512,
        };
        let whole = tar.end();
        assert!(is_clean(of_target(&whole)), "{what}");
        let places = (0..=needed).step_by(512).chain((1..needed).step_by(1111));
        for length in places {
            let examined = of_target(&whole[..length]);
            assert!(!is_clean(examined), "{what} of {length} bytes");
        }
        let packed = gzip(&whole);
        for length in (0..packed.len() - 8).step_by(97) {
            assert!(!is_clean(of_target(&packed[..length])), "{what}.gz of {length} bytes");
        }
        let packed = zstd(&whole);
        for length in (0..packed.len()).step_by(97) {
            assert!(!is_clean(of_target(&packed[..length])), "{what}.zst of {length} bytes");
        }
    }
}

/// As a user would give it: without a word on what it is.
fn of_target(bytes: &[u8]) -> Result<Examined, keelguard_image::source::SourceError> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let image = opened(&file.path().display().to_string(), Limits::default())?;
    Ok(keelguard_image::examine(&image, None, &Limits::default()))
}

#[test]
fn a_layer_cut_off_anywhere_is_never_clean() {
    let bytes = layer(&tree(usize::MAX));
    for length in (0..=bytes.len() - 1024).step_by(512).chain((1..bytes.len() - 1024).step_by(777)) {
        assert!(!of_layers(&[bytes[..length].to_vec()]).incomplete.is_empty(), "{length} bytes");
    }
    for packed in [gzip(&bytes), zstd(&bytes)] {
        for length in (0..packed.len() - 200).step_by(53) {
            assert!(!of_layers(&[packed[..length].to_vec()]).incomplete.is_empty(), "{length} bytes packed");
        }
    }
}

#[test]
fn a_size_that_lies_is_reported_and_costs_nothing() {
    for (kind, size) in
        [(b'0', 1_u64 << 60), (b'0', u64::MAX >> 2), (b'0', 1 << 34), (b'L', 1 << 60), (b'x', 1 << 40), (b'g', 1 << 60)]
    {
        let tar = file("a").raw(&header(json("b").as_bytes(), kind, size, b""), b"{}");
        for layer in [tar.0.clone(), gzip(&tar.0), zstd(&tar.0)] {
            let examined = of_layers(&[layer]);
            assert_eq!(names(&examined), ["a"], "what came before it stands");
            assert!(examined.incomplete.iter().any(|gap| gap.what == "layer 1"), "{:?}", examined.incomplete);
        }
        assert!(!is_clean(of_bytes("archive", &tar.0, Limits::default())));
    }
}

#[test]
fn paths_that_lead_out_are_named_and_absolute_ones_lie_inside() {
    let tar = Tar::default()
        .file(&format!("../../{}", json("up")), &package_json("up", "1"))
        .file(&format!("app/../../{}", json("up")), &package_json("up", "1"))
        .file(&format!("/{}", json("root")), &package_json("root", "1"))
        .file(&format!(".//./{}", json("dots")), &package_json("dots", "1"));
    let examined = of_layers(&[tar.end()]);
    assert_eq!(names(&examined), ["dots", "root"]);
    assert_eq!(examined.incomplete.len(), 2);
    assert!(examined.incomplete.iter().all(|gap| gap.what.contains("..")), "{:?}", examined.incomplete);
}

#[test]
fn links_in_a_circle_among_an_archives_layers_are_an_error() {
    let config = br#"{"rootfs": {"diff_ids": []}}"#;
    let manifest = br#"[{"Config": "c.json", "Layers": ["a"]}]"#;
    for kind in *b"12" {
        let tar = Tar::default()
            .file("c.json", config)
            .entry(b"a", kind, b"", b"b")
            .entry(b"b", kind, b"", b"a")
            .file("manifest.json", manifest);
        let error = of_bytes("archive", &tar.end(), Limits::default()).unwrap_err();
        assert!(std::error::Error::source(&error).unwrap().to_string().contains("circle"), "{error}");
    }
}

#[test]
fn a_layer_of_an_archive_never_comes_from_outside() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("image");
    let outside = folder.path().join("secret.tar");
    std::fs::write(&outside, file("secret").end()).unwrap();
    let manifest = br#"[{"Config": "c.json", "Layers": ["layer.tar"]}]"#.to_vec();
    for target in ["../secret.tar".to_owned(), outside.display().to_string()] {
        let _ = std::fs::remove_dir_all(&root);
        write(
            &[
                ("c.json".into(), Node::File(b"{}".to_vec())),
                ("manifest.json".into(), Node::File(manifest.clone())),
                ("layer.tar".into(), Node::Symlink(target)),
            ],
            &root,
        );
        assert!(opened(&format!("archive:{}", root.display()), Limits::default()).is_err());
    }
}

#[test]
fn hard_links_are_followed_through_chains_and_named_where_they_lead_nowhere() {
    let link = |tar: Tar, name: &str, target: &str| tar.entry(json(name).as_bytes(), b'1', b"", target.as_bytes());
    let tar = link(file("a"), "b", &json("a"));
    let tar = link(tar, "c", &json("b"));
    for layer in [tar.0.clone(), gzip(&Tar(tar.0.clone()).end())] {
        let layer = if layer.starts_with(&[0x1f]) { layer } else { Tar(layer).end() };
        let examined = of_layers(&[layer]);
        assert_eq!(examined.incomplete, []);
        assert_eq!(packages(&examined)[0].1.len(), 3, "{:?}", packages(&examined));
    }
    let circle = link(link(file("a"), "b", &json("c")), "c", &json("b"));
    let examined = of_layers(&[circle.end()]);
    assert_eq!((names(&examined), examined.incomplete.len()), (vec!["a"], 2));
    let out = link(file("a"), "b", "../../etc/passwd");
    assert!(gap(&of_layers(&[out.end()])).starts_with(&format!("/{}", json("b"))));
}

#[test]
fn devices_are_never_files() {
    let tar = b"346"
        .iter()
        .fold(file("a"), |tar, kind| tar.entry(json(&format!("device{kind}")).as_bytes(), *kind, b"", b""));
    let examined = of_layers(&[tar.end()]);
    assert_eq!((names(&examined), examined.incomplete.len()), (vec!["a"], 0));
}

#[test]
fn names_that_are_not_utf_8_hide_nothing() {
    let path = [b"app/\xff\xfe/node_modules/a/".as_slice(), b"package.json"].concat();
    let examined = of_layers(&[Tar::default().entry(&path, b'0', &package_json("a", "1"), b"").end()]);
    assert_eq!(names(&examined), ["a"]);
    assert!(packages(&examined)[0].1[0].contains('\u{fffd}'));
}

#[test]
fn a_layer_that_its_digest_does_not_fit_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for bytes in [file("a").end(), gzip(&file("a").end()), zstd(&file("a").end())] {
        oci_folder(from_ref(&bytes), folder.path());
        let blob = folder.path().join("blobs/sha256").join(digest(&bytes));
        let changed = file("b").end();
        std::fs::write(&blob, &changed).unwrap();
        let gap = gap(&looked_at(&format!("oci:{}", folder.path().display())));
        assert!(gap.contains(&digest(&bytes)) && gap.contains(&digest(&changed)), "{gap}");
    }
}

#[test]
fn a_configuration_or_manifest_that_its_digest_does_not_fit_is_an_error() {
    let config = digest(br#"{"rootfs": 1}"#);
    for name in [format!("{config}.json"), format!("blobs/sha256/{config}")] {
        let manifest = format!(r#"[{{"Config": "{name}", "Layers": []}}]"#);
        let tar = Tar::default().file(&name, br#"{"rootfs": 2}"#).file("manifest.json", manifest.as_bytes());
        let error = of_bytes("archive", &tar.end(), Limits::default()).unwrap_err().to_string();
        assert!(error.contains(&config), "{error}");
    }
    let parts = made::oci_parts(&[file("a").end()]);
    for changed in parts.keys().filter(|name| name.starts_with("blobs") && parts[*name][0] == b'{') {
        let add = |tar: Tar, (name, bytes): (&String, &Vec<u8>)| {
            let end: &[u8] = if name == changed { b" " } else { b"" };
            tar.file(name, &[bytes.as_slice(), end].concat())
        };
        let error = of_bytes("oci", &parts.iter().fold(Tar::default(), add).end(), Limits::default()).unwrap_err();
        assert!(error.to_string().contains("digest"), "{error}");
    }
}

/// Zeros without end.
const SMALL: Limits = Limits {
    max_text: 1 << 20,
    max_file: 1 << 20,
    max_nesting: 1,
    max_archive_entries: 10,
    max_unpacked: 1 << 20,
    max_packages: 10,
    max_entries: 1_000,
    max_layers: 3,
    max_image: 1 << 20,
};

#[test]
fn a_bomb_is_unpacked_no_further_than_the_bound() {
    let zeros = vec![0; 4 << 20];
    // Shown, or gone past in silence: a folder of nobody, a global header, a whiteout.
    for (name, kind) in [("a.bin", b'0'), ("a/.wh.b", b'0'), ("../a", b'0'), ("a", b'D'), ("a", b'g'), ("a", b'V')] {
        let bomb = file("a").raw(&header(name.as_bytes(), kind, zeros.len() as u64, b""), &zeros).end();
        for packed in [gzip(&bomb), zstd(&bomb)] {
            let archive = docker_old(from_ref(&packed)).end();
            let examined = of_bytes("archive", &archive, SMALL).unwrap();
            let last = examined.incomplete.last().unwrap();
            assert!(last.what == "layer 1" && last.why.contains("1048576"), "{kind}: {:?}", examined.incomplete);
            assert_eq!(names(&examined), ["a"]);
            // The archive as a whole, unpacked to find its parts.
            assert!(of_bytes("archive", &gzip(&bomb), SMALL).is_err());
        }
    }
}

/// The same entry for ever.
struct Endless([u8; 512]);

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len() / 512 * 512;
        for block in buffer[..count].chunks_exact_mut(512) {
            block.copy_from_slice(&self.0);
        }
        Ok(count)
    }
}

#[test]
fn entries_without_end_stop_at_the_bound() {
    for kind in *b"0513" {
        let endless = Endless(header(b"tiny", kind, 0, b"x"));
        let limits = Limits { max_entries: 50_000, ..Limits::default() };
        let mut seen = Seen::default();
        let error = walk(&mut ChunkStream::new(ReadPieces(endless), 1 << 20), &mut seen, &limits).unwrap_err();
        assert!(matches!(error, LayerError::Bound(_)) && error.to_string().contains("50000"), "{error}");
    }
    let tar = (0..2_000).fold(Tar::default(), |tar, number| tar.file(&format!("{number}"), b"")).end();
    assert!(
        of_bytes("archive", &docker_old(&[gzip(&tar)]).end(), SMALL).unwrap().incomplete[0].why.contains("entries")
    );
}

#[test]
fn entries_of_all_layers_count_together() {
    let tar = (0..400).fold(Tar::default(), |tar, number| tar.file(&format!("{number}"), b"")).end();
    let layers = [tar.clone(), tar.clone(), tar];
    let limits = Limits { max_image: 4 << 20, ..SMALL };
    let gaps = of_bytes("archive", &docker_old(&layers).end(), limits).unwrap().incomplete;
    assert!(gaps.first().is_some_and(|gap| gap.why.contains("entries")), "{gaps:?}");
}

#[test]
fn millions_of_files_name_no_more_packages_and_gaps_than_are_bearable() {
    let limits = Limits { max_image: 4 << 20, ..SMALL };
    let tar =
        (0..60).fold(Tar::default(), |tar, n| tar.file(&json(&format!("p{n}")), &package_json(&format!("p{n}"), "1")));
    let examined = of_bytes("archive", &docker_old(&[tar.end()]).end(), limits).unwrap();
    assert_eq!((examined.packages.len(), examined.incomplete.len()), (40, 20));
    assert!(examined.incomplete[0].why.contains("more than 40 packages"), "{:?}", examined.incomplete[0]);
    let tar = (0..10_500).fold(Tar::default(), |tar, n| tar.file(&json(&format!("p{n}")), b"{"));
    let examined = of_layers(&[tar.end()]);
    assert_eq!(examined.incomplete.len(), 10_001);
    assert!(examined.incomplete.iter().any(|gap| gap.what == "more files"));
}

#[test]
fn json_as_deep_as_the_sea_is_an_error() {
    let deep = b"[".repeat(1 << 20);
    let object = br#"{"a":"#.repeat(200_000);
    for text in [deep, object] {
        assert!(of_bytes("archive", &Tar::default().file("manifest.json", &text).end(), Limits::default()).is_err());
        let tar = Tar::default().file("oci-layout", b"{}").file("index.json", &text);
        assert!(of_bytes("oci", &tar.end(), Limits::default()).is_err());
        let manifest = br#"[{"Config": "c", "Layers": []}]"#;
        let tar = Tar::default().file("c", &text).file("manifest.json", manifest);
        assert!(of_bytes("archive", &tar.end(), Limits::default()).is_err());
        assert!(!of_layers(&[Tar::default().file(&json("a"), &text).end()]).incomplete.is_empty());
    }
}

#[test]
fn of_too_many_layers_the_lowest_are_read_and_the_rest_is_named() {
    let layers = vec![file("a").end(); 4];
    for (scheme, tar) in [("archive", docker_old(&layers)), ("archive", docker_new(&layers)), ("oci", oci_tar(&layers))]
    {
        let examined = of_bytes(scheme, &tar.end(), SMALL).unwrap();
        let gaps: Vec<_> = examined.incomplete.iter().map(|gap| gap.why.as_str()).collect();
        assert_eq!(gaps, ["the image has 4 layers, of which the lowest are read"], "{scheme}");
        assert_eq!(examined.target.layers.len(), SMALL.max_layers, "{scheme}");
    }
}

#[test]
fn indexes_in_a_circle_and_without_images_are_errors() {
    let index = br#"{"manifests": []}"#;
    let tar = Tar::default().file("oci-layout", b"{}").file("index.json", index);
    assert!(of_bytes("oci", &tar.end(), Limits::default()).is_err());
    // No index can name itself by digest, but a long chain can be made.
    let mut tar = Tar::default().file("oci-layout", b"{}");
    let mut inner = b"{\"manifests\": []}".to_vec();
    for _ in 0..50 {
        let name = digest(&inner);
        tar = tar.file(&format!("blobs/sha256/{name}"), &inner);
        inner = format!(r#"{{"manifests": [{{"digest": "sha256:{name}"}}]}}"#).into_bytes();
    }
    let error = of_bytes("oci", &tar.file("index.json", &inner).end(), Limits::default()).unwrap_err().to_string();
    assert!(error.contains("too deep"), "{error}");
}

#[test]
fn a_zstd_window_of_gigabytes_is_refused() {
    let content = file("a").end();
    let frame = |exponent: u8| {
        let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0, exponent << 3];
        frame.extend_from_slice(&u32::try_from(content.len() << 3 | 1).unwrap().to_le_bytes()[..3]);
        frame.extend_from_slice(&content);
        frame
    };
    assert_eq!(names(&of_layers(&[frame(10)])), ["a"], "the frame is right but for its window");
    let examined = of_layers(&[frame(21)]);
    assert!(gap(&examined).starts_with("layer 1: reading it failed"), "{}", gap(&examined));
    assert!(of_bytes("archive", &frame(21), Limits::default()).is_err());
}

#[test]
fn malformed_pax_records_are_reported() {
    let records: [&[u8]; 9] = [
        b"nonsense",
        b"99999999999999999999 path=a\n",
        b"0 path=a\n",
        b"5 \n",
        b"7 path\n",
        b"10 size=x\n",
        b"18446744073709551615 path=a\n",
        b"9 path=a",
        b"31 GNU.sparse.numbytes=12345678\n",
    ];
    for text in records {
        let tar = file("a").entry(b"x", b'x', text, b"").file(&json("b"), &package_json("b", "1"));
        let examined = of_layers(&[tar.end()]);
        assert_eq!(names(&examined), ["a"]);
        assert!(gap(&examined).contains("extended header"), "{}", gap(&examined));
    }
}

/// Engines read layers with Go's archive/tar. Where formats leave a choice, another choice would hide files from us.
#[test]
fn headers_of_two_meanings_mean_what_engines_take_them_for() {
    let path = json("real");
    let content = package_json("real", "1");
    let with = |records: &[(&str, &str)]| Tar::default().pax(records).file(&path, &content);
    let long = |name: &str| Tar::default().entry(b"l", b'L', format!("{name}\0").as_bytes(), b"");
    let slash = format!("{path}/");
    let tars = [
        ("an empty path", with(&[("path", "")])),
        ("a sparse name of a file that is not sparse", with(&[("GNU.sparse.name", "other")])),
        ("a size with holes but no map", with(&[("GNU.sparse.realsize", "9")])),
        (
            "an extended header that another follows",
            Tar::default()
                .pax(&[("path", "other")])
                .raw(&with(&[("comment", "")]).0[..512].try_into().unwrap(), &with(&[("comment", "")]).0[512..]),
        ),
        (
            "a long name beside a path",
            Tar(Tar::default()
                .pax(&[("path", "other")])
                .0
                .into_iter()
                .chain(long(&path).file("short", &content).0)
                .collect()),
        ),
        ("a file with a slash at its end", Tar::default().file(&slash, &content)),
        (
            "a hard link that claims to have content",
            Tar(Tar::default().pax(&[("size", "1024")]).entry(b"link", b'1', b"", b"x").file(&path, &content).0),
        ),
    ];
    for (what, tar) in tars {
        let (seen, result) = walked(&tar.end(), &Limits::default());
        assert!(result.is_ok(), "{what}: {result:?}");
        assert_eq!(seen.files.get(&path), Some(&content), "{what}: {:?}", seen.files.keys());
    }
    let mut nul = header(path.as_bytes(), b'0', content.len() as u64, b"");
    nul[124..136].copy_from_slice(format!("\0{:010o}\0", content.len()).as_bytes());
    seal(&mut nul);
    assert_eq!(walked(&Tar::default().raw(&nul, &content).end(), &Limits::default()).0.files[&path], content);
}

#[test]
fn maps_of_holes_that_lie_are_reported() {
    for map in ["0,9,3,9", "9,1,0,1", "0,18446744073709551615", "18446744073709551615,1", "0,99999", "0,1,2"] {
        let tar = Tar::default()
            .pax(&[("GNU.sparse.size", "20"), ("GNU.sparse.name", "a"), ("GNU.sparse.map", map)])
            .file("GNUSparseFile.1/a", b"123456789");
        let (seen, result) = walked(&tar.end(), &Limits::default());
        assert!(result.is_ok(), "{map}: {result:?}");
        assert!(!seen.gaps.is_empty() || map == "0,1,2", "{map}: {:?}", seen.files);
    }
}

#[test]
fn more_parts_than_are_remembered_before_the_manifest_hide_nothing() {
    let tar = (0..51_000)
        .fold(Tar::default(), |tar, number| tar.raw(&header(number.to_string().as_bytes(), b'0', 0, b""), b""));
    let tar = Tar(tar.0.into_iter().chain(docker_old(&[file("a").end()]).0).collect()).end();
    assert!(!is_clean(of_target(&tar)));
}

#[test]
fn folders_are_walked_to_a_depth_that_no_honest_tree_has() {
    let folder = tempfile::tempdir().unwrap();
    let mut place = folder.path().to_path_buf();
    for _ in 0..1_950 {
        place.push("d");
    }
    std::fs::create_dir_all(&place).unwrap();
    let deep = format!("{}{}", "d/".repeat(200), json("deep"));
    let tree = [(json("a"), Node::File(package_json("a", "1"))), (deep, Node::File(package_json("deep", "1")))];
    write(&tree, folder.path());
    let examined = looked_at(&format!("dir:{}", folder.path().display()));
    assert_eq!(names(&examined), ["a", "deep"]);
    assert!(gap(&examined).contains("too deep"), "{}", gap(&examined));
}

#[test]
fn a_folders_links_and_pipes_are_never_opened() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    std::fs::write(folder.path().join("package.json"), package_json("outside", "1")).unwrap();
    write(
        &[
            (json("link"), Node::Symlink(folder.path().join("package.json").display().to_string())),
            ("out".into(), Node::Symlink("..".into())),
            (json("a"), Node::File(package_json("a", "1"))),
        ],
        &root,
    );
    let pipe = root.join("app/node_modules/pipe");
    std::fs::create_dir_all(&pipe).unwrap();
    make_pipe(&pipe.join("package.json"));
    assert_eq!(names(&looked_at(&format!("dir:{}", root.display()))), ["a"]);
}

fn make_pipe(path: &Path) {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..4096)) {
        let _ = walked(&bytes, &Limits::default());
        let _ = of_target(&bytes);
        let _ = of_layers(&[bytes]);
    }

    #[test]
    fn random_headers_with_right_checksums_never_panic(
        fields in proptest::collection::vec((0_usize..512, any::<u8>()), 0..40),
        name in proptest::collection::vec(any::<u8>(), 0..100),
        kind in proptest::sample::select(b"0123456789LKxXgSDVMN\0".to_vec()),
        content in proptest::collection::vec(any::<u8>(), 0..1500),
    ) {
        let mut block = header(&name, kind, content.len() as u64, b"");
        for (place, byte) in fields {
            block[place] = byte;
        }
        seal(&mut block);
        let bytes = file("a").raw(&block, &content).end();
        let _ = walked(&bytes, &Limits::default());
        let _ = of_layers(&[gzip(&bytes)]);
    }

    #[test]
    fn mutated_archives_never_panic(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        form in 0_usize..5,
    ) {
        let bytes = layer(&tree(usize::MAX));
        let mut whole = match form {
            0 => docker_old(&[bytes]).end(),
            1 => docker_new(&[gzip(&bytes)]).end(),
            2 => oci_tar(&[zstd(&bytes)]).end(),
            3 => gzip(&docker_old(&[bytes]).end()),
            _ => bytes,
        };
        for (place, byte) in changes {
            let place = place.index(whole.len());
            whole[place] = byte;
        }
        let _ = of_target(&whole);
    }
}
