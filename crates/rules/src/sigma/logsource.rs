//! The log that a rule is for.

use std::borrow::Cow;

use super::error::Flaw;
use super::yaml::{Kind, Node};
use crate::events::Source;

/// The log that a rule is for, in lower case; what it leaves open is empty and holds for every log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct LogSource {
    /// `linux`.
    pub product: String,
    /// `process_creation`.
    pub category: String,
    /// `auditd`.
    pub service: String,
}

impl LogSource {
    /// Reads `logsource`.
    pub(crate) fn read(rule: &Node) -> Result<Self, Flaw> {
        let Some(node) = rule.get("logsource") else { return Err(Flaw::at(rule.line, "it has no logsource")) };
        if !matches!(node.kind, Kind::Map(_)) {
            return Err(Flaw::at(node.line, "its logsource is no mapping"));
        }
        let part = |key| match node.get(key) {
            None => Ok(String::new()),
            Some(value) => {
                let text =
                    value.text().ok_or_else(|| Flaw::at(value.line, format!("its logsource's {key} is no text")));
                text.map(str::to_lowercase)
            }
        };
        part("definition")?;
        Ok(Self { product: part("product")?, category: part("category")?, service: part("service")? })
    }

    /// Whether events of this log concern the rule: each word that it gives is that of the log.
    pub fn covers(&self, source: &Source<'_>) -> bool {
        let fits = |own: &str, other: &Cow<'_, str>| own.is_empty() || *other == "*" || own.eq_ignore_ascii_case(other);
        let service = fits(&self.service, &source.service)
            || source.also.split_ascii_whitespace().any(|also| self.service.eq_ignore_ascii_case(also));
        service && fits(&self.product, &source.product) && fits(&self.category, &source.category)
    }

    /// Whether a filter for this log concerns a rule for that one.
    pub(crate) fn is_part_of(&self, rule: &Self) -> bool {
        let fits = |own: &str, other: &str| own.is_empty() || own == other;
        fits(&self.product, &rule.product) && fits(&self.category, &rule.category) && fits(&self.service, &rule.service)
    }
}
