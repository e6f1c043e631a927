//! On what something was done, by the request's parameters: where events do not name resources, or name fewer.

use serde_json::Value;

/// Where it was done.
pub(super) struct Place<'a> {
    pub(super) region: &'a str,
    pub(super) account: &'a str,
}

/// Parameters with a name, and the ARN that it stands for.
const NAMES: &[(&str, &str, &str)] = &[
    ("lambda", "functionName", "arn:aws:lambda:{region}:{account}:function:{name}"),
    ("dynamodb", "tableName", "arn:aws:dynamodb:{region}:{account}:table/{name}"),
    ("sns", "topicArn", "{name}"),
    ("secretsmanager", "secretId", "arn:aws:secretsmanager:{region}:{account}:secret:{name}"),
    ("sts", "roleArn", "{name}"),
    ("iam", "policyArn", "{name}"),
    ("iam", "roleName", "arn:aws:iam::{account}:role/{name}"),
    ("iam", "userName", "arn:aws:iam::{account}:user/{name}"),
    ("iam", "groupName", "arn:aws:iam::{account}:group/{name}"),
    ("kms", "keyId", "arn:aws:kms:{region}:{account}:key/{name}"),
    ("ecr", "repositoryName", "arn:aws:ecr:{region}:{account}:repository/{name}"),
    ("logs", "logGroupName", "arn:aws:logs:{region}:{account}:log-group:{name}:*"),
    ("kinesis", "streamName", "arn:aws:kinesis:{region}:{account}:stream/{name}"),
    ("states", "stateMachineArn", "{name}"),
    ("codebuild", "projectName", "arn:aws:codebuild:{region}:{account}:project/{name}"),
    ("ecs", "cluster", "arn:aws:ecs:{region}:{account}:cluster/{name}"),
];

/// The resources of an action, as ARNs; none where the request does not tell.
pub(super) fn of(action: &str, request: &Value, place: &Place<'_>) -> Vec<String> {
    let (service, name) = action.split_once(':').unwrap_or_default();
    let text = |key: &str| request.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    match service {
        "s3" => {
            let Some(bucket) = text("bucketName") else { return Vec::new() };
            let on_object =
                name.contains("Object") && !name.contains("BucketObject") || name == "ListMultipartUploadParts";
            match text("key").filter(|_| on_object) {
                Some(key) => vec![format!("arn:aws:s3:::{bucket}/{key}")],
                // Which objects, of several, the event does not say.
                None if on_object => vec![format!("arn:aws:s3:::{bucket}/*")],
                None => vec![format!("arn:aws:s3:::{bucket}")],
            }
        }
        "sqs" => {
            let url = text("queueUrl").unwrap_or_default();
            let mut parts = url.rsplit('/');
            match (parts.next(), parts.next()) {
                (Some(queue), Some(account)) => vec![format!("arn:aws:sqs:{}:{account}:{queue}", place.region)],
                _ => Vec::new(),
            }
        }
        _ => {
            let known = NAMES.iter().filter(|(of, ..)| *of == service);
            known
                .filter_map(|(_, key, form)| {
                    let name = text(key)?;
                    if name.starts_with("arn:") {
                        return Some(name.to_owned());
                    }
                    let whole = !form.contains("{name}") || *form == "{name}";
                    (!whole && !place.account.is_empty()).then(|| {
                        form.replace("{region}", place.region)
                            .replace("{account}", place.account)
                            .replace("{name}", name)
                    })
                })
                .collect()
        }
    }
}

/// Parameters that pass a role.
const PASSING: &[&str] = &[
    "role",
    "roleArn",
    "roleARN",
    "taskRoleArn",
    "executionRoleArn",
    "serviceRole",
    "serviceRoleArn",
    "jobRole",
    "iamRoleArn",
    "instanceRoleArn",
    "nodeRole",
    "jobFlowRole",
    "autoScalingRole",
    "administrationRoleARN",
    "workRole",
];

/// Roles that were passed with the call, by their ARNs.
pub(super) fn passed(event: &str, request: &Value) -> Vec<String> {
    let passing =
        ["Create", "Run", "Register", "Update", "Put", "Start", "Request", "Associate", "Replace", "Add", "Submit"];
    // Assuming and associating roles with themselves is something else.
    if event.starts_with("AssumeRole") || !passing.iter().any(|begin| event.starts_with(begin)) {
        return Vec::new();
    }
    let mut found = Vec::new();
    walk(request, 0, &mut found);
    found.sort_unstable();
    found.dedup();
    found
}

fn walk(value: &Value, depth: usize, found: &mut Vec<String>) {
    if depth > 8 || found.len() > 50 {
        return;
    }
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                match value.as_str() {
                    Some(text) if PASSING.contains(&key.as_str()) && text.contains(":role/") => {
                        found.push(text.to_owned());
                    }
                    _ => walk(value, depth + 1, found),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| walk(value, depth + 1, found)),
        _ => {}
    }
}
