//! Correlations: how often, how many different, in which order, within a span of time.
//!
//! Time is that of the events. A condition with a lower bound alone (`gt`, `gte`) on a count or a sum is decided with each
//! event, over the span before it, and the group starts afresh once it has matched. Everything else (`lt`, `lte`, `eq`,
//! `neq`, ranges, averages, percentiles) can only be said when the span that the group's first event began is over: with the
//! next event after it, or with [`super::Sigma::finish`]. Events that lack a field of `group-by` belong to no group.

mod read;
mod state;
mod window;

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

pub(crate) use read::{Draft, read};
pub use state::State;

use super::finding::Match;
use super::logsource::LogSource;
use super::row::{Fields, Row};
use super::rule::Rule;
use super::test::{Order, first};
use crate::events::Event;

/// Characters of a value that is grouped by or counted.
const MAX_CHARS: usize = 256;

/// What a correlation counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Measure {
    /// Events.
    Events,
    /// Different values of the fields.
    Values,
    /// Different rules.
    Rules,
    /// Rules, one after the other.
    Ordered,
    /// The sum of a field.
    Sum,
    /// Its average.
    Average,
    /// Its percentile, in percent.
    Percentile(f64),
}

/// A rule or a correlation, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Node {
    Rule(usize),
    Correlation(usize),
}

/// A field by its name and number.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Field {
    name: String,
    number: u32,
}

/// One of the rules that a correlation is about.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    pub(crate) place: Node,
    /// Its place in the list.
    step: usize,
    group: Vec<Field>,
    values: Vec<Field>,
}

impl Input {
    /// The rule `reference` stands for, at `step` of the list.
    pub(crate) fn new(
        place: Node,
        step: usize,
        draft: &Draft,
        reference: &str,
        rule: &Rule,
        fields: &mut Fields,
    ) -> Self {
        let mut field = |name: &String| {
            let alias = draft.aliases.iter().find(|(alias, _)| alias == name).and_then(|(_, rules)| {
                let own = [reference, rule.name.as_str(), rule.id.as_str()];
                rules.iter().find(|(of, _)| own.contains(&of.as_str())).map(|(_, field)| field)
            });
            let name = alias.unwrap_or(name).clone();
            Field { number: fields.number(&name), name }
        };
        let group = draft.group.iter().map(&mut field).collect();
        let values = draft.values.iter().map(&mut field).collect();
        Self { place, step, group, values }
    }
}

/// A correlation, ready.
#[derive(Clone, Debug)]
pub(crate) struct Correlation {
    pub(crate) rule: Arc<Rule>,
    /// A match is shown; otherwise only other correlations look at it.
    pub(crate) shown: bool,
    inputs: Vec<Input>,
    /// The names of `group-by`.
    group: Vec<String>,
    measure: Measure,
    /// All of them have to hold.
    bounds: Vec<Bound>,
    /// In milliseconds.
    span: i64,
    /// Rules in its list.
    steps: usize,
}

/// A bound of a condition; `negated` is `neq`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bound {
    order: Order,
    negated: bool,
    value: f64,
}

impl Correlation {
    /// From what was read and what it refers to.
    pub(crate) fn new(draft: &Draft, inputs: Vec<Input>, logsource: LogSource) -> Self {
        let mut rule = draft.rule.clone();
        rule.logsource = logsource;
        Self {
            rule: Arc::new(rule),
            shown: true,
            inputs,
            group: draft.group.clone(),
            measure: draft.measure,
            bounds: draft.bounds.clone(),
            span: draft.span,
            steps: draft.rules.len(),
        }
    }

    /// Whether it can only be decided when its span is over.
    fn waits(&self) -> bool {
        matches!(self.measure, Measure::Average | Measure::Percentile(_))
            || self.bounds.iter().any(|bound| bound.negated || !matches!(bound.order, Order::More | Order::AtLeast))
    }

    fn holds(&self, value: f64) -> bool {
        self.bounds.iter().all(|bound| bound.order.holds(&value, &bound.value) != bound.negated)
    }

    /// Names it in a saved state: what it counts and how, so that a changed rule starts afresh.
    fn fingerprint(&self) -> String {
        let inputs: Vec<_> = self.inputs.iter().map(|input| (input.step, &input.group, &input.values)).collect();
        format!("{}|{:?}|{:?}|{:?}|{}|{:?}", self.rule.key(), self.group, self.measure, self.bounds, self.span, inputs)
    }

    fn matched(&self, group: &str, value: f64, time: Option<i64>, host: &str) -> Match {
        let mut evidence: Vec<(String, String)> =
            self.group.iter().cloned().zip(group.split(SEPARATOR).map(str::to_owned)).collect();
        let what = match self.measure {
            Measure::Events => "events",
            Measure::Values => "different values",
            Measure::Rules => "different rules",
            Measure::Ordered => "rules in order",
            Measure::Sum => "sum",
            Measure::Average => "average",
            Measure::Percentile(_) => "percentile",
        };
        evidence.push((what.to_owned(), value.to_string()));
        evidence.push(("within".to_owned(), format!("{} s", self.span / 1000)));
        let time = time.and_then(|time| Timestamp::from_millisecond(time).ok());
        Match { rule: Arc::clone(&self.rule), time, host: host.to_owned(), evidence }
    }
}

/// Stands between values that are one key.
const SEPARATOR: char = '\u{1f}';

/// A rule that matched the event, or a correlation that did.
pub(crate) struct Hit {
    pub(crate) place: Node,
    /// Of a correlation: its group's fields and their values.
    pub(crate) known: Vec<(String, String)>,
    /// When its span ended; none for what matched the event itself.
    pub(crate) ended: Option<i64>,
}

/// Feeds what matched the event to the correlations, and those that match to the next ones.
pub(crate) fn advance(
    correlations: &[Correlation],
    state: &mut State,
    event: &Event<'_>,
    row: &Row<'_>,
    hits: Vec<Hit>,
    matches: &mut Vec<Match>,
) {
    if let Some(time) = event.time {
        state.now = Some(state.now.unwrap_or(i64::MIN).max(time.as_millisecond()));
    }
    let now = state.now.unwrap_or_default();
    let at = event.time.map_or(now, Timestamp::as_millisecond);
    let mut ended = Vec::new();
    if state.due.is_some_and(|due| due <= now) {
        ended = close(correlations, state, now, matches);
    }
    if hits.is_empty() && ended.is_empty() {
        return;
    }
    // Correlations stand after those that they refer to.
    let mut all: Vec<(Hit, bool)> = hits.into_iter().map(|hit| (hit, true)).collect();
    all.extend(ended.into_iter().map(|hit| (hit, false)));
    let mut todo: BTreeSet<usize> = BTreeSet::new();
    let asks = |state: &State, place: Node, todo: &mut BTreeSet<usize>| {
        todo.extend(state.consumers.get(&place).into_iter().flatten().copied());
    };
    for (hit, _) in &all {
        asks(state, hit.place, &mut todo);
    }
    while let Some(number) = todo.pop_first() {
        let Some(correlation) = correlations.get(number) else { continue };
        let mut fired = Vec::new();
        // From the last to the first, so that one event is not two steps of a sequence.
        for input in correlation.inputs.iter().rev() {
            for (hit, here) in all.iter().filter(|(hit, _)| hit.place == input.place) {
                let row = here.then_some(row);
                let at = hit.ended.unwrap_or(at);
                let Some(key) = key(&input.group, hit, row) else { continue };
                let value = key_of_values(&input.values, hit, row);
                if let Some(value) = state.feed(number, correlation, &key, at, input.step, value) {
                    if correlation.shown {
                        matches.push(correlation.matched(&key, value, Some(at), &event.host));
                    }
                    let known =
                        correlation.group.iter().cloned().zip(key.split(SEPARATOR).map(str::to_owned)).collect();
                    fired.push((Hit { place: Node::Correlation(number), known, ended: hit.ended }, *here));
                }
            }
        }
        if !fired.is_empty() {
            asks(state, Node::Correlation(number), &mut todo);
            all.extend(fired);
        }
    }
}

/// Decides every correlation that waits for the end of its span.
pub(crate) fn finish(correlations: &[Correlation], state: &mut State, matches: &mut Vec<Match>) {
    // An ended correlation may begin the span of another one: as often as they can be chained.
    for _ in 0..=correlations.len() {
        let ended = close(correlations, state, i64::MAX, matches);
        if ended.is_empty() {
            return;
        }
        let event = Event::default();
        let fields = Fields::default();
        let row = Row::new(&event, &fields, false);
        advance(correlations, state, &event, &row, ended, matches);
    }
}

/// Ends the spans that are over; the hits are those that matched.
fn close(correlations: &[Correlation], state: &mut State, now: i64, matches: &mut Vec<Match>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (number, correlation) in correlations.iter().enumerate().filter(|(_, correlation)| correlation.waits()) {
        for (key, value, end) in state.close(number, correlation, now) {
            if correlation.shown {
                matches.push(correlation.matched(&key, value, Some(end), ""));
            }
            let known = correlation.group.iter().cloned().zip(key.split(SEPARATOR).map(str::to_owned)).collect();
            hits.push(Hit { place: Node::Correlation(number), known, ended: Some(end) });
        }
    }
    state.plan();
    hits
}

/// The values of the fields as one key; none where one is missing.
fn key(fields: &[Field], hit: &Hit, row: Option<&Row<'_>>) -> Option<String> {
    let mut key = String::new();
    for (at, field) in fields.iter().enumerate() {
        let known = hit.known.iter().find(|(name, _)| *name == field.name).map(|(_, value)| value.as_str());
        let value = known.or_else(|| row.and_then(|row| first(row, field.number)))?;
        if at > 0 {
            key.push(SEPARATOR);
        }
        key.extend(value.chars().filter(|char| *char != SEPARATOR).take(MAX_CHARS));
    }
    Some(key)
}

/// The values to be counted; none where there are none to be counted or one is missing.
fn key_of_values(fields: &[Field], hit: &Hit, row: Option<&Row<'_>>) -> Option<String> {
    if fields.is_empty() { None } else { key(fields, hit, row) }
}
