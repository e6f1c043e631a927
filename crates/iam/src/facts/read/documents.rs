//! Every policy document of the facts, parsed once; equal ones share text and meaning.

use std::collections::HashMap;
use std::sync::Arc;

use super::Gaps;
use crate::Policy;
use crate::facts::{Document, Facts, InlinePolicy};

type Parsed = (Arc<str>, Result<Arc<Policy>, String>);

/// What has been parsed.
#[derive(Default)]
struct Shelf {
    known: HashMap<Arc<str>, Parsed>,
}

impl Shelf {
    fn settle(&mut self, document: &mut Document, gaps: &mut Gaps, place: impl FnOnce() -> String) {
        let key = document.key();
        let (text, parsed) = self.known.entry(key).or_insert_with_key(|text| {
            let parsed = Policy::parse(text).map(Arc::new).map_err(|error| error.to_string());
            (Arc::clone(text), parsed)
        });
        let policy = match parsed {
            Ok(policy) => Some(Arc::clone(policy)),
            Err(why) => {
                gaps.add(place(), format!("could not {why}"));
                None
            }
        };
        document.settle(Arc::clone(text), policy);
    }

    fn inline(&mut self, list: &mut [InlinePolicy], gaps: &mut Gaps, of: &str) {
        for InlinePolicy { name, document } in list {
            if let Some(document) = document {
                self.settle(document, gaps, || format!("{of}: inline policy {name}"));
            } else {
                gaps.add(format!("{of}: inline policy {name}"), "there is no document with it");
            }
        }
    }
}

/// Parses all of them.
pub(super) fn parse_all(facts: &mut Facts, gaps: &mut Gaps) {
    let mut shelf = Shelf::default();
    for account in &mut facts.accounts {
        for user in &mut account.users {
            shelf.inline(&mut user.inline, gaps, &user.arn);
        }
        for group in &mut account.groups {
            shelf.inline(&mut group.inline, gaps, &group.arn);
        }
        for role in &mut account.roles {
            shelf.inline(&mut role.inline, gaps, &role.arn);
            if let Some(trust) = &mut role.trust {
                shelf.settle(trust, gaps, || format!("{}: trust policy", role.arn));
            } else {
                gaps.add(format!("{}: trust policy", role.arn), "it is not among the facts");
            }
        }
        for resource in &mut account.resources {
            if let Some(policy) = &mut resource.policy {
                shelf.settle(policy, gaps, || format!("{}: policy", resource.arn));
            }
        }
        for endpoint in &mut account.vpc_endpoints {
            if let Some(policy) = &mut endpoint.policy {
                shelf.settle(policy, gaps, || format!("{}: policy", endpoint.id));
            }
        }
        for set in &mut account.permission_sets {
            if let Some(policy) = &mut set.inline_policy {
                shelf.settle(policy, gaps, || format!("{}: inline policy", set.arn));
            }
        }
    }
    let managed = facts.accounts.iter_mut().flat_map(|account| &mut account.policies).chain(&mut facts.aws_policies);
    for policy in managed {
        for version in &mut policy.versions {
            if let Some(document) = &mut version.document {
                shelf.settle(document, gaps, || format!("{} {}", policy.arn, version.id));
            }
        }
    }
    for policy in facts.organisation.iter_mut().flat_map(|organisation| &mut organisation.policies) {
        if let Some(content) = &mut policy.content {
            shelf.settle(content, gaps, || format!("{} ({})", policy.summary.id, policy.summary.name));
        } else if policy.summary.kind().is_some() {
            let what = format!("{} ({})", policy.summary.id, policy.summary.name);
            gaps.add(what, "its text is not among the facts: aws organizations describe-policy shows it");
        }
    }
}
