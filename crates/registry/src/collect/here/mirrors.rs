//! Where images are fetched instead of at the registry that their names say: containerd's `hosts.toml` and `config.toml`, Podman's and
//! CRI-O's `registries.conf`, BuildKit's `buildkitd.toml`; and what `policy.json` says of signatures. What Docker's own engine is
//! told is among the facts of the engine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use keelguard_model::registry::Mirror;
use keelguard_model::text::printable;
use keelguard_model::{Area, Incomplete};
use toml::{Table, Value};

use super::{Here, files, logins};

/// Larger files hold something else.
const MAX_FILE: u64 = 1 << 20;
/// Entries that are kept.
const MOST: usize = 500;

pub(super) fn collect(here: &Here, gaps: &mut Vec<Incomplete>) -> Vec<Mirror> {
    let mut found = Vec::new();
    for registry in files::names(&here.root, Path::new("/etc/containerd/certs.d")) {
        let path = Path::new("/etc/containerd/certs.d").join(&registry).join("hosts.toml");
        let name = printable(&registry.to_string_lossy()).into_owned();
        found.extend(table(here, &path, gaps).iter().flat_map(|table| hosts(table, &path, &name)));
    }
    let mut registries: Vec<PathBuf> = vec!["/etc/containers/registries.conf".into()];
    for folder in ["/etc/containers/registries.conf.d", "/usr/share/containers/registries.conf.d"] {
        let names = files::names(&here.root, Path::new(folder)).into_iter();
        registries.extend(
            names.filter(|name| name.extension().is_some_and(|e| e == "conf")).map(|name| Path::new(folder).join(name)),
        );
    }
    registries.extend(logins::users(here).iter().map(|user| user.home.join(".config/containers/registries.conf")));
    for path in registries {
        found.extend(table(here, &path, gaps).iter().flat_map(|table| podman(table, &path)));
    }
    let path = Path::new("/etc/containerd/config.toml");
    found.extend(table(here, path, gaps).iter().flat_map(|table| containerd(table, path)));
    let path = Path::new("/etc/buildkit/buildkitd.toml");
    found.extend(table(here, path, gaps).iter().flat_map(|table| buildkit(table, path)));
    found.sort();
    found.dedup();
    found.truncate(MOST);
    found
}

fn table(here: &Here, path: &Path, gaps: &mut Vec<Incomplete>) -> Option<Table> {
    let why = match files::read(&here.root, path, MAX_FILE) {
        Ok(content) => match content.text().parse() {
            Ok(table) => return Some(table),
            Err(_) => "it is no TOML".to_owned(),
        },
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            return None;
        }
        Err(error) => error.to_string(),
    };
    gaps.push(Incomplete::new(Area::Iam, format!("mirrors in {}", path.display()), why));
    None
}

fn mirror(from: &Path, registry: &str, address: &str, insecure: bool) -> Mirror {
    // A login in an address is left out.
    let address = match address.rsplit_once('@') {
        Some((before, host)) => {
            format!("{}{host}", before.split_once("://").map_or(String::new(), |(scheme, _)| format!("{scheme}://")))
        }
        None => address.to_owned(),
    };
    Mirror {
        from: from.display().to_string(),
        registry: printable(registry).into_owned(),
        insecure: insecure || address.starts_with("http://"),
        address: printable(&address).into_owned(),
    }
}

/// `[host."http://mirror.example"]` with `skip_verify`; `server` is the registry itself.
fn hosts(table: &Table, from: &Path, registry: &str) -> Vec<Mirror> {
    let mut found = Vec::new();
    if let Some(server) = table.get("server").and_then(Value::as_str) {
        found.push(mirror(from, registry, server, flag(table, "skip_verify")));
    }
    for (address, host) in entries(table.get("host")) {
        found.push(mirror(from, registry, address, host.as_table().is_some_and(|host| flag(host, "skip_verify"))));
    }
    // The registry by its own name and as it should be is no mirror.
    found.retain(|one| one.insecure || !one.address.trim_start_matches("https://").starts_with(registry));
    found
}

/// `[[registry]]` with `location`, `insecure` and `[[registry.mirror]]`; and the first form, `[registries.insecure]`.
fn podman(table: &Table, from: &Path) -> Vec<Mirror> {
    let mut found = Vec::new();
    for registry in list(table.get("registry")).iter().filter_map(Value::as_table) {
        let text = |name: &str| registry.get(name).and_then(Value::as_str).unwrap_or_default();
        let name = if text("prefix").is_empty() { text("location") } else { text("prefix") };
        if flag(registry, "insecure") || (!text("location").is_empty() && text("location") != name) {
            found.push(mirror(from, name, text("location"), flag(registry, "insecure")));
        }
        for one in list(registry.get("mirror")).iter().filter_map(Value::as_table) {
            let location = one.get("location").and_then(Value::as_str).unwrap_or_default();
            found.push(mirror(from, name, location, flag(one, "insecure")));
        }
    }
    let old = table.get("registries").and_then(|all| all.get("insecure")).and_then(|one| one.get("registries"));
    found.extend(list(old).iter().filter_map(Value::as_str).map(|name| mirror(from, name, name, true)));
    found
}

/// `plugins."io.containerd.grpc.v1.cri".registry`: `mirrors.NAME.endpoint` and `configs.NAME.tls.insecure_skip_verify`.
fn containerd(table: &Table, from: &Path) -> Vec<Mirror> {
    let mut found = Vec::new();
    for (_, plugin) in entries(table.get("plugins")) {
        let Some(registry) = plugin.get("registry") else { continue };
        for (name, one) in entries(registry.get("mirrors")) {
            let addresses = list(one.get("endpoint")).iter().filter_map(Value::as_str);
            found.extend(addresses.map(|address| mirror(from, name, address, false)));
        }
        for (name, one) in entries(registry.get("configs")) {
            if one.get("tls").and_then(Value::as_table).is_some_and(|tls| flag(tls, "insecure_skip_verify")) {
                found.push(mirror(from, name, name, true));
            }
        }
    }
    found
}

/// `[registry."docker.io"]` with `mirrors`, `http` and `insecure`.
fn buildkit(table: &Table, from: &Path) -> Vec<Mirror> {
    let mut found = Vec::new();
    for (name, one) in entries(table.get("registry")) {
        let insecure = one.as_table().is_some_and(|one| flag(one, "http") || flag(one, "insecure"));
        if insecure {
            found.push(mirror(from, name, name, true));
        }
        found.extend(
            list(one.get("mirrors")).iter().filter_map(Value::as_str).map(|address| mirror(from, name, address, false)),
        );
    }
    found
}

fn flag(table: &Table, name: &str) -> bool {
    table.get(name).and_then(Value::as_bool) == Some(true)
}

fn entries(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_table).into_iter().flatten().take(MOST)
}

fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// What each `policy.json` says of images that it does not name: `insecureAcceptAnything`, `reject`, `signedBy`.
pub(super) fn policies(here: &Here) -> BTreeMap<String, String> {
    let own = logins::users(here).into_iter().map(|user| user.home.join(".config/containers/policy.json"));
    let mut found = BTreeMap::new();
    for path in own.chain([PathBuf::from("/etc/containers/policy.json")]) {
        let Ok(content) = files::read(&here.root, &path, MAX_FILE) else { continue };
        let Ok(json) = serde_json::from_slice::<serde_json::Value>(&content.bytes) else { continue };
        if let Some(kind) = json.pointer("/default/0/type").and_then(serde_json::Value::as_str) {
            found.insert(path.display().to_string(), printable(kind).into_owned());
        }
    }
    found
}

/// Gives `text` to every parser: see [`crate::fuzzing`].
pub(super) fn every_parser(text: &str) {
    let Ok(table) = text.parse::<Table>() else { return };
    let from = Path::new("/etc/x");
    drop((hosts(&table, from, text), podman(&table, from), containerd(&table, from), buildkit(&table, from)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collected(files: &[(&str, &str)]) -> (Vec<(String, String, bool)>, Vec<Incomplete>) {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let here = Here { root: folder.path().into(), home: None, named: Vec::new(), path: Vec::new() };
        let mut gaps = Vec::new();
        let found = collect(&here, &mut gaps);
        (found.into_iter().map(|one| (one.registry, one.address, one.insecure)).collect(), gaps)
    }

    #[test]
    fn mirrors_are_found_in_each_form_in_which_they_are_written() {
        let row = |registry: &str, address: &str, insecure| (registry.to_owned(), address.to_owned(), insecure);
        let (found, gaps) = collected(&[(
            "etc/containerd/certs.d/docker.io/hosts.toml",
            "server = 'https://docker.io'\n[host.'http://m.example:5000']\n[host.'https://n.example']\nskip_verify = true\n",
        )]);
        assert_eq!(
            found,
            [row("docker.io", "http://m.example:5000", true), row("docker.io", "https://n.example", true)]
        );
        assert_eq!(gaps, []);
        let (found, _) = collected(&[(
            "etc/containers/registries.conf",
            "[[registry]]\nprefix = 'docker.io'\nlocation = 'docker.io'\n[[registry.mirror]]\nlocation = 'm.example'\n\
             [[registry]]\nlocation = 'old.example'\ninsecure = true\n",
        )]);
        assert_eq!(found, [row("docker.io", "m.example", false), row("old.example", "old.example", true)]);
        let (found, _) =
            collected(&[("etc/containers/registries.conf", "[registries.insecure]\nregistries = ['a.example']\n")]);
        assert_eq!(found, [row("a.example", "a.example", true)]);
        let (found, _) = collected(&[(
            "etc/containerd/config.toml",
            "[plugins.'io.containerd.grpc.v1.cri'.registry.mirrors.'docker.io']\nendpoint = ['http://me:pw@m.example']\n\
             [plugins.'io.containerd.grpc.v1.cri'.registry.configs.'x.example'.tls]\ninsecure_skip_verify = true\n",
        )]);
        assert_eq!(found, [row("docker.io", "http://m.example", true), row("x.example", "x.example", true)]);
        let (found, _) = collected(&[(
            "etc/buildkit/buildkitd.toml",
            "[registry.'x.example']\nhttp = true\nmirrors = ['y.example']\n",
        )]);
        assert_eq!(found, [row("x.example", "x.example", true), row("x.example", "y.example", false)]);
    }

    #[test]
    fn a_broken_file_is_a_gap() {
        let (found, gaps) =
            collected(&[("etc/containers/registries.conf", "[[registry\n"), ("etc/containerd/config.toml", "x = [1")]);
        assert_eq!((found.len(), gaps.len()), (0, 2));
    }
}
