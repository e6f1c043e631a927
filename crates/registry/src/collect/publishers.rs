//! What Docker's hub says of publishers: whether it has looked who they are, or sponsors them. The page of an organisation has a
//! badge (`verified_publisher`, `open_source`); a user has no such page.

use std::collections::BTreeMap;
use std::sync::Arc;

use keelguard_host::Facts;
use keelguard_model::{Area, Incomplete};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::Options;
use super::vendor::Api;
use crate::rules::publishers::of_hub;

/// Publishers that are asked for.
const MOST: usize = 50;
/// At the same time.
const AT_ONCE: usize = 8;

/// Badges by publisher, empty where there is none. Whom the hub did not tell of is missing.
pub async fn badges(facts: &Facts, options: &Options) -> (BTreeMap<String, String>, Vec<Incomplete>) {
    let names = of_hub(facts);
    let mut found = BTreeMap::new();
    let mut gaps = Vec::new();
    if names.is_empty() {
        return (found, gaps);
    }
    let what = "who publishes at Docker's hub";
    let api = match Api::at(&options.apis.hub, &options.access) {
        Ok(api) => Arc::new(api),
        Err(why) => return (found, vec![Incomplete::new(Area::Iam, what, why)]),
    };
    if names.len() > MOST {
        gaps.push(Incomplete::new(Area::Iam, what, format!("no more than {MOST} publishers are asked for")));
    }
    let slots = Arc::new(Semaphore::new(AT_ONCE));
    let mut tasks = JoinSet::new();
    for name in names.into_iter().take(MOST) {
        let (api, slots) = (Arc::clone(&api), Arc::clone(&slots));
        tasks.spawn(async move {
            let _slot = slots.acquire_owned().await;
            let badge = badge(&api, &name).await;
            (name, badge)
        });
    }
    let asked = tokio::time::timeout(options.total, async {
        let mut answers = Vec::new();
        while let Some(Ok(answer)) = tasks.join_next().await {
            // Where nobody answers, nobody will.
            let failed = answer.1.is_err();
            answers.push(answer);
            if failed {
                tasks.abort_all();
                break;
            }
        }
        answers
    });
    match asked.await {
        Ok(answers) => {
            for (name, badge) in answers {
                match badge {
                    Ok(badge) => drop(found.insert(name, badge)),
                    Err(why) => gaps.push(Incomplete::new(Area::Iam, what, why)),
                }
            }
        }
        Err(_) => gaps.push(Incomplete::new(Area::Iam, what, "it took too long")),
    }
    (found, gaps)
}

async fn badge(api: &Api, publisher: &str) -> Result<String, String> {
    let organisation = publisher.trim_start_matches("docker.io/");
    if !super::is_repository(organisation) || organisation.contains('/') {
        return Ok(String::new());
    }
    let answer = api.get(&format!("/v2/orgs/{organisation}/"), None).await?;
    let badge = answer.as_ref().and_then(|json| json.get("badge")?.as_str());
    Ok(keelguard_distribution::shown(badge.unwrap_or_default()))
}
