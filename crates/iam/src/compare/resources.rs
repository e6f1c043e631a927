//! The resources, as far as the statements of both policies tell them apart.

use super::atoms::Both;
use super::automaton::{Machine, VARIABLES, classes};
use super::budget::{Budget, Spent};
use super::set::Set;
use crate::pattern::Token;
use crate::policy::{Piece, Template};

/// Whether a statement speaks of a resource.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Speaks {
    Yes,
    No,
    /// If one of these templates fits (with `negated`: if none does).
    Hangs {
        on: Vec<usize>,
        negated: bool,
    },
}

/// A combination.
#[derive(Clone, Debug)]
pub(super) struct ResourceClass {
    /// In the order of the statements that were asked about.
    pub(super) speaks: Vec<Speaks>,
    /// The templates with variables that may fit, by their place among [`Both::templates`].
    pub(super) open: Vec<usize>,
    pub(super) sample: String,
    rank: usize,
}

/// All combinations for the statements `parts`; `forms` are those of the action's resources.
pub(super) fn resource_classes(
    both: &Both<'_>,
    parts: &[usize],
    forms: &[String],
    templates: &[&Template],
    budget: &mut Budget,
) -> Result<Vec<ResourceClass>, Spent> {
    let clauses: Vec<_> =
        parts.iter().map(|part| both.parts.get(*part).and_then(super::atoms::Part::resources)).collect();
    if clauses.iter().all(Option::is_none) {
        return Ok(vec![ResourceClass {
            speaks: vec![Speaks::Yes; parts.len()],
            open: Vec::new(),
            sample: "*".to_owned(),
            rank: 0,
        }]);
    }
    let mut distinct: Vec<&Template> = Vec::new();
    for template in clauses.iter().flatten().flat_map(|clause| &clause.any) {
        if !distinct.contains(&template) {
            distinct.push(template);
        }
    }
    budget.take(distinct.len() * distinct.len())?;
    let machines: Vec<Machine> = distinct.iter().map(|template| widest(template)).collect();
    let mut wishes: Vec<Machine> = if forms.is_empty() {
        vec![Machine::literal("*")]
    } else {
        forms.iter().map(|form| Machine::pattern(form)).collect()
    };
    wishes.extend([Machine::pattern("arn:aws:?*:*:*:?*"), Machine::pattern("arn:*:*:*:*:*"), Machine::literal("*")]);
    let mut found: Vec<ResourceClass> = Vec::new();
    for class in classes(&machines, &wishes, budget)? {
        let mut open = Vec::new();
        let speaks: Vec<Speaks> = clauses
            .iter()
            .map(|clause| {
                let Some(clause) = clause else { return Speaks::Yes };
                let fitting = clause.any.iter().filter(|template| {
                    distinct
                        .iter()
                        .position(|known| known == template)
                        .is_some_and(|number| class.fits.contains(number))
                });
                let mut on = Vec::new();
                for template in fitting {
                    if template.as_pattern().is_some() {
                        return if clause.negated { Speaks::No } else { Speaks::Yes };
                    }
                    on.extend(templates.iter().position(|known| *known == template));
                }
                if on.is_empty() {
                    return if clause.negated { Speaks::Yes } else { Speaks::No };
                }
                open.extend(on.iter().copied());
                Speaks::Hangs { on, negated: clause.negated }
            })
            .collect();
        open.sort_unstable();
        open.dedup();
        let sample = lifelike(class.sample, &distinct);
        found.push(ResourceClass { speaks, open, sample, rank: class.rank });
    }
    found.sort_by_key(|class| (class.rank, class.sample.len()));
    Ok(found)
}

/// The same with a region and an account that look like ones, where no template tells the difference.
fn lifelike(sample: String, templates: &[&Template]) -> String {
    let mut parts: Vec<&str> = sample.splitn(6, ':').collect();
    for (place, better) in [(3, "eu-central-1"), (4, "111122223333")] {
        if let Some(part) = parts.get_mut(place).filter(|part| part.chars().count() == 1) {
            *part = better;
        }
    }
    let better = parts.join(":");
    let same = templates.iter().all(|template| {
        let pattern = template.as_pattern();
        pattern.is_some_and(|pattern| pattern.matches(&sample) == pattern.matches(&better))
    });
    if same { better } else { sample }
}

/// The pattern of a template whose variables stand for anything.
fn widest(template: &Template) -> Machine {
    Machine::of(template.pieces.iter().flat_map(|piece| match piece {
        Piece::Text(pattern) => crate::pattern::tokens(pattern.as_str()).collect(),
        Piece::Literal(letter) => vec![Token::Is(*letter)],
        Piece::Variable { .. } => vec![Token::Run],
    }))
}

/// For each two templates whether the first fitting means that the second fits, whatever the variables are: as patterns in
/// which each variable is a letter of its own, that only a run or the same variable covers.
pub(super) fn implied(templates: &[&Template], budget: &mut Budget) -> Result<Set, Spent> {
    let count = templates.len();
    let mut names: Vec<String> = Vec::new();
    let machines: Vec<Machine> = templates
        .iter()
        .map(|template| {
            Machine::of(template.pieces.iter().flat_map(|piece| match piece {
                Piece::Text(pattern) => crate::pattern::tokens(pattern.as_str()).collect(),
                Piece::Literal(letter) => vec![Token::Is(*letter)],
                Piece::Variable { key, default } => {
                    let name = format!("{key} {default:?}");
                    let place = names.iter().position(|known| *known == name).unwrap_or_else(|| {
                        names.push(name);
                        names.len() - 1
                    });
                    let letter = u32::try_from(place)
                        .ok()
                        .and_then(|place| char::from_u32(u32::from(*VARIABLES.start()) + place));
                    vec![Token::Is(letter.unwrap_or(*VARIABLES.end()))]
                }
            }))
        })
        .collect();
    let mut implied = Set::below(count * count);
    for (a, one) in machines.iter().enumerate() {
        for (b, other) in machines.iter().enumerate() {
            let pair = [one.clone(), other.clone()];
            let apart =
                classes(&pair, &[], budget)?.iter().any(|class| class.fits.contains(0) && !class.fits.contains(1));
            if !apart {
                implied.insert(a * count + b);
            }
        }
    }
    Ok(implied)
}
