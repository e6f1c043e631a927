//! What an engine remembers of its containers: since when each runs or why it ended, and the last events (the engine keeps 256).
//! For the sign of downtime, which needs nothing else of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::client::{ClientError, EngineClient, strip_nulls};
use super::endpoint::{self, Endpoint};
use super::engine::{each, id_of, negotiate, typed};
use super::events::path;
use super::{Options, PARALLEL};
use crate::Error;
use crate::facts::{State, Version};

/// What one engine remembers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The engine's address.
    pub endpoint: String,
    /// Its containers, whatever they do.
    pub containers: Vec<Lifetime>,
    /// Its last events, the oldest first.
    pub events: Vec<EngineEvent>,
    /// What could not be had: what, and why.
    pub gaps: Vec<(String, String)>,
}

/// One container, as far as it starts and ends.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Lifetime {
    /// 64 hexadecimal digits.
    pub id: String,
    /// Without the leading slash.
    pub name: String,
    /// RFC 3339.
    pub created: String,
    /// What it is doing.
    pub state: State,
    /// How often the engine restarted it.
    pub restart_count: i64,
}

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct EngineEvent {
    /// `container`, `daemon`, `image`.
    #[serde(rename = "Type")]
    pub kind: String,
    /// `start`, `die`, `oom`, `kill`.
    #[serde(rename = "Action")]
    pub action: String,
    /// What it happened to.
    #[serde(rename = "Actor")]
    pub actor: Actor,
    /// Nanoseconds since 1970.
    #[serde(rename = "timeNano")]
    pub time_nano: i64,
}

/// What an event happened to.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Actor {
    /// A container's id.
    #[serde(rename = "ID")]
    pub id: String,
    /// `name`, `exitCode`, `signal`, labels.
    #[serde(rename = "Attributes")]
    pub attributes: BTreeMap<String, String>,
}

/// Events that are kept; engines have 256.
const EVENTS: usize = 10_000;

/// Asks the first engine that answers what it remembers. None where no engine was found at all.
///
/// # Errors
/// [`Error::Endpoint`] where an address that was named cannot be used.
pub async fn history(options: &Options) -> Result<Option<History>, Error> {
    let candidates = endpoint::candidates(options.engine.as_deref(), &options.environment)?;
    let mut failures = Vec::new();
    for endpoint in &candidates {
        match ask(endpoint, options).await {
            Ok(history) => return Ok(Some(history)),
            // A socket that an engine left behind.
            Err(error) if error.is_dead() && endpoint.found_by == "usual socket" => {}
            Err(error) => failures.push(format!("{} ({}): {error}", endpoint.url, endpoint.found_by)),
        }
    }
    if failures.is_empty() {
        return Ok(None);
    }
    let gaps = vec![("what the engine remembers of its containers".to_owned(), failures.join("; "))];
    Ok(Some(History { gaps, ..History::default() }))
}

pub(super) async fn ask(endpoint: &Endpoint, options: &Options) -> Result<History, ClientError> {
    let client = EngineClient::new(endpoint, options.request_timeout, options.max_answer)?;
    let version: Version = typed(client.get("/version").await?)?;
    let base = format!("/v{}", negotiate(&version)?);
    let mut history = History { endpoint: endpoint.url.clone(), ..History::default() };
    let listed: Vec<Value> = typed(client.get(&format!("{base}/containers/json?all=1")).await?)?;
    let mut ids: Vec<String> = listed.iter().filter_map(id_of).map(str::to_owned).collect();
    ids.sort();
    ids.dedup();
    if ids.len() > options.max_items {
        let why = format!("there are {}, the bound is {}", ids.len(), options.max_items);
        history.gaps.push(("some of the containers".to_owned(), why));
        ids.truncate(options.max_items);
    }
    let gate = Arc::new(Semaphore::new(PARALLEL));
    let deadline = Instant::now() + options.engine_timeout;
    let found = each(&ids, &gate, deadline, |id| lifetime(client.clone(), base.clone(), id)).await;
    for (id, answer) in found {
        match answer {
            Ok(lifetime) => history.containers.push(lifetime),
            Err(error) if error.is_gone() => {}
            Err(error) => history.gaps.push((format!("container {}", id.get(..12).unwrap_or(&id)), error.to_string())),
        }
    }
    history.containers.sort_by(|one, other| one.name.cmp(&other.name));
    let asked = tokio::time::timeout(options.engine_timeout, events(&client, &base)).await;
    match asked.unwrap_or(Err(ClientError::Timeout(options.engine_timeout))) {
        Ok(events) => history.events = events,
        Err(error) => history.gaps.push(("the engine's last events".to_owned(), error.to_string())),
    }
    Ok(history)
}

async fn lifetime(client: EngineClient, base: String, id: String) -> Result<Lifetime, ClientError> {
    let mut lifetime: Lifetime = typed(client.get_one(&format!("{base}/containers/{id}/json")).await?)?;
    if lifetime.id != id {
        return Err(ClientError::Garbage("it describes another container than the one asked for".into()));
    }
    lifetime.name = lifetime.name.trim_start_matches('/').to_owned();
    Ok(lifetime)
}

/// The engine's events up to now, which is after the containers were asked: an end whose order is not among them would pass
/// for a failure.
async fn events(client: &EngineClient, base: &str) -> Result<Vec<EngineEvent>, ClientError> {
    let lines = client.get_lines(&path(base, None, Timestamp::now())).await?;
    let found = lines.split(|byte| *byte == b'\n').filter_map(|line| event(line).transpose());
    let mut events: Vec<EngineEvent> = found.take(EVENTS + 1).collect::<Result<_, _>>()?;
    if events.len() > EVENTS {
        return Err(ClientError::Garbage(format!("it tells of more than {EVENTS} events")));
    }
    events.sort_by_key(|event| event.time_nano);
    Ok(events)
}

pub(super) fn event(line: &[u8]) -> Result<Option<EngineEvent>, ClientError> {
    if line.trim_ascii().is_empty() {
        return Ok(None);
    }
    let mut value: Value = serde_json::from_slice(line).map_err(|error| ClientError::garbage(&error))?;
    strip_nulls(&mut value);
    typed(value).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_read_as_the_engine_writes_it() {
        let line = br#"{"status":"die","id":"7f3c","from":"shop:1","Type":"container","Action":"die","Actor":{"ID":"7f3c","Attributes":{"execDuration":"1","exitCode":"3","image":"shop:1","name":"shop"}},"scope":"local","time":1764000000,"timeNano":1764000000123456789}"#;
        let event = event(line).unwrap().unwrap();
        assert_eq!((event.kind.as_str(), event.action.as_str(), event.actor.id.as_str()), ("container", "die", "7f3c"));
        assert_eq!(event.actor.attributes.get("exitCode").map(String::as_str), Some("3"));
        assert_eq!(event.time_nano, 1_764_000_000_123_456_789);
    }

    #[test]
    fn what_is_no_event_is_said() {
        assert!(event(b"<html>").is_err());
        assert!(event(br#"{"Type":1}"#).is_err());
        assert_eq!(event(b"\n").unwrap(), None);
    }
}
