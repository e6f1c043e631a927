//! What the search has found, told: each path with the calls of its steps and the statements that allow them.

use super::apply::{ADMINISTRATOR, Works, attaches};
use super::bits::Actions;
use super::powers::{Actor, Ask};
use super::principals::short;
use super::search::{Search, To};
use crate::escalate::{Method, Need, On, Way};
use crate::policy::{Effect, Statement};

/// One step of a path.
#[derive(Clone, Debug)]
pub struct Hop {
    /// The ARN of who acts.
    pub from: String,
    /// The ARN of whom they become; none: administrator.
    pub to: Option<String>,
    /// How.
    pub method: &'static Method,
    /// What it goes over: a function, a policy, a group; its ARN.
    pub over: Option<String>,
    /// The service to which a role is handed.
    pub service: Option<&'static str>,
    /// The calls, with their names filled in.
    pub calls: Vec<String>,
    /// What allows each permission.
    pub allowed_by: Vec<Allowed>,
    /// What must hold that the facts do not say: condition keys and the like.
    pub depends: Vec<String>,
}

/// A permission and what allows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// `iam:PassRole`
    pub action: &'static str,
    /// On what.
    pub resource: String,
    /// The policies and their statements: `inline policy x of group/developers, statement 2`.
    pub by: Vec<String>,
}

impl Search<'_> {
    /// The path of this actor to the goal, step by step.
    pub(crate) fn path(&self, actor: usize) -> Vec<Hop> {
        let mut hops = Vec::new();
        let mut at = actor;
        // As long as there are actors at most; a circle cannot be, as distances fall.
        for _ in 0..self.actors.len() {
            let Some(Some(step)) = self.step.get(at) else { break };
            hops.push(self.hop(at, &step.works, step.to));
            match step.to {
                To::Administrator => break,
                To::Actor(next) => at = next,
            }
        }
        hops
    }

    pub(crate) fn hop(&self, at: usize, works: &Works, to: To) -> Hop {
        let everybody = self.methods.everybody();
        let who = self.actors.get(at).copied();
        let one = who.and_then(|who| self.methods.powers.principal(who.principal));
        let target = works.target.and_then(|target| self.methods.powers.principal(target));
        let on = target.or(one);
        let thing = works.thing.and_then(|thing| self.methods.things.all.get(thing));
        let over = works.over.clone().or_else(|| thing.map(|thing| thing.arn.clone()));
        let from = one.map_or("", |one| one.arn);
        let calls = works.method.calls.iter().map(|call| {
            let mut call = call.replace("{me}", from);
            if let Some(on) = on {
                call = call.replace("{role}", on.arn).replace("{role-name}", on.name).replace("{user}", on.name);
                let profile =
                    on.role.and_then(|role| role.instance_profiles.first()).map(|profile| profile.name.as_str());
                call = call.replace("{profile}", profile.unwrap_or(on.name));
                call = call.replace("{account}", self.methods.account_id(on.account));
            }
            if let Some(over) = &over {
                call = call.replace("{policy}", over).replace("{thing}", over);
                call = call.replace("{group}", over.rsplit('/').next().unwrap_or_default());
            }
            if let Some(thing) = thing {
                call = call.replace("{thing-name}", &thing.name);
            }
            if call.contains(ADMINISTRATOR)
                && let Some(who) = who
                && let Some(need) = works.method.needs.iter().find(|need| attaches(need.action))
            {
                let on = self.resource(who, need, works);
                call = call.replace(ADMINISTRATOR, self.methods.attaches(who, need.action, &on, Ask::default()).1);
            }
            if let Some(version) = generous_version(&call, works, everybody) {
                call = call.replace("{version}", &version);
            }
            for open in ["{thing}", "{thing-name}", "{region}", "{version}", "{policy}"] {
                call = call.replace(open, "…");
            }
            call
        });
        let calls = calls.collect();
        let allowed_by = match (who, one) {
            (Some(who), Some(_)) => works.method.needs.iter().map(|need| self.allowed(who, need, works)).collect(),
            _ => Vec::new(),
        };
        let to = match to {
            To::Administrator => None,
            To::Actor(_) => on.map(|on| on.arn.to_owned()),
        };
        Hop {
            from: from.to_owned(),
            to,
            method: works.method,
            over,
            service: works.service.map(|service| service.passed_to),
            calls,
            allowed_by,
            depends: works.depends.clone(),
        }
    }

    /// The resource on which a need is, for sentences and for a policy that denies it.
    pub(crate) fn resource(&self, who: Actor, need: &Need, works: &Works) -> String {
        let target = works.target.or(Some(who.principal)).and_then(|target| self.methods.powers.principal(target));
        match need.on {
            On::Role | On::User => target.map_or("*", |target| target.arn).to_owned(),
            On::Group | On::Policy => works.over.clone().unwrap_or_else(|| "*".to_owned()),
            On::Thing => {
                let thing = works.thing.and_then(|thing| self.methods.things.all.get(thing));
                thing.map_or_else(|| "*".to_owned(), |thing| thing.arn.clone())
            }
            On::New(_) | On::Each(_) | On::Any => "*".to_owned(),
        }
    }

    fn allowed(&self, who: Actor, need: &Need, works: &Works) -> Allowed {
        let resource = self.resource(who, need, works);
        let mut by = Vec::new();
        if let (Some(one), Some(action)) =
            (self.methods.powers.principal(who.principal), Actions::all().number(need.action))
        {
            for held in &one.held {
                let Some(text) = self.methods.everybody().texts.get(held.text) else { continue };
                for (number, statement) in text.numbered(action) {
                    if statement.effect == Effect::Allow && speaks_of(statement, &resource, one.name) {
                        let called = statement.sid.clone().unwrap_or_else(|| (number + 1).to_string());
                        by.push(format!("{}, statement {called}", held.from.words(short(one.arn))));
                    }
                }
            }
        }
        let trusted = need.action == "sts:AssumeRole" && !matches!(works.method.way, Way::Pass(_));
        if trusted && let Some(role) = works.target.and_then(|target| self.methods.powers.principal(target)) {
            by.push(format!("trust policy of {}", short(role.arn)));
        }
        by.dedup();
        Allowed { action: need.action, resource, by }
    }
}

/// Whether a statement may speak of `resource`; of `*`, which stands for something of one's choice, each does.
fn speaks_of(statement: &Statement, resource: &str, user: &str) -> bool {
    let Some(resources) = &statement.resources else { return true };
    if resource == "*" || resources.negated {
        return true;
    }
    resources.any.iter().any(|template| {
        let text = template.text(|key| Some(if key == "aws:username" { user.to_owned() } else { "*".to_owned() }));
        text.is_some_and(|text| crate::pattern::matches(&text, resource))
    })
}

fn generous_version(call: &str, works: &Works, everybody: &super::principals::Everybody<'_>) -> Option<String> {
    if !call.contains("{version}") {
        return None;
    }
    let policy = everybody.managed.get(works.over.as_deref()?)?;
    let versions = policy.versions.iter();
    let generous = |version: &&crate::facts::PolicyVersion| {
        let said = version.document.as_ref().and_then(crate::facts::Document::policy);
        said.is_some_and(super::texts::is_everything)
    };
    versions.filter(generous).map(|version| version.id.clone()).next()
}
