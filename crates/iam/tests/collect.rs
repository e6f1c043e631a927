//! Asking AWS, against a server of the tests' own: pages, throttling, refusals.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod aws;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use aws::{Answer, Request, Server, account, error, xml};
use keelguard_iam::collect::{CALLS, Environment, Limits, Options, collect};
use keelguard_iam::facts::{Facts, Part};

fn options(server: &Server) -> Options {
    Options {
        environment: Environment::of([
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "planted-secret-key"),
            ("AWS_SESSION_TOKEN", "planted-session-token"),
        ]),
        endpoint: Some(server.url.clone()),
        regions: vec!["eu-central-1".into()],
        limits: Limits {
            silence: Duration::from_secs(5),
            patience: Duration::from_secs(20),
            whole: Duration::from_mins(1),
            ..Limits::default()
        },
        ..Options::default()
    }
}

fn run(options: &Options) -> Result<Facts, keelguard_iam::Error> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(collect(options))
}

fn gaps(facts: &Facts) -> String {
    facts.incomplete.iter().map(|gap| format!("{}: {}\n", gap.what, gap.why)).collect()
}

#[test]
fn pages_are_followed_to_their_end_and_300_roles_take_less_than_a_second() {
    let server = Server::start(account);
    let begun = Instant::now();
    let facts = run(&options(&server)).unwrap();
    let took = begun.elapsed();
    assert_eq!(gaps(&facts), "");
    let account = facts.account("111122223333").unwrap();
    let names: BTreeSet<&str> = account.roles.iter().map(|role| role.name.as_str()).collect();
    assert_eq!(names.len(), 300);
    assert!(account.roles.iter().all(|role| role.trust.as_ref().unwrap().policy().is_some()));
    assert_eq!(account.root.as_ref().unwrap().mfa_active, Some(false));
    assert!(account.has(Part::Instances) && account.has(Part::Tasks) && account.has(Part::Functions));
    assert!(took <= Duration::from_secs(1), "{took:?}");
    println!("300 roles in {took:?}");
}

#[test]
fn a_service_that_asks_for_fewer_requests_gets_fewer_and_everything_comes() {
    let seen = Mutex::new(BTreeMap::<String, u32>::new());
    let server = Server::start(move |request| {
        let mut seen = seen.lock().unwrap();
        let times = seen.entry(format!("{}{}", request.operation(), request.body)).or_default();
        *times += 1;
        match *times {
            1 if request.header("content-type").contains("json") => {
                Answer::Whole(400, Vec::new(), r#"{"__type": "com.amazon#ThrottlingException"}"#.into())
            }
            1 if !request.header("content-type").contains("form") => {
                Answer::Whole(429, vec![("x-amzn-errortype", "TooManyRequestsException".into())], "{}".into())
            }
            1 => error(400, "Throttling", "Rate exceeded"),
            2 if request.operation().starts_with("iam:") => error(503, "ServiceUnavailable", "later"),
            _ => account(request),
        }
    });
    let facts = run(&options(&server)).unwrap();
    assert_eq!(gaps(&facts), "");
    assert_eq!(facts.account("111122223333").unwrap().roles.len(), 300);
}

#[test]
fn a_service_that_never_lets_anybody_in_ends_in_bounded_time_and_is_told_of() {
    let server = Server::start(|request| match request.operation().as_str() {
        "iam:GetAccountAuthorizationDetails" => error(400, "Throttling", "Rate exceeded"),
        _ => account(request),
    });
    let mut options = options(&server);
    options.limits.patience = Duration::from_millis(500);
    let begun = Instant::now();
    let facts = run(&options).unwrap();
    assert!(begun.elapsed() < Duration::from_secs(10));
    let gaps = gaps(&facts);
    assert!(gaps.contains("RoleDetailList") && gaps.contains("it asks for fewer requests (Throttling)"), "{gaps}");
    assert!(!facts.account("111122223333").unwrap().has(Part::Roles));
}

#[test]
fn what_may_not_be_read_is_incomplete_and_the_rest_is_there() {
    let server = Server::start(|request| match request.operation().as_str() {
        "iam:GetAccountAuthorizationDetails" => {
            error(403, "AccessDenied", "User: me is not authorized to perform that")
        }
        "iam:ListRoles" => xml(
            "<R><ListRolesResult><Roles><member><RoleName>web</RoleName><Arn>arn:aws:iam::111122223333:role/web</Arn>\
             </member></Roles></ListRolesResult></R>",
        ),
        "ec2:DescribeInstances" => Answer::Whole(
            403,
            Vec::new(),
            "<Response><Errors><Error><Code>UnauthorizedOperation</Code></Error></Errors></Response>".into(),
        ),
        _ => account(request),
    });
    let facts = run(&options(&server)).unwrap();
    let account = facts.account("111122223333").unwrap();
    assert!(account.roles[0].policies_unknown);
    assert!(!account.has(Part::Instances) && account.has(Part::SecurityGroups) && account.has(Part::Functions));
    let gaps = gaps(&facts);
    for told in [
        "RoleDetailList: it is not allowed: User: me is not authorized",
        "policies of 1 roles: only their list was given",
        "111122223333: ec2 DescribeInstances in eu-central-1: it is not allowed",
    ] {
        assert!(gaps.contains(told), "{told} is not in {gaps}");
    }
}

#[test]
fn regions_that_are_switched_on_are_all_looked_at() {
    let server = Server::start(|request| match request.operation().as_str() {
        "ec2:DescribeRegions" => {
            xml("<DescribeRegionsResponse><regionInfo><item><regionName>eu-west-1</regionName></item><item>\
             <regionName>us-east-1</regionName></item></regionInfo></DescribeRegionsResponse>")
        }
        "ec2:DescribeInstances" => {
            let region = request.header("authorization").split('/').nth(2).unwrap_or_default().to_owned();
            xml(format!(
                "<R><reservationSet><item><ownerId>111122223333</ownerId><instancesSet><item><instanceId>i-{region}</instanceId>\
                 </item></instancesSet></item></reservationSet></R>"
            ))
        }
        _ => account(request),
    });
    let facts = run(&Options { regions: Vec::new(), ..options(&server) }).unwrap();
    let account = facts.account("111122223333").unwrap();
    let found: Vec<(&str, &str)> = account.instances.iter().map(|one| (one.id.as_str(), one.region.as_str())).collect();
    assert_eq!(
        found.iter().copied().collect::<BTreeSet<_>>(),
        [("i-eu-west-1", "eu-west-1"), ("i-us-east-1", "us-east-1")].into()
    );
    assert_eq!(account.regions.iter().map(String::as_str).collect::<Vec<_>>(), ["eu-west-1", "us-east-1"]);
}

#[test]
fn of_several_profiles_those_that_work_are_read_and_the_others_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let credentials = folder.path().join("credentials");
    std::fs::write(
        &credentials,
        "[one]\naws_access_key_id = ONE\naws_secret_access_key = x\n[two]\naws_access_key_id = TWO\naws_secret_access_key = x\n\
         [old]\naws_access_key_id = OLD\naws_secret_access_key = x\n",
    )
    .unwrap();
    let server = Server::start(|request| match (request.operation().as_str(), request.key()) {
        ("sts:GetCallerIdentity", "OLD") => {
            error(403, "ExpiredToken", "The security token included in the request is expired")
        }
        ("sts:GetCallerIdentity", "TWO") => xml(
            "<R><GetCallerIdentityResult><Arn>arn:aws:iam::444455556666:user/me</Arn><Account>444455556666</Account>\
             </GetCallerIdentityResult></R>",
        ),
        ("iam:GetAccountAuthorizationDetails", "TWO") => xml("<R><GetAccountAuthorizationDetailsResult/></R>"),
        _ => account(request),
    });
    let mut options = options(&server);
    options.environment = Environment::of([
        ("AWS_SHARED_CREDENTIALS_FILE", credentials.to_str().unwrap()),
        ("AWS_CONFIG_FILE", "/nonexistent"),
    ]);
    options.profiles = ["one", "two", "old"].map(str::to_owned).to_vec();
    let facts = run(&options).unwrap();
    let ids: Vec<&str> = facts.accounts.iter().map(|account| account.id.as_str()).collect();
    assert_eq!(ids, ["111122223333", "444455556666"]);
    assert_eq!(facts.accounts[0].roles.len(), 300);
    assert!(gaps(&facts).contains("the account of the profile old: the credentials have expired"), "{}", gaps(&facts));
    options.profiles = vec!["old".into()];
    assert!(run(&options).unwrap_err().to_string().starts_with("ask AWS: the credentials have expired"));
}

#[test]
fn what_principals_have_used_is_asked_action_by_action_page_by_page_and_by_service_where_that_is_all_there_is() {
    let waits = Mutex::new(BTreeSet::new());
    let member = |name: &str, action: &str| {
        format!(
            "<member><ServiceNamespace>{name}</ServiceNamespace><LastAuthenticated>2026-11-01T00:00:00Z</LastAuthenticated>\
             <TrackedActionsLastAccessed>{action}</TrackedActionsLastAccessed></member>"
        )
    };
    let action = "<member><ActionName>PutObject</ActionName><LastAccessedTime>2026-11-01T00:00:00Z</LastAccessedTime></member>\
                  <member><ActionName>DeleteObject</ActionName></member>";
    let server = Server::start(move |request| match request.operation().as_str() {
        "iam:GetAccountAuthorizationDetails" if request.body.contains("=Role") => {
            let role = |name: &str| {
                format!(
                    "<member><RoleName>{name}</RoleName><Arn>arn:aws:iam::111122223333:role/{name}</Arn><AssumeRolePolicyDocument>%7B%22Statement%22%3A%5B%5D%7D</AssumeRolePolicyDocument></member>"
                )
            };
            xml(format!(
                "<R><GetAccountAuthorizationDetailsResult><RoleDetailList>{}{}</RoleDetailList></GetAccountAuthorizationDetailsResult></R>",
                role("a"),
                role("b")
            ))
        }
        "iam:GenerateServiceLastAccessedDetails" => {
            let single = request.body.contains("Granularity=ACTION_LEVEL");
            match (request.body.contains("role%2Fb"), single) {
                (true, true) => error(400, "InvalidInput", "no such granularity"),
                (true, false) => xml(
                    "<R><GenerateServiceLastAccessedDetailsResult><JobId>job-b</JobId></GenerateServiceLastAccessedDetailsResult></R>",
                ),
                (false, true) => xml(
                    "<R><GenerateServiceLastAccessedDetailsResult><JobId>job-a</JobId></GenerateServiceLastAccessedDetailsResult></R>",
                ),
                (false, false) => error(500, "asked", "without need"),
            }
        }
        "iam:GetServiceLastAccessedDetails" => {
            let job = request.field("JobId").unwrap();
            if waits.lock().unwrap().insert(job.clone()) {
                return xml(
                    "<R><GetServiceLastAccessedDetailsResult><JobStatus>IN_PROGRESS</JobStatus></GetServiceLastAccessedDetailsResult></R>",
                );
            }
            let (members, marker) = match (job.as_str(), request.body.contains("Marker=more")) {
                ("job-a", false) => (member("s3", action), "<Marker>more</Marker>"),
                ("job-a", true) => (member("sqs", ""), ""),
                _ => (member("ec2", ""), ""),
            };
            xml(format!(
                "<R><GetServiceLastAccessedDetailsResult><JobStatus>COMPLETED</JobStatus><ServicesLastAccessed>{members}</ServicesLastAccessed>{marker}</GetServiceLastAccessedDetailsResult></R>"
            ))
        }
        _ => account(request),
    });
    let facts = run(&Options { last_accessed: true, ..options(&server) }).unwrap();
    assert_eq!(gaps(&facts), "");
    let account = facts.account("111122223333").unwrap();
    let of = |name: &str| {
        let role = account.roles.iter().find(|role| role.name == name).unwrap();
        role.services_last_accessed.clone().unwrap()
    };
    let a = of("a");
    assert_eq!(a.iter().map(|one| one.service.as_str()).collect::<Vec<_>>(), ["s3", "sqs"]);
    let actions: Vec<(&str, bool)> = a[0].actions.iter().map(|one| (one.name.as_str(), one.last.is_some())).collect();
    assert_eq!(actions, [("PutObject", true), ("DeleteObject", false)]);
    assert!(a[1].actions.is_empty() && of("b")[0].service == "ec2");
}

#[test]
fn nothing_is_called_that_the_list_of_calls_does_not_name() {
    let server = Server::start(|request| match request.operation().as_str() {
        "organizations:DescribeOrganization" => {
            Answer::Whole(200, Vec::new(), r#"{"Organization": {"Id": "o-1"}}"#.into())
        }
        "organizations:ListRoots" => Answer::Whole(200, Vec::new(), r#"{"Roots": [{"Id": "r-1"}]}"#.into()),
        "ecs:ListClusters" => {
            Answer::Whole(200, Vec::new(), r#"{"clusterArns": ["arn:aws:ecs:eu-central-1:1:cluster/c"]}"#.into())
        }
        "ecs:ListTasks" => {
            Answer::Whole(200, Vec::new(), r#"{"taskArns": ["arn:aws:ecs:eu-central-1:1:task/t"]}"#.into())
        }
        _ => account(request),
    });
    run(&options(&server)).unwrap();
    let called: BTreeSet<String> = server.requests().iter().map(Request::operation).collect();
    assert!(called.len() > 40, "{called:?}");
    for call in called.iter().filter(|call| !call.contains(' ')) {
        assert!(CALLS.contains(&call.as_str()), "{call} is called, and not listed");
    }
    let paths: BTreeSet<&String> = called.iter().filter(|call| call.contains(' ')).collect();
    // These three read, too.
    let reads = [":GET ", ":POST /v1/describe", "bedrock:POST /agents/", "bedrock-agentcore:POST /code-interpreters?"];
    assert!(paths.iter().all(|path| reads.iter().any(|read| path.contains(read))), "{paths:?}");
}
