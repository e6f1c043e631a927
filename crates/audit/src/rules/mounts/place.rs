//! Where a mount really leads: its host path under every name by which it is known. Names come from the resolved path
//! and from the identity (device and inode) of the folder and everything above and noted below it, so that a symbolic
//! link, an alias made by a bind mount, or a hard link says no less than the plain path.

use std::collections::{BTreeSet, HashMap};

use keelguard_host::Facts;
use keelguard_host::facts::{Container, Ident, Mount, PathFact, Volume};

use crate::Exposure;

/// A host path inside a container.
pub(super) struct Place<'a> {
    pub(super) container: &'a Container,
    pub(super) exposure: Exposure,
    /// Its place in `Mounts`.
    pub(super) index: usize,
    pub(super) mount: &'a Mount,
    /// Can be written through this mount.
    pub(super) rw: bool,
    /// Why it stands for a path other than `Mounts[].Source`: the volume's option and its value.
    pub(super) by_option: Option<(String, String)>,
    /// What lies there, where that is known.
    pub(super) fact: Option<&'a PathFact>,
    /// Its names: normalised host paths.
    pub(super) names: BTreeSet<String>,
    /// No identity was to be had: names are all there is.
    pub(super) by_name: bool,
    /// The engine's own folder of a volume, which belongs to this container as it should.
    pub(super) own_volume: bool,
}

/// How a mount stands to a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Relation {
    /// It is that path.
    Same,
    /// It lies above, so that the path is inside the mount.
    Above,
    /// It lies inside that folder, at this rest of the path.
    Inside(String),
}

impl Place<'_> {
    /// How this mount stands to `target`, the closest relation first.
    pub(super) fn relation(&self, target: &str) -> Option<Relation> {
        self.names.iter().filter_map(|name| relation(name, target)).min()
    }

    /// The name to show: the resolved path, else the one written.
    pub(super) fn shown(&self) -> &str {
        match self.fact {
            Some(fact) if !fact.resolved.is_empty() => &fact.resolved,
            _ => self.names.first().map_or(self.mount.source.as_str(), String::as_str),
        }
    }
}

/// How the path `name` stands to the path `target`, both normalised.
pub(super) fn relation(name: &str, target: &str) -> Option<Relation> {
    if name == target {
        return Some(Relation::Same);
    }
    if below(target, name).is_some() {
        return Some(Relation::Above);
    }
    below(name, target).map(|rest| Relation::Inside(rest.to_owned()))
}

/// The rest of `path` below `folder`.
pub(super) fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    if folder == "/" {
        return path.strip_prefix('/').filter(|rest| !rest.is_empty());
    }
    path.strip_prefix(folder)?.strip_prefix('/')
}

/// Links that every current distribution has.
const LINKS: [(&str, &str); 7] = [
    ("/var/run", "/run"),
    ("/var/lock", "/run/lock"),
    ("/bin", "/usr/bin"),
    ("/sbin", "/usr/sbin"),
    ("/lib", "/usr/lib"),
    ("/lib64", "/usr/lib64"),
    ("/lib32", "/usr/lib32"),
];

/// `path` without `.`, `..`, doubled and trailing slashes, and with the links that every current distribution has
/// (`/var/run`, `/bin`, `/lib`, …) followed. Only for paths that nobody could resolve.
pub(super) fn normalised(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let plain = format!("/{}", parts.join("/"));
    for (link, target) in LINKS {
        if plain == link {
            return target.to_owned();
        }
        if let Some(rest) = below(&plain, link) {
            return format!("{target}/{rest}");
        }
    }
    plain
}

/// The known names of identities: of all sensitive paths, control sockets, and what lies above them.
struct Names<'a>(HashMap<Ident, BTreeSet<&'a str>>);

impl<'a> Names<'a> {
    fn of(facts: &'a Facts) -> Self {
        let mut names: HashMap<Ident, BTreeSet<&'a str>> = HashMap::new();
        let sockets = facts.host.control_sockets.iter().map(|socket| &socket.fact);
        for fact in facts.host.sensitive.values().chain(sockets) {
            for (path, ident) in &fact.chain {
                names.entry(*ident).or_default().insert(path);
            }
        }
        Self(names)
    }

    /// All names of what `fact` describes, and of known things noted below it.
    fn of_fact(&self, fact: &PathFact, recursive: bool) -> BTreeSet<String> {
        let mut names = BTreeSet::from([fact.resolved.clone()]);
        for (above, ident) in &fact.chain {
            for known in self.0.get(ident).into_iter().flatten() {
                match below(&fact.resolved, above) {
                    Some(rest) if *known == "/" => names.insert(format!("/{rest}")),
                    Some(rest) => names.insert(format!("{known}/{rest}")),
                    None => names.insert((*known).to_owned()),
                };
            }
        }
        for item in fact.below.iter().filter(|item| recursive || item.kind != "mount") {
            names.extend(self.0.get(&item.ident).into_iter().flatten().map(|known| (*known).to_owned()));
        }
        names
    }
}

/// Every host path that some container mounts. Folders of ordinary volumes are among them, marked as such.
pub(super) fn places(facts: &Facts) -> Vec<Place<'_>> {
    let Some(engine) = &facts.engine else { return Vec::new() };
    let names = Names::of(facts);
    let volumes: HashMap<&str, &Volume> = engine.volumes.iter().map(|v| (v.name.as_str(), v)).collect();
    let mut places = Vec::new();
    for container in &engine.containers {
        let exposure = Exposure::of(facts, container);
        for (index, mount) in container.mounts.iter().enumerate() {
            for source in sources(facts, mount, &volumes) {
                let fact = facts.host.paths.get(&source.path).filter(|_| engine.local);
                let resolved = fact.filter(|fact| !fact.resolved.is_empty() && fact.ident().is_some());
                // What is missing has no identity, and that is known: the engine makes a folder there at the start.
                let by_name = resolved.is_none() && fact.is_none_or(|fact| fact.kind != "missing");
                let recursive =
                    !container.host_config.mounts.iter().any(|m| {
                        m.target == mount.destination && m.bind_options.as_ref().is_some_and(|o| o.non_recursive)
                    });
                places.push(Place {
                    container,
                    exposure,
                    index,
                    mount,
                    rw: mount.rw && source.rw,
                    names: match resolved {
                        Some(fact) => names.of_fact(fact, recursive),
                        None => BTreeSet::from([normalised(&source.path)]),
                    },
                    by_option: source.by_option,
                    fact,
                    by_name: by_name && !source.own_volume,
                    own_volume: source.own_volume,
                });
            }
        }
    }
    places
}

/// A host path that a mount stands for.
struct Source {
    path: String,
    rw: bool,
    by_option: Option<(String, String)>,
    own_volume: bool,
}

fn sources(facts: &Facts, mount: &Mount, volumes: &HashMap<&str, &Volume>) -> Vec<Source> {
    match mount.kind.as_str() {
        "bind" => {
            let own_volume = is_volume_data(&normalised(&mount.source), volumes);
            vec![Source { path: mount.source.clone(), rw: true, by_option: None, own_volume }]
        }
        "volume" => {
            let volume = volumes.get(mount.name.as_str());
            let hidden = volume.map(|volume| hidden_sources(facts, volume)).unwrap_or_default();
            let path = [&mount.source].into_iter().chain(volume.map(|v| &v.mountpoint)).find(|path| !path.is_empty());
            match path {
                _ if !hidden.is_empty() => hidden,
                Some(path) => vec![Source { path: path.clone(), rw: true, by_option: None, own_volume: true }],
                None => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// Whether `path` is one volume's data, or lies in it: shared with that volume, but not the engine's storage.
fn is_volume_data(path: &str, volumes: &HashMap<&str, &Volume>) -> bool {
    path.contains("/volumes/") && volumes.values().any(|v| path == v.mountpoint || below(path, &v.mountpoint).is_some())
}

/// Host paths behind the options of the local driver: a bind, a disk that the host has mounted itself, an overlay.
fn hidden_sources(facts: &Facts, volume: &Volume) -> Vec<Source> {
    let option = |name: &str| volume.options.get(name).map_or("", String::as_str);
    let source = |key: &str, path: &str, rw: bool| Source {
        path: path.to_owned(),
        rw,
        by_option: Some((format!("Volumes[{}].Options.{key}", volume.name), option(key).to_owned())),
        own_volume: false,
    };
    if let Some(path) = volume.bound_path() {
        return vec![source("device", path, true)];
    }
    let device = option("device");
    if device.starts_with("/dev/") {
        let numbers = facts.host.paths.get(device).and_then(|fact| fact.rdev).map(|(a, b)| format!("{a}:{b}"));
        return facts
            .host
            .mounts
            .iter()
            .filter(|m| m.root == "/" && (m.source == device || Some(&m.device) == numbers.as_ref()))
            .map(|m| source("device", &m.mount_point, true))
            .collect();
    }
    if option("type") == "overlay" {
        let folders = option("o").split(',').filter_map(|part| part.split_once('='));
        return folders
            .flat_map(|(key, value)| match key {
                "lowerdir" => value.split(':').map(|path| source("o", path, false)).collect(),
                "upperdir" => vec![source("o", value, true)],
                _ => Vec::new(),
            })
            .collect();
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_compared_by_whole_components() {
        assert_eq!(relation("/etc", "/etc"), Some(Relation::Same));
        assert_eq!(relation("/", "/etc"), Some(Relation::Above));
        assert_eq!(relation("/etc/cron.d/x", "/etc/cron.d"), Some(Relation::Inside("x".into())));
        assert_eq!(relation("/etcetera", "/etc"), None);
        assert_eq!(relation("/etc", "/etcetera"), None);
    }

    #[test]
    fn unresolved_paths_are_normalised_as_a_usual_host_would() {
        for (written, normal) in [
            ("/var/run/docker.sock", "/run/docker.sock"),
            ("//etc/./cron.d/../shadow/", "/etc/shadow"),
            ("/../..", "/"),
            ("/bin", "/usr/bin"),
            ("/library", "/library"),
        ] {
            assert_eq!(normalised(written), normal);
        }
    }
}
