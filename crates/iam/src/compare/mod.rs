//! Whether a new policy allows anything that an old one does not. The answer is a proof: the policies cut the space of
//! callers, actions, resources and circumstances into finitely many cells (automata over all patterns, breakpoints of
//! numbers, dates and networks), and each is looked at. A difference is shown by a request which the evaluator itself
//! decides differently; where a cell stays open, the answer is that there is none.
//!
//! ```
//! use keelguard_iam::{Policy, compare::{compare, Relation}};
//! let policy = |action: &str| Policy::parse(&format!(
//!     r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "{action}", "Resource": "*"}}}}"#
//! )).unwrap();
//! let answer = compare(&policy("s3:Get*"), &policy("s3:*")).unwrap();
//! assert_eq!(answer.relation, Relation::Wider);
//! assert_eq!(compare(&policy("s3:*"), &policy("s3:Get*")).unwrap().relation, Relation::Narrower);
//! ```

mod actions;
mod atoms;
mod automaton;
mod budget;
mod callers;
mod keys;
mod prove;
mod ranges;
mod resources;
mod set;
mod show;
mod solve;
mod witness;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use show::table;
pub use witness::Witness;

use crate::policy::Policy;
use prove::Gain;

/// The name and version of this form of answer.
pub const COMPARE_SCHEMA: &str = "keelguard.compare/1";

/// How the new policy stands to the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// Both allow the same.
    Equal,
    /// The new one allows less.
    Narrower,
    /// The new one allows more.
    Wider,
    /// Each allows something that the other does not.
    Incomparable,
    /// It could not be proved.
    Unknown,
}

impl Relation {
    /// The word in output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Narrower => "narrower",
            Self::Wider => "wider",
            Self::Incomparable => "incomparable",
            Self::Unknown => "unknown",
        }
    }
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// [`COMPARE_SCHEMA`].
    pub schema: String,
    /// How the new policy stands to the old one, for the actions known on `catalogue_date`.
    pub relation: Relation,
    /// What the new policy allows and the old one does not.
    pub gained: Option<Witness>,
    /// What the old policy allows and the new one does not.
    pub lost: Option<Witness>,
    /// Of when the table of actions is.
    pub catalogue_date: String,
    /// An action which AWS does not have (yet) and for which the new policy allows more: patterns reach further than the
    /// actions of today.
    pub gained_later: Option<Witness>,
    /// The same for the old policy.
    pub lost_later: Option<Witness>,
    /// Where something could not be proved, why.
    pub because: Option<String>,
}

impl Comparison {
    /// Whether it is proved that the new policy grants nothing new today.
    pub fn grants_nothing_new(&self) -> bool {
        matches!(self.relation, Relation::Equal | Relation::Narrower)
    }
}

/// Compares two policies of one kind. An error says why they cannot be compared.
pub fn compare(old: &Policy, new: &Policy) -> Result<Comparison, String> {
    let names = |policy: &Policy| policy.statements.iter().any(|statement| statement.principals.is_some());
    let mixed =
        |policy: &Policy| names(policy) && policy.statements.iter().any(|statement| statement.principals.is_none());
    if mixed(old)
        || mixed(new)
        || (names(old) != names(new) && !old.statements.is_empty() && !new.statements.is_empty())
    {
        return Err("one names principals and the other does not: a policy of a resource and one of an identity have nothing in common".to_owned());
    }
    let (more, less) = prove::prove(old, new);
    let (relation, because) = relation(&more, &less);
    let catalogue_date = crate::catalogue::header().map(|header| header.date).unwrap_or_default();
    Ok(Comparison {
        schema: COMPARE_SCHEMA.to_owned(),
        relation,
        gained: more.witness,
        lost: less.witness,
        catalogue_date,
        gained_later: more.later,
        lost_later: less.later,
        because,
    })
}

fn relation(more: &Gain, less: &Gain) -> (Relation, Option<String>) {
    let because = || {
        more.doubt
            .clone()
            .filter(|_| more.witness.is_none())
            .or_else(|| less.doubt.clone().filter(|_| less.witness.is_none()))
    };
    match (&more.witness, &less.witness) {
        (Some(_), Some(_)) => (Relation::Incomparable, None),
        // That it allows more is shown, whatever else it may have lost.
        (Some(_), None) => (Relation::Wider, because()),
        (None, _) if more.doubt.is_some() => (Relation::Unknown, because()),
        (None, Some(_)) => (Relation::Narrower, None),
        // At most as wide: whether it lost anything is another question.
        (None, None) if less.doubt.is_some() => (Relation::Narrower, because()),
        (None, None) => (Relation::Equal, None),
    }
}

#[cfg(test)]
mod tests;
