//! `pom.xml`: a project's own coordinates and what it depends on, as far as this file alone says it. Parents and bills
//! of materials are not fetched, so versions that stand only there are not known.

use std::collections::HashMap;

use keelguard_model::image::PackageKind;

use super::super::{Listing, xml};
use crate::Limits;
use crate::analyse::{AnalyseError, File, Found, FoundPackage};

/// Longest value of an expression, bytes, and most expressions looked up for one: properties may double each other.
const MAX_VALUE: usize = 1024;
const MAX_LOOKUPS: usize = 100;

#[derive(Default)]
struct Pom {
    /// Texts by path: `project.version`, `project.parent.groupId`, and properties by name.
    values: HashMap<String, String>,
    dependencies: Vec<Dependency>,
    managed: HashMap<(String, String), String>,
    beyond: bool,
}

#[derive(Default)]
struct Dependency {
    group: String,
    artifact: String,
    version: String,
    scope: String,
    kind: String,
}

/// The project and its dependencies.
pub(in super::super) fn analyse(file: &File<'_>, limits: &Limits) -> Result<Found, AnalyseError> {
    let text = file.text(limits)?;
    let mut pom = Pom::default();
    let mut dependency = Dependency::default();
    xml::walk(&text, &mut |element| pom.read(element, &mut dependency, limits))?;
    let mut listing = Listing::new(limits);
    if let Some(own) = pom.package("${project.groupId}", "${project.artifactId}", "${project.version}") {
        listing.add(own);
    }
    for Dependency { group, artifact, version, scope, kind } in &pom.dependencies {
        // Tests are not shipped; what is provided is there already and is found where it is.
        if matches!(scope.as_str(), "test" | "provided" | "system" | "import") || kind == "test-jar" {
            continue;
        }
        let managed = || pom.managed.get(&(group.clone(), artifact.clone())).map_or("", String::as_str);
        let version = if version.is_empty() { managed() } else { version };
        if let Some(package) = pom.package(group, artifact, version) {
            listing.add(package);
        }
    }
    if pom.beyond {
        listing.incomplete(format!("it names more than {} dependencies", limits.max_packages));
    }
    Ok(listing.done())
}

impl Pom {
    fn read(&mut self, element: &xml::Element<'_>, dependency: &mut Dependency, limits: &Limits) {
        let text = &element.text;
        if let Some(field) = element.path.strip_prefix("project/dependencies/dependency/") {
            dependency.set(field, text);
        } else if let Some(field) = element.path.strip_prefix("project/dependencyManagement/dependencies/dependency/") {
            dependency.set(field, text);
        } else if element.path == "project/dependencies/dependency" {
            let dependency = std::mem::take(dependency);
            if self.dependencies.len() < limits.max_packages {
                self.dependencies.push(dependency);
            } else {
                self.beyond = true;
            }
        } else if element.path == "project/dependencyManagement/dependencies/dependency" {
            let Dependency { group, artifact, version, .. } = std::mem::take(dependency);
            self.managed.insert((group, artifact), version);
        } else if let Some(name) = element.path.strip_prefix("project/properties/") {
            self.values.insert(name.to_owned(), text.clone());
        } else if let Some(field) = element.path.strip_prefix("project/")
            && matches!(field.strip_prefix("parent/").unwrap_or(field), "groupId" | "artifactId" | "version")
        {
            self.values.insert(format!("project.{}", field.replace('/', ".")), text.clone());
        }
    }

    /// What is to be put for `${name}`. Group and version are the parent's where the project has none.
    fn value(&self, name: &str) -> Option<&str> {
        let field = name.strip_prefix("pom.").or_else(|| name.strip_prefix("project.")).unwrap_or(name);
        let parent = matches!(field, "groupId" | "version").then(|| format!("project.parent.{field}"));
        let own = self.values.get(name).or_else(|| self.values.get(&format!("project.{field}")));
        own.or_else(|| self.values.get(&parent?)).map(String::as_str)
    }

    fn package(&self, group: &str, artifact: &str, version: &str) -> Option<FoundPackage> {
        let (group, artifact, version) = (self.fill(group)?, self.fill(artifact)?, self.fill(version)?);
        // `[1.0]` is exactly 1.0; other ranges are decided when it is built.
        let version = version.trim_start_matches('[').trim_end_matches(']');
        let whole = !(group.is_empty() || artifact.is_empty() || version.contains(['[', '(', ',']));
        whole.then(|| FoundPackage::new(PackageKind::Maven, format!("{group}:{artifact}"), version))
    }

    /// The text with its expressions filled in, however they refer to one another; none where one is not known.
    fn fill(&self, text: &str) -> Option<String> {
        let mut text = text.to_owned();
        for _ in 0..MAX_LOOKUPS {
            let Some(start) = text.find("${") else { return Some(text) };
            let end = start + text.get(start..)?.find('}')?;
            let value = self.value(text.get(start + 2..end)?)?;
            if text.len() + value.len() > MAX_VALUE {
                return None;
            }
            text.replace_range(start..=end, value);
        }
        None
    }
}

impl Dependency {
    fn set(&mut self, field: &str, text: &str) {
        let field = match field {
            "groupId" => &mut self.group,
            "artifactId" => &mut self.artifact,
            "version" => &mut self.version,
            "scope" => &mut self.scope,
            "type" => &mut self.kind,
            _ => return,
        };
        text.clone_into(field);
    }
}
