//! The organisation: its tree, and the policies in force in it. Only its management account, or whom that delegates it
//! to, may ask.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::collect::failure::Failure;
use crate::collect::service::ORGANIZATIONS;
use crate::collect::session::{List, Session, each};

/// Units within one another: AWS allows five levels below the root.
const MAX_DEPTH: usize = 8;

fn pages(operation: &'static str, items: &'static str) -> List<'static> {
    List { service: &ORGANIZATIONS, operation, items, token_in: "NextToken", token_out: "/NextToken" }
}

pub(super) async fn ask(session: Arc<Session>, home: String) {
    match session.client.call(&ORGANIZATIONS, &home, "DescribeOrganization", &Value::Null).await {
        Ok(answer) => session.emit(None, json!({"Organization": answer.get("Organization")})),
        // An account of its own.
        Err(Failure::Missing(_)) => return,
        Err(failure) => {
            session.gap("the organisation and its policies", None, &failure);
            return;
        }
    }
    let roots = match session.list_or(&home, &pages("ListRoots", "/Roots"), Value::Null).await {
        Ok(roots) => roots,
        Err((_, failure)) => {
            session.gap("the organisation's tree and policies (only its management account may ask)", None, &failure);
            return;
        }
    };
    session.emit(None, json!({"Roots": roots}));
    let mut parents = ids(&roots);
    for _ in 0..MAX_DEPTH {
        let mut below = Vec::new();
        for parent in parents {
            let of = json!({"ParentId": parent});
            let units = pages("ListOrganizationalUnitsForParent", "/OrganizationalUnits");
            let units = session.list(&home, &units, of.clone()).await;
            below.extend(ids(&units));
            session.emit(None, json!({"OrganizationalUnits": units, "ParentId": parent}));
            let accounts = session.list(&home, &pages("ListAccountsForParent", "/Accounts"), of).await;
            session.emit(None, json!({"Accounts": accounts, "ParentId": parent}));
        }
        if below.is_empty() || below.len() > session.limits.items {
            break;
        }
        parents = below;
    }
    for kind in ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"] {
        let list = pages("ListPolicies", "/Policies");
        match session.list_or(&home, &list, json!({"Filter": kind})).await {
            Ok(policies) => {
                each(policies, |policy| describe(Arc::clone(&session), home.clone(), policy)).await;
            }
            Err((_, failure)) => session.gap(&format!("organizations ListPolicies, {kind}"), None, &failure),
        }
    }
}

/// What a policy says, and to what it is attached.
async fn describe(session: Arc<Session>, home: String, summary: Value) {
    let id = summary.get("Id").cloned().unwrap_or_default();
    let answer = session.one(&ORGANIZATIONS, &home, "DescribePolicy", json!({"PolicyId": id})).await;
    let content = answer.as_ref().and_then(|answer| answer.pointer("/Policy/Content")).cloned();
    let targets = session.list(&home, &pages("ListTargetsForPolicy", "/Targets"), json!({"PolicyId": id})).await;
    let policy = json!({"PolicySummary": summary, "Content": content, "Targets": targets});
    session.emit(None, json!({"OrganizationPolicies": [policy]}));
}

fn ids(list: &[Value]) -> Vec<String> {
    list.iter().filter_map(|one| one.get("Id")?.as_str().map(str::to_owned)).collect()
}
