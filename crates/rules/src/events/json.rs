//! Events from JSON objects: nested fields get dots in their names.

use super::{Event, Source, Value};

/// Levels of nesting.
const MAX_DEPTH: usize = 16;
/// Fields of one event.
const MAX_FIELDS: usize = 2000;

impl<'a> Event<'a> {
    /// An event of this log with the fields of a JSON object, `{"user": {"name": "x"}}` as `user.name`. `None` where it is
    /// no object, is nested more than 16 levels deep or has more than 2,000 values: an event of which a part is missing
    /// would look clean.
    pub fn from_json(source: Source<'a>, object: &'a serde_json::Value) -> Option<Self> {
        let mut event = Self::new(source);
        let mut left = MAX_FIELDS;
        object.is_object().then_some(())?;
        add(&mut event, String::new(), object, 0, &mut left)?;
        Some(event)
    }
}

/// Adds what is under `name`; none where a bound is reached.
fn add<'a>(
    event: &mut Event<'a>,
    name: String,
    value: &'a serde_json::Value,
    depth: usize,
    left: &mut usize,
) -> Option<()> {
    if let serde_json::Value::Object(fields) = value {
        if depth >= MAX_DEPTH {
            return None;
        }
        for (key, value) in fields {
            let inner = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
            add(event, inner, value, depth + 1, left)?;
        }
        return Some(());
    }
    // The objects of a list are named like the list; each of its fields then has several values.
    if let serde_json::Value::Array(items) = value
        && items.iter().any(serde_json::Value::is_object)
    {
        if depth >= MAX_DEPTH {
            return None;
        }
        return items.iter().try_for_each(|item| add(event, name.clone(), item, depth + 1, left));
    }
    let value = plain(value, depth, left)?;
    event.push(name, value);
    Some(())
}

/// A value that is no object; none where a bound is reached.
fn plain<'a>(value: &'a serde_json::Value, depth: usize, left: &mut usize) -> Option<Value<'a>> {
    *left = left.checked_sub(1)?;
    Some(match value {
        serde_json::Value::Null | serde_json::Value::Object(_) => Value::Null,
        serde_json::Value::Bool(value) => Value::Bool(*value),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(number) => Value::Int(number),
            None => Value::Float(number.as_f64()?),
        },
        serde_json::Value::String(text) => Value::from(text.as_str()),
        serde_json::Value::Array(items) => {
            if depth >= MAX_DEPTH {
                return None;
            }
            Value::List(items.iter().map(|item| plain(item, depth + 1, left)).collect::<Option<_>>()?)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_fields_get_dots() {
        let json = serde_json::json!({"user": {"name": "x", "ids": [1, 2]}, "on": true, "list": [{"a": 1}, {"a": 2}]});
        let event = Event::from_json(Source::default(), &json).unwrap();
        assert_eq!(event.field("user.name").as_deref(), Some("x"));
        assert_eq!(event.field("on").as_deref(), Some("true"));
        let all: Vec<_> =
            event.fields().iter().filter(|(name, _)| name == "list.a").map(|(_, value)| value.clone()).collect();
        assert_eq!(all, [Value::Int(1), Value::Int(2)]);
    }

    #[test]
    fn an_event_too_deep_or_too_large_is_none_rather_than_a_part_of_itself() {
        let mut deep = serde_json::json!(1);
        for _ in 0..40 {
            deep = serde_json::json!({ "a": deep });
        }
        assert!(Event::from_json(Source::default(), &deep).is_none());
        let wide = serde_json::json!({ "a": vec![1; 3000] });
        assert!(Event::from_json(Source::default(), &wide).is_none());
    }
}
