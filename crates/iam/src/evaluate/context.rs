//! Condition keys and their values.

use std::collections::BTreeMap;

/// Condition keys and their values.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// Key in lower case → values. No values: it is known that the request does not carry the key.
    pub values: BTreeMap<String, Vec<String>>,
    /// What a key means that is not among them.
    pub others: Others,
}

/// What it means that a condition key is not in the [`Context`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Others {
    /// The request does not carry it: positive operators fail, negated ones hold.
    #[default]
    Missing,
    /// Nobody knows: a condition on it may or may not hold, and the decision says on which keys it hangs.
    Unknown,
}

/// What a [`Context`] says of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carried<'a> {
    /// The request carries it, with these values.
    Values(&'a [String]),
    /// The request does not carry it.
    Missing,
    /// Nobody knows.
    Unknown,
}

/// What can be asked for condition keys.
pub trait Keys {
    /// What is known of the key `name` (in lower case).
    fn get(&self, name: &str) -> Carried<'_>;

    /// The value for a policy variable: keys of several values have none (IAM user guide, "Single-valued vs. multivalued
    /// context keys").
    fn single(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Carried::Values([one]) => Some(one),
            _ => None,
        }
    }
}

impl Keys for Context {
    fn get(&self, name: &str) -> Carried<'_> {
        match (self.values.get(name), self.others) {
            (Some(values), _) if values.is_empty() => Carried::Missing,
            (Some(values), _) => Carried::Values(values),
            (None, Others::Missing) => Carried::Missing,
            (None, Others::Unknown) => Carried::Unknown,
        }
    }
}

/// The circumstances of a request before what is known of the caller; what neither has is as the first says.
#[derive(Clone, Copy)]
pub(super) struct Layered<'a> {
    pub(super) request: &'a Context,
    pub(super) caller: &'a Context,
}

impl Keys for Layered<'_> {
    fn get(&self, name: &str) -> Carried<'_> {
        match self.caller.values.get(name) {
            Some(values) if !self.request.values.contains_key(name) && !values.is_empty() => Carried::Values(values),
            Some(_) if !self.request.values.contains_key(name) => Carried::Missing,
            _ => self.request.get(name),
        }
    }
}

impl Context {
    /// Sets `key` (in any case), unless it is there.
    pub fn derive(&mut self, key: &str, values: impl IntoIterator<Item = String>) {
        self.values.entry(key.to_ascii_lowercase()).or_insert_with(|| values.into_iter().collect());
    }

    /// Sets `key` (in any case).
    pub fn set(&mut self, key: &str, values: impl IntoIterator<Item = String>) {
        self.values.insert(key.to_ascii_lowercase(), values.into_iter().collect());
    }
}
