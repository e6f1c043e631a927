//! Docker contexts of the users whose homes can be read: where commands typed here end up.

use std::path::{Path, PathBuf};

use super::accounts;
use super::read;
use crate::collect::endpoint::{ContextMeta, Environment};
use crate::collect::redact;
use crate::facts::Context;

/// Contexts that are kept.
const MOST: usize = 256;

pub(super) fn collect(env: &Environment) -> Vec<Context> {
    let mut homes: Vec<(String, PathBuf)> = accounts::homes();
    if let Some(home) = &env.home
        && !homes.iter().any(|(_, known)| known == home)
    {
        homes.push((env.vars.get("USER").cloned().unwrap_or_default(), home.clone()));
    }
    let mut found = Vec::new();
    for (user, home) in homes {
        let docker = home.join(".docker/contexts");
        let Ok(folder) = std::fs::read_dir(docker.join("meta")) else { continue };
        for entry in folder.flatten().take(MOST) {
            found.extend(context(&user, &entry.path(), &docker.join("tls").join(entry.file_name())));
        }
    }
    found.truncate(MOST);
    found
}

fn context(user: &str, folder: &Path, material: &Path) -> Option<Context> {
    let text = read::text(&folder.join("meta.json"), 1 << 20).ok()?;
    let meta: ContextMeta = serde_json::from_str(&text).ok()?;
    let endpoint = meta.endpoints.get("docker")?;
    Some(Context {
        name: meta.name,
        user: user.to_owned(),
        host: redact::line(&endpoint.host),
        tls: material.join("docker/ca.pem").exists() || material.join("docker/cert.pem").exists(),
        skip_verify: endpoint.skip_verify,
    })
}
