//! Vendors' interfaces. None of them can be reached from where these tests run: what they answer here was written by the
//! documentation of their interfaces, for accounts and repositories of the tests' own. Amazon's is moto's, where it is installed.

use std::collections::BTreeMap;
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use keelguard_model::registry::Vendor;
use keelguard_registry::collect::{Apis, Depth, Options, Target};

use super::server::{Answer, Request, Server};
use super::{Asked, ask, ask_target, options};

/// A server that answers `paths`, each for whoever shows `login` where that is asked for.
fn recorded(hello: Answer, paths: &[(&str, &str)], login: Option<&'static str>) -> Server {
    let paths: BTreeMap<String, String> =
        paths.iter().map(|(path, answer)| ((*path).to_owned(), (*answer).to_owned())).collect();
    let (status, headers) = (hello.status, hello.headers);
    Server::plain(move |request: &Request| {
        if request.path == "/v2/" {
            return headers
                .iter()
                .fold(Answer::of(status, "{}"), |answer, (name, value)| answer.with(name, value.clone()));
        }
        if login.is_some() && request.header("authorization") != login {
            return Answer::of(401, r#"{"errors": [{"code": "UNAUTHORIZED"}]}"#);
        }
        match paths.get(&request.path) {
            Some(answer) => Answer::of(200, answer.clone()),
            None => Answer::of(404, "{}"),
        }
    })
}

fn with_realm(realm: &str, service: &str) -> Answer {
    Answer::of(401, "")
        .with("WWW-Authenticate", format!("Bearer realm=\"http://127.0.0.1:1{realm}\",service=\"{service}\""))
}

fn login(name: &str, password: &str) -> (String, String) {
    (name.to_owned(), password.to_owned())
}

fn vendor(found: &Asked) -> &Vendor {
    found.probe.vendor.as_ref().unwrap_or_else(|| panic!("{}", found.missed()))
}

/// A hosted registry, of which a server of the test's own stands for the registry and another for its interface.
fn hosted(name: &str, repository: &str, apis: Apis, login: (String, String)) -> Asked {
    let registry = recorded(Answer::of(200, "{}"), &[], None);
    let target = Target {
        authority: registry.address.to_string(),
        depth: Some(Depth::Everything),
        repositories: vec![repository.to_owned()],
        ..Target::named(name, "command line")
    };
    ask_target(target, &Options { login: Some(login), apis, ..options() })
}

#[test]
fn harbor_tells_anybody_whether_they_may_register_and_its_administrator_the_rest() {
    let projects = r#"[
        {"project_id": 1, "name": "library", "metadata": {"public": "true", "auto_scan": "false", "prevent_vul": "false"}},
        {"project_id": 2, "name": "shop", "metadata": {"public": "false", "auto_scan": "true", "enable_content_trust": "true"}}]"#;
    let robots = r#"[
        {"name": "robot$deploy", "level": "system", "duration": -1, "disable": false, "permissions": [
            {"kind": "project", "namespace": "*", "access": [{"resource": "repository", "action": "push"}, {"resource": "repository", "action": "pull"}]}]},
        {"name": "robot$read", "level": "system", "duration": 30, "disable": false, "permissions": [
            {"kind": "project", "namespace": "shop", "access": [{"resource": "repository", "action": "pull"}]}]},
        {"name": "robot$old", "duration": -1, "disable": true, "permissions": []}]"#;
    let of_project = r#"[{"name": "robot$shop+ci", "level": "project", "duration": -1, "disable": false, "permissions": [
        {"kind": "project", "namespace": "shop", "access": [{"resource": "repository", "action": "push"}]}]}]"#;
    let info = r#"{"auth_mode": "db_auth", "self_registration": true, "harbor_version": "v2.10.0-aaaa"}"#;
    let paths = [
        ("/api/v2.0/systeminfo", info),
        ("/api/v2.0/projects?page=1&page_size=100", projects),
        ("/api/v2.0/robots?page=1&page_size=100", robots),
        ("/api/v2.0/robots?q=Level%3Dproject%2CProjectID%3D2&page=1&page_size=100", of_project),
        ("/api/v2.0/projects/1/immutabletagrules", "[]"),
        ("/api/v2.0/projects/2/immutabletagrules", r#"[{"id": 1, "disabled": false}]"#),
    ];
    let anybody = recorded(with_realm("/service/token", "harbor-registry"), &paths[..2], None);
    let found = ask(&anybody.address.to_string(), &options());
    assert_eq!((found.probe.software.as_str(), vendor(&found).self_registration), ("harbor", Some(true)));
    assert!(found.rules().contains(&"KG-A130") && found.rules().contains(&"KG-A132"), "{:?}", found.rules());
    assert!(anybody.log().iter().all(|request| !request.path.contains("robots")), "they are not for everybody");

    // `admin:s3cret`.
    let server = recorded(with_realm("/service/token", "harbor-registry"), &paths, Some("Basic YWRtaW46czNjcmV0"));
    let found = ask(&server.address.to_string(), &Options { login: Some(login("admin", "s3cret")), ..options() });
    let spaces: Vec<_> = vendor(&found)
        .spaces
        .iter()
        .map(|space| (space.name.as_str(), space.public, space.scanned, space.immutable, space.signed_only))
        .collect();
    assert_eq!(
        spaces,
        [
            ("library", Some(true), Some(false), Some(false), None),
            ("shop", Some(false), Some(true), Some(true), Some(true))
        ]
    );
    let robots: Vec<_> = vendor(&found)
        .accounts
        .iter()
        .map(|robot| (robot.name.as_str(), robot.unbounded, robot.writes, robot.active, robot.ends))
        .collect();
    assert_eq!(
        robots,
        [
            ("robot$shop+ci", false, true, true, Some(false)),
            ("robot$deploy", true, true, true, Some(false)),
            ("robot$read", false, false, true, Some(true)),
            ("robot$old", false, false, false, Some(false))
        ]
    );
    let rules = found.rules();
    for rule in ["KG-A130", "KG-A132", "KG-A134", "KG-A135", "KG-A136", "KG-A137"] {
        assert!(rules.contains(&rule), "{rule} in {rules:?}");
    }
    let wide = found.findings.iter().find(|finding| finding.rule == "KG-A136").unwrap();
    assert_eq!(wide.evidence.len(), 1, "{:?}", wide.evidence);
    assert!(!found.said().contains("s3cret") && !found.said().contains("YWRtaW4"));
}

#[test]
fn quay_tells_whoever_has_a_token_of_repositories_and_robots() {
    let paths = [
        (
            "/api/v1/repository?namespace=shop&limit=100",
            r#"{"repositories": [{"namespace": "shop", "name": "web", "is_public": true}, {"namespace": "shop", "name": "db", "is_public": false}]}"#,
        ),
        (
            "/api/v1/organization/shop/robots?permissions=true&token=false",
            r#"{"robots": [{"name": "shop+ci", "last_accessed": null, "repositories": ["web", "db"]}]}"#,
        ),
        (
            "/api/v1/organization/shop/robots/ci/permissions",
            r#"{"permissions": [{"repository": {"name": "web"}, "role": "admin"}, {"repository": {"name": "db"}, "role": "write"}]}"#,
        ),
    ];
    let server = recorded(with_realm("/v2/auth", "quay"), &paths, Some("Bearer 0auth"));
    let url = format!("http://{}/shop/web", server.address);
    let found = ask(&url, &Options { login: Some(login("me", "0auth")), ..options() });
    let spaces: Vec<_> = vendor(&found).spaces.iter().map(|space| (space.name.as_str(), space.public)).collect();
    assert_eq!(spaces, [("shop/web", Some(true)), ("shop/db", Some(false))]);
    let robot = &vendor(&found).accounts[0];
    assert_eq!(
        (robot.scopes.as_slice(), robot.unbounded),
        (&["web: admin".to_owned(), "db: write".to_owned()][..], true)
    );
    assert!(found.rules().contains(&"KG-A132") && found.rules().contains(&"KG-A136"), "{:?}", found.rules());
    assert!(!found.said().contains("0auth"));
}

#[test]
fn dockers_hub_tells_of_tokens_repositories_and_the_second_factor() {
    let tokens = r#"{"count": 2, "next": null, "results": [
        {"uuid": "1", "token_label": "build", "scopes": ["repo:admin"], "is_active": true, "expires_at": null, "last_used": null, "token": "***"},
        {"uuid": "2", "token_label": "host", "scopes": ["repo:read"], "is_active": true, "expires_at": "2027-01-01T00:00:00Z", "token": "***"}]}"#;
    let repositories = r#"{"count": 1, "results": [{"name": "web", "is_private": false, "immutable_tags_settings": {"enabled": false}}]}"#;
    let api = move |second_factor: bool| {
        Server::plain(move |request| match request.path.as_str() {
            "/v2/users/login" if second_factor => Answer::of(
                401,
                r#"{"detail": "Require secondary authentication on MFA enabled account", "login_2fa_token": "x"}"#,
            ),
            "/v2/users/login" => Answer::of(200, r#"{"token": "jwt"}"#),
            "/v2/auth/token" => Answer::of(200, r#"{"access_token": "jwt"}"#),
            _ if request.header("authorization") != Some("Bearer jwt") => Answer::of(401, ""),
            "/v2/access-tokens?page=1&page_size=100" => Answer::of(200, tokens),
            "/v2/namespaces/shop/repositories?page=1&page_size=100" => Answer::of(200, repositories),
            _ => Answer::of(404, ""),
        })
    };
    let at = |server: &Server| Apis { hub: format!("http://{}", server.address), ..Apis::default() };
    let server = api(false);
    let found = hosted("docker.io", "shop/web", at(&server), login("shop", "hunter2"));
    assert_eq!(vendor(&found).second_factor, Some(false));
    let shown: Vec<_> =
        vendor(&found).accounts.iter().map(|one| (one.name.as_str(), one.unbounded, one.ends)).collect();
    assert_eq!(shown, [("build", true, Some(false)), ("host", false, Some(true))]);
    assert_eq!(vendor(&found).spaces[0].public, Some(true));
    let rules = found.rules();
    for rule in ["KG-A131", "KG-A136", "KG-A137"] {
        assert!(rules.contains(&rule), "{rule} in {rules:?}");
    }
    assert!(!found.said().contains("hunter2") && !found.said().contains("jwt"));

    let with = api(true);
    let found = hosted("docker.io", "shop/web", at(&with), login("shop", "hunter2"));
    assert_eq!((vendor(&found).second_factor, vendor(&found).accounts.len()), (Some(true), 0));
    let token = api(true);
    let found = hosted("docker.io", "shop/web", at(&token), login("shop", "dckr_pat_abc"));
    assert_eq!((vendor(&found).second_factor, vendor(&found).accounts.len()), (None, 2), "a token says nothing of it");
    assert!(token.log().iter().all(|request| request.path != "/v2/users/login"));
}

#[test]
fn github_tells_of_scopes_packages_and_what_the_organisation_asks_for() {
    let api = Server::plain(|request| {
        if request.header("authorization") != Some("Bearer ghp_x") {
            return Answer::of(401, "");
        }
        match request.path.as_str() {
            "/user" => Answer::of(200, r#"{"login": "me", "two_factor_authentication": true}"#)
                .with("X-OAuth-Scopes", "write:packages, delete:packages"),
            "/orgs/shop/packages?package_type=container&page=1&per_page=100" => {
                Answer::of(200, r#"[{"name": "web", "visibility": "public"}, {"name": "db", "visibility": "private"}]"#)
            }
            "/orgs/shop" => Answer::of(200, r#"{"login": "shop", "two_factor_requirement_enabled": false}"#),
            _ => Answer::of(404, ""),
        }
    });
    let apis = Apis { github: format!("http://{}", api.address), ..Apis::default() };
    let found = hosted("ghcr.io", "shop/web", apis.clone(), login("me", "ghp_x"));
    let vendor = vendor(&found);
    assert_eq!((vendor.second_factor, vendor.second_factor_for_all), (Some(true), Some(false)));
    assert_eq!((vendor.accounts[0].scopes.len(), vendor.accounts[0].ends), (2, Some(false)));
    let spaces: Vec<_> = vendor.spaces.iter().map(|space| (space.name.as_str(), space.public)).collect();
    assert_eq!(spaces, [("shop/web", Some(true)), ("shop/db", Some(false))]);
    for rule in ["KG-A131", "KG-A136", "KG-A137"] {
        assert!(found.rules().contains(&rule), "{rule} in {:?}", found.rules());
    }
    assert!(!found.said().contains("ghp_x"));
    let wrong = hosted("ghcr.io", "shop/web", apis, login("me", "ghp_y"));
    assert!(wrong.missed().contains("the token is not taken"), "{}", wrong.missed());
}

#[test]
fn interfaces_that_lie_are_gaps_and_nothing_else() {
    for answer in [
        "[".repeat(1 << 18),
        "no JSON".into(),
        "{\"results\": 7}".into(),
        format!("[{}]", "{},".repeat(1000)),
        String::new(),
    ] {
        let api = Server::plain(move |_| Answer::of(200, answer.clone()));
        for (name, software) in [("docker.io", "hub"), ("ghcr.io", "github")] {
            let at = format!("http://{}", api.address);
            let apis = Apis { hub: at.clone(), github: at, ..Apis::default() };
            let found = hosted(name, "shop/web", apis, login("shop", "hunter2"));
            assert!(!found.missed().is_empty() || found.probe.vendor.is_some(), "{software}");
            assert!(!found.said().contains("hunter2"));
        }
    }
    // A login is not sent without encryption to anybody but this machine.
    let apis = Apis { hub: "http://hub.example".into(), ..Apis::default() };
    let found = hosted("docker.io", "shop/web", apis, login("shop", "hunter2"));
    assert!(found.missed().contains("without encryption, where a login is not sent"), "{}", found.missed());
}

/// The answers of ECR's API reference, by the action that is asked for.
fn recorded_ecr() -> Server {
    Server::plain(|request| {
        let signed = request.header("authorization").is_some_and(|value| {
            value.starts_with("AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/")
                && value.contains("/eu-west-1/ecr/aws4_request")
        });
        if !signed {
            return Answer::of(403, r#"{"__type": "UnrecognizedClientException"}"#);
        }
        let target = request.header("x-amz-target").unwrap_or_default();
        match target.trim_start_matches("AmazonEC2ContainerRegistry_V20150921.") {
            "DescribeRepositories" => Answer::of(
                200,
                r#"{"repositories": [
                    {"repositoryName": "web", "imageTagMutability": "MUTABLE", "imageScanningConfiguration": {"scanOnPush": false}},
                    {"repositoryName": "prod/api", "imageTagMutability": "IMMUTABLE", "imageScanningConfiguration": {"scanOnPush": false}}]}"#,
            ),
            "GetRegistryScanningConfiguration" => Answer::of(
                200,
                r#"{"registryId": "123456789012", "scanningConfiguration": {"scanType": "ENHANCED", "rules": [
                    {"scanFrequency": "CONTINUOUS_SCAN", "repositoryFilters": [{"filter": "prod*", "filterType": "WILDCARD"}]}]}}"#,
            ),
            "GetRepositoryPolicy" if request.body.contains("\"web\"") => Answer::of(
                200,
                r#"{"policyText": "{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": [\"ecr:PutImage\"]}]}"}"#,
            ),
            _ => Answer::of(400, r#"{"__type": "RepositoryPolicyNotFoundException"}"#),
        }
    })
}

const ECR: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

#[test]
fn ecr_tells_of_policies_scanning_and_tags() {
    let server = recorded_ecr();
    let apis = Apis { ecr: Some(format!("http://{}", server.address)), ..Apis::default() };
    let found = hosted(ECR, "web", apis, login("AKIAEXAMPLE", "s3cretkey"));
    let spaces: Vec<_> = vendor(&found)
        .spaces
        .iter()
        .map(|space| (space.name.as_str(), space.immutable, space.scanned, space.open_actions.join(",")))
        .collect();
    assert_eq!(
        spaces,
        [
            ("web", Some(false), Some(false), "ecr:PutImage".to_owned()),
            ("prod/api", Some(true), Some(true), String::new())
        ]
    );
    for rule in ["KG-A133", "KG-A134", "KG-A135"] {
        assert!(found.rules().contains(&rule), "{rule} in {:?}", found.rules());
    }
    assert!(!found.said().contains("s3cretkey") && !found.said().contains("AKIAEXAMPLE"));
}

/// moto's server, which goes when the test does.
struct Moto(std::process::Child, String);

impl Moto {
    fn start() -> Option<Self> {
        let has = Command::new("python3").args(["-c", "import moto.server"]).output().is_ok_and(|o| o.status.success());
        if !has {
            eprintln!("skipped: moto[server] is not installed");
            return None;
        }
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new("python3");
        command.args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let moto = Self(command.spawn().unwrap(), format!("http://127.0.0.1:{port}"));
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < Duration::from_mins(1), "moto does not listen");
            std::thread::yield_now();
        }
        Some(moto)
    }

    /// Calls an action as any client would; moto heeds no signature.
    fn call(&self, action: &str, body: &str) {
        let target = format!("X-Amz-Target: AmazonEC2ContainerRegistry_V20150921.{action}");
        let scope = "Authorization: AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20260101/eu-west-1/ecr/aws4_request, SignedHeaders=host, Signature=0";
        let kind = "Content-Type: application/x-amz-json-1.1";
        let output = Command::new("curl")
            .args([
                "-s",
                "-o",
                "/dev/null",
                "-w",
                "%{http_code}",
                "-H",
                &target,
                "-H",
                scope,
                "-H",
                kind,
                "-d",
                body,
                &self.1,
            ])
            .output()
            .unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "200", "{action}");
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn ecr_as_moto_plays_it_is_read_in_the_same_way() {
    let Some(moto) = Moto::start() else { return };
    moto.call("CreateRepository", r#"{"repositoryName": "web", "imageScanningConfiguration": {"scanOnPush": false}}"#);
    moto.call(
        "CreateRepository",
        r#"{"repositoryName": "api", "imageTagMutability": "IMMUTABLE", "imageScanningConfiguration": {"scanOnPush": true}}"#,
    );
    let policy = r#"{\"Version\": \"2012-10-17\", \"Statement\": [{\"Sid\": \"x\", \"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": [\"ecr:BatchGetImage\"]}]}"#;
    moto.call("SetRepositoryPolicy", &format!(r#"{{"repositoryName": "web", "policyText": "{policy}"}}"#));
    let apis = Apis { ecr: Some(moto.1.clone()), ..Apis::default() };
    let found = hosted(ECR, "web", apis, login("AKIAEXAMPLE", "s3cretkey"));
    let mut spaces: Vec<_> = vendor(&found)
        .spaces
        .iter()
        .map(|space| (space.name.as_str(), space.immutable, space.scanned, space.open_actions.join(",")))
        .collect();
    spaces.sort();
    assert_eq!(
        spaces,
        [
            ("api", Some(true), Some(true), String::new()),
            ("web", Some(false), Some(false), "ecr:BatchGetImage".to_owned())
        ]
    );
    assert!(found.rules().contains(&"KG-A132") && !found.rules().contains(&"KG-A133"), "{:?}", found.rules());
}
