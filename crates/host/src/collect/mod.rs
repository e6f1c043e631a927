//! Collecting: all the I/O of an assessment, and no decision. What cannot be read becomes an [`Incomplete`] entry for the
//! areas that it blinds.

mod cgroup;
mod client;
pub(crate) mod endpoint;
mod engine;
mod events;
pub(crate) mod folders;
mod follow;
mod history;
mod host;
mod image_traps;
mod names;
pub(crate) mod parsers;
pub(crate) mod process;
pub(crate) mod read;
pub(crate) mod redact;
pub(crate) mod save;

use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use keelguard_model::Incomplete;

use crate::facts::{Engine, Host};
use crate::{Error, Facts};
pub(crate) use client::strip_nulls;
pub use endpoint::Environment;
use endpoint::{Address, Endpoint};
pub use events::events;
pub use follow::{EngineFollower, EngineNews};
pub use history::{EngineEvent, History, Lifetime, history};
pub use names::{Named, names};

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
    let ground = bounded(move || {
        let mut gaps = Vec::new();
        let host = host::ground(&environment, &mut gaps);
        (host, gaps)
    });
    let (answered, ground) = tokio::join!(ask(&candidates, options, &mut facts.incomplete), ground);
    let (host, mut ground_gaps) = ground.unwrap_or_else(|why| (Host::default(), engine::blind("this host", &why)));
    facts.host = host;
    let mut socket = None;
    if let Some((mut engine, endpoint, layers)) = answered {
        if let Address::Unix(path) = &endpoint.address {
            socket = Some(path.clone());
        }
        engine.local = is_local(&engine, &endpoint, &facts.host).await;
        if engine.local {
            // Containers mount network filesystems too, and a look at one whose server is gone never ends.
            let (asked, mut host) = (engine.clone(), facts.host.clone());
            let looked = bounded(move || {
                let mut engine = asked;
                let mut gaps = Vec::new();
                process::attach_truth(&mut engine.containers, &host, &mut gaps);
                for image in &mut engine.images {
                    image.trap_links = layers.get(&image.id).and_then(|layers| image_traps::find(layers));
                }
                host.paths = host::paths::of_containers(&engine.containers, &engine, &host.mounts);
                (engine, host.paths, gaps)
            });
            match looked.await {
                Ok((seen, paths, gaps)) => {
                    engine = seen;
                    facts.host.paths = paths;
                    facts.incomplete.extend(gaps);
                }
                Err(why) => facts.incomplete.extend(engine::blind("what containers mount and run here", &why)),
            }
        } else {
            forget_this_kernel(&mut facts.host, &engine);
            // What could not be read here says nothing about there.
            ground_gaps.clear();
        }
        facts.engine = Some(engine);
    }
    facts.incomplete.extend(ground_gaps);
    let mut gaps = Vec::new();
    host::around_engine(&mut facts.host, facts.engine.as_ref(), socket, &options.environment, &mut gaps).await;
    facts.incomplete.extend(gaps);
    facts.incomplete.sort();
    facts.incomplete.dedup();
    facts.finished = Timestamp::now();
    Ok(facts)
}

/// The first candidate that answers. Each that does not is named, so that nobody wonders which engine was meant.
async fn ask(
    candidates: &[Endpoint],
    options: &Options,
    gaps: &mut Vec<Incomplete>,
) -> Option<(Engine, Endpoint, Layers)> {
    let bounds = engine::Bounds {
        request: options.request_timeout,
        pass: options.engine_timeout,
        bytes: options.max_answer,
        items: options.max_items,
        parallel: PARALLEL,
    };
    let mut failures = Vec::new();
    for (index, endpoint) in candidates.iter().enumerate() {
        match engine::pass(endpoint, bounds).await {
            Ok(pass) => {
                gaps.extend(pass.incomplete);
                gaps.extend(others(endpoint, candidates, index, bounds).await);
                return Some((pass.engine, endpoint.clone(), pass.layers));
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

/// Where the layers of each image lie, as the engine names them.
type Layers = std::collections::BTreeMap<String, Vec<PathBuf>>;

/// Engines on this machine that were found and are not the one that was read. A socket that nobody listens on is none.
async fn others(chosen: &Endpoint, candidates: &[Endpoint], index: usize, bounds: engine::Bounds) -> Vec<Incomplete> {
    let mut gaps = Vec::new();
    if candidates.len() < 2 {
        return gaps;
    }
    let own = engine::identity(chosen, bounds).await.unwrap_or_default();
    for (place, other) in candidates.iter().enumerate() {
        // Podman's socket is there on many machines where nobody runs containers with it.
        if place == index || other.url.contains("podman") {
            continue;
        }
        let why = match engine::identity(other, bounds).await {
            Ok(id) if id == own => continue,
            // Which of them holds the containers is for the owner to say; not having looked must not read as clean.
            Ok(_) => format!("it answers too, and is not judged here; judge it with --engine {}", other.url),
            Err(error) if error.is_dead() => continue,
            Err(error) => format!("{error}; once it answers, judge it with --engine {}", other.url),
        };
        gaps.extend(engine::blind(&format!("the engine at {}", other.url), &why));
    }
    gaps
}

/// How long a look at this machine may take. It takes a fraction of a second, except where a filesystem hangs.
const LOOK: Duration = Duration::from_secs(30);

/// Does what may block on a thread of its own, which is left behind where it hangs: the end of the program would wait
/// for one of the runtime's own threads.
async fn bounded<T: Send + 'static>(look: impl FnOnce() -> T + Send + 'static) -> Result<T, String> {
    within(LOOK, look).await
}

async fn within<T: Send + 'static>(bound: Duration, look: impl FnOnce() -> T + Send + 'static) -> Result<T, String> {
    let (done, result) = tokio::sync::oneshot::channel();
    let thread = std::thread::Builder::new().name("look".into()).spawn(move || {
        let _ = done.send(look());
    });
    thread.map_err(|error| format!("no thread could be started: {error}"))?;
    match tokio::time::timeout(bound, result).await {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(_)) => Err("reading it was cut short by a defect of Keelguard".into()),
        Err(_) => {
            Err(format!("reading it took longer than {} s; does a network filesystem hang?", bound.as_secs_f32()))
        }
    }
}

/// Whether the engine's paths and pids are this machine's. A socket alone proves nothing (it may be forwarded, or lead
/// into a virtual machine), nor does the same kernel (machines of a fleet have that). What does: the root folder that
/// the engine's process sees is the one that is seen here; a container's process is here; the process that listens is
/// an engine; and, for those who may see none of that, the same name.
async fn is_local(engine: &Engine, endpoint: &Endpoint, host: &Host) -> bool {
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
    if !here || info.kernel_version != host.kernel.release || !(folder.is_dir() || unreadable(&info.docker_root_dir)) {
        return false;
    }
    let listener = match &endpoint.address {
        Address::Unix(path) => host::daemon::peer(path).await.filter(|pid| host::daemon::is_dockerd(*pid)),
        Address::Tcp(..) => None,
    };
    let ident = |path: &str| std::fs::metadata(path).ok().map(|meta| (meta.dev(), meta.ino()));
    if let Some(pid) = listener
        && let Some(its) = ident(&format!("/proc/{pid}/root{}", info.docker_root_dir))
    {
        return ident(&info.docker_root_dir) == Some(its);
    }
    listener.is_some() || process::any_is_here(&engine.containers) || info.name == host.hostname
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_look_that_hangs_is_left_behind() {
        let (release, hang) = std::sync::mpsc::channel::<()>();
        let why = within(Duration::from_millis(20), move || hang.recv()).await.unwrap_err();
        assert!(why.contains("network filesystem"), "{why}");
        drop(release);
        assert_eq!(within(Duration::from_secs(10), || 7).await, Ok(7));
    }

    #[tokio::test]
    async fn the_same_kernel_under_another_name_is_another_machine_unless_more_speaks_for_this_one() {
        let release = rustix::system::uname().release().to_string_lossy().into_owned();
        let mut host = Host { hostname: "here".into(), ..Host::default() };
        host.kernel.release.clone_from(&release);
        let folder = tempfile::tempdir().unwrap();
        let mut engine = Engine::default();
        engine.info.kernel_version = release;
        engine.info.docker_root_dir = folder.path().display().to_string();
        let endpoint = Endpoint {
            address: Address::Unix(folder.path().join("forwarded.sock")),
            url: String::new(),
            found_by: String::new(),
        };
        engine.info.name = "elsewhere".into();
        assert!(!is_local(&engine, &endpoint, &host).await);
        engine.info.name = "here".into();
        assert!(is_local(&engine, &endpoint, &host).await);
        engine.info.docker_root_dir = "/nonexistent".into();
        assert!(!is_local(&engine, &endpoint, &host).await);
    }
}
