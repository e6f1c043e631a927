//! Conditions: whether the key exists, whether the operator fits it, and what happens when it is missing.

use std::cell::OnceCell;
use std::collections::HashSet;

use super::actions::Meant;
use super::codes;
use super::sink::Sink;
use super::statement::{Condition, Statement};
use super::values::{self, Compares, compares};
use crate::catalogue::{KeyType, KnownKey, catalogue};
use crate::policy::{Effect, Operator, Over};

/// Finds conditions that do not mean what they say.
pub(super) fn check(statement: &Statement<'_>, meant: &[Meant], sink: &mut Sink) {
    let wanted = wanted(statement);
    let carried = OnceCell::new();
    for condition in &statement.conditions {
        values::check(condition, sink);
        literal_wildcard(condition, sink);
        let known = catalogue().key(&condition.key.text);
        match known {
            KnownKey::Global(_, kind) | KnownKey::OfService(_, kind) => {
                operator_fits(condition, kind, sink);
                several(condition, kind, sink);
            }
            _ => unknown(condition, known, sink),
        }
        if let KnownKey::OfService(name, _) = known {
            of_action(statement, condition, name, (meant, &carried), sink);
        }
        if statement.effect == Some(Effect::Allow) {
            missing_key(&wanted, condition, known, sink);
        }
    }
}

fn unknown(condition: &Condition<'_>, known: KnownKey<'_>, sink: &mut Sink) {
    let key = condition.key.text.as_ref();
    let (code, says) = match known {
        KnownKey::NoPrefix => {
            (&codes::KEY_FORM, format!("the condition key {key:?} has no prefix such as aws: or s3:"))
        }
        KnownKey::NotGlobal => (&codes::UNKNOWN_KEY, format!("there is no condition key {key:?}")),
        KnownKey::NotInService => {
            let service = key.split(':').next().unwrap_or_default();
            (&codes::UNKNOWN_KEY, format!("there is no condition key {key:?} of {service}"))
        }
        KnownKey::NoService => (&codes::UNKNOWN_KEY, format!("nobody has a condition key {key:?}")),
        _ => return,
    };
    let tag = ["aws:resourcetag", "aws:requesttag", "aws:principaltag"].iter().any(|tag| key.eq_ignore_ascii_case(tag));
    if tag {
        return sink.advise(code, condition.key.at, format!("{key} says of no tag"), format!("\"{key}/TAG\""));
    }
    match sink.meant(|| catalogue().nearest_key(key)) {
        Some(meant) => sink.advise(code, condition.key.at, says, format!("\"{meant}\"")),
        None => sink.add(code, condition.key.at, says),
    }
}

fn operator_fits(condition: &Condition<'_>, kind: KeyType, sink: &mut Sink) {
    let compares = compares(condition.operator);
    let fits = match compares {
        Compares::Presence => true,
        Compares::Text => matches!(kind, KeyType::String | KeyType::Strings | KeyType::Arn | KeyType::Arns),
        // What is called text in the reference is an ARN often enough.
        Compares::Arn => matches!(kind, KeyType::Arn | KeyType::Arns | KeyType::String | KeyType::Strings),
        Compares::Number => matches!(kind, KeyType::Numeric | KeyType::Date),
        Compares::Date => matches!(kind, KeyType::Date | KeyType::Numeric),
        Compares::Bool => matches!(kind, KeyType::Bool | KeyType::Bools),
        Compares::Ip => matches!(kind, KeyType::Ip),
        Compares::Bytes => matches!(kind, KeyType::Binary | KeyType::String),
    };
    // A truth, a number compared for equality: as text they are equal, too.
    let as_text = compares == Compares::Text && matches!(kind, KeyType::Bool | KeyType::Bools | KeyType::Numeric);
    // Where the reference says text and the values are truths or numbers, the values are believed.
    let by_value = matches!(kind, KeyType::String | KeyType::Strings)
        && matches!(compares, Compares::Bool | Compares::Number | Compares::Ip);
    if fits || as_text || (by_value && !condition.key.text.to_ascii_lowercase().starts_with("aws:")) {
        return;
    }
    let negated = condition.operator.is_negated();
    let right = match kind {
        KeyType::Ip if negated => "NotIpAddress",
        KeyType::Ip => "IpAddress",
        KeyType::Bool | KeyType::Bools => "Bool",
        KeyType::Numeric => "NumericEquals",
        KeyType::Date => "DateLessThan or DateGreaterThan",
        KeyType::Arn | KeyType::Arns if negated => "ArnNotLike",
        KeyType::Arn | KeyType::Arns => "ArnLike",
        KeyType::Binary => "BinaryEquals",
        _ if negated => "StringNotEquals",
        _ => "StringEquals",
    };
    let says = format!("{} does not fit {}, whose values are {}", condition.written, condition.key.text, kind.name());
    sink.advise(&codes::OPERATOR_TYPE, condition.at, says, right);
}

fn several(condition: &Condition<'_>, kind: KeyType, sink: &mut Sink) {
    if condition.operator == Operator::Null {
        return;
    }
    let key = condition.key.text.as_ref();
    match condition.over {
        None if kind.is_many() => {
            let says = format!(
                "{key} can have several values, and {} does not say how many of them must fit",
                condition.written
            );
            let instead = format!("\"ForAnyValue:{0}\" or \"ForAllValues:{0}\"", condition.written);
            sink.advise(&codes::SET_OPERATOR_MISSING, condition.at, says, instead);
        }
        Some(over) if !kind.is_many() => {
            let bare = condition.written.split_once(':').map_or(condition.written, |(_, bare)| bare);
            let more = if over == Over::All { "; over a missing key it holds" } else { "" };
            let says = format!("{key} has one value, and {} is for several{more}", condition.written);
            sink.advise(&codes::SET_OPERATOR_ON_ONE, condition.at, says, format!("\"{bare}\""));
        }
        _ => {}
    }
}

/// An exact operator over a value with a star: no request carries a star.
fn literal_wildcard(condition: &Condition<'_>, sink: &mut Sink) {
    let like = match condition.operator {
        Operator::StringEquals | Operator::StringEqualsIgnoreCase => "StringLike",
        Operator::StringNotEquals | Operator::StringNotEqualsIgnoreCase => "StringNotLike",
        _ => return,
    };
    if let Some(value) = condition.values.iter().find(|value| value.text.contains('*') && !value.text.contains("${*}"))
    {
        let bare = condition.written.split_once(':').map_or(condition.written, |(_, bare)| bare);
        let bare = bare.trim_end_matches("IfExists");
        let says = format!("{} takes the star in {:?} for a star", condition.written, value.text);
        sink.advise(&codes::LITERAL_WILDCARD, value.at, says, format!("\"{}\"", condition.written.replace(bare, like)));
    }
}

/// What the actions of a statement carry: asked once, however many conditions there are.
struct Carried {
    services: Vec<&'static str>,
    keys: HashSet<&'static str>,
}

impl Carried {
    fn by(meant: &[Meant]) -> Self {
        let (mut services, mut keys, mut seen) = (Vec::new(), HashSet::new(), HashSet::new());
        for (service, action) in meant.iter().flat_map(|one| &one.actions) {
            if services.last() != Some(&service.prefix) {
                services.push(service.prefix);
            }
            // Most actions of a service carry what another one does.
            if seen.insert((service.prefix, action.keys, action.resources)) {
                keys.extend(service.keys_of(action).map(|key| key.name));
            }
        }
        services.sort_unstable();
        services.dedup();
        Self { services, keys }
    }
}

/// A key of a service that none of the statement's actions of this service carries.
fn of_action(
    statement: &Statement<'_>,
    condition: &Condition<'_>,
    name: &str,
    (meant, carried): (&[Meant], &OnceCell<Carried>),
    sink: &mut Sink,
) {
    let Some(actions) = &statement.actions else { return };
    let whole = meant.len() == actions.items.len() && !meant.iter().any(|one| one.everything);
    // A missing key is what the condition is about, or does no harm.
    if actions.negated
        || !whole
        || condition.if_exists
        || condition.operator.is_negated()
        || condition.operator == Operator::Null
    {
        return;
    }
    let home = name.split(':').next().unwrap_or_default();
    let carried = carried.get_or_init(|| Carried::by(meant));
    // Other services carry keys of this one, too (kms:ViaService, iam:PassedToService).
    let alone = matches!(carried.services.as_slice(), [only] if only.eq_ignore_ascii_case(home));
    if !alone || carried.keys.contains(name) {
        return;
    }
    let effect =
        if statement.effect == Some(Effect::Allow) { "it never allows anything" } else { "it never denies anything" };
    let says = format!("no action of the statement carries {}, so {effect}", condition.key.text);
    sink.add(&codes::KEY_NOT_OF_ACTION, condition.key.at, says);
}

/// The keys, in lower case, without which some condition of the statement does not hold.
fn wanted(statement: &Statement<'_>) -> HashSet<String> {
    let wants = |condition: &&Condition<'_>| match condition.operator {
        Operator::Null => condition.values.iter().all(|value| value.text.eq_ignore_ascii_case("false")),
        operator => !condition.if_exists && condition.over != Some(Over::All) && !operator.is_negated(),
    };
    statement.conditions.iter().filter(wants).map(|condition| condition.key.text.to_ascii_lowercase()).collect()
}

/// A condition of an Allow that holds when its key is missing.
fn missing_key(wanted: &HashSet<String>, condition: &Condition<'_>, known: KnownKey<'_>, sink: &mut Sink) {
    let key = condition.key.text.as_ref();
    let always =
        known.name().is_some_and(|name| crate::catalogue::GLOBAL_KEYS.iter().any(|key| key.always && key.name == name));
    if wanted.contains(&key.to_ascii_lowercase()) || always || condition.operator == Operator::Null {
        return;
    }
    // Which tags a request may set is meant to hold where it sets none.
    let tag_keys = key.eq_ignore_ascii_case("aws:TagKeys") || key.to_ascii_lowercase().ends_with(":tagkeys");
    if condition.over == Some(Over::All) && !tag_keys {
        let says = format!("{} holds for a request without {key}, and so allows it", condition.written);
        sink.advise(
            &codes::FOR_ALL_VALUES_ALLOW,
            condition.at,
            says,
            format!("also \"Null\": {{\"{key}\": \"false\"}}"),
        );
    } else if condition.if_exists && !condition.operator.is_negated() {
        let says = format!("{} holds for a request without {key}, and so allows it", condition.written);
        let bare = condition.written.trim_end_matches("IfExists");
        sink.advise(&codes::IF_EXISTS_ALLOW, condition.at, says, format!("\"{bare}\", if the key is always sent"));
    }
}
