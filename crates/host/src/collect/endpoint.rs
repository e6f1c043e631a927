//! Where the engine is: the flag, then `DOCKER_HOST`, then contexts, then the usual sockets. Decides from an environment
//! that is handed in, so that every rule of it is tested without touching this process's own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::Error;

/// How a connection is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// A socket on this machine.
    Unix(PathBuf),
    /// `host:port`, in the clear or with TLS.
    Tcp(String, Option<Tls>),
}

/// TLS material, as files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tls {
    /// Who may have signed the engine's certificate; none is the system's list.
    pub(crate) ca: Option<PathBuf>,
    /// The client's certificate and key.
    pub(crate) client: Option<(PathBuf, PathBuf)>,
    /// Whether the engine's certificate is verified.
    pub(crate) verify: bool,
}

/// An engine's address and how it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) address: Address,
    pub(crate) url: String,
    pub(crate) found_by: String,
}

/// What the search looks at.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// Environment variables.
    pub vars: BTreeMap<String, String>,
    /// The user's home.
    pub home: Option<PathBuf>,
    /// The user's id.
    pub uid: u32,
}

impl Environment {
    /// This process's own.
    pub fn of_this_process() -> Self {
        let vars: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let home = vars.get("HOME").map(PathBuf::from);
        Self { vars, home, uid: rustix::process::getuid().as_raw() }
    }

    fn var(&self, name: &str) -> Option<&str> {
        self.vars.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    fn docker_config(&self) -> Option<PathBuf> {
        self.var("DOCKER_CONFIG").map(PathBuf::from).or_else(|| Some(self.home.as_ref()?.join(".docker")))
    }
}

/// The engines to try, in order: one where the user named it, all usual sockets that exist where not.
pub(crate) fn candidates(flag: Option<&str>, env: &Environment) -> Result<Vec<Endpoint>, Error> {
    if let Some(text) = flag {
        return Ok(vec![parse(text, "--engine", env)?]);
    }
    if let Some(text) = env.var("DOCKER_HOST") {
        return Ok(vec![parse(text, "DOCKER_HOST", env)?]);
    }
    let named = env.var("DOCKER_CONTEXT").map(|name| (name.to_owned(), "DOCKER_CONTEXT"));
    let current = || Some((current_context(&env.docker_config()?)?, "the current context"));
    if let Some((name, why)) = named.or_else(current)
        && name != "default"
    {
        return Ok(vec![context(&name, why, env)?]);
    }
    Ok(usual_sockets(env))
}

fn usual_sockets(env: &Environment) -> Vec<Endpoint> {
    let mut paths = vec![PathBuf::from("/var/run/docker.sock"), PathBuf::from("/run/docker.sock")];
    if let Some(runtime) = env.var("XDG_RUNTIME_DIR") {
        paths.push(Path::new(runtime).join("docker.sock"));
    }
    paths.push(PathBuf::from(format!("/run/user/{}/docker.sock", env.uid)));
    if let Some(home) = &env.home {
        paths.push(home.join(".docker/run/docker.sock"));
        paths.push(home.join(".docker/desktop/docker.sock"));
    }
    // Root may look at the rootless engines of others too.
    if env.uid == 0
        && let Ok(users) = std::fs::read_dir("/run/user")
    {
        paths.extend(users.flatten().map(|user| user.path().join("docker.sock")));
    }
    paths.push(PathBuf::from("/run/podman/podman.sock"));
    let mut seen = Vec::new();
    let mut found = Vec::new();
    for path in paths {
        let Ok(resolved) = path.canonicalize() else { continue };
        if !seen.contains(&resolved) {
            seen.push(resolved);
            found.push(Endpoint {
                url: format!("unix://{}", path.display()),
                address: Address::Unix(path),
                found_by: "usual socket".into(),
            });
        }
    }
    found
}

/// An address as users write it: a path, `unix://`, `tcp://`, `http://`, `https://`.
fn parse(text: &str, found_by: &str, env: &Environment) -> Result<Endpoint, Error> {
    let unsupported = |advice: &str| Error::Endpoint {
        address: text.to_owned(),
        found_by: found_by.to_owned(),
        advice: advice.to_owned(),
    };
    let found = |address, url: String| Ok(Endpoint { address, url, found_by: found_by.to_owned() });
    if text.starts_with('/') {
        return found(Address::Unix(text.into()), format!("unix://{text}"));
    }
    let Some((scheme, rest)) = text.split_once("://") else {
        return Err(unsupported("write unix:///PATH or tcp://HOST:PORT"));
    };
    match scheme {
        "unix" if rest.starts_with('/') => found(Address::Unix(rest.into()), text.to_owned()),
        "unix" => Err(unsupported("a socket's path starts with a slash: unix:///var/run/docker.sock")),
        "tcp" | "http" | "https" => {
            let authority = rest.split('/').next().unwrap_or_default();
            if authority.is_empty() || authority.contains('@') {
                return Err(unsupported("write tcp://HOST:PORT"));
            }
            // tcp://:2375 is this machine, as Docker reads it.
            let authority =
                if authority.starts_with(':') { format!("127.0.0.1{authority}") } else { authority.to_owned() };
            let tls_wanted =
                scheme == "https" || env.var("DOCKER_TLS_VERIFY").is_some() || env.var("DOCKER_TLS").is_some();
            let tls = (tls_wanted && scheme != "http").then(|| tls_from_environment(env));
            let port = if tls.is_some() { 2376 } else { 2375 };
            let after_host = authority.rsplit_once(']').map_or(authority.as_str(), |(_, after)| after);
            let authority = if after_host.contains(':') { authority.clone() } else { format!("{authority}:{port}") };
            found(Address::Tcp(authority, tls), text.to_owned())
        }
        "ssh" => Err(unsupported(
            "ssh is not supported; forward the socket instead: ssh -nNT -L /tmp/docker.sock:/var/run/docker.sock HOST, \
             then --engine unix:///tmp/docker.sock",
        )),
        _ => Err(unsupported("only unix:// and tcp:// are supported")),
    }
}

fn tls_from_environment(env: &Environment) -> Tls {
    let folder = env.var("DOCKER_CERT_PATH").map(PathBuf::from).or_else(|| env.docker_config());
    // As Docker reads it: any value verifies, even 0. Only DOCKER_TLS by itself asks for TLS without verification.
    let verify = env.var("DOCKER_TLS_VERIFY").is_some() || env.var("DOCKER_TLS").is_none();
    tls_from_folder(folder.as_deref(), verify)
}

fn tls_from_folder(folder: Option<&Path>, verify: bool) -> Tls {
    let file = |name: &str| folder.map(|folder| folder.join(name)).filter(|path| path.exists());
    Tls { ca: file("ca.pem"), client: file("cert.pem").zip(file("key.pem")), verify }
}

fn current_context(docker_config: &Path) -> Option<String> {
    #[derive(Deserialize)]
    struct Config {
        #[serde(rename = "currentContext")]
        current: Option<String>,
    }
    let text = super::read::text(&docker_config.join("config.json"), 1 << 20).ok()?;
    serde_json::from_str::<Config>(&text).ok()?.current.filter(|name| !name.is_empty())
}

/// `~/.docker/contexts/meta/<sha256 of the name>/meta.json`.
#[derive(Debug, Deserialize)]
pub(crate) struct ContextMeta {
    #[serde(rename = "Name")]
    pub(crate) name: String,
    #[serde(rename = "Endpoints", default)]
    pub(crate) endpoints: BTreeMap<String, ContextEndpoint>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ContextEndpoint {
    #[serde(rename = "Host", default)]
    pub(crate) host: String,
    #[serde(rename = "SkipTLSVerify", default)]
    pub(crate) skip_verify: bool,
}

fn context(name: &str, why: &str, env: &Environment) -> Result<Endpoint, Error> {
    let found_by = format!("{why} {name}");
    let broken = |advice: String| Error::Endpoint { address: name.to_owned(), found_by: found_by.clone(), advice };
    let Some(docker_config) = env.docker_config() else {
        return Err(broken("HOME is not set, so there is no ~/.docker to find contexts in".into()));
    };
    let id: String = Sha256::digest(name).iter().map(|byte| format!("{byte:02x}")).collect();
    let file = docker_config.join("contexts/meta").join(&id).join("meta.json");
    let text = super::read::text(&file, 1 << 20).map_err(|error| {
        broken(format!("no such context ({}: {error}); docker context ls lists them", file.display()))
    })?;
    let meta: ContextMeta =
        serde_json::from_str(&text).map_err(|error| broken(format!("{} is damaged: {error}", file.display())))?;
    let Some(endpoint) = meta.endpoints.get("docker") else {
        return Err(broken("this context has no Docker endpoint".into()));
    };
    let mut found = parse(&endpoint.host, &found_by, env)?;
    let material = docker_config.join("contexts/tls").join(&id).join("docker");
    if let Address::Tcp(authority, tls) = &mut found.address
        && (material.is_dir() || endpoint.skip_verify)
    {
        *tls = Some(tls_from_folder(Some(&material), !endpoint.skip_verify));
        if !endpoint.host.rsplit(']').next().unwrap_or_default().trim_start_matches("tcp://").contains(':') {
            *authority = authority.replace(":2375", ":2376");
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(vars: &[(&str, &str)], home: Option<&Path>) -> Environment {
        Environment {
            vars: vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            home: home.map(Path::to_path_buf),
            uid: 1000,
        }
    }

    fn only(flag: Option<&str>, env: &Environment) -> Endpoint {
        let mut found = candidates(flag, env).unwrap();
        assert_eq!(found.len(), 1);
        found.remove(0)
    }

    #[test]
    fn the_flag_wins_over_the_environment_and_the_environment_over_contexts() {
        let home = tempfile::tempdir().unwrap();
        write_context(home.path(), "staging", "tcp://10.0.0.5:2376", false);
        std::fs::write(home.path().join(".docker/config.json"), r#"{"currentContext":"staging"}"#).unwrap();
        let both = env(&[("DOCKER_HOST", "unix:///run/other.sock")], Some(home.path()));
        assert_eq!(only(Some("/tmp/x.sock"), &both).url, "unix:///tmp/x.sock");
        assert_eq!(only(None, &both).found_by, "DOCKER_HOST");
        let neither = env(&[], Some(home.path()));
        assert_eq!(only(None, &neither).found_by, "the current context staging");
        let named = env(&[("DOCKER_CONTEXT", "nowhere")], Some(home.path()));
        assert!(candidates(None, &named).unwrap_err().to_string().contains("nowhere"));
    }

    #[test]
    fn ssh_is_a_clear_not_supported_with_the_way_out() {
        let message = candidates(Some("ssh://ops@build"), &env(&[], None)).unwrap_err().to_string();
        assert!(message.contains("not supported") && message.contains("ssh -nNT -L"), "{message}");
    }

    #[test]
    fn tcp_takes_the_usual_port_and_tls_from_the_environment() {
        let plain = only(Some("tcp://10.0.0.5"), &env(&[], None));
        assert_eq!(plain.address, Address::Tcp("10.0.0.5:2375".into(), None));
        let certs = tempfile::tempdir().unwrap();
        for name in ["ca.pem", "cert.pem", "key.pem"] {
            std::fs::write(certs.path().join(name), "").unwrap();
        }
        let vars = [("DOCKER_TLS_VERIFY", "1"), ("DOCKER_CERT_PATH", certs.path().to_str().unwrap())];
        let Address::Tcp(authority, Some(tls)) = only(Some("tcp://[fd00::5]"), &env(&vars, None)).address else {
            panic!("no TLS")
        };
        assert_eq!(authority, "[fd00::5]:2376");
        assert!(tls.verify && tls.ca.is_some() && tls.client.is_some());
    }

    #[test]
    fn only_docker_tls_by_itself_leaves_the_certificate_unverified() {
        let verified = |address: &str, vars: &[(&str, &str)]| match only(Some(address), &env(vars, None)).address {
            Address::Tcp(_, tls) => tls.map(|tls| tls.verify),
            Address::Unix(_) => None,
        };
        assert_eq!(verified("https://h", &[]), Some(true));
        assert_eq!(verified("tcp://h", &[("DOCKER_TLS_VERIFY", "0")]), Some(true));
        assert_eq!(verified("tcp://h", &[("DOCKER_TLS", "1")]), Some(false));
        assert_eq!(verified("tcp://h", &[("DOCKER_TLS_VERIFY", "")]), None, "an empty variable is none");
    }

    #[test]
    fn an_address_without_a_host_is_this_machine() {
        assert_eq!(only(Some("tcp://:2375"), &env(&[], None)).address, Address::Tcp("127.0.0.1:2375".into(), None));
    }

    #[test]
    fn a_context_brings_its_own_tls_material() {
        let home = tempfile::tempdir().unwrap();
        write_context(home.path(), "prod", "tcp://prod:2376", true);
        let endpoint = only(None, &env(&[("DOCKER_CONTEXT", "prod")], Some(home.path())));
        let Address::Tcp(_, Some(tls)) = endpoint.address else { panic!("no TLS") };
        assert!(!tls.verify);
    }

    #[test]
    fn nonsense_is_refused_with_advice() {
        for nonsense in ["docker", "unix://relative", "tcp://", "npipe:////./pipe/docker", "tcp://user@host"] {
            assert!(candidates(Some(nonsense), &env(&[], None)).is_err(), "{nonsense}");
        }
    }

    fn write_context(home: &Path, name: &str, host: &str, skip_verify: bool) {
        let id: String = Sha256::digest(name).iter().map(|byte| format!("{byte:02x}")).collect();
        let folder = home.join(".docker/contexts/meta").join(id);
        std::fs::create_dir_all(&folder).unwrap();
        let meta = format!(
            r#"{{"Name":"{name}","Endpoints":{{"docker":{{"Host":"{host}","SkipTLSVerify":{skip_verify}}}}}}}"#
        );
        std::fs::write(folder.join("meta.json"), meta).unwrap();
    }
}
