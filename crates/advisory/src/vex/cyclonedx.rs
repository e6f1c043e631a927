//! The analyses of vulnerabilities in a CycloneDX document (<https://cyclonedx.org/capabilities/vex/>).

use std::collections::HashMap;

use serde::Deserialize;

use super::product::{Identifier, Product};
use super::{Statement, Status, first, time};
use crate::AdvisoryError;

/// A document.
#[derive(Deserialize)]
pub(super) struct Document {
    #[serde(rename = "serialNumber")]
    serial_number: Option<String>,
    metadata: Option<Metadata>,
    components: Option<Vec<Component>>,
    vulnerabilities: Option<Vec<Vulnerability>>,
}

#[derive(Deserialize)]
struct Metadata {
    timestamp: Option<String>,
    component: Option<Component>,
}

#[derive(Deserialize)]
struct Component {
    #[serde(rename = "bom-ref")]
    reference: Option<String>,
    name: Option<String>,
    version: Option<String>,
    purl: Option<String>,
    components: Option<Vec<Component>>,
}

#[derive(Deserialize)]
struct Vulnerability {
    id: Option<String>,
    references: Option<Vec<Reference>>,
    analysis: Option<Analysis>,
    affects: Option<Vec<Affected>>,
}

#[derive(Deserialize)]
struct Reference {
    id: Option<String>,
}

#[derive(Deserialize)]
struct Analysis {
    state: Option<String>,
    justification: Option<String>,
    detail: Option<String>,
    #[serde(rename = "lastUpdated")]
    last_updated: Option<String>,
}

#[derive(Deserialize)]
struct Affected {
    #[serde(rename = "ref")]
    reference: String,
}

/// What the document says.
pub(super) fn statements(document: &Document, what: &str) -> Result<Vec<Statement>, AdvisoryError> {
    let source = document.serial_number.clone().unwrap_or_else(|| what.to_owned());
    let metadata = document.metadata.as_ref();
    let made = metadata.and_then(|metadata| metadata.timestamp.as_deref());
    let root = metadata.and_then(|metadata| metadata.component.as_ref());
    let root_is = root.map(identifiers).unwrap_or_default();
    let root_ref = root.and_then(|root| root.reference.as_deref());
    let mut by_ref: HashMap<&str, Vec<Identifier>> = HashMap::new();
    let mut open: Vec<&Component> = document.components.iter().flatten().collect();
    open.extend(root.and_then(|root| root.components.as_ref()).into_iter().flatten());
    while let Some(component) = open.pop() {
        let purl = component.purl.as_deref().map(|purl| vec![Identifier::of(purl)]);
        by_ref.extend(component.reference.as_deref().zip(purl));
        open.extend(component.components.iter().flatten());
    }
    let mut statements = Vec::new();
    for vulnerability in document.vulnerabilities.iter().flatten() {
        let Some(analysis) = &vulnerability.analysis else { continue };
        let status = match analysis.state.as_deref() {
            Some("resolved" | "resolved_with_pedigree") => Status::Fixed,
            Some("exploitable") => Status::Affected,
            Some("in_triage") => Status::UnderInvestigation,
            Some("not_affected" | "false_positive") => Status::NotAffected,
            None => continue,
            Some(other) => {
                let id = vulnerability.id.as_deref().unwrap_or("a vulnerability");
                return Err(AdvisoryError::garbage(what, format!("{other:?} is no state of an analysis, as of {id}")));
            }
        };
        let references = vulnerability.references.iter().flatten().filter_map(|reference| reference.id.clone());
        let products = vulnerability.affects.iter().flatten().map(|affected| {
            // A link into another document ends in the reference that counts there, with its special characters escaped.
            let reference = match affected.reference.strip_prefix("urn:cdx:").and_then(|link| link.split_once('#')) {
                Some((_, reference)) => reference.replace("%23", "#").replace("%3F", "?").replace("%3f", "?"),
                None => affected.reference.clone(),
            };
            if Some(reference.as_str()) == root_ref {
                return Product { itself: root_is.clone(), parts: Vec::new() };
            }
            let named = by_ref.get(reference.as_str()).cloned().unwrap_or_else(|| vec![Identifier::of(&reference)]);
            // Said of a part of this product, where the product is named so that others can know it.
            if root_is.is_empty() {
                Product { itself: named, parts: Vec::new() }
            } else {
                Product { itself: root_is.clone(), parts: vec![named] }
            }
        });
        statements.push(Statement {
            ids: vulnerability.id.iter().cloned().chain(references).collect(),
            status,
            reason: first(&[analysis.justification.as_deref(), analysis.detail.as_deref()]),
            products: products.collect(),
            time: time(&[analysis.last_updated.as_deref(), made]),
            source: source.clone(),
        });
    }
    Ok(statements)
}

/// What the component that a document is about is known by to others: its package URL, a digest as its version, and the
/// name that it was given on the command line.
fn identifiers(component: &Component) -> Vec<Identifier> {
    let digest = component.version.as_deref().filter(|version| version.starts_with("sha256:"));
    let purl = component.purl.as_deref().map(Identifier::of);
    let known: Vec<Identifier> =
        purl.into_iter().chain(digest.map(|digest| Identifier::Digest(digest.to_owned()))).collect();
    if known.is_empty() { component.name.as_deref().map(Identifier::of).into_iter().collect() } else { known }
}
