//! Which registry is asked, and how far: what a user types, and what images and configuration name.

use keelguard_distribution::{HUB, is_loopback};
use keelguard_model::registry::COMMAND_LINE;
use reqwest::Url;

use crate::Error;

/// Docker's hub does not answer under its own name.
const HUB_AUTHORITY: &str = "registry-1.docker.io";

/// How far a registry is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// What any client asks that pulls an image: whether it is there, how it is encrypted, what it allows.
    #[default]
    Greeting,
    /// Whatever only reads.
    Reading,
    /// All of it: an upload is opened and cancelled, and what cannot exist is deleted.
    Everything,
}

/// A registry to be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// By what name images have it: `docker.io`, `registry.example:5000`.
    pub address: String,
    /// Where it answers.
    pub authority: String,
    /// `http` or `https`, where one of them was asked for.
    pub scheme: Option<String>,
    /// Who names it.
    pub named_by: Vec<String>,
    /// Names of repositories that it is known to have.
    pub repositories: Vec<String>,
    /// How far it is asked; none where that depends on where it is.
    pub depth: Option<Depth>,
}

impl Target {
    /// What a user types: `http://127.0.0.1:5000`, `registry.example`, `ghcr.io/shop/web`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let wrong = |why: &str| Error::Address { text: text.to_owned(), why: why.to_owned() };
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme @ ("http" | "https"), rest)) => (Some(scheme.to_owned()), rest),
            Some((scheme, _)) => return Err(wrong(&format!("{scheme}: is no way to speak to a registry"))),
            None => (None, text),
        };
        let url = Url::parse(&format!("{}://{rest}", scheme.as_deref().unwrap_or("https")))
            .map_err(|error| wrong(&error.to_string()))?;
        if !url.username().is_empty() || url.password().is_some() {
            // It is not repeated: what stands there is a password.
            return Err(Error::Address {
                text: "with a login in it".into(),
                why: "give the name with --username, and the password with --password-stdin".into(),
            });
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("a registry has neither ? nor # in its address"));
        }
        let Some(host) = url.host_str().filter(|host| !host.is_empty()) else {
            return Err(wrong("it names no host"));
        };
        let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let path = url.path().trim_matches('/');
        let path = path.strip_prefix("v2").filter(|rest| rest.is_empty() || rest.starts_with('/')).unwrap_or(path);
        let repository = path.trim_matches('/');
        let repository = repository.rsplit_once('@').map_or(repository, |(name, _)| name);
        let repository = repository.split_once(':').map_or(repository, |(name, _)| name);
        if !repository.is_empty() && !is_repository(repository) {
            return Err(wrong(&format!("{repository:?} is no name of a repository")));
        }
        let mut target = Self::named(&authority, COMMAND_LINE);
        target.scheme = scheme;
        target.depth = Some(Depth::Everything);
        if !repository.is_empty() {
            target.repositories.push(repository.to_owned());
        }
        Ok(target)
    }

    /// A registry that something names: an image, a file.
    pub fn named(address: &str, by: &str) -> Self {
        let address = match address {
            "index.docker.io" | HUB_AUTHORITY | "registry.hub.docker.com" => HUB,
            address => address,
        };
        let authority = if address == HUB { HUB_AUTHORITY } else { address };
        Self {
            address: address.to_owned(),
            authority: authority.to_owned(),
            named_by: vec![by.to_owned()],
            ..Self::default()
        }
    }

    /// The host without its port.
    pub fn host(&self) -> &str {
        keelguard_distribution::host_of(&self.authority)
    }

    /// The host by which images name it, without its port.
    pub fn name(&self) -> &str {
        keelguard_distribution::host_of(&self.address)
    }

    /// Whether it is on this machine, by its name alone.
    pub fn is_loopback(&self) -> bool {
        is_loopback(self.host())
    }

    /// The port for `scheme`.
    pub(crate) fn port(&self, scheme: &str) -> u16 {
        let url = Url::parse(&format!("{scheme}://{}/", self.authority)).ok();
        url.and_then(|url| url.port_or_known_default()).unwrap_or(443)
    }
}

/// Whether `name` can be a repository's, as the specification has it (the name's grammar, and 255 letters at most). Others
/// are never put into an address.
pub(crate) fn is_repository(name: &str) -> bool {
    let part = |part: &str| {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let bytes = part.as_bytes();
        bytes.first().copied().is_some_and(plain)
            && bytes.last().copied().is_some_and(plain)
            && bytes.iter().all(|byte| plain(*byte) || b"._-".contains(byte))
    };
    name.len() <= 255 && name.split('/').all(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_user_types_is_taken_apart() {
        let target = Target::parse("http://127.0.0.1:5000/").unwrap();
        assert_eq!((target.authority.as_str(), target.scheme.as_deref()), ("127.0.0.1:5000", Some("http")));
        assert!(target.is_loopback() && target.port("http") == 5000);
        let target = Target::parse("ghcr.io/shop/web:1.2@sha256:ab").unwrap();
        assert_eq!((target.address.as_str(), target.repositories[0].as_str()), ("ghcr.io", "shop/web"));
        assert_eq!(Target::parse("https://index.docker.io/v2/").unwrap().authority, "registry-1.docker.io");
        assert_eq!(Target::parse("[::1]:5000").unwrap().authority, "[::1]:5000");
    }

    #[test]
    fn what_is_no_registry_is_refused_and_a_password_is_not_repeated() {
        for text in ["", "ftp://x.example", "https://", "x.example/A B", "x.example?a=b"] {
            assert!(Target::parse(text).is_err(), "{text}");
        }
        let error = Target::parse("https://me:hunter2@registry.example").unwrap_err().to_string();
        assert!(error.contains("--password-stdin") && !error.contains("hunter2"), "{error}");
    }

    #[test]
    fn names_that_lead_elsewhere_are_no_repositories() {
        for name in ["web", "library/web", "a/b/c-d_e.f", "0"] {
            assert!(is_repository(name), "{name}");
        }
        for name in ["", "/", "a//b", "..", "a/../b", "A", "a?b", "a%2fb", "a b", "a\u{1b}", "-a", &"a".repeat(256)] {
            assert!(!is_repository(name), "{name}");
        }
    }
}
