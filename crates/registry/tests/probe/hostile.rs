//! Registries that stall, lie, and send elsewhere.

use std::time::{Duration, Instant};

use base64::Engine as _;
use keelguard_distribution::Access;
use keelguard_model::registry::{Asks, Look};
use keelguard_registry::collect::{Options, Target};

use super::server::{Answer, End, Request, Server, nobody};
use super::{ask, ask_target, options};

const API: (&str, &str) = ("Docker-Distribution-Api-Version", "registry/2.0");

fn hello() -> Answer {
    Answer::of(200, "{}").with(API.0, API.1)
}

fn impatient() -> Options {
    let access = Access { silence: Duration::from_millis(300), ..options().access };
    Options { access, ..options() }
}

#[test]
fn a_registry_that_stalls_is_given_up_and_what_is_not_known_is_said() {
    let begun = Instant::now();
    let silent = Server::plain(|_| Answer::of(200, "{").saying(100).ending(End::Stall));
    let found = ask(&format!("http://{}", silent.address), &impatient());
    assert!(found.missed().contains("it stalls"), "{}", found.missed());
    assert!(found.findings.is_empty());
    let later = Server::plain(|request| match request.path.as_str() {
        "/v2/" => hello(),
        _ => Answer::of(200, "{").saying(100).ending(End::Stall),
    });
    let found = ask(&later.address.to_string(), &Options { total: Duration::from_secs(2), ..impatient() });
    assert!(found.missed().contains("whether its images are listed"), "{}", found.missed());
    assert_ne!(found.probe.push, Look::Open);
    let dead = ask(&nobody().to_string(), &impatient());
    assert!(dead.missed().contains("refused"), "{}", dead.missed());
    assert!(begun.elapsed() < Duration::from_secs(15));
}

#[test]
fn answers_without_end_are_cut_and_are_no_answer() {
    let endless = Server::plain(|request| match request.path.as_str() {
        "/v2/" => hello(),
        _ => Answer { length: None, ..Answer::of(200, vec![b' '; 1 << 16]) }.ending(End::Endless),
    });
    let found = ask(&endless.address.to_string(), &options());
    assert!(found.missed().contains("is larger than 1048576 bytes"), "{}", found.missed());
    assert_eq!(found.probe.catalogue, Look::NotAsked);
    let deep = Server::plain(|request| match request.path.as_str() {
        "/v2/" => hello(),
        _ => Answer::of(200, "[".repeat(1 << 19)),
    });
    assert_eq!(ask(&deep.address.to_string(), &options()).probe.catalogue, Look::Unclear);
}

#[test]
fn a_page_that_is_no_registry_is_not_taken_for_one() {
    let page = Server::plain(|_| Answer::of(200, "<html>hello</html>"));
    let found = ask(&page.address.to_string(), &options());
    assert!(found.missed().contains("not as a registry does"), "{}", found.missed());
    assert_eq!((found.probe.asks, found.probe.plain.is_none()), (Asks::Unknown, true));
}

#[test]
fn names_that_lead_elsewhere_are_never_asked_for() {
    let server = Server::plain(|request| match request.path.as_str() {
        "/v2/_catalog?n=100" => Answer::of(
            200,
            r#"{"repositories": ["../../admin", "a?b=c", "A", "x/../y", "//evil.example/a", 7, "good"]}"#,
        ),
        _ => hello(),
    });
    let found = ask(&server.address.to_string(), &options());
    assert_eq!((found.probe.repository.as_deref(), found.probe.listed), (Some("good"), Some(1)));
    assert!(server.log().iter().all(|request| !request.path.contains("admin") && !request.path.contains("evil")));
}

#[test]
fn an_upload_that_is_said_to_lie_elsewhere_is_not_followed_there_and_that_is_said() {
    let elsewhere = Server::plain(|_| Answer::of(204, ""));
    let place = format!("http://{}/v2/web/blobs/uploads/1", elsewhere.address);
    let server = Server::plain(move |request| match (request.method.as_str(), request.path.as_str()) {
        (_, "/v2/_catalog?n=100") => Answer::of(200, r#"{"repositories": ["web"]}"#),
        ("POST", _) => Answer::of(202, "").with("Location", place.clone()),
        _ => hello(),
    });
    let found = ask(&server.address.to_string(), &options());
    assert_eq!(found.probe.push, Look::Open);
    assert!(found.missed().contains("leaving no trace") && found.missed().contains("web"), "{}", found.missed());
    assert_eq!(elsewhere.log().len(), 0);
}

/// A registry with tokens: `claims` for a scope and whoever asks; what is put there is taken with any token.
fn with_tokens(claims: impl Fn(&Request) -> Option<String> + Send + Sync + 'static, heeds: bool) -> Server {
    Server::plain(move |request| {
        let host = request.header("host").unwrap();
        if request.path.starts_with("/token") {
            return match claims(request) {
                Some(claims) => {
                    let part = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
                    let token = format!("{}.{}.{}", part("{}"), part(&claims), part("signature"));
                    Answer::of(200, format!(r#"{{"token": "{token}"}}"#))
                }
                None => Answer::of(401, ""),
            };
        }
        if request.header("authorization").is_none() || (heeds && request.method != "GET") {
            let challenge = format!("Bearer realm=\"http://{host}/token\",service=\"shelf\"");
            return Answer::of(401, "").with("WWW-Authenticate", challenge);
        }
        match request.method.as_str() {
            "PUT" => Answer::of(400, r#"{"errors": [{"code": "MANIFEST_INVALID"}]}"#),
            _ => Answer::of(404, r#"{"errors": [{"code": "NAME_UNKNOWN"}]}"#),
        }
    })
}

#[test]
fn a_token_that_is_good_for_more_than_was_asked_is_found_by_what_it_says() {
    let wide = with_tokens(
        |_| {
            Some(r#"{"access": [{"type": "repository", "name": "web", "actions": ["pull", "push", "delete"]}]}"#.into())
        },
        true,
    );
    let found = ask(&format!("http://{}/web", wide.address), &options());
    assert_eq!(found.probe.token.as_ref().unwrap().beyond, ["repository:web:push", "repository:web:delete"]);
    assert!(found.rules().contains(&"KG-A113"), "{:?}", found.rules());
    let narrow = with_tokens(
        |_| Some(r#"{"access": [{"type": "repository", "name": "web", "actions": ["pull"]}]}"#.into()),
        true,
    );
    let found = ask(&format!("http://{}/web", narrow.address), &options());
    assert_eq!((found.probe.pull, found.probe.push), (Look::Open, Look::Refused));
    assert!(!found.rules().contains(&"KG-A113"));
}

#[test]
fn a_registry_that_heeds_no_scopes_is_found_by_what_it_takes() {
    let server = with_tokens(|request| (!request.path.contains("push")).then(|| "{}".into()), false);
    let found = ask(&format!("http://{}/web", server.address), &options());
    assert_eq!(found.probe.push, Look::Refused, "a token to push is not given");
    let token = found.probe.token.as_ref().unwrap();
    assert_eq!(token.beyond, ["repository:web:push (the registry took it)"]);
}

#[test]
fn a_password_is_not_sent_to_where_a_registry_without_encryption_sends_us() {
    let thief = Server::plain(|_| Answer::of(200, r#"{"token": "x"}"#));
    for realm in [format!("http://{}/token", thief.address), "http://169.254.169.254/token".into(), "file:///x".into()]
    {
        let server =
            Server::plain(move |_| Answer::of(401, "").with("WWW-Authenticate", format!("Bearer realm=\"{realm}\"")));
        let login = Some(("me".to_owned(), "hunter2".to_owned()));
        let found = ask(&server.address.to_string(), &Options { login, ..options() });
        assert!(!found.said().contains("hunter2"));
    }
    // The thief stands on this machine, where no encryption is asked for; elsewhere it is.
    let seen = thief.log();
    let elsewhere = Server::plain(|_| {
        Answer::of(401, "").with("WWW-Authenticate", "Bearer realm=\"http://registry.example/token\"")
    });
    let login = Some(("me".to_owned(), "hunter2".to_owned()));
    let found = ask(&elsewhere.address.to_string(), &Options { login, ..options() });
    assert!(found.missed().contains("without encryption, which is refused"), "{}", found.missed());
    assert!(seen.iter().all(|request| request.path.starts_with("/token")));
}

#[test]
fn what_is_named_by_an_image_is_not_asked_where_no_registry_is() {
    let begun = Instant::now();
    for address in ["169.254.169.254", "0.0.0.0:5000", "[fe80::1]:5000"] {
        let found = ask_target(Target::named(address, "image x:1"), &options());
        assert!(found.missed().contains("not asked"), "{address}: {}", found.missed());
    }
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn whoever_slows_down_who_guesses_is_believed_and_left_alone() {
    let server = Server::plain(|request| match request.header("authorization") {
        Some(_) if request.before > 4 => Answer::of(429, "").with("Retry-After", "60"),
        _ => Answer::of(401, "").with("WWW-Authenticate", "Basic realm=\"shelf\""),
    });
    let found = ask(&server.address.to_string(), &Options { try_defaults: true, ..options() });
    assert!(found.probe.slowed && found.probe.tried < 7, "{}", found.probe.tried);
    assert!(!found.rules().contains(&"KG-A114"));
    let any = Server::plain(|request| match request.header("authorization") {
        Some(_) => hello(),
        None => Answer::of(401, "").with("WWW-Authenticate", "Basic realm=\"shelf\""),
    });
    let found = ask(&any.address.to_string(), &Options { try_defaults: true, ..options() });
    assert_eq!(found.probe.default_logins, [""; 0]);
    assert!(found.missed().contains("takes whatever login"), "{}", found.missed());
}

#[test]
fn what_a_registry_says_is_shown_without_its_escapes() {
    let server = Server::plain(|request| match request.path.as_str() {
        "/v2/" => hello(),
        _ => Answer::of(401, "").with("WWW-Authenticate", "Bearer realm=\"https://x\u{7f}/\",service=\"a\""),
    });
    let found = ask(&server.address.to_string(), &options());
    assert!(!found.said().contains('\u{7f}'));
}

#[test]
fn software_that_may_keep_what_it_is_asked_with_is_not_written_to_unasked() {
    let server = Server::plain(|request| match request.path.as_str() {
        "/v2/" => hello().with("Server", "Nexus/3.60"),
        "/v2/_catalog?n=100" => Answer::of(200, r#"{"repositories": ["web"]}"#),
        "/v2/web/tags/list" => Answer::of(200, r#"{"tags": []}"#),
        _ => Answer::of(201, ""),
    });
    let found = ask_target(Target::named(&server.address.to_string(), "image web:1"), &options());
    assert_eq!((found.probe.software.as_str(), found.probe.push), ("nexus", Look::NotAsked));
    assert!(server.log().iter().all(|request| request.method == "GET"));
    let asked = ask(&server.address.to_string(), &options());
    assert_eq!(asked.probe.push, Look::Open);
    assert!(asked.missed().contains("was kept, although it is no manifest"), "{}", asked.missed());
}
