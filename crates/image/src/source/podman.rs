//! Images and containers of Podman and CRI-O, read where they keep them (containers/storage, drivers overlay and vfs): no
//! layer is packed up and unpacked again.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use keelguard_model::image::Layer as LayerInfo;
use serde::Deserialize;
use serde_json::Value;

use super::engine::{document, is_hexadecimal, parse};
use super::folder::{FolderLayer, Marks};
use super::manifest::{Digest, Document, History, MAX_DOCUMENT};
use super::{Image, SourceError, fill_layers, names};
use crate::Limits;

/// Lists of images and layers that are larger hold something else, bytes. A thousand images take some two megabytes.
const MAX_LIST: u64 = 64 << 20;

/// A folder of containers/storage: `/var/lib/containers/storage`.
pub struct PodmanRoot {
    root: PathBuf,
    driver: Driver,
    /// Further storages in which layers may lie.
    beside: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Driver {
    /// A folder for what each layer adds.
    Overlay,
    /// A folder for each layer with all that is below it.
    Vfs,
}

impl Driver {
    const ALL: [Self; 2] = [Self::Overlay, Self::Vfs];

    fn name(self) -> &'static str {
        match self {
            Self::Overlay => "overlay",
            Self::Vfs => "vfs",
        }
    }
}

#[derive(Deserialize)]
struct ImageRecord {
    id: String,
    #[serde(default)]
    digest: String,
    #[serde(default)]
    names: Option<Vec<String>>,
    #[serde(default)]
    layer: String,
}

#[derive(Deserialize)]
struct ContainerRecord {
    id: String,
    #[serde(default)]
    names: Option<Vec<String>>,
    #[serde(default)]
    image: String,
    layer: String,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct LayerRecord {
    id: String,
    #[serde(default)]
    parent: String,
    #[serde(default)]
    compressed_diff_digest: String,
    #[serde(default)]
    diff_digest: String,
    #[serde(default)]
    diff_size: i64,
}

impl PodmanRoot {
    /// The storages in `root`, one for each driver that was used there, where they can be read. `beside` are those whose
    /// layers it shares.
    pub fn open(root: &Path, beside: &[PathBuf]) -> io::Result<Vec<Self>> {
        std::fs::read_dir(root)?;
        let mut found = Vec::new();
        for driver in Driver::ALL {
            match std::fs::File::open(root.join(format!("{}-images/images.json", driver.name()))) {
                Ok(_) => found.push(Self { root: root.to_path_buf(), driver, beside: beside.to_vec() }),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    /// Where it lies.
    pub fn folder(&self) -> &Path {
        &self.root
    }

    /// The image of this name, id or beginning of an id (12 digits at least); none where there is none.
    pub fn image(&self, name: &str, limits: &Limits) -> Result<Option<Image>, SourceError> {
        let path = self.part("images", "images.json");
        let records: Vec<ImageRecord> = list(&path)?;
        let Some((record, reference)) = choose(&records, name, &path)? else { return Ok(None) };
        let mut image = self.load(record, &record.layer, 0, limits)?;
        image.target.reference = reference;
        Ok(Some(image))
    }

    /// The container of this name or id, with what it has changed as its topmost layer; none where there is none.
    pub fn container(&self, name: &str, limits: &Limits) -> Result<Option<Image>, SourceError> {
        let mut records: Vec<ContainerRecord> = Vec::new();
        for file in ["containers.json", "volatile-containers.json"] {
            records.extend(optional(&self.part("containers", file))?);
        }
        let is_it = |record: &&ContainerRecord| {
            record.names.iter().flatten().any(|one| one == name) || name.len() >= 12 && record.id.starts_with(name)
        };
        let Some(container) = records.iter().find(is_it) else { return Ok(None) };
        let path = self.part("images", "images.json");
        let images: Vec<ImageRecord> = list(&path)?;
        let of = images.iter().find(|record| record.id == container.image);
        let what = || path.display().to_string();
        let of = of.ok_or_else(|| SourceError::malformed(what(), format!("the image of {name} is not in it")))?;
        let mut image = self.load(of, &container.layer, 1, limits)?;
        "container".clone_into(&mut image.target.kind);
        image.target.reference = container.names.iter().flatten().next().cloned();
        image.cache_key = None;
        Ok(Some(image))
    }

    fn part(&self, kind: &str, file: &str) -> PathBuf {
        self.root.join(format!("{}-{kind}", self.driver.name())).join(file)
    }

    /// The image of `record`, with the layers from `top` down: its own, and `more` on top of them.
    fn load(&self, record: &ImageRecord, top: &str, more: usize, limits: &Limits) -> Result<Image, SourceError> {
        if !is_hexadecimal(&record.id) {
            return Err(SourceError::malformed(self.root.display().to_string(), "an image in it has no id"));
        }
        let folder = self.part("images", &record.id);
        let manifest_path = folder.join("manifest");
        let bytes = document(&manifest_path, MAX_DOCUMENT)?;
        let what = || manifest_path.display().to_string();
        let Document::Manifest(manifest) =
            Document::parse(&bytes).map_err(|why| SourceError::malformed(what(), why))?
        else {
            return Err(SourceError::malformed(what(), "it is a list of manifests"));
        };
        let id = manifest.config.digest().map_err(|why| SourceError::malformed(what(), why))?;
        let config_path = folder.join(stored_name(id.as_str()));
        let config = document(&config_path, MAX_DOCUMENT)?;
        let found = Digest::of(&config);
        if found != id {
            let what = config_path.display().to_string();
            return Err(SourceError::Digest { what, found: found.to_string(), promised: id.to_string() });
        }
        let config: Value = parse(&config, &config_path)?;
        let history = History::of(&config);
        let mut layers = self.chain(top)?;
        let in_image = history.diff_ids.len();
        if layers.len() != in_image + more {
            let why = format!("{} layers are kept for {}, which has {in_image}", layers.len(), record.id);
            return Err(SourceError::malformed(self.root.display().to_string(), why));
        }
        for (layer, diff_id) in layers.iter().zip(&history.diff_ids) {
            if !layer.diff_digest.is_empty() && layer.diff_digest != *diff_id {
                let what = format!("the layer {} in {}", layer.id, self.root.display());
                let (found, promised) = (layer.diff_digest.clone(), diff_id.clone());
                return Err(SourceError::Digest { what, found, promised });
            }
        }
        let mut image = Image::new("podman", config);
        if self.driver != Driver::Vfs {
            image.left_out = layers.len().saturating_sub(limits.max_layers);
            layers.truncate(limits.max_layers);
        }
        self.fill(&mut image, &layers, &history)?;
        image.target.digest = Some(Digest::of(&bytes).to_string());
        if self.is_ours() {
            image.cache_key = Some(format!("{id} in {} {}", self.driver.name(), self.root.display()));
        }
        Ok(image)
    }

    /// Whoever may write there may change what lies there. What we keep of it serves this storage alone, and only where that
    /// is root or we.
    fn is_ours(&self) -> bool {
        let ours = |owner: u32| owner == 0 || owner == rustix::process::geteuid().as_raw();
        std::fs::metadata(&self.root).is_ok_and(|folder| ours(folder.uid()))
    }

    fn fill(&self, image: &mut Image, layers: &[LayerRecord], history: &History) -> Result<(), SourceError> {
        let size = |layer: &LayerRecord| u64::try_from(layer.diff_size).unwrap_or(0);
        if self.driver == Driver::Vfs {
            // The topmost folder holds everything, and says nothing of which layer brought it.
            if let Some(top) = layers.last() {
                let root = self.folder_of(&top.id)?;
                image.layers.push(Box::new(FolderLayer { root, marks: Marks::None, key: None }));
                let created_by = Some(format!("{} layers, which the driver vfs keeps as one", layers.len()));
                let size = layers.iter().map(size).sum();
                image.target.layers.push(LayerInfo { size, created_by, ..LayerInfo::default() });
            }
            return Ok(());
        }
        let (ours, marks) = (self.is_ours(), self.marks());
        for (index, layer) in layers.iter().enumerate() {
            let root = self.folder_of(&layer.id)?;
            // What a container has changed has no name, and can change at any time.
            let diff_id = history.diff_ids.get(index).filter(|_| ours);
            let key = diff_id.map(|diff_id| format!("{diff_id} as {}", root.display()));
            image.layers.push(Box::new(FolderLayer { root, marks, key }));
            let digest = Some(layer.compressed_diff_digest.clone()).filter(|digest| !digest.is_empty());
            image.target.layers.push(LayerInfo { digest, size: size(layer), ..LayerInfo::default() });
        }
        fill_layers(&mut image.target.layers, history);
        if let Some(container) = image.target.layers.get_mut(history.diff_ids.len()) {
            container.created_by = Some("the container".into());
        }
        Ok(())
    }

    /// How removed files are marked: fuse-overlayfs has ways of its own.
    fn marks(&self) -> Marks {
        let program = std::fs::read(self.root.join("overlay/.has-mount-program")).unwrap_or_default();
        if program.starts_with(b"true") { Marks::FuseOverlay } else { Marks::Overlay }
    }

    /// The layers from the lowest up to `top`.
    fn chain(&self, top: &str) -> Result<Vec<LayerRecord>, SourceError> {
        let mut known: HashMap<String, LayerRecord> = HashMap::new();
        for root in std::iter::once(&self.root).chain(&self.beside) {
            for file in ["layers.json", "volatile-layers.json"] {
                let path = root.join(format!("{}-layers", self.driver.name())).join(file);
                for record in optional::<LayerRecord>(&path)? {
                    known.entry(record.id.clone()).or_insert(record);
                }
            }
        }
        let mut chain = Vec::new();
        let mut next = top;
        while !next.is_empty() {
            let malformed = |why: String| SourceError::malformed(self.root.display().to_string(), why);
            let layer = known.get(next).ok_or_else(|| malformed(format!("the layer {next:?} is not in it")))?;
            if chain.len() >= known.len() {
                return Err(malformed("layers in it lie on top of themselves".to_owned()));
            }
            chain.push(layer.clone());
            next = &layer.parent;
        }
        chain.reverse();
        Ok(chain)
    }

    /// Where the files of a layer are.
    fn folder_of(&self, layer: &str) -> Result<PathBuf, SourceError> {
        let malformed = |why: &str| SourceError::malformed(format!("the layer {layer:?}"), why);
        if !is_hexadecimal(layer) {
            return Err(malformed("that is no id"));
        }
        let below = match self.driver {
            Driver::Overlay => format!("overlay/{layer}"),
            Driver::Vfs => format!("vfs/dir/{layer}"),
        };
        let roots = std::iter::once(&self.root).chain(&self.beside);
        let found = roots.map(|root| root.join(&below)).find(|folder| folder.is_dir());
        let folder = found.ok_or_else(|| malformed("its folder is not there"))?;
        if self.driver == Driver::Vfs {
            return Ok(folder);
        }
        if folder.join("composefs-data").exists() {
            // Its folder holds contents without names: an empty answer would look clean.
            return Err(malformed(
                "it is kept as composefs, whose files cannot be read in place; type: podman save IMAGE | keelguard image -",
            ));
        }
        Ok(folder.join("diff"))
    }
}

/// The image that `name` means, and what it is called.
fn choose<'a>(
    records: &'a [ImageRecord],
    name: &str,
    path: &Path,
) -> Result<Option<(&'a ImageRecord, Option<String>)>, SourceError> {
    let named = records.iter().flat_map(|record| {
        let digest = Some(record.digest.as_str()).filter(|digest| !digest.is_empty());
        let fits = move |stored: &'a String| Some((names::fit(stored, digest, name)?, (record, stored)));
        record.names.iter().flatten().filter_map(fits)
    });
    let found = names::best(named);
    let different: HashSet<&str> = found.iter().map(|(record, _)| record.id.as_str()).collect();
    if different.len() > 1 {
        let names: Vec<&str> = found.iter().map(|(_, name)| name.as_str()).take(8).collect();
        let why = format!("{name} may be one of {}", names.join(", "));
        return Err(SourceError::Choice { what: path.display().to_string(), why });
    }
    if let Some((record, stored)) = found.first() {
        return Ok(Some((record, Some((*stored).clone()))));
    }
    let digits = name.trim_start_matches("sha256:");
    if digits.len() < 12 || !is_hexadecimal(digits) {
        return Ok(None);
    }
    let by_id: BTreeMap<&str, &ImageRecord> = records
        .iter()
        .filter(|record| record.id.starts_with(digits))
        .map(|record| (record.id.as_str(), record))
        .collect();
    match by_id.values().collect::<Vec<_>>().as_slice() {
        [] => Ok(None),
        [only] => Ok(Some((only, only.names.iter().flatten().next().cloned()))),
        several => {
            let why = format!("{} ids begin like that", several.len());
            Err(SourceError::Choice { what: path.display().to_string(), why })
        }
    }
}

fn list<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Vec<T>, SourceError> {
    document(path, MAX_LIST).and_then(|bytes| parse(&bytes, path))
}

/// A list that need not be there.
fn optional<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Vec<T>, SourceError> {
    match list(path) {
        Err(SourceError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        other => other,
    }
}

/// The file in which containers/storage keeps what has this name (`makeBigDataBaseName`).
fn stored_name(key: &str) -> String {
    let plain = |byte: u8| byte == b'.' || byte.is_ascii_digit() || byte.is_ascii_lowercase();
    if key.bytes().all(plain) {
        key.to_owned()
    } else {
        format!("={}", base64::engine::general_purpose::STANDARD.encode(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examine;

    fn write(root: &Path, name: &str, text: &str) {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn status(names: &[&str]) -> String {
        let one =
            |name: &&str| format!("Package: {name}\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n\n");
        names.iter().map(one).collect()
    }

    /// A storage with one image of two layers and a container, as a rootless Podman with fuse-overlayfs keeps it.
    fn storage(root: &Path) -> String {
        let (lower, upper) = (Digest::of(b"lower"), Digest::of(b"upper"));
        let config = format!(r#"{{"rootfs":{{"type":"layers","diff_ids":["{lower}","{upper}"]}}}}"#);
        let id = Digest::of(config.as_bytes());
        let images = format!(
            r#"[{{"id":"{0}","names":["localhost/shop:1"],"layer":"bb","digest":"{lower}"}},{{"id":"{1}","names":null,"layer":"aa"}}]"#,
            id.digits(),
            "e".repeat(64),
        );
        write(root, "overlay-images/images.json", &images);
        let manifest = format!(r#"{{"schemaVersion":2,"config":{{"digest":"{id}"}},"layers":[]}}"#);
        write(root, &format!("overlay-images/{}/manifest", id.digits()), &manifest);
        write(root, &format!("overlay-images/{}/{}", id.digits(), stored_name(id.as_str())), &config);
        let layers = format!(
            r#"[{{"id":"bb","parent":"aa","diff-digest":"{upper}","diff-size":7}},{{"id":"aa","diff-digest":"{lower}","diff-size":-1}}]"#
        );
        write(root, "overlay-layers/layers.json", &layers);
        write(root, "overlay-layers/volatile-layers.json", r#"[{"id":"cc","parent":"bb"}]"#);
        let container =
            format!(r#"[{{"id":"{}","names":["web"],"image":"{}","layer":"cc"}}]"#, "c".repeat(64), id.digits());
        write(root, "overlay-containers/volatile-containers.json", &container);
        write(root, "overlay/.has-mount-program", "true");
        write(root, "overlay/aa/diff/var/lib/dpkg/status", &status(&["one"]));
        write(root, "overlay/aa/diff/app/node_modules/x/package.json", r#"{"name": "x", "version": "1.0.0"}"#);
        write(root, "overlay/bb/diff/var/lib/dpkg/status", &status(&["one", "two"]));
        write(root, "overlay/bb/diff/app/node_modules/.wh.x", "");
        write(root, "overlay/cc/diff/var/lib/.wh..wh..opq", "");
        id.digits().to_owned()
    }

    fn opened(root: &Path) -> PodmanRoot {
        PodmanRoot::open(root, &[]).unwrap().pop().unwrap()
    }

    fn names(image: &Image) -> Vec<(String, Option<usize>)> {
        let examined = examine(image, None, &Limits::default());
        assert_eq!(examined.incomplete, []);
        examined.packages.into_iter().map(|one| (one.name, one.layer)).collect()
    }

    #[test]
    fn an_image_is_found_by_short_and_full_name_and_id_and_read_with_the_marks_of_fuse() {
        let folder = tempfile::tempdir().unwrap();
        let id = storage(folder.path());
        let root = opened(folder.path());
        for name in ["shop:1", "localhost/shop:1", &id, &id[..12]] {
            let image = root.image(name, &Limits::default()).unwrap().unwrap();
            assert_eq!(image.target.reference.as_deref(), Some("localhost/shop:1"), "{name}");
            assert_eq!(names(&image), [("one".into(), Some(0)), ("two".into(), Some(1))], "{name}");
        }
        for name in ["shop", "quay.io/shop:1", "../../etc", "ffffffffffff"] {
            assert!(root.image(name, &Limits::default()).unwrap().is_none(), "{name}");
        }
    }

    #[test]
    fn a_container_is_its_image_and_what_it_has_changed() {
        let folder = tempfile::tempdir().unwrap();
        storage(folder.path());
        let image = opened(folder.path()).container("web", &Limits::default()).unwrap().unwrap();
        assert_eq!(names(&image), [], "it hides everything below /var/lib");
        assert_eq!((image.target.kind.as_str(), image.cache_key.as_deref()), ("container", None));
        assert_eq!(image.target.layers.len(), 3);
    }

    #[test]
    fn of_more_layers_than_are_read_the_lowest_are_and_the_rest_is_said_to_be_missing() {
        let folder = tempfile::tempdir().unwrap();
        storage(folder.path());
        let limits = Limits { max_layers: 1, ..Limits::default() };
        for (image, missing) in [
            (opened(folder.path()).image("shop:1", &limits), "the 1 topmost layers"),
            (opened(folder.path()).container("web", &limits), "the 2 topmost layers"),
        ] {
            let image = image.unwrap().unwrap();
            assert_eq!(image.target.layers.len(), 1);
            let examined = examine(&image, None, &limits);
            let names: Vec<&str> = examined.packages.iter().map(|one| one.name.as_str()).collect();
            assert_eq!(names, ["one", "x"], "what the upper layers remove is still there");
            let said: Vec<&str> = examined.incomplete.iter().map(|one| one.what.as_str()).collect();
            assert_eq!(said, [missing]);
        }
    }

    #[test]
    fn a_storage_that_contradicts_itself_is_refused() {
        let refused = |name: &str, text: &str| {
            let folder = tempfile::tempdir().unwrap();
            let id = storage(folder.path());
            write(folder.path(), &name.replace("ID", &id), text);
            opened(folder.path())
                .image("shop:1", &Limits::default())
                .err()
                .map_or_else(String::new, |error| error.to_string())
        };
        let circle = r#"[{"id":"bb","parent":"aa"},{"id":"aa","parent":"bb"}]"#;
        assert!(refused("overlay-layers/layers.json", circle).contains("lie on top of themselves"));
        assert!(refused("overlay-layers/layers.json", r#"[{"id":"bb"}]"#).contains("1 layers are kept"));
        assert!(refused("overlay-layers/layers.json", "[]").contains("the layer \"bb\" is not in it"));
        let other = r#"[{"id":"bb","parent":"aa","diff-digest":"sha256:0"},{"id":"aa"}]"#;
        assert!(refused("overlay-layers/layers.json", other).contains("its digest is sha256:0"));
        let escape = r#"[{"id":"bb","parent":"../../etc"},{"id":"../../etc"}]"#;
        assert!(refused("overlay-layers/layers.json", escape).contains("that is no id"));
        assert!(refused("overlay-images/ID/manifest", "{}").contains("neither a manifest nor an index"));
        assert!(refused("overlay-images/images.json", "[{").contains("images.json"));
        assert!(refused("overlay/bb/composefs-data/composefs.blob", "").contains("podman save"));
    }
}
