//! What somebody may do, by service and access level.

use std::collections::BTreeMap;

use super::{Accounts, Person, circumstances, written_key};
use crate::catalogue::{Level, catalogue};
use crate::evaluate::{Context, Truth};

/// What somebody may do of one service.
#[derive(Clone, Debug, serde::Serialize, schemars::JsonSchema)]
pub struct ServiceSummary {
    /// Its prefix, such as `s3`.
    pub service: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// By access level, from list to permissions management.
    pub levels: Vec<LevelSummary>,
}

/// What somebody may do of one access level of a service.
#[derive(Clone, Debug, serde::Serialize, schemars::JsonSchema)]
pub struct LevelSummary {
    /// The level.
    pub level: &'static str,
    /// How many actions the service has at that level.
    pub of: usize,
    /// The actions, and on what.
    pub actions: Vec<Power>,
}

/// An action that somebody may do.
#[derive(Clone, Debug, serde::Serialize, schemars::JsonSchema)]
pub struct Power {
    /// The action without its service.
    pub action: &'static str,
    /// On what: patterns of the policies that allow it.
    pub on: Vec<String>,
    /// The condition keys on which it hangs; none: it is certain.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub depends_on: Vec<String>,
}

impl Accounts<'_> {
    /// What this one may do, of everything that the catalogue knows; and what had to be taken for granted.
    pub fn what(&self, person: &Person, context: &Context) -> Vec<ServiceSummary> {
        let mut all = Vec::new();
        for service in catalogue().services() {
            let mut levels: BTreeMap<Level, LevelSummary> = BTreeMap::new();
            for action in &service.actions {
                let level = levels.entry(action.level).or_insert_with(|| LevelSummary {
                    level: action.level.name(),
                    of: 0,
                    actions: Vec::new(),
                });
                level.of += 1;
                level.actions.extend(self.power(person, service.prefix, action.name, context));
            }
            let levels: Vec<LevelSummary> = levels.into_values().filter(|level| !level.actions.is_empty()).collect();
            if !levels.is_empty() {
                all.push(ServiceSummary { service: service.prefix, title: service.title, levels });
            }
        }
        all
    }

    fn power(&self, person: &Person, service: &str, action: &'static str, context: &Context) -> Option<Power> {
        let name = format!("{service}:{action}");
        let view = self.compiled.action_of(&name, person.id);
        if !view.is_allowed_anywhere(person.id) {
            return None;
        }
        let (mut certain, mut unsure, mut keys) = (Vec::new(), Vec::new(), Vec::new());
        for resource in self.candidates(&view, person, &name) {
            let (target, _) = self.targets.target(&resource, &name, context);
            let circumstances = circumstances(context.clone(), self.targets.context(&resource));
            match view.on(target, circumstances).may(person.id) {
                Truth::Yes => certain.push(resource),
                Truth::Depends(on) => {
                    unsure.push(resource);
                    keys.extend(on.iter().map(|key| written_key(key)));
                }
                Truth::No => {}
            }
        }
        if !certain.is_empty() {
            return Some(Power { action, on: certain, depends_on: Vec::new() });
        }
        keys.sort_unstable();
        keys.dedup();
        (!unsure.is_empty()).then_some(Power { action, on: unsure, depends_on: keys })
    }
}
