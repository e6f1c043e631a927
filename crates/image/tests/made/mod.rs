//! Images made by hand: tars, docker archives and OCI layouts around the same small tree.
#![allow(dead_code, reason = "each test binary uses a part of it")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may end in a panic")]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use keelguard_image::content::{Content, read_all};
use keelguard_image::source::{Entry, EntryKind, Image, Options, SourceError, Spec, Visitor, Want, open};
use keelguard_image::{Examined, Limits, examine};
use sha2::Digest as _;

/// A tar being written, with ustar headers and GNU long names.
#[derive(Default)]
pub struct Tar(pub Vec<u8>);

/// A header block with a checksum that fits.
pub fn header(name: &[u8], kind: u8, size: u64, link: &[u8]) -> [u8; 512] {
    let mut block = [0; 512];
    let name = &name[..name.len().min(100)];
    let link = &link[..link.len().min(100)];
    block[..name.len()].copy_from_slice(name);
    block[100..107].copy_from_slice(b"0000644");
    if size < 1 << 33 {
        block[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
    } else {
        block[124] = 0x80;
        block[128..136].copy_from_slice(&size.to_be_bytes());
    }
    block[156] = kind;
    block[157..157 + link.len()].copy_from_slice(link);
    block[257..265].copy_from_slice(b"ustar  \0");
    seal(&mut block);
    block
}

/// Makes the checksum fit.
pub fn seal(block: &mut [u8; 512]) {
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
}

impl Tar {
    pub fn entry(mut self, name: &[u8], kind: u8, content: &[u8], link: &[u8]) -> Self {
        if name.len() > 100 {
            let long = [name, b"\0"].concat();
            self = self.raw(&header(b"././@LongLink", b'L', long.len() as u64, b""), &long);
        }
        if link.len() > 100 {
            let long = [link, b"\0"].concat();
            self = self.raw(&header(b"././@LongLink", b'K', long.len() as u64, b""), &long);
        }
        self.raw(&header(name, kind, content.len() as u64, link), content)
    }

    /// A header, and the content behind it, padded.
    pub fn raw(mut self, header: &[u8; 512], content: &[u8]) -> Self {
        self.0.extend_from_slice(header);
        self.0.extend_from_slice(content);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    pub fn file(self, name: &str, content: &[u8]) -> Self {
        self.entry(name.as_bytes(), b'0', content, b"")
    }

    /// PAX records for the next entry.
    pub fn pax(self, records: &[(&str, &str)]) -> Self {
        let text: String = records.iter().map(|(key, value)| record(key, value)).collect();
        self.entry(b"PaxHeaders/x", b'x', text.as_bytes(), b"")
    }

    /// With the mark at its end.
    pub fn end(mut self) -> Vec<u8> {
        self.0.resize(self.0.len() + 1024, 0);
        self.0
    }
}

fn record(key: &str, value: &str) -> String {
    let rest = format!(" {key}={value}\n");
    let mut length = rest.len() + 1;
    while length != rest.len() + length.to_string().len() {
        length += 1;
    }
    format!("{length}{rest}")
}

pub enum Node {
    File(Vec<u8>),
    /// A hard link to an earlier path.
    Link(String),
    Symlink(String),
}

pub fn package_json(name: &str, version: &str) -> Vec<u8> {
    format!(r#"{{"name": "{name}", "version": "{version}"}}"#).into_bytes()
}

pub fn dpkg(packages: &[(&str, &str)]) -> Vec<u8> {
    let one = |(name, version): &(&str, &str)| {
        format!("Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n\n")
    };
    packages.iter().map(one).collect::<String>().into_bytes()
}

pub const OS_RELEASE: &[u8] = b"ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n";

/// The tree that every source is to show alike; names of at most `longest` bytes.
pub fn tree(longest: usize) -> Vec<(String, Node)> {
    let long = |length: usize, count: usize| vec!["n".repeat(length); count].join("/");
    let file = |path: &str, content: Vec<u8>| (path.to_owned(), Node::File(content));
    let mut tree = vec![
        file("etc/os-release", OS_RELEASE.to_vec()),
        file("var/lib/dpkg/status", dpkg(&[("alpha", "1.0-1"), ("beta", "2:2.0")])),
        file("app/node_modules/x/package.json", package_json("x", "1.2.3")),
        ("app/node_modules/y/package.json".into(), Node::Link("app/node_modules/x/package.json".into())),
        file("app/data.bin", package_json("hidden", "4.5.6")),
        ("app/node_modules/z/package.json".into(), Node::Link("app/data.bin".into())),
        ("app/node_modules/s/index.js".into(), Node::Symlink("../x/package.json".into())),
        file("app/node_modules/empty/package.json", Vec::new()),
        file("app/.hidden", b"nothing".to_vec()),
        file(&format!("app/node_modules/{}/package.json", long(60, 2)), package_json("long", "1.0.0")),
        file(&format!("app/node_modules/{}/package.json", long(150, 2)), package_json("longer", "2.0.0")),
    ];
    tree.retain(|(path, _)| path.len() <= longest);
    tree
}

/// The tree as a folder.
pub fn write(tree: &[(String, Node)], root: &Path) {
    for (path, node) in tree {
        let place = root.join(path);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        match node {
            Node::File(content) => std::fs::write(place, content).unwrap(),
            Node::Link(target) => std::fs::hard_link(root.join(target), place).unwrap(),
            Node::Symlink(target) => std::os::unix::fs::symlink(target, place).unwrap(),
        }
    }
}

/// The tree as a layer.
pub fn layer(tree: &[(String, Node)]) -> Vec<u8> {
    let add = |tar: Tar, (path, node): &(String, Node)| match node {
        Node::File(content) => tar.file(path, content),
        Node::Link(target) => tar.entry(path.as_bytes(), b'1', b"", target.as_bytes()),
        Node::Symlink(target) => tar.entry(path.as_bytes(), b'2', b"", target.as_bytes()),
    };
    tree.iter().fold(Tar::default(), add).end()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

pub fn digest(bytes: &[u8]) -> String {
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn config(layers: &[Vec<u8>]) -> Vec<u8> {
    let ids: Vec<String> = layers.iter().map(|layer| format!("sha256:{}", digest(layer))).collect();
    serde_json::to_vec(&serde_json::json!({
        "architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"type": "layers", "diff_ids": ids},
    }))
    .unwrap()
}

/// What older versions of `docker save` wrote.
pub fn docker_old(layers: &[Vec<u8>]) -> Tar {
    let config = config(layers);
    let name = format!("{}.json", digest(&config));
    let names: Vec<String> = (0..layers.len()).map(|index| format!("{index:064}/layer.tar")).collect();
    let parts = names.iter().zip(layers).fold(Tar::default(), |tar, (name, layer)| tar.file(name, layer));
    let manifest = serde_json::json!([{"Config": name, "RepoTags": ["web:1"], "Layers": names}]);
    parts.file(&name, &config).file("manifest.json", manifest.to_string().as_bytes())
}

/// Blobs by digest, and the index and manifests around them.
pub fn oci_parts(layers: &[Vec<u8>]) -> BTreeMap<String, Vec<u8>> {
    let blob = |bytes: &[u8]| format!("blobs/sha256/{}", digest(bytes));
    let describe =
        |bytes: &[u8]| serde_json::json!({"digest": format!("sha256:{}", digest(bytes)), "size": bytes.len()});
    let config = config(layers);
    let described: Vec<_> = layers.iter().map(|layer| describe(layer)).collect();
    let manifest = serde_json::json!({"schemaVersion": 2, "config": describe(&config), "layers": described});
    let manifest = manifest.to_string().into_bytes();
    let index = serde_json::json!({"schemaVersion": 2, "manifests": [describe(&manifest)]});
    let mut parts: BTreeMap<_, _> = layers.iter().map(|layer| (blob(layer), layer.clone())).collect();
    parts.insert(blob(&config), config);
    parts.insert(blob(&manifest), manifest);
    parts.insert("index.json".into(), index.to_string().into_bytes());
    parts.insert("oci-layout".into(), br#"{"imageLayoutVersion": "1.0.0"}"#.to_vec());
    parts
}

pub fn oci_tar(layers: &[Vec<u8>]) -> Tar {
    oci_parts(layers).iter().fold(Tar::default(), |tar, (name, bytes)| tar.file(name, bytes))
}

pub fn oci_folder(layers: &[Vec<u8>], root: &Path) {
    let files: Vec<_> = oci_parts(layers).into_iter().map(|(path, bytes)| (path, Node::File(bytes))).collect();
    write(&files, root);
}

/// What Docker 25 and later write: an OCI layout that has a `manifest.json`, too.
pub fn docker_new(layers: &[Vec<u8>]) -> Tar {
    let names: Vec<String> = layers.iter().map(|layer| format!("blobs/sha256/{}", digest(layer))).collect();
    let config = format!("blobs/sha256/{}", digest(&config(layers)));
    let manifest = serde_json::json!([{"Config": config, "RepoTags": ["web:1"], "Layers": names}]);
    oci_tar(layers).file("manifest.json", manifest.to_string().as_bytes())
}

pub fn opened(target: &str, limits: Limits) -> Result<Image, SourceError> {
    let options = Options { limits, ..Options::default() };
    Ok(open(&Spec::parse(target).unwrap(), &options)?.unwrap())
}

pub fn looked_at(target: &str) -> Examined {
    examine(&opened(target, Limits::default()).unwrap(), None, &Limits::default())
}

/// Opens and examines bytes put into a file.
pub fn of_bytes(scheme: &str, bytes: &[u8], limits: Limits) -> Result<Examined, SourceError> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let image = opened(&format!("{scheme}:{}", file.path().display()), limits)?;
    Ok(examine(&image, None, &limits))
}

/// A docker archive of these layers, examined.
pub fn of_layers(layers: &[Vec<u8>]) -> Examined {
    of_bytes("archive", &docker_old(layers).end(), Limits::default()).unwrap()
}

/// Package URLs with the files that name them.
pub fn packages(examined: &Examined) -> Vec<(String, Vec<String>)> {
    examined.packages.iter().map(|package| (package.purl.clone(), package.paths.clone())).collect()
}

/// `name version`, and the layer that brought it.
pub fn by_layer(examined: &Examined) -> Vec<(String, Option<usize>)> {
    examined.packages.iter().map(|one| (format!("{} {}", one.name, one.version), one.layer)).collect()
}

/// Keeps everything that a walk shows.
#[derive(Default)]
pub struct Seen {
    pub files: BTreeMap<String, Vec<u8>>,
    pub gaps: Vec<(String, String)>,
}

impl Visitor for Seen {
    fn entry(&mut self, entry: &Entry<'_>) -> Want {
        if entry.kind == EntryKind::File { Want::Content } else { Want::Nothing }
    }

    fn content(&mut self, entry: &Entry<'_>, content: &dyn Content) {
        match read_all(content, 64 << 20) {
            Ok(bytes) => {
                self.files.insert(entry.path.to_owned(), bytes);
            }
            Err(error) => self.gaps.push((entry.path.to_owned(), error.to_string())),
        }
    }

    fn removed(&mut self, _: &str) {}

    fn opaque(&mut self, _: &str) {}

    fn incomplete(&mut self, what: String, why: String) {
        self.gaps.push((what, why));
    }
}
