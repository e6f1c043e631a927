//! What else runs with a role, as far as its services are asked.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::collect::service::{ACM, ANALYZER, BATCH, CLOUDFORMATION, CODEBUILD, CODEDEPLOY, COGNITO, GLUE, SSO_ADMIN};
use crate::collect::session::{List, Session, each};

const fn list(
    service: &'static crate::collect::service::Service,
    operation: &'static str,
    items: &'static str,
    token_in: &'static str,
    token_out: &'static str,
) -> List<'static> {
    List { service, operation, items, token_in, token_out }
}

/// Every kind of key that a certificate may have.
const KEY_TYPES: [&str; 7] =
    ["RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"];

/// What a list tells all about.
pub(super) async fn lists(session: Arc<Session>, region: String) {
    let calls = vec![
        (list(&GLUE, "GetJobs", "/Jobs", "NextToken", "/NextToken"), "Jobs", Value::Null),
        (list(&GLUE, "GetDevEndpoints", "/DevEndpoints", "NextToken", "/NextToken"), "DevEndpoints", Value::Null),
        (list(&GLUE, "ListSessions", "/Sessions", "NextToken", "/NextToken"), "Sessions", Value::Null),
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
        (
            list(&ACM, "ListCertificates", "/CertificateSummaryList", "NextToken", "/NextToken"),
            "CertificateSummaryList",
            // Without this AWS leaves out all but those of RSA with 2048 bits.
            json!({"Includes": {"keyTypes": KEY_TYPES}}),
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
    let names = session.looked(&region, &projects, Value::Null, "projects", "ListProjects").await;
    let names = texts(&names, "");
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

    let applications = list(&CODEDEPLOY, "ListApplications", "/applications", "nextToken", "/nextToken");
    let key = "deploymentGroupsInfo";
    let names = session.looked(&region, &applications, Value::Null, key, "ListApplications").await;
    each(texts(&names, ""), |application| deployment_groups(Arc::clone(&session), region.clone(), application)).await;
}

/// To which instances an application is deployed.
async fn deployment_groups(session: Arc<Session>, region: String, application: String) {
    let groups = list(&CODEDEPLOY, "ListDeploymentGroups", "/deploymentGroups", "nextToken", "/nextToken");
    let names = session.list(&region, &groups, json!({"applicationName": application})).await;
    each(texts(&names, ""), |name| {
        let (session, region) = (Arc::clone(&session), region.clone());
        let of = json!({"applicationName": application, "deploymentGroupName": name});
        async move {
            if let Some(answer) = session.one(&CODEDEPLOY, &region, "GetDeploymentGroup", of).await {
                session.emit(Some(&region), json!({"deploymentGroupsInfo": [answer.get("deploymentGroupInfo")]}));
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
pub(super) fn texts(list: &[Value], key: &str) -> Vec<String> {
    let of = |value: &Value| {
        if key.is_empty() { value.as_str().map(str::to_owned) } else { value.get(key)?.as_str().map(str::to_owned) }
    };
    list.iter().filter_map(of).collect()
}
