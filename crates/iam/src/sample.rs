//! Accounts made up for benches and comparisons: the same ones each time, of any size, with what real ones have: groups,
//! managed and inline policies, boundaries, trust of services, few administrators, some who can become one.

#![allow(clippy::indexing_slicing, reason = "a key of an object that was just made is there")]

use serde_json::{Value, json};

/// The account's number.
const ACCOUNT: &str = "111122223333";

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % below.max(1)
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of.get(self.next(of.len())).copied().unwrap_or_default()
    }
}

const ACTIONS: &[&str] = &[
    "s3:GetObject",
    "s3:PutObject",
    "s3:List*",
    "s3:Get*",
    "ec2:Describe*",
    "ec2:StartInstances",
    "logs:*",
    "cloudwatch:*",
    "dynamodb:GetItem",
    "dynamodb:Query",
    "dynamodb:PutItem",
    "sqs:SendMessage",
    "sqs:ReceiveMessage",
    "sns:Publish",
    "kms:Decrypt",
    "secretsmanager:GetSecretValue",
    "ssm:GetParameter",
    "lambda:InvokeFunction",
    "lambda:List*",
    "ecr:BatchGetImage",
    "ecs:Describe*",
    "rds:Describe*",
    "sts:GetCallerIdentity",
    "iam:Get*",
    "iam:List*",
    "events:PutEvents",
    "states:StartExecution",
    "glue:Get*",
    "athena:*",
    "kinesis:PutRecord",
    "xray:*",
    "tag:Get*",
];
const SERVICES: &[&str] = &[
    "lambda.amazonaws.com",
    "ec2.amazonaws.com",
    "ecs-tasks.amazonaws.com",
    "codebuild.amazonaws.com",
    "glue.amazonaws.com",
    "states.amazonaws.com",
    "events.amazonaws.com",
    "rds.amazonaws.com",
];

fn resource(dice: &mut Dice) -> Value {
    match dice.next(5) {
        0 => json!("*"),
        1 => json!(format!("arn:aws:s3:::bucket-{}/*", dice.next(500))),
        2 => json!([
            format!("arn:aws:dynamodb:eu-central-1:{ACCOUNT}:table/t{}", dice.next(300)),
            format!("arn:aws:sqs:*:{ACCOUNT}:q{}", dice.next(300))
        ]),
        3 => json!(format!("arn:aws:lambda:eu-central-1:{ACCOUNT}:function:app-{}-*", dice.next(100))),
        _ => json!("arn:aws:s3:::home/${aws:username}/*"),
    }
}

fn document(dice: &mut Dice, statements: usize) -> Value {
    let mut list = Vec::new();
    for _ in 0..statements {
        let actions: Vec<&str> = (0..=dice.next(7)).map(|_| dice.one(ACTIONS)).collect();
        let mut statement = json!({"Effect": "Allow", "Action": actions, "Resource": resource(dice)});
        if dice.next(6) == 0 {
            statement["Condition"] = json!({"StringEquals": {"aws:RequestedRegion": ["eu-central-1", "eu-west-1"]}});
        }
        list.push(statement);
    }
    json!({"Version": "2012-10-17", "Statement": list})
}

fn arn(rest: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{rest}")
}

fn attached(dice: &mut Dice, policies: usize, most: usize) -> Vec<Value> {
    (0..dice.next(most + 1))
        .map(|_| {
            let name = format!("policy-{}", dice.next(policies));
            json!({"PolicyName": name, "PolicyArn": arn(&format!("policy/{name}"))})
        })
        .collect()
}

/// An account with so many users and roles and so many managed policies, as `aws iam get-account-authorization-details`
/// tells it.
pub fn account(principals: usize, policies: usize) -> Value {
    let mut dice = Dice(7);
    let groups = principals / 60 + 3;
    let group_list: Vec<Value> = (0..groups)
        .map(|number| {
            let name = format!("group-{number}");
            json!({"Path": "/", "GroupName": name, "GroupId": format!("AGPA{number:016}"), "Arn": arn(&format!("group/{name}")),
                "CreateDate": "2020-01-01T00:00:00+00:00", "GroupPolicyList": [], "AttachedManagedPolicies": attached(&mut dice, policies, 4)})
        })
        .collect();
    let users = principals * 2 / 5;
    let user_list: Vec<Value> = (0..users)
        .map(|number| {
            let name = format!("user-{number}");
            let mut inline = Vec::new();
            if number % 3 == 0 {
                inline.push(json!({"PolicyName": "own", "PolicyDocument": document(&mut dice, 2)}));
            }
            if number % 40 == 1 {
                let statement = json!({"Effect": "Allow", "Action": ["iam:PassRole", "lambda:*"], "Resource": "*"});
                inline.push(json!({"PolicyName": "deploy", "PolicyDocument": {"Version": "2012-10-17", "Statement": statement}}));
            }
            let own = json!({"Effect": "Allow", "Action": ["iam:CreateAccessKey", "iam:ListAccessKeys", "iam:ChangePassword"],
                "Resource": "arn:aws:iam::*:user/${aws:username}"});
            if number % 2 == 0 {
                inline.push(json!({"PolicyName": "self", "PolicyDocument": {"Version": "2012-10-17", "Statement": own}}));
            }
            let mut user = json!({"Path": "/", "UserName": name, "UserId": format!("AIDA{number:016}"), "Arn": arn(&format!("user/{name}")),
                "CreateDate": "2021-01-01T00:00:00+00:00", "UserPolicyList": inline,
                "GroupList": [format!("group-{}", dice.next(groups))], "AttachedManagedPolicies": attached(&mut dice, policies, 2), "Tags": []});
            if number % 10 == 3 {
                user["PermissionsBoundary"] = json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn("policy/policy-0")});
            }
            user
        })
        .collect();
    let role_list: Vec<Value> = (0..principals - users)
        .map(|number| {
            let name = format!("role-{number}");
            let trust = match number % 8 {
                0 => json!({"AWS": arn("root")}),
                1 => json!({"AWS": arn(&format!("user/user-{}", dice.next(users)))}),
                _ => json!({"Service": dice.one(SERVICES)}),
            };
            let mut managed = attached(&mut dice, policies, 4);
            if number % 60 == 7 {
                managed.push(json!({"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}));
            }
            let inline = if number % 4 == 0 { vec![json!({"PolicyName": "own", "PolicyDocument": document(&mut dice, 3)})] } else { Vec::new() };
            json!({"Path": "/", "RoleName": name, "RoleId": format!("AROA{number:016}"), "Arn": arn(&format!("role/{name}")),
                "CreateDate": "2021-01-01T00:00:00+00:00",
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": trust, "Action": "sts:AssumeRole"}]},
                "InstanceProfileList": [], "RolePolicyList": inline, "AttachedManagedPolicies": managed, "Tags": [], "RoleLastUsed": {}})
        })
        .collect();
    let mut policy_list: Vec<Value> = (0..policies)
        .map(|number| {
            let name = format!("policy-{number}");
            let statements = 2 + dice.next(4);
            json!({"PolicyName": name, "PolicyId": format!("ANPA{number:016}"), "Arn": arn(&format!("policy/{name}")), "Path": "/",
                "DefaultVersionId": "v1", "AttachmentCount": 1, "PermissionsBoundaryUsageCount": 0, "IsAttachable": true,
                "CreateDate": "2020-01-01T00:00:00+00:00", "UpdateDate": "2020-01-01T00:00:00+00:00",
                "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": true, "CreateDate": "2020-01-01T00:00:00+00:00", "Document": document(&mut dice, statements)}]})
        })
        .collect();
    policy_list.push(json!({"PolicyName": "AdministratorAccess", "PolicyId": "ANPAIWMBCKSKIEE64ZLYK", "Arn": "arn:aws:iam::aws:policy/AdministratorAccess",
        "Path": "/", "DefaultVersionId": "v1", "AttachmentCount": 2, "PermissionsBoundaryUsageCount": 0, "IsAttachable": true,
        "CreateDate": "2015-02-06T18:39:46+00:00", "UpdateDate": "2015-02-06T18:39:46+00:00",
        "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": true, "CreateDate": "2015-02-06T18:39:46+00:00",
            "Document": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}}]}));
    json!({"UserDetailList": user_list, "GroupDetailList": group_list, "RoleDetailList": role_list, "Policies": policy_list})
}
