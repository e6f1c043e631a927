//! Which condition key is meant, and what its values are.

use super::format::KeyType;
use super::{Catalogue, GLOBAL_KEYS};

/// What is known of a condition key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownKey<'a> {
    /// Of all services.
    Global(&'a str, KeyType),
    /// Of the service with the prefix in front.
    OfService(&'a str, KeyType),
    /// Of an identity provider, whose name is its prefix; which keys it has is the provider's affair.
    OfProvider,
    /// The service is known, the key is not.
    NotInService,
    /// There is no such key of all services.
    NotGlobal,
    /// Not even what is in front of the colon is known.
    NoService,
    /// There is no colon.
    NoPrefix,
}

impl KnownKey<'_> {
    /// What its values are, where known.
    pub const fn kind(&self) -> Option<KeyType> {
        match self {
            Self::Global(_, kind) | Self::OfService(_, kind) => Some(*kind),
            _ => None,
        }
    }

    /// As AWS writes it, where known.
    pub const fn name(&self) -> Option<&str> {
        match self {
            Self::Global(name, _) | Self::OfService(name, _) => Some(name),
            _ => None,
        }
    }
}

/// Prefixes of keys whose service goes by another one, as the catalogue's source lists them.
const ELSEWHERE: &[(&str, &str)] = &[
    ("identitycenter", "sso"),
    ("catalog", "aws-marketplace"),
    ("saml", "sts"),
    ("cognito-identity-auth", "cognito-identity"),
    ("cognito-identity-unauth", "cognito-identity"),
];

impl Catalogue {
    /// What is known of a condition key, in any case.
    pub fn key(&self, key: &str) -> KnownKey<'_> {
        let key = key.to_ascii_lowercase();
        if let Some(known) = GLOBAL_KEYS.iter().find(|known| fits(known.name, &key)) {
            return KnownKey::Global(known.name, known.kind);
        }
        let Some((prefix, _)) = key.split_once(':') else { return KnownKey::NoPrefix };
        if prefix == "aws" {
            return KnownKey::NotGlobal;
        }
        let home = ELSEWHERE.iter().find(|(alias, _)| *alias == prefix).map_or(prefix, |(_, home)| home);
        if let Some(service) = self.service(home) {
            if let Some(found) = service.keys.iter().find(|known| fits(known.name, &key)) {
                return KnownKey::OfService(found.name, found.kind);
            }
            // Not every service lists the tag keys of its own which it knows.
            return KnownKey::NotInService;
        }
        // accounts.google.com:aud, oidc.eks.eu-west-1.amazonaws.com/id/ABC:sub
        if prefix.contains('.') {
            return KnownKey::OfProvider;
        }
        // Some services answer to keys of a prefix of which they are no service, such as `vpc-lattice-svcs`.
        KnownKey::NoService
    }
}

/// Whether `key` (lower case) is the key called `name`, in which `${…}` and `<key>` stand for at least one character.
fn fits(name: &str, key: &str) -> bool {
    let (mut name, mut key) = (name, key);
    loop {
        let Some(at) = name.find(['$', '<']) else { return name.eq_ignore_ascii_case(key) };
        let (literal, placeholder) = name.split_at(at);
        let Some((start, rest)) = key.split_at_checked(literal.len()) else { return false };
        let Some(end) = placeholder.find(['}', '>']) else { return false };
        if !start.eq_ignore_ascii_case(literal) || rest.is_empty() {
            return false;
        }
        name = placeholder.get(end + 1..).unwrap_or_default();
        // The next literal piece, or the end: placeholders are few, so the first place that fits is taken.
        let next: String = name.chars().take_while(|letter| !matches!(letter, '$' | '<')).collect();
        if next.is_empty() {
            return name.is_empty();
        }
        let Some(place) = rest.char_indices().skip(1).map(|(place, _)| place).find(|place| {
            rest.get(*place..)
                .and_then(|tail| tail.get(..next.len()))
                .is_some_and(|tail| tail.eq_ignore_ascii_case(&next))
        }) else {
            return false;
        };
        key = rest.get(place..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::catalogue;

    #[test]
    fn tags_and_other_keys_with_a_name_in_them_are_known() {
        for key in [
            "aws:ResourceTag/team",
            "AWS:requesttag/Cost Center",
            "s3:ExistingObjectTag/secret",
            "kms:EncryptionContext:aws:s3:arn",
            "iam:ResourceTag/x",
            "token.actions.githubusercontent.com:sub",
            "oidc.eks.eu-west-1.amazonaws.com/id/ABC:sub",
            "codebuild:environment.environmentVariables/NAME.value",
        ] {
            let known = catalogue().key(key);
            assert!(known.kind().is_some() || known == KnownKey::OfProvider, "{key}: {known:?}");
        }
    }

    #[test]
    fn a_tag_key_without_a_tag_is_not_known() {
        assert_eq!(catalogue().key("aws:ResourceTag/"), KnownKey::NotGlobal);
        assert_eq!(catalogue().key("aws:ResourceTag"), KnownKey::NotGlobal);
        assert_eq!(catalogue().key("s3:prefixes"), KnownKey::NotInService);
        assert_eq!(catalogue().key("nothing:here"), KnownKey::NoService);
        assert_eq!(catalogue().key("SourceIp"), KnownKey::NoPrefix);
    }
}
