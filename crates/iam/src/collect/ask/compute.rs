//! Instances and functions of one region.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::collect::client::in_path;
use crate::collect::failure::Failure;
use crate::collect::service::{EC2, LAMBDA};
use crate::collect::session::{List, Session, each};

fn pages(operation: &'static str, items: &'static str) -> List<'static> {
    List { service: &EC2, operation, items, token_in: "NextToken", token_out: "/NextToken" }
}

pub(super) async fn ask(session: Arc<Session>, region: String) {
    let templates = json!({"LaunchTemplateVersion": ["$Default", "$Latest"]});
    let calls = vec![
        ("DescribeInstances", "/Reservations", "Reservations", json!({"MaxResults": 1000})),
        ("DescribeSecurityGroups", "/SecurityGroups", "SecurityGroups", Value::Null),
        ("DescribeLaunchTemplateVersions", "/LaunchTemplateVersions", "LaunchTemplateVersions", templates),
        ("DescribeVpcEndpoints", "/VpcEndpoints", "VpcEndpoints", Value::Null),
    ];
    each(calls, |(operation, items, key, parameters)| {
        let (session, region) = (Arc::clone(&session), region.clone());
        async move {
            match session.list_or(&region, &pages(operation, items), parameters).await {
                Ok(items) => session.emit(Some(&region), json!({ key: items })),
                Err((items, failure)) => {
                    session.gap(&format!("ec2 {operation}"), Some(&region), &failure);
                    if !items.is_empty() {
                        session.emit(Some(&region), json!({ key: items }));
                    }
                }
            }
        }
    })
    .await;
}

/// Functions, and who may call each.
pub(super) async fn functions(session: Arc<Session>, region: String) {
    let list = List {
        service: &LAMBDA,
        operation: "GET /2015-03-31/functions/",
        items: "/Functions",
        token_in: "Marker",
        token_out: "/NextMarker",
    };
    let functions = match session.list_or(&region, &list, Value::Null).await {
        Ok(functions) => functions,
        Err((functions, failure)) => {
            session.gap("lambda ListFunctions", Some(&region), &failure);
            functions
        }
    };
    if functions.is_empty() {
        session.emit(Some(&region), json!({"Functions": []}));
        return;
    }
    let arns = functions.iter().filter_map(|one| one.get("FunctionArn")?.as_str().map(str::to_owned)).collect();
    session.emit(Some(&region), json!({"Functions": functions}));
    each(arns, |arn: String| {
        let (session, region) = (Arc::clone(&session), region.clone());
        async move {
            let operation = format!("GET /2015-03-31/functions/{}/policy", in_path(&arn));
            match session.client.call(&LAMBDA, &region, &operation, &Value::Null).await {
                Ok(answer) => session
                    .emit(Some(&region), json!({"ResourcePolicies": [{"Arn": arn, "Policy": answer.get("Policy")}]})),
                Err(Failure::Missing(_)) => {
                    session.emit(Some(&region), json!({"ResourcePolicies": [{"Arn": arn}]}));
                }
                Err(failure) => session.gap("lambda GetPolicy", Some(&region), &failure),
            }
        }
    })
    .await;
}
