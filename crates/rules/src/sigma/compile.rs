//! From files to a set that is ready: documents, their kinds, who refers to whom, what is shown.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::correlation::{self, Correlation, Draft, Input, Node as Place};
use super::detection::Detection;
use super::error::{Flaw, Unusable};
use super::filter::Filter;
use super::index::Index;
use super::logsource::LogSource;
use super::row::Fields;
use super::rule::{Rule, Status};
use super::yaml::Node;
use super::{Budget, Compiled, Options, Sigma, State, collection};

/// Rules of one set.
const MAX_RULES: usize = 50_000;
/// Regular expressions of one set; each may take some megabytes.
const MAX_REGEXES: usize = 2000;
/// Values of one set, after they were spelt out.
const MAX_TESTS: usize = 500_000;

/// See [`Sigma::compile`].
pub(crate) fn compile<'t, P: AsRef<Path>>(
    files: impl IntoIterator<Item = (P, &'t str)>,
    options: &Options,
) -> (Sigma, Vec<Unusable>) {
    let mut fields = Fields::default();
    let budget =
        Budget { fields: &mut fields, placeholders: &options.placeholders, regexes: MAX_REGEXES, tests: MAX_TESTS };
    let mut set = Set {
        budget,
        rules: Vec::new(),
        drafts: Vec::new(),
        filters: Vec::new(),
        ids: HashMap::new(),
        unusable: Vec::new(),
    };
    for (path, text) in files {
        for document in collection::rules(text) {
            set.add(path.as_ref(), document);
        }
    }
    set.filter();
    let correlations = set.connect();
    let Set { rules, unusable, .. } = set;
    let index = Index::new(&rules, &fields);
    let names = fields.names();
    let state = State::new(&correlations);
    (Sigma { rules, correlations, fields, names, index, state, scratch: super::index::Scratch::default() }, unusable)
}

struct Set<'o> {
    budget: Budget<'o>,
    rules: Vec<Compiled>,
    drafts: Vec<Draft>,
    filters: Vec<Filter>,
    /// Which file has a rule of this id.
    ids: HashMap<String, PathBuf>,
    unusable: Vec<Unusable>,
}

impl Set<'_> {
    fn refuse(&mut self, file: &Path, title: Option<String>, flaw: Flaw) {
        self.unusable.push(Unusable { file: file.to_owned(), line: flaw.line, title, reason: flaw.what });
    }

    fn add(&mut self, file: &Path, document: Result<Node, Flaw>) {
        let node = match document {
            Ok(node) => node,
            Err(flaw) => return self.refuse(file, None, flaw),
        };
        let title = node.get("title").and_then(Node::text).map(|title| title.chars().take(256).collect());
        if let Err(flaw) = self.read(file, &node) {
            self.refuse(file, title, flaw);
        }
    }

    fn read(&mut self, file: &Path, node: &Node) -> Result<(), Flaw> {
        if self.rules.len() + self.drafts.len() + self.filters.len() >= MAX_RULES {
            return Err(Flaw::at(node.line, format!("there are more than {MAX_RULES} rules")));
        }
        let mut rule = Rule::read(node, file)?;
        if rule.status == Some(Status::Unsupported) {
            return Err(Flaw::at(node.line, "its own status says that it cannot be used as it is"));
        }
        if !rule.id.is_empty()
            && let Some(other) = self.ids.get(&rule.id)
            && other != file
        {
            return Err(Flaw::at(node.line, format!("its id is that of a rule in {}", other.display())));
        }
        let id = rule.id.clone();
        let parts = ["detection", "correlation", "filter"].map(|key| node.get(key));
        match parts {
            [Some(detection), None, None] => {
                rule.logsource = LogSource::read(node)?;
                let detection = Detection::read(detection, "", &mut self.budget)?;
                self.rules.push(Compiled { rule: Arc::new(rule), detection, filters: Vec::new(), shown: true });
            }
            [None, Some(correlation), None] => {
                self.drafts.push(correlation::read(rule, correlation, node)?);
            }
            [None, None, Some(filter)] => {
                rule.logsource = LogSource::read(node)?;
                self.filters.push(Filter::read(rule, filter, &mut self.budget)?);
            }
            [None, None, None] => return Err(Flaw::at(node.line, "it has no detection, no correlation and no filter")),
            _ => return Err(Flaw::at(node.line, "it is more than one of detection, correlation and filter")),
        }
        if !id.is_empty() {
            self.ids.insert(id, file.to_owned());
        }
        Ok(())
    }

    /// Puts the filters on the rules that they name.
    fn filter(&mut self) {
        let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, compiled) in self.rules.iter().enumerate() {
            for name in [&compiled.rule.id, &compiled.rule.name].into_iter().filter(|name| !name.is_empty()) {
                by_name.entry(name).or_default().push(at);
            }
        }
        let mut put: Vec<(usize, Arc<Detection>)> = Vec::new();
        let mut wrong = Vec::new();
        for filter in &self.filters {
            let chosen: Vec<usize> = match &filter.rules {
                None => (0..self.rules.len()).collect(),
                Some(names) => {
                    let lower = names.iter().map(|name| (name, name.to_ascii_lowercase()));
                    let mut chosen = Vec::new();
                    for (name, lower) in lower {
                        match by_name.get(name.as_str()).or_else(|| by_name.get(lower.as_str())) {
                            Some(rules) => chosen.extend(rules),
                            None => wrong.push((
                                filter.rule.clone(),
                                format!("it is for the rule {name:?}, which is not there or not usable"),
                            )),
                        }
                    }
                    chosen
                }
            };
            let fits = |at: &usize| {
                self.rules.get(*at).is_some_and(|compiled| filter.rule.logsource.is_part_of(&compiled.rule.logsource))
            };
            let (fitting, other): (Vec<usize>, Vec<usize>) = chosen.into_iter().partition(fits);
            if filter.rules.is_some() {
                for at in other {
                    if let Some(compiled) = self.rules.get(at) {
                        wrong.push((
                            filter.rule.clone(),
                            format!("its logsource is not that of the rule {:?}", compiled.rule.key()),
                        ));
                    }
                }
            }
            put.extend(fitting.into_iter().map(|at| (at, Arc::clone(&filter.detection))));
        }
        for (at, detection) in put {
            if let Some(compiled) = self.rules.get_mut(at) {
                compiled.filters.push(detection);
            }
        }
        for (rule, what) in wrong {
            self.refuse(&rule.file.clone(), Some(rule.title.clone()), Flaw::at(rule.line, what));
        }
    }

    /// Resolves what correlations refer to; each then stands after those it needs.
    fn connect(&mut self) -> Vec<Correlation> {
        let mut places: HashMap<String, Vec<Place>> = HashMap::new();
        for (at, compiled) in self.rules.iter().enumerate() {
            name(&mut places, &compiled.rule, Place::Rule(at));
        }
        let mut done: Vec<Correlation> = Vec::new();
        let mut referred = HashSet::new();
        let mut generated = HashSet::new();
        // A correlation waits for those that it refers to; each is looked at again only when one of them is done.
        let mut waiting: HashMap<String, Vec<usize>> = HashMap::new();
        let drafts = std::mem::take(&mut self.drafts);
        let mut queue: Vec<usize> = (0..drafts.len()).rev().collect();
        let mut finished = vec![false; drafts.len()];
        while let Some(at) = queue.pop() {
            let Some(draft) = drafts.get(at).filter(|_| finished.get(at) == Some(&false)) else { continue };
            let missing = draft.rules.iter().find(|name| find(&places, name).is_none());
            if let Some(missing) = missing {
                waiting.entry(missing.to_ascii_lowercase()).or_default().push(at);
                continue;
            }
            let mut inputs = Vec::new();
            for (step, reference) in draft.rules.iter().enumerate() {
                for place in find(&places, reference).unwrap_or_default() {
                    let rule = match place {
                        Place::Rule(at) => self.rules.get(*at).map(|compiled| &compiled.rule),
                        Place::Correlation(at) => done.get(*at).map(|correlation| &correlation.rule),
                    };
                    let Some(rule) = rule else { continue };
                    referred.insert(*place);
                    if draft.generate {
                        generated.insert(*place);
                    }
                    inputs.push(Input::new(*place, step, draft, reference, rule, self.budget.fields));
                }
            }
            let first = inputs.first().and_then(|input| match input.place {
                Place::Rule(at) => self.rules.get(at).map(|compiled| compiled.rule.logsource.clone()),
                Place::Correlation(at) => done.get(at).map(|correlation| correlation.rule.logsource.clone()),
            });
            let correlation = Correlation::new(draft, inputs, first.unwrap_or_default());
            name(&mut places, &correlation.rule, Place::Correlation(done.len()));
            for key in [&correlation.rule.id, &correlation.rule.name, &correlation.rule.title] {
                queue.extend(waiting.remove(&key.to_ascii_lowercase()).unwrap_or_default());
            }
            done.push(correlation);
            if let Some(finished) = finished.get_mut(at) {
                *finished = true;
            }
        }
        for (draft, _) in drafts.iter().zip(&finished).filter(|(_, finished)| !**finished) {
            let missing = draft.rules.iter().find(|name| find(&places, name).is_none()).cloned().unwrap_or_default();
            let what =
                format!("it refers to the rule {missing:?}, which is not there, not usable or refers back to it");
            self.refuse(&draft.rule.file.clone(), Some(draft.rule.title.clone()), Flaw::at(draft.rule.line, what));
        }
        for place in referred.difference(&generated) {
            match place {
                Place::Rule(at) => {
                    if let Some(compiled) = self.rules.get_mut(*at) {
                        compiled.shown = false;
                    }
                }
                Place::Correlation(at) => {
                    if let Some(correlation) = done.get_mut(*at) {
                        correlation.shown = false;
                    }
                }
            }
        }
        done
    }
}

/// Makes a rule known by its id and name, in lower case.
fn name(places: &mut HashMap<String, Vec<Place>>, rule: &Rule, place: Place) {
    for key in [&rule.id, &rule.name].into_iter().filter(|key| !key.is_empty()) {
        places.entry(key.to_ascii_lowercase()).or_default().push(place);
    }
}

fn find<'p>(places: &'p HashMap<String, Vec<Place>>, name: &str) -> Option<&'p [Place]> {
    places.get(&name.to_ascii_lowercase()).map(Vec::as_slice)
}
