//! What logs add to the facts of an account, where AWS's own memory was not asked.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::SignedDuration;

use super::Trail;
use crate::facts::{AttachedPolicy, Facts, InlinePolicy, LastUsed, ServiceUsage};
use crate::policy::{Effect, Policy};

/// Services whose calls are logged only where somebody has asked for events of data, or never: that nothing of them is in
/// the logs says nothing.
const SILENT: &[&str] = &[
    "s3",
    "lambda",
    "dynamodb",
    "sqs",
    "sns",
    "kinesis",
    "firehose",
    "cognito-identity",
    "bedrock",
    "ssmmessages",
    "ec2messages",
    "rds-data",
    "timestream",
    "logs",
    "cloudwatch",
    "xray",
    "execute-api",
    "events",
    "iot",
    "appconfig",
    "sagemaker",
];

/// Logs of fewer days say nothing of what is never used.
const ENOUGH: SignedDuration = SignedDuration::from_hours(90 * 24);

impl Trail {
    /// Gives users and roles that have no last-accessed data what the logs show: of the services that their policies name,
    /// when each was used. Logs that do not reach over 90 days add only when roles were used.
    pub fn fill(&self, facts: &mut Facts) {
        facts.incomplete.extend(self.incomplete.iter().cloned());
        let managed: HashMap<String, BTreeSet<String>> = facts
            .managed_policies()
            .into_iter()
            .filter_map(|(arn, policy)| Some((arn.to_owned(), services(policy.document()?.policy()?))))
            .collect();
        let long = self.times().is_some_and(|(from, to)| to.duration_since(from) >= ENOUGH);
        let granted = |inline: &[InlinePolicy], attached: &[AttachedPolicy]| {
            let own = inline.iter().filter_map(|policy| policy.document.as_ref()?.policy()).flat_map(services);
            let own: BTreeSet<String> = own.collect();
            let others = attached.iter().filter_map(|policy| managed.get(&policy.arn)).flatten().cloned();
            own.into_iter().chain(others).collect::<BTreeSet<String>>()
        };
        for account in &mut facts.accounts {
            for role in &mut account.roles {
                let last = self.used(&role.arn).iter().filter_map(|one| one.last).max();
                if last > role.last_used.as_ref().and_then(|used| used.at) {
                    role.last_used = Some(LastUsed { at: last, region: None });
                }
                if long && role.services_last_accessed.is_none() {
                    role.services_last_accessed = Some(self.usage(&role.arn, granted(&role.inline, &role.attached)));
                }
            }
            for user in account.users.iter_mut().filter(|user| long && user.services_last_accessed.is_none()) {
                user.services_last_accessed = Some(self.usage(&user.arn, granted(&user.inline, &user.attached)));
            }
        }
    }

    /// Services of which the logs do not show everything: their calls are events of data, and none of these were logged.
    pub fn silent(&self) -> impl Iterator<Item = &'static str> {
        SILENT.iter().copied().filter(|service| !self.seen.data.contains(*service))
    }

    /// When each of these services was used.
    fn usage(&self, principal: &str, granted: BTreeSet<String>) -> Vec<ServiceUsage> {
        let mut last = BTreeMap::new();
        for one in self.used(principal).iter().filter(|one| one.count > 0) {
            let service = one.action.split(':').next().unwrap_or_default().to_owned();
            let known = last.entry(service).or_insert(one.last);
            *known = (*known).max(one.last);
        }
        let usage = |service: String| ServiceUsage {
            last_authenticated: last.get(&service).copied().flatten(),
            service,
            actions: Vec::new(),
        };
        let tells = |service: &String| {
            !SILENT.contains(&service.as_str()) || last.contains_key(service) || self.seen.data.contains(service)
        };
        granted.into_iter().filter(tells).map(usage).collect()
    }
}

/// The services that a policy names in what it allows; `*` names none.
fn services(policy: &Policy) -> BTreeSet<String> {
    let allows =
        policy.statements.iter().filter(|statement| statement.effect == Effect::Allow && !statement.actions.negated);
    let patterns = allows.flat_map(|statement| &statement.actions.any);
    let services = patterns.filter_map(|pattern| Some(pattern.as_str().split_once(':')?.0));
    services.filter(|service| !service.contains(['*', '?'])).map(str::to_owned).collect()
}
