//! A client of the engine's API: one GET at a time, bounded in time and size. The other side may be slow, dead, hostile,
//! or not an engine at all.

use std::time::Duration;

use reqwest::{Certificate, Client, Identity, StatusCode};
use serde_json::Value;

use super::endpoint::{Address, Endpoint, Tls};

/// Why the engine gave no usable answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    #[error("{0}")]
    Setup(String),
    #[error("it did not answer: {0}")]
    Connect(String),
    #[error("it did not answer within {} s", .0.as_secs_f32())]
    Timeout(Duration),
    #[error("its answer is larger than {0} bytes")]
    TooLarge(usize),
    #[error("it refused: {status} {message}")]
    Refused { status: StatusCode, message: String },
    #[error("its answer is not what the engine's API describes: {0}")]
    Garbage(String),
}

impl ClientError {
    /// Whether the thing asked for is not there (any more).
    pub(crate) fn is_gone(&self) -> bool {
        matches!(self, Self::Refused { status, .. } if matches!(*status, StatusCode::NOT_FOUND | StatusCode::CONFLICT))
    }
}

/// A connection to one engine. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct EngineClient {
    http: Client,
    base: String,
    timeout: Duration,
    max_bytes: usize,
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
        Ok(Self { http: builder.build().map_err(setup)?, base, timeout, max_bytes })
    }

    /// The answer to `GET path` as JSON, nulls taken out.
    pub(crate) async fn get(&self, path: &str) -> Result<Value, ClientError> {
        let answer = tokio::time::timeout(self.timeout, self.fetch(path)).await;
        let bytes = answer.map_err(|_| ClientError::Timeout(self.timeout))??;
        let mut value: Value =
            serde_json::from_slice(&bytes).map_err(|error| ClientError::Garbage(error.to_string()))?;
        strip_nulls(&mut value);
        Ok(value)
    }

    async fn fetch(&self, path: &str) -> Result<Vec<u8>, ClientError> {
        let connect = |error: reqwest::Error| ClientError::Connect(chain(&error));
        let mut response = self.http.get(format!("{}{path}", self.base)).send().await.map_err(connect)?;
        let status = response.status();
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(connect)? {
            if bytes.len() + chunk.len() > self.max_bytes {
                return Err(ClientError::TooLarge(self.max_bytes));
            }
            bytes.extend_from_slice(&chunk);
        }
        if !status.is_success() {
            let message = serde_json::from_slice::<Value>(&bytes)
                .ok()
                .and_then(|value| Some(value.get("message")?.as_str()?.chars().take(200).collect()))
                .unwrap_or_default();
            return Err(ClientError::Refused { status, message });
        }
        Ok(bytes)
    }
}

fn with_tls(mut builder: reqwest::ClientBuilder, tls: &Tls) -> Result<reqwest::ClientBuilder, ClientError> {
    let read = |path: &std::path::Path| {
        std::fs::read(path).map_err(|error| ClientError::Setup(format!("{} cannot be read: {error}", path.display())))
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

/// Takes nulls out of objects and lists: Docker writes `null` where it means "none", serde means "wrong type".
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
        _ => {}
    }
}
