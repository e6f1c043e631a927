//! Whether one side allows what the other does not: every combination of action, resource and caller that the policies tell
//! apart is a cell, and in each cell circumstances are looked for under which it is so.

use std::collections::{BTreeMap, HashSet};

use super::actions::{ActionClass, action_classes};
use super::atoms::Both;
use super::budget::{Budget, Spent};
use super::callers::{CallerClass, caller_classes};
use super::keys::{Choice, State, choices};
use super::resources::{ResourceClass, Speaks, implied, resource_classes};
use super::set::Set;
use super::solve::{Answer, Question, Term, answers};
use super::witness::{Guess, Witness};
use crate::condition;
use crate::evaluate::{Caller, Request, derived};
use crate::policy::{Policy, Template};

/// What is known of one direction.
#[derive(Clone, Debug, Default)]
pub(super) struct Gain {
    /// A request of a known action.
    pub(super) witness: Option<Witness>,
    /// One of an action which AWS may add.
    pub(super) later: Option<Witness>,
    /// Why nothing can be proved, where nothing can.
    pub(super) doubt: Option<String>,
}

/// More answers of one cell that the evaluator does not confirm are not tried.
const MOST_TRIES: usize = 200;

/// What the new policy allows and the old does not, and the other way round.
pub(super) fn prove(old: &Policy, new: &Policy) -> (Gain, Gain) {
    let mut budget = Budget::whole();
    let both = Both::of(old, new);
    let (mut more, mut less) = (Gain::default(), Gain::default());
    let spent = Proof::of(&both, old, new, &mut budget).and_then(|proof| proof.run(&mut more, &mut less, &mut budget));
    if spent.is_err() {
        let why = "the patterns and conditions have too many combinations to look at all of them".to_owned();
        for gain in [&mut more, &mut less] {
            gain.doubt.get_or_insert_with(|| why.clone());
        }
    }
    (more, less)
}

struct Proof<'p> {
    both: &'p Both<'p>,
    old: &'p Policy,
    new: &'p Policy,
    actions: Vec<ActionClass>,
    callers: Vec<CallerClass>,
    /// Who is named and cannot be shown.
    beyond: Option<String>,
    choices: Vec<Choice>,
    /// Keys that stand as variables somewhere.
    variables: Vec<String>,
}

impl<'p> Proof<'p> {
    fn of(both: &'p Both<'p>, old: &'p Policy, new: &'p Policy, budget: &mut Budget) -> Result<Self, Spent> {
        let (callers, beyond) = caller_classes(both);
        let resources =
            both.parts.iter().flat_map(|part| part.resources().map(|clause| clause.any.as_slice()).unwrap_or_default());
        let values = both.conditions.iter().flat_map(|condition| &condition.values);
        let mut variables: Vec<String> =
            resources.chain(values).flat_map(Template::variables).map(str::to_owned).collect();
        variables.sort_unstable();
        variables.dedup();
        let actions = action_classes(both, budget)?;
        Ok(Self { both, old, new, actions, callers, beyond, choices: choices(&both.conditions, budget)?, variables })
    }

    fn run(&self, more: &mut Gain, less: &mut Gain, budget: &mut Budget) -> Result<(), Spent> {
        for action in &self.actions {
            let settled = |gain: &Gain| {
                if action.known { gain.witness.is_some() } else { gain.later.is_some() || gain.witness.is_some() }
            };
            if !(settled(more) && settled(less)) {
                self.action(action, more, less, budget)?;
            }
        }
        if let Some(id) = &self.beyond {
            for gain in [more, less] {
                gain.doubt.get_or_insert_with(|| format!("nobody can be shown as {id}"));
            }
        }
        Ok(())
    }

    fn action(&self, action: &ActionClass, more: &mut Gain, less: &mut Gain, budget: &mut Budget) -> Result<(), Spent> {
        let parts: Vec<usize> = action.parts.iter().collect();
        let allows = |new: bool| {
            parts.iter().filter_map(|part| self.both.parts.get(*part)).any(|part| part.new == new && part.allow)
        };
        if !allows(true) && !allows(false) {
            return Ok(());
        }
        let templates = self.both.templates(&parts);
        if templates.len() > 12 {
            return Err(Spent);
        }
        let implied = implied(&templates, budget)?;
        let resources = resource_classes(self.both, &parts, &action.forms, &templates, budget)?;
        let mut asked: HashSet<(usize, Vec<Speaks>, Set, bool)> = HashSet::new();
        for (number, caller) in self.callers.iter().enumerate() {
            for resource in &resources {
                for (new, gain) in [(true, &mut *more), (false, &mut *less)] {
                    let done = gain.witness.is_some() || (!action.known && gain.later.is_some());
                    if done
                        || !allows(new)
                        || !asked.insert((number, resource.speaks.clone(), caller.parts.clone(), new))
                    {
                        continue;
                    }
                    let cell = Cell {
                        proof: self,
                        action,
                        parts: &parts,
                        resource,
                        caller,
                        templates: &templates,
                        implied: &implied,
                        new,
                    };
                    match cell.look(budget)? {
                        Looked::Found(witness) if action.known => gain.witness = Some(witness),
                        Looked::Found(witness) => gain.later = Some(witness),
                        Looked::Perhaps(why) if action.known => {
                            gain.doubt.get_or_insert(why);
                        }
                        Looked::Perhaps(_) | Looked::Nothing => {}
                    }
                }
            }
        }
        Ok(())
    }
}

enum Looked {
    Nothing,
    Found(Witness),
    Perhaps(String),
}

struct Cell<'c> {
    proof: &'c Proof<'c>,
    action: &'c ActionClass,
    parts: &'c [usize],
    resource: &'c ResourceClass,
    caller: &'c CallerClass,
    templates: &'c [&'c Template],
    implied: &'c Set,
    /// Whether the new policy is to allow.
    new: bool,
}

impl Cell<'_> {
    fn look(&self, budget: &mut Budget) -> Result<Looked, Spent> {
        let question = self.question();
        if question.allow.is_empty() {
            return Ok(Looked::Nothing);
        }
        let (forced, template) = (self.forced(budget)?, self.template_choice());
        let choices: Vec<&Choice> = self
            .proof
            .choices
            .iter()
            .map(|choice| forced.iter().find(|forced| forced.key == choice.key).unwrap_or(choice))
            .chain(template.as_ref())
            .collect();
        let (mut witness, mut tries) = (None, 0);
        let content = answers(&question, &choices, budget, &mut |answer| {
            tries += 1;
            witness = self.confirm(answer, &choices);
            witness.is_some() || tries >= MOST_TRIES
        })?;
        budget.take(tries * 2_000)?;
        Ok(match witness {
            Some(witness) => Looked::Found(witness),
            None if content || tries > 0 => Looked::Perhaps(self.why(&question)),
            None => Looked::Nothing,
        })
    }

    fn question(&self) -> Question {
        let mut question = Question::default();
        let first_template = self.proof.both.conditions.len();
        for (place, number) in self.parts.iter().enumerate() {
            let (Some(part), Some(speaks)) = (self.proof.both.parts.get(*number), self.resource.speaks.get(place))
            else {
                continue;
            };
            if *speaks == Speaks::No || !self.caller.parts.contains(*number) {
                continue;
            }
            let mut terms: Vec<Term> = part.conditions.iter().map(|atom| Term::Atom(*atom)).collect();
            if let Speaks::Hangs { on, negated } = speaks {
                terms.push(Term::Any {
                    of: on.iter().map(|template| first_template + template).collect(),
                    negated: *negated,
                });
            }
            let list = match (part.new == self.new, part.allow) {
                (true, true) => &mut question.allow,
                (true, false) => &mut question.deny,
                (false, true) => &mut question.other_allow,
                (false, false) => &mut question.other_deny,
            };
            list.push(terms);
        }
        question
    }

    /// What follows from who asks is no choice.
    fn forced(&self, budget: &mut Budget) -> Result<Vec<Choice>, Spent> {
        if self.proof.both.parts.iter().all(|part| part.principals().is_none()) {
            return Ok(Vec::new());
        }
        let context = derived(&Request::new(self.caller.caller.clone(), &self.action.sample, &self.resource.sample));
        let mut forced = Vec::new();
        // Who has no account has none of the keys that tell of one.
        let nobodys = !matches!(self.caller.caller, Caller::Arn(_));
        let none = Vec::new();
        for choice in &self.proof.choices {
            let of_principal = choice.key.starts_with("aws:principal");
            let personal = of_principal
                && !choice.key.starts_with("aws:principalservice")
                && choice.key != "aws:principalisawsservice";
            let values = match context.values.get(&choice.key) {
                Some(values) if of_principal => values,
                None if nobodys && (personal || choice.key == "aws:username") => &none,
                _ => continue,
            };
            budget.take(choice.atoms.len() * 20)?;
            let mut holds = Set::default();
            for atom in &choice.atoms {
                let holding = self
                    .proof
                    .both
                    .conditions
                    .get(*atom)
                    .is_some_and(|found| condition::holds(found, &context).is_yes());
                if holding {
                    holds.insert(*atom);
                }
            }
            forced.push(Choice {
                key: choice.key.clone(),
                atoms: choice.atoms.clone(),
                states: vec![State { holds, values: values.clone() }],
            });
        }
        Ok(forced)
    }

    /// Which templates with variables fit: any choice that their patterns leave open.
    fn template_choice(&self) -> Option<Choice> {
        let (open, first) = (&self.resource.open, self.proof.both.conditions.len());
        if open.is_empty() {
            return None;
        }
        let count = self.templates.len();
        let mut states = Vec::new();
        for guess in 0_usize..1 << open.len().min(12) {
            let fits = |template: usize| {
                open.iter().position(|known| *known == template).is_some_and(|place| guess >> place & 1 == 1)
            };
            let sound = open.iter().all(|one| {
                open.iter().all(|other| !fits(*one) || fits(*other) || !self.implied.contains(one * count + other))
            });
            if sound {
                let mut holds = Set::default();
                open.iter().filter(|template| fits(**template)).for_each(|template| holds.insert(first + template));
                states.push(State { holds, values: Vec::new() });
            }
        }
        Some(Choice { key: String::new(), atoms: open.iter().map(|template| first + template).collect(), states })
    }

    fn confirm(&self, answer: &Answer, choices: &[&Choice]) -> Option<Witness> {
        let mut context = BTreeMap::new();
        let mut fitting = Vec::new();
        let first = self.proof.both.conditions.len();
        for (choice, state) in choices.iter().zip(answer) {
            let Some(state) = state.and_then(|place| choice.states.get(place)) else { continue };
            if choice.key.is_empty() {
                fitting.extend(
                    self.templates
                        .iter()
                        .enumerate()
                        .filter(|(template, _)| state.holds.contains(first + template))
                        .map(|(_, template)| *template),
                );
            } else {
                context.insert(choice.key.clone(), state.values.clone());
            }
        }
        let guess = Guess {
            caller: &self.caller.caller,
            action: &self.action.sample,
            resource: &self.resource.sample,
            context,
            fitting,
            variables: self.proof.variables.clone(),
        };
        let (allowing, other) =
            if self.new { (self.proof.new, self.proof.old) } else { (self.proof.old, self.proof.new) };
        let named = self.proof.both.parts.iter().any(|part| part.principals().is_some());
        guess.confirmed(allowing, other, named)
    }

    /// Why nothing was confirmed.
    fn why(&self, question: &Question) -> String {
        let action = &self.action.sample;
        if !self.resource.open.is_empty() || !self.proof.variables.is_empty() {
            return format!("for {action} it hangs on the values of policy variables");
        }
        let statements = question.allow.iter().chain(&question.other_allow).flatten();
        let keys: Vec<&str> = statements
            .filter_map(|term| match term {
                Term::Atom(atom) => self.proof.both.conditions.get(*atom).map(|condition| condition.key.as_str()),
                Term::Any { .. } => None,
            })
            .collect();
        format!("for {action} it hangs on conditions whose keys hang together: {}", keys.join(", "))
    }
}
