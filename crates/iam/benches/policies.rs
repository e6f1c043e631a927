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
