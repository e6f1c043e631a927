//! A request that shows the difference, and the proof that it does: the evaluator's own word.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evaluate::{Caller, Context, Others, Request, allows};
use crate::policy::{Piece, Policy, Template};

/// A request that one policy allows and the other does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Witness {
    /// Who asks, where the policies name principals: an ARN, a service, a provider, `anonymous`.
    pub principal: Option<String>,
    /// The action.
    pub action: String,
    /// The resource's ARN, or `*`.
    pub resource: String,
    /// The circumstances, key by key; no values: the request does not carry the key.
    pub context: BTreeMap<String, Vec<String>>,
}

/// A guess at a request.
#[derive(Clone, Debug)]
pub(super) struct Guess<'g> {
    pub(super) caller: &'g Caller,
    pub(super) action: &'g str,
    pub(super) resource: &'g str,
    /// Keys and their values.
    pub(super) context: BTreeMap<String, Vec<String>>,
    /// Templates with variables that must fit the resource, if any.
    pub(super) fitting: Vec<&'g Template>,
    /// Keys that templates of either policy name.
    pub(super) variables: Vec<String>,
}

impl Guess<'_> {
    /// The request, where the evaluator confirms that `allowing` allows it and `other` does not.
    pub(super) fn confirmed(self, allowing: &Policy, other: &Policy, named: bool) -> Option<Witness> {
        self.tries().into_iter().find_map(|(resource, values)| {
            let mut request = Request::new(self.caller.clone(), self.action, &resource);
            request.context = Context { values: values.clone(), others: Others::Missing };
            let holds = consistent(&request) && allows(allowing, &request).is_yes() && allows(other, &request).is_no();
            holds.then(|| Witness {
                principal: named.then(|| match self.caller {
                    Caller::Arn(name) | Caller::Service(name) | Caller::Provider(name) => name.clone(),
                    Caller::Anonymous => "anonymous".to_owned(),
                }),
                action: self.action.to_owned(),
                resource,
                context: values,
            })
        })
    }

    /// Resources and contexts to try: as chosen, and with values for variables so that templates fit.
    fn tries(&self) -> Vec<(String, BTreeMap<String, Vec<String>>)> {
        let mut tries = Vec::new();
        let mut with_values = self.context.clone();
        for key in &self.variables {
            with_values.entry(key.clone()).or_insert_with(|| {
                vec![format!("some-{}", key.rsplit([':', '/']).next().unwrap_or("value").to_lowercase())]
            });
        }
        if let Some(template) = self.fitting.first() {
            tries.push((filled(template, &with_values), with_values.clone()));
        }
        tries.push((self.resource.to_owned(), self.context.clone()));
        if !self.variables.is_empty() {
            tries.push((self.resource.to_owned(), with_values));
        }
        tries
    }
}

/// A text that a template fits with these values.
fn filled(template: &Template, values: &BTreeMap<String, Vec<String>>) -> String {
    let mut text = String::new();
    for piece in &template.pieces {
        match piece {
            Piece::Text(pattern) => text.push_str(&pattern.as_str().replace(['*', '?'], "x")),
            Piece::Literal(letter) => text.push(*letter),
            Piece::Variable { key, default } => {
                let value = values.get(key).and_then(|values| values.first()).or(default.as_ref());
                text.push_str(value.map_or("", String::as_str));
            }
        }
    }
    text
}

/// Whether keys that say the same thing say it alike: an ARN and the account in it.
fn consistent(request: &Request) -> bool {
    let context = &request.context;
    let pairs = [("aws:principalarn", "aws:principalaccount"), ("aws:sourcearn", "aws:sourceaccount")];
    pairs.into_iter().all(|(arn, account)| {
        let (Some(arn), Some(account)) = (context.values.get(arn), context.values.get(account)) else { return true };
        match (arn.first(), account.first()) {
            (Some(arn), Some(account)) => arn.split(':').nth(4).is_none_or(|own| own.is_empty() || own == account),
            (None, None) => true,
            // A principal has both or neither; a source's account may be all that is said.
            (Some(_), None) => false,
            (None, Some(_)) => account.len() == 1 && context.values.contains_key("aws:sourceaccount"),
        }
    }) && {
        // What is said of the principal must be true of the caller.
        match (&request.principal, context.values.get("aws:principalarn").and_then(|values| values.first())) {
            (_, None) => true,
            (Caller::Arn(_), Some(arn)) => arn.starts_with("arn:"),
            _ => false,
        }
    }
}
