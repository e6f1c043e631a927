//! Who can become somebody else without being trusted to, where that leads to no administrator.

use std::collections::{BTreeMap, BTreeSet};

use super::Graph;
use super::apply::Works;
use super::path::Hop;
use super::principals::Bound;
use super::search::{Chosen, To};
use super::texts::is_flat;
use crate::escalate::Method;
use crate::pattern::{self, Pattern};
use crate::policy::{Effect, Policy, Statement};

/// So many targets of one crowd are told.
const MOST: usize = 400;

/// Methods and whom one becomes by each.
type ByMethod = BTreeMap<&'static str, BTreeSet<usize>>;

/// A crowd that can become others.
#[derive(Clone, Debug)]
pub struct Lateral {
    /// The number of the account.
    pub account: String,
    /// ARNs of those who can, sorted.
    pub subjects: Vec<String>,
    /// How, and whom: ARNs.
    pub methods: Vec<(&'static Method, BTreeSet<String>)>,
    /// What the surest of them hangs on; empty: at least one works.
    pub depends: Vec<String>,
    /// The surest, told of the first of them.
    pub example: Option<Hop>,
}

impl Lateral {
    /// Everybody whom they can become.
    pub fn targets(&self) -> BTreeSet<&str> {
        self.methods.iter().flat_map(|(_, targets)| targets.iter().map(String::as_str)).collect()
    }
}

impl Graph<'_> {
    /// Those who can become others, by methods that nobody means to give, and have no way to administrator.
    pub fn lateral(&self) -> Vec<Lateral> {
        let search = &self.search;
        let everybody = search.methods.everybody();
        let principals = everybody.principals.len();
        let mut by_account: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (number, one) in everybody.principals.iter().enumerate() {
            if !one.is_service_linked() && !one.held.is_empty() {
                by_account.entry(one.account).or_default().push(number);
            }
        }
        let mut same: BTreeMap<(usize, ByMethod), (Vec<usize>, Option<Works>)> = BTreeMap::new();
        for (class, members) in search.by_class() {
            let Some(of) = search.methods.powers.classes.get(class) else { continue };
            let members: Vec<usize> = members.into_iter().filter(|member| *member < principals).collect();
            let targets = by_account.get(&of.account).map(Vec::as_slice).unwrap_or_default();
            // What holds for one of a class holds for all, unless the policies ask who it is.
            let crowds: Vec<&[usize]> = if of.personal { members.chunks(1).collect() } else { vec![&members] };
            for crowd in crowds {
                let Some(first) = crowd.first() else { continue };
                let gained =
                    search.gains_of(class, std::slice::from_ref(first), targets, Chosen::Unmeant, &|_| true, MOST);
                let mut methods = ByMethod::new();
                let mut surest: Option<Works> = None;
                for (_, works) in gained {
                    let Some(target) = works.target.filter(|target| self.has_more(*first, *target)) else { continue };
                    methods.entry(works.method.id).or_default().insert(target);
                    if surest.as_ref().is_none_or(|known| works.depends.len() < known.depends.len()) {
                        surest = Some(works);
                    }
                }
                if surest.is_some() {
                    let group = same.entry((of.account, methods)).or_default();
                    group.0.extend(crowd);
                    group.1 = group.1.take().or(surest);
                }
            }
        }
        let arn = |number: &usize| everybody.principals.get(*number).map(|one| one.arn.to_owned());
        let told = |((account, methods), (members, works)): ((usize, ByMethod), (Vec<usize>, Option<Works>))| {
            let mut subjects: Vec<String> = members.iter().filter_map(arn).collect();
            subjects.sort_unstable();
            let example = works
                .as_ref()
                .zip(members.first())
                .map(|(works, member)| search.hop(*member, works, To::Actor(works.target.unwrap_or(*member))));
            let methods = methods.into_iter().filter_map(|(id, targets)| {
                Some((crate::escalate::method(id)?, targets.iter().filter_map(arn).collect()))
            });
            Lateral {
                account: search.methods.account_id(account).to_owned(),
                subjects,
                methods: methods.collect(),
                depends: works.map(|works| works.depends).unwrap_or_default(),
                example,
            }
        };
        same.into_iter().map(told).collect()
    }

    /// Whether a principal has a policy that another has not, and that allows what the other's do not cover.
    fn has_more(&self, one: usize, other: usize) -> bool {
        let everybody = self.search.methods.everybody();
        let principals = &everybody.principals;
        let (Some(one), Some(other)) = (principals.get(one), principals.get(other)) else { return false };
        let own: Vec<&Policy> =
            one.held.iter().filter_map(|held| Some(everybody.texts.get(held.text)?.policy)).collect();
        // What a boundary or a deny takes away may be just what the other has.
        let denies = own.iter().flat_map(|policy| &policy.statements).any(|one| one.effect == Effect::Deny);
        let is_bounded = one.bound != Bound::None || denies;
        other.held.iter().any(|held| {
            if one.held.iter().any(|own| own.text == held.text) {
                return false;
            }
            let Some(text) = everybody.texts.get(held.text) else { return true };
            is_bounded || !covers(&own, text.policy)
        })
    }
}

/// Whether everything that `policy` allows is allowed by one of `own` on everything, without a condition.
fn covers(own: &[&Policy], policy: &Policy) -> bool {
    let wide: Vec<&Statement> = own
        .iter()
        .flat_map(|policy| &policy.statements)
        .filter(|statement| statement.effect == Effect::Allow && is_flat(statement))
        .collect();
    let covered = |action: &str| {
        wide.iter().any(|statement| {
            let mut patterns = statement.actions.any.iter().map(Pattern::as_str);
            if statement.actions.negated {
                !patterns.any(|but| pattern::matches(but, action) || pattern::matches(action, but))
            } else {
                patterns.any(|pattern| pattern::matches(pattern, action))
            }
        })
    };
    policy.statements.iter().filter(|statement| statement.effect == Effect::Allow).all(|statement| {
        !statement.actions.negated && statement.actions.any.iter().all(|action| covered(action.as_str()))
    })
}
