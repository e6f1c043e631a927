//! Amazon ECR, by its API of 2015-09-21 (<https://docs.aws.amazon.com/AmazonECR/latest/APIReference/>): whether tags stay, whether
//! images are scanned, and whom a repository's policy lets in. The credentials are an access key given as name and password,
//! else those of the environment or of a profile.

use keelguard_distribution::shown;
use keelguard_model::registry::{Space, Vendor};
use reqsign_aws_v4::{
    Credential, EnvCredentialProvider, ProfileCredentialProvider, RequestSigner, StaticCredentialProvider,
};
use reqsign_core::{Context, FileRead, OsEnv, ProvideCredentialChain, Signer};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::super::Options;
use super::super::target::Target;
use super::{Api, MAX_PAGES, MAX_SPACES, list, switch, text};

const KIND: &str = "application/x-amz-json-1.1";
const SERVICE: &str = "AmazonEC2ContainerRegistry_V20150921";

pub(super) async fn look(target: &Target, options: &Options) -> Result<Option<Vendor>, String> {
    let Some((account, region)) = parts(target.name()) else { return Ok(None) };
    let key = options.login.as_ref().filter(|(name, _)| name.starts_with("AKIA"));
    let base = options.apis.ecr.clone().unwrap_or_else(|| {
        let ending = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        format!("https://api.ecr.{region}.{ending}")
    });
    let client = Client { api: Api::at(&base, &options.access)?, signer: signer(region, key), base };
    let mut vendor = Vendor { name: "ecr".into(), ..Vendor::default() };
    let scanning = client.call("GetRegistryScanningConfiguration", &json!({})).await?;
    let (mut next, mut pages) = (Value::Null, 0);
    loop {
        let request = match next.as_str() {
            Some(next) => json!({"registryId": account, "maxResults": 100, "nextToken": next}),
            None => json!({"registryId": account, "maxResults": 100}),
        };
        let Some(answer) = client.call("DescribeRepositories", &request).await? else {
            return Err("DescribeRepositories is refused; it needs ecr:DescribeRepositories".into());
        };
        for repository in list(&answer, "/repositories") {
            let mut space = space(repository, scanning.as_ref());
            let asked = json!({"registryId": account, "repositoryName": space.name});
            if let Some(policy) = client.call("GetRepositoryPolicy", &asked).await? {
                let policy = policy.pointer("/policyText").and_then(Value::as_str).unwrap_or_default();
                read_policy(policy, account, &mut space);
            }
            vendor.spaces.push(space);
        }
        pages += 1;
        next = answer.get("nextToken").cloned().unwrap_or_default();
        if !next.is_string() || pages >= MAX_PAGES || vendor.spaces.len() >= MAX_SPACES {
            return Ok(Some(vendor));
        }
    }
}

/// Account and region of `123456789012.dkr.ecr.eu-west-1.amazonaws.com`.
fn parts(host: &str) -> Option<(&str, &str)> {
    let (account, rest) = host.split_once(".dkr.ecr.")?;
    let (region, rest) = rest.split_once('.')?;
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    (is_account && super::is_plain(region) && matches!(rest, "amazonaws.com" | "amazonaws.com.cn"))
        .then_some((account, region))
}

/// Reads what a profile points to, and nothing large.
#[derive(Debug)]
struct Files;

impl FileRead for Files {
    async fn file_read(&self, path: &str) -> reqsign_core::Result<Vec<u8>> {
        let wrong = |why: String| reqsign_core::Error::unexpected(format!("{path} cannot be read: {why}"));
        let length = tokio::fs::metadata(path).await.map_err(|error| wrong(error.to_string()))?.len();
        if length > 1 << 20 {
            return Err(wrong("it is too large".into()));
        }
        tokio::fs::read(path).await.map_err(|error| wrong(error.to_string()))
    }
}

fn signer(region: &str, key: Option<&(String, String)>) -> Signer<Credential> {
    let context = Context::new().with_file_read(Files).with_env(OsEnv);
    let chain = match key {
        Some((id, secret)) => ProvideCredentialChain::new().push(StaticCredentialProvider::new(id, secret)),
        None => ProvideCredentialChain::new().push(EnvCredentialProvider::new()).push(ProfileCredentialProvider::new()),
    };
    Signer::new(context, chain, RequestSigner::new("ecr", region))
}

struct Client {
    api: Api,
    signer: Signer<Credential>,
    base: String,
}

impl Client {
    /// What `action` answers; none where it is refused, or where there is no such thing.
    async fn call(&self, action: &str, request: &Value) -> Result<Option<Value>, String> {
        self.api.may_be_sent(Some(super::HeaderValue::from_static("")))?;
        let body = request.to_string();
        let hash: String = Sha256::digest(&body).iter().map(|byte| format!("{byte:02x}")).collect();
        let unsigned = http::Request::post(format!("{}/", self.base.trim_end_matches('/')))
            .header(http::header::CONTENT_TYPE, KIND)
            .header("x-amz-target", format!("{SERVICE}.{action}"))
            .header("x-amz-content-sha256", hash)
            .body(())
            .map_err(|error| error.to_string())?;
        let mut head = unsigned.into_parts().0;
        self.signer.sign(&mut head, None).await.map_err(|error| {
            format!(
                "there are no credentials for it ({}); set AWS_ACCESS_KEY_ID or AWS_PROFILE",
                shown(&error.to_string())
            )
        })?;
        let mut headers = head.headers;
        headers.remove(http::header::HOST);
        let answer = self.api.post("/", body, headers).await?;
        let json = answer.json().unwrap_or_default();
        let kind = text(&json, "/__type").unwrap_or_default();
        match answer.status {
            200 => Ok(Some(json)),
            400 | 403 if kind.contains("AccessDenied") || kind.contains("NotFoundException") => Ok(None),
            status => Err(format!("{action} is answered {status} {}", shown(&kind))),
        }
    }
}

fn space(repository: &Value, scanning: Option<&Value>) -> Space {
    let name = text(repository, "/repositoryName").unwrap_or_default();
    // The registry's own rules for scanning count beside the repository's switch.
    let by_rule = scanning.is_some_and(|scanning| {
        list(scanning, "/scanningConfiguration/rules").iter().any(|rule| {
            let often = text(rule, "/scanFrequency").is_some_and(|often| often != "MANUAL");
            let filters = list(rule, "/repositoryFilters").iter().filter_map(|one| text(one, "/filter"));
            often && filters.into_iter().any(|filter| fits(&filter, &name))
        })
    });
    Space {
        immutable: text(repository, "/imageTagMutability").map(|word| word.starts_with("IMMUTABLE")),
        scanned: Some(by_rule || switch(repository, "/imageScanningConfiguration/scanOnPush") == Some(true)),
        name,
        ..Space::default()
    }
}

/// A filter with `*` in it; without, it is a part of the name.
fn fits(filter: &str, name: &str) -> bool {
    if !filter.contains('*') {
        return name.contains(filter);
    }
    let mut parts = filter.split('*');
    let Some(mut rest) = name.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<&str> = parts.collect();
    for (number, part) in parts.iter().enumerate() {
        if number + 1 == parts.len() {
            return rest.ends_with(part);
        }
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    true
}

/// Whom a policy lets in. Statements with a condition are left to the evaluator of policies: what holds of them is more than a
/// name.
fn read_policy(policy: &str, account: &str, space: &mut Space) {
    let Ok(policy) = serde_json::from_str::<Value>(policy) else { return };
    let one_or_many = |value: Option<&Value>| match value {
        Some(Value::Array(list)) => list.clone(),
        Some(Value::Null) | None => Vec::new(),
        Some(one) => vec![one.clone()],
    };
    for statement in one_or_many(policy.get("Statement")).iter().take(100) {
        if text(statement, "/Effect").as_deref() != Some("Allow") || statement.get("Condition").is_some() {
            continue;
        }
        let principals = match statement.get("Principal") {
            Some(Value::Object(map)) => one_or_many(map.get("AWS")),
            other => one_or_many(other),
        };
        let names: Vec<&str> = principals.iter().filter_map(Value::as_str).collect();
        if names.contains(&"*") {
            let actions = one_or_many(statement.get("Action"));
            space.open_actions.extend(actions.iter().filter_map(Value::as_str).take(20).map(shown));
        }
        let foreign = names.iter().filter(|name| **name != "*" && !name.contains(account)).take(20);
        space.foreign.extend(foreign.map(|name| shown(name)));
    }
    space.public = Some(!space.open_actions.is_empty());
}

/// Gives `text` to every parser: see [`crate::fuzzing`].
pub(super) fn every_parser(text: &str) {
    let _ = parts(text);
    read_policy(text, text, &mut Space::default());
    let _ = fits(text, text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_and_region_are_in_the_name_and_nothing_else_is_taken_for_one() {
        assert_eq!(parts("123456789012.dkr.ecr.eu-west-1.amazonaws.com"), Some(("123456789012", "eu-west-1")));
        for host in ["1.dkr.ecr.eu-west-1.amazonaws.com", "123456789012.dkr.ecr.x.evil.example", "s3.amazonaws.com"] {
            assert_eq!(parts(host), None, "{host}");
        }
    }

    #[test]
    fn a_policy_opens_to_everybody_only_without_a_condition() {
        let mut space = Space::default();
        read_policy(
            r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": ["ecr:PutImage", "ecr:BatchGetImage"]},
                {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "ecr:*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}},
                {"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::999999999999:root", "arn:aws:iam::123456789012:root"]}, "Action": "ecr:BatchGetImage"}]}"#,
            "123456789012",
            &mut space,
        );
        assert_eq!(space.open_actions, ["ecr:PutImage", "ecr:BatchGetImage"]);
        assert_eq!(space.foreign, ["arn:aws:iam::999999999999:root"]);
        let mut odd = Space::default();
        for text in ["", "[]", "{\"Statement\": 7}", "{\"Statement\": {\"Effect\": 1}}"] {
            read_policy(text, "1", &mut odd);
        }
        assert!(odd.open_actions.is_empty());
    }

    #[test]
    fn filters_of_scanning_are_globs_or_parts() {
        assert!(fits("*", "web") && fits("prod*", "prod/web") && fits("*web", "prod/web") && fits("prod", "a-prod-b"));
        assert!(!fits("prod*", "dev/prod") && !fits("*web", "web/api") && fits("a*c*", "abcd"));
    }
}
