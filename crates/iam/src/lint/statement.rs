//! From the JSON tree to statements, each part with its place; what does not fit the grammar is found on the way.

use std::borrow::Cow;
use std::collections::HashSet;

use super::codes;
use super::sink::Sink;
use super::tree::{Node, Value};
use crate::catalogue::nearest;
use crate::policy::{Effect, Operator, Over, Version};

/// A string and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Said<'t> {
    pub(super) text: Cow<'t, str>,
    pub(super) at: usize,
}

/// `Action`, `Resource` or their Not-forms.
#[derive(Debug)]
pub(super) struct Element<'t> {
    pub(super) at: usize,
    pub(super) negated: bool,
    pub(super) items: Vec<Said<'t>>,
}

/// `Principal` or `NotPrincipal`: of which kind, and who.
#[derive(Debug)]
pub(super) struct Principals<'t> {
    pub(super) at: usize,
    pub(super) negated: bool,
    /// `AWS`, `Service`, `Federated`, `CanonicalUser`, each with a name; `"*"` alone is `AWS`.
    pub(super) items: Vec<(&'t str, Said<'t>)>,
}

/// One operator over one key.
#[derive(Debug)]
pub(super) struct Condition<'t> {
    pub(super) at: usize,
    pub(super) written: &'t str,
    pub(super) operator: Operator,
    pub(super) over: Option<Over>,
    pub(super) if_exists: bool,
    pub(super) key: Said<'t>,
    pub(super) values: Vec<Said<'t>>,
}

/// One statement, as far as it can be understood.
#[derive(Debug)]
pub(super) struct Statement<'t> {
    pub(super) at: usize,
    pub(super) sid: Option<Said<'t>>,
    pub(super) effect: Option<Effect>,
    pub(super) principals: Option<Principals<'t>>,
    pub(super) actions: Option<Element<'t>>,
    pub(super) resources: Option<Element<'t>>,
    pub(super) conditions: Vec<Condition<'t>>,
}

/// A policy, as far as it can be understood.
#[derive(Debug)]
pub(super) struct Read<'t> {
    pub(super) at: usize,
    pub(super) version: Version,
    /// Where `Version` stands, if it does.
    pub(super) version_at: Option<usize>,
    pub(super) statements: Vec<Statement<'t>>,
}

/// More statements are not looked at; AWS takes a few hundred at most.
const MOST_STATEMENTS: usize = 5_000;

/// Reads a policy.
pub(super) fn policy<'t>(node: &'t Node<'t>, sink: &mut Sink) -> Read<'t> {
    elements(node, "a policy", &["Version", "Id", "Statement"], sink);
    let version_node = node.get("Version");
    let version = version(version_node, node.at, sink);
    if let Some(id) = node.get("Id").filter(|id| id.text().is_none()) {
        wrong_type(id, "Id", "a string", sink);
    }
    let mut statements = Vec::new();
    match node.get("Statement") {
        None if node.members().iter().any(|member| member.key.eq_ignore_ascii_case("Statement")) => {}
        None => sink.add(&codes::MISSING_ELEMENT, node.at, "the policy has no Statement"),
        Some(found) => {
            let items = found.items();
            if items.is_empty() {
                sink.add(&codes::EMPTY_ELEMENT, found.at, "Statement holds no statement");
            }
            if items.len() > MOST_STATEMENTS {
                let more = items.len() - MOST_STATEMENTS;
                sink.unseen.push(format!("it has {} statements; the last {more} were not looked at", items.len()));
            }
            for item in items.iter().take(MOST_STATEMENTS) {
                if matches!(item.value, Value::Object(_)) {
                    statements.push(statement(item, sink));
                } else {
                    wrong_type(item, "a statement", "an object", sink);
                }
            }
        }
    }
    Read { at: node.at, version, version_at: version_node.map(|found| found.at), statements }
}

fn version(node: Option<&Node<'_>>, at: usize, sink: &mut Sink) -> Version {
    const WRITE: &str = "\"Version\": \"2012-10-17\"";
    let Some(node) = node else {
        sink.advise(
            &codes::VERSION_MISSING,
            at,
            "without Version the language of 2008 applies, which knows no policy variables",
            WRITE,
        );
        return Version::Old;
    };
    match node.text() {
        Some("2012-10-17") => Version::Current,
        Some("2008-10-17") => {
            sink.advise(&codes::VERSION_OLD, node.at, "the language of 2008 knows no policy variables", WRITE);
            Version::Old
        }
        Some(other) => {
            let says = format!("there is no version {other:?} of the policy language; it is no date of your own");
            sink.advise(&codes::BAD_VERSION, node.at, says, WRITE);
            Version::Current
        }
        None => {
            wrong_type(node, "Version", "a string", sink);
            Version::Current
        }
    }
}

fn statement<'t>(node: &'t Node<'t>, sink: &mut Sink) -> Statement<'t> {
    const ELEMENTS: [&str; 9] =
        ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];
    elements(node, "a statement", &ELEMENTS, sink);
    let effect = match node.get("Effect").map(|found| (found, found.text())) {
        Some((_, Some("Allow"))) => Some(Effect::Allow),
        Some((_, Some("Deny"))) => Some(Effect::Deny),
        Some((found, Some(other))) => {
            let says = format!("Effect is {other:?}; it is \"Allow\" or \"Deny\", in this case");
            let meant = nearest(other, ["Allow", "Deny"].into_iter());
            match meant {
                Some(meant) => sink.advise(&codes::BAD_EFFECT, found.at, says, format!("\"{meant}\"")),
                None => sink.add(&codes::BAD_EFFECT, found.at, says),
            }
            None
        }
        Some((found, None)) => {
            wrong_type(found, "Effect", "\"Allow\" or \"Deny\"", sink);
            None
        }
        None => {
            missing(node, "Effect", sink);
            None
        }
    };
    let sid = node.get("Sid").and_then(|found| {
        if found.text().is_none() {
            wrong_type(found, "Sid", "a string", sink);
        }
        found.text().map(|text| Said { text: Cow::Borrowed(text), at: found.at })
    });
    let actions = element(node, "Action", "NotAction", sink);
    if actions.is_none() && node.get("Action").is_none() {
        missing(node, "Action", sink);
    }
    Statement {
        at: node.at,
        sid,
        effect,
        principals: principals(node, sink),
        actions,
        resources: element(node, "Resource", "NotResource", sink),
        conditions: conditions(node, sink),
    }
}

/// Finds elements that are unknown, in the wrong case, or there twice.
fn elements(node: &Node<'_>, of: &str, known: &[&str], sink: &mut Sink) {
    let mut seen = HashSet::new();
    for member in node.members() {
        let name = member.key.as_ref();
        if !seen.insert(name) {
            sink.advise(&codes::DUPLICATE_KEY, member.at, format!("{name} stands twice in {of}"), "put both into one");
        }
        if known.contains(&name) {
            continue;
        }
        if let Some(meant) = known.iter().find(|known| known.eq_ignore_ascii_case(name)) {
            sink.advise(
                &codes::ELEMENT_CASE,
                member.at,
                format!("AWS knows no element {name:?}"),
                format!("\"{meant}\""),
            );
            continue;
        }
        let says = format!("{of} has no element {name:?}");
        match nearest(name, known.iter().copied()) {
            Some(meant) => sink.advise(&codes::UNKNOWN_ELEMENT, member.at, says, format!("\"{meant}\"")),
            None => sink.add(&codes::UNKNOWN_ELEMENT, member.at, says),
        }
    }
}

fn missing(node: &Node<'_>, name: &str, sink: &mut Sink) {
    // In the wrong case, or in its Not-form: that has been said already, or is fine.
    let there = |member: &super::tree::Member<'_>| {
        let key = member.key.to_ascii_lowercase();
        key.strip_prefix("not").unwrap_or(&key) == name.to_ascii_lowercase()
    };
    if !node.members().iter().any(there) {
        sink.add(&codes::MISSING_ELEMENT, node.at, format!("the statement has no {name}"));
    }
}

fn wrong_type(node: &Node<'_>, what: &str, wanted: &str, sink: &mut Sink) {
    sink.add(&codes::WRONG_TYPE, node.at, format!("{what} is {}; it should be {wanted}", node.kind()));
}

/// Whether this stands for a value that a template fills in later, as `{"Ref": …}` in CloudFormation does.
fn is_filled_in(node: &Node<'_>) -> bool {
    matches!(node.members(), [one] if one.key == "Ref" || one.key == "Condition" || one.key.starts_with("Fn::"))
}

/// The strings of an element, without those that are none.
fn strings<'t>(node: &'t Node<'t>, what: &str, sink: &mut Sink) -> Vec<Said<'t>> {
    if matches!(&node.value, Value::List(items) if items.is_empty()) {
        sink.add(&codes::EMPTY_ELEMENT, node.at, format!("{what} is an empty list"));
    }
    let mut said = Vec::new();
    for item in node.items() {
        if !sink.has_room() {
            break;
        }
        match item.text() {
            Some(text) => said.push(Said { text: Cow::Borrowed(text), at: item.at }),
            None if is_filled_in(item) => {}
            None => wrong_type(item, what, "a string or a list of strings", sink),
        }
    }
    said
}

fn element<'t>(node: &'t Node<'t>, plain: &str, negated: &str, sink: &mut Sink) -> Option<Element<'t>> {
    let (found, is_negated) = match (node.get(plain), node.get(negated)) {
        (Some(found), None) => (found, false),
        (None, Some(found)) => (found, true),
        (None, None) => return None,
        (Some(_), Some(other)) => {
            let says = format!("the statement has both {plain} and {negated}");
            sink.advise(&codes::CONFLICTING_ELEMENTS, other.at, says, "make it two statements");
            return None;
        }
    };
    let name = if is_negated { negated } else { plain };
    let items = strings(found, name, sink);
    let filled_in = found.items().iter().any(is_filled_in);
    (!filled_in).then_some(Element { at: found.at, negated: is_negated, items })
}

fn principals<'t>(node: &'t Node<'t>, sink: &mut Sink) -> Option<Principals<'t>> {
    let (found, negated) = match (node.get("Principal"), node.get("NotPrincipal")) {
        (Some(found), None) => (found, false),
        (None, Some(found)) => (found, true),
        (None, None) => return None,
        (Some(_), Some(other)) => {
            sink.add(&codes::CONFLICTING_ELEMENTS, other.at, "the statement has both Principal and NotPrincipal");
            return None;
        }
    };
    let mut items = Vec::new();
    match &found.value {
        Value::Text(text) if text == "*" => items.push(("AWS", Said { text: Cow::Borrowed("*"), at: found.at })),
        Value::Text(text) => {
            let says = "a principal that is not \"*\" stands in an object that says of which kind it is";
            sink.advise(&codes::PRINCIPAL_FORM, found.at, says, format!("{{\"{}\": {text:?}}}", kind_of(text)));
        }
        Value::Object(members) => {
            for member in members {
                let known = ["AWS", "Service", "Federated", "CanonicalUser"];
                let kind = known.into_iter().find(|known| *known == member.key);
                let Some(kind) = kind else {
                    if !is_filled_in(found) {
                        let says = format!("there is no kind of principals {:?}", member.key);
                        match nearest(&member.key, known.into_iter()) {
                            Some(meant) => sink.advise(&codes::PRINCIPAL_FORM, member.at, says, format!("\"{meant}\"")),
                            None => sink.add(&codes::PRINCIPAL_FORM, member.at, says),
                        }
                    }
                    continue;
                };
                // An account's number without quotes is taken, too.
                for item in member.value.items() {
                    if !sink.has_room() {
                        break;
                    }
                    match &item.value {
                        Value::Text(text) => items.push((kind, Said { text: Cow::Borrowed(text), at: item.at })),
                        Value::Number(text) => items.push((kind, Said { text: Cow::Borrowed(text), at: item.at })),
                        _ if is_filled_in(item) => {}
                        _ => wrong_type(item, "a principal", "a string or a list of strings", sink),
                    }
                }
            }
        }
        _ => wrong_type(found, "Principal", "\"*\" or an object", sink),
    }
    Some(Principals { at: found.at, negated, items })
}

fn kind_of(principal: &str) -> &'static str {
    if principal.ends_with(".amazonaws.com") { "Service" } else { "AWS" }
}

fn conditions<'t>(node: &'t Node<'t>, sink: &mut Sink) -> Vec<Condition<'t>> {
    let Some(found) = node.get("Condition") else { return Vec::new() };
    let Value::Object(operators) = &found.value else {
        wrong_type(found, "Condition", "an object of operators", sink);
        return Vec::new();
    };
    let mut all = Vec::new();
    let mut seen = HashSet::new();
    for member in operators {
        let written = member.key.as_ref();
        if !seen.insert(written) {
            sink.advise(
                &codes::DUPLICATE_KEY,
                member.at,
                format!("{written} stands twice in Condition"),
                "put the keys of both into one",
            );
        }
        if is_filled_in(found) {
            continue;
        }
        let Some((operator, over, if_exists)) = operator(written, member.at, sink) else { continue };
        let Value::Object(keys) = &member.value.value else {
            wrong_type(&member.value, written, "an object of condition keys", sink);
            continue;
        };
        if keys.is_empty() {
            sink.add(&codes::EMPTY_ELEMENT, member.at, format!("{written} has no condition key in it"));
        }
        let mut seen = HashSet::new();
        for key in keys {
            if !sink.has_room() {
                break;
            }
            if !seen.insert(key.key.to_ascii_lowercase()) {
                let says = format!("{} stands twice under {written}", key.key);
                sink.advise(&codes::DUPLICATE_KEY, key.at, says, "make one list of the values of both");
            }
            let values = values(&key.value, &key.key, sink);
            let said = Said { text: Cow::Borrowed(key.key.as_ref()), at: key.at };
            all.push(Condition { at: member.at, written, operator, over, if_exists, key: said, values });
        }
    }
    all
}

fn values<'t>(node: &'t Node<'t>, key: &str, sink: &mut Sink) -> Vec<Said<'t>> {
    if matches!(&node.value, Value::List(items) if items.is_empty()) {
        sink.add(&codes::EMPTY_ELEMENT, node.at, format!("{key} has an empty list of values"));
    }
    let mut said = Vec::new();
    for item in node.items() {
        if !sink.has_room() {
            break;
        }
        let text = match &item.value {
            Value::Text(text) => Cow::Borrowed(text.as_ref()),
            Value::Number(number) => Cow::Borrowed(*number),
            Value::Bool(true) => Cow::Borrowed("true"),
            Value::Bool(false) => Cow::Borrowed("false"),
            _ if is_filled_in(item) => continue,
            _ => {
                wrong_type(item, &format!("a value of {key}"), "a string, a number, true or false", sink);
                continue;
            }
        };
        said.push(Said { text, at: item.at });
    }
    said
}

fn operator(written: &str, at: usize, sink: &mut Sink) -> Option<(Operator, Option<Over>, bool)> {
    let (over, bare) = match written.split_once(':') {
        None => (None, written),
        Some((set, bare)) if set.eq_ignore_ascii_case("ForAllValues") => (Some(Over::All), bare),
        Some((set, bare)) if set.eq_ignore_ascii_case("ForAnyValue") => (Some(Over::Any), bare),
        Some((set, bare)) => {
            let says = format!("there is no {set:?} before a condition operator");
            let meant = nearest(set, ["ForAllValues", "ForAnyValue"].into_iter());
            sink.advise(&codes::UNKNOWN_OPERATOR, at, says, format!("\"{}:{bare}\"", meant.unwrap_or("ForAnyValue")));
            return None;
        }
    };
    let start = bare.len().saturating_sub("IfExists".len());
    let (name, if_exists) = match bare.split_at_checked(start) {
        Some((name, suffix)) if suffix.eq_ignore_ascii_case("IfExists") => (name, true),
        _ => (bare, false),
    };
    let Some(operator) = Operator::named(name) else {
        let says = format!("there is no condition operator {written:?}");
        match nearest(name, Operator::ALL.iter().map(|operator| operator.name())) {
            Some(meant) => {
                sink.advise(&codes::UNKNOWN_OPERATOR, at, says, format!("\"{}\"", written.replace(name, meant)));
            }
            None => sink.add(&codes::UNKNOWN_OPERATOR, at, says),
        }
        return None;
    };
    if operator == Operator::Null && if_exists {
        sink.advise(
            &codes::UNKNOWN_OPERATOR,
            at,
            "Null itself asks whether a key exists; it takes no IfExists",
            "\"Null\"",
        );
        return None;
    }
    Some((operator, over, if_exists))
}
