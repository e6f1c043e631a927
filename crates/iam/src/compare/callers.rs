//! Who may ask, as far as the statements of both policies tell callers apart. Principals are named in full, so each that is
//! named is one, and with it those about whom nothing is said in particular.

use super::atoms::Both;
use super::set::Set;
use crate::evaluate::{Caller, Request, names};
use crate::policy::PrincipalPattern;

/// A caller.
#[derive(Clone, Debug)]
pub(super) struct CallerClass {
    pub(super) caller: Caller,
    /// The statements that name the caller.
    pub(super) parts: Set,
}

const SOMEBODY: &str = "arn:aws:iam::111122223333:user/somebody";
const STRANGER: &str = "arn:aws:iam::444455556666:user/stranger";

/// All of them; and what is named that nobody can be shown as.
pub(super) fn caller_classes(both: &Both<'_>) -> (Vec<CallerClass>, Option<String>) {
    let clauses: Vec<_> = both.parts.iter().filter_map(super::atoms::Part::principals).collect();
    if clauses.is_empty() {
        let mut parts = Set::below(both.parts.len());
        (0..both.parts.len()).for_each(|part| parts.insert(part));
        return (vec![CallerClass { caller: Caller::Arn(SOMEBODY.to_owned()), parts }], None);
    }
    let mut callers = Vec::new();
    let mut beyond = None;
    for pattern in clauses.iter().flat_map(|clause| &clause.any) {
        match pattern {
            PrincipalPattern::Everybody => {}
            PrincipalPattern::Account(account) => {
                callers.push(Caller::Arn(format!("arn:aws:iam::{account}:user/somebody")));
                callers.push(Caller::Arn(format!("arn:aws:iam::{account}:root")));
            }
            PrincipalPattern::Arn(arn) => {
                callers.push(Caller::Arn(arn.clone()));
                let parts: Vec<&str> = arn.splitn(6, ':').collect();
                if let [_, partition, "iam", _, account, name] = parts.as_slice() {
                    if let Some(name) = name.strip_prefix("role/").and_then(|name| name.rsplit('/').next()) {
                        callers
                            .push(Caller::Arn(format!("arn:{partition}:sts::{account}:assumed-role/{name}/session")));
                    }
                    callers.push(Caller::Arn(format!("arn:aws:iam::{account}:user/somebody")));
                }
                if let [_, partition, "sts", _, account, name] = parts.as_slice()
                    && let Some(role) = name.strip_prefix("assumed-role/").and_then(|name| name.split('/').next())
                {
                    callers.push(Caller::Arn(format!(
                        "arn:{partition}:sts::{account}:assumed-role/{role}/another-session"
                    )));
                }
            }
            PrincipalPattern::Service(service) if service != "*" => callers.push(Caller::Service(service.clone())),
            PrincipalPattern::Service(_) => callers.push(Caller::Service("lambda.amazonaws.com".to_owned())),
            PrincipalPattern::Federated(provider) => callers.push(Caller::Provider(provider.clone())),
            PrincipalPattern::Canonical(id) | PrincipalPattern::UniqueId(id) => beyond = Some(id.clone()),
        }
    }
    callers.push(Caller::Arn(STRANGER.to_owned()));
    callers.push(Caller::Anonymous);
    callers.push(Caller::Service("another-service.amazonaws.com".to_owned()));
    let mut classes: Vec<CallerClass> = Vec::new();
    for caller in callers {
        let request = Request::new(caller.clone(), "", "*");
        let mut parts = Set::below(both.parts.len());
        for (number, part) in both.parts.iter().enumerate() {
            if names(part.statement, &request) {
                parts.insert(number);
            }
        }
        if !classes.iter().any(|known| known.caller == caller) {
            classes.push(CallerClass { caller, parts });
        }
    }
    (classes, beyond.filter(|_| !same_ids(both)))
}

/// Whether the statements that name ids are the same on both sides: then nobody behind an id can more or less.
fn same_ids(both: &Both<'_>) -> bool {
    let is_id =
        |pattern: &PrincipalPattern| matches!(pattern, PrincipalPattern::Canonical(_) | PrincipalPattern::UniqueId(_));
    let of = |new: bool| -> Vec<_> {
        let own = both.parts.iter().filter(move |part| part.new == new);
        own.filter(|part| part.principals().is_some_and(|clause| clause.any.iter().any(is_id)))
            .map(|part| part.statement)
            .collect()
    };
    let (old, new) = (of(false), of(true));
    old.iter().all(|statement| new.contains(statement)) && new.iter().all(|statement| old.contains(statement))
}
