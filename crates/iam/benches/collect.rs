//! Asking an account with 300 roles on loopback: every service of one region, pages followed, signed and read. The goal is
//! one second.

#[path = "../tests/aws/mod.rs"]
mod aws;

use aws::{Server, account};
use keelguard_iam::collect::{Environment, Options, collect};

fn main() {
    divan::main();
}

#[divan::bench(sample_count = 10)]
fn three_hundred_roles(bencher: divan::Bencher<'_, '_>) {
    let server = Server::start(account);
    let options = Options {
        environment: Environment::of([("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "x")]),
        endpoint: Some(server.url.clone()),
        regions: vec!["eu-central-1".into()],
        ..Options::default()
    };
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    bencher.bench_local(|| {
        runtime.block_on(collect(&options)).map_or(0, |facts| facts.accounts.iter().map(|one| one.roles.len()).sum())
    });
}
