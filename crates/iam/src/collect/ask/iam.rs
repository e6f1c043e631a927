//! IAM itself: principals and policies, credentials, settings of the account.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Duration, Instant};

use crate::collect::failure::Failure;
use crate::collect::service::IAM;
use crate::collect::session::{List, Session, each};

/// One kind of what `GetAccountAuthorizationDetails` tells: its filters, its key, and the list to fall back to.
struct Detail {
    filters: &'static [&'static str],
    key: &'static str,
    items: &'static str,
    fallback: Option<(&'static str, &'static str, &'static str)>,
}

const DETAILS: [Detail; 4] = [
    Detail {
        filters: &["User"],
        key: "UserDetailList",
        items: "/UserDetailList",
        fallback: Some(("ListUsers", "/Users", "Users")),
    },
    Detail {
        filters: &["Role"],
        key: "RoleDetailList",
        items: "/RoleDetailList",
        fallback: Some(("ListRoles", "/Roles", "Roles")),
    },
    Detail {
        filters: &["Group"],
        key: "GroupDetailList",
        items: "/GroupDetailList",
        fallback: Some(("ListGroups", "/Groups", "Groups")),
    },
    Detail {
        filters: &["LocalManagedPolicy", "AWSManagedPolicy"],
        key: "Policies",
        items: "/Policies",
        fallback: None,
    },
];

fn pages(operation: &'static str, items: &'static str) -> List<'static> {
    List { service: &IAM, operation, items, token_in: "Marker", token_out: "/Marker" }
}

/// Users, groups, roles and policies, each in a list of its own at the same time; then what belongs to single users.
pub(super) async fn details(session: Arc<Session>, home: String) {
    let mut asking = JoinSet::new();
    for detail in DETAILS {
        let (session, home) = (Arc::clone(&session), home.clone());
        asking.spawn(async move { of_kind(&session, &home, &detail).await });
    }
    let report = {
        let (session, home) = (Arc::clone(&session), home.clone());
        tokio::spawn(async move { credential_report(&session, &home).await })
    };
    let mut principals = Vec::new();
    while let Some(joined) = asking.join_next().await {
        principals.extend(joined.unwrap_or_default());
    }
    let has_report = report.await.unwrap_or_default();
    let users = principals.iter().filter(|(kind, ..)| *kind == "UserDetailList");
    let users: Vec<String> = users.map(|(_, name, _)| name.clone()).collect();
    let asked = Arc::clone(&session);
    let place = home.clone();
    each(users, move |name| of_user(Arc::clone(&asked), place.clone(), name, has_report)).await;
    if session.last_accessed {
        let arns = principals.into_iter().map(|(_, _, arn)| arn).filter(|arn| !arn.contains("/aws-service-role/"));
        each(arns.collect(), move |arn| last_accessed(Arc::clone(&session), home.clone(), arn)).await;
    }
}

/// Kind, name and ARN of what came.
async fn of_kind(session: &Session, home: &str, detail: &Detail) -> Vec<(&'static str, String, String)> {
    let list = pages("GetAccountAuthorizationDetails", detail.items);
    let answer = session.list_or(home, &list, json!({"Filter": detail.filters, "MaxItems": "1000"})).await;
    let (items, failure) = match answer {
        Ok(items) => (items, None),
        Err((items, failure)) => (items, Some(failure)),
    };
    let text = |item: &Value, key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let name_key = match detail.key {
        "UserDetailList" => "UserName",
        "RoleDetailList" => "RoleName",
        _ => "GroupName",
    };
    let found = items.iter().map(|item| (detail.key, text(item, name_key), text(item, "Arn")));
    let found: Vec<_> = found.filter(|_| detail.key != "Policies").collect();
    let nothing = items.is_empty() && failure.is_some();
    if !nothing {
        session.emit(None, json!({ detail.key: items }));
    }
    let Some(failure) = failure else { return found };
    session.gap(&format!("iam GetAccountAuthorizationDetails, {}", detail.key), None, &failure);
    if let (Some((operation, items, key)), Failure::Denied(_), true) = (detail.fallback, &failure, nothing) {
        // At least who there is, and who may become it.
        let listed = session.list(home, &pages(operation, items), Value::Null).await;
        if !listed.is_empty() {
            session.emit(None, json!({ key: listed }));
        }
    }
    found
}

/// Whether it came.
async fn credential_report(session: &Session, home: &str) -> bool {
    const PAUSE: Duration = Duration::from_millis(250);
    let until = Instant::now() + session.limits.patience.min(Duration::from_mins(1));
    loop {
        // Asked first: a report of the last four hours is given again.
        match session.client.call(&IAM, home, "GenerateCredentialReport", &Value::Null).await {
            Ok(answer) if answer.get("State").and_then(Value::as_str) == Some("COMPLETE") => {}
            Ok(_) if Instant::now() < until => {
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            Ok(_) => {
                let why = "AWS was not done writing it within a minute; try again";
                session.gap("iam credential report", None, &Failure::Other(why.into()));
                return false;
            }
            // Somebody else's report may still be read.
            Err(failure @ Failure::Denied(_)) => session.gap("iam GenerateCredentialReport", None, &failure),
            Err(failure) => {
                session.gap("iam credential report", None, &failure);
                return false;
            }
        }
        match session.client.call(&IAM, home, "GetCredentialReport", &Value::Null).await {
            Ok(answer) => {
                session.emit(None, json!({"Content": answer.get("Content")}));
                return true;
            }
            Err(failure) => {
                session.gap("iam credential report", None, &failure);
                return false;
            }
        }
    }
}

/// A user's keys; where there is no credential report, the second factors and the password, too.
async fn of_user(session: Arc<Session>, home: String, name: String, has_report: bool) {
    let of = json!({"UserName": name});
    let keys = session.list_or(&home, &pages("ListAccessKeys", "/AccessKeyMetadata"), of.clone()).await;
    match keys {
        Ok(keys) => session.emit(None, json!({"AccessKeyMetadata": keys, "UserName": name})),
        Err((_, failure)) => session.gap("iam ListAccessKeys", None, &failure),
    }
    if has_report {
        return;
    }
    match session.list_or(&home, &pages("ListMFADevices", "/MFADevices"), of.clone()).await {
        Ok(devices) => session.emit(None, json!({"MFADevices": devices, "UserName": name})),
        Err((_, failure)) => session.gap("iam ListMFADevices", None, &failure),
    }
    match session.client.call(&IAM, &home, "GetLoginProfile", &of).await {
        Ok(_) => session.emit(None, json!({"LoginProfile": {"UserName": name}})),
        Err(Failure::Missing(_)) => session.emit(None, json!({"LoginProfile": {"UserName": name, "Exists": false}})),
        Err(failure) => session.gap("iam GetLoginProfile", None, &failure),
    }
}

/// Which services a principal has used, and which of their actions where AWS keeps track of these.
async fn last_accessed(session: Arc<Session>, home: String, arn: String) {
    const PAUSE: Duration = Duration::from_millis(200);
    let operation = "GenerateServiceLastAccessedDetails";
    let single = json!({"Arn": arn, "Granularity": "ACTION_LEVEL"});
    let job = match session.client.call(&IAM, &home, operation, &single).await {
        // Not every principal and not every partition has that.
        Err(Failure::Other(_)) => session.one(&IAM, &home, operation, json!({"Arn": arn})).await,
        Err(Failure::Missing(_)) => None,
        Err(failure) => {
            session.gap(&format!("iam {operation}"), None, &failure);
            None
        }
        Ok(job) => Some(job),
    };
    let job = job.as_ref().and_then(|answer| answer.get("JobId")?.as_str()).unwrap_or_default().to_owned();
    if job.is_empty() {
        return;
    }
    let until = Instant::now() + session.limits.patience;
    let mut services = Vec::new();
    let mut parameters = json!({"JobId": job});
    loop {
        let answer = session.one(&IAM, &home, "GetServiceLastAccessedDetails", parameters.clone()).await;
        let Some(mut answer) = answer else { return };
        match answer.get("JobStatus").and_then(Value::as_str) {
            Some("IN_PROGRESS") if Instant::now() < until => {
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            Some("COMPLETED") => {}
            _ => {
                let why = "AWS did not finish looking it up";
                session.gap(&format!("services last accessed by {arn}"), None, &Failure::Other(why.into()));
                return;
            }
        }
        if let Some(Value::Array(came)) = answer.get_mut("ServicesLastAccessed").map(Value::take) {
            services.extend(came);
        }
        let marker = answer.get("Marker").and_then(Value::as_str).map(str::to_owned);
        let Some(marker) = marker.filter(|_| services.len() < session.limits.items) else { break };
        parameters = json!({"JobId": job, "Marker": marker});
    }
    session.emit(None, json!({"Arn": arn, "ServicesLastAccessed": services}));
}

/// Password policy, summary, aliases, identity providers, certificates.
pub(super) async fn settings(session: Arc<Session>, home: String) {
    match session.client.call(&IAM, &home, "GetAccountPasswordPolicy", &Value::Null).await {
        Ok(answer) => session.emit(None, json!({"PasswordPolicy": answer.get("PasswordPolicy")})),
        Err(Failure::Missing(_)) => session.emit(None, json!({"PasswordPolicy": {"Exists": false}})),
        Err(failure) => session.gap("iam GetAccountPasswordPolicy", None, &failure),
    }
    if let Some(answer) = session.one(&IAM, &home, "GetAccountSummary", Value::Null).await {
        session.emit(None, json!({"SummaryMap": answer.get("SummaryMap")}));
    }
    for (operation, items, key) in [
        ("ListAccountAliases", "/AccountAliases", "AccountAliases"),
        ("ListVirtualMFADevices", "/VirtualMFADevices", "VirtualMFADevices"),
        ("ListSAMLProviders", "/SAMLProviderList", "SAMLProviderList"),
        ("ListServerCertificates", "/ServerCertificateMetadataList", "ServerCertificateMetadataList"),
    ] {
        match session.list_or(&home, &pages(operation, items), Value::Null).await {
            Ok(items) => session.emit(None, json!({ key: items })),
            Err((_, failure)) => session.gap(&format!("iam {operation}"), None, &failure),
        }
    }
    let providers = pages("ListOpenIDConnectProviders", "/OpenIDConnectProviderList");
    match session.list_or(&home, &providers, Value::Null).await {
        Ok(providers) => {
            session.emit(None, json!({"OpenIDConnectProviderList": []}));
            let arns = providers.iter().filter_map(|one| one.get("Arn")?.as_str().map(str::to_owned)).collect();
            each(arns, |arn| audiences(Arc::clone(&session), home.clone(), arn)).await;
        }
        Err((_, failure)) => session.gap("iam ListOpenIDConnectProviders", None, &failure),
    }
}

/// Whose tokens a provider accepts.
async fn audiences(session: Arc<Session>, home: String, arn: String) {
    let answer = session.one(&IAM, &home, "GetOpenIDConnectProvider", json!({"OpenIDConnectProviderArn": arn})).await;
    let list = answer.as_ref().and_then(|answer| answer.get("ClientIDList")).cloned().unwrap_or_default();
    session.emit(None, json!({"OpenIDConnectProviderList": [{"Arn": arn, "ClientIDList": list}]}));
}
