//! What else runs with a role, as far as its services are asked.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::collect::client::in_path;
use crate::collect::service::{
    ANALYZER, APPRUNNER, BATCH, CLOUDFORMATION, CODEBUILD, COGNITO, EKS, GLUE, SAGEMAKER, SSO_ADMIN, STATES,
};
use crate::collect::session::{List, Session, each};

const fn list(
    service: &'static crate::collect::service::Service,
    operation: &'static str,
    items: &'static str,
    token_in: &'static str,
    token_out: &'static str,
) -> List {
    List { service, operation, items, token_in, token_out }
}

/// What a list tells all about.
pub(super) async fn lists(session: Arc<Session>, region: String) {
    let calls = vec![
        (list(&GLUE, "GetJobs", "/Jobs", "NextToken", "/NextToken"), "Jobs", Value::Null),
        (list(&GLUE, "GetDevEndpoints", "/DevEndpoints", "NextToken", "/NextToken"), "DevEndpoints", Value::Null),
        (list(&CLOUDFORMATION, "DescribeStacks", "/Stacks", "NextToken", "/NextToken"), "Stacks", Value::Null),
        (
            list(&BATCH, "POST /v1/describejobdefinitions", "/jobDefinitions", "nextToken", "/nextToken"),
            "jobDefinitions",
            json!({"status": "ACTIVE"}),
        ),
        (
            list(&BATCH, "POST /v1/describecomputeenvironments", "/computeEnvironments", "nextToken", "/nextToken"),
            "computeEnvironments",
            json!({}),
        ),
        (list(&ANALYZER, "GET /analyzer", "/analyzers", "nextToken", "/nextToken"), "analyzers", Value::Null),
    ];
    each(calls, |(list, key, parameters)| {
        let (session, region) = (Arc::clone(&session), region.clone());
        async move {
            match session.list_or(&region, &list, parameters).await {
                Ok(items) => session.emit(Some(&region), json!({ key: items })),
                Err((_, failure)) => {
                    session.gap(&format!("{} {}", list.service.name, list.operation), Some(&region), &failure);
                }
            }
        }
    })
    .await;
}

/// What is listed by name and described one by one.
pub(super) async fn described(session: Arc<Session>, region: String) {
    let projects = list(&CODEBUILD, "ListProjects", "/projects", "nextToken", "/nextToken");
    let names = texts(&session.list(&region, &projects, Value::Null).await, "");
    let chunks: Vec<Vec<String>> = names.chunks(100).map(<[String]>::to_vec).collect();
    each(chunks, |names| {
        let (session, region) = (Arc::clone(&session), region.clone());
        async move {
            let answer = session.one(&CODEBUILD, &region, "BatchGetProjects", json!({"names": names})).await;
            if let Some(answer) = answer {
                session.emit(Some(&region), json!({"projects": answer.get("projects")}));
            }
        }
    })
    .await;

    let notebooks = list(&SAGEMAKER, "ListNotebookInstances", "/NotebookInstances", "NextToken", "/NextToken");
    let names = texts(&session.list(&region, &notebooks, Value::Null).await, "NotebookInstanceName");
    each(names, |name| {
        let (session, region) = (Arc::clone(&session), region.clone());
        async move {
            let of = json!({"NotebookInstanceName": name});
            if let Some(answer) = session.one(&SAGEMAKER, &region, "DescribeNotebookInstance", of).await {
                session.emit(Some(&region), json!({"NotebookInstances": [answer]}));
            }
        }
    })
    .await;

    let machines = list(&STATES, "ListStateMachines", "/stateMachines", "nextToken", "/nextToken");
    let arns = texts(&session.list(&region, &machines, Value::Null).await, "stateMachineArn");
    each(arns, |arn| {
        let (session, region) = (Arc::clone(&session), region.clone());
        async move {
            let of = json!({"stateMachineArn": arn});
            if let Some(answer) = session.one(&STATES, &region, "DescribeStateMachine", of).await {
                session.emit(Some(&region), json!({"stateMachines": [answer]}));
            }
        }
    })
    .await;

    let services = list(&APPRUNNER, "ListServices", "/ServiceSummaryList", "NextToken", "/NextToken");
    let arns = texts(&session.list(&region, &services, Value::Null).await, "ServiceArn");
    each(arns, |arn| {
        let (session, region) = (Arc::clone(&session), region.clone());
        async move {
            let answer = session.one(&APPRUNNER, &region, "DescribeService", json!({"ServiceArn": arn})).await;
            if let Some(answer) = answer {
                session.emit(Some(&region), json!({"AppRunnerServices": [answer.get("Service")]}));
            }
        }
    })
    .await;

    let clusters = list(&EKS, "GET /clusters", "/clusters", "nextToken", "/nextToken");
    let names = texts(&session.list(&region, &clusters, Value::Null).await, "");
    each(names, |name| {
        let (session, region) = (Arc::clone(&session), region.clone());
        async move {
            let operation = format!("GET /clusters/{}", in_path(&name));
            if let Some(answer) = session.one(&EKS, &region, &operation, Value::Null).await {
                session.emit(Some(&region), json!({"eksClusters": [answer.get("cluster")]}));
            }
        }
    })
    .await;
}

/// Identity pools, and which roles they give.
pub(super) async fn identity_pools(session: Arc<Session>, region: String) {
    let pools = list(&COGNITO, "ListIdentityPools", "/IdentityPools", "NextToken", "/NextToken");
    let ids = texts(&session.list(&region, &pools, json!({"MaxResults": 60})).await, "IdentityPoolId");
    each(ids, |id| {
        let (session, region) = (Arc::clone(&session), region.clone());
        async move {
            let of = json!({"IdentityPoolId": id});
            let pool = session.one(&COGNITO, &region, "DescribeIdentityPool", of.clone()).await;
            let roles = session.one(&COGNITO, &region, "GetIdentityPoolRoles", of).await;
            if let Some(Value::Object(mut pool)) = pool {
                let roles = roles.as_ref().and_then(|answer| answer.get("Roles")).cloned();
                pool.insert("Roles".to_owned(), roles.unwrap_or_else(|| json!({})));
                session.emit(Some(&region), json!({"IdentityPools": [pool]}));
            }
        }
    })
    .await;
}

/// Permission sets of IAM Identity Center, where this account manages it.
pub(super) async fn permission_sets(session: Arc<Session>, home: String) {
    let instances = list(&SSO_ADMIN, "ListInstances", "/Instances", "NextToken", "/NextToken");
    for instance in texts(&session.list(&home, &instances, Value::Null).await, "InstanceArn") {
        let sets = list(&SSO_ADMIN, "ListPermissionSets", "/PermissionSets", "NextToken", "/NextToken");
        let sets = texts(&session.list(&home, &sets, json!({"InstanceArn": instance})).await, "");
        each(sets, |set| {
            let (session, home) = (Arc::clone(&session), home.clone());
            let of = json!({"InstanceArn": instance, "PermissionSetArn": set});
            async move {
                let pages = |operation, items| list(&SSO_ADMIN, operation, items, "NextToken", "/NextToken");
                let told = session.one(&SSO_ADMIN, &home, "DescribePermissionSet", of.clone()).await;
                let inline = session.one(&SSO_ADMIN, &home, "GetInlinePolicyForPermissionSet", of.clone()).await;
                let inline = inline.as_ref().and_then(|answer| answer.get("InlinePolicy")?.as_str());
                let managed = pages("ListManagedPoliciesInPermissionSet", "/AttachedManagedPolicies");
                let managed = session.list(&home, &managed, of.clone()).await;
                let managed: Vec<Value> = managed
                    .iter()
                    .map(|one| json!({"PolicyName": one.get("Name"), "PolicyArn": one.get("Arn")}))
                    .collect();
                let accounts = pages("ListAccountsForProvisionedPermissionSet", "/AccountIds");
                let accounts = session.list(&home, &accounts, of).await;
                let name = told.as_ref().and_then(|answer| answer.pointer("/PermissionSet/Name"));
                session.emit(
                    None,
                    json!({"PermissionSets": [{
                        "PermissionSetArn": set, "Name": name, "AttachedManagedPolicies": managed, "Accounts": accounts,
                        "InlinePolicy": inline.filter(|text| !text.is_empty()),
                    }]}),
                );
            }
        })
        .await;
    }
}

/// The texts in a list, or at `key` of what is in it.
fn texts(list: &[Value], key: &str) -> Vec<String> {
    let of = |value: &Value| {
        if key.is_empty() { value.as_str().map(str::to_owned) } else { value.get(key)?.as_str().map(str::to_owned) }
    };
    list.iter().filter_map(of).collect()
}
