//! One account: who we are there, which regions there are, and everything that is asked.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value, json};
use tokio::task::JoinSet;

use super::ask;
use super::client::{Client, allowed};
use super::credentials::Search;
use super::failure::Failure;
use super::service::{EC2, STS, Service};
use super::{Limits, Options};

/// What came, and what did not.
#[derive(Default)]
pub(super) struct Sink {
    objects: Vec<(String, Value)>,
    gaps: Vec<(String, String)>,
}

impl Sink {
    pub(super) fn gap(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.gaps.push((what.into(), why.into()));
    }

    pub(super) fn take(&mut self, other: Self) {
        self.objects.extend(other.objects);
        self.gaps.extend(other.gaps);
    }

    /// As inputs to be read.
    pub(super) fn texts(self) -> Vec<(String, String)> {
        let gaps: Vec<Value> = self.gaps.into_iter().map(|(what, why)| json!({"what": what, "why": why})).collect();
        let gaps = ("collecting".to_owned(), json!({ "Incomplete": gaps }).to_string());
        let objects = self.objects.into_iter().map(|(name, value)| (name, value.to_string()));
        std::iter::once(gaps).chain(objects).collect()
    }
}

/// The account that is asked.
pub(super) struct Session {
    pub(super) client: Client,
    /// Its number.
    pub(super) account: String,
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub(super) partition: String,
    pub(super) limits: Limits,
    pub(super) last_accessed: bool,
    sink: Mutex<Sink>,
}

impl Session {
    /// Takes what an answer has.
    pub(super) fn emit(&self, region: Option<&str>, object: Value) {
        let mut object = object;
        if let Some(map) = object.as_object_mut() {
            map.insert("AccountId".to_owned(), Value::from(self.account.as_str()));
            if let Some(region) = region {
                map.insert("Region".to_owned(), Value::from(region));
            }
        }
        let name = format!("{} in {}", self.account, region.unwrap_or("all regions"));
        self.sink.lock().unwrap_or_else(PoisonError::into_inner).objects.push((name, object));
    }

    /// Something was not to be had.
    pub(super) fn gap(&self, what: &str, region: Option<&str>, failure: &Failure) {
        if *failure == Failure::Absent {
            return;
        }
        let place = region.map(|region| format!(" in {region}")).unwrap_or_default();
        let what = format!("{}: {what}{place}", self.account);
        self.sink.lock().unwrap_or_else(PoisonError::into_inner).gap(what, failure.why());
    }

    /// An answer, or none and a gap.
    pub(super) async fn one(
        &self,
        service: &'static Service,
        region: &str,
        operation: &str,
        parameters: Value,
    ) -> Option<Value> {
        match self.client.call(service, region, operation, &parameters).await {
            Ok(value) => Some(value),
            Err(Failure::Missing(_)) => None,
            Err(failure) => {
                self.gap(&format!("{} {operation}", service.name), Some(region), &failure);
                None
            }
        }
    }

    /// All pages of a list. What did not come is a gap; what came before it stays.
    pub(super) async fn list(&self, region: &str, list: &List<'_>, parameters: Value) -> Vec<Value> {
        self.list_or(region, list, parameters).await.unwrap_or_else(|(came, failure)| {
            self.gap(&format!("{} {}", list.service.name, list.operation), Some(region), &failure);
            came
        })
    }

    /// The same for things that the facts have under `key`: where the whole list came, it is known that somebody has looked,
    /// be it that nothing was there. `called` is the list as messages call it.
    pub(super) async fn looked(
        &self,
        region: &str,
        list: &List<'_>,
        parameters: Value,
        key: &str,
        called: &str,
    ) -> Vec<Value> {
        match self.list_or(region, list, parameters).await {
            Ok(came) => {
                self.emit(Some(region), json!({ key: [] }));
                came
            }
            Err((came, failure)) => {
                self.gap(&format!("{} {called}", list.service.name), Some(region), &failure);
                came
            }
        }
    }

    /// All pages of a list, or what came before the failure.
    pub(super) async fn list_or(
        &self,
        region: &str,
        list: &List<'_>,
        parameters: Value,
    ) -> Result<Vec<Value>, (Vec<Value>, Failure)> {
        let mut parameters = if parameters.is_null() { Value::Object(Map::new()) } else { parameters };
        let mut came = Vec::new();
        let mut last = None;
        loop {
            let mut page = match self.client.call(list.service, region, list.operation, &parameters).await {
                Ok(page) => page,
                Err(Failure::Missing(_)) if came.is_empty() => return Ok(came),
                Err(failure) => return Err((came, failure)),
            };
            match page.pointer_mut(list.items).map(Value::take) {
                Some(Value::Array(items)) => came.extend(items),
                Some(Value::Null) | None => {}
                Some(one) => came.push(one),
            }
            let token = page.pointer(list.token_out).and_then(Value::as_str).filter(|token| !token.is_empty());
            let Some(token) = token.filter(|_| !list.token_in.is_empty()).map(str::to_owned) else { return Ok(came) };
            if came.len() > self.limits.items {
                let why = format!("there are more than {}, and no more are read", self.limits.items);
                return Err((came, Failure::Other(why)));
            }
            // A list that leads back to itself would never end.
            if last.as_ref() == Some(&token) {
                return Err((came, Failure::Other("its list leads back to where it began".into())));
            }
            if let Some(map) = parameters.as_object_mut() {
                map.insert(list.token_in.to_owned(), Value::from(token.as_str()));
            }
            last = Some(token);
        }
    }
}

/// A list that comes in pages.
pub(super) struct List<'o> {
    pub(super) service: &'static Service,
    pub(super) operation: &'o str,
    /// Where the things are.
    pub(super) items: &'static str,
    /// The parameter for the next page; empty where there is but one.
    pub(super) token_in: &'static str,
    /// Where the answer has it.
    pub(super) token_out: &'static str,
}

/// Does something for each, all at once; the client's pace holds them back.
pub(super) async fn each<T, F>(items: Vec<T>, mut ask: impl FnMut(T) -> F)
where
    T: Send + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    for item in items {
        tasks.spawn(ask(item));
    }
    while tasks.join_next().await.is_some() {}
}

/// Everything of one account.
pub(super) async fn account(options: &Options, profile: Option<&str>) -> Result<Sink, String> {
    let (environment, limits) = (&options.environment, options.limits);
    if let Some(endpoint) = &options.endpoint {
        allowed(endpoint).map_err(|failure| failure.why())?;
    }
    let search =
        Search { environment, limits, endpoint: options.endpoint.clone(), region: options.regions.first().cloned() };
    let found = search.find(profile).await?;
    let home = options.regions.first().map(String::as_str);
    let home = home.or_else(|| environment.get("AWS_REGION")).or_else(|| environment.get("AWS_DEFAULT_REGION"));
    let home = home.or_else(|| found.profile.get("region").map(String::as_str)).unwrap_or("us-east-1").to_owned();
    let client = Client::new(found.credential, environment, &found.profile, options.endpoint.clone(), limits)?;
    let who = client.call(&STS, &home, "GetCallerIdentity", &Value::Null).await.map_err(|failure| failure.why())?;
    let text = |key: &str| who.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (account, arn) = (text("Account"), text("Arn"));
    if !crate::facts::is_account(&account) {
        return Err("what answers is not AWS: it does not say who we are".to_owned());
    }
    let partition = arn.split(':').nth(1).unwrap_or("aws").to_owned();
    let session = Arc::new(Session {
        client,
        account,
        partition,
        limits,
        last_accessed: options.last_accessed,
        sink: Mutex::default(),
    });
    let mut tasks = JoinSet::new();
    ask::of_account(&mut tasks, &session, &home);
    for region in regions(options, &session, &home).await {
        ask::of_region(&mut tasks, &session, &region);
    }
    while let Some(joined) = tasks.join_next().await {
        if joined.is_err() {
            session.gap("a part of what was asked", None, &Failure::Other("asking ended early".into()));
        }
    }
    let mut sink = session.sink.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(std::mem::take(&mut *sink))
}

/// The regions that are switched on, or those that are named.
async fn regions(options: &Options, session: &Arc<Session>, home: &str) -> Vec<String> {
    if !options.regions.is_empty() {
        return options.regions.clone();
    }
    let answer = session.client.call(&EC2, home, "DescribeRegions", &Value::Null).await;
    let names = |value: &Value| -> Vec<String> {
        let list = value.get("Regions").and_then(Value::as_array).cloned().unwrap_or_default();
        list.iter().filter_map(|region| region.get("RegionName")?.as_str().map(str::to_owned)).take(100).collect()
    };
    match answer.map(|value| names(&value)) {
        Ok(names) if !names.is_empty() => names,
        Ok(_) => vec![home.to_owned()],
        Err(failure) => {
            let why = format!("only {home} was looked at, as the list of regions did not come: {}", failure.why());
            session.gap("all other regions", None, &Failure::Other(why));
            vec![home.to_owned()]
        }
    }
}
