//! Harbor, by its API 2.0 (<https://goharbor.io/docs/latest/build-customize-contribute/configure-swagger/>): what anybody is told,
//! the settings of projects, and robots.

use keelguard_model::registry::{Account, Space, Vendor};
use reqwest::header::HeaderValue;
use serde_json::Value;

use super::{Api, MAX_ACCOUNTS, MAX_SPACES, PAGE, list, switch, text};

/// Projects whose own robots and rules are asked for.
const MAX_DETAILS: usize = 50;

pub(super) async fn look(api: &Api, login: Option<&(String, String)>) -> Result<Vendor, String> {
    let header = api.basic(login)?;
    let header = header.as_ref();
    let mut vendor = Vendor { name: "harbor".into(), ..Vendor::default() };
    if let Some(info) = api.get("/api/v2.0/systeminfo", header).await? {
        vendor.version = text(&info, "/harbor_version");
        // With logins of another service (LDAP, OIDC) nobody registers here, whatever the switch says.
        let own = text(&info, "/auth_mode").is_none_or(|mode| mode == "db_auth");
        vendor.self_registration = switch(&info, "/self_registration").map(|on| on && own);
    }
    let path = |page| format!("/api/v2.0/projects?page={page}&page_size={PAGE}");
    for (number, project) in api.pages(path, "", header, MAX_SPACES).await?.unwrap_or_default().iter().enumerate() {
        let mut space = space(project);
        if header.is_some() && number < MAX_DETAILS {
            let id = project.pointer("/project_id").and_then(Value::as_u64).unwrap_or_default();
            space.immutable = immutable(api, id, header).await?;
            let path =
                |page| format!("/api/v2.0/robots?q=Level%3Dproject%2CProjectID%3D{id}&page={page}&page_size={PAGE}");
            robots(api, path, header, &mut vendor).await?;
        }
        vendor.spaces.push(space);
    }
    if header.is_some() {
        robots(api, |page| format!("/api/v2.0/robots?page={page}&page_size={PAGE}"), header, &mut vendor).await?;
    }
    Ok(vendor)
}

fn space(project: &Value) -> Space {
    let signed =
        [switch(project, "/metadata/enable_content_trust"), switch(project, "/metadata/enable_content_trust_cosign")];
    Space {
        name: text(project, "/name").unwrap_or_default(),
        public: switch(project, "/metadata/public"),
        scanned: switch(project, "/metadata/auto_scan"),
        holds_back: switch(project, "/metadata/prevent_vul"),
        signed_only: signed.into_iter().flatten().reduce(|one, other| one || other),
        ..Space::default()
    }
}

/// Whether any rule of the project keeps tags as they are.
async fn immutable(api: &Api, project: u64, header: Option<&HeaderValue>) -> Result<Option<bool>, String> {
    let rules = api.get(&format!("/api/v2.0/projects/{project}/immutabletagrules"), header).await?;
    Ok(rules.map(|rules| list(&rules, "").iter().any(|rule| switch(rule, "/disabled") != Some(true))))
}

async fn robots(
    api: &Api,
    path: impl Fn(usize) -> String,
    header: Option<&HeaderValue>,
    vendor: &mut Vendor,
) -> Result<(), String> {
    let bound = MAX_ACCOUNTS.saturating_sub(vendor.accounts.len());
    let robots = api.pages(path, "", header, bound).await?.unwrap_or_default();
    for robot in &robots {
        let robot = account(robot);
        if !vendor.accounts.iter().any(|known| known.name == robot.name) {
            vendor.accounts.push(robot);
        }
    }
    Ok(())
}

fn account(robot: &Value) -> Account {
    let mut account = Account {
        name: text(robot, "/name").unwrap_or_default(),
        kind: "robot account".into(),
        active: switch(robot, "/disable") != Some(true),
        // -1 is for ever.
        ends: robot.pointer("/duration").and_then(Value::as_i64).map(|days| days != -1),
        ..Account::default()
    };
    for permission in list(robot, "/permissions").iter().take(100) {
        let space = text(permission, "/namespace").unwrap_or_default();
        for access in list(permission, "/access").iter().take(100) {
            if text(access, "/effect").is_some_and(|effect| effect == "deny") {
                continue;
            }
            let (resource, action) =
                (text(access, "/resource").unwrap_or_default(), text(access, "/action").unwrap_or_default());
            let writes = matches!(action.as_str(), "push" | "delete" | "create" | "update" | "*");
            account.writes |= writes;
            account.unbounded |= writes && (space == "*" || space == "/");
            account.scopes.push(format!("{space}: {action} {resource}"));
        }
    }
    account
}
