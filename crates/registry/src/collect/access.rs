//! Who may read, list, write and delete: asked for without leaving a trace. What is put there first is a manifest that is none:
//! whoever may write is told so, and nothing is written. An upload is opened, and cancelled at once, only where that answer
//! says nothing: Distribution keeps a folder of each upload, cancelled or not. What is deleted is a digest that nothing can
//! have.

use keelguard_distribution::credentials::Login;
use keelguard_distribution::{Fault, Request, shown};
use keelguard_model::registry::Look;
use reqwest::Method;
use reqwest::header::HeaderValue;

use super::ask::{Answer, Asker};
use super::target::is_repository;
use super::token::Giver;

/// Where nothing else is known.
pub(crate) const NOBODYS: &str = "keelguard-probe";

/// Names that are looked at of one list.
const MAX_LISTED: usize = 100;

const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";

/// How one visitor comes: with a login or without, by tokens or not.
pub(crate) struct Visitor<'a> {
    pub(crate) asker: &'a Asker,
    pub(crate) giver: Option<&'a Giver>,
    pub(crate) login: Option<&'a Login>,
    /// Name and password with each request, where no tokens are given.
    pub(crate) basic: Option<&'a HeaderValue>,
    /// The registry asks for nothing: what it does not have is then not there for anybody.
    pub(crate) asks_nothing: bool,
}

impl Visitor<'_> {
    /// What to show for `scope`. The outer none is a refusal.
    async fn header(&self, scope: &str) -> Result<Option<Option<HeaderValue>>, Fault> {
        match self.giver {
            Some(giver) => Ok(giver.header(self.asker, scope, self.login).await?.map(Some)),
            None => Ok(Some(self.basic.cloned())),
        }
    }

    /// Whether it may be listed, and the names of repositories.
    pub(crate) async fn catalogue(&self) -> Result<(Look, Vec<String>), Fault> {
        let Some(header) = self.header("registry:catalog:*").await? else { return Ok((Look::Refused, Vec::new())) };
        let answer = self.asker.get(&format!("/v2/_catalog?n={MAX_LISTED}"), header.as_ref()).await?;
        let names = (answer.status == 200).then(|| {
            let json = answer.json()?;
            let names = json.get("repositories")?.as_array()?.iter().filter_map(|name| name.as_str());
            let names = names.filter(|name| is_repository(name)).take(MAX_LISTED);
            Some(names.map(str::to_owned).collect::<Vec<_>>())
        });
        Ok(match names.flatten() {
            Some(names) => (Look::Open, names),
            None if answer.status == 200 => (Look::Unclear, Vec::new()),
            None => (plain_look(&answer), Vec::new()),
        })
    }

    /// Whether images may be read.
    pub(crate) async fn pull(&self, repository: &str) -> Result<Look, Fault> {
        let Some(header) = self.header(&format!("repository:{repository}:pull")).await? else {
            return Ok(Look::Refused);
        };
        let answer = self.asker.get(&format!("/v2/{repository}/tags/list"), header.as_ref()).await?;
        if answer.status == 200 && answer.json().is_some_and(|json| json.get("tags").is_some()) {
            return Ok(Look::Open);
        }
        Ok(self.look(&answer))
    }

    /// Whether images may be put there. The second is what was left behind.
    pub(crate) async fn push(&self, repository: &str) -> Result<(Look, Option<String>), Fault> {
        let Some(header) = self.header(&format!("repository:{repository}:pull,push")).await? else {
            return Ok((Look::Refused, None));
        };
        match manifest(self.asker, repository, header.as_ref()).await? {
            (Look::Unclear, _) => upload(self.asker, repository, header.as_ref()).await,
            found => Ok(found),
        }
    }

    /// Whether images may be deleted.
    pub(crate) async fn delete(&self, repository: &str) -> Result<Look, Fault> {
        let Some(header) = self.header(&format!("repository:{repository}:delete")).await? else {
            return Ok(Look::Refused);
        };
        let nothing = format!("/v2/{repository}/manifests/sha256:{}", "0".repeat(64));
        let answer = self.asker.with(Method::DELETE, &nothing, header.as_ref()).await?;
        // That it is not there is said once it may be deleted.
        let unknown = ["MANIFEST_UNKNOWN", "NAME_UNKNOWN", "BLOB_UNKNOWN"];
        let is_unknown = answer.error_code().is_some_and(|code| unknown.contains(&code.as_str()));
        Ok(match answer.status {
            202 => Look::Open,
            404 if is_unknown && (self.asks_nothing || header.is_some()) => Look::Open,
            _ => plain_look(&answer),
        })
    }

    fn look(&self, answer: &Answer) -> Look {
        let unknown = ["NAME_UNKNOWN", "MANIFEST_UNKNOWN"];
        match answer.status {
            404 if self.asks_nothing && answer.error_code().is_some_and(|code| unknown.contains(&code.as_str())) => {
                Look::Open
            }
            _ => plain_look(answer),
        }
    }
}

/// Whether a manifest is looked at that is none, with what `header` shows.
pub(crate) async fn manifest(
    asker: &Asker,
    repository: &str,
    header: Option<&HeaderValue>,
) -> Result<(Look, Option<String>), Fault> {
    let request = Request {
        method: Method::PUT,
        login: header,
        // The first letter of a document: nothing can make a manifest of it.
        document: Some((MANIFEST, "{".to_owned())),
        ..Request::default()
    };
    let answer = asker.ask(&format!("/v2/{repository}/manifests/keelguard-probe"), &request).await?;
    let invalid = ["MANIFEST_INVALID", "MANIFEST_UNVERIFIED", "TAG_INVALID", "DIGEST_INVALID"];
    Ok(match (answer.status, answer.error_code()) {
        (400 | 422, Some(code)) if invalid.contains(&code.as_str()) => (Look::Open, None),
        (201, _) => (Look::Open, Some(format!("{repository}:keelguard-probe was kept, although it is no manifest"))),
        _ => (plain_look(&answer), None),
    })
}

/// Whether an upload may be begun; it is cancelled at once.
async fn upload(
    asker: &Asker,
    repository: &str,
    header: Option<&HeaderValue>,
) -> Result<(Look, Option<String>), Fault> {
    let answer = asker.with(Method::POST, &format!("/v2/{repository}/blobs/uploads/"), header).await?;
    if answer.status != 202 {
        return Ok((plain_look(&answer), None));
    }
    let left = |why: String| (Look::Open, Some(format!("an upload to {repository} was opened and {why}")));
    let place = answer.header("location").and_then(|place| asker.base.join(place).ok());
    let Some(place) = place.filter(|place| place.origin() == asker.base.origin()) else {
        return Ok(left("could not be cancelled: the registry names no place of its own for it".into()));
    };
    let path = match place.query() {
        Some(query) => format!("{}?{query}", place.path()),
        None => place.path().to_owned(),
    };
    Ok(match asker.with(Method::DELETE, &path, header).await {
        Ok(answer) if matches!(answer.status, 200 | 202 | 204 | 404) => (Look::Open, None),
        Ok(answer) => left(format!("was not cancelled: the registry answers {}", answer.status)),
        Err(fault) => left(format!("could not be cancelled: {}", shown(&fault.why()))),
    })
}

/// What a status says by itself.
fn plain_look(answer: &Answer) -> Look {
    match answer.status {
        401 | 403 => Look::Refused,
        405 => Look::Off,
        _ if answer.error_code().is_some_and(|code| code == "UNSUPPORTED") => Look::Off,
        _ => Look::Unclear,
    }
}
