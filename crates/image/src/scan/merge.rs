//! Puts the inventories of layers on top of one another: what is left at the end, and which layer brought it.

use std::collections::{BTreeMap, HashMap, HashSet};

use keelguard_model::image::{Os, Package, PackageKind};

use super::inventory::{AnalysedFile, LayerInventory, OddFile, path_hash, path_hashes};
use crate::analyse::{FoundPackage, PathKey, os_place};
use crate::purl;

/// An image as its layers make it together.
#[derive(Clone, Debug, Default)]
pub struct Merged {
    /// The operating system.
    pub os: Option<Os>,
    /// Packages, sorted by kind, name and version.
    pub packages: Vec<Package>,
    /// Odd files that are there at the end.
    pub odd: Vec<OddFile>,
}

/// What a layer hides of those below it.
struct Hides {
    /// Entries that replace, and whiteouts.
    exact: HashSet<u64>,
    /// Folders whose lower content is gone.
    opaque: HashSet<u64>,
    /// Folders, which replace files.
    folders: HashSet<u64>,
}

impl Hides {
    fn of(layer: &LayerInventory) -> Self {
        let removed = layer.removed.iter().map(|path| path_hash(path));
        Self {
            exact: layer.present.iter().copied().chain(removed).collect(),
            opaque: layer.opaque.iter().map(|path| path_hash(path)).collect(),
            folders: layer.folders.iter().copied().collect(),
        }
    }

    /// Whether a file of a lower layer is gone, given the hashes of its folders and at last of itself. A folder above it
    /// that became a file hides it, too; an opaque root (hash of nothing) hides everything.
    fn hide(&self, hashes: &[u64]) -> bool {
        let Some((own, folders)) = hashes.split_last() else { return false };
        self.folders.contains(own)
            || hashes.iter().any(|hash| self.exact.contains(hash))
            || folders.iter().any(|hash| self.opaque.contains(hash))
            || self.opaque.contains(&path_hash(""))
    }
}

/// Merges the layers, from the lowest up. `layered` says whether packages are to name theirs.
pub fn merge(layers: &[LayerInventory], layered: bool) -> Merged {
    let hides: Vec<Hides> = layers.iter().map(Hides::of).collect();
    let is_gone = |path: &str, layer: usize| {
        let hashes: Vec<u64> = path_hashes(path).collect();
        hides.iter().skip(layer + 1).any(|above| above.hide(&hashes))
    };
    // Every version of each file, the topmost last.
    let mut versions: BTreeMap<(&str, usize), Vec<(usize, &AnalysedFile)>> = BTreeMap::new();
    for (index, layer) in layers.iter().enumerate() {
        for file in &layer.files {
            versions.entry((&file.path, file.row)).or_default().push((index, file));
        }
    }
    let mut left: Vec<(&AnalysedFile, Vec<(usize, &AnalysedFile)>)> = Vec::new();
    for (_, mut files) in versions {
        if let Some((layer, file)) = files.pop()
            && !is_gone(&file.path, layer)
        {
            files.push((layer, file));
            left.push((file, files));
        }
    }
    let os = left
        .iter()
        .filter_map(|(file, _)| Some((os_place(&file.path), file.found.os.as_ref()?)))
        .min_by_key(|(place, _)| place.unwrap_or(usize::MAX))
        .map(|(_, os)| os.clone());
    let owners = Owners::of(left.iter().map(|(file, _)| *file), os.as_ref());
    let mut packages: HashMap<(String, Option<String>), Package> = HashMap::new();
    for (file, versions) in &left {
        for found in &file.found.packages {
            let layer = layered.then(|| first_layer(found, versions));
            add(&mut packages, found, file, layer, os.as_ref(), &owners);
        }
    }
    let mut packages = without_less_said(packages.into_values().collect());
    for package in &mut packages {
        package.paths.sort();
        package.paths.dedup();
    }
    packages.sort_by(|a, b| {
        (a.kind.purl_type(), &a.name, &a.version, &a.purl, &a.paths).cmp(&(
            b.kind.purl_type(),
            &b.name,
            &b.version,
            &b.purl,
            &b.paths,
        ))
    });
    let mut odd: Vec<OddFile> = Vec::new();
    for (index, layer) in layers.iter().enumerate() {
        odd.extend(layer.odd.iter().filter(|file| !is_gone(&file.path, index)).cloned());
    }
    odd.sort_by(|a, b| (a.oddity, &a.path).cmp(&(b.oddity, &b.path)));
    Merged { os, packages, odd }
}

/// The lowest of the layers that have had this package in this file without interruption.
fn first_layer(package: &FoundPackage, versions: &[(usize, &AnalysedFile)]) -> usize {
    fn identity(package: &FoundPackage) -> impl PartialEq + '_ {
        (&package.name, &package.version, &package.arch, &package.namespace, &package.qualifiers)
    }
    let has = |file: &AnalysedFile| file.found.packages.iter().any(|other| identity(other) == identity(package));
    let mut first = versions.last().map_or(0, |(layer, _)| *layer);
    for (layer, file) in versions.iter().rev().skip(1) {
        if !has(file) {
            break;
        }
        first = *layer;
    }
    first
}

fn add(
    packages: &mut HashMap<(String, Option<String>), Package>,
    found: &FoundPackage,
    file: &AnalysedFile,
    layer: Option<usize>,
    os: Option<&Os>,
    owners: &Owners,
) {
    let purl = purl::of(found, os);
    let owner = if found.kind.is_system() { None } else { owners.of_path(&file.path).cloned() };
    let mut paths = found.paths.clone();
    if paths.is_empty() {
        paths.push(format!("/{}", file.path));
    }
    let package = packages.entry((purl.clone(), owner.clone())).or_insert_with(|| Package {
        purl,
        name: found.name.clone(),
        version: found.version.clone(),
        kind: found.kind,
        source: found.source.clone(),
        paths: Vec::new(),
        layer,
        owner,
    });
    package.paths.append(&mut paths);
    package.layer = package.layer.min(layer);
}

/// Of a Perl distribution one file says the author and another does not: they are one package. `cpanm` writes both.
fn without_less_said(packages: Vec<Package>) -> Vec<Package> {
    fn key(package: &Package) -> (String, String, Option<String>) {
        (package.name.clone(), package.version.clone(), package.owner.clone())
    }
    let is_bare = |package: &Package| {
        package.kind == PackageKind::Cpan && purl::parse(&package.purl).is_none_or(|parsed| parsed.namespace.is_empty())
    };
    let (bare, mut said): (Vec<Package>, Vec<Package>) = packages.into_iter().partition(is_bare);
    if bare.is_empty() {
        return said;
    }
    let places = said.iter().enumerate().filter(|(_, package)| package.kind == PackageKind::Cpan);
    let places: HashMap<_, usize> = places.map(|(place, package)| (key(package), place)).collect();
    for package in bare {
        match places.get(&key(&package)).and_then(|place| said.get_mut(*place)) {
            Some(same) => {
                same.paths.extend(package.paths);
                same.layer = same.layer.min(package.layer);
            }
            None => said.push(package),
        }
    }
    said
}

/// Which system package owns which path.
struct Owners {
    paths: Vec<(PathKey, u32)>,
    purls: Vec<Option<String>>,
}

impl Owners {
    fn of<'a>(files: impl Iterator<Item = &'a AnalysedFile> + Clone, os: Option<&Os>) -> Self {
        let mut purls_by_name: HashMap<&str, String> = HashMap::new();
        for package in files.clone().flat_map(|file| &file.found.packages).filter(|package| package.kind.is_system()) {
            purls_by_name.entry(&package.name).or_insert_with(|| purl::of(package, os));
        }
        let (mut paths, mut purls) = (Vec::new(), Vec::new());
        for file in files {
            let first = u32::try_from(purls.len()).unwrap_or(u32::MAX);
            purls.extend(file.found.owners.iter().map(|name| purls_by_name.get(name.as_str()).cloned()));
            paths.extend(file.found.owned.iter().map(|(key, owner)| (*key, first.saturating_add(*owner))));
        }
        paths.sort_unstable();
        Self { paths, purls }
    }

    /// The owner of `path`. A list that names no installed package proves nothing.
    fn of_path(&self, path: &str) -> Option<&String> {
        let key = PathKey::of(path);
        let start = self.paths.partition_point(|(other, _)| *other < key);
        self.paths
            .get(start..)?
            .iter()
            .take_while(|(other, _)| *other == key)
            .find_map(|(_, owner)| self.purls.get(usize::try_from(*owner).ok()?)?.as_ref())
    }
}
