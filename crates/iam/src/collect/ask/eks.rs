//! Kubernetes in one region: clusters, the machines of each, and which roles its pods get.

use std::sync::Arc;

use serde_json::{Value, json};

use super::workloads::texts;
use crate::collect::client::in_path;
use crate::collect::failure::Failure;
use crate::collect::service::EKS;
use crate::collect::session::{List, Session, each};

/// What belongs to a cluster: the path of its list, where that has names, what the call for one is called, where its answer
/// has the thing, and the key of the facts.
const PARTS: [(&str, &str, &str, &str, &str, &str); 2] = [
    ("node-groups", "/nodegroups", "", "DescribeNodegroup", "/nodegroup", "nodegroups"),
    (
        "pod-identity-associations",
        "/associations",
        "associationId",
        "DescribePodIdentityAssociation",
        "/association",
        "podIdentityAssociations",
    ),
];

pub(super) async fn ask(session: Arc<Session>, region: String) {
    let list = List {
        service: &EKS,
        operation: "GET /clusters",
        items: "/clusters",
        token_in: "nextToken",
        token_out: "/nextToken",
    };
    let clusters = match session.list_or(&region, &list, Value::Null).await {
        Ok(clusters) => {
            // Without a cluster there is nothing of what belongs to one.
            let keys = ["eksClusters", "nodegroups", "podIdentityAssociations"];
            for key in keys.into_iter().filter(|key| clusters.is_empty() || *key == "eksClusters") {
                session.emit(Some(&region), json!({ key: [] }));
            }
            clusters
        }
        Err((clusters, failure)) => {
            session.gap("eks ListClusters", Some(&region), &failure);
            clusters
        }
    };
    each(texts(&clusters, ""), |name| of_cluster(Arc::clone(&session), region.clone(), name)).await;
}

async fn of_cluster(session: Arc<Session>, region: String, name: String) {
    let at = format!("GET /clusters/{}", in_path(&name));
    one(&session, &region, &at, "DescribeCluster", ("/cluster", "eksClusters")).await;
    each(PARTS.into(), |(path, items, key, operation, place, facts)| {
        let (session, region, at, name) = (Arc::clone(&session), region.clone(), at.clone(), name.clone());
        async move {
            let operation_of_list = format!("{at}/{path}");
            let list = List {
                service: &EKS,
                operation: &operation_of_list,
                items,
                token_in: "nextToken",
                token_out: "/nextToken",
            };
            let called = format!("{path} of {name}");
            let listed = session.looked(&region, &list, Value::Null, facts, &called).await;
            each(texts(&listed, key), |name| {
                let (session, region) = (Arc::clone(&session), region.clone());
                let at = format!("{at}/{path}/{}", in_path(&name));
                async move { one(&session, &region, &at, operation, (place, facts)).await }
            })
            .await;
        }
    })
    .await;
}

async fn one(session: &Session, region: &str, at: &str, operation: &str, (place, key): (&str, &str)) {
    match session.client.call(&EKS, region, at, &Value::Null).await {
        Ok(answer) => session.emit(Some(region), json!({ key: [answer.pointer(place)] })),
        Err(Failure::Missing(_)) => {}
        Err(failure) => session.gap(&format!("eks {operation}"), Some(region), &failure),
    }
}
