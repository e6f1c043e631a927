//! One event: who, what, on what, and whether it was allowed.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::names::actions;
use super::resources;

/// What is read of an event.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event<'a> {
    #[serde(rename = "eventSource", borrow)]
    source: Cow<'a, str>,
    #[serde(rename = "eventName", borrow)]
    name: Cow<'a, str>,
    #[serde(rename = "eventTime", borrow, default)]
    time: Option<Cow<'a, str>>,
    #[serde(rename = "eventType", borrow, default)]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    aws_region: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    error_code: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    user_identity: Option<Identity<'a>>,
    #[serde(borrow, default)]
    request_parameters: Option<&'a RawValue>,
    #[serde(borrow, default)]
    recipient_account_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    resources: Option<Vec<Resource<'a>>>,
    #[serde(rename = "managementEvent", default)]
    is_of_management: Option<bool>,
    #[serde(borrow, default)]
    read_only: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity<'a> {
    #[serde(rename = "type", borrow, default)]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    arn: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    session_context: Option<SessionContext<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SessionContext<'a> {
    #[serde(borrow, default)]
    session_issuer: Option<Issuer<'a>>,
}

#[derive(Deserialize)]
struct Issuer<'a> {
    #[serde(borrow, default)]
    arn: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Resource<'a> {
    #[serde(rename = "ARN", alias = "arn", borrow, default)]
    arn: Option<Cow<'a, str>>,
}

impl Event<'_> {
    /// The user or role, by its ARN: of a session, the role that was assumed.
    pub(super) fn principal(&self) -> Option<Cow<'_, str>> {
        let identity = self.user_identity.as_ref()?;
        let issuer =
            identity.session_context.as_ref().and_then(|context| context.session_issuer.as_ref()?.arn.as_deref());
        let arn = match identity.kind.as_deref()? {
            "AWSService" => return None,
            _ => issuer.or(identity.arn.as_deref())?,
        };
        Some(Cow::Borrowed(arn))
    }

    pub(super) fn time(&self) -> Option<Timestamp> {
        self.time.as_deref()?.parse().ok()
    }

    pub(super) fn region(&self) -> Option<&str> {
        self.aws_region.as_deref()
    }

    /// Whether it is one of those that are logged only where somebody has asked for it.
    pub(super) fn is_of_data(&self) -> bool {
        self.is_of_management == Some(false)
    }

    /// Whether it is a call that only reads, of those that are logged unless somebody leaves them out.
    pub(super) fn reads(&self) -> bool {
        let begins = || ["Get", "List", "Describe"].iter().any(|begin| self.name.starts_with(begin));
        !self.is_of_data() && self.read_only.map_or_else(begins, |raw| raw.get().trim_matches('"') == "true")
    }

    /// Whether it was refused for want of permission. Other errors come after the permission was found.
    pub(super) fn is_denied(&self) -> bool {
        self.error_code.as_deref().is_some_and(|code| {
            ["AccessDenied", "UnauthorizedOperation", "Unauthorized", "Forbidden"]
                .iter()
                .any(|word| code.contains(word))
        })
    }

    /// The actions, and on what. What AWS does by itself is nobody's action.
    pub(super) fn done(&self) -> Vec<(Cow<'_, str>, Vec<String>)> {
        if self.kind.as_deref() == Some("AwsServiceEvent") {
            return Vec::new();
        }
        let named = self.resources.iter().flatten().filter_map(|resource| resource.arn.as_deref());
        let mut named: Vec<String> = named.filter(|arn| arn.starts_with("arn:")).map(str::to_owned).collect();
        let place = resources::Place {
            region: self.aws_region.as_deref().unwrap_or_default(),
            account: self.recipient_account_id.as_deref().unwrap_or_default(),
        };
        let request: serde_json::Value =
            self.request_parameters.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
        let actions = actions(&self.source, &self.name);
        let told = actions.first().map(|action| resources::of(action, &request, &place)).unwrap_or_default();
        if !told.is_empty() {
            named = told;
        }
        named.sort_unstable();
        named.dedup();
        let mut done: Vec<(Cow<'_, str>, Vec<String>)> =
            actions.into_iter().map(|action| (action, named.clone())).collect();
        // Passing a role is no event of its own; that it was passed shows in what it was passed to.
        let passed = if done.is_empty() { Vec::new() } else { resources::passed(&self.name, &request) };
        if !passed.is_empty() {
            done.push((Cow::Borrowed("iam:PassRole"), passed));
        }
        done
    }
}

/// Each event of a text; none for an entry that is no event.
pub(super) fn each(text: &str, see: &mut dyn FnMut(Option<Event<'_>>)) {
    #[derive(Deserialize)]
    struct File<'a> {
        #[serde(rename = "Records", borrow, default)]
        records: Option<Vec<&'a RawValue>>,
        #[serde(rename = "Events", borrow, default)]
        events: Option<Vec<LookedUp<'a>>>,
    }
    #[derive(Deserialize)]
    struct LookedUp<'a> {
        #[serde(rename = "CloudTrailEvent", borrow, default)]
        event: Option<Cow<'a, str>>,
    }
    for value in serde_json::Deserializer::from_str(text).into_iter::<&RawValue>() {
        // Behind what is no JSON nothing can be told.
        let Ok(value) = value else { return see(None) };
        let mut known = false;
        if let Ok(file) = serde_json::from_str::<File<'_>>(value.get()) {
            for record in file.records.iter().flatten() {
                see(serde_json::from_str(record.get()).ok());
            }
            for event in file.events.iter().flatten() {
                see(event.event.as_deref().and_then(|text| serde_json::from_str(text).ok()));
            }
            known = file.records.is_some() || file.events.is_some();
        } else if let Ok(list) = serde_json::from_str::<Vec<&RawValue>>(value.get()) {
            for record in list {
                see(serde_json::from_str(record.get()).ok());
            }
            known = true;
        }
        if !known {
            see(serde_json::from_str(value.get()).ok());
        }
    }
}
