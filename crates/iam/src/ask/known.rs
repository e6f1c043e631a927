//! Whether an action exists, as far as the catalogue knows.

use crate::catalogue::{GLOBAL_KEYS, Known, arn_pattern, catalogue, nearest, overlap};
use crate::pattern;

/// A sentence about an action that the catalogue does not know; none: it does.
pub fn doubt(action: &str) -> Option<String> {
    let date = &catalogue().header().date;
    let (service, name) = action.split_once(':')?;
    let service = service.to_ascii_lowercase();
    match catalogue().action(&service, name) {
        Known::Action(..) => None,
        Known::NotInService(found) => {
            let near = nearest(name, found.actions.iter().map(|action| action.name));
            let near = near.map(|near| format!("; did you mean {service}:{near}?")).unwrap_or_default();
            Some(format!("the service {service} knew no action {name} on {date}{near}"))
        }
        Known::NoService => {
            let near = nearest(&service, catalogue().prefixes());
            let near = near.map(|near| format!("; did you mean {near}:{name}?")).unwrap_or_default();
            Some(format!("there was no service {service} on {date}{near}"))
        }
    }
}

/// Whether the action can work on what the pattern names, as far as the catalogue knows.
pub(super) fn works_on(action: &str, resource: &str) -> bool {
    let Some((service, name)) = action.split_once(':') else { return true };
    let Known::Action(service, action) = catalogue().action(&service.to_ascii_lowercase(), name) else { return true };
    if resource == "*" {
        return true;
    }
    if service.resources_of(action).is_empty() {
        return pattern::matches(resource, "*");
    }
    let has_path = resource.splitn(6, ':').nth(5).is_some_and(|name| name.contains('/'));
    service.types_of(action).any(|(kind, _)| {
        // Names of buckets have no slash, which their form does not say.
        let is_bucket = service.prefix == "s3" && kind.name == "bucket";
        !(is_bucket && has_path) && overlap(resource, &arn_pattern(kind.arn))
    })
}

/// A condition key as AWS writes it; keys have no case, and decisions name them in lower case.
pub fn written_key(key: &str) -> String {
    let (name, part) = key.split_once('/').map_or((key, None), |(name, part)| (name, Some(part)));
    let known = GLOBAL_KEYS.iter().map(|known| known.name.split('/').next().unwrap_or(known.name));
    let name = known.into_iter().find(|known| known.eq_ignore_ascii_case(name)).unwrap_or(name);
    part.map_or_else(|| name.to_owned(), |part| format!("{name}/{part}"))
}
