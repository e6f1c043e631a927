//! Things of accounts as subjects of findings.

use keelguard_model::{Finding, Subject, SubjectKind};

use crate::facts::Arn;

/// A user, role or group, by its ARN.
pub fn principal(arn: &str) -> Subject {
    Subject::new(SubjectKind::Principal, arn)
}

pub(super) fn policy(arn: &str) -> Subject {
    Subject::new(SubjectKind::Policy, arn)
}

pub(super) fn account(id: &str) -> Subject {
    Subject::new(SubjectKind::Account, id)
}

pub(super) fn resource(arn: &str) -> Subject {
    Subject::new(SubjectKind::Resource, arn)
}

/// `user/alice` of an ARN in IAM, `function:f` of another.
pub fn short_name(arn: &str) -> &str {
    Arn::parse(arn).map_or(arn, |arn| arn.resource)
}

/// `user/a, user/b and 38 more`.
pub(super) fn some<'a>(arns: impl IntoIterator<Item = &'a str>) -> String {
    let all: Vec<&str> = arns.into_iter().map(short_name).collect();
    match all.as_slice() {
        [] => "nobody".to_owned(),
        [one] => (*one).to_owned(),
        [one, other] => format!("{one} and {other}"),
        [one, other, rest @ ..] => format!("{one}, {other} and {} more", rest.len()),
    }
}

/// A finding about several.
pub(super) fn about_all(mut finding: Finding, arns: &[String]) -> Finding {
    if arns.len() > 1 {
        finding.subjects = arns.iter().map(|arn| principal(arn)).collect();
    }
    finding
}
