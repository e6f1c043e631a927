//! Policies of resources. Many of the CLI's answers do not say of which resource they are: the user says it
//! (`--facts ARN=FILE`), or the policy itself does, where it speaks of one only.

use serde::Deserialize;
use serde_json::Value;

use super::absorb::Field;
use super::items;
use super::scope::{Reader, Scope};
use crate::facts::account::Part;
use crate::facts::arn::Arn;
use crate::facts::lenient::or_default;
use crate::facts::{Document, PublicAccessBlock, ResourcePolicy};

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Bucket {
    #[serde(deserialize_with = "or_default")]
    name: String,
}

/// What queues and topics answer with.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Attributes {
    queue_arn: Option<String>,
    topic_arn: Option<String>,
    policy: Option<Document>,
}

pub(super) fn absorb(reader: &mut Reader, scope: &mut Scope, field: &Field<'_, '_>) -> bool {
    let (name, gaps) = (scope.name.clone(), &mut reader.gaps);
    match field.key {
        "ResourcePolicies" => {
            scope.mark(Part::Resources);
            for policy in items::items::<ResourcePolicy>(field.key, field.raw, &name, gaps) {
                put(reader, scope, policy);
            }
        }
        "Buckets" if field.raw.get().contains("\"Name\"") || field.raw.get().len() < 3 => {
            scope.mark(Part::Buckets);
            for bucket in items::items::<Bucket>(field.key, field.raw, &name, gaps) {
                scope.rest.buckets.insert(bucket.name);
            }
        }
        "Attributes" if field.raw.get().contains("QueueArn") || field.raw.get().contains("TopicArn") => {
            if let Some(found) = items::item::<Attributes>(field.key, field.raw, &name, gaps) {
                let arn = found.queue_arn.or(found.topic_arn).unwrap_or_default();
                put(reader, scope, ResourcePolicy { arn, policy: found.policy, ..ResourcePolicy::default() });
            }
        }
        "policyText" => {
            let arn = scope.about.clone().or_else(|| repository(scope, field));
            named(reader, scope, field, arn);
        }
        "ResourcePolicy" => named(reader, scope, field, field.object.text("ARN").or_else(|| scope.about.clone())),
        "Policy" if field.raw.get().contains("\"Arn\"") && !field.raw.get().contains("Statement") => {
            // aws iam get-policy: what it is called, not what it says.
            gaps.add(format!("{name}: Policy"), "it has no document: aws iam get-account-authorization-details has");
        }
        "Policy" | "policy" if field.object.get("PolicySummary").is_none() => {
            let arn = field.object.text("Arn").or_else(|| field.object.text("ResourceArn"));
            let arn = arn.or_else(|| field.object.text("Bucket").map(|bucket| format!("arn:aws:s3:::{bucket}")));
            let arn = arn.or_else(|| scope.about.clone());
            let arn = arn.or_else(|| document(field).and_then(|document| only_resource(&document)));
            named(reader, scope, field, arn);
        }
        "PublicAccessBlockConfiguration" => {
            let block: Option<PublicAccessBlock> = items::item(field.key, field.raw, &name, gaps);
            let of = scope
                .about
                .clone()
                .or_else(|| field.object.text("Bucket").map(|bucket| format!("arn:aws:s3:::{bucket}")));
            // Beside an account's principals it is the account's.
            let beside = ["UserDetailList", "RoleDetailList"].iter().any(|key| field.object.get(key).is_some());
            match of.or_else(|| scope.account.clone()).or_else(|| beside.then(String::new)) {
                Some(of) => scope.rest.loose.access_blocks.extend(block.map(|block| (of, block))),
                None => gaps.add(format!("{name}: {}", field.key), of_what("arn:aws:s3:::BUCKET")),
            }
        }
        _ => return false,
    }
    true
}

fn of_what(example: &str) -> String {
    format!("it does not say of what it is; give it as --facts ARN=FILE, such as --facts {example}=FILE")
}

fn document(field: &Field<'_, '_>) -> Option<Document> {
    serde_json::from_str::<Option<Document>>(field.raw.get()).ok().flatten()
}

/// A policy of the resource `arn`.
fn named(reader: &mut Reader, scope: &mut Scope, field: &Field<'_, '_>, arn: Option<String>) {
    let policy = document(field);
    match arn {
        Some(arn) => put(reader, scope, ResourcePolicy { arn, policy, ..ResourcePolicy::default() }),
        None => reader.gaps.add(format!("{}: {}", scope.name, field.key), of_what("arn:aws:kms:…:key/…")),
    }
}

fn put(reader: &mut Reader, scope: &mut Scope, policy: ResourcePolicy) {
    scope.known = true;
    let whose = policy.account_id.clone().unwrap_or_else(|| policy.arn.clone());
    reader.home(scope, &whose).resources.push(policy);
}

/// ECR names its registry, which is the account, and the repository.
fn repository(scope: &Scope, field: &Field<'_, '_>) -> Option<String> {
    let (registry, repository) = (field.object.text("registryId")?, field.object.text("repositoryName")?);
    let region = scope.region.as_deref()?;
    Some(format!("arn:aws:ecr:{region}:{registry}:repository/{repository}"))
}

/// The one bucket or function of which a policy speaks.
fn only_resource(document: &Document) -> Option<String> {
    let value: Value = serde_json::from_str(document.text()).ok()?;
    let statements = match value.get("Statement")? {
        Value::Array(list) => list.iter().collect(),
        one => vec![one],
    };
    let mut only: Option<String> = None;
    for statement in statements {
        let resources = match statement.get("Resource")? {
            Value::Array(list) => list.iter().collect(),
            one => vec![one],
        };
        for resource in resources {
            let arn = Arn::parse(resource.as_str()?)?;
            let whole = match arn.service {
                "s3" => format!("arn:{}:s3:::{}", arn.partition, arn.resource.split('/').next()?),
                "lambda" => {
                    let name = arn.resource.strip_prefix("function:")?.split(':').next()?;
                    format!("arn:{}:lambda:{}:{}:function:{name}", arn.partition, arn.region, arn.account)
                }
                _ => return None,
            };
            if whole.contains(['*', '?', '$']) || only.as_ref().is_some_and(|only| *only != whole) {
                return None;
            }
            only = Some(whole);
        }
    }
    only
}
