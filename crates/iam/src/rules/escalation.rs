//! Who can become administrator, or somebody else.

use keelguard_model::text::shell_word;
use keelguard_model::{Finding, Severity, rule};

use super::subjects::{about_all, principal, short_name, some};
use crate::ask::written_key;
use crate::graph::{Change, Escalation, Graph, Hop, Lateral};

/// So many other ways are named.
const OTHERS: usize = 40;

pub(super) fn find(graph: &Graph<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = graph.escalations().iter().map(escalation).collect();
    findings.extend(graph.lateral().iter().map(lateral));
    findings
}

fn escalation(one: &Escalation) -> Finding {
    let rule = if one.is_meant { &rule::ADMINISTRATOR_BY_TRUST } else { &rule::ESCALATION };
    let first = one.subjects.first().map_or("", String::as_str);
    let who = match one.subjects.len() {
        1 => short_name(first).to_owned(),
        count => format!("{count} principals"),
    };
    let step = |hop: &Hop| match hop.to.as_deref().filter(|to| *to != hop.from) {
        Some(to) => format!("{} ({})", hop.method.title, short_name(to)),
        None => hop.method.title.to_owned(),
    };
    let how = one.steps.iter().map(step).collect::<Vec<_>>().join(", then ");
    let common = common(one);
    let mut finding =
        rule.on(principal(common.as_deref().unwrap_or(first))).title(format!("{who} can become administrator: {how}"));
    for hop in &one.steps {
        finding = told(finding, hop);
    }
    for other in one.others.iter().take(OTHERS) {
        let to = if other.to.is_empty() {
            String::new()
        } else {
            format!(" → {}", some(other.to.iter().map(String::as_str)))
        };
        let hangs =
            if other.depends.is_empty() { String::new() } else { format!("; depends on {}", keys(&other.depends)) };
        finding = finding.evidence("also", format!("{}: {}{to}{hangs}", other.method.id, other.method.title));
    }
    if !one.depends.is_empty() {
        finding = finding.evidence("depends on", keys(&one.depends));
    }
    for also in one.steps.iter().flat_map(|hop| hop.method.also) {
        finding = finding.evidence("needs", *also);
    }
    let severity = match (one.is_meant, one.depends.is_empty()) {
        (false, true) => Severity::Critical,
        (false, false) | (true, true) => Severity::High,
        (true, false) => Severity::Medium,
    };
    finding = finding.severity(severity).about(&fingerprint(one));
    finding.refs.attack = techniques(&one.steps);
    finding = changed(finding, &one.change, &one.subjects);
    about_all(finding, &one.subjects)
}

/// What all of them have in common: the managed policy, or the group, through which they may take the first step.
fn common(one: &Escalation) -> Option<String> {
    if one.subjects.len() < 2 {
        return None;
    }
    let by = &one.steps.first()?.allowed_by.first()?.by.first()?;
    if let Some(policy) = by.strip_prefix("policy ").and_then(|by| by.split([' ', ',']).next()) {
        return policy.starts_with("arn:").then(|| policy.to_owned());
    }
    let (_, group) = by.rsplit_once(" of group/")?;
    let group = group.split(", statement ").next()?;
    let (account, _) = one.subjects.first()?.rsplit_once(':')?;
    Some(format!("{account}:group/{group}"))
}

/// Condition keys as AWS writes them, and sentences as they are.
fn keys(depends: &[String]) -> String {
    depends.iter().map(|key| written_key(key)).collect::<Vec<_>>().join(", ")
}

/// What tells this way from the others of the same subject: whither, and by what; not how many take it.
fn fingerprint(one: &Escalation) -> String {
    let steps = one.steps.iter().map(|hop| {
        let to = hop.to.as_deref().filter(|to| *to != hop.from).unwrap_or("administrator");
        format!("{} {to}", hop.method.id)
    });
    steps.collect::<Vec<_>>().join(" ")
}

fn told(mut finding: Finding, hop: &Hop) -> Finding {
    let to = match &hop.to {
        None => "administrator".to_owned(),
        Some(to) if *to == hop.from => format!("{}, changed", short_name(to)),
        Some(to) => short_name(to).to_owned(),
    };
    let over = hop.over.as_deref().map(|over| format!(", over {over}")).unwrap_or_default();
    let service = hop.service.map(|service| format!(", through {service}")).unwrap_or_default();
    finding = finding.evidence(
        "step",
        format!("{} → {to}: {} ({}){over}{service}", short_name(&hop.from), hop.method.title, hop.method.id),
    );
    for call in &hop.calls {
        finding = finding.evidence("call", call);
    }
    for allowed in &hop.allowed_by {
        let by = if allowed.by.is_empty() { "no statement of its own".to_owned() } else { allowed.by.join("; ") };
        finding = finding.evidence("allowed", format!("{} on {}: {by}", allowed.action, allowed.resource));
    }
    finding
}

fn techniques(steps: &[Hop]) -> Vec<String> {
    let mut all: Vec<String> = steps.iter().flat_map(|hop| hop.method.attack).map(ToString::to_string).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn changed(finding: Finding, change: &Change, subjects: &[String]) -> Finding {
    let what: Vec<String> = change
        .deny
        .iter()
        .map(|(action, resources)| match resources.len() {
            1 => format!("{action} on {}", resources.iter().next().map_or("*", |one| short_name(one))),
            count => format!("{action} on {count} resources"),
        })
        .collect();
    if what.is_empty() {
        return finding;
    }
    let instead = match change.instead_of.as_slice() {
        [] => String::new(),
        [one] => format!(" (now allowed by {one})"),
        [one, rest @ ..] => format!(" (now allowed by {one} and {} more)", rest.len()),
    };
    let policy = change.policy();
    let mut finding = finding
        .fix(format!(
            "Take away {}{instead}. The policy below does that until the statements are narrower.",
            what.join(", ")
        ))
        .snippet("policy.json", policy.clone());
    for subject in subjects.iter().take(1) {
        let name = subject.rsplit('/').next().unwrap_or_default();
        let kind = if subject.contains(":user/") { "user" } else { "role" };
        finding = finding.command(format!(
            "aws iam put-{kind}-policy --{kind}-name {} --policy-name keelguard --policy-document {}",
            shell_word(name),
            shell_word(&policy)
        ));
    }
    finding
}

fn lateral(one: &Lateral) -> Finding {
    let first = one.subjects.first().map_or("", String::as_str);
    let who = match one.subjects.len() {
        1 => short_name(first).to_owned(),
        count => format!("{count} principals"),
    };
    let targets = one.targets();
    let mut finding =
        rule::LATERAL.on(principal(first)).title(format!("{who} can become {}", some(targets.iter().copied())));
    let mut about: Vec<&str> = Vec::new();
    for (method, to) in &one.methods {
        about.push(method.id);
        finding = finding
            .evidence("step", format!("{} ({}) → {}", method.title, method.id, some(to.iter().map(String::as_str))));
    }
    if let Some(hop) = &one.example {
        finding = told(finding, hop);
        finding.refs.attack = techniques(std::slice::from_ref(hop));
    }
    if !one.depends.is_empty() {
        finding = finding.evidence("depends on", keys(&one.depends)).severity(Severity::Low);
    }
    about_all(finding.about(&about.join(" ")), &one.subjects)
}
