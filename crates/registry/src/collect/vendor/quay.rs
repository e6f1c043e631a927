//! Quay, by its API 1 (<https://docs.redhat.com/en/documentation/red_hat_quay/3/html/red_hat_quay_api_reference>): an OAuth token
//! is given as the password. It names repositories, and robots with what they may do; their tokens are asked not to be sent.

use keelguard_model::registry::{Account, Space, Vendor};
use reqwest::header::HeaderValue;
use serde_json::Value;

use super::super::target::Target;
use super::{Api, MAX_ACCOUNTS, MAX_SPACES, is_plain, list, switch, text};

pub(super) async fn look(api: &Api, target: &Target, login: Option<&(String, String)>) -> Result<Vendor, String> {
    let (name, token) = login.ok_or("it tells only who has a token")?;
    let header = api.bearer(token)?;
    let header = header.as_ref();
    let mut vendor = Vendor { name: "quay".into(), ..Vendor::default() };
    // Whose repositories: those that were named, else those of the account.
    let named = target.repositories.first().and_then(|name| name.split('/').next());
    let owner = named.unwrap_or_else(|| name.split('+').next().unwrap_or(name));
    if !is_plain(owner) {
        return Err("the account's name is none".into());
    }
    if let Some(answer) = api.get(&format!("/api/v1/repository?namespace={owner}&limit=100"), header).await? {
        vendor.spaces.extend(list(&answer, "/repositories").iter().take(MAX_SPACES).map(space));
    }
    if let Some(organisation) = api.get(&format!("/api/v1/organization/{owner}"), header).await? {
        vendor.second_factor_for_all = switch(&organisation, "/requires_mfa");
    }
    for path in [format!("/api/v1/organization/{owner}/robots"), "/api/v1/user/robots".to_owned()] {
        if let Some(answer) = api.get(&format!("{path}?permissions=true&token=false"), header).await? {
            vendor.accounts.extend(list(&answer, "/robots").iter().take(MAX_ACCOUNTS).map(account));
        }
    }
    roles(api, owner, header, &mut vendor).await?;
    Ok(vendor)
}

fn space(repository: &Value) -> Space {
    let name = [text(repository, "/namespace"), text(repository, "/name")].into_iter().flatten().collect::<Vec<_>>();
    Space { name: name.join("/"), public: switch(repository, "/is_public"), ..Space::default() }
}

fn account(robot: &Value) -> Account {
    Account {
        name: text(robot, "/name").unwrap_or_default(),
        kind: "robot account".into(),
        active: true,
        // A robot's token has no end.
        ends: Some(false),
        last_used: text(robot, "/last_accessed"),
        scopes: list(robot, "/repositories")
            .iter()
            .take(100)
            .filter_map(|one| one.as_str().map(str::to_owned))
            .collect(),
        ..Account::default()
    }
}

/// What each robot of the organisation may do, asked for one by one; not for more than a few.
async fn roles(api: &Api, owner: &str, header: Option<&HeaderValue>, vendor: &mut Vendor) -> Result<(), String> {
    let prefix = format!("{owner}+");
    for account in vendor.accounts.iter_mut().take(50) {
        let Some(short) = account.name.strip_prefix(&prefix).filter(|short| is_plain(short)) else { continue };
        let path = format!("/api/v1/organization/{owner}/robots/{short}/permissions");
        let Some(answer) = api.get(&path, header).await? else { continue };
        let permissions = list(&answer, "/permissions");
        account.scopes = permissions
            .iter()
            .take(100)
            .map(|one| {
                let role = text(one, "/role").unwrap_or_default();
                format!("{}: {role}", text(one, "/repository/name").unwrap_or_default())
            })
            .collect();
        let writing =
            permissions.iter().filter(|one| matches!(text(one, "/role").as_deref(), Some("write" | "admin"))).count();
        account.writes = writing > 0;
        account.unbounded = writing > 1;
    }
    Ok(())
}
