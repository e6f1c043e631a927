//! What is no escalation.

use serde_json::json;

use super::account::{ACCOUNT, Lab, allow, arn, aws, document, everything, service};
use crate::graph::{Distance, Graph};

fn lambda(resource: &str) -> serde_json::Value {
    json!([
        {"Effect": "Allow", "Action": "iam:PassRole", "Resource": resource},
        {"Effect": "Allow", "Action": ["lambda:CreateFunction", "lambda:InvokeFunction"], "Resource": "*"},
    ])
}

#[test]
fn an_administrator_does_not_escalate() {
    let lab = Lab::new().user("root-like", &everything()).admin("target", &aws(&arn("root")));
    let facts = lab.facts();
    let graph = Graph::of(&facts);
    assert_eq!(graph.distance(&arn("user/root-like")), Distance::Administrator);
    assert!(graph.escalations().is_empty());
}

#[test]
fn power_users_are_no_administrators() {
    let statements = json!([{"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}]);
    let lab = Lab::new().user("dev", &statements).admin("target", &service("lambda.amazonaws.com"));
    assert_eq!(Graph::of(&lab.facts()).distance(&arn("user/dev")), Distance::Unreachable);
}

#[test]
fn a_role_linked_to_a_service_is_nobodys_to_take() {
    let path = json!({"Path": "/aws-service-role/lambda.amazonaws.com/", "Arn": arn("role/aws-service-role/lambda.amazonaws.com/target")});
    let lab = Lab::new().user("dev", &lambda("*")).role_with(
        "target",
        &service("lambda.amazonaws.com"),
        &everything(),
        &path,
    );
    assert!(lab.ways("user/dev").is_empty());
}

#[test]
fn a_role_may_be_passed_only_to_the_service_that_the_policy_names() {
    let passed_to = |to: &str| {
        json!([
            {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*",
             "Condition": {"StringEquals": {"iam:PassedToService": to}}},
            {"Effect": "Allow", "Action": ["lambda:CreateFunction", "lambda:InvokeFunction"], "Resource": "*"},
        ])
    };
    let lab = |to: &str| Lab::new().user("dev", &passed_to(to)).admin("target", &service("lambda.amazonaws.com"));
    assert_eq!(lab("lambda.amazonaws.com").ways("user/dev"), ["lambda-001"]);
    assert!(lab("ec2.amazonaws.com").ways("user/dev").is_empty());
}

#[test]
fn a_boundary_that_lacks_a_permission_cancels_and_one_that_has_it_does_not() {
    let lab = |action: &str| {
        let bound = json!([{"Effect": "Allow", "Action": action, "Resource": "*"}]);
        let more = json!({"PermissionsBoundary": {"PermissionsBoundaryArn": arn("policy/bound")}});
        Lab::new()
            .policy("bound", &bound)
            .user_with("dev", &lambda("*"), &more)
            .admin("target", &service("lambda.amazonaws.com"))
    };
    assert!(lab("lambda:*").ways("user/dev").is_empty());
    assert_eq!(lab("*").ways("user/dev"), ["lambda-001"]);
}

#[test]
fn whoever_is_bounded_gains_nothing_by_policies_of_its_own_unless_it_can_take_the_boundary_off() {
    let lab = |bound: serde_json::Value| {
        let more = json!({"PermissionsBoundary": {"PermissionsBoundaryArn": arn("policy/bound")}});
        Lab::new().policy("bound", &bound).user_with("dev", &allow("iam:PutUserPolicy", "*"), &more)
    };
    assert!(lab(allow("iam:PutUserPolicy", "*")).ways("user/dev").is_empty());
    let both = json!([{"Effect": "Allow", "Action": ["iam:PutUserPolicy", "iam:DeleteUserPermissionsBoundary"], "Resource": "*"}]);
    assert_eq!(lab(both).ways("user/dev"), ["iam-007"]);
}

#[test]
fn an_instance_takes_a_role_only_from_an_instance_profile() {
    let statements = json!([{"Effect": "Allow", "Action": ["iam:PassRole", "ec2:RunInstances"], "Resource": "*"}]);
    let lab = Lab::new().user("dev", &statements).role("target", &service("ec2.amazonaws.com"), &everything());
    assert!(lab.ways("user/dev").is_empty());
    let lab = Lab::new().user("dev", &statements).admin("target", &service("ec2.amazonaws.com"));
    assert_eq!(lab.ways("user/dev"), ["ec2-001"]);
}

#[test]
fn being_allowed_to_assume_is_not_enough_without_the_roles_trust_nor_trust_in_the_account_without_permission() {
    let may = allow("sts:AssumeRole", "*");
    let nothing = allow("s3:GetObject", "*");
    let lab = |statements: &serde_json::Value, trust: &str| {
        Lab::new().user("dev", statements).admin("target", &aws(trust)).ways("user/dev")
    };
    assert!(lab(&may, "arn:aws:iam::999999999999:root").is_empty());
    assert!(lab(&nothing, &arn("root")).is_empty());
    assert_eq!(lab(&may, &arn("root")), ["sts-001"]);
    // Whom the trust names needs no permission of its own.
    assert_eq!(lab(&nothing, &arn("user/dev")), ["sts-001"]);
}

#[test]
fn a_second_factor_keeps_a_password_from_being_enough() {
    let lab = |factors: serde_json::Value| {
        let more = json!({"HasLoginProfile": true, "MFADevices": factors});
        Lab::new().user("dev", &allow("iam:UpdateLoginProfile", "*")).user_with("target", &everything(), &more)
    };
    assert_eq!(lab(json!([])).ways("user/dev"), ["iam-006"]);
    let device = json!([{"UserName": "target", "SerialNumber": "arn:aws:iam::111122223333:mfa/target"}]);
    assert!(lab(device).ways("user/dev").is_empty());
}

#[test]
fn what_hangs_on_circumstances_says_on_which_and_what_is_known_of_the_principal_counts() {
    let lab = |condition: serde_json::Value| {
        let statements =
            json!([{"Effect": "Allow", "Action": "iam:PutUserPolicy", "Resource": "*", "Condition": condition}]);
        Lab::new().user_with("dev", &statements, &json!({"Tags": [{"Key": "team", "Value": "blue"}]}))
    };
    let depends = |condition: serde_json::Value| {
        let lab = lab(condition);
        let facts = lab.facts();
        let found = Graph::of(&facts).escalations();
        found.first().map(|one| one.depends.clone())
    };
    assert_eq!(depends(json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})), Some(vec!["aws:sourceip".to_owned()]));
    assert_eq!(depends(json!({"StringEquals": {"aws:PrincipalTag/team": "blue"}})), Some(vec![]));
    assert_eq!(depends(json!({"StringEquals": {"aws:PrincipalTag/team": "red"}})), None);
    assert_eq!(depends(json!({"StringEquals": {"aws:PrincipalTag/other": "red"}})), None);
    assert_eq!(depends(json!({"StringEquals": {"aws:username": "dev"}})), Some(vec![]));
}

#[test]
fn keys_of_ones_own_are_no_way_to_others() {
    let own =
        json!([{"Effect": "Allow", "Action": "iam:*AccessKey*", "Resource": "arn:aws:iam::*:user/${aws:username}"}]);
    let lab = Lab::new().user("dev", &own).user("boss", &everything());
    assert!(lab.ways("user/dev").is_empty());
    let facts = lab.facts();
    assert!(Graph::of(&facts).lateral().is_empty());
}

#[test]
fn forty_users_of_one_group_are_one_finding_with_forty_subjects() {
    let mut lab = Lab::new().group("developers", &lambda("*")).admin("target", &service("lambda.amazonaws.com"));
    for number in 0..40 {
        let harmless = allow("s3:GetObject", &format!("arn:aws:s3:::home-{number}/*"));
        lab = lab.user_with(&format!("u{number:02}"), &harmless, &json!({"GroupList": ["developers"]}));
    }
    let facts = lab.facts();
    let found = Graph::of(&facts).escalations();
    assert_eq!(found.len(), 1, "{:?}", found.iter().map(|one| &one.subjects).collect::<Vec<_>>());
    assert_eq!(found[0].subjects.len(), 40);
    assert!(found[0].steps[0].allowed_by[0].by[0].contains("group/developers"), "{:?}", found[0].steps[0].allowed_by);
}

#[test]
fn the_path_leads_over_several_principals_by_the_shortest_way() {
    let lab = Lab::new()
        .user("dev", &allow("sts:AssumeRole", &arn("role/first")))
        .role("first", &aws(&arn("root")), &lambda(&arn("role/second")))
        .role("second", &service("lambda.amazonaws.com"), &allow("iam:CreateAccessKey", &arn("user/boss")))
        .user("boss", &everything());
    let facts = lab.facts();
    let graph = Graph::of(&facts);
    assert_eq!(graph.distance(&arn("user/dev")), Distance::Steps(3));
    let path = graph.path(&arn("user/dev"));
    assert_eq!(path.iter().map(|hop| hop.method.id).collect::<Vec<_>>(), ["sts-001", "lambda-001", "iam-002"]);
    assert!(path[2].calls[0].contains("--user-name boss"), "{:?}", path[2].calls);
    assert_eq!(path[1].to.as_deref(), Some(arn("role/second").as_str()));
}

#[test]
fn only_the_account_that_the_passed_role_lies_in_counts() {
    let mut other = Lab::new().user("dev", &lambda("*")).0;
    other["AccountId"] = json!("444455556666");
    other["UserDetailList"][0]["Arn"] = json!("arn:aws:iam::444455556666:user/dev");
    let lab = Lab::new().admin("target", &service("lambda.amazonaws.com"));
    let both = serde_json::json!([lab.0, other]);
    let facts =
        crate::facts::Facts::read(&[crate::facts::Input::new("both.json", both.to_string().as_bytes())]).unwrap();
    assert_eq!(Graph::of(&facts).distance("arn:aws:iam::444455556666:user/dev"), Distance::Unreachable);
    assert_eq!(facts.accounts.len(), 2, "{ACCOUNT}");
    let _ = document;
}

#[test]
fn becoming_somebody_else_who_is_no_administrator_is_told_apart() {
    let lab = Lab::new().user("dev", &lambda("*")).role(
        "reader",
        &service("lambda.amazonaws.com"),
        &allow("s3:GetObject", "*"),
    );
    let facts = lab.facts();
    let graph = Graph::of(&facts);
    assert!(graph.escalations().is_empty());
    let lateral = graph.lateral();
    assert_eq!(lateral.len(), 1);
    assert_eq!(lateral[0].subjects, [arn("user/dev")]);
    assert_eq!(lateral[0].targets().into_iter().collect::<Vec<_>>(), [arn("role/reader")]);
}

#[test]
fn permission_sets_are_assigned_only_where_identity_center_is_managed() {
    let sso = |name: &str, statements: &serde_json::Value| {
        let arn = arn(&format!("role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_{name}_1"));
        let trust = json!([{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:saml-provider/AWSSSO_1"},
            "Action": "sts:AssumeRoleWithSAML"}]);
        Lab::new().role_with(&format!("AWSReservedSSO_{name}_1"), &trust, statements, &json!({"Arn": arn}))
    };
    let lab = || {
        let mut lab = sso("Admin", &everything());
        let power =
            sso("Power", &json!([{"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}]));
        lab.0["RoleDetailList"].as_array_mut().unwrap().extend(power.0["RoleDetailList"].as_array().unwrap().clone());
        lab
    };
    let managed_by = |account: &str| {
        let mut lab = lab();
        lab.0["Organization"] = json!({"Id": "o-1", "MasterAccountId": account});
        lab.ways("role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Power_1")
    };
    assert!(managed_by("999999999999").is_empty(), "a member account");
    assert!(managed_by(ACCOUNT).contains(&"kg-sso-assign"));
    let mut lists = lab();
    lists.0["PermissionSets"] =
        json!([{"PermissionSetArn": "arn:aws:sso:::permissionSet/ssoins-1/ps-1", "Name": "Admin"}]);
    assert!(lists.ways("role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Power_1").contains(&"kg-sso-assign"));
    let facts = lab().facts();
    let ways = Graph::of(&facts).escalations();
    assert!(ways.iter().all(|way| way.depends.iter().any(|on| on.contains("Identity Center"))), "{ways:?}");
}

#[test]
fn becoming_somebody_who_may_do_nothing_more_is_no_gain() {
    let function = json!({"FunctionName": "f", "FunctionArn": format!("arn:aws:lambda:eu-central-1:{ACCOUNT}:function:f"),
        "Role": arn("role/worker")});
    let gains = |worker: serde_json::Value, more: serde_json::Value| {
        let mut own = vec![json!({"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"})];
        own.extend(more.as_array().unwrap().iter().cloned());
        let lab = Lab::new()
            .user("power", &json!(own))
            .role("worker", &service("lambda.amazonaws.com"), &worker)
            .push("Functions", function.clone());
        let facts = lab.facts();
        !Graph::of(&facts).lateral().is_empty()
    };
    assert!(!gains(allow("s3:Get*", "arn:aws:s3:::b/*"), json!([])));
    assert!(gains(allow("iam:List*", "*"), json!([])), "what is excepted is gained");
    assert!(gains(allow("*", "arn:aws:s3:::b/*"), json!([])), "a star may mean what is excepted");
    let deny = json!([{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]);
    assert!(gains(allow("s3:Get*", "*"), deny), "and what is denied to oneself");
}
