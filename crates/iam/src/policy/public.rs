//! Whether a bucket's policy is public as S3 sees it, which is what its blocks of public access go by: a statement that
//! allows everybody, and no condition that pins down who or from where.
//!
//! After the S3 user guide, "Blocking public access", "The meaning of public".

use super::{Condition, Effect, Operator, Over, Policy, PrincipalPattern, Statement, Template};

/// Keys that pin down who asks or from where, once their values are fixed.
const PINNING: [&str; 14] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
];

/// The widest networks that S3 takes for a limit, in bits of the prefix.
const IPV4: u8 = 8;
const IPV6: u8 = 32;

impl Policy {
    /// Whether S3 takes this policy of a bucket for public.
    pub fn is_public(&self) -> bool {
        self.statements.iter().any(is_public)
    }
}

fn is_public(statement: &Statement) -> bool {
    let Some(principals) = statement.principals.as_ref().filter(|_| statement.effect == Effect::Allow) else {
        return false;
    };
    let everybody = principals.negated || principals.any.contains(&PrincipalPattern::Everybody);
    everybody && !statement.conditions.iter().any(pins)
}

/// Whether the condition holds for few only: its values are fixed, and a request without the key fails it.
fn pins(condition: &Condition) -> bool {
    if condition.if_exists || condition.over == Some(Over::All) || condition.operator.is_negated() {
        return false;
    }
    match condition.operator {
        Operator::Null => false,
        Operator::IpAddress => condition.name == "aws:sourceip" && condition.values.iter().all(is_narrow),
        _ => {
            PINNING.contains(&condition.name.as_str())
                && condition.values.iter().all(|value| is_fixed(condition, value))
        }
    }
}

fn is_fixed(condition: &Condition, value: &Template) -> bool {
    let text = value.written();
    // Of an access point its name may be left open where the account is not.
    let text =
        if condition.name == "s3:dataaccesspointarn" { text.split('/').next().unwrap_or_default() } else { &text };
    !text.contains(['*', '?']) && !text.contains("${")
}

fn is_narrow(network: &Template) -> bool {
    let text = network.written();
    match text.split_once('/').map(|(address, bits)| (address, bits.parse::<u8>())) {
        None => !text.contains("${"),
        Some((address, Ok(bits))) => bits >= if address.contains(':') { IPV6 } else { IPV4 },
        Some((_, Err(_))) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(principal: &str, condition: &str) -> bool {
        let text = format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": {principal}, "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::b/*", "Condition": {condition}}}}}"#
        );
        Policy::parse(&text).unwrap().is_public()
    }

    #[test]
    fn a_policy_for_everybody_is_public_and_one_for_somebody_is_not() {
        assert!(public(r#""*""#, "{}"));
        assert!(public(r#"{"AWS": ["111122223333", "*"]}"#, "{}"));
        assert!(!public(r#"{"AWS": "111122223333"}"#, "{}"));
        assert!(!public(r#"{"Service": "cloudtrail.amazonaws.com"}"#, "{}"));
    }

    #[test]
    fn only_a_condition_of_fixed_values_on_who_or_from_where_keeps_it_from_being_public() {
        for pins in [
            r#"{"StringEquals": {"aws:SourceVpce": "vpce-1"}}"#,
            r#"{"StringEquals": {"aws:PrincipalOrgID": ["o-1", "o-2"]}}"#,
            r#"{"IpAddress": {"aws:SourceIp": ["198.51.100.0/24", "2001:db8::/40", "10.0.0.0/8"]}}"#,
            r#"{"ArnLike": {"s3:DataAccessPointArn": "arn:aws:s3:eu-west-1:111122223333:accesspoint/*"}}"#,
        ] {
            assert!(!public(r#""*""#, pins), "{pins}");
        }
        for open in [
            r#"{"StringLike": {"aws:SourceVpce": "vpce-*"}}"#,
            r#"{"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1"}}"#,
            r#"{"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-1"}}"#,
            r#"{"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}"#,
            r#"{"StringEquals": {"aws:SourceVpce": "${aws:PrincipalTag/vpce}"}}"#,
            r#"{"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}"#,
            r#"{"Bool": {"aws:SecureTransport": "true"}}"#,
            r#"{"StringEquals": {"aws:UserAgent": "ours"}}"#,
        ] {
            assert!(public(r#""*""#, open), "{open}");
        }
    }
}
