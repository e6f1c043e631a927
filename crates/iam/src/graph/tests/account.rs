//! Accounts as facts, small ones.

use serde_json::{Value, json};

use crate::facts::{Facts, Input};
use crate::graph::Graph;

pub(super) const ACCOUNT: &str = "111122223333";

pub(super) fn arn(kind_and_name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{kind_and_name}")
}

/// An account in the making: the top-level keys of a facts file.
#[derive(Clone, Debug)]
pub(super) struct Lab(pub(super) Value);

impl Lab {
    pub(super) fn new() -> Self {
        Self(
            json!({"AccountId": ACCOUNT, "UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}),
        )
    }

    pub(super) fn push(mut self, key: &str, value: Value) -> Self {
        match &mut self.0[key] {
            Value::Array(list) => list.push(value),
            none => *none = json!([value]),
        }
        self
    }

    /// A user with inline statements.
    pub(super) fn user(self, name: &str, statements: &Value) -> Self {
        self.user_with(name, statements, &json!({}))
    }

    pub(super) fn user_with(self, name: &str, statements: &Value, more: &Value) -> Self {
        let mut user = json!({"UserName": name, "Arn": arn(&format!("user/{name}")), "Path": "/", "UserId": "AIDAX",
            "UserPolicyList": [{"PolicyName": "inline", "PolicyDocument": document(statements)}]});
        merge(&mut user, more);
        self.push("UserDetailList", user)
    }

    pub(super) fn role(self, name: &str, trust: &Value, statements: &Value) -> Self {
        self.role_with(name, trust, statements, &json!({}))
    }

    pub(super) fn role_with(self, name: &str, trust: &Value, statements: &Value, more: &Value) -> Self {
        let mut role = json!({"RoleName": name, "Arn": arn(&format!("role/{name}")), "Path": "/", "RoleId": "AROAX",
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": trust},
            "RolePolicyList": [{"PolicyName": "inline", "PolicyDocument": document(statements)}]});
        merge(&mut role, more);
        self.push("RoleDetailList", role)
    }

    /// A role that allows everything, in an instance profile of its name.
    pub(super) fn admin(self, name: &str, trust: &Value) -> Self {
        let profile = json!({"InstanceProfileName": name, "Arn": arn(&format!("instance-profile/{name}")),
            "Roles": [{"RoleName": name, "Arn": arn(&format!("role/{name}"))}]});
        self.role_with(name, trust, &everything(), &json!({"InstanceProfileList": [profile]}))
    }

    pub(super) fn group(self, name: &str, statements: &Value) -> Self {
        self.push(
            "GroupDetailList",
            json!({"GroupName": name, "Arn": arn(&format!("group/{name}")), "Path": "/",
                "GroupPolicyList": [{"PolicyName": "inline", "PolicyDocument": document(statements)}]}),
        )
    }

    /// A customer's managed policy.
    pub(super) fn policy(self, name: &str, statements: &Value) -> Self {
        self.push(
            "Policies",
            json!({"PolicyName": name, "Arn": arn(&format!("policy/{name}")), "DefaultVersionId": "v1",
                "PolicyVersionList": [{"VersionId": "v1", "IsDefaultVersion": true, "Document": document(statements)}]}),
        )
    }

    pub(super) fn facts(&self) -> Facts {
        Facts::read(&[Input::new("lab.json", self.0.to_string().as_bytes())]).unwrap()
    }

    /// What `name` (`user/eve`) can do first: the ids of all first steps to administrator, those sure and those not.
    pub(super) fn ways(&self, name: &str) -> Vec<&'static str> {
        let facts = self.facts();
        let graph = Graph::of(&facts);
        let mut ids = Vec::new();
        for escalation in graph.escalations().iter().filter(|one| one.subjects.contains(&arn(name))) {
            ids.extend(escalation.steps.first().map(|hop| hop.method.id));
            ids.extend(escalation.others.iter().map(|other| other.method.id));
        }
        ids
    }
}

pub(super) fn document(statements: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

pub(super) fn allow(action: &str, resource: &str) -> Value {
    json!([{"Effect": "Allow", "Action": action, "Resource": resource}])
}

pub(super) fn everything() -> Value {
    allow("*", "*")
}

/// A trust policy's statement for a service.
pub(super) fn service(name: &str) -> Value {
    let action = if name.starts_with("cognito") { "sts:AssumeRoleWithWebIdentity" } else { "sts:AssumeRole" };
    let kind = if name.starts_with("cognito") { "Federated" } else { "Service" };
    json!([{"Effect": "Allow", "Principal": {kind: name}, "Action": action}])
}

/// One for users, roles or accounts.
pub(super) fn aws(who: &str) -> Value {
    json!([{"Effect": "Allow", "Principal": {"AWS": who}, "Action": "sts:AssumeRole"}])
}

fn merge(into: &mut Value, more: &Value) {
    for (key, value) in more.as_object().into_iter().flatten() {
        into[key] = value.clone();
    }
}
