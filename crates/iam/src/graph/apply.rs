//! Whether a method works for somebody, on somebody: the permissions, what must be there, and whom the role must trust.

use std::collections::HashMap;

use super::bits::{ANYTHING, Actions, Bits, POWERS};
use super::choice::choices;
use super::powers::{Actor, Ask, Powers};
use super::principals::{Bound, Everybody, Principal};
use super::things::{Known, Things};
use super::trust::Trust;
use crate::escalate::{Door, Grant, Kind, Method, Need, On, Service, Thing, UserState, Way, methods};
use crate::evaluate::Truth;
use crate::facts::{Document, ManagedPolicy, Part, Tag};

/// A managed policy that allows everything; whoever attaches one attaches this.
pub(crate) const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
/// One that allows what is needed to attach that one next.
const IAM_FULL_ACCESS: &str = "arn:aws:iam::aws:policy/IAMFullAccess";
/// So many of the account's own policies that allow everything are tried.
const MOST_ATTACHED: usize = 8;

/// A method that works.
#[derive(Clone, Debug)]
pub(crate) struct Works {
    pub(crate) method: &'static Method,
    /// The principal that is gained; none: oneself.
    pub(crate) target: Option<usize>,
    pub(crate) thing: Option<usize>,
    pub(crate) service: Option<Service>,
    /// The ARN of the policy or group over which it goes.
    pub(crate) over: Option<String>,
    /// Condition keys, and other things, on which it hangs and of which nothing is known.
    pub(crate) depends: Vec<String>,
}

/// Methods with the actions that they need.
#[derive(Debug)]
pub(crate) struct Needed {
    pub(crate) method: &'static Method,
    pub(crate) bits: Bits,
}

/// All methods. What a trust policy can grant by itself is not among the actions needed.
pub(crate) fn needed() -> Vec<Needed> {
    let actions = Actions::all();
    let one = |method: &'static Method| {
        let mut bits = Bits::default();
        for need in method.needs.iter().filter(|need| need.action != "sts:AssumeRole") {
            bits.set(actions.number(need.action).unwrap_or(u16::MAX));
        }
        Needed { method, bits }
    };
    methods().map(one).collect()
}

/// Applies methods.
#[derive(Debug)]
pub(crate) struct Methods<'a> {
    pub(crate) powers: Powers<'a>,
    pub(crate) things: Things,
    /// By principal.
    pub(crate) trust: Vec<Trust>,
    pub(crate) needed: Vec<Needed>,
    chosen: std::cell::RefCell<HashMap<(usize, u16, &'static str), Truth>>,
    trusted: std::cell::RefCell<HashMap<(usize, &'static str), Truth>>,
}

impl<'a> Methods<'a> {
    pub(crate) fn of(powers: Powers<'a>) -> Self {
        let things = Things::of(powers.facts, &powers.everybody);
        let everybody = &powers.everybody;
        let trust = everybody.principals.iter().map(|one| Trust::of(one, &everybody.by_id)).collect();
        Self {
            powers,
            things,
            trust,
            needed: needed(),
            chosen: std::cell::RefCell::default(),
            trusted: std::cell::RefCell::default(),
        }
    }

    pub(crate) fn everybody(&self) -> &Everybody<'a> {
        &self.powers.everybody
    }

    pub(crate) fn account_id(&self, account: usize) -> &'a str {
        self.powers.facts.accounts.get(account).map_or("", |account| account.id.as_str())
    }

    /// Whether `actor` may do everything: something that no service has, and one of the actions by which one gets
    /// everything else.
    pub(crate) fn is_administrator(&self, actor: Actor) -> Truth {
        let Some(class) = self.powers.classes.get(actor.class) else { return Truth::No };
        let account = self.account_id(class.account);
        let may = |action: &str, resource: &str| {
            Actions::all()
                .number(action)
                .map_or(Truth::No, |number| self.powers.may(actor, number, resource, &Ask::default()))
        };
        let anything = may(ANYTHING, &format!("arn:aws:zz-anything:us-east-1:{account}:x/keelguard"));
        if anything.is_no() {
            return Truth::No;
        }
        let kind = |action: &str| match action {
            _ if action.contains("user") => "user",
            _ if action.contains("role") => "role",
            _ if action.contains("group") => "group",
            _ => "policy",
        };
        let power = |action: &str| may(action, &format!("arn:aws:iam::{account}:{}/keelguard", kind(action)));
        anything.and(Truth::any(POWERS.iter().map(|action| power(action))))
    }

    /// Whether `actor` may get rid of its own boundary.
    pub(crate) fn unbinds(&self, actor: Actor) -> Option<Works> {
        let one = self.powers.principal(actor.principal)?;
        if one.bound == Bound::None {
            return None;
        }
        best(self.of_way(|way| way == Way::Unbound(one.kind)).filter_map(|needed| {
            let truth = self.all(actor, needed, one.arn, &Site { target: Some(one), ..Site::default() });
            works(needed.method, None, truth)
        }))
    }

    /// Whether `actor` may add itself to a group.
    pub(crate) fn joins(&self, actor: Actor, group: &str) -> Option<Works> {
        let one = self.powers.principal(actor.principal)?;
        best(self.of_way(|way| way == Way::Join).filter_map(|needed| {
            let truth = self.all(actor, needed, one.arn, &Site { group: Some(group), ..Site::default() });
            let works = works(needed.method, None, truth)?;
            Some(Works { over: Some(group.to_owned()), ..works })
        }))
    }

    fn of_way(&self, of: impl Fn(Way) -> bool) -> impl Iterator<Item = &Needed> {
        self.needed.iter().filter(move |needed| of(needed.method.way))
    }

    /// Whether `actor` gains whatever permissions it likes for itself by this method.
    pub(crate) fn grants_itself(&self, actor: Actor, needed: &Needed) -> Option<Works> {
        let Way::Myself(grant) = needed.method.way else { return None };
        let one = self.powers.principal(actor.principal)?;
        let kinds = match grant {
            Grant::User | Grant::Group => one.kind == Kind::User,
            Grant::Role => one.kind == Kind::Role,
            Grant::Policy | Grant::OldVersion => true,
            Grant::PermissionSet => one.arn.contains(":role/aws-reserved/sso.amazonaws.com/"),
        };
        if !kinds {
            return None;
        }
        let plain = |site: &Site<'_>| works(needed.method, None, self.all(actor, needed, one.arn, site));
        match grant {
            Grant::User | Grant::Role => plain(&Site { target: Some(one), ..Site::default() }),
            Grant::PermissionSet => {
                let site = Site { target: Some(one), ..Site::default() };
                let truth = self.manages_identity_center(one.account);
                works(needed.method, None, truth.and(self.all(actor, needed, one.arn, &site)))
            }
            Grant::Group => {
                let user = one.user?;
                let groups = self.everybody().groups.iter().filter(|group| group.account == one.account);
                let own = groups.filter(|group| {
                    let name = group.arn.rsplit('/').next().unwrap_or_default();
                    user.groups.iter().any(|own| own == name)
                });
                best(own.filter_map(|group| {
                    let works = plain(&Site { target: Some(one), group: Some(group.arn), ..Site::default() })?;
                    Some(Works { over: Some(group.arn.to_owned()), ..works })
                }))
            }
            Grant::Policy | Grant::OldVersion => best(
                self.own_policies(one)
                    .filter_map(|policy| {
                        if grant == Grant::OldVersion && !has_generous_version(policy) {
                            return None;
                        }
                        let works = plain(&Site { target: Some(one), policy: Some(&policy.arn), ..Site::default() })?;
                        Some(self.with_room(actor, policy, grant, Works { over: Some(policy.arn.clone()), ..works }))
                    })
                    .flatten(),
            ),
        }
    }

    /// A policy keeps five versions: whoever writes a sixth must delete one.
    fn with_room(&self, actor: Actor, policy: &ManagedPolicy, grant: Grant, works: Works) -> Option<Works> {
        if grant != Grant::Policy || policy.versions.len() < 5 {
            return Some(works);
        }
        let action = Actions::all().number("iam:DeletePolicyVersion")?;
        match self.powers.may(actor, action, &policy.arn, &Ask::default()) {
            Truth::No => None,
            Truth::Yes => Some(works),
            Truth::Depends(keys) => Some(Works { depends: [works.depends.clone(), keys].concat(), ..works }),
        }
    }

    /// Customer's managed policies that `one` has, also through groups.
    fn own_policies<'s>(&'s self, one: &'s Principal<'a>) -> impl Iterator<Item = &'a ManagedPolicy> {
        use super::principals::Origin;
        let arns = one.held.iter().filter_map(|held| match held.from {
            Origin::Managed(arn) | Origin::GroupManaged(_, arn) => Some(arn),
            Origin::Inline(_) | Origin::GroupInline(..) => None,
        });
        arns.filter_map(|arn| self.everybody().managed.get(arn).copied()).filter(|policy| !policy.is_of_aws())
    }

    /// Whether `actor` becomes `target` by this method; for those that also give it permissions, so as it would then be.
    pub(crate) fn gains(&self, actor: Actor, needed: &Needed, target: usize) -> Option<Works> {
        let one = self.powers.principal(target)?;
        let class = self.powers.classes.get(actor.class)?;
        let method = needed.method;
        let trusts_across = matches!(method.way, Way::Role(Door::Trusted));
        if target == actor.principal || one.is_service_linked() || (class.account != one.account && !trusts_across) {
            return None;
        }
        match (method.way, one.kind) {
            (Way::Pass(services), Kind::Role) => self.passes(actor, needed, target, one, services, &Site::default()),
            (Way::PassInto(kind, services), Kind::Role) => self.passes_into(actor, needed, target, one, kind, services),
            (Way::Existing(kind), Kind::Role) => self.uses(actor, needed, target, one, kind),
            (Way::User(state), Kind::User) => {
                let held = user_state(one, state);
                let truth = if held.is_no() { held } else { held.and(self.on(actor, needed, one)) };
                works(method, Some(target), truth)
            }
            (Way::GrantUser, Kind::User) => {
                let room = user_state(one, UserState::RoomForKey);
                let truth = if room.is_no() { room } else { room.and(self.on(actor, needed, one)) };
                works(method, Some(target), truth)
            }
            (Way::Role(Door::Assigned), Kind::Role) => {
                let assigned = one.arn.contains(":role/aws-reserved/sso.amazonaws.com/");
                let truth = if assigned { self.manages_identity_center(one.account) } else { Truth::No };
                let truth = if truth.is_no() { truth } else { truth.and(self.on(actor, needed, one)) };
                works(method, Some(target), truth)
            }
            (Way::Role(_) | Way::GrantRole(_), Kind::Role) if one.arn.contains(":role/aws-reserved/") => {
                // What IAM Identity Center has made, it alone changes; it is still assumed where it is trusted.
                None
            }
            (Way::GrantRole(_), Kind::Role) if needed.method.needs.iter().any(|need| need.on == On::Policy) => best(
                self.own_policies(one)
                    .filter_map(|policy| {
                        let site = Site { target: Some(one), policy: Some(&policy.arn), ..Site::default() };
                        let works = works(method, Some(target), self.all(actor, needed, one.arn, &site))?;
                        Some(self.with_room(
                            actor,
                            policy,
                            Grant::Policy,
                            Works { over: Some(policy.arn.clone()), ..works },
                        ))
                    })
                    .flatten(),
            ),
            (Way::Role(_) | Way::GrantRole(_), Kind::Role) => works(method, Some(target), self.on(actor, needed, one)),
            _ => None,
        }
    }

    /// Whether permission sets are changed and assigned from this account: the one that lists them, else the one that
    /// manages the organisation. In all others whoever may do so has nothing to do it on.
    fn manages_identity_center(&self, account: usize) -> Truth {
        let Some(account) = self.powers.facts.accounts.get(account) else { return Truth::No };
        if account.has(Part::PermissionSets) {
            return (!account.permission_sets.is_empty()).into();
        }
        match &self.powers.facts.organisation {
            Some(organisation) if !organisation.management_account.is_empty() => {
                (organisation.management_account == account.id).into()
            }
            _ => Truth::on("whether IAM Identity Center is managed from this account, which the facts do not say"),
        }
    }

    fn on(&self, actor: Actor, needed: &Needed, one: &Principal<'a>) -> Truth {
        self.all(actor, needed, one.arn, &Site { target: Some(one), ..Site::default() })
    }

    fn passes(
        &self,
        actor: Actor,
        needed: &Needed,
        target: usize,
        one: &Principal<'a>,
        services: &[Service],
        site: &Site<'_>,
    ) -> Option<Works> {
        let profile =
            |service: &&Service| !service.profile || has_profile(one, self.powers.facts.accounts.get(one.account));
        best(services.iter().filter(profile).filter_map(|service| {
            let trusts = self.trusts_service(target, service.trust);
            if trusts.is_no() {
                return None;
            }
            let site = Site { target: Some(one), passed_to: Some(service.passed_to), ..*site };
            let works = works(needed.method, Some(target), trusts.and(self.all(actor, needed, one.arn, &site)))?;
            Some(Works { service: Some(*service), ..works })
        }))
    }

    fn passes_into(
        &self,
        actor: Actor,
        needed: &Needed,
        target: usize,
        one: &Principal<'a>,
        kind: Thing,
        services: &[Service],
    ) -> Option<Works> {
        if services.iter().all(|service| self.trusts_service(target, service.trust).is_no()) {
            return None;
        }
        if self.things.known(one.account, kind) == Known::NotLooked {
            let works =
                self.passes(actor, needed, target, one, services, &Site { any_thing: true, ..Site::default() })?;
            let also = format!("whether there is {}, which the facts do not say", kind.words());
            return Some(Works { depends: [works.depends.clone(), vec![also]].concat(), ..works });
        }
        best(self.things.of_kind(one.account, kind).take(MOST_THINGS).filter_map(|(thing, found)| {
            let site = Site { thing: Some(&found.arn), tags: found.tags.as_deref(), ..Site::default() };
            let works = self.passes(actor, needed, target, one, services, &site)?;
            Some(Works { thing: Some(thing), ..works })
        }))
    }

    fn uses(&self, actor: Actor, needed: &Needed, target: usize, one: &Principal<'a>, kind: Thing) -> Option<Works> {
        best(self.things.with_role(target, kind).take(MOST_THINGS).filter_map(|(thing, found)| {
            let site =
                Site { target: Some(one), thing: Some(&found.arn), tags: found.tags.as_deref(), ..Site::default() };
            let works = works(needed.method, Some(target), self.all(actor, needed, one.arn, &site))?;
            Some(Works { thing: Some(thing), ..works })
        }))
        .filter(|works| works.method.role_needs.iter().all(|action| self.role_may(target, action)))
    }

    fn role_may(&self, role: usize, action: &str) -> bool {
        let (Some(actor), Some(number)) = (self.powers.actor(role), Actions::all().number(action)) else {
            return false;
        };
        !self.powers.may(actor, number, "*", &Ask::default()).is_no()
    }

    /// Whether a role trusts a service for things of its own account.
    pub(crate) fn trusts_service(&self, role: usize, service: &'static str) -> Truth {
        if let Some(known) = self.trusted.borrow().get(&(role, service)) {
            return known.clone();
        }
        let truth = match (self.powers.principal(role), self.trust.get(role)) {
            (Some(one), Some(trust)) if trust.names_service(service) => self.powers.trusts_service(one, service),
            _ => Truth::No,
        };
        self.trusted.borrow_mut().insert((role, service), truth.clone());
        truth
    }

    /// Whether all that the method needs is allowed.
    fn all(&self, actor: Actor, needed: &Needed, on: &str, site: &Site<'_>) -> Truth {
        let possible = self.powers.classes.get(actor.class).map(|class| class.possible).unwrap_or_default();
        if !possible.holds(needed.bits) {
            return Truth::No;
        }
        Truth::all(needed.method.needs.iter().map(|need| self.need(actor, need, on, site)))
    }

    fn need(&self, actor: Actor, need: &Need, on: &str, site: &Site<'_>) -> Truth {
        let Some(action) = Actions::all().number(need.action) else { return Truth::No };
        if need.action == "sts:AssumeRole" {
            return site.target.map_or(Truth::No, |target| self.powers.may_assume(actor, target));
        }
        let ask = ask(need, site);
        let may = |resource: &str| {
            if attaches(need.action) {
                self.attaches(actor, need.action, resource, ask.clone()).0
            } else {
                self.powers.may(actor, action, resource, &ask)
            }
        };
        match need.on {
            On::Role | On::User => may(on),
            On::Group => site.group.map_or(Truth::No, may),
            On::Policy => site.policy.map_or(Truth::No, may),
            On::Thing => match site.thing {
                Some(thing) => may(thing),
                None if site.any_thing => Truth::any(self.named(actor, action).iter().map(|resource| may(resource))),
                None => Truth::No,
            },
            On::Any => {
                let mut regions = self.powers.regions_of(actor.class, action).into_iter().peekable();
                if regions.peek().is_none() {
                    return may("*");
                }
                Truth::any(regions.map(|region| {
                    let mut ask = ask.clone();
                    ask.with.push(("aws:requestedregion", region));
                    self.powers.may(actor, action, "*", &ask)
                }))
            }
            On::New(template) => self.choose(actor, action, template),
            On::Each(templates) => Truth::all(templates.iter().map(|template| self.choose(actor, action, template))),
        }
    }

    /// Whether `actor` may attach a policy that makes an administrator, and the first that it may: policies can say which
    /// may be attached, and forget one.
    pub(crate) fn attaches(&self, actor: Actor, action: &str, resource: &str, mut ask: Ask<'a>) -> (Truth, &'a str) {
        let Some(number) = Actions::all().number(action) else { return (Truth::No, ADMINISTRATOR) };
        ask.with.push((POLICY, ADMINISTRATOR.to_owned()));
        let truth = self.powers.may(actor, number, resource, &ask);
        let keys = self.powers.keys_of(actor.class, number);
        if truth.is_yes() || !keys.iter().any(|key| key == POLICY) {
            return (truth, ADMINISTRATOR);
        }
        let account = self.powers.classes.get(actor.class).map_or("", |class| self.account_id(class.account));
        let mut own: Vec<&'a str> = self
            .everybody()
            .managed
            .iter()
            .filter(|(arn, policy)| arn.contains(account) && grants_everything(policy))
            .map(|(arn, _)| *arn)
            .collect();
        own.sort_unstable();
        let mut best = (truth, ADMINISTRATOR);
        for arn in own.into_iter().take(MOST_ATTACHED).chain([IAM_FULL_ACCESS]) {
            if let Some(last) = ask.with.last_mut() {
                last.1.clone_from(&arn.to_owned());
            }
            let truth = self.powers.may(actor, number, resource, &ask);
            if truth.is_yes() {
                return (truth, arn);
            }
            if best.0.is_no() {
                best = (truth, arn);
            }
        }
        best
    }

    /// The resources that policies name for the action, for something of which nobody knows the name.
    fn named(&self, actor: Actor, action: u16) -> Vec<String> {
        self.powers.resources_of(actor.class, action).iter().map(|pattern| pattern.replace(['*', '?'], "x")).collect()
    }

    /// Whether the action is allowed on something of the attacker's choice.
    fn choose(&self, actor: Actor, action: u16, template: &'static str) -> Truth {
        let Some(class) = self.powers.classes.get(actor.class) else { return Truth::No };
        let key = (actor.class, action, template);
        if !class.personal
            && let Some(known) = self.chosen.borrow().get(&key)
        {
            return known.clone();
        }
        let named = self.powers.resources_of(actor.class, action);
        let regions = self.powers.regions_of(actor.class, action);
        let all = choices(template, self.account_id(class.account), &named, &regions);
        let truth = Truth::any(all.iter().map(|arn| self.powers.may(actor, action, arn, &Ask::default())));
        if !class.personal {
            self.chosen.borrow_mut().insert(key, truth.clone());
        }
        truth
    }
}

fn best(all: impl Iterator<Item = Works>) -> Option<Works> {
    all.min_by_key(|works| works.depends.len())
}

fn works(method: &'static Method, target: Option<usize>, truth: Truth) -> Option<Works> {
    let depends = match truth {
        Truth::No => return None,
        Truth::Yes => Vec::new(),
        Truth::Depends(keys) => keys,
    };
    Some(Works { method, target, thing: None, service: None, over: None, depends })
}

/// The key that says which policy is attached.
const POLICY: &str = "iam:policyarn";

/// Whether the action attaches a managed policy to somebody.
pub(crate) fn attaches(action: &str) -> bool {
    matches!(action, "iam:AttachUserPolicy" | "iam:AttachRolePolicy" | "iam:AttachGroupPolicy")
}

fn grants_everything(policy: &ManagedPolicy) -> bool {
    policy.document().and_then(Document::policy).is_some_and(super::texts::is_everything)
}

fn ask<'s>(need: &Need, site: &'s Site<'_>) -> Ask<'s> {
    let mut ask = Ask::default();
    if need.action == "iam:PassRole"
        && let Some(service) = site.passed_to
    {
        ask.with.push(("iam:passedtoservice", service.to_owned()));
    }
    if need.action.ends_with("PermissionsBoundary") && need.action.starts_with("iam:Put") {
        ask.with.push(("iam:permissionsboundary", ADMINISTRATOR.to_owned()));
    } else if need.action.starts_with("iam:")
        && let Some(target) = site.target
    {
        let user = target.user.and_then(|user| user.boundary.as_ref());
        let bound = user.or(target.role.and_then(|role| role.boundary.as_ref()));
        ask.with.push(("iam:permissionsboundary", bound.map(|bound| bound.arn.clone()).unwrap_or_default()));
    }
    if matches!(need.on, On::Role | On::User) {
        ask.tags = site.target.map(|target| target.tags);
    } else if need.on == On::Thing {
        ask.tags = site.tags;
    }
    ask
}

/// Things of one kind that are tried.
const MOST_THINGS: usize = 64;

/// On what a method goes.
#[derive(Clone, Copy, Default)]
struct Site<'s> {
    target: Option<&'s Principal<'s>>,
    passed_to: Option<&'static str>,
    thing: Option<&'s str>,
    /// The thing's tags, where they are known.
    tags: Option<&'s [Tag]>,
    /// Something must be there, and nobody knows what.
    any_thing: bool,
    group: Option<&'s str>,
    policy: Option<&'s str>,
}

fn has_profile(one: &Principal<'_>, account: Option<&crate::facts::Account>) -> bool {
    one.role.is_some_and(|role| {
        !role.instance_profiles.is_empty()
            || account.is_some_and(|account| {
                account.instance_profiles.iter().any(|profile| profile.roles.iter().any(|in_it| in_it.arn == role.arn))
            })
    })
}

/// What is known of a user's keys and password; nothing is taken for given that the facts do not say.
fn user_state(one: &Principal<'_>, state: UserState) -> Truth {
    let Some(user) = one.user else { return Truth::No };
    let keys = user.access_keys.as_ref().map(Vec::len);
    let reported = user.credentials.as_ref();
    // The report tells of active keys only: two of them are two, fewer may be two all the same.
    let active = reported.map(|row| row.keys.iter().filter(|key| key.active).count());
    let password = user.has_password.or_else(|| reported.and_then(|row| row.password_enabled));
    let factor = user
        .mfa_devices
        .as_ref()
        .map(|devices| !devices.is_empty())
        .or_else(|| reported.and_then(|row| row.mfa_active));
    match state {
        UserState::RoomForKey => match (keys, active) {
            (Some(keys), _) => (keys < 2).into(),
            (None, Some(active)) => (active < 2).into(),
            (None, None) => Truth::Yes,
        },
        UserState::TwoKeys => (keys.or(active).is_some_and(|keys| keys >= 2)).into(),
        // A login also asks for the second factor.
        UserState::NoPassword | UserState::Password if factor == Some(true) => Truth::No,
        UserState::NoPassword => match password {
            Some(password) => (!password).into(),
            None => Truth::on("whether the user has a password, which the facts do not say"),
        },
        UserState::Password => match password {
            Some(password) => password.into(),
            None => Truth::on("whether the user has a password, which the facts do not say"),
        },
    }
}

/// An older version allows everything.
fn has_generous_version(policy: &ManagedPolicy) -> bool {
    let current = policy.current().map(|version| version.id.as_str());
    let others = policy.versions.iter().filter(|version| Some(version.id.as_str()) != current);
    others.filter_map(|version| version.document.as_ref().and_then(Document::policy)).any(super::texts::is_everything)
}
