//! SPDX 2.3 as JSON (<https://spdx.github.io/spdx-spec/v2.3/>). What it has no field for stands in one annotation of the
//! package, as JSON behind `keelguard:`; `keelguard image` reads it back. SPDX has no place for what is known to be wrong.

use keelguard_model::image::{Package, PackageKind, Target};
use serde_json::{Value, json};

use super::{TOOL, gaps, is_image, name, time, uuid};
use crate::ImageView;

const DOCUMENT: &str = "SPDXRef-DOCUMENT";
const ROOT: &str = "SPDXRef-Root";
const OS: &str = "SPDXRef-OperatingSystem";

/// The document.
pub(crate) fn document(view: &ImageView<'_>) -> Value {
    let report = view.report;
    let now = time(view.now);
    let note = |comment: String| {
        json!({
            "annotationDate": now,
            "annotationType": "OTHER",
            "annotator": format!("Tool: {TOOL}-{}", env!("CARGO_PKG_VERSION")),
            "comment": comment,
        })
    };
    let mut packages = vec![root(&report.target, &note)];
    let mut relationships = vec![relation(DOCUMENT, "DESCRIBES", ROOT)];
    if let Some(os) = &report.target.os {
        let mut package = bare(OS, &os.id, &os.version);
        package.insert("primaryPackagePurpose".into(), json!("OPERATING-SYSTEM"));
        package
            .insert("annotations".into(), json!([note(format!("keelguard:{}", json!({"ecosystem": os.ecosystem})))]));
        packages.push(package.into());
        relationships.push(relation(ROOT, "CONTAINS", OS));
    }
    for (index, package) in report.packages.iter().enumerate() {
        let id = format!("SPDXRef-Package-{index}-{}-{}", package.kind, legal(&package.name));
        relationships.push(relation(ROOT, "CONTAINS", &id));
        packages.push(of_package(package, &id, &note));
    }
    let id = uuid(view);
    json!({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": DOCUMENT,
        "name": name(&report.target),
        "documentNamespace": format!("urn:uuid:{id}"),
        "creationInfo": {
            "created": now,
            "creators": [format!("Tool: {TOOL}-{}", env!("CARGO_PKG_VERSION"))],
        },
        "annotations": gaps(view).into_iter().map(|(name, gap)| note(format!("keelguard:{name}: {gap}"))).collect::<Vec<_>>(),
        "packages": packages,
        "relationships": relationships,
    })
}

fn relation(from: &str, kind: &str, to: &str) -> Value {
    json!({"spdxElementId": from, "relationshipType": kind, "relatedSpdxElement": to})
}

/// Letters, digits, dots and dashes are all that an id may hold; the number before it keeps it apart from the others.
fn legal(name: &str) -> String {
    let mark = |letter: char| if letter.is_ascii_alphanumeric() || letter == '.' { letter } else { '-' };
    name.chars().take(60).map(mark).collect()
}

/// What every package must say.
fn bare(id: &str, name: &str, version: &str) -> serde_json::Map<String, Value> {
    let mut package = serde_json::Map::new();
    package.insert("SPDXID".into(), json!(id));
    // A package without a name is none; what cannot be named is called that.
    package.insert("name".into(), json!(if name.is_empty() { "unnamed" } else { name }));
    if !version.is_empty() {
        package.insert("versionInfo".into(), json!(version));
    }
    package.insert("downloadLocation".into(), json!("NOASSERTION"));
    package.insert("filesAnalyzed".into(), json!(false));
    for field in ["licenseConcluded", "licenseDeclared", "copyrightText", "supplier"] {
        package.insert(field.into(), json!("NOASSERTION"));
    }
    package
}

fn purl(purl: &str) -> Value {
    json!([{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl}])
}

fn root(target: &Target, note: &dyn Fn(String) -> Value) -> Value {
    let mut root = bare(ROOT, name(target), target.digest.as_deref().unwrap_or_default());
    let purpose = if is_image(target) { "CONTAINER" } else { "APPLICATION" };
    root.insert("primaryPackagePurpose".into(), json!(purpose));
    let hex = target.digest.as_deref().and_then(|digest| digest.strip_prefix("sha256:"));
    if let Some(hex) = hex.filter(|hex| hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit())) {
        root.insert("checksums".into(), json!([{"algorithm": "SHA256", "checksumValue": hex.to_lowercase()}]));
    }
    if let Some(image) = target.purl() {
        root.insert("externalRefs".into(), purl(&image));
    }
    let layers: Vec<_> = target.layers.iter().map(|layer| layer.diff_id.as_ref().or(layer.digest.as_ref())).collect();
    let of_target = json!({
        "input": target.input, "kind": target.kind, "reference": target.reference, "digest": target.digest, "layers": layers,
    });
    root.insert("annotations".into(), json!([note(format!("keelguard:{of_target}"))]));
    root.into()
}

fn of_package(package: &Package, id: &str, note: &dyn Fn(String) -> Value) -> Value {
    let mut entry = bare(id, &package.name, &package.version);
    let purpose = if package.kind == PackageKind::Generic { "APPLICATION" } else { "LIBRARY" };
    entry.insert("primaryPackagePurpose".into(), json!(purpose));
    entry.insert("externalRefs".into(), purl(&package.purl));
    if let Some(source) = &package.source {
        entry.insert("sourceInfo".into(), json!(format!("built package from: {} {}", source.name, source.version)));
    }
    let of_package = json!({
        "name": package.name,
        "version": package.version,
        "source": package.source,
        "paths": package.paths,
        "layer": package.layer,
        "owner": package.owner,
    });
    entry.insert("annotations".into(), json!([note(format!("keelguard:{of_package}"))]));
    entry.into()
}
