//! Docker's hub, by its API (<https://docs.docker.com/reference/api/hub/latest/>): second factor, access tokens and their scopes,
//! and which repositories are for everybody.

use keelguard_model::registry::{Account, Space, Vendor};
use serde_json::{Value, json};

use super::{Api, MAX_ACCOUNTS, MAX_SPACES, PAGE, is_plain, list, switch, text};

/// What a password is, rather than an access token: those begin like this.
const TOKENS: [&str; 2] = ["dckr_pat_", "dckr_oat_"];

pub(super) async fn look(api: &Api, login: Option<&(String, String)>) -> Result<Vendor, String> {
    let (name, password) = login.ok_or("it tells only who has a login")?;
    api.may_be_sent(Some(super::HeaderValue::from_static("")))?;
    let mut vendor = Vendor { name: "docker-hub".into(), ..Vendor::default() };
    let is_token = TOKENS.iter().any(|begin| password.starts_with(begin));
    if !is_token {
        // A login that is asked for a code is answered 401 with a token to bring with it.
        let body = json!({"username": name, "password": password}).to_string();
        let answer = api.post("/v2/users/login", body, http::HeaderMap::new()).await?;
        let wants_code = answer.json().is_some_and(|json| json.get("login_2fa_token").is_some());
        vendor.second_factor = match answer.status {
            200 => Some(false),
            401 if wants_code => Some(true),
            _ => None,
        };
        if vendor.second_factor == Some(true) {
            return Ok(vendor);
        }
    }
    let body = json!({"identifier": name, "secret": password}).to_string();
    let answer = api.post("/v2/auth/token", body, http::HeaderMap::new()).await?;
    let token = answer.json().and_then(|json| Some(json.get("access_token")?.as_str()?.to_owned()));
    let Some(token) = token.filter(|_| answer.status == 200) else {
        return Err(format!("the login is not taken: it answers {}", answer.status));
    };
    let header = api.bearer(&token)?;
    let path = |page| format!("/v2/access-tokens?page={page}&page_size={PAGE}");
    for one in api.pages(path, "/results", header.as_ref(), MAX_ACCOUNTS).await?.unwrap_or_default() {
        vendor.accounts.push(account(&one));
    }
    if is_plain(name) {
        let path = |page| format!("/v2/namespaces/{name}/repositories?page={page}&page_size={PAGE}");
        for one in api.pages(path, "/results", header.as_ref(), MAX_SPACES).await?.unwrap_or_default() {
            vendor.spaces.push(Space {
                name: format!("{name}/{}", text(&one, "/name").unwrap_or_default()),
                public: switch(&one, "/is_private").map(|private| !private),
                immutable: switch(&one, "/immutable_tags_settings/enabled"),
                ..Space::default()
            });
        }
    }
    Ok(vendor)
}

fn account(token: &Value) -> Account {
    let scopes: Vec<String> = list(token, "/scopes").iter().filter_map(|one| one.as_str().map(str::to_owned)).collect();
    let is = |wanted: &[&str]| scopes.iter().any(|scope| wanted.contains(&scope.as_str()));
    Account {
        name: text(token, "/token_label").unwrap_or_default(),
        kind: "access token".into(),
        writes: is(&["repo:write", "repo:admin"]),
        // A personal token is good for every repository of the account.
        unbounded: is(&["repo:write", "repo:admin"]),
        active: switch(token, "/is_active") != Some(false),
        ends: Some(text(token, "/expires_at").is_some()),
        last_used: text(token, "/last_used"),
        scopes,
    }
}
