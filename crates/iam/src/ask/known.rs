//! Whether an action exists, as far as the catalogue knows.

use crate::catalogue::{Known, catalogue, nearest};

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
