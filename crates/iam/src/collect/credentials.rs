//! As whom we ask: the search for credentials that every AWS tool makes. Finding them is `reqsign`'s, except for roles that
//! profiles assume, which go through our own client and so to the user's own address where there is one.
//! What providers answer with is never shown: it may hold what was asked for.

use std::collections::HashSet;
use std::time::Duration;

use bytes::Bytes;
use reqsign_aws_v4::{
    AssumeRoleWithWebIdentityCredentialProvider, Credential, ECSCredentialProvider, EnvCredentialProvider,
    IMDSv2CredentialProvider, ProcessCredentialProvider, SSOCredentialProvider,
};
use reqsign_core::{Context, ProvideCredential, SigningCredential as _};
use serde_json::{Value, json};

use super::client::{Client, allowed};
use super::profile::{Profiles, Section};
use super::service::STS;
use super::{Environment, Limits};

/// Profiles that name one another.
const MAX_CHAIN: usize = 8;

/// The largest file that is read for it: tokens, caches.
const MAX_FILE: u64 = 1 << 20;

/// What a search comes to.
pub(super) struct Found {
    pub(super) credential: Credential,
    /// The profile's own settings, for region and address.
    pub(super) profile: Section,
}

/// The search.
pub(super) struct Search<'a> {
    pub(super) environment: &'a Environment,
    pub(super) limits: Limits,
    pub(super) endpoint: Option<String>,
    pub(super) region: Option<String>,
}

impl Search<'_> {
    /// Credentials of a profile, or whatever there is.
    pub(super) async fn find(&self, named: Option<&str>) -> Result<Found, String> {
        let profiles = Profiles::read(self.environment)?;
        let context = self.context();
        let chosen = named.or_else(|| self.environment.get("AWS_PROFILE")).unwrap_or("default");
        let profile = profiles.get(chosen);
        if profile.is_none() && (named.is_some() || self.environment.get("AWS_PROFILE").is_some()) {
            let names: Vec<&str> = profiles.names().take(20).collect();
            let others = if names.is_empty() {
                "there is none at all".to_owned()
            } else {
                format!("there are {}", names.join(", "))
            };
            return Err(format!("there is no profile {chosen:?}: {others}"));
        }
        let settings = profile.clone().unwrap_or_default();
        // Whoever names a profile means it; else the environment counts first, as for the AWS CLI.
        if named.is_none()
            && let Ok(Some(credential)) = EnvCredentialProvider::new().provide_credential(&context).await
        {
            return usable(credential, "the environment").map(|credential| Found { credential, profile: settings });
        }
        if profile.is_some() {
            let mut seen = HashSet::new();
            if let Some(credential) = Box::pin(self.of_profile(chosen, &profiles, &mut seen)).await? {
                return Ok(Found { credential, profile: settings });
            }
            if named.is_some() {
                return Err(format!("the profile {chosen:?} has no credentials, and says of no way to them"));
            }
        }
        let around = self.around(&context).await?;
        match around {
            Some(credential) => Ok(Found { credential, profile: settings }),
            None => Err(format!(
                "no credentials were found: not in the environment (AWS_ACCESS_KEY_ID), not in {}, from no web identity, no \
                 task and no instance; type aws configure, or aws sso login",
                profiles.files.join(" and ")
            )),
        }
    }

    /// What the machine offers: web identity, task, instance.
    async fn around(&self, context: &Context) -> Result<Option<Credential>, String> {
        if self.environment.get("AWS_WEB_IDENTITY_TOKEN_FILE").is_some() {
            let provider = AssumeRoleWithWebIdentityCredentialProvider::new();
            return self.asked(&provider, context, "the web identity (AWS_WEB_IDENTITY_TOKEN_FILE)").await;
        }
        let task = ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];
        if task.iter().any(|name| self.environment.get(name).is_some()) {
            return self.asked(&ECSCredentialProvider::new(), context, "the task's role").await;
        }
        // No instance, no answer: that is the usual case, and no fault.
        Ok(self.asked(&IMDSv2CredentialProvider::new(), context, "the instance's role").await.unwrap_or_default())
    }

    async fn asked(
        &self,
        provider: &impl ProvideCredential<Credential = Credential>,
        context: &Context,
        what: &str,
    ) -> Result<Option<Credential>, String> {
        let answer = tokio::time::timeout(self.limits.silence, provider.provide_credential(context)).await;
        match answer {
            Err(_) => Err(format!("{what}: nothing came within {} s", self.limits.silence.as_secs_f32())),
            Ok(Err(error)) => Err(format!("{what} gave no credentials ({})", kind(&error))),
            Ok(Ok(None)) => Ok(None),
            Ok(Ok(Some(credential))) => usable(credential, what).map(Some),
        }
    }

    /// What a profile has, or leads to.
    async fn of_profile(
        &self,
        name: &str,
        profiles: &Profiles,
        seen: &mut HashSet<String>,
    ) -> Result<Option<Credential>, String> {
        let Some(profile) = profiles.get(name) else {
            return Err(format!("there is no profile {name:?}, which another one names"));
        };
        let text = |key: &str| profile.get(key).map(String::as_str).filter(|value| !value.is_empty());
        let again = !seen.insert(name.to_owned());
        if let Some(role) = text("role_arn").filter(|_| !again) {
            if seen.len() > MAX_CHAIN {
                return Err(format!("more than {MAX_CHAIN} profiles name one another, {name:?} at the end"));
            }
            return self.role(name, role, &profile, profiles, seen).await.map(Some);
        }
        let context = self.context();
        if let (Some(key), Some(secret)) = (text("aws_access_key_id"), text("aws_secret_access_key")) {
            return Ok(Some(Credential {
                access_key_id: key.to_owned(),
                secret_access_key: secret.to_owned(),
                session_token: text("aws_session_token").map(str::to_owned),
                expires_in: None,
            }));
        }
        if let Some(account) = text("sso_account_id") {
            let (Some(role), Some(region)) = (text("sso_role_name"), text("sso_region")) else {
                return Err(format!("the profile {name:?} has no sso_role_name or no sso_region"));
            };
            // The cache is named after the session, or after the address where there is none.
            let Some(cache) = text("sso_session").or(text("sso_start_url")) else {
                return Err(format!("the profile {name:?} has neither sso_session nor sso_start_url"));
            };
            let provider = SSOCredentialProvider::new()
                .with_account_id(account)
                .with_role_name(role)
                .with_region(region)
                .with_start_url(cache);
            // The token goes there: an address that is meant for all services is not enough, a variable is.
            let environment = self.environment;
            let custom = environment.get("AWS_ENDPOINT_URL_SSO").or_else(|| environment.get("AWS_ENDPOINT_URL"));
            let provider = match custom {
                Some(endpoint) => {
                    allowed(endpoint).map_err(|failure| failure.why())?;
                    provider.with_endpoint(format!("{}/federation/credentials", endpoint.trim_end_matches('/')))
                }
                None => provider,
            };
            let found = self.asked(&provider, &context, "the single sign-on").await;
            let again = format!("type aws sso login --profile {name}");
            return match found {
                Ok(Some(credential)) => Ok(Some(credential)),
                Ok(None) => Err(format!("nobody is signed in for the profile {name:?}; {again}")),
                Err(why) => Err(format!("{why}; {again}")),
            };
        }
        if let Some(command) = text("credential_process") {
            let provider = ProcessCredentialProvider::new().with_command(command);
            return self.asked(&provider, &context, &format!("credential_process of the profile {name:?}")).await;
        }
        Ok(None)
    }

    /// The role that a profile assumes.
    async fn role(
        &self,
        name: &str,
        role: &str,
        profile: &Section,
        profiles: &Profiles,
        seen: &mut HashSet<String>,
    ) -> Result<Credential, String> {
        let text = |key: &str| profile.get(key).map(String::as_str).filter(|value| !value.is_empty());
        let context = self.context();
        if let Some(file) = text("web_identity_token_file") {
            let provider = AssumeRoleWithWebIdentityCredentialProvider::new()
                .with_role_arn(role)
                .with_web_identity_token_file(file);
            let found = self.asked(&provider, &context, &format!("the web identity of the profile {name:?}")).await?;
            return found.ok_or_else(|| format!("the web identity of the profile {name:?} gave no credentials"));
        }
        if text("mfa_serial").is_some() {
            return Err(format!(
                "the profile {name:?} wants a second factor, which Keelguard does not ask for; give it credentials that have \
                 passed it, with aws configure export-credentials --profile {name} for instance"
            ));
        }
        let source = match (text("source_profile"), text("credential_source")) {
            (Some(source), _) => Box::pin(self.of_profile(source, profiles, seen)).await?,
            (None, Some("Environment")) => {
                self.asked(&EnvCredentialProvider::new(), &context, "the environment").await?
            }
            (None, Some("EcsContainer")) => {
                self.asked(&ECSCredentialProvider::new(), &context, "the task's role").await?
            }
            (None, Some("Ec2InstanceMetadata")) => {
                self.asked(&IMDSv2CredentialProvider::new(), &context, "the instance's role").await?
            }
            (None, Some(other)) => {
                return Err(format!("the profile {name:?} has an unknown credential_source {other:?}"));
            }
            (None, None) => {
                return Err(format!(
                    "the profile {name:?} has a role_arn, but neither source_profile nor credential_source"
                ));
            }
        };
        let source =
            source.ok_or_else(|| format!("there are no credentials to assume the role of the profile {name:?}"))?;
        let client = Client::new(source, self.environment, profile, self.endpoint.clone(), self.limits)?;
        let region = self.region.clone().or_else(|| text("region").map(str::to_owned));
        let parameters = json!({
            "RoleArn": role,
            "RoleSessionName": text("role_session_name").unwrap_or("keelguard"),
            "ExternalId": text("external_id"),
        });
        let answer = client
            .call(&STS, region.as_deref().unwrap_or("us-east-1"), "AssumeRole", &parameters)
            .await
            .map_err(|failure| format!("the role of the profile {name:?} cannot be assumed: {}", failure.why()))?;
        assumed(&answer).ok_or_else(|| format!("the role of the profile {name:?} was assumed without credentials"))
    }

    fn context(&self) -> Context {
        let http = super::client::http_client(Duration::from_secs(2), None).ok();
        let sts = STS.custom(self.endpoint.as_deref(), self.environment, &Section::new());
        let sts = sts.filter(|sts| allowed(sts).is_ok());
        Context::new()
            .with_env(self.environment.for_signer())
            .with_file_read(Files)
            .with_command_execute(Programs)
            .with_http_send(Sender { http, limit: self.limits.silence, sts })
    }
}

fn assumed(answer: &Value) -> Option<Credential> {
    let text = |key: &str| answer.pointer(&format!("/Credentials/{key}")).and_then(Value::as_str).map(str::to_owned);
    Some(Credential {
        access_key_id: text("AccessKeyId")?,
        secret_access_key: text("SecretAccessKey")?,
        session_token: text("SessionToken"),
        expires_in: None,
    })
}

fn usable(credential: Credential, what: &str) -> Result<Credential, String> {
    if credential.is_valid() {
        Ok(credential)
    } else {
        Err(format!("the credentials of {what} are empty or have expired"))
    }
}

/// The kind of an error of the providers; their words may hold secrets.
fn kind(error: &reqsign_core::Error) -> &'static str {
    match error.kind() {
        reqsign_core::ErrorKind::CredentialInvalid => "they are not valid, or have expired",
        reqsign_core::ErrorKind::PermissionDenied => "it is not allowed",
        reqsign_core::ErrorKind::ConfigInvalid => "something in its configuration is missing or wrong",
        reqsign_core::ErrorKind::RequestInvalid => "the request for them is not valid",
        reqsign_core::ErrorKind::RateLimited => "it asks for fewer requests",
        reqsign_core::ErrorKind::Unexpected => "it did not answer as it should",
    }
}

#[derive(Debug)]
struct Files;

impl reqsign_core::FileRead for Files {
    async fn file_read(&self, path: &str) -> reqsign_core::Result<Vec<u8>> {
        let failed = |_| reqsign_core::Error::config_invalid("the file cannot be read");
        let size = tokio::fs::metadata(path).await.map_err(failed)?.len();
        if size > MAX_FILE {
            return Err(reqsign_core::Error::config_invalid("the file is too large"));
        }
        tokio::fs::read(path).await.map_err(failed)
    }
}

#[derive(Debug)]
struct Programs;

impl reqsign_core::CommandExecute for Programs {
    async fn command_execute<'a>(
        &'a self,
        program: &'a str,
        arguments: &'a [&'a str],
    ) -> reqsign_core::Result<reqsign_core::CommandOutput> {
        let output = tokio::process::Command::new(program)
            .args(arguments)
            .stdin(std::process::Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .map_err(|_| reqsign_core::Error::config_invalid("the program cannot be run"))?;
        Ok(reqsign_core::CommandOutput {
            status: output.status.code().unwrap_or(-1),
            stdout: output.stdout,
            stderr: output.stderr,
        })
    }
}

/// For the providers' own requests: metadata services, web identities, single sign-on.
#[derive(Debug)]
struct Sender {
    http: Option<reqwest::Client>,
    limit: Duration,
    /// Where the token service is, if not where AWS has it.
    sts: Option<String>,
}

impl reqsign_core::HttpSend for Sender {
    async fn http_send(&self, request: http::Request<Bytes>) -> reqsign_core::Result<http::Response<Bytes>> {
        let failed = || reqsign_core::Error::unexpected("no answer");
        let http = self.http.as_ref().ok_or_else(failed)?;
        let (head, body) = request.into_parts();
        // The provider of web identities knows AWS's own addresses only.
        let is_sts = head.uri.host().is_some_and(|host| host.starts_with("sts.") && host.contains("amazonaws"));
        let uri = match &self.sts {
            Some(sts) if is_sts => {
                format!("{}{}", sts.trim_end_matches('/'), head.uri.path_and_query().map_or("/", |path| path.as_str()))
            }
            _ => head.uri.to_string(),
        };
        let sending = http.request(head.method, uri).headers(head.headers).body(body).timeout(self.limit);
        let mut answer = sending.send().await.map_err(|_| failed())?;
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|_| failed())? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() as u64 > MAX_FILE {
                return Err(failed());
            }
        }
        let mut response = http::Response::new(Bytes::from(bytes));
        *response.status_mut() = answer.status();
        response.headers_mut().clone_from(answer.headers());
        Ok(response)
    }
}
