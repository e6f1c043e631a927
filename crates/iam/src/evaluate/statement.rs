//! Whether a statement speaks of a request, and what all statements of a policy say together.

use super::caller::{Named, Who};
use super::{Attached, Keys, Truth};
use crate::condition;
use crate::policy::{Effect, Statement};

/// A request in the form that statements are held against.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) who: &'a Who,
    /// In lower case.
    pub(super) action: &'a str,
    pub(super) resource: &'a str,
    pub(super) context: &'a dyn Keys,
    /// The caller has a permissions boundary.
    pub(super) bounded: bool,
    /// The resource's account, where it is another than the principal's.
    pub(super) other_account: Option<&'a str>,
    /// The resource's policy must allow by itself: a trust policy or a key policy.
    pub(super) governs_itself: bool,
}

/// What policies of one kind say together.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) deny: Truth,
    /// Allowed by naming the caller itself, or without naming anybody (policies of identities).
    pub(super) direct: Truth,
    /// Allowed by naming the role.
    pub(super) role: Truth,
    /// Allowed by naming the account.
    pub(super) account: Truth,
}

impl Said {
    pub(super) const NOTHING: Self = Self { deny: Truth::No, direct: Truth::No, role: Truth::No, account: Truth::No };

    /// Allowed, in whatever way.
    pub(super) fn allow(&self) -> Truth {
        self.direct.clone().or(self.role.clone()).or(self.account.clone())
    }

    /// What both say.
    pub(super) fn and_also(self, other: Self) -> Self {
        Self {
            deny: self.deny.or(other.deny),
            direct: self.direct.or(other.direct),
            role: self.role.or(other.role),
            account: self.account.or(other.account),
        }
    }

    /// What `policies` say.
    pub(super) fn by(policies: &[Attached<'_>], asked: &Asked<'_>) -> Self {
        policies
            .iter()
            .flat_map(|attached| &attached.policy.statements)
            .fold(Self::NOTHING, |said, statement| said.and_also(Self::of(statement, asked)))
    }

    fn of(statement: &Statement, asked: &Asked<'_>) -> Self {
        if asked.action_fits(statement) { Self::of_fitting(statement, asked) } else { Self::NOTHING }
    }

    /// What a statement says whose actions are known to fit.
    pub(super) fn of_fitting(statement: &Statement, asked: &Asked<'_>) -> Self {
        let Some(named) = asked.principal_fits(statement) else { return Self::NOTHING };
        let fits = asked.resource_fits(statement);
        if fits.is_no() {
            return Self::NOTHING;
        }
        let fits = fits
            .and(Truth::all(statement.conditions.iter().map(|condition| condition::holds(condition, asked.context))));
        let mut said = Self::NOTHING;
        match (statement.effect, named) {
            (Effect::Deny, _) => said.deny = fits,
            (Effect::Allow, Named::Direct) => said.direct = fits,
            (Effect::Allow, Named::Role) => said.role = fits,
            (Effect::Allow, Named::Account) => said.account = fits,
        }
        said
    }
}

impl Asked<'_> {
    pub(super) fn action_fits(&self, statement: &Statement) -> bool {
        let clause = &statement.actions;
        clause.any.iter().any(|pattern| pattern.matches(self.action)) != clause.negated
    }

    pub(super) fn resource_fits(&self, statement: &Statement) -> Truth {
        // Trust policies name no resource: it is the role on which they hang.
        let Some(clause) = &statement.resources else { return Truth::Yes };
        let fits = clause.any.iter().map(|wanted| condition::resource_fits(wanted, self.resource, self.context));
        let fits = Truth::any(fits);
        if clause.negated { !fits } else { fits }
    }

    /// How the statement names the caller; policies of identities name nobody and mean whom they hang on.
    pub(super) fn principal_fits(&self, statement: &Statement) -> Option<Named> {
        let Some(clause) = &statement.principals else { return Some(Named::Direct) };
        let named = clause.any.iter().filter_map(|pattern| self.who.named_by(pattern)).max();
        if !clause.negated {
            return named;
        }
        let excepted = match statement.effect {
            Effect::Deny => self.who.is_excepted_by(&clause.any, self.bounded),
            Effect::Allow => named.is_some(),
        };
        (!excepted).then_some(Named::Direct)
    }
}
