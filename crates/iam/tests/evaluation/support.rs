//! Cases in short form.

use serde_json::{Value, json};

pub const ALICE: &str = "arn:aws:iam::111122223333:user/alice";
pub const ROLE: &str = "arn:aws:iam::111122223333:role/app/web";
pub const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/web/s1";
pub const ROOT: &str = "arn:aws:iam::111122223333:root";
pub const OBJECT: &str = "arn:aws:s3:::bucket/key";

/// A case that grows by what matters in it.
#[derive(Clone)]
pub struct Case(Value);

/// `who` gets an object out of a bucket of account 111122223333.
pub fn get(who: &str) -> Case {
    asks(who, "s3:GetObject", OBJECT).account("111122223333")
}

pub fn asks(who: &str, action: &str, resource: &str) -> Case {
    Case(json!({
        "request": {"principal": who, "action": action, "resource": {"arn": resource}, "context": {}, "session": null},
        "policies": {"identity": [], "boundary": null, "session": null, "resource": null, "scp": [], "rcp": [], "vpc_endpoint": null},
        "principal_is_management": false,
        "resource_is_management": false,
    }))
}

/// One statement of the current version.
pub fn statement(statement: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

pub fn allow(action: &str) -> Value {
    statement(json!({"Effect": "Allow", "Action": action, "Resource": "*"}))
}

pub fn deny(action: &str) -> Value {
    statement(json!({"Effect": "Deny", "Action": action, "Resource": "*"}))
}

pub fn allow_to(principal: Value, action: &str) -> Value {
    statement(json!({"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}))
}

pub fn deny_to(principal: Value, action: &str) -> Value {
    statement(json!({"Effect": "Deny", "Principal": principal, "Action": action, "Resource": "*"}))
}

pub fn aws(arn: &str) -> Value {
    json!({"AWS": arn})
}

impl Case {
    pub fn account(mut self, account: &str) -> Self {
        self.0["request"]["resource"]["account"] = account.into();
        self
    }

    pub fn context(mut self, key: &str, values: Value) -> Self {
        self.0["request"]["context"][key] = values;
        self
    }

    pub fn session_told(mut self, session: Value) -> Self {
        self.0["request"]["session"] = session;
        self
    }

    pub fn set(mut self, name: &str, value: Value) -> Self {
        self.0[name] = value;
        self
    }

    fn add(mut self, kind: &str, policy: Value) -> Self {
        let list = &mut self.0["policies"][kind];
        if list.is_null() {
            *list = json!([]);
        }
        let list = list.as_array_mut().unwrap();
        list.push(json!({"name": format!("{kind}-{}", list.len() + 1), "policy": policy}));
        self
    }

    pub fn identity(self, policy: Value) -> Self {
        self.add("identity", policy)
    }

    pub fn boundary(self, policy: Value) -> Self {
        self.add("boundary", policy)
    }

    pub fn session(self, policy: Value) -> Self {
        self.add("session", policy)
    }

    pub fn endpoint(self, policy: Value) -> Self {
        self.add("vpc_endpoint", policy)
    }

    pub fn resource(mut self, policy: Value) -> Self {
        self.0["policies"]["resource"] = json!({"name": "on the resource", "policy": policy});
        self
    }

    pub fn level(mut self, kind: &str, entity: &str, policies: &[Value]) -> Self {
        let policies: Vec<Value> = policies
            .iter()
            .enumerate()
            .map(|(index, policy)| json!({"name": format!("{entity}-{index}"), "policy": policy}))
            .collect();
        self.0["policies"][kind].as_array_mut().unwrap().push(json!({"entity": entity, "policies": policies}));
        self
    }

    pub fn json(&self) -> Value {
        self.0.clone()
    }

    pub fn answer(&self) -> Value {
        serde_json::to_value(keelguard_iam::simulate::run(self.0.to_string().as_bytes()).unwrap()).unwrap()
    }

    pub fn decision(&self) -> String {
        self.answer()["decision"].as_str().unwrap().to_owned()
    }

    /// All reasons, a line each.
    pub fn because(&self) -> String {
        let answer = self.answer();
        let lines: Vec<&str> =
            answer["because"].as_array().unwrap().iter().map(|reason| reason["says"].as_str().unwrap()).collect();
        lines.join("\n")
    }

    #[track_caller]
    fn is(&self, wanted: &str) {
        assert_eq!(self.decision(), wanted, "{:#}\n{}", self.0, self.because());
    }

    #[track_caller]
    pub fn allowed(&self) {
        self.is("allowed");
    }

    #[track_caller]
    pub fn implicitly_denied(&self) {
        self.is("implicit_deny");
    }

    #[track_caller]
    pub fn explicitly_denied(&self) {
        self.is("explicit_deny");
    }
}
