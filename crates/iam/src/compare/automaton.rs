//! Which combinations of patterns a text can fit at once. All patterns run side by side as one automaton over the letters
//! that they tell apart; each combination that is reached is kept with the shortest text that reaches it. What is not
//! reached does not exist: this is the proof behind "narrower" and "equal".

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::budget::{Budget, Spent};
use super::set::Set;
use crate::pattern::Token;

/// More states are not looked at, nor more positions in all of them together: that bounds memory to some tens of megabytes.
const MOST_STATES: usize = 100_000;
const MOST_POSITIONS: usize = 2_000_000;

/// Where all patterns are at once: pattern and position, sorted. A pattern that nothing can fit any more is not in it.
type State = Arc<[(u32, u32)]>;

/// A step of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Any run of characters, or of characters but colons.
    Run { colons: bool },
    /// One character, or one but a colon.
    One { colons: bool },
    /// This one.
    Is(char),
}

/// A pattern in the form in which patterns run side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Machine {
    steps: Vec<Step>,
    /// Letters are taken without regard to their case.
    caseless: bool,
}

/// Stands for the value of a policy variable when patterns with variables are held against each other: a run covers it,
/// a single character does not.
pub(super) const VARIABLES: std::ops::RangeInclusive<char> = '\u{f0000}'..='\u{ffffd}';

impl Machine {
    /// A pattern of tokens.
    pub(super) fn of(tokens: impl IntoIterator<Item = Token>) -> Self {
        let steps = tokens
            .into_iter()
            .map(|token| match token {
                Token::Run => Step::Run { colons: true },
                Token::One => Step::One { colons: true },
                Token::Is(letter) => Step::Is(letter),
            })
            .collect();
        Self { steps, caseless: false }
    }

    /// A pattern's text.
    pub(super) fn pattern(text: &str) -> Self {
        Self::of(crate::pattern::tokens(text))
    }

    /// Exactly this text.
    pub(super) fn literal(text: &str) -> Self {
        Self::of(text.chars().map(Token::Is))
    }

    /// Exactly this text, in any case; none where its letters are beyond what is compared here.
    pub(super) fn caseless(text: &str) -> Option<Self> {
        text.is_ascii().then(|| Self { caseless: true, ..Self::literal(&text.to_ascii_lowercase()) })
    }

    /// A pattern of the Arn operators: six parts, and a wildcard stays in its own but for the last. None: it fits nothing.
    pub(super) fn arn(tokens: &[Token]) -> Option<Self> {
        if tokens == [Token::Run] {
            return Some(Self::arn_of(crate::pattern::tokens("arn:*:*:*:*:*")));
        }
        let colons = tokens.iter().filter(|token| **token == Token::Is(':')).count();
        (colons >= 5).then(|| Self::arn_of(tokens.iter().copied()))
    }

    fn arn_of(tokens: impl IntoIterator<Item = Token>) -> Self {
        let mut parts = 1;
        let steps = tokens
            .into_iter()
            .map(|token| match token {
                Token::Run => Step::Run { colons: parts > 5 },
                Token::One => Step::One { colons: parts > 5 },
                Token::Is(letter) => {
                    parts += u32::from(letter == ':');
                    Step::Is(letter)
                }
            })
            .collect();
        Self { steps, caseless: false }
    }

    fn letters(&self, letters: &mut BTreeSet<char>) {
        for step in &self.steps {
            match step {
                Step::Is(letter) => {
                    letters.insert(*letter);
                    if self.caseless {
                        letters.insert(letter.to_ascii_uppercase());
                    }
                }
                Step::Run { colons: false } | Step::One { colons: false } => {
                    letters.insert(':');
                }
                _ => {}
            }
        }
    }

    /// The positions that are reached without a character from `position`: runs may be empty.
    fn settle(&self, mut position: usize, into: &mut Vec<u32>) {
        loop {
            let number = u32::try_from(position).unwrap_or(u32::MAX);
            if !into.contains(&number) {
                into.push(number);
            }
            match self.steps.get(position) {
                Some(Step::Run { .. }) => position += 1,
                _ => return,
            }
        }
    }

    /// The positions after `letter`.
    fn step(&self, positions: &[(u32, u32)], letter: char, next: &mut Vec<u32>) {
        let lower = if self.caseless { letter.to_ascii_lowercase() } else { letter };
        for (_, position) in positions {
            let position = usize::try_from(*position).unwrap_or(usize::MAX);
            match self.steps.get(position) {
                Some(Step::Run { colons }) if *colons || letter != ':' => self.settle(position, next),
                Some(Step::One { colons }) if (*colons || letter != ':') && !VARIABLES.contains(&letter) => {
                    self.settle(position + 1, next);
                }
                Some(Step::Is(wanted)) if *wanted == lower => self.settle(position + 1, next),
                _ => {}
            }
        }
        next.sort_unstable();
        // Behind a run that takes everything, what came before it decides nothing more.
        let run = |position: &u32| {
            let step = usize::try_from(*position).ok().and_then(|position| self.steps.get(position));
            step == Some(&Step::Run { colons: true })
        };
        if let Some(last) = next.iter().rposition(run) {
            next.drain(..last);
        }
    }

    fn ends(&self, positions: &[(u32, u32)]) -> bool {
        let end = |position: &u32| usize::try_from(*position).is_ok_and(|position| position == self.steps.len());
        positions.iter().any(|(_, position)| end(position))
    }
}

/// A combination of patterns that a text can fit at once.
#[derive(Clone, Debug)]
pub(super) struct Class {
    /// Which of the patterns.
    pub(super) fits: Set,
    /// A text that fits these and no others.
    pub(super) sample: String,
    /// How good the sample is: the place of the first of the wishes that it fits.
    pub(super) rank: usize,
}

/// All combinations of `machines` that a text can fit, where the text must also fit one of `wishes` (all texts, if there
/// are none). Of several texts the one is kept that fits the earliest wish, and of these the shortest.
pub(super) fn classes(machines: &[Machine], wishes: &[Machine], budget: &mut Budget) -> Result<Vec<Class>, Spent> {
    let mut walk = Walk::new(machines, wishes);
    let mut at = 0;
    while let Some((state, ..)) = walk.states.get(at) {
        let state = Arc::clone(state);
        walk.record(&state, at);
        budget.take((state.len() + 4).saturating_mul(walk.letters.len()))?;
        for place in 0..walk.letters.len() {
            walk.follow(&state, at, place)?;
        }
        at += 1;
    }
    let made = walk.best.into_iter().map(|(fits, (rank, sample))| Class { fits, sample, rank });
    let mut classes: Vec<Class> = made.collect();
    classes.sort_by(|left, right| left.fits.cmp(&right.fits));
    Ok(classes)
}

struct Walk<'m> {
    all: Vec<&'m Machine>,
    /// How many of these are patterns; the others are wishes.
    count: usize,
    letters: Vec<char>,
    seen: HashSet<State>,
    /// A text is kept as the way back to the start: state, letter.
    states: Vec<(State, usize, char)>,
    positions: usize,
    best: HashMap<Set, (usize, String)>,
}

impl<'m> Walk<'m> {
    fn new(machines: &'m [Machine], wishes: &'m [Machine]) -> Self {
        let all: Vec<&Machine> = machines.iter().chain(wishes).collect();
        let mut letters = BTreeSet::new();
        for machine in &all {
            machine.letters(&mut letters);
        }
        // One that no pattern names stands for all of these; a second kind would lead nowhere else.
        let mut others = ['x', 'y', 'z', 'w', 'v', 'u', 'q', 'k', 'j', '0', '1', '2', '3', '\u{e000}'].into_iter();
        let other = others.find(|letter| !letters.contains(letter) && !letters.contains(&letter.to_ascii_uppercase()));
        let letters: Vec<char> = other.into_iter().chain(letters).collect();
        let mut start = Vec::new();
        for (number, machine) in (0..).zip(&all) {
            let mut positions = Vec::new();
            machine.settle(0, &mut positions);
            start.extend(positions.into_iter().map(|position| (number, position)));
        }
        let start: State = start.into();
        Self {
            all,
            count: machines.len(),
            letters,
            seen: HashSet::from([Arc::clone(&start)]),
            positions: start.len(),
            states: vec![(start, 0, ' ')],
            best: HashMap::new(),
        }
    }

    /// The state after one letter, if it is a new one.
    fn follow(&mut self, state: &State, at: usize, letter: usize) -> Result<(), Spent> {
        let Some(letter) = self.letters.get(letter).copied() else { return Ok(()) };
        let (mut next, mut reached, mut hopeful) = (Vec::new(), Vec::new(), self.all.len() == self.count);
        for of_one in state.chunk_by(|left, right| left.0 == right.0) {
            let Some((number, _)) = of_one.first() else { continue };
            let place = usize::try_from(*number).unwrap_or(usize::MAX);
            let Some(machine) = self.all.get(place) else { continue };
            reached.clear();
            machine.step(of_one, letter, &mut reached);
            hopeful |= place >= self.count && !reached.is_empty();
            next.extend(reached.iter().map(|position| (*number, *position)));
        }
        // Where a wish is wanted and none can be fulfilled any more, nothing good follows.
        if !hopeful {
            return Ok(());
        }
        let next: State = next.into();
        if self.seen.insert(Arc::clone(&next)) {
            self.positions += next.len();
            if self.states.len() >= MOST_STATES || self.positions > MOST_POSITIONS {
                return Err(Spent);
            }
            self.states.push((next, at, letter));
        }
        Ok(())
    }

    /// Keeps what a text that ends here fits.
    fn record(&mut self, state: &State, at: usize) {
        let mut fits = Set::below(self.count);
        let mut rank = if self.all.len() == self.count { Some(0) } else { None };
        for of_one in state.chunk_by(|left, right| left.0 == right.0) {
            let Some((number, _)) = of_one.first() else { continue };
            let place = usize::try_from(*number).unwrap_or(usize::MAX);
            if !self.all.get(place).is_some_and(|machine| machine.ends(of_one)) {
                continue;
            }
            if place < self.count {
                fits.insert(place);
            } else if rank.is_none() {
                rank = Some(place - self.count);
            }
        }
        let Some(rank) = rank else { return };
        if self.best.get(&fits).is_some_and(|(known, _)| *known <= rank) {
            return;
        }
        let mut text = Vec::new();
        let mut here = at;
        while let Some((_, before, letter)) = self.states.get(here).filter(|_| here > 0) {
            text.push(*letter);
            here = *before;
        }
        self.best.insert(fits, (rank, text.into_iter().rev().collect()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern;
    use proptest::prelude::*;

    fn combinations(patterns: &[&str]) -> Vec<Vec<usize>> {
        let machines: Vec<Machine> = patterns.iter().map(|pattern| Machine::pattern(pattern)).collect();
        classes(&machines, &[], &mut Budget::whole()).unwrap().iter().map(|class| class.fits.iter().collect()).collect()
    }

    #[test]
    fn combinations_that_no_text_fits_are_not_reached() {
        assert_eq!(combinations(&["s3:*", "s3:get*"]), [vec![], vec![0], vec![0, 1]]);
        assert_eq!(combinations(&["a*", "*b"]), [vec![], vec![0], vec![1], vec![0, 1]]);
        assert_eq!(combinations(&["*"]), [vec![0]]);
    }

    #[test]
    fn patterns_made_to_blow_up_end_without_an_answer() {
        let patterns: Vec<String> = (b'a'..=b'z').map(|letter| format!("*{}*", char::from(letter))).collect();
        let machines: Vec<Machine> = patterns.iter().map(|pattern| Machine::pattern(pattern)).collect();
        assert_eq!(classes(&machines, &[], &mut Budget::whole()).err(), Some(Spent));
    }

    proptest! {
        #[test]
        fn the_combinations_are_those_which_enumeration_finds(patterns in proptest::collection::vec("[ab*?]{0,4}", 1..4)) {
            let machines: Vec<Machine> = patterns.iter().map(|pattern| Machine::pattern(pattern)).collect();
            let found = classes(&machines, &[], &mut Budget::whole()).unwrap();
            let mut texts = vec![String::new()];
            let mut all = texts.clone();
            for _ in 0..7 {
                texts = texts.iter().flat_map(|text| ["a", "b", "x"].map(|letter| format!("{text}{letter}"))).collect();
                all.extend(texts.iter().cloned());
            }
            let fits = |text: &str| {
                let mut set = Set::below(patterns.len());
                for (number, pattern) in patterns.iter().enumerate() {
                    if pattern::matches(pattern, text) {
                        set.insert(number);
                    }
                }
                set
            };
            let wanted: BTreeSet<Set> = all.iter().map(|text| fits(text)).collect();
            for class in &found {
                prop_assert_eq!(&fits(&class.sample), &class.fits);
            }
            let found: BTreeSet<Set> = found.into_iter().map(|class| class.fits).collect();
            prop_assert_eq!(found, wanted);
        }
    }
}
