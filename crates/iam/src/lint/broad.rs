//! Statements that allow more than is likely meant.

use std::collections::{HashMap, HashSet};

use super::actions::Meant;
use super::codes;
use super::cover::covers;
use super::kind::Kind;
use super::resources::{filled, is_everything};
use super::sink::Sink;
use super::statement::{Element, Statement};
use crate::catalogue::{Level, arn_pattern};
use crate::pattern;
use crate::policy::Effect;

/// Finds what is too wide in one statement.
pub(super) fn check(statement: &Statement<'_>, meant: &[Meant], kind: Kind, sink: &mut Sink) {
    // Control policies allow what others may then allow: width is their nature. So it is of session policies.
    if statement.effect != Some(Effect::Allow) || matches!(kind, Kind::Scp | Kind::Rcp | Kind::Session) {
        return;
    }
    if let Some(principals) = statement.principals.as_ref().filter(|principals| principals.negated) {
        let says = "everybody but these is allowed, also people without credentials";
        sink.advise(&codes::ALLOW_NOT_PRINCIPAL, principals.at, says, "Principal with those who are meant");
    }
    let Some(actions) = &statement.actions else { return };
    if actions.negated {
        let says = "every action but these is allowed, also those which AWS adds tomorrow";
        sink.advise(
            &codes::ALLOW_NOT_ACTION,
            actions.at,
            says,
            "Action with those that are meant, or a Deny with NotAction",
        );
    }
    let Some(resources) = &statement.resources else { return };
    if resources.negated {
        let says = "every resource but these is allowed, also those which are made tomorrow";
        sink.advise(
            &codes::ALLOW_NOT_RESOURCE,
            resources.at,
            says,
            "Resource with those that are meant, or a Deny with NotResource",
        );
        return;
    }
    if actions.negated {
        return;
    }
    let star = resources.items.iter().find(|said| is_everything(&said.text));
    if let (Some(_), Kind::Identity) = (star, kind) {
        everything(statement, actions, meant, sink);
    }
    pass_role(statement, actions, resources, sink);
    if star.is_none() {
        effectively_star(actions, resources, meant, sink);
    }
}

fn everything(statement: &Statement<'_>, actions: &Element<'_>, meant: &[Meant], sink: &mut Sink) {
    for one in meant {
        let Some(said) = actions.items.get(one.item) else { continue };
        if one.everything {
            if statement.conditions.is_empty() {
                sink.add(
                    &codes::ALLOWS_EVERYTHING,
                    said.at,
                    "every action on every resource is allowed: whoever has this is administrator",
                );
            }
        } else if let (Some((prefix, name)), true) = (said.text.split_once(':'), statement.conditions.is_empty())
            && is_everything(name)
        {
            sink.add(
                &codes::ALL_ACTIONS_OF_SERVICE,
                said.at,
                format!("every action of {prefix} on every resource is allowed"),
            );
        }
    }
}

fn pass_role(statement: &Statement<'_>, actions: &Element<'_>, resources: &Element<'_>, sink: &mut Sink) {
    // A plain star is found as what it is.
    let passes = actions.items.iter().find(|said| {
        !is_everything(&said.text)
            && said.text.contains(':')
            && pattern::matches(&said.text.to_ascii_lowercase(), "iam:passrole")
    });
    let any = resources.items.iter().any(|said| {
        let role = said.text.rsplit(':').next().unwrap_or_default();
        is_everything(&said.text) || (said.text.contains(":iam:") && matches!(role, "*" | "role/*" | "role*"))
    });
    let bound = statement.conditions.iter().any(|condition| {
        let key = condition.key.text.to_ascii_lowercase();
        (key == "iam:passedtoservice"
            || key == "iam:associatedresourcearn"
            || key.starts_with("iam:resourcetag/")
            || key.starts_with("aws:resourcetag/"))
            && !condition.operator.is_negated()
            && !condition.values.iter().any(|value| is_everything(&value.text))
    });
    if let (Some(said), true, false) = (passes, any, bound) {
        let says = "any role may be handed to any service, also one of an administrator";
        sink.advise(
            &codes::PASS_ANY_ROLE,
            said.at,
            says,
            "the ARNs of the roles that are meant, and a condition on iam:PassedToService",
        );
    }
}

/// Resources that look narrower than a star and, for what the actions work on, are none.
fn effectively_star(actions: &Element<'_>, resources: &Element<'_>, meant: &[Meant], sink: &mut Sink) {
    let changing: Vec<_> = meant
        .iter()
        .flat_map(|one| &one.actions)
        .filter(|(service, action)| action.level >= Level::Write && !service.resources_of(action).is_empty())
        .take(2_000)
        .collect();
    if actions.items.is_empty() || changing.is_empty() {
        return;
    }
    // The forms of what they work on, by the service in them.
    let types: HashSet<&str> =
        changing.iter().flat_map(|(of, action)| of.types_of(action)).map(|(found, _)| found.arn).collect();
    let mut forms: HashMap<&str, Vec<String>> = HashMap::new();
    for form in types {
        forms.entry(form.split(':').nth(2).unwrap_or_default()).or_default().push(arn_pattern(form));
    }
    let tokens = |text: &str| pattern::tokens(text).collect::<Vec<_>>();
    for said in &resources.items {
        // Within one's own partition, region and account there is nothing else.
        let pattern = filled(&said.text);
        let mut parts = pattern.splitn(6, ':');
        // arn:aws:lambda:*:*:function:* says at least what it is about.
        let only_stars =
            |resource: &&str| resource.contains('*') && resource.bytes().all(|byte| b"*/:".contains(&byte));
        let Some(resource) = parts.nth(5).filter(only_stars).filter(|_| !said.text.contains("${")) else { continue };
        let service = said.text.split(':').nth(2).unwrap_or_default();
        let Some(forms) = forms.get(service) else { continue };
        let resource = tokens(resource);
        let whole = |form: &String| form.splitn(6, ':').nth(5).is_some_and(|form| covers(&resource, &tokens(form)));
        let narrowed = said.text.splitn(6, ':').skip(3).take(2).any(|part| !part.is_empty() && !is_everything(part));
        if !narrowed && forms.iter().all(whole) {
            let says =
                format!("{} stands for everything on which the statement's actions of {service} work", said.text);
            sink.add(&codes::EFFECTIVELY_STAR, said.at, says);
        }
    }
}
