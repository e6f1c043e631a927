//! The compiled set says what a plain evaluator of our own says, for rules and events at random.
#![allow(clippy::format_push_string, clippy::indexing_slicing, reason = "helpers are tests, too, and made to be read")]

mod common;

use std::collections::BTreeMap;

use common::{event, sigma};
use proptest::prelude::*;

/// What is asked of one field.
#[derive(Clone, Debug)]
struct Item {
    field: Option<&'static str>,
    place: &'static str,
    cased: bool,
    all: bool,
    neq: bool,
    values: Vec<String>,
}

#[derive(Clone, Debug)]
enum Condition {
    Selection(usize),
    Not(Box<Condition>),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
    Of(usize),
}

#[derive(Clone, Debug)]
struct Rule {
    service: Option<&'static str>,
    selections: Vec<Vec<Item>>,
    condition: Condition,
}

const SERVICES: [&str; 2] = ["s", "t"];

fn item() -> impl Strategy<Value = Item> {
    let field = prop_oneof![4 => prop::sample::select(vec![Some("f"), Some("g"), Some("h")]), 1 => Just(None)];
    let place = prop::sample::select(vec!["", "|contains", "|startswith", "|endswith"]);
    let values = prop::collection::vec("[abAB*?\\\\]{1,4}", 1..4);
    (field, place, any::<bool>(), any::<bool>(), prop::bool::weighted(0.2), values)
        .prop_map(|(field, place, cased, all, neq, values)| Item { field, place, cased, all, neq, values })
}

fn condition(selections: usize) -> impl Strategy<Value = Condition> {
    let leaf = prop_oneof![(0..selections).prop_map(Condition::Selection), (0..=selections).prop_map(Condition::Of)];
    leaf.prop_recursive(3, 12, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|one| Condition::Not(Box::new(one))),
            (inner.clone(), inner.clone()).prop_map(|(one, two)| Condition::And(Box::new(one), Box::new(two))),
            (inner.clone(), inner).prop_map(|(one, two)| Condition::Or(Box::new(one), Box::new(two))),
        ]
    })
}

fn rule() -> impl Strategy<Value = Rule> {
    let selections = prop::collection::vec(prop::collection::vec(item(), 1..3), 1..4);
    (prop::option::of(prop::sample::select(SERVICES.to_vec())), selections).prop_flat_map(|(service, selections)| {
        condition(selections.len()).prop_map(move |condition| Rule {
            service,
            selections: selections.clone(),
            condition,
        })
    })
}

/// The rule as it is written.
fn written(number: usize, rule: &Rule) -> String {
    let mut text = format!("title: r{number}\nlogsource:\n    product: linux\n");
    if let Some(service) = rule.service {
        text += &format!("    service: {service}\n");
    }
    text += "detection:\n";
    for (at, items) in rule.selections.iter().enumerate() {
        // A list of one mapping an item, so that a field can be asked for twice: each selection is a list of alternatives.
        text += &format!("    sel{at}:\n");
        for item in items {
            let flags = [(item.cased, "|cased"), (item.all, "|all"), (item.neq, "|neq")];
            let flags: String = flags.into_iter().filter(|(on, _)| *on).map(|(_, flag)| flag).collect();
            let values: Vec<String> = item.values.iter().map(|value| format!("'{value}'")).collect();
            text += &format!(
                "        - '{}{}{flags}': [{}]\n",
                item.field.unwrap_or_default(),
                item.place,
                values.join(", ")
            );
        }
    }
    text + &format!("    condition: {}\n", condition_text(&rule.condition))
}

fn condition_text(condition: &Condition) -> String {
    match condition {
        Condition::Selection(at) => format!("sel{at}"),
        Condition::Not(one) => format!("not ({})", condition_text(one)),
        Condition::And(one, two) => format!("({}) and ({})", condition_text(one), condition_text(two)),
        Condition::Or(one, two) => format!("({}) or ({})", condition_text(one), condition_text(two)),
        Condition::Of(0) => "all of sel*".to_owned(),
        Condition::Of(least) => format!("{least} of sel*"),
    }
}

/// Letters, where `None` is one of any kind and the flag means any number of any kind.
fn letters(pattern: &str) -> Vec<(Option<char>, bool)> {
    let mut all = Vec::new();
    let mut chars = pattern.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '*' => all.push((None, true)),
            '?' => all.push((None, false)),
            '\\' if chars.peek().is_some() => all.push((chars.next(), false)),
            other => all.push((Some(other), false)),
        }
    }
    all
}

fn fits(pattern: &[(Option<char>, bool)], value: &[char]) -> bool {
    match pattern.split_first() {
        None => value.is_empty(),
        Some(((_, true), rest)) => (0..=value.len()).any(|skip| fits(rest, &value[skip..])),
        Some(((letter, false), rest)) => value
            .split_first()
            .is_some_and(|(first, left)| letter.is_none_or(|letter| letter == *first) && fits(rest, left)),
    }
}

/// A backslash before a letter stands for itself.
fn plain(pattern: &str) -> Vec<(Option<char>, bool)> {
    let mut fixed = String::new();
    let mut chars = pattern.chars().peekable();
    while let Some(char) = chars.next() {
        fixed.push(char);
        if char == '\\' {
            match chars.peek() {
                Some('*' | '?' | '\\') => fixed.extend(chars.next()),
                _ => fixed.push('\\'),
            }
        }
    }
    letters(&fixed)
}

fn value_fits(item: &Item, pattern: &str, value: &str) -> bool {
    let case = |text: &str| if item.cased { text.to_owned() } else { text.to_lowercase() };
    let mut pattern = plain(&case(pattern));
    let many = (None, true);
    if matches!(item.place, "|contains" | "|endswith") || (item.field.is_none() && item.place.is_empty()) {
        pattern.insert(0, many);
    }
    if matches!(item.place, "|contains" | "|startswith") || (item.field.is_none() && item.place.is_empty()) {
        pattern.push(many);
    }
    fits(&pattern, &case(value).chars().collect::<Vec<_>>())
}

fn item_fits(item: &Item, fields: &BTreeMap<&str, String>) -> bool {
    let values: Vec<&String> = match item.field {
        Some(field) => fields.get(field).into_iter().collect(),
        None => fields.values().collect(),
    };
    let one = |pattern: &String| values.iter().any(|value| value_fits(item, pattern, value));
    let found = if item.all { item.values.iter().all(one) } else { item.values.iter().any(one) };
    found != item.neq
}

fn condition_fits(condition: &Condition, selections: &[bool]) -> bool {
    match condition {
        Condition::Selection(at) => selections[*at],
        Condition::Not(one) => !condition_fits(one, selections),
        Condition::And(one, two) => condition_fits(one, selections) && condition_fits(two, selections),
        Condition::Or(one, two) => condition_fits(one, selections) || condition_fits(two, selections),
        Condition::Of(0) => selections.iter().all(|on| *on),
        Condition::Of(least) => selections.iter().filter(|on| **on).count() >= *least,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_set_of_rules_says_what_each_rule_says_on_its_own(
        rules in prop::collection::vec(rule(), 1..6),
        events in prop::collection::vec(
            (prop::sample::select(SERVICES.to_vec()), prop::collection::btree_map(prop::sample::select(vec!["f", "g", "h"]), "[abAB*?\\\\]{0,6}", 0..4)),
            1..8,
        ),
    ) {
        let text: Vec<String> = rules.iter().enumerate().map(|(number, rule)| written(number, rule)).collect();
        let mut set = sigma(&text.join("---\n"));
        for (service, fields) in &events {
            let pairs: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let mut event = event(&pairs);
            event.source.service = (*service).into();
            let found = set.run(&event);
            let found: Vec<&str> = found.iter().map(|found| found.rule.title.as_str()).collect();
            let expected: Vec<String> = rules.iter().enumerate().filter(|(_, rule)| {
                let selections: Vec<bool> =
                    rule.selections.iter().map(|items| items.iter().any(|item| item_fits(item, fields))).collect();
                rule.service.is_none_or(|own| own == *service) && condition_fits(&rule.condition, &selections)
            }).map(|(number, _)| format!("r{number}")).collect();
            prop_assert_eq!(&found, &expected, "{} {:?}", text.join("---\n"), fields);
        }
    }

    #[test]
    fn whatever_a_file_says_it_is_read_or_refused(text in "(title|logsource|detection|filter|correlation|condition|[a-z]|: |\n|  |- |\\*|&|\\[|\\{|'|\\||\\PC){0,60}") {
        let (mut set, _) = common::compile(&text);
        set.run(&event(&[("a", "b")]));
    }
}
