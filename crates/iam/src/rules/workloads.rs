//! What runs in the account: with which rights, who can take them, and keys that were left in it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use keelguard_model::{Finding, Severity, rule};

use super::subjects::{principal, resource, short_name};
use crate::facts::{Account, Facts, Instance, RoleUse, TaskDefinition, Variable};
use crate::graph::{Distance, Graph};

pub(super) fn find(facts: &Facts, graph: &Graph<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for account in &facts.accounts {
        let roles = Roles::of(account);
        metadata(account, graph, &roles, &mut findings);
        powerful(account, graph, &roles, &mut findings);
        execution_roles(account, graph, &mut findings);
        keys_left(facts, account, &mut findings);
    }
    findings
}

/// Roles by the names under which services have them.
struct Roles<'a> {
    by_profile: HashMap<&'a str, &'a str>,
    by_name: HashMap<&'a str, &'a str>,
}

impl<'a> Roles<'a> {
    fn of(account: &'a Account) -> Self {
        let mut by_profile = HashMap::new();
        for role in &account.roles {
            by_profile.extend(role.instance_profiles.iter().map(|profile| (profile.name.as_str(), role.arn.as_str())));
        }
        for profile in &account.instance_profiles {
            by_profile.extend(profile.roles.iter().map(|role| (profile.name.as_str(), role.arn.as_str())));
        }
        Self { by_profile, by_name: account.roles.iter().map(|role| (role.name.as_str(), role.arn.as_str())).collect() }
    }

    fn of_instance(&self, instance: &Instance) -> Option<&'a str> {
        self.by_profile.get(instance.profile.as_ref()?.short_name()?).copied()
    }

    fn named(&self, name: &'a str) -> Option<&'a str> {
        let last = name.rsplit('/').next().unwrap_or(name);
        if name.starts_with("arn:") && !name.contains(":instance-profile/") {
            return Some(name);
        }
        self.by_profile.get(last).or_else(|| self.by_name.get(last)).copied()
    }
}

/// How a container gets at its instance's metadata.
pub(super) fn reaches_metadata(instance: &Instance) -> Option<&'static str> {
    let options = instance.metadata.as_ref()?;
    if options.http_endpoint == "disabled" {
        return None;
    }
    if options.http_tokens == "optional" {
        return Some("the metadata service answers without a session token (HttpTokens optional)");
    }
    (options.hop_limit.unwrap_or(1) > 1)
        .then_some("answers with session tokens travel more than one hop (HttpPutResponseHopLimit)")
}

/// How containers of this definition get at the instance itself.
fn reaches_instance(definition: &TaskDefinition) -> Option<String> {
    if definition.network_mode.as_deref() == Some("host") {
        return Some("it shares the instance's network".to_owned());
    }
    if definition.pid_mode.as_deref() == Some("host") {
        return Some("it sees the instance's processes".to_owned());
    }
    if let Some(container) = definition.container_definitions.iter().find(|container| container.privileged) {
        return Some(format!("container {} is privileged", container.name));
    }
    let host = definition.volumes.iter().filter_map(|volume| volume.host.as_ref()?.source_path.as_deref());
    let socket = host.into_iter().find(|path| {
        matches!(
            path.trim_end_matches('/'),
            "" | "/var/run"
                | "/run"
                | "/var/run/docker.sock"
                | "/run/docker.sock"
                | "/var/lib/docker"
                | "/etc"
                | "/root"
        )
    });
    socket.map(|path| format!("it mounts {path} of the instance"))
}

fn metadata(account: &Account, graph: &Graph<'_>, roles: &Roles<'_>, findings: &mut Vec<Finding>) {
    let definitions: HashMap<&str, &TaskDefinition> =
        account.task_definitions.iter().map(|definition| (definition.arn.as_str(), definition)).collect();
    for instance in account.instances.iter().filter(|instance| !instance.is_terminated()) {
        let Some(role) = roles.of_instance(instance) else { continue };
        // Where it is switched off, nobody gets the role, not even the instance's own root.
        if instance.metadata.as_ref().is_some_and(|options| options.http_endpoint == "disabled") {
            continue;
        }
        let own: Vec<&str> = account
            .container_instances
            .iter()
            .filter(|one| one.instance.as_deref() == Some(&instance.id))
            .map(|one| one.arn.as_str())
            .collect();
        let in_cluster = instance
            .tags
            .iter()
            .any(|tag| tag.key.starts_with("kubernetes.io/cluster/") || tag.key == "eks:cluster-name");
        if own.is_empty() && !in_cluster {
            continue;
        }
        let tasks =
            account.tasks.iter().filter(|task| task.container_instance.as_deref().is_some_and(|on| own.contains(&on)));
        let tasks: BTreeSet<&str> = tasks.map(|task| task.task_definition.as_str()).collect();
        let through = tasks.iter().filter_map(|arn| definitions.get(arn)).find_map(|definition| {
            reaches_instance(definition).map(|how| format!("task definition {}: {how}", definition.family))
        });
        let Some(how) = reaches_metadata(instance).map(str::to_owned).or(through) else { continue };
        let (severity, worth) = worth(graph, role);
        findings.push(
            rule::METADATA_ROLE
                .on(resource(&instance.arn()))
                .title(format!("Containers of {} can take {}{worth}", instance.id, short_name(role)))
                .severity(severity)
                .evidence("how", how)
                .evidence("role", role)
                .command(format!("aws ec2 modify-instance-metadata-options --instance-id {} --http-tokens required --http-put-response-hop-limit 1", instance.id)),
        );
    }
}

fn worth(graph: &Graph<'_>, role: &str) -> (Severity, &'static str) {
    match graph.distance(role) {
        Distance::Administrator => (Severity::Critical, ", an administrator"),
        Distance::Steps(_) => (Severity::Critical, ", and through it become administrator"),
        Distance::Unreachable => (Severity::Medium, ""),
    }
}

fn powerful(account: &Account, graph: &Graph<'_>, roles: &Roles<'_>, findings: &mut Vec<Finding>) {
    let mut by_role: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut add = |role: Option<&'_ str>, what: String| {
        let known = role.and_then(|role| account.roles.iter().find(|one| one.arn == role));
        if let Some(role) = known.filter(|role| !role.is_service_linked()) {
            by_role.entry(&role.arn).or_default().push(what);
        }
    };
    for instance in account.instances.iter().filter(|instance| !instance.is_terminated()) {
        let open = instance.public_address.is_some();
        add(
            roles.of_instance(instance),
            format!("instance {}{}", instance.id, if open { ", with a public address" } else { "" }),
        );
    }
    for function in &account.functions {
        add(Some(&function.role), format!("function {}", function.name));
    }
    for definition in &account.task_definitions {
        add(definition.task_role.as_deref(), format!("task definition {}", definition.family));
    }
    for workload in &account.workloads {
        for role in workload.roles.iter().filter(|role| role.used == RoleUse::Runs) {
            add(roles.named(&role.arn), format!("{:?} {}", workload.kind, workload.name));
        }
    }
    for (role, things) in by_role {
        let (how, severity) = match graph.distance(role) {
            Distance::Administrator => ("is administrator", Severity::High),
            Distance::Steps(_) => ("can become administrator", Severity::High),
            Distance::Unreachable => continue,
        };
        let mut finding = rule::POWERFUL_WORKLOAD
            .on(principal(role))
            .title(format!(
                "{} {how}, and code runs with it: {}",
                short_name(role),
                things.first().map_or("", String::as_str)
            ))
            .severity(severity);
        for thing in things.iter().take(20) {
            finding = finding.evidence("runs with it", thing);
        }
        for hop in graph.path(role) {
            finding = finding.evidence("then", format!("{} ({})", hop.method.title, hop.method.id));
        }
        findings.push(finding);
    }
}

fn execution_roles(account: &Account, graph: &Graph<'_>, findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for definition in &account.task_definitions {
        let Some(role) = definition.execution_role.as_deref() else { continue };
        let same = definition.task_role.as_deref() == Some(role);
        let strong = graph.distance(role) != Distance::Unreachable;
        if (same || strong) && seen.insert(role) {
            let finding = rule::EXECUTION_ROLE_WIDE.on(principal(role)).evidence("task definition", &definition.family);
            let finding = if same { finding.evidence("task role", role) } else { finding };
            findings.push(if strong { finding.severity(Severity::High) } else { finding });
        }
    }
}

/// Ids of access keys in variables.
fn keys_left(facts: &Facts, account: &Account, findings: &mut Vec<Finding>) {
    let owners: HashMap<&str, &str> = facts
        .accounts
        .iter()
        .flat_map(|account| &account.users)
        .flat_map(|user| user.access_keys.iter().flatten().map(|key| (key.id.as_str(), user.arn.as_str())))
        .collect();
    let mut places: Vec<(&str, String, &[Variable])> = Vec::new();
    for definition in &account.task_definitions {
        for container in &definition.container_definitions {
            places.push((&definition.arn, format!("container {}", container.name), &container.environment));
        }
    }
    for function in &account.functions {
        places.push((&function.arn, format!("function {}", function.name), function.variables()));
    }
    for workload in &account.workloads {
        places.push((&workload.arn, workload.name.clone(), &workload.environment));
    }
    for (arn, what, variables) in places {
        for variable in variables {
            let Some(key) = variable.access_key().filter(|key| key.starts_with("AKIA")) else { continue };
            let owner = owners.get(key).copied();
            let whose =
                owner.map_or_else(|| "a user that the facts do not know".to_owned(), |arn| short_name(arn).to_owned());
            findings.push(
                rule::KEY_LEFT
                    .on(resource(arn))
                    .title(format!("Access key {key} of {whose} lies in {what}"))
                    .evidence("variable", &variable.name)
                    .evidence("key", key)
                    .about(key),
            );
        }
    }
}
