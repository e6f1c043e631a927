//! Registries that run on this host: containers and programs, their configuration as they have it, and the file of their logins.

use std::path::{Path, PathBuf};

use keelguard_host::Facts;
use keelguard_host::facts::Container;
use keelguard_model::registry::{HtpasswdFile, Served};
use keelguard_model::text::printable;
use keelguard_model::{Area, Incomplete};

use super::config::Config;
use super::{Here, files};

/// Larger files hold something else.
const MAX_FILE: u64 = 1 << 20;
/// Registries that are looked at.
const MOST: usize = 50;
/// Of a log, its beginning: what a registry says when it starts.
const LOG_HEAD: u64 = 1 << 20;

/// Where images and packages of Distribution have their configuration.
const USUAL: &[&str] = &["/etc/distribution/config.yml", "/etc/docker/registry/config.yml"];

/// Names of images that are Distribution, without their registry and tag.
const IMAGES: &[&str] = &[
    "registry",
    "library/registry",
    "distribution/distribution",
    "goharbor/registry-photon",
    "bitnami/registry",
    "docker-registry",
];

/// What Distribution says when it invents a user; the password stands in the same line.
const INVENTED: &str = "htpasswd is missing, provisioning with default user";

pub(super) fn collect(here: &Here, facts: &Facts, gaps: &mut Vec<Incomplete>) -> Vec<Served> {
    let mut found = Vec::new();
    if facts.engine_is_local() {
        for container in facts.containers().iter().filter(|container| is_registry(container)).take(MOST) {
            found.push(of_container(here, container, gaps));
        }
    }
    // With an engine elsewhere, the facts are about another machine than this one's programs.
    if facts.engine.is_none() || facts.engine_is_local() {
        found.extend(programs(here, facts, gaps));
    }
    found
}

fn is_registry(container: &Container) -> bool {
    let name = &container.config.image;
    let name = name.split('@').next().unwrap_or(name);
    let (folder, last) = name.rsplit_once('/').map_or((None, name), |(folder, last)| (Some(folder), last));
    let last = last.split(':').next().unwrap_or(last);
    let folder = folder.map(|folder| match folder.split_once('/') {
        Some((host, rest)) if host.contains(['.', ':']) => rest,
        _ if folder.contains(['.', ':']) => "",
        _ => folder,
    });
    let short = match folder {
        Some(folder) if !folder.is_empty() => format!("{folder}/{last}"),
        _ => last.to_owned(),
    };
    let words = container.config.entrypoint.iter().chain(&container.config.cmd);
    let serves = words.clone().any(|word| word == "serve") && words.clone().any(|word| is_program(word));
    let configured = container.config.env.iter().any(|entry| {
        entry.starts_with("REGISTRY_STORAGE_")
            || entry.starts_with("REGISTRY_AUTH_HTPASSWD")
            || entry.starts_with("REGISTRY_HTTP_ADDR")
    });
    IMAGES.contains(&short.as_str()) || serves || configured
}

/// The file's name is that of Distribution's program.
fn is_program(word: &str) -> bool {
    matches!(word.rsplit('/').next(), Some("registry" | "docker-registry" | "registry_DO_NOT_USE_GC"))
}

/// The argument after `serve`.
fn config_argument(words: &[String]) -> Option<&str> {
    let place = words.iter().position(|word| word == "serve")?;
    words.get(place + 1).map(String::as_str).filter(|word| !word.starts_with('-'))
}

fn of_container(here: &Here, container: &Container, gaps: &mut Vec<Incomplete>) -> Served {
    let mut served = Served { container: container.name.clone(), id: container.id.clone(), ..Served::default() };
    let words: Vec<String> = container.config.entrypoint.iter().chain(&container.config.cmd).cloned().collect();
    let pid = u32::try_from(container.state.pid).ok().filter(|pid| *pid > 0);
    let root = pid.map(|pid| here.below(&format!("/proc/{pid}/root"))).filter(|root| root.read_dir().is_ok());
    let mut config = Config::default();
    let named = config_argument(&words).map(PathBuf::from);
    let candidates: Vec<PathBuf> = named.into_iter().chain(USUAL.iter().map(PathBuf::from)).collect();
    for path in candidates {
        let places = root.iter().map(|root| (root.clone(), path.clone())).chain(mounted(here, container, &path));
        if read_config(places, &path, &mut config, &mut served) {
            break;
        }
    }
    // The process has its variables; facts have their names alone.
    let own = pid.and_then(|pid| files::read(&here.root, Path::new(&format!("/proc/{pid}/environ")), MAX_FILE).ok());
    let variables: Vec<String> = match own {
        Some(content) => content.text().split('\0').map(str::to_owned).collect(),
        None => container.config.env.clone(),
    };
    lay(&variables, &mut config, &mut served);
    served.known = served.config_from.iter().any(|from| from.starts_with('/'));
    if !served.known {
        let what = format!("the configuration of the registry in container {}", container.name);
        let why = if pid.is_some() {
            "it is not where it usually is"
        } else {
            "it does not run, and nothing is mounted there"
        };
        gaps.push(Incomplete::new(Area::Iam, what, why));
    }
    served.reached_at = published(container, config.values.get("http.addr").map_or(":5000", String::as_str));
    if let Some(path) = config.values.get("auth.htpasswd.path").map(PathBuf::from) {
        let places = root.iter().map(|root| (root.clone(), path.clone())).chain(mounted(here, container, &path));
        served.htpasswd = Some(htpasswd(places, &path));
    }
    served.invented_user = says_invented(here, &container.log_path) || is_invented(served.htpasswd.as_ref());
    finish(served, config)
}

/// The host's file that lies at `path` in a container, by its mounts.
fn mounted(here: &Here, container: &Container, path: &Path) -> Option<(PathBuf, PathBuf)> {
    let fits = container.mounts.iter().filter(|mount| path.starts_with(&mount.destination));
    let mount = fits.max_by_key(|mount| mount.destination.len())?;
    let rest = path.strip_prefix(&mount.destination).ok()?;
    let source = here.below(&mount.source);
    if rest.as_os_str().is_empty() {
        // A single file: what is below its folder is not the container's.
        return Some((source.parent()?.to_path_buf(), PathBuf::from(source.file_name()?)));
    }
    Some((source, rest.to_path_buf()))
}

fn read_config(
    places: impl Iterator<Item = (PathBuf, PathBuf)>,
    shown: &Path,
    config: &mut Config,
    served: &mut Served,
) -> bool {
    for (root, path) in places {
        if let Ok(content) = files::read(&root, &path, MAX_FILE)
            && config.file(&content.text()).is_ok()
        {
            served.config_from.push(shown.display().to_string());
            return true;
        }
    }
    false
}

fn lay(variables: &[String], config: &mut Config, served: &mut Served) {
    let before = config.clone();
    for (name, value) in variables.iter().filter_map(|entry| entry.split_once('=')) {
        config.variable(name, value);
    }
    if *config != before {
        served.config_from.push("environment".into());
    }
}

fn finish(mut served: Served, config: Config) -> Served {
    served.http_secret = config.http_secret;
    served.config = config.values;
    served.secrets = config.secrets;
    served
}

/// Addresses of this host behind which the port of `addr` is.
fn published(container: &Container, addr: &str) -> Vec<String> {
    if container.host_config.network_mode == "host" {
        return vec![whole(addr)];
    }
    let port = addr.rsplit(':').next().unwrap_or("5000");
    let wanted = format!("{port}/tcp");
    let running = container.network_settings.ports.get(&wanted).and_then(Option::as_ref);
    let bindings = running.or_else(|| container.host_config.port_bindings.get(&wanted).and_then(Option::as_ref));
    let mut found: Vec<String> = bindings
        .into_iter()
        .flatten()
        .map(|binding| {
            let ip = if binding.host_ip.is_empty() { "0.0.0.0" } else { &binding.host_ip };
            let ip = if ip.contains(':') { format!("[{ip}]") } else { ip.to_owned() };
            format!("{ip}:{}", binding.host_port)
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

/// `:5000` is every address.
fn whole(addr: &str) -> String {
    if addr.starts_with(':') { format!("0.0.0.0{addr}") } else { printable(addr).into_owned() }
}

fn htpasswd(places: impl Iterator<Item = (PathBuf, PathBuf)>, shown: &Path) -> HtpasswdFile {
    let mut file = HtpasswdFile { path: printable(&shown.to_string_lossy()).into_owned(), ..HtpasswdFile::default() };
    for (root, path) in places {
        match files::read(&root, &path, MAX_FILE) {
            Ok(content) => {
                file.exists = Some(true);
                file.mode = Some(content.mode);
                count(&content.text(), &mut file);
                return file;
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => file.exists = Some(false),
            Err(_) => {}
        }
    }
    file
}

/// `name:$2y$10$…`, a line each.
fn count(text: &str, file: &mut HtpasswdFile) {
    for line in text.lines().filter(|line| !line.starts_with('#') && line.contains(':')) {
        file.users += 1;
        let hash = line.split_once(':').map_or("", |(_, hash)| hash);
        let mut parts = hash.split('$').skip(1);
        match (parts.next(), parts.next().and_then(|cost| cost.parse::<u32>().ok())) {
            (Some("2y" | "2a" | "2b"), Some(cost)) => {
                file.least_cost = Some(file.least_cost.map_or(cost, |least| least.min(cost)));
                file.invented |= hash.starts_with("$2a$") && line.starts_with("docker:");
            }
            _ => file.not_bcrypt += 1,
        }
    }
    file.invented &= file.users == 1;
}

/// One user, called docker, hashed as Go's library does: `htpasswd` writes another beginning.
fn is_invented(file: Option<&HtpasswdFile>) -> bool {
    file.is_some_and(|file| file.invented)
}

fn says_invented(here: &Here, log: &str) -> bool {
    if log.is_empty() {
        return false;
    }
    let content = files::beginning(&here.root, Path::new(log), LOG_HEAD);
    content.is_ok_and(|content| content.text().contains(INVENTED))
}

/// Programs of this host that are no container's: `docker-registry serve /etc/docker/registry/config.yml`.
fn programs(here: &Here, facts: &Facts, gaps: &mut Vec<Incomplete>) -> Vec<Served> {
    let mut found = Vec::new();
    let contained: Vec<i32> = facts
        .containers()
        .iter()
        .flat_map(|container| {
            container.truth.iter().flat_map(|truth| truth.processes.iter().map(|process| process.pid))
        })
        .collect();
    let namespace = |pid: &str| std::fs::read_link(here.below(&format!("/proc/{pid}/ns/mnt"))).ok();
    let own = namespace("self");
    let Ok(entries) = std::fs::read_dir(here.below("/proc")) else { return found };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse::<i32>().ok()) else { continue };
        let Ok(content) = files::beginning(&here.root, Path::new(&format!("/proc/{pid}/cmdline")), 4096) else {
            continue;
        };
        let words: Vec<String> =
            content.text().split('\0').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        let is_registry =
            words.first().is_some_and(|word| is_program(word)) && words.iter().any(|word| word == "serve");
        let elsewhere =
            contained.contains(&pid) || namespace(&pid.to_string()).is_some_and(|its| own.as_ref() != Some(&its));
        if !is_registry || elsewhere || found.len() >= MOST {
            continue;
        }
        found.push(of_program(here, pid, &words, gaps));
    }
    found
}

fn of_program(here: &Here, pid: i32, words: &[String], gaps: &mut Vec<Incomplete>) -> Served {
    let mut served = Served { id: pid.to_string(), ..Served::default() };
    let folder = std::fs::read_link(here.below(&format!("/proc/{pid}/cwd"))).unwrap_or_default();
    let mut config = Config::default();
    let path = config_argument(words)
        .map_or_else(|| PathBuf::from("/etc/docker/registry/config.yml"), |word| folder.join(word));
    let root = here.root.clone();
    served.known = read_config([(root.clone(), path.clone())].into_iter(), &path, &mut config, &mut served);
    if !served.known {
        let what = format!("the configuration of the registry that runs as process {pid}");
        gaps.push(Incomplete::new(Area::Iam, what, format!("{} cannot be read or understood", path.display())));
    }
    if let Ok(content) = files::read(&here.root, Path::new(&format!("/proc/{pid}/environ")), MAX_FILE) {
        let variables: Vec<String> = content.text().split('\0').map(str::to_owned).collect();
        lay(&variables, &mut config, &mut served);
    }
    served.reached_at = vec![whole(config.values.get("http.addr").map_or(":5000", String::as_str))];
    if let Some(path) = config.values.get("auth.htpasswd.path").map(|path| folder.join(path)) {
        let file = htpasswd([(root, path.clone())].into_iter(), &path);
        served.invented_user = is_invented(Some(&file));
        served.htpasswd = Some(file);
    }
    finish(served, config)
}

/// Gives `text` to every parser: see [`crate::fuzzing`].
pub(super) fn every_parser(text: &str) {
    count(text, &mut HtpasswdFile::default());
    let _ = whole(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_is_known_by_its_image_its_command_or_its_variables() {
        let with = |change: fn(&mut Container)| {
            let mut container = Container::default();
            change(&mut container);
            is_registry(&container)
        };
        assert!(with(|c| c.config.image = "registry:2".into()));
        assert!(with(|c| c.config.image = "docker.io/library/registry:2.8@sha256:ab".into()));
        assert!(with(|c| c.config.image = "mirror.example:5000/registry".into()));
        assert!(with(|c| c.config.cmd = ["/bin/registry", "serve", "/x.yml"].map(String::from).into()));
        assert!(with(|c| c.config.env = vec!["REGISTRY_STORAGE_S3_BUCKET=<redacted>".into()]));
        assert!(!with(|c| c.config.image = "team/npm-registry:1".into()));
        assert!(!with(|c| c.config.env = vec!["REGISTRY_PASSWORD=<redacted>".into()]));
    }

    #[test]
    fn a_file_of_logins_tells_how_it_is_hashed_and_whether_the_registry_made_it() {
        let counted = |text: &str| {
            let mut file = HtpasswdFile::default();
            count(text, &mut file);
            file
        };
        let file = counted("a:$2y$05$xyz\nb:$apr1$x$y\n# c\n\nd:$2b$12$xyz\n");
        assert_eq!((file.users, file.not_bcrypt, file.least_cost, file.invented), (3, 1, Some(5), false));
        assert!(counted("docker:$2a$10$xyz\n").invented);
        assert!(!counted("docker:$2y$10$xyz\n").invented && !counted("docker:$2a$10$x\nme:$2a$10$x\n").invented);
    }

    #[test]
    fn a_port_is_reached_where_it_is_published_and_nowhere_else() {
        let mut container = Container::default();
        assert_eq!(published(&container, ":5000"), [""; 0]);
        container.publish("127.0.0.1", 5000, 5000);
        assert_eq!(published(&container, ":5000"), ["127.0.0.1:5000"]);
        assert_eq!(published(&container, ":5001"), [""; 0]);
        container.host_config.network_mode = "host".into();
        assert_eq!(published(&container, ":5001"), ["0.0.0.0:5001"]);
    }
}
