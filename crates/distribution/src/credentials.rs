//! Who we are to a registry, as `docker login`, `podman login` and credential helpers have kept it.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::logins::{Logins, MAX_FILE};
use crate::{Access, HUB, helper};

/// Docker's name for its hub among logins, since its first version.
const HUB_KEY: &str = "https://index.docker.io/v1/";

/// What a login is.
#[derive(Clone, PartialEq, Eq)]
pub enum Login {
    /// Name and password.
    Password(String, String),
    /// What a token is to be had for.
    Identity(String),
    /// A token.
    Token(String),
}

/// A login, and where it was found.
pub struct Found {
    /// The login.
    pub login: Login,
    /// The file or the helper.
    pub place: String,
}

/// Where logins are kept, for whoever runs this: Docker's file, then those of Podman and skopeo.
pub fn places() -> Vec<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = folder("HOME");
    let below_home = |path: &str| home.as_ref().map(|home| home.join(path));
    let docker = folder("DOCKER_CONFIG").or_else(|| below_home(".docker"));
    let configured = folder("XDG_CONFIG_HOME").or_else(|| below_home(".config"));
    [
        folder("REGISTRY_AUTH_FILE"),
        docker.map(|folder| folder.join("config.json")),
        folder("XDG_RUNTIME_DIR").map(|folder| folder.join("containers/auth.json")),
        configured.map(|folder| folder.join("containers/auth.json")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The login for `repository` on `host`, from the first file that has one. A file or a helper that does not work is a
/// word in `notes`: most images need no login.
pub async fn find(access: &Access, host: &str, repository: &str, notes: &mut Vec<String>) -> Option<Found> {
    for place in &access.credentials {
        let config = match read(place) {
            Ok(Some(config)) => config,
            Ok(None) => continue,
            Err(why) => {
                notes.push(format!("{} cannot be used: {why}", place.display()));
                continue;
            }
        };
        let server = if host == HUB { HUB_KEY } else { host };
        let keyed = [server, host].iter().find_map(|key| config.cred_helpers.get(*key));
        let helper = keyed.or(Some(&config.creds_store)).filter(|name| !name.is_empty());
        if let Some(name) = helper {
            match helper::get(name, server, access).await {
                Ok(Some(login)) => {
                    return Some(Found { login, place: format!("the credential helper {name}") });
                }
                Ok(None) => {}
                Err(why) => notes.push(why),
            }
        }
        if let Some(login) = in_file(&config, host, repository) {
            return Some(Found { login, place: place.display().to_string() });
        }
    }
    None
}

fn read(place: &Path) -> Result<Option<Logins>, String> {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(place).and_then(|file| file.take(MAX_FILE + 1).read_to_end(&mut bytes));
    match read {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.to_string()),
        Ok(_) if bytes.len() as u64 > MAX_FILE => return Err("it is too large".into()),
        Ok(_) => {}
    }
    Logins::parse(&bytes).map(Some)
}

/// The entry that names the most of `host/repository`.
fn in_file(config: &Logins, host: &str, repository: &str) -> Option<Login> {
    let wanted = format!("{host}/{repository}");
    let fits = |key: &str| {
        let key = plain(key);
        let longer = wanted.strip_prefix(&key).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        longer.then_some(key.len())
    };
    let entries = config.auths.iter().filter_map(|(key, auth)| Some((fits(key)?, key, auth.login()?)));
    entries.max_by_key(|(length, key, _)| (*length, std::cmp::Reverse(*key))).map(|(.., login)| login)
}

/// A key as it should be written: `https://index.docker.io/v1/` is `docker.io`.
fn plain(key: &str) -> String {
    let rest = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
    let rest = rest.trim_end_matches('/');
    let rest = rest.strip_suffix("/v1").or_else(|| rest.strip_suffix("/v2")).unwrap_or(rest);
    match rest.split_once('/') {
        None if matches!(rest, "index.docker.io" | "registry-1.docker.io") => HUB.to_owned(),
        _ => rest.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Logins {
        Logins::parse(text.as_bytes()).unwrap()
    }

    fn named(config: &Logins, host: &str, repository: &str) -> Option<String> {
        in_file(config, host, repository).map(|login| match login {
            Login::Password(name, password) => format!("{name}/{password}"),
            Login::Identity(token) => format!("identity {token}"),
            Login::Token(token) => format!("token {token}"),
        })
    }

    #[test]
    fn logins_are_found_in_each_form_in_which_they_are_kept() {
        // "me:a:b" in base64.
        let config = config(
            r#"{"auths": {"https://index.docker.io/v1/": {"auth": "bWU6YTpi"}, "quay.io": {"username": "q", "password": "p"},
                "quay.io/team": {"auth": "bWU6YTpi"}, "https://azure.example/v2/": {"auth": "bWU6", "identitytoken": "i"},
                "broken.example": {"auth": "%%%"}, "empty.example": {}}}"#,
        );
        assert_eq!(named(&config, "docker.io", "library/x").as_deref(), Some("me/a:b"));
        assert_eq!(named(&config, "quay.io", "other/x").as_deref(), Some("q/p"));
        assert_eq!(named(&config, "quay.io", "team/x").as_deref(), Some("me/a:b"), "the longer key counts");
        assert_eq!(named(&config, "quay.io", "teams/x").as_deref(), Some("q/p"));
        assert_eq!(named(&config, "azure.example", "x").as_deref(), Some("identity i"));
        for host in ["broken.example", "empty.example", "quay.io.evil.example", "evil.example"] {
            assert_eq!(named(&config, host, "x"), None, "{host}");
        }
    }

    #[tokio::test]
    async fn a_broken_file_is_a_word_and_the_next_one_is_asked() {
        let folder = tempfile::tempdir().unwrap();
        let (broken, good) = (folder.path().join("a"), folder.path().join("b"));
        std::fs::write(&broken, "{\"auths\": secret").unwrap();
        std::fs::write(&good, r#"{"auths": {"x.example": {"auth": "bWU6YTpi"}}}"#).unwrap();
        let mut notes = Vec::new();
        let access =
            Access { credentials: vec![folder.path().join("none"), broken, good.clone()], ..Access::default() };
        let found = find(&access, "x.example", "web", &mut notes).await.unwrap();
        assert_eq!(found.place, good.display().to_string());
        assert!(notes.len() == 1 && !notes[0].contains("secret"), "{notes:?}");
    }
}
