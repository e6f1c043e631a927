//! How an image is named: `nginx` is `docker.io/library/nginx:latest`. The rules are those of Docker's `distribution/reference`.

use std::fmt;
use std::str::FromStr;

use super::manifest::Digest;

/// The registry that is meant where none is named.
pub use keelguard_distribution::HUB;

/// Longest name of a repository, registry included, as the specification has it.
const MAX_NAME: usize = 255;

/// The name of an image, with nothing left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Where it lies: `docker.io`, `localhost:5000`.
    pub host: String,
    /// What it is called there: `library/nginx`.
    pub repository: String,
    /// Its tag; none where only a digest was given.
    pub tag: Option<String>,
    /// The digest of its manifest, where it was given.
    pub digest: Option<Digest>,
}

impl Reference {
    /// What a registry is asked for: the digest, else the tag.
    pub fn wanted(&self) -> &str {
        self.digest.as_ref().map_or_else(|| self.tag.as_deref().unwrap_or("latest"), Digest::as_str)
    }

    /// With registry and folder, as Podman and containerd write names down: `docker.io/library/nginx:latest`.
    pub fn full(&self) -> String {
        let mut name = format!("{}/{}", self.host, self.repository);
        self.end(&mut name);
        name
    }

    fn end(&self, name: &mut String) {
        if let Some(tag) = &self.tag {
            name.push(':');
            name.push_str(tag);
        }
        if let Some(digest) = &self.digest {
            name.push('@');
            name.push_str(digest.as_str());
        }
    }
}

/// As short as people write it: `nginx:latest`.
impl fmt::Display for Reference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut name = if self.host == HUB {
            self.repository.strip_prefix("library/").unwrap_or(&self.repository).to_owned()
        } else {
            format!("{}/{}", self.host, self.repository)
        };
        self.end(&mut name);
        out.write_str(&name)
    }
}

impl FromStr for Reference {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest.parse::<Digest>()?)),
            None => (text, None),
        };
        let last = name.rfind('/').map_or(0, |slash| slash + 1);
        let (name, tag) = match name.rfind(':') {
            Some(colon) if colon >= last => {
                let (name, tag) = name.split_at(colon);
                (name, Some(tag.trim_start_matches(':').to_owned()))
            }
            _ => (name, None),
        };
        if tag.as_deref().is_some_and(|tag| !is_tag(tag)) {
            return Err("its tag is none: a tag has at most 128 letters, digits, ., _ and -".into());
        }
        let is_host = |part: &str| part.contains(['.', ':', '[']) || part == "localhost" || part != part.to_lowercase();
        let (host, path) = match name.split_once('/') {
            Some((host, path)) if is_host(host) => (if host == "index.docker.io" { HUB } else { host }, path),
            _ => (HUB, name),
        };
        if !is_authority(host) {
            return Err(format!("{host:?} is no registry"));
        }
        if path.is_empty() || !path.split('/').all(is_component) {
            return Err("names of images have lower-case letters, digits, and ., _ or - between them".into());
        }
        let repository = if host == HUB && !path.contains('/') { format!("library/{path}") } else { path.to_owned() };
        if host.len() + repository.len() > MAX_NAME {
            return Err(format!("it has more than {MAX_NAME} letters"));
        }
        if digest.is_none() && path.len() == 64 && path.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err("it is an id, and registries have names".into());
        }
        let tag = if digest.is_none() { tag.or_else(|| Some("latest".into())) } else { tag };
        Ok(Self { host: host.to_owned(), repository, tag, digest })
    }
}

fn is_tag(tag: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (1..=128).contains(&tag.len())
        && tag.bytes().next().is_some_and(word)
        && tag.bytes().all(|byte| word(byte) || byte == b'.' || byte == b'-')
}

/// `a`, `a.b`, `a__b`, `a--b`: letters and digits, with separators only between them.
fn is_component(part: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = part.bytes().next().is_some_and(plain) && part.bytes().last().is_some_and(plain);
    let separators = part.split(|letter: char| letter.is_ascii_alphanumeric()).filter(|between| !between.is_empty());
    ends && part.bytes().all(|byte| plain(byte) || matches!(byte, b'.' | b'_' | b'-'))
        && separators.into_iter().all(|one| matches!(one, "." | "_" | "__") || one.bytes().all(|byte| byte == b'-'))
}

/// A host, and perhaps a port: nothing that an address could be made of in another way.
fn is_authority(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, rest)) if address.parse::<std::net::Ipv6Addr>().is_ok() => {
                ("v6", if rest.is_empty() { None } else { Some(rest.strip_prefix(':').unwrap_or("no port")) })
            }
            _ => return false,
        },
        None => host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port))),
    };
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    name.split('.').all(label) && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(text: &str) -> String {
        text.parse::<Reference>().unwrap().full()
    }

    #[test]
    fn what_is_left_out_is_dockers_hub_its_library_and_the_latest_tag() {
        for (written, meant) in [
            ("nginx", "docker.io/library/nginx:latest"),
            ("nginx:1.27", "docker.io/library/nginx:1.27"),
            ("index.docker.io/nginx", "docker.io/library/nginx:latest"),
            ("docker.io/library/nginx", "docker.io/library/nginx:latest"),
            ("shop/web", "docker.io/shop/web:latest"),
            ("localhost/web", "localhost/web:latest"),
            ("localhost:5000/web", "localhost:5000/web:latest"),
            ("127.0.0.1:5000/a/b__c/d-e:V1.0", "127.0.0.1:5000/a/b__c/d-e:V1.0"),
            ("[::1]:5000/web:1", "[::1]:5000/web:1"),
            ("quay.io/a/b:1", "quay.io/a/b:1"),
        ] {
            assert_eq!(full(written), meant, "{written}");
        }
        let digest = Digest::of(b"");
        assert_eq!(full(&format!("nginx@{digest}")), format!("docker.io/library/nginx@{digest}"));
        let both: Reference = format!("nginx:1@{digest}").parse().unwrap();
        assert_eq!((both.wanted(), both.tag.as_deref()), (digest.as_str(), Some("1")));
        assert_eq!("docker.io/library/nginx".parse::<Reference>().unwrap().to_string(), "nginx:latest");
    }

    #[test]
    fn what_is_no_name_is_refused() {
        let id = "a".repeat(64);
        for text in [
            "",
            "./web",
            "/web",
            "web/",
            "a//b",
            "Web",
            "we b",
            "web:",
            "web:-1",
            "a..b",
            "a___b",
            "-a",
            "quay.io/",
            "quay.io:0/a",
            "quay.io:99999/a",
            "-.io/a",
            "user@quay.io/a",
            "https://quay.io/a",
            "a:1:2",
            "a@sha512:00",
            "[::1/a",
            "[x]/a",
            "a?b",
            "a.io/../b",
            "a.io/b%2f",
            &id,
        ] {
            assert!(text.parse::<Reference>().is_err(), "{text:?}");
        }
    }
}
