//! Lures: what makes people click, open or answer. Each is judged by a part of its own; what is everyday in newsletters and on
//! mailing lists is none.

mod attachment;
mod click;
mod domain;
mod languages;
mod link;
mod proof;
mod punycode;

use std::collections::BTreeMap;

pub use click::{Urge, urge};
pub use domain::{LookAlike, Trick, look_alike, registered};
use jiff::Timestamp;
use keelguard_model::{Finding, Kind as Sort, Rule, Subject, SubjectKind, rule};

use super::mail::{Kind, Message, shown};

/// So much of a part's text is looked at.
const MOST_TEXT: usize = 256 << 10;
/// So many lures of one message are told of.
const MOST_LURES: usize = 20;
/// So many different lures are told of.
const MOST_TOLD: usize = 500;

/// Something that lures.
#[derive(Clone, Debug)]
pub struct Lure {
    /// Under which rule.
    pub rule: &'static Rule,
    /// Why, in words.
    pub why: String,
}

/// The lures of a mail. `own` are the domains of those who read it.
///
/// ```
/// use keelguard_signs::spam::{lure, mail::Message};
/// let mail = b"From: PayPal <help@paypa1.com>\r\nSubject: hello\r\n\r\nhello\r\n";
/// let lures = lure::of_mail(&Message::parse(mail), &[]);
/// assert_eq!(lures[0].rule.id, "KG-S050");
/// ```
pub fn of_mail(message: &Message<'_>, own: &[String]) -> Vec<Lure> {
    let mut lures: Vec<Lure> = Vec::new();
    let mut add = |rule: &'static Rule, why: String| {
        if lures.len() < MOST_LURES && !lures.iter().any(|lure| lure.why == why) {
            lures.push(Lure { rule, why });
        }
    };
    let proof = proof::Proof::of(message);
    let from = message.field("from").map(shown::value).unwrap_or_default();
    let from = from.rsplit('@').next().unwrap_or_default().trim_end_matches(['>', ' ', '"']).to_lowercase();
    // Lists change what they hand on, and break signatures by that.
    let is_list = message.field("list-id").is_some() || message.field("list-post").is_some();
    if let Some(why) = proof.failed().filter(|_| !is_list && !from.is_empty()) {
        add(&rule::SENDER_NOT_PROVEN, format!("{from}: {why}"));
    }
    if let Some(found) = look_alike(&from, own) {
        add(&rule::LOOKALIKE_DOMAIN, format!("the sender's domain {found}"));
    }
    let mut texts = vec![message.field("subject").map(shown::value).unwrap_or_default()];
    for part in &message.parts.leaves {
        if let Some(why) = attachment::danger(part) {
            add(&rule::DANGEROUS_ATTACHMENT, why);
        }
        if part.is_attached || !matches!(part.kind, Kind::Text | Kind::Html) {
            continue;
        }
        let bytes = part.decoded(MOST_TEXT);
        if part.kind == Kind::Html {
            let mut targets = std::collections::BTreeSet::new();
            for link in link::links(&bytes) {
                // A newsletter counts the clicks on its own site; who stands for the message may.
                let is_own = link.shown.as_deref().is_some_and(|shown| registered(shown) == registered(&from));
                let is_counted = is_own && (proof.is_proven() || message.field("list-unsubscribe").is_some());
                if link.is_false() && !is_counted {
                    let shown = link.shown.as_deref().unwrap_or_default();
                    add(&rule::LINK_MISMATCH, format!("a link shows {shown} and leads to {}", link.target));
                }
                if targets.insert(link.target.clone())
                    && let Some(found) = look_alike(&link.target, own)
                {
                    add(&rule::LOOKALIKE_DOMAIN, format!("a link leads to a look-alike: {found}"));
                }
            }
            let mut text = Vec::new();
            super::mail::html::text(&bytes, MOST_TEXT, &mut text);
            texts.push(String::from_utf8_lossy(&text).into_owned());
        } else {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let hosts: std::collections::BTreeSet<String> = link::hosts_in(&text).into_iter().collect();
            for host in hosts {
                if let Some(found) = look_alike(&host, own) {
                    add(&rule::LOOKALIKE_DOMAIN, format!("a link leads to a look-alike: {found}"));
                }
            }
            texts.push(text);
        }
    }
    // Makers of programs tell of new versions, and stand for their mail; so do lists.
    if !proof.is_proven() && !is_list && message.field("list-unsubscribe").is_none() {
        for text in texts {
            if let Some(urge) = urge(&text) {
                add(&rule::CLICK_LURE, said(&urge));
            }
        }
    }
    lures
}

/// The lures of a short text: an SMS, a chat message, what a pop-up says.
pub fn of_text(text: &str, own: &[String]) -> Vec<Lure> {
    let mut lures: Vec<Lure> =
        urge(text).iter().map(|urge| Lure { rule: &rule::CLICK_LURE, why: said(urge) }).collect();
    for host in link::hosts_in(text).into_iter().take(MOST_LURES) {
        if let Some(found) = look_alike(&host, own) {
            lures.push(Lure { rule: &rule::LOOKALIKE_DOMAIN, why: format!("a link leads to a look-alike: {found}") });
        }
    }
    lures
}

fn said(urge: &Urge) -> String {
    let alleged = if urge.is_problem { "a problem" } else { "something new" };
    format!(
        "\u{201c}{}\u{201d} alleges {alleged} (\u{201c}{}\u{201d}, {}) and urges a click",
        urge.text, urge.alleged, urge.language
    )
}

/// Lures of many messages, each told of once: a wave of a thousand is one finding.
#[derive(Clone, Debug, Default)]
pub struct Lures {
    told: BTreeMap<(&'static str, String), Told>,
    dropped: u64,
}

#[derive(Clone, Debug)]
struct Told {
    rule: &'static Rule,
    count: u64,
    path: String,
    user: Option<String>,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
}

impl Lures {
    /// Takes the lures of one message: where it lies, when it came and to whom, as far as that is known.
    pub fn take(&mut self, path: &str, time: Option<Timestamp>, user: Option<&str>, lures: &[Lure]) {
        for lure in lures {
            let key = (lure.rule.id, lure.why.clone());
            if self.told.len() >= MOST_TOLD && !self.told.contains_key(&key) {
                self.dropped += 1;
                continue;
            }
            let told = self.told.entry(key).or_insert_with(|| Told {
                rule: lure.rule,
                count: 0,
                path: path.to_owned(),
                user: user.map(str::to_owned),
                first: time,
                last: time,
            });
            told.count += 1;
            told.first = [told.first, time].into_iter().flatten().min();
            told.last = told.last.max(time);
        }
    }

    /// What is found; `now` where a message names no time.
    pub fn findings(&self, now: Timestamp) -> Vec<Finding> {
        let finding = |((_, why), told): (&(&str, String), &Told)| {
            let many = if told.count > 1 { format!(" ({} messages)", told.count) } else { String::new() };
            let mut finding = told
                .rule
                .on(Subject::new(SubjectKind::File, told.path.clone()))
                .title(format!("{}{many}", told.rule.title))
                .evidence("why", why.clone())
                .evidence("messages", told.count.to_string());
            if let Some(user) = &told.user {
                finding = finding.evidence("user", user.clone());
            }
            if let (Some(first), Some(last)) = (told.first, told.last) {
                finding = finding.evidence("first", first.to_string()).evidence("last", last.to_string());
            }
            finding.kind = Sort::Detection;
            finding.time = told.last.unwrap_or(now);
            finding
        };
        self.told.iter().map(finding).collect()
    }

    /// Lures that are not told of, because there were too many different ones.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

#[cfg(test)]
mod tests;
