//! A client of the engine's API: one GET at a time, bounded in time and size. The other side may be slow, dead, hostile,
//! or not an engine at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::{Certificate, Client, Identity, StatusCode};
use serde_json::Value;

use super::endpoint::{Address, Endpoint, Tls};
use super::read;

/// Why the engine gave no usable answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    #[error("{0}")]
    Setup(String),
    #[error("it cannot be reached: {0}")]
    Connect(String),
    #[error("it broke off: {0}")]
    Broken(String),
    #[error("it did not answer within {} s", .0.as_secs_f32())]
    Timeout(Duration),
    #[error("its answer is larger than {0} bytes")]
    TooLarge(usize),
    #[error("all its answers together are larger than {0} bytes")]
    TooMuch(usize),
    #[error("it refused: {status} {message}")]
    Refused { status: StatusCode, message: String },
    #[error("its answer is not what the engine's API describes: {0}")]
    Garbage(String),
}

impl ClientError {
    /// An answer of another shape. The error quotes it, at whatever length.
    pub(crate) fn garbage(error: &serde_json::Error) -> Self {
        Self::Garbage(read::plain(&error.to_string()))
    }

    /// Whether nobody listens there: a socket that an engine left behind.
    pub(crate) fn is_dead(&self) -> bool {
        matches!(self, Self::Connect(why) if why.contains("refused") || why.contains("No such file"))
    }

    /// Whether the thing asked for is not there (any more).
    pub(crate) fn is_gone(&self) -> bool {
        matches!(self, Self::Refused { status, .. } if matches!(*status, StatusCode::NOT_FOUND | StatusCode::CONFLICT))
    }
}

/// How many of the largest answers all answers together may make.
const ANSWERS: usize = 16;
/// The largest description of one container or image; real ones have some ten kilobytes. Parsed JSON takes many times
/// its bytes, and many are under way at once.
const ONE: usize = 4 << 20;

/// How many times longer than for an answer is waited for the next piece of an image that is being packed up.
const PATIENCE: u32 = 6;

/// A connection to one engine. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct EngineClient {
    http: Client,
    base: String,
    identity: Shown,
    pub(super) timeout: Duration,
    pub(super) max_bytes: usize,
    total: Arc<AtomicUsize>,
}

/// What this side shows of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    /// A client certificate, or there is no TLS to show one in.
    Enough,
    /// TLS without a client certificate. An engine that wants one says so in whatever words its TLS has.
    NoCertificate,
}

impl EngineClient {
    /// Prepares the connection; nothing is sent yet.
    pub(crate) fn new(endpoint: &Endpoint, timeout: Duration, max_bytes: usize) -> Result<Self, ClientError> {
        // The one TLS provider of the house, asked for even by clients without TLS; a second installation is refused and harmless.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let setup = |error: reqwest::Error| ClientError::Setup(chain(&error));
        let builder = Client::builder().no_proxy().connect_timeout(timeout).redirect(reqwest::redirect::Policy::none());
        let (builder, base) = match &endpoint.address {
            // Without an explicit (empty) list the system's certificates would be read for nothing.
            Address::Unix(path) => (builder.tls_certs_only([]).unix_socket(path.as_path()), "http://engine".to_owned()),
            Address::Tcp(authority, None) => (builder.tls_certs_only([]), format!("http://{authority}")),
            Address::Tcp(authority, Some(tls)) => (with_tls(builder, tls)?, format!("https://{authority}")),
        };
        let identity = match &endpoint.address {
            Address::Tcp(_, Some(Tls { client: None, .. })) => Shown::NoCertificate,
            Address::Tcp(..) | Address::Unix(_) => Shown::Enough,
        };
        Ok(Self { http: builder.build().map_err(setup)?, base, identity, timeout, max_bytes, total: Arc::default() })
    }

    /// The answer to `GET path` as JSON, nulls taken out.
    pub(crate) async fn get(&self, path: &str) -> Result<Value, ClientError> {
        self.get_within(path, self.max_bytes).await
    }

    /// The same for the description of a single thing, which has a tighter bound.
    pub(crate) async fn get_one(&self, path: &str) -> Result<Value, ClientError> {
        self.get_within(path, self.max_bytes.min(ONE)).await
    }

    /// The answer to `GET path` as it comes, of whatever length. Engines think about it before they send the first byte.
    pub(crate) async fn stream(&self, path: &str) -> Result<reqwest::Response, ClientError> {
        let patience = self.timeout.saturating_mul(PATIENCE);
        let sent = tokio::time::timeout(patience, self.http.get(format!("{}{path}", self.base)).send()).await;
        sent.map_err(|_| ClientError::Timeout(patience))?.map_err(|error| failure(&error, self.identity))
    }

    /// The next piece of a streamed answer; none at its end.
    pub(crate) async fn chunk(&self, response: &mut reqwest::Response) -> Result<Option<Vec<u8>>, ClientError> {
        let patience = self.timeout.saturating_mul(PATIENCE);
        let next =
            tokio::time::timeout(patience, response.chunk()).await.map_err(|_| ClientError::Timeout(patience))?;
        Ok(next.map_err(|error| failure(&error, self.identity))?.map(|bytes| bytes.to_vec()))
    }

    async fn get_within(&self, path: &str, bound: usize) -> Result<Value, ClientError> {
        let answer = tokio::time::timeout(self.timeout, self.fetch(path, bound)).await;
        let bytes = answer.map_err(|_| ClientError::Timeout(self.timeout))??;
        let mut value: Value = serde_json::from_slice(&bytes).map_err(|error| ClientError::garbage(&error))?;
        strip_nulls(&mut value);
        Ok(value)
    }

    pub(super) async fn fetch(&self, path: &str, bound: usize) -> Result<Vec<u8>, ClientError> {
        let failed = |error: reqwest::Error| failure(&error, self.identity);
        let mut response = self.http.get(format!("{}{path}", self.base)).send().await.map_err(failed)?;
        let status = response.status();
        let most = self.max_bytes.saturating_mul(ANSWERS);
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if bytes.len() + chunk.len() > bound {
                return Err(ClientError::TooLarge(bound));
            }
            if self.total.fetch_add(chunk.len(), Ordering::Relaxed) > most {
                return Err(ClientError::TooMuch(most));
            }
            bytes.extend_from_slice(&chunk);
        }
        if !status.is_success() {
            let message = serde_json::from_slice::<Value>(&bytes)
                .ok()
                .and_then(|value| Some(read::plain(value.get("message")?.as_str()?)))
                .unwrap_or_default();
            return Err(ClientError::Refused { status, message });
        }
        Ok(bytes)
    }
}

fn with_tls(mut builder: reqwest::ClientBuilder, tls: &Tls) -> Result<reqwest::ClientBuilder, ClientError> {
    let read = |path: &std::path::Path| {
        read::bytes(path, 1 << 20)
            .map_err(|error| ClientError::Setup(format!("{} cannot be read: {error}", path.display())))
    };
    let bad = |what: &std::path::Path, error: reqwest::Error| {
        ClientError::Setup(format!("{} is no PEM certificate or key: {}", what.display(), chain(&error)))
    };
    if let Some(ca) = &tls.ca {
        builder = builder.tls_certs_only(Certificate::from_pem_bundle(&read(ca)?).map_err(|error| bad(ca, error))?);
    }
    if let Some((cert, key)) = &tls.client {
        let mut pem = read(cert)?;
        pem.push(b'\n');
        pem.extend(read(key)?);
        builder = builder.identity(Identity::from_pem(&pem).map_err(|error| bad(key, error))?);
    }
    if !tls.verify {
        builder = builder.tls_danger_accept_invalid_certs(true);
    }
    Ok(builder)
}

/// What went wrong, told apart by how far it came. TLS has its own words, which help nobody; these say what to do.
fn failure(error: &reqwest::Error, identity: Shown) -> ClientError {
    const WANTS: &str = "it wants a client certificate: put cert.pem and key.pem into DOCKER_CERT_PATH";
    const TLS: &[(&str, &str)] = &[
        ("UnknownIssuer", "its certificate is not signed by the given authority (ca.pem)"),
        ("BadSignature", "its certificate is not signed by the given authority (ca.pem)"),
        ("Expired", "its certificate has expired"),
        ("certificate expired", "its certificate has expired"),
        ("NotValidForName", "its certificate is for another name than this address"),
        ("not valid for name", "its certificate is for another name than this address"),
        ("CertificateRequired", WANTS),
        ("fatal alert: CertificateExpired", "it says that the client certificate has expired"),
        ("fatal alert: UnknownCA", "it does not know who signed the client certificate"),
        ("fatal alert", "it refuses the client certificate or this TLS"),
        ("InvalidContentType", "it does not speak TLS; is it meant to be reached in the clear?"),
    ];
    let cause = chain(error);
    // Engines built with Go before 1.21 call a missing certificate a bad one. Some hang up before the word has arrived.
    if identity == Shown::NoCertificate {
        let alert = ["BadCertificate", "HandshakeFailure"].iter().any(|alert| cause.contains(alert));
        let hung_up = !error.is_connect() && ["reset", "close_notify"].iter().any(|mark| cause.contains(mark));
        if alert || hung_up {
            return ClientError::Connect(format!("{WANTS} ({})", read::plain(&cause)));
        }
    }
    if let Some((_, sentence)) = TLS.iter().find(|(mark, _)| cause.contains(mark)) {
        return ClientError::Connect(format!("{sentence} ({})", read::plain(&cause)));
    }
    if error.is_connect() || error.is_builder() {
        return ClientError::Connect(read::plain(&cause));
    }
    if cause.contains("invalid HTTP") || cause.contains("parsed") {
        ClientError::Garbage(read::plain(&cause))
    } else {
        ClientError::Broken(read::plain(&cause))
    }
}

/// The innermost causes tell what happened ("connection refused"); the outer ones repeat the address.
fn chain(error: &dyn std::error::Error) -> String {
    let mut last = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        last = inner.to_string();
        source = inner.source();
    }
    last
}

/// Takes nulls out of objects and lists: Docker writes `null` where it means "none", serde means "wrong type". Numbers
/// that no `i64` holds are made to fit.
pub(crate) fn strip_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(strip_nulls);
        }
        Value::Array(list) => {
            list.retain(|value| !value.is_null());
            list.iter_mut().for_each(strip_nulls);
        }
        // "Without bound" as engines in unsigned numbers write it.
        Value::Number(number) if number.as_i64().is_none() && number.as_u64().is_some() => {
            *value = if number.as_u64() == Some(u64::MAX) { (-1).into() } else { i64::MAX.into() };
        }
        _ => {}
    }
}
