//! A hostile facts file through the whole of `check --facts`: read, judge, paths, every format.
#![no_main]

use keelguard_report::{Format, Options};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(facts) = keelguard_host::replay::parse(bytes) else { return };
    let judged = keelguard_audit::judge(&facts);
    let graph = keelguard_paths::Graph::build(&facts, &judged.findings);
    let mut report = keelguard_report::empty_report(&facts.host.hostname);
    report.fix_set = graph.fix_set(&graph.starts(), &graph.goals()).steps;
    report.paths = graph.paths_to_host();
    report.findings = judged.findings;
    for format in Format::ALL {
        keelguard_report::render(&report, format, &Options::default(), &mut std::io::sink()).unwrap();
    }
});
