//! One policy looked at, and two compared. The yardstick is reading the same JSON, which whoever looks at a policy must do.

use divan::{Bencher, black_box};
use keelguard_iam::Policy;
use keelguard_iam::compare::compare;
use keelguard_iam::lint::{Kind, lint};

fn main() {
    divan::main();
}

/// A policy as people have it: forty statements of as many services, with resources and conditions.
fn policy(services: usize) -> String {
    let names = keelguard_iam::catalogue::catalogue();
    let statements: Vec<String> = names
        .services()
        .filter(|service| service.actions.len() > 20)
        .take(services)
        .map(|service| {
            let actions: Vec<String> = service.actions.iter().step_by(4).take(8).map(|action| format!("\"{}:{}\"", service.prefix, action.name)).collect();
            format!(
                r#"{{"Effect": "Allow", "Action": [{}, "{}:List*"], "Resource": ["arn:aws:{}:*:111122223333:*"],
                    "Condition": {{"StringEquals": {{"aws:ResourceTag/team": ["a", "b"]}}, "IpAddress": {{"aws:SourceIp": "10.0.0.0/8"}}}}}}"#,
                actions.join(", "),
                service.prefix,
                service.prefix
            )
        })
        .collect();
    format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(",\n"))
}

#[divan::bench(args = [1, 40])]
fn read_json(bencher: Bencher<'_, '_>, services: usize) {
    let text = policy(services);
    bencher.bench(|| serde_json::from_str::<serde_json::Value>(black_box(&text)).is_ok());
}

#[divan::bench(args = [1, 40])]
fn lint_one(bencher: Bencher<'_, '_>, services: usize) {
    let text = policy(services);
    bencher.bench(|| lint("policy.json", black_box(&text), Some(Kind::Identity)).policies.len());
}

/// Policies of 20 KB, the most that a bucket takes, of what takes longest.
const WORST: [&str; 7] =
    ["patterns", "misspelt", "resources", "statements", "conditions", "every service", "actions without a service"];

fn worst(of: &str) -> String {
    let names = keelguard_iam::catalogue::catalogue();
    let ec2: Vec<&str> =
        names.service("ec2").into_iter().flat_map(|ec2| &ec2.actions).map(|action| action.name).collect();
    let list = |items: &mut dyn Iterator<Item = String>| {
        let mut text = String::new();
        for item in items {
            if text.len() + item.len() > 19_500 {
                break;
            }
            text.push_str(if text.is_empty() { "" } else { "," });
            text.push_str(&item);
        }
        text
    };
    let letters = || ('a'..='z').flat_map(|one| ('a'..='z').map(move |two| format!("{one}*{two}")));
    let allow = |actions: &str, resources: &str, conditions: &str| {
        format!(r#"{{"Effect":"Allow","Action":[{actions}],"Resource":[{resources}],"Condition":{{{conditions}}}}}"#)
    };
    let instances = r#""arn:aws:ec2:*:111122223333:instance/*""#;
    let statements = match of {
        "patterns" => allow(&list(&mut letters().map(|pattern| format!("\"ec2:*{pattern}*\""))), instances, ""),
        "misspelt" => {
            allow(&list(&mut ec2.iter().map(|name| format!("\"ec2:x{}\"", name.replacen('e', "ee", 1)))), instances, "")
        }
        "resources" => allow(
            "\"ec2:*\"",
            &list(&mut letters().map(|name| format!("\"arn:aws:ec2:*:111122223333:*{name}*/i-*\""))),
            "",
        ),
        "statements" => list(&mut ec2.iter().map(|name| allow(&format!("\"ec2:*{name}\""), "\"*\"", ""))),
        "conditions" => {
            let keys = list(&mut ec2.iter().map(|name| format!("\"ec2:{name}\":\"x\"")));
            allow("\"ec2:*\"", "\"*\"", &format!("\"StringEquals\":{{{keys}}}"))
        }
        "every service" => allow(&list(&mut names.prefixes().map(|prefix| format!("\"{prefix}:*\""))), "\"*\"", ""),
        _ => allow(&list(&mut ec2.iter().map(|name| format!("\"{name}\""))), "\"*\"", ""),
    };
    format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#)
}

#[divan::bench(args = WORST)]
fn lint_the_worst(bencher: Bencher<'_, '_>, of: &str) {
    let text = worst(of);
    bencher.bench(|| lint("policy.json", black_box(&text), Some(Kind::Identity)).policies.len());
}

#[divan::bench(args = [1, 40])]
fn compare_with_a_narrower(bencher: Bencher<'_, '_>, services: usize) {
    let old = Policy::parse(&policy(services)).ok();
    let new = Policy::parse(&policy(services).replace("10.0.0.0/8", "10.1.0.0/16")).ok();
    bencher.bench(|| match (&old, &new) {
        (Some(old), Some(new)) => {
            compare(black_box(old), black_box(new)).is_ok_and(|answer| answer.grants_nothing_new())
        }
        _ => false,
    });
}

/// What the first question costs at most: the table decompressed and every service decoded. One policy needs a few.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn decode_the_whole_catalogue(bencher: Bencher<'_, '_>) {
    let file = include_bytes!("../data/catalogue.zst");
    // The content is kept until the process ends, so only a few times.
    bencher.bench(|| keelguard_iam::catalogue::verify(black_box(file)).is_ok());
}
