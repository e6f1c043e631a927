//! The change that is proposed does what it says.

use serde_json::{Value, json};

use super::account::{Lab, allow, arn, aws, everything, service};
use crate::graph::Graph;

/// The account once each finding's change is made.
fn changed(lab: &Lab) -> Lab {
    let facts = lab.facts();
    let mut lab = lab.clone();
    for found in Graph::of(&facts).escalations() {
        let policy: Value = serde_json::from_str(&found.change.policy()).unwrap();
        for subject in &found.subjects {
            for (list, inline) in [("UserDetailList", "UserPolicyList"), ("RoleDetailList", "RolePolicyList")] {
                for one in lab.0[list].as_array_mut().unwrap() {
                    if one["Arn"] == json!(subject) {
                        let fix = json!({"PolicyName": "keelguard", "PolicyDocument": policy.clone()});
                        one[inline].as_array_mut().unwrap().push(fix);
                    }
                }
            }
        }
    }
    lab
}

#[test]
fn once_the_proposed_policy_is_put_beside_the_others_no_way_is_left() {
    let many = json!([
        {"Effect": "Allow", "Action": ["iam:PassRole", "iam:PutUserPolicy", "iam:CreateAccessKey", "sts:AssumeRole"], "Resource": "*"},
        {"Effect": "Allow", "Action": ["lambda:*", "ec2:*", "glue:*", "ecs:*"], "Resource": "*"},
    ]);
    let lab = Lab::new()
        .user("dev", &many)
        .user("boss", &everything())
        .admin("runs", &service("lambda.amazonaws.com"))
        .admin("machine", &service("ec2.amazonaws.com"))
        .admin("trusting", &aws(&arn("root")))
        .role("named", &aws(&arn("user/dev")), &everything());
    let facts = lab.facts();
    let found = Graph::of(&facts).escalations();
    assert_eq!(found.len(), 1);
    assert!(found[0].others.len() >= 5, "{:?}", found[0].others.iter().map(|one| one.method.id).collect::<Vec<_>>());
    let facts = changed(&lab).facts();
    let left = Graph::of(&facts).escalations();
    assert!(left.is_empty(), "{:?} after {}", left[0].steps, found[0].change.policy());
}

#[test]
fn the_change_is_small_and_names_what_it_narrows() {
    let lab = Lab::new()
        .user(
            "dev",
            &json!([
            {"Sid": "Pass", "Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"},
            {"Sid": "Run", "Effect": "Allow", "Action": "lambda:*", "Resource": "*"}]),
        )
        .admin("target", &service("lambda.amazonaws.com"))
        .role("reader", &service("lambda.amazonaws.com"), &allow("s3:GetObject", "*"));
    let facts = lab.facts();
    let found = Graph::of(&facts).escalations();
    let deny: Vec<_> = found[0].change.deny.iter().collect();
    assert_eq!(deny, [(&"iam:PassRole", &[arn("role/target")].into())]);
    assert_eq!(found[0].change.instead_of, ["inline policy inline of user/dev, statement Pass"]);
}
