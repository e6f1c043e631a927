//! Reading what AWS and its tools write in several forms: nulls for nothing, times as texts or numbers, lists that hold
//! one thing without its brackets.

use std::fmt;
use std::marker::PhantomData;

use jiff::Timestamp;
use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};

/// Null is as good as a missing field.
pub(super) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// A time: RFC 3339, or seconds since 1970 as older versions of the CLI write them. Words in its place, such as `N/A`,
/// are no time.
pub(super) fn time<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    from.deserialize_any(TimeVisitor)
}

/// The time that `text` is.
pub(super) fn time_of(text: &str) -> Option<Timestamp> {
    text.parse().ok()
}

struct TimeVisitor;

impl<'de> Visitor<'de> for TimeVisitor {
    type Value = Option<Timestamp>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a time")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(time_of(text))
    }

    fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Self::Value, E> {
        Ok(Timestamp::from_second(seconds).ok())
    }

    fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok()))
    }

    #[expect(clippy::cast_possible_truncation, reason = "parts of a millisecond are nothing to us")]
    fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<Self::Value, E> {
        Ok(Timestamp::from_millisecond((seconds * 1000.0) as i64).ok())
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_any(self)
    }
}

/// A list, null for an empty one; nulls in it are left out.
pub(super) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    from.deserialize_any(ListVisitor(PhantomData))
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = Vec<T>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<Option<T>>()? {
            list.extend(item);
        }
        Ok(list)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_form_that_the_cli_has_written() {
        for text in ["\"2026-11-24T08:00:00Z\"", "\"2026-11-24T08:00:00+00:00\"", "1795507200", "1795507200.0"] {
            let mut from = serde_json::Deserializer::from_str(text);
            let read = time(&mut from).unwrap();
            assert_eq!(read.map(|time| time.to_string()).as_deref(), Some("2026-11-24T08:00:00Z"), "{text}");
        }
        for text in ["null", "\"N/A\"", "\"no_information\""] {
            assert_eq!(time(&mut serde_json::Deserializer::from_str(text)).unwrap(), None, "{text}");
        }
    }

    #[test]
    fn nulls_stand_for_nothing() {
        let read: Vec<String> = list(&mut serde_json::Deserializer::from_str(r#"["a", null, "b"]"#)).unwrap();
        assert_eq!(read, ["a", "b"]);
        let read: Vec<String> = list(&mut serde_json::Deserializer::from_str("null")).unwrap();
        assert!(read.is_empty());
    }
}
