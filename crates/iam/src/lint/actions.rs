//! Actions: their form, whether they exist, and which ones a pattern stands for.

use super::codes;
use super::sink::Sink;
use super::statement::{Said, Statement};
use crate::catalogue::{Action, Known, Service, catalogue, nearest};
use crate::pattern;

/// The known actions for which one item of an `Action` element stands.
#[derive(Debug)]
pub(super) struct Meant {
    /// Which item.
    pub(super) item: usize,
    /// `*`: all, and not listed in `actions`.
    pub(super) everything: bool,
    /// Service and action.
    pub(super) actions: Vec<(&'static Service<'static>, &'static Action<'static>)>,
}

/// A list is looked through until it stands for this many actions, those counted again that it names again.
const MOST: usize = 1_000_000;

/// Finds actions that are malformed or do not exist, and returns for what the others stand. Items without a meaning are
/// left out.
pub(super) fn check(statement: &Statement<'_>, sink: &mut Sink) -> Vec<Meant> {
    let Some(element) = &statement.actions else { return Vec::new() };
    let (mut all, mut count) = (Vec::new(), 0);
    for (item, said) in element.items.iter().enumerate() {
        if count > MOST {
            sink.unseen.push(format!(
                "one of its lists stands for more than {MOST} actions; the rest of it was not looked at"
            ));
            break;
        }
        if let Some(meant) = one(item, said, sink) {
            count += meant.actions.len();
            all.push(meant);
        }
    }
    all
}

fn one(item: usize, said: &Said<'_>, sink: &mut Sink) -> Option<Meant> {
    let text = said.text.as_ref();
    if text == "*" || text == "*:*" {
        return Some(Meant { item, everything: true, actions: Vec::new() });
    }
    let trimmed = text.trim();
    if trimmed != text {
        sink.advise(&codes::ACTION_FORM, said.at, format!("{text:?} has blanks around it"), format!("\"{trimmed}\""));
        return None;
    }
    let Some((prefix, name)) = text.split_once(':') else {
        let says = format!("{text:?} does not say of which service it is");
        let of: Vec<String> =
            catalogue().with_action(text).take(3).map(|(prefix, name)| format!("\"{prefix}:{name}\"")).collect();
        if of.is_empty() {
            sink.add(&codes::ACTION_FORM, said.at, says);
        } else {
            sink.advise(&codes::ACTION_FORM, said.at, says, of.join(" or "));
        }
        return None;
    };
    if prefix.contains(['*', '?']) {
        let says = format!("{text:?}: a service is named in full; only \"*\" stands for all of them");
        sink.add(&codes::ACTION_FORM, said.at, says);
        return None;
    }
    if name.is_empty()
        || name.contains(|letter: char| !letter.is_alphanumeric() && !"*?-_".contains(letter) && letter.is_ascii())
    {
        sink.add(&codes::ACTION_FORM, said.at, format!("{text:?} is not of the form service:Action"));
        return None;
    }
    let (lower_prefix, lower) = (prefix.to_ascii_lowercase(), name.to_ascii_lowercase());
    if !name.contains(['*', '?']) {
        return literal(item, said, (prefix, name), (&lower_prefix, &lower), sink);
    }
    let Some(service) = catalogue().service(&lower_prefix) else {
        unknown_service(said, prefix, name, sink);
        return None;
    };
    let fits = |action: &&Action<'static>| pattern::matches_any_case(&lower, action.name);
    let actions: Vec<_> = service.actions.iter().filter(fits).map(|action| (service, action)).collect();
    if actions.is_empty() {
        let says = format!("no action of {} ({}) fits {text:?}", service.prefix, service.title);
        let stem = name.trim_end_matches(['*', '?']);
        match sink.meant(|| service.nearest_start(stem)) {
            Some(start) => sink.advise(&codes::NO_SUCH_ACTIONS, said.at, says, format!("\"{prefix}:{start}*\"")),
            None => sink.add(&codes::NO_SUCH_ACTIONS, said.at, says),
        }
        return None;
    }
    Some(Meant { item, everything: false, actions })
}

fn literal(
    item: usize,
    said: &Said<'_>,
    (prefix, name): (&str, &str),
    (lower_prefix, lower): (&str, &str),
    sink: &mut Sink,
) -> Option<Meant> {
    match catalogue().action(lower_prefix, lower) {
        Known::Action(service, action) => Some(Meant { item, everything: false, actions: vec![(service, action)] }),
        Known::NotInService(service) => {
            let says = format!("there is no action {name} in {} ({})", service.prefix, service.title);
            match sink.meant(|| service.nearest_action(name)) {
                Some(meant) => sink.advise(&codes::UNKNOWN_ACTION, said.at, says, format!("\"{prefix}:{meant}\"")),
                None => sink.add(&codes::UNKNOWN_ACTION, said.at, says),
            }
            None
        }
        Known::NoService => {
            unknown_service(said, prefix, name, sink);
            None
        }
    }
}

fn unknown_service(said: &Said<'_>, prefix: &str, name: &str, sink: &mut Sink) {
    let says = format!("no service has the prefix {prefix:?}");
    match sink.meant(|| catalogue().nearest_service(prefix)) {
        Some(meant) => sink.advise(&codes::UNKNOWN_SERVICE, said.at, says, format!("\"{meant}:{name}\"")),
        None => sink.add(&codes::UNKNOWN_SERVICE, said.at, says),
    }
}

impl<'a> Service<'a> {
    /// The first word of an action's name that is nearest to `stem`.
    fn nearest_start(&self, stem: &str) -> Option<&'a str> {
        let starts = self.actions.iter().map(|action| {
            let next = action.name.char_indices().skip(1).find(|(_, letter)| letter.is_uppercase());
            action.name.get(..next.map_or(action.name.len(), |(at, _)| at)).unwrap_or(action.name)
        });
        nearest(stem, starts)
    }
}
