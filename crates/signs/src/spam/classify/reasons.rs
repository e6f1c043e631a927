//! Why: what each feature says is laid on the bytes where it stands, and gathered word by word and field by field.

use serde::Serialize;

use super::bag::{Bag, Group, Sink, Span, View};
use super::hash::is_word;
use super::model::Model;
use crate::spam::mail::{Field, shown};

/// One thing that speaks for or against spam.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reason {
    /// What was read: `subject`, `word`, `shape`.
    pub what: String,
    /// Its value.
    pub value: String,
    /// What it adds to the logarithm of the odds; less than nothing speaks for ham.
    pub weight: f32,
}

/// A bag that remembers where each feature stood first.
#[derive(Debug)]
pub struct Traced {
    /// The features.
    pub bag: Bag,
    spans: Vec<Span>,
    raw: Vec<f32>,
    text: Vec<f32>,
    letters: Vec<f32>,
}

impl Traced {
    /// An empty one for features of these groups.
    pub fn new(layout: &'static [Group]) -> Self {
        Self { bag: Bag::new(layout), spans: Vec::new(), raw: Vec::new(), text: Vec::new(), letters: Vec::new() }
    }

    /// Empties it for the next message.
    pub fn clear(&mut self) {
        self.bag.clear();
        self.spans.clear();
    }
}

impl Sink for Traced {
    fn group(&mut self, group: usize) {
        self.bag.group(group);
    }

    #[inline]
    fn feature(&mut self, hash: u32, span: Span) {
        let before = self.bag.len();
        self.bag.feature(hash, span);
        if self.bag.len() > before {
            self.spans.push(span);
        }
    }
}

/// What was looked at: the bytes behind each view, and the fields of the header with where the body begins.
#[derive(Clone, Copy, Debug)]
pub struct Views<'a> {
    /// The message as it came.
    pub raw: &'a [u8],
    /// What a reader sees.
    pub text: &'a [u8],
    /// The same folded.
    pub letters: &'a [u8],
    /// The fields of the header.
    pub fields: &'a [Field<'a>],
    /// Where the body begins.
    pub body: usize,
}

/// The reasons that count most.
pub fn reasons(model: &Model, traced: &mut Traced, views: &Views<'_>, most: usize) -> Vec<Reason> {
    let Traced { bag, spans, raw, text, letters } = traced;
    for (credits, bytes) in [(&mut *raw, views.raw), (&mut *text, views.text), (&mut *letters, views.letters)] {
        credits.clear();
        // No view reaches further than this.
        credits.resize(bytes.len().min(64 << 10), 0.0);
    }
    let mut shape = 0.0;
    let mut at = 0;
    for (group, ids) in bag.groups() {
        let each = model.slope * model.worth(group, ids);
        for (id, span) in ids.iter().zip(spans.get(at..).unwrap_or_default()) {
            let steps = model.weights.get(*id as usize).copied().unwrap_or_default();
            if steps == 0 {
                continue;
            }
            let says = each * f32::from(steps);
            let credits = match span.view {
                View::Raw => &mut *raw,
                View::Text => &mut *text,
                View::Letters => &mut *letters,
                View::Shape => {
                    shape += says;
                    continue;
                }
            };
            #[expect(clippy::cast_precision_loss, reason = "a few bytes")]
            let part = says / span.length.max(1) as f32;
            let end = (span.from + span.length).min(credits.len());
            if let Some(bytes) = credits.get_mut(span.from..end) {
                for credit in bytes {
                    *credit += part;
                }
            }
        }
        at += ids.len();
    }
    let mut top = Top { list: Vec::new(), most };
    top.take("shape", || "length, digits, capitals and signs".to_owned(), shape);
    let mut in_header = 0;
    for field in views.fields.iter().take(300) {
        let start = field.at.saturating_sub(field.name.len() + 1);
        let end = field.at + field.value.len();
        let sum = raw.get(start..end.min(raw.len())).unwrap_or_default().iter().sum();
        in_header = in_header.max(end);
        let name = String::from_utf8_lossy(field.name).to_ascii_lowercase();
        top.take(&name, || shown::value(field.value), sum);
    }
    let body = views.body.max(in_header);
    words(views.raw, raw, body, &mut top);
    words(views.text, text, 0, &mut top);
    words(views.letters, letters, 0, &mut top);
    top.list
}

/// Gathers credits word by word.
fn words(bytes: &[u8], credits: &[f32], from: usize, top: &mut Top) {
    let mut start = from;
    let mut sum = 0.0;
    for (at, credit) in credits.iter().enumerate().skip(from) {
        if bytes.get(at).copied().is_some_and(is_word) {
            sum += credit;
            continue;
        }
        if at > start {
            top.take("word", || shown::text(bytes.get(start..at).unwrap_or_default()).to_lowercase(), sum);
        }
        start = at + 1;
        sum = 0.0;
    }
    if credits.len() > start {
        top.take("word", || shown::text(bytes.get(start..credits.len()).unwrap_or_default()).to_lowercase(), sum);
    }
}

/// The reasons that count most so far.
struct Top {
    list: Vec<Reason>,
    most: usize,
}

impl Top {
    fn take(&mut self, what: &str, value: impl Fn() -> String, weight: f32) {
        let least =
            if self.list.len() < self.most { 0.0 } else { self.list.last().map_or(0.0, |last| last.weight.abs()) };
        if weight.abs() <= least || self.most == 0 {
            return;
        }
        let value = value();
        match self.list.iter_mut().find(|known| known.what == what && known.value == value) {
            Some(known) => known.weight += weight,
            None => self.list.push(Reason { what: what.to_owned(), value, weight }),
        }
        self.list.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
        self.list.truncate(self.most);
    }
}
