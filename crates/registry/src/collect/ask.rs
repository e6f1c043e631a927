//! One question and its answer. Nothing is followed and nothing large is read: a registry that is judged may be an attacker's.

use keelguard_distribution::{Access, Challenge, Fault, Request, Transport};
use keelguard_model::registry::Where;
use reqwest::header::{HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use reqwest::{Method, Url};
use serde_json::Value;

/// Bytes of one answer.
const MAX_ANSWER: u64 = 1 << 20;

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The header of this name, as text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The code of the first error: `NAME_UNKNOWN`.
    pub(crate) fn error_code(&self) -> Option<String> {
        Some(self.json()?.pointer("/errors/0/code")?.as_str()?.to_owned())
    }

    /// What it asks for.
    pub(crate) fn challenges(&self) -> Vec<Challenge> {
        let texts = self.headers.get_all(WWW_AUTHENTICATE).iter().take(8).filter_map(|value| value.to_str().ok());
        texts.filter_map(Challenge::parse).collect()
    }

    /// Whether it speaks as a registry does.
    pub(crate) fn is_registry(&self) -> bool {
        self.headers.contains_key("docker-distribution-api-version")
            || matches!(self.status, 401 | 403) && !self.challenges().is_empty()
            || (self.status == 200 && self.json().is_some_and(|json| json.is_object()))
    }

    /// Whether it sends on to an encrypted address.
    pub(crate) fn sends_to_https(&self) -> bool {
        matches!(self.status, 301 | 302 | 303 | 307 | 308)
            && self.header("location").is_some_and(|place| place.starts_with("https://"))
    }
}

/// Asks one registry.
pub(crate) struct Asker {
    pub(crate) transport: Transport,
    pub(crate) base: Url,
}

impl Asker {
    pub(crate) fn new(authority: &str, scheme: &str, access: &Access) -> Result<Self, Fault> {
        let base = Url::parse(&format!("{scheme}://{authority}/"))
            .map_err(|error| Fault::Final(format!("{authority} is no address: {error}")))?;
        Ok(Self { transport: Transport::new(authority, access), base })
    }

    /// The answer to `request` at `path`.
    pub(crate) async fn ask(&self, path: &str, request: &Request<'_>) -> Result<Answer, Fault> {
        let url = self.base.join(path).map_err(|error| Fault::Final(error.to_string()))?;
        // A path never leads to another host, whatever was put into it.
        if url.origin() != self.base.origin() {
            return Err(Fault::Final("it would have to be asked elsewhere, which is not done".into()));
        }
        let response = self.transport.ask_once(&url, request).await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = self.transport.bytes(response, MAX_ANSWER).await?;
        Ok(Answer { status, headers, body })
    }

    pub(crate) async fn get(&self, path: &str, login: Option<&HeaderValue>) -> Result<Answer, Fault> {
        self.ask(path, &Request { login, ..Request::default() }).await
    }

    pub(crate) async fn with(&self, method: Method, path: &str, login: Option<&HeaderValue>) -> Result<Answer, Fault> {
        self.ask(path, &Request { method, login, ..Request::default() }).await
    }

    /// Whether it is where no registry is: at an address of this wire alone, as metadata services of clouds are, or at none.
    pub(crate) async fn is_nobodys(&self) -> bool {
        use keelguard_distribution::Reach;
        matches!(self.transport.reach().await, Some(Reach::LinkLocal | Reach::Special))
    }

    /// Where the registry is.
    pub(crate) async fn place(&self) -> Where {
        use keelguard_distribution::Reach;
        match self.transport.reach().await {
            Some(Reach::Loopback) => Where::Loopback,
            Some(Reach::Private) => Where::Private,
            Some(Reach::Public) => Where::Public,
            Some(Reach::LinkLocal | Reach::Special) | None => Where::Unknown,
        }
    }
}
