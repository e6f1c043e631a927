//! The table as its specification: every row is filled, and it covers what the public catalogue knows.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

#[test]
fn every_method_says_what_it_needs_what_it_calls_and_how_the_trade_calls_it() {
    let mut seen = BTreeSet::new();
    for method in methods() {
        assert!(seen.insert(method.id), "{} stands twice", method.id);
        assert!(!method.needs.is_empty() && !method.calls.is_empty() && !method.attack.is_empty(), "{}", method.id);
        assert!(method.title.len() > 15 && !method.title.ends_with('.'), "{}", method.id);
        for need in method.needs {
            assert!(
                need.action.split_once(':').is_some_and(|(service, action)| {
                    service.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-' || byte.is_ascii_digit())
                        && action.starts_with(|first: char| first.is_ascii_uppercase())
                }),
                "{}: {}",
                method.id,
                need.action
            );
        }
        for technique in method.attack {
            assert!(keelguard_model::attack::technique(technique).is_some(), "{}: {technique}", method.id);
        }
    }
}

#[test]
fn a_method_asks_for_what_its_way_can_name() {
    for method in methods() {
        let thing = matches!(method.way, Way::Existing(_) | Way::PassInto(..));
        let passes = matches!(method.way, Way::Pass(_) | Way::PassInto(..));
        for need in method.needs {
            let fits = match need.on {
                On::Thing => thing,
                On::Role => !matches!(method.way, Way::Existing(_) | Way::User(_) | Way::GrantUser | Way::Join),
                On::User => matches!(
                    method.way,
                    Way::User(_) | Way::GrantUser | Way::Myself(Grant::User) | Way::Unbound(Kind::User)
                ),
                On::Group => matches!(method.way, Way::Join | Way::Myself(Grant::Group)),
                On::Policy => {
                    matches!(method.way, Way::GrantRole(_) | Way::Myself(Grant::Policy | Grant::OldVersion))
                }
                On::New(_) | On::Each(_) | On::Any => true,
            };
            assert!(fits, "{} asks for {} on {:?}", method.id, need.action, need.on);
        }
        assert_eq!(passes, method.needs.iter().any(|need| need.action == "iam:PassRole"), "{}", method.id);
    }
}

#[test]
fn templates_of_arns_name_an_account_a_name_and_six_parts() {
    for need in methods().flat_map(|method| method.needs) {
        let templates = match need.on {
            On::New(template) => std::slice::from_ref(&template).to_vec(),
            On::Each(templates) => templates.to_vec(),
            _ => continue,
        };
        for template in templates {
            assert!(
                template.splitn(6, ':').count() == 6
                    && (template.contains("{name}") || template.ends_with("/{account}")),
                "{template}"
            );
        }
    }
}

/// The public catalogue, where the data for development is at hand.
fn pathfinding() -> Option<BTreeMap<String, BTreeSet<String>>> {
    let folder = std::env::var_os("KEELGUARD_TEST_DATA")?;
    let text = std::fs::read_to_string(std::path::Path::new(&folder).join("pathfinding/paths.json")).ok()?;
    let paths: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let one = |path: &serde_json::Value| {
        let required = path["permissions"]["required"].as_array().unwrap();
        let actions = required.iter().map(|need| need["permission"].as_str().unwrap().to_owned()).collect();
        (path["id"].as_str().unwrap().to_owned(), actions)
    };
    Some(paths.iter().map(one).collect())
}

#[test]
fn all_methods_of_the_public_catalogue_are_here_with_the_permissions_it_requires() {
    let Some(known) = pathfinding() else {
        eprintln!("skipped: KEELGUARD_TEST_DATA holds no pathfinding/paths.json");
        return;
    };
    assert_eq!(known.len(), 65);
    for (id, required) in known {
        let ours = method(&id).unwrap_or_else(|| panic!("{id} is not in the table"));
        let needs: BTreeSet<String> = ours.needs.iter().map(|need| need.action.to_owned()).collect();
        assert_eq!(needs, required, "{id}");
    }
}

/// Resource types that the reference marks as required and that are not: AWS's own examples of policies do without the job
/// that is made and the execution that is begun; of interpreters, AWS's own are another choice.
const NOT_ASKED: [(&str, &str); 5] = [
    ("batch:SubmitJob", ":job/"),
    ("ssm:StartAutomationExecution", ":automation-execution/"),
    ("ssm:StartAutomationExecution", ":document/"),
    ("bedrock-agentcore:StartCodeInterpreterSession", ":aws:code-interpreter/"),
    ("bedrock-agentcore:InvokeCodeInterpreter", ":aws:code-interpreter/"),
];

/// What the service authorization reference says of each permission: whether it knows resources at all, and that what the
/// method asks it for is one of them.
#[test]
fn each_permission_is_asked_for_on_what_aws_checks_it_on() {
    use crate::catalogue::{Known, arn_pattern, catalogue, overlap};
    let mut wrong = Vec::new();
    for (method, need) in methods().flat_map(|method| method.needs.iter().map(move |need| (method, need))) {
        let (service, name) = need.action.split_once(':').unwrap();
        let Known::Action(service, action) = catalogue().action(service, name) else {
            wrong.push(format!("{}: AWS has no {}", method.id, need.action));
            continue;
        };
        let templates: &[&str] = match &need.on {
            On::New(template) => std::slice::from_ref(template),
            On::Each(templates) => templates,
            On::Any if service.resources_of(action).is_empty() => continue,
            On::Any => {
                wrong.push(format!("{}: {} knows resources", method.id, need.action));
                continue;
            }
            _ if service.resources_of(action).is_empty() => {
                wrong.push(format!("{}: {} knows no resource", method.id, need.action));
                continue;
            }
            _ => continue,
        };
        for template in templates {
            let filled = template.replace("{region}", "r").replace("{account}", "111122223333").replace("{name}", "x");
            if !service.types_of(action).any(|(kind, _)| overlap(&filled, &arn_pattern(kind.arn))) {
                let kinds: Vec<&str> = service.types_of(action).map(|(kind, _)| kind.arn).collect();
                wrong.push(format!("{}: {} works on {kinds:?}, not on {template}", method.id, need.action));
            }
        }
        let asked = method.needs.iter().filter(|other| other.action == need.action).flat_map(|other| match other.on {
            On::New(template) => vec![template],
            On::Each(templates) => templates.to_vec(),
            _ => vec!["*"],
        });
        let asked: Vec<String> = asked
            .map(|one| one.replace("{region}", "r").replace("{account}", "111122223333").replace("{name}", "x"))
            .collect();
        for (kind, required) in service.types_of(action) {
            if NOT_ASKED.iter().any(|(action, part)| *action == need.action && kind.arn.contains(part)) {
                continue;
            }
            if required && !asked.iter().any(|one| overlap(one, &arn_pattern(kind.arn))) {
                wrong.push(format!("{}: {} also needs {}", method.id, need.action, kind.arn));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
