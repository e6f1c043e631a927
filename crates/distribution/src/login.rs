//! From what a registry wants to what it is given: a password, or a token that somebody else gives for one. Without a login
//! a token is asked for all the same: that is how public images are had.

use base64::Engine as _;
use reqwest::header::HeaderValue;
use reqwest::{StatusCode, Url};
use serde::Deserialize;

use crate::Access;
use crate::challenge::Challenge;
use crate::credentials::{self, Login};
use crate::fault::{Fault, shown};
use crate::transport::{Request, Transport};

/// Longest answer with a token, bytes.
const MAX_TOKEN: u64 = 1 << 20;

/// For what a login is wanted.
pub struct Asked<'a> {
    /// By which name logins are kept.
    pub host: &'a str,
    /// Which images.
    pub repository: &'a str,
    /// Where the registry is.
    pub base: &'a Url,
}

/// What to say where the login is of no use.
pub struct Words {
    host: String,
    place: Option<String>,
    notes: Vec<String>,
}

impl Words {
    /// Why the registry gives nothing.
    pub fn refused(&self) -> String {
        let Self { host, place, notes } = self;
        let notes: String = notes.iter().map(|note| format!("; {note}")).collect();
        match place {
            Some(place) => {
                format!("it refuses the login for {host} from {place}; type: docker login {host}{notes}")
            }
            None => format!("it does not exist, or asks for a login; type: docker login {host}{notes}"),
        }
    }
}

#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    token: String,
    #[serde(default)]
    access_token: String,
}

/// What to answer to `challenges`; none where there is nothing to be had.
pub async fn obtain(
    transport: &Transport,
    access: &Access,
    asked: &Asked<'_>,
    challenges: &[Challenge],
) -> Result<(Option<HeaderValue>, Words), Fault> {
    let mut notes = Vec::new();
    let found = credentials::find(access, asked.host, asked.repository, &mut notes).await;
    let mut words = Words { host: asked.host.to_owned(), place: None, notes };
    let login = found.map(|found| {
        words.place = Some(found.place);
        found.login
    });
    if let Some(Login::Token(token)) = &login {
        return Ok((Some(bearer_header(token)?), words));
    }
    let bearer = challenges.iter().find_map(|challenge| match challenge {
        Challenge::Bearer { realm, service } => Some((realm, service)),
        Challenge::Basic => None,
    });
    if let Some((realm, service)) = bearer {
        let scope = format!("repository:{}:pull", asked.repository);
        let wanted = Wanted { base: asked.base, realm, service, scope: &scope };
        let token = token(transport, &wanted, login.as_ref()).await?;
        let token = token.ok_or_else(|| Fault::Final(words.refused()))?;
        return Ok((Some(bearer_header(&token)?), words));
    }
    match (&login, challenges) {
        (Some(Login::Password(name, password)), [Challenge::Basic, ..]) => Ok((Some(basic(name, password)?), words)),
        (_, [Challenge::Basic, ..]) => Err(Fault::Final(words.refused())),
        _ => Err(Fault::Final("it wants a kind of login that is none of a registry".into())),
    }
}

/// Which token is wanted.
pub struct Wanted<'a> {
    /// Where the registry is.
    pub base: &'a Url,
    /// Who gives it, as the registry says.
    pub realm: &'a str,
    /// For whom, as the registry says; may be empty.
    pub service: &'a str,
    /// What for: `repository:web:pull`.
    pub scope: &'a str,
}

/// A token, for a login or for nobody; none where it is refused.
pub async fn token(transport: &Transport, wanted: &Wanted<'_>, login: Option<&Login>) -> Result<Option<String>, Fault> {
    let Wanted { base, realm, service, scope } = *wanted;
    let Ok(mut url) = Url::parse(realm) else {
        return Err(Fault::Final(format!("it wants a token from {:?}, which is no address", shown(realm))));
    };
    // Whoever may be spoken to without encryption may give tokens without; everybody else needs it.
    let plain_at_home = base.scheme() == "http" && url.host_str() == base.host_str();
    if url.scheme() != "https"
        && !(url.scheme() == "http" && (plain_at_home || base.scheme() == "http" && login.is_none()))
    {
        return Err(Fault::Final(format!(
            "it wants a token to be fetched from {:?} without encryption, which is refused",
            shown(realm)
        )));
    }
    let mut header = None;
    let mut form = None;
    match login {
        Some(Login::Identity(identity)) => {
            // The library's own way to write a form, on an address that is never asked.
            let mut scratch = url.clone();
            scratch.set_query(None);
            scratch.query_pairs_mut().extend_pairs([
                ("grant_type", "refresh_token"),
                ("service", service),
                ("client_id", "keelguard"),
                ("scope", scope),
                ("refresh_token", identity),
            ]);
            form = scratch.query().map(str::to_owned);
        }
        login => {
            if !service.is_empty() {
                url.query_pairs_mut().append_pair("service", service);
            }
            url.query_pairs_mut().append_pair("scope", scope);
            if let Some(Login::Password(name, password)) = login {
                url.query_pairs_mut().append_pair("account", name);
                header = Some(basic(name, password)?);
            }
        }
    }
    let response = transport.ask(&url, &Request { login: header.as_ref(), form, ..Request::default() }).await?;
    match response.status() {
        StatusCode::OK => {}
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::BAD_REQUEST => return Ok(None),
        _ => return Err(transport.refusal(response).await),
    }
    let bytes = transport.bytes(response, MAX_TOKEN).await?;
    let token: Token =
        serde_json::from_slice(&bytes).map_err(|_| Fault::Final("the token that it sends us for is none".into()))?;
    let token = if token.token.is_empty() { token.access_token } else { token.token };
    if token.is_empty() { Err(Fault::Final("the token that it sends us for is empty".into())) } else { Ok(Some(token)) }
}

/// Name and password as a header that no log shows.
pub fn basic(name: &str, password: &str) -> Result<HeaderValue, Fault> {
    let both = base64::engine::general_purpose::STANDARD.encode(format!("{name}:{password}"));
    secret(&format!("Basic {both}"))
}

/// A token as a header that no log shows.
pub fn bearer_header(token: &str) -> Result<HeaderValue, Fault> {
    secret(&format!("Bearer {token}"))
}

fn secret(text: &str) -> Result<HeaderValue, Fault> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| Fault::Final("the login cannot be sent: it holds control characters".into()))?;
    value.set_sensitive(true);
    Ok(value)
}
