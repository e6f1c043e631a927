//! Which registries a host names: by its images, its logins, its configuration, and by running them.

use std::collections::BTreeMap;

use keelguard_host::Facts;
use keelguard_model::ImageName;
use keelguard_model::registry::Registries;

use super::target::{Target, is_repository};

/// Who is kept of those that name one registry.
const MAX_NAMED: usize = 5;
/// Repositories that are kept of one registry.
const MAX_REPOSITORIES: usize = 3;

/// All of them, each once. Registries of others are asked only what any client asks.
pub fn named(facts: &Facts, registries: &Registries) -> Vec<Target> {
    let mut found = Found::default();
    let images = facts.engine.as_ref().map_or(&[][..], |engine| &engine.images);
    for image in images {
        let shown = image.repo_tags.iter().find(|tag| !tag.contains("<none>")).unwrap_or(&image.id);
        for name in image.repo_digests.iter().filter_map(|name| ImageName::of(name)) {
            if let Some((host, repository)) = name.repository.split_once('/') {
                found.add(host, &format!("image {shown}"), Some(repository));
            }
        }
    }
    for file in &registries.login_files {
        for name in file.logins.keys().chain(file.helpers.keys()) {
            found.add(name, &file.path, None);
        }
    }
    for folder in &registries.certificates {
        found.add(&folder.registry, &folder.path, None);
    }
    for mirror in &registries.mirrors {
        found.add(&mirror.address, &mirror.from, None);
    }
    if let Some(config) = facts.engine.as_ref().and_then(|engine| engine.info.registry_config.as_ref()) {
        for address in &config.mirrors {
            found.add(address, "registry-mirrors of the engine", None);
        }
        // The hub is always among them.
        for (name, _) in config.index_configs.iter().filter(|(_, index)| !index.secure) {
            found.add(name, "insecure-registries of the engine", None);
        }
    }
    for served in &registries.served {
        for address in &served.reached_at {
            let here = address.replace("0.0.0.0:", "127.0.0.1:").replace("[::]:", "127.0.0.1:");
            let by = if served.container.is_empty() {
                "it runs here".to_owned()
            } else {
                format!("container {}", served.container)
            };
            found.add(&here, &by, None);
        }
    }
    found.0.into_values().collect()
}

#[derive(Default)]
struct Found(BTreeMap<String, Target>);

impl Found {
    fn add(&mut self, name: &str, by: &str, repository: Option<&str>) {
        // Clients write them as addresses, with the version of an API behind: `https://index.docker.io/v1/`.
        let rest = name.split_once("://").map_or(name, |(_, rest)| rest);
        let host = rest.split('/').next().unwrap_or_default();
        // A login in an address, a range of addresses, a pattern: nothing that could be asked.
        let is_host = !host.is_empty()
            && host.len() <= 255
            && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte))
            && (host.contains(['.', ':']) || host == "localhost");
        if !is_host
            || rest
                .split_once('/')
                .is_some_and(|(_, mask)| mask.bytes().all(|byte| byte.is_ascii_digit()) && !mask.is_empty())
        {
            return;
        }
        let new = Target::named(&host.to_ascii_lowercase(), by);
        let target = self.0.entry(new.address.clone()).or_insert(Target { named_by: Vec::new(), ..new });
        if target.named_by.len() < MAX_NAMED && !target.named_by.iter().any(|known| known == by) {
            target.named_by.push(by.to_owned());
        }
        if let Some(repository) = repository.filter(|name| is_repository(name))
            && target.repositories.len() < MAX_REPOSITORIES
            && !target.repositories.iter().any(|known| known == repository)
        {
            target.repositories.push(repository.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use keelguard_host::facts::{Image, IndexConfig};
    use keelguard_host::sample;
    use keelguard_model::registry::{LoginFile, Mirror, Served};

    use super::*;

    #[test]
    fn each_registry_is_named_once_with_who_names_it() {
        let image = |name: &str| Image {
            id: "sha256:1".into(),
            repo_tags: vec![format!("{name}:1")],
            repo_digests: vec![format!("{name}@sha256:00")],
            ..Image::default()
        };
        let facts = sample::host()
            .with(|facts| {
                let engine = facts.engine.as_mut().unwrap();
                engine.images = vec![image("nginx"), image("r.example:5000/team/web"), Image::default()];
                let config = engine.info.registry_config.as_mut().unwrap();
                config.mirrors = vec!["https://m.example/".into()];
                config.index_configs.insert("docker.io".into(), IndexConfig { secure: true, ..IndexConfig::default() });
                config.index_configs.insert("old.example".into(), IndexConfig::default());
            })
            .facts();
        let logins = ["https://index.docker.io/v1/", "R.example:5000", "no host", "a@b.example", "10.0.0.0/8"];
        let registries = Registries {
            login_files: vec![LoginFile {
                path: "/root/.docker/config.json".into(),
                logins: logins.iter().map(|name| ((*name).to_owned(), "password".to_owned())).collect(),
                ..LoginFile::default()
            }],
            mirrors: vec![Mirror { address: "http://[::1]:5000/x".into(), from: "/etc/x".into(), ..Mirror::default() }],
            served: vec![Served {
                container: "shelf".into(),
                reached_at: vec!["0.0.0.0:5050".into()],
                ..Served::default()
            }],
            ..Registries::default()
        };
        let found = named(&facts, &registries);
        let shown: Vec<String> =
            found.iter().map(|one| format!("{}: {}", one.address, one.named_by.join(", "))).collect();
        assert_eq!(
            shown,
            [
                "127.0.0.1:5050: container shelf",
                "[::1]:5000: /etc/x",
                "docker.io: image nginx:1, /root/.docker/config.json",
                "m.example: registry-mirrors of the engine",
                "old.example: insecure-registries of the engine",
                "r.example:5000: image r.example:5000/team/web:1, /root/.docker/config.json"
            ]
        );
        assert_eq!(found[5].repositories, ["team/web"]);
        assert_eq!(found[2].authority, "registry-1.docker.io");
    }
}
