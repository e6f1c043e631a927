//! GitHub's registry, by GitHub's REST API (<https://docs.github.com/en/rest/packages>): the scopes of the token that is given as
//! the password, which packages are for everybody, and whether a second factor is asked for.

use keelguard_model::registry::{Account, Space, Vendor};
use reqwest::header::HeaderValue;

use super::super::target::Target;
use super::{Api, MAX_SPACES, PAGE, is_plain, switch, text};

/// Scopes with which packages, or more than packages, are changed.
const WRITING: [&str; 7] =
    ["write:packages", "delete:packages", "repo", "admin:org", "write:org", "workflow", "delete_repo"];

pub(super) async fn look(api: &Api, target: &Target, login: Option<&(String, String)>) -> Result<Vendor, String> {
    let (name, token) = login.ok_or("it tells only who has a token")?;
    let header = api.bearer(token)?;
    let header = header.as_ref();
    let mut vendor = Vendor { name: "ghcr".into(), ..Vendor::default() };
    let answer = api.answer("/user", header).await?;
    if answer.status != 200 {
        return Err(format!("the token is not taken: it answers {}", answer.status));
    }
    if let Some(user) = answer.json() {
        vendor.second_factor = switch(&user, "/two_factor_authentication");
    }
    // Fine-grained tokens have no such header; what they may do is not told to them.
    if let Some(scopes) = answer.header("x-oauth-scopes") {
        vendor.accounts.push(account(scopes, answer.header("github-authentication-token-expiration")));
    }
    let named = target.repositories.first().and_then(|name| name.split('/').next());
    let owner = named.unwrap_or(name);
    if !is_plain(owner) {
        return Err("the account's name is none".into());
    }
    let mut packages = packages(api, &format!("/orgs/{owner}"), header).await?;
    if packages.is_none() {
        packages = self::packages(api, &format!("/users/{owner}"), header).await?;
    }
    for package in packages.unwrap_or_default() {
        vendor.spaces.push(Space {
            name: format!("{owner}/{}", text(&package, "/name").unwrap_or_default()),
            public: text(&package, "/visibility").map(|word| word == "public"),
            ..Space::default()
        });
    }
    if let Some(organisation) = api.get(&format!("/orgs/{owner}"), header).await? {
        vendor.second_factor_for_all = switch(&organisation, "/two_factor_requirement_enabled");
    }
    Ok(vendor)
}

async fn packages(api: &Api, of: &str, header: Option<&HeaderValue>) -> Result<Option<Vec<serde_json::Value>>, String> {
    let path = |page| format!("{of}/packages?package_type=container&page={page}&per_page={PAGE}");
    api.pages(path, "", header, MAX_SPACES).await
}

fn account(scopes: &str, expiration: Option<&str>) -> Account {
    let scopes: Vec<String> =
        scopes.split(',').map(str::trim).filter(|scope| !scope.is_empty()).take(50).map(str::to_owned).collect();
    let writes = scopes.iter().any(|scope| WRITING.contains(&scope.as_str()));
    Account {
        name: "the token that was given".into(),
        kind: "access token".into(),
        writes,
        // A classic token is good for everything that its owner reaches.
        unbounded: writes,
        active: true,
        ends: Some(expiration.is_some()),
        last_used: None,
        scopes,
    }
}
