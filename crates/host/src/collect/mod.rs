//! Collecting: all the I/O of an assessment, and no decision. What cannot be read becomes an [`Incomplete`] entry for the
//! areas that it blinds.

mod cgroup;
mod client;
pub(crate) mod endpoint;
mod engine;
mod host;
mod image_traps;
mod process;
pub(crate) mod read;
pub(crate) mod redact;

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use keelguard_model::{Area, Incomplete};

use crate::facts::{Engine, Host};
use crate::{Error, Facts};
pub(crate) use client::strip_nulls;
pub use endpoint::Environment;
use endpoint::{Address, Endpoint};

/// What to collect, and within which bounds.
#[derive(Clone, Debug)]
pub struct Options {
    /// The engine's address, where the user names it.
    pub engine: Option<String>,
    /// Environment, home and uid that the search for the engine goes by.
    pub environment: Environment,
    /// For one request to the engine.
    pub request_timeout: Duration,
    /// For everything the engine is asked.
    pub engine_timeout: Duration,
    /// Bytes of one answer.
    pub max_answer: usize,
    /// Containers, images, networks and volumes, each.
    pub max_items: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            engine: None,
            environment: Environment::of_this_process(),
            request_timeout: Duration::from_secs(10),
            engine_timeout: Duration::from_mins(1),
            max_answer: 64 << 20,
            max_items: 20_000,
        }
    }
}

/// Requests to the engine under way at once; more only queue there.
const PARALLEL: usize = 16;

/// Collects once. An address that cannot be used is an error; an engine that does not answer is a gap.
pub async fn collect(options: &Options) -> Result<Facts, Error> {
    let mut facts = Facts::empty();
    facts.collected = Timestamp::now();
    let candidates = endpoint::candidates(options.engine.as_deref(), &options.environment)?;
    let environment = options.environment.clone();
    let ground = tokio::task::spawn_blocking(move || {
        let mut gaps = Vec::new();
        let host = host::ground(&environment, &mut gaps);
        (host, gaps)
    });
    let answered = ask(&candidates, options, &mut facts.incomplete).await;
    let (host, gaps) = ground.await.unwrap_or_else(|error| {
        let gap = Incomplete::new(Area::Breakout, "this host", format!("reading it was cut short: {error}"));
        (Host::default(), vec![gap])
    });
    facts.host = host;
    facts.incomplete.extend(gaps);
    let mut socket = None;
    if let Some((mut engine, endpoint)) = answered {
        if let Address::Unix(path) = &endpoint.address {
            socket = Some(path.clone());
        }
        engine.local = is_local(&engine, &endpoint, &facts.host);
        if engine.local {
            facts.host.paths = host::paths::of_containers(&engine.containers, &engine, &facts.host.mounts);
            process::attach_truth(&mut engine.containers, &facts.host, &mut facts.incomplete);
        } else {
            forget_this_kernel(&mut facts.host, &engine);
        }
        facts.engine = Some(engine);
    }
    let mut gaps = Vec::new();
    host::around_engine(&mut facts.host, facts.engine.as_ref(), socket, &options.environment, &mut gaps).await;
    facts.incomplete.extend(gaps);
    facts.incomplete.sort();
    facts.incomplete.dedup();
    facts.finished = Timestamp::now();
    Ok(facts)
}

/// The first candidate that answers. Each that does not is named, so that nobody wonders which engine was meant.
async fn ask(candidates: &[Endpoint], options: &Options, gaps: &mut Vec<Incomplete>) -> Option<(Engine, Endpoint)> {
    let bounds = engine::Bounds {
        request: options.request_timeout,
        pass: options.engine_timeout,
        bytes: options.max_answer,
        items: options.max_items,
        parallel: PARALLEL,
    };
    let mut failures = Vec::new();
    for endpoint in candidates {
        match engine::pass(endpoint, bounds).await {
            Ok(pass) => {
                gaps.extend(pass.incomplete);
                return Some((pass.engine, endpoint.clone()));
            }
            Err(error) => failures.push(format!("{} ({}): {error}", endpoint.url, endpoint.found_by)),
        }
    }
    let why = if failures.is_empty() {
        "no engine was found: no DOCKER_HOST, no context, none of the usual sockets; name one with --engine".to_owned()
    } else {
        failures.join("; ")
    };
    gaps.extend(engine::blind("the engine", &why));
    None
}

/// Whether the engine's paths and pids are this machine's: it says the same name and kernel, and its folder is here. A
/// socket alone proves nothing (it may be forwarded, or lead into a virtual machine).
fn is_local(engine: &Engine, endpoint: &Endpoint, host: &Host) -> bool {
    let here = match &endpoint.address {
        Address::Unix(_) => true,
        Address::Tcp(authority, _) => {
            let name = authority.rsplit_once(':').map_or(authority.as_str(), |(name, _)| name);
            name == "localhost"
                || name.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
    };
    let info = &engine.info;
    let unreadable = |path: &str| {
        std::fs::symlink_metadata(path).err().is_some_and(|error| error.kind() == std::io::ErrorKind::PermissionDenied)
    };
    let folder = PathBuf::from(&info.docker_root_dir);
    here && info.kernel_version == host.kernel.release && (folder.is_dir() || unreadable(&info.docker_root_dir))
}

/// With an engine elsewhere, this machine's kernel and files say nothing about it.
fn forget_this_kernel(host: &mut Host, engine: &Engine) {
    let uid = host.uid;
    let contexts = std::mem::take(&mut host.contexts);
    let content_trust = host.content_trust.take();
    *host = Host { hostname: engine.info.name.clone(), uid, contexts, content_trust, ..Host::default() };
    host.os.pretty_name.clone_from(&engine.info.operating_system);
    host.kernel.release.clone_from(&engine.info.kernel_version);
    host.capacity.memory = u64::try_from(engine.info.mem_total).unwrap_or_default();
    host.capacity.cpus = u64::try_from(engine.info.ncpu).unwrap_or_default();
    host.cgroup.version = if engine.info.cgroup_version == "2" { "v2".into() } else { String::new() };
}
