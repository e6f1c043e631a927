//! Which rules an event may concern: those for its log of which a required text stands in one of its fields.

use std::borrow::Cow;
use std::collections::HashMap;

use aho_corasick::AhoCorasick;

use super::Compiled;
use super::detection::{Detection, Expr};
use super::row::{Fields, KEYWORDS, Row};
use crate::events::Source;

/// Texts by which one rule is found; one that needs more is always looked at.
const MAX_NEEDLES: usize = 5000;
/// Bytes of all texts; rules beyond are always looked at.
const MAX_BYTES: usize = 2 << 20;
/// Logs that are remembered.
const MAX_SOURCES: usize = 256;

/// A text that a field's values have in them.
type Needle<'r> = (u32, &'r str);

/// The texts to look for in one field, and the rules that each brings up.
struct Finder {
    texts: AhoCorasick,
    rules: Vec<Vec<u32>>,
}

/// See the module.
pub(crate) struct Index {
    /// By the field's number.
    fields: Vec<Option<Finder>>,
    keywords: Option<Finder>,
    /// Rules that no text brings up.
    always: Vec<u64>,
    /// Rules that ask for keywords.
    wide: Vec<u64>,
}

/// What is kept from event to event.
#[derive(Default)]
pub(crate) struct Scratch {
    sources: Vec<(Source<'static>, Scope)>,
    hits: Vec<u64>,
}

/// The rules for a log.
#[derive(Clone)]
struct Scope {
    rules: Vec<u64>,
    /// Some of them ask for keywords.
    wide: bool,
}

impl Index {
    pub(crate) fn new(rules: &[Compiled], fields: &Fields) -> Self {
        let words = rules.len().div_ceil(64);
        let (mut always, mut wide) = (vec![0; words], vec![0; words]);
        let mut common: HashMap<Needle<'_>, u32> = HashMap::new();
        for compiled in rules {
            let mut own = Vec::new();
            compiled.detection.selections.iter().for_each(|selection| every(selection, &mut own));
            own.sort_unstable();
            own.dedup();
            for needle in own {
                *common.entry(needle).or_default() += 1;
            }
        }
        let mut texts: HashMap<u32, HashMap<&str, Vec<u32>>> = HashMap::new();
        let mut bytes = 0;
        for (at, compiled) in rules.iter().enumerate() {
            if asks_for_keywords(&compiled.detection) || compiled.filters.iter().any(|filter| asks_for_keywords(filter))
            {
                set(&mut wide, at);
            }
            let needles = chosen(&compiled.detection, &common);
            let size = needles.as_ref().map_or(0, |needles| needles.iter().map(|(_, text)| text.len()).sum::<usize>());
            let number = u32::try_from(at).unwrap_or(u32::MAX);
            match needles {
                Some(needles) if bytes + size <= MAX_BYTES => {
                    bytes += size;
                    for (field, text) in needles {
                        texts.entry(field).or_default().entry(text).or_default().push(number);
                    }
                }
                _ => set(&mut always, at),
            }
        }
        let mut own = Self { fields: Vec::new(), keywords: None, always, wide };
        own.fields.resize_with(fields.len(), || None);
        for (field, texts) in texts {
            let mut texts: Vec<(&str, Vec<u32>)> = texts.into_iter().collect();
            texts.sort_unstable();
            let finder = AhoCorasick::new(texts.iter().map(|(text, _)| text));
            let rules: Vec<Vec<u32>> = texts.into_iter().map(|(_, rules)| rules).collect();
            let Ok(finder) = finder else {
                rules.iter().flatten().for_each(|rule| set(&mut own.always, *rule as usize));
                continue;
            };
            let finder = Some(Finder { texts: finder, rules });
            match own.fields.get_mut(field as usize) {
                Some(place) => *place = finder,
                None => own.keywords = finder,
            }
        }
        own
    }

    /// Whether the rules for this log look at everything that an event says.
    pub(crate) fn looks_at_everything(&self, source: &Source<'_>, rules: &[Compiled], scratch: &mut Scratch) -> bool {
        scratch.scope(source, rules, &self.wide).is_some_and(|scope| scope.wide)
    }

    /// Calls with each rule that the event may concern.
    pub(crate) fn candidates(
        &self,
        row: &Row<'_>,
        source: &Source<'_>,
        rules: &[Compiled],
        scratch: &mut Scratch,
        mut call: impl FnMut(usize),
    ) {
        let mut hits = std::mem::take(&mut scratch.hits);
        hits.clear();
        hits.extend_from_slice(&self.always);
        for field in row.present() {
            if let Some(Some(finder)) = self.fields.get(*field as usize) {
                row.values(*field).for_each(|text| finder.find(&text.folded, &mut hits));
            }
        }
        if let Some(scope) = scratch.scope(source, rules, &self.wide) {
            if let (Some(finder), true) = (&self.keywords, scope.wide) {
                row.texts().iter().for_each(|text| finder.find(&text.folded, &mut hits));
            }
            for (word, (hits, scope)) in hits.iter().zip(&scope.rules).enumerate() {
                let mut bits = hits & scope;
                while bits != 0 {
                    call(word * 64 + bits.trailing_zeros() as usize);
                    bits &= bits - 1;
                }
            }
        }
        scratch.hits = hits;
    }
}

impl Finder {
    fn find(&self, text: &str, hits: &mut [u64]) {
        for found in self.texts.find_overlapping_iter(text) {
            if let Some(rules) = self.rules.get(found.pattern().as_usize()) {
                for rule in rules {
                    set(hits, *rule as usize);
                }
            }
        }
    }
}

impl Scratch {
    /// The rules for a log, remembered.
    fn scope(&mut self, source: &Source<'_>, rules: &[Compiled], wide: &[u64]) -> Option<&Scope> {
        let at = if let Some(at) = self.sources.iter().position(|(known, _)| known == source) {
            at
        } else {
            if self.sources.len() >= MAX_SOURCES {
                self.sources.clear();
            }
            let mut own = vec![0; wide.len()];
            for (at, compiled) in rules.iter().enumerate() {
                if compiled.rule.logsource.covers(source) {
                    set(&mut own, at);
                }
            }
            let wide = own.iter().zip(wide).any(|(own, wide)| own & wide != 0);
            let owned = |text: &Cow<'_, str>| Cow::Owned(text.clone().into_owned());
            let source = Source {
                product: owned(&source.product),
                category: owned(&source.category),
                service: owned(&source.service),
                also: owned(&source.also),
            };
            self.sources.push((source, Scope { rules: own, wide }));
            self.sources.len() - 1
        };
        self.sources.get(at).map(|(_, scope)| scope)
    }
}

fn set(bits: &mut [u64], at: usize) {
    if let Some(word) = bits.get_mut(at / 64) {
        *word |= 1 << (at % 64);
    }
}

/// Every text that a selection asks for.
fn every<'r>(expr: &'r Expr, into: &mut Vec<Needle<'r>>) {
    match expr {
        Expr::Item(item) => into.extend(item.needles().into_iter().flatten().map(|text| (item.field, text))),
        Expr::And(all) | Expr::Or(all) | Expr::AtLeast(_, all) => all.iter().for_each(|expr| every(expr, into)),
        Expr::Not(expr) => every(expr, into),
        Expr::Selection(_) => {}
    }
}

fn asks_for_keywords(detection: &Detection) -> bool {
    fn asks(expr: &Expr) -> bool {
        match expr {
            Expr::Item(item) => item.field == KEYWORDS,
            Expr::And(all) | Expr::Or(all) | Expr::AtLeast(_, all) => all.iter().any(asks),
            Expr::Not(expr) => asks(expr),
            Expr::Selection(_) => false,
        }
    }
    detection.selections.iter().any(asks)
}

/// A set of texts of which each event that matches has at least one, with what it costs to look for them.
type Choice<'r> = Option<(Vec<Needle<'r>>, u64)>;

/// The set that brings a rule up least often for nothing.
fn chosen<'r>(detection: &'r Detection, common: &HashMap<Needle<'r>, u32>) -> Option<Vec<Needle<'r>>> {
    let selections: Vec<Choice<'r>> =
        detection.selections.iter().map(|selection| choice(selection, &[], common)).collect();
    choice(&detection.condition, &selections, common).map(|(needles, _)| needles)
}

fn choice<'r>(expr: &'r Expr, selections: &[Choice<'r>], common: &HashMap<Needle<'r>, u32>) -> Choice<'r> {
    match expr {
        Expr::Item(item) => {
            let sets = item.needles().into_iter().map(|texts| {
                let needles: Vec<Needle<'r>> = texts.into_iter().map(|text| (item.field, text)).collect();
                let cost = needles.iter().map(|needle| cost(needle, common)).sum();
                (needles, cost)
            });
            sets.filter(|(needles, _)| needles.len() <= MAX_NEEDLES).min_by_key(|(_, cost)| *cost)
        }
        Expr::Selection(at) => selections.get(*at).cloned().flatten(),
        Expr::And(all) => all.iter().filter_map(|expr| choice(expr, selections, common)).min_by_key(|(_, cost)| *cost),
        Expr::Or(all) | Expr::AtLeast(_, all) => {
            let mut together = (Vec::new(), 0);
            for expr in all {
                let (needles, cost) = choice(expr, selections, common)?;
                together.0.extend(needles);
                together.1 += cost;
                if together.0.len() > MAX_NEEDLES {
                    return None;
                }
            }
            Some(together)
        }
        Expr::Not(_) => None,
    }
}

/// A text is the dearer the more rules ask for it (such a text is everyday) and the shorter it is.
fn cost(needle: &Needle<'_>, common: &HashMap<Needle<'_>, u32>) -> u64 {
    let rules = u64::from(common.get(needle).copied().unwrap_or(1));
    let length = match needle.1.len() {
        0..=1 => 64,
        2 => 16,
        3 => 8,
        4..=5 => 4,
        6..=8 => 2,
        _ => 1,
    };
    rules * rules * length
}
