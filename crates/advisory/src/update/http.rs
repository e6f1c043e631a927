//! Fetches files over HTTP. The other side may be slow, busy, cut off half-way, or lie about lengths; whatever arrived of a
//! large file is kept and the rest asked for.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use reqwest::header::{CONTENT_RANGE, ETAG, HeaderMap, IF_NONE_MATCH, IF_RANGE, RANGE, RETRY_AFTER};
use reqwest::{Certificate, Client, Response, StatusCode, redirect};

use super::retry::{Fault, Patience, retry_after};
use super::source::{Answer, Loaded};
use super::{Progress, Settings, Watcher};
use crate::AdvisoryError;

/// One server.
#[derive(Clone, Debug)]
pub(super) struct Http {
    client: Client,
    settings: Settings,
}

/// A large file on its way: what is here, and of which state of the file.
struct Part<'path> {
    path: &'path Path,
    etag: PathBuf,
}

/// So much of a file must have arrived in one go for earlier failures to be forgotten; a server that gives a byte per
/// connection is not getting anywhere.
const HEADWAY: u64 = 1 << 20;

impl Http {
    pub(super) fn new(base: &str, settings: &Settings) -> Result<Self, AdvisoryError> {
        // The one TLS provider of the house; a second installation is refused and harmless.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let fail = |why: String| AdvisoryError::Source { url: base.to_owned(), why };
        let policy = redirect::Policy::custom(|attempt| {
            let downgraded = attempt.url().scheme() != "https"
                && attempt.previous().iter().any(|earlier| earlier.scheme() == "https");
            if downgraded || attempt.previous().len() > 5 { attempt.stop() } else { attempt.follow() }
        });
        let mut builder = Client::builder()
            .connect_timeout(settings.silence)
            .redirect(policy)
            .user_agent(concat!("keelguard/", env!("CARGO_PKG_VERSION")));
        if is_loopback(base) {
            builder = builder.no_proxy();
        }
        if base.starts_with("http:") {
            // Without TLS the system's certificates would be read for nothing.
            builder = builder.tls_certs_only([]);
        } else if let Some(path) = &settings.ca_file {
            let pem = fs::read(path).map_err(AdvisoryError::file("read", path))?;
            let certificates = Certificate::from_pem_bundle(&pem).map_err(|error| fail(chain(&error)))?;
            builder = builder.tls_certs_merge(certificates);
        }
        let client = builder.build().map_err(|error| fail(chain(&error)))?;
        Ok(Self { client, settings: settings.clone() })
    }

    /// A file that fits into memory.
    pub(super) async fn small(&self, url: &str, bound: u64, etag: Option<&str>) -> Result<Answer, AdvisoryError> {
        let mut patience = Patience::default();
        loop {
            match self.try_small(url, bound, etag).await {
                Ok(answer) => return Ok(answer),
                Err(fault) => {
                    let (pause, _) = patience.pause(fault, url, &self.settings)?;
                    tokio::time::sleep(pause).await;
                }
            }
        }
    }

    async fn try_small(&self, url: &str, bound: u64, etag: Option<&str>) -> Result<Answer, Fault> {
        let headers = etag.map(|etag| (IF_NONE_MATCH, etag.to_owned()));
        let mut response = self.ask(url, headers.into_iter().collect()).await?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NOT_MODIFIED => return Ok(Answer::Unchanged),
            StatusCode::NOT_FOUND | StatusCode::GONE => return Ok(Answer::Missing),
            _ => return Err(refusal(url, &response)),
        }
        let etag = strong_etag(response.headers());
        let mut bytes = Vec::new();
        while let Some(chunk) = self.chunk(&mut response).await? {
            if (bytes.len() + chunk.len()) as u64 > bound {
                return Err(too_large(url, bound));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Answer::Bytes { bytes, etag })
    }

    /// A large file, into `part`. What an earlier run left there is gone on with if the file is still the same.
    pub(super) async fn load(
        &self,
        url: &str,
        part: &Path,
        etag: Option<&str>,
        of: &str,
        watcher: Watcher<'_>,
    ) -> Result<Loaded, AdvisoryError> {
        let part = Part { path: part, etag: part.with_extension("etag") };
        let mut patience = Patience::default();
        loop {
            let before = part.length();
            match self.try_load(url, &part, etag, of, watcher).await {
                Ok(loaded) => return Ok(loaded),
                Err(fault) => {
                    if part.length().saturating_sub(before) >= HEADWAY {
                        patience.renew();
                    }
                    let pause = patience.pause(fault, url, &self.settings);
                    if pause.is_err() && part.known().is_none() {
                        // Nobody could go on with it.
                        part.forget();
                    }
                    let (pause, why) = pause?;
                    watcher(Progress::Waiting { of, pause, why: &why });
                    tokio::time::sleep(pause).await;
                }
            }
        }
    }

    async fn try_load(
        &self,
        url: &str,
        part: &Part<'_>,
        etag: Option<&str>,
        of: &str,
        watcher: Watcher<'_>,
    ) -> Result<Loaded, Fault> {
        let known = part.known();
        let headers = match (&known, etag) {
            (Some((length, state)), _) => vec![(RANGE, format!("bytes={length}-")), (IF_RANGE, state.clone())],
            (None, Some(etag)) => vec![(IF_NONE_MATCH, etag.to_owned())],
            (None, None) => Vec::new(),
        };
        let mut response = self.ask(url, headers).await?;
        let mut done = 0;
        let mut state = strong_etag(response.headers());
        match response.status() {
            StatusCode::OK => {}
            StatusCode::NOT_MODIFIED => return Ok(Loaded::Unchanged),
            StatusCode::NOT_FOUND | StatusCode::GONE => return Ok(Loaded::Missing),
            StatusCode::PARTIAL_CONTENT => {
                done = known.as_ref().map_or(0, |(length, _)| *length);
                let begun = known.map(|(_, state)| state);
                if range_start(response.headers()) != Some(done) || state.is_some() && state != begun {
                    part.forget();
                    return Err(Fault::passing("it went on with something else"));
                }
                // A part may come without the tag of the whole, which `If-Range` has just vouched for.
                state = begun;
            }
            StatusCode::RANGE_NOT_SATISFIABLE => {
                part.forget();
                return Err(Fault::passing("the file has changed in the meantime"));
            }
            _ => return Err(refusal(url, &response)),
        }
        let mut file = part.begin(done, state.as_deref()).map_err(Fault::Final)?;
        let total = response.content_length().map(|rest| rest.saturating_add(done));
        let bound = self.settings.download;
        if total.is_some_and(|total| total > bound) {
            part.forget();
            return Err(too_large(url, bound));
        }
        while let Some(chunk) = self.chunk(&mut response).await? {
            done += chunk.len() as u64;
            if done > bound {
                part.forget();
                return Err(too_large(url, bound));
            }
            file.write_all(&chunk).map_err(AdvisoryError::file("write", part.path)).map_err(Fault::Final)?;
            watcher(Progress::Loading { of, done, total });
        }
        if total.is_some_and(|total| total != done) {
            return Err(Fault::passing(format_args!("it was cut off after {done} bytes")));
        }
        Ok(Loaded::File { path: part.path.to_owned(), etag: state, ours: true })
    }

    async fn ask(&self, url: &str, headers: Vec<(reqwest::header::HeaderName, String)>) -> Result<Response, Fault> {
        let mut request = self.client.get(url);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let answer = tokio::time::timeout(self.settings.silence, request.send()).await;
        let answer = answer.map_err(|_| self.silent())?;
        answer.map_err(|error| {
            let why = chain(&error);
            // A certificate that nobody trusts is as untrusted a minute later.
            let untrusted = error.is_connect() && why.to_ascii_lowercase().contains("certificate");
            if untrusted {
                return Fault::refused(url, format_args!("{why}; advisories_ca_file names an authority to trust"));
            }
            if error.is_builder() { Fault::refused(url, why) } else { Fault::passing(why) }
        })
    }

    async fn chunk(
        &self,
        response: &mut Response,
    ) -> Result<Option<impl AsRef<[u8]> + std::ops::Deref<Target = [u8]> + use<>>, Fault> {
        let chunk = tokio::time::timeout(self.settings.silence, response.chunk()).await.map_err(|_| self.silent())?;
        chunk.map_err(|error| Fault::passing(format_args!("it was cut off: {}", chain(&error))))
    }

    fn silent(&self) -> Fault {
        Fault::passing(format_args!("it was silent for {} s", self.settings.silence.as_secs_f32()))
    }
}

impl Part<'_> {
    fn length(&self) -> u64 {
        fs::metadata(self.path).map_or(0, |meta| meta.len())
    }

    /// How much is here, and of which state of the file. Without its state nothing can be gone on with.
    fn known(&self) -> Option<(u64, String)> {
        let state = fs::read_to_string(&self.etag).ok().filter(|state| is_strong(state))?;
        Some((self.length(), state)).filter(|(length, _)| *length > 0)
    }

    /// Opens the file to go on after `done` bytes.
    fn begin(&self, done: u64, state: Option<&str>) -> Result<File, AdvisoryError> {
        let open = || -> std::io::Result<File> {
            if done > 0 {
                return File::options().append(true).open(self.path);
            }
            // The old state goes first: a state must never stand beside bytes of another.
            let _ = fs::remove_file(&self.etag);
            let file = File::create(self.path)?;
            if let Some(state) = state {
                fs::write(&self.etag, state)?;
            }
            Ok(file)
        };
        open().map_err(AdvisoryError::file("write", self.path))
    }

    fn forget(&self) {
        let _ = fs::remove_file(&self.etag);
        let _ = fs::remove_file(self.path);
    }
}

/// Whether another attempt may succeed, by the status.
fn refusal(url: &str, response: &Response) -> Fault {
    let status = response.status();
    let header = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let after = header.and_then(|value| retry_after(value, jiff::Timestamp::now()));
    match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => {
            Fault::Passing { why: format!("it answers {status}"), after }
        }
        _ if status.is_server_error() => Fault::Passing { why: format!("it answers {status}"), after },
        _ => Fault::refused(url, format_args!("it answers {status}")),
    }
}

fn too_large(url: &str, bound: u64) -> Fault {
    Fault::Final(AdvisoryError::TooLarge { what: url.to_owned(), bound: format!("{bound} bytes") })
}

/// Only a strong tag says that the bytes are the same.
fn strong_etag(headers: &HeaderMap) -> Option<String> {
    headers.get(ETAG)?.to_str().ok().filter(|tag| is_strong(tag)).map(str::to_owned)
}

fn is_strong(tag: &str) -> bool {
    tag.starts_with('"') && (2..=200).contains(&tag.len())
}

/// `bytes 100-199/200` begins at 100.
fn range_start(headers: &HeaderMap) -> Option<u64> {
    let range = headers.get(CONTENT_RANGE)?.to_str().ok()?.strip_prefix("bytes ")?;
    range.split_once('-')?.0.parse().ok()
}

fn is_loopback(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    ["127.", "localhost", "[::1]"].iter().any(|start| host.starts_with(start))
}

/// The innermost causes tell what happened; the outer ones repeat the address.
fn chain(error: &dyn std::error::Error) -> String {
    let mut last = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        last = inner.to_string();
        source = inner.source();
    }
    last
}
