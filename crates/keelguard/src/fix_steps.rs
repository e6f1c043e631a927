//! Changes that are made together: the graph names findings to close, and several findings on one container are one
//! change for its owner.

use std::collections::HashMap;

use keelguard_audit::remedy;
use keelguard_host::Facts;
use keelguard_model::{Finding, FixStep};

/// `steps` with those that one change closes put together, in the order of the first of each.
pub(crate) fn merge(facts: &Facts, findings: &[Finding], steps: Vec<FixStep>) -> Vec<FixStep> {
    let by_print: HashMap<&str, &Finding> = findings.iter().map(|found| (found.fingerprint.as_str(), found)).collect();
    let find = |print: &String| by_print.get(print.as_str()).copied();
    let mut merged = Vec::new();
    let mut rest = steps;
    while !rest.is_empty() {
        let mut first = rest.remove(0);
        let Some(key) = first.findings.first().and_then(find).and_then(remedy::joint) else {
            merged.push(first);
            continue;
        };
        let same = |step: &FixStep| step.findings.first().and_then(find).and_then(remedy::joint).as_ref() == Some(&key);
        let (others, left): (Vec<FixStep>, Vec<FixStep>) = rest.into_iter().partition(same);
        rest = left;
        for other in others {
            first.rules.extend(other.rules);
            first.findings.extend(other.findings);
            first.effort = first.effort.max(other.effort);
            first.cuts = first.cuts.max(other.cuts);
        }
        if first.findings.len() > 1 {
            let closed: Vec<&Finding> = first.findings.iter().filter_map(find).collect();
            let fix = remedy::together(facts, &closed);
            (first.summary, first.commands, first.snippets) = (fix.summary, fix.commands, fix.snippets);
            first.rules.dedup();
        }
        merged.push(first);
    }
    merged
}

#[cfg(test)]
mod tests {
    use keelguard_host::sample;
    use keelguard_paths::Graph;

    use super::*;

    #[test]
    fn a_container_with_three_ways_out_is_made_anew_once() {
        let facts = sample::host()
            .path("/", "/", "dir")
            .sensitive("/", "dir")
            .container("build", |c| {
                c.host_config.privileged = true;
                c.host_config.devices.clear();
                c.bind("/", "/host");
            })
            .facts();
        let findings = keelguard_audit::judge(&facts).findings;
        let graph = Graph::build(&facts, &findings);
        let fixes = graph.fix_set(&graph.starts(), &graph.goals());
        let separate = fixes.steps.iter().filter(|step| step.subject.name == "build").count();
        let merged = merge(&facts, &findings, fixes.steps);
        let build: Vec<&FixStep> = merged.iter().filter(|step| step.subject.name == "build").collect();
        assert!(separate > 1 && build.len() == 1, "{separate} became {}", build.len());
        let run = build[0].commands.iter().find(|command| command.starts_with("docker run")).unwrap();
        assert!(!run.contains("--privileged") && !run.contains("/host"), "{run}");
    }
}
