//! CycloneDX 1.6 as JSON (<https://cyclonedx.org/docs/1.6/json/>). What it has no field for stands in properties
//! `keelguard:…`; `keelguard image` reads all of it back.

use std::collections::{HashMap, HashSet};

use keelguard_model::image::{Layer, Package, PackageKind, Target, Vulnerability};
use serde_json::{Map, Value, json};

use super::{TOOL, gaps, is_image, name, number, time, uuid};
use crate::ImageView;

/// The document.
pub(crate) fn document(view: &ImageView<'_>) -> Value {
    let report = view.report;
    let gaps = gaps(view);
    let root = root(&report.target, &gaps);
    let refs = References::of(&report.packages);
    let mut components = Vec::with_capacity(report.packages.len() + 1);
    let mut below: Vec<&str> = Vec::with_capacity(report.packages.len() + 1);
    if let Some(os) = &report.target.os {
        let ecosystem = os.ecosystem.as_ref().map(|ecosystem| property("os:ecosystem", ecosystem));
        components.push(json!({
            "type": "operating-system",
            "bom-ref": OS,
            "name": os.id,
            "version": os.version,
            "properties": ecosystem.into_iter().collect::<Vec<_>>(),
        }));
        below.push(OS);
    }
    for (package, reference) in report.packages.iter().zip(&refs.of_each) {
        components.push(component(package, reference, &report.target.layers));
        below.push(reference);
    }
    let mut document = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": format!("urn:uuid:{}", uuid(view)),
        "version": 1,
        "metadata": {
            "timestamp": time(view.now),
            "tools": {"components": [{"type": "application", "name": TOOL, "version": env!("CARGO_PKG_VERSION")}]},
            "component": root,
        },
        "components": components,
        "dependencies": [{"ref": ROOT, "dependsOn": below}],
        "vulnerabilities": report.vulnerabilities.iter().map(|row| vulnerability(row, &refs)).collect::<Vec<_>>(),
    });
    if !gaps.is_empty() {
        set(&mut document, "compositions", json!([{"aggregate": "incomplete", "assemblies": [ROOT]}]));
    }
    document
}

/// References inside the document. No package URL is spelled like these two.
const ROOT: &str = "root";
const OS: &str = "os";

/// How each package is referred to: by its URL, and where several have the same one, by that and a number.
struct References<'a> {
    of_each: Vec<String>,
    /// By package URL, that of the package that is looked up: the one that no other owns.
    by_purl: HashMap<&'a str, String>,
}

impl<'a> References<'a> {
    fn of(packages: &'a [Package]) -> Self {
        let mut taken: HashSet<String> = [ROOT, OS].map(str::to_owned).into();
        let mut of_each = Vec::with_capacity(packages.len());
        let mut by_purl: HashMap<&str, String> = HashMap::with_capacity(packages.len());
        for package in packages {
            let mut reference = package.purl.clone();
            let mut count = 1;
            while !taken.insert(reference.clone()) {
                count += 1;
                reference = format!("{}#{count}", package.purl);
            }
            if package.owner.is_none() || !by_purl.contains_key(package.purl.as_str()) {
                by_purl.insert(&package.purl, reference.clone());
            }
            of_each.push(reference);
        }
        Self { of_each, by_purl }
    }
}

fn property(name: &str, value: impl Into<String>) -> Value {
    json!({"name": format!("keelguard:{name}"), "value": value.into()})
}

fn set(object: &mut Value, key: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}

fn root(target: &Target, gaps: &[(&'static str, String)]) -> Value {
    let mut properties = vec![property("target:input", &target.input), property("target:kind", &target.kind)];
    properties.extend(target.reference.as_ref().map(|reference| property("target:reference", reference)));
    properties.extend(target.digest.as_ref().map(|digest| property("target:digest", digest)));
    for (index, layer) in target.layers.iter().enumerate() {
        let Some(id) = layer.diff_id.as_ref().or(layer.digest.as_ref()) else { continue };
        let base = if layer.base { " of the base image" } else { "" };
        properties.push(property("layer", format!("{index} {id}{base}")));
    }
    properties.extend(gaps.iter().map(|(name, gap)| property(name, gap)));
    let mut root = json!({
        "type": if is_image(target) { "container" } else { "application" },
        "bom-ref": ROOT,
        "name": name(target),
        "properties": properties,
    });
    if let Some(digest) = &target.digest {
        set(&mut root, "version", json!(digest));
        let hex = digest.strip_prefix("sha256:").filter(|hex| hex.len() == 64);
        if let Some(hex) = hex.filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit())) {
            set(&mut root, "hashes", json!([{"alg": "SHA-256", "content": hex}]));
        }
    }
    if let Some(purl) = target.purl() {
        set(&mut root, "purl", json!(purl));
    }
    root
}

fn component(package: &Package, reference: &str, layers: &[Layer]) -> Value {
    let mut properties = vec![property("name", &package.name)];
    if let Some(source) = &package.source {
        properties.push(property("source:name", &source.name));
        properties.push(property("source:version", &source.version));
    }
    properties.extend(package.owner.as_ref().map(|owner| property("owner", owner)));
    if let Some((index, layer)) = package.layer.and_then(|index| Some((index, layers.get(index)?))) {
        properties.push(property("layer:index", index.to_string()));
        properties.extend(layer.diff_id.as_ref().map(|id| property("layer:diff_id", id)));
        properties.extend(layer.digest.as_ref().map(|digest| property("layer:digest", digest)));
    }
    let (group, name) = match package.kind {
        PackageKind::Maven => package.name.split_once(':').map_or((None, &*package.name), |(a, b)| (Some(a), b)),
        _ => (None, package.name.as_str()),
    };
    let mut component = json!({
        "type": if package.kind == PackageKind::Generic { "application" } else { "library" },
        "bom-ref": reference,
        "name": name,
        "version": package.version,
        "purl": package.purl,
        "properties": properties,
    });
    if let Some(group) = group {
        set(&mut component, "group", json!(group));
    }
    if !package.paths.is_empty() {
        let occurrences: Vec<Value> = package.paths.iter().map(|path| json!({"location": path})).collect();
        set(&mut component, "evidence", json!({"occurrences": occurrences}));
    }
    component
}

fn vulnerability(row: &Vulnerability, refs: &References<'_>) -> Value {
    let source = |id: &str| json!({"name": "OSV", "url": format!("https://osv.dev/vulnerability/{}", address(id))});
    let record = row.why.records.first().map_or(row.id.as_str(), String::as_str);
    let mut rating = Map::new();
    rating.insert("severity".into(), json!(row.severity.name()));
    if let Some(cvss) = &row.cvss {
        rating.insert("score".into(), number(cvss.score));
        rating.insert("method".into(), json!(method(&cvss.vector)));
        rating.insert("vector".into(), json!(cvss.vector));
    }
    let others = row.aliases.iter().chain(&row.why.records).filter(|id| **id != row.id);
    let mut seen = HashSet::new();
    let references: Vec<Value> =
        others.filter(|id| seen.insert(id.as_str())).map(|id| json!({"id": id, "source": source(id)})).collect();
    let status = if row.is_settled() { "unaffected" } else { "affected" };
    let reference = refs.by_purl.get(row.package.as_str()).map_or(row.package.as_str(), String::as_str);
    let mut entry = json!({
        "id": row.id,
        "source": source(record),
        "references": references,
        "ratings": [rating],
        "affects": [{"ref": reference, "versions": [{"version": row.installed, "status": status}]}],
        "properties": properties(row),
    });
    if !row.summary.is_empty() {
        set(&mut entry, "description", json!(row.summary));
    }
    if !row.fixed.is_empty() {
        set(&mut entry, "recommendation", json!(format!("update {} to {}", row.why.looked_up, row.fixed.join(" or "))));
    }
    if let Some(analysis) = analysis(row) {
        set(&mut entry, "analysis", analysis);
    }
    entry
}

fn properties(row: &Vulnerability) -> Vec<Value> {
    let mut properties: Vec<Value> = row.fixed.iter().map(|fixed| property("fixed", fixed)).collect();
    if let Some(kev) = &row.kev {
        properties.push(property("kev:added", &kev.added));
        properties.extend(kev.due.as_ref().map(|due| property("kev:due", due)));
        properties.push(property("kev:ransomware", kev.ransomware.to_string()));
    }
    if let Some(epss) = &row.epss {
        properties.push(property("epss:score", epss.score.to_string()));
        properties.push(property("epss:percentile", epss.percentile.to_string()));
    }
    properties.push(property("range", &row.why.range));
    properties
}

/// The words of CycloneDX for a VEX status and, where they fit, for its reason.
fn analysis(row: &Vulnerability) -> Option<Value> {
    let vex = row.vex.as_ref()?;
    let state = match vex.status.as_str() {
        "not_affected" => "not_affected",
        "fixed" => "resolved",
        "affected" => "exploitable",
        _ => "in_triage",
    };
    let justification = match vex.justification.as_deref() {
        Some("component_not_present" | "vulnerable_code_not_present") => Some("code_not_present"),
        Some("vulnerable_code_not_in_execute_path") => Some("code_not_reachable"),
        Some("inline_mitigations_already_exist") => Some("protected_by_mitigating_control"),
        _ => None,
    };
    let reason = vex.justification.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    let mut analysis = json!({"state": state, "detail": format!("{} says {}{reason}", vex.source, vex.status)});
    if let Some(justification) = justification {
        set(&mut analysis, "justification", json!(justification));
    }
    Some(analysis)
}

fn method(vector: &str) -> &'static str {
    match vector.split('/').next() {
        Some("CVSS:4.0") => "CVSSv4",
        Some("CVSS:3.1") => "CVSSv31",
        Some("CVSS:3.0") => "CVSSv3",
        Some(first) if first.starts_with("AV:") => "CVSSv2",
        _ => "other",
    }
}

/// An id as the last part of an address.
fn address(id: &str) -> String {
    id.chars().filter(|letter| letter.is_ascii_alphanumeric() || "-_.:".contains(*letter)).collect()
}
