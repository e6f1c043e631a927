//! From a target to an image: finds out what a name means, and opens it.

use std::fs::{File, Metadata};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::blob::{BlobLayer, Compression, Part};
use super::folder::{FolderLayer, Marks};
use super::manifest::Platform;
use super::store::Store;
use super::{Image, Scheme, SourceError, Spec, archive, oci};
use crate::{Limits, bom};

/// How targets are opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which of several images of one name.
    pub platform: Platform,
    /// Bounds.
    pub limits: Limits,
    /// Where large things that pass by once are put down: an unlinked file in this folder.
    pub scratch: PathBuf,
}

impl Default for Options {
    fn default() -> Self {
        Self { platform: Platform::here(), limits: Limits::default(), scratch: std::env::temp_dir() }
    }
}

/// Opens a target that lies in files: an archive, a layout, a folder, standard input.
/// None where it names no file, so that an engine or a registry has to be asked.
pub fn open(spec: &Spec, options: &Options) -> Result<Option<Image>, SourceError> {
    let image = match spec.scheme {
        None if spec.name == "-" => from_tar(spooled(io::stdin().lock(), options)?, "standard input", spec, options)?,
        None => match std::fs::metadata(&spec.name) {
            Ok(found) if found.is_dir() => from_folder(Path::new(&spec.name), spec, options)?,
            Ok(_) => from_file(spec, options)?,
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                return Err(SourceError::read(&spec.name)(error));
            }
            // It may be the name of an image.
            Err(_) => return Ok(None),
        },
        Some(Scheme::Archive | Scheme::Oci | Scheme::Dir | Scheme::Sbom) => {
            if spec.name == "-" {
                from_tar(spooled(io::stdin().lock(), options)?, "standard input", spec, options)?
            } else if std::fs::metadata(&spec.name).map_err(SourceError::read(&spec.name))?.is_dir() {
                from_folder(Path::new(&spec.name), spec, options)?
            } else {
                from_file(spec, options)?
            }
        }
        Some(_) => return Ok(None),
    };
    Ok(Some(Image { target: keelguard_model::image::Target { input: spec.input.clone(), ..image.target }, ..image }))
}

fn from_file(spec: &Spec, options: &Options) -> Result<Image, SourceError> {
    let file = File::open(&spec.name).map_err(SourceError::read(&spec.name))?;
    let kind = file.metadata().map_err(SourceError::read(&spec.name))?.file_type();
    if kind.is_char_device() || kind.is_block_device() {
        // /dev/stdin is a name for whatever comes there, and a terminal holds no image.
        return Err(SourceError::malformed(&spec.name, "it is a device, and holds no image"));
    }
    let is_file = kind.is_file();
    // A pipe passes by once.
    let file = if is_file { file } else { spooled(file, options)? };
    from_tar(file, &spec.name, spec, options)
}

/// A tar of whichever kind, plain or compressed as a whole.
fn from_tar(file: File, what: &str, spec: &Spec, options: &Options) -> Result<Image, SourceError> {
    let metadata = file.metadata().map_err(SourceError::read(what))?;
    let (size, identity) = (metadata.len(), identity(&metadata));
    let mut file = Arc::new(file);
    let mut part = Part::new(Arc::clone(&file), 0, size);
    let mut first = [0; 6];
    let count = part.first(&mut first).map_err(SourceError::read(what))?;
    let compression = Compression::of(first.get(..count).unwrap_or_default());
    if compression != Compression::None {
        if spec.scheme == Some(Scheme::Dir) {
            return Ok(plain(BlobLayer { part, digest: None }, size));
        }
        if spec.scheme == Some(Scheme::Sbom) {
            let unpacked = compression.decoder(part).map_err(SourceError::read(what))?;
            return bom::read(unpacked, what, &options.limits).map(Image::of_bom);
        }
        // Its parts must be found by place.
        let unpacked = compression.decoder(part).map_err(SourceError::read(what))?;
        file = Arc::new(spooled(unpacked, options)?);
        let size = file.metadata().map_err(SourceError::read(what))?.len();
        part = Part::new(Arc::clone(&file), 0, size);
    }
    if spec.scheme == Some(Scheme::Dir) {
        return Ok(plain(BlobLayer { part, digest: None }, size));
    }
    let mut first = [0; 512];
    let count = part.first(&mut first).map_err(SourceError::read(what))?;
    let begins = first.get(..count).unwrap_or_default();
    if spec.scheme == Some(Scheme::Sbom) || (spec.scheme.is_none() && bom::begins_like_json(begins)) {
        return bom::read(part, what, &options.limits).map(Image::of_bom);
    }
    let store = Store::tar(&file, what, &options.limits)?;
    if spec.scheme != Some(Scheme::Oci) && archive::is_archive(&store) {
        return archive::open(&store, spec.image.as_deref(), identity.as_deref(), &options.limits);
    }
    if spec.scheme != Some(Scheme::Archive) && oci::is_layout(&store) {
        return oci::open(&store, spec.image.as_deref(), &options.platform, &options.limits);
    }
    let why = match spec.scheme {
        Some(Scheme::Archive) => "it has no manifest.json, so docker save did not write it",
        Some(Scheme::Oci) => "it has no oci-layout and index.json",
        _ => return Ok(plain(BlobLayer { part, digest: None }, size)),
    };
    Err(SourceError::malformed(what, why))
}

fn from_folder(path: &Path, spec: &Spec, options: &Options) -> Result<Image, SourceError> {
    let store = Store::folder(path);
    match spec.scheme {
        Some(Scheme::Dir) => {}
        Some(Scheme::Sbom) => return Err(SourceError::malformed(store.name(), "it is a folder, and no file")),
        Some(Scheme::Archive) if archive::is_archive(&store) => {
            return archive::open(&store, spec.image.as_deref(), None, &options.limits);
        }
        Some(Scheme::Archive) => {
            return Err(SourceError::malformed(store.name(), "it is a folder without a manifest.json"));
        }
        _ if oci::is_layout(&store) => {
            return oci::open(&store, spec.image.as_deref(), &options.platform, &options.limits);
        }
        Some(Scheme::Oci) => {
            return Err(SourceError::malformed(store.name(), "it is a folder without oci-layout and index.json"));
        }
        _ => {}
    }
    let mut image = Image::new("dir", serde_json::Value::Null);
    image.layers.push(Box::new(FolderLayer { root: path.to_path_buf(), marks: Marks::None, key: None }));
    Ok(image)
}

/// What changes whenever the file does: nothing in a docker archive vouches for its layers. A file without a name is
/// nobody's.
fn identity(metadata: &Metadata) -> Option<String> {
    let (modified, changed) = (metadata.mtime_nsec(), metadata.ctime_nsec());
    (metadata.nlink() > 0).then(|| {
        format!(
            "{}:{}:{}:{}.{modified}:{}.{changed}",
            metadata.dev(),
            metadata.ino(),
            metadata.len(),
            metadata.mtime(),
            metadata.ctime()
        )
    })
}

/// A root filesystem as one tar.
fn plain(layer: BlobLayer, _size: u64) -> Image {
    let mut image = Image::new("dir", serde_json::Value::Null);
    image.layers.push(Box::new(layer));
    image
}

/// Opens what an engine packed up: what `docker save` writes (`archive`), or the root filesystem of a container. `id` names
/// the content for the cache, where it cannot change.
pub fn packed(
    file: File,
    what: &str,
    archive: bool,
    id: Option<&str>,
    options: &Options,
) -> Result<Image, SourceError> {
    let scheme = if archive { Scheme::Archive } else { Scheme::Dir };
    let spec = Spec { input: what.to_owned(), scheme: Some(scheme), name: what.to_owned(), image: None };
    let mut image = from_tar(file, what, &spec, options)?;
    image.cache_key = id.map(str::to_owned);
    Ok(image)
}

/// A file without a name, for what passes by once.
pub fn scratch(options: &Options) -> Result<File, SourceError> {
    let what = || format!("what passes by into {}", options.scratch.display());
    tempfile::tempfile_in(&options.scratch).map_err(SourceError::read(what()))
}

/// Puts what passes by once into a file without a name, at most as much as an image may have.
fn spooled(source: impl Read, options: &Options) -> Result<File, SourceError> {
    let what = format!("what passes by into {}", options.scratch.display());
    let mut file = tempfile::tempfile_in(&options.scratch).map_err(SourceError::read(&what))?;
    let bound = options.limits.max_image;
    let count = io::copy(&mut source.take(bound.saturating_add(1)), &mut file).map_err(SourceError::read(&what))?;
    file.flush().map_err(SourceError::read(&what))?;
    if count > bound {
        return Err(SourceError::malformed(what, format!("it has more than {bound} bytes")));
    }
    Ok(file)
}
