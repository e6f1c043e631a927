//! Who gets to see a login, and who does not.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use keelguard_image::source::registry::Access;

use super::server::{Answer, Server};
use super::{Content, access, examined, gaps, opened, refused, two_layers};

/// `me:secret` in base64.
const BASIC: &str = "Basic bWU6c2VjcmV0";

/// A file of logins for one registry.
fn kept(folder: &Path, server: &str, entry: &str) -> Access {
    let file = folder.join("config.json");
    std::fs::write(&file, format!(r#"{{"auths": {{"{server}": {entry}}}}}"#)).unwrap();
    Access { credentials: vec![file], ..access() }
}

/// A registry that gives its content to whoever brings the token of its own realm, and the realm gives the token to
/// whoever `grants` lets have it.
fn with_tokens(grants: impl Fn(&super::Request) -> bool + Send + Sync + 'static) -> Server {
    let content = Content::of(&two_layers());
    Server::plain(move |request| {
        let host = request.header("host").unwrap();
        if request.path.starts_with("/token") {
            return if grants(request) { Answer::of(200, r#"{"token": "t0ken"}"#) } else { Answer::of(401, "") };
        }
        if request.header("authorization") == Some("Bearer t0ken") {
            return content.answer(request);
        }
        Answer::of(401, "").with("WWW-Authenticate", format!("Bearer realm=\"http://{host}/token\",service=\"shop\""))
    })
}

#[test]
fn a_token_is_fetched_without_a_login_and_with_one() {
    let folder = tempfile::tempdir().unwrap();
    let anybody = with_tokens(|request| request.header("authorization").is_none());
    assert_eq!(gaps(&examined(&anybody.image("web:1"), &access())), "");
    let asked = anybody.log().into_iter().filter(|request| request.path.starts_with("/token")).collect::<Vec<_>>();
    assert_eq!(asked.len(), 1, "one token is enough for all that is fetched");
    assert_eq!(asked[0].path, "/token?service=shop&scope=repository%3Aweb%3Apull");

    let known = with_tokens(|request| request.header("authorization") == Some(BASIC));
    let error = refused(&known.image("web:1"), &access());
    assert!(error.ends_with(&format!("asks for a login; type: docker login {}", known.address)), "{error}");
    let login = kept(folder.path(), &known.address.to_string(), r#"{"auth": "bWU6c2VjcmV0"}"#);
    assert_eq!(gaps(&examined(&known.image("web:1"), &login)), "");
    let wrong = kept(folder.path(), &known.address.to_string(), r#"{"auth": "bWU6d3Jvbmc="}"#);
    let error = refused(&known.image("web:1"), &wrong);
    assert!(error.contains("it refuses the login for") && error.contains("config.json"), "{error}");
    assert!(!error.contains("bWU6d3Jvbmc="), "{error}");
}

#[test]
fn an_identity_token_is_changed_for_one_that_reads() {
    let folder = tempfile::tempdir().unwrap();
    let server = with_tokens(|request| {
        request.method == "POST"
            && request.body.contains("grant_type=refresh_token")
            && request.body.contains("refresh_token=long%2Dlived") | request.body.contains("refresh_token=long-lived")
            && request.body.contains("scope=repository%3Aweb%3Apull")
    });
    let entry = r#"{"auth": "bWU6", "identitytoken": "long-lived"}"#;
    let login = kept(folder.path(), &server.address.to_string(), entry);
    assert_eq!(gaps(&examined(&server.image("web:1"), &login)), "");
}

#[test]
fn a_password_goes_to_the_registry_and_not_to_where_it_redirects() {
    let folder = tempfile::tempdir().unwrap();
    let content = Content::of(&two_layers());
    let storage = content.clone().honest();
    let (layers, address) = (content.layers.clone(), storage.address);
    let server = Server::plain(move |request| {
        if request.header("authorization") != Some(BASIC) {
            return Answer::of(401, "").with("WWW-Authenticate", "Basic realm=\"shop\"");
        }
        if layers.contains(&request.path) {
            return Answer::redirect(&format!("http://{address}{}", request.path));
        }
        content.answer(request)
    });
    let login = kept(folder.path(), &server.address.to_string(), r#"{"auth": "bWU6c2VjcmV0"}"#);
    assert_eq!(gaps(&examined(&server.image("web:1"), &login)), "");
    assert_eq!(storage.log().len(), 2);
    assert!(storage.log().iter().all(|request| request.header("authorization").is_none()));
}

#[test]
fn what_another_host_asks_for_after_a_redirect_is_not_answered() {
    let folder = tempfile::tempdir().unwrap();
    let thief = Server::plain(|_| Answer::of(401, "").with("WWW-Authenticate", "Basic realm=\"shop\""));
    let target = format!("http://{}/", thief.address);
    let server = Server::plain(move |_| Answer::redirect(&target));
    let login = kept(folder.path(), &server.address.to_string(), r#"{"auth": "bWU6c2VjcmV0"}"#);
    assert!(refused(&server.image("web:1"), &login).contains("it answers 401"));
    let seen = [thief.log(), server.log()].concat();
    assert!(seen.iter().all(|request| request.header("authorization").is_none()));
}

#[test]
fn a_login_is_not_sent_without_encryption_to_another_host() {
    let folder = tempfile::tempdir().unwrap();
    for realm in ["http://169.254.1.1/token", "http://registry.example/token", "ftp://x/", "no address"] {
        let server =
            Server::plain(move |_| Answer::of(401, "").with("WWW-Authenticate", format!("Bearer realm=\"{realm}\"")));
        let login = kept(folder.path(), &server.address.to_string(), r#"{"auth": "bWU6c2VjcmV0"}"#);
        let error = refused(&server.image("web:1"), &login);
        assert!(error.contains("without encryption, which is refused") || error.contains("no address"), "{error}");
    }
    // A private address, with encryption and without a login.
    let server =
        Server::plain(|_| Answer::of(401, "").with("WWW-Authenticate", "Bearer realm=\"https://10.0.0.1/token\""));
    assert!(refused(&server.image("web:1"), &access()).contains("registry_allow_private"));
}

/// A credential helper, which is found by its path here.
fn helper(folder: &Path, script: &str) -> Access {
    let path = folder.join("helper");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let file = folder.join("config.json");
    std::fs::write(&file, r#"{"credsStore": "kept"}"#).unwrap();
    Access { credentials: vec![file], helpers: Some(folder.to_path_buf()), ..access() }
}

#[test]
fn a_credential_helper_is_asked_for_the_registry_and_not_waited_for_without_end() {
    let folder = tempfile::tempdir().unwrap();
    let with = |script: &str| {
        let access = helper(folder.path(), script);
        std::fs::rename(folder.path().join("helper"), folder.path().join("docker-credential-kept")).unwrap();
        access
    };
    let server = with_tokens(|request| request.header("authorization") == Some(BASIC));
    let address = server.address;
    let good = with(&format!(
        "read -r server; test \"$1 $server\" = 'get {address}' && echo '{{\"Username\": \"me\", \"Secret\": \"secret\"}}'"
    ));
    assert!(opened(&server.image("web:1"), &good).is_ok());
    let none = with("echo 'credentials not found in native keychain'; exit 1");
    assert!(refused(&server.image("web:1"), &none).contains("asks for a login"));
    let slow = Access { silence: Duration::from_millis(300), ..with("exec sleep 60") };
    let error = refused(&server.image("web:1"), &slow);
    assert!(error.contains("docker-credential-kept did not answer within 0.3 s"), "{error}");
    let odd = with("echo nonsense");
    assert!(refused(&server.image("web:1"), &odd).contains("is not understood"));
}
