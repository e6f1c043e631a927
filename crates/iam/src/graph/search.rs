//! From whom administrator of the account can be reached, and in how few steps: backwards from the administrators, once
//! over what is allowed for certain, once more over what hangs on circumstances.

use std::collections::HashMap;

use super::apply::{Methods, Needed, Works};
use super::powers::{Actor, Powers};
use super::principals::Bound;
use crate::escalate::{Door, Kind, On, Way};
use crate::evaluate::Truth;
use crate::facts::Facts;

/// Groups that one user is tried in.
const MOST_GROUPS: usize = 300;
/// Principals as they would be in another group or without a boundary.
const MOST_OTHERS: usize = 20_000;

/// Where a step leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum To {
    /// The goal.
    Administrator,
    /// An actor: a principal, or oneself as one has become.
    Actor(usize),
}

/// A step towards the goal.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) works: Works,
    pub(crate) to: To,
}

/// The search and what it has found.
#[derive(Debug)]
pub(crate) struct Search<'a> {
    pub(crate) methods: Methods<'a>,
    /// Principals first, under their own numbers, then these as they would be otherwise.
    pub(crate) actors: Vec<Actor>,
    /// What becomes of a principal: by principal, how and as which actor.
    pub(crate) becomes: HashMap<usize, Vec<(Works, usize)>>,
    /// By actor: what it is once it has given itself everything.
    granted: Vec<Option<Actor>>,
    pub(crate) administrator: Vec<Truth>,
    /// Steps to the goal; none: not at all.
    pub(crate) distance: Vec<Option<u32>>,
    pub(crate) step: Vec<Option<Step>>,
    by_principal: Vec<Vec<usize>>,
}

impl<'a> Search<'a> {
    pub(crate) fn of(facts: &'a Facts) -> Self {
        let methods = Methods::of(Powers::of(facts));
        let count = methods.everybody().principals.len();
        let actors: Vec<Actor> = (0..count).filter_map(|number| methods.powers.actor(number)).collect();
        let mut search = Self {
            by_principal: (0..count).map(|number| vec![number]).collect(),
            methods,
            actors,
            becomes: HashMap::new(),
            granted: Vec::new(),
            administrator: Vec::new(),
            distance: Vec::new(),
            step: Vec::new(),
        };
        search.administrator = search.actors.iter().map(|actor| search.methods.is_administrator(*actor)).collect();
        search.others();
        for number in search.administrator.len()..search.actors.len() {
            let truth = search.actors.get(number).map_or(Truth::No, |actor| search.methods.is_administrator(*actor));
            search.administrator.push(truth);
        }
        for number in 0..search.actors.len() {
            let granted = search.actors.get(number).copied().filter(|actor| !search.is_service_linked(actor.principal));
            let granted = granted.and_then(|actor| search.methods.powers.granted(actor));
            search.granted.push(granted);
        }
        search.distance = search.administrator.iter().map(|truth| if truth.is_no() { None } else { Some(0) }).collect();
        search.step = vec![None; search.actors.len()];
        search.run(false);
        search.run(true);
        search
    }

    pub(crate) fn is_service_linked(&self, principal: usize) -> bool {
        self.methods.powers.principal(principal).is_none_or(super::principals::Principal::is_service_linked)
    }

    /// Principals as they would be without their boundary or in a group that they can join.
    fn others(&mut self) {
        let mut found: Vec<(usize, Works, Option<usize>)> = Vec::new();
        for (number, actor) in self.actors.iter().enumerate() {
            let known = self.administrator.get(number).is_some_and(|truth| !truth.is_no());
            let Some(one) = self.methods.powers.principal(number).filter(|_| !known) else { continue };
            if one.is_service_linked() {
                continue;
            }
            if one.bound != Bound::None
                && let Some(works) = self.methods.unbinds(*actor)
            {
                found.push((number, works, None));
            }
            if one.kind == Kind::User && self.may_join(*actor) {
                let groups = self.methods.everybody().groups.iter().enumerate();
                let others = groups.filter(|(_, group)| {
                    group.account == one.account && group.held.iter().any(|held| !one.held.contains(held))
                });
                for (group, of) in others.take(MOST_GROUPS) {
                    if let Some(works) = self.methods.joins(*actor, of.arn) {
                        found.push((number, works, Some(group)));
                    }
                }
            }
            if found.len() >= MOST_OTHERS {
                break;
            }
        }
        for (number, works, group) in found {
            let Some(&actor) = self.actors.get(number) else { continue };
            let other = match group {
                None => self.methods.powers.unbound(actor),
                Some(group) => self.methods.powers.joined(actor, group),
            };
            let Some(other) = other else { continue };
            let index = self.actors.len();
            self.actors.push(other);
            self.becomes.entry(number).or_default().push((works, index));
            if let Some(all) = self.by_principal.get_mut(number) {
                all.push(index);
            }
        }
    }

    fn may_join(&self, actor: Actor) -> bool {
        let bit = super::bits::Actions::all().number("iam:AddUserToGroup");
        let possible = self.methods.powers.classes.get(actor.class).map(|class| class.possible);
        possible.zip(bit).is_some_and(|(possible, bit)| possible.has(bit))
    }

    fn run(&mut self, conditional: bool) {
        let mut level = 0;
        loop {
            if level == 0 {
                self.grants(conditional);
            }
            self.become_other(level, conditional);
            self.gain(level, conditional);
            level += 1;
            let more = self.distance.iter().flatten().any(|distance| *distance >= level);
            if !more {
                break;
            }
        }
    }

    fn reach(&mut self, actor: usize, distance: u32, step: Step) {
        let (Some(known), Some(place)) = (self.distance.get_mut(actor), self.step.get_mut(actor)) else { return };
        if known.is_none() {
            *known = Some(distance);
            *place = Some(step);
        }
    }

    fn unreached(&self, actor: usize) -> bool {
        self.distance.get(actor).is_some_and(Option::is_none)
            && self.actors.get(actor).is_some_and(|actor| !self.is_service_linked(actor.principal))
    }

    /// Whether whoever gives this actor everything has an administrator: on what that hangs.
    fn after_grant(&self, actor: usize) -> Option<Vec<String>> {
        let granted = (*self.granted.get(actor)?)?;
        match self.methods.is_administrator(granted) {
            Truth::Yes => Some(Vec::new()),
            Truth::Depends(keys) => Some(keys),
            // What its boundary still keeps from it, it may be allowed to take off.
            Truth::No => self.methods.unbinds(granted).map(|works| works.depends),
        }
    }

    fn fits(works: &Works, conditional: bool) -> bool {
        conditional || works.depends.is_empty()
    }

    /// Those who give themselves, or somebody whom they then become, everything.
    fn grants(&mut self, conditional: bool) {
        let mut found = Vec::new();
        for actor in (0..self.actors.len()).filter(|actor| self.unreached(*actor)) {
            if let Some(step) = self.direct(actor, true, |works| Self::fits(works, conditional)).into_iter().next() {
                found.push((actor, step));
            }
        }
        for (actor, step) in found {
            self.reach(actor, 1, step);
        }
    }

    /// The steps that lead straight to the goal, the surest first; with `one`, as soon as one is sure.
    pub(crate) fn direct(&self, actor: usize, one: bool, wanted: impl Fn(&Works) -> bool) -> Vec<Step> {
        let Some(&who) = self.actors.get(actor) else { return Vec::new() };
        let Some(class) = self.methods.powers.classes.get(who.class) else { return Vec::new() };
        let mut steps = Vec::new();
        let sure = |steps: &[Step]| one && steps.iter().any(|step| step.works.depends.is_empty());
        for needed in self.methods.needed.iter().filter(|needed| class.possible.holds(needed.bits)) {
            if sure(&steps) {
                break;
            }
            match needed.method.way {
                Way::Myself(_) => {
                    let Some(works) = self.methods.grants_itself(who, needed) else { continue };
                    let Some(more) = self.after_grant(actor) else { continue };
                    push(&mut steps, works, more, &wanted);
                }
                Way::GrantUser | Way::GrantRole(_) => {
                    for target in 0..self.by_principal.len() {
                        if let Some(works) = self.methods.gains(who, needed, target)
                            && let Some(more) = self.after_grant(target)
                        {
                            push(&mut steps, works, more, &wanted);
                            if sure(&steps) {
                                break;
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        steps.sort_by_key(|step: &Step| (step.works.depends.len(), step.works.target.is_some()));
        steps
    }

    fn become_other(&mut self, level: u32, conditional: bool) {
        let mut found = Vec::new();
        for (number, others) in &self.becomes {
            if !self.unreached(*number) {
                continue;
            }
            let best = others.iter().find(|(works, other)| {
                self.distance.get(*other) == Some(&Some(level)) && Self::fits(works, conditional)
            });
            if let Some((works, other)) = best {
                found.push((*number, Step { works: works.clone(), to: To::Actor(*other) }));
            }
        }
        found.sort_by_key(|(number, _)| *number);
        for (number, step) in found {
            self.reach(number, level + 1, step);
        }
    }

    /// Those who become a principal that is `level` steps away.
    fn gain(&mut self, level: u32, conditional: bool) {
        let targets: Vec<usize> = (0..self.by_principal.len())
            .filter(|number| self.distance.get(*number) == Some(&Some(level)) && !self.is_service_linked(*number))
            .collect();
        if targets.is_empty() {
            return;
        }
        let mut found = Vec::new();
        let wanted = |works: &Works| Self::fits(works, conditional);
        for (class, members) in self.by_class() {
            for (member, works) in self.gains_of(class, &members, &targets, Chosen::Any, &wanted, 1) {
                found.push((member, works));
            }
        }
        for &target in &targets {
            found.extend(self.named_by(target).into_iter().filter(|(_, works)| wanted(works)));
        }
        for (member, works) in found {
            if let Some(target) = works.target {
                self.reach(member, level + 1, Step { works, to: To::Actor(target) });
            }
        }
    }

    /// Unreached actors by class.
    pub(crate) fn by_class(&self) -> Vec<(usize, Vec<usize>)> {
        let mut by_class: HashMap<usize, Vec<usize>> = HashMap::new();
        for actor in (0..self.actors.len()).filter(|actor| self.unreached(*actor)) {
            if let Some(of) = self.actors.get(actor) {
                by_class.entry(of.class).or_default().push(actor);
            }
        }
        let mut all: Vec<_> = by_class.into_iter().collect();
        all.sort_unstable();
        all
    }

    /// By which methods members of a class become any of `targets`: for each member up to `most`. Where what holds for one
    /// member holds for all, only one is asked about.
    pub(crate) fn gains_of(
        &self,
        class: usize,
        members: &[usize],
        targets: &[usize],
        chosen: Chosen,
        wanted: &dyn Fn(&Works) -> bool,
        most: usize,
    ) -> Vec<(usize, Works)> {
        let Some(of) = self.methods.powers.classes.get(class) else { return Vec::new() };
        let applicable: Vec<&Needed> = self
            .methods
            .needed
            .iter()
            .filter(|needed| of.possible.holds(needed.bits) && chosen.takes(needed.method.way))
            .filter(|needed| !self.is_for_itself_alone(class, needed))
            .collect();
        if applicable.is_empty() {
            return Vec::new();
        }
        let one_by_one: &[usize] = if of.personal { members } else { members.get(..1).unwrap_or_default() };
        let mut found = Vec::new();
        let mut trusted = vec![false; members.len()];
        for &asked in one_by_one {
            let Some(&actor) = self.actors.get(asked) else { continue };
            let mut count = 0;
            'targets: for &target in targets {
                for needed in &applicable {
                    let trusts = matches!(needed.method.way, Way::Role(Door::Trusted) | Way::GrantRole(Door::Trusted));
                    if trusts && !self.is_open(of.account, class, target) {
                        continue;
                    }
                    let asks_who = self.methods.trust.get(target).is_some_and(|trust| trust.conditional);
                    if trusts && asks_who && !of.personal {
                        found.extend(self.each(members, needed, target, &mut trusted, wanted));
                        continue;
                    }
                    let works = self.methods.gains(actor, needed, target);
                    let Some(works) = works.filter(|works| wanted(works)) else { continue };
                    let all: &[usize] = if of.personal { std::slice::from_ref(&asked) } else { members };
                    found.extend(all.iter().map(|member| (*member, works.clone())));
                    count += 1;
                    if count >= most {
                        break 'targets;
                    }
                }
            }
        }
        found
    }

    /// A method over users that the policies allow each on itself only.
    fn is_for_itself_alone(&self, class: usize, needed: &Needed) -> bool {
        needed.method.needs.iter().filter(|need| need.on == On::User).any(|need| {
            let action = super::bits::Actions::all().number(need.action);
            action.is_some_and(|action| self.methods.powers.allows_only_itself(class, action))
        })
    }

    /// The same for each member by itself, once each.
    fn each(
        &self,
        members: &[usize],
        needed: &Needed,
        target: usize,
        done: &mut [bool],
        wanted: &dyn Fn(&Works) -> bool,
    ) -> Vec<(usize, Works)> {
        let mut found = Vec::new();
        for (&member, done) in members.iter().zip(done).filter(|(_, done)| !**done) {
            let Some(&actor) = self.actors.get(member) else { continue };
            if let Some(works) = self.methods.gains(actor, needed, target).filter(|works| wanted(works)) {
                *done = true;
                found.push((member, works));
            }
        }
        found
    }

    /// Whether a role's trust is open to whole accounts, this one among them, or everybody. Those it names are asked about
    /// one by one.
    fn is_open(&self, account: usize, class: usize, target: usize) -> bool {
        let Some(trust) = self.methods.trust.get(target) else { return false };
        let bit = super::bits::Actions::all().number("sts:AssumeRole");
        let possible = self.methods.powers.classes.get(class).map(|class| class.possible);
        let may = possible.zip(bit).is_some_and(|(possible, bit)| possible.has(bit));
        trust.everybody || (may && trust.accounts.contains(self.methods.account_id(account)))
    }

    /// Those whom the role's trust names, where they can assume it and have no way yet.
    fn named_by(&self, target: usize) -> Vec<(usize, Works)> {
        let mut found = Vec::new();
        let Some(trust) = self.methods.trust.get(target) else { return found };
        let assume = self.methods.needed.iter().filter(|needed| needed.method.way == Way::Role(Door::Trusted));
        for needed in assume {
            for named in &trust.named {
                let Some(principal) = self.principal_named(named) else { continue };
                for &actor in self.by_principal.get(principal).map(Vec::as_slice).unwrap_or_default() {
                    if self.unreached(actor)
                        && let Some(&who) = self.actors.get(actor)
                        && let Some(works) = self.methods.gains(who, needed, target)
                    {
                        found.push((actor, works));
                    }
                }
            }
        }
        found
    }

    /// The principal with this ARN, or the role of this session.
    pub(crate) fn principal_named(&self, arn: &str) -> Option<usize> {
        let everybody = self.methods.everybody();
        if let Some(known) = everybody.by_arn.get(arn) {
            return Some(*known);
        }
        let (head, session) = arn.split_once(":assumed-role/")?;
        let (account, role) = (head.rsplit(':').next()?, session.split('/').next()?);
        everybody.principals.iter().position(|one| {
            one.kind == Kind::Role && one.name == role && self.methods.account_id(one.account) == account
        })
    }
}

/// Which ways are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chosen {
    /// All that lead to another principal.
    Any,
    /// Those that nobody means to give: being trusted is what a role is for.
    Unmeant,
}

impl Chosen {
    fn takes(self, way: Way) -> bool {
        match way {
            Way::Pass(_)
            | Way::PassInto(..)
            | Way::Existing(_)
            | Way::User(_)
            | Way::Role(Door::Rewritten | Door::Assigned) => true,
            Way::Role(Door::Trusted) => self == Self::Any,
            Way::GrantUser | Way::GrantRole(_) | Way::Myself(_) | Way::Join | Way::Unbound(_) => false,
        }
    }
}

fn push(steps: &mut Vec<Step>, mut works: Works, more: Vec<String>, wanted: &impl Fn(&Works) -> bool) {
    works.depends.extend(more);
    works.depends.sort_unstable();
    works.depends.dedup();
    if wanted(&works) {
        steps.push(Step { works, to: To::Administrator });
    }
}
