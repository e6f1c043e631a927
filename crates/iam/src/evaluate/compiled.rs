//! Whole accounts: policies are taken once, however many principals share them, and found by the service that they speak of.
//! The same decisions as [`super::decide`], thousands at a time.
//!
//! ```
//! use keelguard_iam::Policy;
//! use keelguard_iam::evaluate::{Caller, Compiled, Context, Holding, Target, Truth};
//! let read = Policy::parse(r#"{"Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}"#).unwrap();
//! let mut all = Compiled::default();
//! let read = all.add("read", &read);
//! let alice = Caller::Arn("arn:aws:iam::111122223333:user/alice".to_owned());
//! let alice = all.hold(&alice, Context::default(), Holding { identity: vec![read], ..Holding::default() });
//! let get = all.action("s3:GetObject");
//! let question = get.on(Target::new("arn:aws:s3:::b/k"), Context::default());
//! assert_eq!(question.who(), [(alice, Truth::Yes)]);
//! ```

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::caller::{self, Kind, Who};
use super::context::Layered;
use super::decide::{self, Weighed};
use super::statement::{Asked, Said};
use super::{Attached, Caller, Context, Keys as _, Level, Policies, Request, Truth};
use crate::pattern::Token;
use crate::policy::{Effect, Piece, Policy, Statement, is_account};

/// A policy that was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PolicyId(usize);

/// A principal that was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HolderId(usize);

/// The levels of the organisation above an account, from the root down: the entity and what hangs there.
pub type OrganisationLevels<'a> = Arc<[(&'a str, Vec<PolicyId>)]>;

/// What a principal holds.
#[derive(Clone, Debug, Default)]
pub struct Holding<'a> {
    /// Inline, managed and groups' policies.
    pub identity: Vec<PolicyId>,
    /// The permissions boundary.
    pub boundary: Option<Vec<PolicyId>>,
    /// Session policies, where a session is meant that has any.
    pub session: Option<Vec<PolicyId>>,
    /// Service control policies of its account, shared by all of the account; no level: no organisation.
    pub scp: Option<OrganisationLevels<'a>>,
    /// Its account manages the organisation.
    pub is_management: bool,
    /// Its unique id (`AIDA…`, `AROA…`), by which policies of resources may name it.
    pub unique_id: Option<&'a str>,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Target<'t> {
    /// Its ARN, or `*`.
    pub resource: &'t str,
    /// Its account, where the ARN does not tell.
    pub account: Option<&'t str>,
    /// Its policy.
    pub policy: Option<Vec<Attached<'t>>>,
    /// Resource control policies of its account, from the root down.
    pub rcp: Vec<Level<'t>>,
    /// Its account manages the organisation.
    pub is_management: bool,
    /// Of the VPC endpoint through which it is asked for; none: it is asked for otherwise.
    pub endpoint: Option<Vec<Attached<'t>>>,
}

impl<'t> Target<'t> {
    /// A resource of which nothing but its name is known.
    pub fn new(resource: &'t str) -> Self {
        Self { resource, account: None, policy: None, rcp: Vec::new(), is_management: false, endpoint: None }
    }
}

/// Principals and their policies.
#[derive(Default)]
pub struct Compiled<'a> {
    policies: Vec<Attached<'a>>,
    /// Statements by the service that their actions name.
    by_service: HashMap<&'a str, Vec<Place>>,
    /// Statements that speak of services by a wildcard, or of all but some.
    of_any_service: Vec<Place>,
    holders: Vec<Holder<'a>>,
    /// Who holds a policy as an identity policy.
    held_by: Vec<Vec<HolderId>>,
    /// Root users: they need no policy.
    roots: Vec<HolderId>,
    /// By ARN and by unique id: whom policies of resources name.
    by_name: HashMap<String, Vec<HolderId>>,
    /// Condition keys that differ from one caller to the next.
    own_keys: HashSet<String>,
}

/// A statement of a policy.
type Place = (PolicyId, usize);

struct Holder<'a> {
    caller: Caller,
    who: Who,
    context: Context,
    holding: Holding<'a>,
}

impl<'a> Compiled<'a> {
    /// Takes a policy. One that many principals share is added once.
    pub fn add(&mut self, name: &'a str, policy: &'a Policy) -> PolicyId {
        let id = PolicyId(self.policies.len());
        self.policies.push(Attached { name, policy });
        self.held_by.push(Vec::new());
        for (index, statement) in policy.statements.iter().enumerate() {
            let mut services = HashSet::new();
            for pattern in &statement.actions.any {
                match pattern.as_str().split_once(':') {
                    Some((service, _)) if !service.contains(['*', '?']) => services.insert(Some(service)),
                    _ => services.insert(None),
                };
            }
            if statement.actions.negated || services.contains(&None) {
                self.of_any_service.push((id, index));
                continue;
            }
            for service in services.into_iter().flatten() {
                self.by_service.entry(service).or_default().push((id, index));
            }
        }
        id
    }

    /// Takes a principal. `context` has what is known of it: tags, unique id; the rest follows from its ARN.
    pub fn hold(&mut self, caller: &Caller, mut context: Context, holding: Holding<'a>) -> HolderId {
        let id = HolderId(self.holders.len());
        let unique_id = holding.unique_id.map(str::to_owned);
        let request = Request { context: context.clone(), unique_id, ..Request::new(caller.clone(), "", "") };
        let who = Who::of(&request);
        caller::of_caller(&mut context, &who);
        self.own_keys.extend(context.values.keys().cloned());
        for policy in &holding.identity {
            if let Some(held_by) = self.held_by.get_mut(policy.0) {
                held_by.push(id);
            }
        }
        if who.kind == Kind::Root {
            self.roots.push(id);
        }
        for name in who.names() {
            self.by_name.entry(name.to_owned()).or_default().push(id);
        }
        self.holders.push(Holder { caller: caller.clone(), who, context, holding });
        id
    }

    /// The principals, in the order added.
    pub fn holders(&self) -> impl Iterator<Item = (HolderId, &Caller)> {
        self.holders.iter().enumerate().map(|(index, holder)| (HolderId(index), &holder.caller))
    }

    /// Everything that speaks of an action. Worth keeping while several resources are asked for.
    pub fn action(&self, action: &str) -> ActionView<'_, 'a> {
        let action = action.to_ascii_lowercase();
        let service = action.split(':').next().unwrap_or_default();
        let mut relevant: HashMap<PolicyId, Vec<&'a Statement>> = HashMap::new();
        let places = self.by_service.get(service).into_iter().flatten().chain(&self.of_any_service);
        for (id, index) in places {
            let Some(policy) = self.policies.get(id.0) else { continue };
            let Some(statement) = policy.policy.statements.get(*index) else { continue };
            let fits = statement.actions.any.iter().any(|pattern| pattern.matches(&action));
            if fits != statement.actions.negated {
                relevant.entry(*id).or_default().push(statement);
            }
        }
        ActionView { compiled: self, action, relevant }
    }

    /// The same, as far as it concerns one principal: for many actions of one.
    pub fn action_of(&self, action: &str, holder: HolderId) -> ActionView<'_, 'a> {
        let action = action.to_ascii_lowercase();
        let mut relevant: HashMap<PolicyId, Vec<&'a Statement>> = HashMap::new();
        let holding = self.holders.get(holder.0).map(|holder| &holder.holding);
        let limits = holding.iter().flat_map(|holding| holding.boundary.iter().chain(&holding.session).flatten());
        let levels = holding.iter().filter_map(|holding| holding.scp.as_ref());
        let levels = levels.flat_map(|levels| levels.iter().flat_map(|(_, ids)| ids));
        for id in holding.iter().flat_map(|holding| &holding.identity).chain(limits).chain(levels) {
            let Some(policy) = self.policies.get(id.0) else { continue };
            let fits = |statement: &&'a Statement| {
                statement.actions.any.iter().any(|pattern| pattern.matches(&action)) != statement.actions.negated
            };
            let fitting: Vec<&Statement> = policy.policy.statements.iter().filter(fits).collect();
            if !fitting.is_empty() {
                relevant.insert(*id, fitting);
            }
        }
        ActionView { compiled: self, action, relevant }
    }

    /// A request and all policies that have a say in it, for [`super::decide`] and its reasons.
    pub fn single<'q>(
        &'q self,
        holder: HolderId,
        action: &str,
        target: &Target<'q>,
        circumstances: &Context,
    ) -> Option<(Request, Policies<'q>)> {
        let holder = self.holders.get(holder.0)?;
        let list = |ids: &[PolicyId]| ids.iter().filter_map(|id| self.policies.get(id.0).copied()).collect::<Vec<_>>();
        let level = |(entity, ids): &(&'a str, Vec<PolicyId>)| Level { entity, policies: list(ids) };
        let holding = &holder.holding;
        let policies = Policies {
            identity: list(&holding.identity),
            boundary: holding.boundary.as_deref().map(list),
            session: holding.session.as_deref().map(list),
            resource: target.policy.clone(),
            scp: holding.scp.iter().flat_map(|levels| levels.iter()).map(level).collect(),
            rcp: target.rcp.clone(),
            vpc_endpoint: target.endpoint.clone(),
            principal_is_management: holding.is_management,
            resource_is_management: target.is_management,
        };
        let mut context = holder.context.clone();
        context.values.extend(circumstances.values.clone());
        context.others = circumstances.others;
        let resource_account = target.account.map(str::to_owned);
        let unique_id = holding.unique_id.map(str::to_owned);
        let request = Request::new(holder.caller.clone(), action, target.resource);
        Some((Request { unique_id, resource_account, context, ..request }, policies))
    }
}

/// All statements that speak of one action.
pub struct ActionView<'c, 'a> {
    compiled: &'c Compiled<'a>,
    action: String,
    relevant: HashMap<PolicyId, Vec<&'a Statement>>,
}

impl<'c, 'a> ActionView<'c, 'a> {
    /// Who may do it on `target`, under these circumstances?
    pub fn on<'q>(&'q self, target: Target<'q>, mut context: Context) -> Question<'q, 'c, 'a> {
        let by_arn = caller::Arn::of(target.resource).account;
        let account = target.account.or_else(|| is_account(by_arn).then_some(by_arn));
        caller::of_resource(&mut context, target.resource, account);
        Question { view: self, target, account, context, known: RefCell::default() }
    }

    /// Whether some identity policy allows it, on whatever resource and under whatever condition.
    pub fn is_allowed_anywhere(&self, holder: HolderId) -> bool {
        let Some(holder) = self.compiled.holders.get(holder.0) else { return false };
        let allows = |id: &PolicyId| self.statements(*id).any(|statement| statement.effect == Effect::Allow);
        holder.who.kind == Kind::Root || holder.holding.identity.iter().any(allows)
    }

    /// On what its identity policies allow the action, as patterns: variables have their values where these are known.
    pub fn resources(&self, holder: HolderId) -> Vec<String> {
        let Some(holder) = self.compiled.holders.get(holder.0) else { return Vec::new() };
        if holder.who.kind == Kind::Root {
            return vec!["*".to_owned()];
        }
        let statements = holder.holding.identity.iter().flat_map(|id| self.statements(*id));
        let allowing = statements.filter(|statement| statement.effect == Effect::Allow);
        let mut all = Vec::new();
        for clause in allowing.filter_map(|statement| statement.resources.as_ref()) {
            if clause.negated {
                all.push("*".to_owned());
                continue;
            }
            all.extend(clause.any.iter().map(|template| {
                let value = |key: &str| holder.context.single(key).map(str::to_owned);
                template
                    .tokens(value)
                    .map_or_else(|| template.written(), |tokens| tokens.iter().map(Token::shown).collect())
            }));
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    fn statements(&self, id: PolicyId) -> impl Iterator<Item = &'a Statement> {
        self.relevant.get(&id).into_iter().flatten().copied()
    }
}

/// One action on one target.
pub struct Question<'q, 'c, 'a> {
    view: &'q ActionView<'c, 'a>,
    target: Target<'q>,
    account: Option<&'q str>,
    context: Context,
    /// What policies say that say the same to every caller.
    known: RefCell<HashMap<PolicyId, Said>>,
}

impl Question<'_, '_, '_> {
    /// Everybody who may, or may under conditions of which nothing is known.
    pub fn who(&self) -> Vec<(HolderId, Truth)> {
        let compiled = self.view.compiled;
        let mut candidates = compiled.roots.clone();
        for (id, statements) in &self.view.relevant {
            if statements.iter().any(|statement| statement.effect == Effect::Allow) {
                candidates.extend(compiled.held_by.get(id.0).into_iter().flatten());
            }
        }
        for statement in self.target.policy.iter().flatten().flat_map(|attached| &attached.policy.statements) {
            let fits = statement.actions.any.iter().any(|pattern| pattern.matches(&self.view.action));
            if statement.effect == Effect::Allow && fits != statement.actions.negated {
                self.named_by(statement, &mut candidates);
            }
        }
        candidates.sort_unstable();
        candidates.dedup();
        candidates.into_iter().map(|id| (id, self.may(id))).filter(|(_, truth)| !truth.is_no()).collect()
    }

    /// Whom a statement on the resource may let in who has no policy of their own that does. An account lets in nobody by
    /// itself: its policies do.
    fn named_by(&self, statement: &Statement, candidates: &mut Vec<HolderId>) {
        let Some(clause) = &statement.principals else { return };
        let all = clause.negated || clause.any.iter().any(|pattern| pattern.as_str() == "*");
        if all {
            candidates.extend((0..self.view.compiled.holders.len()).map(HolderId));
            return;
        }
        let by_name = &self.view.compiled.by_name;
        for pattern in &clause.any {
            candidates.extend(by_name.get(pattern.as_str()).into_iter().flatten());
            // The ARN of a session lacks its role's path.
            if let Some(bare) = caller::without_path(pattern.as_str()) {
                candidates.extend(by_name.get(&bare).into_iter().flatten());
            }
        }
    }

    /// Whether this one may.
    pub fn may(&self, holder: HolderId) -> Truth {
        let Some(holder) = self.view.compiled.holders.get(holder.0) else { return Truth::No };
        let keys = Layered { request: &self.context, caller: &holder.context };
        let who = &holder.who;
        let asked = Asked {
            who,
            action: &self.view.action,
            resource: self.target.resource,
            context: &keys,
            bounded: holder.holding.boundary.is_some(),
            other_account: decide::other_account(who, self.account),
            governs_itself: decide::governs_itself(&self.view.action, self.target.resource),
        };
        let resource = Said::by(self.target.policy.as_deref().unwrap_or_default(), &asked);
        let identity = self.said(&holder.holding.identity, &asked);
        if identity.allow().is_no() && resource.allow().is_no() && who.kind != Kind::Root {
            return Truth::No;
        }
        let free_of_scp = decide::exempt_from_scp(who, holder.holding.is_management).is_some();
        let free_of_rcp = decide::exempt_from_rcp(&asked, self.target.is_management).is_some();
        let scp = holder.holding.scp.iter().flat_map(|levels| levels.iter()).filter(|_| !free_of_scp);
        let rcp = self.target.rcp.iter().filter(|_| !free_of_rcp);
        let weighed = Weighed {
            identity,
            boundary: holder.holding.boundary.as_ref().map(|list| self.said(list, &asked)),
            session: holder.holding.session.as_ref().map(|list| self.said(list, &asked)),
            resource,
            scp: scp.map(|(_, list)| self.said(list, &asked)).collect(),
            rcp: rcp.map(|level| Said::by(&level.policies, &asked)).collect(),
            endpoint: self.target.endpoint.as_ref().map(|list| Said::by(list, &asked)),
        };
        weighed.allowed(&asked)
    }

    fn said(&self, ids: &[PolicyId], asked: &Asked<'_>) -> Said {
        ids.iter().fold(Said::NOTHING, |said, id| {
            if !self.view.relevant.contains_key(id) {
                return said;
            }
            said.and_also(self.said_by(*id, asked))
        })
    }

    fn said_by(&self, id: PolicyId, asked: &Asked<'_>) -> Said {
        if let Some(said) = self.known.borrow().get(&id) {
            return said.clone();
        }
        let said = self
            .view
            .statements(id)
            .fold(Said::NOTHING, |said, statement| said.and_also(Said::of_fitting(statement, asked)));
        if self.view.statements(id).all(|statement| self.is_the_same_for_all(statement)) {
            self.known.borrow_mut().insert(id, said.clone());
        }
        said
    }

    /// Nothing in the statement looks at who asks.
    fn is_the_same_for_all(&self, statement: &Statement) -> bool {
        let own = &self.view.compiled.own_keys;
        let free = |pieces: &[Piece]| {
            pieces.iter().all(|piece| !matches!(piece, Piece::Variable { key, .. } if own.contains(key)))
        };
        let conditions = || {
            statement.conditions.iter().all(|condition| {
                !own.contains(&condition.name) && condition.values.iter().all(|value| free(&value.pieces))
            })
        };
        let resources = || statement.resources.iter().flat_map(|clause| &clause.any).all(|wanted| free(&wanted.pieces));
        statement.principals.is_none() && resources() && conditions()
    }
}
