//! Images and containers of Docker's engine, read where it keeps them (storage driver overlay2, as root): no layer is
//! packed up and unpacked again. The layout is that of moby's `image`, `layer` and `daemon/graphdriver/overlay2`.

use std::collections::{HashMap, HashSet};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use keelguard_model::image::Layer as LayerInfo;
use serde::Deserialize;
use serde_json::Value;

use super::folder::{FolderLayer, Marks};
use super::manifest::{Digest, History, MAX_DOCUMENT};
use super::{Image, SourceError, fill_layers};
use crate::Limits;

/// The folder of an engine: `/var/lib/docker`.
pub struct EngineRoot {
    root: PathBuf,
    /// Digests of the layers of each image that has a name, once they were asked for.
    named: OnceLock<Vec<Vec<String>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Repositories {
    #[serde(default)]
    repositories: HashMap<String, HashMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ContainerConfig {
    #[serde(default)]
    name: String,
    image: String,
}

impl EngineRoot {
    /// An engine's folder, where it is one that can be read: overlay2, and enough rights.
    pub fn open(root: &Path) -> io::Result<Self> {
        std::fs::read_dir(root.join("image/overlay2/imagedb/content/sha256"))?;
        Ok(Self { root: root.to_path_buf(), named: OnceLock::new() })
    }

    /// The image of this name, id or beginning of an id (12 digits at least); none where there is none.
    pub fn image(&self, name: &str, limits: &Limits) -> Result<Option<Image>, SourceError> {
        let Some((id, reference)) = self.find(name)? else { return Ok(None) };
        let mut image = self.load(&id, limits)?;
        if let Some(base) = self.base_of(&image) {
            for (index, layer) in image.target.layers.iter_mut().enumerate() {
                layer.base = index < base;
            }
        }
        image.target.reference = reference;
        image.cache_key = Some(id.to_string());
        Ok(Some(image))
    }

    /// The container of this name or id, with what it has changed as its topmost layer; none where there is none.
    pub fn container(&self, name: &str, limits: &Limits) -> Result<Option<Image>, SourceError> {
        let folder = self.root.join("containers");
        let what = || folder.display().to_string();
        for entry in std::fs::read_dir(&folder).map_err(SourceError::read(what()))? {
            let entry = entry.map_err(SourceError::read(what()))?;
            let id = entry.file_name().to_string_lossy().into_owned();
            let Some(config) = Self::container_config(&entry.path())? else { continue };
            let is_it = config.name.trim_start_matches('/') == name || (name.len() >= 12 && id.starts_with(name));
            if !is_it || !is_hexadecimal(&id) {
                continue;
            }
            let digest = config.image.parse::<Digest>().map_err(|why| SourceError::malformed(what(), why))?;
            let mut image = self.load(&digest, limits)?;
            "container".clone_into(&mut image.target.kind);
            image.target.reference = Some(config.name.trim_start_matches('/').to_owned());
            let mount = self.read_id(&format!("image/overlay2/layerdb/mounts/{id}/mount-id"))?;
            image
                .target
                .layers
                .push(LayerInfo { created_by: Some("the running container".into()), ..LayerInfo::default() });
            image.layers.push(self.layer(&mount, None));
            return Ok(Some(image));
        }
        Ok(None)
    }

    fn container_config(folder: &Path) -> Result<Option<ContainerConfig>, SourceError> {
        let path = folder.join("config.v2.json");
        match std::fs::File::open(&path) {
            // Containers come and go.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(SourceError::read(path.display().to_string())(error)),
            Ok(_) => document(&path, MAX_DOCUMENT).and_then(|bytes| parse(&bytes, &path)).map(Some),
        }
    }

    fn repositories_file(&self) -> PathBuf {
        self.root.join("image/overlay2/repositories.json")
    }

    /// The names of images, and what each means.
    fn repositories(&self) -> Result<Repositories, SourceError> {
        let path = self.repositories_file();
        match document(&path, MAX_DOCUMENT) {
            Ok(bytes) => parse(&bytes, &path),
            Err(SourceError::Read { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                Ok(Repositories { repositories: HashMap::new() })
            }
            Err(error) => Err(error),
        }
    }

    /// Id and name of the image that `name` means.
    fn find(&self, name: &str) -> Result<Option<(Digest, Option<String>)>, SourceError> {
        let path = self.repositories_file();
        let known = self.repositories()?;
        let wanted = familiar(name);
        let named = known.repositories.values().flatten().find(|(reference, _)| familiar(reference) == wanted);
        if let Some((reference, id)) = named {
            let id = id.parse().map_err(|why: String| SourceError::malformed(path.display().to_string(), why))?;
            return Ok(Some((id, Some(reference.clone()))));
        }
        let digits = name.trim_start_matches("sha256:");
        if digits.len() < 12 || !is_hexadecimal(digits) {
            return Ok(None);
        }
        let folder = self.root.join("image/overlay2/imagedb/content/sha256");
        let what = || folder.display().to_string();
        let mut found = Vec::new();
        for entry in std::fs::read_dir(&folder).map_err(SourceError::read(what()))? {
            let file = entry.map_err(SourceError::read(what()))?.file_name().to_string_lossy().into_owned();
            if file.starts_with(digits) {
                found.extend(format!("sha256:{file}").parse::<Digest>().ok());
            }
        }
        match found.as_slice() {
            [] => Ok(None),
            [only] => {
                let tag = known.repositories.values().flatten().find(|(_, id)| *id == only.as_str());
                Ok(Some((only.clone(), tag.map(|(reference, _)| reference.clone()))))
            }
            several => {
                let why = format!("{} ids begin like that", several.len());
                Err(SourceError::Choice { what: what(), why })
            }
        }
    }

    /// How many of the lowest layers are those of another image that has a name here: the largest such. Better than what
    /// can be guessed from the build steps; none where there is no such image.
    fn base_of(&self, image: &Image) -> Option<usize> {
        let own: Vec<&str> = image.target.layers.iter().filter_map(|layer| layer.diff_id.as_deref()).collect();
        let is_below = |layers: &&Vec<String>| {
            !layers.is_empty() && layers.len() < own.len() && layers.iter().zip(&own).all(|(left, right)| left == right)
        };
        self.named.get_or_init(|| self.layers_of_named()).iter().filter(is_below).map(Vec::len).max()
    }

    fn layers_of_named(&self) -> Vec<Vec<String>> {
        let Ok(known) = self.repositories() else { return Vec::new() };
        let ids: HashSet<&String> = known.repositories.values().flat_map(HashMap::values).collect();
        let layers_of = |id: &String| {
            let id: Digest = id.parse().ok()?;
            let path = self.root.join("image/overlay2/imagedb/content/sha256").join(id.digits());
            let config: Value = parse(&document(&path, MAX_DOCUMENT).ok()?, &path).ok()?;
            Some(History::of(&config).diff_ids)
        };
        ids.into_iter().filter_map(layers_of).collect()
    }

    /// An image by its id.
    fn load(&self, id: &Digest, limits: &Limits) -> Result<Image, SourceError> {
        let path = self.root.join("image/overlay2/imagedb/content/sha256").join(id.digits());
        let bytes = document(&path, MAX_DOCUMENT)?;
        let found = Digest::of(&bytes);
        if found != *id {
            let what = path.display().to_string();
            return Err(SourceError::Digest { what, found: found.to_string(), promised: id.to_string() });
        }
        let config: Value = parse(&bytes, &path)?;
        let history = History::of(&config);
        let mut image = Image::new("engine", config);
        let mut chain: Option<Digest> = None;
        image.left_out = history.diff_ids.len().saturating_sub(limits.max_layers);
        for diff_id in history.diff_ids.iter().take(limits.max_layers) {
            let diff_id: Digest =
                diff_id.parse().map_err(|why: String| SourceError::malformed(path.display().to_string(), why))?;
            // A layer is named after all those below it.
            let next = match &chain {
                None => diff_id.clone(),
                Some(below) => Digest::of(format!("{below} {diff_id}").as_bytes()),
            };
            let folder = format!("image/overlay2/layerdb/sha256/{}", next.digits());
            let cache_id = self.read_id(&format!("{folder}/cache-id"))?;
            let size = document(&self.root.join(format!("{folder}/size")), MAX_DOCUMENT).ok();
            let size = size.and_then(|size| String::from_utf8(size).ok()?.trim().parse().ok()).unwrap_or(0);
            image.target.layers.push(LayerInfo { size, ..LayerInfo::default() });
            image.layers.push(self.layer(&cache_id, Some(&diff_id)));
            chain = Some(next);
        }
        fill_layers(&mut image.target.layers, &history);
        image.target.digest = Some(id.to_string());
        Ok(image)
    }

    /// The folder that overlay2 calls `name`. `diff_id` is the digest of what it unpacked there, for layers of images: the
    /// engine gives each a name that it never uses again.
    fn layer(&self, name: &str, diff_id: Option<&Digest>) -> Box<dyn super::Layer> {
        let root = self.root.join("overlay2").join(name).join("diff");
        let key = diff_id.map(|diff_id| format!("{diff_id} as {name}"));
        Box::new(FolderLayer { root, marks: Marks::Overlay, key })
    }

    /// The name of a folder of overlay2, which must be nothing else.
    fn read_id(&self, file: &str) -> Result<String, SourceError> {
        let path = self.root.join(file);
        let text = String::from_utf8_lossy(&document(&path, MAX_DOCUMENT)?).trim().to_owned();
        let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if plain { Ok(text) } else { Err(SourceError::malformed(path.display().to_string(), "it names no layer")) }
    }
}

/// A small file.
pub(super) fn document(path: &Path, bound: u64) -> Result<Vec<u8>, SourceError> {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(bound + 1).read_to_end(&mut bytes));
    read.map_err(SourceError::read(path.display().to_string()))?;
    if bytes.len() as u64 > bound {
        return Err(SourceError::malformed(path.display().to_string(), "it is too large"));
    }
    Ok(bytes)
}

pub(super) fn parse<T: serde::de::DeserializeOwned>(bytes: &[u8], path: &Path) -> Result<T, SourceError> {
    serde_json::from_slice(bytes).map_err(|error| SourceError::malformed(path.display().to_string(), error.to_string()))
}

pub(super) fn is_hexadecimal(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A name in its shortest form with its tag: `docker.io/library/nginx` is `nginx:latest`.
fn familiar(name: &str) -> String {
    let short = name.strip_prefix("docker.io/").or_else(|| name.strip_prefix("index.docker.io/")).unwrap_or(name);
    let short = short.strip_prefix("library/").unwrap_or(short);
    let last = short.rsplit('/').next().unwrap_or(short);
    if last.contains([':', '@']) { short.to_owned() } else { format!("{short}:latest") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examine;

    const STATUS: &str = "Package: one\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n\n";

    fn write(root: &Path, name: &str, text: &str) {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// An engine's folder with one image of two layers, and a container that has added a package.
    fn engine(root: &Path) -> Digest {
        let (lower, upper) = (Digest::of(b"lower"), Digest::of(b"upper"));
        let config = format!(r#"{{"rootfs":{{"type":"layers","diff_ids":["{lower}","{upper}"]}}}}"#);
        let id = Digest::of(config.as_bytes());
        let chain = Digest::of(format!("{lower} {upper}").as_bytes());
        write(root, &format!("image/overlay2/imagedb/content/sha256/{}", id.digits()), &config);
        write(
            root,
            "image/overlay2/repositories.json",
            &format!(r#"{{"Repositories":{{"shop":{{"shop:1":"{id}"}}}}}}"#),
        );
        write(root, &format!("image/overlay2/layerdb/sha256/{}/cache-id", lower.digits()), "aaa");
        write(root, &format!("image/overlay2/layerdb/sha256/{}/cache-id", chain.digits()), "bbb");
        write(root, "overlay2/aaa/diff/var/lib/dpkg/status", STATUS);
        write(root, "overlay2/bbb/diff/var/lib/dpkg/status", &format!("{STATUS}{}", STATUS.replace("one", "two")));
        let container = "c".repeat(64);
        let settings = format!(r#"{{"Name":"/web","Image":"{id}"}}"#);
        write(root, &format!("containers/{container}/config.v2.json"), &settings);
        write(root, &format!("image/overlay2/layerdb/mounts/{container}/mount-id"), "ccc");
        let three = format!("{STATUS}{}", STATUS.replace("one", "three"));
        write(root, "overlay2/ccc/diff/var/lib/dpkg/status", &three);
        id
    }

    fn names(image: &Image) -> Vec<(String, Option<usize>)> {
        examine(image, None, &Limits::default()).packages.into_iter().map(|one| (one.name, one.layer)).collect()
    }

    #[test]
    fn an_image_is_found_by_name_and_by_id_and_read_in_place() {
        let folder = tempfile::tempdir().unwrap();
        let id = engine(folder.path());
        let root = EngineRoot::open(folder.path()).unwrap();
        for name in ["shop:1", "docker.io/library/shop:1", id.as_str(), &id.digits()[..12]] {
            let image = root.image(name, &Limits::default()).unwrap().unwrap();
            assert_eq!(image.target.reference.as_deref(), Some("shop:1"), "{name}");
            assert_eq!(names(&image), [("one".into(), Some(0)), ("two".into(), Some(1))], "{name}");
        }
        assert!(root.image("shop", &Limits::default()).unwrap().is_none(), "there is no shop:latest");
        assert!(root.image("../../etc", &Limits::default()).unwrap().is_none());
    }

    #[test]
    fn the_base_is_the_largest_other_image_with_a_name_whose_layers_lie_below() {
        let folder = tempfile::tempdir().unwrap();
        let id = engine(folder.path());
        let base = |root: &Path| -> Vec<bool> {
            let image = EngineRoot::open(root).unwrap().image("shop:1", &Limits::default()).unwrap().unwrap();
            image.target.layers.iter().map(|layer| layer.base).collect()
        };
        assert_eq!(base(folder.path()), [false, false], "nothing says so");
        let below = format!(r#"{{"rootfs":{{"type":"layers","diff_ids":["{}"]}}}}"#, Digest::of(b"lower"));
        let base_id = Digest::of(below.as_bytes());
        write(folder.path(), &format!("image/overlay2/imagedb/content/sha256/{}", base_id.digits()), &below);
        assert_eq!(base(folder.path()), [false, false], "steps of a build have no name");
        let names = format!(
            r#"{{"Repositories":{{"shop":{{"shop:1":"{id}"}},"debian":{{"debian:12":"{base_id}","shop:old":"{id}"}}}}}}"#
        );
        write(folder.path(), "image/overlay2/repositories.json", &names);
        assert_eq!(base(folder.path()), [true, false]);
    }

    #[test]
    fn a_container_is_its_image_and_what_it_has_changed() {
        let folder = tempfile::tempdir().unwrap();
        engine(folder.path());
        let root = EngineRoot::open(folder.path()).unwrap();
        let image = root.container("web", &Limits::default()).unwrap().unwrap();
        assert_eq!(names(&image), [("one".into(), Some(0)), ("three".into(), Some(2))]);
        assert!(image.cache_key.is_none(), "it can change at any time");
    }

    #[test]
    fn a_configuration_that_is_not_what_its_id_promises_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let id = engine(folder.path());
        write(folder.path(), &format!("image/overlay2/imagedb/content/sha256/{}", id.digits()), "{}");
        let root = EngineRoot::open(folder.path()).unwrap();
        assert!(matches!(root.image("shop:1", &Limits::default()), Err(SourceError::Digest { .. })));
    }
}
