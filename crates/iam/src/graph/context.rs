//! What is known of the circumstances of a request that somebody would make: who they are and what they choose.

use super::principals::Principal;
use crate::escalate::Kind;
use crate::evaluate::{Context, Others};
use crate::facts::Tag;

/// The circumstances under which `one` asks; everything else is unknown, as facts do not say it.
pub(crate) fn of(one: &Principal<'_>, account: &str, organisation: Option<&str>, keys: &[&str]) -> Context {
    let mut context = Context { others: Others::Unknown, ..Context::default() };
    let mut set = |key: &str, value: &str| context.set(key, [value.to_owned()]);
    set("aws:principalarn", one.arn);
    set("aws:principalaccount", account);
    set("aws:principalisawsservice", "false");
    set("aws:viaawsservice", "false");
    set("aws:securetransport", "true");
    match one.kind {
        Kind::User => {
            set("aws:principaltype", "User");
            set("aws:username", one.name);
            if let Some(id) = one.user.map(|user| user.id.as_str()).filter(|id| !id.is_empty()) {
                set("aws:userid", id);
            }
        }
        Kind::Role => set("aws:principaltype", "AssumedRole"),
    }
    if let Some(organisation) = organisation {
        set("aws:principalorgid", organisation);
    }
    if one.kind == Kind::Role {
        context.set("aws:username", []);
    }
    for key in [
        "aws:calledvia",
        "aws:calledviafirst",
        "aws:calledvialast",
        "aws:principalservicename",
        "aws:sourcearn",
        "aws:sourceaccount",
        "aws:sourceorgid",
    ] {
        context.set(key, []);
    }
    tags(&mut context, "aws:principaltag/", one.tags, keys);
    context
}

/// Sets `prefix` + key for each tag; of the keys that policies ask for, those that no tag has are missing for certain.
pub(crate) fn tags(context: &mut Context, prefix: &str, tags: &[Tag], keys: &[&str]) {
    for tag in tags {
        context.set(&format!("{prefix}{}", tag.key), [tag.value.clone()]);
    }
    for key in keys.iter().filter(|key| key.starts_with(prefix)) {
        context.derive(key, []);
    }
}

/// Nothing is known; for policies that do not ask.
pub(crate) fn nothing_known() -> Context {
    Context { others: Others::Unknown, ..Context::default() }
}
