//! Talking to one registry about one repository: logs in when it is asked to, and asks again when that may help.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use reqwest::header::{CONTENT_RANGE, HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use reqwest::{Response, StatusCode, Url};
use tokio::runtime::Runtime;

use keelguard_distribution::login::{self, Asked};
use keelguard_distribution::{Access, Challenge, Fault, Patience, Request, Transport};

use crate::source::manifest::Digest;

/// Layers that are fetched at the same time, as Docker does.
const AT_ONCE: usize = 3;

/// So much more than ever before must have arrived for earlier failures to be forgotten: a server that gives a byte per
/// connection is not getting anywhere, nor is one that always begins anew.
const HEADWAY: u64 = 1 << 20;

/// After so many layers that could not be had, no more are asked for: a thousand that stall would take a day.
const MAX_FAILED: u32 = 3;

/// One repository of one registry.
pub(super) struct Session {
    runtime: Runtime,
    transport: Transport,
    access: Access,
    /// By which name logins are kept.
    host: String,
    repository: String,
    base: Url,
    login: Mutex<Option<HeaderValue>>,
    slots: tokio::sync::Semaphore,
    /// Layers that could not be had.
    failed: AtomicU32,
    /// Bytes of layers that were asked for.
    promised: AtomicU64,
}

impl Session {
    /// Begins to talk to `authority`; `scheme` is none where that has to be found out.
    pub(super) fn begin(
        host: &str,
        authority: &str,
        scheme: Option<&str>,
        repository: &str,
        access: &Access,
    ) -> Result<Self, Fault> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Fault::Final(format!("no connection can be made here: {error}")))?;
        let transport = Transport::new(authority, access);
        let base = runtime.block_on(base(&transport, authority, scheme))?;
        Ok(Self {
            runtime,
            transport,
            access: access.clone(),
            host: host.to_owned(),
            repository: repository.to_owned(),
            base,
            login: Mutex::new(None),
            slots: tokio::sync::Semaphore::new(AT_ONCE),
            failed: AtomicU32::new(0),
            promised: AtomicU64::new(0),
        })
    }

    fn url(&self, kind: &str, name: &str) -> Result<Url, Fault> {
        let url = self.base.join(&format!("/v2/{}/{kind}/{name}", self.repository));
        url.map_err(|error| Fault::Final(format!("its address cannot be written: {error}")))
    }

    /// A document, of at most `bound` bytes, and the digest that the server says it has.
    pub(super) fn document(
        &self,
        kind: &str,
        name: &str,
        accept: &str,
        bound: u64,
    ) -> Result<(Vec<u8>, Option<String>), Fault> {
        let url = self.url(kind, name)?;
        let once = async || {
            let response = self.ask(&url, Request { accept, ..Request::default() }).await?;
            if response.status() != StatusCode::OK {
                return Err(self.transport.refusal(response).await);
            }
            let digest = response.headers().get("docker-content-digest");
            let digest = digest.and_then(|digest| digest.to_str().ok()).map(str::to_owned);
            Ok((self.transport.bytes(response, bound).await?, digest))
        };
        self.runtime.block_on(async {
            let mut patience = Patience::default();
            loop {
                match once().await {
                    Ok(found) => return Ok(found),
                    Err(fault) => tokio::time::sleep(patience.pause(fault, &self.access)?).await,
                }
            }
        })
    }

    /// Puts the blob `digest` into `file`, and gives its length. `size` is what the manifest promises. Whether the bytes are
    /// the right ones is for the reader to check.
    pub(super) fn blob(&self, digest: &Digest, size: u64, file: &mut File) -> Result<u64, Fault> {
        if self.failed.load(Ordering::Relaxed) >= MAX_FAILED {
            return Err(Fault::Final(format!(
                "it was not asked any more, after {MAX_FAILED} layers that it did not give"
            )));
        }
        let outcome = self.fetch(digest, size, file);
        if outcome.is_err() {
            self.failed.fetch_add(1, Ordering::Relaxed);
        }
        outcome
    }

    fn fetch(&self, digest: &Digest, size: u64, file: &mut File) -> Result<u64, Fault> {
        let before = self.promised.fetch_add(size, Ordering::Relaxed);
        let bound = self.access.max_download;
        if before.saturating_add(size) > bound {
            return Err(Fault::Final(format!(
                "more than {bound} bytes would have to be fetched; set max_download_bytes to allow more"
            )));
        }
        let url = self.url("blobs", digest.as_str())?;
        self.runtime.block_on(async {
            let _slot = self.slots.acquire().await;
            let (mut patience, mut done, mut best) = (Patience::default(), 0, 0_u64);
            loop {
                match self.some(&url, size, file, &mut done).await {
                    Ok(()) => return Ok(done),
                    Err(fault) => {
                        if done >= best.saturating_add(HEADWAY) {
                            best = done;
                            patience.renew();
                        }
                        tokio::time::sleep(patience.pause(fault, &self.access)?).await;
                    }
                }
            }
        })
    }

    /// Goes on after `done` bytes, as far as it comes.
    async fn some(&self, url: &Url, size: u64, file: &mut File, done: &mut u64) -> Result<(), Fault> {
        if *done >= size && *done > 0 {
            return Ok(());
        }
        let response = self.ask(url, Request { from: *done, ..Request::default() }).await?;
        match response.status() {
            StatusCode::PARTIAL_CONTENT if range_start(response.headers()) == Some(*done) => {}
            // It cannot go on, so it begins anew; so does whatever answers with another part than was asked for.
            StatusCode::OK => *done = 0,
            StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => {
                *done = 0;
                return Err(Fault::passing("it went on with another part than was asked for"));
            }
            _ => return Err(self.transport.refusal(response).await),
        }
        let differs =
            |found: u64| Fault::Final(format!("it has {found} bytes or more, and the manifest promises {size}"));
        let rest = size.saturating_sub(*done);
        if let Some(length) = response.content_length().filter(|length| *length != rest) {
            return Err(differs(done.saturating_add(length)));
        }
        let write = |error: std::io::Error| Fault::Final(format!("there is no place to put it: {error}"));
        file.seek(SeekFrom::Start(*done)).map_err(write)?;
        let take = |chunk: &[u8]| {
            if *done + chunk.len() as u64 > size {
                return Err(differs(*done + chunk.len() as u64));
            }
            file.write_all(chunk).map_err(write)?;
            *done += chunk.len() as u64;
            Ok(())
        };
        self.transport.body(response, take).await?;
        if *done == size { Ok(()) } else { Err(Fault::passing(format!("it was cut off after {done} bytes"))) }
    }

    /// Asks, and logs in where that is wanted.
    async fn ask(&self, url: &Url, request: Request<'_>) -> Result<Response, Fault> {
        let known = self.login.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let response = self.transport.ask(url, &Request { login: known.as_ref(), ..request.clone() }).await?;
        // What another host wants, to which it was redirected, is no business of ours.
        if response.status() != StatusCode::UNAUTHORIZED || response.url().origin() != self.base.origin() {
            return Ok(response);
        }
        let challenges = challenges(response.headers());
        let asked = Asked { host: &self.host, repository: &self.repository, base: &self.base };
        let (login, words) = login::obtain(&self.transport, &self.access, &asked, &challenges).await?;
        let response = self.transport.ask(url, &Request { login: login.as_ref(), ..request }).await?;
        match response.status() {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(Fault::Final(words.refused())),
            _ => {
                *self.login.lock().unwrap_or_else(PoisonError::into_inner) = login;
                Ok(response)
            }
        }
    }
}

/// The address of the registry. One that may go without encryption is first asked with it, as Docker does.
async fn base(transport: &Transport, authority: &str, scheme: Option<&str>) -> Result<Url, Fault> {
    let at = |scheme: &str| {
        Url::parse(&format!("{scheme}://{authority}/"))
            .map_err(|error| Fault::Final(format!("{authority} is no address of a registry: {error}")))
    };
    if let Some(scheme) = scheme {
        return at(scheme);
    }
    let encrypted = at("https")?;
    if !transport.insecure {
        return Ok(encrypted);
    }
    let ping = |url: &Url| url.join("v2/").map_err(|error| Fault::Final(error.to_string()));
    match transport.ask(&ping(&encrypted)?, &Request::default()).await {
        Ok(_) => Ok(encrypted),
        // A certificate that is not good is no reason to do without one; nor is a redirect that is refused.
        Err(Fault::Final(why)) => Err(Fault::Final(why)),
        Err(_) => {
            let plain = at("http")?;
            transport.ask(&ping(&plain)?, &Request::default()).await?;
            Ok(plain)
        }
    }
}

fn challenges(headers: &HeaderMap) -> Vec<Challenge> {
    let texts = headers.get_all(WWW_AUTHENTICATE).iter().take(8).filter_map(|value| value.to_str().ok());
    texts.filter_map(Challenge::parse).collect()
}

/// `bytes 100-199/200` begins at 100.
fn range_start(headers: &HeaderMap) -> Option<u64> {
    let range = headers.get(CONTENT_RANGE)?.to_str().ok()?.strip_prefix("bytes ")?;
    range.split_once('-')?.0.parse().ok()
}
