//! Correlations as they are written.

use super::super::error::Flaw;
use super::super::rule::{Rule, list};
use super::super::test::Order;
use super::super::yaml::{Kind, Node};
use super::window::MAX_ENTRIES;
use super::{Bound, Measure};

/// The longest span: a year.
const MAX_SECONDS: i64 = 366 * 86_400;
/// Rules that one correlation may refer to.
const MAX_RULES: usize = 1000;

/// A name, and for each rule the field that it stands for.
type Alias = (String, Vec<(String, String)>);

/// A correlation that was read; what it refers to is not looked up yet.
pub(crate) struct Draft {
    pub(crate) rule: Rule,
    /// Ids or names.
    pub(crate) rules: Vec<String>,
    pub(crate) aliases: Vec<Alias>,
    pub(crate) group: Vec<String>,
    /// The fields whose values are counted.
    pub(crate) values: Vec<String>,
    pub(crate) measure: Measure,
    pub(crate) bounds: Vec<Bound>,
    /// In milliseconds.
    pub(crate) span: i64,
    pub(crate) generate: bool,
}

/// Reads the `correlation` of a rule.
pub(crate) fn read(rule: Rule, node: &Node, whole: &Node) -> Result<Draft, Flaw> {
    let Kind::Map(_) = node.kind else { return Err(Flaw::at(node.line, "its correlation is no mapping")) };
    let flaw = |what: &str| Flaw::at(node.line, what);
    let kind = node.get("type").and_then(Node::text).ok_or_else(|| flaw("its correlation has no type"))?;
    let rules = list(node, "rules", 1)?;
    if rules.is_empty() || rules.len() > MAX_RULES {
        return Err(flaw("its correlation is about no rule, or about more than 1000"));
    }
    // The specification asks for it; its own text calls it optional for one group of all.
    if node.get("group-by").is_none() {
        return Err(flaw("its correlation has no group-by"));
    }
    let group = list(node, "group-by", 0)?;
    let span = node.get("timespan").and_then(Node::text).ok_or_else(|| flaw("its correlation has no timespan"))?;
    let span = milliseconds(span).ok_or_else(|| {
        Flaw::at(node.line, format!("its timespan {span:?} is not of the form 90m (s, m, h, d), of at most a year"))
    })?;
    let condition = node.get("condition");
    let (bounds, percentile) = condition.map_or(Ok((Vec::new(), None)), bounds)?;
    let values = condition.map_or(Ok(Vec::new()), fields)?;
    let measure = match kind {
        "event_count" => Measure::Events,
        "value_count" => Measure::Values,
        "temporal" => Measure::Rules,
        "temporal_ordered" => Measure::Ordered,
        "value_sum" => Measure::Sum,
        "value_avg" => Measure::Average,
        "value_percentile" => Measure::Percentile(percentile.unwrap_or(50.0)),
        other => return Err(Flaw::at(node.line, format!("its correlation's type {other:?} is not known"))),
    };
    let temporal = matches!(measure, Measure::Rules | Measure::Ordered);
    let counts_values = !temporal && measure != Measure::Events;
    if bounds.is_empty() && !temporal {
        return Err(flaw("its correlation has no condition (gt, gte, lt, lte, eq or neq)"));
    }
    if counts_values && values.is_empty() {
        return Err(flaw("its correlation's condition does not say which field it is about"));
    }
    let counted = matches!(measure, Measure::Events | Measure::Values);
    #[allow(clippy::cast_precision_loss, reason = "a bound of some ten thousand")]
    if counted && bounds.iter().any(|bound| bound.value >= MAX_ENTRIES as f64) {
        return Err(Flaw::at(node.line, format!("it counts to {MAX_ENTRIES} or beyond")));
    }
    let bounds = if bounds.is_empty() {
        #[allow(clippy::cast_precision_loss, reason = "at most a thousand rules")]
        let all = rules.len() as f64;
        vec![Bound { order: Order::AtLeast, negated: false, value: all }]
    } else {
        bounds
    };
    let generate = match whole.get("generate").or_else(|| node.get("generate")) {
        None => false,
        Some(Node { kind: Kind::Bool(value), .. }) => *value,
        Some(other) => return Err(Flaw::at(other.line, "generate takes true or false")),
    };
    Ok(Draft { rule, rules, aliases: aliases(node)?, group, values, measure, bounds, span, generate })
}

/// `90m` in milliseconds.
fn milliseconds(text: &str) -> Option<i64> {
    let unit = text.chars().last()?;
    let number = text.strip_suffix(unit)?;
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return None,
    };
    let seconds = number.parse::<i64>().ok()?.checked_mul(seconds)?;
    (1..=MAX_SECONDS).contains(&seconds).then_some(seconds * 1000)
}

/// The bounds of a condition, and the percentile that it names.
fn bounds(node: &Node) -> Result<(Vec<Bound>, Option<f64>), Flaw> {
    let Kind::Map(entries) = &node.kind else {
        return Err(Flaw::at(node.line, "its correlation's condition is no mapping"));
    };
    let mut bounds = Vec::new();
    let mut percentile = None;
    for (key, value) in entries {
        let (order, negated) = match key.as_str() {
            "gt" => (Order::More, false),
            "gte" => (Order::AtLeast, false),
            "lt" => (Order::Less, false),
            "lte" => (Order::AtMost, false),
            "eq" => (Order::Equal, false),
            "neq" => (Order::Equal, true),
            "field" => continue,
            "percentile" => {
                let number = number(value).filter(|number| (0.0..=100.0).contains(number));
                percentile = Some(number.ok_or_else(|| Flaw::at(value.line, "a percentile lies between 0 and 100"))?);
                continue;
            }
            other => {
                return Err(Flaw::at(
                    value.line,
                    format!("its correlation's condition has {other:?}, which is not known"),
                ));
            }
        };
        let value = number(value).ok_or_else(|| Flaw::at(value.line, format!("{key} takes a number")))?;
        bounds.push(Bound { order, negated, value });
    }
    Ok((bounds, percentile))
}

fn number(node: &Node) -> Option<f64> {
    match node.kind {
        #[allow(clippy::cast_precision_loss, reason = "bounds are compared with counts and sums, which are as exact")]
        Kind::Int(number) => Some(number as f64),
        Kind::Float(number) => Some(number),
        _ => None,
    }
}

/// The field or fields of a condition.
fn fields(node: &Node) -> Result<Vec<String>, Flaw> {
    match node.get("field") {
        None => Ok(Vec::new()),
        Some(Node { kind: Kind::Text(name), .. }) => Ok(vec![name.clone()]),
        Some(_) => list(node, "field", 1),
    }
}

/// `aliases`: a name, and for each rule the field that it stands for.
fn aliases(node: &Node) -> Result<Vec<Alias>, Flaw> {
    let Some(aliases) = node.get("aliases") else { return Ok(Vec::new()) };
    let wrong = |line| Flaw::at(line, "an alias needs a mapping of rules to fields");
    let Kind::Map(entries) = &aliases.kind else { return Err(wrong(aliases.line)) };
    let mut all = Vec::new();
    for (name, rules) in entries {
        let Kind::Map(entries) = &rules.kind else { return Err(wrong(rules.line)) };
        let field = |(rule, field): &(String, Node)| Some((rule.clone(), field.text()?.to_owned()));
        let rules = entries.iter().map(field).collect::<Option<_>>().ok_or_else(|| wrong(rules.line))?;
        all.push((name.clone(), rules));
    }
    Ok(all)
}
