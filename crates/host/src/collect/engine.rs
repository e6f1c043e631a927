//! One pass over the engine's API: everything rules need, requests in parallel, each bounded. What goes wrong with one
//! container costs that container, not the pass.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use keelguard_model::{Area, Incomplete};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::client::{ClientError, EngineClient};
use super::endpoint::Endpoint;
use super::{read, redact};
use crate::facts::{Container, Engine, Exec, HistoryEntry, Image, Plugin, Swarm, SwarmService, Version};

/// The newest API whose answers this code knows. A newer engine is asked in this version.
const NEWEST_API: (u32, u32) = (1, 52);
/// The oldest; engines before 20.10 do not speak it.
const OLDEST_API: (u32, u32) = (1, 41);
/// Exec sessions of one container that are looked at.
const MOST_EXECS: usize = 64;

/// Bounds of a pass.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// For one request.
    pub(crate) request: Duration,
    /// For all of them.
    pub(crate) pass: Duration,
    /// Bytes of one answer.
    pub(crate) bytes: usize,
    /// Containers, images, networks and volumes, each.
    pub(crate) items: usize,
    /// Requests under way at once.
    pub(crate) parallel: usize,
}

/// What a pass brought.
pub(crate) struct Pass {
    pub(crate) engine: Engine,
    pub(crate) incomplete: Vec<Incomplete>,
    /// Folders of each image's layers, as the engine names them; they mean something only on its own host.
    pub(crate) layers: BTreeMap<String, Vec<PathBuf>>,
}

/// The gaps that something missing leaves, in the areas that it blinds: what is in images only where it is about those,
/// or about the engine as a whole.
pub(crate) fn blind(what: &str, why: &str) -> Vec<Incomplete> {
    let of_images = (what.contains("image") || what.contains("engine")).then_some(Area::Image);
    let areas = of_images.into_iter().chain([Area::Resources, Area::Breakout]);
    areas.map(|area| Incomplete::new(area, what, why)).collect()
}

/// Asks the engine at `endpoint` everything.
pub(crate) async fn pass(endpoint: &Endpoint, bounds: Bounds) -> Result<Pass, ClientError> {
    let client = EngineClient::new(endpoint, bounds.request, bounds.bytes)?;
    let version: Version = typed(client.get("/version").await?)?;
    let api = negotiate(&version)?;
    let mut pass = Pass {
        engine: Engine {
            endpoint: endpoint.url.clone(),
            found_by: endpoint.found_by.clone(),
            api_version: api.clone(),
            version,
            ..Engine::default()
        },
        incomplete: Vec::new(),
        layers: BTreeMap::new(),
    };
    let base = format!("/v{api}");
    let deadline = Instant::now() + bounds.pass;
    // What was told until the deadline is kept; each step keeps to it, so this is only the last line.
    if timeout_at(deadline + bounds.request, fill(&mut pass, &client, &base, bounds, deadline)).await.is_err() {
        let why = format!("the engine did not tell everything within {} s", bounds.pass.as_secs_f32());
        pass.incomplete.extend(blind("part of the engine's answers", &why));
    }
    Ok(pass)
}

/// What the engine calls itself, where it answers at all: two sockets may lead to one engine.
pub(crate) async fn identity(endpoint: &Endpoint, bounds: Bounds) -> Result<String, ClientError> {
    let info = EngineClient::new(endpoint, bounds.request, bounds.bytes)?.get_one("/info").await?;
    Ok(info.get("ID").and_then(Value::as_str).unwrap_or_default().to_owned())
}

pub(super) fn negotiate(version: &Version) -> Result<String, ClientError> {
    let parse = |text: &str| -> Option<(u32, u32)> {
        let (major, minor) = text.split_once('.')?;
        Some((major.parse().ok()?, minor.parse().ok()?))
    };
    let newest = parse(&version.api_version).ok_or_else(|| {
        ClientError::Garbage(format!("it names no API version ({:?})", read::plain(&version.api_version)))
    })?;
    if newest < OLDEST_API {
        let message = format!(
            "the engine speaks API {}, Keelguard needs 1.41 (Docker 20.10) or newer",
            read::plain(&version.api_version)
        );
        return Err(ClientError::Setup(message));
    }
    let oldest = parse(&version.min_api_version).unwrap_or(OLDEST_API);
    let (major, minor) = newest.min(NEWEST_API).max(oldest);
    Ok(format!("{major}.{minor}"))
}

async fn fill(pass: &mut Pass, client: &EngineClient, base: &str, bounds: Bounds, deadline: Instant) {
    let path = |rest: &str| format!("{base}{rest}");
    let paths = [
        path("/info"),
        path("/containers/json?all=1"),
        path("/images/json"),
        path("/networks"),
        path("/volumes"),
        path("/plugins"),
    ];
    let (info, containers, images, networks, volumes, plugins) = tokio::join!(
        client.get(&paths[0]),
        client.get(&paths[1]),
        client.get(&paths[2]),
        client.get(&paths[3]),
        client.get(&paths[4]),
        client.get(&paths[5]),
    );
    pass.engine.info = pass.keep("the engine's own settings (info)", info);
    redact::info(&mut pass.engine.info);
    pass.engine.networks = pass.list("networks", networks, bounds.items);
    // Without any the key is null, and gone by now.
    let none = || Value::Array(Vec::new());
    let volumes = volumes.map(|mut value| value.get_mut("Volumes").map_or_else(none, Value::take));
    pass.engine.volumes = pass.list("volumes", volumes, bounds.items);
    pass.engine.networks.iter_mut().for_each(|network| redact::options(&mut network.options));
    pass.engine.volumes.iter_mut().for_each(redact::volume);
    pass.engine.plugins = match plugins {
        // Podman has no plugins and says so with 404.
        Err(error) if error.is_gone() => Vec::new(),
        other => pass.list::<Plugin>("plugins", other, bounds.items),
    };
    let containers = pass.ids("containers", containers, bounds.items);
    let images = pass.ids("images", images, bounds.items);
    let gate = Arc::new(Semaphore::new(bounds.parallel));
    let found = each(&containers, &gate, deadline, |id| container(client.clone(), base.to_owned(), id));
    let found_images = each(&images, &gate, deadline, |id| image(client.clone(), base.to_owned(), id));
    let (found, found_images) = tokio::join!(found, found_images);
    let gone = |result: bool, id: &str| result.then(|| id.to_owned());
    let gone_containers: Vec<String> = found.iter().filter_map(|(id, answer)| gone(is_gone(answer), id)).collect();
    let gone_images: Vec<String> = found_images.iter().filter_map(|(id, answer)| gone(is_gone(answer), id)).collect();
    let mut found = pass.sorted("container", found, |found: &FoundContainer| found.container.name.clone());
    let mut environments = BTreeMap::new();
    for found in pass.sorted("image", found_images, |found: &FoundImage| found.image.id.clone()) {
        if let Some(why) = found.gap {
            let id: String = found.image.id.trim_start_matches("sha256:").chars().take(12).collect();
            pass.incomplete.extend(blind(&format!("history of image {id}"), &why));
        }
        if let Some(layers) = found.layers {
            pass.layers.insert(found.image.id.clone(), layers);
        }
        environments.insert(found.image.id.clone(), found.environment);
        pass.engine.images.push(found.image);
    }
    for found in &mut found {
        let of_image = environments.get(&found.container.image).map_or(&[][..], Vec::as_slice);
        found.container.overridden = redact::overridden(&found.environment, of_image);
    }
    for FoundContainer { container, gap, .. } in found {
        if let Some(why) = gap {
            pass.incomplete.push(Incomplete::new(Area::Breakout, format!("exec sessions of {}", container.name), why));
        }
        pass.engine.containers.push(container);
    }
    pass.still_there("containers", client, &paths[1], &gone_containers).await;
    pass.still_there("images", client, &paths[2], &gone_images).await;
    if pass.engine.info.swarm.local_node_state == "active" && pass.engine.info.swarm.control_available {
        pass.engine.swarm = swarm(pass, client, base).await;
    }
}

impl Pass {
    /// An answer as the type it should be; what cannot be had becomes a gap.
    fn keep<T: DeserializeOwned + Default>(&mut self, what: &str, answer: Result<Value, ClientError>) -> T {
        match answer.and_then(typed) {
            Ok(value) => value,
            Err(error) => {
                self.incomplete.extend(blind(what, &format!("the engine was asked, but {error}")));
                T::default()
            }
        }
    }

    /// A list, at most `bound` long; what does not fit or is no such thing becomes a gap.
    fn list<T: DeserializeOwned>(&mut self, what: &str, answer: Result<Value, ClientError>, bound: usize) -> Vec<T> {
        let values: Vec<Value> = self.keep(what, answer);
        let total = values.len();
        let mut kept = Vec::new();
        for value in values.into_iter().take(bound) {
            match typed(value) {
                Ok(value) => kept.push(value),
                Err(error) => self.incomplete.extend(blind(&format!("one of the {what}"), &error.to_string())),
            }
        }
        if total > bound {
            self.incomplete.extend(blind(what, &format!("there are {total}, the bound is {bound}")));
        }
        kept
    }

    fn ids(&mut self, what: &str, answer: Result<Value, ClientError>, bound: usize) -> Vec<String> {
        let rows: Vec<Value> = self.list(what, answer, bound);
        let mut ids: Vec<String> = rows.iter().filter_map(id_of).map(str::to_owned).collect();
        if ids.len() < rows.len() {
            let why =
                format!("the engine gives {} of them no id, or one that cannot be asked for", rows.len() - ids.len());
            self.incomplete.extend(blind(&format!("some of the {what}"), &why));
        }
        ids.sort();
        ids.dedup();
        ids
    }

    /// What was listed and then not there may have been removed in between. Where the list still names it, the engine
    /// contradicts itself, and something has not been looked at.
    async fn still_there(&mut self, what: &str, client: &EngineClient, list: &str, gone: &[String]) {
        if gone.is_empty() {
            return;
        }
        match client.get(list).await.and_then(typed::<Vec<Value>>) {
            Ok(rows) => {
                let listed: BTreeSet<&str> = rows.iter().filter_map(id_of).collect();
                let held = gone.iter().filter(|id| listed.contains(id.as_str())).count();
                if held > 0 {
                    let why = format!("the engine lists {held} of them and then says that they do not exist");
                    self.incomplete.extend(blind(&format!("some of the {what}"), &why));
                }
            }
            Err(error) => self.incomplete.extend(blind(&format!("some of the {what}"), &error.to_string())),
        }
    }

    fn sorted<T, K: Ord>(
        &mut self,
        what: &str,
        found: Vec<(String, Result<T, ClientError>)>,
        key: fn(&T) -> K,
    ) -> Vec<T> {
        let mut kept = Vec::new();
        for (id, result) in found {
            match result {
                Ok(value) => kept.push(value),
                // It went away between the list and the question; nothing is left to judge.
                Err(error) if error.is_gone() => {}
                Err(error) => {
                    let short: String = id.trim_start_matches("sha256:").chars().take(12).collect();
                    self.incomplete.extend(blind(&format!("{what} {short}"), &error.to_string()));
                }
            }
        }
        kept.sort_by_key(key);
        kept
    }
}

pub(super) fn id_of(row: &Value) -> Option<&str> {
    row.get("Id").and_then(Value::as_str).filter(|id| is_id(id))
}

fn is_gone<T>(answer: &Result<T, ClientError>) -> bool {
    answer.as_ref().err().is_some_and(ClientError::is_gone)
}

/// Ids come from the other side and go into a path: only what an id can be.
fn is_id(id: &str) -> bool {
    let digest = id.strip_prefix("sha256:").unwrap_or(id);
    (12..=128).contains(&digest.len()) && digest.bytes().all(|byte| byte.is_ascii_hexdigit())
}

pub(super) fn typed<T: DeserializeOwned>(value: Value) -> Result<T, ClientError> {
    serde_json::from_value(value).map_err(|error| ClientError::garbage(&error))
}

/// Asks for each of `ids` what it is, several at once.
pub(super) async fn each<T, F>(
    ids: &[String],
    gate: &Arc<Semaphore>,
    deadline: Instant,
    ask: impl Fn(String) -> F,
) -> Vec<(String, Result<T, ClientError>)>
where
    T: Send + 'static,
    F: Future<Output = Result<T, ClientError>> + Send + 'static,
{
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for id in ids {
        let (gate, question, id) = (Arc::clone(gate), ask(id.clone()), id.clone());
        tasks.spawn(async move {
            let answer = timeout_at(deadline, async {
                let _place = gate.acquire().await;
                question.await
            });
            let late = |_| Err(ClientError::Timeout(deadline.saturating_duration_since(began)));
            (id, answer.await.unwrap_or_else(late))
        });
    }
    tasks.join_all().await
}

/// A container, its environment with the values in it, and why its exec sessions could not all be read.
struct FoundContainer {
    container: Container,
    environment: Vec<String>,
    gap: Option<String>,
}

async fn container(client: EngineClient, base: String, id: String) -> Result<FoundContainer, ClientError> {
    let mut value = client.get_one(&format!("{base}/containers/{id}/json")).await?;
    let execs: Vec<String> =
        value.get_mut("ExecIDs").map(Value::take).and_then(|ids| typed(ids).ok()).unwrap_or_default();
    let mut container: Container = typed(value)?;
    if container.id != id {
        return Err(ClientError::Garbage("it describes another container than the one asked for".into()));
    }
    container.name = container.name.trim_start_matches('/').to_owned();
    let mut gap = (execs.len() > MOST_EXECS).then(|| format!("there are {}, the bound is {MOST_EXECS}", execs.len()));
    for exec in execs.iter().filter(|id| is_id(id)).take(MOST_EXECS) {
        match client.get_one(&format!("{base}/exec/{exec}/json")).await.and_then(typed::<Exec>) {
            Ok(exec) => container.execs.push(exec),
            Err(error) if error.is_gone() => {}
            Err(error) => gap = Some(error.to_string()),
        }
    }
    let environment = container.config.env.clone();
    redact::container(&mut container);
    Ok(FoundContainer { container, environment, gap })
}

/// An image, its environment with the values in it, where its layers lie, and why its history could not be read.
struct FoundImage {
    image: Image,
    environment: Vec<String>,
    layers: Option<Vec<PathBuf>>,
    gap: Option<String>,
}

async fn image(client: EngineClient, base: String, id: String) -> Result<FoundImage, ClientError> {
    let inspect = format!("{base}/images/{id}/json");
    let history = format!("{base}/images/{id}/history");
    let (value, history) = tokio::join!(client.get_one(&inspect), client.get_one(&history));
    let value = value?;
    let layers = super::image_traps::layer_folders(&value);
    let mut image: Image = typed(value)?;
    // The containerd store knows images whose layers it has not: their history is an error, the image is there.
    let (history, gap) = match history.and_then(typed::<Vec<HistoryEntry>>) {
        Ok(history) => (history, None),
        Err(error) => (Vec::new(), Some(error.to_string())),
    };
    image.history = history;
    let environment = image.config.env.clone();
    redact::image(&mut image);
    Ok(FoundImage { image, environment, layers, gap })
}

async fn swarm(pass: &mut Pass, client: &EngineClient, base: &str) -> Option<Swarm> {
    let paths = [format!("{base}/swarm"), format!("{base}/services"), format!("{base}/secrets")];
    let (swarm, services, secrets) = tokio::join!(client.get(&paths[0]), client.get(&paths[1]), client.get(&paths[2]));
    let swarm: Value = pass.keep("the swarm's settings", swarm);
    let services: Vec<Value> = pass.list("services", services, 10_000);
    let secrets: Vec<Value> = pass.list("secrets", secrets, 10_000);
    let number = |pointer: &str| swarm.pointer(pointer).and_then(Value::as_i64).unwrap_or_default();
    Some(Swarm {
        auto_lock_managers: swarm.pointer("/Spec/EncryptionConfig/AutoLockManagers").and_then(Value::as_bool)?,
        node_cert_expiry: number("/Spec/CAConfig/NodeCertExpiry"),
        data_path_port: number("/DataPathPort"),
        services: services.iter().map(service).collect(),
        secrets: secrets.len(),
    })
}

fn service(value: &Value) -> SwarmService {
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let list = |pointer: &str| value.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default();
    let port = |port: &Value| {
        let number = |name: &str| port.get(name).and_then(Value::as_i64).unwrap_or_default();
        let word = |name: &str| port.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        format!("{}:{}/{} {}", number("PublishedPort"), number("TargetPort"), word("Protocol"), word("PublishMode"))
    };
    let env = list("/Spec/TaskTemplate/ContainerSpec/Env");
    SwarmService {
        name: text("/Spec/Name"),
        ports: list("/Endpoint/Ports").iter().map(port).collect(),
        env: env.iter().filter_map(|entry| Some(entry.as_str()?.split('=').next()?.to_owned())).collect(),
        secrets: list("/Spec/TaskTemplate/ContainerSpec/Secrets").len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(newest: &str, oldest: &str) -> Version {
        Version { api_version: newest.into(), min_api_version: oldest.into(), ..Version::default() }
    }

    #[test]
    fn the_api_is_the_newest_that_both_speak() {
        assert_eq!(negotiate(&version("1.41", "1.12")).unwrap(), "1.41");
        assert_eq!(negotiate(&version("1.99", "1.44")).unwrap(), "1.52");
        assert_eq!(negotiate(&version("1.60", "1.55")).unwrap(), "1.55");
        assert!(negotiate(&version("1.40", "1.12")).unwrap_err().to_string().contains("1.41"));
        assert!(negotiate(&version("", "")).is_err());
    }

    #[test]
    fn an_id_that_would_change_the_path_is_none() {
        assert!(is_id(&"a1".repeat(32)) && is_id(&format!("sha256:{}", "0f".repeat(32))));
        for hostile in ["../../secrets/json", "", "abc", "0123456789ab/../x", "0123456789ab?x=1"] {
            assert!(!is_id(hostile), "{hostile}");
        }
    }
}
