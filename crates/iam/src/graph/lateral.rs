//! Who can become somebody else without being trusted to, where that leads to no administrator.

use std::collections::{BTreeMap, BTreeSet};

use super::Graph;
use super::search::Chosen;
use crate::escalate::Method;

/// So many targets of one crowd are told.
const MOST: usize = 400;

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
        let mut same: BTreeMap<(usize, BTreeMap<&'static str, BTreeSet<usize>>), (Vec<usize>, Vec<String>)> =
            BTreeMap::new();
        for (class, members) in search.by_class() {
            let Some(of) = search.methods.powers.classes.get(class) else { continue };
            let members: Vec<usize> = members.into_iter().filter(|member| *member < principals).collect();
            let targets = by_account.get(&of.account).map(Vec::as_slice).unwrap_or_default();
            let mut by_member: BTreeMap<usize, BTreeMap<&'static str, BTreeSet<usize>>> = BTreeMap::new();
            let mut surest: BTreeMap<usize, Vec<String>> = BTreeMap::new();
            for (member, works) in search.gains_of(class, &members, targets, Chosen::Unmeant, &|_| true, MOST) {
                let Some(target) = works.target.filter(|target| self.has_more(member, *target)) else { continue };
                by_member.entry(member).or_default().entry(works.method.id).or_default().insert(target);
                let known = surest.entry(member).or_insert_with(|| works.depends.clone());
                if works.depends.len() < known.len() {
                    known.clone_from(&works.depends);
                }
            }
            for (member, methods) in by_member {
                let group = same.entry((of.account, methods)).or_default();
                group.0.push(member);
                group.1 = surest.remove(&member).unwrap_or_default();
            }
        }
        let arn = |number: &usize| everybody.principals.get(*number).map(|one| one.arn.to_owned());
        let told = |((account, methods), (members, depends)): (
            (usize, BTreeMap<&'static str, BTreeSet<usize>>),
            (Vec<usize>, Vec<String>),
        )| {
            let mut subjects: Vec<String> = members.iter().filter_map(arn).collect();
            subjects.sort_unstable();
            let methods = methods.into_iter().filter_map(|(id, targets)| {
                Some((crate::escalate::method(id)?, targets.iter().filter_map(arn).collect()))
            });
            Lateral {
                account: search.methods.account_id(account).to_owned(),
                subjects,
                methods: methods.collect(),
                depends,
            }
        };
        same.into_iter().map(told).collect()
    }

    /// Whether a principal has a policy that another has not.
    fn has_more(&self, one: usize, other: usize) -> bool {
        let principals = &self.search.methods.everybody().principals;
        let (Some(one), Some(other)) = (principals.get(one), principals.get(other)) else { return false };
        other.held.iter().any(|held| !one.held.iter().any(|own| own.text == held.text))
    }
}
