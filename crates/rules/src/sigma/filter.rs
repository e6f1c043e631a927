//! Filters: one exception for many rules.

use std::sync::Arc;

use super::Budget;
use super::detection::Detection;
use super::error::Flaw;
use super::rule::{Rule, list};
use super::yaml::{Kind, Node};

/// A filter that was read.
pub(crate) struct Filter {
    pub(crate) rule: Arc<Rule>,
    /// Ids or names; none for all rules of its log.
    pub(crate) rules: Option<Vec<String>>,
    pub(crate) detection: Arc<Detection>,
}

impl Filter {
    pub(crate) fn read(rule: Rule, node: &Node, budget: &mut Budget<'_>) -> Result<Self, Flaw> {
        let rules = match node.get("rules") {
            None => return Err(Flaw::at(node.line, "its filter does not say for which rules it is")),
            Some(Node { kind: Kind::Text(text), .. }) if text == "any" => None,
            Some(_) => Some(list(node, "rules", 1)?),
        };
        if rules.as_ref().is_some_and(Vec::is_empty) {
            return Err(Flaw::at(node.line, "its filter is for no rule"));
        }
        let detection = Arc::new(Detection::read(node, "rules", budget)?);
        Ok(Self { rule: Arc::new(rule), rules, detection })
    }
}
