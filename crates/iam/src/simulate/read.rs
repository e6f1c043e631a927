//! A case from JSON.

use std::collections::BTreeMap;

use crate::evaluate::{Attached, Caller, Context, Level, Others, Policies, Request};
use crate::json::Json;
use crate::policy::Place;
use crate::{Error, Policy};

/// How long a name (an ARN, an action) may be, in bytes; AWS takes 2,048 characters.
const LONGEST_NAME: usize = 8 * 1024;

/// How much text all values of the context may have together.
const MOST_CONTEXT: usize = 64 * 1024;

type Named = (String, Policy);

/// A request and all policies that have a say in it.
pub(super) struct Case {
    pub(super) request: Request,
    identity: Vec<Named>,
    boundary: Option<Vec<Named>>,
    session: Option<Vec<Named>>,
    resource: Option<Vec<Named>>,
    scp: Vec<(String, Vec<Named>)>,
    rcp: Vec<(String, Vec<Named>)>,
    vpc_endpoint: Option<Vec<Named>>,
    principal_is_management: bool,
    resource_is_management: bool,
}

impl Case {
    pub(super) fn policies(&self) -> Policies<'_> {
        Policies {
            identity: attached(&self.identity),
            boundary: self.boundary.as_deref().map(attached),
            session: self.session.as_deref().map(attached),
            resource: self.resource.as_deref().map(attached),
            scp: levels(&self.scp),
            rcp: levels(&self.rcp),
            vpc_endpoint: self.vpc_endpoint.as_deref().map(attached),
            principal_is_management: self.principal_is_management,
            resource_is_management: self.resource_is_management,
        }
    }
}

fn attached(list: &[Named]) -> Vec<Attached<'_>> {
    list.iter().map(|(name, policy)| Attached { name, policy }).collect()
}

fn levels(list: &[(String, Vec<Named>)]) -> Vec<Level<'_>> {
    list.iter().map(|(entity, policies)| Level { entity, policies: attached(policies) }).collect()
}

/// Reads a case.
pub(super) fn case(json: &Json) -> Result<Case, Error> {
    let Json::Object(_) = json else { return Err(wrong(format!("a case is an object, and this is {}", json.kind()))) };
    let request = json.get("request").ok_or_else(|| wrong("it has no \"request\""))?;
    let none = Json::Object(Vec::new());
    let policies = match json.get("policies") {
        None | Some(Json::Null) => &none,
        Some(policies @ Json::Object(members)) => {
            known(members)?;
            policies
        }
        Some(other) => return Err(wrong(format!("\"policies\" is {}, not an object", other.kind()))),
    };
    let list = |kind: &str, place| match policies.get(kind) {
        None | Some(Json::Null) => Ok(None),
        Some(list) => named(list, kind, place).map(Some),
    };
    // An empty list is what AWS has no form for, and so means that there is nothing of the kind.
    let narrowing = |kind, place| list(kind, place).map(|list| list.filter(|list| !list.is_empty()));
    Ok(Case {
        request: self::request(request)?,
        identity: list("identity", Place::Identity)?.unwrap_or_default(),
        boundary: narrowing("boundary", Place::Identity)?,
        session: narrowing("session", Place::Identity)?,
        resource: list("resource", Place::Resource)?,
        scp: organisation(policies, "scp", Place::ServiceControl)?,
        rcp: organisation(policies, "rcp", Place::ResourceControl)?,
        vpc_endpoint: narrowing("vpc_endpoint", Place::Resource)?,
        principal_is_management: truth(json, "principal_is_management")?,
        resource_is_management: truth(json, "resource_is_management")?,
    })
}

fn wrong(what: impl Into<String>) -> Error {
    Error::Case(what.into())
}

fn known(members: &[(String, Json)]) -> Result<(), Error> {
    const KINDS: [&str; 7] = ["identity", "boundary", "session", "resource", "scp", "rcp", "vpc_endpoint"];
    match members.iter().find(|(kind, _)| !KINDS.contains(&kind.as_str())) {
        None => Ok(()),
        Some((kind, _)) => Err(wrong(format!("there is no kind of policy {kind:?}; there are {}", KINDS.join(", ")))),
    }
}

fn request(json: &Json) -> Result<Request, Error> {
    let Json::Object(_) = json else { return Err(wrong(format!("\"request\" is {}, not an object", json.kind()))) };
    let principal = match json.get("principal") {
        None | Some(Json::Null) => "anonymous".to_owned(),
        Some(Json::Text(text)) => text.clone(),
        Some(other) => return Err(wrong(format!("the principal is {}, not a string", other.kind()))),
    };
    let principal = Caller::named(&principal).ok_or_else(|| {
        wrong(format!("the principal {principal:?} is no ARN of a user, role, session or account, no service and not \"anonymous\""))
    })?;
    let action = json.get("action").and_then(Json::text).ok_or_else(|| wrong("the request has no \"action\""))?;
    if !action.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty()) {
        return Err(wrong(format!("the action {action:?} should look like s3:GetObject")));
    }
    if action.contains(['*', '?']) {
        return Err(wrong(format!("the action {action:?} has a wildcard; a request is for one action")));
    }
    let (resource, resource_account) = resource(json.get("resource"))?;
    let context = context(json.get("context"))?;
    let mut request = Request { resource_account, context, ..Request::new(principal, action, &resource) };
    session(json.get("session"), &mut request)?;
    if request.action.len().max(request.resource.len()) > LONGEST_NAME {
        return Err(wrong("an action or resource is longer than 8 KiB; AWS takes 2,048 characters"));
    }
    Ok(request)
}

/// The resource's ARN and account.
fn resource(json: Option<&Json>) -> Result<(String, Option<String>), Error> {
    match json {
        None | Some(Json::Null) => Ok(("*".to_owned(), None)),
        Some(Json::Text(arn)) => Ok((arn.clone(), None)),
        Some(json @ Json::Object(_)) => {
            let arn = match json.get("arn") {
                None | Some(Json::Null) => "*".to_owned(),
                Some(Json::Text(arn)) => arn.clone(),
                Some(other) => return Err(wrong(format!("the resource's \"arn\" is {}, not a string", other.kind()))),
            };
            let account =
                match json.get("account") {
                    None | Some(Json::Null) => None,
                    Some(account) => Some(account.scalar().ok_or_else(|| {
                        wrong(format!("the resource's \"account\" is {}, not a string", account.kind()))
                    })?),
                };
            Ok((arn, account.filter(|account| !account.is_empty())))
        }
        Some(other) => {
            Err(wrong(format!("the resource is {}, not an object with \"arn\" and \"account\"", other.kind())))
        }
    }
}

fn context(json: Option<&Json>) -> Result<Context, Error> {
    let members = match json {
        None | Some(Json::Null) => return Ok(Context::default()),
        Some(Json::Object(members)) => members,
        Some(other) => return Err(wrong(format!("the context is {}, not an object", other.kind()))),
    };
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut length = 0;
    for (key, json) in members {
        let values = json.items().iter().map(|item| {
            item.scalar().ok_or_else(|| wrong(format!("the context's {key} has {} as a value", item.kind())))
        });
        let values = values.collect::<Result<Vec<_>, _>>()?;
        length += key.len() + values.iter().map(String::len).sum::<usize>();
        all.entry(key.to_ascii_lowercase()).or_default().extend(values);
    }
    if length > MOST_CONTEXT {
        return Err(wrong("the context's values are longer than 64 KiB together"));
    }
    Ok(Context { values: all, others: Others::Missing })
}

/// What is told of the session: its name or ARN (the principal may be given as the bare role), its role or user, its tags.
fn session(json: Option<&Json>, request: &mut Request) -> Result<(), Error> {
    let json = match json {
        None | Some(Json::Null) => return Ok(()),
        Some(json @ Json::Object(_)) => json,
        Some(other) => return Err(wrong(format!("\"session\" is {}, not an object", other.kind()))),
    };
    let text = |names: &[&str]| names.iter().find_map(|name| json.get(name).and_then(Json::text)).map(str::to_owned);
    let issuer = text(&["issuer", "role", "role_arn", "roleArn", "user", "user_arn"]);
    request.issuer = issuer.filter(|issuer| issuer.starts_with("arn:"));
    if let Some(Json::Object(tags)) = json.get("tags") {
        for (key, value) in tags {
            if let Some(value) = value.scalar() {
                request.context.derive(&format!("aws:PrincipalTag/{key}"), [value]);
            }
        }
    }
    let Caller::Arn(arn) = &request.principal else { return Ok(()) };
    let session = |kind: &str| kind.contains(":assumed-role/") || kind.contains(":federated-user/");
    if session(arn) {
        return Ok(());
    }
    if let Some(told) = text(&["arn", "session_arn", "principal"]).filter(|told| session(told)) {
        request.issuer = Some(arn.clone());
        request.principal = Caller::named(&told).ok_or_else(|| wrong(format!("the session's ARN {told:?} is none")))?;
    } else if let Some((before, path)) = arn.split_once(":role/")
        && let Some(name) = text(&["name", "session_name", "role_session_name", "roleSessionName", "sessionName"])
        && let Some(role) = path.rsplit('/').next()
    {
        let arn_of_session = format!("{}:assumed-role/{role}/{name}", before.replacen(":iam:", ":sts:", 1));
        request.issuer = Some(arn.clone());
        request.principal = Caller::Arn(arn_of_session);
    }
    Ok(())
}

/// Policies with their names: a list, or one.
fn named(json: &Json, kind: &str, place: Place) -> Result<Vec<Named>, Error> {
    let read = |(index, item): (usize, &Json)| {
        let numbered = || format!("{kind} {}", index + 1);
        let name = match item.get("name") {
            Some(Json::Text(name)) => name.clone(),
            _ => numbered(),
        };
        let document = item.get("policy").unwrap_or(item);
        let policy = Policy::from_json(document).map_err(|error| error.about(&name))?;
        policy.fits(place).map_err(|what| Error::Policy { name: name.clone(), what })?;
        Ok((name, policy))
    };
    json.items().iter().enumerate().map(read).collect()
}

fn organisation(policies: &Json, kind: &str, place: Place) -> Result<Vec<(String, Vec<Named>)>, Error> {
    let Some(json) = policies.get(kind) else { return Ok(Vec::new()) };
    let level = |(index, level): (usize, &Json)| {
        let Json::Object(_) = level else {
            return Err(wrong(format!(
                "\"{kind}\" has {}, not an object with \"entity\" and \"policies\"",
                level.kind()
            )));
        };
        let entity = level.get("entity").and_then(Json::scalar).unwrap_or_else(|| format!("level {}", index + 1));
        let policies = level.get("policies").map_or_else(|| Ok(Vec::new()), |list| named(list, kind, place))?;
        Ok((entity, policies))
    };
    json.items().iter().enumerate().map(level).collect()
}

fn truth(json: &Json, name: &str) -> Result<bool, Error> {
    match json.get(name) {
        None | Some(Json::Null) => Ok(false),
        Some(Json::Bool(value)) => Ok(*value),
        Some(other) => Err(wrong(format!("{name:?} is {}, not true or false", other.kind()))),
    }
}
