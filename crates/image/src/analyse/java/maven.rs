//! Maven's own words in an archive: `pom.properties`, which its build writes, and `pom.xml`, which it copies.

use quick_xml::Reader;
use quick_xml::events::Event;

/// Longest part of a coordinate. Maven Central's longest are about 100.
const MAX_PART: usize = 256;

/// A Maven artifact.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Artifact {
    /// The group; empty where nothing names it.
    pub(super) group: String,
    pub(super) id: String,
    pub(super) version: String,
}

impl Artifact {
    /// The artifact of these coordinates, where all three are ones that Maven would take.
    pub(super) fn of(group: &str, artifact: &str, version: &str) -> Option<Self> {
        let fit = is_id(group) && is_id(artifact) && is_version(version);
        fit.then(|| Self { group: group.to_owned(), id: artifact.to_owned(), version: version.to_owned() })
    }

    /// The name that OSV knows it by. An artifact of an unknown group keeps its bare name: OSV's names of Maven
    /// packages always have a colon, so that it is listed but never taken for somebody else's artifact.
    pub(super) fn name(&self) -> String {
        if self.group.is_empty() { self.id.clone() } else { format!("{}:{}", self.group, self.id) }
    }
}

/// Whether it can be a group or an artifact id.
pub(super) fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= MAX_PART
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

/// Whether it can be a version: placeholders of a build that never ran (`${revision}`) are none.
pub(super) fn is_version(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= MAX_PART
        && text.bytes().any(|byte| byte.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-+~".contains(&byte))
}

/// The artifact of a `pom.properties`.
pub(super) fn properties(bytes: &[u8]) -> Option<Artifact> {
    let text = String::from_utf8_lossy(bytes);
    let value = |key: &str| {
        text.lines()
            .map(str::trim)
            .filter(|line| !line.starts_with(['#', '!']))
            .filter_map(|line| line.split_once(['=', ':']))
            .find(|(found, _)| found.trim() == key)
            .map_or("", |(_, value)| value.trim())
    };
    Artifact::of(value("groupId"), value("artifactId"), value("version"))
}

/// The artifact of a `pom.xml`. Group and version may come from its parent, and the version from a property of its own.
pub(super) fn pom(bytes: &[u8]) -> Option<Artifact> {
    // Names of people are written in whatever encoding; coordinates are ASCII.
    let text = String::from_utf8_lossy(bytes);
    let mut reader = Reader::from_str(&text);
    // Only the first four levels are asked for; the depth is counted so that a deep document costs nothing.
    let mut path: Vec<String> = Vec::new();
    let mut depth: usize = 0;
    let mut own: [String; 3] = Default::default();
    let mut parent: [String; 3] = Default::default();
    let mut defined: Vec<(String, String)> = Vec::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                depth += 1;
                if depth <= 4 {
                    path.push(tag.local_name().as_ref().to_owned());
                }
            }
            Ok(Event::End(_)) => {
                if depth <= 4 {
                    path.pop();
                }
                depth = depth.saturating_sub(1);
            }
            Ok(Event::Text(text)) if depth == path.len() => {
                let text = text.trim().to_owned();
                let path: Vec<&str> = path.iter().map(String::as_str).collect();
                match path.as_slice() {
                    ["project", key] => keep(&mut own, key, text),
                    ["project", "parent", key] => keep(&mut parent, key, text),
                    ["project", "properties", key] if defined.len() < 1000 => defined.push(((*key).to_owned(), text)),
                    _ => {}
                }
            }
            // A broken document has said what it has said.
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    let [group, artifact, version] = own;
    let [parent_group, _, parent_version] = parent;
    let or = |own: String, parents: &str| if own.is_empty() { parents.to_owned() } else { own };
    let group = or(group, &parent_group);
    let version = or(version, &parent_version);
    let resolve = |value: &str| match value.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) {
        Some("project.parent.version" | "parent.version") => parent_version.clone(),
        Some("project.parent.groupId" | "parent.groupId") => parent_group.clone(),
        Some(key) => defined.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone()).unwrap_or_default(),
        None => value.to_owned(),
    };
    Artifact::of(&resolve(&group), &artifact, &resolve(&version))
}

fn keep(parts: &mut [String; 3], key: &str, text: String) {
    let [group, artifact, version] = parts;
    let part = match key {
        "groupId" => group,
        "artifactId" => artifact,
        "version" => version,
        _ => return,
    };
    if part.is_empty() {
        *part = text;
    }
}
