//! Asking what is not AWS, or not well: credentials that are of no use, servers that stall, lie, redirect and repeat what
//! they were told.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod aws;

use std::time::{Duration, Instant};

use aws::{Answer, Request, Server, empty, error, who_am_i, xml};
use keelguard_iam::collect::{Environment, Limits, Options, collect};
use keelguard_iam::facts::Facts;

fn options(url: &str) -> Options {
    Options {
        environment: Environment::of([
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "planted-secret-key"),
            ("AWS_SESSION_TOKEN", "planted-session-token"),
        ]),
        endpoint: Some(url.to_owned()),
        regions: vec!["eu-central-1".into()],
        limits: Limits {
            silence: Duration::from_millis(400),
            patience: Duration::from_secs(2),
            attempts: 2,
            whole: Duration::from_secs(10),
            answer: 1 << 20,
            items: 1_000,
        },
        ..Options::default()
    }
}

fn run(options: &Options) -> Result<Facts, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(collect(options)).map_err(|error| error.to_string())
}

fn told(facts: &Facts) -> String {
    facts.incomplete.iter().map(|gap| format!("{}: {}\n", gap.what, gap.why)).collect()
}

/// The account, in which one operation answers as a test says.
fn with(operation: &'static str, answer: impl Fn() -> Answer + Send + Sync + 'static) -> Server {
    Server::start(move |request| match request.operation().as_str() {
        name if name == operation => answer(),
        "sts:GetCallerIdentity" => who_am_i(),
        _ => empty(request),
    })
}

#[test]
fn credentials_that_are_of_no_use_are_told_of_with_what_helps() {
    for (code, sentence) in [
        (
            "ExpiredToken",
            "ask AWS: the credentials have expired; take new ones, with aws sso login for instance (ExpiredToken)",
        ),
        (
            "InvalidClientTokenId",
            "ask AWS: nobody has such an access key there: it was deleted, or belongs to another partition (InvalidClientTokenId)",
        ),
        (
            "SignatureDoesNotMatch",
            "ask AWS: the secret key does not belong to the access key, or the clock of this machine is wrong (SignatureDoesNotMatch)",
        ),
    ] {
        let server =
            with("sts:GetCallerIdentity", move || error(403, code, "token: planted-session-token planted-secret-key"));
        assert_eq!(run(&options(&server.url)).unwrap_err(), sentence);
    }
    let mut none = options("http://127.0.0.1:9");
    none.environment = Environment::of([("AWS_EC2_METADATA_DISABLED", "true"), ("HOME", "/nonexistent")]);
    let why = run(&none).unwrap_err();
    assert!(why.starts_with("ask AWS: no credentials were found: not in the environment (AWS_ACCESS_KEY_ID)"), "{why}");
    assert!(why.ends_with("type aws configure, or aws sso login"), "{why}");
    none.profiles = vec!["prod".into()];
    assert_eq!(run(&none).unwrap_err(), "ask AWS: there is no profile \"prod\": there is none at all");
}

#[test]
fn a_server_that_says_nothing_costs_bounded_time() {
    for answer in [|| Answer::Silence, || Answer::Begun("<a>".into())] {
        let server = with("sts:GetCallerIdentity", answer);
        let begun = Instant::now();
        let why = run(&options(&server.url)).unwrap_err();
        assert!(why.contains("it does not answer within 0.4 s") || why.contains("it stalls"), "{why}");
        assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    }
    let server = with("iam:GetAccountAuthorizationDetails", || Answer::Silence);
    let facts = run(&options(&server.url)).unwrap();
    assert!(
        told(&facts).contains("GetAccountAuthorizationDetails, RoleDetailList: it does not answer"),
        "{}",
        told(&facts)
    );
    let server = with("sts:GetCallerIdentity", || Answer::Closed);
    assert!(run(&options(&server.url)).is_err());
    assert!(run(&options("http://127.0.0.1:1")).unwrap_err().contains("it cannot be reached"));
}

#[test]
fn redirects_are_not_followed_wherever_they_lead() {
    let other = Server::start(|_| who_am_i());
    for status in [301, 302, 307, 308] {
        let to = other.url.clone();
        let server = with("sts:GetCallerIdentity", move || {
            Answer::Whole(
                status,
                vec![("location", to.clone()), ("x-amz-bucket-region", "eu-west-1".into())],
                String::new(),
            )
        });
        let why = run(&options(&server.url)).unwrap_err();
        assert!(why.contains("which is not followed"), "{why}");
    }
    assert_eq!(other.requests().len(), 0);
}

#[test]
fn a_bucket_elsewhere_is_asked_for_in_the_region_that_s3_names_and_once_only() {
    let server = Server::start(|request: &Request| match request.operation().as_str() {
        "sts:GetCallerIdentity" => who_am_i(),
        "s3:GET /" => xml("<R><Buckets><Bucket><Name>b</Name></Bucket></Buckets></R>"),
        operation if operation.starts_with("s3:GET /b?policy=") => {
            if request.header("authorization").contains("/eu-west-1/") {
                return Answer::Whole(200, Vec::new(), r#"{"Version": "2012-10-17", "Statement": []}"#.into());
            }
            Answer::Whole(301, vec![("x-amz-bucket-region", "eu-west-1".into())], String::new())
        }
        operation if operation.starts_with("s3:GET /b?publicAccessBlock=") => {
            Answer::Whole(301, vec![("x-amz-bucket-region", "eu-west-1/../evil".into())], String::new())
        }
        _ => empty(request),
    });
    let facts = run(&options(&server.url)).unwrap();
    let bucket = &facts.accounts[0].resources[0];
    assert!(bucket.arn == "arn:aws:s3:::b" && bucket.policy.as_ref().unwrap().policy().is_some());
    assert!(told(&facts).contains("s3 GetBucketPublicAccessBlock of b: the answer is a redirect"), "{}", told(&facts));
}

#[test]
fn an_answer_of_megabytes_is_not_read_to_its_end() {
    let server = with("iam:GetAccountAuthorizationDetails", || xml("<a>".to_owned() + &"x".repeat(3 << 20)));
    let facts = run(&options(&server.url)).unwrap();
    assert!(told(&facts).contains("its answer is larger than 1 MiB, and no more is read"), "{}", told(&facts));
}

#[test]
fn answers_that_are_none_are_told_of() {
    for body in ["", "{}", "<html><body>Welcome</body>", "\u{0}\u{1}", "<a><b></a>"] {
        let server = with("sts:GetCallerIdentity", move || xml(body));
        let why = run(&options(&server.url)).unwrap_err();
        let clear = why.contains("what answers is not AWS") || why.contains("its answer cannot be understood");
        assert!(clear, "{body:?}: {why}");
    }
    let server = with("ecs:ListClusters", || Answer::Whole(200, Vec::new(), "planted-secret-key {".into()));
    let facts = run(&options(&server.url)).unwrap();
    assert!(told(&facts).contains("ecs ListClusters in eu-central-1: its answer cannot be understood: it is no JSON"));
    assert!(!told(&facts).contains("planted"));
}

#[test]
fn a_list_that_leads_back_to_itself_or_never_ends_is_left() {
    let server =
        with("kms:ListKeys", || Answer::Whole(200, Vec::new(), r#"{"Keys": [], "NextMarker": "again"}"#.into()));
    assert!(told(&run(&options(&server.url)).unwrap()).contains("kms ListKeys in eu-central-1: its list leads back"));
    let counter = std::sync::atomic::AtomicU32::new(0);
    let server = with("kms:ListKeys", move || {
        let n = counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let keys: String = (0..100).map(|_| r#"{"a": 1},"#).collect();
        Answer::Whole(200, Vec::new(), format!(r#"{{"Keys": [{}], "NextMarker": "{n}"}}"#, keys.trim_end_matches(',')))
    });
    assert!(told(&run(&options(&server.url)).unwrap()).contains("there are more than 1000, and no more are read"));
}

#[test]
fn what_a_server_repeats_of_our_secrets_is_not_shown() {
    let words = "no: planted-session-token\u{1b}[2J and planted-secret-key";
    let server = with("iam:GetAccountAuthorizationDetails", move || error(403, "AccessDenied", words));
    let facts = run(&options(&server.url)).unwrap();
    let told = told(&facts);
    assert!(told.contains("no: <redacted>") && !told.contains("planted") && !told.contains('\u{1b}'), "{told}");
    let mut file = Vec::new();
    facts.write(&mut file).unwrap();
    assert!(!String::from_utf8(file).unwrap().contains("planted"));
}

#[test]
fn credentials_do_not_go_over_the_internet_in_the_clear() {
    for url in
        ["http://aws.example.com", "http://203.0.113.7:5000", "ftp://127.0.0.1", "https://user:pass@host", "nonsense"]
    {
        let why = run(&options(url)).unwrap_err();
        assert!(why.contains("without encryption") || why.contains("the address is none"), "{url}: {why}");
        assert!(!why.contains("pass@"), "{why}");
    }
}
