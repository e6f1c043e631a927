//! `keelguard iam … --live` against moto, a server that answers as AWS does: what was made there is what is found, and no
//! secret comes out anywhere.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

use std::collections::BTreeSet;
use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

const MOTO: &str = "/usr/local/lib/keelguard-lab/moto/bin";

/// Planted where tasks, functions, builds and secrets keep theirs; nothing of it may come out.
const SECRET: &str = "hunter2-planted-in-environments";
const KEY: &str = "planted-secret-access-key";
const TOKEN: &str = "planted-session-token";

struct Moto {
    server: Child,
    url: String,
    seeded: Value,
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A moto with an account in it; none where it is not installed.
fn moto() -> Option<Moto> {
    if !Path::new(MOTO).join("moto_server").exists() {
        println!("skipped: moto is not here; scripts/install-deps --test installs it");
        return None;
    }
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server = Command::new(format!("{MOTO}/moto_server"))
        .args(["-H", "127.0.0.1", "-p", &port.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut moto = Moto { server, url: format!("http://127.0.0.1:{port}"), seeded: Value::Null };
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(begun.elapsed() < Duration::from_mins(1), "moto does not listen");
        assert!(moto.server.try_wait().unwrap().is_none(), "moto has ended");
        std::thread::yield_now();
    }
    let seed = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/aws/seed.py");
    let output = Command::new(format!("{MOTO}/python")).args([seed, &moto.url, SECRET]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    moto.seeded = serde_json::from_slice(&output.stdout).unwrap();
    Some(moto)
}

fn keelguard(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_keelguard"))
        .args(arguments)
        .env_clear()
        .env("HOME", "/nonexistent")
        .env("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", KEY)
        .env("AWS_SESSION_TOKEN", TOKEN)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()
        .unwrap()
}

fn no_secrets(text: &[u8]) {
    let text = String::from_utf8_lossy(text);
    for secret in [SECRET, KEY, TOKEN, "Correct-horse-7-battery"] {
        assert!(!text.contains(secret), "{secret} came out");
    }
}

/// The things of a list, by name.
fn names<'a>(facts: &'a Value, list: &str, name: &str) -> BTreeSet<&'a str> {
    facts[list].as_array().unwrap().iter().map(|thing| thing[name].as_str().unwrap()).collect()
}

fn find<'a>(facts: &'a Value, list: &str, name: &str, wanted: &str) -> &'a Value {
    facts[list]
        .as_array()
        .unwrap()
        .iter()
        .find(|thing| thing[name].as_str().is_some_and(|name| name.contains(wanted)))
        .unwrap()
}

#[test]
fn what_was_made_in_an_account_is_what_is_found_and_no_secret_comes_out() {
    let Some(moto) = moto() else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("facts.json");
    let file = file.to_str().unwrap();
    let live = ["--live", "--endpoint-url", &moto.url, "--region", "eu-central-1,us-east-1"];
    let output = keelguard(&[&["iam", "facts", "--verbose", "--output", file], &live[..]].concat());
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    no_secrets(&output.stdout);
    no_secrets(&output.stderr);
    let mut text = String::new();
    std::fs::File::open(file).unwrap().read_to_string(&mut text).unwrap();
    no_secrets(text.as_bytes());
    // What moto does not know.
    let unknown = ["apprunner", "access-analyzer", "bedrock-agentcore"];
    assert_eq!(output.status.code(), Some(3), "{stderr}");
    let facts: Value = serde_json::from_str(&text).unwrap();
    for gap in facts["Incomplete"].as_array().unwrap() {
        let what = gap["what"].as_str().unwrap();
        assert!(unknown.iter().any(|unknown| what.contains(unknown)), "{gap}");
    }

    assert_eq!(facts["AccountId"], "123456789012");
    assert_eq!(facts["AccountAliases"], serde_json::json!(["keelguard-lab"]));
    assert_eq!(facts["PasswordPolicy"]["MinimumPasswordLength"], 16);
    assert_eq!(names(&facts, "UserDetailList", "UserName"), ["ann", "bob"].into());
    let ann = find(&facts, "UserDetailList", "UserName", "ann");
    assert_eq!(ann["GroupList"], serde_json::json!(["admins"]));
    assert_eq!(ann["Tags"][0]["Value"], "blue");
    assert_eq!(ann["AccessKeys"][0]["AccessKeyId"], moto.seeded["key"]);
    assert_eq!(find(&facts, "CredentialReport", "User", "ann")["PasswordEnabled"], true);
    assert_eq!(
        names(&facts, "RoleDetailList", "RoleName"),
        ["build", "carrier", "f", "served", "starts", "task", "web"].into()
    );
    let web = find(&facts, "RoleDetailList", "RoleName", "web");
    assert_eq!(web["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"], "ec2.amazonaws.com");
    assert_eq!(web["RolePolicyList"][0]["PolicyDocument"]["Statement"][0]["Action"], "s3:Get*");
    let everything = find(&facts, "Policies", "PolicyName", "everything");
    assert_eq!(everything["DefaultVersionId"], "v2");
    assert_eq!(everything["PolicyVersionList"].as_array().unwrap().len(), 2);
    assert_eq!(find(&facts, "InstanceProfiles", "InstanceProfileName", "web")["Roles"][0]["RoleName"], "web");
    assert_eq!(find(&facts, "IdentityProviders", "Arn", "oidc")["ClientIDList"][0], "sts.amazonaws.com");

    let instances = facts["Reservations"][0]["Instances"].as_array().unwrap();
    assert_eq!(instances.len(), 3);
    let instance = instances.iter().find(|one| one["InstanceId"] == moto.seeded["instance"]).unwrap();
    assert_eq!(instance["MetadataOptions"]["HttpTokens"], "optional");
    assert_eq!(instance["MetadataOptions"]["HttpPutResponseHopLimit"], 2);
    assert!(instance["IamInstanceProfile"]["Arn"].as_str().unwrap().ends_with(":instance-profile/web"));
    assert_eq!(instance["Region"], "eu-central-1");
    assert!(instances.iter().any(|one| one["Region"] == "us-east-1"));
    let open = find(&facts, "SecurityGroups", "GroupId", moto.seeded["group"].as_str().unwrap());
    assert_eq!(open["IpPermissions"][0]["IpRanges"][0]["CidrIp"], "0.0.0.0/0");

    let definition = find(&facts, "taskDefinitions", "taskDefinitionArn", moto.seeded["definition"].as_str().unwrap());
    assert!(definition["taskRoleArn"].as_str().unwrap().ends_with(":role/task"));
    let container = &definition["containerDefinitions"][0];
    assert_eq!(container["environment"][0], serde_json::json!({"name": "DB_PASSWORD", "value": "<redacted>"}));
    // What says whose key it is, is no secret: it is how a task leads to a user.
    assert_eq!(container["environment"][1]["value"], moto.seeded["key"]);
    assert_eq!(facts["services"][0]["serviceName"], "app");
    assert_eq!(facts["Functions"][0]["Environment"]["Variables"]["API_TOKEN"], "<redacted>");
    assert_eq!(find(&facts, "Workloads", "Name", "build")["Kind"], "CodeBuildProject");

    // Jobs that have ended (moto's do at once) carry nothing any more.
    let carried: BTreeSet<(&str, &str)> = facts["Workloads"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| {
            one["Roles"].as_array().unwrap().iter().any(|role| role["Arn"].as_str().unwrap().ends_with("carrier"))
        })
        .map(|one| (one["Kind"].as_str().unwrap(), one["Name"].as_str().unwrap()))
        .collect();
    let wanted = [
        ("BedrockAgent", "agent"),
        ("CloudFormationStackSet", "set"),
        ("CodeDeployGroup", "g"),
        ("CodePipeline", "line"),
        ("EksNodegroup", "n"),
        ("EmrCluster", "e"),
        ("EventBridgePipe", "p"),
        ("GlueDevEndpoint", "dev"),
        ("GlueSession", "talks"),
        ("SchedulerSchedule", "s"),
    ];
    assert_eq!(carried, wanted.into());
    assert_eq!(facts["CertificateSummaryList"][0]["DomainName"], "lab.example.com");
    assert_eq!(facts["PublicAccessBlockConfiguration"]["BlockPublicPolicy"], true);
    assert_eq!(facts["PublicAccessBlockConfiguration"]["RestrictPublicBuckets"], false);

    let resource = |arn: &str| find(&facts, "ResourcePolicies", "Arn", arn);
    assert_eq!(resource("s3:::open")["Policy"]["Statement"][0]["Principal"], "*");
    assert_eq!(resource("s3:::shut")["PublicAccessBlockConfiguration"]["RestrictPublicBuckets"], true);
    for arn in [":kms:", ":sqs:", ":sns:", ":secretsmanager:", ":ecr:", ":function:f"] {
        assert!(resource(arn)["Policy"]["Statement"].is_array(), "{arn}");
    }

    let member = find(&facts, "Accounts", "Id", moto.seeded["member"].as_str().unwrap());
    assert_eq!(member["ParentId"], moto.seeded["unit"]);
    assert_eq!(
        find(&facts, "OrganizationalUnits", "Id", moto.seeded["unit"].as_str().unwrap())["ParentId"],
        moto.seeded["root"]
    );
    let policies = facts["OrganizationPolicies"].as_array().unwrap();
    let scp = policies.iter().find(|one| one["PolicySummary"]["Id"] == moto.seeded["scp"]).unwrap();
    assert_eq!(scp["Targets"][0]["TargetId"], moto.seeded["unit"]);
    assert_eq!(scp["Content"]["Statement"][0]["Effect"], "Deny");

    // The file says again what was asked.
    let again = keelguard(&["iam", "facts", "--facts", file]);
    assert_eq!(serde_json::from_slice::<Value>(&again.stdout).unwrap(), facts);
}

#[test]
fn credentials_that_moto_does_not_know_and_an_address_where_nobody_is_are_told_of() {
    let output = keelguard(&["iam", "facts", "--live", "--endpoint-url", "http://127.0.0.1:1", "--verbose"]);
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(stderr.contains("could not ask AWS: it cannot be reached"), "{stderr}");
    no_secrets(&output.stderr);
    let output = keelguard(&["iam", "facts"]);
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(stderr.contains("type --live to ask AWS, or --facts FILE"), "{stderr}");
}
