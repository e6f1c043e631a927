//! An event held against the set.

use super::correlation::Hit;
use super::finding::Match;
use super::row::Row;
use super::{Sigma, correlation};
use crate::events::Event;

impl Sigma {
    /// Holds an event against all rules and correlations. Events come in the order in which they happened, or nearly so; an
    /// event without time counts as of the time of the latest.
    pub fn run(&mut self, event: &Event<'_>) -> Vec<Match> {
        let everything = self.index.looks_at_everything(&event.source, &self.rules, &mut self.scratch);
        let row = Row::new(event, &self.fields, everything);
        let mut hits = Vec::new();
        let rules = &self.rules;
        self.index.candidates(&row, &event.source, rules, &mut self.scratch, |at| {
            if let Some(compiled) = rules.get(at)
                && compiled.detection.is_match(&row)
                && compiled.filters.iter().all(|filter| filter.is_match(&row))
            {
                hits.push(at);
            }
        });
        let mut matches: Vec<Match> = hits
            .iter()
            .filter_map(|at| self.rules.get(*at))
            .filter(|compiled| compiled.shown)
            .map(|compiled| Match::of_event(compiled, event, &row, &self.names))
            .collect();
        if !self.correlations.is_empty() {
            let hits = hits
                .into_iter()
                .map(|at| Hit { place: correlation::Node::Rule(at), known: Vec::new(), ended: None })
                .collect();
            correlation::advance(&self.correlations, &mut self.state, event, &row, hits, &mut matches);
        }
        matches
    }

    /// Ends what correlations still wait for, as if time had gone on: those that ask for few events (`lt`, `eq`) and for
    /// averages are decided when their time is over.
    pub fn finish(&mut self) -> Vec<Match> {
        let mut matches = Vec::new();
        correlation::finish(&self.correlations, &mut self.state, &mut matches);
        matches
    }
}
