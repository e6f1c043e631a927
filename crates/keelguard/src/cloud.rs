//! The cloud account around this host: what is wrong in it, and what whoever gets out of a container has there.

use anyhow::Result;
use keelguard_host::Facts as HostFacts;
use keelguard_iam::facts::{Facts, Instance};
use keelguard_iam::graph::{Distance, Graph};
use keelguard_iam::rules::{self, Judgement, principal, short_name};
use keelguard_model::{Finding, Severity, Subject, SubjectKind, rule};

use crate::account;
use crate::cli::AccountSource;
use crate::settings::Settings;

/// What the settings tell of accounts; none where they name none.
pub(crate) fn load(settings: &Settings) -> Result<Option<Facts>> {
    let files = settings.list("iam_facts");
    let live = settings.switch("iam_live");
    if files.is_empty() && !live {
        return Ok(None);
    }
    let source = AccountSource { live, facts: files.into_iter().map(Into::into).collect(), ..AccountSource::default() };
    account::load(&source, settings).map(Some)
}

/// Judges accounts, and joins them to what was found on the host: through whom a container leads to administrator.
pub(crate) fn judge(facts: &Facts, host: &HostFacts, on_host: &mut [Finding]) -> Judgement {
    let graph = Graph::of(facts);
    let mut judged = rules::judge(facts, &graph, host.collected);
    if let Some(instance) = this_instance(facts, host) {
        metadata(instance, on_host);
        if let Some(role) = role_of(facts, instance) {
            instance_role(&graph, &role, instance, &mut judged.findings);
        }
    }
    keys(facts, &graph, on_host);
    judged
}

fn administrator(graph_of: &str) -> Subject {
    let account = graph_of.split(':').nth(4).unwrap_or_default();
    Subject::new(SubjectKind::Cloud, format!("administrator of {account}"))
}

/// The instance that this host is: by its id, else by its name in the network.
fn this_instance<'a>(facts: &'a Facts, host: &HostFacts) -> Option<&'a Instance> {
    let mut all = facts.accounts.iter().flat_map(|account| &account.instances);
    if let Some(id) = &host.host.instance {
        return all.find(|instance| instance.id == *id);
    }
    // `ip-10-0-0-5.eu-central-1.compute.internal`, as EC2 names its machines.
    let name = host.host.hostname.split('.').next().unwrap_or_default();
    let address = name.strip_prefix("ip-")?.replace('-', ".");
    all.find(|instance| instance.private_address.as_deref() == Some(&address))
}

fn role_of(facts: &Facts, instance: &Instance) -> Option<String> {
    let profile = instance.profile.as_ref()?.short_name()?;
    let roles = facts.accounts.iter().flat_map(|account| &account.roles);
    let of_role =
        roles.filter(|role| role.instance_profiles.iter().any(|one| one.name == profile)).map(|role| role.arn.clone());
    let profiles = facts.accounts.iter().flat_map(|account| &account.instance_profiles);
    let of_profile =
        profiles.filter(|one| one.name == profile).flat_map(|one| one.roles.iter().map(|role| role.arn.clone()));
    of_role.chain(of_profile).next()
}

/// What the instance's own options say of who reaches its metadata service is surer than what a firewall leaves open.
fn metadata(instance: &Instance, on_host: &mut [Finding]) {
    let Some(options) = &instance.metadata else { return };
    let hops = options.hop_limit.unwrap_or(1);
    for finding in on_host.iter_mut().filter(|finding| finding.rule == rule::METADATA.id) {
        if options.http_endpoint == "disabled" || (options.http_tokens == "required" && hops < 2) {
            // Containers behind a bridge are a hop away.
            finding.reaches.clear();
            finding.severity = Severity::Info;
        } else {
            for reach in &mut finding.reaches {
                reach.needs.clear();
            }
        }
        let shown = format!(
            "HttpTokens {}, HttpPutResponseHopLimit {hops}, HttpEndpoint {}",
            options.http_tokens, options.http_endpoint
        );
        *finding = finding.clone().evidence("MetadataOptions", shown);
    }
}

/// From the machine's identity to administrator, where its role gets there.
fn instance_role(graph: &Graph<'_>, role: &str, instance: &Instance, findings: &mut [Finding]) {
    let (cost, how) = match graph.distance(role) {
        Distance::Administrator => (1, format!("is {}, an administrator of the account", short_name(role))),
        Distance::Steps(steps) => {
            let how = graph.path(role).iter().map(|hop| hop.method.title).collect::<Vec<_>>().join(", then ");
            (1 + steps, format!("is {}, and {how}", short_name(role)))
        }
        Distance::Unreachable => return,
    };
    let about =
        |finding: &&mut Finding| finding.rule == rule::POWERFUL_WORKLOAD.id && finding.subject == principal(role);
    if let Some(finding) = findings.iter_mut().find(about) {
        *finding = finding.clone().severity(Severity::Critical).evidence("this host", &instance.id).reaches_from(
            Subject::cloud(),
            administrator(role),
            cost,
            how,
        );
    }
}

/// Whose the credentials in containers are, where their key's id says so.
fn keys(facts: &Facts, graph: &Graph<'_>, on_host: &mut [Finding]) {
    for finding in on_host.iter_mut().filter(|finding| finding.rule == rule::CLOUD_CREDENTIALS_IN_CONTAINER.id) {
        let ids = finding.evidence.iter().filter_map(|evidence| evidence.value.strip_prefix("AWS_ACCESS_KEY_ID="));
        let users = facts.accounts.iter().flat_map(|account| &account.users);
        let owner = ids.into_iter().find_map(|id| {
            let has = |user: &&keelguard_iam::facts::User| {
                user.access_keys.iter().flatten().any(|key| key.id == id && key.is_active())
            };
            users.clone().find(has)
        });
        let Some(user) = owner else { continue };
        let mut told = finding
            .clone()
            .title(format!("Container holds an access key of {}", short_name(&user.arn)))
            .evidence("key of", &user.arn)
            .command(format!("aws iam list-access-keys --user-name {}", user.name));
        let (cost, how) = match graph.distance(&user.arn) {
            Distance::Unreachable => {
                told.reaches.clear();
                *finding = told.reaches(principal(&user.arn), 1, "reads an access key that lies in the container");
                continue;
            }
            Distance::Administrator => (1, "reads the access key of an administrator".to_owned()),
            Distance::Steps(steps) => {
                let how = graph.path(&user.arn).iter().map(|hop| hop.method.title).collect::<Vec<_>>().join(", then ");
                (1 + steps, format!("reads the access key of {}, and {how}", short_name(&user.arn)))
            }
        };
        told.reaches.clear();
        *finding = told.severity(Severity::Critical).reaches(administrator(&user.arn), cost, how);
    }
}
