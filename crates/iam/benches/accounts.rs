//! The whole analysis of accounts: reading, the graph, every rule. The goals: 127 principals in 40 ms, 5,000 with 2,000
//! managed policies in 3 s.

use keelguard_iam::facts::{Facts, Input};
use keelguard_iam::graph::Graph;
use keelguard_iam::{rules, sample};

fn main() {
    divan::main();
}

const SIZES: [(usize, usize); 2] = [(127, 40), (5_000, 2_000)];

fn text(size: (usize, usize)) -> String {
    sample::account(size.0, size.1).to_string()
}

fn facts(text: &str) -> Facts {
    Facts::read(&[Input::new("sample", text.as_bytes())]).unwrap_or_default()
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn whole_analysis(bencher: divan::Bencher<'_, '_>, size: (usize, usize)) {
    let text = text(size);
    bencher.bench_local(|| rules::find(&facts(&text), jiff::Timestamp::UNIX_EPOCH).findings.len());
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn reading(bencher: divan::Bencher<'_, '_>, size: (usize, usize)) {
    let text = text(size);
    bencher.bench_local(|| facts(&text).accounts.len());
}

#[divan::bench(args = SIZES, sample_count = 5)]
fn graph_alone(bencher: divan::Bencher<'_, '_>, size: (usize, usize)) {
    let text = text(size);
    let facts = facts(&text);
    bencher.bench_local(|| Graph::of(&facts).escalations().len());
}
