//! Where an image may be had: mirrors first, and then the registry itself. What one place does not give, the next may.

use std::fs::File;
use std::io::Seek as _;
use std::sync::OnceLock;

use keelguard_distribution::{Access, Fault};

use super::session::Session;
use crate::source::SourceError;
use crate::source::manifest::Digest;
use crate::source::reference::{HUB, Reference};

/// The hub's registry does not answer under the hub's name.
const HUB_AUTHORITY: &str = "registry-1.docker.io";

/// A place where an image may be had.
struct Place {
    /// By which name logins are kept.
    host: String,
    authority: String,
    /// None where it has to be found out.
    scheme: Option<String>,
    session: OnceLock<Result<Session, String>>,
}

impl Place {
    fn at(host: &str, authority: &str, scheme: Option<&str>) -> Self {
        let (host, authority, scheme) = (host.to_owned(), authority.to_owned(), scheme.map(str::to_owned));
        Self { host, authority, scheme, session: OnceLock::new() }
    }
}

/// All places of one image.
pub(super) struct Places {
    all: Vec<Place>,
    repository: String,
    access: Access,
}

impl Places {
    pub(super) fn of(reference: &Reference, access: &Access) -> Result<Self, SourceError> {
        let repository = reference.repository.clone();
        Ok(Self { all: all(reference, access)?, repository, access: access.clone() })
    }

    pub(super) fn count(&self) -> usize {
        self.all.len()
    }

    pub(super) fn name(&self, place: usize) -> &str {
        self.all.get(place).map_or("", |place| &place.host)
    }

    /// Talks to the place of this number, which may have been begun already.
    pub(super) fn session(&self, place: usize) -> Result<&Session, Fault> {
        let Some(place) = self.all.get(place) else { return Err(Fault::Final("there is no such place".into())) };
        let begin = || {
            let scheme = place.scheme.as_deref();
            Session::begin(&place.host, &place.authority, scheme, &self.repository, &self.access).map_err(Fault::why)
        };
        place.session.get_or_init(begin).as_ref().map_err(|why| Fault::Final(why.clone()))
    }

    /// Puts the blob `digest` into `file` from the first place, from `first` on, that gives it; gives its length.
    pub(super) fn blob(&self, first: usize, digest: &Digest, size: u64, file: &mut File) -> Result<u64, String> {
        let mut reasons = Vec::new();
        for place in first..self.count() {
            let emptied = file.set_len(0).and_then(|()| file.rewind());
            emptied.map_err(|error| format!("there is no place to put it: {error}"))?;
            match self.session(place).and_then(|session| session.blob(digest, size, file)) {
                Ok(length) => return Ok(length),
                Err(fault) => reasons.push(format!("{}: {}", self.name(place), fault.why())),
            }
        }
        Err(reasons.join("; "))
    }
}

fn all(reference: &Reference, access: &Access) -> Result<Vec<Place>, SourceError> {
    let mut places = Vec::new();
    if reference.host == HUB {
        for mirror in &access.mirrors {
            let parsed = reqwest::Url::parse(mirror).ok().filter(|url| {
                matches!(url.scheme(), "http" | "https")
                    && url.path() == "/"
                    && url.query().is_none()
                    && url.username().is_empty()
            });
            let authority = parsed.as_ref().and_then(|url| {
                let host = url.host_str()?;
                Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
            });
            let (Some(url), Some(authority)) = (parsed, authority) else {
                return Err(SourceError::Fetch {
                    what: reference.to_string(),
                    why: format!("{mirror:?} among registry_mirrors is no address such as https://mirror.example"),
                });
            };
            places.push(Place::at(&authority, &authority, Some(url.scheme())));
        }
        places.push(Place::at(HUB, HUB_AUTHORITY, Some("https")));
    } else {
        places.push(Place::at(&reference.host, &reference.host, None));
    }
    Ok(places)
}
