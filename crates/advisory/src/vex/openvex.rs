//! OpenVEX 0.2.0 (<https://github.com/openvex/spec>), and what earlier versions wrote in its place: products and
//! vulnerabilities as plain texts.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::product::{Identifier, Product};
use super::{Statement, Status, first, time};
use crate::AdvisoryError;

/// A document.
#[derive(Deserialize)]
pub(super) struct Document {
    #[serde(rename = "@id")]
    id: Option<String>,
    author: Option<String>,
    timestamp: Option<String>,
    last_updated: Option<String>,
    statements: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    vulnerability: Vulnerability,
    timestamp: Option<String>,
    last_updated: Option<String>,
    products: Option<Vec<Component>>,
    subcomponents: Option<Vec<Component>>,
    status: String,
    justification: Option<String>,
    impact_statement: Option<String>,
    action_statement: Option<String>,
    status_notes: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Vulnerability {
    Name(String),
    Named {
        #[serde(rename = "@id")]
        id: Option<String>,
        name: Option<String>,
        aliases: Option<Vec<String>>,
    },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Component {
    Name(String),
    Named {
        #[serde(rename = "@id")]
        id: Option<String>,
        identifiers: Option<BTreeMap<String, String>>,
        hashes: Option<BTreeMap<String, String>>,
        subcomponents: Option<Vec<Component>>,
    },
}

impl Component {
    fn identifiers(&self) -> Vec<Identifier> {
        match self {
            Self::Name(name) => vec![Identifier::of(name)],
            Self::Named { id, identifiers, hashes, .. } => {
                let purl = identifiers.as_ref().and_then(|all| all.get("purl")).map(|purl| Identifier::of(purl));
                // Where both are package URLs, the one that was meant as such is the exact one.
                let is_purl = id.as_ref().is_some_and(|id| id.starts_with("pkg:"));
                let id = id.as_ref().filter(|_| !(is_purl && purl.is_some())).map(|id| Identifier::of(id));
                let hash = hashes.as_ref().and_then(|all| all.get("sha-256").or_else(|| all.get("sha256")));
                let digest = hash.map(|hash| Identifier::Digest(format!("sha256:{}", hash.to_lowercase())));
                id.into_iter().chain(purl).chain(digest).collect()
            }
        }
    }

    fn parts(&self) -> &[Self] {
        match self {
            Self::Named { subcomponents: Some(parts), .. } => parts,
            _ => &[],
        }
    }
}

/// What the document says.
pub(super) fn statements(document: &Document, what: &str) -> Result<Vec<Statement>, AdvisoryError> {
    let source = first(&[document.author.as_deref(), document.id.as_deref()]).unwrap_or_else(|| what.to_owned());
    let mut statements = Vec::with_capacity(document.statements.len());
    for (index, entry) in document.statements.iter().enumerate() {
        let broken = |why: String| AdvisoryError::garbage(what, format!("statement {}: {why}", index + 1));
        let ids = match &entry.vulnerability {
            Vulnerability::Name(name) => vec![name.clone()],
            Vulnerability::Named { id, name, aliases } => {
                name.iter().chain(aliases.iter().flatten()).chain(id).cloned().collect()
            }
        };
        if ids.is_empty() {
            return Err(broken("it names no vulnerability".into()));
        }
        let status = match entry.status.as_str() {
            "not_affected" => Status::NotAffected,
            "affected" => Status::Affected,
            "fixed" => Status::Fixed,
            "under_investigation" => Status::UnderInvestigation,
            other => {
                return Err(broken(format!(
                    "{other:?} is no status; write not_affected, affected, fixed or under_investigation"
                )));
            }
        };
        let (justification, impact) = (entry.justification.as_deref(), entry.impact_statement.as_deref());
        let (action, notes) = (entry.action_statement.as_deref(), entry.status_notes.as_deref());
        let reason = match status {
            Status::NotAffected => first(&[justification, impact, notes]),
            Status::Affected => first(&[action, notes]),
            Status::Fixed | Status::UnderInvestigation => first(&[notes, action]),
        };
        let shared = entry.subcomponents.as_deref().unwrap_or_default();
        let products = entry.products.iter().flatten().map(|product| Product {
            itself: product.identifiers(),
            parts: product.parts().iter().chain(shared).map(Component::identifiers).collect(),
        });
        statements.push(Statement {
            ids,
            status,
            reason,
            products: products.collect(),
            time: time(&[
                entry.last_updated.as_deref(),
                entry.timestamp.as_deref(),
                document.last_updated.as_deref(),
                document.timestamp.as_deref(),
            ]),
            source: source.clone(),
        });
    }
    Ok(statements)
}
