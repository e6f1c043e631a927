//! One archive and all archives in it, as deep as the limits let.

use std::collections::{BTreeMap, BTreeSet};

use keelguard_model::image::PackageKind;

use super::budget::{Budget, Spent};
use super::manifest::Manifest;
use super::maven::{self, Artifact};
use super::zip::{Entry, Zip, ZipError};
use super::{identity, is_archive};
use crate::Limits;
use crate::analyse::{AnalyseError, File, Found, FoundPackage};
use crate::content::Content;

/// Bytes of a `pom.properties`: it has three lines.
const PROPERTIES: usize = 64 << 10;
/// Bytes of a `pom.xml` that are read.
const POM: usize = 4 << 20;
/// Bytes of a manifest that are read: the main section comes first, the digests of a signed archive follow.
const MANIFEST: usize = 256 << 10;

/// The packages of an archive and of those in it.
pub(super) fn packages(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let mut walk = Walk { limits, budget: Budget::new(limits), found: BTreeMap::new() };
    let mut cut = Vec::new();
    match walk.archive(file.content, file.name(), &format!("/{}", file.path), 0) {
        Ok(()) => {}
        Err(ZipError::Spent(spent)) => cut.push(format!("only a part was looked at: {spent}")),
        Err(error) => return Err(AnalyseError::malformed(error)),
    }
    let packages = walk.found.into_iter().map(|(artifact, places)| FoundPackage {
        paths: places.into_iter().collect(),
        ..FoundPackage::new(PackageKind::Maven, artifact.name(), artifact.version)
    });
    // Why the walk ended comes first: it must not drown in the rest.
    cut.extend(walk.budget.into_notes());
    Ok(Found { incomplete: cut, ..Found::packages(packages) })
}

struct Walk<'l> {
    limits: &'l Limits,
    budget: Budget,
    /// What was found, and in which archives inside the file.
    found: BTreeMap<Artifact, BTreeSet<String>>,
}

impl Walk<'_> {
    /// `place` is the archive's path: `/app.war!/WEB-INF/lib/x.jar`.
    fn archive(&mut self, content: &dyn Content, name: &str, place: &str, depth: u32) -> Result<(), ZipError> {
        let max_entries = self.limits.max_archive_entries;
        let zip = Zip::open(content, max_entries, &mut self.budget, |name| Role::of(name).is_some())?;
        if let Some(cut) = &zip.cut {
            self.budget.note(inside(place), cut);
        }
        self.coordinates(&zip, name, place, depth)?;
        let mut too_deep = 0_u64;
        for entry in zip.entries.iter().filter(|entry| Role::of(&entry.name) == Some(Role::Archive)) {
            if depth >= self.limits.max_nesting {
                too_deep += 1;
                continue;
            }
            let place = format!("{place}!/{}", entry.name);
            let walked = zip.body(entry, &mut self.budget).and_then(|body| {
                let name = entry.name.rsplit('/').next().unwrap_or_default();
                self.archive(&body, name, &place, depth + 1)
            });
            match walked {
                Ok(()) => {}
                Err(ZipError::Spent(spent)) => return Err(spent.into()),
                Err(error) => self.budget.note(inside(&place), error),
            }
        }
        if too_deep > 0 {
            let deepest = self.limits.max_nesting;
            let what = format!("{too_deep} archives in it lie deeper than {deepest} in one another");
            self.budget.note(inside(place), what);
        }
        Ok(())
    }

    /// The artifacts that the archive's own files name.
    fn coordinates(&mut self, zip: &Zip<'_>, name: &str, place: &str, depth: u32) -> Result<(), ZipError> {
        let mut named = Vec::new();
        let mut manifest = Manifest::default();
        let mut with_properties = BTreeSet::new();
        // Properties first: a `pom.xml` beside them says nothing more.
        for role in [Role::Properties, Role::Pom, Role::Manifest] {
            for entry in zip.entries.iter().filter(|entry| Role::of(&entry.name) == Some(role)) {
                let folder = entry.name.rsplit_once('/').map_or("", |(folder, _)| folder);
                if role == Role::Pom && with_properties.contains(folder) {
                    continue;
                }
                let Some(bytes) = self.read(zip, entry, role.limit(), place)? else { continue };
                match role {
                    Role::Manifest => manifest = Manifest::parse(&bytes),
                    Role::Properties => {
                        if let Some(artifact) = maven::properties(&bytes) {
                            with_properties.insert(folder);
                            named.push(artifact);
                        }
                    }
                    Role::Pom => named.extend(maven::pom(&bytes)),
                    Role::Archive => {}
                }
            }
        }
        named.sort_unstable();
        named.dedup();
        let own = identity::own(name, &manifest, &named);
        for artifact in named.into_iter().chain(own) {
            self.keep(artifact, (depth > 0).then_some(place))?;
        }
        Ok(())
    }

    fn read(&mut self, zip: &Zip<'_>, entry: &Entry, limit: usize, place: &str) -> Result<Option<Vec<u8>>, ZipError> {
        match zip.head(entry, limit, &mut self.budget) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(ZipError::Spent(spent)) => Err(spent.into()),
            Err(error) => {
                self.budget.note(inside(&format!("{place}!/{}", entry.name)), error);
                Ok(None)
            }
        }
    }

    fn keep(&mut self, artifact: Artifact, place: Option<&str>) -> Result<(), Spent> {
        if !self.found.contains_key(&artifact) {
            self.budget.package()?;
            self.budget.name(artifact.group.len() + artifact.id.len() + artifact.version.len())?;
        }
        let places = self.found.entry(artifact).or_default();
        if let Some(place) = place
            && !places.contains(place)
        {
            self.budget.name(place.len())?;
            places.insert(place.to_owned());
        }
        Ok(())
    }
}

/// The part of a place that lies inside the analysed file, which the message names by itself.
fn inside(place: &str) -> &str {
    place.split_once("!/").map_or("", |(_, inside)| inside)
}

/// Why an entry matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Properties,
    Pom,
    Manifest,
    Archive,
}

impl Role {
    fn of(path: &str) -> Option<Self> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        // In a war the application's own classes have a `META-INF` of their own.
        let maven = || folder.starts_with("META-INF/maven/") || folder.contains("/META-INF/maven/");
        match name {
            "pom.properties" if maven() => Some(Self::Properties),
            "pom.xml" if maven() => Some(Self::Pom),
            _ if path.eq_ignore_ascii_case("META-INF/MANIFEST.MF") => Some(Self::Manifest),
            _ if is_archive(name) => Some(Self::Archive),
            _ => None,
        }
    }

    const fn limit(self) -> usize {
        match self {
            Self::Properties => PROPERTIES,
            Self::Pom => POM,
            Self::Manifest | Self::Archive => MANIFEST,
        }
    }
}
