//! Packages of SPDX 2.2 and 2.3.

use keelguard_model::image::SourcePackage;
use serde::Deserialize;
use serde::de::{DeserializeSeed as _, Deserializer, MapAccess};

use super::collect::Collector;
use super::entry::{Entry, Role};
use super::walk::{Each, Element, Fill, Object, skip, text, value};

/// A package.
#[derive(Default)]
pub(super) struct Package {
    entry: Entry,
    /// `sourceInfo`: where other programs say which source it was built from, or which files show it.
    source_info: String,
}

impl Element<Collector> for Package {
    fn read<'de, D: Deserializer<'de>>(collector: &mut Collector, deserializer: D) -> Result<(), D::Error> {
        let mut package = Self::default();
        Fill(&mut package).deserialize(deserializer)?;
        let Self { mut entry, source_info } = package;
        read_source_info(&mut entry, &source_info);
        collector.add(entry);
        Ok(())
    }
}

impl Object for Package {
    fn field<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "SPDXID" => self.entry.id = text(map)?,
            "name" => self.entry.name = text(map)?,
            "versionInfo" => self.entry.version = text(map)?,
            "sourceInfo" => self.source_info = text(map)?,
            "primaryPackagePurpose" => self.entry.role = role(&text(map)?),
            "externalRefs" => map.next_value_seed(Each::<_, Reference>::into(&mut self.entry))?,
            "annotations" => map.next_value_seed(Each::<_, Annotation>::into(&mut self.entry))?,
            _ => skip(map)?,
        }
        Ok(())
    }
}

fn role(purpose: &str) -> Role {
    match purpose {
        // 2.3 writes these with a dash, and early writers with an underscore.
        "OPERATING-SYSTEM" | "OPERATING_SYSTEM" => Role::System,
        "APPLICATION" => Role::Holder,
        "CONTAINER" | "FILE" | "SOURCE" | "ARCHIVE" => Role::Thing,
        _ => Role::Package,
    }
}

/// Trivy: `built package from: glibc 2.36-9`. Syft: `acquired package info from DPKG DB: /var/lib/dpkg/status, /…`.
fn read_source_info(entry: &mut Entry, text: &str) {
    if let Some(source) = text.strip_prefix("built package from: ") {
        if let Some((name, version)) = source.split_once(' ').filter(|_| entry.source_name.is_empty()) {
            name.clone_into(&mut entry.source_name);
            version.clone_into(&mut entry.source_version);
        }
    } else if let Some((_, files)) = text.strip_prefix("acquired package info from").and_then(|t| t.split_once(": ")) {
        files.split(", ").filter(|file| file.starts_with('/')).for_each(|file| entry.path(file.to_owned()));
    }
}

struct Reference;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExternalRef {
    reference_type: Option<String>,
    reference_locator: Option<String>,
}

impl Element<Entry> for Reference {
    fn read<'de, D: Deserializer<'de>>(entry: &mut Entry, deserializer: D) -> Result<(), D::Error> {
        let reference: ExternalRef = value(deserializer)?;
        // Of several the first counts; the type is a word or an address that ends in it.
        if entry.purl.is_empty() && reference.reference_type.is_some_and(|kind| kind.ends_with("purl")) {
            entry.purl = reference.reference_locator.unwrap_or_default();
        }
        Ok(())
    }
}

struct Annotation;

#[derive(Deserialize)]
struct Comment {
    comment: Option<String>,
}

/// What Keelguard notes on a package.
#[derive(Deserialize)]
struct Note {
    name: Option<String>,
    version: Option<String>,
    source: Option<SourcePackage>,
    #[serde(default)]
    paths: Vec<String>,
    owner: Option<String>,
    reference: Option<String>,
    digest: Option<String>,
    ecosystem: Option<String>,
}

impl Element<Entry> for Annotation {
    fn read<'de, D: Deserializer<'de>>(entry: &mut Entry, deserializer: D) -> Result<(), D::Error> {
        let comment = value::<Comment, D>(deserializer)?.comment.unwrap_or_default();
        if let Some(path) = comment.strip_prefix("FilePath: ") {
            entry.path(path.to_owned());
        }
        // Whatever else stands there is a remark of somebody.
        let Some(note) = comment.strip_prefix("keelguard:").and_then(|text| serde_json::from_str::<Note>(text).ok())
        else {
            return Ok(());
        };
        if let Some(version) = note.version {
            entry.version = version;
        }
        if let Some(source) = note.source {
            (entry.source_name, entry.source_version) = (source.name, source.version);
        }
        entry.own_name = note.name.or(entry.own_name.take());
        entry.owner = note.owner;
        entry.image.reference = note.reference;
        entry.image.digest = note.digest;
        entry.system.ecosystem = note.ecosystem;
        note.paths.into_iter().for_each(|path| entry.path(path));
        Ok(())
    }
}

/// Annotations of the document: what Keelguard could not look at.
pub(super) struct DocumentAnnotation;

impl Element<Collector> for DocumentAnnotation {
    fn read<'de, D: Deserializer<'de>>(collector: &mut Collector, deserializer: D) -> Result<(), D::Error> {
        let comment = value::<Comment, D>(deserializer)?.comment.unwrap_or_default();
        if let Some(gap) = comment.strip_prefix("keelguard:incomplete: ") {
            collector.lacks(gap);
        }
        Ok(())
    }
}

/// Relationships: what the document is about.
pub(super) struct Relationship;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Relation {
    relationship_type: Option<String>,
    spdx_element_id: Option<String>,
    related_spdx_element: Option<String>,
}

impl Element<Collector> for Relationship {
    fn read<'de, D: Deserializer<'de>>(collector: &mut Collector, deserializer: D) -> Result<(), D::Error> {
        let relation: Relation = value(deserializer)?;
        if relation.relationship_type.as_deref() == Some("DESCRIBES")
            && relation.spdx_element_id.as_deref() == Some("SPDXRef-DOCUMENT")
        {
            collector.describes(relation.related_spdx_element.unwrap_or_default());
        }
        Ok(())
    }
}

/// `documentDescribes`: the same in short.
pub(super) struct Described;

impl Element<Collector> for Described {
    fn read<'de, D: Deserializer<'de>>(collector: &mut Collector, deserializer: D) -> Result<(), D::Error> {
        collector.describes(value::<Option<String>, D>(deserializer)?.unwrap_or_default());
        Ok(())
    }
}
