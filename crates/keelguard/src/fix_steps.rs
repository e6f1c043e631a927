//! Changes that are made together: the graph names findings to close, and several findings on one container are one
//! change for its owner.

use std::collections::HashMap;

use keelguard_audit::remedy;
use keelguard_host::Facts;
use keelguard_model::{Finding, Fix, FixStep};

/// `steps` with those that one change closes put together, in the order of the first of each, and each with the whole of
/// its fix, whether or not `findings` hold theirs.
pub(crate) fn merge(facts: &Facts, findings: &[Finding], steps: Vec<FixStep>) -> Vec<FixStep> {
    let by_print: HashMap<&str, &Finding> = findings.iter().map(|found| (found.fingerprint.as_str(), found)).collect();
    let find = |print: &String| by_print.get(print.as_str()).copied();
    let mut merged: Vec<FixStep> = Vec::new();
    let mut places = HashMap::new();
    for step in steps {
        let key = step.findings.first().and_then(find).and_then(remedy::joint);
        let place = key.map_or(merged.len(), |key| *places.entry(key).or_insert(merged.len()));
        let Some(first) = merged.get_mut(place) else {
            merged.push(step);
            continue;
        };
        first.rules.extend(step.rules);
        first.findings.extend(step.findings);
        first.effort = first.effort.max(step.effort);
        first.cuts = first.cuts.max(step.cuts);
    }
    let (several, single): (Vec<_>, Vec<_>) = merged.iter_mut().partition(|step| step.findings.len() > 1);
    for step in several {
        let closed: Vec<&Finding> = step.findings.iter().filter_map(find).collect();
        set(step, remedy::together(facts, &closed));
        step.rules.dedup();
    }
    let (single, mut closed): (Vec<_>, Vec<Finding>) = single
        .into_iter()
        .filter_map(|step| step.findings.first().and_then(find).cloned().map(|finding| (step, finding)))
        .unzip();
    remedy::complete(facts, &mut closed);
    for (step, finding) in single.into_iter().zip(closed) {
        set(step, finding.fix);
    }
    merged
}

fn set(step: &mut FixStep, fix: Fix) {
    (step.summary, step.commands, step.snippets) = (fix.summary, fix.commands, fix.snippets);
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

    #[test]
    fn steps_are_the_same_whether_or_not_findings_hold_their_commands() {
        let facts = sample::host()
            .path("/", "/", "dir")
            .sensitive("/", "dir")
            .container("build", |c| c.host_config.privileged = true)
            .container("backup", |c| c.bind("/", "/host"))
            .container("both", |c| {
                c.host_config.privileged = true;
                c.bind("/", "/host");
            })
            .facts();
        let steps = |findings: &[Finding]| {
            let graph = Graph::build(&facts, findings);
            merge(&facts, findings, graph.fix_set(&graph.starts(), &graph.goals()).steps)
        };
        let (bare, whole) = (keelguard_audit::find(&facts).findings, keelguard_audit::judge(&facts).findings);
        assert_ne!(bare, whole);
        assert!(steps(&whole).len() >= 3);
        assert_eq!(steps(&bare), steps(&whole));
    }
}
