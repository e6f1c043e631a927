//! Who can become whom in AWS accounts: users and roles, the methods that work for each, and the shortest way from each to
//! administrator of the account.
//!
//! Administrator is whoever may do something that no service has, on anything (that is, everything), and one of the
//! actions by which policies are given out. Whoever is that already does not escalate; a role that is linked to a service
//! is nobody's to take.
//!
//! ```
//! use keelguard_iam::facts::{Facts, Input};
//! use keelguard_iam::graph::Graph;
//! let text = r#"{"UserDetailList": [{"UserName": "eve", "Arn": "arn:aws:iam::111122223333:user/eve", "UserPolicyList":
//!     [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": {"Effect": "Allow",
//!       "Action": "iam:PutUserPolicy", "Resource": "*"}}}]}]}"#;
//! let facts = Facts::read(&[Input::new("facts.json", text.as_bytes())]).unwrap();
//! let graph = Graph::of(&facts);
//! assert_eq!(graph.escalations()[0].steps[0].method.id, "iam-007");
//! ```

mod apply;
mod bits;
mod change;
mod choice;
mod context;
mod fold;
mod lateral;
mod path;
mod powers;
mod principals;
mod search;
#[cfg(test)]
mod tests;
mod texts;
mod things;
mod trust;

use std::collections::BTreeMap;

pub use change::Change;
pub use fold::{Escalation, Other};
pub use lateral::Lateral;
pub use path::{Allowed, Hop};
pub use principals::short;
use search::Search;
pub(crate) use texts::{everything, is_everything, of_aws};

use crate::evaluate::Truth;
use crate::facts::Facts;

/// The graph.
#[derive(Debug)]
pub struct Graph<'a> {
    search: Search<'a>,
}

/// How far a principal is from administrator of its account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Distance {
    /// It is administrator.
    Administrator,
    /// So many steps.
    Steps(u32),
    /// No way leads there.
    Unreachable,
}

impl<'a> Graph<'a> {
    /// The graph of all accounts of `facts`.
    pub fn of(facts: &'a Facts) -> Self {
        Self { search: Search::of(facts) }
    }

    /// Users and roles, the roles linked to services among them.
    pub fn principals(&self) -> impl Iterator<Item = &'a str> {
        self.search.methods.everybody().principals.iter().map(|one| one.arn)
    }

    /// The administrators that are no service's own, with the conditions under which they are.
    pub fn administrators(&self) -> BTreeMap<&'a str, Vec<String>> {
        let all = self.search.methods.everybody().principals.iter().enumerate();
        let people = all.filter(|(_, one)| !one.is_service_linked());
        people
            .filter_map(|(number, one)| match self.search.administrator.get(number)? {
                Truth::No => None,
                Truth::Yes => Some((one.arn, Vec::new())),
                Truth::Depends(keys) => Some((one.arn, keys.clone())),
            })
            .collect()
    }

    /// How far the principal with this ARN is from administrator.
    pub fn distance(&self, arn: &str) -> Distance {
        let number = self.search.principal_named(arn);
        match number.and_then(|number| self.search.distance.get(number).copied().flatten()) {
            Some(0) => Distance::Administrator,
            Some(steps) => Distance::Steps(steps),
            None => Distance::Unreachable,
        }
    }

    /// The shortest way of the principal with this ARN to administrator; empty where there is none, or none is needed.
    pub fn path(&self, arn: &str) -> Vec<Hop> {
        self.search.principal_named(arn).map(|number| self.search.path(number)).unwrap_or_default()
    }

    /// Principals some of whose policies are not in the facts, and which; what they may do is not known in full.
    pub fn unread(&self) -> BTreeMap<&'a str, Vec<&'a str>> {
        let all = self.search.methods.everybody().principals.iter();
        all.filter(|one| !one.unread.is_empty() && !one.is_service_linked())
            .map(|one| (one.arn, one.unread.clone()))
            .collect()
    }
}
