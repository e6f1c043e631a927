//! What an archive itself is, where Maven's metadata does not say: from its manifest and its file name.
//!
//! The artifact and the version are taken from the file name where it has both (`lib-1.2.3.jar`), else from the
//! manifest. The group is taken from, in this order: the table of [`publishers`], `Implementation-Vendor-Id`, the
//! symbolic name of the bundle where it ends as Maven's bundle plugin would have it. Where none says, the artifact goes
//! without a group; it is listed and never looked up under a guessed name ([`Artifact::name`]).

use super::manifest::Manifest;
use super::maven::{Artifact, is_id, is_version};
use super::publishers;

/// Ends of file names that say which build of the same artifact it is.
const CLASSIFIERS: &[&str] = &[
    "-all",
    "-exec",
    "-jar-with-dependencies",
    "-javadoc",
    "-shaded",
    "-sources",
    "-tests",
    "-uber",
    "-linux-x86_64",
    "-linux-aarch_64",
    "-osx-x86_64",
    "-osx-aarch_64",
    "-windows-x86_64",
];

/// The archive's own artifact. `named` are those that Maven's metadata in it names.
pub(super) fn own(file_name: &str, manifest: &Manifest, named: &[Artifact]) -> Option<Artifact> {
    let stem = file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem);
    let is_own = |artifact: &Artifact| {
        stem.strip_prefix(artifact.id.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '.', '_']))
            || manifest.get("Implementation-Title") == Some(&artifact.id)
    };
    if named.iter().any(is_own) {
        return None;
    }
    let own = jenkins_plugin(manifest).or_else(|| tomcat(stem, manifest)).or_else(|| derived(stem, manifest))?;
    let certain = match named {
        [] => true,
        // Mostly the archive's own under a file name of somebody else's choice; but guice.jar has only cglib's in it.
        [_] => publishers::group(&own.id) == Some(own.group.as_str()),
        // The others are named with their groups, and one without is of no use.
        _ => !own.group.is_empty(),
    };
    certain.then_some(own)
}

/// Jenkins plugins name their coordinates in the manifest.
fn jenkins_plugin(manifest: &Manifest) -> Option<Artifact> {
    let artifact = manifest
        .get("Artifact-Id")
        .or_else(|| manifest.get("Short-Name"))
        .or_else(|| manifest.get("Extension-Name"))?;
    let version = manifest.get("Plugin-Version").or_else(|| manifest.get("Implementation-Version"))?;
    // "4.11.3 (private-1a2b-user)" is how a build of somebody's own looks.
    Artifact::of(manifest.get("Group-Id")?, artifact, version.split_whitespace().next()?)
}

fn tomcat(stem: &str, manifest: &Manifest) -> Option<Artifact> {
    (manifest.get("Implementation-Title") == Some("Apache Tomcat")).then(|| {
        Artifact::of("org.apache.tomcat", publishers::tomcat(stem)?, manifest.get("Implementation-Version")?)
    })?
}

fn derived(stem: &str, manifest: &Manifest) -> Option<Artifact> {
    let plain = CLASSIFIERS.iter().find_map(|end| stem.strip_suffix(end)).unwrap_or(stem);
    let stated = ["Implementation-Version", "Bundle-Version", "Specification-Version"];
    let mut stated = stated.iter().filter_map(|key| manifest.get(key)).filter(|version| is_version(version));
    let title = manifest.get("Implementation-Title").filter(|title| is_id(title));
    let (artifact, version) = match split(plain, stated.clone()) {
        (artifact, Some(version)) => (artifact, version),
        (artifact, None) => (title.unwrap_or(artifact), stated.next()?),
    };
    if !is_id(artifact) || !is_version(version) {
        return None;
    }
    let group = publishers::group(artifact)
        .or_else(|| manifest.get("Implementation-Vendor-Id").filter(|id| is_id(id) && id.contains('.')))
        .or_else(|| bundle_group(manifest.bundle()?, artifact))
        .unwrap_or_default();
    Some(Artifact { group: group.to_owned(), id: artifact.to_owned(), version: version.to_owned() })
}

/// Artifact and version of a file name. The version is one that the manifest states, else what follows the first
/// dash before a digit that is not followed by nothing but a word: `log4j-1.2-api-2.17.1` is `log4j-1.2-api`.
fn split<'a>(stem: &'a str, stated: impl Iterator<Item = &'a str>) -> (&'a str, Option<&'a str>) {
    for version in stated {
        if let Some(artifact) = stem.strip_suffix(version).and_then(|rest| rest.strip_suffix('-'))
            && !artifact.is_empty()
        {
            return (artifact, Some(version));
        }
    }
    let starts_version = |at: &usize| {
        let rest = stem.get(at + 1..).unwrap_or_default();
        rest.starts_with(|first: char| first.is_ascii_digit())
            && is_version(rest)
            // A later part that has a version of its own shows that this one belongs to the name.
            && !rest.match_indices('-').any(|(dash, _)| {
                let part = rest.get(dash + 1..).unwrap_or_default();
                part.starts_with(|first: char| first.is_ascii_digit()) && part.contains('.')
            })
    };
    match stem.match_indices('-').map(|(at, _)| at).filter(|at| *at > 0).find(starts_version) {
        Some(at) => (stem.get(..at).unwrap_or(stem), stem.get(at + 1..)),
        None => (stem, None),
    }
}

/// The group, from the symbolic name that Maven's bundle plugin makes of group and artifact: the group alone where the
/// artifact repeats its last part (`com.google.guava` of guava), else both, the repeated part once
/// (`org.apache.maven.core` of maven-core).
fn bundle_group<'a>(bundle: &'a str, artifact: &str) -> Option<&'a str> {
    let (before, last) = bundle.rsplit_once('.')?;
    if last == artifact {
        // Groups have no dashes: `org.example.my-lib` of my-lib is the group org.example.
        let group = if artifact.contains('-') { before } else { bundle };
        return is_id(group).then_some(group);
    }
    let repeated = before.rsplit('.').next()?;
    let joined = artifact.strip_prefix(repeated)?.strip_prefix('-')?;
    (joined == last && is_id(before)).then_some(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_splits_where_the_version_begins() {
        let cases = [
            ("guava-31.1-jre", "guava", Some("31.1-jre")),
            ("log4j-1.2-api-2.17.1", "log4j-1.2-api", Some("2.17.1")),
            ("commons-lang3-3.12.0", "commons-lang3", Some("3.12.0")),
            ("spring-core-5.3.20.RELEASE", "spring-core", Some("5.3.20.RELEASE")),
            ("lib-2.0-SNAPSHOT", "lib", Some("2.0-SNAPSHOT")),
            ("guice", "guice", None),
            ("-1.0", "-1.0", None),
            ("a-b", "a-b", None),
        ];
        for (stem, artifact, version) in cases {
            assert_eq!(split(stem, std::iter::empty()), (artifact, version), "{stem}");
        }
        assert_eq!(split("kafka_2.13-3.4.0", ["3.4.0"].into_iter()), ("kafka_2.13", Some("3.4.0")));
    }

    #[test]
    fn the_group_follows_from_the_symbolic_name_only_where_the_bundle_plugin_would_have_made_it() {
        assert_eq!(bundle_group("com.google.guava", "guava"), Some("com.google.guava"));
        assert_eq!(bundle_group("org.apache.maven.core", "maven-core"), Some("org.apache.maven"));
        assert_eq!(bundle_group("org.objectweb.asm.tree", "asm-tree-x"), None);
        assert_eq!(bundle_group("org.example.my-lib", "my-lib"), Some("org.example"));
        assert_eq!(bundle_group("plain", "plain"), None);
    }
}
