//! What a kind of policy takes and what not, by where it hangs.

use std::collections::HashMap;

use super::codes;
use super::kind::Kind;
use super::sink::Sink;
use super::statement::{Read, Statement};
use crate::catalogue::catalogue;
use crate::policy::{Effect, Version};

/// Finds what this kind of policy does not take. `text` is the policy as written.
pub(super) fn check(policy: &Read<'_>, kind: Kind, text: &str, sink: &mut Sink) {
    let (most, why) = kind.most();
    let size = text.chars().filter(|letter| !letter.is_whitespace()).count();
    if size > most {
        sink.add(&codes::POLICY_TOO_LARGE, policy.at, format!("it has {size} characters, white space aside; {why}"));
    }
    if kind == Kind::Rcp && policy.version != Version::Current {
        let at = policy.version_at.unwrap_or(policy.at);
        sink.advise(
            &codes::BAD_VERSION,
            at,
            "a resource control policy is of version 2012-10-17",
            "\"Version\": \"2012-10-17\"",
        );
    }
    sids(policy, kind, sink);
    for statement in &policy.statements {
        principals(statement, kind, sink);
        resources(statement, kind, sink);
        match kind {
            Kind::Rcp => rcp(statement, sink),
            Kind::Trust => trust(statement, sink),
            _ => {}
        }
    }
}

fn sids(policy: &Read<'_>, kind: Kind, sink: &mut Sink) {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for (number, statement) in policy.statements.iter().enumerate() {
        let Some(sid) = &statement.sid else { continue };
        let alien = sid.text.chars().find(|letter| !letter.is_ascii_alphanumeric());
        // Services check the Sids of their own policies by rules of their own.
        if let (Some(alien), true) = (alien, kind != Kind::Resource) {
            let clean: String = sid.text.chars().filter(char::is_ascii_alphanumeric).collect();
            let says = format!("the Sid {:?} holds {alien:?}; it takes A-Z, a-z and 0-9", sid.text);
            sink.advise(&codes::SID_CHARACTERS, sid.at, says, format!("\"{clean}\""));
        }
        if sid.text.is_empty() {
            continue;
        }
        match seen.get(sid.text.as_ref()) {
            Some(first) => {
                let says = format!("statement {} has the Sid {:?} already", first + 1, sid.text);
                sink.advise(&codes::DUPLICATE_SID, sid.at, says, format!("\"{}{}\"", sid.text, number + 1));
            }
            None => {
                seen.insert(&sid.text, number);
            }
        }
    }
}

fn principals(statement: &Statement<'_>, kind: Kind, sink: &mut Sink) {
    match &statement.principals {
        Some(principals) if !kind.has_principals() => {
            let says = format!("{} names no principals: it holds for whom it hangs on", article(kind));
            sink.advise(&codes::ELEMENT_NOT_ALLOWED, principals.at, says, "remove it");
        }
        Some(principals)
            if principals.negated
                && matches!(kind, Kind::Trust | Kind::Rcp)
                && statement.effect == Some(Effect::Allow) =>
        {
            let says = format!("{} takes no NotPrincipal with Allow", article(kind));
            sink.add(&codes::ELEMENT_NOT_ALLOWED, principals.at, says);
        }
        None if kind.has_principals() => {
            let says = format!("{} says in each statement whom it means; Principal is missing", article(kind));
            sink.add(&codes::MISSING_ELEMENT, statement.at, says);
        }
        _ => {}
    }
}

fn article(kind: Kind) -> String {
    let article = if kind == Kind::Identity { "an" } else { "a" };
    format!("{article} {}", kind.title())
}

fn resources(statement: &Statement<'_>, kind: Kind, sink: &mut Sink) {
    match (&statement.resources, kind) {
        (Some(resources), Kind::Trust) => {
            sink.advise(
                &codes::ELEMENT_NOT_ALLOWED,
                resources.at,
                "a trust policy names no resources: it holds for its role",
                "remove it",
            );
        }
        (None, Kind::Identity | Kind::Scp | Kind::Rcp | Kind::Session) => {
            sink.add(&codes::MISSING_ELEMENT, statement.at, "the statement has no Resource");
        }
        (None, Kind::Resource) => {
            // Repositories of ECR and a few others know which resource they hang on.
            let own = |action: &str| {
                ["ecr:", "ecr-public:", "sts:", "codeartifact:"]
                    .iter()
                    .any(|of| action.to_ascii_lowercase().starts_with(of))
            };
            let actions = statement.actions.as_ref().map(|actions| actions.items.as_slice()).unwrap_or_default();
            if !actions.is_empty() && !actions.iter().all(|action| own(&action.text)) {
                sink.add(&codes::MISSING_ELEMENT, statement.at, "the statement has no Resource");
            }
        }
        _ => {}
    }
}

/// "RCP syntax" in the guide of AWS Organizations: Deny only, of everybody, no NotAction, services that take part.
fn rcp(statement: &Statement<'_>, sink: &mut Sink) {
    if statement.effect == Some(Effect::Allow) {
        sink.advise(
            &codes::ELEMENT_NOT_ALLOWED,
            statement.at,
            "a resource control policy only denies",
            "\"Effect\": \"Deny\"",
        );
    }
    if let Some(principals) = &statement.principals {
        let star = principals.items.iter().all(|(_, said)| said.text == "*") && !principals.items.is_empty();
        if principals.negated || !star {
            let says = "a resource control policy names everybody; whom it means stands in its conditions";
            sink.advise(&codes::ELEMENT_NOT_ALLOWED, principals.at, says, "\"Principal\": \"*\"");
        }
    }
    let Some(actions) = &statement.actions else { return };
    if actions.negated {
        sink.add(&codes::ELEMENT_NOT_ALLOWED, actions.at, "a resource control policy takes no NotAction");
    }
    for said in &actions.items {
        let service = said.text.split(':').next().unwrap_or_default().to_ascii_lowercase();
        if said.text == "*" {
            sink.add(
                &codes::ELEMENT_NOT_ALLOWED,
                said.at,
                "a resource control policy names services; a star alone is not taken",
            );
        } else if catalogue().service(&service).is_some_and(|found| !found.rcp) {
            sink.add(&codes::ELEMENT_NOT_ALLOWED, said.at, format!("resource control policies do not reach {service}"));
        }
    }
}

fn trust(statement: &Statement<'_>, sink: &mut Sink) {
    let Some(actions) = statement.actions.as_ref().filter(|actions| !actions.negated) else { return };
    for said in &actions.items {
        let action = said.text.to_ascii_lowercase();
        let service = action.split(':').next().unwrap_or_default();
        if service != "sts" {
            let says = format!("a trust policy is about taking the role; {} is not", said.text);
            sink.advise(&codes::ELEMENT_NOT_ALLOWED, said.at, says, "\"sts:AssumeRole\"");
        }
    }
}
