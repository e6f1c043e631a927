//! As whom AWS is asked: each way to credentials, told by who has signed the request that follows.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod aws;

use std::path::Path;
use std::time::Duration;

use aws::{Answer, Request, Server, empty, who_am_i, xml};
use keelguard_iam::collect::{Environment, Limits, Options, collect};

/// What metadata services, token services and portals answer, on paths of their own.
fn everything(request: &Request) -> Answer {
    let json = |text: &str| Answer::Whole(200, vec![("content-type", "application/json".into())], text.into());
    let keys = |who: &str| {
        format!(
            r#"{{"Code": "Success", "Type": "AWS-HMAC", "LastUpdated": "2026-01-01T00:00:00Z", "AccessKeyId": "{who}",
                "SecretAccessKey": "planted", "Token": "planted", "Expiration": "2099-01-01T00:00:00Z"}}"#
        )
    };
    let token = |who: &str| {
        format!(
            "<Credentials><AccessKeyId>{who}</AccessKeyId><SecretAccessKey>planted</SecretAccessKey>\
             <SessionToken>planted</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
        )
    };
    let path = request.path.split('?').next().unwrap_or_default();
    match (path, request.field("Action").as_deref()) {
        ("/task", _) if request.header("authorization") == "planted-task-token" => json(&keys("FROMTASK")),
        ("/latest/api/token", _) if request.method == "PUT" => Answer::Whole(200, Vec::new(), "metadata-token".into()),
        ("/latest/meta-data/iam/security-credentials/", _) => Answer::Whole(200, Vec::new(), "web".into()),
        ("/latest/meta-data/iam/security-credentials/web", _)
            if request.header("x-aws-ec2-metadata-token") == "metadata-token" =>
        {
            json(&keys("FROMINSTANCE"))
        }
        ("/federation/credentials", _) if request.header("x-amz-sso_bearer_token") == "planted-sso-token" => json(
            r#"{"roleCredentials": {"accessKeyId": "FROMSSO", "secretAccessKey": "planted", "sessionToken": "planted",
                "expiration": 4070908800000}}"#,
        ),
        (_, Some("AssumeRoleWithWebIdentity")) => xml(format!(
            "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult>{}</AssumeRoleWithWebIdentityResult>\
             </AssumeRoleWithWebIdentityResponse>",
            token("FROMWEB")
        )),
        (_, Some("AssumeRole")) => xml(format!(
            "<AssumeRoleResponse><AssumeRoleResult>{}</AssumeRoleResult></AssumeRoleResponse>",
            token(&format!("ROLEBY{}", request.key()))
        )),
        (_, Some("GetCallerIdentity")) => who_am_i(),
        _ => empty(request),
    }
}

/// Who signed, of whoever asked who they are; else why nobody did.
fn asks(environment: Environment, endpoint: &Server, profile: Option<&str>) -> Result<String, String> {
    let options = Options {
        environment,
        endpoint: Some(endpoint.url.clone()),
        profiles: profile.map(str::to_owned).into_iter().collect(),
        regions: vec!["eu-central-1".into()],
        limits: Limits { silence: Duration::from_secs(5), whole: Duration::from_secs(20), ..Limits::default() },
        ..Options::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(collect(&options)).map_err(|error| error.to_string())?;
    let asked = endpoint.requests();
    let who = asked.iter().find(|request| request.field("Action").as_deref() == Some("GetCallerIdentity")).unwrap();
    Ok(who.key().to_owned())
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_task_an_instance_and_a_web_identity_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().to_str().unwrap();
    let server = Server::start(everything);
    let task = format!("{}/task", server.url);
    let environment = Environment::of([
        ("HOME", home),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", &task),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "planted-task-token"),
    ]);
    assert_eq!(asks(environment, &server, None).unwrap(), "FROMTASK");

    let server = Server::start(everything);
    let environment = Environment::of([("HOME", home), ("AWS_EC2_METADATA_SERVICE_ENDPOINT", &server.url)]);
    assert_eq!(asks(environment, &server, None).unwrap(), "FROMINSTANCE");

    let server = Server::start(everything);
    let file = write(folder.path(), "token", "planted-web-token");
    let environment = Environment::of([
        ("HOME", home),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", &file),
        ("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/pod"),
    ]);
    assert_eq!(asks(environment, &server, None).unwrap(), "FROMWEB");
}

#[test]
fn a_profile_has_keys_or_assumes_a_role_or_runs_a_program_or_is_signed_in() {
    let folder = tempfile::tempdir().unwrap();
    let program = write(
        folder.path(),
        "program",
        "#!/bin/sh\necho '{\"Version\": 1, \"AccessKeyId\": \"FROMPROGRAM\", \"SecretAccessKey\": \"planted\"}'\n",
    );
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let config = write(
        folder.path(),
        "config",
        &format!(
            "[profile base]\naws_access_key_id = BASE\naws_secret_access_key = planted\n\
             [profile role]\nrole_arn = arn:aws:iam::111122223333:role/one\nsource_profile = base\n\
             [profile chain]\nrole_arn = arn:aws:iam::111122223333:role/two\nsource_profile = role\n\
             [profile of-environment]\nrole_arn = arn:aws:iam::111122223333:role/one\ncredential_source = Environment\n\
             [profile circle]\nrole_arn = arn:aws:iam::111122223333:role/one\nsource_profile = circle\n\
             [profile mfa]\nrole_arn = arn:aws:iam::111122223333:role/one\nsource_profile = base\nmfa_serial = arn:x\n\
             [profile program]\ncredential_process = {program}\n\
             [profile broken]\ncredential_process = /nonexistent/program --password planted\n\
             [profile nothing]\nregion = eu-central-1\n\
             [profile sso]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Audit\n\
             [sso-session corp]\nsso_region = eu-central-1\nsso_start_url = https://corp.awsapps.com/start\n"
        ),
    );
    let home = folder.path().to_str().unwrap();
    let ask = |profile: &str| {
        let server = Server::start(everything);
        let environment = Environment::of([
            ("HOME", home),
            ("AWS_CONFIG_FILE", &config),
            ("AWS_ENDPOINT_URL_SSO", &server.url),
            ("AWS_ACCESS_KEY_ID", "ENVIRONMENT"),
            ("AWS_SECRET_ACCESS_KEY", "planted"),
        ]);
        asks(environment, &server, Some(profile)).inspect_err(|why| assert!(!why.contains("planted"), "{why}"))
    };
    assert_eq!(ask("base").unwrap(), "BASE");
    assert_eq!(ask("role").unwrap(), "ROLEBYBASE");
    assert_eq!(ask("chain").unwrap(), "ROLEBYROLEBYBASE");
    assert_eq!(ask("of-environment").unwrap(), "ROLEBYENVIRONMENT");
    assert_eq!(ask("program").unwrap(), "FROMPROGRAM");
    assert!(ask("sso").unwrap_err().contains("type aws sso login --profile sso"));
    // The name of the file is the SHA-1 of the session's name.
    let named = std::process::Command::new("sh").args(["-c", "printf corp | sha1sum | cut -c1-40"]).output().unwrap();
    let name = String::from_utf8(named.stdout).unwrap();
    let cache = format!(".aws/sso/cache/{}.json", name.trim());
    write(folder.path(), &cache, r#"{"accessToken": "planted-sso-token", "expiresAt": "2099-01-01T00:00:00Z"}"#);
    assert_eq!(ask("sso").unwrap(), "FROMSSO");
    for (profile, why) in [
        ("circle", "there are no credentials to assume the role of the profile \"circle\""),
        ("mfa", "wants a second factor"),
        ("broken", "credential_process of the profile \"broken\" gave no credentials"),
        ("nothing", "has no credentials, and says of no way to them"),
        ("absent", "there is no profile \"absent\": there are base, broken"),
    ] {
        let told = ask(profile).unwrap_err();
        assert!(told.contains(why), "{told}");
    }
}

#[test]
fn the_environment_counts_before_the_default_profile_and_a_named_profile_before_both() {
    let folder = tempfile::tempdir().unwrap();
    let credentials = write(
        folder.path(),
        "credentials",
        "[default]\naws_access_key_id = DEFAULT\naws_secret_access_key = x\n[named]\naws_access_key_id = NAMED\naws_secret_access_key = x\n",
    );
    let files = [("HOME", "/nonexistent"), ("AWS_SHARED_CREDENTIALS_FILE", credentials.as_str())];
    let keys = [("AWS_ACCESS_KEY_ID", "ENVIRONMENT"), ("AWS_SECRET_ACCESS_KEY", "x")];
    let server = Server::start(everything);
    assert_eq!(asks(Environment::of(files), &server, None).unwrap(), "DEFAULT");
    let server = Server::start(everything);
    assert_eq!(asks(Environment::of([files[0], files[1], keys[0], keys[1]]), &server, None).unwrap(), "ENVIRONMENT");
    let server = Server::start(everything);
    assert_eq!(asks(Environment::of([files[0], files[1], keys[0], keys[1]]), &server, Some("named")).unwrap(), "NAMED");
    let server = Server::start(everything);
    let chosen = Environment::of([files[0], files[1], ("AWS_PROFILE", "named")]);
    assert_eq!(asks(chosen, &server, None).unwrap(), "NAMED");
}
