//! One object of an input, and whose it is: what its ARNs say, what the user says, or the only account there is.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::Gaps;
use crate::facts::account::Part;
use crate::facts::arn::{Arn, account_of, is_account};
use crate::facts::credentials::CredentialRow;
use crate::facts::{Account, ManagedPolicy, Organisation};

/// Accounts that are kept apart.
const MAX_ACCOUNTS: usize = 50_000;

/// What has been read so far.
#[derive(Default)]
pub(super) struct Reader {
    pub(super) accounts: BTreeMap<String, Account>,
    pub(super) aws_policies: Vec<ManagedPolicy>,
    pub(super) organisation: Option<Organisation>,
    pub(super) collected: Option<Timestamp>,
    pub(super) gaps: Gaps,
    /// What belongs to an account that nobody has named yet.
    pub(super) homeless: Vec<(String, Account)>,
    /// Lists that go on somewhere else, and in which input they stop.
    pub(super) cut: BTreeMap<String, String>,
}

/// One object.
pub(super) struct Scope {
    /// The input's name.
    pub(super) name: String,
    /// The account, where somebody says so.
    pub(super) account: Option<String>,
    /// The region.
    pub(super) region: Option<String>,
    /// The resource or principal of which it tells.
    pub(super) about: Option<String>,
    /// What does not say whose it is.
    pub(super) rest: Account,
    seen: BTreeSet<String>,
    /// Whether anything in it is known.
    pub(super) known: bool,
}

impl Scope {
    pub(super) fn new(name: String, about: Option<&str>) -> Self {
        let account = about.filter(|about| is_account(about)).or_else(|| about.and_then(account_of));
        Self {
            name,
            account: account.map(str::to_owned),
            region: None,
            about: about.filter(|about| !is_account(about)).map(str::to_owned),
            rest: Account::default(),
            seen: BTreeSet::new(),
            known: false,
        }
    }

    /// Rows of a credential report.
    pub(super) fn report(&mut self, rows: Vec<CredentialRow>) {
        self.seen.extend(rows.iter().filter_map(|row| account_of(&row.arn)).take(2).map(str::to_owned));
        self.rest.loose.rows.extend(rows);
        self.mark(Part::CredentialReport);
    }

    /// Somebody has looked at this part.
    pub(super) fn mark(&mut self, part: Part) {
        self.known = true;
        self.rest.parts.insert(part);
    }

    /// Whose it is, where that is certain.
    fn owner(&self) -> Option<&str> {
        let only = || self.seen.iter().next().filter(|_| self.seen.len() == 1).map(String::as_str);
        self.account.as_deref().or_else(only)
    }
}

impl Reader {
    /// Where something with this ARN, or with this number of an account, belongs.
    pub(super) fn home<'r>(&'r mut self, scope: &'r mut Scope, arn: &str) -> &'r mut Account {
        let number = account_of(arn).or_else(|| Some(arn).filter(|arn| is_account(arn)));
        match number {
            Some(number) if self.accounts.contains_key(number) || self.accounts.len() < MAX_ACCOUNTS => {
                if !scope.seen.contains(number) {
                    scope.seen.insert(number.to_owned());
                }
                let account = self.accounts.entry(number.to_owned()).or_default();
                if account.partition.is_empty()
                    && let Some(arn) = Arn::parse(arn)
                {
                    arn.partition.clone_into(&mut account.partition);
                }
                account
            }
            _ => &mut scope.rest,
        }
    }

    /// The object is read to its end.
    pub(super) fn close(&mut self, mut scope: Scope) {
        let rest = std::mem::take(&mut scope.rest);
        if let Some(owner) = scope.owner() {
            self.accounts.entry(owner.to_owned()).or_default().take(rest);
        } else {
            // What was looked at holds for every account in it.
            for number in &scope.seen {
                let account = self.accounts.entry(number.clone()).or_default();
                account.parts.extend(rest.parts.iter().copied());
                account.regions.extend(rest.regions.iter().cloned());
            }
            self.homeless.push((scope.name, rest));
        }
    }
}
