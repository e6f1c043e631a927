//! What logs add to the facts of an account, where AWS's own memory was not asked.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::SignedDuration;

use super::Trail;
use crate::catalogue::catalogue;
use crate::facts::{AttachedPolicy, Facts, InlinePolicy, LastUsed, Logged, ServiceUsage, TrackedAction};
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

/// Services that may be left out of logs as a whole: that nothing of them is there says nothing, unless something is.
const LEFT_OUT: &[&str] = &["kms"];

impl Trail {
    /// Gives users and roles what the logs show: of the services that AWS tells of, or else of those that their policies name,
    /// when each was used, and by which actions. Logs that do not reach over 90 days, or leave out calls that only read, add
    /// what was used and say nothing of what was not.
    pub fn fill(&self, facts: &mut Facts) {
        facts.incomplete.extend(self.incomplete.iter().cloned());
        let managed: HashMap<String, BTreeSet<String>> = facts
            .managed_policies()
            .into_iter()
            .filter_map(|(arn, policy)| Some((arn.to_owned(), services(policy.document()?.policy()?))))
            .collect();
        let granted = |inline: &[InlinePolicy], attached: &[AttachedPolicy]| {
            let own = inline.iter().filter_map(|policy| policy.document.as_ref()?.policy()).flat_map(services);
            let own: BTreeSet<String> = own.collect();
            let others = attached.iter().filter_map(|policy| managed.get(&policy.arn)).flatten().cloned();
            own.into_iter().chain(others).collect::<BTreeSet<String>>()
        };
        let silent = self.silent().collect();
        for account in &mut facts.accounts {
            for role in &mut account.roles {
                let last = self.used(&role.arn).iter().filter_map(|one| one.last).max();
                if last > role.last_used.as_ref().and_then(|used| used.at) {
                    role.last_used = Some(LastUsed { at: last, region: None });
                }
                let granted = granted(&role.inline, &role.attached);
                self.remember(&role.arn, granted, &silent, &mut role.services_last_accessed);
            }
            let groups: HashMap<&str, BTreeSet<String>> =
                account.groups.iter().map(|one| (one.name.as_str(), granted(&one.inline, &one.attached))).collect();
            for user in &mut account.users {
                let mut all = granted(&user.inline, &user.attached);
                all.extend(user.groups.iter().filter_map(|name| groups.get(name.as_str())).flatten().cloned());
                self.remember(&user.arn, all, &silent, &mut user.services_last_accessed);
            }
        }
    }

    /// Services of which the logs do not show everything: their calls are events of data, and none of these were logged; or
    /// they are left out, as calls that only read can be of every service.
    pub fn silent(&self) -> impl Iterator<Item = &'static str> {
        let rarely = SILENT.iter().copied().filter(|service| !self.seen.data.contains(*service));
        let left_out = LEFT_OUT.iter().copied().filter(|service| !self.seen.services.contains(*service));
        let all = catalogue().prefixes().filter(|_| !self.seen.reads);
        rarely.chain(left_out).chain(all)
    }

    /// Whether the logs reach far enough back to say of something that nobody uses it.
    fn reaches_back(&self) -> bool {
        self.times().is_some_and(|(from, to)| to.duration_since(from) >= ENOUGH)
    }

    fn remember(
        &self,
        principal: &str,
        granted: BTreeSet<String>,
        silent: &BTreeSet<&str>,
        known: &mut Option<Vec<ServiceUsage>>,
    ) {
        let mut used: BTreeMap<String, Vec<TrackedAction>> = BTreeMap::new();
        for one in self.used(principal).into_iter().filter(|one| one.count > 0) {
            if let Some((service, name)) = one.action.split_once(':') {
                let action = TrackedAction { name: name.to_owned(), last: one.last };
                used.entry(service.to_ascii_lowercase()).or_default().push(action);
            }
        }
        let reaches_back = self.reaches_back();
        let (from, to) = self.times().unzip();
        let alone = known.is_none();
        if alone && reaches_back {
            // Of a silent service it is known at most that it was used.
            let tells = |service: &String| !silent.contains(service.as_str()) || used.contains_key(service);
            let usage = |service| ServiceUsage { service, ..ServiceUsage::default() };
            *known = Some(granted.into_iter().filter(tells).map(usage).collect());
        }
        for service in known.iter_mut().flatten() {
            let name = service.service.to_ascii_lowercase();
            let done = used.remove(&name).unwrap_or_default();
            let every_action = reaches_back && !silent.contains(name.as_str());
            if done.is_empty() && !every_action {
                continue;
            }
            for action in done {
                service.last_authenticated = service.last_authenticated.max(action.last);
                match service.actions.iter_mut().find(|known| known.name.eq_ignore_ascii_case(&action.name)) {
                    Some(known) => known.last = known.last.max(action.last),
                    // A list that is not whole would read as if nothing else had been done.
                    None if every_action => service.actions.push(action),
                    None => {}
                }
            }
            service.logs = Some(Logged { from, to, every_action, alone });
        }
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
