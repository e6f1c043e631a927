//! Policies of resources: buckets, keys, queues, topics, secrets, repositories.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::collect::client::in_path;
use crate::collect::failure::Failure;
use crate::collect::service::{ECR, KMS, S3, S3_CONTROL, SECRETS, SNS, SQS, Service};
use crate::collect::session::{List, Session, each};

/// Emits the policy of one resource, found at `place` of the answer.
async fn policy(
    session: Arc<Session>,
    region: String,
    service: &'static Service,
    operation: &'static str,
    parameters: Value,
    arn: String,
    place: &'static str,
) {
    match session.client.call(service, &region, operation, &parameters).await {
        Ok(answer) => {
            session.emit(Some(&region), json!({"ResourcePolicies": [{"Arn": arn, "Policy": answer.pointer(place)}]}));
        }
        Err(Failure::Missing(_)) => session.emit(Some(&region), json!({"ResourcePolicies": [{"Arn": arn}]})),
        Err(failure) => session.gap(&format!("{} {operation}", service.name), Some(&region), &failure),
    }
}

/// The list, as far as it came; that somebody has looked is known even where it is empty.
async fn things(session: &Session, region: &str, list: &List<'_>, parameters: Value) -> Vec<Value> {
    session.looked(region, list, parameters, "ResourcePolicies", list.operation).await
}

pub(super) async fn keys(session: Arc<Session>, region: String) {
    let list =
        List { service: &KMS, operation: "ListKeys", items: "/Keys", token_in: "Marker", token_out: "/NextMarker" };
    let keys = things(&session, &region, &list, Value::Null).await;
    let arns = keys.iter().filter_map(|key| key.get("KeyArn")?.as_str().map(str::to_owned)).collect();
    each(arns, |arn: String| {
        let parameters = json!({"KeyId": arn, "PolicyName": "default"});
        policy(Arc::clone(&session), region.clone(), &KMS, "GetKeyPolicy", parameters, arn, "/Policy")
    })
    .await;
}

pub(super) async fn queues(session: Arc<Session>, region: String) {
    let list = List {
        service: &SQS,
        operation: "ListQueues",
        items: "/QueueUrls",
        token_in: "NextToken",
        token_out: "/NextToken",
    };
    let queues = things(&session, &region, &list, json!({"MaxResults": 1000})).await;
    let urls = queues.into_iter().filter_map(|url| url.as_str().map(str::to_owned)).collect();
    each(urls, |url: String| {
        let (session, region) = (Arc::clone(&session), region.clone());
        async move {
            let parameters = json!({"QueueUrl": url, "AttributeNames": ["QueueArn", "Policy"]});
            if let Some(answer) = session.one(&SQS, &region, "GetQueueAttributes", parameters).await {
                session.emit(Some(&region), json!({"Attributes": answer.get("Attributes")}));
            }
        }
    })
    .await;
}

pub(super) async fn topics(session: Arc<Session>, region: String) {
    let list = List {
        service: &SNS,
        operation: "ListTopics",
        items: "/Topics",
        token_in: "NextToken",
        token_out: "/NextToken",
    };
    let topics = things(&session, &region, &list, Value::Null).await;
    let arns = topics.iter().filter_map(|one| one.get("TopicArn")?.as_str().map(str::to_owned)).collect();
    each(arns, |arn: String| {
        let parameters = json!({"TopicArn": arn});
        policy(Arc::clone(&session), region.clone(), &SNS, "GetTopicAttributes", parameters, arn, "/Attributes/Policy")
    })
    .await;
}

pub(super) async fn secrets(session: Arc<Session>, region: String) {
    let list = List {
        service: &SECRETS,
        operation: "ListSecrets",
        items: "/SecretList",
        token_in: "NextToken",
        token_out: "/NextToken",
    };
    let secrets = things(&session, &region, &list, json!({"MaxResults": 100})).await;
    let arns = secrets.iter().filter_map(|one| one.get("ARN")?.as_str().map(str::to_owned)).collect();
    each(arns, |arn: String| {
        let parameters = json!({"SecretId": arn});
        policy(Arc::clone(&session), region.clone(), &SECRETS, "GetResourcePolicy", parameters, arn, "/ResourcePolicy")
    })
    .await;
}

pub(super) async fn repositories(session: Arc<Session>, region: String) {
    let list = List {
        service: &ECR,
        operation: "DescribeRepositories",
        items: "/repositories",
        token_in: "nextToken",
        token_out: "/nextToken",
    };
    let repositories = things(&session, &region, &list, json!({"maxResults": 1000})).await;
    let named = repositories.iter().filter_map(|one| {
        let text = |key: &str| one.get(key)?.as_str().map(str::to_owned);
        Some((text("repositoryArn")?, text("repositoryName")?))
    });
    each(named.collect(), |(arn, name): (String, String)| {
        let parameters = json!({"repositoryName": name});
        policy(Arc::clone(&session), region.clone(), &ECR, "GetRepositoryPolicy", parameters, arn, "/policyText")
    })
    .await;
}

/// Which ways to make buckets public are shut for the whole account.
pub(super) async fn public_access(session: Arc<Session>, home: String) {
    let of = json!({"x-amz-account-id": session.account});
    let operation = "GET /v20180820/configuration/publicAccessBlock";
    let block = match session.client.call(&S3_CONTROL, &home, operation, &of).await {
        Ok(answer) => answer,
        // Nothing is shut.
        Err(Failure::Missing(_)) => json!({}),
        Err(failure) => {
            session.gap("s3 GetAccountPublicAccessBlock", None, &failure);
            return;
        }
    };
    session.emit(None, json!({"PublicAccessBlockConfiguration": block}));
}

/// Buckets, which have names for all regions; each says itself where it is.
pub(super) async fn buckets(session: Arc<Session>, home: String) {
    let answer = match session.client.call(&S3, &home, "GET /", &Value::Null).await {
        Ok(answer) => answer,
        Err(failure) => {
            session.gap("s3 ListAllMyBuckets", None, &failure);
            return;
        }
    };
    let buckets = match answer.pointer("/Buckets/Bucket").cloned() {
        Some(Value::Array(buckets)) => buckets,
        Some(Value::Null) | None => Vec::new(),
        Some(one) => vec![one],
    };
    let names = buckets.iter().filter_map(|bucket| bucket.get("Name")?.as_str().map(str::to_owned));
    let names: Vec<String> = names.take(session.limits.items).collect();
    session.emit(None, json!({"Buckets": buckets}));
    each(names, |name: String| bucket(Arc::clone(&session), home.clone(), name)).await;
}

async fn bucket(session: Arc<Session>, home: String, name: String) {
    let arn = format!("arn:{}:s3:::{name}", session.partition);
    let mut object = json!({"Arn": arn, "AccountId": session.account});
    let operation = format!("GET /{}", in_path(&name));
    // Where one of the two is not to be had, the other still counts.
    for (query, what, key) in [
        ("policy", "s3 GetBucketPolicy", "Policy"),
        ("publicAccessBlock", "s3 GetBucketPublicAccessBlock", "PublicAccessBlockConfiguration"),
    ] {
        let answer = session.client.call(&S3, &home, &operation, &json!({ query: "" })).await;
        match (answer, object.as_object_mut()) {
            (Ok(answer), Some(object)) => {
                object.insert(key.to_owned(), answer);
            }
            (Err(Failure::Missing(_)), _) | (Ok(_), None) => {}
            (Err(failure), _) => session.gap(&format!("{what} of {name}"), None, &failure),
        }
    }
    session.emit(None, json!({"ResourcePolicies": [object]}));
}
