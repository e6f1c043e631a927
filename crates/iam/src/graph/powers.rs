//! What principals may do, as the evaluator decides it; asked so often that principals under the same policies are asked
//! about once, and of each policy only the statements that name the action are looked at.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use super::bits::{Actions, Bits};
use super::context;
use super::principals::{Bound, Everybody, Principal};
use super::texts::{TextId, is_flat};
use crate::Policy;
use crate::escalate::Kind;
use crate::evaluate::{Attached, Caller, Level, Outcome, Policies, Request, Truth, outcome};
use crate::facts::{Facts, Tag};
use crate::policy::{Piece, Statement};

/// Principals under the same policies.
#[derive(Debug)]
pub(crate) struct Class {
    pub(crate) account: usize,
    pub(crate) kind: Kind,
    texts: Vec<TextId>,
    bound: Bound,
    /// The policies say different things of each member.
    pub(crate) personal: bool,
    /// What may be allowed on something, under some condition.
    pub(crate) possible: Bits,
    slices: RefCell<HashMap<u16, Rc<Slice>>>,
}

/// What all policies of a class say of one action.
#[derive(Debug)]
struct Slice {
    identity: Vec<Rc<Policy>>,
    bound: Option<Vec<Rc<Policy>>>,
    service: Vec<Vec<Rc<Policy>>>,
    /// It is the same for every resource, whoever of the class asks, under whatever circumstances.
    flat: bool,
    /// No statement has a condition or a variable.
    plain: bool,
    /// Condition keys that statements ask for.
    keys: Vec<String>,
    flat_truth: RefCell<Option<Truth>>,
}

/// Somebody who acts: a principal as they are, or as they would be without a boundary or in another group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Actor {
    pub(crate) principal: usize,
    pub(crate) class: usize,
}

/// What is asked beside action and resource.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ask<'q> {
    /// Condition keys with their values.
    pub(crate) with: Vec<(&'q str, String)>,
    /// Tags of the resource.
    pub(crate) tags: Option<&'q [Tag]>,
    /// The resource's own policy: a role's trust.
    pub(crate) resource_policy: Option<&'q Policy>,
    /// The account in which the resource lies, where it is another.
    pub(crate) resource_account: Option<usize>,
}

/// Decisions about everybody.
#[derive(Debug)]
pub(crate) struct Powers<'a> {
    pub(crate) facts: &'a Facts,
    pub(crate) everybody: Everybody<'a>,
    pub(crate) classes: Vec<Class>,
    /// By principal.
    pub(crate) class_of: Vec<usize>,
    by_key: HashMap<ClassKey, usize>,
    sliced: RefCell<HashMap<(TextId, u16), Rc<Policy>>>,
    organisation: Option<String>,
}

type ClassKey = (usize, Kind, Vec<TextId>, Bound);

impl<'a> Powers<'a> {
    pub(crate) fn of(facts: &'a Facts) -> Self {
        let everybody = Everybody::of(facts);
        let organisation =
            facts.organisation.as_ref().map(|organisation| organisation.id.clone()).filter(|id| !id.is_empty());
        let mut powers = Self {
            facts,
            everybody,
            classes: Vec::new(),
            class_of: Vec::new(),
            by_key: HashMap::new(),
            sliced: RefCell::default(),
            organisation,
        };
        for number in 0..powers.everybody.principals.len() {
            let class = powers.everybody.principals.get(number).map(|one| {
                (one.account, one.kind, one.held.iter().map(|held| held.text).collect::<Vec<_>>(), one.bound)
            });
            if let Some((account, kind, texts, bound)) = class {
                let class = powers.class(account, kind, texts, bound);
                powers.class_of.push(class);
            }
        }
        powers
    }

    /// The class of whoever is under these policies.
    pub(crate) fn class(&mut self, account: usize, kind: Kind, mut texts: Vec<TextId>, bound: Bound) -> usize {
        texts.sort_unstable();
        texts.dedup();
        let key = (account, kind, texts, bound);
        if let Some(&known) = self.by_key.get(&key) {
            return known;
        }
        let (_, _, texts, _) = &key;
        let mut allows = Bits::default();
        let mut denies = Bits::default();
        let mut personal = false;
        for text in texts.iter().filter_map(|text| self.everybody.texts.get(*text)) {
            allows = allows.or(text.allows);
            denies = denies.or(text.denies);
            personal |= text.personal;
        }
        if let Bound::Text(text) = bound
            && let Some(text) = self.everybody.texts.get(text)
        {
            allows = allows.and(text.allows);
            denies = denies.or(text.denies);
            personal |= text.personal;
        }
        if let Some(bounds) = self.everybody.bounds.get(account).filter(|bounds| !bounds.is_management) {
            for (_, level) in &bounds.service {
                let mut of_level = Bits::default();
                for text in level.iter().filter_map(|(_, text)| self.everybody.texts.get(*text)) {
                    of_level = of_level.or(text.allows);
                    denies = denies.or(text.denies);
                    personal |= text.personal;
                }
                allows = allows.and(of_level);
            }
        }
        let number = self.classes.len();
        self.classes.push(Class {
            account,
            kind,
            texts: key.2.clone(),
            bound,
            personal,
            possible: allows.minus(denies),
            slices: RefCell::default(),
        });
        self.by_key.insert(key, number);
        number
    }

    pub(crate) fn principal(&self, number: usize) -> Option<&Principal<'a>> {
        self.everybody.principals.get(number)
    }

    /// The principal as it is.
    pub(crate) fn actor(&self, principal: usize) -> Option<Actor> {
        self.class_of.get(principal).map(|&class| Actor { principal, class })
    }

    /// The class of `actor` without its boundary.
    pub(crate) fn unbound(&mut self, actor: Actor) -> Option<Actor> {
        let class = self.classes.get(actor.class)?;
        let (account, kind, texts) = (class.account, class.kind, class.texts.clone());
        let class = self.class(account, kind, texts, Bound::None);
        Some(Actor { class, ..actor })
    }

    /// The class of `actor` with the policies of a group beside its own.
    pub(crate) fn joined(&mut self, actor: Actor, group: usize) -> Option<Actor> {
        let class = self.classes.get(actor.class)?;
        let mut texts = class.texts.clone();
        texts.extend(self.everybody.groups.get(group)?.held.iter().map(|held| held.text));
        let (account, kind, bound) = (class.account, class.kind, class.bound);
        let class = self.class(account, kind, texts, bound);
        Some(Actor { class, ..actor })
    }

    /// The class of `actor` once it has given itself everything that can be given: only its boundary is left.
    pub(crate) fn granted(&mut self, actor: Actor) -> Option<Actor> {
        let class = self.classes.get(actor.class)?;
        // What denies stays: a new policy does not take an old one away.
        let mut texts = class.texts.clone();
        let (account, kind, bound) = (class.account, class.kind, class.bound);
        texts.push(self.everybody.texts.everything());
        let class = self.class(account, kind, texts, bound);
        Some(Actor { class, ..actor })
    }

    /// Whether `actor` may do `action` on `resource`, as exactly as the facts allow to say.
    pub(crate) fn may(&self, actor: Actor, action: u16, resource: &str, ask: &Ask<'_>) -> Truth {
        let (Some(class), Some(one)) = (self.classes.get(actor.class), self.principal(actor.principal)) else {
            return Truth::No;
        };
        if !class.possible.has(action) && ask.resource_policy.is_none() {
            return Truth::No;
        }
        let slice = self.slice(class, action);
        if slice.flat && ask.resource_policy.is_none() {
            if let Some(known) = &*slice.flat_truth.borrow() {
                return known.clone();
            }
            let truth = self.ask(class, one, &slice, action, resource, ask);
            *slice.flat_truth.borrow_mut() = Some(truth.clone());
            return truth;
        }
        if ask.resource_policy.is_none() && !may_fit(&slice, one, resource) {
            return Truth::No;
        }
        self.ask(class, one, &slice, action, resource, ask)
    }

    fn ask(
        &self,
        class: &Class,
        one: &Principal<'_>,
        slice: &Slice,
        action: u16,
        resource: &str,
        ask: &Ask<'_>,
    ) -> Truth {
        let (policies, request) = self.question(class, one, slice, action, resource, ask);
        let truth = match outcome(&request, &policies) {
            Outcome::Allowed => Truth::Yes,
            Outcome::Depends(keys) => Truth::Depends(keys),
            Outcome::ImplicitDeny | Outcome::ExplicitDeny => Truth::No,
        };
        if class.bound == Bound::Unknown {
            truth.and(Truth::on("the permissions boundary, which the facts do not hold"))
        } else {
            truth
        }
    }

    fn question<'s>(
        &'s self,
        class: &Class,
        one: &Principal<'_>,
        slice: &'s Slice,
        action: u16,
        resource: &str,
        ask: &Ask<'s>,
    ) -> (Policies<'s>, Request) {
        let attached =
            |list: &'s [Rc<Policy>]| list.iter().map(|policy| Attached { name: "", policy }).collect::<Vec<_>>();
        let level = |list: &'s Vec<Rc<Policy>>| Level { entity: "", policies: attached(list) };
        let account = |number: usize| self.facts.accounts.get(number).map_or("", |account| account.id.as_str());
        let resource_account = ask.resource_account.unwrap_or(class.account);
        let sts = ask.resource_policy.is_some();
        let management = |number: usize| self.everybody.bounds.get(number).is_some_and(|bounds| bounds.is_management);
        let rcp = if sts { self.resource_levels(resource_account) } else { Vec::new() };
        let policies = Policies {
            identity: attached(&slice.identity),
            boundary: slice.bound.as_deref().map(attached),
            session: None,
            resource: ask.resource_policy.map(|policy| vec![Attached { name: "trust policy", policy }]),
            scp: slice.service.iter().map(level).collect(),
            rcp,
            vpc_endpoint: None,
            principal_is_management: management(class.account),
            resource_is_management: management(resource_account),
        };
        let conditional = !slice.plain || sts;
        let mut keys: Vec<&str> = slice.keys.iter().map(String::as_str).collect();
        let own = ask.resource_policy.iter().flat_map(|policy| &policy.statements);
        keys.extend(own.flat_map(|statement| &statement.conditions).map(|condition| condition.name.as_str()));
        let mut context = if conditional {
            context::of(one, account(class.account), self.organisation.as_deref(), &keys)
        } else {
            context::nothing_known()
        };
        if conditional {
            context.set("aws:resourceaccount", [account(resource_account).to_owned()]);
            if Actions::all().name(action).starts_with("iam:") {
                context.set(REGION, [region_of_iam(one.arn.split(':').nth(1).unwrap_or_default()).to_owned()]);
            }
            for (key, value) in &ask.with {
                context.set(key, if value.is_empty() { Vec::new() } else { vec![value.clone()] });
            }
            if let Some(tags) = ask.tags {
                context::tags(&mut context, "aws:resourcetag/", tags, &keys);
                // Services have the tags of their things under a name of their own as well.
                let service = Actions::all().name(action).split(':').next().unwrap_or_default();
                context::tags(&mut context, &format!("{service}:resourcetag/"), tags, &keys);
            }
        }
        let request = Request {
            principal: Caller::Arn(one.arn.to_owned()),
            issuer: None,
            unique_id: one.unique_id().map(str::to_owned),
            action: Actions::all().name(action).to_owned(),
            resource: resource.to_owned(),
            resource_account: Some(account(resource_account).to_owned()),
            context,
        };
        (policies, request)
    }

    /// Resource control policies bound who may assume a role.
    pub(crate) fn resource_levels(&self, account: usize) -> Vec<Level<'_>> {
        let Some(bounds) = self.everybody.bounds.get(account) else { return Vec::new() };
        let text = |(name, text): &(&'a str, TextId)| {
            self.everybody.texts.get(*text).map(|text| Attached { name, policy: text.policy })
        };
        bounds
            .resource
            .iter()
            .map(|(entity, level)| Level { entity, policies: level.iter().filter_map(text).collect() })
            .collect()
    }

    fn slice(&self, class: &Class, action: u16) -> Rc<Slice> {
        if let Some(known) = class.slices.borrow().get(&action) {
            return Rc::clone(known);
        }
        let slices = |texts: &[TextId]| -> Vec<Rc<Policy>> {
            texts.iter().map(|text| self.sliced(*text, action)).filter(|policy| !policy.statements.is_empty()).collect()
        };
        let bound = match class.bound {
            Bound::None | Bound::Unknown => None,
            Bound::Text(text) => Some(slices(&[text])),
        };
        let service = self.everybody.bounds.get(class.account).filter(|bounds| !bounds.is_management);
        let service: Vec<Vec<Rc<Policy>>> = service
            .map(|bounds| {
                let texts = |level: &Vec<(&str, TextId)>| level.iter().map(|(_, text)| *text).collect::<Vec<_>>();
                bounds.service.iter().map(|(_, level)| slices(&texts(level))).collect()
            })
            .unwrap_or_default();
        let identity = slices(&class.texts);
        let statements = || {
            identity
                .iter()
                .chain(bound.iter().flatten())
                .chain(service.iter().flatten())
                .flat_map(|policy| &policy.statements)
        };
        let flat = statements().all(is_flat);
        let plain = statements().all(|statement| statement.conditions.is_empty() && !has_variable(statement));
        let keys: BTreeSet<String> = statements()
            .flat_map(|statement| statement.conditions.iter().map(|condition| condition.name.clone()))
            .collect();
        let slice = Rc::new(Slice {
            flat,
            plain,
            keys: keys.into_iter().collect(),
            identity,
            bound,
            service,
            flat_truth: RefCell::default(),
        });
        class.slices.borrow_mut().insert(action, Rc::clone(&slice));
        slice
    }

    fn sliced(&self, text: TextId, action: u16) -> Rc<Policy> {
        if let Some(known) = self.sliced.borrow().get(&(text, action)) {
            return Rc::clone(known);
        }
        let slice = self.everybody.texts.get(text).map(|text| Rc::new(text.slice(action)));
        let slice = slice.unwrap_or_else(|| {
            Rc::new(Policy { version: crate::policy::Version::Current, id: None, statements: Vec::new() })
        });
        self.sliced.borrow_mut().insert((text, action), Rc::clone(&slice));
        slice
    }

    /// Whether the policies allow `action` on nobody but each user itself, as `user/${aws:username}` does: whoever looks
    /// for others need not ask about each.
    pub(crate) fn allows_only_itself(&self, class: usize, action: u16) -> bool {
        let Some(class) = self.classes.get(class).filter(|class| class.personal) else { return false };
        let slice = self.slice(class, action);
        let mut allowing = slice.identity.iter().flat_map(|policy| &policy.statements);
        allowing.all(|statement| {
            statement.effect == crate::policy::Effect::Deny
                || statement
                    .resources
                    .as_ref()
                    .is_some_and(|resources| !resources.negated && resources.any.iter().all(ends_in_own_name))
        })
    }

    /// The condition keys on which policies of a class make `action` hang.
    pub(crate) fn keys_of(&self, class: usize, action: u16) -> Vec<String> {
        self.classes.get(class).map(|class| self.slice(class, action).keys.clone()).unwrap_or_default()
    }

    /// The regions that policies name for `action`: whoever may choose one chooses what they leave.
    pub(crate) fn regions_of(&self, class: usize, action: u16) -> Vec<String> {
        let Some(class) = self.classes.get(class) else { return Vec::new() };
        let slice = self.slice(class, action);
        if !slice.keys.iter().any(|key| key == REGION) {
            return Vec::new();
        }
        let policies = slice.identity.iter().chain(slice.bound.iter().flatten()).chain(slice.service.iter().flatten());
        let conditions = policies.flat_map(|policy| &policy.statements).flat_map(|statement| &statement.conditions);
        let values = conditions.filter(|condition| condition.name == REGION).flat_map(|condition| &condition.values);
        let named: BTreeSet<String> =
            values.map(|value| value.written().replace('*', "east-1").replace('?', "1")).collect();
        named.into_iter().collect()
    }

    /// The resources that statements allowing `action` name, as written, for whoever may choose one.
    pub(crate) fn resources_of(&self, class: usize, action: u16) -> Vec<String> {
        let Some(class) = self.classes.get(class) else { return Vec::new() };
        let slice = self.slice(class, action);
        let allowing = slice.identity.iter().flat_map(|policy| &policy.statements);
        let allowing = allowing.filter(|statement| statement.effect == crate::policy::Effect::Allow);
        let mut named: Vec<String> = allowing
            .filter_map(|statement| statement.resources.as_ref())
            .filter(|resources| !resources.negated)
            .flat_map(|resources| resources.any.iter().map(crate::policy::Template::written))
            .collect();
        named.sort_unstable();
        named.dedup();
        named
    }
}

/// The region of a request.
const REGION: &str = "aws:requestedregion";

/// Where IAM is asked, whatever the region (IAM user guide, `aws:RequestedRegion`).
fn region_of_iam(partition: &str) -> &'static str {
    match partition {
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        _ => "us-east-1",
    }
}

/// `…/${aws:username}`: names of users are unique in an account.
fn ends_in_own_name(template: &crate::policy::Template) -> bool {
    match template.pieces.as_slice() {
        [.., Piece::Text(before), Piece::Variable { key, default: None }] => {
            key == "aws:username" && before.as_str().ends_with('/')
        }
        _ => false,
    }
}

fn has_variable(statement: &Statement) -> bool {
    statement.resources.as_ref().is_some_and(|resources| {
        resources.any.iter().any(|template| template.pieces.iter().any(|piece| !matches!(piece, Piece::Text(_))))
    })
}

/// Whether any statement that allows could speak of `resource`: most do not, and that is told without the evaluator.
fn may_fit(slice: &Slice, one: &Principal<'_>, resource: &str) -> bool {
    let allowing = slice.identity.iter().flat_map(|policy| &policy.statements);
    allowing.filter(|statement| statement.effect == crate::policy::Effect::Allow).any(|statement| {
        let Some(resources) = &statement.resources else { return true };
        resources.negated
            || resources.any.iter().any(|template| match template.as_pattern() {
                Some(pattern) => pattern.matches(resource),
                None => begins(template, one, resource),
            })
    })
}

/// Whether `resource` begins as the template does, up to its first variable other than the user's name.
fn begins(template: &crate::policy::Template, one: &Principal<'_>, resource: &str) -> bool {
    let mut known = String::new();
    let mut open = false;
    for piece in &template.pieces {
        match piece {
            Piece::Text(pattern) => known.push_str(pattern.as_str()),
            Piece::Variable { key, .. } if key == "aws:username" && one.kind == Kind::User => known.push_str(one.name),
            Piece::Variable { .. } | Piece::Literal(_) => {
                open = true;
                break;
            }
        }
    }
    if open {
        known.push('*');
    }
    crate::pattern::matches(&known, resource)
}
