//! Sigma, version 2 of the specification: detections, correlations and filters, compiled together into one set and held
//! against events. What cannot be used is an [`Unusable`] with its reason, never left out in silence.
//!
//! Choices where the specification leaves one:
//! - Regular expressions are those of the `regex` crate: in linear time, without look-around and back-references.
//! - `neq` also holds where the field is missing, as a negated selection does.
//! - `fieldref` goes together with `contains`, `startswith`, `endswith`, `cased` and `neq`.
//! - A rule's condition and those of its filters have to hold together (`condition: not selection` filters out).
//! - Dates of the form `2019/10/12`, from before version 2, and a list of conditions are accepted.
//! - Rules whose status is `unsupported` are listed as unusable: their authors say so. Deprecated ones run.

mod collection;
mod compile;
mod condition;
mod correlation;
mod detection;
mod encode;
mod error;
mod files;
mod filter;
mod finding;
mod index;
mod logsource;
mod modifiers;
mod pattern;
mod placeholders;
mod regexes;
mod row;
mod rule;
mod run;
#[cfg(test)]
mod schema_tests;
mod test;
mod yaml;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

pub use correlation::State;
pub use error::Unusable;
pub use finding::Match;
pub use logsource::LogSource;
pub use rule::{Level, Rule, Status};

use correlation::Correlation;
use detection::Detection;
use index::Index;
use row::Fields;

/// What a set of rules is compiled with.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What the placeholders of values with `expand` stand for: `Servers` → `["srv*"]`.
    pub placeholders: BTreeMap<String, Vec<String>>,
}

/// What rules may still use up.
pub(crate) struct Budget<'o> {
    fields: &'o mut Fields,
    placeholders: &'o BTreeMap<String, Vec<String>>,
    regexes: usize,
    tests: usize,
}

impl Budget<'_> {
    /// One more regular expression.
    fn regex(&mut self) -> Result<(), String> {
        self.regexes = self.regexes.checked_sub(1).ok_or("the rules have too many regular expressions together")?;
        Ok(())
    }

    /// So many more tests.
    fn spend(&mut self, tests: usize) -> Result<(), String> {
        self.tests = self.tests.checked_sub(tests).ok_or("the rules have too many values together")?;
        Ok(())
    }
}

/// A detection, ready.
pub(crate) struct Compiled {
    pub(crate) rule: Arc<Rule>,
    pub(crate) detection: Detection,
    pub(crate) filters: Vec<Arc<Detection>>,
    /// A match is shown; otherwise only correlations look at it.
    pub(crate) shown: bool,
}

/// A set of rules, ready to be held against events, with the state of its correlations.
pub struct Sigma {
    rules: Vec<Compiled>,
    correlations: Vec<Correlation>,
    fields: Fields,
    names: Vec<String>,
    index: Index,
    state: State,
    scratch: index::Scratch,
}

impl Sigma {
    /// Reads the rules (`.yml`, `.yaml`) of a folder and of those in it. What cannot be read is listed, too.
    pub fn load(folder: &Path) -> (Self, Vec<Unusable>) {
        Self::load_with(folder, &Options::default())
    }

    /// Like [`Self::load`], with options.
    pub fn load_with(folder: &Path, options: &Options) -> (Self, Vec<Unusable>) {
        let (files, mut unusable) = files::read(folder);
        let (sigma, more) = Self::compile(files.iter().map(|(path, text)| (path, text.as_str())), options);
        unusable.extend(more);
        (sigma, unusable)
    }

    /// Compiles rules from texts, each with the name of its file.
    pub fn compile<'t, P: AsRef<Path>>(
        files: impl IntoIterator<Item = (P, &'t str)>,
        options: &Options,
    ) -> (Self, Vec<Unusable>) {
        compile::compile(files, options)
    }

    /// The rules that can be used, correlations included.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        let detections = self.rules.iter().map(|compiled| &*compiled.rule);
        detections.chain(self.correlations.iter().map(|correlation| &*correlation.rule))
    }

    /// What the correlations remember, to be saved.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Goes on from what was saved. Memories of rules that are no more, or not as they were, are dropped.
    pub fn restore(&mut self, state: State) {
        self.state = state.fitted(&self.correlations);
    }
}
