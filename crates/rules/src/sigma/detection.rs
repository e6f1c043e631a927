//! What a rule looks for: selections, and the condition over them.

use std::cell::Cell;

use super::Budget;
use super::condition;
use super::error::Flaw;
use super::modifiers::{item, keyword};
use super::row::Row;
use super::test::Item;
use super::yaml::{Kind, Node};

/// Selections of one rule; a condition may name each of them.
const MAX_SELECTIONS: usize = 1000;

/// A statement about an event.
#[derive(Clone, Debug)]
pub(crate) enum Expr {
    /// What is asked of one field.
    Item(Box<Item>),
    /// The selection with this number.
    Selection(usize),
    /// All of them.
    And(Vec<Expr>),
    /// One of them.
    Or(Vec<Expr>),
    /// So many of them.
    AtLeast(usize, Vec<Expr>),
    /// Not this one.
    Not(Box<Expr>),
}

impl Expr {
    /// All of them; one alone is itself.
    pub(crate) fn and(mut all: Vec<Self>) -> Self {
        if all.len() == 1 { all.remove(0) } else { Self::And(all) }
    }

    /// One of them; one alone is itself.
    pub(crate) fn or(mut all: Vec<Self>) -> Self {
        if all.len() == 1 { all.remove(0) } else { Self::Or(all) }
    }

    fn is_match(&self, selections: &[Self], known: &[Cell<Option<bool>>], row: &Row<'_>) -> bool {
        match self {
            Self::Item(item) => item.is_match(row),
            Self::Selection(at) => {
                if let Some(found) = known.get(*at).and_then(Cell::get) {
                    return found;
                }
                let found = selections.get(*at).is_some_and(|selection| selection.is_match(&[], &[], row));
                if let Some(known) = known.get(*at) {
                    known.set(Some(found));
                }
                found
            }
            Self::And(all) => all.iter().all(|expr| expr.is_match(selections, known, row)),
            Self::Or(all) => all.iter().any(|expr| expr.is_match(selections, known, row)),
            Self::AtLeast(least, all) => {
                all.iter().filter(|expr| expr.is_match(selections, known, row)).take(*least).count() == *least
            }
            Self::Not(expr) => !expr.is_match(selections, known, row),
        }
    }
}

/// What a rule looks for.
#[derive(Clone, Debug)]
pub(crate) struct Detection {
    pub(crate) selections: Vec<Expr>,
    pub(crate) condition: Expr,
    /// The condition names a selection more than once: what is known of one is kept, so that a condition of thousands of
    /// names costs no more than its selections.
    repeats: bool,
}

impl Detection {
    /// Reads `detection` of a rule or `filter` of a filter; `skip` is the key that is no selection.
    pub(crate) fn read(node: &Node, skip: &str, budget: &mut Budget<'_>) -> Result<Self, Flaw> {
        let Kind::Map(entries) = &node.kind else { return Err(Flaw::at(node.line, "its detection is no mapping")) };
        let mut names = Vec::new();
        let mut selections = Vec::new();
        let mut condition = None;
        for (name, value) in entries {
            if name == "condition" {
                condition = Some(value);
            } else if name != skip {
                if selections.len() >= MAX_SELECTIONS {
                    return Err(Flaw::at(
                        value.line,
                        format!("its detection has more than {MAX_SELECTIONS} selections"),
                    ));
                }
                selections.push(selection(name, value, budget)?);
                names.push(name.clone());
            }
        }
        let Some(node) = condition else { return Err(Flaw::at(node.line, "its detection has no condition")) };
        let read = |node: &Node| match node.text() {
            Some(text) => condition::parse(text, &names).map_err(|what| Flaw::at(node.line, what)),
            None => Err(Flaw::at(node.line, "its condition is no text")),
        };
        let condition = match &node.kind {
            // Several conditions: each of them is enough.
            Kind::List(all) if !all.is_empty() => Expr::or(all.iter().map(read).collect::<Result<_, _>>()?),
            _ => read(node)?,
        };
        let mut named = vec![0_usize; selections.len()];
        count(&condition, &mut named);
        let repeats = named.iter().any(|times| *times > 1);
        Ok(Self { selections, condition, repeats })
    }

    /// Whether the event is what the rule looks for.
    pub(crate) fn is_match(&self, row: &Row<'_>) -> bool {
        if !self.repeats {
            return self.condition.is_match(&self.selections, &[], row);
        }
        self.condition.is_match(&self.selections, &vec![Cell::new(None); self.selections.len()], row)
    }
}

/// How often a condition names each selection.
fn count(expr: &Expr, named: &mut [usize]) {
    match expr {
        Expr::Selection(at) => named.iter_mut().skip(*at).take(1).for_each(|times| *times += 1),
        Expr::And(all) | Expr::Or(all) | Expr::AtLeast(_, all) => all.iter().for_each(|expr| count(expr, named)),
        Expr::Not(expr) => count(expr, named),
        Expr::Item(_) => {}
    }
}

/// A mapping of fields (all of them), or a list of keywords or mappings (one of them).
fn selection(name: &str, node: &Node, budget: &mut Budget<'_>) -> Result<Expr, Flaw> {
    match &node.kind {
        Kind::Map(_) => fields(name, node, budget),
        Kind::List(items) if !items.is_empty() => {
            let each = items.iter().map(|node| match &node.kind {
                Kind::Map(_) => fields(name, node, budget),
                Kind::Text(_) | Kind::Int(_) => Ok(Expr::Item(Box::new(keyword(node, budget)?))),
                _ => Err(Flaw::at(node.line, format!("{name}: a keyword is neither text nor a whole number"))),
            });
            Ok(Expr::or(each.collect::<Result<_, _>>()?))
        }
        _ => Err(Flaw::at(node.line, format!("{name} is neither a mapping of fields nor a list"))),
    }
}

fn fields(name: &str, node: &Node, budget: &mut Budget<'_>) -> Result<Expr, Flaw> {
    let entries = node.entries();
    if entries.is_empty() {
        return Err(Flaw::at(node.line, format!("{name} asks for nothing")));
    }
    let each = entries.iter().map(|(key, value)| Ok(Expr::Item(Box::new(item(key, value, budget)?))));
    Ok(Expr::and(each.collect::<Result<_, _>>()?))
}
