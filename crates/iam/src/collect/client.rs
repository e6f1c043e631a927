//! Requests, signed and sent; answers, bounded in size and time. Redirects are not followed: whatever a login is worth
//! stays where it was meant to go.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::header::{CONTENT_TYPE, HeaderName};
use http::{Method, Request};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqsign_aws_v4::{Credential, RequestSigner};
use reqsign_core::{Context, SignRequest as _};
use reqwest::{Client as Http, Response, redirect};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

use super::failure::{Class, Failure, advice, class, shown};
use super::pace::Pace;
use super::profile::Section;
use super::service::{Protocol, Service};
use super::xml::{self, Names};
use super::{Environment, Limits};

/// What AWS leaves as it is in addresses.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The one parameter that goes into a header: of which account.
const ACCOUNT: &str = "x-amz-account-id";

/// Who asks, and how.
pub(super) struct Client {
    http: Http,
    credential: Credential,
    environment: Environment,
    profile: Section,
    endpoint: Option<String>,
    limits: Limits,
    /// When all has to be done.
    deadline: Instant,
    paces: Mutex<HashMap<(&'static str, String), Arc<Pace>>>,
}

/// One request to be sent.
struct Call {
    method: Method,
    url: String,
    body: String,
    headers: Vec<(HeaderName, String)>,
}

/// An answer that came whole.
struct Answer {
    status: u16,
    bytes: Vec<u8>,
    /// `x-amzn-errortype`, where the error's code is in a header.
    error_type: Option<String>,
    /// Where a bucket really is.
    bucket_region: Option<String>,
}

impl Client {
    pub(super) fn new(
        credential: Credential,
        environment: &Environment,
        profile: &Section,
        endpoint: Option<String>,
        limits: Limits,
    ) -> Result<Self, String> {
        let http = http_client(limits.silence, endpoint.as_deref())?;
        Ok(Self {
            http,
            credential,
            environment: environment.clone(),
            profile: profile.clone(),
            endpoint,
            limits,
            deadline: Instant::now() + limits.whole,
            paces: Mutex::default(),
        })
    }

    fn pace(&self, service: &Service, region: &str) -> Arc<Pace> {
        let mut paces = self.paces.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(paces.entry((service.name, region.to_owned())).or_default())
    }

    fn shown(&self, text: &str) -> String {
        let Credential { secret_access_key, session_token, .. } = &self.credential;
        shown(text, &[secret_access_key, session_token.as_deref().unwrap_or_default()])
    }

    /// Asks, again and again where that is what the service wants, within the time there is.
    pub(super) async fn call(
        &self,
        service: &'static Service,
        region: &str,
        operation: &str,
        parameters: &Value,
    ) -> Result<Value, Failure> {
        let custom = service.custom(self.endpoint.as_deref(), &self.environment, &self.profile);
        let (mut base, signing_region) = service.place(region, custom.as_deref());
        if let (Some(account), None) = (parameters.get(ACCOUNT).and_then(Value::as_str), &custom) {
            // What holds for an account as a whole has an address of its own for each.
            base = base.replacen("https://", &format!("https://{account}."), 1);
        }
        allowed(&base)?;
        let pace = self.pace(service, region);
        let patience = (Instant::now() + self.limits.patience).min(self.deadline);
        let (mut attempt, mut signing_region) = (0_u32, signing_region);
        loop {
            let call = build(service.protocol, &base, operation, parameters);
            let turn = tokio::time::timeout_at(self.deadline, pace.turn()).await.map_err(|_| self.out_of_time())?;
            let answer = self.send(service, &signing_region, call).await;
            drop(turn);
            let pause = match answer {
                Ok(answer) if answer.status < 300 => {
                    pace.went_well();
                    return self.understood(service.protocol, operation, &answer.bytes);
                }
                Ok(answer) if (300..400).contains(&answer.status) => {
                    // Only S3 may send us to another of its regions, and only by the region's name.
                    let elsewhere = answer.bucket_region.filter(|_| service.name == "s3" && attempt == 0);
                    match elsewhere.filter(|to| *to != signing_region && is_region(to)) {
                        Some(to) => {
                            (base, signing_region) = service.place(&to, custom.as_deref());
                            attempt += 1;
                            continue;
                        }
                        None => {
                            return Err(Failure::Other(format!(
                                "the answer is a redirect ({}), which is not followed: is {} the right address?",
                                answer.status, base
                            )));
                        }
                    }
                }
                Ok(answer) => {
                    let (code, words) = self.fault(service.protocol, &answer);
                    match class(&code, answer.status) {
                        Class::Denied => return Err(Failure::Denied(if words.is_empty() { code } else { words })),
                        Class::Missing => return Err(Failure::Missing(code)),
                        Class::Credentials => return Err(Failure::Credentials(advice(&code))),
                        Class::Throttled => (pace.throttled(attempt), format!("it asks for fewer requests ({code})")),
                        Class::Passing => {
                            let why = format!("it answers {code}");
                            if attempt >= 3 {
                                return Err(Failure::Other(format!("{why}, {} times", attempt + 1)));
                            }
                            (super::pace::pause(attempt), why)
                        }
                        Class::Other => {
                            let why = if words.is_empty() { code } else { format!("{code}: {words}") };
                            return Err(Failure::Other(format!("it answers {}: {why}", answer.status)));
                        }
                    }
                }
                Err(Trouble::Unknown) if !service.everywhere => return Err(Failure::Absent),
                Err(Trouble::Unknown) => return Err(Failure::Other(format!("nobody knows the address {base}"))),
                Err(Trouble::Final(why)) => return Err(Failure::Other(why)),
                Err(Trouble::Passing(why)) => {
                    if attempt >= 2 {
                        return Err(Failure::Other(format!("{why}, {} times", attempt + 1)));
                    }
                    (super::pace::pause(attempt), why)
                }
            };
            let (pause, why) = pause;
            attempt += 1;
            if attempt > self.limits.attempts || Instant::now() + pause > patience {
                return Err(Failure::Other(format!("{why}, {attempt} times; try again later, or one region alone")));
            }
            tokio::time::sleep(pause).await;
        }
    }

    fn out_of_time(&self) -> Failure {
        Failure::Other(format!("all the time there is ({} s) was over before it", self.limits.whole.as_secs()))
    }

    async fn send(&self, service: &Service, region: &str, call: Call) -> Result<Answer, Trouble> {
        let failed = |what: &str| Trouble::Final(format!("the request cannot be made: {what}"));
        let digest: String = Sha256::digest(call.body.as_bytes()).iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        let mut request = Request::builder().method(call.method).uri(&call.url);
        for (name, value) in &call.headers {
            request = request.header(name, value);
        }
        let request = request.header("x-amz-content-sha256", digest);
        let (mut head, ()) = request.body(()).map_err(|_| failed("the address or a header is not valid"))?.into_parts();
        RequestSigner::new(service.signing, region)
            .sign_request(&Context::new(), &mut head, Some(&self.credential), None)
            .await
            .map_err(|_| failed("the credentials cannot sign it; they may have expired"))?;
        let sending = self.http.request(head.method, head.uri.to_string()).headers(head.headers).body(call.body);
        let silence = self.limits.silence;
        let stalled = || Trouble::Passing(format!("it does not answer within {} s", silence.as_secs_f32()));
        let limit = (Instant::now() + silence).min(self.deadline);
        let response = tokio::time::timeout_at(limit, sending.send()).await.map_err(|_| stalled())?;
        let response = response.map_err(|error| trouble(&error))?;
        let status = response.status().as_u16();
        let header = |name: &str| {
            response.headers().get(name).and_then(|value| value.to_str().ok()).map(|value| shown(value, &[]))
        };
        let (error_type, bucket_region) = (header("x-amzn-errortype"), header("x-amz-bucket-region"));
        let bytes = self.body(response).await?;
        Ok(Answer { status, bytes, error_type, bucket_region })
    }

    async fn body(&self, mut response: Response) -> Result<Vec<u8>, Trouble> {
        let most = self.limits.answer;
        let mut bytes = Vec::new();
        // A server that gives a byte now and then gives nothing.
        let mut limit = (Instant::now() + self.limits.silence).min(self.deadline);
        let mut since = 0_usize;
        loop {
            let chunk = tokio::time::timeout_at(limit, response.chunk()).await.map_err(|_| {
                Trouble::Passing(format!("it stalls: next to nothing came for {} s", self.limits.silence.as_secs_f32()))
            })?;
            let Some(chunk) = chunk.map_err(|_| Trouble::Passing("its answer was cut off".into()))? else {
                return Ok(bytes);
            };
            bytes.extend_from_slice(&chunk);
            since += chunk.len();
            if bytes.len() > most {
                return Err(Trouble::Final(format!(
                    "its answer is larger than {} MiB, and no more is read",
                    most >> 20
                )));
            }
            if since >= 64 << 10 {
                limit = (Instant::now() + self.limits.silence).min(self.deadline);
                since = 0;
            }
        }
    }

    fn understood(&self, protocol: Protocol, operation: &str, bytes: &[u8]) -> Result<Value, Failure> {
        let odd = |why: String| Failure::Other(format!("its answer cannot be understood: {}", self.shown(&why)));
        match protocol {
            Protocol::Query(_) => {
                let mut value = xml::value(bytes, Names::Plain).map_err(odd)?;
                let inner = value.get_mut(format!("{operation}Result")).map(Value::take);
                Ok(inner.unwrap_or(value))
            }
            Protocol::Ec2(_) => xml::value(bytes, Names::Ec2).map_err(odd),
            // A bucket's policy is JSON, everything else XML.
            Protocol::RestXml if bytes.starts_with(b"{") => {
                serde_json::from_slice(bytes).map_err(|_| odd("it is no JSON".into()))
            }
            Protocol::RestXml => xml::value(bytes, Names::Plain).map_err(odd),
            Protocol::Json(..) | Protocol::RestJson if bytes.is_empty() => Ok(Value::Null),
            // The error's words may hold what was in the answer.
            Protocol::Json(..) | Protocol::RestJson => {
                serde_json::from_slice(bytes).map_err(|_| odd("it is no JSON".into()))
            }
        }
    }

    /// The error's code and words.
    fn fault(&self, protocol: Protocol, answer: &Answer) -> (String, String) {
        let value = match protocol {
            Protocol::Query(_) | Protocol::Ec2(_) | Protocol::RestXml => xml::value(&answer.bytes, Names::Plain),
            Protocol::Json(..) | Protocol::RestJson => {
                serde_json::from_slice(&answer.bytes).map_err(|error| error.to_string())
            }
        };
        let value = value.unwrap_or_default();
        let text = |places: &[&str]| {
            places
                .iter()
                .find_map(|place| value.pointer(place)?.as_str())
                .map(|text| self.shown(text))
                .unwrap_or_default()
        };
        let code = match &answer.error_type {
            Some(code) => code.clone(),
            None => text(&["/Error/Code", "/Errors/Error/Code", "/Code", "/__type", "/code"]),
        };
        // `com.amazonaws.x#AccessDeniedException:http://…`
        let code = code.rsplit('#').next().unwrap_or_default().split(':').next().unwrap_or_default().to_owned();
        let words = text(&["/Error/Message", "/Errors/Error/Message", "/Message", "/message"]);
        let code = if code.is_empty() { format!("status {}", answer.status) } else { code };
        (code, words)
    }
}

/// Why there was no answer.
enum Trouble {
    /// No such address.
    Unknown,
    Passing(String),
    Final(String),
}

fn trouble(error: &reqwest::Error) -> Trouble {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    let mut last = String::new();
    while let Some(error) = cause {
        last = error.to_string();
        if last.contains("failed to lookup address") || last.contains("dns error") {
            return Trouble::Unknown;
        }
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        let tls = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>());
        if let Some(rustls::Error::InvalidCertificate(why)) = tls.or_else(|| error.downcast_ref::<rustls::Error>()) {
            return Trouble::Final(format!("its certificate is not trusted ({why}); AWS_CA_BUNDLE names who signs it"));
        }
        cause = inner.map(|inner| inner as &(dyn std::error::Error + 'static)).or_else(|| error.source());
    }
    let why = shown(&last, &[]);
    if error.is_connect() { Trouble::Passing(format!("it cannot be reached: {why}")) } else { Trouble::Passing(why) }
}

fn is_region(text: &str) -> bool {
    (4..=40).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// The session's token goes with each request: in the clear only to this machine or the network at hand.
pub(super) fn allowed(base: &str) -> Result<(), Failure> {
    let url = reqwest::Url::parse(base).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let Some(url) = url.filter(|url| url.username().is_empty() && url.password().is_none() && url.host_str().is_some())
    else {
        return Err(Failure::Other("the address is none: write --endpoint-url https://HOST[:PORT]".into()));
    };
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let near = match host.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(address)) => address.is_loopback() || address.is_private(),
        Ok(std::net::IpAddr::V6(address)) => address.is_loopback() || address.is_unique_local(),
        Err(_) => !host.contains('.') || host.ends_with(".localhost"),
    };
    if url.scheme() == "https" || near {
        return Ok(());
    }
    Err(Failure::Other(format!("http://{host} is without encryption, and credentials go there; write https://{host}")))
}

pub(super) fn http_client(silence: Duration, endpoint: Option<&str>) -> Result<Http, String> {
    // The one TLS provider of the house; a second installation is refused and harmless.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Http::builder()
        .connect_timeout(silence.min(Duration::from_secs(10)))
        .redirect(redirect::Policy::none())
        .user_agent(concat!("keelguard/", env!("CARGO_PKG_VERSION")));
    let host = endpoint.and_then(|endpoint| reqwest::Url::parse(endpoint).ok());
    if host.is_some_and(|url| url.host_str().is_some_and(|host| host == "localhost" || host.starts_with("127."))) {
        builder = builder.no_proxy();
    }
    if let Some(file) = std::env::var_os("AWS_CA_BUNDLE").filter(|file| !file.is_empty()) {
        let shown = std::path::Path::new(&file).display().to_string();
        let pem = std::fs::read(&file).map_err(|error| format!("AWS_CA_BUNDLE, {shown}, cannot be read: {error}"))?;
        let found = reqwest::Certificate::from_pem_bundle(&pem).ok().filter(|found| !found.is_empty());
        builder =
            builder.tls_certs_merge(found.ok_or_else(|| format!("AWS_CA_BUNDLE, {shown}, holds no certificate"))?);
    }
    builder.build().map_err(|_| "no client for HTTPS can be made: certificates of the system are missing".to_owned())
}

fn build(protocol: Protocol, base: &str, operation: &str, parameters: &Value) -> Call {
    let form = |version: &str, lists: Lists| {
        let mut body = format!("Action={operation}&Version={version}");
        flatten("", parameters, lists, &mut body);
        let headers = vec![(CONTENT_TYPE, "application/x-www-form-urlencoded; charset=utf-8".to_owned())];
        Call { method: Method::POST, url: format!("{base}/"), body, headers }
    };
    match protocol {
        Protocol::Query(version) => form(version, Lists::Member),
        Protocol::Ec2(version) => form(version, Lists::Bare),
        Protocol::Json(version, target) => Call {
            method: Method::POST,
            url: format!("{base}/"),
            body: if parameters.is_null() { "{}".to_owned() } else { parameters.to_string() },
            headers: vec![
                (CONTENT_TYPE, format!("application/x-amz-json-{version}")),
                (HeaderName::from_static("x-amz-target"), format!("{target}.{operation}")),
            ],
        },
        Protocol::RestJson | Protocol::RestXml => {
            let (method, path) = operation.split_once(' ').unwrap_or(("GET", operation));
            if method == "POST" {
                let headers = vec![(CONTENT_TYPE, "application/json".to_owned())];
                return Call {
                    method: Method::POST,
                    url: format!("{base}{path}"),
                    body: parameters.to_string(),
                    headers,
                };
            }
            let (mut query, mut headers) = (String::new(), Vec::new());
            for (name, value) in parameters.as_object().into_iter().flatten() {
                let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                if name == ACCOUNT {
                    headers.push((HeaderName::from_static(ACCOUNT), value));
                    continue;
                }
                let _ = write!(query, "{}{name}", if query.is_empty() { '?' } else { '&' });
                let _ = write!(query, "={}", utf8_percent_encode(&value, ENCODED));
            }
            let method = if method == "POST?" { Method::POST } else { Method::GET };
            Call { method, url: format!("{base}{path}{query}"), body: String::new(), headers }
        }
    }
}

/// How lists are written in forms.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lists {
    /// `Filter.member.1`
    Member,
    /// `Filter.1`
    Bare,
}

fn flatten(prefix: &str, value: &Value, lists: Lists, body: &mut String) {
    match value {
        Value::Null => {}
        Value::Object(object) => {
            for (name, value) in object {
                let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                flatten(&name, value, lists, body);
            }
        }
        Value::Array(list) => {
            for (number, value) in list.iter().enumerate() {
                let number = number + 1;
                let name = if lists == Lists::Member {
                    format!("{prefix}.member.{number}")
                } else {
                    format!("{prefix}.{number}")
                };
                flatten(&name, value, lists, body);
            }
        }
        Value::String(text) => {
            let _ = write!(body, "&{prefix}={}", utf8_percent_encode(text, ENCODED));
        }
        other => {
            let _ = write!(body, "&{prefix}={other}");
        }
    }
}

/// A piece of a path, such as a function's name.
pub(super) fn in_path(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}
