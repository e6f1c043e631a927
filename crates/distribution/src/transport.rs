//! Requests and answers. Redirects are followed here and not by the library: each hop is checked, and what a login is
//! worth stays with the host that asked for it.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue, LOCATION, RANGE, RETRY_AFTER};
use reqwest::{Certificate, Client, Identity, Method, Response, StatusCode, Url, redirect};

use crate::address::{Guard, Reach, Resolver};
use crate::fault::{Fault, retry_after, shown};
use crate::{Access, tls};

/// Hops that are followed one after another.
const MAX_HOPS: usize = 5;

/// So much has to come within [`Access::silence`]; a server that gives a byte now and then gives nothing.
const LEAST: usize = 64 << 10;

/// One request: a GET, unless it says otherwise.
#[derive(Clone, Debug, Default)]
pub struct Request<'a> {
    /// What is done.
    pub method: Method,
    /// Media types that are understood; empty for anything.
    pub accept: &'a str,
    /// A login, for the first host alone.
    pub login: Option<&'a HeaderValue>,
    /// From this byte on.
    pub from: u64,
    /// A form to be sent: then it is a POST, and redirects are not followed.
    pub form: Option<String>,
    /// What else is said; nothing of it is sent on where it redirects to another host.
    pub headers: HeaderMap,
    /// A document to be sent, and its type.
    pub document: Option<(&'a str, String)>,
}

/// How one registry is reached.
pub struct Transport {
    access: Access,
    guard: Arc<Guard>,
    /// `host:port` of the registry, as it is written.
    authority: String,
    /// Whether its certificate need not be good, nor be there at all.
    pub insecure: bool,
    /// For the registry itself.
    own: OnceLock<Result<Client, String>>,
    /// For other hosts: nothing is let pass there, and nobody is introduced by a certificate.
    others: OnceLock<Result<Client, String>>,
}

impl Transport {
    /// For the registry at `authority`, `HOST` or `HOST:PORT`.
    pub fn new(authority: &str, access: &Access) -> Self {
        // The one TLS provider of the house; a second installation is refused and harmless.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let host = host_of(authority);
        Self {
            access: access.clone(),
            guard: Guard::new(host, access.allow_private),
            authority: authority.to_owned(),
            insecure: access.is_insecure(authority),
            own: OnceLock::new(),
            others: OnceLock::new(),
        }
    }

    fn is_own(&self, url: &Url) -> bool {
        Url::parse(&format!("{}://{}/", url.scheme(), self.authority)).is_ok_and(|own| own.origin() == url.origin())
    }

    fn client(&self, url: &Url) -> Result<&Client, Fault> {
        let own = self.is_own(url);
        let place = if own { &self.own } else { &self.others };
        let client = place.get_or_init(|| self.build(own));
        client.as_ref().map_err(|why| Fault::Final(why.clone()))
    }

    fn build(&self, own: bool) -> Result<Client, String> {
        let mut builder = Client::builder()
            .connect_timeout(self.access.silence)
            .redirect(redirect::Policy::none())
            .dns_resolver(Arc::new(Resolver(Arc::clone(&self.guard))))
            .user_agent(concat!("keelguard/", env!("CARGO_PKG_VERSION")));
        if is_loopback(host_of(&self.authority)) {
            builder = builder.no_proxy();
        }
        let folder = self.access.certificates.join(&self.authority);
        let mut authorities = Vec::new();
        for file in self.access.authorities(&self.authority) {
            let pem = std::fs::read(&file).map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
            let found = Certificate::from_pem_bundle(&pem).ok().filter(|found| !found.is_empty());
            authorities.extend(found.ok_or_else(|| format!("{} holds no certificate in PEM form", file.display()))?);
        }
        if own && self.skips_verification(authorities.is_empty()) {
            builder = builder.tls_danger_accept_invalid_certs(true);
        } else if !authorities.is_empty() {
            builder = builder.tls_certs_merge(authorities);
        }
        if own && let Some((file, pem)) = tls::identity(&folder)? {
            let identity = Identity::from_pem(&pem).map_err(|error| unusable(&file, &error))?;
            builder = builder.identity(identity);
        }
        builder.build().map_err(|error| innermost(&error))
    }

    /// Who names a certificate authority wants it to be asked, on this machine, too.
    fn skips_verification(&self, no_authority: bool) -> bool {
        self.insecure && (no_authority || self.access.names_insecure(&self.authority))
    }

    /// Asks, and follows where it is sent. The answer may be of any status but a redirect.
    pub async fn ask(&self, url: &Url, request: &Request<'_>) -> Result<Response, Fault> {
        // What a redirect may lead to depends on where the registry is.
        self.guard.settle().await;
        let first = url.clone();
        let mut url = url.clone();
        for _ in 0..=MAX_HOPS {
            let response = self.hop(&url, request, url.origin() == first.origin()).await?;
            let status = response.status();
            if !status.is_redirection() || status == StatusCode::NOT_MODIFIED {
                return Ok(response);
            }
            if request.form.is_some() {
                return Err(Fault::Final("it wants to have the login sent elsewhere, which is not done".into()));
            }
            let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
            let next = location.and_then(|location| url.join(location).ok());
            let Some(next) = next else {
                return Err(Fault::Final(format!("it answers {status}, and does not say where to look")));
            };
            if url.scheme() == "https" && next.scheme() != "https" {
                let host = next.host_str().unwrap_or_default();
                return Err(Fault::Final(format!(
                    "it redirects to {} without encryption, which is refused",
                    shown(host)
                )));
            }
            url = next;
        }
        Err(Fault::Final(format!("it redirects more than {MAX_HOPS} times")))
    }

    /// Asks once; a redirect is an answer like any other.
    pub async fn ask_once(&self, url: &Url, request: &Request<'_>) -> Result<Response, Fault> {
        self.guard.settle().await;
        self.hop(url, request, true).await
    }

    /// Where the registry is: every address of its name leads there.
    pub async fn reach(&self) -> Option<Reach> {
        self.guard.settle().await;
        self.guard.reach()
    }

    async fn hop(&self, url: &Url, request: &Request<'_>, same_host: bool) -> Result<Response, Fault> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Fault::Final(format!(
                "it redirects to {}:, which is no address of a registry",
                shown(url.scheme())
            )));
        }
        if !self.is_own(url) {
            self.guard.check(url).map_err(|error| Fault::Final(error.to_string()))?;
        }
        let client = self.client(url)?;
        let mut building = match &request.form {
            Some(form) => client
                .post(url.clone())
                .header(reqwest::header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(form.clone()),
            None => client.request(request.method.clone(), url.clone()),
        };
        if let Some((kind, text)) = &request.document {
            building = building.header(reqwest::header::CONTENT_TYPE, *kind).body(text.clone());
        } else if request.method == Method::POST && request.form.is_none() {
            // Some servers take a POST that says nothing of its length for one without end.
            building = building.header(reqwest::header::CONTENT_LENGTH, "0");
        }
        if !request.accept.is_empty() {
            building = building.header(ACCEPT, request.accept);
        }
        if same_host {
            building = building.headers(request.headers.clone());
        }
        if let Some(login) = request.login.filter(|_| same_host) {
            building = building.header(AUTHORIZATION, login);
        }
        if request.from > 0 {
            building = building.header(RANGE, format!("bytes={}-", request.from));
        }
        let answer = tokio::time::timeout(self.access.silence, building.send()).await;
        answer.map_err(|_| self.silent())?.map_err(|error| trouble(&error))
    }

    fn silent(&self) -> Fault {
        Fault::passing(format!("it stalls: next to nothing came for {} s", self.access.silence.as_secs_f32()))
    }

    /// Takes the body piece by piece; `take` says whether it wants more.
    pub async fn body(
        &self,
        mut response: Response,
        mut take: impl FnMut(&[u8]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let (mut deadline, mut came) = (Instant::now() + self.access.silence, 0);
        loop {
            let chunk = tokio::time::timeout_at(deadline.into(), response.chunk()).await.map_err(|_| self.silent())?;
            let chunk = chunk.map_err(|error| Fault::passing(format!("it was cut off: {}", innermost(&error))))?;
            let Some(chunk) = chunk else { return Ok(()) };
            take(&chunk)?;
            came += chunk.len();
            if came >= LEAST {
                (deadline, came) = (Instant::now() + self.access.silence, 0);
            }
        }
    }

    /// A body that fits into memory.
    pub async fn bytes(&self, response: Response, bound: u64) -> Result<Vec<u8>, Fault> {
        let too_large = || Fault::Final(format!("it is larger than {bound} bytes, and no more are read"));
        let promised = response.content_length();
        if promised.is_some_and(|length| length > bound) {
            return Err(too_large());
        }
        let mut bytes = Vec::new();
        let take = |chunk: &[u8]| {
            bytes.extend_from_slice(chunk);
            if bytes.len() as u64 > bound { Err(too_large()) } else { Ok(()) }
        };
        self.body(response, take).await?;
        Ok(bytes)
    }

    /// Why the answer is none, in the server's own words as far as it has any.
    pub async fn refusal(&self, response: Response) -> Fault {
        let status = response.status();
        let header = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let after = header.and_then(|value| retry_after(value, jiff::Timestamp::now()));
        let words = self.words(response).await;
        let why = format!("it answers {status}{words}");
        match status {
            StatusCode::NOT_FOUND => Fault::Missing(format!("there is no such thing{words}")),
            StatusCode::TOO_MANY_REQUESTS => {
                let host = &self.authority;
                let why = format!("it wants fewer requests (429); who is logged in may have more: docker login {host}");
                Fault::Passing { why, after }
            }
            StatusCode::REQUEST_TIMEOUT => Fault::Passing { why, after },
            _ if status.is_server_error() => Fault::Passing { why, after },
            _ => Fault::Final(why),
        }
    }

    /// `: manifest unknown`, from the JSON that registries answer with.
    async fn words(&self, response: Response) -> String {
        let bytes = self.bytes(response, 64 << 10).await.unwrap_or_default();
        let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let said = ["/errors/0/message", "/details", "/message"].iter().find_map(|place| json.pointer(place)?.as_str());
        said.map(|text| format!(": {}", shown(text))).unwrap_or_default()
    }
}

/// Why there was no answer.
fn trouble(error: &reqwest::Error) -> Fault {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<crate::address::Forbidden>() {
            return Fault::Final(error.to_string());
        }
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        let tls = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>());
        if let Some(rustls::Error::InvalidCertificate(why)) = tls.or_else(|| error.downcast_ref::<rustls::Error>()) {
            return Fault::Final(format!(
                "its certificate is not trusted ({why}); name the authority that signed it with --registry-ca-file"
            ));
        }
        cause = inner.map(|inner| inner as &(dyn std::error::Error + 'static)).or_else(|| error.source());
    }
    let why = shown(&innermost(error));
    match error {
        _ if error.is_builder() => Fault::Final(why),
        _ if error.is_connect() => Fault::Unreachable(why),
        _ => Fault::passing(why),
    }
}

fn unusable(file: &Path, error: &reqwest::Error) -> String {
    format!("{} cannot be used: {}", file.display(), innermost(error))
}

/// The innermost cause tells what happened; the outer ones repeat the address.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut last = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        last = inner.to_string();
        source = inner.source();
    }
    last
}

/// A host without its port.
pub fn host_of(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => host,
        _ => authority,
    }
}

/// This machine, which Docker takes to be in good hands (`127.0.0.0/8` is among its insecure registries).
pub fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
