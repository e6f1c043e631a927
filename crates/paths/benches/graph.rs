//! A host of a thousand containers and twenty thousand steps: the graph, every path to the host, and the fix set. The
//! yardstick is reading the same findings from JSON, which whoever replays facts does anyway.

use divan::{Bencher, black_box};
use keelguard_host::{Facts, sample};
use keelguard_model::{Finding, Subject, rule};
use keelguard_paths::Graph;

fn main() {
    divan::main();
}

/// Every container on one network, with ten ways to its neighbours and ten to the host, each a finding of its own.
fn crowd(containers: usize) -> (Facts, Vec<Finding>) {
    let mut host = sample::host();
    for at in 0..containers {
        host = host.container(&format!("c{at:04}"), |_| {});
    }
    let facts = host.facts();
    let subjects: Vec<Subject> = facts.containers().iter().map(keelguard_host::facts::Container::subject).collect();
    let mut findings = Vec::new();
    for (at, subject) in subjects.iter().enumerate() {
        for way in 0..10 {
            let Some(other) = subjects.get((at * 7 + way * 131 + 1) % containers) else { continue };
            let name = format!("{way}");
            let cost = u32::try_from((at + way) % 5).unwrap_or(0) + 1;
            let aside = rule::PRIVILEGED.on(subject.clone()).about(&name);
            findings.push(aside.reaches(other.clone(), cost, "writes into the volume that both share"));
            if at % 4 == 0 {
                let out = rule::PRIVILEGED.on(subject.clone()).about(&format!("host {name}"));
                findings.push(out.reaches(Subject::host_root(), cost, "mounts the host's disk"));
            } else {
                let out = rule::PRIVILEGED.on(subject.clone()).about(&format!("on {name}"));
                let next = subjects.get((at * 3 + way * 17 + 2) % containers).unwrap_or(other);
                findings.push(out.reaches(next.clone(), cost, "writes into its memory"));
            }
        }
    }
    (facts, findings)
}

#[divan::bench(sample_count = 20)]
fn build_paths_and_fix_set(bencher: Bencher<'_, '_>) {
    let (facts, findings) = crowd(1000);
    bencher.bench(|| {
        let graph = Graph::build(black_box(&facts), black_box(&findings));
        let paths = graph.paths_to_host();
        let fixes = graph.fix_set(&graph.starts(), &graph.goals());
        (paths.len(), fixes.effort)
    });
}

#[divan::bench(sample_count = 20)]
fn the_whole_report(bencher: Bencher<'_, '_>) {
    let (facts, findings) = crowd(1000);
    bencher.bench(|| {
        let graph = Graph::build(black_box(&facts), black_box(&findings));
        graph.report(&graph.starts(), &graph.goals()).reach.len()
    });
}

#[divan::bench(sample_count = 20)]
fn yardstick_reading_the_findings_from_json(bencher: Bencher<'_, '_>) {
    let (_, findings) = crowd(1000);
    let text = serde_json::to_string(&findings).unwrap_or_default();
    bencher.bench(|| serde_json::from_str::<Vec<Finding>>(black_box(&text)).map_or(0, |read| read.len()));
}
