//! Puts statements on rows.

use std::collections::HashMap;

use keelguard_model::image::{Package, Target, Vex, Vulnerability};

use super::Statement;
use super::product::{Candidate, Product, Whole};

/// Says of each row what the statements say of it: of all that hold for the row, the latest by time, and of those the last
/// in order. Gives back for each statement whether it holds for some row.
pub fn apply(statements: &[Statement], rows: &mut [Vulnerability], packages: &[Package], target: &Target) -> Vec<bool> {
    let mut holds = vec![false; statements.len()];
    let mut by_id: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, statement) in statements.iter().enumerate() {
        for id in &statement.ids {
            by_id.entry(id).or_default().push(index);
        }
    }
    let whole = Whole::of(target);
    // Of packages with the same URL the one that no other owns is the one that was looked up.
    let mut by_purl: HashMap<&str, &Package> = HashMap::new();
    for package in packages {
        if package.owner.is_none() || !by_purl.contains_key(package.purl.as_str()) {
            by_purl.insert(&package.purl, package);
        }
    }
    let mut candidates: HashMap<String, Candidate<'_>> = HashMap::new();
    for row in rows {
        let names = std::iter::once(&row.id).chain(&row.aliases).chain(&row.why.records);
        let mut said: Vec<usize> = names.filter_map(|name| by_id.get(name.as_str())).flatten().copied().collect();
        said.sort_unstable();
        said.dedup();
        let Some(package) = by_purl.get(row.package.as_str()).filter(|_| !said.is_empty()) else { continue };
        let candidate = candidates.entry(row.package.clone()).or_insert_with(|| Candidate::of(package));
        let mut best: Option<(usize, &Statement)> = None;
        for index in said {
            let Some(statement) = statements.get(index) else { continue };
            if !statement.products.iter().any(|product| is_about(product, candidate, &whole)) {
                continue;
            }
            if let Some(holds) = holds.get_mut(index) {
                *holds = true;
            }
            if best.is_none_or(|(_, other)| statement.time >= other.time) {
                best = Some((index, statement));
            }
        }
        if let Some((_, statement)) = best {
            row.vex = Some(Vex {
                status: statement.status.name().to_owned(),
                justification: statement.reason.clone(),
                source: statement.source.clone(),
            });
        }
    }
    holds
}

/// Whether the product, or the part of it that is named, is the package at hand. A part counts only inside of its product.
fn is_about(product: &Product, package: &Candidate<'_>, whole: &Whole<'_>) -> bool {
    if product.parts.is_empty() {
        return package.is(&product.itself) || whole.is(&product.itself);
    }
    let inside = || whole.is(&product.itself) || whole.runs_on(&product.itself);
    product.parts.iter().any(|part| package.is(part)) && inside()
}
