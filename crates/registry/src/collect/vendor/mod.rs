//! What the vendors' own interfaces say: settings, policies, tokens. Each has its own file, which knows its paths and its
//! words; they all answer in the words of [`Vendor`]. None of them is reached by the tests: what they answer there was written
//! by the documentation of their interfaces.

mod ecr;
mod ghcr;
mod harbor;
mod hub;
mod quay;

use keelguard_distribution::{Access, Fault, Request, login};
use keelguard_model::registry::{Probe, Vendor};
use keelguard_model::text::printable;
use reqwest::Url;
use reqwest::header::HeaderValue;
use serde_json::Value;

use super::Options;
use super::ask::{Answer, Asker};
use super::target::{Depth, Target};

/// Projects and repositories that are looked at.
pub(super) const MAX_SPACES: usize = 500;
/// Tokens and robots that are looked at.
pub(super) const MAX_ACCOUNTS: usize = 500;
/// Pages of one list that are turned.
const MAX_PAGES: usize = 20;

/// Where interfaces are that do not lie at the registry itself.
#[derive(Clone, Debug)]
pub struct Apis {
    /// Docker's hub.
    pub hub: String,
    /// GitHub.
    pub github: String,
    /// Amazon ECR, where it is not where the registry's name says.
    pub ecr: Option<String>,
}

impl Default for Apis {
    fn default() -> Self {
        Self { hub: "https://hub.docker.com".into(), github: "https://api.github.com".into(), ecr: None }
    }
}

/// What the interface of the registry's software says; none where it has none that is known here, or where only somebody with
/// a login is told anything.
pub(super) async fn look(
    target: &Target,
    probe: &Probe,
    asker: &Asker,
    options: &Options,
) -> Result<Option<Vendor>, String> {
    let by_user = target.depth.is_some_and(|depth| depth == Depth::Everything);
    let login = options.login.as_ref();
    match probe.software.as_str() {
        "harbor" if by_user || !probe.public_service => {
            harbor::look(&own(target, asker, options)?, login).await.map(Some)
        }
        "quay" if by_user && login.is_some() => {
            quay::look(&own(target, asker, options)?, target, login).await.map(Some)
        }
        "docker-hub" if by_user && login.is_some() => {
            hub::look(&Api::at(&options.apis.hub, &options.access)?, login).await.map(Some)
        }
        "ghcr" if by_user && login.is_some() => {
            ghcr::look(&Api::at(&options.apis.github, &options.access)?, target, login).await.map(Some)
        }
        "ecr" if by_user => ecr::look(target, options).await,
        _ => Ok(None),
    }
}

/// The registry itself. Its certificate has to be good where a password is sent.
fn own(target: &Target, asker: &Asker, options: &Options) -> Result<Api, String> {
    let mut access = options.access.clone();
    if options.login.is_none() {
        access.insecure.push(target.authority.clone());
    }
    Api::at(asker.base.as_str(), &access)
}

/// An interface that speaks JSON.
pub(crate) struct Api {
    asker: Asker,
    is_safe: bool,
}

impl Api {
    pub(crate) fn at(base: &str, access: &Access) -> Result<Self, String> {
        let url = Url::parse(base).map_err(|error| format!("{base} is no address: {error}"))?;
        let host = url.host_str().ok_or_else(|| format!("{base} names no host"))?;
        let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let is_safe = url.scheme() == "https" || access.is_insecure(&authority);
        let asker = Asker::new(&authority, url.scheme(), access).map_err(Fault::why)?;
        Ok(Self { asker, is_safe })
    }

    /// Name and password as a header, where they may be sent.
    fn basic(&self, pair: Option<&(String, String)>) -> Result<Option<HeaderValue>, String> {
        let header = pair.map(|(name, password)| login::basic(name, password).map_err(Fault::why)).transpose()?;
        self.may_be_sent(header)
    }

    /// A token as a header, where it may be sent.
    fn bearer(&self, token: &str) -> Result<Option<HeaderValue>, String> {
        self.may_be_sent(Some(login::bearer_header(token).map_err(Fault::why)?))
    }

    fn may_be_sent(&self, header: Option<HeaderValue>) -> Result<Option<HeaderValue>, String> {
        if header.is_some() && !self.is_safe {
            return Err("it is reached without encryption, where a login is not sent".into());
        }
        Ok(header)
    }

    async fn answer(&self, path: &str, header: Option<&HeaderValue>) -> Result<Answer, String> {
        let request = Request { login: header, accept: "application/json", ..Request::default() };
        self.asker.ask(path, &request).await.map_err(Fault::why)
    }

    /// The document at `path`; none where it is refused or not there.
    pub(crate) async fn get(&self, path: &str, header: Option<&HeaderValue>) -> Result<Option<Value>, String> {
        let answer = self.answer(path, header).await?;
        match answer.status {
            200 => answer.json().map(Some).ok_or_else(|| format!("what it answers at {path} is no JSON")),
            401 | 403 | 404 => Ok(None),
            429 => Err("it wants fewer requests (429)".into()),
            status => Err(format!("it answers {status} at {path}")),
        }
    }

    /// The entries of a list that comes in pages; `path` takes a page's number, and `inside` says where in each page they are.
    /// None where it is refused.
    async fn pages(
        &self,
        path: impl Fn(usize) -> String,
        inside: &str,
        header: Option<&HeaderValue>,
        bound: usize,
    ) -> Result<Option<Vec<Value>>, String> {
        let mut found = Vec::new();
        for page in 1..=MAX_PAGES {
            let Some(json) = self.get(&path(page), header).await? else {
                return Ok((page > 1).then_some(found));
            };
            let Some(list) = json.pointer(inside).and_then(Value::as_array) else {
                return Err(format!("what it answers at {} is no list", path(page)));
            };
            let full = list.len() >= PAGE;
            found.extend(list.iter().take(bound.saturating_sub(found.len())).cloned());
            if !full || found.len() >= bound {
                break;
            }
        }
        Ok(Some(found))
    }

    /// Sends a document; the status and what is answered.
    async fn post(&self, path: &str, document: String, headers: http::HeaderMap) -> Result<Answer, String> {
        let kind = match headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) {
            Some(kind) => kind.to_owned(),
            None => "application/json".to_owned(),
        };
        let request =
            Request { method: http::Method::POST, document: Some((&kind, document)), headers, ..Request::default() };
        self.asker.ask(path, &request).await.map_err(Fault::why)
    }
}

/// Entries of one page.
pub(super) const PAGE: usize = 100;

/// Text at `path` in `json`, fit to be kept.
fn text(json: &Value, path: &str) -> Option<String> {
    let text = json.pointer(path)?.as_str()?;
    Some(printable(text).into_owned())
}

/// A switch at `path`: Harbor writes them as text.
fn switch(json: &Value, path: &str) -> Option<bool> {
    match json.pointer(path)? {
        Value::Bool(on) => Some(*on),
        Value::String(word) => word.parse().ok(),
        _ => None,
    }
}

fn list<'a>(json: &'a Value, path: &str) -> &'a [Value] {
    json.pointer(path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A name that may stand in a path.
fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 255
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        && !name.starts_with('.')
}

/// Gives `text` to every parser: see [`crate::fuzzing`].
pub(super) fn every_parser(text: &str) {
    ecr::every_parser(text);
}
