//! The CIS AWS Foundations Benchmark 7.0, section 2 (identity and access management): each recommendation, and what
//! decides it. Titles are our own words.

use keelguard_model::Manual;

use crate::facts::{Account, Facts, Part};

/// What decides a recommendation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Rules that name it in their column, from these parts of the facts: where one of them is there.
    Rules(&'static [Part]),
    /// The same, where all of them are there.
    All(&'static [Part]),
    /// A person.
    Person,
}

/// A recommendation.
#[derive(Clone, Copy, Debug)]
pub struct Recommendation {
    /// `2.4`
    pub section: &'static str,
    /// What it asks for.
    pub title: &'static str,
    /// What decides it.
    pub by: By,
    /// Where a person looks.
    pub look_at: &'static str,
}

const fn row(section: &'static str, title: &'static str, by: By, look_at: &'static str) -> Recommendation {
    Recommendation { section, title, by, look_at }
}

/// All of section 2.
pub const SECTION_2: &[Recommendation] = &[
    row(
        "2.1.1",
        "Root's credentials are removed from member accounts",
        By::Person,
        "aws iam list-organizations-features",
    ),
    row(
        "2.1.2",
        "Policies of the organisation bound every account",
        By::Rules(&[]),
        "aws organizations list-policies --filter SERVICE_CONTROL_POLICY",
    ),
    row("2.1.3", "Nothing runs in the management account", By::Rules(&[]), "what runs in the management account"),
    row(
        "2.1.4",
        "Accounts lie in units of the organisation",
        By::Rules(&[]),
        "aws organizations list-parents --child-id ACCOUNT",
    ),
    row(
        "2.1.5",
        "Policies of the organisation are kept by another account than the management account",
        By::Person,
        "aws organizations describe-resource-policy",
    ),
    row(
        "2.1.6",
        "Services of the organisation are kept by other accounts than the management account",
        By::Person,
        "aws organizations list-delegated-administrators",
    ),
    row("2.2", "The account's contact details are right", By::Person, "aws account get-contact-information"),
    row(
        "2.3",
        "Somebody is named for security matters",
        By::Person,
        "aws account get-alternate-contact --alternate-contact-type SECURITY",
    ),
    row(
        "2.4",
        "Root has no access keys",
        By::Rules(&[Part::CredentialReport, Part::Summary]),
        "aws iam get-account-summary",
    ),
    row(
        "2.5",
        "Root has a second factor",
        By::Rules(&[Part::CredentialReport, Part::Summary]),
        "aws iam get-account-summary",
    ),
    row(
        "2.6",
        "Root's second factor is hardware",
        By::Rules(&[Part::VirtualMfaDevices]),
        "aws iam list-virtual-mfa-devices",
    ),
    row(
        "2.7",
        "Root is not used for daily work",
        By::Rules(&[Part::CredentialReport]),
        "aws iam get-credential-report",
    ),
    row(
        "2.8",
        "Passwords have fourteen letters at least",
        By::Rules(&[Part::PasswordPolicy]),
        "aws iam get-account-password-policy",
    ),
    row(
        "2.9",
        "Old passwords are not taken again",
        By::Rules(&[Part::PasswordPolicy]),
        "aws iam get-account-password-policy",
    ),
    row(
        "2.10",
        "Users with a password have a second factor",
        By::Rules(&[Part::CredentialReport]),
        "aws iam get-credential-report",
    ),
    row(
        "2.11",
        "Credentials not used for 45 days are switched off",
        By::Rules(&[Part::CredentialReport]),
        "aws iam get-credential-report",
    ),
    row(
        "2.12",
        "Access keys are changed every 90 days",
        By::Rules(&[Part::CredentialReport, Part::AccessKeys]),
        "aws iam get-credential-report",
    ),
    row(
        "2.13",
        "Users have their rights through groups",
        By::Rules(&[Part::Users]),
        "aws iam get-account-authorization-details",
    ),
    row(
        "2.14",
        "No policy allows everything",
        By::Rules(&[Part::Policies, Part::Roles]),
        "aws iam get-account-authorization-details",
    ),
    row(
        "2.15",
        "Somebody may speak to AWS's support",
        By::Rules(&[Part::Roles]),
        "aws iam list-entities-for-policy --policy-arn arn:aws:iam::aws:policy/AWSSupportAccess",
    ),
    row("2.16", "Instances have roles instead of keys", By::Rules(&[Part::Instances]), "aws ec2 describe-instances"),
    row(
        "2.17",
        "No certificate that has ended is left",
        By::All(&[Part::ServerCertificates, Part::Certificates]),
        "aws iam list-server-certificates; aws acm list-certificates --certificate-statuses EXPIRED",
    ),
    row(
        "2.18",
        "An access analyzer watches every region",
        By::Rules(&[Part::Analyzers]),
        "aws accessanalyzer list-analyzers",
    ),
    row(
        "2.19",
        "People log in through an identity provider",
        By::Rules(&[Part::IdentityProviders, Part::CredentialReport]),
        "aws iam list-saml-providers; aws sso-admin list-instances",
    ),
    row(
        "2.20",
        "Full access to CloudShell is given to few",
        By::Rules(&[Part::Roles, Part::Users]),
        "aws iam list-entities-for-policy --policy-arn arn:aws:iam::aws:policy/AWSCloudShellFullAccess",
    ),
    row(
        "2.21",
        "Policies of resources let nobody in without a condition",
        By::Rules(&[Part::Resources, Part::Buckets]),
        "policies of buckets, queues, topics, keys, functions, repositories and secrets",
    ),
];

/// What a person has to look at: what no program decides, and what the facts do not hold.
pub(super) fn manual(facts: &Facts) -> Vec<Manual> {
    let open = |one: &&Recommendation| match one.by {
        By::Person => true,
        By::Rules([]) => facts.organisation.is_none(),
        By::All(parts) => !facts.accounts.iter().all(|account: &Account| parts.iter().all(|part| account.has(*part))),
        By::Rules(parts) => !facts.accounts.iter().all(|account: &Account| parts.iter().any(|part| account.has(*part))),
    };
    let told = |one: &Recommendation| Manual {
        cis: format!("AWS {}", one.section),
        title: one.title.to_owned(),
        look_at: one.look_at.to_owned(),
    };
    if facts.accounts.is_empty() {
        return Vec::new();
    }
    SECTION_2.iter().filter(open).map(told).collect()
}
