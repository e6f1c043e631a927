//! ECS in one region: clusters, and in each its services, tasks and instances; then what the tasks are made from.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use crate::collect::service::ECS;
use crate::collect::session::{List, Session, each};

fn pages(operation: &'static str, items: &'static str) -> List<'static> {
    List { service: &ECS, operation, items, token_in: "nextToken", token_out: "/nextToken" }
}

fn texts(list: Vec<Value>) -> Vec<String> {
    list.into_iter().filter_map(|one| one.as_str().map(str::to_owned)).collect()
}

pub(super) async fn ask(session: Arc<Session>, region: String) {
    let clusters = match session.list_or(&region, &pages("ListClusters", "/clusterArns"), Value::Null).await {
        Ok(clusters) => texts(clusters),
        Err((clusters, failure)) => {
            session.gap("ecs ListClusters", Some(&region), &failure);
            if clusters.is_empty() {
                return;
            }
            texts(clusters)
        }
    };
    for key in ["clusters", "services", "tasks", "taskDefinitions", "containerInstances"] {
        session.emit(Some(&region), json!({ key: [] }));
    }
    for some in clusters.chunks(100) {
        if let Some(answer) = session.one(&ECS, &region, "DescribeClusters", json!({"clusters": some})).await {
            session.emit(Some(&region), json!({"clusters": answer.get("clusters")}));
        }
    }
    let used = Arc::new(Mutex::new(BTreeSet::new()));
    each(clusters, |cluster| of_cluster(Arc::clone(&session), region.clone(), cluster, Arc::clone(&used))).await;
    // What is used, and what anybody who may run tasks could use.
    let listed =
        session.list(&region, &pages("ListTaskDefinitions", "/taskDefinitionArns"), json!({"sort": "DESC"})).await;
    let mut definitions = std::mem::take(&mut *used.lock().unwrap_or_else(PoisonError::into_inner));
    definitions.extend(newest(texts(listed)));
    each(definitions.into_iter().collect(), |arn: String| {
        let (session, region) = (Arc::clone(&session), region.clone());
        async move {
            let answer = session.one(&ECS, &region, "DescribeTaskDefinition", json!({"taskDefinition": arn})).await;
            if let Some(definition) = answer.as_ref().and_then(|answer| answer.get("taskDefinition")) {
                session.emit(Some(&region), json!({"taskDefinitions": [definition]}));
            }
        }
    })
    .await;
}

/// The newest of each family: families have thousands of revisions.
fn newest(arns: Vec<String>) -> Vec<String> {
    let mut best = std::collections::BTreeMap::<String, u64>::new();
    for arn in arns {
        if let Some((family, revision)) = arn.rsplit_once(':') {
            let revision: u64 = revision.parse().unwrap_or_default();
            let known = best.entry(family.to_owned()).or_default();
            *known = revision.max(*known);
        }
    }
    best.into_iter().map(|(family, revision)| format!("{family}:{revision}")).collect()
}

async fn of_cluster(session: Arc<Session>, region: String, cluster: String, used: Arc<Mutex<BTreeSet<String>>>) {
    // How many may be described at once differs.
    for (list, items, describe, many, key, at_once) in [
        ("ListServices", "/serviceArns", "DescribeServices", "services", "services", 10),
        ("ListTasks", "/taskArns", "DescribeTasks", "tasks", "tasks", 100),
        (
            "ListContainerInstances",
            "/containerInstanceArns",
            "DescribeContainerInstances",
            "containerInstances",
            "containerInstances",
            100,
        ),
    ] {
        let arns = texts(session.list(&region, &pages(list, items), json!({"cluster": cluster})).await);
        for some in arns.chunks(at_once) {
            let answer = session.one(&ECS, &region, describe, json!({"cluster": cluster, many: some})).await;
            let Some(things) = answer.as_ref().and_then(|answer| answer.get(key)) else { continue };
            let mut used = used.lock().unwrap_or_else(PoisonError::into_inner);
            for thing in things.as_array().into_iter().flatten() {
                let definition = thing.get("taskDefinitionArn").or_else(|| thing.get("taskDefinition"));
                used.extend(definition.and_then(Value::as_str).map(str::to_owned));
            }
            drop(used);
            session.emit(Some(&region), json!({ key: things }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::newest;

    #[test]
    fn of_each_family_the_newest_revision_is_looked_at() {
        let arns = ["a:1", "a:10", "a:9", "b:2"].map(str::to_owned).to_vec();
        assert_eq!(newest(arns), ["a:10", "b:2"]);
    }
}
