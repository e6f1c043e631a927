//! The actions that methods and rules ask about, as a set of bits: most principals can be told to be harmless by one look
//! at theirs.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::escalate::methods;

/// How many actions there may be.
const WORDS: usize = 4;

/// A set of actions, by their numbers in [`Actions`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Bits([u64; WORDS]);

impl Bits {
    pub(crate) fn set(&mut self, action: u16) {
        if let Some(word) = self.0.get_mut(usize::from(action) / 64) {
            *word |= 1 << (action % 64);
        }
    }

    pub(crate) fn has(self, action: u16) -> bool {
        self.0.get(usize::from(action) / 64).is_some_and(|word| word & (1 << (action % 64)) != 0)
    }

    pub(crate) fn or(self, other: Self) -> Self {
        self.zip(other, |a, b| a | b)
    }

    pub(crate) fn and(self, other: Self) -> Self {
        self.zip(other, |a, b| a & b)
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        self.zip(other, |a, b| a & !b)
    }

    /// Whether all of `other` is in it.
    pub(crate) fn holds(self, other: Self) -> bool {
        self.and(other) == other
    }

    fn zip(self, other: Self, with: impl Fn(u64, u64) -> u64) -> Self {
        let mut words = self.0;
        for (word, other) in words.iter_mut().zip(other.0) {
            *word = with(*word, other);
        }
        Self(words)
    }
}

/// What whoever may do everything may do: an action that no service has.
pub(crate) const ANYTHING: &str = "zz-anything:zzanything";
/// Any of these on whatever user, role or policy is as good as everything.
pub(crate) const POWERS: [&str; 7] = [
    "iam:putuserpolicy",
    "iam:putrolepolicy",
    "iam:attachuserpolicy",
    "iam:attachrolepolicy",
    "iam:createpolicyversion",
    "iam:putgrouppolicy",
    "iam:attachgrouppolicy",
];

/// The actions asked about, in lower case, with their numbers.
#[derive(Debug)]
pub(crate) struct Actions {
    names: Vec<String>,
    numbers: HashMap<String, u16>,
    /// Service prefix → the actions of that service.
    by_service: HashMap<String, Vec<u16>>,
}

impl Actions {
    /// The one list.
    pub(crate) fn all() -> &'static Self {
        static ALL: OnceLock<Actions> = OnceLock::new();
        ALL.get_or_init(|| {
            let mut actions = Self { names: Vec::new(), numbers: HashMap::new(), by_service: HashMap::new() };
            for method in methods() {
                for need in method.needs {
                    actions.add(need.action);
                }
                for action in method.role_needs {
                    actions.add(action);
                }
            }
            for action in POWERS.iter().chain(&[ANYTHING, "iam:DeletePolicyVersion"]) {
                actions.add(action);
            }
            actions
        })
    }

    fn add(&mut self, action: &str) {
        let name = action.to_ascii_lowercase();
        if self.numbers.contains_key(&name) {
            return;
        }
        let Ok(number) = u16::try_from(self.names.len()) else { return };
        let service = name.split(':').next().unwrap_or_default().to_owned();
        self.by_service.entry(service).or_default().push(number);
        self.numbers.insert(name.clone(), number);
        // As methods write it, so that nobody asks twice.
        self.numbers.insert(action.to_owned(), number);
        self.names.push(name);
    }

    /// The number of `action`, which a method names.
    pub(crate) fn number(&self, action: &str) -> Option<u16> {
        self.numbers.get(action).or_else(|| self.numbers.get(&action.to_ascii_lowercase())).copied()
    }

    pub(crate) fn name(&self, action: u16) -> &str {
        self.names.get(usize::from(action)).map_or("", String::as_str)
    }

    pub(crate) fn count(&self) -> u16 {
        u16::try_from(self.names.len()).unwrap_or(u16::MAX)
    }

    /// The actions that fit `pattern` (lower case), looking only at the services that it can mean.
    pub(crate) fn matching(&self, pattern: &str, mut each: impl FnMut(u16)) {
        let service = pattern.split_once(':').map_or(pattern, |(service, _)| service);
        if service.contains(['*', '?']) {
            for (number, name) in (0..).zip(&self.names) {
                if crate::pattern::matches(pattern, name) {
                    each(number);
                }
            }
        } else if let Some(own) = self.by_service.get(service) {
            for &number in own {
                if crate::pattern::matches(pattern, self.name(number)) {
                    each(number);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_a_bit() {
        assert!(usize::from(Actions::all().count()) <= WORDS * 64);
        let mut bits = Bits::default();
        for number in 0..Actions::all().count() {
            assert!(!bits.has(number));
            bits.set(number);
            assert!(bits.has(number));
        }
    }

    #[test]
    fn a_pattern_names_the_actions_of_its_service_and_a_star_all() {
        let named = |pattern: &str| {
            let mut names = Vec::new();
            Actions::all().matching(pattern, |number| names.push(Actions::all().name(number).to_owned()));
            names
        };
        assert_eq!(named("iam:passrole"), ["iam:passrole"]);
        assert!(named("lambda:update*").contains(&"lambda:updatefunctioncode".to_owned()));
        assert_eq!(named("*").len(), usize::from(Actions::all().count()));
        assert!(named("s3:*").is_empty());
        assert_eq!(named("*:passrole"), ["iam:passrole"]);
    }
}
