//! What a vendor's own interface says of a registry. One finding a rule and registry, whatever the number of repositories: each
//! names those that it is about.

use keelguard_model::registry::{Account, Probe, Space, Vendor};
use keelguard_model::{Finding, Rule, Severity, rule};

use super::remote::subject;

/// Names that one finding holds.
const NAMES: usize = 10;

/// Actions that change what is pulled: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html>.
const WRITING: [&str; 7] = [
    "*",
    "ecr:*",
    "ecr:PutImage",
    "ecr:BatchDeleteImage",
    "ecr:InitiateLayerUpload",
    "ecr:SetRepositoryPolicy",
    "ecr:DeleteRepository",
];

pub(super) fn findings(probe: &Probe) -> Vec<Finding> {
    let Some(vendor) = &probe.vendor else { return Vec::new() };
    let mut findings = of_registry(probe, vendor);
    findings.extend(of_spaces(probe, vendor));
    findings.extend(of_accounts(probe, vendor));
    findings
}

fn of_registry(probe: &Probe, vendor: &Vendor) -> Vec<Finding> {
    let rows: [(Option<bool>, bool, &'static Rule, &str); 3] = [
        (vendor.self_registration, true, &rule::SELF_REGISTRATION, "self_registration"),
        (vendor.second_factor, false, &rule::NO_SECOND_FACTOR, "the account's second factor"),
        (vendor.second_factor_for_all, false, &rule::NO_SECOND_FACTOR, "the organisation asks for a second factor"),
    ];
    let wrong = rows.iter().filter(|(value, bad, ..)| *value == Some(*bad));
    wrong.map(|(_, bad, rule, what)| rule.on(subject(probe)).about(what).evidence(*what, bad.to_string())).collect()
}

fn of_spaces(probe: &Probe, vendor: &Vendor) -> Vec<Finding> {
    let say = |rule: &'static Rule, what: &str, is: &dyn Fn(&Space) -> bool| {
        let names: Vec<&str> =
            vendor.spaces.iter().filter(|space| is(space)).map(|space| space.name.as_str()).collect();
        named(rule, probe, what, &names)
    };
    let opens = |space: &Space, writes: bool| {
        space.open_actions.iter().any(|action| WRITING.iter().any(|known| known.eq_ignore_ascii_case(action))) == writes
            && !space.open_actions.is_empty()
    };
    [
        say(&rule::SPACE_WRITABLE, "everybody may write", &|space| opens(space, true)),
        say(&rule::SPACE_PUBLIC, "everybody may read", &|space| {
            opens(space, false) || (space.public == Some(true) && space.open_actions.is_empty())
        }),
        say(&rule::TAGS_MOVE, "tags can be moved", &|space| space.immutable == Some(false)),
        say(&rule::NOT_SCANNED, "not scanned when pushed", &|space| space.scanned == Some(false)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn of_accounts(probe: &Probe, vendor: &Vendor) -> Vec<Finding> {
    let say = |rule: &'static Rule, what: &str, is: &dyn Fn(&Account) -> bool| {
        let accounts = vendor.accounts.iter().filter(|account| account.active && is(account));
        let names: Vec<String> = accounts
            .map(|account| match account.scopes.first() {
                Some(scope) => format!("{} ({}): {scope}", account.name, account.kind),
                None => format!("{} ({})", account.name, account.kind),
            })
            .collect();
        named(rule, probe, what, &names.iter().map(String::as_str).collect::<Vec<_>>())
    };
    [
        say(&rule::WIDE_ACCOUNT, "writes to all of them", &|account| account.unbounded && account.writes),
        say(&rule::ENDLESS_ACCOUNT, "never ends", &|account| account.ends == Some(false)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A finding that names what it is about; none where that is nothing. A repository that is for everybody may be meant so,
/// which its owner knows.
fn named(rule: &'static Rule, probe: &Probe, what: &str, names: &[&str]) -> Option<Finding> {
    if names.is_empty() {
        return None;
    }
    let mut finding = rule.on(subject(probe));
    if rule.id == rule::SPACE_PUBLIC.id && probe.public_service {
        finding = finding.severity(Severity::Info);
    }
    for name in names.iter().take(NAMES) {
        finding = finding.evidence(what, *name);
    }
    if names.len() > NAMES {
        finding = finding.evidence(what, format!("and {} more", names.len() - NAMES));
    }
    Some(finding)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_with_a_hundred_repositories_has_one_finding_a_rule() {
        let spaces = (0..100).map(|number| Space {
            name: format!("team/{number}"),
            immutable: Some(false),
            scanned: Some(number > 50),
            ..Space::default()
        });
        let probe =
            Probe { vendor: Some(Vendor { spaces: spaces.collect(), ..Vendor::default() }), ..Probe::default() };
        let found = findings(&probe);
        assert_eq!(found.iter().map(|one| one.rule.as_str()).collect::<Vec<_>>(), ["KG-A134", "KG-A135"]);
        assert_eq!(found[0].evidence.last().unwrap().value, "and 90 more");
    }

    #[test]
    fn what_nobody_said_is_no_finding() {
        let vendor = Vendor { spaces: vec![Space::default()], accounts: vec![Account::default()], ..Vendor::default() };
        assert!(findings(&Probe { vendor: Some(vendor), ..Probe::default() }).is_empty());
    }

    #[test]
    fn reading_for_everybody_is_told_from_writing_for_everybody() {
        let space = |action: &str| Space { name: action.into(), open_actions: vec![action.into()], ..Space::default() };
        let vendor = Vendor { spaces: vec![space("ecr:BatchGetImage"), space("ECR:putimage")], ..Vendor::default() };
        let found = findings(&Probe { vendor: Some(vendor), ..Probe::default() });
        let shown: Vec<_> = found.iter().map(|one| (one.rule.as_str(), one.evidence[0].value.as_str())).collect();
        assert_eq!(shown, [("KG-A133", "ECR:putimage"), ("KG-A132", "ecr:BatchGetImage")]);
    }
}
