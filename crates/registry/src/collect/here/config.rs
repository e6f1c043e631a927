//! Distribution's configuration: a file of YAML, over which variables of the environment lie (`REGISTRY_STORAGE_DELETE_ENABLED` is
//! `storage.delete.enabled`). Read from the parser's events, so that depth and number of values are bounded here, and aliases
//! are not followed. Secrets are left out before anything else sees them.

use std::collections::BTreeMap;

use keelguard_model::registry::HttpSecret;
use keelguard_model::secret::{REDACTED, is_secret_value};
use keelguard_model::text::printable;
use saphyr_parser::{Event, Parser};

/// Deeper ones are no configuration of a registry.
const MAX_DEPTH: usize = 16;
/// Nor are longer ones.
const MAX_VALUES: usize = 2000;

/// Last parts of settings that hold a secret, whichever storage or middleware it is for.
const SECRETS: &[&str] = &[
    "accesskey",
    "accountkey",
    "apikey",
    "authtoken",
    "clientsecret",
    "credentials",
    "dsn",
    "keypair",
    "licensekey",
    "password",
    "privatekey",
    "private_key",
    "secret",
    "secretid",
    "secretkey",
    "sessiontoken",
    "token",
];

/// Secrets that stand in Distribution's own examples and in those of many others.
const EXAMPLES: &[&str] =
    &["asecretforlocaldevelopment", "placeholder", "changeme", "secret", "topsecret", "registrysecret", "mysecret"];

/// A shorter one can be tried out: 16 letters are less than 96 bits.
const LEAST_SECRET: usize = 16;

/// A configuration without its secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Config {
    pub(super) values: BTreeMap<String, String>,
    pub(super) secrets: Vec<String>,
    pub(super) http_secret: HttpSecret,
}

impl Config {
    /// Lays a file's values into it.
    pub(super) fn file(&mut self, text: &str) -> Result<(), String> {
        for (name, value) in flat(text)? {
            self.set(&name, &value);
        }
        Ok(())
    }

    /// Lays a variable over it, where it is one of a registry: `REGISTRY_HTTP_ADDR`.
    pub(super) fn variable(&mut self, name: &str, value: &str) {
        if let Some(rest) = name.strip_prefix("REGISTRY_")
            && !rest.is_empty()
        {
            self.set(&rest.to_ascii_lowercase().replace('_', "."), value);
        }
    }

    fn set(&mut self, name: &str, value: &str) {
        if self.values.len() >= MAX_VALUES {
            return;
        }
        let name = printable(name).into_owned();
        let last = name.rsplit('.').next().unwrap_or_default();
        if name == "http.secret" {
            self.http_secret = strength(value);
            self.values.insert(name, REDACTED.to_owned());
            return;
        }
        let is_secret = SECRETS.contains(&last) || is_secret_value(value);
        if is_secret && !value.is_empty() {
            if !self.secrets.contains(&name) {
                self.secrets.push(name.clone());
            }
            self.values.insert(name, REDACTED.to_owned());
            return;
        }
        self.values.insert(name, printable(value).into_owned());
    }
}

fn strength(secret: &str) -> HttpSecret {
    let plain = secret.trim().to_ascii_lowercase();
    // The facts of a container hold its variables without their values.
    if plain.starts_with("<redacted") {
        return HttpSecret::Set;
    }
    match plain.len() {
        0 => HttpSecret::Absent,
        length if length < LEAST_SECRET => HttpSecret::Guessable,
        _ if EXAMPLES.iter().any(|known| plain == *known) => HttpSecret::Guessable,
        _ => HttpSecret::Set,
    }
}

/// What is being read: a mapping with the key whose value comes next, or a list with its next number.
enum Level {
    Map(Option<String>),
    List(usize),
}

/// Names of settings with their values, in their order: `storage.delete.enabled`, `true`.
fn flat(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut found = Vec::new();
    let mut levels: Vec<Level> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, _) = event.map_err(|error| format!("it is no YAML: line {}", error.marker().line()))?;
        match event {
            Event::Scalar(value, ..) => match levels.last_mut() {
                Some(Level::Map(key @ None)) => *key = Some(value.into_owned()),
                Some(_) => {
                    found.push((path(&levels), value.into_owned()));
                    advance(&mut levels);
                }
                None => return Err("it is no mapping".into()),
            },
            Event::MappingStart(..) | Event::SequenceStart(..) => {
                if matches!(levels.last(), Some(Level::Map(None))) {
                    return Err("a mapping is the name of a setting".into());
                }
                let is_map = matches!(event, Event::MappingStart(..));
                levels.push(if is_map { Level::Map(None) } else { Level::List(0) });
            }
            Event::MappingEnd | Event::SequenceEnd => {
                levels.pop();
                advance(&mut levels);
            }
            Event::Alias(_) => advance(&mut levels),
            _ => {}
        }
        if levels.len() > MAX_DEPTH || found.len() > MAX_VALUES {
            return Err("it is larger than a registry's configuration is".into());
        }
    }
    Ok(found)
}

fn advance(levels: &mut [Level]) {
    match levels.last_mut() {
        Some(Level::Map(key)) => *key = None,
        Some(Level::List(number)) => *number += 1,
        None => {}
    }
}

fn path(levels: &[Level]) -> String {
    let parts = levels.iter().map(|level| match level {
        Level::Map(key) => key.clone().unwrap_or_default(),
        Level::List(number) => number.to_string(),
    });
    parts.collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_and_the_variables_over_it_are_one_configuration_without_secrets() {
        let mut config = Config::default();
        let text = "version: 0.1\nstorage:\n  s3: {accesskey: AKIA, secretkey: hunter2, region: x}\n  delete:\n    enabled: false\n\
                    http:\n  addr: :5000\n  secret: asecretforlocaldevelopment\n  headers: {X: [nosniff]}\n\
                    proxy: {remoteurl: 'https://me:hunter2@x.example', password: hunter2, username: me}\n";
        config.file(text).unwrap();
        config.variable("REGISTRY_STORAGE_DELETE_ENABLED", "true");
        config.variable("REGISTRY_AUTH_HTPASSWD_PATH", "/auth/htpasswd");
        config.variable("PATH", "/bin");
        let value = |name: &str| config.values.get(name).map(String::as_str);
        assert_eq!((value("storage.delete.enabled"), value("http.addr")), (Some("true"), Some(":5000")));
        assert_eq!((value("auth.htpasswd.path"), value("http.headers.X.0")), (Some("/auth/htpasswd"), Some("nosniff")));
        assert_eq!(
            config.secrets,
            ["storage.s3.accesskey", "storage.s3.secretkey", "proxy.remoteurl", "proxy.password"]
        );
        assert_eq!((config.http_secret, value("proxy.username")), (HttpSecret::Guessable, Some("me")));
        assert!(!format!("{config:?}").contains("hunter2") && !format!("{config:?}").contains("asecret"));
        config.variable("REGISTRY_HTTP_SECRET", "0123456789abcdef0123");
        assert_eq!(config.http_secret, HttpSecret::Set);
    }

    #[test]
    fn what_is_no_configuration_is_said_so_and_an_alias_is_not_followed() {
        let deep = format!("{}x", "a: {".repeat(40));
        for text in ["- a", "a: [", "{a: b: c}", "? {a: b}\n: c", &deep, "\u{0}"] {
            let mut config = Config::default();
            assert!(config.file(text).is_err() || config.values.len() < 3, "{text:?}");
        }
        let mut config = Config::default();
        config.file("a: &x [1, 2]\nb: *x\nc: 3\n").unwrap();
        assert_eq!(config.values.len(), 3, "{:?}", config.values);
        let many: String = (0..5000).map(|number| format!("k{number}: 1\n")).collect();
        assert!(Config::default().file(&many).is_err());
    }
}
