//! Principals: their form, and who gets in.

use std::collections::HashSet;

use super::codes;
use super::kind::Kind;
use super::sink::Sink;
use super::statement::{Condition, Principals, Said, Statement};
use crate::policy::Effect;

/// Finds principals that are malformed, gone, or everybody.
pub(super) fn check(statement: &Statement<'_>, kind: Kind, sink: &mut Sink) {
    let Some(principals) = &statement.principals else { return };
    for (of, said) in &principals.items {
        match *of {
            "AWS" => aws(said, sink),
            "Service" => service(said, sink),
            _ => {}
        }
    }
    if principals.negated {
        return;
    }
    if kind == Kind::Trust {
        fits_action(statement, principals, sink);
        if statement.effect == Some(Effect::Allow) {
            provider(statement, principals, sink);
        }
    }
    let open = principals.items.iter().find(|(of, said)| *of == "AWS" && said.text == "*");
    if let (Some((_, said)), Kind::Resource | Kind::Trust, Some(Effect::Allow)) = (open, kind, statement.effect)
        && !is_closed(statement)
    {
        let says = "everybody is allowed, also people without credentials, and no condition says who";
        sink.advise(&codes::PUBLIC, said.at, says, "{\"AWS\": \"ACCOUNT\"}, or a condition on aws:PrincipalOrgID");
    }
}

fn aws(said: &Said<'_>, sink: &mut Sink) {
    let text = said.text.as_ref();
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if text == "*" || (digits && text.len() == 12) || text.contains("${") {
        return;
    }
    if digits {
        let says = format!("the account {text} has {} digits; an account has twelve", text.len());
        sink.add(&codes::PRINCIPAL_FORM, said.at, says);
        return;
    }
    let id = ["AIDA", "AROA", "AGPA", "ANPA", "AIPA"].iter().any(|start| text.starts_with(start));
    if id && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        let says = format!("{text} is the id of a principal that was deleted; it stands for nobody any more");
        sink.add(&codes::DELETED_PRINCIPAL, said.at, says);
        return;
    }
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [arn, _, service, region, account, resource] = parts.as_slice() else {
        return sink.add(
            &codes::PRINCIPAL_FORM,
            said.at,
            format!("{text:?} is no principal: no account, no ARN, no \"*\""),
        );
    };
    if text.contains(['*', '?']) {
        let says = format!("{text:?}: a principal is named in full, \"*\" alone stands for everybody");
        let instead = format!("\"{account}\" with a condition ArnLike on aws:PrincipalArn");
        return sink.advise(&codes::PRINCIPAL_FORM, said.at, says, instead);
    }
    let account_fits = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let known = match *service {
        "iam" => {
            *resource == "root"
                || ["user/", "role/"].iter().any(|start| resource.starts_with(start) && resource.len() > start.len())
        }
        "sts" => ["assumed-role/", "federated-user/"].iter().any(|start| resource.starts_with(start)),
        _ => *service == "cloudfront",
    };
    let cloudfront = *account == "cloudfront" && resource.starts_with("user/");
    if *arn != "arn" || !region.is_empty() || !(account_fits || cloudfront) || !known {
        let what = if resource.starts_with("group/") { "; a group is no principal" } else { "" };
        sink.add(
            &codes::PRINCIPAL_FORM,
            said.at,
            format!("{text:?} is the ARN of no account root, user, role or session{what}"),
        );
    }
}

fn service(said: &Said<'_>, sink: &mut Sink) {
    let text = said.text.as_ref();
    if text == "*" {
        return sink.add(
            &codes::PRINCIPAL_FORM,
            said.at,
            "a service is named in full, such as \"lambda.amazonaws.com\"",
        );
    }
    let fits = text.contains('.')
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte))
        && [
            ".amazonaws.com",
            ".amazonaws.com.cn",
            ".amazon.com",
            ".aws",
            ".aws.internal",
            ".eu",
            ".c2s.ic.gov",
            ".sc2s.sgov.gov",
        ]
        .iter()
        .any(|end| text.ends_with(end));
    if !fits {
        let says = format!("{text:?} is no service");
        let bare = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') && !text.is_empty();
        if bare {
            sink.advise(
                &codes::PRINCIPAL_FORM,
                said.at,
                says,
                format!("\"{}.amazonaws.com\"", text.to_ascii_lowercase()),
            );
        } else {
            sink.add(&codes::PRINCIPAL_FORM, said.at, says);
        }
    }
}

/// Keys that say whose request it is or from where it comes, so that a star among principals is no longer everybody.
const CLOSING: &[&str] = &[
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principaltag/",
    "aws:sourceaccount",
    "aws:sourceowner",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourcevpcarn",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:vpcsourceip",
    "aws:userid",
    "aws:username",
    "aws:ec2instancesourcevpc",
    "kms:calleraccount",
    "lambda:eventsourcetoken",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "sts:externalid",
    "sns:endpoint",
    "elasticfilesystem:accessedviamounttarget",
];

/// Whether a condition narrows whom a star means: positive, without `IfExists`, and not with a star itself.
pub(super) fn is_closed(statement: &Statement<'_>) -> bool {
    statement.conditions.iter().any(|condition| {
        let key = condition.key.text.to_ascii_lowercase();
        let named =
            CLOSING.iter().any(|closing| key == *closing || (closing.ends_with('/') && key.starts_with(closing)))
                || key.ends_with(":sub");
        let wide = |value: &Said<'_>| matches!(value.text.as_ref(), "*" | "0.0.0.0/0" | "::/0");
        named
            && !condition.if_exists
            && !condition.operator.is_negated()
            && condition.operator != crate::policy::Operator::Null
            && condition.over != Some(crate::policy::Over::All)
            && !condition.values.is_empty()
            && !condition.values.iter().any(wide)
    })
}

/// A role is taken by an AWS principal or service with `AssumeRole`, by a provider with another action each.
fn fits_action(statement: &Statement<'_>, principals: &Principals<'_>, sink: &mut Sink) {
    let Some(actions) = &statement.actions else { return };
    if statement.effect != Some(Effect::Allow) || actions.negated {
        return;
    }
    let says = |wanted: &str| {
        actions.items.iter().any(|action| crate::pattern::matches(&action.text.to_ascii_lowercase(), wanted))
    };
    let any_role = says("sts:settrustedidentitycontext") || says("sts:tagsession");
    let taken =
        ["sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity"].map(|name| (name, says(name)));
    for (of, said) in &principals.items {
        let wanted = match *of {
            "AWS" | "Service" => "sts:assumerole",
            "Federated" if said.text.contains(":saml-provider/") => "sts:assumerolewithsaml",
            "Federated" => "sts:assumerolewithwebidentity",
            _ => continue,
        };
        let everybody = *of == "AWS" && said.text == "*";
        let fits = everybody || any_role || taken.contains(&(wanted, true));
        if !fits {
            let right = match wanted {
                "sts:assumerolewithsaml" => "sts:AssumeRoleWithSAML",
                "sts:assumerolewithwebidentity" => "sts:AssumeRoleWithWebIdentity",
                _ => "sts:AssumeRole",
            };
            let says = format!("{} cannot take the role with the statement's actions", said.text);
            sink.advise(&codes::PRINCIPAL_DOES_NOT_FIT, said.at, says, format!("\"Action\": \"{right}\""));
        }
    }
}

/// An identity provider vouches for everybody it knows: at shared ones, for the whole world.
fn provider(statement: &Statement<'_>, principals: &Principals<'_>, sink: &mut Sink) {
    // Who signs in with these gets a subject that only the application knows; its own id must be asked for.
    let social = ["accounts.google.com", "www.amazon.com", "graph.facebook.com", "cognito-identity.amazonaws.com"];
    let named = named_hosts(statement, &social);
    for (_, said) in
        principals.items.iter().filter(|(of, said)| *of == "Federated" && !said.text.contains(":saml-provider/"))
    {
        let host =
            said.text.split_once("oidc-provider/").map_or(said.text.as_ref(), |(_, host)| host).to_ascii_lowercase();
        if !named.contains(&host) {
            let wanted = if social.contains(&host.as_str()) { "aud" } else { "sub" };
            let says = format!("everybody whom {host} knows may take the role: no condition says who");
            sink.advise(
                &codes::PROVIDER_WITHOUT_SUBJECT,
                said.at,
                says,
                format!("\"StringEquals\": {{\"{host}:{wanted}\": \"…\"}}"),
            );
        }
    }
}

/// The providers of which a condition says who of those whom they know is meant.
fn named_hosts(statement: &Statement<'_>, social: &[&str]) -> HashSet<String> {
    let host = |condition: &Condition<'_>| {
        let key = condition.key.text.to_ascii_lowercase();
        let (host, name) = key.rsplit_once(':')?;
        let wide = |value: &Said<'_>| matches!(value.text.as_ref(), "*" | "repo:*" | "repo:*:*" | "organization:*");
        let narrows = (social.contains(&host) || name != "aud")
            && !condition.if_exists
            && !condition.operator.is_negated()
            && condition.over != Some(crate::policy::Over::All)
            && !condition.values.iter().any(wide);
        narrows.then(|| host.to_owned())
    };
    statement.conditions.iter().filter_map(host).collect()
}
