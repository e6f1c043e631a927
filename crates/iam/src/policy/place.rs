//! What AWS demands of a policy for the place where it hangs.

use super::Policy;

/// Where a policy hangs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// On a user, group or role, also as permissions boundary or as session policy.
    Identity,
    /// On a resource, also as trust policy or on a VPC endpoint.
    Resource,
    /// On an organisation's root, unit or account, for principals.
    ServiceControl,
    /// The same for resources.
    ResourceControl,
}

impl Policy {
    /// Refuses what AWS refuses at this place, though the language knows it.
    pub fn fits(&self, place: Place) -> Result<(), String> {
        for (index, statement) in self.statements.iter().enumerate() {
            let at = |what: &str| Err(format!("statement {}: {what}", index + 1));
            match place {
                Place::Identity | Place::ServiceControl if statement.principals.is_some() => {
                    return at("a policy of this kind has no Principal: it speaks of whom it hangs on");
                }
                Place::Identity | Place::ServiceControl if statement.resources.is_none() => {
                    return at("Resource or NotResource is missing");
                }
                Place::Resource if statement.principals.is_none() => {
                    return at("Principal or NotPrincipal is missing, so it speaks of nobody");
                }
                _ => {}
            }
        }
        Ok(())
    }
}
