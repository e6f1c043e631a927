//! Policies by what they say: equal ones are looked at once. For each, which of the actions asked about it may allow and
//! which it denies whatever the resource.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::bits::{Actions, Bits};
use crate::Policy;
use crate::policy::{Clause, Effect, Piece, Statement, Template};

/// A policy's number in [`Texts`].
pub(crate) type TextId = u32;

/// A policy, looked through.
#[derive(Debug)]
pub(crate) struct Text<'a> {
    pub(crate) policy: &'a Policy,
    /// Some statement allows the action, on something, under some condition.
    pub(crate) allows: Bits,
    /// A statement denies the action on everything, without a condition.
    pub(crate) denies: Bits,
    /// Action → the statements that name it.
    named: HashMap<u16, Vec<u16>>,
    /// What it says of some action differs from one principal to the next.
    pub(crate) personal: bool,
}

impl<'a> Text<'a> {
    fn new(policy: &'a Policy) -> Self {
        let mut text =
            Self { policy, allows: Bits::default(), denies: Bits::default(), named: HashMap::new(), personal: false };
        for (number, statement) in (0..).zip(&policy.statements) {
            let actions = named(&statement.actions);
            if actions == Bits::default() {
                continue;
            }
            let flat = is_flat(statement);
            for action in (0..Actions::all().count()).filter(|action| actions.has(*action)) {
                text.named.entry(action).or_default().push(number);
            }
            match statement.effect {
                Effect::Allow => text.allows = text.allows.or(actions),
                Effect::Deny if flat => text.denies = text.denies.or(actions),
                Effect::Deny => {}
            }
            text.personal |= is_personal(statement);
        }
        text
    }

    /// The statements that name `action`.
    pub(crate) fn statements(&self, action: u16) -> impl Iterator<Item = &'a Statement> {
        let numbers = self.named.get(&action).map(Vec::as_slice).unwrap_or_default();
        numbers.iter().filter_map(|number| self.policy.statements.get(usize::from(*number)))
    }

    /// The same, with their numbers counted from nought.
    pub(crate) fn numbered(&self, action: u16) -> impl Iterator<Item = (usize, &'a Statement)> {
        let numbers = self.named.get(&action).map(Vec::as_slice).unwrap_or_default();
        numbers.iter().filter_map(|number| {
            let number = usize::from(*number);
            Some((number, self.policy.statements.get(number)?))
        })
    }

    /// What it says of one action.
    pub(crate) fn slice(&self, action: u16) -> Policy {
        Policy { version: self.policy.version, id: None, statements: self.statements(action).cloned().collect() }
    }
}

/// The actions asked about that the element names.
fn named(actions: &Clause<crate::pattern::Pattern>) -> Bits {
    let mut bits = Bits::default();
    for pattern in &actions.any {
        Actions::all().matching(pattern.as_str(), |number| bits.set(number));
    }
    if !actions.negated {
        return bits;
    }
    let mut others = Bits::default();
    for number in (0..Actions::all().count()).filter(|number| !bits.has(*number)) {
        others.set(number);
    }
    others
}

/// It speaks of every resource, without a condition.
pub(crate) fn is_flat(statement: &Statement) -> bool {
    let everything = |template: &Template| template.as_pattern().is_some_and(|pattern| pattern.as_str() == "*");
    let resources =
        statement.resources.as_ref().is_none_or(|resources| !resources.negated && resources.any.iter().any(everything));
    resources && statement.conditions.is_empty() && statement.principals.is_none()
}

/// What it means hangs on who asks.
fn is_personal(statement: &Statement) -> bool {
    const OF_PRINCIPALS: [&str; 5] =
        ["aws:principal", "aws:username", "aws:userid", "aws:federatedprovider", "aws:tokenissuetime"];
    let has_variable =
        |template: &Template| template.pieces.iter().any(|piece| matches!(piece, Piece::Variable { .. }));
    statement.resources.as_ref().is_some_and(|resources| resources.any.iter().any(has_variable))
        || statement.conditions.iter().any(|condition| {
            OF_PRINCIPALS.iter().any(|key| condition.name.starts_with(key)) || condition.values.iter().any(has_variable)
        })
}

/// All policies, each text once.
#[derive(Debug, Default)]
pub(crate) struct Texts<'a> {
    all: Vec<Text<'a>>,
    by_address: HashMap<usize, TextId>,
    everything: Option<TextId>,
}

impl<'a> Texts<'a> {
    /// The number of `policy`. Documents of the same text share what they say, so that an address tells them apart.
    pub(crate) fn add(&mut self, policy: &'a Policy) -> TextId {
        let address = std::ptr::from_ref(policy) as usize;
        if let Some(&known) = self.by_address.get(&address) {
            return known;
        }
        let id = TextId::try_from(self.all.len()).unwrap_or(TextId::MAX);
        self.all.push(Text::new(policy));
        self.by_address.insert(address, id);
        id
    }

    /// The policy that allows everything.
    pub(crate) fn everything(&mut self) -> TextId {
        if let Some(known) = self.everything {
            return known;
        }
        let id = self.add(everything());
        self.everything = Some(id);
        id
    }

    pub(crate) fn get(&self, id: TextId) -> Option<&Text<'a>> {
        self.all.get(id as usize)
    }
}

/// `{"Effect": "Allow", "Action": "*", "Resource": "*"}`.
pub(crate) fn everything() -> &'static Policy {
    static POLICY: OnceLock<Policy> = OnceLock::new();
    POLICY.get_or_init(|| of_clauses(false, &["*"]))
}

/// What AWS's own best known policies say, for facts that name them without saying it.
pub(crate) fn of_aws(arn: &str) -> Option<&'static Policy> {
    static POWER: OnceLock<Policy> = OnceLock::new();
    static IAM: OnceLock<Policy> = OnceLock::new();
    let (partition, name) = arn.strip_prefix("arn:")?.split_once(":iam::aws:policy/")?;
    if !partition.starts_with("aws") {
        return None;
    }
    match name {
        "AdministratorAccess" => Some(everything()),
        "PowerUserAccess" => Some(POWER.get_or_init(|| of_clauses(true, &["iam:*", "organizations:*", "account:*"]))),
        "IAMFullAccess" => Some(IAM.get_or_init(|| of_clauses(false, &["iam:*"]))),
        _ => None,
    }
}

fn of_clauses(negated: bool, actions: &[&str]) -> Policy {
    Policy {
        version: crate::policy::Version::Current,
        id: None,
        statements: vec![Statement {
            sid: None,
            effect: Effect::Allow,
            principals: None,
            actions: Clause {
                negated,
                any: actions.iter().map(|action| crate::pattern::Pattern::new(action)).collect(),
            },
            resources: Some(Clause { negated: false, any: vec![Template::plain("*")] }),
            conditions: Vec::new(),
        }],
    }
}

/// It allows every action on every resource, without a condition.
pub(crate) fn is_everything(policy: &Policy) -> bool {
    policy.statements.iter().any(|statement| {
        statement.effect == Effect::Allow
            && is_flat(statement)
            && !statement.actions.negated
            && statement.actions.any.iter().any(|pattern| matches!(pattern.as_str(), "*" | "*:*"))
    })
}
