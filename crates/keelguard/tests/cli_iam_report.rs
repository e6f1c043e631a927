//! `keelguard iam` as a report, `check` with the account around the host, and `paths` that go on into it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may end in a panic"
)]

mod support;

use keelguard_host::{Facts, sample};
use serde_json::{Value, json};
use support::{Home, code};

const ACCOUNT: &str = "111122223333";

fn stdout(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn arn(rest: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:{rest}")
}

fn document(statement: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statement})
}

/// An account in which a developer can pass an administrator's role, and an instance runs with another one.
fn account(hops: u32) -> Value {
    let everything = json!([{"PolicyName": "all", "PolicyDocument": document(&json!({"Effect": "Allow", "Action": "*", "Resource": "*"}))}]);
    let role = |name: &str, service: &str| {
        json!({"RoleName": name, "Arn": arn(&format!("role/{name}")), "Path": "/", "RolePolicyList": everything,
            "InstanceProfileList": [{"InstanceProfileName": name, "Arn": arn(&format!("instance-profile/{name}"))}],
            "AssumeRolePolicyDocument": document(&json!({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}))})
    };
    let may = json!({"Sid": "Deploy", "Effect": "Allow", "Action": ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"], "Resource": "*"});
    let instance = json!({"InstanceId": "i-0123456789abcdef0", "Placement": {"AvailabilityZone": "eu-central-1a"}, "State": {"Name": "running"},
        "IamInstanceProfile": {"Arn": arn("instance-profile/node")},
        "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": hops, "HttpEndpoint": "enabled"}});
    json!({"AccountId": ACCOUNT, "Collected": "2026-11-24T12:00:00Z",
        "UserDetailList": [{"UserName": "dev", "Arn": arn("user/dev"), "Path": "/", "UserPolicyList": [{"PolicyName": "p", "PolicyDocument": document(&may)}],
            "AccessKeys": [{"UserName": "dev", "AccessKeyId": "AKIAQRSTUVWXYZ234567", "Status": "Active"}]}],
        "RoleDetailList": [role("boss", "lambda.amazonaws.com"), role("node", "ec2.amazonaws.com")],
        "GroupDetailList": [], "Policies": [], "Reservations": [{"OwnerId": ACCOUNT, "Instances": [instance]}]})
}

/// A published container on an EC2 instance whose firewall leaves the metadata service open.
fn host() -> Facts {
    let sample = sample::host().container("web", |c| {
        c.publish("0.0.0.0", 80, 80);
        c.network_settings.networks.insert("bridge".to_owned(), keelguard_host::facts::Endpoint::default());
    });
    sample
        .with(|facts| {
            facts.host.cloud = Some("aws".to_owned());
            facts.host.instance = Some("i-0123456789abcdef0".to_owned());
            facts.host.firewall.docker_user = Some(Vec::new());
        })
        .facts()
}

fn home(hops: u32) -> Home {
    let home = Home::new();
    home.write("account.json", account(hops).to_string());
    home.facts("host.json", &host());
    home
}

fn json_of(home: &Home, arguments: &[&str]) -> Value {
    let output = home.output(home.command(arguments));
    serde_json::from_str(&stdout(&output)).unwrap_or_else(|error| panic!("{error}: {}", stdout(&output)))
}

fn rules(report: &Value) -> Vec<&str> {
    report["findings"].as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap()).collect()
}

#[test]
fn the_report_says_who_can_become_administrator_and_what_was_not_seen() {
    let home = home(1);
    let said = home.says(&["iam", "--facts", "account.json"]).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("AWS account 111122223333") && said.contains("2 administrators, 1 more can become administrator"),
        "{said}"
    );
    assert!(
        said.contains("user/dev can become administrator: makes a Lambda function with the role and calls it"),
        "{said}"
    );
    assert!(
        said.contains("Could not look at") && said.contains("passwords and keys of account 111122223333"),
        "{said}"
    );
}

#[test]
fn every_format_tells_the_same_findings_and_fail_on_decides_the_exit_code() {
    let home = home(1);
    let report = json_of(&home, &["iam", "--facts", "account.json", "--format", "json"]);
    assert_eq!(report["areas"].as_array().unwrap().len(), 9);
    let iam = report["areas"].as_array().unwrap().iter().find(|area| area["area"] == "iam").unwrap();
    assert_eq!(iam["verdict"], "red");
    for format in ["jsonl", "sarif", "junit", "markdown", "html", "github", "table"] {
        let output = home.output(home.command(&["iam", "--facts", "account.json", "--format", format]));
        assert_eq!(code(&output), 3, "{format}: not everything was there to look at");
        assert!(stdout(&output).contains("KG-A001"), "{format}: {}", stdout(&output));
    }
    let failing = home.output(home.command(&["iam", "--facts", "account.json", "--fail-on", "critical"]));
    assert_eq!(code(&failing), 1);
}

#[test]
fn from_the_internet_a_path_leads_through_a_container_to_administrator_when_answers_travel_two_hops() {
    let home = home(2);
    let answer = json_of(
        &home,
        &["paths", "--facts", "host.json", "--iam-facts", "account.json", "--from", "internet", "--format", "json"],
    );
    let paths = answer["paths"].as_array().unwrap();
    let to_account = paths
        .iter()
        .find(|path| path["to"]["name"] == "administrator of 111122223333")
        .unwrap_or_else(|| panic!("{answer:#}"));
    let stops: Vec<&str> =
        to_account["steps"].as_array().unwrap().iter().map(|step| step["to"]["name"].as_str().unwrap()).collect();
    assert_eq!(stops, ["web", "instance identity", "administrator of 111122223333"]);
    assert!(to_account["steps"][2]["how"].as_str().unwrap().contains("role/node"), "{to_account:#}");
}

#[test]
fn one_hop_keeps_a_container_behind_a_bridge_from_the_account() {
    let home = home(1);
    let answer = json_of(
        &home,
        &["paths", "--facts", "host.json", "--iam-facts", "account.json", "--from", "web", "--format", "json"],
    );
    let paths = answer["paths"].as_array().unwrap();
    assert!(paths.iter().all(|path| path["to"]["kind"] != "cloud"), "{answer:#}");
}

#[test]
fn check_fills_the_area_with_an_account_and_says_that_it_looked_at_none_without() {
    let home = home(2);
    let with = json_of(
        &home,
        &["check", "--facts", "host.json", "--iam-facts", "account.json", "--offline", "--format", "json"],
    );
    assert!(rules(&with).contains(&"KG-A001") && rules(&with).contains(&"KG-A011"), "{:?}", rules(&with));
    let without = json_of(&home, &["check", "--facts", "host.json", "--offline", "--format", "json"]);
    let iam = without["areas"].as_array().unwrap().iter().find(|area| area["area"] == "iam").unwrap();
    assert_eq!(
        (iam["verdict"].as_str(), iam["reason"].as_str()),
        (Some("unknown"), Some("no account was looked at; --iam-facts FILE or --iam-live does"))
    );
}

#[test]
fn a_key_in_a_container_is_its_users_and_leads_where_the_user_gets() {
    let home = Home::new();
    home.write("account.json", account(1).to_string());
    let sample = sample::host().container("job", |c| {
        c.config.env.push("AWS_ACCESS_KEY_ID=AKIAQRSTUVWXYZ234567".to_owned());
        c.config.env.push("AWS_SECRET_ACCESS_KEY=<redacted>".to_owned());
    });
    home.facts("host.json", &sample.facts());
    let with = json_of(
        &home,
        &["check", "--facts", "host.json", "--iam-facts", "account.json", "--offline", "--format", "json"],
    );
    let finding = with["findings"].as_array().unwrap().iter().find(|finding| finding["rule"] == "KG-A014").unwrap();
    assert_eq!(finding["title"], "Container holds an access key of user/dev");
    assert_eq!(finding["reaches"][0]["to"]["name"], "administrator of 111122223333");
    // Without the account, whose they are is not known, and that they are there is.
    let without = json_of(&home, &["check", "--facts", "host.json", "--offline", "--format", "json"]);
    assert!(rules(&without).contains(&"KG-A014"));
}
