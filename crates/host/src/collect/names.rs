//! How containers are called: one question to the engine, for whoever measures them by their ids.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::Options;
use super::client::{ClientError, EngineClient};
use super::endpoint;
use super::engine::{id_of, negotiate, typed};
use crate::Error;
use crate::facts::Version;

/// How one container is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Its name, without the leading slash.
    pub name: String,
    /// The image it was made from, as it was called then.
    pub image: String,
    /// Compose's project and service, or the swarm's service: what survives the container's being made anew.
    pub service: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[derive(Default)]
struct Row {
    names: Vec<String>,
    image: String,
    labels: BTreeMap<String, String>,
}

/// The containers that run, by id. None where no engine answers.
///
/// # Errors
/// [`Error::Endpoint`] where an address that was named cannot be used.
pub async fn names(options: &Options) -> Result<Option<BTreeMap<String, Named>>, Error> {
    for endpoint in endpoint::candidates(options.engine.as_deref(), &options.environment)? {
        if let Ok(names) = ask(&endpoint, options).await {
            return Ok(Some(names));
        }
    }
    Ok(None)
}

async fn ask(endpoint: &endpoint::Endpoint, options: &Options) -> Result<BTreeMap<String, Named>, ClientError> {
    let client = EngineClient::new(endpoint, options.request_timeout, options.max_answer)?;
    let version: Version = typed(client.get("/version").await?)?;
    let base = format!("/v{}", negotiate(&version)?);
    let rows: Vec<Value> = typed(client.get(&format!("{base}/containers/json")).await?)?;
    let mut names = BTreeMap::new();
    for row in rows.into_iter().take(options.max_items) {
        let Some(id) = id_of(&row).map(str::to_owned) else { continue };
        // One row that is none does not hide the others.
        if let Ok(row) = typed::<Row>(row) {
            names.insert(id, named(row));
        }
    }
    Ok(names)
}

fn named(row: Row) -> Named {
    let label = |name: &str| row.labels.get(name).filter(|value| !value.is_empty());
    let compose = label("com.docker.compose.project")
        .zip(label("com.docker.compose.service"))
        .map(|(project, service)| format!("{project}/{service}"));
    let service = compose.or_else(|| label("com.docker.swarm.service.name").cloned());
    let name = row.names.first().map(|name| name.trim_start_matches('/').to_owned()).unwrap_or_default();
    Named { name, image: row.image, service }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_what_survives() {
        let row = |labels: &[(&str, &str)]| Row {
            names: vec!["/shop-web-1".into()],
            image: "web:2".into(),
            labels: labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        };
        let compose = [("com.docker.compose.project", "shop"), ("com.docker.compose.service", "web")];
        let expected = Named { name: "shop-web-1".into(), image: "web:2".into(), service: Some("shop/web".into()) };
        assert_eq!(named(row(&compose)), expected);
        assert_eq!(named(row(&[("com.docker.swarm.service.name", "s_web")])).service.as_deref(), Some("s_web"));
        assert_eq!(named(row(&[])).service, None);
        assert_eq!(named(Row::default()), Named::default());
    }
}
