//! Sentences about a decision: which statements of which policies allowed, denied or failed to match, and on what.

use super::caller::Kind;
use super::decide::{Weighed, exempt_from_rcp, exempt_from_scp};
use super::miss::miss;
use super::statement::{Asked, Said};
use super::{Attached, Level, Outcome, Policies, Reason, Request, Truth};
use crate::condition;
use crate::policy::{Effect, Statement};

/// No more reasons of one kind of policy than this.
const MOST: usize = 12;

/// A kind of policy, as JSON and as sentences name it.
#[derive(Clone, Copy)]
struct Sort {
    kind: &'static str,
    called: &'static str,
}

const IDENTITY: Sort = Sort { kind: "identity", called: "identity policy" };
const BOUNDARY: Sort = Sort { kind: "boundary", called: "permissions boundary" };
const SESSION: Sort = Sort { kind: "session", called: "session policy" };
const RESOURCE: Sort = Sort { kind: "resource", called: "resource policy" };
const SCP: Sort = Sort { kind: "scp", called: "service control policy" };
const RCP: Sort = Sort { kind: "rcp", called: "resource control policy" };
const ENDPOINT: Sort = Sort { kind: "vpc_endpoint", called: "VPC endpoint policy" };

pub(super) fn because(
    request: &Request,
    asked: &Asked<'_>,
    policies: &Policies<'_>,
    weighed: &Weighed,
    outcome: &Outcome,
) -> Vec<Reason> {
    let mut teller = Teller { request, asked: *asked, policies, weighed, all: Vec::new() };
    teller.denies();
    if *outcome != Outcome::ExplicitDeny {
        teller.organisation();
        teller.grants();
        teller.limit(ENDPOINT, policies.vpc_endpoint.as_deref(), weighed.endpoint.as_ref());
    }
    teller.all
}

struct Teller<'a> {
    request: &'a Request,
    policies: &'a Policies<'a>,
    weighed: &'a Weighed,
    asked: Asked<'a>,
    all: Vec<Reason>,
}

impl<'a> Teller<'a> {
    fn say(&mut self, kind: &'static str, says: String) {
        self.all.push(Reason { says, kind, policy: None, statement: None });
    }

    /// Every statement that denies, wherever it hangs.
    fn denies(&mut self) {
        let policies = self.policies;
        let levels = |levels: &'a [Level<'a>]| levels.iter().flat_map(|level| &level.policies);
        if exempt_from_rcp(&self.asked, policies.resource_is_management).is_none() {
            self.matching(RCP, levels(&policies.rcp), Effect::Deny);
        }
        if exempt_from_scp(self.asked.who, policies.principal_is_management).is_none() {
            self.matching(SCP, levels(&policies.scp), Effect::Deny);
        }
        for (sort, list) in [
            (RESOURCE, policies.resource.as_deref()),
            (IDENTITY, Some(policies.identity.as_slice())),
            (BOUNDARY, policies.boundary.as_deref()),
            (SESSION, policies.session.as_deref()),
            (ENDPOINT, policies.vpc_endpoint.as_deref()),
        ] {
            self.matching(sort, list.unwrap_or_default(), Effect::Deny);
        }
    }

    /// What the organisation's policies let through.
    fn organisation(&mut self) {
        let policies = self.policies;
        if let Some(why) =
            exempt_from_rcp(&self.asked, policies.resource_is_management).filter(|_| !policies.rcp.is_empty())
        {
            self.say(RCP.kind, format!("resource control policies have no say: {why}"));
        }
        if let Some(why) =
            exempt_from_scp(self.asked.who, policies.principal_is_management).filter(|_| !policies.scp.is_empty())
        {
            self.say(SCP.kind, format!("service control policies have no say: {why}"));
        }
        for (level, said) in policies.scp.iter().zip(&self.weighed.scp) {
            if !said.allow().is_no() {
                continue;
            }
            if level.policies.is_empty() {
                self.say(
                    SCP.kind,
                    format!("no service control policy hangs on {}, so that level allows nothing", level.entity),
                );
            } else {
                let (action, entity) = (self.asked.action, level.entity);
                self.say(
                    SCP.kind,
                    format!("no service control policy on {entity} allows {action}, and each level must"),
                );
                self.misses(SCP, &level.policies);
            }
        }
    }

    /// Where the permission comes from, or what is missing.
    fn grants(&mut self) {
        let (case, policies, weighed) = (self.asked, self.policies, self.weighed);
        let resource = policies.resource.as_deref();
        let of_resource = weighed.resource.allow();
        self.matching(RESOURCE, resource.unwrap_or_default(), Effect::Allow);
        if !case.who.has_identity() {
            if of_resource.is_no() {
                self.say(
                    RESOURCE.kind,
                    format!("{} has no policies of its own, and nothing on the resource allows it", case.who.name),
                );
                self.misses(RESOURCE, resource.unwrap_or_default());
            }
            return;
        }
        if let Some(account) = case.other_account {
            let own = case.who.account.as_deref().unwrap_or_default();
            if of_resource.is_no() {
                let why = if resource.is_some() { "does not" } else { "there is none" };
                self.say(RESOURCE.kind, format!("the resource lies in account {account} and the caller in {own}, so its policy must allow the caller, and {why}"));
                self.misses(RESOURCE, resource.unwrap_or_default());
            }
        } else if case.governs_itself && of_resource.is_no() {
            let what = if case.action.starts_with("kms:") {
                "a key is governed by its own policy"
            } else {
                "a role is governed by its own trust policy"
            };
            let why = if resource.is_some() { "that does not name the caller" } else { "there is none here" };
            self.say(RESOURCE.kind, format!("{what}, and {why}"));
            self.misses(RESOURCE, resource.unwrap_or_default());
        } else if weighed.resource.direct.is_yes() {
            self.say(RESOURCE.kind, "the resource's policy names the caller itself or everybody, in the same account: that suffices, and no boundary or session policy limits it".to_owned());
            return;
        }
        if case.who.kind == Kind::Root {
            self.identity_of_root();
        } else {
            self.matching(IDENTITY, &policies.identity, Effect::Allow);
            let by_role = case.other_account.is_none() && !weighed.resource.role.is_no();
            if weighed.identity.allow().is_no() && !by_role {
                if policies.identity.is_empty() {
                    self.say(IDENTITY.kind, format!("{} has no identity policies", case.who.name));
                }
                self.misses(IDENTITY, &policies.identity);
            }
        }
        self.limit(BOUNDARY, policies.boundary.as_deref(), weighed.boundary.as_ref());
        self.limit(SESSION, policies.session.as_deref(), weighed.session.as_ref());
        if policies.session.is_none() && case.who.kind == Kind::Federated {
            self.say(
                SESSION.kind,
                "a federated user may do only what session policies allow, and there are none".to_owned(),
            );
        }
    }

    fn identity_of_root(&mut self) {
        let says = if self.asked.action == "sts:assumerole" {
            "the root user of an account cannot assume roles"
        } else {
            "the root user of an account may do everything that no policy denies it"
        };
        self.say(IDENTITY.kind, says.to_owned());
    }

    /// Policies that can only narrow.
    fn limit(&mut self, sort: Sort, list: Option<&'a [Attached<'a>]>, said: Option<&Said>) {
        let (Some(list), Some(said)) = (list, said) else { return };
        self.matching(sort, list, Effect::Allow);
        if said.allow().is_no() {
            self.misses(sort, list);
        }
    }

    /// The statements with this effect that match.
    fn matching(&mut self, sort: Sort, list: impl IntoIterator<Item = &'a Attached<'a>>, effect: Effect) {
        let mut said = 0;
        for attached in list {
            for (index, statement) in attached.policy.statements.iter().enumerate() {
                if statement.effect != effect || said == MOST {
                    continue;
                }
                let fits = fits(statement, &self.asked);
                if fits.is_no() {
                    continue;
                }
                let does = if effect == Effect::Allow { "allows" } else { "denies" };
                let mut says = format!(
                    "{} {does} {} on {}",
                    place(sort, attached, index, statement),
                    self.request.action,
                    self.request.resource
                );
                if let Truth::Depends(keys) = fits {
                    says = format!("{says} depending on {}", keys.join(", "));
                }
                said += 1;
                self.push(sort, attached, index, statement, says);
            }
        }
    }

    /// Why no statement allows it: those that speak of the action, and what in them does not fit.
    fn misses(&mut self, sort: Sort, list: &'a [Attached<'a>]) {
        let mut said = 0;
        for attached in list {
            let mut near = false;
            for (index, statement) in attached.policy.statements.iter().enumerate() {
                if statement.effect != Effect::Allow || !self.asked.action_fits(statement) {
                    continue;
                }
                near = true;
                let Some(why) = miss(statement, &self.asked).filter(|_| said < MOST) else { continue };
                said += 1;
                let says = format!("{} does not allow it: {why}", place(sort, attached, index, statement));
                self.push(sort, attached, index, statement, says);
            }
            if !near && said < MOST {
                said += 1;
                let says = format!("no statement of {} {} allows {}", sort.called, attached.name, self.request.action);
                self.all.push(Reason {
                    says,
                    kind: sort.kind,
                    policy: Some(attached.name.to_owned()),
                    statement: None,
                });
            }
        }
    }

    fn push(&mut self, sort: Sort, attached: &Attached<'_>, index: usize, statement: &Statement, says: String) {
        let number = || (index + 1).to_string();
        let name = statement.sid.clone().filter(|sid| !sid.is_empty()).unwrap_or_else(number);
        self.all.push(Reason { says, kind: sort.kind, policy: Some(attached.name.to_owned()), statement: Some(name) });
    }
}

fn place(sort: Sort, attached: &Attached<'_>, index: usize, statement: &Statement) -> String {
    let sid = match statement.sid.as_deref() {
        Some(sid) if !sid.is_empty() => format!(" ({sid})"),
        _ => String::new(),
    };
    format!("statement {}{sid} of {} {}", index + 1, sort.called, attached.name)
}

fn fits(statement: &Statement, asked: &Asked<'_>) -> Truth {
    if !asked.action_fits(statement) || asked.principal_fits(statement).is_none() {
        return Truth::No;
    }
    let conditions = statement.conditions.iter().map(|condition| condition::holds(condition, asked.context));
    asked.resource_fits(statement).and(Truth::all(conditions))
}
