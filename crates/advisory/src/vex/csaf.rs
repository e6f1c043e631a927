//! CSAF 2.0 (<https://docs.oasis-open.org/csaf/csaf/v2.0/csaf-v2.0.html>): the tree of products, and what is said of each.

use std::collections::HashMap;

use serde::Deserialize;

use super::product::{Identifier, Product};
use super::{Statement, Status, first, time};
use crate::AdvisoryError;

/// A document.
#[derive(Deserialize)]
pub(super) struct Document {
    #[serde(rename = "document")]
    about: About,
    product_tree: Option<Tree>,
    #[serde(default)]
    vulnerabilities: Vec<Vulnerability>,
}

#[derive(Deserialize)]
struct About {
    csaf_version: String,
    publisher: Option<Publisher>,
    tracking: Option<Tracking>,
}

#[derive(Deserialize)]
struct Publisher {
    name: Option<String>,
}

#[derive(Deserialize)]
struct Tracking {
    id: Option<String>,
    current_release_date: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Tree {
    branches: Vec<Branch>,
    full_product_names: Vec<FullName>,
    product_groups: Vec<Group>,
    relationships: Vec<Relationship>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Branch {
    branches: Vec<Branch>,
    product: Option<FullName>,
}

#[derive(Deserialize)]
struct FullName {
    product_id: String,
    product_identification_helper: Option<Helper>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Helper {
    purl: Option<String>,
    purls: Vec<String>,
    cpe: Option<String>,
    hashes: Vec<Hashes>,
}

#[derive(Deserialize)]
struct Hashes {
    #[serde(default)]
    file_hashes: Vec<FileHash>,
}

#[derive(Deserialize)]
struct FileHash {
    algorithm: String,
    value: String,
}

#[derive(Deserialize)]
struct Group {
    group_id: String,
    #[serde(default)]
    product_ids: Vec<String>,
}

#[derive(Deserialize)]
struct Relationship {
    product_reference: String,
    relates_to_product_reference: String,
    full_product_name: FullName,
}

#[derive(Deserialize)]
struct Vulnerability {
    cve: Option<String>,
    #[serde(default)]
    ids: Vec<Id>,
    #[serde(default)]
    product_status: ProductStatus,
    #[serde(default)]
    flags: Vec<Note>,
    #[serde(default)]
    threats: Vec<Note>,
    #[serde(default)]
    remediations: Vec<Note>,
}

#[derive(Deserialize)]
struct Id {
    text: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ProductStatus {
    first_affected: Vec<String>,
    first_fixed: Vec<String>,
    fixed: Vec<String>,
    known_affected: Vec<String>,
    known_not_affected: Vec<String>,
    last_affected: Vec<String>,
    under_investigation: Vec<String>,
}

/// A flag, a threat or a remediation: something said of some products.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Note {
    label: Option<String>,
    category: Option<String>,
    details: Option<String>,
    product_ids: Vec<String>,
    group_ids: Vec<String>,
}

/// The products by their ids.
struct Products {
    by_id: HashMap<String, Product>,
    groups: HashMap<String, Vec<String>>,
}

impl Products {
    fn of(tree: Tree) -> Self {
        let mut names = tree.full_product_names;
        let mut open = tree.branches;
        while let Some(branch) = open.pop() {
            names.extend(branch.product);
            open.extend(branch.branches);
        }
        let mut by_id: HashMap<String, Product> = HashMap::with_capacity(names.len());
        for name in names {
            let itself = identifiers(name.product_identification_helper);
            by_id.insert(name.product_id, Product { itself, parts: Vec::new() });
        }
        for relationship in tree.relationships {
            let part = by_id.get(&relationship.product_reference);
            let whole = by_id.get(&relationship.relates_to_product_reference);
            // A module in a stream of a platform: what counts is the outermost and the innermost.
            let part = part.map(|part| part.parts.first().unwrap_or(&part.itself).clone()).unwrap_or_default();
            let whole = whole.map(|whole| whole.itself.clone()).unwrap_or_default();
            let own = identifiers(relationship.full_product_name.product_identification_helper);
            let part = if own.is_empty() { part } else { own };
            by_id.insert(relationship.full_product_name.product_id, Product { itself: whole, parts: vec![part] });
        }
        let groups = tree.product_groups.into_iter().map(|group| (group.group_id, group.product_ids)).collect();
        Self { by_id, groups }
    }

    /// What is said of a product: to it by name, or to a group that it is in.
    fn note<'n>(&self, notes: &'n [Note], id: &str, text: fn(&Note) -> Option<&str>) -> Option<&'n str> {
        let is_of = |note: &Note| {
            let in_group = |group: &String| {
                self.groups.get(group).is_some_and(|members| members.iter().any(|member| member == id))
            };
            note.product_ids.iter().any(|other| other == id) || note.group_ids.iter().any(in_group)
        };
        let to_all = |note: &Note| note.product_ids.is_empty() && note.group_ids.is_empty();
        let named = notes.iter().filter(|note| is_of(note)).find_map(text);
        named.or_else(|| notes.iter().filter(|note| to_all(note)).find_map(text))
    }
}

fn identifiers(helper: Option<Helper>) -> Vec<Identifier> {
    let Some(helper) = helper else { return Vec::new() };
    let purls = helper.purl.iter().chain(&helper.purls).map(|purl| Identifier::of(purl));
    let hashes = helper.hashes.iter().flat_map(|hashes| &hashes.file_hashes);
    let digests = hashes
        .filter(|hash| hash.algorithm.eq_ignore_ascii_case("sha256"))
        .map(|hash| Identifier::Digest(format!("sha256:{}", hash.value.to_lowercase())));
    purls.chain(digests).chain(helper.cpe.as_deref().and_then(Identifier::of_cpe)).collect()
}

/// What the document says.
pub(super) fn statements(csaf: Document, what: &str) -> Result<Vec<Statement>, AdvisoryError> {
    let broken = |why: String| AdvisoryError::garbage(what, why);
    let about = csaf.about;
    if !about.csaf_version.starts_with("2.") {
        return Err(broken(format!("it is CSAF {:?}; version 2.0 is read", about.csaf_version)));
    }
    let tracking = about.tracking.as_ref();
    let publisher = about.publisher.as_ref().and_then(|publisher| publisher.name.as_deref());
    let source = first(&[publisher, tracking.and_then(|tracking| tracking.id.as_deref())]);
    let source = source.unwrap_or_else(|| what.to_owned());
    let when = time(&[tracking.and_then(|tracking| tracking.current_release_date.as_deref())]);
    let products = Products::of(csaf.product_tree.unwrap_or_default());
    let mut statements = Vec::new();
    for vulnerability in &csaf.vulnerabilities {
        let ids: Vec<String> =
            vulnerability.cve.iter().chain(vulnerability.ids.iter().map(|id| &id.text)).cloned().collect();
        let said = &vulnerability.product_status;
        // Where a document contradicts itself, the last word is the one that asks for work.
        let lists = [
            (Status::Fixed, &said.fixed),
            (Status::Fixed, &said.first_fixed),
            (Status::NotAffected, &said.known_not_affected),
            (Status::UnderInvestigation, &said.under_investigation),
            (Status::Affected, &said.known_affected),
            (Status::Affected, &said.first_affected),
            (Status::Affected, &said.last_affected),
        ];
        for (status, list) in lists {
            for id in list {
                let Some(product) = products.by_id.get(id) else {
                    return Err(broken(format!(
                        "it speaks of the product {id:?}, which its product tree does not have"
                    )));
                };
                statements.push(Statement {
                    ids: ids.clone(),
                    status,
                    reason: reason(vulnerability, &products, status, id),
                    products: vec![product.clone()],
                    time: when,
                    source: source.clone(),
                });
            }
        }
    }
    Ok(statements)
}

fn reason(vulnerability: &Vulnerability, products: &Products, status: Status, id: &str) -> Option<String> {
    match status {
        Status::NotAffected => {
            first(&[products.note(&vulnerability.flags, id, label), products.note(&vulnerability.threats, id, impact)])
        }
        Status::Affected => first(&[products.note(&vulnerability.remediations, id, details)]),
        Status::Fixed | Status::UnderInvestigation => None,
    }
}

fn label(note: &Note) -> Option<&str> {
    note.label.as_deref()
}

fn impact(note: &Note) -> Option<&str> {
    note.details.as_deref().filter(|_| note.category.as_deref() == Some("impact"))
}

fn details(note: &Note) -> Option<&str> {
    note.details.as_deref()
}
