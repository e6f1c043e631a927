//! What lint must find, where, and what it must leave alone.

use super::*;

/// The findings of a text as `code line:column instead`.
fn found(text: &str, kind: Option<Kind>) -> Vec<String> {
    let linted = lint("policy.json", text, kind);
    let findings = linted.policies.iter().flat_map(|policy| &policy.findings);
    findings.map(|finding| format!("{} {}:{}", finding.code, finding.line, finding.column)).collect()
}

/// The codes that are found in a policy of one statement with these members.
fn codes_of(members: &str, kind: Kind) -> Vec<&'static str> {
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{{{members}}}]}}"#);
    let linted = lint("policy.json", &text, Some(kind));
    let findings = linted.policies.iter().flat_map(|policy| &policy.findings);
    findings.map(|finding| CODES.iter().find(|code| code.name == finding.code).unwrap().name).collect()
}

fn identity(members: &str) -> Vec<&'static str> {
    codes_of(members, Kind::Identity)
}

fn instead(members: &str, code: &str) -> Option<String> {
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{{{members}}}]}}"#);
    let linted = lint("policy.json", &text, None);
    let mut findings = linted.policies.into_iter().flat_map(|policy| policy.findings);
    findings.find(|finding| finding.code == code).and_then(|finding| finding.instead)
}

#[test]
fn a_policy_without_faults_has_no_findings() {
    let text = r#"{"Version": "2012-10-17", "Statement": [
        {"Sid": "ReadOne", "Effect": "Allow", "Action": ["s3:GetObject", "s3:GetObjectTagging"], "Resource": "arn:aws:s3:::b/*",
         "Condition": {"StringEquals": {"aws:ResourceTag/team": "a"}, "IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}},
        {"Sid": "Home", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::home/${aws:username}/*"},
        {"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"},
        {"Effect": "Deny", "NotAction": ["iam:*", "sts:*"], "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}]}"#;
    assert_eq!(found(text, None), Vec::<String>::new());
}

#[test]
fn every_fault_of_grammar_has_its_place() {
    assert_eq!(found("{\"Version\": \"2012-10-17\",\n \"statement\": []}", None), ["element-case 2:2"]);
    assert_eq!(
        found("{\"Version\": \"2012-10-18\", \"Statement\": []}", None),
        ["bad-version 1:13", "empty-element 1:40"]
    );
    assert_eq!(found("{\"a\": 1}", None), ["not-a-policy 1:1"]);
    assert_eq!(found("{\"Statement\": [}", None), ["not-json 1:16"]);
    for (members, wanted) in [
        (r#""Effect": "Allow", "Resource": "*""#, "missing-element"),
        (r#""Action": "s3:GetObject", "Resource": "*""#, "missing-element"),
        (r#""Effect": "Allow", "Action": "s3:GetObject""#, "missing-element"),
        (r#""Effect": "Allow", "Effect": "Deny", "Action": "s3:GetObject", "Resource": "*""#, "duplicate-key"),
        (
            r#""Effect": "Allow", "Action": "s3:GetObject", "NotAction": "s3:PutObject", "Resource": "*""#,
            "conflicting-elements",
        ),
        (r#""Effect": "allow", "Action": "s3:GetObject", "Resource": "*""#, "bad-effect"),
        (r#""Effect": "Allow", "Action": 3, "Resource": "*""#, "wrong-type"),
        (r#""Effect": "Allow", "Action": [], "Resource": "*""#, "empty-element"),
        (r#""Effect": "Allow", "Action": "s3:GetObject", "Resources": "*", "Resource": "*""#, "unknown-element"),
        (r#""Effect": "Allow", "Action": "s3.GetObject", "Resource": "*""#, "action-form"),
        (r#""Effect": "Allow", "Action": "*:GetObject", "Resource": "*""#, "action-form"),
        (r#""Effect": "Allow", "Action": "s3:GetObject", "Resource": "bucket/*""#, "resource-form"),
        (r#""Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:bucket""#, "resource-form"),
        (r#""Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:*:12345:q""#, "resource-form"),
        (r#""Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:awss:s3:::b/*""#, "resource-form"),
        (
            r#""Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"StringEqual": {"aws:username": "a"}}"#,
            "unknown-operator",
        ),
        (
            r#""Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"NullIfExists": {"aws:username": "true"}}"#,
            "unknown-operator",
        ),
        (
            r#""Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "yes"}}"#,
            "bad-value",
        ),
        (
            r#""Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"DateLessThan": {"aws:CurrentTime": "tomorrow"}}"#,
            "bad-value",
        ),
        (
            r#""Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"NumericEquals": {"s3:max-keys": "ten"}}"#,
            "bad-value",
        ),
        (
            r#""Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/33"}}"#,
            "bad-value",
        ),
        (
            r#""Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"ArnLike": {"aws:SourceArn": "123456789012"}}"#,
            "bad-value",
        ),
        (
            r#""Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"StringEquals": {"username": "a"}}"#,
            "key-form",
        ),
        (r#""Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*""#, "element-not-allowed"),
        (r#""Sid": "a b", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*""#, "sid-characters"),
    ] {
        assert!(identity(members).contains(&wanted), "{members}: {:?} and not {wanted}", identity(members));
    }
}

#[test]
fn what_aws_takes_and_does_not_do_is_found() {
    for (members, wanted) in [
        (r#""Effect": "Allow", "Action": "s3:GetObjects", "Resource": "*""#, "unknown-action"),
        (r#""Effect": "Allow", "Action": "s4:GetObject", "Resource": "*""#, "unknown-service"),
        (r#""Effect": "Deny", "Action": "s3:Fetch*", "Resource": "*""#, "pattern-matches-nothing"),
        (
            r#""Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgId": "o-1", "aws:UserName": "a", "aws:Region": "x"}}"#,
            "unknown-key",
        ),
        (
            r#""Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"StringEquals": {"s3:prefix": "a"}}"#,
            "key-not-of-action",
        ),
        (
            r#""Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"StringEquals": {"aws:SourceIp": "10.0.0.1"}}"#,
            "operator-does-not-fit",
        ),
        (
            r#""Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}}"#,
            "literal-wildcard",
        ),
        (
            r#""Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"IpAddress": {"aws:SourceIp": "10.1.1.1/8"}}"#,
            "cidr-host-bits",
        ),
        (
            r#""Effect": "Allow", "Action": "ec2:CreateTags", "Resource": "*", "Condition": {"StringEquals": {"aws:TagKeys": "a"}}"#,
            "set-operator-missing",
        ),
        (
            r#""Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"ForAnyValue:StringEquals": {"aws:username": "a"}}"#,
            "set-operator-on-single-value",
        ),
        (r#""Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b""#, "resource-does-not-fit"),
        (r#""Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::b/*""#, "resource-does-not-fit"),
        (
            r#""Effect": "Allow", "Action": "ec2:DescribeInstances", "Resource": "arn:aws:ec2:*:*:instance/*""#,
            "action-needs-star",
        ),
        (
            r#""Effect": "Allow", "Action": "s3:GetObject", "Resource": ["arn:aws:s3:::b/*", "arn:aws:sqs:*:*:q"]"#,
            "unused-resource",
        ),
        (r#""Effect": "Allow", "Action": "s3:GetObj\u0435ct", "Resource": "*""#, "look-alike"),
        (r#""Effect": "Allow", "Action": "s3:Get\u200bObject", "Resource": "*""#, "invisible-character"),
        (r#""Effect": "Allow", "Action": "s3:*", "Resource": "*""#, "all-actions-of-service"),
        (r#""Effect": "Allow", "Action": "*", "Resource": "**""#, "allows-everything"),
        (r#""Effect": "Allow", "Action": "s3:GetObject", "Resource": "**""#, "effectively-star"),
        (r#""Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::*""#, "effectively-star"),
        (r#""Effect": "Allow", "NotAction": "iam:*", "Resource": "*""#, "allow-not-action"),
        (r#""Effect": "Allow", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::b/*""#, "allow-not-resource"),
        (
            r#""Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::123456789012:role/*""#,
            "pass-any-role",
        ),
        (
            r#""Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"ForAllValues:StringEquals": {"aws:CalledVia": "x"}}"#,
            "for-all-values-allow",
        ),
        (
            r#""Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {"StringEqualsIfExists": {"aws:SourceVpce": "x"}}"#,
            "if-exists-allow",
        ),
        (r#""Effect": "Allow", "Action": ["s3:GetObject", "s3:Get*"], "Resource": "*""#, "redundant-action"),
        (
            r#""Effect": "Allow", "Action": "s3:GetObject", "Resource": ["arn:aws:s3:::b/*", "arn:aws:s3:::b/x/*"]"#,
            "redundant-resource",
        ),
    ] {
        assert!(identity(members).contains(&wanted), "{members}: {:?} and not {wanted}", identity(members));
    }
}

#[test]
fn what_was_meant_is_named() {
    let action = |action: &str| format!(r#""Effect": "Allow", "Action": "{action}", "Resource": "*""#);
    let on = |key: &str| {
        format!(
            r#""Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", "Condition": {{"StringEquals": {{"{key}": "x"}}}}"#
        )
    };
    for (members, code, wanted) in [
        (action("s3:GetObjekt"), "unknown-action", "\"s3:GetObject\""),
        (action("dynamdb:GetItem"), "unknown-service", "\"dynamodb:GetItem\""),
        (action("s3:Lst*"), "pattern-matches-nothing", "\"s3:List*\""),
        (action("RunInstances"), "action-form", "\"ec2:RunInstances\""),
        (action("s3:GetObj\u{435}ct"), "look-alike", "\"s3:GetObject\""),
        (on("aws:SourceVcp"), "unknown-key", "\"aws:SourceVpc\""),
        (on("aws:RequestTag"), "unknown-key", "\"aws:RequestTag/TAG\""),
        (on("s3:prefx"), "unknown-key", "\"s3:prefix\""),
        (r#""Effect": "Allow", "action": "s3:GetObject", "Resource": "*""#.to_owned(), "element-case", "\"Action\""),
    ] {
        assert_eq!(instead(&members, code).as_deref(), Some(wanted), "{members}");
    }
}

#[test]
fn each_kind_of_policy_has_its_own_rules() {
    let s3 = |effect: &str, principal: &str| {
        format!(
            r#""Effect": "{effect}", "Principal": {principal}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*""#
        )
    };
    assert!(codes_of(&s3("Allow", "\"*\""), Kind::Resource).contains(&"public"));
    let closed =
        format!(r#"{}, "Condition": {{"StringEquals": {{"aws:PrincipalOrgID": "o-1"}}}}"#, s3("Allow", "\"*\""));
    assert!(!codes_of(&closed, Kind::Resource).contains(&"public"));
    assert!(
        codes_of(&s3("Allow", r#"{"AWS": "AIDAJQABLZS4A3QDU576Q"}"#), Kind::Resource).contains(&"deleted-principal")
    );
    assert!(
        codes_of(&s3("Allow", r#"{"AWS": "arn:aws:iam::123456789012:group/g"}"#), Kind::Resource)
            .contains(&"principal-form")
    );
    assert!(
        codes_of(&s3("Allow", r#"{"AWS": "arn:aws:iam::123456789012:role/*"}"#), Kind::Resource)
            .contains(&"principal-form")
    );
    assert!(codes_of(&s3("Allow", r#"{"Service": "lambda"}"#), Kind::Resource).contains(&"principal-form"));
    assert!(codes_of(&s3("Allow", "\"*\""), Kind::Rcp).contains(&"element-not-allowed"));
    assert_eq!(codes_of(&s3("Deny", "\"*\""), Kind::Rcp), Vec::<&str>::new());
    assert!(codes_of(&s3("Deny", "\"*\""), Kind::Scp).contains(&"element-not-allowed"));
    let all = r#""Effect": "Allow", "Action": "*", "Resource": "*""#;
    assert_eq!(codes_of(all, Kind::Scp), Vec::<&str>::new());
    let trust = |principal: &str, action: &str, condition: &str| {
        format!(r#""Effect": "Allow", "Principal": {principal}, "Action": "{action}", "Condition": {{{condition}}}"#)
    };
    let github = r#"{"Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"}"#;
    let web = "sts:AssumeRoleWithWebIdentity";
    let audience = r#""StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}"#;
    let subject = r#""StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com", "token.actions.githubusercontent.com:sub": "repo:o/r:ref:refs/heads/main"}"#;
    assert!(codes_of(&trust(github, web, audience), Kind::Trust).contains(&"provider-without-subject"));
    assert_eq!(codes_of(&trust(github, web, subject), Kind::Trust), Vec::<&str>::new());
    assert!(codes_of(&trust(github, "sts:AssumeRole", subject), Kind::Trust).contains(&"principal-does-not-fit"));
    assert!(codes_of(&trust(r#"{"Service": "ec2.amazonaws.com"}"#, "sts:AssumeRole", ""), Kind::Trust).is_empty());
}

#[test]
fn the_kind_is_told_by_content_and_by_place() {
    let kind = |text: &str| lint("f", text, None).policies.iter().map(|policy| policy.kind.name()).collect::<Vec<_>>();
    let trust = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}}"#;
    assert_eq!(kind(trust), ["trust"]);
    let wrapped = format!(
        r#"{{"RoleDetailList": [{{"AssumeRolePolicyDocument": {trust}, "RolePolicyList": [{{"PolicyDocument":
        "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D"}}]}}]}}"#
    );
    assert_eq!(kind(&wrapped), ["trust", "identity"]);
    let linted = lint("f", &wrapped, None);
    assert_eq!(linted.policies[1].place.as_deref(), Some("RoleDetailList[0].RolePolicyList[0].PolicyDocument"));
    let scp = r#"{"Policy": {"PolicySummary": {"Type": "SERVICE_CONTROL_POLICY"}, "Content": "{\"Version\": \"2012-10-17\", \"Statement\": []}"}}"#;
    assert_eq!(kind(scp), ["scp"]);
}

#[test]
fn variables_in_a_policy_of_2008_are_a_defect() {
    let text = r#"{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::home/${aws:username}/*"}}"#;
    assert_eq!(found(text, None), ["version-missing 1:1", "variable-in-old-version 1:73"]);
}

#[test]
fn duplicates_and_what_is_covered_are_found() {
    let text = r#"{"Version": "2012-10-17", "Statement": [
        {"Sid": "A", "Effect": "Allow", "Action": "s3:Get*", "Resource": "*"},
        {"Sid": "A", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}]}"#;
    assert_eq!(found(text, None), ["redundant-statement 3:9", "duplicate-sid 3:17"]);
    let large = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/{}"}}}}"#,
        "x".repeat(10_300)
    );
    assert!(found(&large, None)[0].starts_with("policy-too-large"));
}

#[test]
fn hostile_policies_are_answered_in_time() {
    let many = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#,
        vec![r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#; 200_000].join(",")
    );
    let linted = lint("f", &many, None);
    assert!(!linted.incomplete.is_empty(), "what was not looked at is named");
    let stars = "*a".repeat(20_000);
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "s3:{stars}", "Resource": "arn:aws:s3:::{stars}"}}}}"#
    );
    assert!(!lint("f", &text, None).policies[0].findings.is_empty());
    let deep = format!("{}{}", "{\"Statement\":".repeat(100_000), "}".repeat(100_000));
    assert_eq!(lint("f", &deep, None).policies[0].findings[0].code, "not-json");
}

/// Each of these takes minutes where something is compared with everything else in the file.
#[test]
fn lists_and_objects_without_end_take_time_in_their_length_alone() {
    let many = |count: usize, item: &dyn Fn(usize) -> String| (0..count).map(item).collect::<Vec<_>>().join(",");
    let statement =
        |inside: &str| format!(r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", {inside}}}}}"#);
    let keys = many(60_000, &|at| format!("\"K{at}\": 1"));
    assert!(!lint("f", &statement(&keys), None).policies[0].findings.is_empty());
    let operators = many(60_000, &|at| format!(r#""StringLike{at}": {{"aws:x{at}": "a"}}"#));
    let conditions = many(100_000, &|at| format!(r#""aws:PrincipalTag/{at}": "a""#));
    for conditions in [operators, format!(r#""StringLike": {{{conditions}}}"#)] {
        let text = statement(&format!(r#""Action": "*", "Resource": "*", "Condition": {{{conditions}}}"#));
        assert!(!lint("f", &text, None).policies[0].findings.is_empty());
    }
    let patterns = many(100_000, &|at| format!("\"sts:*{at}*\""));
    let misspelt = many(100_000, &|at| format!("\"ec2:DescribeInstence{at}\""));
    for actions in [patterns, misspelt] {
        let linted = lint("f", &statement(&format!(r#""Action": [{actions}], "Resource": "*""#)), None);
        assert!(linted.incomplete.iter().any(|gap| gap.why.contains("20000 strings")), "{:?}", linted.incomplete);
    }
    let accounts = many(100_000, &|at| format!("\"{at:012}\""));
    let text = statement(&format!(
        r#""Principal": {{"AWS": [{accounts}]}}, "Action": [{}]"#,
        many(50_000, &|_| "\"sts:a\"".into())
    ));
    assert!(!lint("f", &text, Some(Kind::Trust)).incomplete.is_empty());
}

#[test]
fn columns_are_counted_in_characters_in_a_line_of_any_length() {
    let before = "ä".repeat(3_000);
    let text = format!(
        "\u{feff}{{\"Version\": \"2012-10-17\", \"Id\": \"{before}\", \"Statement\": {{\"Effect\": \"Nay\"}}}}"
    );
    let linted = lint("f", &text, None);
    let effect = linted.policies[0].findings.iter().find(|finding| finding.code == "bad-effect").unwrap();
    let letters = text.chars().take_while(|letter| *letter != 'N').count();
    // The mark at the start is no character of the line, and the quote before the N is where the value begins.
    assert_eq!((effect.line, effect.column), (1, letters - 1));
}

/// AWS's own policies, where the folder of test data (`KEELGUARD_TEST_DATA`) or a Python with moto has them.
fn managed() -> Option<String> {
    let data = std::env::var_os("KEELGUARD_MANAGED_POLICIES").map(std::path::PathBuf::from)?;
    std::fs::read_to_string(data).ok()
}

#[test]
fn aws_own_policies_have_no_fault_of_grammar() {
    let Some(text) = managed() else {
        eprintln!(
            "skipped: set KEELGUARD_MANAGED_POLICIES to a JSON file of AWS's managed policies (docs/iam.md says how to make one)"
        );
        return;
    };
    let linted = lint("managed.json", &text, Some(Kind::Identity));
    assert!(linted.policies.len() > 1_000, "{}", linted.policies.len());
    // AWS lifts its own limit of size for its own policies; AdministratorAccess allows everything, as it says.
    let known = ["policy-too-large", "allows-everything"];
    let high: Vec<_> = linted
        .policies
        .iter()
        .flat_map(|policy| policy.findings.iter().map(move |finding| (policy.place.as_deref(), finding)))
        .filter(|(_, finding)| {
            finding.severity >= keelguard_model::Severity::High && !known.contains(&finding.code.as_str())
        })
        .collect();
    assert!(high.is_empty(), "{high:#?}");
}
