//! Images of containerd, read where it keeps them: names in a database, content under its digest. Kubernetes keeps its images
//! there, and so does Docker since it uses containerd's image store.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::bolt::{Bucket, Database, Item, View};
use super::engine::is_hexadecimal;
use super::manifest::{Descriptor, Platform};
use super::store::Store;
use super::{Image, SourceError, names, oci, snapshots};
use crate::Limits;

/// Images of all namespaces whose names are read.
const MAX_IMAGES: usize = 100_000;

/// A folder of containerd: `/var/lib/containerd`.
pub struct ContainerdRoot {
    root: PathBuf,
    database: Database,
}

/// A name in the database, and what it stands for.
struct Named {
    namespace: String,
    name: String,
    digest: String,
}

impl ContainerdRoot {
    /// A containerd's folder, where it is one that can be read.
    pub fn open(root: &Path) -> io::Result<Self> {
        let database = Database::open(&root.join("io.containerd.metadata.v1.bolt/meta.db"))?;
        Ok(Self { root: root.to_path_buf(), database })
    }

    /// The image of this name (`NAMESPACE/NAME` where several namespaces have it) or beginning of a digest (12 digits at
    /// least); none where there is none.
    pub fn image(&self, name: &str, platform: &Platform, limits: &Limits) -> Result<Option<Image>, SourceError> {
        let what = format!("the images of {}", self.root.display());
        let all = self.database.look(images).map_err(SourceError::read(&what))?;
        let Some(named) = choose(&all, name, &what)? else { return Ok(None) };
        let store = Store::folder(&self.root.join("io.containerd.content.v1.content"));
        let descriptor = Descriptor {
            media_type: String::new(),
            digest: named.digest.clone(),
            size: 0,
            platform: None,
            annotations: None,
        };
        let mut snapshots =
            |image: &Image| snapshots::layers(&self.database, &self.root, &named.namespace, image, limits);
        let resolved = oci::resolve(&store, vec![descriptor], platform, limits, &mut snapshots);
        let mut image = resolved.map_err(|error| absent(error, name, platform))?;
        "containerd".clone_into(&mut image.target.kind);
        image.target.reference = Some(named.name.clone()).filter(|name| !name.starts_with("sha256:"));
        Ok(Some(image))
    }
}

/// Of an index, only what was pulled is there.
fn absent(error: SourceError, name: &str, platform: &Platform) -> SourceError {
    match error {
        SourceError::Read { what, source } if source.kind() == io::ErrorKind::NotFound => {
            let why = format!(
                "{what} is not there; what was pulled may be for another system than {platform}, which --platform names"
            );
            SourceError::NotFound { what: format!("all of {name}"), why }
        }
        error => error,
    }
}

/// All names of all namespaces.
fn images(view: &View<'_>) -> io::Result<Vec<Named>> {
    let mut found = Vec::new();
    let Some(top) = view.bucket_at(&["v1"])? else { return Ok(found) };
    let mut namespaces: Vec<(String, Bucket)> = Vec::new();
    view.each(&top, &mut |key, item| {
        if let (Item::Bucket(bucket), Ok(name)) = (item, std::str::from_utf8(key)) {
            namespaces.push((name.to_owned(), bucket));
        }
        Ok(namespaces.len() < MAX_IMAGES)
    })?;
    for (namespace, bucket) in namespaces {
        let Some(bucket) = view.bucket(&bucket, "images")? else { continue };
        let mut named: Vec<(String, Bucket)> = Vec::new();
        view.each(&bucket, &mut |key, item| {
            if let (Item::Bucket(bucket), Ok(name)) = (item, std::str::from_utf8(key)) {
                named.push((name.to_owned(), bucket));
            }
            Ok(found.len() + named.len() < MAX_IMAGES)
        })?;
        for (name, bucket) in named {
            let Some(target) = view.bucket(&bucket, "target")? else { continue };
            if let Some(digest) = view.value(&target, "digest")?.and_then(|digest| String::from_utf8(digest).ok()) {
                found.push(Named { namespace: namespace.clone(), name, digest });
            }
        }
    }
    Ok(found)
}

/// The one that `typed` means.
fn choose<'a>(all: &'a [Named], typed: &str, what: &str) -> Result<Option<&'a Named>, SourceError> {
    let inside = typed.split_once('/').filter(|(namespace, _)| all.iter().any(|one| one.namespace == *namespace));
    let in_namespace = inside.map(|(namespace, name)| {
        let fitting = all.iter().filter(|one| one.namespace == namespace);
        fits(fitting, name)
    });
    let found = in_namespace.filter(|found| !found.is_empty()).unwrap_or_else(|| fits(all.iter(), typed));
    let different: BTreeMap<&str, &Named> = found.iter().rev().map(|one| (one.digest.as_str(), *one)).collect();
    if different.len() < 2 {
        return Ok(found.first().copied());
    }
    let ways: Vec<String> =
        different.values().take(8).map(|one| format!("containerd:{}/{}", one.namespace, one.name)).collect();
    let why = format!("{typed} may be one of {}", ways.join(", "));
    Err(SourceError::Choice { what: what.to_owned(), why })
}

fn fits<'a>(all: impl Iterator<Item = &'a Named> + Clone, typed: &str) -> Vec<&'a Named> {
    let by_name =
        names::best(all.clone().filter_map(|one| Some((names::fit(&one.name, Some(&one.digest), typed)?, one))));
    let digits = typed.trim_start_matches("sha256:");
    if !by_name.is_empty() || digits.len() < 12 || !is_hexadecimal(digits) {
        return by_name;
    }
    // Kubernetes names each image after its configuration, too.
    let is_it = |text: &str| text.strip_prefix("sha256:").is_some_and(|rest| rest.starts_with(digits));
    all.filter(|one| is_it(&one.digest) || is_it(&one.name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(namespace: &str, name: &str, digest: &str) -> Named {
        Named { namespace: namespace.into(), name: name.into(), digest: format!("sha256:{}", digest.repeat(64)) }
    }

    #[test]
    fn a_name_is_looked_for_in_all_namespaces_and_the_namespace_settles_what_is_ambiguous() {
        let all = [
            named("default", "docker.io/library/shop:1", "a"),
            named("k8s.io", "docker.io/library/shop:1", "b"),
            named("k8s.io", "quay.io/team/web:1", "c"),
            named("moby", "quay.io/team/web:1", "c"),
            named("moby", "docker.io/library/shop@sha256:0", "d"),
        ];
        let found = |typed: &str| {
            choose(&all, typed, "x").map(|one| one.map_or_else(String::new, |one| one.digest[7..8].to_owned()))
        };
        let error = found("shop:1").unwrap_err().to_string();
        assert!(error.contains("containerd:default/docker.io/library/shop:1, containerd:k8s.io/docker.io"), "{error}");
        assert_eq!(found("k8s.io/shop:1").unwrap(), "b");
        assert_eq!(found("default/docker.io/library/shop:1").unwrap(), "a");
        assert_eq!(found("web:1").unwrap(), "c", "the same in two namespaces");
        assert_eq!(found(&"a".repeat(12)).unwrap(), "a");
        assert_eq!(found("other:1").unwrap(), "");
    }
}
