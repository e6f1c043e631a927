//! Where an image is looked for that is no file: the engine's files, containerd, Podman, then whatever an engine packs up
//! when it is asked, and last of all a registry. What is not found says where was looked.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use keelguard_host::Packed;
use keelguard_image::cache::Cache;
use keelguard_image::source::registry::{self, Access};
use keelguard_image::source::{
    ContainerdRoot, EngineRoot, Image, Options, PodmanRoot, Reference, Scheme, SourceError, Spec, Storages,
};

use crate::settings::Settings;

/// What came of looking in one place.
enum Look {
    Found(Box<Image>),
    /// It is not there; in words.
    Not(String),
}

/// Places that may have what a bare name means, in the order in which they are asked.
const ORDER: &[Place] = &[Place::Engine, Place::Containerd, Place::Podman, Place::Asked, Place::Registry];

/// Places that may have a container.
const CONTAINERS: &[Place] = &[Place::Engine, Place::Podman, Place::Asked];

/// Places that may have an image of an engine.
const ENGINE: &[Place] = &[Place::Engine, Place::Asked];

/// Where is looked.
#[derive(Clone, Copy)]
enum Place {
    /// The files of Docker's engine.
    Engine,
    Containerd,
    Podman,
    /// An engine's answer.
    Asked,
    Registry,
}

/// The image or container that `spec` names. What an engine would have to pack up is asked of the cache first.
pub(crate) fn find(spec: &Spec, options: &Options, cache: Option<&Cache>, settings: &Settings) -> Result<Image> {
    let name = &spec.name;
    let (places, mut looked) = match spec.scheme {
        Some(Scheme::Container) => (CONTAINERS, Vec::new()),
        Some(Scheme::Engine) => (ENGINE, Vec::new()),
        Some(Scheme::Containerd) => (&[Place::Containerd][..], Vec::new()),
        Some(Scheme::Podman) => (&[Place::Podman][..], Vec::new()),
        Some(Scheme::Registry) => (&[Place::Registry][..], Vec::new()),
        Some(other) => bail!("read {}: {} is a file", spec.input, other.words()),
        None => (ORDER, vec!["there is no such file or folder".to_owned()]),
    };
    if spec.scheme.is_none() && name.starts_with(['.', '/']) {
        bail!("find {name}: there is no such file or folder");
    }
    for place in places {
        let look = match place {
            Place::Engine => engine(spec, options, settings)?,
            Place::Containerd => containerd(spec, options, settings)?,
            Place::Podman => podman(spec, options, settings)?,
            Place::Asked => asked(spec, options, cache, settings)?,
            Place::Registry => registry(spec, options, settings)?,
        };
        match look {
            Look::Found(mut image) => {
                image.target.input.clone_from(&spec.input);
                return Ok(*image);
            }
            Look::Not(why) if why.is_empty() => {}
            Look::Not(why) => looked.push(why),
        }
    }
    bail!("find {name}: {}", looked.join("; "))
}

fn found(image: Option<Image>, otherwise: impl FnOnce() -> String) -> Look {
    image.map_or_else(|| Look::Not(otherwise()), |image| Look::Found(Box::new(image)))
}

/// An image or a container of the local engine, read where the engine keeps it.
fn engine(spec: &Spec, options: &Options, settings: &Settings) -> Result<Look> {
    let name = &spec.name;
    let folder = settings.text("docker_root").unwrap_or("/var/lib/docker");
    let root = match EngineRoot::open(Path::new(folder)) {
        Ok(root) => root,
        Err(error) => {
            return Ok(Look::Not(format!(
                "the engine's images in {folder} cannot be read in place ({error}): be root, or set KEELGUARD_DOCKER_ROOT"
            )));
        }
    };
    if spec.scheme == Some(Scheme::Container) {
        return Ok(found(root.container(name, &options.limits)?, || format!("there is no such container in {folder}")));
    }
    Ok(found(root.image(name, &options.limits)?, || format!("there is no such image in {folder}")))
}

/// An image of containerd: of Kubernetes, of Docker where it uses containerd's image store, or of whoever else.
fn containerd(spec: &Spec, options: &Options, settings: &Settings) -> Result<Look> {
    let named = settings.text("containerd_root").unwrap_or("/var/lib/containerd");
    // An engine that starts a containerd of its own keeps it below its own folder.
    let own = Path::new(settings.text("docker_root").unwrap_or("/var/lib/docker")).join("containerd/daemon");
    let mut looked = Vec::new();
    for (index, folder) in [PathBuf::from(named), own].into_iter().enumerate() {
        match ContainerdRoot::open(&folder) {
            Ok(root) => {
                if let Some(image) = root.image(&spec.name, &options.platform, &options.limits)? {
                    return Ok(Look::Found(Box::new(image)));
                }
                looked.push(format!("there is no such image in {}", folder.display()));
            }
            // Most engines do without, and many machines have no containerd at all.
            Err(error)
                if error.kind() == std::io::ErrorKind::NotFound
                    && (index > 0 || spec.scheme != Some(Scheme::Containerd)) => {}
            Err(error) => looked.push(format!(
                "containerd's images in {} cannot be read ({error}): be root, or set KEELGUARD_CONTAINERD_ROOT",
                folder.display()
            )),
        }
    }
    Ok(Look::Not(looked.join("; ")))
}

/// An image or a container of Podman or CRI-O, read where they keep it.
fn podman(spec: &Spec, options: &Options, settings: &Settings) -> Result<Look> {
    let mut storages = Storages::here();
    if let Some(root) = settings.text("podman_root") {
        storages.roots = vec![PathBuf::from(root)];
    }
    let mut looked = Vec::new();
    let roots: Vec<PathBuf> = storages.roots.iter().chain(&storages.beside).cloned().collect();
    for folder in roots {
        let opened = match PodmanRoot::open(&folder, &storages.beside) {
            // Most machines have no Podman.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && spec.scheme != Some(Scheme::Podman) => {
                continue;
            }
            Err(error) => {
                looked.push(format!(
                    "Podman's images in {} cannot be read ({error}): be root, or set KEELGUARD_PODMAN_ROOT",
                    folder.display()
                ));
                continue;
            }
            Ok(opened) => opened,
        };
        for root in &opened {
            let found: Result<Option<Image>, SourceError> = match spec.scheme {
                Some(Scheme::Container) => root.container(&spec.name, &options.limits),
                _ => root.image(&spec.name, &options.limits),
            };
            if let Some(image) = found? {
                return Ok(Look::Found(Box::new(image)));
            }
        }
        let what = if spec.scheme == Some(Scheme::Container) { "container" } else { "image" };
        looked.push(format!("there is no such {what} in {}", folder.display()));
    }
    Ok(Look::Not(looked.join("; ")))
}

/// An image or container that an engine packs up when it is asked.
fn asked(spec: &Spec, options: &Options, cache: Option<&Cache>, settings: &Settings) -> Result<Look> {
    let packed = if spec.scheme == Some(Scheme::Container) { Packed::Container } else { Packed::Image };
    let is_image = packed == Packed::Image;
    if spec.scheme.is_none() && is_file_name(&spec.name) {
        return Ok(Look::Not(String::new()));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("start the runtime")?;
    let engine = crate::assess::options(settings);
    let holder = match runtime.block_on(keelguard_host::holder(&engine, &spec.name, packed)) {
        Ok(Ok(holder)) => holder,
        Ok(Err(why)) => return Ok(Look::Not(why)),
        // A wrong address of an engine is nothing to somebody who wants an image of a registry.
        Err(error) if spec.scheme.is_none() => return Ok(Look::Not(error.to_string())),
        Err(error) => return Err(error.into()),
    };
    // What a container holds can change at any time.
    let id = is_image.then_some(holder.id.as_str());
    let known = cache.zip(id).and_then(|(cache, id)| keelguard_image::known(cache, id));
    let mut image = if let Some(known) = known {
        let mut image = Image::new("engine", serde_json::Value::Null);
        image.target = known.target;
        image.cache_key = id.map(str::to_owned);
        image
    } else {
        let file = keelguard_image::source::scratch(options)?;
        let mut out = std::io::BufWriter::with_capacity(1 << 20, &file);
        let sent = runtime.block_on(holder.pack(&mut out, options.limits.max_image));
        if let Err(why) = sent {
            bail!("have {} packed up by the engine at {}: {why}", spec.name, holder.url);
        }
        out.flush().context("put down what the engine sends")?;
        drop(out);
        let what = format!("{} of the engine at {}", spec.name, holder.url);
        keelguard_image::source::packed(file, &what, is_image, id, options)?
    };
    image.target.kind = if is_image { "engine" } else { "container" }.into();
    image.target.reference.get_or_insert_with(|| spec.name.clone());
    image.target.digest = id.map(str::to_owned).or(image.target.digest);
    Ok(Look::Found(Box::new(image)))
}

/// An image of a registry.
fn registry(spec: &Spec, options: &Options, settings: &Settings) -> Result<Look> {
    let reference = match spec.name.parse::<Reference>() {
        Ok(reference) => reference,
        Err(why) => return Ok(Look::Not(format!("no registry has it: {why}"))),
    };
    if spec.scheme.is_none() && is_file_name(&spec.name) {
        return Ok(Look::Not("no registry was asked, since it is called like a file; registry: in front asks".into()));
    }
    if settings.switch("offline") {
        return Ok(Look::Not("no registry was asked (--offline)".into()));
    }
    match registry::open(&reference, &access(settings), options) {
        Ok(image) => Ok(Look::Found(Box::new(image))),
        // A bare name may have been meant for one of the other places.
        Err(error) if spec.scheme.is_none() => Ok(Look::Not(error.to_string())),
        Err(error) => Err(error.into()),
    }
}

/// Names of images have no such endings, and typing errors in names of files are nothing for a registry to know.
fn is_file_name(name: &str) -> bool {
    const ENDINGS: &[&str] = &["tar", "tgz", "gz", "zst", "json", "xml", "spdx", "zip"];
    let ending = Path::new(name).extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ENDINGS.contains(&ending))
}

/// How registries are asked.
pub(crate) fn access(settings: &Settings) -> Access {
    Access {
        mirrors: settings.list("registry_mirrors"),
        insecure: settings.list("insecure_registries"),
        ca_file: settings.text("registry_ca_file").map(PathBuf::from),
        allow_private: settings.switch("registry_allow_private"),
        silence: settings.seconds("registry_timeout"),
        longest_pause: Duration::from_mins(1),
        max_download: settings.number("max_download_bytes"),
        ..Access::default()
    }
}

/// Where an engine keeps its images, as far as that can be read in place.
pub(crate) enum Kept {
    /// Docker, with its own image store.
    Docker(EngineRoot),
    /// Docker with containerd's image store; or Podman, which answers as Docker does.
    Beside(Vec<ContainerdRoot>, Vec<PodmanRoot>),
}

impl Kept {
    /// Of the engine whose folder is `folder`.
    pub(crate) fn of(folder: &Path, settings: &Settings) -> std::io::Result<Self> {
        let failed = match EngineRoot::open(folder) {
            Ok(root) => return Ok(Self::Docker(root)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => error,
            Err(error) => return Err(error),
        };
        let named = settings.text("containerd_root").unwrap_or("/var/lib/containerd");
        let containerd: Vec<_> = [folder.join("containerd/daemon"), PathBuf::from(named)]
            .iter()
            .filter_map(|folder| ContainerdRoot::open(folder).ok())
            .collect();
        let podman = PodmanRoot::open(folder, &Storages::here().beside).unwrap_or_default();
        if containerd.is_empty() && podman.is_empty() { Err(failed) } else { Ok(Self::Beside(containerd, podman)) }
    }

    /// The image of this id.
    pub(crate) fn image(&self, id: &str, options: &Options) -> Result<Option<Image>, SourceError> {
        match self {
            Self::Docker(root) => root.image(id, &options.limits),
            Self::Beside(containerd, podman) => {
                for root in podman {
                    if let Some(image) = root.image(id, &options.limits)? {
                        return Ok(Some(image));
                    }
                }
                for root in containerd {
                    if let Some(image) = root.image(id, &options.platform, &options.limits)? {
                        return Ok(Some(image));
                    }
                }
                Ok(None)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_a_file_is_told_from_a_name_of_an_image() {
        for name in ["web.tar", "a/web.tar.gz", "bom.json"] {
            assert!(is_file_name(name), "{name}");
        }
        for name in ["web", "web:1.27", "quay.io/a/b", "a.b/c"] {
            assert!(!is_file_name(name), "{name}");
        }
    }
}
