//! What `lint` can find: one row each. A code is stable; scripts may name it.

use keelguard_model::Severity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What kind of trouble a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// AWS refuses to save the policy.
    Grammar,
    /// AWS saves it, but it does not do what it says.
    Defect,
    /// It allows more than is likely meant.
    Risk,
    /// It could be said better.
    Style,
}

impl Class {
    /// The name in output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Grammar => "grammar",
            Self::Defect => "defect",
            Self::Risk => "risk",
            Self::Style => "style",
        }
    }
}

/// One row.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Kebab-case.
    pub name: &'static str,
    /// What kind of trouble.
    pub class: Class,
    /// How bad.
    pub severity: Severity,
    /// What it means, in one sentence.
    pub title: &'static str,
}

macro_rules! codes {
    ($($constant:ident $name:literal $class:ident $severity:ident $title:literal;)*) => {
        $(#[doc = $title] pub const $constant: Code =
            Code { name: $name, class: Class::$class, severity: Severity::$severity, title: $title };)*
        /// All of them.
        pub const CODES: &[&Code] = &[$(&$constant),*];
    };
}

codes! {
    NOT_JSON "not-json" Grammar High "The text is no JSON.";
    NOT_A_POLICY "not-a-policy" Grammar High "The JSON holds no policy.";
    DUPLICATE_KEY "duplicate-key" Grammar High "A name stands twice in one object, and readers differ in which of the two they believe.";
    UNKNOWN_ELEMENT "unknown-element" Grammar High "The policy language has no such element.";
    ELEMENT_CASE "element-case" Grammar High "An element is written in the wrong case; AWS does not know it.";
    WRONG_TYPE "wrong-type" Grammar High "An element holds a value of the wrong kind.";
    MISSING_ELEMENT "missing-element" Grammar High "An element is missing without which AWS refuses the policy.";
    CONFLICTING_ELEMENTS "conflicting-elements" Grammar High "Two elements exclude each other.";
    EMPTY_ELEMENT "empty-element" Grammar High "An element is there and holds nothing.";
    ELEMENT_NOT_ALLOWED "element-not-allowed" Grammar High "This kind of policy does not take this element or value.";
    BAD_EFFECT "bad-effect" Grammar High "Effect is neither Allow nor Deny.";
    BAD_VERSION "bad-version" Grammar High "There is no such version of the policy language.";
    SID_CHARACTERS "sid-characters" Grammar High "A Sid holds characters which this kind of policy does not take.";
    DUPLICATE_SID "duplicate-sid" Grammar High "Two statements have the same Sid.";
    POLICY_TOO_LARGE "policy-too-large" Grammar High "The policy is larger than AWS takes for its kind.";
    ACTION_FORM "action-form" Grammar High "An action is not of the form service:Action.";
    RESOURCE_FORM "resource-form" Grammar High "A resource is neither an ARN nor a star.";
    PRINCIPAL_FORM "principal-form" Grammar High "A principal is of no form that AWS knows.";
    UNKNOWN_OPERATOR "unknown-operator" Grammar High "There is no such condition operator.";
    BAD_VALUE "bad-value" Grammar High "A value cannot be read as what its operator compares.";
    KEY_FORM "key-form" Grammar High "A condition key has no prefix.";
    INVISIBLE_CHARACTER "invisible-character" Defect High "A character that cannot be seen makes a name another name.";
    LOOK_ALIKE "look-alike" Defect High "A letter of another script looks like a Latin one and makes a name another name.";
    VARIABLE_IN_OLD_VERSION "variable-in-old-version" Defect High "Policy variables are plain text in this version of the language.";
    UNKNOWN_SERVICE "unknown-service" Defect Medium "No service has this prefix.";
    UNKNOWN_ACTION "unknown-action" Defect Medium "The service has no such action.";
    NO_SUCH_ACTIONS "pattern-matches-nothing" Defect Medium "No action of the service fits the pattern.";
    UNKNOWN_KEY "unknown-key" Defect Medium "There is no such condition key.";
    KEY_NOT_OF_ACTION "key-not-of-action" Defect Low "None of the statement's actions carries this condition key.";
    OPERATOR_TYPE "operator-does-not-fit" Defect Medium "The operator compares other values than the key has.";
    LITERAL_WILDCARD "literal-wildcard" Defect Medium "The operator takes a star for a star.";
    CIDR_HOST_BITS "cidr-host-bits" Defect Low "A network is written with an address inside it.";
    SET_OPERATOR_MISSING "set-operator-missing" Defect Medium "The key can have several values, and the operator does not say how many must fit.";
    SET_OPERATOR_ON_ONE "set-operator-on-single-value" Defect Low "The key has one value; an operator for several invites mistakes.";
    RESOURCE_DOES_NOT_FIT "resource-does-not-fit" Defect Medium "An action works on none of the resources that the statement names.";
    ACTION_NEEDS_STAR "action-needs-star" Defect Medium "An action knows no resources, so only a star matches.";
    UNUSED_RESOURCE "unused-resource" Defect Low "None of the statement's actions works on a resource that it names.";
    DELETED_PRINCIPAL "deleted-principal" Defect Medium "A principal was deleted; its id stands for nobody any more.";
    PRINCIPAL_DOES_NOT_FIT "principal-does-not-fit" Defect Medium "The principal cannot take a role by the statement's actions.";
    ALLOWS_EVERYTHING "allows-everything" Risk High "The statement allows every action on every resource.";
    ALL_ACTIONS_OF_SERVICE "all-actions-of-service" Risk Low "The statement allows every action of a service on everything.";
    EFFECTIVELY_STAR "effectively-star" Risk Low "A resource pattern looks narrower than it is.";
    ALLOW_NOT_ACTION "allow-not-action" Risk Medium "Everything but a few actions is allowed, also what AWS adds tomorrow.";
    ALLOW_NOT_RESOURCE "allow-not-resource" Risk Medium "Every resource but a few is allowed, also what is made tomorrow.";
    ALLOW_NOT_PRINCIPAL "allow-not-principal" Risk High "Everybody but a few is allowed, also people without credentials.";
    PUBLIC "public" Risk High "Everybody is allowed, also without credentials.";
    PROVIDER_WITHOUT_SUBJECT "provider-without-subject" Risk High "Everybody whom an identity provider knows may take the role.";
    PASS_ANY_ROLE "pass-any-role" Risk Medium "Any role may be handed to any service, also one of an administrator.";
    FOR_ALL_VALUES_ALLOW "for-all-values-allow" Risk Medium "The condition holds when the key is missing.";
    IF_EXISTS_ALLOW "if-exists-allow" Risk Low "The condition holds when the key is missing.";
    VERSION_MISSING "version-missing" Style Low "Without a version the language of 2008 applies.";
    VERSION_OLD "version-old" Style Low "The language of 2008 knows no policy variables.";
    REDUNDANT_ACTION "redundant-action" Style Low "Another action of the statement covers this one.";
    REDUNDANT_RESOURCE "redundant-resource" Style Low "Another resource of the statement covers this one.";
    REDUNDANT_STATEMENT "redundant-statement" Style Low "Another statement covers this one.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_kebab_case_stands_once_and_says_a_sentence() {
        for (place, code) in CODES.iter().enumerate() {
            assert!(code.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", code.name);
            assert!(code.title.ends_with('.'), "{}", code.name);
            assert!(CODES.iter().skip(place + 1).all(|other| other.name != code.name), "{}", code.name);
        }
    }
}
